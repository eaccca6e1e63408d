"""Papers to the tables of a graph on a Spark cluster; for one machine there is `kg build --engine spark`.

    spark-submit --archives environment.tar.gz#environment pipelines/spark_job.py papers.jsonl.xz s3a://bucket/graph

The driver reads and merges the listings; extraction, resolution and assembly run on the executors. OUTPUT, on storage
that all of them reach, gets nodes/LABEL.parquet, edges/TYPE.parquet, and errors as JSON lines. What was extracted
stays in OUTPUT/facts, so that a later run extracts only what is new. See docs/spark.md.
"""

from __future__ import annotations

import argparse
from itertools import islice

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from kg import spark, versions
from kg.errors import KgError, RecordError
from kg.extracted import text_key
from kg.model import Paper
from kg.schema import EDGES, NODES
from kg.sources import merge, read

_CHUNK = 20_000  # papers that the driver hands over at a time
_PART = 100  # papers an extraction task
_PAPERS = "key string, id string, paper binary"
_FACTS = "key string, facts binary"


def run(session: SparkSession, inputs: list[str], output: str, names: str | None, least: float) -> tuple[int, int]:
    """Make the tables under `output`; how many papers there are and how many of them were extracted now."""
    broken: list[RecordError] = []
    waiting = iter(merge(read(inputs, on_error=broken.append)))
    mode = "overwrite"
    while chunk := list(islice(waiting, _CHUNK)):
        session.createDataFrame(_table(chunk)).write.mode(mode).parquet(f"{output}/papers")
        mode = "append"
    papers = session.read.schema(_PAPERS).parquet(f"{output}/papers")

    place = f"{output}/facts/{versions.extractor()}"
    new = papers.join(_known(session, place), "key", "left_anti").persist()
    count = new.count()
    if count:
        texts = new.select(f.col("key").alias("id"), "paper").repartition(-(-count // _PART))
        found = spark.extracted(texts).persist()
        found.where("facts is not null").select(f.col("id").alias("key"), "facts").write.mode("append").parquet(place)
        broken += [RecordError(row.place, row.error) for row in found.where("facts is null").collect()]
    records = papers.join(_known(session, place).dropDuplicates(["key"]), "key", "left").select("id", "paper", "facts")
    graph = spark.graph(records, names, least).persist()
    for folder, schema in (("nodes", NODES), ("edges", EDGES)):
        for name in schema:
            spark.table(graph, name).write.mode("overwrite").parquet(f"{output}/{folder}/{name}.parquet")
    errors = [(error.place, error.reason) for error in broken]
    session.createDataFrame(errors, "place string, reason string").write.mode("overwrite").json(f"{output}/errors")
    return papers.count(), count


def _table(papers: list[Paper]) -> pa.Table:
    rows = ({"key": text_key(paper).hex(), "id": paper.id, "paper": spark.encode(paper)} for paper in papers)
    return pa.Table.from_pylist(list(rows), pa.schema([("key", pa.string()), *spark.PAPERS]))


def _known(session: SparkSession, place: str) -> DataFrame:
    """What this extractor has found so far."""
    try:
        return session.read.schema(_FACTS).parquet(place)
    except AnalysisException:  # there is no such folder yet
        return session.createDataFrame([], _FACTS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="listings that the driver can read")
    parser.add_argument("output", metavar="OUTPUT", help="a folder or a URL that Spark can write")
    parser.add_argument("--min-confidence", type=float, default=0.0, metavar="X", help="leave out facts below")
    parser.add_argument("--names", metavar="FOLDER", help="a lexicon of your own, at the same place on every machine")
    return parser.parse_args()


def main() -> None:
    """Entry point for `spark-submit`."""
    given = _arguments()
    session = SparkSession.builder.appName("kg").getOrCreate()
    try:
        papers, extracted = run(session, given.inputs, given.output, given.names, given.min_confidence)
    except KgError as error:
        raise SystemExit(f"kg: {error}") from None
    print(f"kg: {papers:,} papers, {extracted:,} of them extracted now: {given.output}")


if __name__ == "__main__":
    main()

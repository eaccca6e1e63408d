"""Apache Spark as the engine of a build (https://spark.apache.org): the same functions, over partitions of data frames.

`extracted`, `graph` and `table` are lazy, from data frames to data frames, and so fit a cluster
(`pipelines/spark_job.py`); `Spark` runs them for `kg.build`. Papers and facts travel as MessagePack, rows between two
steps as pickles. Spark's order of strings is Python's: that of their code points.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JError
from pyspark import SparkConf
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from spacy.language import Language

from kg.assemble import SHARED, Row, Tables, gathered, node, rows
from kg.errors import KgError, RecordError
from kg.extract.pipeline import extract, load
from kg.extracted import Records, confident
from kg.model import Facts, Paper
from kg.processes import Batch
from kg.progress import Progress
from kg.resolve import Claim, Resolved, claims, distinct, known_names, named
from kg.schema import EDGES, NODES


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, of) for name, of in columns.items()])


PAPERS = _schema(id=pa.string(), paper=pa.binary())
RECORDS = _schema(id=pa.string(), paper=pa.binary(), facts=pa.binary())
_TYPES = {
    "STRING": "string",
    "STRING[]": "array<string>",
    "INT64": "bigint",
    "DOUBLE": "double",
    "BOOL": "boolean",
    "DATE": "date",
}
_PART = 25  # papers a task: seconds of work, so that no core waits long for another at the end
_ROUND = 500  # papers a core between two commits: what a run that dies loses
_ROWS = 1_000  # in an Arrow batch between Spark and Python

encode = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode
_paper = msgspec.msgpack.Decoder(Paper).decode
_facts = msgspec.msgpack.Decoder(Facts).decode


def extracted(papers: DataFrame, model: str | None = None) -> DataFrame:
    """Papers (columns of `PAPERS`) to facts: columns `id`, `facts`, and `place` and `error` where there are none.

    The pipeline is loaded once a Python worker; `model` is a folder that each has.
    """
    return papers.mapInArrow(partial(_extract, model), "id string, facts binary, place string, error string")


def _extract(model: str | None, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = _schema(id=pa.string(), facts=pa.binary(), place=pa.string(), error=pa.string())
    nlp = load(Path(model) if model else None)
    for batch in batches:
        for id_, value in zip(batch["id"].to_pylist(), batch["paper"].to_pylist(), strict=True):
            failed: list[RecordError] = []
            paper = _paper(value)  # type: ignore[arg-type]
            found = [encode(facts) for facts in extract([paper], nlp, on_error=failed.append)]
            place, reason = (failed[0].place, failed[0].reason) if failed else (None, None)
            row = {"id": id_, "facts": found[0] if found else None, "place": place, "error": reason}
            yield pa.RecordBatch.from_pylist([row], schema)


def graph(records: DataFrame, names: str | None = None, min_confidence: float = 0.0) -> DataFrame:
    """Papers with their facts (columns of `RECORDS`) to the rows of all tables: columns `name` and `row` (JSON).

    They come in the order of names and keys, partition after partition; `table` takes those of one name. `names` and
    `min_confidence` are as for `kg.build`; each worker has the folder.
    """
    records = records.persist()
    made = records.mapInArrow(
        partial(_claims, names, min_confidence),
        "kind string, spelling string, alone boolean, id string, i int, claim binary,"
        " meanings array<struct<short: string, long: string>>",
    ).persist()
    readings = (
        made.select("kind", f.explode("meanings").alias("meaning"))
        .select("kind", "meaning.*")
        .groupBy("kind", "short")
        .agg(f.collect_set("long").alias("long"))
        .persist()
    )
    ambiguous = {(row.kind, row.short) for row in readings.where(f.size("long") > 1).select("kind", "short").collect()}
    clear = readings.where(f.size("long") == 1).select(
        "kind", f.col("short").alias("spelling"), f.lit(True).alias("alone"), f.col("long")[0].alias("long")
    )
    members = (
        made.drop("meanings")
        .join(clear, ["kind", "spelling", "alone"], "left")
        .withColumn("key", f.coalesce("long", "spelling"))
        .select("kind", "key", "id", "i", "claim")
        .persist()
    )
    entities = (
        _sorted(members, ["kind", "key"], ["id", "i"])
        .mapInArrow(partial(_named, names, ambiguous), "kind string, key string, wanted string, entity binary")
        .transform(_sorted, ["wanted"], ["kind", "key"])
        .mapInArrow(_distinct, "kind string, key string, entity_id string, label string, row binary")
        .persist()
    )
    ids = (
        members.join(entities.select("kind", "key", "entity_id"), ["kind", "key"])
        .groupBy("id")
        .agg(f.sort_array(f.collect_list(f.struct("i", "entity_id"))).alias("ids"))
    )
    said = records.join(ids, "id", "left").mapInArrow(
        partial(_rows, min_confidence), "name string, a string, b string, paper string, row binary"
    )
    nodes = entities.select(
        f.col("label").alias("name"),
        f.col("entity_id").alias("a"),
        f.lit("").alias("b"),
        f.lit("").alias("paper"),
        "row",
    )
    return (
        said.unionByName(nodes)
        .persist()  # the range partitions are found by reading it once more
        .repartitionByRange("name", "a", "b")
        .sortWithinPartitions("name", "a", "b", "paper")
        .mapInArrow(_gathered, "name string, row string")
    )


def table(graph: DataFrame, name: str) -> DataFrame:
    """The table of a label or an edge type, with the columns of `kg.schema`, in the order of its keys."""
    kind = NODES.get(name) or EDGES[name]
    types = {p.name: _TYPES[p.type] for p in kind.properties}
    columns = ", ".join(f"`{column}` {types.get(column, 'string')}" for column in kind.arrow.names)
    return graph.where(f.col("name") == name).select(f.from_json("row", columns).alias("row")).select("row.*")


def _sorted(frame: DataFrame, by: list[str], then: list[str]) -> DataFrame:
    """The frame in partitions that keep rows of one key together, in order."""
    return frame.repartition(*by).sortWithinPartitions(*by, *then)


# Each of these takes the Arrow batches of one partition and gives others, as `mapInArrow` wants it.

_Batches = Iterator[pa.RecordBatch]


def _each(batches: _Batches) -> Iterator[dict[str, Any]]:
    for batch in batches:
        for part in range(0, batch.num_rows, _ROWS):
            yield from batch.slice(part, _ROWS).to_pylist()


def _batches(found: Iterable[Row], schema: pa.Schema) -> _Batches:
    waiting = iter(found)
    while part := list(islice(waiting, _ROWS)):
        yield pa.RecordBatch.from_pylist(part, schema)


_CLAIMS = _schema(
    kind=pa.string(),
    spelling=pa.string(),
    alone=pa.bool_(),
    id=pa.string(),
    i=pa.int32(),
    claim=pa.binary(),
    meanings=pa.list_(pa.struct([pa.field("short", pa.string()), pa.field("long", pa.string())])),
)


def _read(record: Row, least: float) -> tuple[Paper, Facts]:
    """A paper that could not be read has no facts."""
    paper = _paper(record["paper"])
    facts = _facts(record["facts"]) if record["facts"] else Facts(paper.id, paper.title)
    return paper, confident(facts, least)


def _claims(names: str | None, least: float, batches: _Batches) -> _Batches:
    known = known_names(Path(names) if names else None)

    def found() -> Iterator[Row]:
        for row in _each(batches):
            for i, claim in enumerate(claims(_read(row, least)[1], known)):
                yield {
                    "kind": claim.key[0],
                    "spelling": claim.key[1],
                    "alone": claim.alone,
                    "id": row["id"],
                    "i": i,
                    "claim": pickle.dumps(claim),
                    "meanings": [{"short": short, "long": long} for short, long in claim.meanings],
                }

    return _batches(found(), _CLAIMS)


_ENTITIES = _schema(kind=pa.string(), key=pa.string(), wanted=pa.string(), entity=pa.binary())


def _named(names: str | None, ambiguous: set[tuple[str, str]], batches: _Batches) -> _Batches:
    known = known_names(Path(names) if names else None)

    def found() -> Iterator[Row]:
        for key, group in groupby(_each(batches), key=itemgetter("kind", "key")):
            members: list[Claim] = []
            papers: set[str] = set()
            for row in group:
                members.append(pickle.loads(row["claim"]))
                papers.add(row["id"])
            entity = named(key, members, len(papers), known, ambiguous)
            yield {"kind": key[0], "key": key[1], "wanted": entity.id, "entity": pickle.dumps(entity)}

    return _batches(found(), _ENTITIES)


_NODES = _schema(kind=pa.string(), key=pa.string(), entity_id=pa.string(), label=pa.string(), row=pa.binary())


def _distinct(batches: _Batches) -> _Batches:
    def found() -> Iterator[Row]:
        for wanted, group in groupby(_each(batches), key=itemgetter("wanted")):
            for number, row in enumerate(group):
                id_ = distinct(wanted, (row["kind"], row["key"]), taken=number > 0)
                entity: Resolved = replace(pickle.loads(row["entity"]), id=id_)
                yield {
                    "kind": row["kind"],
                    "key": row["key"],
                    "entity_id": id_,
                    "label": entity.type,
                    "row": pickle.dumps(node(entity)),
                }

    return _batches(found(), _NODES)


_SAID = _schema(name=pa.string(), a=pa.string(), b=pa.string(), paper=pa.string(), row=pa.binary())


def _rows(least: float, batches: _Batches) -> _Batches:
    def found() -> Iterator[Row]:
        for record in _each(batches):
            ids = [entity["entity_id"] for entity in record["ids"] or ()]
            for name, key, row in rows(*_read(record, least), ids):
                a, b = (*key, "")[:2]
                yield {"name": name, "a": a, "b": b, "paper": record["id"], "row": pickle.dumps(row)}

    return _batches(found(), _SAID)


_GATHERED = _schema(name=pa.string(), row=pa.string())


def _gathered(batches: _Batches) -> _Batches:
    def found() -> Iterator[Row]:
        for (name, *_), group in groupby(_each(batches), key=itemgetter("name", "a", "b")):
            said = [pickle.loads(row["row"]) for row in group]
            for row in [gathered(name, said)] if name in SHARED else said:
                yield {"name": name, "row": _json(row).decode()}

    return _batches(found(), _GATHERED)


class Spark:
    """A `kg.engines.Engine`: extraction in rounds, each committed by the driver, and tables in one job."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def extract(
        self, papers: Iterable[Paper], count: int, *, nlp: Language | None, model: Path | None
    ) -> Iterator[Batch]:
        """As `kg.processes.in_batches`, but for `nlp`, which other processes cannot have."""
        if nlp is not None:
            raise KgError("a pipeline of your own runs in this process only: choose the engine local")
        waiting = iter(papers)
        cores = self._session.sparkContext.defaultParallelism
        while batch := list(islice(waiting, _ROUND * cores)):
            table = pa.Table.from_pylist([{"id": p.id, "paper": encode(p)} for p in batch], PAPERS)
            frame = self._session.createDataFrame(table).repartition(-(-len(batch) // _PART))
            done = extracted(frame, _absolute(model)).toArrow().to_pylist()
            yield Batch(
                batch,
                [_facts(row["facts"]) for row in done if row["facts"]],
                [RecordError(row["place"], row["error"]) for row in done if row["error"]],
            )

    def tables(self, records: Records, names: Path | None, progress: Progress) -> Tables:
        """As `kg.engines.Local.tables`; `progress` is that of handing the papers over."""
        with tempfile.TemporaryDirectory(prefix="kg-") as folder:
            path = Path(folder) / "records.parquet"
            told = progress(records, "Handing over", len(records))
            with pq.ParquetWriter(path, RECORDS) as file:
                found = ({"id": paper.id, "paper": encode(paper), "facts": encode(facts)} for paper, facts in told)
                for batch in _batches(found, RECORDS):
                    file.write_batch(batch)
            frame = self._session.read.schema("id string, paper binary, facts binary").parquet(str(path))
            parts = 4 * self._session.sparkContext.defaultParallelism
            made = graph(frame.repartition(parts), _absolute(names)).persist()

            def whole(name: str, schema: pa.Schema) -> pa.Table:
                return table(made, name).toArrow().cast(schema)

            nodes = {label: whole(label, NODES[label].arrow) for label in NODES}
            return Tables(nodes, {name: whole(name, EDGES[name].arrow) for name in EDGES})


def _absolute(path: Path | None) -> str | None:
    return str(path.resolve()) if path else None


@contextmanager
def started(processes: int) -> Iterator[Spark]:
    """A session, on this machine with so many cores unless the environment names a master (as `spark-submit` does).

    Raises:
        KgError: Java is missing, or Spark gave up.
    """
    conf = SparkConf()
    defaults = {
        "spark.master": f"local[{processes}]",
        "spark.app.name": "kg",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(4 * processes),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_ROWS),
        "spark.log.level": "FATAL",  # errors come as exceptions
    }
    for name, value in defaults.items():
        conf.setIfMissing(name, value)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if str(conf.get("spark.master")).startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        session = SparkSession.builder.config(conf=conf).getOrCreate()
    except Exception as error:
        raise KgError(f"Spark cannot be started: {error}; it needs Java 17 or newer (JAVA_HOME)") from error
    try:
        yield Spark(session)
    except (PySparkException, Py4JError) as error:
        if _interrupted(error):
            raise KeyboardInterrupt from None
        *_, reason = filter(None, map(str.strip, str(error).splitlines()))  # of a Python traceback, what was raised
        raise KgError(f"Spark: {reason}; what was extracted before is kept") from error
    finally:
        with suppress(PySparkException, Py4JError, OSError):
            session.stop()


def _interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is at the bottom of it: Spark raises an error of its own while it handles that."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _interrupted(error.__context__))

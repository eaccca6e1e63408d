"""Spark as the engine of a build, on two cores: the tables of the local engine, and its facts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from needed import missing

import kg
from kg.errors import KgError, UnknownNameError
from kg.extract.pipeline import load
from kg.schema import EDGES, NODES

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
TABLES = [*(f"nodes/{label}.parquet" for label in NODES), *(f"edges/{name}.parquet" for name in EDGES)]
TOO_LONG = {"title": "Reeds", "abstract": "We count reeds. " * 70_000}  # more characters than the pipeline takes


@pytest.fixture(scope="module", autouse=True)
def _java():
    if not shutil.which("java"):
        missing("Spark needs Java 17 or newer (Debian: apt-get install default-jdk-headless)")
    if not find_spec("pyspark"):
        missing("no pyspark: pip install 'kg-papers[spark]'")


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """The examples, and a paper that cannot be read."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    (folder / "long.jsonl").write_text(json.dumps(TOO_LONG) + "\n")
    return folder


@pytest.fixture(scope="module")
def local(papers, tmp_path_factory):
    return kg.build([papers], tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def spark(papers, tmp_path_factory):
    return kg.build([papers], tmp_path_factory.mktemp("spark"), engine="spark", processes=2)


def test_the_tables_are_those_of_the_local_engine(spark, local):
    assert spark.manifest()["engine"] == "spark"
    for name in TABLES:
        assert (spark.folder / name).read_bytes() == (local.folder / name).read_bytes(), name


def test_a_paper_that_fails_is_an_error_and_still_a_node(spark, local, papers):
    [error] = spark.errors()
    assert (error.place, error.reason) == (f"{papers}/long.jsonl:1", local.errors()[0].reason)
    assert spark.query("MATCH (p:Paper {title: 'Reeds'})-[r]->() RETURN count(r)").rows == [[0]]


def test_what_one_engine_extracted_the_other_knows(spark, papers, tmp_path):
    folder = tmp_path / "graph"
    shutil.copytree(spark.folder, folder)
    (papers.parent / "more.jsonl").write_text(
        json.dumps({"title": "Otters", "abstract": "We present OtterNet."}) + "\n"
    )
    run = kg.build([papers, papers.parent / "more.jsonl"], folder).manifest()
    assert (run["engine"], run["known"], run["extracted"]) == ("local", 40, 2)  # the failed one is tried again


def test_the_job_for_a_cluster_makes_the_same_tables_and_extracts_only_what_is_new(local, papers, tmp_path):
    def submit():
        done = subprocess.run(
            [Path(sys.executable).with_name("spark-submit"), "--master", "local[2]",
             "--conf", "spark.sql.shuffle.partitions=4", ROOT / "pipelines/spark_job.py", papers, tmp_path / "out"],
            env=os.environ | {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    assert submit() == f"kg: 41 papers, 41 of them extracted now: {tmp_path}/out\n"
    assert submit() == f"kg: 41 papers, 1 of them extracted now: {tmp_path}/out\n"  # the one that fails
    for name in TABLES:
        expected = pq.read_table(local.folder / name)
        assert pq.read_table(tmp_path / "out" / name).cast(expected.schema).equals(expected), name
    [errors] = [path.read_text() for path in (tmp_path / "out/errors").glob("*.json") if path.stat().st_size]
    assert json.loads(errors) == {"place": f"{papers}/long.jsonl:1", "reason": local.errors()[0].reason}


def test_an_own_pipeline_needs_the_local_engine(papers):
    with pytest.raises(KgError, match="a pipeline of your own runs in this process only: choose the engine local"):
        kg.build([papers], engine="spark", nlp=load())


def test_an_unknown_engine():
    with pytest.raises(UnknownNameError, match="no engine is called sprak; did you mean spark"):
        kg.build([EXAMPLES], engine="sprak")

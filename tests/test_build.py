"""`kg.build` and the graph it gives: on the examples, on broken input, and when it is stopped."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from signal import SIGINT, SIGKILL

import pyarrow.parquet as pq
import pytest
from graphs import tables
from spacy.language import Language
from spacy.util import load_config, load_model_from_config

import kg
from kg import folder, processes
from kg.errors import ExtractionError, GraphError, SourceError, UnknownNameError
from kg.extract.pipeline import CONFIG
from kg.schema import EDGES, NODES
from kg.stores.ladybug import write

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
RECORDS = [
    {"title": "Otter: Gated Filters", "abstract": "We propose OtterNet, a gated filter. OtterNet beats ResNet-50."},
    {"title": "Herons", "abstract": "We use OtterNet for image classification on ImageNet.", "authors": "Ada Reed"},
]


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    with kg.build([EXAMPLES], tmp_path_factory.mktemp("examples")) as graph:
        yield graph


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The graph of `graphs.tables`, stored."""
    path = tmp_path_factory.mktemp("made")
    nodes, edges = tables()
    with folder.replacing(path) as place:
        for kind, given, schema in (("nodes", nodes, NODES), ("edges", edges, EDGES)):
            (place / kind).mkdir()
            for name, of in schema.items():
                pq.write_table(given.get(name, of.arrow.empty_table()), place / kind / f"{name}.parquet")
        write(nodes, edges, place / folder.DATABASE)
        (place / folder.MANIFEST).write_text('{"papers": 6}')
    with kg.Graph(path) as graph:
        yield graph


@pytest.fixture
def records(tmp_path):
    """A file of two small papers."""
    path = tmp_path / "papers.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


def parquet(graph):
    return {str(p.relative_to(graph.folder)): p.read_bytes() for p in graph.folder.rglob("*.parquet")}


def errors(graph):
    return [json.loads(line) for line in (graph.folder / folder.ERRORS).read_text().splitlines()]


# What comes out


def test_files(examples):
    names = {str(p.relative_to(examples.folder)) for p in examples.folder.rglob("*") if p.is_file()}
    assert sum(name.startswith(".facts/") for name in names) > 0
    assert {name for name in names if not name.startswith(".facts/")} == {
        *(f"nodes/{label}.parquet" for label in NODES),
        *(f"edges/{name}.parquet" for name in EDGES),
        *("graph.lbug", "errors.jsonl", "run.json", ".lock"),
    }


def test_every_edge_has_evidence_and_its_ends_exist(examples):
    ids = {label: set(examples.table("nodes", label)["id"].to_pylist()) for label in NODES}
    seen = 0
    for name, edge in EDGES.items():
        for row in examples.table("edges", name).to_pylist():
            seen += 1
            assert row["evidence"]
            assert (row["source_label"], row["target_label"]) in edge.pairs
            assert row["source"] in ids[row["source_label"]]
            assert row["target"] in ids[row["target_label"]]
    assert seen > 300


def test_every_sentence_stands_in_its_paper_and_holds_the_mention(examples):
    papers = {row["id"]: row for row in examples.table("nodes", "Paper").to_pylist()}
    for name in EDGES:
        for row in examples.table("edges", name).to_pylist():
            if row.get("start") is not None:
                text = papers[row["source"]][row["field"]]
                assert row["evidence"] in text
                assert text[row["start"] : row["end"]].strip()
                assert text[row["start"] : row["end"]] in row["evidence"]


def test_the_database_holds_what_the_tables_hold(examples):
    for label in NODES:
        assert examples.query(f"MATCH (n:`{label}`) RETURN count(*)").rows == [
            [examples.table("nodes", label).num_rows]
        ]
    for name in EDGES:
        count = examples.query(f"MATCH ()-[r:`{name}`]->() RETURN count(*)").rows
        assert count == [[examples.table("edges", name).num_rows]]


def test_the_manifest(examples):
    run = examples.manifest()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ-[0-9a-f]{6}", run["id"])
    assert list(run) == [
        "id", "inputs", "engine", "settings", "versions", "extractor", "entries", "papers", "extracted", "known",
        "outdated", "state", "errors", "nodes", "edges", "seconds",
    ]  # fmt: skip
    assert run["inputs"] == [
        {"name": str(path), "sha256": sha256(path.read_bytes()).hexdigest()} for path in sorted(EXAMPLES.iterdir())
    ]
    assert (run["papers"], run["errors"]) == (run["nodes"]["Paper"], 0)
    assert run["entries"] > run["papers"]  # some are in two of the files
    assert list(run["seconds"]) == ["read", "extract", "assemble", "store"]
    assert [["node", *n] for n in run["nodes"].items()] + [["edge", *e] for e in run["edges"].items()] == (
        examples.stats().rows
    )


def test_facts_below_a_confidence_are_left_out(examples, tmp_path):
    sure = kg.build([EXAMPLES], tmp_path / "out", min_confidence=0.8)
    assert sure.manifest()["settings"]["min_confidence"] == 0.8
    below = "MATCH ()-[r]->() WHERE r.confidence < 0.8 RETURN count(*)"
    assert examples.query(below).rows[0][0] > 0
    assert sure.query(below).rows == [[0]]
    assert kg.build([EXAMPLES], tmp_path / "out").manifest()["known"] == 40  # all facts are kept, for another time


def test_names_of_ones_own_come_before_the_gazetteer(records, tmp_path):
    names = tmp_path / "names"
    names.mkdir()
    (names / "methods_named.tsv").write_text("name\tnamed\taliases\nOtter Network\ttrue\tOtterNet\n")
    with kg.build([records], tmp_path / "out", names=names) as graph:
        assert graph.find("OtterNet")["id"] == "method:otter-network"
    (names / "methods_named.tsv").write_text("name\tnamed\taliases\nOtterN\ttrue\tOtterNet\n")
    with kg.build([records], tmp_path / "out", names=names) as graph:  # no paper is new, but the names are
        assert graph.find("OtterNet")["id"] == "method:ottern"


def test_twice_the_same_bytes(examples, tmp_path):
    assert parquet(kg.build([EXAMPLES], tmp_path / "again")) == parquet(examples)


def test_the_order_of_the_papers_does_not_matter(records, tmp_path):
    turned = tmp_path / "turned" / "papers.jsonl"
    turned.parent.mkdir()
    turned.write_text("".join(json.dumps(record) + "\n" for record in RECORDS[::-1]))
    one, two = parquet(kg.build([records])), parquet(kg.build([turned]))
    del one["nodes/Paper.parquet"], two["nodes/Paper.parquet"]  # they name file and line
    assert one == two


def test_a_temporary_graph_lives_as_long_as_its_object(records):
    graph = kg.build([records])
    path = graph.folder
    assert graph.query("MATCH (p:Paper) RETURN count(*)").rows == [[2]]
    graph.close()
    del graph
    assert not path.exists()


def test_build_replaces_the_graph(records, tmp_path):
    kg.build([EXAMPLES / "papers.csv"], tmp_path / "out")
    kg.build([records], tmp_path / "out")
    assert kg.Graph(tmp_path / "out").query("MATCH (p:Paper) RETURN p.title ORDER BY p.title").rows == [
        ["Herons"],
        ["Otter: Gated Filters"],
    ]


# The graph's methods, on the graph made by hand


def test_query(made):
    assert made.query(
        "MATCH (:Paper {id: $id})-[r:COMPARES_WITH]->(m) RETURN m.name AS name, r.evidence AS evidence",
        {"id": "arxiv:2410.00001"},
    ).dicts() == [{"name": "Beaver", "evidence": "Otter dams faster than Beaver."}]


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Otter", "method:otter"),
        ("OTTER", "method:otter"),  # case is ignored
        ("otter", "repo:github.com/river/otter"),  # but a name in the very same case comes first
        ("OTR", "method:otter"),
        ("method:otter", "method:otter"),
        ("Herons That Wait", "arxiv:2411.00004"),
        ("repo:github.com/river/otter", "repo:github.com/river/otter"),
    ],
)
def test_find(made, name, id):
    assert made.find(name)["id"] == id


def test_find_offers_the_nearest_names(made):
    with pytest.raises(UnknownNameError, match="no paper or entity is called 'Beavr'; did you mean 'Beaver'"):
        made.find("Beavr")
    with pytest.raises(UnknownNameError, match=r"no paper or entity is called 'zzzz'$"):
        made.find("zzzz")


def test_show(made):
    shown = made.show("Heron")
    assert shown["node"]["id"] == "method:heron"
    assert shown["facts"] == [
        {
            "fact": "INTRODUCES",
            "direction": "in",
            "label": "Paper",
            "id": "arxiv:2411.00004",
            "name": "Herons That Wait",
            "evidence": "Heron waits.",
            "confidence": 0.9,
        },
        {
            "fact": "COMPARES_WITH",
            "direction": "in",
            "label": "Paper",
            "id": "arxiv:2411.00003",
            "name": "Otter-2 Swims Further",
            "evidence": "Heron is left behind.",
            "confidence": 0.7,
        },
        {
            "fact": "BUILDS_ON",
            "direction": "out",
            "label": "Method",
            "id": "method:otter",
            "name": "Otter",
            "evidence": "Heron is a patient Otter.",
            "confidence": 0.6,
        },
    ]


def test_stats(made):
    assert [row for row in made.stats().rows if row[2]][:3] == [
        ["node", "Paper", 6],
        ["node", "Method", 5],
        ["node", "Dataset", 1],
    ]
    assert len(made.stats().rows) == len(NODES) + len(EDGES)


def test_to_networkx(made):
    graph = made.to_networkx()
    assert graph.nodes["dataset:reedset"] == {
        "label": "Dataset",
        "id": "dataset:reedset",
        "name": "ReedSet",
        "type": "Dataset",
        "aliases": ["Reed Set"],
        "named": True,
        "papers": 2,
    }
    assert sorted(graph["method:otter-2"]["method:otter"]) == ["BUILDS_ON"]
    assert graph.number_of_edges() == sum(row[2] for row in made.stats().rows if row[0] == "edge")


def test_html(made, tmp_path):
    assert made.html(tmp_path / "page.html", around="heron") == ""
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Heron is a patient Otter." in page
    assert "Otter leads on PondBench." not in page
    with pytest.raises(UnknownNameError):
        made.html(tmp_path / "page.html", around="nobody")


def test_manifest(made):
    assert made.manifest() == {"papers": 6}


def test_no_graph(tmp_path):
    with pytest.raises(GraphError, match="not a graph"):
        kg.Graph(tmp_path)


# Broken input


def test_broken_records_are_listed_and_the_rest_is_built(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text(f'{json.dumps(RECORDS[0])}\n{{"title": \n{{"abstract": "no title"}}\n{json.dumps(RECORDS[1])}\n')
    graph = kg.build([path])
    assert errors(graph) == [
        {"place": f"{path}:2", "reason": "not a JSON object (Expecting value)"},
        {"place": f"{path}:3", "reason": "no title"},
    ]
    run = graph.manifest()
    assert (run["entries"], run["papers"], run["errors"]) == (2, 2, 2)


def test_a_paper_that_is_too_long_is_listed_and_has_no_facts(tmp_path, records):
    with records.open("a") as file:
        file.write(json.dumps({"title": "Endless", "abstract": "word " * 300_000}) + "\n")
    graph = kg.build([records])
    assert errors(graph) == [{"place": f"{records}:3", "reason": "1,500,007 characters; at most 1,000,000 are read"}]
    assert graph.manifest()["papers"] == 3
    assert graph.show("Endless")["facts"] == []


@Language.component("fails_on_herons")
def fails_on_herons(doc):
    if "Herons" in doc.text:
        raise ValueError("no birds, please")
    return doc


def test_a_paper_on_which_the_pipeline_fails_is_listed_and_the_rest_is_built(records):
    nlp = load_model_from_config(load_config(CONFIG), auto_fill=True)
    nlp.add_pipe("fails_on_herons", last=True)
    graph = kg.build([records], nlp=nlp)
    assert errors(graph) == [
        {"place": f"{records}:2", "reason": "the extraction failed: ValueError('no birds, please')"}
    ]
    assert graph.manifest()["papers"] == 2
    assert graph.find("OtterNet")["papers"] == 1
    with pytest.raises(ValueError, match="no birds"):  # outside of `build` the pipeline fails as ever
        list(nlp.pipe(["Herons"]))


def test_input_that_cannot_be_read_leaves_no_folder(tmp_path):
    with pytest.raises(SourceError):
        kg.build([tmp_path / "nowhere.jsonl"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else(records, tmp_path):
    with pytest.raises(GraphError, match="holds something other than a graph"):
        kg.build([records], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [records.name]


def test_a_folder_that_cannot_be_made(records, tmp_path):
    with pytest.raises(GraphError, match=r"papers.jsonl/out: cannot be written: Not a directory"):
        kg.build([records], records / "out")


# What earlier runs extracted


def counts(graph):
    run = graph.manifest()
    return run["extracted"], run["known"], run["outdated"]


def test_no_text_is_read_twice(records, tmp_path):
    first = kg.build([records], tmp_path / "out")
    before = parquet(first)
    assert counts(first) == (2, 0, False)
    again = kg.build([records], tmp_path / "out")
    assert again.manifest() == first.manifest()  # nothing has changed: the graph stays as it is
    assert parquet(again) == before
    with records.open("a") as file:
        file.write(json.dumps({"id": "c", "title": "Beavers", "abstract": "We present Beaver."}) + "\n")
    more = kg.build([records], tmp_path / "out")
    assert counts(more) == (1, 2, False)
    assert parquet(more) == parquet(kg.build([records], tmp_path / "other"))


@pytest.mark.parametrize("harm", ["a table is lost", "a query has written"])
def test_a_graph_that_is_not_as_it_was_is_built_anew(records, tmp_path, harm):
    graph = kg.build([records], tmp_path / "out")
    whole = parquet(graph)
    if harm == "a table is lost":
        (tmp_path / "out/nodes/Task.parquet").unlink()
    else:
        graph.query("MATCH (p:Paper) DETACH DELETE p", write=True)
    graph.close()
    again = kg.build([records], tmp_path / "out")
    assert counts(again) == (0, 2, False)
    assert parquet(again) == whole
    assert again.stats().rows[0] == ["node", "Paper", 2]


def test_several_processes_say_where_no_model_is(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "WORTH", 10)
    with pytest.raises(ExtractionError, match=r"nowhere: holds no model; `kg train` makes one"):
        kg.build([EXAMPLES], tmp_path / "out", model=tmp_path / "nowhere", processes=2)


def test_a_text_that_has_changed_is_read_again(records, tmp_path):
    kg.build([records], tmp_path / "out")
    records.write_text(records.read_text().replace("Herons", "Herons, again"))
    assert counts(kg.build([records], tmp_path / "out")) == (1, 1, False)


def test_another_extractor_reads_all_again(records, tmp_path, monkeypatch):
    kg.build([records], tmp_path / "out")
    monkeypatch.setattr("kg.versions.extractor", lambda model: "0123456789abcdef")
    assert counts(kg.build([records], tmp_path / "out")) == (2, 0, True)
    assert [p.name for p in (tmp_path / "out/.facts").iterdir()] == ["0123456789abcdef"]


def test_another_program_builds_anew_from_what_is_known(records, tmp_path, monkeypatch):
    kg.build([records], tmp_path / "out")
    monkeypatch.setattr("kg.versions.package", lambda: "0123456789abcdef")
    assert counts(kg.build([records], tmp_path / "out")) == (0, 2, False)


def test_a_pipeline_of_ones_own_is_not_remembered(records, tmp_path):
    graph = kg.build([records], tmp_path / "out", nlp=kg.load())
    assert counts(graph) == (2, 0, False)
    assert not (tmp_path / "out/.facts").exists()


def test_several_processes_give_the_same(examples, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "WORTH", 10)
    assert parquet(kg.build([EXAMPLES], tmp_path / "out", processes=2)) == parquet(examples)


# Stopped in the middle


def start(input, output, *arguments, **options):
    """`kg build` in a process of its own."""
    command = [sys.executable, "-c", "from kg.cli import main; main()", "build", str(input), "-o", str(output)]
    command += arguments
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, **options)


def start_and_stop(output, signal):
    """Begin to build, and send `signal` once the extraction runs. Returns the exit code and standard error."""
    process = start(EXAMPLES, output)
    while not (output / ".next").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal)
    _, stderr = process.communicate()
    return process.returncode, stderr


@pytest.fixture
def old(records, tmp_path):
    """The folder of a graph that another run is going to replace."""
    kg.build([records], tmp_path / "out")
    return tmp_path / "out"


def titles(path):
    with kg.Graph(path) as graph:
        assert graph.stats().rows[0] == ["node", "Paper", 2]
        return [row[0] for row in graph.query("MATCH (p:Paper) RETURN p.title ORDER BY p.title").rows]


def test_killed_it_goes_on_where_it_was(old):
    process = start(EXAMPLES, old, "-j", "2")
    kept = old / ".facts"
    while len(list(kept.rglob("*.msgpack.gz"))) < 3:  # one is of the run before it
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    graph = kg.build([EXAMPLES], old)
    extracted, known, _ = counts(graph)
    assert (extracted + known, known > 0) == (40, True)
    assert parquet(graph) == parquet(kg.build([EXAMPLES], old.with_name("undisturbed")))


def test_killed(old, records):
    assert start_and_stop(old, SIGKILL)[0] == -SIGKILL
    assert titles(old) == ["Herons", "Otter: Gated Filters"]
    kg.build([records], old)
    assert titles(old) == ["Herons", "Otter: Gated Filters"]
    assert not (old / ".next").exists()


def test_interrupted(old):
    assert start_and_stop(old, SIGINT) == (130, "kg: interrupted; what was there before is untouched\n")
    assert titles(old) == ["Herons", "Otter: Gated Filters"]
    assert not (old / ".next").exists()


@pytest.mark.parametrize("room", [3072, 128 * 1024], ids=["tables", "database"])
def test_no_room(old, records, room):
    """Files may have `room` bytes: too few for the tables, or enough for them and too few for the database."""
    with records.open("a") as file:
        file.write(json.dumps({"id": "c", "title": "Beavers", "abstract": "We present Beaver."}) + "\n")
    process = start(records, old, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    _, stderr = process.communicate()
    assert (process.returncode, stderr.count("\n")) == (2, 1)
    assert stderr.startswith("kg: ")
    assert str(old) in stderr
    assert titles(old) == ["Herons", "Otter: Gated Filters"]
    assert not (old / ".next").exists()

"""Graphs go into a Neo4j server: once or often, whole, whatever happens on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from graphs import tables

from kg.errors import GraphError
from kg.export import neo4j_csv
from kg.schema import EDGES, NODES
from kg.stores import neo4j_load
from kg.stores.neo4j_load import load

ALL = """
MATCH (n) RETURN elementId(n) AS id, labels(n) AS kind, properties(n) AS properties, null AS ends
UNION ALL
MATCH (a)-[r]->(b) RETURN elementId(r) AS id, [type(r)] AS kind, properties(r) AS properties, [a.id, b.id] AS ends
"""


def elements(server):
    """All there is: labels or type, ends, and properties, in some order that is always the same."""
    return sorted((row["kind"], str(row["ends"]), sorted(row["properties"].items())) for row in server.query(ALL))


def expected(nodes, edges, run):
    """What `elements` gives when just these tables were loaded by `run`. Neo4j keeps no nulls."""

    def properties(row):
        return sorted((k, v) for k, v in {**row, "run": run}.items() if v is not None)

    rows = [([label], "None", properties(row)) for label, table in nodes.items() for row in table.to_pylist()]
    for name, table in edges.items():
        for row in table.to_pylist():
            ends = [row.pop("source"), row.pop("target")]
            del row["source_label"], row["target_label"]
            rows.append(([name], str(ends), properties(row)))
    return sorted(rows)


@pytest.fixture
def days(monkeypatch):
    """Dates as the driver gives them, so that they can be compared."""
    monkeypatch.setattr("neo4j.time.Date.__eq__", lambda a, b: str(a) == str(b))
    monkeypatch.setattr("neo4j.time.Date.__lt__", lambda a, b: str(a) < str(b))


def dated(rows):
    return [(kind, ends, [(k, str(v) if k == "published" else v) for k, v in values]) for kind, ends, values in rows]


def check(server, nodes, edges, run):
    assert dated(elements(server)) == dated(expected(nodes, edges, run))


def test_a_graph_is_loaded_whole(neo4j):
    nodes, edges = tables()
    counts = load(nodes, edges, neo4j.uri, run="first")
    check(neo4j, nodes, edges, "first")
    assert counts["nodes_created"] == sum(table.num_rows for table in nodes.values())
    assert counts["relationships_created"] == sum(table.num_rows for table in edges.values())


def test_loading_again_changes_nothing(neo4j):
    nodes, edges = tables()
    load(nodes, edges, neo4j.uri, run="first")
    before = neo4j.query(ALL)
    counts = load(nodes, edges, neo4j.uri, run="first", prune=True)
    assert neo4j.query(ALL) == before
    assert not {name for name in counts if name.endswith(("created", "deleted", "added", "removed"))}


def test_ids_are_unique_and_names_searched(neo4j):
    load({}, {}, neo4j.uri, run="first")
    indexes = neo4j.query("SHOW INDEXES YIELD type, labelsOrTypes, properties, state WHERE type <> 'LOOKUP'")
    found = {(i["type"], *i["labelsOrTypes"], *i["properties"]) for i in indexes}
    assert {i["state"] for i in indexes} == {"ONLINE"}
    assert found == {("FULLTEXT", *NODES, "name", "title", "aliases"), *(("RANGE", label, "id") for label in NODES)}
    constraints = neo4j.query("SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties")
    assert {(c["type"], *c["labelsOrTypes"], *c["properties"]) for c in constraints} == {
        ("UNIQUENESS", label, "id") for label in NODES
    }


def newer():
    """The small graph a day later: a paper fewer, with its edges; another title; a property that is gone."""
    nodes, edges = tables()
    papers = [p for p in nodes["Paper"].to_pylist() if p["id"] != "paper:old-filters"]
    papers[0] |= {"title": "Otter, Revised", "arxiv_id": None}
    nodes["Paper"] = pa.Table.from_pylist(papers, schema=NODES["Paper"].arrow)
    for name, table in edges.items():
        left = [row for row in table.to_pylist() if row["source"] != "paper:old-filters"]
        edges[name] = pa.Table.from_pylist(left, schema=EDGES[name].arrow)
    return nodes, edges


def test_a_newer_graph_updates(neo4j):
    load(*tables(), neo4j.uri, run="first")
    load(*newer(), neo4j.uri, run="second")
    paper = "MATCH (p:Paper {id: $id}) RETURN p.title AS title, p.arxiv_id AS arxiv, p.run AS run"
    assert neo4j.query(paper, id="arxiv:2410.00001") == [{"title": "Otter, Revised", "arxiv": None, "run": "second"}]
    assert neo4j.query(paper, id="paper:old-filters") == [{"title": "Old Filters", "arxiv": None, "run": "first"}]


def test_prune_removes_what_is_gone_and_nothing_else(neo4j):
    load(*tables(), neo4j.uri, run="first")
    neo4j.query("MATCH (m:Method {id: 'method:otter'}) CREATE (m)<-[:LIKES {since: 2024}]-(:Reader {name: 'Ada'})")
    theirs = [row for row in elements(neo4j) if row[0] in (["Reader"], ["LIKES"])]
    nodes, edges = newer()
    counts = load(nodes, edges, neo4j.uri, run="second", prune=True)
    assert (counts["nodes_deleted"], counts["relationships_deleted"]) == (1, 2)
    assert dated(elements(neo4j)) == sorted(dated([*expected(nodes, edges, "second"), *theirs]))


def test_edges_need_their_nodes(neo4j):
    nodes, edges = tables()
    with pytest.raises(GraphError, match=r"^\d+ edges begin or end at nodes that the graph does not have$"):
        load({"Paper": nodes["Paper"]}, edges, neo4j.uri, run="first")


def test_two_nodes_of_one_id_that_somebody_else_made(neo4j):
    neo4j.query("UNWIND [1, 2] AS n CREATE (:Method {id: 'method:otter'})")
    with pytest.raises(GraphError, match=r"stopped after 0 of \d+ rows: Unable to create Constraint"):
        load(*tables(), neo4j.uri, run="first")


HOSTILE = """'}) DETACH DELETE n // "quoted" \\ back\\slash {braces} $run `tick` </script> é 漢 😀"""


def test_text_is_data(neo4j):
    nodes, edges = tables()
    rows = nodes["Paper"].to_pylist()
    rows[0] |= {"title": HOSTILE, "abstract": HOSTILE * 1000, "sources": [HOSTILE, "", "a;b,c"]}
    nodes["Paper"] = pa.Table.from_pylist(rows, schema=NODES["Paper"].arrow)
    load(nodes, edges, neo4j.uri, run=HOSTILE)
    check(neo4j, nodes, edges, HOSTILE)


# What happens on the way


def test_a_loader_that_was_killed_is_completed_by_the_next(neo4j, monkeypatch):
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from graphs import tables
from kg.stores import neo4j_load
neo4j_load.BATCH = 2
def dying(batches, description, length):
    for number, batch in enumerate(batches):
        if number == length * 2 // 3:
            os.kill(os.getpid(), 9)
        yield batch
neo4j_load.load(*tables(), {neo4j.uri!r}, run="first", progress=dying)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    nodes, edges = tables()
    left = len(elements(neo4j))
    assert 0 < left < len(expected(nodes, edges, "first"))
    load(nodes, edges, neo4j.uri, run="first")
    check(neo4j, nodes, edges, "first")


def test_a_server_that_restarts_is_waited_for(owned, monkeypatch):
    monkeypatch.setattr(neo4j_load, "BATCH", 5)

    def restarting(batches, description, length):
        for number, batch in enumerate(batches):
            if number == length // 2:
                owned.kill()
                threading.Timer(2, owned.start).start()
            yield batch

    nodes, edges = tables()
    load(nodes, edges, owned.uri, run="first", progress=restarting)
    check(owned, nodes, edges, "first")


def test_a_server_that_stays_away(owned, monkeypatch):
    monkeypatch.setattr(neo4j_load, "_PATIENCE", 1.0)

    def stopping(batches, description, length):
        for number, batch in enumerate(batches):
            if number == 1:
                owned.kill()
            yield batch

    with pytest.raises(GraphError, match=r"^bolt\S+: stopped after 6 of \d+ rows: .*; load again to complete it$"):
        load(*tables(), owned.uri, run="first", progress=stopping)


# The bulk loader


def test_exported_files_are_imported_as_the_same_graph(owned, tmp_path):
    nodes, edges = tables()
    rows = nodes["Paper"].to_pylist()
    rows[0] |= {"title": HOSTILE, "abstract": "two\nlines", "sources": [HOSTILE, "", "a;b,c"]}
    rows[1] |= {"title": "", "sources": []}
    nodes["Paper"] = pa.Table.from_pylist(rows, schema=NODES["Paper"].arrow)
    folder, command, _ = neo4j_csv.write(nodes, edges, "first", tmp_path / "import")
    assert folder == f"cd {tmp_path / 'import'}"
    program, *arguments = command.replace("\\\n", "").split()
    assert program == "neo4j-admin"
    owned.stop()
    owned.admin(*arguments, input_dir=tmp_path / "import")
    owned.start()
    without_empty = [
        (kind, ends, [(k, v) for k, v in values if v != []]) for kind, ends, values in expected(nodes, edges, "first")
    ]
    assert dated(elements(owned)) == sorted(dated(without_empty))  # the importer keeps no empty lists
    counts = load(nodes, edges, owned.uri, run="first")
    assert (counts["nodes_created"], counts["relationships_created"], counts["constraints_added"]) == (0, 0, len(NODES))
    check(owned, nodes, edges, "first")


def test_a_list_with_the_separator_is_refused(tmp_path):
    nodes = {"Paper": pa.Table.from_pylist([{"id": "p", "sources": ["a\x1fb"]}], schema=NODES["Paper"].arrow)}
    with pytest.raises(GraphError, match=r"^Paper: a list holds the control character U\+001F"):
        neo4j_csv.write(nodes, {}, "first", tmp_path)

"""A graph in a Neo4j server: queries answer as on the embedded store, and what goes wrong says what to do."""

from __future__ import annotations

import pytest
from graphs import tables

from kg.errors import GraphError, QueryError
from kg.stores.ladybug import LadybugStore, write
from kg.stores.neo4j import Neo4jStore
from kg.stores.neo4j_load import NAMES_INDEX, load


@pytest.fixture
def loaded(neo4j):
    """The server, with the small graph of graphs.py in it."""
    load(*tables(), neo4j.uri, run="first")
    return neo4j


@pytest.fixture
def store(loaded):
    with Neo4jStore(loaded.uri) as store:
        yield store


@pytest.fixture
def embedded(tmp_path):
    write(*tables(), tmp_path / "graph.lbug")
    with LadybugStore(tmp_path / "graph.lbug") as store:
        yield store


def test_values_are_the_same_as_on_the_embedded_store(store, embedded):
    for query in (
        "MATCH (n:Paper|Method) RETURN n ORDER BY n.id",
        "MATCH (p:Paper)-[r:USES]->(m:Method) RETURN p.id, r, m.name ORDER BY p.id, m.name",
        "MATCH path = (p:Paper)-[:INTRODUCES]->(:Method {id: 'method:otter'}) RETURN path, p.published AS day",
        "MATCH (m:Method {id: 'method:otter'}) RETURN [m.papers, 2] AS list, {name: m.name} AS map, 0.5 AS half, null",
        "RETURN true AS yes, 'text' AS text LIMIT 0",
    ):
        assert store.query(query) == embedded.query(query)


def test_the_routing_scheme_leads_there_as_well(loaded):
    with Neo4jStore(loaded.uri.replace("bolt://", "neo4j://")) as store:
        assert store.query("MATCH (m:Method) RETURN count(*) AS n").rows == [[5]]


def test_values_that_only_the_server_has(store):
    query = "RETURN duration('P1D') AS day, datetime('2024-10-01T12:00:00Z') AS noon, point({x: 1, y: 2}) AS place"
    day, noon, place = store.query(query).rows[0]
    assert (day, noon.isoformat(), place) == ("P1D", "2024-10-01T12:00:00+00:00", "CartesianPoint(1.0, 2.0)")


def test_elements_of_labels_that_are_not_ours(loaded):
    with Neo4jStore(loaded.uri, write=True) as store:
        result = store.query("CREATE (n:Pond {depth: 2})-[r:NEAR {by: 'foot'}]->(:Pond) RETURN n, r")
    assert result.rows == [[{"label": "Pond", "depth": 2}, {"type": "NEAR", "by": "foot"}]]


def test_a_store_reads_only_unless_told(loaded, store):
    query = "CREATE (m:Method {id: 'method:new'}) RETURN m.id"
    with pytest.raises(QueryError, match="to write, use --write"):
        store.query(query)
    with Neo4jStore(loaded.uri, write=True) as writer:
        assert writer.query(query).rows == [["method:new"]]


def test_parameters_are_data(store):
    for text in ("'}) MATCH (n) DETACH DELETE n //", "back\\slash \\u0041", '{"a": [1]}', "😀\x00", "`$x`"):
        assert store.query("RETURN $text AS text, [$text] AS list", {"text": text}).rows == [[text, [text]]]
    assert store.query("MATCH (m:Method) RETURN count(*)").rows == [[5]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query is empty; try: MATCH (m:Method) RETURN m.name ORDER BY m.papers DESC LIMIT 10"),
        ("MATCH (m:Method {id: $id}) RETURN m", "no value for $id; give it with: -p id=VALUE"),
        (
            "MATCH (m:Methd) RETURN m.name",
            "no label Methd; did you mean Method?\nMATCH (m:Methd) RETURN m.name\n         ^",
        ),
        (
            "MATCH ()-[:USE]->(m) RETURN m",
            "no edge type USE; did you mean USES?\nMATCH ()-[:USE]->(m) RETURN m\n           ^",
        ),
        (
            "MATCH (m:Method) RETURN m.nam",
            "no property nam; did you mean name or named?\nMATCH (m:Method) RETURN m.nam\n                          ^",
        ),
        ("RETURN 1 / 0", "the query failed: / by zero"),
    ],
)
def test_queries_that_cannot_be_run(store, query, message):
    with pytest.raises(QueryError) as error:
        store.query(query)
    assert str(error.value) == message


def test_a_syntax_error_has_its_place(store):
    with pytest.raises(QueryError, match=r"(?s)^syntax error in line 2, column 12: Invalid input 'm': .*\n {11}\^$"):
        store.query("MATCH (m:Method)\nRETURN nme m")


def test_labels_and_types_of_the_schema_may_have_no_elements(store):
    assert store.query("MATCH (a:Author)<-[:AUTHORED_BY]-() RETURN a.name").rows == []


def test_names_titles_and_aliases_are_searched_by_the_full_text_index(store):
    query = f"""
        CALL db.index.fulltext.queryNodes('{NAMES_INDEX}', $text) YIELD node
        WHERE node:Paper OR node:Method RETURN node.id AS id ORDER BY id
    """
    papers = [["arxiv:2410.00001"], ["arxiv:2411.00003"]]
    assert store.query(query, {"text": "otter"}).rows == [*papers, ["method:otter"], ["method:otter-2"]]
    assert store.query(query, {"text": "OTR"}).rows == [["method:otter"]]
    assert store.query(query, {"text": r"\(fish\) \["}).rows == []  # of a task only
    assert store.query(query, {"text": r"wait\?"}).rows == [["arxiv:2411.00004"]]
    with pytest.raises(QueryError, match=r"^the full-text index cannot read the text; put \\ before each of \+ -"):
        store.query(query, {"text": "otter (["})


# Servers that cannot be used


def test_no_server():
    with pytest.raises(GraphError, match=r"^no Neo4j server answers at bolt://127\.0\.0\.1:1; start it .*: Couldn't"):
        Neo4jStore("bolt://127.0.0.1:1")


@pytest.mark.parametrize(
    "address", ["http://localhost:7474", "ftp://localhost", "neo4j+tls://localhost", "neo4j://[::1"]
)
def test_another_scheme(address):
    with pytest.raises(GraphError) as error:
        Neo4jStore(address)
    assert str(error.value) == (
        f"{address}: a Neo4j address is neo4j://HOST:7687 or bolt://HOST:7687; neo4j+s:// for TLS"
    )


def test_a_password_in_the_address():
    with pytest.raises(GraphError, match="set NEO4J_USERNAME and NEO4J_PASSWORD") as error:
        Neo4jStore("bolt://neo4j:secret@localhost")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"NEO4J_PASSWORD": ""}, "wants a password; set NEO4J_PASSWORD (and NEO4J_USERNAME, if it is not neo4j)"),
        (
            {"NEO4J_PASSWORD": "wrong"},
            "refuses the user or the password; look at NEO4J_USERNAME and NEO4J_PASSWORD",
        ),
        (
            {"NEO4J_DATABASE": "ponds"},
            "has no database ponds; look at NEO4J_DATABASE (the community edition has only neo4j)",
        ),
    ],
)
def test_not_let_in(neo4j, monkeypatch, environment, message):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(GraphError) as error:
        Neo4jStore(neo4j.uri)
    assert str(error.value) == f"{neo4j.uri} {message}"


def test_tls_to_a_server_without(neo4j):
    with pytest.raises(GraphError, match="no Neo4j server answers at bolt\\+s://"):
        Neo4jStore(neo4j.uri.replace("bolt://", "bolt+s://"))

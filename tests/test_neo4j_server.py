"""The server of the other tests: it answers, keeps its data over a restart, and can be emptied."""

from __future__ import annotations

from neo4j_server import VERSION

NAMES = "MATCH (m:Method) RETURN m.name AS name ORDER BY name"


def test_a_query(owned):
    about = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions, edition"
    assert owned.query(about) == [{"name": "Neo4j Kernel", "versions": [VERSION], "edition": "community"}]
    assert owned.query("RETURN $n + 1 AS n", n=1) == [{"n": 2}]


def test_data_outlive_a_stop_and_a_kill(owned):
    before = owned.environment()
    owned.query("CREATE (:Method {name: 'Otter'})")
    owned.stop()
    owned.start()
    owned.query("CREATE (:Method {name: 'Heron'})")
    owned.kill()
    owned.start()
    assert owned.query(NAMES) == [{"name": "Heron"}, {"name": "Otter"}]
    assert owned.environment() == before


def test_clear(neo4j):
    neo4j.query("CREATE CONSTRAINT `a ``b``` FOR (m:Method) REQUIRE m.id IS UNIQUE")
    neo4j.query("CREATE INDEX FOR (m:Method) ON (m.name)")
    neo4j.query("CREATE (:Method {name: 'Otter'})-[:BUILDS_ON]->(:Method {name: 'Beaver'})")
    neo4j.clear()
    assert neo4j.query("MATCH (n) RETURN count(n) AS nodes") == [{"nodes": 0}]
    assert neo4j.query("SHOW CONSTRAINTS") == []
    assert neo4j.query("SHOW INDEXES YIELD type RETURN collect(type) AS types") == [{"types": ["LOOKUP", "LOOKUP"]}]


def test_admin(owned, tmp_path):
    (tmp_path / "methods.csv").write_text("id:ID,name\n1,Otter\n2,Heron\n")
    owned.stop()
    owned.admin(
        "database",
        "import",
        "full",
        "neo4j",
        "--nodes=Method=methods.csv",
        "--overwrite-destination",
        input_dir=tmp_path,
    )
    owned.start()
    assert owned.query(NAMES) == [{"name": "Heron"}, {"name": "Otter"}]

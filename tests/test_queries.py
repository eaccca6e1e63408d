"""The named queries, each on the small graph of `graphs.py` with all the rows that it gives there."""

from __future__ import annotations

import re
from datetime import date

import pytest
from graphs import tables

from kg.errors import QueryError, UnknownNameError
from kg.queries import Query, bind, find, load
from kg.stores.cypher import parameters
from kg.stores.ladybug import LadybugStore, write
from kg.stores.neo4j import Neo4jStore
from kg.stores.neo4j_load import load as load_into_neo4j

QUERIES = load()
OTTER = ("arxiv:2410.00001", "Otter: Gated Filters for Long Signals", date(2024, 10, 1))
POND = ("arxiv:2410.00002", "PondBench, a Test of Patience", date(2024, 10, 15))
OTTER_2 = ("arxiv:2411.00003", "Otter-2 Swims Further", date(2024, 11, 2))
HERON = ("arxiv:2411.00004", "Herons That Wait", date(2024, 11, 20))
OLD = ("paper:old-filters", "Old Filters", None)
GITHUB = "https://github.com"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "graph.lbug"
    write(*tables(), path)
    with LadybugStore(path) as store:
        yield store


@pytest.fixture(scope="module")
def server(neo4j_server):
    neo4j_server.start()
    neo4j_server.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in neo4j_server.environment().items():
            patch.setenv(name, value)
        load_into_neo4j(*tables(), neo4j_server.uri, run="first")
        with Neo4jStore(neo4j_server.uri) as store:
            yield store


@pytest.fixture(params=["embedded", "server"])
def store(request):
    """Either engine: every query gives the same rows on both."""
    return request.getfixturevalue(request.param)


EXPECTED = [
    (
        "benchmarks-by-papers",
        {},
        [("PondBench", "Benchmark", 2, 2), ("ReedSet", "Dataset", 1, 1)],
    ),
    (
        "code-of-method",
        {"method": "otr"},
        [
            ("Otter", "river/otter", f"{GITHUB}/river/otter", True, OTTER[0]),
            ("Otter", "someone/otter-jax", f"{GITHUB}/someone/otter-jax", False, OTTER[0]),
        ],
    ),
    (
        "co-occurring-methods",
        {"method": "OTTER"},
        [("Heron", 2, 2), ("Otter-2", 1, 1), ("Beaver", 1, 2)],
    ),
    (
        "co-occurring-methods",
        {"method": "Otter-2", "named": "no"},
        [("Heron", 1, 2), ("Otter", 1, 3), ("convolution", 1, 4)],
    ),
    (
        "dated-papers",
        {},
        [(True, 5, 2, date(2024, 10, 1), date(2024, 12, 5)), (False, 1, 0, None, None)],
    ),
    (
        "datasets-introduced",
        {},
        [
            ("PondBench", "Benchmark", *POND, "PondBench is new."),
            ("ReedSet", "Dataset", *POND, "ReedSet comes with it."),
        ],
    ),
    (
        "datasets-of-task",
        {"task": "Counting Fish"},
        [("PondBench", "Benchmark", 3), ("ReedSet", "Dataset", 2)],
    ),
    (
        "entity-papers",
        {"name": "reed set"},
        [
            ("ReedSet", "Dataset", "EVALUATES_ON", *OTTER_2, "So does ReedSet."),
            ("ReedSet", "Dataset", "INTRODUCES", *POND, "ReedSet comes with it."),
        ],
    ),
    (
        "entity-papers",
        {"name": "beaver"},
        [
            ("Beaver", "Method", "COMPARES_WITH", *OTTER, "Otter dams faster than Beaver."),
            ("Beaver", "Method", "INTRODUCES", *OLD, "We build Beaver."),
        ],
    ),
    (
        "facts-of-paper",
        {"paper": "2411.00004"},
        [
            ("ADDRESSES", "Task", "bird watching", 0.8, "We watch birds."),
            ("INTRODUCES", "Method", "Heron", 0.9, "Heron waits."),
            ("MENTIONS", "Method", "Otter", 0.6, "Otter does not."),
        ],
    ),
    (
        "facts-of-paper",
        {"paper": "old filters", "limit": "1"},
        [("INTRODUCES", "Method", "Beaver", 0.9, "We build Beaver.")],
    ),
    (
        "method-descendants",
        {"method": "beaver"},
        [
            (1, "Otter", "Beaver", 1, "Otter borrows from Beaver."),
            (2, "Heron", "Otter", 1, "Heron is a patient Otter."),
            (2, "Otter-2", "Otter", 1, "It grows out of Otter."),
        ],
    ),
    (
        "method-lineage",
        {"method": "otter-2"},
        [
            (1, "Otter-2", "Otter", 1, "It grows out of Otter."),
            (2, "Otter", "Beaver", 1, "Otter borrows from Beaver."),
            (3, "Beaver", "convolution", 1, "Beaver stacks convolutions."),
        ],
    ),
    (
        "method-lineage",
        {"method": "otter-2", "hops": "1"},
        [(1, "Otter-2", "Otter", 1, "It grows out of Otter.")],
    ),
    (
        "method-pairs",
        {},
        [
            ("Otter", "Otter", 3),
            ("Beaver", "Beaver", 2),
            ("Heron", "Heron", 2),
            ("Heron", "Otter", 2),
            ("Beaver", "Otter", 1),
            ("Heron", "Otter-2", 1),
            ("Otter", "Otter-2", 1),
            ("Otter-2", "Otter-2", 1),
        ],
    ),
    (
        "method-pairs",
        {"methods": "2", "named": "no"},
        [("convolution", "convolution", 4), ("Otter", "Otter", 3), ("convolution", "Otter", 2)],
    ),
    (
        "methods-by-day",
        {"methods": "2"},
        [
            ("2024-11-20", "Heron", 1),
            ("2024-11-20", "Otter", 1),
            ("2024-11-02", "Heron", 1),
            ("2024-11-02", "Otter", 1),
            ("2024-10-01", "Otter", 1),
        ],
    ),
    (
        "methods-by-month",
        {"methods": "2"},
        [("2024-11", "Heron", 2), ("2024-11", "Otter", 2), ("2024-10", "Otter", 1)],
    ),
    (
        "methods-by-month",
        {"methods": "2", "named": "no"},
        [
            ("2024-11", "Otter", 2),
            ("2024-11", "convolution", 1),
            ("2024-10", "convolution", 2),
            ("2024-10", "Otter", 1),
        ],
    ),
    (
        "methods-evaluated-on",
        {"benchmark": "pondbench"},
        [
            ("PondBench", "Otter", 2, "Otter leads on PondBench."),
            ("PondBench", "Otter-2", 1, "Otter-2 leads on PondBench now."),
        ],
    ),
    (
        "methods-of-task",
        {"task": "fish counting"},
        [
            ("fish counting", "Otter", 1, "Otter counts fish."),
            ("fish counting", "Otter-2", 1, "Otter-2 counts more fish."),
        ],
    ),
    (
        "metrics-of-task",
        {"task": "fish counting"},
        [("Ripple Score", 2), ("accuracy", 1)],
    ),
    (
        "most-used-methods",
        {},
        [("Otter", 3, 1, 1, 0, 1), ("Beaver", 2, 1, 0, 1, 0), ("Heron", 2, 1, 0, 1, 0), ("Otter-2", 1, 1, 0, 0, 0)],
    ),
    (
        "most-used-methods",
        {"named": "false", "limit": "1"},
        [("convolution", 4, 0, 3, 0, 1)],
    ),
    (
        "neighbours-of-paper",
        {"paper": "ARXIV:2410.00001"},
        [
            (*OTTER_2[:2], 3, ["Otter", "PondBench", "Ripple Score"]),
            (*POND[:2], 1, ["PondBench"]),
            (*HERON[:2], 1, ["Otter"]),
            (*OLD[:2], 1, ["Beaver"]),
        ],
    ),
    (
        "new-methods-of-month",
        {"month": "2024-11"},
        [("Otter-2", *OTTER_2, "Otter-2 is here."), ("Heron", *HERON, "Heron waits.")],
    ),
    (
        "papers-by-day",
        {"limit": "3"},
        [("2024-12-05", 1, 0), ("2024-11-20", 1, 0), ("2024-11-02", 1, 0)],
    ),
    (
        "papers-by-month",
        {},
        [("2024-12", 1, 0), ("2024-11", 2, 0), ("2024-10", 2, 2)],
    ),
    (
        "papers-with-code",
        {"official": "true"},
        [
            (*POND, "pond/bench", f"{GITHUB}/pond/bench", True),
            (*OTTER, "river/otter", f"{GITHUB}/river/otter", True),
        ],
    ),
    (
        "single-mention-names",
        {},
        [("Otter-2", "Method", "INTRODUCES", 0.9, OTTER_2[0], "Otter-2 is here.")],
    ),
    (
        "tasks-by-papers",
        {},
        [("fish counting", 3, 2), ("bird watching", 1, 0)],
    ),
    (
        "what-beats",
        {"method": "beaver"},
        [
            ("Otter-2", "Beaver", 1, 0.9, "Beaver is beaten again."),
            ("Otter", "Beaver", 1, 0.7, "Otter dams faster than Beaver."),
        ],
    ),
]


@pytest.mark.parametrize(("name", "given", "rows"), EXPECTED, ids=[f"{name} {given}" for name, given, _ in EXPECTED])
def test_rows(store, name, given, rows):
    query = find(name)
    result = store.query(query.text_for(store.engine), bind(query, given))
    assert tuple(result.columns) == query.columns
    assert [tuple(row) for row in result.rows] == rows


def test_each_query_is_tested():
    assert sorted(QUERIES) == sorted({name for name, _, _ in EXPECTED})


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("engine", ["ladybug", "neo4j"])
def test_text_and_head_agree(query: Query, engine):
    text = query.text_for(engine)
    assert sorted(parameters(text)) == sorted(p.name for p in query.parameters)
    assert all(p.doc for p in query.parameters)
    assert query.answers.endswith("?")
    assert re.search(r"\nORDER BY [^\n]*\nLIMIT \$limit$", text)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_text_for_neo4j_has_no_function_of_ladybug(query: Query):
    neo4j = {"any", "collect", "count", "head", "left", "length", "lower", "max", "min", "sum", "toString", "type"}
    assert set(re.findall(r"(\w+)\(", query.text_for("neo4j"))) - {"BUILDS_ON"} <= neo4j


def test_load(tmp_path):
    (tmp_path / "papers-since.cypher").write_text(
        "// title: Papers since a day\n"
        "// answers: Which papers came out since then?\n"
        "// param: day DATE -- the first day\n"
        "// param: words STRING[] = a, b\n"
        "// columns: paper\n"
        "MATCH (p:Paper) // all\nRETURN p.id AS paper\n"
    )
    (tmp_path / "papers-since.neo4j.cypher").write_text("MATCH (p) RETURN p.id AS paper")
    query = load(tmp_path)["papers-since"]
    assert list(load(tmp_path)) == ["papers-since"]
    assert (query.title, query.answers, query.columns) == (
        "Papers since a day",
        "Which papers came out since then?",
        ("paper",),
    )
    assert [(p.name, p.type, p.default, p.doc) for p in query.parameters] == [
        ("day", "DATE", None, "the first day"),
        ("words", "STRING[]", ["a", "b"], ""),
    ]
    assert query.text_for("ladybug") == "MATCH (p:Paper) // all\nRETURN p.id AS paper"
    assert query.text_for("neo4j") == "MATCH (p) RETURN p.id AS paper"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (
            "// title: T\n// answers: A?\n// param: n NUMBER -- how many\n// columns: a\n",
            "q.cypher: cannot read the parameter 'n NUMBER -- how many'; write: name TYPE = default -- what it is",
        ),
        (
            "// title: T\n// columns: a\n",
            "q.cypher: the head needs the lines // title:, // answers: and // columns:",
        ),
    ],
)
def test_load_a_broken_head(tmp_path, head, message):
    (tmp_path / "q.cypher").write_text(head + "RETURN 1 AS a")
    with pytest.raises(QueryError) as error:
        load(tmp_path)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("what-beat", "no query is named what-beat; did you mean what-beats?"),
        ("zzz", "no query is named zzz; kg queries lists them"),
    ],
)
def test_find_an_unknown_name(name, message):
    with pytest.raises(UnknownNameError) as error:
        find(name)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("type", "given", "value"),
    [
        ("INT", "5", 5),
        ("INT", 5, 5),
        ("FLOAT", "0.5", 0.5),
        ("FLOAT", 1, 1.0),
        ("STRING", "5", "5"),
        ("STRING", "it's", "it's"),
        ("BOOL", "Yes", True),
        ("BOOL", "0", False),
        ("DATE", "2024-10-31", date(2024, 10, 31)),
        ("DATE", date(2024, 10, 31), date(2024, 10, 31)),
        ("STRING[]", "a, b", ["a", "b"]),
        ("STRING[]", '["a, b"]', ["a, b"]),
        ("STRING[]", "", []),
    ],
)
def test_bind(tmp_path, type, given, value):
    (tmp_path / "q.cypher").write_text(
        f"// title: T\n// answers: A?\n// param: x {type}\n// columns: x\nRETURN $x AS x"
    )
    assert bind(load(tmp_path)["q"], {"x": given}) == {"x": value}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {},
            "method-lineage needs method (name or alias of a method, upper or lower case); "
            "give it with: -p method=VALUE",
        ),
        ({"method": "m", "hop": "1"}, "method-lineage has no parameter hop; did you mean hops?"),
        ({"method": "m", "zzz": "1"}, "method-lineage has no parameter zzz (it takes method, hops, limit)"),
        ({"method": "m", "hops": "two"}, "method-lineage: hops must be a whole number, not 'two'"),
        ({"method": "m", "hops": True}, "method-lineage: hops must be a whole number, not True"),
        ({"method": 1}, "method-lineage: method must be text, not 1"),
    ],
)
def test_bind_refuses(given, message):
    with pytest.raises(QueryError) as error:
        bind(find("method-lineage"), given)
    assert str(error.value) == message


def test_bind_fills_defaults():
    assert bind(find("method-lineage"), {"method": "Otter"}) == {"method": "Otter", "hops": 3, "limit": 50}

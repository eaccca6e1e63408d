"""The embedded store: what is written comes back, and what goes wrong says what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from datetime import date
from signal import SIGINT

import ladybug
import pyarrow as pa
import pytest
from graphs import tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import GraphError, QueryError
from kg.schema import EDGES, NODES
from kg.stores import Result
from kg.stores.ladybug import LadybugStore, ddl, write


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "graph.lbug"
    write(*tables(), path)
    return path


@pytest.fixture(scope="module")
def store(path):
    with LadybugStore(path) as store:
        yield store


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def papers(**columns):
    return pa.Table.from_pylist([{"id": "p", **columns}], schema=NODES["Paper"].arrow)


def test_ddl():
    statements = ddl()
    assert statements[len(NODES) - 1] == (
        "CREATE NODE TABLE `Organization` (`id` STRING, `name` STRING, `papers` INT64, PRIMARY KEY (`id`))"
    )
    assert statements[len(NODES) + list(EDGES).index("FROM")] == (
        "CREATE REL TABLE `FROM` (FROM `Paper` TO `Organization`, `evidence` STRING, `field` STRING, "
        "`start` INT64, `end` INT64, `confidence` DOUBLE, `extractor` STRING)"
    )
    assert "CREATE MACRO type(r) AS label(r)" in statements


def test_write_leaves_one_file(path):
    assert names(path.parent) == ["graph.lbug"]


def test_every_label_and_type_is_there_though_empty(tmp_path):
    write({}, {}, tmp_path / "new" / "empty.lbug")
    with LadybugStore(tmp_path / "new" / "empty.lbug") as store:
        for label in NODES:
            assert store.query(f"MATCH (n:`{label}`) RETURN count(*) AS n").rows == [[0]]
        for type in EDGES:
            assert store.query(f"MATCH ()-[r:`{type}`]->() RETURN count(*) AS n").rows == [[0]]


def test_write_replaces_the_file_while_it_is_read(tmp_path):
    path = tmp_path / "graph.lbug"
    write({"Paper": papers(title="old")}, {}, path)
    with LadybugStore(path) as reader:
        write({"Paper": papers(title="new")}, {}, path)
        assert reader.query("MATCH (p:Paper) RETURN p.title").rows == [["old"]]
    with LadybugStore(path) as reader:
        assert reader.query("MATCH (p:Paper) RETURN p.title").rows == [["new"]]


def test_write_forgets_what_a_crashed_writer_left(tmp_path):
    path = tmp_path / "graph.lbug"
    write({}, {}, path)
    crash = f"""
import ladybug, os
connection = ladybug.Connection(ladybug.Database({str(path)!r}))
connection.execute("CREATE (:Method {{id: 'stale'}})")
os._exit(1)
"""
    subprocess.run([sys.executable, "-c", crash], check=False)
    assert (tmp_path / "graph.lbug.wal").exists()
    write({"Paper": papers()}, {}, path)
    assert names(tmp_path) == ["graph.lbug"]
    with LadybugStore(path) as store:
        assert store.query("MATCH (n) RETURN n.id").rows == [["p"]]


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        (
            {"Papr": papers()},
            {},
            "cannot write the graph: no label Papr; did you mean Paper?",
        ),
        (
            {"Method": papers()},
            {},
            "cannot write the graph: the table of Method lacks the columns of kg.schema",
        ),
        (
            {"Paper": pa.concat_tables([papers(), papers()])},
            {},
            "cannot write the graph: two nodes have the id p",
        ),
        (
            {"Paper": papers()},
            {"USES": [{"source": "p", "source_label": "Paper", "target": "method:none", "target_label": "Method"}]},
            "cannot write the graph: an edge begins or ends at method:none, and no node of its label has this id",
        ),
        (
            {"Paper": papers()},
            {"USES": [{"source": "p", "source_label": "Paper", "target": "p", "target_label": "Paper"}]},
            "cannot write the graph: 1 edges USES join labels that kg.schema does not let them join",
        ),
    ],
)
def test_write_refuses_what_does_not_fit(tmp_path, nodes, edges, message):
    edges = {type: pa.Table.from_pylist(rows, schema=EDGES[type].arrow) for type, rows in edges.items()}
    with pytest.raises(GraphError) as error:
        write(nodes, edges, tmp_path / "graph.lbug")
    assert str(error.value) == message
    assert names(tmp_path) == []


def test_write_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        GraphError, match=r"^cannot write .*file/graph\.lbug: .*; choose a folder that you may write to$"
    ):
        write({}, {}, tmp_path / "file" / "graph.lbug")


def test_write_on_a_full_disk(tmp_path):
    script = f"""
import resource
from pathlib import Path
from kg.stores.ladybug import write
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    write({{}}, {{}}, Path({str(tmp_path / "graph.lbug")!r}))
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert re.sub(r"\d+ MiB", "N MiB", done.stdout) == (
        f"GraphError cannot write {tmp_path / 'graph.lbug'}: not all could be written; N MiB are free there; "
        "make room or choose another folder\n"
    )
    assert names(tmp_path) == []


HOSTILE = [
    'it\'s "quoted"',
    "back\\slash \\n \\u0041",
    "line\nbreak\ttab",
    "😀 é 漢字 \u202e",
    "{}",
    "[a, b]",
    "",
    "$x `y`",
]
HOSTILE += ["'}) MATCH (n) DETACH DELETE n //", "NULL", "\\", "',", "\x00"]


def test_text_comes_back_exactly(tmp_path):
    write({"Paper": papers(title="".join(HOSTILE), sources=HOSTILE)}, {}, tmp_path / "graph.lbug")
    with LadybugStore(tmp_path / "graph.lbug") as store:
        assert store.query("MATCH (p:Paper) RETURN p.title, p.sources").rows == [["".join(HOSTILE), HOSTILE]]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), items=st.lists(st.text(), min_size=1))
def test_parameters_come_back_exactly(store, text, items):
    result = store.query("RETURN $text AS text, $items AS items", {"text": text, "items": items})
    assert result == Result(["text", "items"], [[text, items]])


def test_query_values(store):
    result = store.query(
        """
        MATCH path = (p:Paper)-[r:INTRODUCES]->(m:Method {name: $name})
        RETURN p.published AS day, m, r, path, collect(m.id) AS ids, {one: 1} AS map, sum(m.papers) AS papers, null
        """,
        {"name": "Otter"},
    )
    otter = {"label": "Method", "id": "method:otter", "name": "Otter", "type": "Method", "aliases": ["OTR"]}
    otter |= {"named": True, "papers": 3}
    introduces = {"type": "INTRODUCES", "evidence": "We present Otter.", "field": "abstract", "start": 0, "end": 5}
    introduces |= {"confidence": 0.9, "extractor": "hand"}
    paper = {
        "label": "Paper",
        "id": "arxiv:2410.00001",
        "title": "Otter: Gated Filters for Long Signals",
        "abstract": "",
    }
    paper |= {"published": date(2024, 10, 1), "url": None, "arxiv_id": "2410.00001", "authors_count": None}
    paper |= {"sources": ["made.txt:1"]}
    assert result.dicts() == [
        {
            "day": date(2024, 10, 1),
            "m": otter,
            "r": introduces,
            "path": {"nodes": [paper, otter], "relationships": [introduces]},
            "ids": ["method:otter"],
            "map": {"one": 1},
            "papers": 3,
            "null": None,
        }
    ]


@pytest.mark.parametrize(
    ("query", "columns", "row"),
    [
        ("MATCH (m:Method) RETURN count(*)", ["count(*)"], [5]),
        (
            "MATCH (m:Method) RETURN DISTINCT m.type, 'a, b' // the label\n LIMIT 1",
            ["m.type", "'a, b'"],
            ["Method", "a, b"],
        ),
        (
            "RETURN toInteger('7') AS `a b`, CAST('1' AS INT64), 2 AS two;",
            ["a b", "CAST('1' AS INT64)", "two"],
            [7, 1, 2],
        ),
        ("MATCH (p:Paper) RETURN p.id AS id UNION MATCH (m:Paper) RETURN m.id AS id LIMIT 0", ["id"], None),
        ("RETURN 1 AS one; RETURN 2 AS two", ["two"], [2]),
        ("WITH 1 AS a RETURN *", ["a"], [1]),
    ],
)
def test_columns_are_named_as_the_query_writes_them(store, query, columns, row):
    assert store.query(query) == Result(columns, [row] if row else store.query(query).rows)
    assert store.query(query).columns == columns


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("type(r)", "INTRODUCES"),
        ("toString(p.published)", "2024-10-01"),
        ("toInteger(2.7)", 2),
        ("toInteger('12')", 12),
        ("toFloat('0.5')", 0.5),
        ("toBoolean('true')", True),
        ("head(m.aliases)", "OTR"),
        ("last([1, 2])", 2),
        ("tail([1, 2, 3])", [2, 3]),
        ("isEmpty(m.aliases)", False),
        ("isEmpty('')", True),
        ("split('a,b', ',')", ["a", "b"]),
        ("startNode(r).id", "arxiv:2410.00001"),
        ("endNode(r).id", "method:otter"),
        ("size(elementId(m)) > 0", True),
        ("rand() < 1", True),
    ],
)
def test_functions_of_neo4j(store, expression, value):
    query = f"MATCH (p:Paper)-[r:INTRODUCES]->(m:Method {{name: 'Otter'}}) RETURN {expression}"
    assert store.query(query) == Result([expression], [[value]])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "MATCH (m:Method)\nWHERE m.name = = 'Otter'\nRETURN m",
            "syntax error in line 2, column 16: unexpected =\nWHERE m.name = = 'Otter'\n               ^",
        ),
        (
            "MATCH (m:Method) RETURN m.name ORDER\n",
            "syntax error in line 1, column 37: the query ends too early\n"
            "MATCH (m:Method) RETURN m.name ORDER\n"
            "                                    ^",
        ),
        (
            "MATCH (m:Methd) RETURN m",
            "no label or edge type Methd; did you mean Method?\nMATCH (m:Methd) RETURN m\n         ^",
        ),
        (
            "MATCH (p:Paper)\n  -[:USE]->(m) RETURN m",
            "no label or edge type USE; did you mean USES?\n  -[:USE]->(m) RETURN m\n     ^",
        ),
        (
            "MATCH (m:Method) RETURN m.nam",
            "m has no property nam; did you mean name or named?\nMATCH (m:Method) RETURN m.nam\n" + " " * 26 + "^",
        ),
        ("RETURN 1 + x", "no variable x at this place\nRETURN 1 + x\n           ^"),
        ("RETURN floot(1)", "no function floot in Ladybug\nRETURN floot(1)\n       ^"),
        ("RETURN 1/0", "the query failed: Divide by zero."),
        ("RETURN head([])", "head(), last() or an index met an empty list; leave it out with: WHERE size(list) > 0"),
        ("RETURN $nam", "no value for $nam; give it with: -p nam=VALUE"),
        ("RETURN $name // $comment", "the query has no parameter $limit"),
        (
            "// nothing\n",
            "the query is empty; try: MATCH (m:Method) RETURN m.name ORDER BY m.papers DESC LIMIT 10",
        ),
    ],
)
def test_errors_in_queries(store, query, message):
    given = {"name": "x", "limit": 3} if "$name" in query else {}
    with pytest.raises(QueryError) as error:
        store.query(query, given)
    assert str(error.value) == message


def test_a_long_line_is_cut_around_the_place(store):
    with pytest.raises(QueryError) as error:
        store.query("RETURN " + "1 + " * 50 + "+ +" + " 1 +" * 50)
    _, line, caret = str(error.value).split("\n")
    assert len(line) <= 100
    assert line[caret.index("^")] == "+"


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (:Method {id: 'method:new'})",
        "MATCH (m:Method) SET m.name = 'x'",
        "MATCH (m:Method) DETACH DELETE m",
        "CHECKPOINT",
        "RETURN 1; checkpoint",
        "EXPLAIN CHECKPOINT",
        "/* out */ COPY (MATCH (m:Method) RETURN m.name) TO 'names.csv'",
    ],
)
def test_reading_only(store, query):
    with pytest.raises(QueryError) as error:
        store.query(query)
    assert str(error.value) == "the query writes, and the graph is open for reading only; to write, use --write"


def test_writing(tmp_path):
    write({}, {}, tmp_path / "graph.lbug")
    with LadybugStore(tmp_path / "graph.lbug", write=True) as store:
        assert store.query("CREATE (:Method {id: 'method:new'})") == Result([], [])
        store.close()
    with LadybugStore(tmp_path / "graph.lbug") as store:
        assert store.query("MATCH (m:Method) RETURN m.id AS id") == Result(["id"], [["method:new"]])


def test_open_what_is_no_graph(tmp_path):
    def message(path):
        with pytest.raises(GraphError) as error:
            LadybugStore(path)
        return str(error.value)

    missing, text, empty, newer = (tmp_path / name for name in ("missing", "text", "empty", "newer"))
    text.write_text("hello")
    empty.touch()
    write({}, {}, newer)
    content = bytearray(newer.read_bytes())
    content[4:5] = bytes([200])
    newer.write_bytes(content)
    version = ladybug.Database.get_storage_version()

    assert message(missing) == f"no graph database at {missing}; make one with: kg build INPUT… -o {tmp_path}"
    assert message(tmp_path) == f"no graph database at {tmp_path}; make one with: kg build INPUT… -o {tmp_path.parent}"
    assert message(empty) == f"{empty} is empty, not a graph database; build the graph again"
    assert message(text) == (
        f"{text} cannot be read: Unable to open database. The file is not a valid Lbug database file!; "
        "build the graph again"
    )
    assert message(newer) == (
        f"{newer} has Ladybug's storage version 200, and the one installed reads {version}; pip install -U ladybug"
    )


def test_open_what_another_process_writes(tmp_path):
    path = tmp_path / "graph.lbug"
    write({}, {}, path)
    hold = f"import ladybug; d = ladybug.Database({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout and writer.stdout.readline() == "open\n"
        with pytest.raises(GraphError) as error:
            LadybugStore(path, write=True)
        assert str(error.value) == (
            f"process {writer.pid} is writing to {path}; wait until it ends, or open the graph for reading only"
        )
        LadybugStore(path).close()


def test_many_graphs_at_once(path):
    stores = [LadybugStore(path) for _ in range(20)]
    assert [s.query("RETURN 1").rows for s in stores] == [[[1]]] * 20
    for store in stores:
        store.close()


def test_interrupt(store):
    def press_ctrl_c():
        time.sleep(0.3)
        os.kill(os.getpid(), SIGINT)

    threading.Thread(target=press_ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        store.query("UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN sum((a * b) % 7)")
    assert store.query("RETURN 1").rows == [[1]]

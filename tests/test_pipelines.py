"""Declared pipelines: what a file may say, what is wrong with one, what it would do, and what it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import kg
from kg import pipelines
from kg.engines import EngineName
from kg.errors import PipelineError, UnknownNameError
from kg.sources import READERS, Source

ROOT = Path(__file__).parent.parent
KG = str(Path(sys.executable).with_name("kg"))
PAPERS = (
    '{"title": "Otter: Gated Filters", "abstract": "We propose OtterNet, a gated filter. OtterNet beats ResNet-50.",'
    ' "published": "2026-01-01"}\n'
    '{"title": "Herons", "abstract": "We use OtterNet for image classification on ImageNet.",'
    ' "published": "2026-02-01"}\n'
)
LEAST = """
[[source]]
paths = ["papers.jsonl"]

[graph]
folder = "out"
"""
FULL = """
title = "Everything at once"
engine = "local"
processes = 2

[[source]]
paths = ["papers.jsonl", "more/"]

[[source]]
paths = ["*.jsonl"]
reader = "jsonl"
since = 2026-01-15
until = 2026-12-31
limit = 1000

[extraction]
min_confidence = 0.5

[resolution]
names = "names"

[graph]
folder = "graphs/full"

[neo4j]
address = "neo4j://localhost:7687"
prune = true

[[html]]
path = "pages/otter.html"
around = "OtterNet"
depth = 2
labels = ["Method", "Task"]
since = 2026-01-01
top = 50

[[html]]
path = "pages/used.html"
query = "MATCH (p:Paper)-[r:USES]->(m:Method {name: $name}) RETURN p, r, m"
parameters = { name = "OtterNet" }

[report]
path = "pages/report.html"

[[export]]
format = "neo4j-csv"
path = "import"
"""
KEYS = "title, engine, processes, source, extraction, resolution, graph, neo4j, html, report, export"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to be in, with two papers, names, and another folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers.jsonl").write_text(PAPERS)
    (tmp_path / "names").mkdir()
    (tmp_path / "names/methods_named.tsv").write_text("name\tnamed\taliases\nOtterNet\ttrue\tOtter|Otters\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/papers.jsonl").write_text(PAPERS)
    (tmp_path / "empty").mkdir()
    return tmp_path


def declared(text, **options):
    Path("a.toml").write_text(text)
    return pipelines.load("a.toml", **options)


def problems(text):
    with pytest.raises(PipelineError) as error:
        declared(text)
    lines = str(error.value).splitlines()
    assert all(line.startswith("a.toml: ") for line in lines)
    return [line.removeprefix("a.toml: ") for line in lines]


def kg_run(*arguments, cwd=None, **environment):
    """`kg run ARGUMENTS` with these variables in its environment: exit code, standard output, standard error."""
    done = subprocess.run(
        [KG, "run", *arguments], cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


# What a file says


def test_the_least_and_its_defaults(here):
    pipeline = declared(LEAST)
    assert (pipeline.title, pipeline.engine, pipeline.processes) == ("", "local", None)
    assert pipeline.extraction.min_confidence == 0.0
    assert list(pipeline.outputs()) == []
    assert [source.source() for source in pipeline.source] == [Source(("papers.jsonl",))]


def test_everything_that_can_be_said(here):
    pipeline = declared(FULL)
    assert [source.source() for source in pipeline.source] == [
        Source(("papers.jsonl", "more/")),
        Source(("*.jsonl",), "jsonl", date(2026, 1, 15), date(2026, 12, 31), 1000),
    ]
    assert pipelines.plan(pipeline).rows == [
        ["read", "papers.jsonl", "1 file of 255 B, reader by content"],
        ["read", "more/", "1 file of 255 B, reader by content"],
        [
            "read",
            "*.jsonl",
            "1 file of 255 B, reader jsonl, since 2026-01-15, until 2026-12-31, at most 1,000 papers",
        ],
        ["extract", "the shipped model", "2 processes"],
        ["resolve", "names", "facts of confidence 0.5 and more"],
        ["store", "graphs/full", "a new graph"],
        ["neo4j", "neo4j://localhost:7687", "brings the server up to date, deletes what the graph no longer has"],
        [
            "html[0]",
            "pages/otter.html",
            "page: up to 2 edges from OtterNet, only Method, Task, papers since 2026-01-01, at most 50 nodes",
        ],
        ["html[1]", "pages/used.html", "page: what a query returns, at most 10,000 nodes"],
        ["report", "pages/report.html", "page of plots"],
        ["export[0]", "import", "neo4j-csv"],
    ]


def test_variables_of_the_environment_stand_in_any_text(here, monkeypatch):
    text = """
        [[source]]
        paths = ["${LISTING}.jsonl"]
        since = "${SINCE:-2026-01-02}"
        [graph]
        folder = "${GRAPHS:-graphs}/${LISTING}-${EMPTY:-none}"
    """
    monkeypatch.setenv("LISTING", "papers")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("GRAPHS", raising=False)
    pipeline = declared(text)
    assert pipeline.source[0].source() == Source(("papers.jsonl",), since=date(2026, 1, 2))
    assert pipeline.graph.folder == "graphs/papers-none"
    monkeypatch.setenv("GRAPHS", "/elsewhere")
    assert declared(text).graph.folder == "/elsewhere/papers-none"


def test_an_option_takes_the_place_of_what_the_file_says(here):
    assert declared(FULL, processes=7).processes == 7
    assert declared("engine = 'sprak'\n" + LEAST, engine=EngineName.local).engine == "local"


# What is wrong with a file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source = \n", "line 1, column 10: not TOML: invalid value"),
        ("title = 1\ntitle = 2\n", "line 2, column 10: not TOML: cannot overwrite a value"),
        (LEAST + "[html", "at its end: not TOML: expected ']' at the end of a table declaration"),
        ("titel = 'x'\n" + LEAST, "no key titel; did you mean title?"),
        (LEAST + "colour = 'red'\n", "graph: no key colour; there are folder"),
        ("zzz = 1\n" + LEAST, f"no key zzz; there are {KEYS}"),
        ("title = 1\n" + LEAST, "title: must be a text, not 1"),
        ("engine = 'sprak'\n" + LEAST, "engine: must be \"local\" or \"spark\", not 'sprak'"),
        ("processes = 0\n" + LEAST, "processes: must be a whole number of at least 1, not 0"),
        ("processes = '4'\n" + LEAST, "processes: must be a whole number of at least 1, not '4'"),
        ("processes = true\n" + LEAST, "processes: must be a whole number of at least 1, not true"),
        ("html = 'page.html'\n" + LEAST, "html: write [[html]], once for each"),
        (LEAST + "[[report]]\npath = 'x'\n", "report: write [report], once"),
        (LEAST.replace("paths", "path"), "source[0]: no key path; did you mean paths?|source[0]: needs paths"),
        (
            LEAST.replace('["papers.jsonl"]', "'papers.jsonl'"),
            "source[0].paths: must be a list of texts such as [\"a\", \"b\"], not 'papers.jsonl'",
        ),
        (
            LEAST.replace('["papers.jsonl"]', "[]"),
            'source[0].paths: must be a list of texts such as ["a", "b"], not []',
        ),
        (LEAST.replace("papers.jsonl", "paper.jsonl"), "source[0].paths[0]: paper.jsonl: no such file or folder"),
        (LEAST.replace("papers.jsonl", "*.txt"), "source[0].paths[0]: *.txt: no file matches"),
        (LEAST.replace("papers.jsonl", "empty"), "source[0].paths[0]: empty: a folder without files"),
        (
            LEAST.replace("papers.jsonl", "${KG_NO_SUCH}/a"),
            "source[0].paths[0]: KG_NO_SUCH is not set in the environment",
        ),
        (
            LEAST.replace("papers.jsonl", "${A-B}"),
            "source[0].paths[0]: cannot read ${A-B}; write ${NAME} or ${NAME:-default}",
        ),
        (
            LEAST.replace("papers.jsonl", "${A"),
            "source[0].paths[0]: cannot read ${A; write ${NAME} or ${NAME:-default}",
        ),
        (
            LEAST.replace("paths", "reader = 'lising'\npaths"),
            "source[0].reader: no reader is called 'lising'; did you mean listing?",
        ),
        (
            LEAST.replace("paths", "reader = 'docx'\npaths"),
            f"source[0].reader: no reader is called 'docx'; there are {', '.join(sorted(READERS))}",
        ),
        (
            LEAST.replace("paths", "since = 'January'\npaths"),
            "source[0].since: must be a day such as 2026-01-31, not 'January'",
        ),
        (
            LEAST.replace("paths", "since = 2026-02-01\nuntil = 2026-01-31\npaths"),
            "source[0].until: 2026-01-31 is before since, 2026-02-01",
        ),
        (LEAST.replace("paths", "limit = 0\npaths"), "source[0].limit: must be a whole number of at least 1, not 0"),
        (
            LEAST + "[extraction]\nmodel = 'empty'\n",
            "extraction.model: empty: holds no model; `kg train` makes one",
        ),
        (
            LEAST + "[extraction]\nmin_confidence = 50\n",
            "extraction.min_confidence: must be a number from 0 to 1, not 50",
        ),
        (
            LEAST + "[resolution]\nnames = 'ours'\n",
            "resolution.names: ours: no lexicon in it; it takes benchmarks.tsv, datasets.tsv, methods_generic.tsv, "
            "methods_named.tsv, metrics.tsv, tasks.tsv",
        ),
        (LEAST.replace("[graph]\nfolder = \"out\"", ""), "needs [graph]"),
        (LEAST.replace('"out"', '""'), "graph.folder: must be a text that is not empty, not ''"),
        (
            LEAST.replace('"out"', '"more"'),
            "graph.folder: more: holds something other than a graph; choose an empty or a new folder",
        ),
        (LEAST.replace('"out"', '"papers.jsonl"'), "graph.folder: papers.jsonl: is a file; choose a folder"),
        (LEAST.replace('"out"', '"papers.jsonl/out"'), "graph.folder: papers.jsonl/out: HERE/papers.jsonl is a file"),
        (
            LEAST + "[neo4j]\naddress = 'localhost:7687'\n",
            "neo4j.address: localhost:7687: a Neo4j address is neo4j://HOST:7687 or bolt://HOST:7687;"
            " neo4j+s:// for TLS",
        ),
        (
            LEAST + "[neo4j]\naddress = 'bolt://neo4j:secret@localhost'\n",
            "neo4j.address: a password in the address shows in lists of processes;"
            " set NEO4J_USERNAME and NEO4J_PASSWORD",
        ),
        (LEAST + "[neo4j]\naddress = 'bolt://a'\nprune = 1\n", "neo4j.prune: must be true or false, not 1"),
        (LEAST + "[[html]]\npath = 'more'\n", "html[0].path: more: is a folder; name a file"),
        (
            LEAST + "[[html]]\npath = 'papers.jsonl/page.html'\n",
            "html[0].path: papers.jsonl/page.html: HERE/papers.jsonl is a file",
        ),
        (LEAST + "[[html]]\naround = 'A'\n", "html[0]: needs path"),
        (
            LEAST + "[[html]]\npath = 'p'\naround = 'A'\nquery = 'MATCH (n) RETURN n'\n",
            "html[0]: give around or query, not both",
        ),
        (LEAST + "[[html]]\npath = 'p'\ndepth = 2\n", "html[0].depth: needs around"),
        (LEAST + "[[html]]\npath = 'p'\nquery = ' '\n", "html[0].query: the query is empty"),
        (LEAST + "[[html]]\npath = 'p'\nquery = 'RETURN $nam'\n", "html[0].parameters: no value for $nam"),
        (
            LEAST + "[[html]]\npath = 'p'\nquery = 'RETURN $name'\nparameters = {name = 1, nam = 2}\n",
            "html[0].parameters: the query has no parameter $nam; did you mean name?",
        ),
        (LEAST + "[[html]]\npath = 'p'\nparameters = {a = 1}\n", "html[0].parameters: needs query"),
        (
            LEAST + "[[html]]\npath = 'p'\nlabels = ['Task', 'Metod']\n",
            "html[0].labels[1]: no label is called 'Metod'; did you mean Method?",
        ),
        (LEAST + "[report]\npath = 'out'\n", "report.path: out: graph goes there, too"),
        (
            LEAST + "[[html]]\npath = 'p'\n[[html]]\npath = './p'\n",
            "html[1].path: ./p: html[0] goes there, too",
        ),
        (
            LEAST + "[[export]]\nformat = 'graphm'\npath = 'g'\n",
            "export[0].format: no format is called 'graphm'; did you mean graphml?",
        ),
        (LEAST + "[[export]]\nformat = 'gexf'\npath = 'more'\n", "export[0].path: more: is a folder; name a file"),
        (
            LEAST + "[[export]]\nformat = 'parquet'\npath = 'papers.jsonl'\n",
            "export[0].path: papers.jsonl: is a file; parquet is a folder",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_run(here, text, message):
    assert "|".join(problems(text)) == message.replace("HERE", str(here))
    assert sorted(path.name for path in here.iterdir()) == ["a.toml", "empty", "more", "names", "papers.jsonl"]


def test_all_problems_are_told(here):
    text = "engin = 'spark'\nprocesses = 0\n[[source]]\npaths = ['gone.txt', '*.pdf']\nreader = 'PDF'\n[report]\n"
    assert problems(text) == [
        "no key engin; did you mean engine?",
        "processes: must be a whole number of at least 1, not 0",
        "source[0].paths[0]: gone.txt: no such file or folder",
        "source[0].paths[1]: *.pdf: no file matches",
        "source[0].reader: no reader is called 'PDF'; did you mean pdf?",
        "needs [graph]",
        "report: needs path",
    ]


def test_files_that_are_none(here):
    with pytest.raises(PipelineError, match=r"^gone\.toml: cannot be read: No such file or directory$"):
        pipelines.load("gone.toml")
    Path("bytes.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(PipelineError, match=r"^bytes\.toml: not a text in UTF-8$"):
        pipelines.load("bytes.toml")


# Which pipelines there are


def test_a_pipeline_here_comes_before_a_shipped_one(here):
    shipped = ROOT / "pipelines"
    assert pipelines.find("nightly") == shipped / "nightly.toml"
    Path("pipelines").mkdir()
    Path("pipelines/nightly.toml").write_text("title = 'Ours'\n" + LEAST)
    Path("pipelines/broken.toml").write_text("title =\n")
    assert pipelines.find("nightly") == Path("pipelines/nightly.toml")
    titles = {row[0]: row[1:] for row in pipelines.listed().rows}
    assert list(titles) == ["arxiv", "broken", "nightly", "report"]
    assert titles["nightly"] == ["Ours", "pipelines/nightly.toml"]
    assert titles["broken"] == [None, "pipelines/broken.toml"]
    assert titles["report"][1] == str(shipped / "report.toml")


def test_a_name_that_no_pipeline_has(here):
    with pytest.raises(UnknownNameError) as error:
        pipelines.find("nighty")
    assert str(error.value) == "no pipeline is named nighty; did you mean nightly?"
    with pytest.raises(UnknownNameError, match=r"^no pipeline is named zzz; kg run --list lists them$"):
        pipelines.find("zzz")
    assert pipelines.find("zzz.toml") == Path("zzz.toml")


# Runs


def test_a_run_builds_the_graph_and_makes_every_output(here):
    text = FULL.replace('[neo4j]\naddress = "neo4j://localhost:7687"\nprune = true\n', "")
    with pipelines.run(declared(text)) as graph:
        assert graph.folder == Path("graphs/full")
        assert graph.query("MATCH (p:Paper) RETURN p.title ORDER BY p.title").rows == [
            ["Herons"],
            ["Otter: Gated Filters"],
        ]
    assert sorted(path.name for path in Path("pages").iterdir()) == ["otter.html", "report.html", "used.html"]
    assert Path("import/nodes").is_dir() or any(Path("import").rglob("*.csv"))


def test_papers_that_a_source_leaves_out_are_not_in_the_graph(here):
    text = LEAST.replace("paths", "since = 2026-01-15\npaths")
    with pipelines.run(declared(text)) as graph:
        assert graph.query("MATCH (p:Paper) RETURN p.title").rows == [["Herons"]]


def test_an_output_that_fails_keeps_no_other_from_being_made(here):
    text = LEAST + (
        "[neo4j]\naddress = 'bolt://127.0.0.1:1'\n[[html]]\npath = 'a.html'\naround = 'Nobody'\n"
        "[[html]]\npath = 'b.html'\n[report]\npath = 'report.html'\n"
    )
    pipeline = declared(text)
    with pytest.raises(PipelineError) as error:
        pipelines.run(pipeline)
    server, page = error.value.problems
    assert server.startswith("neo4j: no Neo4j server answers at bolt://127.0.0.1:1; ")
    assert page == "html[0]: no paper or entity is called 'Nobody'"
    assert (Path("b.html").exists(), Path("report.html").exists(), Path("a.html").exists()) == (True, True, False)
    assert kg.Graph("out").manifest()["papers"] == 2

    code, out, told = kg_run("a.toml")
    assert (code, out) == (2, "")
    lines = told.splitlines()
    assert lines[0].startswith("nothing has changed since the run ")
    assert lines[1].startswith("kg: neo4j: no Neo4j server answers at bolt://127.0.0.1:1; ")
    assert lines[2:] == [
        "kg: html[0]: no paper or entity is called 'Nobody'",
        "kg: wrote b.html",
        "kg: wrote report.html",
    ]


def test_a_server_is_brought_up_to_date(here, neo4j):
    pipeline = declared(LEAST + f"[neo4j]\naddress = '{neo4j.uri}'\nprune = true\n")
    with pipelines.run(pipeline) as graph, kg.Graph(neo4j.uri) as server:
        assert server.stats() == graph.stats()


# The command


def test_kg_run_prints_what_kg_build_prints_and_tells_of_outputs(here):
    Path("a.toml").write_text(LEAST + "[[html]]\npath = 'pages/a.html'\ntop = 2\n")
    code, out, told = kg_run("a.toml", "--processes", "1")
    assert (code, out) == (0, "")
    *_, summary, cut, wrote = told.splitlines()
    assert summary.startswith("2 entries read, 2 papers (0 known), 0 errors, in ")
    assert cut.startswith("kg: pages/a.html: ")
    assert cut.endswith(" nodes are drawn: the best connected; top = N draws more or fewer")
    assert wrote == "kg: wrote pages/a.html"


def test_papers_that_failed_are_listed_and_the_exit_code_is_1(here):
    Path("papers.jsonl").write_text(PAPERS + '{"title": "Cut o\n')
    Path("a.toml").write_text(LEAST + "[report]\npath = 'report.html'\n")
    code, _, told = kg_run("a.toml")
    assert code == 1
    assert "kg: skipped papers.jsonl:3: " in told
    assert told.endswith("kg: wrote report.html\n")


def test_a_dry_run_shows_the_plan_and_writes_nothing(here):
    Path("a.toml").write_text(LEAST + "[[export]]\nformat = 'graphml'\npath = 'g/graph.xml'\n")
    before = sorted(here.rglob("*"))
    code, out, told = kg_run("a.toml", "--dry-run", "--processes", "3")
    assert (code, told) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [
        {"step": "read", "what": "papers.jsonl", "how": "1 file of 255 B, reader by content"},
        {"step": "extract", "what": "the shipped model", "how": "3 processes"},
        {"step": "resolve", "what": "the shipped names", "how": "all facts"},
        {"step": "store", "what": "out", "how": "a new graph"},
        {"step": "export[0]", "what": "g/graph.xml", "how": "graphml"},
    ]
    assert sorted(here.rglob("*")) == before


def test_problems_are_told_one_a_line(here):
    Path("a.toml").write_text(LEAST.replace("papers", "paper") + "[report]\n")
    for options in ([], ["--dry-run"]):
        assert kg_run("a.toml", *options) == (
            2,
            "",
            "kg: a.toml: source[0].paths[0]: paper.jsonl: no such file or folder\nkg: a.toml: report: needs path\n",
        )
    assert kg_run() == (2, "", "kg: name the pipeline to run; kg run --list lists them; see: kg run --help\n")
    assert kg_run("nightlyy") == (2, "", "kg: no pipeline is named nightlyy; did you mean nightly?\n")


# The shipped ones


def test_the_shipped_pipelines_are_listed():
    code, out, _ = kg_run("--list", "--format", "csv", cwd=ROOT)
    assert (code, out) == (
        0,
        "name,title,path\n"
        'arxiv,"A full arXiv corpus: graph, report, and files for Neo4j\'s bulk importer",pipelines/arxiv.toml\n'
        'nightly,"Listing pages into one growing graph, with a page of what is new",pipelines/nightly.toml\n'
        'report,"A one-off report: plots, a page to explore, and a file for Gephi",pipelines/report.toml\n',
    )


@pytest.mark.parametrize(
    ("name", "environment", "made"),
    [
        ("report", {}, ["explore.html", "report", "report.gexf", "report.html"]),
        ("nightly", {"LISTINGS": "examples/daily_papers.txt"}, ["new.html", "nightly"]),
        (
            "arxiv",
            {"CORPUS": "examples/arxiv.jsonl"},
            ["arxiv", "arxiv-import", "arxiv-report.html", "arxiv.html"],
        ),
    ],
)
def test_a_shipped_pipeline_runs_from_the_root_of_the_repository(tmp_path, name, environment, made):
    code, out, told = kg_run(name, cwd=ROOT, GRAPHS=str(tmp_path), **environment)
    assert (code, out) == (0, ""), told
    assert sorted(path.name for path in tmp_path.iterdir()) == made
    with kg.Graph(tmp_path / name) as graph:
        assert graph.manifest()["papers"] > 5


def test_the_corpus_of_the_arxiv_pipeline_is_named_by_the_environment():
    environment = {name: value for name, value in os.environ.items() if name != "CORPUS"}
    done = subprocess.run(
        [KG, "run", "arxiv", "--dry-run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "kg: pipelines/arxiv.toml: source[0].paths[0]: CORPUS is not set in the environment\n",
    )

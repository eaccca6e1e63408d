"""The command line as people meet it: the `kg` program in a process of its own, in a folder with the examples."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from filelock import FileLock

import kg
from kg.cli import app
from kg.sources import merge, read
from kg.stores.ladybug import LadybugStore

EXAMPLES = Path(__file__).parent.parent / "examples"
KG = [str(Path(sys.executable).with_name("kg"))]
COMMANDS = typer.main.get_command(app).commands
TOP_METHODS = "MATCH (m:Method) RETURN m.name AS name, m.papers AS papers ORDER BY papers DESC, name LIMIT 2"


def run(folder: Path, *arguments: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """`kg ARGUMENTS` in `folder`, without a terminal."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([*KG, *arguments], cwd=folder, input=data, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def refused(folder: Path, *arguments: str, stdin: str | bytes = "") -> str:
    """What `kg ARGUMENTS` says before it exits with code 2, having printed nothing else."""
    done = run(folder, *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with `examples`, the graph `out` and the facts of them, and `gold.jsonl`."""
    folder = tmp_path_factory.mktemp("cli")
    shutil.copytree(EXAMPLES, folder / "examples")
    assert run(folder, "build", "examples/", "-o", "out").returncode == 0
    assert run(folder, "extract", "examples/", "-o", "facts.jsonl").returncode == 0
    abstracts = {paper.id: paper.abstract for paper in merge(read([EXAMPLES]))}
    gold = [record | {"abstract": abstracts[record["id"]]} for record in records(folder / "facts.jsonl")]
    (folder / "gold.jsonl").write_text("".join(json.dumps(paper) + "\n" for paper in gold))
    return folder


@pytest.fixture
def place(made, tmp_path):
    """A copy of it that the test may change."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def records(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


# Help


def test_the_commands_are_those_of_the_documentation():
    assert list(COMMANDS) == [
        "build", "extract", "query", "queries", "show", "stats", "html", "report", "load", "export", "run",
        "evaluate", "train"
    ]  # fmt: skip


def example(name, place):
    """The arguments of the example in a command's help."""
    command, *arguments = shlex.split(run(place, name, "--help").stdout.rpartition("Example: ")[2])
    assert (command, arguments[0]) == ("kg", name)
    return arguments


@pytest.mark.parametrize("name", COMMANDS)
def test_help_describes_everything(name, place):
    done = run(place, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    shown = " ".join(done.stdout.split())
    assert COMMANDS[name].help in shown
    for parameter in COMMANDS[name].params:
        assert parameter.help, parameter.name
        assert " ".join(parameter.help.split()) in shown
    assert example(name, place)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"train", "load"}))  # which have tests of their own
def test_the_example_of_a_command_works(name, place):
    ran = run(place, *example(name, place))
    assert ran.returncode == 0, ran.stderr


def test_without_arguments_kg_lists_its_commands(tmp_path):
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed if line] == list(COMMANDS)


def test_version(tmp_path):
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"kg {kg.__version__}\n")


def test_python_m_kg_is_the_same_program(tmp_path):
    done = subprocess.run([sys.executable, "-m", "kg", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"kg {kg.__version__}\n"


# What the commands do


def test_build_tells_json_where_wanted(place):
    (place / "more.jsonl").write_text("{}\n" + json.dumps({"title": "Otters", "abstract": "We use OtterNet."}) + "\n")
    done = run(place, "build", "more.jsonl", "-o", "new", "--json-log")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout) == (1, "")
    assert [line["message"] for line in told] == [
        "stage begun", "stage done", "stage begun", "extracted", "stage done", "stage begun", "stage done",
        "stage begun", "stage done", "built", "skipped more.jsonl:1: no title",
    ]  # fmt: skip
    assert told[3].items() >= {"level": "INFO", "papers": 1, "failed": 0}.items()
    assert told[-2]["manifest"] == json.loads((place / "new/run.json").read_text())
    assert all(line["time"] for line in told)
    [error] = run(place, "build", "nowhere", "-o", "new", "--json-log").stderr.splitlines()[1:]
    assert json.loads(error).items() >= {"level": "ERROR", "message": "nowhere: no such file or folder"}.items()


def test_build_tells_what_it_counted(place):
    done = run(place, "build", "examples/", "-o", "new/graph")
    *counts, summary = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (0, "")
    assert "       40  Paper" in counts
    assert summary.startswith("42 entries read, 40 papers (0 known), 0 errors, in ")
    assert summary.endswith(": new/graph")
    assert {p.name for p in (place / "new/graph").iterdir()} >= {
        "graph.lbug",
        "nodes",
        "edges",
        "errors.jsonl",
        "run.json",
    }


def test_build_reads_standard_input_and_a_chosen_reader(tmp_path):
    page = '{"title": "Teal: A Wader", "abstract": "We propose Teal, a method that wades."}'
    assert run(tmp_path, "build", "-", "--reader", "jsonl", "-o", "out", stdin=page).returncode == 0
    assert run(tmp_path, "query", "out", "MATCH (p:Paper) RETURN p.title, p.sources").stdout == (
        '{"p.title": "Teal: A Wader", "p.sources": ["stdin:1"]}\n'
    )


def test_extract_keeps_the_contract(made):
    papers = {paper.id: paper for paper in merge(read([EXAMPLES]))}
    facts = records(made / "facts.jsonl")
    assert [record["id"] for record in facts] == list(papers)
    mentions = 0
    for record in facts:
        paper = papers[record["id"]]
        assert list(record) == ["id", "title", "entities", "links", "relations", "evidence"]
        for entity in record["entities"]:
            assert entity["surfaces"] == list(dict.fromkeys(m["text"] for m in entity["mentions"]))
            for mention in entity["mentions"]:
                mentions += 1
                assert getattr(paper, mention["field"])[mention["start"] : mention["end"]] == mention["text"]
        for link in record["links"]:
            assert getattr(paper, link["field"])[link["start"] : link["end"]] == link["surface"]
        names = {entity["name"] for entity in record["entities"]}
        assert all({subject, object_} <= names for subject, _, object_ in record["relations"])
        assert len(record["evidence"]) == len(record["relations"])
    assert mentions > 300


def test_nothing_is_kept_beside_the_output(made, tmp_path):
    """No caches, and no telemetry of a library: that writes a device's id and what it has not sent yet."""
    home = tmp_path / "home"
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "XDG_CACHE_HOME")} | {"HOME": str(home)}
    arguments = ["extract", "examples/daily_papers.txt", "-o", str(tmp_path / "facts.jsonl")]
    subprocess.run([*KG, *arguments], cwd=made, env=environment, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["facts.jsonl"]


def test_extract_twice_gives_the_same_bytes(made):
    again = run(made, "extract", "examples/")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == (made / "facts.jsonl").read_text()


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (
            "jsonl",
            '{"name": "A", "list": ["x", "y"], "nil": null}\n{"name": "B, \\"b\\"", "list": ["x", "y"], "nil": null}\n',
        ),
        (
            "json",
            '[\n {\n  "name": "A",\n  "list": [\n   "x",\n   "y"\n  ],\n  "nil": null\n },\n'
            ' {\n  "name": "B, \\"b\\"",\n  "list": [\n   "x",\n   "y"\n  ],\n  "nil": null\n }\n]\n',
        ),
        ("csv", 'name,list,nil\nA,x; y,\n"B, ""b""",x; y,\n'),
    ],
)
def test_formats(made, format, expected):
    cypher = """UNWIND ['A', 'B, "b"'] AS name
        RETURN name, ['x', 'y'] AS list, null AS nil"""
    done = run(made, "query", "out", cypher, "--format", format)
    assert (done.stdout, done.stderr) == (expected, "")


def test_a_table_has_its_columns_and_counts_its_rows(made):
    done = run(made, "query", "out", "UNWIND [7, 10] AS n RETURN n AS number, 'row' AS text", "--format", "table")
    head, rule, *rows, count = done.stdout.splitlines()
    assert (head.split(), [row.split() for row in rows], count) == (
        ["number", "text"],
        [["7", "row"], ["10", "row"]],
        "2 rows",
    )
    assert set(rule) == {"─"}


def test_query_parameters_are_json_or_text(made):
    cypher = "RETURN $n + 1 AS n, $list AS list, $text AS text"
    done = run(made, "query", "out", cypher, "-p", "n=41", "-p", 'list=["a"]', "--param", "text=a=b")
    assert done.stdout == '{"n": 42, "list": ["a"], "text": "a=b"}\n'


def test_query_from_standard_input(made):
    assert run(made, "query", "out", "-", stdin="RETURN 1 AS one\n").stdout == '{"one": 1}\n'


def test_query_writes_only_when_told(place):
    change = "MATCH (m:Method {name: 'LoRA'}) SET m.named = false"
    assert refused(place, "query", "out", change) == (
        "kg: the query writes, and the graph is open for reading only; to write, use --write\n"
    )
    assert run(place, "query", "out", change, "--write").returncode == 0
    assert run(place, "query", "out", "MATCH (m:Method {name: 'LoRA'}) RETURN m.named").stdout == '{"m.named": false}\n'


def test_queries_lists_the_library(tmp_path):
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "queries", "--format", "csv").stdout)))
    assert [row["name"] for row in rows] == [*kg.queries.load()]


def test_queries_runs_one_by_name(made):
    done = run(made, "queries", "out", "most-used-methods", "-p", "limit=2", "--format", "csv")
    assert done.stdout.splitlines()[0] == ",".join(kg.queries.find("most-used-methods").columns)
    assert len(done.stdout.splitlines()) == 3


def test_show_gives_every_fact_its_sentence(made):
    done = run(made, "show", "out", "lora")
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert facts
    assert all(fact["evidence"] for fact in facts)


def test_stats_counts_the_tables(made):
    rows = [json.loads(line) for line in run(made, "stats", "out").stdout.splitlines()]
    assert rows[0] == {"kind": "node", "name": "Paper", "count": 40}
    assert [row["name"] for row in rows] == [*kg.schema.NODES, *kg.schema.EDGES]


def test_html_around_a_name(place):
    assert run(place, "html", "out", "-o", "page.html", "--around", "LoRA").stderr == "kg: wrote page.html\n"
    page = (place / "page.html").read_text()
    assert '"name": "LoRA' in page
    assert '"name": "LarkASR' not in page


def names(page):
    """The names of the nodes in a page."""
    data = page.read_text().split('id="data">', 1)[1].split("</script>", 1)[0]
    return [node["name"] for node in json.loads(data)["nodes"]]


def test_html_of_a_part(place):
    def page(*options):
        done = run(place, "html", "out", "-o", "page.html", *options)
        assert done.returncode == 0
        return done.stderr, names(place / "page.html")

    _, methods = page("--label", "Method", "--since", "2025-06")
    assert 0 < len(methods) < len(page("--label", "Method")[1])
    query = "MATCH (a:Method)-[r:OUTPERFORMS]->(b:Method) WHERE b.name = $name RETURN a, r, b"
    assert "Mamba-2" in page("--query", query, "-p", "name=Mamba-2")[1]
    stderr, top = page("--top", "30")
    assert len(top) <= 30
    assert "nodes are drawn: the best connected; --top N draws more or fewer\n" in stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--label", "Metod"], "kg: no label Metod; did you mean Method?\n"),
        (["--around", "LoRA", "--query", "MATCH (n) RETURN n"], "kg: give --around or --query, not both; see: kg html"),
        (["--depth", "2"], "kg: --depth needs --around; see: kg html"),
        (["-p", "a=1"], "kg: -p needs --query; see: kg html"),
        (["--query", "MATCH (m:Method) RETURN m.name"], "kg: the query returns no node to draw; RETURN the nodes"),
        (["--since", "2999"], "kg: nothing is left to draw; ask for a larger part of the graph\n"),
        (["--around", "LoRA", "--since", "2999"], "kg: LoRA has no paper since 2999-01-01\n"),
    ],
)
def test_a_part_that_cannot_be_drawn(place, options, message):
    assert refused(place, "html", "out", "-o", "page.html", *options).startswith(message)


def test_evaluate_facts_against_themselves(made):
    done = run(made, "evaluate", "gold.jsonl", "--predicted", "facts.jsonl")
    assert {(row["precision"], row["recall"]) for row in map(json.loads, done.stdout.splitlines()) if row["gold"]} == {
        (1.0, 1.0)
    }


# Broken records: listed, and the others are read


def test_a_broken_line_is_reported_with_its_number(tmp_path):
    (tmp_path / "papers.jsonl").write_text(
        '{"title": "Teal: A Wader", "abstract": "We propose Teal, a method that wades."}\n'
        '{"title": "Cut o\n'
        '{"title": "Knot: A Rope", "abstract": "We propose Knot, a method that ties."}\n'
    )
    done = run(tmp_path, "build", "papers.jsonl", "-o", "out")
    assert done.returncode == 1
    assert "2 entries read, 2 papers (0 known), 1 errors, in " in done.stderr
    [error] = records(tmp_path / "out/errors.jsonl")
    assert error["place"] == "papers.jsonl:2"
    assert done.stderr.splitlines()[-1] == f"kg: skipped papers.jsonl:2: {error['reason']}"

    done = run(tmp_path, "extract", "papers.jsonl")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)
    assert done.stderr.startswith("kg: skipped papers.jsonl:2: ")
    assert done.stderr.count("\n") == 1


def test_a_title_without_abstract_is_reported_with_its_line(tmp_path):
    (tmp_path / "page.txt").write_text(
        "Daily Papers\n\nTeal: A Wader\n\n"
        "We propose Teal, a method that wades through long text. It does better than Stork on every pond of it.\n\n"
        "  • 2 authors\n·\nNov 15, 2023\n\nA Title Alone\n\n  • 3 authors\n·\nNov 15, 2023\n"
    )
    done = run(tmp_path, "extract", "page.txt")
    assert (done.returncode, [json.loads(line)["title"] for line in done.stdout.splitlines()]) == (1, ["Teal: A Wader"])
    assert done.stderr.startswith("kg: skipped page.txt:11: ")


# Bad input: one line, exit code 2


def test_inputs_that_cannot_be_read(tmp_path):
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/notes.txt").write_text("x = 1\n")
    (tmp_path / "unknown.txt").write_text("x = 1\n")

    def said(name: str) -> str:
        message = refused(tmp_path, "build", name, "-o", "out")
        assert message.count("\n") == 1
        assert not (tmp_path / "out").exists()
        return message

    assert said("binary.txt") == ("kg: binary.txt: a binary file; papers are read from UTF-8 text, plain, .gz or .xz\n")
    assert said("empty.jsonl") == "kg: empty.jsonl: an empty file\n"
    assert said("folder").startswith("kg: folder: a folder without papers (folder/notes.txt: unknown format;")
    assert said("unknown.txt").startswith("kg: unknown.txt: unknown format; known are arxiv, atom, bibtex, csv, ")
    assert said("missing.txt") == "kg: missing.txt: no such file or folder\n"
    assert said("*.csv") == "kg: *.csv: no file matches\n"


def test_outputs_that_cannot_be_written(place):
    (place / "file").write_text("mine")
    page = "examples/papers.csv"
    assert refused(place, "build", page, "-o", "examples") == (
        "kg: examples: holds something other than a graph; choose an empty or a new folder\n"
    )
    assert refused(place, "build", page, "-o", "file") == "kg: file: is a file; choose a folder\n"
    assert refused(place, "build", page, "-o", "file/out") == (
        "kg: file/out: cannot be written: Not a directory; the graph before it is untouched\n"
    )
    assert refused(place, "extract", page, "-o", "no/facts.jsonl") == (
        "kg: no/facts.jsonl: cannot be written: No such file or directory\n"
    )
    assert refused(place, "extract", page, "-o", "examples") == "kg: examples: cannot be written: Is a directory\n"
    assert refused(place, "html", "out", "-o", "no/page.html") == (
        "kg: no/page.html: cannot be written: No such file or directory\n"
    )
    assert (place / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk(made):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*KG, "stats", "out"], cwd=made, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "kg: No space left on device\n")


def test_graphs_that_are_not_there(made):
    assert refused(made, "query", "nowhere", "RETURN 1") == (
        "kg: nowhere: no such folder; build a graph with: kg build INPUT -o nowhere\n"
    )
    assert refused(made, "stats", "examples") == (
        "kg: examples: not a graph (it has no graph.lbug); build one with: kg build INPUT -o FOLDER\n"
    )


def test_queries_that_cannot_be_run(made):
    assert refused(made, "query", "out", "MATCH (m:Method RETURN m") == (
        "kg: syntax error in line 1, column 17: unexpected RETURN\n"
        "MATCH (m:Method RETURN m\n"
        "                ^\n"
    )  # fmt: skip
    assert refused(made, "query", "out", "RETURN $n") == "kg: no value for $n; give it with: -p n=VALUE\n"
    assert refused(made, "query", "out", "RETURN 1", "-p", "n") == "kg: -p takes NAME=VALUE, not 'n'\n"
    assert refused(made, "query", "out", "-", stdin=b"RETURN '\xff'") == (
        "kg: standard input is not a Cypher text in UTF-8\n"
    )
    assert refused(made, "queries", "out", "most-used-metods") == (
        "kg: no query is named most-used-metods; did you mean most-used-methods?\n"
    )
    assert refused(made, "queries", "out") == "kg: name the query to run; kg queries lists them\n"


def test_names_that_nothing_has(made):
    assert refused(made, "show", "out", "LarkASRR").startswith(
        "kg: no paper or entity is called 'LarkASRR'; did you mean "
    )
    assert refused(made, "html", "out", "-o", "page.html", "--around", "zzzz") == (
        "kg: no paper or entity is called 'zzzz'\n"
    )


def test_usage_errors(made):
    assert refused(made, "frobnicate") == "kg: No such command 'frobnicate'; see: kg --help\n"
    assert refused(made, "build", "examples") == "kg: Missing option '-o' / '--output'; see: kg build --help\n"
    assert refused(made, "build", "-o", "new") == "kg: Missing argument 'INPUT'; see: kg build --help\n"
    assert refused(made, "stats", "out", "--bogus") == "kg: No such option: --bogus; see: kg stats --help\n"
    assert refused(made, "stats", "out", "--format", "xml") == (
        "kg: Invalid value for '--format' / '-f': 'xml' is not one of 'table', 'json', 'jsonl', 'csv';"
        " see: kg stats --help\n"
    )
    assert refused(made, "build", "examples", "-o", "new", "--reader", "docx").startswith(
        "kg: no reader is called 'docx'"
    )


def test_gold_that_is_none(made):
    assert refused(made, "evaluate", "examples/papers.csv").startswith("kg: examples/papers.csv:1: not JSON: ")
    assert refused(made, "evaluate", "examples/arxiv.jsonl") == (
        "kg: examples/arxiv.jsonl:1: not an annotated paper: needs title, entities, links, relations\n"
    )
    assert refused(made, "evaluate", "nowhere.jsonl").startswith("kg: nowhere.jsonl: cannot be read: ")
    assert refused(made, "evaluate", "out/graph.lbug").startswith("kg: out/graph.lbug: cannot be read: ")


def test_a_graph_that_another_process_writes(place):
    with FileLock(place / "out/.lock"):
        assert refused(place, "build", "examples/papers.csv", "-o", "out") == (
            "kg: out: another run is writing this graph; wait for it or choose another folder\n"
        )
    with LadybugStore(place / "out/graph.lbug", write=True):
        assert refused(place, "query", "out", "RETURN 1", "--write") == (
            f"kg: process {os.getpid()} is writing to out/graph.lbug;"
            " wait until it ends, or open the graph for reading only\n"
        )


# Pipes, terminals, signals


def test_a_reader_that_has_seen_enough(made):
    script = f"set -o pipefail; {KG[0]} query out 'UNWIND range(1, 100000) AS n RETURN n' | head -n 1"
    done = subprocess.run(["bash", "-c", script], cwd=made, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '{"n": 1}\n', "")


def on_terminal(folder: Path, *arguments: str) -> str:
    """What `kg ARGUMENTS` shows on a terminal of 100 columns."""
    terminal, its_end = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([*KG, *arguments], cwd=folder, stdout=its_end, stderr=its_end, env=environment) as process:
        os.close(its_end)
        shown = b"".join(_until_closed(terminal))
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def _until_closed(terminal: int):
    try:
        while data := os.read(terminal, 1 << 16):
            yield data
    except OSError:  # how Linux says that the other end is closed
        os.close(terminal)


def test_progress_on_a_terminal_only(made, tmp_path):
    assert "Extracting" in on_terminal(made, "extract", "examples/", "-o", str(tmp_path / "facts.jsonl"))
    assert run(made, "extract", "examples/", "-o", str(tmp_path / "facts.jsonl")).stderr == ""


def test_a_table_on_a_terminal_json_lines_in_a_pipe(made):
    assert on_terminal(made, "query", "out", "RETURN 1 AS one").rstrip().endswith("1 row\x1b[0m")
    assert run(made, "query", "out", "RETURN 1 AS one").stdout == '{"one": 1}\n'


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """Papers enough for a run of some seconds."""
    path = tmp_path_factory.mktemp("many") / "papers.jsonl"
    sentence = "We propose Teal-{}, a method for bird counting, and evaluate it on ImageNet and GSM8K. "
    path.write_text(
        "".join(
            json.dumps({"title": f"Teal-{n}: Wader Number {n}", "abstract": sentence.format(n) * 8}) + "\n"
            for n in range(2000)
        )
    )
    return path


def interrupt(folder: Path, *arguments: str, number: signal.Signals) -> int:
    """Start `kg ARGUMENTS`, send the signal as soon as it extracts, and return its exit code."""
    terminal, its_end = pty.openpty()
    with subprocess.Popen([*KG, *arguments], cwd=folder, stderr=its_end, stdout=subprocess.DEVNULL) as process:
        os.close(its_end)
        shown, sent = b"", False
        for data in _until_closed(terminal):
            shown += data
            if b"Extracting" in shown and not sent:
                process.send_signal(number)
                sent = True
    assert b"Traceback" not in shown
    return process.returncode


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_build_leaves_the_graph_as_it_was(place, many, number, code):
    assert interrupt(place, "build", str(many), "-o", "out", number=number) == code
    assert run(place, "query", "out", "MATCH (p:Paper) RETURN count(*) AS papers").stdout == '{"papers": 40}\n'
    assert run(place, "build", "examples/papers.csv", "-o", "out").returncode == 0


def test_an_interrupted_extract_leaves_the_file_as_it_was(place, many):
    before = {p.name: p.read_bytes() for p in place.iterdir() if p.is_file()}
    assert interrupt(place, "extract", str(many), "-o", "facts.jsonl", number=signal.SIGINT) == 130
    assert {p.name: p.read_bytes() for p in place.iterdir() if p.is_file()} == before


# A server


READING = [
    ["stats"],
    ["show", "LoRA"],
    ["query", TOP_METHODS],
    ["queries", "most-used-methods", "-p", "limit=5"],
]


def test_commands_read_a_server_as_they_read_a_folder(place, neo4j):
    arguments = example("load", place)
    assert arguments[-1] == "neo4j://localhost"
    loaded = run(place, *arguments[:-1], neo4j.uri)
    assert (loaded.returncode, loaded.stdout) == (0, "")
    for command, *rest in READING:
        there, here = run(place, command, neo4j.uri, *rest), run(place, command, "out", *rest)
        assert (there.returncode, there.stdout, there.stderr) == (0, here.stdout, ""), command
    assert run(place, "html", neo4j.uri, "-o", "there.html").returncode == 0
    assert run(place, "html", "out", "-o", "here.html").returncode == 0
    assert (place / "there.html").read_text() == (place / "here.html").read_text()


def test_load_tells_what_it_made(place, neo4j):
    """Without --to the address is that of the environment."""
    first, again, pruned = run(place, "load", "out"), run(place, "load", "out"), run(place, "load", "out", "--prune")
    counts = [json.loads(line) for line in run(place, "stats", "out").stdout.splitlines()]
    nodes, edges = (sum(row["count"] for row in counts if row["kind"] == kind) for kind in ("node", "edge"))
    told = r"[\d,]+ rows loaded in \S+ s: "
    assert re.fullmatch(rf"{told}{nodes:,} nodes made, {edges:,} relationships made\n", first.stderr)
    assert re.fullmatch(rf"{told}0 nodes made, 0 relationships made\n", again.stderr)
    end = "0 nodes made, 0 relationships made, 0 nodes deleted, 0 relationships deleted\n"
    assert re.fullmatch(told + end, pruned.stderr)


def test_a_query_changes_a_server_only_when_told(place, neo4j):
    query = "CREATE (m:Method {id: 'method:made-up'}) RETURN m.id AS id"
    assert "to write, use --write" in refused(place, "query", neo4j.uri, query)
    assert run(place, "query", neo4j.uri, query, "--write").stdout == '{"id": "method:made-up"}\n'


def test_servers_that_cannot_be_used(place, monkeypatch):
    monkeypatch.delenv("NEO4J_URI", raising=False)
    assert refused(place, "stats", "bolt://127.0.0.1:1").startswith("kg: no Neo4j server answers at bolt://127.0.0.1:1")
    assert refused(place, "load", "out", "--to", "bolt://127.0.0.1:1").startswith("kg: no Neo4j server answers")
    assert refused(place, "load", "out", "--to", "localhost:7687") == (
        "kg: localhost:7687: a Neo4j address is neo4j://HOST:7687 or bolt://HOST:7687; neo4j+s:// for TLS\n"
    )
    assert "Missing option '--to'" in refused(place, "load", "out")
    assert refused(place, "export", "out", "-f", "neo4j", "-o", "x") == (
        "kg: no format neo4j; did you mean neo4j-csv?\n"
    )


def test_export_prints_the_command_that_imports(place):
    done = run(place, "export", "out", "--format", "neo4j-csv", "-o", "import")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, *_ = done.stdout.splitlines()
    assert (first, second) == ("cd import", "neo4j-admin database import full neo4j \\")
    named = re.findall(r"[\w./]+\.csv", done.stdout)
    assert sorted(named) == sorted(str(p.relative_to(place / "import")) for p in (place / "import").rglob("*.csv"))


@pytest.mark.parametrize(
    ("format", "told"),
    [
        ("gexf", "open g.x in Gephi, or\nnetworkx.read_gexf('g.x')\n"),
        ("graphml", "open g.x in Gephi, or\nnetworkx.read_graphml('g.x')\n"),
        ("json-ld", "rdflib.Graph().parse('g.x', format=\"json-ld\")\n"),
        ("node-link", 'networkx.node_link_graph(json.load(open(\'g.x\', encoding="utf-8")), edges="edges")\n'),
        (
            "parquet",
            "cd g.x\nduckdb -c \"SELECT name, papers FROM 'nodes/Method.parquet' ORDER BY papers DESC LIMIT 5\"\n",
        ),
    ],
)
def test_export_tells_how_to_open_what_it_wrote(place, format, told):
    done = run(place, "export", "out", "-f", format, "-o", "g.x")
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")
    assert (place / "g.x").exists()


def test_exports_that_cannot_be_written(place):
    assert refused(place, "export", "out", "-f", "graphml", "-o", "no/g") == (
        "kg: no/g: cannot be written: No such file or directory\n"
    )
    assert refused(place, "export", "out", "-f", "graphml", "-o", "out") == (
        "kg: out: cannot be written: Is a directory\n"
    )
    assert refused(place, "export", "out", "-f", "parquet", "-o", "facts.jsonl") == (
        "kg: facts.jsonl: cannot be written: Not a directory\n"
    )


def test_a_graph_of_an_older_kg_has_no_run(place):
    manifest = place / "out/run.json"
    manifest.write_text(json.dumps({k: v for k, v in json.loads(manifest.read_text()).items() if k != "id"}))
    assert refused(place, "export", "out", "-f", "neo4j-csv", "-o", "x") == (
        "kg: out: an older kg built this graph; build it again\n"
    )

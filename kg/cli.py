"""The command line: parses, calls, prints. Each command is one call of the Python API."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from pythonjsonlogger.json import JsonFormatter
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

import kg
from kg import drafts, pipelines
from kg import evaluate as evaluation
from kg import queries as library
from kg.engines import EngineName
from kg.errors import KgError, PipelineError, QueryError, RecordError
from kg.export import FORMATS
from kg.output import Format, chosen, dumps, print_rows
from kg.stores import Result

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Build a knowledge graph of machine-learning papers and ask it questions.",
)  # fmt: skip
_PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_PROCESSES = min(_PROCESSORS, 4)
_SHOWN = 10  # broken records that a build names on the terminal
_log = logging.getLogger("kg")
_stderr = Console(stderr=True, highlight=False, soft_wrap=True)
# Typer carries a copy of click in some versions and not in others; this class is the one it raises.
_UsageError: Any = typer.BadParameter.__base__

Inputs = Annotated[list[str], typer.Argument(metavar="INPUT", help="Files, folders, globs, or - for standard input.")]
GraphPlace = Annotated[str, typer.Argument(metavar="GRAPH", help="The folder of a built graph, or neo4j://HOST.")]
GraphFolder = Annotated[Path, typer.Argument(metavar="GRAPH", help="The folder of a built graph.")]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="Default: a table on a terminal, else JSON lines."),
]
ParameterOption = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; repeatable.")
]
ReaderOption = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help=f"Read the input as: {', '.join(sorted(kg.sources.READERS))}. Default: by its content.",
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="MODEL", envvar="KG_MODEL", help="A model of your own; see kg train."),
]


def _log_as_json(wanted: bool) -> None:
    """Have all that is told be JSON lines, more of them, and no bar."""
    if wanted:
        handler = logging.StreamHandler()
        handler.setFormatter(
            JsonFormatter(
                "%(levelname)s %(message)s", timestamp=True, json_ensure_ascii=False,
                rename_fields={"timestamp": "time", "levelname": "level"},
            )
        )  # fmt: skip
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)


def _tell(text: str, level: int = logging.INFO) -> None:
    """Say something on standard error."""
    if _log.handlers:
        _log.log(level, text.removeprefix("kg: "))
    else:
        _stderr.print(text, markup=False)


JsonLogOption = Annotated[
    bool, typer.Option("--json-log", callback=_log_as_json, help="Tell how it goes as JSON lines on standard error.")
]


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> str:
        return f"{task.speed:,.0f}/s" if task.speed else ""


def _bar(items: Iterable[Any], description: str, length: int | None) -> Iterator[Any]:
    """A progress bar on standard error, on a terminal only."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(
        *columns, console=_stderr, disable=bool(_log.handlers) or not sys.stderr.isatty(), transient=True
    ) as progress:
        yield from progress.track(items, description=description, total=length)


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    """The file to write to, which gets its name when it is whole; standard output for None."""
    if path is None:
        yield sys.stdout
        return
    with drafts.file(path) as file:
        yield file


def _report(errors: Sequence[RecordError], listed: Path | None = None) -> bool:
    """Tell of broken records, of the first ones only if all are `listed` in a file; whether there were any."""
    for error in errors[:_SHOWN] if listed else errors:
        _tell(f"kg: skipped {error}", logging.WARNING)
    if listed and len(errors) > _SHOWN:
        _tell(f"kg: {len(errors) - _SHOWN:,} more are listed in {listed}")
    return bool(errors)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"kg {kg.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog="Example: kg build examples/ -o out")
def build(
    inputs: Inputs,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="GRAPH", help="The graph's folder; replaced in whole.")
    ],
    reader: ReaderOption = None,
    model: ModelOption = None,
    processes: Annotated[
        int, typer.Option("--processes", "-j", metavar="N", min=1, help="Processes that extract side by side.")
    ] = _PROCESSES,
    engine: Annotated[EngineName, typer.Option(help="What does the work; spark needs the extra `spark` and Java.")] = (
        EngineName.local
    ),
    min_confidence: Annotated[
        float, typer.Option(metavar="X", min=0, max=1, help="Leave out facts below this confidence.")
    ] = 0.0,
    names: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A lexicon of your own for what is one thing; see docs.")
    ] = None,
    json_log: JsonLogOption = False,
) -> None:
    """Build the graph of all papers in the inputs; what an earlier run extracted is not read again."""

    def make() -> kg.Graph:
        return kg.build(
            inputs, output, format=reader, model=model, processes=processes, engine=engine,
            min_confidence=min_confidence, names=names, progress=_bar,
        )  # fmt: skip

    _, failed = _built(output, make)
    raise typer.Exit(int(failed))


def _built(output: Path, make: Callable[[], kg.Graph]) -> tuple[kg.Graph, bool]:
    """Have the graph in `output` made and tell of it; it, and whether there were broken records."""
    start = time.perf_counter()
    before = _run_id(output)
    graph = make()
    run = graph.manifest()
    if run["id"] == before:
        _tell(f"nothing has changed since the run {before}: {output} stays as it is")
        return graph, _report(graph.errors(), output / kg.folder.ERRORS)
    if run["outdated"]:
        _tell("the extractor has changed since the last run, so all papers were read again")
    if _log.handlers:
        _log.info("built", extra={"graph": str(output), "manifest": run})
        return graph, _report(graph.errors(), output / kg.folder.ERRORS)
    seconds = time.perf_counter() - start
    for label, count in {**run["nodes"], **run["edges"]}.items():
        if count:
            _tell(f"{count:>9,}  {label}")
    stages = ", ".join(f"{stage} {took:.1f}" for stage, took in run["seconds"].items())
    _tell(
        f"{run['entries']:,} entries read, {run['papers']:,} papers ({run['known']:,} known), {run['errors']:,} errors,"
        f" in {seconds:.1f} s ({stages}): {output}"
    )
    return graph, _report(graph.errors(), output / kg.folder.ERRORS)


def _run_id(folder: Path) -> str | None:
    """The run that built the graph in `folder`, if there is one."""
    with suppress(KgError, ValueError), kg.Graph(folder) as graph:
        found: str | None = graph.manifest().get("id")
        return found
    return None


@app.command(epilog="Example: kg extract examples/daily_papers.txt -o facts.jsonl")
def extract(
    inputs: Inputs,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FACTS.jsonl", help="The file to write. Default: standard output."),
    ] = None,
    reader: ReaderOption = None,
    model: ModelOption = None,
) -> None:
    """Write the facts of each paper, one JSON object a line."""
    errors: list[RecordError] = []
    nlp = kg.load(model)
    with _output(output) as file:
        papers = kg.sources.merge(_bar(kg.sources.read(inputs, format=reader, on_error=errors.append), "Reading", None))
        for facts in _bar(kg.extract(papers, nlp, on_error=errors.append), "Extracting", len(papers)):
            file.write(dumps(facts.to_json()) + "\n")
    if _report(errors):
        raise typer.Exit(1)


@app.command(epilog="Example: kg query out 'MATCH (m:Method) RETURN m.name, m.papers ORDER BY m.papers DESC LIMIT 5'")
def query(
    graph: GraphPlace,
    cypher: Annotated[str, typer.Argument(metavar="CYPHER", help="The query, or - to read it from standard input.")],
    param: ParameterOption = None,
    write: Annotated[bool, typer.Option("--write", help="Allow the query to change the graph.")] = False,
    format: FormatOption = None,
) -> None:
    """Run a Cypher query."""
    text = _stdin() if cypher == "-" else cypher
    with kg.Graph(graph) as opened:
        print_rows(opened.query(text, _values(param), write=write), format)


@app.command(epilog="Example: kg queries out methods-evaluated-on -p benchmark=ImageNet")
def queries(
    graph: Annotated[
        str | None, typer.Argument(metavar="GRAPH", help="The folder of a built graph, or neo4j://HOST.")
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The query to run.")] = None,
    param: ParameterOption = None,
    format: FormatOption = None,
) -> None:
    """List the library of named queries, or run one of them."""
    if graph is None:
        rows = [[q.name, q.title, [str(p) for p in q.parameters], list(q.columns)] for q in library.load().values()]
        print_rows(Result(["name", "title", "parameters", "columns"], rows), format)
        return
    if name is None:
        raise QueryError("name the query to run; kg queries lists them")
    with kg.Graph(graph) as opened:
        print_rows(opened.run(library.find(name), _pairs(param)), format)


@app.command(epilog="Example: kg show out LoRA")
def show(
    graph: GraphPlace,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name, alias, title or id of a paper or an entity.")],
    format: FormatOption = None,
) -> None:
    """Show a paper or an entity with all its facts and their sentences."""
    with kg.Graph(graph) as opened:
        found = opened.show(name)
    columns = ["fact", "direction", "label", "name", "evidence", "confidence", "id"]
    if chosen(format) is Format.table:
        node = {k: v for k, v in found["node"].items() if v not in (None, [], "")}
        print_rows(Result(["property", "value"], [[k, v] for k, v in node.items()]), Format.table)
        columns = columns[:5]  # what a person reads
    print_rows(Result(columns, [[fact[c] for c in columns] for fact in found["facts"]]), format)


@app.command(epilog="Example: kg stats out --format json")
def stats(graph: GraphPlace, format: FormatOption = None) -> None:
    """Count nodes by label and edges by type."""
    with kg.Graph(graph) as opened:
        print_rows(opened.stats(), format)


@app.command(epilog="Example: kg html out -o lora.html --around LoRA --depth 2")
def html(
    graph: GraphPlace,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE.html", help="The page to write.")],
    around: Annotated[str | None, typer.Option(metavar="NAME", help="Only what lies around this node.")] = None,
    depth: Annotated[int | None, typer.Option(min=1, help="How many edges away from it; 1 if not given.")] = None,
    query: Annotated[
        str | None, typer.Option(metavar="CYPHER", help="Only the nodes that this query returns, with their edges.")
    ] = None,
    param: ParameterOption = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="LABEL", help="Only nodes of this label; repeatable.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d", "%Y-%m", "%Y"], help="Only papers of this day and later."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many nodes: the best connected.")] = 10_000,
) -> None:
    """Write the graph, or a part of it, as one interactive page."""
    if around and query:
        raise _UsageError("give --around or --query, not both")
    if depth and not around:
        raise _UsageError("--depth needs --around")
    if param and not query:
        raise _UsageError("-p needs --query")
    with kg.Graph(graph) as opened:
        notice = opened.html(
            output, around=around, depth=depth or 1, query=query, parameters=_values(param), labels=label or (),
            since=since.date() if since else None, top=top,
        )  # fmt: skip
    if notice:
        _tell(f"kg: {notice}; --top N draws more or fewer")
    _tell(f"kg: wrote {output}")


@app.command(epilog="Example: kg report out -o report.html")
def report(
    graph: GraphPlace,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE.html", help="The page to write.")],
) -> None:
    """Write plots of what the graph holds as one page, each with the query that made it."""
    with kg.Graph(graph) as opened:
        path = opened.report(output)
    _tell(f"kg: wrote {path}")


class _DriverWarnings(logging.Handler):
    """Says on standard error what the driver waits for, without the details, which take several lines.

    Not of deadlocks: now and then two transactions lock the same index entries, and the second try is a moment later.
    """

    def emit(self, record: logging.LogRecord) -> None:
        what, _, details = record.getMessage().partition(" (")
        if "retried" in what and "DeadlockDetected" not in details:
            reason = re.search(r"neo4j_code: [\w.]*?(\w+)\}", details)
            _tell(f"kg: {what}: {reason[1] if reason else 'the server does not answer'}")


@app.command(epilog="Example: kg load out --to neo4j://localhost")
def load(
    graph: GraphFolder,
    to: Annotated[
        str,
        typer.Option(metavar="ADDRESS", envvar="NEO4J_URI", help="The server: neo4j://HOST:7687, neo4j+s:// for TLS."),
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete what was loaded before and is not in this graph.")
    ] = False,
) -> None:
    """Bring a Neo4j server up to date with a graph; NEO4J_USERNAME and NEO4J_PASSWORD say who asks."""
    from kg.stores.neo4j_load import changes  # noqa: PLC0415, the driver is slow to import

    start = time.perf_counter()
    logging.getLogger("neo4j").addHandler(_DriverWarnings())
    with kg.Graph(graph) as opened:
        counts = opened.load(to, prune=prune, progress=_bar)
        rows = sum(count for _, _, count in opened.stats().rows)
    seconds = time.perf_counter() - start
    _tell(f"{rows:,} rows loaded in {seconds:.1f} s: {changes(counts, prune=prune)}")


@app.command(epilog="Example: kg export out --format neo4j-csv -o import")
def export(
    graph: GraphFolder,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="PATH", help="The file to write; for neo4j-csv and parquet, the folder."
        ),
    ],
    format: Annotated[str, typer.Option("--format", "-f", help=f"One of: {', '.join(FORMATS)}.")],
) -> None:
    """Write a graph in the format of another tool; what to do with it then is printed."""
    with kg.Graph(graph) as opened:
        print("\n".join(opened.export(format, output)))


@app.command(epilog="Example: kg run report --dry-run")
def run(
    pipeline: Annotated[
        str | None,
        typer.Argument(metavar="PIPELINE", help="A .toml file, or the name of one in pipelines/, here or shipped."),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the pipelines that have a name.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and print what would be done; write nothing.")
    ] = False,
    engine: Annotated[EngineName | None, typer.Option(help="What does the work, whatever the pipeline says.")] = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", "-j", metavar="N", min=1, help="As of kg build, whatever the pipeline says."),
    ] = None,
    json_log: JsonLogOption = False,
    format: FormatOption = None,
) -> None:
    """Run a declared pipeline: build a graph and make pages, exports and a server of it."""
    if show_list:
        print_rows(pipelines.listed(), format)
        return
    if pipeline is None:
        raise _UsageError("name the pipeline to run; kg run --list lists them")
    declared = pipelines.load(pipelines.find(pipeline), engine=engine, processes=processes)
    declared = replace(declared, processes=declared.processes or _PROCESSES)
    if dry_run:
        print_rows(pipelines.plan(declared), format)
        return
    logging.getLogger("neo4j").addHandler(_DriverWarnings())
    graph, failed = _built(Path(declared.graph.folder), lambda: pipelines.build(declared, progress=_bar))
    code = int(failed)
    for written in pipelines.write(declared, graph, progress=_bar):
        for line in written.told:
            _tell(f"kg: {line}", logging.ERROR)
        if written.error:
            _tell(f"kg: {written.name}: {written.error}", logging.ERROR)
            code = 2
    raise typer.Exit(code)


@app.command(epilog="Example: kg evaluate gold.jsonl")
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Annotated papers, one JSON object a line.")],
    predicted: Annotated[
        Path | None, typer.Option(metavar="FACTS.jsonl", help="Score these facts instead of extracting them now.")
    ] = None,
    model: ModelOption = None,
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Instead, how often facts of each confidence are right.")
    ] = False,
    format: FormatOption = None,
) -> None:
    """Score the extraction against annotated papers."""
    annotated = evaluation.read_facts(gold)
    if predicted:
        facts = evaluation.read_facts(predicted)
    else:
        papers = kg.sources.merge(kg.sources.read([gold], format="jsonl"))
        facts = [f.to_json() for f in _bar(kg.extract(papers, kg.load(model)), "Extracting", len(papers))]
    table = evaluation.calibration if calibration else evaluation.score
    print_rows(table(annotated, facts), format)


@app.command(epilog="Example: kg train gold.jsonl -o model")
def train(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Annotated papers, one JSON object a line.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="MODEL", help="The model's folder.")],
    work: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Checkpoints, from which a later start goes on. Default: MODEL.work"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 17,
) -> None:
    """Make a model of your own from annotated papers; needs the extra `train` and hours."""
    papers = evaluation.read_facts(gold)
    try:
        from kg.train.model import train_model  # noqa: PLC0415, the packages of an extra
    except ModuleNotFoundError as error:
        raise KgError(f"training needs {error.name}: pip install 'kg-papers[train]'") from error
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    train_model(papers, output, work or output.with_name(f"{output.name}.work"), seed)
    _tell(f"kg: wrote {output}; try it with: kg evaluate {gold} --model {output}")


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise QueryError("standard input is not a Cypher text in UTF-8") from None


def _pairs(params: list[str] | None) -> dict[str, str]:
    """``["name=value"]`` as a dict."""
    pairs = {}
    for param in params or []:
        name, equals, value = param.partition("=")
        if not equals:
            raise QueryError(f"-p takes NAME=VALUE, not {param!r}")
        pairs[name] = value
    return pairs


def _values(params: list[str] | None) -> dict[str, object]:
    """The parameters of a free query: what is JSON as such (numbers, true, null, lists), all else as text."""

    def value(text: str) -> object:
        try:
            return json.loads(text)
        except ValueError:
            return text

    return {name: value(text) for name, text in _pairs(params).items()}


def _run(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("kg", arguments) as context:
            command.invoke(context)
        code = 0
    except typer.Exit as end:
        code = end.exit_code
    sys.stdout.flush()
    return code


def _usage(error: Any) -> str:
    message = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    return f"{message}; see: {error.ctx.command_path if error.ctx else 'kg'} --help"


def main() -> None:
    """Entry point of `kg`: 0 done, 1 done with failures listed, 2 could not be done, 130 interrupted."""
    code = 2
    try:
        code = _run(sys.argv[1:])
    except PipelineError as error:
        for line in str(error).splitlines():  # one for each problem
            _tell(f"kg: {line}", logging.ERROR)
    except KgError as error:
        _tell(f"kg: {error}", logging.ERROR)
    except _UsageError as error:
        _tell(f"kg: {_usage(error)}", logging.ERROR)
    except (KeyboardInterrupt, typer.Abort):
        _tell("kg: interrupted; what was there before is untouched", logging.ERROR)
        code = 130
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:  # a full disk, a folder that may not be read
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"kg: {where}{error.strerror or error}", logging.ERROR)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)

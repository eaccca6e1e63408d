"""Writes the pages of docs/ that derive from the code: schema.md, cli.md, queries.md.

    python docs/generate.py      (or: make docs)

`pages()` gives their texts; `tests/test_docs.py` compares them with the files.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import typer

import kg
from kg import queries
from kg.cli import app
from kg.output import Format, print_rows
from kg.schema import DATA_LABELS, EDGES, ENTITY_LABELS, NODES, EdgeType, NodeLabel, Property
from kg.stores import Result

FOLDER = Path(__file__).parent
_ROWS = 3  # of an answer
os.environ["COLUMNS"] = "110"  # of the tables that rich draws
_NOTE = "<!-- Written by docs/generate.py from {source}; change that and run `make docs`. -->"


def pages() -> dict[str, str]:
    """The text of each generated page, by file name."""
    return {name: write() for name, write in _PAGES.items()}


def schema() -> str:
    """docs/schema.md: labels, edge types, their properties, and a picture."""
    lines = [
        _NOTE.format(source="kg/schema.py"),
        "# Graph schema",
        "",
        "A node label is a table in `nodes/LABEL.parquet`, an edge type one in `edges/TYPE.parquet`; the embedded",
        "database holds the same. Tables of edges begin with the columns `source`, `source_label`, `target` and",
        "`target_label`. A property is null where the source does not tell it.",
        "",
        "```mermaid",
        "flowchart LR",
        *_picture(),
        "```",
        "",
        f"Entity: {_listed(ENTITY_LABELS)}. Data: {_listed(DATA_LABELS)}.",
        "",
        "## Nodes",
        "",
        *_table(("label", "meaning"), ((f"`{node.name}`", node.doc) for node in NODES.values())),
        "",
        "The first property is the key.",
        *_grouped(NODES.values()),
        "",
        "## Edges",
        "",
        "Every edge can be traced to a sentence.",
        "",
        *_table(("type", "from", "to", "meaning"), ((f"`{e.name}`", *_ends(e), e.doc) for e in EDGES.values())),
        *_grouped(EDGES.values()),
    ]
    return "\n".join(lines) + "\n"


def _picture() -> Iterable[str]:
    """The edge types that join the same labels, as one arrow of a Mermaid flowchart."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for edge in EDGES.values():
        arrows.setdefault(_ends(edge), []).append(edge.name)
    for (source, target), names in arrows.items():
        yield f'    {_box(source)} -- "{"<br>".join(names)}" --> {_box(target)}'


def _box(label: str) -> str:
    return f"{label.replace(', ', '')}[{label}]"


def _ends(edge: EdgeType) -> tuple[str, str]:
    """The labels at both ends, the groups of labels by their names."""
    groups = {frozenset(ENTITY_LABELS): "Entity", frozenset(DATA_LABELS): "Data"}
    sources, targets = (frozenset(labels) for labels in zip(*edge.pairs, strict=True))
    return groups.get(sources, ", ".join(sorted(sources))), groups.get(targets, ", ".join(sorted(targets)))


def _grouped(kinds: Iterable[NodeLabel | EdgeType]) -> list[str]:
    """The properties, once for all labels or types that have the same."""
    groups: dict[tuple[Property, ...], list[str]] = {}
    for kind in kinds:
        groups.setdefault(kind.properties, []).append(kind.name)
    lines = []
    for properties, names in groups.items():
        lines += ["", f"### Properties of {_listed(names)}", ""]
        lines += _table(("property", "type", "meaning"), ((f"`{p.name}`", f"`{p.type}`", p.doc) for p in properties))
    return lines


def cli() -> str:
    """docs/cli.md: the help of every command."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("kg", [], resilient_parsing=True)
    lines = [
        _NOTE.format(source="the help texts of kg/cli.py"),
        "# Command line",
        "",
        "Data goes to standard output, all else to standard error. Progress bars show on a terminal only.",
        "",
        *_table(
            ("exit code", "meaning"),
            (
                ("0", "done"),
                ("1", "done, with failures listed: some records could not be read"),
                ("2", "could not be done; one line says why"),
                ("130", "interrupted; what was there before is untouched"),
            ),
        ),
        "",
        *_fenced("text", _help(group, context)),
    ]
    for name, command in group.commands.items():
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        lines += ["", f"## kg {name}", "", *_fenced("text", _help(command, inner))]
    return "\n".join(lines) + "\n"


def _help(command: Any, context: Any) -> str:
    context.terminal_width = context.max_content_width = 100
    text: str = command.get_help(context)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def library() -> str:
    """docs/queries.md: the named queries with their parameters, their Cypher, and what they find in examples/."""
    found = queries.load()
    graph = kg.build([FOLDER.parent / "examples"])
    lines = [
        _NOTE.format(source="queries/*.cypher"),
        "# Query library",
        "",
        "`kg queries` lists them, and `kg queries GRAPH NAME -p PARAMETER=VALUE` runs one. A new query is a new file",
        "in `queries/`, with a head like those of the others.",
        "",
        *_table(("query", "answers"), ((f"[{q.name}](#{q.name})", q.answers) for q in found.values())),
    ]
    for query in found.values():
        lines += ["", f"## {query.name}", "", f"{query.title}. {query.answers}", ""]
        if query.parameters:
            lines += _table(
                ("parameter", "type", "default", "meaning"),
                ((f"`{p.name}`", p.type, _default(p.default), p.doc) for p in query.parameters),
            )
            lines += [""]
        lines += [f"Columns: {_listed(query.columns)}.", "", *_fenced("cypher", query.text)]
        lines += ["", *_fenced("text", _answer(graph, query))]
        for engine, text in query.texts.items():
            lines += ["", f"For {engine}:", "", *_fenced("cypher", text)]
    return "\n".join(lines) + "\n"


def _answer(graph: kg.Graph, query: queries.Query) -> str:
    """What `kg queries` prints for the query's example, the first rows of it."""
    given = "".join(f" -p {name}={shlex.quote(value)}" for name, value in query.example.items())
    found = graph.run(query, query.example)
    out = StringIO()
    print_rows(Result(found.columns, found.rows[:_ROWS]), Format.table, out)
    lines = [line.rstrip() for line in out.getvalue().splitlines()[:-1]]  # the last one counts the rows shown
    return "\n".join(
        [f"$ kg queries out {query.name}{given}", *lines, f"{min(len(found.rows), _ROWS)} of {len(found.rows)} rows"]
    )


def _default(value: object) -> str:
    return "required" if value is None else f"`{json.dumps(value, default=str)}`"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _fenced(language: str, text: str) -> list[str]:
    return [f"```{language}", text, "```"]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *cells)]


_PAGES: dict[str, Callable[[], str]] = {"schema.md": schema, "cli.md": cli, "queries.md": library}


if __name__ == "__main__":
    for page, content in pages().items():
        (FOLDER / page).write_text(content, encoding="utf-8")

"""A graph as one still page of plots, each beside the query of the library that made it, its rows and its command."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kg import drafts
from kg.export import plots
from kg.export.html import COLORS
from kg.queries import Query, bind, find
from kg.schema import NODES

if TYPE_CHECKING:
    from kg.graph import Graph

Rows = list[dict[str, Any]]
Draw = Callable[[Rows], Markup | None]
_TOP = 20  # names in a plot
_ALL = 10_000  # days or months
_DAYS = 62  # from the first paper to the last: up to so many, time goes by days, else by months


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of a query of the library, their plot (None where there is nothing to draw), and a note on it.

    `values` are those of all parameters of the query.
    """

    title: str
    query: Query
    values: Mapping[str, Any]
    rows: Rows
    plot: Markup | None
    note: str

    @property
    def id(self) -> str:
        """Its address in the page."""
        return self.title.lower().replace(" ", "-")

    @property
    def parameters(self) -> list[str]:
        """The values as -p takes them."""
        return [f"{name}={str(v).lower() if isinstance(v, bool) else v}" for name, v in self.values.items()]

    def command(self, place: str) -> str:
        """The command that prints the rows; `place` is the graph's folder or address."""
        return shlex.join(["kg", "queries", place, self.query.name, *(a for p in self.parameters for a in ("-p", p))])


def write_report(graph: Graph, place: str, path: Path) -> Path:
    """Write the report on `graph` to `path`; `place` stands for the graph in the commands that the page shows.

    Raises:
        GraphError: `path` cannot be written.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    environment.tests["address"] = lambda value: str(value).lower().startswith(("https://", "http://"))
    summary = Summary.of(graph.run(find("dated-papers")).dicts())
    page = environment.get_template("report.html").render(
        summary=summary,
        counts=[(name, count) for kind, name, count in graph.stats().rows if kind == "node" and count],
        labels=NODES,
        run=_run_id(graph),
        place=place,
        sections=_sections(graph, summary),
        colors={label.lower(): (color, _lighter(color)) for label, color in COLORS.items()},
    )
    with drafts.file(path) as file:
        file.write(page)
    return path


@dataclass(frozen=True, slots=True)
class Summary:
    """How many papers there are, how many have a date or link to code, and from when they are."""

    papers: int
    with_code: int
    dated: int
    first: date | None
    last: date | None

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """From the rows of the query dated-papers."""
        none: dict[str, Any] = {"papers": 0, "first": None, "last": None}
        dated = next((row for row in rows if row["dated"]), none)
        papers, with_code = (sum(row[column] for row in rows) for column in ("papers", "with_code"))
        return cls(papers, with_code, dated["papers"], dated["first"], dated["last"])

    @property
    def unit(self) -> str:
        """By what time goes: "day" or "month"."""
        return "day" if self.first and self.last and (self.last - self.first).days <= _DAYS else "month"


def _sections(graph: Graph, summary: Summary) -> list[Section]:
    """What the page shows, in its order."""
    papers, with_code, unit = summary.papers, summary.with_code, summary.unit
    named = "Names coined for one thing only; named=false adds generic terms."
    no_code = "No paper links to a repository."
    missing = papers - summary.dated
    undated = f"{missing:,} of {papers:,} papers have no date and are left out." if missing else ""
    of_all = f"{with_code:,} of {papers:,} papers link to a repository ({with_code / max(papers, 1):.0%})."
    dots = f"Each dot is a {unit}, the larger the more papers; the line is the share of all dots. {undated}"

    def section(title: str, name: str, draw: Draw | None, note: str, empty: str, **given: object) -> Section:
        query = find(name)
        rows = graph.run(query, given).dicts()
        plot = draw(rows) if draw and rows else None
        return Section(title, query, bind(query, given), rows, plot, note if plot or (rows and not draw) else empty)

    return [
        section(
            "Most used methods", "most-used-methods", _bars("method", "Method"),
            named, "No paper has a named method.", named=True, limit=_TOP,
        ),
        section(
            "Benchmarks and datasets", "benchmarks-by-papers", _bars("benchmark"),
            named, "No paper reports experiments on a named benchmark or dataset.", named=True, limit=_TOP,
        ),
        section(
            "Tasks", "tasks-by-papers", _bars("task", "Task"),
            "", "No paper addresses a task.", limit=_TOP,
        ),
        section(
            f"Papers by {unit}", f"papers-by-{unit}", _growth(unit),
            undated, "No paper has a date.", limit=_ALL,
        ),
        section(
            "Growth of methods", f"methods-by-{unit}", _cumulative(unit),
            f"Papers so far, all to one scale. {undated}", "No paper with a date has a named method.",
            methods=8, named=True, limit=_ALL,
        ),
        section(
            "Methods in the same papers", "method-pairs", _matrix,
            "The stronger the colour of a cell, the more papers have both.", "No paper has two of these methods.",
            methods=_TOP, named=True, limit=_TOP * (_TOP + 1) // 2,
        ),
        section("Papers with code", f"papers-by-{unit}", _share(unit), f"{of_all} {dots}", no_code, limit=_ALL)
        if summary.dated
        else section("Papers with code", "dated-papers", _with_code, of_all, no_code),
        section("The latest papers with code", "papers-with-code", None, "", no_code, limit=100),
    ]  # fmt: skip


def _bars(column: str, label: str = "") -> Draw:
    """Bars of the papers of each `column`, in the colour of `label` or of the row's type."""

    def draw(rows: Rows) -> Markup:
        papers = [(row[column], row["papers"]) for row in rows]
        labels = [label or row["type"] for row in rows]
        return plots.bars(papers, labels, f"Bar chart of papers by {column}: {_most(papers)}")

    return draw


def _growth(unit: str) -> Draw:
    def draw(rows: Rows) -> Markup:
        papers = {row[unit]: row["papers"] for row in rows}
        return plots.growth(papers, f"Bar chart of papers by {unit}, {min(papers)} to {max(papers)}")

    return draw


def _cumulative(unit: str) -> Draw:
    def draw(rows: Rows) -> Markup:
        papers: dict[str, Counter[str]] = {}
        for row in rows:
            papers.setdefault(row["method"], Counter())[row[unit]] += row["papers"]
        totals = sorted(((name, counts.total()) for name, counts in papers.items()), key=lambda t: (-t[1], t[0]))
        title = f"Line charts of the papers so far that have a method, by {unit}: {_most(totals)}"
        return plots.cumulative({name: papers[name] for name, _ in totals}, title)

    return draw


def _matrix(rows: Rows) -> Markup | None:
    pairs = {frozenset((row["method"], row["other"])): row["papers"] for row in rows}
    names = [row["method"] for row in rows if row["method"] == row["other"]]
    both = {pair: papers for pair, papers in pairs.items() if len(pair) == 2}
    if not both:
        return None
    most = [(" and ".join(sorted(pair)), papers) for pair, papers in both.items()]
    return plots.matrix(list(dict.fromkeys(names)), both, f"Matrix of methods in the same papers: {_most(most)}")


def _share(unit: str) -> Draw:
    def draw(rows: Rows) -> Markup | None:
        parts = {row[unit]: (row["with_code"], row["papers"]) for row in rows}
        return plots.share(parts, f"Share of papers with code by {unit}, {min(parts)} to {max(parts)}")

    return draw


def _with_code(rows: Rows) -> Markup:
    papers, with_code = (sum(row[column] for row in rows) for column in ("papers", "with_code"))
    counts = [("with code", with_code), ("without code", papers - with_code)]
    return plots.bars(counts, ["Repository", "Repository"], f"Bar chart of papers: {_most(counts)}")


def _most(counts: Sequence[tuple[str, int]]) -> str:
    """The first three in words, for those who do not see the plot."""
    return ", ".join(f"{plots.shortened(name, 50)} {count:,}" for name, count in counts[:3])


def _run_id(graph: Graph) -> str | None:
    """The id of the run that built the graph; a server and a graph of an older kg have none."""
    if graph.address:
        return None
    found = graph.manifest().get("id")
    return found if isinstance(found, str) else None


def _cell(value: object) -> str:
    """What a table shows."""
    return "–" if value is None else plots.printable(str(value))


def _lighter(color: str) -> str:
    """A colour of the page on white, for a dark one: with a third of white."""
    return "#" + "".join(f"{int(color[i : i + 2], 16) * 13 // 20 + 89:02x}" for i in (1, 3, 5))

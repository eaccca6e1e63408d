"""The plots of a report: matplotlib draws them as SVG that stands in line in a page and takes the page's colours.

Each function returns one `<svg>`, 420 wide, in which text is text. Its colours are CSS variables: `--ink`, `--muted`,
`--line`, and one a label of `kg.export.html.COLORS`, as in `--method`. The same data give the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from io import StringIO
from itertools import accumulate
from math import ceil
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kg.export.html import COLORS

_WIDTH = 420
_SIZE = 11.5  # of text
_INK, _MUTED, _LINE = "#010101", "#020202", "#030303"  # stand for colours of the page
_VARIABLES = {_INK: "var(--ink)", _MUTED: "var(--muted)", _LINE: "var(--line)"} | {
    color: f"var(--{label.lower()})" for label, color in COLORS.items()
}
_STYLE: dict[Any, Any] = {
    "figure.dpi": 72,
    "figure.constrained_layout.wspace": 0.08,
    "savefig.dpi": 72,
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name may have dollar signs
    "font.size": _SIZE,
    "axes.titlesize": _SIZE,
    "text.color": _INK,
    "axes.titlecolor": _INK,
    "xtick.labelcolor": _MUTED,
    "ytick.labelcolor": _MUTED,
    "axes.edgecolor": _MUTED,
    "grid.color": _LINE,
    "legend.frameon": False,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


def shortened(name: str, width: int) -> str:
    """`name` in at most `width` columns of a terminal's kind, without control characters."""
    name = printable(name)
    columns = list(accumulate(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in name))
    if not columns or columns[-1] <= width:
        return name
    return name[: sum(column < width for column in columns)].rstrip() + "…"


def printable(text: str) -> str:
    """`text` with spaces for control characters, which XML may not hold and some of which turn text around."""
    return "".join(c if c.isprintable() else " " for c in text)


def bars(counts: Sequence[tuple[str, int]], labels: Sequence[str], title: str) -> Markup:
    """A horizontal bar for each name and count, the first on top, in the colour of its label."""
    names, values = [name for name, _ in counts], [count for _, count in counts]
    kinds = list(dict.fromkeys(labels))
    legend = len(kinds) > 1

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = range(len(names))
        axes.barh(places, values, height=0.72, color=[COLORS[label] for label in labels])
        for place, value in zip(places, values, strict=True):
            axes.annotate(f"{value:,}", (value, place), (4, 0), textcoords="offset points", va="center", color=_MUTED)
        axes.set_yticks(places, [shortened(name, 28) for name in names], color=_INK)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, max(values) * 1.12)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        if legend:
            handles = [Rectangle((0, 0), 1, 1, color=COLORS[kind]) for kind in kinds]
            figure.legend(
                handles, kinds, loc="outside lower right", ncols=len(kinds), handlelength=0.8, handleheight=0.8
            )

    return _svg(17 * len(names) + (35 if legend else 12), title, paint)


def growth(papers: Mapping[str, int], title: str) -> Markup:
    """A bar for each day ("2024-10-31") or month ("2024-10") of `papers`, at its place in time."""

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.bar([_number(time) for time in papers], list(papers.values()), width=0.8, color=COLORS["Paper"])
        _time_axis(axes, papers)
        axes.grid(axis="y")
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))
        axes.yaxis.set_major_formatter("{x:,.0f}")

    return _svg(250, title, paint)


def cumulative(papers: Mapping[str, Mapping[str, int]], title: str) -> Markup:
    """For each name a small plot of its papers so far, all to one scale, from papers by name and by day or month."""

    def paint(figure: Figure) -> None:
        times = {time for counts in papers.values() for time in counts}
        first, last = min(map(_number, times)), max(map(_number, times))
        edges = (first - 0.5, last + 0.5)
        ends = sorted({min(times), max(times)})
        grid = list(figure.subplots(ceil(len(papers) / 2), 2, sharey=True, squeeze=False).flat)
        for i, (axes, (name, counts)) in enumerate(zip(grid, papers.items(), strict=False)):
            known = sorted(counts)
            x = [edges[0], *map(_number, known), edges[1]]
            y = [0, *accumulate(counts[time] for time in known), sum(counts.values())]
            axes.fill_between(x, y, step="post", color=COLORS["Method"], alpha=0.18, linewidth=0)
            axes.step(x, y, where="post", color=COLORS["Method"], linewidth=1.4)
            axes.set_title(shortened(name, 22), loc="left", pad=3)
            axes.set_title(f"{y[-1]:,}", loc="right", pad=3, color=_MUTED)
            axes.set_yticks([])
            axes.set_xlim(*edges)
            axes.set_ylim(0)
            axes.set_xticks(edges[: len(ends)], ends if i >= len(papers) - 2 else [""] * len(ends))
            for label, side in zip(axes.get_xticklabels(), ("left", "right"), strict=False):
                label.set_horizontalalignment(side)
        for axes in grid[len(papers) :]:
            axes.set_visible(False)

    return _svg(76 * ceil(len(papers) / 2) + 24, title, paint)


def matrix(names: Sequence[str], pairs: Mapping[frozenset[str], int], title: str) -> Markup:
    """How often each pair of `names` occurs, as the shade of a cell below the diagonal."""
    most = max(pairs.values())
    size = max(len(names), 12) - 1  # few names make small matrices, not large cells

    def cell(axes: Axes, x: float, y: float, value: int) -> None:
        color, alpha = (COLORS["Method"], 0.15 + 0.85 * (value / most) ** 0.5) if value else (_LINE, 0.5)
        axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, linewidth=0, color=color, alpha=alpha))

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for y, below in enumerate(names[1:]):
            for x, left in enumerate(names[: y + 1]):
                cell(axes, x, y, pairs.get(frozenset((below, left)), 0))
        for y, value in enumerate(sorted({1, ceil(most / 4), most})):
            cell(axes, size - 5, y, value)
            unit = "" if value < most else " paper" if most == 1 else " papers"
            axes.text(size - 4.1, y, f"{value:,}{unit}", va="center", color=_MUTED)
        short = [shortened(name, 22) for name in names]
        axes.set_yticks(range(len(names) - 1), short[1:], color=_INK, size=_SIZE - 1.5)
        axes.set_xticks(range(len(names) - 1), short[:-1], color=_INK, size=_SIZE - 1.5, rotation=90)
        axes.set(xlim=(-0.5, size - 0.5), ylim=(max(len(names) - 1, 3) - 0.5, -0.5), aspect="equal", anchor="NW")
        axes.spines["bottom"].set_visible(False)

    return _svg(105 + round(305 * max(len(names) - 1, 3) / size), title, paint)


def share(parts: Mapping[str, tuple[int, int]], title: str) -> Markup:
    """The share of each day or month as a dot, from (part, whole); the larger the whole, the larger the dot.

    The line is the share of all.
    """

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        most = max(whole for _, whole in parts.values())
        x = [_number(time) for time in parts]
        y = [part / whole for part, whole in parts.values()]
        axes.scatter(
            x, y, s=[6 + 90 * whole / most for _, whole in parts.values()],
            color=COLORS["Repository"], alpha=0.7, linewidth=0, clip_on=False,
        )  # fmt: skip
        all_parts, all_wholes = (sum(column) for column in zip(*parts.values(), strict=True))
        axes.axhline(all_parts / all_wholes, color=_MUTED, linewidth=1, linestyle=(0, (4, 3)))
        _time_axis(axes, parts)
        axes.grid(axis="y")
        axes.set_ylim(0, min(1, max(*y, 0.04) * 1.15))
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))

    return _svg(250, title, paint)


def _number(time: str) -> int:
    """A day or a month as a number, such that the next one is one more."""
    if len(time) == 7:
        return int(time[:4]) * 12 + int(time[5:]) - 1
    return date.fromisoformat(time).toordinal()


def _time_axis(axes: Axes, times: Iterable[str]) -> None:
    known = sorted(times)
    start, end = _number(known[0]), _number(known[-1])
    room = max(0.7, (6 - (end - start)) / 2)  # a single month is no block
    axes.set_xlim(start - room, end + room)
    months = len(known[0]) == 7
    steps = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 3600, 12_000) if months else (1, 2, 7, 14, 28)
    step = next(s for s in steps if s >= (end - start + 2 * room) * (0.15 if months else 0.19))  # a label's width
    places = range(start, end + 1)
    if months:
        ticks = [n for n in places if n % step == 0 or start == end]
        labels = [f"{n // 12:04}" if step >= 12 else f"{n // 12:04}-{n % 12 + 1:02}" for n in ticks]
    else:
        ticks = [n for n in places if n % step == 1 % step or start == end]  # every seventh day is a Monday
        labels = [date.fromordinal(n).isoformat() for n in ticks]
    axes.set_xticks(ticks, labels)


def _svg(height: int, title: str, paint: Callable[[Figure], None]) -> Markup:
    """What `paint` draws on a figure of that height."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser has it
        mpl.rcdefaults()  # whatever the person's own settings
        mpl.rcParams.update(_STYLE | {"svg.hashsalt": title})
        figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
        paint(figure)
        file = StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _for_page(file.getvalue(), title)


def _for_page(svg: str, title: str) -> Markup:
    """Matplotlib's file as an element of a page: no metadata, style sheet, fonts or ids that others have, too."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for child in [c for c in element if c.tag.endswith(("}metadata", "}style"))]:
            element.remove(child)
        attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        if element.tag == "g":
            attributes.pop("id", None)
        if style := attributes.get("style"):
            style = re.sub(r"#[0-9a-f]{6}", lambda found: _VARIABLES.get(found[0], found[0]), style)
            attributes["style"] = re.sub(r"font-family:[^;]*(; )?", "", style)
        element.attrib = attributes
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": printable(title)}
    return Markup(ElementTree.tostring(root, encoding="unicode"))

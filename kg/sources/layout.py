"""Tells titles from abstracts among the paragraphs of a page that does not mark them.

Pages alternate between a title and an abstract, but an abstract may have two paragraphs, and a page that is cut off has
one without the other. So the labels are the cheapest sequence (Viterbi) under a cost for each paragraph, from its
length and its end, and one for each step that breaks the alternation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf
from typing import Literal, NamedTuple, cast, get_args

Kind = Literal["title", "abstract", "more"]

# "more" is a further paragraph of an abstract
_STEPS: dict[tuple[str, str], float] = {
    ("start", "title"): 0,
    ("start", "abstract"): 6,
    ("title", "abstract"): 0,
    ("title", "title"): 4,
    ("title", "end"): 4,
    ("abstract", "title"): 0,
    ("abstract", "more"): 4,
    ("abstract", "end"): 0,
    ("more", "more"): 2,
    ("more", "title"): 0,
    ("more", "end"): 0,
}
_WIDEST_WRAP = 120
_FULL_STOP = re.compile(r"[.。…][\"'”’)\]]*$")
_ADDRESS = re.compile(r"https?://\S")
_NEXT_SENTENCE = re.compile(r"[.!?]\s+[A-Z]")


class Row(NamedTuple):
    """A line that is not blank, stripped."""

    line: int
    text: str
    after_blank: bool


class Paragraph(NamedTuple):
    """A text and the line where it begins."""

    line: int
    text: str


def paragraphs(rows: Iterable[Row]) -> list[Paragraph]:
    """One paragraph a row, but rows of at most 120 characters without a blank line between are one that was wrapped."""
    blocks: list[list[Row]] = []
    for row in rows:
        if row.after_blank or not blocks:
            blocks.append([])
        blocks[-1].append(row)
    found: list[Paragraph] = []
    for block in blocks:
        if all(len(row.text) <= _WIDEST_WRAP for row in block):
            found.append(Paragraph(block[0].line, " ".join(row.text for row in block)))
        else:
            found += [Paragraph(row.line, row.text) for row in block]
    return found


def label(found: list[Paragraph]) -> list[tuple[Paragraph, Kind]]:
    """Each paragraph with what it is: the first is a title or an abstract, and "more" follows an abstract only."""
    costs: dict[str, float] = {"start": 0.0}
    origins: list[dict[str, str]] = []
    for paragraph in found:
        title, abstract = _title_cost(paragraph.text), _abstract_cost(paragraph.text)
        steps = {kind: _cheapest(costs, kind) for kind in get_args(Kind)}
        origins.append({kind: origin for kind, (_, origin) in steps.items()})
        costs = {kind: cost + (title if kind == "title" else abstract) for kind, (cost, _) in steps.items()}
    kind = _cheapest(costs, "end")[1]
    labels: list[Kind] = []
    for origin in reversed(origins):
        labels.append(cast(Kind, kind))
        kind = origin[kind]
    return list(zip(found, reversed(labels), strict=True))


def _cheapest(costs: dict[str, float], kind: str) -> tuple[float, str]:
    """The least cost to come to `kind`, and from which kind."""
    return min(
        ((costs[last] + step, last) for (last, to), step in _STEPS.items() if to == kind and last in costs),
        default=(inf, ""),
    )


def _title_cost(text: str) -> float:
    """0 for a short phrase; more for length, sentences and addresses."""
    too_long = min(max(len(text) - 200, 0) / 25, 12)
    sentences = min(2 * len(_NEXT_SENTENCE.findall(text)), 6) + 3 * _is_ended(text)
    return too_long + sentences + 4 * ("://" in text)


def _abstract_cost(text: str) -> float:
    """0 for a long text that ends in a full stop; more for a short one, and most for a short one without."""
    return (len(text) < 100) + (0 if _is_ended(text) else 8 if len(text) < 200 else 1)


def _is_ended(text: str) -> bool:
    """Whether the text ends in a full stop or an address."""
    return bool(_FULL_STOP.search(text) or _ADDRESS.search("".join(text.rsplit(maxsplit=1)[-1:])))

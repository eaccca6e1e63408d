"""Reads arXiv metadata as JSON lines: records of the daily listings, and those of the public metadata snapshot.

The snapshot's fields are described at https://www.kaggle.com/datasets/Cornell-University/arxiv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.records import first_object, objects
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names

_FIELDS = {
    "authors_parsed",
    "categories",
    "comment",
    "comments",
    "journal-ref",
    "listed",
    "submitter",
    "update_date",
    "versions",
}


def _sniff(head: str) -> float:
    record = first_object(head) or {}
    return 1.0 if arxiv_id(record.get("id")) and record.keys() & _FIELDS else 0.0


@reader("arxiv", sniff=_sniff)
def read_arxiv(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a record, published when version 1 was submitted, else on the day of listing or of the last update."""
    for item in objects(text):
        if isinstance(item, RecordError):
            yield item
            continue
        line, record = item
        yield paper_at(
            text.place(line),
            record.get("title"),
            record.get("abstract"),
            published=_published(record),
            arxiv_id=arxiv_id(record.get("id")),
            authors=_authors(record),
            comment=record.get("comment") or record.get("comments"),
        )


def _published(record: dict[str, Any]) -> date | None:
    match record.get("versions"):
        case [{"created": created}, *_]:
            first = day(created)
        case _:
            first = None
    return first or day(record.get("listed")) or day(record.get("update_date"))


def _authors(record: dict[str, Any]) -> tuple[str, ...]:
    """Names as "Given Surname Suffix" from `authors_parsed` where it is given, else from `authors`, no affiliations."""
    parsed = record.get("authors_parsed")
    if isinstance(parsed, list) and parsed:
        return tuple(_name(parts) for parts in parsed if isinstance(parts, list))
    authors = record.get("authors")
    if isinstance(authors, str):
        return tuple(name for name in re.split(r",? and |, ?", _without_affiliations(authors)) if name)
    return names(authors)


def _without_affiliations(authors: str) -> str:
    """The names with single spaces and without what stands in parentheses, which may be nested."""
    kept: list[str] = []
    opened: list[int] = []  # where in `kept`
    for piece in re.split(r"([()])", " ".join(authors.split())):
        kept.append(piece)
        if piece == "(":
            opened.append(len(kept) - 1)
        elif piece == ")" and opened:
            del kept[opened.pop() :]
            kept[-1] = kept[-1].rstrip()
    return "".join(kept).replace(" ,", ",").strip()


def _name(parts: list[Any]) -> str:
    surname, given, suffix = (*(part for part in parts[:3] if isinstance(part, str)), "", "", "")[:3]
    return " ".join(filter(None, (given, surname, suffix)))

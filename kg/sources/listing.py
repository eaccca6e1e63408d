"""Reads saved "Daily Papers" pages: a header, then entries of a title, an abstract and maybe a footer.

    new | Get trending papers in your email inbox! | Subscribe | Daily Papers | byAK and the research community | Mar 11

    Title                    Title

    Abstract                 Abstract

      • 2 authors            apple Apple       the organisation's handle and name
    ·                        ·
    Nov 15, 2023             Sep 30 25         no year on a day of the page's own; then the number of comments

A footer ends an entry. Which paragraphs between two footers are titles and which abstracts: see `kg.sources.layout`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.layout import Row, label, paragraphs
from kg.sources.paper import paper_at
from kg.sources.registry import reader

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.? (\d\d?)(?:, (\d{{4}}))?(?: \d+)?", re.IGNORECASE)
_AUTHORS = re.compile(r"(?:• *)?(\d{1,5}) authors?")
_DOT = "·"
_ITEM = rf"(?i:{_DAY.pattern}|{_AUTHORS.pattern})$"
_ORGANIZATION = rf"(?!.*[.!?]$)(?!{_DOT}$).{{1,100}}(?=\n{_DOT}\n)"
_FOOTER = re.compile(rf"^(?:(?:{_DOT}$|{_ITEM}|{_ORGANIZATION})\n)+", re.MULTILINE)
_INBOX = "Get trending papers in your email inbox!"
_NAME = re.compile(rf"{_INBOX}|Daily Papers|by ?AK and the research community")
_HEADER = re.compile(rf"new|Subscribe|{_NAME.pattern}")
_MARKUP = re.compile(r"[#<*|`=-]")
_LONGEST_FOOTER = 150


@dataclass(slots=True)
class _Entry:
    line: int
    title: str | None
    abstract: str | None = None
    authors_count: int | None = None
    organizations: tuple[str, ...] = ()
    day: tuple[str, str, str | None] | None = None
    """Month, day and year as written."""


def _sniff(head: str) -> float:
    if head.lstrip().startswith("<"):  # the page's HTML
        return 0.0
    rows = list(_rows(enumerate(head.split("\n"), 1)))
    if any(_NAME.fullmatch(row.text) for row in rows):
        return 1.0
    if re.search(rf"^{_DOT}\n{_ITEM}", _joined(rows), re.MULTILINE):
        return 0.9
    entries = [entry for page in _pages(rows) for entry in _entries(page)]
    whole = entries[:-1] or entries  # the head may end after a title
    return 0.3 if whole and all(map(_is_like_a_paper, whole)) else 0.0


def _is_like_a_paper(entry: _Entry) -> bool:
    return bool(entry.title and not _MARKUP.match(entry.title) and len(entry.abstract or "") >= 200)


@reader("listing", sniff=_sniff)
def read_listing(text: Text) -> Iterator[Paper | RecordError]:
    """One paper an entry, at the line of its title. Pages may follow each other; one at a time is held in memory.

    A day without a year is of the year in which the page was saved, and that is the one after the latest year that the
    page names; on a page that names none, such papers have no day. An entry lacking its title or abstract is an error.
    """
    for page in _pages(_rows(text)):
        entries = _entries(page)
        years = [int(e.day[2]) for e in entries if e.day and e.day[2]]
        for entry in entries:
            yield _paper(text.place(entry.line), entry, max(years) + 1 if years else None)


def _paper(place: str, entry: _Entry, this_year: int | None) -> Paper | RecordError:
    if entry.title is None:
        return RecordError(place, "an abstract without a title")
    if entry.abstract is None:
        return RecordError(place, "a title without an abstract")
    published = None
    if entry.day:
        month, number, written = entry.day
        if year := int(written) if written else this_year:
            with suppress(ValueError):  # such as Feb 30
                published = date(year, _MONTHS.index(month[:3].lower()) + 1, int(number))
    return paper_at(
        place,
        entry.title,
        entry.abstract,
        published=published,
        authors_count=entry.authors_count,
        organizations=entry.organizations,
    )


def _rows(lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """The lines that are not blank, a footer on one line taken apart at its dots."""
    after_blank = True
    for number, line in lines:
        text = line.strip()
        if not text:
            after_blank = True
            continue
        items = text.split(f" {_DOT} ")
        if len(items) > 1 and len(text) <= _LONGEST_FOOTER and _DAY.fullmatch(items[-1]):
            yield Row(number, items[0], after_blank)
            for item in items[1:]:
                yield Row(number, _DOT, False)
                yield Row(number, item, False)
        else:
            yield Row(number, text, after_blank)
        after_blank = False


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The pages without their headers."""
    page: list[Row] = []
    in_header = False
    for row in rows:
        if _HEADER.fullmatch(row.text):
            if page:
                if row.text == _INBOX:
                    # saved pages end without a line break, so that `cat` glues the next one's "new" to their last line
                    last = page[-1]
                    page[-1] = Row(last.line, re.sub(r"(?<=[^a-zA-Z\s])new$", "", last.text), last.after_blank)
                yield page
            page, in_header = [], True
        elif not (in_header and _DAY.fullmatch(row.text)):
            page.append(row)
            in_header = False
    if page:
        yield page


def _joined(rows: Iterable[Row]) -> str:
    return "".join(f"{row.text}\n" for row in rows)


def _entries(page: list[Row]) -> list[_Entry]:
    entries: list[_Entry] = []
    text = _joined(page)
    at = start = 0
    for footer in _FOOTER.finditer(text):
        end = at + text.count("\n", start, footer.start())
        if end > at:
            entries += _labelled(page[at:end])
            _add_footer(entries[-1], footer[0].split("\n"))
        at, start = end + footer[0].count("\n"), footer.end()
    return entries + _labelled(page[at:])


def _add_footer(entry: _Entry, items: list[str]) -> None:
    organizations: list[str] = []
    for item in items:
        if day := _DAY.fullmatch(item):
            entry.day = day[1], day[2], day[3]
        elif authors := _AUTHORS.fullmatch(item):
            entry.authors_count = int(authors[1])
        elif item and item != _DOT:
            handle, _, name = item.partition(" ")
            organizations.append(name.strip() or handle)
    entry.organizations = tuple(organizations)


def _labelled(rows: list[Row]) -> list[_Entry]:
    """The entries of consecutive rows without a footer."""
    found: list[tuple[int, str | None, list[str]]] = []  # line, title, paragraphs of the abstract
    for (line, text), kind in label(paragraphs(rows)):
        if kind == "title":
            found.append((line, text, []))
        elif kind == "abstract" and (not found or found[-1][2]):
            found.append((line, None, [text]))
        else:
            found[-1][2].append(text)
    return [_Entry(line, title, " ".join(parts) or None) for line, title, parts in found]

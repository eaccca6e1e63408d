"""Reads Atom feeds of arXiv: answers of its API, and the daily feeds of new papers.

Described at https://info.arxiv.org/help/api/user-manual.html and https://info.arxiv.org/help/rss.html (RFC 4287).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text, is_utf8
from kg.sources.paper import paper_at
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names, web_address

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_ANNOUNCED = re.compile(r"\A\s*arXiv:\S+\s+Announce Type:.*?\bAbstract:", re.DOTALL)
_CHUNK = 1 << 18
_ENTRY = re.compile(r"(?=<entry[\s>])")
_UNDECODED = re.compile(r"[\ud800-\udfff]")


def _sniff(head: str) -> float:
    return float(head.lstrip().startswith("<") and _ATOM.strip("{}") in head)


@reader("atom", sniff=_sniff)
def read_atom(text: Text) -> Iterator[Paper | RecordError]:
    """One paper an entry, at the line where it begins, as the feed is read. An error of the markup spoils its entry.

    A document type is refused, and with it entities that expand to gigabytes or read files.
    """
    invalid: list[int] = []
    head = ""  # all before the first entry, with which each part after an error is a feed again
    entries: _Entries | None = _Entries(0)
    for line, piece in _pieces(text, invalid):
        is_entry = piece.startswith("<entry")
        if not entries:
            if not is_entry:
                continue
            entries = _Entries(line - 1)
            entries.parser.feed(head)
        failure = None
        try:
            entries.parser.feed(piece) if piece else entries.parser.close()
        except ParseError as error:
            stop = "" if is_entry or head else "; the feed is not read further"
            message = f"not XML ({str(error.msg).partition(':')[0]}){stop}"
            failure = RecordError(text.place(entries.first + error.position[0]), message)
        except DefusedXmlException:
            message = "a document type declaration, which no feed needs; it is not read"
            yield RecordError(text.place(entries.line), message)
            return
        for start, end, entry in entries.taken():
            at = bisect_left(invalid, start)
            if at < len(invalid) and invalid[at] <= end:
                yield RecordError(text.place(start), "invalid UTF-8")
            elif entry is None:
                yield RecordError(text.place(start), "an entry that is not closed")
            else:
                yield _paper(text.place(start), entry)
        if failure:
            yield failure
            if not (is_entry or head):
                return
            entries = None
        elif not is_entry:
            head = head or " ".join(piece.split())


def _pieces(text: Text, invalid: list[int]) -> Iterator[tuple[int, str]]:
    """The text with the numbers of its lines, cut before each entry and where it grows long; the last one is empty.

    Not line by line, because expat reads an unfinished tag anew with each piece. `invalid` gets the lines that are not
    UTF-8.
    """
    parts: list[str] = []
    size = first = number = 0
    for number, line in text:
        if not is_utf8(line):
            invalid.append(number)
        for i, part in enumerate(_ENTRY.split(_UNDECODED.sub("\ufffd", line) + "\n")):
            if i or size >= _CHUNK or part.startswith("<entry"):
                if parts:
                    yield first, "".join(parts)
                parts, size = [], 0
            if not parts:
                first = number
            parts.append(part)
            size += len(part)
    if parts:
        yield first, "".join(parts)
    yield number, ""


class _Entries:
    """The target of a parser: keeps entries with their first and last lines until they are taken.

    Lines are counted on from `first`. An entry that is not closed is None.
    """

    def __init__(self, first: int) -> None:
        self.first = first
        self.parser: Any = DefusedXMLParser(target=self, forbid_dtd=True)
        self._start = 0
        self._builder: TreeBuilder | None = None
        self._done: list[tuple[int, int, Element | None]] = []

    @property
    def line(self) -> int:
        return self.first + int(self.parser.parser.CurrentLineNumber)

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == f"{_ATOM}entry":
            if self._builder is not None:  # one within another is the next one
                self._done.append((self._start, self._start, None))
            self._builder, self._start = TreeBuilder(), self.line
        if self._builder is not None:
            self._builder.start(tag, attrs)

    def data(self, data: str) -> None:
        if self._builder is not None:
            self._builder.data(data)

    def end(self, tag: str) -> None:
        if self._builder is None:
            return
        self._builder.end(tag)
        if tag == f"{_ATOM}entry":
            self._done.append((self._start, self.line, self._builder.close()))
            self._builder = None

    def close(self) -> None:
        pass

    def taken(self) -> list[tuple[int, int, Element | None]]:
        done, self._done = self._done, []
        return done


def _paper(place: str, entry: Element) -> Paper | RecordError:
    identifier = _text(entry, f"{_ATOM}id").strip()
    abstract = _text(entry, f"{_ATOM}summary")
    if "arxiv.org/api/errors" in identifier:
        return RecordError(place, f"arXiv's answer is an error: {' '.join(abstract.split())}")
    authors = [_text(author, f"{_ATOM}name") for author in entry.iterfind(f"{_ATOM}author")]
    affiliations = ("".join(found.itertext()).strip() for found in entry.iter(f"{_ARXIV}affiliation"))
    return paper_at(
        place,
        _text(entry, f"{_ATOM}title"),
        _ANNOUNCED.sub("", abstract, count=1),
        published=day(_text(entry, f"{_ATOM}published")),
        url=None if arxiv_id(identifier) else web_address(identifier),
        arxiv_id=arxiv_id(identifier),
        authors=authors or names(_text(entry, _CREATOR)),
        organizations=tuple(dict.fromkeys(affiliations)),
        comment=_text(entry, f"{_ARXIV}comment"),
    )


def _text(element: Element, tag: str) -> str:
    found = element.find(tag)
    return "" if found is None else "".join(found.itertext())

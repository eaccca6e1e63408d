"""Reads Atom feeds of arXiv: answers of its API, and the daily feeds of new papers.

Described at https://info.arxiv.org/help/api/user-manual.html and https://info.arxiv.org/help/rss.html (RFC 4287).
"""

from __future__ import annotations

import re
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
_ANNOUNCED = re.compile(r"\s*arXiv:\S+\s+Announce Type:.*?\bAbstract:", re.DOTALL)
_CHUNK = 1 << 18
_UNDECODED = re.compile(r"[\ud800-\udfff]")


def _sniff(head: str) -> float:
    return float(head.lstrip().startswith("<") and _ATOM.strip("{}") in head)


@reader("atom", sniff=_sniff)
def read_atom(text: Text) -> Iterator[Paper | RecordError]:
    """One paper an entry, at the line where it begins, as the feed is read. Not read on after an error of its markup.

    A document type is refused, and with it entities that expand to gigabytes or read files.
    """
    entries = _Entries()
    parser = entries.parser = DefusedXMLParser(target=entries, forbid_dtd=True)
    invalid: list[int] = []
    for chunk in _chunks(text, invalid):
        failure = None
        try:
            parser.feed(chunk) if chunk else parser.close()
        except ParseError as error:
            failure = RecordError(text.place(error.position[0]), f"not XML ({error.msg}); the feed is not read further")
        except DefusedXmlException:
            failure = RecordError(
                text.place(entries.line), "a document type declaration, which no feed needs; it is not read"
            )
        for start, end, entry in entries.taken():
            bad = any(start <= line <= end for line in invalid)
            yield RecordError(text.place(start), "invalid UTF-8") if bad else _paper(text.place(start), entry)
        if failure:
            yield failure
            return


def _chunks(text: Text, invalid: list[int]) -> Iterator[str]:
    """The text in large pieces, because expat reads an unfinished tag anew with each; the last one is empty.

    `invalid` gets the lines that are not UTF-8.
    """
    lines: list[str] = []
    size = 0
    for number, line in text:
        if not is_utf8(line):
            invalid.append(number)
        lines.append(_UNDECODED.sub("\ufffd", line) + "\n")
        size += len(line)
        if size >= _CHUNK:
            yield "".join(lines)
            lines, size = [], 0
    if lines:
        yield "".join(lines)
    yield ""


class _Entries:
    """The target of a parser: keeps finished entries with their first and last lines until they are taken."""

    def __init__(self) -> None:
        self.parser: Any = None
        self._start = 0
        self._builder: TreeBuilder | None = None
        self._done: list[tuple[int, int, Element]] = []

    @property
    def line(self) -> int:
        return int(self.parser.parser.CurrentLineNumber)

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if self._builder is None and tag == f"{_ATOM}entry":
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

    def taken(self) -> list[tuple[int, int, Element]]:
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

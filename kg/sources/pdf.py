"""Reads PDF files of papers: the title and the abstract from the first page, and what arXiv's stamp on it says.

A PDF does not mark them, so they are known by their places and the height of their letters: the title is what is
written largest above the heading "Abstract", and the abstract is what follows that heading in letters of one height.
Authors are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

import pypdfium2
from pypdfium2 import raw

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day

_STAMP = re.compile(r"arXiv:(?P<id>\S+?)(?:v(?P<version>\d+))?\s+\[[^\]]+\]\s+(?P<day>\d{1,2} [A-Z][a-z]{2} \d{4})")
_ABSTRACT = re.compile(r"\W*a\s?bstract\b[\s.:—–-]*(?P<rest>.*)", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:[1I]\s?\.?\s*)?i\s?ntroduction\W*$|1\s?\.?\s+[A-Z]"
    r"|(?:keywords?|key words|index terms|ccs concepts|acm reference)\b",
    re.IGNORECASE,
)
_HYPHEN = "\u00ad"
_LONGEST = 5000
_LEVEL = 0.02  # radians


@dataclass(slots=True)
class _Line:
    """Text on one line, with the height of its tallest letter's box in points."""

    text: str = ""
    height: float = 0.0

    def is_as_tall_as(self, height: float) -> bool:
        return abs(self.height - height) <= 0.08 * height


@reader("pdf", sniff=lambda head: float(head.startswith("%PDF-")), binary=True)
def read_pdf(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a file, at page 1. Raises `SourceError` where no title or no abstract can be found."""
    level, rotated = _first_page(text)
    title, abstract = _title_and_abstract(text.name, level)
    stamp = _STAMP.search(" ".join(line.text for line in rotated))
    first = stamp is not None and stamp["version"] in (None, "1")
    yield paper_at(
        text.place(1),
        title,
        abstract,
        published=day(f"{stamp['day']} 00:00") if stamp and first else None,
        arxiv_id=arxiv_id(stamp["id"]) if stamp else None,
    )


def _first_page(text: Text) -> tuple[list[_Line], list[_Line]]:
    """The lines of the first page that are level, and those that are not."""
    content = text.whole()
    if text.damage:
        raise SourceError(f"{text.name}: {text.damage[0].reason}")
    try:
        document = pypdfium2.PdfDocument(content)
        try:
            return _lines(document[0].get_textpage())
        finally:
            document.close()
    except (pypdfium2.PdfiumError, IndexError) as error:
        reason = "encrypted" if "password" in str(error).lower() else "damaged"
        raise SourceError(f"{text.name}: the PDF cannot be read, it is {reason}") from error


def _lines(page: pypdfium2.PdfTextPage) -> tuple[list[_Line], list[_Line]]:
    level, rotated = [_Line()], [_Line()]
    matrix = raw.FS_MATRIX()
    for i in range(page.count_chars()):
        char = _HYPHEN if raw.FPDFText_IsHyphen(page, i) == 1 else chr(raw.FPDFText_GetUnicode(page, i))
        if char in "\r\n":
            level.append(_Line())
            rotated.append(_Line())
            continue
        line = (level if abs(raw.FPDFText_GetCharAngle(page, i)) < _LEVEL else rotated)[-1]
        line.text += char
        if raw.FPDFText_GetMatrix(page, i, matrix) and not char.isspace():
            line.height = max(line.height, raw.FPDFText_GetFontSize(page, i) * hypot(matrix.c, matrix.d))
    return [line for line in level if line.text.strip()], [line for line in rotated if line.text.strip()]


def _title_and_abstract(name: str, lines: list[_Line]) -> tuple[str, str]:
    if not lines:
        raise SourceError(f"{name}: no text on the first page of the PDF; a scan has to be recognised first")
    at, heading = next(((i, found) for i, line in enumerate(lines) if (found := _ABSTRACT.match(line.text))), (0, None))
    if heading is None:
        raise SourceError(f'{name}: no abstract found: no line on the first page of the PDF begins with "Abstract"')
    if at == 0:
        raise SourceError(f"{name}: no title found above the abstract on the first page of the PDF")
    tallest = max(line.height for line in lines[:at])
    start = next(i for i, line in enumerate(lines) if line.is_as_tall_as(tallest))
    title = lines[start : next(i for i in range(start, at + 1) if i == at or not lines[i].is_as_tall_as(tallest))]
    body = [_Line(heading["rest"], lines[at].height)] if heading["rest"] else []
    for line in lines[at + 1 :]:
        if _NEXT.match(line.text) or (body and not line.is_as_tall_as(body[0].height)):
            break
        if not line.text.strip().isdigit():  # the number of the page
            body.append(line)
    abstract = _joined(body)
    if not abstract:
        raise SourceError(f"{name}: no abstract found: nothing follows its heading on the first page of the PDF")
    if len(abstract) > _LONGEST:
        raise SourceError(f"{name}: no abstract found: what follows its heading has {len(abstract):,} characters")
    return _joined(title), abstract


def _joined(lines: list[_Line]) -> str:
    """The lines as one; a word that was divided at the end of a line is put together again.

    A hyphen stays where the word has another one, as in "state-of-the-art", or goes on with a capital or a digit.
    """
    text = "\n".join(line.text.strip() for line in lines)
    text = re.sub(rf"(?<![\w-])([^\W\d_]+){_HYPHEN}\s*(?=[a-z])", r"\1", text)
    return re.sub(rf"{_HYPHEN}\s*", "-", text).replace("\n", " ").strip()

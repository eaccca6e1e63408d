"""Reads BibTeX and BibLaTeX files; LaTeX's accents, braces and commands become text, mathematics stays as it is."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateBlockKeyBlock, Entry, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, web_address

_BEGIN = re.compile(r"(?:\s++|%[^\n]*\n)*+@[A-Za-z]+\s*[{(]")
_ARXIV = re.compile(r"\barxiv:\s*(\S+?)[\s.,;\]})]*(?:\s|$)", re.IGNORECASE)  # "arXiv preprint arXiv:2503.00001"
_COMMENT = re.compile(r"(?<!\\)%")
_SENTENCE = re.compile(r"(?<=[.!?])(?=\s[A-Z])")
_LATEX = re.compile(r"[\\{}$~`]|''|--|!`|\?`")
_LONGEST = 50_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

for _name in ("bibtexparser", "pylatexenc"):  # what they have to say is in the errors
    logging.getLogger(_name).addHandler(logging.NullHandler())


@reader("bibtex", sniff=lambda head: float(bool(_BEGIN.match(head))))
def read_bibtex(text: Text) -> Iterator[Paper | RecordError]:
    """One paper an entry, at its line. A file is held in memory; an entry that is not closed spoils itself only."""
    library = parse_string("\n".join(line for _, line in text))
    for block in library.blocks:
        place = text.place((block.start_line or 0) + 1)
        # a key that is used twice is no matter here
        entry = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(entry, Entry):
            try:
                yield _paper(place, entry)
            except Exception:  # pylatexenc raises whatever comes, such as IndexError for a macro without its arguments
                yield RecordError(place, "LaTeX that cannot be read, maybe cut off or nested too deeply")
        elif isinstance(block, ParsingFailedBlock):
            reason = getattr(block.error, "abort_reason", None) or str(block.error) or "its fields are not understood"
            yield RecordError(place, f"not a BibTeX entry ({' '.join(reason.split())})")


def _paper(place: str, entry: Entry) -> Paper | RecordError:
    values = {field.key.casefold(): str(field.value) for field in entry.fields}
    if (longest := max(map(len, values.values()), default=0)) > _LONGEST:
        return RecordError(place, f"a field of {longest:,} characters; at most {_LONGEST:,} are read")
    identifier = _arxiv_id(values)
    addresses = () if identifier else map(web_address, (values.get("url"), _doi(values)))
    return paper_at(
        place,
        _plain(values.get("title", "")),
        _plain(values.get("abstract", "")),
        published=_published(values),
        url=next(filter(None, addresses), None),
        arxiv_id=identifier,
        authors=_authors(values.get("author", "")),
        comment=_plain(values.get("note", "")),
    )


def _arxiv_id(values: dict[str, str]) -> str | None:
    archive = values.get("archiveprefix") or values.get("eprinttype") or "arXiv"
    eprint = values.get("eprint") if archive.lower() == "arxiv" else None
    written = (match[1] for key in ("journal", "note", "howpublished") if (match := _ARXIV.search(values.get(key, ""))))
    return next(filter(None, map(arxiv_id, (eprint, values.get("doi"), values.get("url"), *written))), None)


def _doi(values: dict[str, str]) -> str | None:
    doi = values.get("doi", "").strip()
    return f"https://doi.org/{doi}" if doi.startswith("10.") else doi


def _published(values: dict[str, str]) -> date | None:
    """The day of BibLaTeX's `date`, else the first of BibTeX's `month` and `year`."""
    month = values.get("month", "").strip().lower()
    if month[:3] in _MONTHS:
        month = str(_MONTHS.index(month[:3]) + 1)
    year = values.get("year", "").strip()
    return day(values.get("date")) or day(f"{year}-{month}") or day(year)


def _authors(value: str) -> tuple[str, ...]:
    """Names as "Given von Surname Jr", however they are written."""
    people = (person for person in split_multiple_persons_names(value) if person != "others")
    return tuple(_plain(parse_single_name_into_parts(person, strict=False).merge_first_name_first) for person in people)


def _plain(latex: str) -> str:
    """The text that LaTeX would print. A bare per cent sign is one here, though LaTeX begins a comment with it."""
    decoded, piece = [], ""
    for sentence in _SENTENCE.split(latex):
        piece += sentence
        if piece.count("{") == piece.count("}") and piece.count("$") % 2 == 0:
            decoded.append(_decoded(piece))
            piece = ""
    return "".join(decoded) + _decoded(piece)


def _decoded(piece: str) -> str:
    if not _LATEX.search(piece):  # decoding takes 20 microseconds a character
        return piece
    return _decoder().latex_to_text(_COMMENT.sub(r"\%", piece))  # type: ignore[no-any-return]


@cache
def _decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    context.add_context_category("addresses", prepend=True, macros=[MacroTextSpec("url", simplify_repl="%s")])
    return LatexNodes2Text(latex_context=context, math_mode="verbatim")

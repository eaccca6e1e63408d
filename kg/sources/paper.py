"""One paper from the fields of a record: clean text, a key that tells titles apart, an id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import is_utf8

# C0 and C1 without tab, line feed, vertical tab, form feed, carriage return and next line
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACE = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"[\n\v\f\r\x85\u2028\u2029]")
# Of these, only letters that stand upon another can follow each other so long
_STACK = re.compile(r"[^\w\s\x00-\x7f]{100,}")
_SLUG = 80
_LONGEST_TITLE = 5000


def clean(text: str) -> str:
    """The text on one line, in NFC: no control characters, white space with a line break as one space, ends stripped.

    All else stays, so that offsets into a source that is one clean line already hold.
    """
    text = _CONTROL.sub("", text)
    if _LINE_BREAK.search(text):
        text = _SPACE.sub(lambda run: " " if _LINE_BREAK.search(run[0]) else run[0], text)
    return unicodedata.normalize("NFC", text.strip())


def _is_stacked(text: str) -> bool:
    """Whether 100 combining marks follow each other, which no script needs; NFC takes quadratic time to order them."""
    runs = () if text.isascii() else _STACK.finditer(text)
    return any(sum(map(bool, map(unicodedata.combining, run[0]))) >= 100 for run in runs)


def title_key(title: str) -> str:
    """What spellings of one title share: case folded, all runs of non-word characters as one space."""
    folded = title.casefold()
    return re.sub(r"\W+", " ", folded).strip() or folded


def paper_id(title: str, arxiv_id: str | None) -> str:
    """``arxiv:2503.11731``, or ``paper:`` and the title's slug: its words in ASCII lower case, at most 80 characters.

    A slug that does not spell out the whole title key (cut, empty, or with letters lost) ends in a hash of the key, so
    that two titles share an id only if they share the key.
    """
    if arxiv_id:
        return f"arxiv:{arxiv_id}"
    key = title_key(title)
    ascii_key = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", ascii_key.lower()))
    if len(slug) > _SLUG:
        slug = slug[: _SLUG + 1].rpartition("-")[0] or slug[:_SLUG]
    if slug.replace("-", " ") != key:
        digest = blake2b(key.encode(), digest_size=4).hexdigest()
        slug = f"{slug}-{digest}" if slug else digest
    return f"paper:{slug}"


def paper_at(
    place: str,
    title: object,
    abstract: object,
    *,
    published: date | None = None,
    url: str | None = None,
    arxiv_id: str | None = None,
    authors: Sequence[str] = (),
    authors_count: int | None = None,
    organizations: Sequence[str] = (),
    comment: object = None,
) -> Paper | RecordError:
    """The paper of the record at `place`, or what is wrong with the record.

    `abstract` may be None, and a `comment` that is no text is none. Without `url` it is arXiv's page where the id is
    known.
    """
    if not isinstance(abstract, str | None):
        return RecordError(place, "the abstract is no text")
    title, comment = (value if isinstance(value, str) else "" for value in (title, comment))
    if len(title) > _LONGEST_TITLE:
        return RecordError(place, f"a title of {len(title):,} characters; at most {_LONGEST_TITLE:,} are read")
    if any(map(_is_stacked, (title, abstract or "", comment, *authors, *organizations))):
        return RecordError(place, "a hundred combining marks on one letter")
    title, abstract, comment = clean(title), clean(abstract or ""), clean(comment)
    if not title:
        return RecordError(place, "no title")
    names, affiliations = (tuple(filter(None, map(clean, group))) for group in (authors, organizations))
    if not is_utf8("".join((title, abstract, comment, *names, *affiliations))):
        return RecordError(place, "invalid UTF-8")
    return Paper(
        id=paper_id(title, arxiv_id),
        title=title,
        abstract=abstract,
        published=published,
        url=url or (f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else None),
        arxiv_id=arxiv_id,
        authors=names,
        authors_count=len(names) if names else authors_count,
        organizations=affiliations,
        comment=comment,
        sources=(place,),
    )

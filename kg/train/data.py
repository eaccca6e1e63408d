"""Annotated papers as tokenized documents with the tokens of every mention.

Annotations give surface strings: every occurrence of one in the title or the abstract, as a whole word, denotes its
entity.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.document import make_doc
from kg.extract.text import fold
from kg.extract.tokenizer import make_tokenizer
from kg.model import Paper

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mention:
    """``doc[start:end]`` denotes the entity at `entity` in the paper's list."""

    start: int
    end: int
    entity: int
    type: str
    role: str
    named: bool


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated paper (a line of the gold file), its document, its mentions in reading order, without overlap."""

    record: Record
    doc: Doc
    mentions: tuple[Mention, ...]


@cache
def tokenizing() -> Language:
    """A pipeline that only tokenizes, in the way of the assembled one."""
    nlp = spacy.blank("en")
    nlp.tokenizer = make_tokenizer()(nlp)
    return nlp


def document(record: Record, nlp: Language | None = None) -> Doc:
    """The tokenized document of an annotated paper."""
    return make_doc(nlp or tokenizing(), Paper(id=record["id"], title=record["title"], abstract=record["abstract"]))


def examples(records: Iterable[Record], nlp: Language | None = None) -> Iterator[Example]:
    """Each paper with its mentions aligned to tokens."""
    for record in records:
        doc = document(record, nlp)
        yield Example(record, doc, tuple(mentions(doc, record["entities"])))


def mentions(doc: Doc, entities: Iterable[Record]) -> Iterator[Mention]:
    """Where the surfaces of `entities` stand in `doc`; the longest wins, what begins or ends in a token is left out."""
    owner: dict[str, int] = {}
    described = list(entities)
    for index, entity in enumerate(described):
        for surface in entity["surfaces"]:
            if surface.strip():
                owner.setdefault(fold(surface).strip(), index)
    if not owner:
        return
    taken = [False] * len(doc)
    found = []
    for surface in sorted(owner, key=lambda s: (-len(s), s)):
        for match in re.finditer(rf"(?<![^\W_]){re.escape(surface)}(?![^\W_])", doc.text):
            span = doc.char_span(*match.span())
            if span is not None and not any(taken[span.start : span.end]):
                taken[span.start : span.end] = [True] * len(span)
                entity = described[owner[surface]]
                found.append(
                    Mention(span.start, span.end, owner[surface], entity["type"], entity["role"], bool(entity["named"]))
                )
    yield from sorted(found, key=lambda m: m.start)


def fold_of(title: str, folds: int) -> int:
    """Which of `folds` parts a paper belongs to: by its title alone, so that other papers do not matter."""
    key = re.sub(r"\W+", " ", title.casefold()).strip()
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % folds

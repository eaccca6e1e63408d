"""Possible entities of a document, from every source there is; nothing is decided here.

A candidate is a name with the places where it stands; long form and abbreviation are one. Sources are the lexicons,
shapes of names, definitions, phrases of annotated papers, and the proposer at three degrees of boldness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from kg.extract import shapes
from kg.extract.document import text_of, title_end, words_of
from kg.extract.gazetteer import NAME, TERM
from kg.extract.links import in_links
from kg.extract.phrases import Phrases
from kg.extract.proposer import LABELS
from kg.extract.text import name_key

BOLDNESS = (1.0, 0.35, 0.1)  # factors on the probability of "no entity" when the proposer's labels are decoded
# Bits of `Candidate.sources`, the one that a mention is credited to first.
SOURCES = (NAME, TERM, "annotations", "definition", "shape", *("model" for _ in BOLDNESS))
_LEXICON, _TERMS, _PHRASE, _DEFINITION, _SHAPE, _MODEL = (1 << bit for bit in range(6))
_LONGEST = 12  # tokens

Place = tuple[int, int]  # tokens, end exclusive


@dataclass(slots=True)
class Candidate:
    """A possible entity: its places in reading order, the text of each, and the `SOURCES` that propose it as bits."""

    places: list[Place]
    texts: list[str]
    sources: list[int]


def find(doc: Doc, phrases: Phrases) -> list[Candidate]:
    """All candidates of a document that went through the components before `kg_entities`."""
    text, words = text_of(doc), words_of(doc)
    offsets = [token.idx for token in doc]
    taken, firsts = in_links(doc._.links), {sentence.start for sentence in doc.sents}
    same = _partners(doc, text)
    found: dict[str, Candidate] = {}
    for (start, end), sources in sorted(_places(doc, words, phrases).items()):
        # A name does not go beyond its sentence, which will be the evidence.
        if end - start > _LONGEST or not firsts.isdisjoint(range(start + 1, end)):
            continue
        first, last = offsets[start], offsets[end - 1] + len(words[end - 1])
        if taken(first, last):
            continue
        key = name_key(text[first:last])
        if any(map(str.isalpha, key)) and text[first:last].isprintable():
            candidate = found.setdefault(same.get(key, key), Candidate([], [], []))
            candidate.places.append((start, end))
            candidate.texts.append(text[first:last])
            candidate.sources.append(sources)
    return list(found.values())


def _places(doc: Doc, words: Sequence[str], phrases: Phrases) -> dict[Place, int]:
    sources: dict[Place, int] = defaultdict(int)
    for span in doc.spans["kg_lexicon"]:
        sources[span.start, span.end] |= _LEXICON if span.id_ == NAME else _TERMS
    for place in phrases.places(words):
        sources[place] |= _PHRASE
    split = title_end(doc)
    for sentence in doc.sents:
        for start, end, _ in shapes.runs(doc, sentence.start, sentence.end, title=sentence.start_char < split):
            sources[start, end] |= _SHAPE
    for pair in doc._.abbreviations:
        for span in (doc.char_span(pair.short_start, pair.short_end), doc.char_span(pair.long_start, pair.long_end)):
            if span is not None:
                sources[span.start, span.end] |= _DEFINITION
    if ":" in words and doc[words.index(":")].idx < split:  # what stands before the colon of a title
        sources[0, words.index(":")] |= _SHAPE
    for level, factor in enumerate(BOLDNESS):
        for start, end in decode(doc._.proposals, factor):
            place = _trimmed(words, start, end)
            if place[0] < place[1]:
                sources[place] |= _MODEL << level
    return sources


def _partners(doc: Doc, text: str) -> dict[str, str]:
    """Keys of abbreviations to the keys of their long forms."""
    return {
        name_key(text[a.short_start : a.short_end]): name_key(text[a.long_start : a.long_end])
        for a in doc._.abbreviations
    }


def decode(rows: NDArray[np.float32], factor: float) -> Iterator[Place]:
    """The entities that greedy decoding finds when "no entity" counts `factor` times its probability."""
    scores = rows[:, : len(LABELS)].copy()
    scores[:, 0] *= factor
    start = None
    for i, label in enumerate(scores.argmax(1).tolist()):
        # Odd labels begin an entity (B-), even ones continue it (I-).
        inside = label > 0 and label % 2 == 0 and start is not None
        if start is not None and not inside:
            yield start, i
            start = None
        if label > 0 and start is None:
            start = i
    if start is not None:
        yield start, len(rows)


_OPEN, _CLOSE = "([", ")]"


def _trimmed(words: Sequence[str], start: int, end: int) -> Place:
    """Without marks at either end, but with the bracket that closes one inside."""
    while start < end and not words[start][0].isalnum():
        start += 1
    while start < end and not (words[end - 1][-1].isalnum() or words[end - 1][-1] in "+*"):
        if words[end - 1] in _CLOSE and any(word in _OPEN for word in words[start:end]):
            break
        end -= 1
    return start, end

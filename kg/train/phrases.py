"""Counts of phrases in annotated papers: in how many each stands, and in how many it is an entity of which type.

Where a paper is trained on, its phrases are counted in other papers only, by parts: to take out just the paper's own
counts would tell the trees its labels (of a phrase that is an entity in 40 of 90 papers, 39 of 89 are left where it is
one, and 40 of 89 where it is not).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from spacy.tokens import Doc

from kg.extract.phrases import Phrase, Phrases
from kg.extract.text import name_key, pieces
from kg.schema import ENTITY_LABELS
from kg.train.data import Record

_LONGEST = 6  # words; what is longer is seldom said twice
_Mark = tuple[str, str, bool] | None  # form, type, coined; None where the phrase stands but is no entity


class Tally:
    """What each paper says of the annotated phrases of all papers."""

    def __init__(self, records: Sequence[Record], docs: Sequence[Doc]) -> None:
        annotated = [_annotated(record) for record in records]
        everywhere = Phrases(Phrase(form) for marks in annotated for form, *_ in marks.values())
        self._marks: list[Mapping[str, _Mark]] = [
            dict.fromkeys({name_key(doc[i:j].text) for i, j in everywhere.places([t.text for t in doc])}) | marks
            for marks, doc in zip(annotated, docs, strict=True)
        ]

    def phrases(self, papers: Sequence[int]) -> list[Phrase]:
        """The phrases that are an entity in any of `papers` (indices), counted in these."""
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        types: dict[str, Counter[str]] = defaultdict(Counter)
        seen: Counter[str] = Counter()
        named: Counter[str] = Counter()
        for paper in papers:
            for key, mark in self._marks[paper].items():
                seen[key] += 1
                if mark is not None:
                    form, type_, coined = mark
                    forms[key][form] += 1
                    types[key][type_] += 1
                    named[key] += coined
        return [
            Phrase(
                form=min(forms[key], key=lambda f: (-forms[key][f], f)),
                seen=seen[key],
                labelled=types[key].total(),
                named=named[key],
                types=tuple(types[key][label] for label in ENTITY_LABELS),
            )
            for key in sorted(forms)
        ]


def _annotated(record: Record) -> dict[str, Any]:
    return {
        key: (surface, entity["type"], bool(entity["named"]))
        for entity in record["entities"]
        for surface in entity["surfaces"]
        if any(map(str.isalpha, key := name_key(surface))) and len(pieces(surface)) <= _LONGEST
    }

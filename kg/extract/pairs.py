"""Pairs of entities between which a text may state a relation, and what is known of each pair, as numbers."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import permutations

import numpy as np
from spacy.tokens import Doc, Span

from kg.extract.contexts import FILE
from kg.extract.document import text_of, title_end
from kg.extract.entities import DocEntity
from kg.extract.proposer import ROLE_COLUMNS, ROLES
from kg.extract.trees import Floats
from kg.schema import DATA_LABELS, ENTITY_LABELS

KINDS = ("EVALUATED_ON", "OUTPERFORMS", "BUILDS_ON", "USED_FOR", "PART_OF")
# Subjects and objects that can be related at all.
_TYPES = {
    *(("Method", label) for label in ("Method", "Task", *DATA_LABELS)),
    *((a, b) for a in DATA_LABELS for b in DATA_LABELS),
}
_MOST = 64  # entities that are paired: their pairs grow with the square
_REACH = 100  # characters before and behind an object in which cues are looked for


@cache
def cues() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Words in lower case that tell relations apart, from `patterns.toml`."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["relation"]
    return tuple((row["id"], re.compile(rf"\b(?:{row['regex']})")) for row in rows)


_ENTITY = (
    *(f"type {t}" for t in ENTITY_LABELS),
    *(f"role {r}" for r in ROLES),
    *(f"shows {r}" for r in ROLES),
    *("named", "confidence", "mentions", "in title", "first", "last", "rank"),
)
_PLACES = ("between", "before", "after")
NAMES = (
    *(f"subject {x}" for x in _ENTITY),
    *(f"object {x}" for x in _ENTITY),
    *("together", "gap", "subject first", "entities", "introduced", "same type between"),
    *(f"{place} {cue}" for place in _PLACES for cue, _ in cues()),
)

Pair = tuple[int, int]  # indices of subject and object


def pairs(entities: Sequence[DocEntity]) -> list[Pair]:
    """The pairs whose types allow a relation; of a text with very many entities, among the first ones."""
    among = permutations(range(min(len(entities), _MOST)), 2)
    return [(s, o) for s, o in among if (entities[s].type, entities[o].type) in _TYPES]


def features(doc: Doc, entities: Sequence[DocEntity], among: Sequence[Pair]) -> Floats:
    """One row a pair, columns `NAMES`."""
    starts, text = [s.start for s in doc.sents], text_of(doc)
    described = _described(doc, entities, len(text))
    sentences = [{bisect_right(starts, m.start): m for m in reversed(e.mentions)} for e in entities]
    surroundings = [_surroundings(doc, text, e, starts) for e in entities]
    introduced = sum(e.role == "introduces" and e.type == "Method" for e in entities)
    rows = []
    for s, o in among:
        together = sorted(sentences[s].keys() & sentences[o].keys())
        gap, order, crowd, between = 99.0, 0.0, 0.0, _NO_CUES
        if together:
            a, b = min(
                ((sentences[s][k], sentences[o][k]) for k in together), key=lambda two: abs(two[0].start - two[1].start)
            )
            order = 1.0 if a.start < b.start else -1.0
            left, right = (a, b) if order > 0 else (b, a)
            gap = right.start - left.end
            crowd = sum(left.end <= m.start < right.start for k, e in enumerate(entities) if k != s for m in e.mentions)
            between = _cues(text[left.end_char : right.start_char])
        rows.append(
            [
                *described[s],
                *described[o],
                *(len(together), gap, order, len(entities), introduced, crowd),
                *between,
                *surroundings[o],
            ]
        )
    return np.array(rows, dtype=np.float32).reshape(-1, len(NAMES))


def _described(doc: Doc, entities: Sequence[DocEntity], size: int) -> list[list[float]]:
    split = title_end(doc)
    roles = doc._.proposals[:, ROLE_COLUMNS]
    # What a paper names most among what it introduces is mostly its main contribution.
    order = sorted(range(len(entities)), key=lambda i: (entities[i].role != "introduces", -len(entities[i].mentions)))
    rank = {i: sum(entities[j].type == entities[i].type for j in order[: order.index(i)]) for i in order}
    return [
        [
            *(e.type == t for t in ENTITY_LABELS),
            *(e.role == r for r in ROLES),
            *np.mean([roles[m.start : m.end].mean(0) for m in e.mentions], axis=0),
            e.named,
            e.confidence,
            len(e.mentions),
            e.mentions[0].start_char < split,
            e.mentions[0].start_char / size,
            e.mentions[-1].start_char / size,
            rank[i],
        ]
        for i, e in enumerate(entities)
    ]


_NO_CUES = [False] * len(cues())


@lru_cache(maxsize=1 << 12)
def _cues(text: str) -> list[bool]:
    lower = text.lower()  # half the time of patterns that ignore case
    return [cue.search(lower) is not None for _, cue in cues()]


def _surroundings(doc: Doc, text: str, entity: DocEntity, starts: Sequence[int]) -> list[bool]:
    """The cues before and behind the mention that shows the role, within its sentence."""
    mention: Span = entity.mentions[entity.cue]
    number = bisect_right(starts, mention.start)
    first = doc[starts[number - 1]].idx
    last = doc[starts[number]].idx if number < len(starts) else len(text)
    before = text[max(first, mention.start_char - _REACH) : mention.start_char]
    return [*_cues(before), *_cues(text[mention.end_char : min(last, mention.end_char + _REACH)])]

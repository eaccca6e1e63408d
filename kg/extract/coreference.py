"""The component `kg_coreference`: entities of a paper that are one under two names become one.

"Language models" and "LMs", "Time series modeling" and "Modeling Time Series": trees read what is known of each pair of
entities of one type.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.entities import DocEntity, keep, name_of
from kg.extract.gazetteer import entries
from kg.extract.proposer import ROLES
from kg.extract.text import name_key, pieces
from kg.extract.trained import FOLDER, thresholds
from kg.extract.trees import Floats, Trees
from kg.schema import DATA_LABELS, ENTITY_LABELS

FILE = "same.onnx"
_MOST = 64  # entities that are paired: their pairs grow with the square
_STEM = 5  # letters that words of one stem share, mostly
_SMALL = frozenset({"a", "an", "and", "for", "from", "in", "of", "on", "the", "to", "via", "with"})
NAMES = (
    *(f"type {label}" for label in ENTITY_LABELS),
    *(
        "one entry",
        "two entries",
        "initials",
        "letters",
        "stems in common",
        "all stems of one",
        "all stems",
        "head",
        "first",
    ),
    *("trigrams", "fewest words", "most words", "both coined", "either coined", "one role", "least sure", "most sure"),
    *("fewest mentions", "most mentions", "distance", "both in lower case"),
)

Pair = tuple[int, int]  # indices of two entities


class Coreference:
    """Results: ``doc._.entities`` and ``doc.ents`` again."""

    def __init__(self, folder: Path) -> None:
        self._trees = Trees(folder / FILE)
        self._threshold = thresholds(folder)["same"]

    def __call__(self, doc: Doc) -> Doc:
        entities: list[DocEntity] = doc._.entities
        among = pairs(entities)
        if among:
            same = self._trees(features(entities, among))[:, 1]
            keep(doc, merge(entities, among, same, self._threshold))
        return doc


def pairs(entities: Sequence[DocEntity]) -> list[Pair]:
    """Those of one type; a dataset and a benchmark may be one. Of a text with very many entities, among the first."""
    among = combinations(range(min(len(entities), _MOST)), 2)
    return [(a, b) for a, b in among if _kind(entities[a]) == _kind(entities[b])]


def features(entities: Sequence[DocEntity], among: Sequence[Pair]) -> Floats:
    """One row a pair, columns `NAMES`."""
    surfaces = [sorted({m.text for m in e.mentions}) for e in entities]
    rows = []
    for i, j in among:
        a, b = entities[i], entities[j]
        best = max(
            (_likeness(x, y) for x in surfaces[i] for y in surfaces[j]),
            key=lambda row: (sum(row[:2]), row[2], row[4], row[7]),
        )
        known = {_entry(s) for s in surfaces[i]} - {None}, {_entry(s) for s in surfaces[j]} - {None}
        words = sorted(max(len(pieces(s)) for s in side) for side in (surfaces[i], surfaces[j]))
        sure, count = sorted((a.confidence, b.confidence)), sorted((len(a.mentions), len(b.mentions)))
        rows.append(
            [
                *(label in (a.type, b.type) for label in ENTITY_LABELS),
                not known[0].isdisjoint(known[1]),
                bool(known[0] and known[1]) and known[0].isdisjoint(known[1]),
                *best,
                *words,
                a.named and b.named,
                a.named or b.named,
                a.role == b.role,
                *sure,
                *count,
                min(abs(m.start - n.start) for m in a.mentions for n in b.mentions),
                all(s.islower() for side in (surfaces[i], surfaces[j]) for s in side),
            ]
        )
    return np.array(rows, dtype=np.float32).reshape(-1, len(NAMES))


def merge(entities: Sequence[DocEntity], among: Sequence[Pair], same: Floats, threshold: float) -> list[DocEntity]:
    """The entities, both of a pair as one where the probability `same` reaches `threshold`, the likeliest first."""
    group = {i: [i] for i in range(len(entities))}
    for k in np.argsort(-same, kind="stable").tolist():
        if same[k] < threshold:
            break
        a, b = (group[i] for i in among[k])
        # Only pairs, not chains: "models", "language models" and "vision models" are not one.
        if a is not b and len(a) == len(b) == 1:
            for i in b:
                group[i] = a
            a += b
    unique = {id(members): members for members in group.values()}.values()
    found = [_one([entities[i] for i in members]) for members in unique]
    return sorted(found, key=lambda e: e.mentions[0].start)


def _one(entities: Sequence[DocEntity]) -> DocEntity:
    if len(entities) == 1:
        return entities[0]
    surest = max(entities, key=lambda e: e.confidence)
    # The guidelines of the annotations: the strongest role that holds.
    shows = min(entities, key=lambda e: ROLES.index(e.role))
    cue = shows.mentions[shows.cue]
    mentions = sorted((m for e in entities for m in e.mentions), key=lambda m: m.start)
    place = next(k for k, m in enumerate(mentions) if m.start == cue.start)
    name = name_of(mentions)
    return DocEntity(name, surest.type, surest.named, surest.confidence, mentions, shows.role, place)


def _kind(entity: DocEntity) -> str:
    return "data" if entity.type in DATA_LABELS else entity.type


@cache
def _known() -> dict[str, str]:
    return {name_key(form): entry.name for entry in reversed(entries()) for form in entry.forms}


@lru_cache(maxsize=1 << 14)
def _entry(name: str) -> str | None:
    return _known().get(name_key(name))


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in pieces(name) if word.lower() not in _SMALL)


@lru_cache(maxsize=1 << 14)
def _trigrams(name: str) -> frozenset[str]:
    text = f" {' '.join(_words(name))} "
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


@lru_cache(maxsize=1 << 16)
def _likeness(a: str, b: str) -> tuple[float, ...]:
    """Of two names: initials, letters, the shares of stems in common (three), head, first word, trigrams."""
    words = _words(a), _words(b)
    stems = [frozenset(word[:_STEM] for word in side) for side in words]
    common = len(stems[0] & stems[1])
    trigrams = _trigrams(a), _trigrams(b)
    return (
        float(_initials(a, words[1]) or _initials(b, words[0])),
        float(_letters(a, b) or _letters(b, a)),
        common,
        common / max(min(map(len, stems)), 1),
        common / max(len(stems[0] | stems[1]), 1),
        float(bool(words[0] and words[1]) and words[0][-1][:_STEM] == words[1][-1][:_STEM]),
        float(bool(words[0] and words[1]) and words[0][0][:_STEM] == words[1][0][:_STEM]),
        len(trigrams[0] & trigrams[1]) / max(len(trigrams[0] | trigrams[1]), 1),
    )


def _initials(short: str, words: Sequence[str]) -> bool:
    """Whether `short` (LMs) is made of the first letters of the words."""
    letters = short.removesuffix("s").lower()
    return len(words) > 1 and letters == "".join(word[0] for word in words)


def _letters(short: str, long: str) -> bool:
    """Whether the letters of a short name (CaBaGe) stand in this order in a long one, from its first letter on."""
    letters = iter(long.lower())
    name = short.removesuffix("s").lower()
    if " " in short or short.islower() or len(pieces(long)) < 2 or not long.lower().startswith(name[:1]):
        return False
    return all(letter in letters for letter in name)


@Language.factory(
    "kg_coreference",
    requires=["doc._.entities"],
    assigns=["doc.ents", "doc._.entities"],
    default_config={"folder": None},
)
def make_coreference(nlp: Language, name: str, folder: str | None) -> Coreference:
    """`folder` holds a model of your own, as `kg train` makes it. Comes after `kg_entities`."""
    return Coreference(Path(folder) if folder else FOLDER)

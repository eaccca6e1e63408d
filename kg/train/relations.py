"""The third stage: which pairs of a paper's entities stand in which relation.

It learns from the entities that the second stage decides on in papers it had not seen, so from the mistakes of the run
time, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from kg.evaluate import match
from kg.extract.entities import DocEntity
from kg.extract.pairs import KINDS, Pair, features, pairs
from kg.extract.trees import Floats
from kg.train import trees
from kg.train.data import Record


@dataclass(frozen=True, slots=True)
class Rows:
    """The pairs of one paper, their features, and what the annotation says of each: 0 for none, else 1 + `KINDS`."""

    pairs: list[Pair]
    table: Floats
    gold: NDArray[np.int64]


def rows(record: Record, doc: Doc, entities: Sequence[DocEntity]) -> Rows:
    """Of one paper whose entities were decided."""
    among = pairs(entities)
    index = {e["name"]: i for i, e in enumerate(record["entities"])}
    stated = {
        (index[s], index[o]): KINDS.index(kind) + 1 for s, kind, o in record["relations"] if {s, o} <= index.keys()
    }
    predicted = [{"type": e.type, "name": e.name, "surfaces": [m.text for m in e.mentions]} for e in entities]
    right = {j: i for i, j in match(record["entities"], predicted)}
    gold = [stated.get((right.get(s, -1), right.get(o, -1)), 0) for s, o in among]
    return Rows(among, features(doc, entities, among), np.array(gold, np.int64))


def fit(papers: Sequence[Rows], seed: int) -> trees.Booster:
    """The ensemble; file `kg.extract.relations.FILE` of a model."""
    table, gold = np.concatenate([p.table for p in papers]), np.concatenate([p.gold for p in papers])
    return trees.fit(table, gold, 1 + len(KINDS), trees=120, leaves=15, seed=seed)

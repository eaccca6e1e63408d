"""The stage after `kg.train.entities`: which of a paper's entities are one under two names.

It learns from the entities that the trees decide on in papers they had not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.evaluate import strings
from kg.extract.coreference import Pair, features, pairs
from kg.extract.entities import DocEntity
from kg.extract.trees import Floats
from kg.train import trees
from kg.train.data import Record


@dataclass(frozen=True, slots=True)
class Rows:
    """The pairs of one paper, their features, and whether the annotation has both as one entity: 0 or 1."""

    pairs: list[Pair]
    table: Floats
    gold: NDArray[np.int64]


def rows(record: Record, entities: Sequence[DocEntity]) -> Rows:
    """Of one paper whose entities were decided."""
    among = pairs(entities)
    annotated = [strings(entity) for entity in record["entities"]]
    own = [strings({"surfaces": [m.text for m in e.mentions]}) for e in entities]
    gold = [any(own[a] & names and own[b] & names for names in annotated) for a, b in among]
    return Rows(among, features(entities, among), np.array(gold, np.int64))


def fit(papers: Sequence[Rows], seed: int) -> trees.Booster:
    """The ensemble; file `kg.extract.coreference.FILE` of a model."""
    table, gold = np.concatenate([p.table for p in papers]), np.concatenate([p.gold for p in papers])
    return trees.fit(table, gold, 2, trees=200, leaves=15, seed=seed)

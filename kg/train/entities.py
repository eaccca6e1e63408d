"""The second stage: which candidates of a paper are entities, of which type, coined or not, and in which role.

It learns from proposals on papers that the proposer's network had not seen, and judges each paper by trees that had not
seen it either: those judgements set the threshold, and the third stage learns from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from kg.evaluate import strings
from kg.extract.candidates import Candidate, find
from kg.extract.entities import Judgement
from kg.extract.features import features
from kg.extract.phrases import Phrases
from kg.extract.proposer import ROLES
from kg.extract.trees import Floats
from kg.schema import ENTITY_LABELS
from kg.train import trees
from kg.train.data import Record, fold_of
from kg.train.phrases import Tally

_PARTS = 10  # that phrases are counted in


@dataclass(frozen=True, slots=True)
class Rows:
    """The candidates of one paper, their features, and for each the annotated entity that it is (its index) or -1."""

    record: Record
    candidates: list[Candidate]
    table: Floats
    gold: NDArray[np.int64]


def rows(records: Sequence[Record], docs: Sequence[Doc], tally: Tally) -> list[Rows]:
    """Of each paper, with phrases as other papers know them."""
    part_of = [fold_of(record["title"], _PARTS) for record in records]
    found: dict[int, Rows] = {}
    for part in range(_PARTS):
        phrases = Phrases(tally.phrases([i for i, other in enumerate(part_of) if other != part]))
        for i in (i for i, own in enumerate(part_of) if own == part):
            candidates = find(docs[i], phrases)
            gold = np.array(_matching(records[i], candidates), np.int64)
            found[i] = Rows(records[i], candidates, features(docs[i], candidates, phrases), gold)
    return [found[i] for i in range(len(records))]


def _matching(record: Record, candidates: Sequence[Candidate]) -> list[int]:
    annotated = [strings(entity) for entity in record["entities"]]
    found = []
    for candidate in candidates:
        own = strings({"surfaces": candidate.texts})
        found.append(next((i for i, names in enumerate(annotated) if own & names), -1))
    return found


@dataclass(frozen=True, slots=True)
class Judge:
    """The four ensembles; files ``NAME.onnx`` of a model."""

    entity: trees.Booster
    type: trees.Booster
    named: trees.Booster
    role: trees.Booster

    def __call__(self, table: Floats) -> Judgement:
        """What the run time's `kg.extract.entities.Entities` would find."""
        entity, types, named, roles = (
            trees.predict(booster, table) for booster in (self.entity, self.type, self.named, self.role)
        )
        return Judgement(entity[:, 1], types, named[:, 1], roles)

    def export(self, model: Path) -> None:
        """Writes the files that `kg.extract.entities.Entities` reads."""
        for field in fields(self):
            trees.export(getattr(self, field.name), model / f"{field.name}.onnx")


def fit(papers: Sequence[Rows], seed: int) -> Judge:
    """The ensembles that tell the papers' entities from other candidates."""
    table = np.concatenate([p.table for p in papers])
    entities = [p.record["entities"][i] if i >= 0 else None for p in papers for i in p.gold]
    right = np.array([e is not None for e in entities])
    true, chosen = [e for e in entities if e is not None], table[right]
    types = np.array([ENTITY_LABELS.index(e["type"]) for e in true])
    roles = np.array([ROLES.index(e["role"]) for e in true])
    named = np.array([bool(e["named"]) for e in true], np.int64)
    return Judge(
        entity=trees.fit(table, right.astype(np.int64), 2, trees=300, leaves=31, seed=seed),
        type=trees.fit(chosen, types, len(ENTITY_LABELS), trees=100, leaves=15, seed=seed),
        named=trees.fit(chosen, named, 2, trees=100, leaves=15, seed=seed),
        role=trees.fit(chosen, roles, len(ROLES), trees=100, leaves=15, seed=seed),
    )

"""A whole model from annotated papers: what `kg train` does.

============ ==========================================================================================
stage        learns
============ ==========================================================================================
proposer     `kg.train.crossfit`: labels of tokens; one network a fold, and one of all papers to ship
entities     `kg.train.entities`: whole names, from proposals on papers that the network had not seen
coreference  `kg.train.coreference`: names of one thing, from entities in papers that the trees had not seen
relations    `kg.train.relations`: pairs of entities, from those in turn
============ ==========================================================================================

Thresholds and calibration come from judgements on unseen papers as well, so that no other papers are needed for them.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from kg.evaluate import score
from kg.extract import pipeline
from kg.extract.coreference import FILE as COREFERENCE
from kg.extract.coreference import merge
from kg.extract.entities import DocEntity, decide
from kg.extract.phrases import write
from kg.extract.proposer import VOCABULARY
from kg.extract.relations import FILE as RELATIONS
from kg.extract.relations import DocRelation
from kg.extract.relations import decide as decide_relations
from kg.extract.trained import PHRASES, THRESHOLDS
from kg.train import coreference, crossfit, entities, relations, trees, unseen
from kg.train.data import Record, fold_of
from kg.train.phrases import Tally
from kg.train.proposer import Recipe

log = logging.getLogger(__name__)
_GRID = [round(0.15 + 0.03 * step, 2) for step in range(15)]  # thresholds to choose from
# Scores would have names merged that are hardly one, as that takes wrong ones away, too; a reader would not.
_LEAST_SAME = 0.3


def train_model(
    records: Sequence[Record], model: Path, work: Path, seed: int = 17, recipe: Recipe | None = None
) -> None:
    """Makes the files of the folder `model`. What lies in `work` from an earlier start is not made again.

    Raises:
        KgError: a package of the extra `train` is missing, or `work` holds papers that were tokenized otherwise.
    """
    weights = crossfit.fit(records, work, recipe or Recipe(seed=seed))
    model.mkdir(parents=True, exist_ok=True)
    for path in (weights, weights.with_name(VOCABULARY)):
        shutil.copyfile(path, model / path.name)
    decide_facts(records, model, work, seed)


def decide_facts(records: Sequence[Record], model: Path, work: Path, seed: int) -> None:
    """All stages after the first, from the proposals in `work`."""
    papers, docs = read_unseen(records, work)
    folds = [fold_of(record["title"], crossfit.FOLDS) for record in papers]
    tally = Tally(papers, docs)
    write(model / PHRASES, tally.phrases(range(len(papers))))

    rows = entities.rows(papers, docs, tally)
    log.info("entities: %d candidates in %d papers", sum(len(r.gold) for r in rows), len(rows))
    entities.fit(rows, seed).export(model)
    judged = crossfit.out_of_fold(
        rows, folds, lambda seen: entities.fit(seen, seed), lambda judge, row: judge(row.table)
    )

    def entities_from(threshold: float) -> list[list[DocEntity]]:
        return [decide(doc, row.candidates, j, threshold) for doc, row, j in zip(docs, rows, judged, strict=True)]

    def with_entities(threshold: float) -> Iterable[Record]:
        return (facts(r, found) for r, found in zip(papers, entities_from(threshold), strict=True))

    entity = _best("entities", with_entities, papers)
    decided = entities_from(entity)

    alike = [coreference.rows(r, e) for r, e in zip(papers, decided, strict=True)]
    log.info("coreference: %d pairs", sum(len(r.gold) for r in alike))
    trees.export(coreference.fit(alike, seed), model / COREFERENCE)
    same = crossfit.out_of_fold(
        alike,
        folds,
        lambda seen: coreference.fit(seen, seed),
        lambda fitted, row: trees.predict(fitted, row.table)[:, 1],
    )

    def merged_from(threshold: float) -> list[list[DocEntity]]:
        return [merge(e, row.pairs, p, threshold) for e, row, p in zip(decided, alike, same, strict=True)]

    def with_merged(threshold: float) -> Iterable[Record]:
        return (facts(r, e) for r, e in zip(papers, merged_from(threshold), strict=True))

    one = _best("entities", with_merged, papers, least=_LEAST_SAME)
    found = merged_from(one)

    related = [relations.rows(r, doc, e) for r, doc, e in zip(papers, docs, found, strict=True)]
    log.info("relations: %d pairs", sum(len(r.gold) for r in related))
    trees.export(relations.fit(related, seed), model / RELATIONS)
    probable = crossfit.out_of_fold(
        related, folds, lambda seen: relations.fit(seen, seed), lambda fitted, row: trees.predict(fitted, row.table)
    )

    def with_relations(threshold: float) -> Iterable[Record]:
        for r, doc, e, row, p in zip(papers, docs, found, related, probable, strict=True):
            yield facts(r, e, decide_relations(doc, e, row.pairs, p, threshold))

    thresholds = {"entity": entity, "same": one, "relation": _best("relations", with_relations, papers)}
    (model / THRESHOLDS).write_text(json.dumps(thresholds) + "\n", encoding="utf-8")


def read_unseen(records: Iterable[Record], work: Path) -> tuple[list[Record], list[Doc]]:
    """The papers that `work` has proposals of, and their documents as they come to `kg_entities`."""
    reader = pipeline.load(until="kg_proposer")
    papers, docs = [], []
    for record, doc in unseen.read(work / "oof", records):
        for _, component in reader.pipeline:
            doc = component(doc)  # noqa: PLW2901
        papers.append(record)
        docs.append(doc)
    return papers, docs


def _best(
    row: str, predict: Callable[[float], Iterable[Record]], papers: Sequence[Record], least: float = 0.0
) -> float:
    """The threshold, `least` or higher, with the highest F1 in that row of `kg.evaluate.score`."""
    results = {}
    for threshold in (t for t in _GRID if t >= least):
        result = score(papers, predict(threshold))
        precision, recall, f1 = next(r[1:4] for r in result.rows if r[0] == row)
        log.info("%s from %.2f on: precision %.3f, recall %.3f, F1 %.3f", row, threshold, precision, recall, f1)
        results[threshold] = f1
    return max(results, key=lambda threshold: results[threshold])


def facts(record: Record, found: Iterable[DocEntity], related: Iterable[DocRelation] = ()) -> dict[str, Any]:
    """As `kg.evaluate.score` reads them."""
    return {
        "title": record["title"],
        "entities": [
            {"name": e.name, "type": e.type, "role": e.role, "named": e.named, "surfaces": [m.text for m in e.mentions]}
            for e in found
        ],
        "links": [],
        "relations": [[r.subject, r.type, r.object] for r in related],
    }

"""Folds: whatever is learnt from a stage's results, the stage had not seen the papers.

The first stage as a whole is here, too: a network a fold, its predictions on unseen papers, and the network that is
shipped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from kg.extract.proposer import WEIGHTS, Proposer
from kg.train import unseen
from kg.train.data import Record, examples, fold_of
from kg.train.export import export
from kg.train.proposer import Recipe, train

log = logging.getLogger(__name__)

FOLDS = 3
Paper = TypeVar("Paper")
Fitted = TypeVar("Fitted")
Judged = TypeVar("Judged")


def out_of_fold(
    papers: Sequence[Paper],
    folds: Sequence[int],
    fit: Callable[[Sequence[Paper]], Fitted],
    judge: Callable[[Fitted, Paper], Judged],
) -> list[Judged]:
    """What is judged of each paper by what was fitted to the papers of the other folds."""
    found: dict[int, Judged] = {}
    for fold in sorted(set(folds)):
        fitted = fit([paper for paper, other in zip(papers, folds, strict=True) if other != fold])
        found |= {i: judge(fitted, papers[i]) for i, own in enumerate(folds) if own == fold}
    return [found[i] for i in range(len(papers))]


def fit(
    records: Iterable[Record], work: Path, recipe: Recipe | None = None, parts: Iterable[int | None] = (0, 1, 2, None)
) -> Path:
    """Trains what `work` does not hold yet; the path of the weights to ship, ``work/final/proposer.onnx``.

    `parts` are the folds, and None for the network of all papers. Files: ``work/foldK/``, ``work/final/``,
    ``work/oof/foldK.npz`` (see `kg.train.unseen`).
    """
    papers = list(examples(records))
    for part in parts:
        name = "final" if part is None else f"fold{part}"
        folder = work / name
        if not (folder / WEIGHTS).exists():
            seen = [p for p in papers if fold_of(p.record["title"], FOLDS) != part]
            log.info("%s: training on %d papers", name, len(seen))
            export(train(seen, folder, recipe or Recipe()).to("cpu"), folder)
        predictions = work / "oof" / f"{name}.npz"
        if part is not None and not predictions.exists():
            proposer = Proposer(folder)
            unseen.write(predictions, (p for p in papers if fold_of(p.record["title"], FOLDS) == part), proposer)
            log.info("%s: wrote %s", name, predictions)
    return work / "final" / WEIGHTS

"""What each part of the second stage is worth, and what more annotations are, as Markdown tables on standard output.

    python bench/ablation.py GOLD.jsonl WORK

WORK is the folder of `kg train GOLD.jsonl --work WORK`, with its proposals on unseen papers. Every paper is judged by
trees that were fitted to papers of other folds. Takes some minutes; needs the extra `train`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kg.evaluate import read_facts, score
from kg.extract.entities import decide
from kg.extract.features import NAMES
from kg.train import crossfit, entities
from kg.train.data import Record, fold_of
from kg.train.model import facts, read_unseen
from kg.train.phrases import Tally

ROWS = ("entities", "named entities", "Dataset or Benchmark", "entity with role", "introduces")
THRESHOLDS = (0.35, 0.41, 0.47)
_LABELS = ("mean ", "most ", "least ", "share ", "role ", "named", "longer", "shorter", "weakest")
PARTS = {  # the beginnings of the names of their features
    "the proposer": (*_LABELS, "source 5", "source 6", "source 7"),
    "lexicons": ("lexicon", "source 0", "source 1"),
    "annotated phrases": ("seen", "labelled", "head ", "source 2"),
    "patterns": ("pattern ",),
    "shapes and suggestive names": ("letters", "characters", "upper", "capitals", "mixed", "digit", "lower", "hyphens",
                                    "suggests", "source 4"),
    "place and neighbours": ("places", "in title", "first", "last", "density", "hyphen ", "sentence", "overlapping"),
}  # fmt: skip
SHARES = (0.0625, 0.125, 0.25, 0.5, 1.0)


def main(gold: Path, work: Path) -> None:
    papers, docs = read_unseen(read_facts(gold), work)
    rows = entities.rows(papers, docs, Tally(papers, docs))
    folds = [fold_of(record["title"], crossfit.FOLDS) for record in papers]

    def measured(table: Sequence[entities.Rows], share: float = 1.0) -> list[str]:
        """The F1 of each of `ROWS`, at the best threshold for the first."""
        judged = crossfit.out_of_fold(
            table, folds, lambda seen: entities.fit(seen[:: round(1 / share)], 17), lambda judge, row: judge(row.table)
        )
        results = []
        for threshold in THRESHOLDS:
            found: list[Record] = [
                facts(record, decide(doc, row.candidates, judgement, threshold))
                for record, doc, row, judgement in zip(papers, docs, rows, judged, strict=True)
            ]
            f1 = {str(row[0]): float(row[3]) for row in score(papers, found).rows}
            results.append([f1[name] for name in ROWS])
        return [f"{f1:.3f}" for f1 in max(results)]

    print(f"{len(papers):,} papers, {sum(len(row.gold) for row in rows):,} candidates\n")
    print_table("second stage", {"all": measured(rows)} | {
        f"without {part}": measured([replace(row, table=_without(row.table, names)) for row in rows])
        for part, names in PARTS.items()
    })  # fmt: skip
    print_table("papers for the trees", {
        f"{round(len(papers) * 2 / 3 * share):,}": measured(rows, share) for share in SHARES
    })  # fmt: skip


def _without(table: np.ndarray, beginnings: tuple[str, ...]) -> np.ndarray:
    """The table with those columns made useless."""
    changed = table.copy()
    changed[:, [name.startswith(beginnings) for name in NAMES]] = 0
    return changed


def print_table(head: str, rows: dict[str, list[str]]) -> None:
    for row in ([head, *ROWS], ["---"] + ["---:"] * len(ROWS), *([name, *cells] for name, cells in rows.items())):
        print(f"| {' | '.join(row)} |", flush=True)
    print()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The proposer's probabilities on papers that it was not trained on, as files that the second stage learns from.

``oof/foldK.npz`` holds the papers of fold K as read by the network trained on the others:

========== ===================== ==========================================================================
ids        (papers,) str         and `titles` likewise, in the order of the gold file
offsets    (papers + 1,) int64   the tokens of paper i are the rows ``offsets[i]:offsets[i + 1]``
proposals  (tokens, 17) float16  the columns of `kg.extract.proposer`: 11 types, 5 roles, named
starts     (tokens,) int32       where each token begins in title + line break + abstract; `ends` likewise
========== ===================== ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from spacy.tokens import Doc

from kg.errors import KgError
from kg.extract.proposer import Proposer
from kg.train.data import Example, Record, document


def write(path: Path, papers: Iterable[Example], proposer: Proposer) -> None:
    """Runs `proposer`, the same component as at run time, over `papers` and writes their file."""
    docs, ids, titles = [], [], []
    for paper in papers:
        docs.append(proposer(paper.doc))
        ids.append(paper.record["id"])
        titles.append(paper.record["title"])
    partial = path.with_suffix(".partial.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        partial,
        ids=np.array(ids),
        titles=np.array(titles),
        offsets=np.cumsum([0, *(len(doc) for doc in docs)]),
        proposals=np.concatenate([doc._.proposals for doc in docs]).astype(np.float16),
        starts=np.array([token.idx for doc in docs for token in doc], np.int32),
        ends=np.array([token.idx + len(token) for doc in docs for token in doc], np.int32),
    )
    partial.replace(path)


def read(folder: Path, records: Iterable[Record]) -> Iterator[tuple[Record, Doc]]:
    """Each paper that `folder` holds predictions of, with its document and, from a network that had not seen it,
    ``doc._.proposals``.

    Raises:
        KgError: a paper is tokenized otherwise than when its file was written.
    """
    rows = {}
    for path in sorted(folder.glob("fold*.npz")):
        with np.load(path) as file:
            offsets, proposals, starts = file["offsets"], file["proposals"].astype(np.float32), file["starts"]
            for at, title in enumerate(file["titles"]):
                own = slice(offsets[at], offsets[at + 1])
                rows[str(title)] = proposals[own], starts[own]
    for record in records:
        if record["title"] in rows:
            doc = document(record)
            doc._.proposals, starts = rows[record["title"]]
            if [token.idx for token in doc] != starts.tolist():
                raise KgError(
                    f"{record['id']}: tokens differ from those of {folder}; delete that folder and train again"
                )
            yield record, doc

"""Entities straight from the proposer's probabilities, without a second stage: a yardstick for proposers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from spacy.tokens import Doc, Span

from kg.extract.proposer import LABELS, NAMED_COLUMN, ROLE_COLUMNS, ROLES, TYPE_COLUMNS
from kg.extract.text import name_key


def spans(doc: Doc, bias: float = 0.0) -> Iterator[Span]:
    """The most likely spans by ``doc._.proposals``; the more, the greater `bias`, taken off O's log probability."""
    scores = np.log(np.maximum(doc._.proposals[:, TYPE_COLUMNS], 1e-6))
    scores[:, 0] -= bias
    start, label = 0, ""
    for at, best in enumerate([*scores.argmax(1).tolist(), 0]):
        mark, _, kind = LABELS[best].partition("-")
        if label and (mark != "I" or kind != label):
            yield Span(doc, start, at, label=label)
            label = ""
        if mark != "O" and not label:
            start, label = at, kind


def entities(doc: Doc, bias: float = 0.0) -> list[dict[str, Any]]:
    """The spans grouped by name, as records in the annotations' format; role and `named` by mean probability."""
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in spans(doc, bias):
        groups[name_key(span.text)].append(span)
    records = []
    for group in groups.values():
        rows = np.stack([doc._.proposals[span.start : span.end].mean(0) for span in group]).mean(0)
        surfaces = Counter(span.text for span in group)
        records.append(
            {
                "name": max(surfaces, key=lambda s: (surfaces[s], s)),
                "type": Counter(span.label_ for span in group).most_common(1)[0][0],
                "role": ROLES[int(rows[ROLE_COLUMNS].argmax())],
                "named": bool(rows[NAMED_COLUMN] > 0.5),
                "surfaces": list(surfaces),
            }
        )
    return records

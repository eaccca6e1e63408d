"""Windows of annotated papers as padded batches, papers of like length together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kg.extract.proposer import LABELS, ROLES, Encoder, Window
from kg.train.data import Example

IGNORED = -100  # what torch's cross entropy leaves out


@dataclass(frozen=True, slots=True)
class Targets:
    """A window with what is to be learnt of each token: `types` and `roles` index `LABELS` and `ROLES`, `named` is 0 or
    1; the latter two are `IGNORED` outside mentions."""

    window: Window
    types: NDArray[np.int64]
    roles: NDArray[np.int64]
    named: NDArray[np.int64]


def targets(example: Example, encoder: Encoder) -> list[Targets]:
    """The windows of a paper, with B-I-O labels of its mentions."""
    size = len(example.doc)
    types = np.zeros(size, np.int64)
    roles, named = np.full(size, IGNORED), np.full(size, IGNORED)
    for m in example.mentions:
        types[m.start : m.end] = LABELS.index(f"I-{m.type}")
        types[m.start] = LABELS.index(f"B-{m.type}")
        roles[m.start : m.end] = ROLES.index(m.role)
        named[m.start : m.end] = m.named
    return [Targets(w, *(column[w.start : w.end] for column in (types, roles, named))) for w in encoder(example.doc)]


def batches(windows: Sequence[Targets], size: int, seed: int) -> Iterator[list[Targets]]:
    """All windows once, in batches of `size` that waste little padding, in a random order fixed by `seed`."""
    rng = random.Random(seed)
    ordered = sorted(windows, key=lambda t: len(t.window.pieces) + rng.uniform(-8, 8))
    groups = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    rng.shuffle(groups)
    return iter(groups)


def tensors(group: Sequence[Targets], device: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The inputs of `kg.train.network.Network` and the targets, padded."""
    windows = [t.window for t in group]
    pieces = _pad([w.pieces for w in windows], 0)
    lengths = torch.tensor([len(w.first) for w in windows])
    inputs = {
        "pieces": pieces,
        "first": _pad([w.first for w in windows], 0),
        "last": _pad([w.last for w in windows], 0),
        "features": _pad([w.features for w in windows], 0.0),
        "mask": torch.arange(pieces.shape[1])[None] < torch.tensor([len(w.pieces) for w in windows])[:, None],
    }
    wanted = {
        "types": _pad([t.types for t in group], IGNORED),
        "roles": _pad([t.roles for t in group], IGNORED),
        "named": _pad([t.named for t in group], IGNORED),
    }
    moved = {name: t.to(device) for name, t in inputs.items()}
    return moved | {"lengths": lengths}, {name: t.to(device) for name, t in wanted.items()}


def _pad(arrays: Sequence[NDArray[np.int64]] | Sequence[NDArray[np.float32]], value: float) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.from_numpy(a) for a in arrays], batch_first=True, padding_value=value)

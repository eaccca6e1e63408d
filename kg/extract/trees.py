"""Gradient-boosted trees as they come from `kg.train.trees`, run by onnxruntime."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import ExtractionError

# Since 1.29 it tells its maker of each start, unless told not to before it is imported; no network is this project's.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

Floats = NDArray[np.float32]


def session(path: Path, **options: object) -> onnxruntime.InferenceSession:
    """The network or ensemble in the file `path`, on one core: papers run side by side, not their parts.

    Raises:
        ExtractionError: there is none.
    """
    if not path.exists():
        raise ExtractionError(f"{path}: no such file; `kg train` makes a model of all its files")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"], **options)


class Trees:
    """An ensemble that maps a row of features to the probabilities of its classes."""

    def __init__(self, path: Path) -> None:
        self._session = session(path)

    def __call__(self, table: Floats) -> Floats:
        """(rows, features) to (rows, classes)."""
        probabilities: Floats = self._session.run(["probabilities"], {"features": table})[0]
        return probabilities

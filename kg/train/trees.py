"""Gradient-boosted trees (LightGBM; Ke et al. 2017): fitted to rows of features, and as ONNX for the run time."""

from __future__ import annotations

import warnings
from pathlib import Path

import lightgbm
import numpy as np
import onnx
from numpy.typing import NDArray
from onnxmltools.convert import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from kg.extract.trees import Floats

Booster = lightgbm.Booster
_OPSET = 15
_PARAMETERS = {
    "learning_rate": 0.06,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def fit(
    table: Floats, classes: NDArray[np.int64], count: int, *, trees: int, leaves: int, seed: int = 20
) -> lightgbm.Booster:
    """An ensemble for `count` classes; of `trees` for each class, or of one for both of two."""
    objective = {"objective": "binary"} if count == 2 else {"objective": "multiclass", "num_class": count}
    settings = {**_PARAMETERS, **objective, "num_leaves": leaves, "seed": seed}
    # A handful of papers must do, too.
    settings["min_data_in_leaf"] = min(_PARAMETERS["min_data_in_leaf"], max(len(table) // 20, 1))
    return lightgbm.train(settings, lightgbm.Dataset(table, classes, params={"verbose": -1}), trees)


def predict(booster: lightgbm.Booster, table: Floats) -> Floats:
    """Probabilities, (rows, classes)."""
    found = np.asarray(booster.predict(table), np.float32)
    return np.column_stack([1 - found, found]) if found.ndim == 1 else found


def export(booster: lightgbm.Booster, path: Path) -> None:
    """The file that `kg.extract.trees.Trees` reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convert_lightgbm(
            booster,
            initial_types=[("features", FloatTensorType([None, booster.num_feature()]))],
            zipmap=False,
            target_opset=_OPSET,
        )
    model.graph.name = path.stem  # a random one otherwise
    onnx.save(model, str(path))

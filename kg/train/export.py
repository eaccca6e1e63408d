"""A trained network as the file that the run time reads: ONNX, its matrices in 8 bits."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from kg.extract.proposer import FEATURES, VOCABULARY, WEIGHTS
from kg.train.network import Network, Probabilities, pretrained

_OPSET = 17


def export(network: Network, folder: Path) -> Path:
    """Writes the weights in 8 bits and the vocabulary into `folder`; the path of the former."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WEIGHTS
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        export_plain(network, plain)
        quantize(plain, path)
    shutil.copyfile(pretrained() / VOCABULARY, folder / VOCABULARY)
    return path


def export_plain(network: Network, path: Path) -> None:
    """The network in full precision."""
    tokens, pieces = 5, 9
    example = (
        torch.arange(pieces),
        torch.tensor([1, 2, 4, 5, 6]),
        torch.tensor([1, 3, 4, 5, 7]),
        torch.zeros(tokens, FEATURES),
    )
    names = ["pieces", "first", "last", "features"]
    axes = {name: {0: "P" if name == "pieces" else "T"} for name in names} | {"proposals": {0: "T"}}
    with warnings.catch_warnings():
        # The exporter warns of batches; there are none.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Probabilities(network).eval(),
            example,
            str(path),
            input_names=names,
            output_names=["proposals"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


def quantize(plain: Path, path: Path) -> None:
    """Weights to 8 bits, a scale for each column; activations are quantised as they come."""
    partial = path.with_suffix(".partial")
    quantize_dynamic(
        plain,
        partial,
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"MatMulConstBOnly": True},
    )
    onnx.checker.check_model(str(partial))
    partial.replace(path)

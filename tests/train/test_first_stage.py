"""From annotated papers to weights, in small."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import torch

from kg.extract.proposer import VOCABULARY, WEIGHTS, Proposer
from kg.train import unseen
from kg.train.crossfit import fit
from kg.train.data import document
from kg.train.export import export_plain
from kg.train.network import Network
from kg.train.proposer import Recipe

# Of folds 0, 2 and 1.
PAPERS = [
    {
        "id": f"p{number}",
        "title": title,
        "abstract": f"We propose {title}, a parser. {title} beats PlainParse.",
        "entities": [
            {"name": title, "type": "Method", "named": True, "role": "introduces", "surfaces": [title]},
            {"name": "PlainParse", "type": "Method", "named": True, "role": "compares", "surfaces": ["PlainParse"]},
        ],
    }
    for number, title in enumerate(["Oxbow", "Meander", "Delta"])
]
RECIPE = Recipe(epochs=1, batch=2)


def test_the_first_stage(tmp_path: Path) -> None:
    weights = fit(PAPERS, tmp_path, RECIPE)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        *(
            f"{name}/{file}"
            for name in ("final", "fold0", "fold1", "fold2")
            for file in ("epoch1.pt", "proposer.onnx", "tokenizer.json")
        ),
        *(f"oof/fold{fold}.npz" for fold in range(3)),
    ]
    assert weights.stat().st_size < 25_000_000

    read = list(unseen.read(tmp_path / "oof", PAPERS))
    assert [(record["id"], doc._.proposals.shape) for record, doc in read] == [
        (record["id"], (len(doc), 17)) for record, (_, doc) in zip(PAPERS, read, strict=True)
    ]

    made = weights.stat().st_mtime_ns
    assert fit(PAPERS, tmp_path, RECIPE).stat().st_mtime_ns == made  # what is there is not made again


def test_eight_bits_say_nearly_the_same(tmp_path: Path) -> None:
    weights = fit(PAPERS, tmp_path, RECIPE, parts=[None])
    network = Network()
    network.load_state_dict(torch.load(tmp_path / "final" / "epoch1.pt", weights_only=True)["states"][0])
    (tmp_path / "plain").mkdir()
    export_plain(network, tmp_path / "plain" / WEIGHTS)
    shutil.copy(weights.with_name(VOCABULARY), tmp_path / "plain")
    doc = document(PAPERS[0])
    exact = Proposer(tmp_path / "plain")(doc)._.proposals.copy()
    assert np.abs(Proposer(weights.parent)(doc)._.proposals - exact).max() < 0.1

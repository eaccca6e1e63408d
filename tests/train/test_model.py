"""From annotated papers to a whole model and back to facts, in small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import kg
from kg import Paper
from kg.errors import ExtractionError
from kg.extract.phrases import Phrase
from kg.train.data import document
from kg.train.model import train_model
from kg.train.phrases import Tally
from kg.train.proposer import Recipe

RIVERS = ["Oxbow", "Meander", "Delta", "Estuary", "Rapid", "Cascade", "Brook", "Tarn", "Eddy", "Weir", "Shoal", "Fjord"]


def entity(type_: str, role: str, *surfaces: str, named: bool = True) -> dict[str, Any]:
    return {"name": surfaces[0], "type": type_, "named": named, "role": role, "surfaces": list(surfaces)}


PAPERS = [
    {
        "id": f"p{number}",
        "title": f"{name}: rivers for parsing",
        "abstract": f"We propose {name}. {name} beats PlainParse in dependency parsing on RiverBank-5K by accuracy.",
        "entities": [
            entity("Method", "introduces", name),
            entity("Method", "compares", "PlainParse"),
            entity("Task", "evaluates", "dependency parsing", named=False),
            entity("Dataset", "evaluates", "RiverBank-5K"),
            entity("Metric", "evaluates", "accuracy", named=False),
        ],
        "links": [],
        "relations": [[name, "OUTPERFORMS", "PlainParse"], [name, "EVALUATED_ON", "RiverBank-5K"]],
    }
    for number, name in enumerate(RIVERS)
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    train_model(PAPERS, folder / "model", folder / "work", recipe=Recipe(epochs=1, batch=4))
    return folder / "model"


def test_its_files(model: Path) -> None:
    assert sorted(path.name for path in model.iterdir()) == [
        "entity.onnx", "named.onnx", "phrases.tsv", "proposer.onnx", "relation.onnx", "role.onnx", "same.onnx",
        "thresholds.json", "tokenizer.json", "type.onnx",
    ]  # fmt: skip
    assert json.loads((model / "thresholds.json").read_text()).keys() == {"entity", "same", "relation"}
    assert "PlainParse\t12\t12\t12\t12\t0\t0\t0\t0" in (model / "phrases.tsv").read_text().splitlines()


def test_it_finds_what_it_was_shown(model: Path) -> None:
    text = "We propose Lagoon. Lagoon beats PlainParse in dependency parsing on RiverBank-5K by accuracy."
    [facts] = kg.extract([Paper("x", "Lagoon: rivers for parsing", text)], kg.load(model))
    assert {"PlainParse": "Method", "RiverBank-5K": "Dataset", "dependency parsing": "Task"}.items() <= {
        e.name: e.type for e in facts.entities
    }.items()


def test_the_same_again(model: Path) -> None:
    """From the checkpoints: what is there is not trained again, and the trees come out the same."""
    files = {path.name: path.read_bytes() for path in model.iterdir()}
    train_model(PAPERS, model.parent / "again", model.parent / "work", recipe=Recipe(epochs=1, batch=4))
    again = {path.name: path.read_bytes() for path in (model.parent / "again").iterdir()}
    assert {name for name in files if files[name] != again[name]} == set()


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="kg train"):
        kg.load(tmp_path)


def test_phrases_are_counted_in_the_papers_that_are_asked_for() -> None:
    records = [
        {"id": "1", "title": "Oxbow", "abstract": "A parser.", "entities": [entity("Method", "introduces", "Oxbow")]},
        {"id": "2", "title": "Oxbows", "abstract": "The oxbow is a lake.", "entities": []},
        {"id": "3", "title": "Lakes", "abstract": "Oxbow is one.", "entities": [entity("Dataset", "uses", "Oxbow")]},
    ]
    tally = Tally(records, [document(record) for record in records])
    assert tally.phrases([0, 1, 2]) == [Phrase("Oxbow", seen=3, labelled=2, named=2, types=(1, 1, 0, 0, 0))]
    assert tally.phrases([0, 1]) == [Phrase("Oxbow", seen=2, labelled=1, named=1, types=(1, 0, 0, 0, 0))]
    assert tally.phrases([1]) == []

"""Relations: which pairs are looked at, what is known of them, and what is stated in the end."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.tokens import Doc, Span

from kg.extract.document import make_doc
from kg.extract.entities import DocEntity
from kg.extract.pairs import KINDS, NAMES, features, pairs
from kg.extract.pipeline import load
from kg.extract.proposer import COLUMNS
from kg.extract.relations import decide
from kg.model import Paper

TEXT = "WeftNet weaves. WeftNet outperforms LoomNet on KnotBench. It is tested on KnotBench. LoomNet is old."


def read(text: str, *entities: tuple[str, str, str]) -> tuple[Doc, list[DocEntity]]:
    """The document, and entities of these names, types and roles in all their places."""
    nlp = load()
    doc = nlp.get_pipe("sentencizer")(make_doc(nlp, Paper("x", "", text)))
    doc._.proposals = np.zeros((len(doc), COLUMNS), np.float32)
    found = []
    for name, type_, role in entities:
        mentions = [Span(doc, token.i, token.i + 1) for token in doc if token.text == name]
        found.append(DocEntity(name, type_, True, 0.9, mentions, role))
    return doc, found


def example() -> tuple[Doc, list[DocEntity]]:
    return read(
        TEXT,
        ("WeftNet", "Method", "introduces"),
        ("LoomNet", "Method", "compares"),
        ("KnotBench", "Benchmark", "evaluates"),
    )


@pytest.mark.parametrize(
    ("subject", "object_", "related"),
    [
        ("Method", "Method", True), ("Method", "Task", True), ("Method", "Dataset", True),
        ("Dataset", "Benchmark", True),
        ("Method", "Metric", False), ("Task", "Method", False), ("Dataset", "Method", False), ("Task", "Task", False),
    ],
)  # fmt: skip
def test_the_types_that_can_be_related(subject: str, object_: str, related: bool) -> None:
    _, entities = read("a b", ("a", subject, "uses"), ("b", object_, "uses"))
    assert ((0, 1) in pairs(entities)) == related


def test_pairs_of_a_very_long_list_are_bounded() -> None:
    names = [f"N{i}" for i in range(300)]
    _, entities = read(" ".join(names), *((name, "Method", "uses") for name in names))
    assert len(pairs(entities)) < 5000


def test_what_is_known_of_a_pair() -> None:
    doc, entities = example()
    table = features(doc, entities, [(0, 1), (1, 0), (0, 2)])
    rows = [dict(zip(NAMES, row.tolist(), strict=True)) for row in table]
    columns = ("subject role introduces", "object type Benchmark", "together", "gap", "subject first")
    assert [[row[c] for c in columns] for row in rows] == [
        [1, 0, 1, 1, 1],  # "outperforms" is between them
        [0, 0, 1, 1, -1],
        [1, 1, 1, 3, 1],
    ]
    assert [row["between outperform"] for row in rows] == [1, 1, 1]
    assert [row["between on"] for row in rows] == [0, 0, 1]


def judged(*rows: dict[str, float]) -> np.ndarray:
    return np.array([[1 - sum(row.values()), *(row.get(kind, 0.0) for kind in KINDS)] for row in rows], np.float32)


def test_the_likeliest_relation_of_a_pair_is_stated_where_it_is_likely_enough() -> None:
    doc, entities = example()
    probabilities = judged({"OUTPERFORMS": 0.6, "BUILDS_ON": 0.3}, {"BUILDS_ON": 0.2}, {"EVALUATED_ON": 0.4})
    found = decide(doc, entities, [(0, 1), (1, 0), (0, 2)], probabilities, 0.3)
    assert [(r.subject, r.type, r.object, r.confidence) for r in found] == [
        ("WeftNet", "OUTPERFORMS", "LoomNet", 0.6),
        ("WeftNet", "EVALUATED_ON", "KnotBench", 0.4),
    ]


@pytest.mark.parametrize(
    ("cue", "sentence"),
    [
        (0, "WeftNet outperforms LoomNet on KnotBench."),  # the role's own sentence, which has both
        (1, "WeftNet outperforms LoomNet on KnotBench."),  # it lacks the subject: the first one with both
    ],
)
def test_the_evidence(cue: int, sentence: str) -> None:
    doc, entities = example()
    entities[2].cue = cue
    [found] = decide(doc, entities, [(0, 2)], judged({"EVALUATED_ON": 0.9}), 0.5)
    assert found.sentence.text == sentence


def test_without_a_common_sentence_the_object_s_own_is_the_evidence() -> None:
    doc, entities = read(
        "We knit WeftNet. It extends LoomNet.", ("WeftNet", "Method", "introduces"), ("LoomNet", "Method", "uses")
    )
    [found] = decide(doc, entities, [(0, 1)], judged({"BUILDS_ON": 0.9}), 0.5)
    assert found.sentence.text == "It extends LoomNet."


def test_an_abstract() -> None:
    """All of it together, on a text like those that the model was made for."""
    nlp = load()
    abstract = (
        "Image classification is costly. We propose WeftNet, a vision transformer that gates its threads. WeftNet "
        "builds on ViT. In experiments on ImageNet and CIFAR-10, WeftNet outperforms ResNet-50 in accuracy."
    )
    doc = nlp(make_doc(nlp, Paper("x", "WeftNet: Gated Threads for Image Classification", abstract)))
    assert {
        ("WeftNet", "BUILDS_ON", "ViT"),
        ("WeftNet", "EVALUATED_ON", "ImageNet"),
        ("WeftNet", "OUTPERFORMS", "ResNet-50"),
    } <= {(r.subject, r.type, r.object) for r in doc._.relations}

"""Annotated papers become tokens with labels; see kg/train/data.py."""

from __future__ import annotations

from typing import Any

import pytest

from kg.extract.proposer import LABELS, ROLES, VOCABULARY, Encoder
from kg.train.batches import IGNORED, targets
from kg.train.data import examples, fold_of
from kg.train.network import pretrained


def entity(type_: str, *surfaces: str, role: str = "uses", named: bool = True) -> dict[str, Any]:
    return {"name": surfaces[0], "type": type_, "named": named, "role": role, "surfaces": list(surfaces)}


def found(title: str, abstract: str, *entities: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each mention's text, type and role."""
    record = {"id": "p1", "title": title, "abstract": abstract, "entities": entities}
    [example] = examples([record])
    return [(example.doc[m.start : m.end].text, m.type, m.role) for m in example.mentions]


def test_every_occurrence_in_title_and_abstract_is_a_mention() -> None:
    assert found(
        "Oxbow: rivers for parsing",
        "We propose Oxbow. Oxbow is better than PlainParse on RiverBank-5K.",
        entity("Method", "Oxbow", role="introduces"),
        entity("Method", "PlainParse", role="compares"),
        entity("Dataset", "RiverBank-5K", role="evaluates"),
    ) == [
        ("Oxbow", "Method", "introduces"),
        ("Oxbow", "Method", "introduces"),
        ("Oxbow", "Method", "introduces"),
        ("PlainParse", "Method", "compares"),
        ("RiverBank-5K", "Dataset", "evaluates"),
    ]


def test_the_longest_surface_wins() -> None:
    assert found(
        "A study",
        "Deep Oxbow networks and Oxbow networks, Oxbow too.",
        entity("Method", "Oxbow"),
        entity("Method", "Oxbow networks", "Deep Oxbow networks"),
    ) == [("Deep Oxbow networks", "Method", "uses"), ("Oxbow networks", "Method", "uses"), ("Oxbow", "Method", "uses")]


@pytest.mark.parametrize(
    ("abstract", "mentions"),
    [
        ("Oxbows and oxbow.", []),  # other words
        ("See https://github.com/ann/Oxbow for code.", []),  # inside a URL
        ("Ours (Oxbow), Oxbow-based.", ["Oxbow", "Oxbow"]),
        ("Oxbow’s \u2018Oxbow\u2019", ["Oxbow", "Oxbow"]),
        ("", []),
    ],
)
def test_whole_words_only(abstract: str, mentions: list[str]) -> None:
    assert [text for text, *_ in found("A study", abstract, entity("Method", "Oxbow"))] == mentions


def test_typographic_variants_do_not_count() -> None:
    assert found("A study", "On River\u2010Bank, twice.", entity("Dataset", "River-Bank")) == [
        ("River-Bank", "Dataset", "uses")
    ]


def test_a_paper_stays_in_its_fold() -> None:
    assert [fold_of(title, 3) for title in ("Oxbow", "oxbow!", "Meander", "Delta", "Estuary")] == [0, 0, 2, 1, 2]


def test_labels() -> None:
    record = {
        "id": "p1",
        "title": "Meander",
        "abstract": "Deep Oxbow parses.",
        "entities": [entity("Method", "Deep Oxbow", role="introduces")],
    }
    [example] = examples([record])
    [target] = targets(example, Encoder(pretrained() / VOCABULARY))
    assert [token.text for token in example.doc] == ["Meander", "\n", "Deep", "Oxbow", "parses", "."]
    assert [LABELS[i] for i in target.types] == ["O", "O", "B-Method", "I-Method", "O", "O"]
    assert target.roles.tolist() == [IGNORED, IGNORED, *[ROLES.index("introduces")] * 2, IGNORED, IGNORED]
    assert target.named.tolist() == [IGNORED, IGNORED, 1, 1, IGNORED, IGNORED]

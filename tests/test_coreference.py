"""Two names of one thing in a paper: what is known of a pair of entities, and their merger."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.tokens import Span

from kg.extract.coreference import NAMES, features, merge, pairs
from kg.extract.document import make_doc
from kg.extract.entities import DocEntity
from kg.extract.pipeline import load
from kg.model import Paper


def entities(*described: tuple[str, str, str]) -> list[DocEntity]:
    """Of these names, types and roles, in a text that lists them in this order."""
    text = ", ".join(name for name, *_ in described)
    doc = load().make_doc(text)
    found = []
    for name, type_, role in described:
        span = doc.char_span(text.index(name), text.index(name) + len(name))
        assert span is not None
        found.append(DocEntity(name, type_, True, 0.9, [Span(doc, span.start, span.end)], role))
    return found


def known(a: str, b: str) -> dict[str, float]:
    """What is known of two methods with these names."""
    table = features(entities((a, "Method", "uses"), (b, "Method", "uses")), [(0, 1)])
    return dict(zip(NAMES, table[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("red thread models", "RTMs", {"initials": 1}),
        ("WeftNet", "red thread models", {"initials": 0, "letters": 0}),
        ("ReThreMo", "Red Thread Models", {"letters": 1, "initials": 0}),
        ("perplexity", "PPL", {"one entry": 1, "two entries": 0}),
        ("BERT", "PPL", {"one entry": 0, "two entries": 1}),
        ("modeling threads", "Thread Models", {"all stems": 1, "head": 0}),
        ("red thread modeling", "thread modeling", {"all stems of one": 1, "stems in common": 2, "head": 1}),
    ],
)
def test_what_is_known_of_a_pair(a: str, b: str, said: dict[str, float]) -> None:
    found = known(a, b)
    assert {name: found[name] for name in said} == said


def test_pairs_are_of_one_type_where_data_are_one() -> None:
    four = entities(
        ("a1", "Method", "uses"), ("b1", "Dataset", "uses"), ("c1", "Benchmark", "uses"), ("d1", "Method", "uses")
    )
    assert pairs(four) == [(0, 3), (1, 2)]


def test_pairs_of_a_very_long_list_are_bounded() -> None:
    assert len(pairs(entities(*((f"N{i}x", "Method", "uses") for i in range(300))))) < 3000


THREE = (
    ("thread models", "Method", "mentions"),
    ("ThreadNet", "Method", "introduces"),
    ("TM", "Method", "compares"),
)


@pytest.mark.parametrize(
    ("same", "expected"),
    [
        ([0.1, 0.2, 0.1], [("thread models", "mentions"), ("ThreadNet", "introduces"), ("TM", "compares")]),
        # the strongest role and the shorter coined name
        ([0.1, 0.8, 0.1], [("TM", "compares"), ("ThreadNet", "introduces")]),
        # only pairs, the likeliest first
        ([0.7, 0.8, 0.1], [("TM", "compares"), ("ThreadNet", "introduces")]),
    ],
)
def test_merger(same: list[float], expected: list[tuple[str, str]]) -> None:
    three = entities(*THREE)
    found = merge(three, pairs(three), np.array(same, np.float32), 0.5)
    assert [(e.name, e.role) for e in found] == expected
    for entity in found:
        assert entity.mentions == sorted(entity.mentions, key=lambda m: m.start)


def test_the_cue_stays_with_its_mention() -> None:
    three = entities(*THREE)
    merged = merge(three, [(0, 2)], np.array([0.9], np.float32), 0.5)[0]
    assert merged.mentions[merged.cue].text == "TM"


def test_a_paper() -> None:
    nlp = load()
    abstract = (
        "Large language models are slow. We propose WeftNet, which speeds up LLMs by threads. WeftNet doubles their "
        "speed in machine translation with LLMs."
    )
    doc = nlp(make_doc(nlp, Paper("x", "WeftNet: Threads for LLMs", abstract)))
    assert [{m.text for m in e.mentions} for e in doc._.entities if e.name.startswith("LLM")] == [
        {"Large language models", "LLMs"}
    ]

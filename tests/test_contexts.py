"""Contexts of names: for every pattern of `patterns.toml` a sentence that it fits, and what it says there."""

import re

import pytest
import spacy
from spacy.tokens import Doc, Span

import kg.extract.tokenizer  # noqa: F401  registers kg.tokenizer.v1
from kg.extract.contexts import fitting, patterns, type_of_name

NLP = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "kg.tokenizer.v1"}}})
BY_ID = {pattern.id: pattern for pattern in patterns()}

# Pattern, the type or role that it gives, a text. Names stand in <>, those that the pattern speaks of in <<>>.
CASES = [
    ("benchmark-noun", "Benchmark", "scores on the <<WeftTest>> benchmark"),
    ("benchmark-noun", "Benchmark", "on the <<WeftTest>>, <<KnotTest>> (<<KT>>) and <<YarnTest>> leaderboards"),
    ("benchmark-noun", "Benchmark", 'the "<<WeftTest>>" challenge'),
    ("dataset-noun", "Dataset", "on the <<Weft>> and <<Knot>> datasets"),
    ("dataset-noun", "Dataset", "a subset of the <<Weft>> corpus"),
    ("benchmark-title", "Benchmark", "<<WeftTest>>: A Large-Scale, Multi-Thread Benchmark for Looms\n"),
    ("dataset-title", "Dataset", "<<Weft>>: An Open Dataset of Threads\n"),
    ("benchmark-apposition", "Benchmark", "We present <<WeftTest>>, a new benchmark for looms."),
    ("benchmark-apposition", "Benchmark", "<<WeftTest>> is the first test suite for looms."),
    ("dataset-apposition", "Dataset", "We release <<Weft>> (a corpus of threads)."),
    ("benchmark-list", "Benchmark", "on benchmarks such as <<WeftTest>>, <<KnotTest>>, and <<YarnTest>>."),
    ("benchmark-list", "Benchmark", "on three benchmarks: <<WeftTest>> & <<KnotTest>>"),
    ("dataset-list", "Dataset", "on datasets including <<Weft>> and <<Knot>>"),
    ("dataset-list", "Dataset", "a dataset called <<Weft>>"),
    ("evaluated-on", "Benchmark", "It achieves state-of-the-art results on both <<WeftTest>> and <<KnotTest>>."),
    ("evaluated-on", "Benchmark", "gains of 3 points on <<WeftTest>>"),
    ("trained-on", "Dataset", "a loom trained on <<Weft>> alone"),
    ("metric-noun", "Metric", "a higher <<KPI>> score"),
    ("metric-value", "Metric", "a gain of 2.1% in <<KPI>>"),
    ("title-colon", "introduces", "<<Weft>>: Weaving for Everyone\n"),
    ("title-colon", "introduces", '"<<Weft>>": Weaving for Everyone\n'),
    ("title-whole", "introduces", "<<WeftNet>>\nWe weave."),
    ("introduced", "introduces", "In this paper, we propose <<Weft>>."),
    ("introduced", "introduces", "We further introduce the simple, training-free method <<Weft>> that uses <Knot>."),
    ("introduced-passive", "introduces", "<<Weft>> is then proposed."),
    ("called", "introduces", "a method called <<Weft>>"),
    ("called", "introduces", "which is referred to as <<Weft>>"),
    ("our", "introduces", "With our <<Weft>>, looms run."),
    ("subject", "introduces", "Looms are slow. <<Weft>> combines two of them."),
    ("outperformed", "compares", "outperforming the strong, older baseline <<Weft>> and <<Knot>>"),
    ("outperformed", "compares", "is faster than <<Weft>>"),
    ("compared", "compares", "compared with <<Weft>>"),
    ("compared", "compares", "against baselines such as <<Weft>>, <<Knot>>, and <<Yarn>>"),
    ("baseline-noun", "compares", "than its <<Weft>> counterpart"),
    ("built-from-data", "uses", "is fine-tuned on the <<Weft>>"),
]  # fmt: skip
# What a pattern must not say.
NOT = [
    ("introduced", "We propose a method that builds on <<Weft>>."),
    ("introduced", "They propose <<Weft>>."),
    ("title-colon", "Looms\nIn <<Weft>>: a note."),
    ("outperformed", "as good as <<Weft>>"),
    ("dataset-noun", "the <<Weft>> data loader"),
    ("benchmark-title", "<<Weft>>: Weaving for Everyone\nA benchmark."),
]


def fits(marked: str) -> dict[str, set[str]]:
    """The ids of the patterns that fit each name; those in single marks are keyed with them."""
    parts = re.split(r"(<<.*?>>|<.*?>)", marked)
    doc = NLP.make_doc("".join(part.strip("<>") if part.startswith("<") else part for part in parts))
    spans, names, at = [], [], 0
    for part in parts:
        size = len(part.strip("<>")) if part.startswith("<") else len(part)
        if part.startswith("<"):
            spans.append(_span(doc, at, at + size))
            names.append(part.removeprefix("<").removesuffix(">"))
        at += size
    return {name: {p.id for p in ids} for name, ids in zip(names, fitting(doc, spans, patterns()), strict=True)}


def _span(doc: Doc, start: int, end: int) -> Span:
    span = doc.char_span(start, end)
    assert span is not None
    return span


@pytest.mark.parametrize(("pattern", "says", "text"), CASES)
def test_a_pattern_fits(pattern: str, says: str, text: str) -> None:
    assert says in (BY_ID[pattern].type, BY_ID[pattern].role)
    for name, ids in fits(text).items():
        assert (pattern in ids) == name.startswith("<"), name


@pytest.mark.parametrize(("pattern", "text"), NOT)
def test_a_pattern_does_not_fit(pattern: str, text: str) -> None:
    assert all(pattern not in ids for ids in fits(text).values())


@pytest.mark.parametrize("pattern", BY_ID)
def test_no_pattern_lacks_a_case(pattern: str) -> None:
    assert pattern in {case[0] for case in CASES}


def test_a_text_with_the_mask_in_it_is_read_as_any_other() -> None:
    assert fits("the \ue000 corpora; <<Weft>> corpora") == {"<Weft>": {"dataset-noun"}}


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("LoomBench", "Benchmark"), ("WeftEval-2", "Benchmark"), ("KnotQA", "Benchmark"),
        ("WeftSet", "Dataset"), ("Knots-80K", "Dataset"), ("Thread Corpus", "Dataset"),
        ("weft error", "Metric"), ("KnotScore", "Metric"),
        ("thread segmentation", "Task"), ("Loom Discovery", "Task"),
        ("weaving networks", "Method"), ("Thread Routing", "Method"),
        ("Weft", None),
    ],
)  # fmt: skip
def test_what_a_name_says_of_itself(name: str, type_: str | None) -> None:
    assert type_of_name(name) == type_

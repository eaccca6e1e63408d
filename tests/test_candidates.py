"""Possible entities: where each source finds them, and how their places are gathered."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.tokens import Doc

from kg.extract.candidates import SOURCES, decode, find
from kg.extract.document import make_doc
from kg.extract.phrases import Phrase, Phrases
from kg.extract.pipeline import load
from kg.extract.proposer import COLUMNS, LABELS
from kg.model import Paper

LOOMS = Phrases([Phrase("thread of a loom", seen=3, labelled=2, named=0, types=(2, 0, 0, 0, 0))])


def read(text: str, title: str = "", *proposed: str) -> Doc:
    """The document as it comes to `kg_entities`, with a proposer that is sure of the names `proposed`."""
    nlp = load()
    doc = make_doc(nlp, Paper("x", title, text))
    with nlp.select_pipes(enable=["sentencizer", "kg_links", "kg_abbreviations", "kg_lexicon"]):
        doc = nlp(doc)
    rows = np.zeros((len(doc), COLUMNS), np.float32)
    rows[:, LABELS.index("O")] = 1
    for name in proposed:
        span = doc.char_span(doc.text.index(name), doc.text.index(name) + len(name))
        assert span is not None
        rows[span.start : span.end, LABELS.index("O")] = 0
        rows[span.start, LABELS.index("B-Method")] = 1
        rows[span.start + 1 : span.end, LABELS.index("I-Method")] = 1
    doc._.proposals = rows
    return doc


def candidates(text: str, title: str = "", *proposed: str) -> list[tuple[list[str], set[str]]]:
    """Texts and sources of each."""
    return [
        (c.texts, {name for sources in c.sources for bit, name in enumerate(SOURCES) if sources >> bit & 1})
        for c in find(read(text, title, *proposed), LOOMS)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It runs on ImageNet.", [(["ImageNet"], {"lexicon", "shape"})]),
        ("It does object detection.", [(["object detection"], {"terminology"})]),
        ("It is a WeftNet.", [(["WeftNet"], {"shape"})]),
        ("It has a THREAD of a loom.", [(["THREAD"], {"shape"}), (["THREAD of a loom"], {"annotations"})]),
        # long form and abbreviation are one, in all their places
        ("Weft noise tuning (WNT) is new. WNT runs.", [(["Weft noise tuning", "WNT", "WNT"], {"definition", "shape"})]),
        # spellings of one name, too; but not two names
        ("CIFAR-10 and CIFAR10", [(["CIFAR-10", "CIFAR10"], {"lexicon", "shape"})]),
        ("LoRA-7 and LoRA-8", [(["LoRA", "LoRA"], {"lexicon"}), (["LoRA-7"], {"shape"}), (["LoRA-8"], {"shape"})]),
        # an address has no names, and control characters are in none
        ("It beats\x07GPT-4.", []),
        ("Code: https://github.com/ada/ImageNet", []),
        ("", []),
    ],
)
def test_sources(text: str, expected: list[tuple[list[str], set[str]]]) -> None:
    assert candidates(text) == expected


def test_a_title_names_its_subject_before_the_colon() -> None:
    assert (["Weft and warp"], {"shape"}) in candidates("", "Weft and warp: threads")


def test_the_proposer() -> None:
    assert (["red weft"], {"model"}) in candidates("We knit a red weft here.", "", "red weft")


@pytest.mark.parametrize(
    ("proposed", "name"), [("weft (", "weft"), ("-weft", "weft"), ("weft (WN)", "weft (WN)"), ("UNet++", "UNet++")]
)
def test_marks_at_the_edges_do_not_belong_to_a_name(proposed: str, name: str) -> None:
    assert name in [text for texts, _ in candidates(f"a {proposed} b", "", proposed) for text in texts]
    assert name == proposed or proposed not in [
        text for texts, _ in candidates(f"a {proposed} b", "", proposed) for text in texts
    ]


def test_a_name_stays_in_its_sentence() -> None:
    assert candidates("We knit. Red weft.", "", "knit. Red") == []


def test_bolder_decoding_finds_more() -> None:
    rows = np.zeros((4, COLUMNS), np.float32)
    rows[:, LABELS.index("O")] = [0.9, 0.6, 0.2, 0.7]
    rows[1, LABELS.index("B-Task")] = 0.4
    rows[2, LABELS.index("I-Task")] = 0.8
    rows[3, LABELS.index("I-Task")] = 0.3
    assert [list(decode(rows, factor)) for factor in (1.0, 0.5, 0.1)] == [[(2, 3)], [(1, 3)], [(1, 4)]]

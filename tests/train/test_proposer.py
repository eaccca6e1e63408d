"""The component `kg_proposer`."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import spacy
import torch

from kg.errors import ExtractionError
from kg.extract.document import make_doc
from kg.extract.proposer import (
    COLUMNS,
    ROLE_COLUMNS,
    TYPE_COLUMNS,
    VOCABULARY,
    WINDOW,
    Encoder,
    Proposer,
    merge,
)
from kg.extract.tokenizer import make_tokenizer
from kg.model import Paper
from kg.train.export import export
from kg.train.network import Network, pretrained

ABSTRACT = (
    "We introduce Oxbow, a meandering parser for dependency parsing. On the RiverBank-5K benchmark, Oxbow outperforms "
    "PlainParse by 3.1 points of labelled attachment score (LAS)."
)


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    nlp = spacy.blank("en")
    nlp.tokenizer = make_tokenizer()(nlp)
    return nlp


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights of a network that was not trained."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    return export(Network(), folder).parent


@pytest.fixture(scope="module")
def proposer(weights: Path) -> Proposer:
    return Proposer(weights)


def document(nlp: spacy.Language, abstract: str, title: str = "Oxbow: rivers for parsing") -> spacy.tokens.Doc:
    return make_doc(nlp, Paper(id="p", title=title, abstract=abstract))


def test_a_row_of_probabilities_for_each_token(nlp: spacy.Language, proposer: Proposer) -> None:
    doc = proposer(document(nlp, ABSTRACT))
    rows = doc._.proposals
    assert rows.shape == (len(doc), COLUMNS)
    assert ((rows >= 0) & (rows <= 1)).all()


def test_in_a_pipeline(nlp: spacy.Language, weights: Path) -> None:
    other = spacy.blank("en")
    other.add_pipe("kg_proposer", config={"folder": str(weights)})
    assert other("Oxbow parses.")._.proposals.shape == (3, COLUMNS)


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        " ",
        "\n\n",
        "\x00\x01\u200b\ufffe",
        "$\\alpha_{i}^{2}$ \\textbf{x}",
        "基于图神经网络的推荐系统",
        "نموذج لغوي كبير",
        "🙂🙂🙂",
        "x" * 5000,
        "https://example.org/" + "a/b-c." * 400,
        "word " * 20_000,
        "- " * 5000,
        "\u200b " * 3000,
    ],
)
def test_any_text_has_probabilities(nlp: spacy.Language, proposer: Proposer, abstract: str) -> None:
    doc = proposer(document(nlp, abstract))
    assert doc._.proposals.shape == (len(doc), COLUMNS)
    assert np.allclose(doc._.proposals[:, TYPE_COLUMNS].sum(1), 1, atol=1e-3)
    assert np.allclose(doc._.proposals[:, ROLE_COLUMNS].sum(1), 1, atol=1e-3)


def test_an_empty_document(nlp: spacy.Language, proposer: Proposer) -> None:
    assert proposer(nlp.make_doc(""))._.proposals.shape == (0, COLUMNS)


def test_the_same_figures_in_any_company(nlp: spacy.Language, proposer: Proposer, weights: Path) -> None:
    texts = [ABSTRACT, "Oxbow.", ABSTRACT * 12]
    alone = [Proposer(weights)(document(nlp, text))._.proposals.tobytes() for text in texts]
    together = [proposer(document(nlp, text))._.proposals.tobytes() for text in reversed(texts)]
    assert alone == together[::-1]


@pytest.mark.parametrize(
    ("sentence", "overlap"),
    [
        ("Oxbow meanders through unexplored floodplains. ", False),  # cut between sentences
        ("Oxbow meanders through unexplored floodplains, ", True),  # one endless sentence
    ],
)
def test_windows_cover_a_long_text(nlp: spacy.Language, sentence: str, overlap: bool) -> None:
    doc = document(nlp, sentence * 300)
    windows = Encoder(pretrained() / VOCABULARY)(doc)
    assert (windows[0].start, windows[-1].end) == (0, len(doc))
    assert max(len(w.pieces) for w in windows) <= WINDOW + 2
    for earlier, later in pairwise(windows):
        assert (later.start < earlier.end) if overlap else (later.start == earlier.end)
        assert overlap or doc[earlier.end - 1].text == "."
    index = merge(windows, [np.arange(w.start, w.end, dtype=np.float32)[:, None] for w in windows])
    assert index[:, 0].tolist() == list(range(len(doc)))


def test_word_pieces_of_each_token(nlp: spacy.Language) -> None:
    [window] = Encoder(pretrained() / VOCABULARY)(document(nlp, "", title="Oxbow parses"))
    #                                            [CLS] ox ##bow par ##ses [SEP]; the line break has no piece
    assert window.pieces.tolist() == [101, 23060, 18912, 11968, 8583, 102]
    assert (window.first.tolist(), window.last.tolist()) == ([1, 3, 0], [2, 4, 0])


def test_a_missing_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="no such file"):
        Proposer(tmp_path)

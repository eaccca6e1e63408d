"""Folding, and the keys under which spellings of one name are equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.text import fold, join_pieces, name_key, pieces, singular


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("plain ASCII, left alone", "plain ASCII, left alone"),
        ("state‐space – or −1", "state-space - or -1"),
        ("“Loom”’s «weft»", '"Loom"\'s "weft"'),
        ("ＧＰＴ－４ and 𝐋𝐨𝐨𝐦", "GPT-4 and Loom"),
        ("a\u00a0b\u2009c", "a b c"),
        ("é, ß, 织机 and ½ stay", "é, ß, 织机 and ½ stay"),
        ("half a pair: \ud83d", "half a pair: \ufffd"),
    ],
)
def test_fold_makes_typographic_variants_plain(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text() | st.text(st.characters()))
def test_fold_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    folded.encode()


SAME = [
    ("CIFAR-10", "CIFAR10", "cifar 10", "CIFAR‑10", "CIFAR–10"),
    ("state-space models", "State Space Model", "state space model"),
    ("LLMs", "LLM", "llm"),
    ("GPT-3.5", "GPT 3.5", "gpt3.5"),
    ("pass@1", "Pass@1"),
    ("PointNet++", "pointnet++"),
    ("ＭＭＬＵ", "MMLU"),
    ("GNNs", "GNN"),
    ("graph neural networks", "Graph Neural Network"),
    ("Tanks & Temples", "Tanks-Temple"),
    ("loss", "Loss"),
]
DIFFERENT = [
    ("CIFAR-10", "CIFAR-100"),
    ("Mamba", "Mamba-2"),
    ("GPT-3.5", "GPT-4"),
    ("GPT-3.5", "GPT-35"),
    ("PointNet", "PointNet++"),
    ("pass@1", "pass@10"),
    ("ImageNet", "ImageNet-1K"),
    ("LPIPS", "LPIP"),  # the S is of the acronym
    ("AIMS", "AIM"),
    ("loss", "los"),
    ("corpus", "corpu"),
    ("1-2", "12"),
    ("AIME 2024/25", "AIME 202425"),
    ("+", "-"),
]


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_spellings_of_one_name_share_its_key(names: tuple[str, ...]) -> None:
    assert len({name_key(name) for name in names}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_words_may_be_kept_apart() -> None:
    """Token merging (ToMe) is not what is said of me."""
    assert name_key("To Me") == name_key("ToMe") == "tome"
    assert join_pieces(["to", "me"], words=" ") == "to me" != join_pieces(["tome"], words=" ")
    assert join_pieces(["CIFAR", "10"], words=" ") == "CIFAR10"


@given(st.text())
def test_every_text_has_a_key_that_case_does_not_change(name: str) -> None:
    assert name_key(name) == name_key(name)
    if name.isascii() and not name_key(name).endswith("s"):
        assert name_key(name.lower()) in (name_key(name), singular(name_key(name)))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("GPT-3.5 turbo", ["GPT", "3.5", "turbo"]),
        ("C++/pass@1", ["C++", "pass@1"]),
        ("AP_3D", ["AP", "3D"]),
        ("$\\tau$-Bench", ["tau", "Bench"]),
        ("---", []),
    ],
)
def test_pieces(name: str, parts: list[str]) -> None:
    assert pieces(name) == parts


@pytest.mark.parametrize(
    ("word", "one"),
    [("models", "model"), ("gas", "gas"), ("loss", "loss"), ("corpus", "corpus"), ("analysis", "analysis"), ("", "")],
)
def test_singular(word: str, one: str) -> None:
    assert singular(word) == one

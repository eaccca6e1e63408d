"""Where words are split, so that a mention can start and end there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract.pipeline import load
from kg.extract.text import fold


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # marks are tokens of their own
        ("CNN/LSTM-based (GNN)", "CNN / LSTM - based ( GNN )"),
        ("looms,nets;webs:all", "looms , nets ; webs : all"),
        ("Loom's 5% of $k$", "Loom 's 5 % of $ k $"),
        ("state‑space", "state - space"),
        (r"\textbf{Loom}", r"\ textbf { Loom }"),
        # numbers keep their units; dots, @ and + inside a name stay
        ("VTTS-80K on 3D", "VTTS - 80K on 3D"),
        ("Qwen2.5, GPT-3.5.", "Qwen2.5 , GPT - 3.5 ."),
        ("pass@1 in C++, UNet++.", "pass@1 in C++ , UNet++ ."),
        ("a (C++) b", "a ( C++ ) b"),
        # sentences
        ("by GPT-4.The next", "by GPT - 4 . The next"),
        ("Ada et al. weave, e.g. nets vs. webs.", "Ada et al. weave , e.g. nets vs. webs ."),
        ("and so on...", "and so on ..."),
        # addresses stay whole
        ("at https://github.com/ada/loom now", "at https://github.com/ada/loom now"),
    ],
)
def test_tokens(text: str, tokens: str) -> None:
    assert [token.text for token in load().make_doc(text)] == tokens.split()


@settings(deadline=None)
@given(st.text() | st.text("a.-+'(/ \n", min_size=250, max_size=500))
def test_the_text_keeps_its_length_and_every_token_its_place(text: str) -> None:
    doc = load().make_doc(text)
    folded = doc.text
    assert folded == fold(text)
    assert all(folded[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_a_word_without_end_is_cut_where_a_token_would_end() -> None:
    names = [f"Loom{i}" for i in range(400)]
    assert [t.text for t in load().make_doc("-".join(names)) if t.text != "-"] == names

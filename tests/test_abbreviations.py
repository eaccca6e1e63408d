"""Definitions of abbreviations: which are found, and where the long form begins and ends."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from kg.extract.abbreviations import Abbreviation, find_abbreviations


def pairs(text: str) -> list[tuple[str, str]]:
    return [(text[a.short_start : a.short_end], text[a.long_start : a.long_end]) for a in find_abbreviations(text)]


FOUND = [
    # the long form first
    ("We use a graph neural network (GNN) here.", "GNN", "graph neural network"),
    ("State space models (SSMs) scale.", "SSMs", "State space models"),
    ("the large language model (LLMs)", "LLMs", "large language model"),
    ("with proximal policy optimization (PPO)", "PPO", "proximal policy optimization"),
    ("by Low-Rank Adaptation (LoRA)", "LoRA", "Low-Rank Adaptation"),
    ("a multi-modal large language model (MLLM)", "MLLM", "multi-modal large language model"),
    ("a semi-supervised learner (SL)", "SL", "semi-supervised learner"),
    ("called Mixture of Experts (MoE)", "MoE", "Mixture of Experts"),
    ("the Segment Anything Model 2 (SAM 2)", "SAM 2", "Segment Anything Model 2"),
    ("novel 3D Gaussian Splatting (3DGS)", "3DGS", "3D Gaussian Splatting"),
    ("for text-to-image (T2I) models", "T2I", "text-to-image"),
    ("in explainable AI (XAI)", "XAI", "explainable AI"),
    ("a Structured State Space sequence model (S4)", "S4", "Structured State Space sequence model"),
    ("as SHapley Additive exPlanations (SHAP)", "SHAP", "SHapley Additive exPlanations"),
    ("with electroencephalography (EEG)", "EEG", "electroencephalography"),
    ("mean Average Precision (mAP)", "mAP", "mean Average Precision"),
    ("vision-language-action models (VLA)", "VLA", "vision-language-action models"),
    ("our Deep Image Weaving framework (DIW)", "DIW", "Deep Image Weaving"),
    ("video large language models (Video LLMs)", "Video LLMs", "video large language models"),
    ("reinforcement learning (RL; see below)", "RL", "reinforcement learning"),
    ("a convolutional loom (abbreviated as CL)", "CL", "convolutional loom"),
    ('a convolutional loom ("CL")', "CL", "convolutional loom"),
    ("We weave. Loom networks (LNs) do, too.", "LNs", "Loom networks"),
    # the short form first
    ("LoRA (low-rank adaptation) is cheap", "LoRA", "low-rank adaptation"),
    ("by PPO (the proximal policy optimization)", "PPO", "proximal policy optimization"),
    ("STAR (Stitch, Thread, and Ravel) weaves", "STAR", "Stitch, Thread, and Ravel"),
    # a title
    ("FLoRA: Federated Low-Rank Adaptation for looms", "FLoRA", "Federated Low-Rank Adaptation"),
    ("LoMo: Local Modes Weaving\nWe weave.", "LoMo", "Local Modes Weaving"),
]


@pytest.mark.parametrize(("text", "short", "long"), FOUND)
def test_a_definition_is_found(text: str, short: str, long: str) -> None:
    assert pairs(text) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "looms (e.g., LoRA) and others (i.e., nets)",
        "as shown before (Ada et al., 2020) and (2021)",
        "it reaches high accuracy (93.5%) on both (N=12)",
        "we weave (see Figure 2) with care (ours)",
        "a plain loom (GPT-4) weaves",
        "it ends. Graph (NN) is no definition of its last letters",
        "LLM agents (LLM)",
        "Loom: Weaving by Machines",
        "WEAVE: We Show That Looms Matter",
        "unbalanced (brackets and ) more ((",
    ],
)
def test_what_defines_nothing_is_left_alone(text: str) -> None:
    assert pairs(text) == []


def test_several_definitions_in_the_order_of_the_text() -> None:
    text = "Graph networks (GNs) and vision transformers (ViTs) beat CNNs (convolutional neural networks)."
    assert pairs(text) == [
        ("GNs", "Graph networks"),
        ("ViTs", "vision transformers"),
        ("CNNs", "convolutional neural networks"),
    ]


def test_the_component_works_in_any_pipeline_and_survives_serialisation() -> None:
    nlp = spacy.blank("fr")
    nlp.add_pipe("kg_abbreviations")
    doc = nlp("a graph network (GN)")
    assert doc._.abbreviations == [Abbreviation(17, 19, 2, 15)]
    assert (doc._.abbreviations[0].short(doc), doc._.abbreviations[0].long(doc)) == ("GN", "graph network")
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.abbreviations == [Abbreviation(17, 19, 2, 15)]


PIECES = st.sampled_from(
    ["ab", "Ab", "A-b", " ", "(", ")", "(AB)", "AB", ": ", "\n", ", ", "é", "İ", "3", "'s", "$", "—", "-"]
)


@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_offsets_hold_in_any_text(text: str) -> None:
    for found in find_abbreviations(text):
        assert 0 <= found.short_start < found.short_end <= len(text)
        assert 0 <= found.long_start < found.long_end <= len(text)
        assert found.short_end <= found.long_start or found.long_end <= found.short_start
        assert found.short_end - found.short_start < found.long_end - found.long_start

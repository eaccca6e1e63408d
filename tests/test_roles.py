"""What a paper does with an entity: read from the words around it, else from its place in the text."""

import pytest

from kg.extract.document import make_doc
from kg.extract.pipeline import load
from kg.model import Paper

LOOMS = "Looms have been slow for a long time, and so have many other things that people use. "


def roles(text: str, title: str = "On Looms") -> dict[str, str]:
    nlp = load()
    return {e.name: e.role for e in nlp(make_doc(nlp, Paper("x", title, text)))._.entities}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # stated
        ("We propose WeftNet.", {"WeftNet": "introduces"}),
        ("We release KnotBench, a benchmark.", {"KnotBench": "introduces"}),
        (LOOMS + "It outperforms ResNet and GPT-4.", {"ResNet": "compares", "GPT-4": "compares"}),
        (LOOMS + "It is competitive with LoRA.", {"LoRA": "compares"}),
        (LOOMS + "It is trained on ImageNet.", {"ImageNet": "uses"}),
        # the strongest statement counts
        (LOOMS + "It beats WeftNet. We propose WeftNet.", {"WeftNet": "introduces"}),
        # what everybody knows is not introduced
        (LOOMS + "So we propose a diffusion model.", {"diffusion model": "uses"}),
        # a dataset is not outperformed
        (LOOMS + "It is better than ImageNet.", {"ImageNet": "evaluates"}),
        # by place: what stands only at the beginning is background
        ("GPT-4 is known. " + LOOMS, {"GPT-4": "mentions"}),
        (LOOMS + "It runs GPT-4.", {"GPT-4": "uses"}),
        ("Object detection is old. " + LOOMS, {"Object detection": "mentions"}),
        (LOOMS + "It is good at object detection.", {"object detection": "evaluates"}),
        (LOOMS + "It runs on ImageNet.", {"ImageNet": "evaluates"}),
    ],
)
def test_role(text: str, expected: dict[str, str]) -> None:
    assert roles(text) == expected


def test_a_coined_name_before_the_colon_of_a_title_is_introduced() -> None:
    assert roles(LOOMS, "WeftNet: Threads for Looms") == {"WeftNet": "introduces"}


def test_what_the_title_names_is_no_background() -> None:
    assert roles(LOOMS, "Looms for Object Detection") == {"Object Detection": "evaluates"}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Weft is old. " + LOOMS + "We propose Weft.", 1),  # the mention with the statement
        ("ImageNet is old. " + LOOMS + "It runs on ImageNet.", 1),  # evaluation: the last
        (LOOMS + "It runs GPT-4. GPT-4 helps.", 0),  # else the first
    ],
)
def test_the_cue_is_the_mention_that_shows_the_role(text: str, cue: int) -> None:
    assert [e.cue for e in load()(text)._.entities] == [cue]

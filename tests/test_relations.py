"""Relations of what a paper introduces to what it builds on, solves, measures itself on and beats."""

import pytest

from kg.extract.document import make_doc
from kg.extract.pipeline import load
from kg.model import Paper

LOOMS = "Looms have been slow for a long time, and so have many other things that people use. "
WEFT = LOOMS + "We propose WeftNet. "


def relations(text: str, title: str = "On Looms") -> list[tuple[str, str, str, str]]:
    nlp = load()
    doc = nlp(make_doc(nlp, Paper("x", title, text)))
    return [(r.subject, r.type, r.object, r.sentence.text) for r in doc._.relations]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WEFT + "It wins on ImageNet.", [("WeftNet", "EVALUATED_ON", "ImageNet", "It wins on ImageNet.")]),
        (
            WEFT + "It does object detection.",
            [("WeftNet", "USED_FOR", "object detection", "It does object detection.")],
        ),
        (WEFT + "It outperforms GPT-4.", [("WeftNet", "OUTPERFORMS", "GPT-4", "It outperforms GPT-4.")]),
        (WEFT + "It extends LoRA.", [("WeftNet", "BUILDS_ON", "LoRA", "It extends LoRA.")]),
        # a comparison says nothing of who won
        (WEFT + "It is compared with GPT-4.", []),
        # background, metrics, and training data are not related
        ("GPT-4 is old. " + WEFT, []),
        (WEFT + "Its accuracy is high.", []),
        (WEFT + "It is trained on ImageNet.", []),
        # nothing is introduced
        (LOOMS + "LoRA wins on ImageNet.", []),
        ("", []),
    ],
)
def test_relations(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert relations(text) == expected


def test_a_sentence_with_both_is_better_evidence_than_the_last_one() -> None:
    text = WEFT + "WeftNet wins on ImageNet. Experiments are run on ImageNet."
    assert relations(text) == [("WeftNet", "EVALUATED_ON", "ImageNet", "WeftNet wins on ImageNet.")]


def test_the_subject_is_the_introduced_method_that_is_named_most() -> None:
    text = LOOMS + "We propose KnotNet. We propose WeftNet. WeftNet wins. It extends LoRA."
    assert relations(text) == [
        ("WeftNet", "BUILDS_ON", "KnotNet", "We propose KnotNet."),
        ("WeftNet", "BUILDS_ON", "LoRA", "It extends LoRA."),
    ]

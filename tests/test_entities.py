"""Which candidates become entities, under which name and type, in which role, and where they are mentioned."""

import numpy as np
import pytest
from spacy.tokens import Doc

from kg.extract.candidates import Candidate
from kg.extract.document import make_doc
from kg.extract.entities import Judgement, decide
from kg.extract.pipeline import load
from kg.extract.proposer import COLUMNS, ROLE_COLUMNS, ROLES
from kg.model import Paper
from kg.schema import ENTITY_LABELS


def read(text: str, title: str = "") -> Doc:
    nlp = load()
    return nlp(make_doc(nlp, Paper("x", title, text)))


def entities(text: str, title: str = "") -> dict[str, tuple[str, list[str]]]:
    """Name to type and mentions."""
    return {e.name: (e.type, [m.text for m in e.mentions]) for e in read(text, title)._.entities}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # long form and abbreviation are one entity, throughout
        ("We use a graph neural network (GNN). GNNs and graph neural networks are old.",
         {"GNN": ("Method", ["graph neural network", "GNN", "GNNs", "graph neural networks"])}),
        ("We propose Weft Noise Tuning (WNT). WNT is new.",
         {"WNT": ("Method", ["Weft Noise Tuning", "WNT", "WNT"])}),
        # spellings of one name, too
        ("CIFAR-10 is CIFAR10.", {"CIFAR10": ("Dataset", ["CIFAR-10", "CIFAR10"])}),
        ("CIFAR-10, CIFAR-100", {"CIFAR-10": ("Dataset", ["CIFAR-10"]), "CIFAR-100": ("Dataset", ["CIFAR-100"])}),
        # one name has one type
        ("We evaluate on the WeftSum dataset. WeftSum is long. WeftSum is hard.",
         {"WeftSum": ("Dataset", ["WeftSum"] * 3)}),
        # Dataset or Benchmark: the wording decides for a new name, the lexicon for a known one
        ("On the WeftSum dataset.", {"WeftSum": ("Dataset", ["WeftSum"])}),
        ("On the WeftSum benchmark.", {"WeftSum": ("Benchmark", ["WeftSum"])}),
        ("It wins on MMLU, after training on ImageNet.",
         {"MMLU": ("Benchmark", ["MMLU"]), "ImageNet": ("Dataset", ["ImageNet"])}),
        # the longest sensible span wins
        ("We train GPT-3.5, not GPT-4.", {"GPT-3.5": ("Method", ["GPT-3.5"]), "GPT-4": ("Method", ["GPT-4"])}),
        # a name that was recognised once is recognised throughout
        ("Weftly runs. We propose Weftly. Weftly's looms run.", {"Weftly": ("Method", ["Weftly"] * 3)}),
        # an ordinary word only where something vouches for it
        ("A new weft. The weft is a thing.", {}),
        # an address has no names
        ("Code: https://github.com/ada/ImageNet and https://WeftNet.github.io/WeftNet.", {}),
        ("We propose WeftNet, see https://github.com/ada/WeftNet.", {"WeftNet": ("Method", ["WeftNet"])}),
        ("", {}),
    ],
)  # fmt: skip
def test_entities(text: str, expected: dict[str, tuple[str, list[str]]]) -> None:
    assert entities(text) == expected


def test_title_and_abstract_are_one_text() -> None:
    assert entities("Looms are slow. Weft helps.", "Weft: Threads for Looms") == {"Weft": ("Method", ["Weft", "Weft"])}


@pytest.mark.parametrize(
    ("text", "named"),
    [("We propose WeftNet.", True), ("We use ImageNet.", True), ("Looms do object detection.", False)],
)
def test_a_name_was_coined_for_one_thing_or_is_a_term(text: str, named: bool) -> None:
    assert [e.named for e in read(text)._.entities] == [named]


TEXT = (
    "We propose WeftNet, a graph neural network (GNN) for object detection. It beats GPT-4 on the KnotBench benchmark"
    " and on ImageNet, in accuracy. GNNs are old. Code: github.com/ada/WeftNet."
)


def test_the_ents_of_the_document_are_all_mentions() -> None:
    doc = read(TEXT)
    mentions = [(m.start, m.end, e.type, e.name) for e in doc._.entities for m in e.mentions]
    assert len(mentions) == 9
    assert sorted(mentions) == [(ent.start, ent.end, ent.label_, ent.kb_id_) for ent in doc.ents]


def test_mentions_are_in_reading_order_and_the_cue_is_one_of_them() -> None:
    for entity in read(TEXT)._.entities:
        assert entity.mentions == sorted(entity.mentions)
        assert 0 <= entity.cue < len(entity.mentions)
        assert 0 < entity.confidence <= 1


def test_entities_survive_packing() -> None:
    doc = read(TEXT)
    again = Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert [(e.name, e.role, [m.text for m in e.mentions]) for e in again._.entities] == [
        (e.name, e.role, [m.text for m in e.mentions]) for e in doc._.entities
    ]
    assert [(r.subject, r.type, r.object, r.sentence.text) for r in again._.relations] == [
        (r.subject, r.type, r.object, r.sentence.text) for r in doc._.relations
    ]
    assert again._.links == doc._.links


def decided(text: str, *judged: tuple[str, float], threshold: float = 0.5) -> list[tuple[str, list[str]]]:
    """Name and mentions of the entities among candidates (surfaces between bars) of these probabilities.

    A candidate stands only where each of its surfaces stands first.
    """
    doc = load().make_doc(text)
    doc = load().get_pipe("sentencizer")(doc)
    doc._.proposals = np.zeros((len(doc), COLUMNS), np.float32)
    doc._.links = []
    candidates = []
    for surfaces, _ in judged:
        spans = [doc.char_span(text.index(s), text.index(s) + len(s)) for s in surfaces.split("|")]
        places = [(span.start, span.end) for span in spans if span is not None]
        candidates.append(Candidate(places, surfaces.split("|"), [1] * len(places)))
    entity = np.array([probability for _, probability in judged], np.float32)
    even = np.full((len(judged), 5), 0.2, np.float32)
    found = decide(doc, candidates, Judgement(entity, even, entity, even), threshold)
    return [(e.name, [m.text for m in e.mentions]) for e in found]


@pytest.mark.parametrize(
    ("text", "judged", "expected"),
    [
        ("Weft and warp.", [("Weft", 0.9), ("warp", 0.4)], [("Weft", ["Weft"])]),
        # of two that overlap the more certain one
        ("A red weft runs.", [("red weft", 0.8), ("weft", 0.7)], [("red weft", ["red weft"])]),
        ("A red weft runs.", [("red weft", 0.7), ("weft", 0.8)], [("weft", ["weft"])]),
        ("A red weft. A weft.", [("red weft", 0.8), ("weft", 0.7)], [("red weft", ["red weft"])]),
        # what was recognised once is recognised throughout, as a whole word and in its own case
        ("Weft runs. Weftly, Weft's, weft, Weft.", [("Weft", 0.9)], [("Weft", ["Weft", "Weft", "Weft"])]),
        ("Red weft. A weft, a Red weft.", [("Red weft", 0.8)], [("Red weft", ["Red weft", "Red weft"])]),
        # the name: the shortest coined form, else the one used most
        ("Weft noise tuning WNT.", [("Weft noise tuning|WNT", 0.9)], [("WNT", ["Weft noise tuning", "WNT"])]),
        ("a loom, looms, looms", [("loom|looms", 0.9)], [("looms", ["loom", "looms", "looms"])]),
        # in the order of the text
        ("Weft and warp.", [("warp", 0.9), ("Weft", 0.8)], [("Weft", ["Weft"]), ("warp", ["warp"])]),
        ("Weft.", [], []),
    ],
)
def test_decisions(text: str, judged: list[tuple[str, float]], expected: list[tuple[str, list[str]]]) -> None:
    assert decided(text, *judged) == expected


def test_type_role_and_cue() -> None:
    text = "Weft is old. We propose Weft."
    doc = load().get_pipe("sentencizer")(load().make_doc(text))
    doc._.links = []
    doc._.proposals = np.zeros((len(doc), COLUMNS), np.float32)
    doc._.proposals[6, ROLE_COLUMNS.start + ROLES.index("introduces")] = 0.9  # the second mention shows it
    types = np.array([[0.1, 0.7, 0.1, 0.1, 0.0]], np.float32)
    roles = np.array([[0.6, 0.1, 0.1, 0.1, 0.1]], np.float32)
    one = np.array([0.8], np.float32)
    [weft] = decide(doc, [Candidate([(0, 1)], ["Weft"], [1])], Judgement(one, types, one, roles))
    assert (weft.type, weft.role, weft.named, weft.cue) == (ENTITY_LABELS[1], ROLES[0], True, 1)
    assert weft.confidence == pytest.approx(0.56)  # of being an entity, and of this type

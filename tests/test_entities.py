"""Which candidates become entities, under which name and type, and where they are mentioned."""

import pytest
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import load_config, load_model_from_config

from kg.extract.document import make_doc
from kg.extract.pipeline import CONFIG, load
from kg.model import Paper


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
        ("On ImageNet and MMLU.", {"ImageNet": ("Dataset", ["ImageNet"]), "MMLU": ("Benchmark", ["MMLU"])}),
        # the longest sensible span wins
        ("We train GPT-3.5, not GPT-4.", {"GPT-3.5": ("Method", ["GPT-3.5"]), "GPT-4": ("Method", ["GPT-4"])}),
        # a name that was recognised once is recognised throughout, but not inside of another word
        ("Weftly runs. We propose Weftly. Weftly's looms, Weftlyness.", {"Weftly": ("Method", ["Weftly"] * 3)}),
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


def test_a_model_joins_by_a_span_group_of_its_own() -> None:
    nlp = load_model_from_config(
        load_config(CONFIG, overrides={"components.kg_entities.sources": ["kg_lexicon", "mine"]}), auto_fill=True
    )
    doc = nlp.make_doc("We knit a red weft.")
    doc.spans["mine"] = SpanGroup(doc, spans=[Span(doc, 3, 5, label="Method", span_id="mine")])
    assert [(e.name, e.type) for e in nlp(doc)._.entities] == [("red weft", "Method")]

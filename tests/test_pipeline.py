"""The assembled pipeline: papers in, facts out, whatever the text; and its parts in anyone's spaCy pipeline."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.util import load_model_from_config

import kg
from kg import Facts, Paper
from kg.extract.document import make_doc
from kg.extract.pipeline import facts as facts_of
from kg.extract.proposer import COLUMNS

EXAMPLES = Path(__file__).parent.parent / "examples" / "arxiv.jsonl"
PAPERS = [
    Paper(row["id"], row["title"], row["abstract"])
    for row in map(json.loads, EXAMPLES.read_text(encoding="utf-8").splitlines())
]
COMPONENTS = [
    "kg_links", "kg_abbreviations", "kg_lexicon", "kg_proposer", "kg_entities", "kg_coreference", "kg_relations",
]  # fmt: skip


def facts(title: str, abstract: str = "") -> Facts:
    return next(kg.extract([Paper("x", title, abstract)]))


def test_a_paper_as_facts() -> None:
    title = "WeftNet: Threads for Object Detection"
    abstract = "We propose WeftNet. It outperforms GPT-4 on ImageNet. Code: https://github.com/ada/weft."
    found = facts(title, abstract).to_json()
    for entity in found["entities"]:
        assert 0 < entity.pop("confidence") <= 1

    def mention(field: str, text: str, extractor: str, start: int) -> dict[str, object]:
        return {"field": field, "start": start, "end": start + len(text), "text": text, "extractor": extractor}

    assert found["id"] == "x" and found["title"] == title
    assert found["entities"] == [
        {
            "name": "WeftNet", "type": "Method", "named": True, "role": "introduces", "surfaces": ["WeftNet"], "cue": 1,
            "mentions": [
                mention("title", "WeftNet", "shape", 0),
                mention("abstract", "WeftNet", "shape", abstract.index("WeftNet")),
            ],
        },
        {
            "name": "Object Detection", "type": "Task", "named": False, "role": "evaluates",
            "surfaces": ["Object Detection"], "cue": 0,
            "mentions": [mention("title", "Object Detection", "terminology", title.index("Object"))],
        },
        {
            "name": "GPT-4", "type": "Method", "named": True, "role": "compares", "surfaces": ["GPT-4"], "cue": 0,
            "mentions": [mention("abstract", "GPT-4", "lexicon", abstract.index("GPT-4"))],
        },
        {
            "name": "ImageNet", "type": "Dataset", "named": True, "role": "evaluates", "surfaces": ["ImageNet"],
            "cue": 0, "mentions": [mention("abstract", "ImageNet", "lexicon", abstract.index("ImageNet"))],
        },
    ]  # fmt: skip
    assert found["links"] == [
        {
            "url": "https://github.com/ada/weft", "kind": "code", "repo": "github.com/ada/weft",
            "surface": "https://github.com/ada/weft", "official": True,
            "field": "abstract", "start": abstract.index("https"), "end": len(abstract) - 1,
        },
    ]  # fmt: skip
    stated = {
        tuple(r): (e["field"], e["start"], e["end"]) for r, e in zip(found["relations"], found["evidence"], strict=True)
    }
    sentence = ("abstract", abstract.index("It"), abstract.index(" Code"))
    assert {
        ("WeftNet", "USED_FOR", "Object Detection"): ("title", 0, len(title)),
        ("WeftNet", "OUTPERFORMS", "GPT-4"): sentence,
        ("WeftNet", "EVALUATED_ON", "ImageNet"): sentence,
    }.items() <= stated.items()


def check(paper: Paper, found: Facts) -> None:
    """What holds for the facts of any text."""

    def text(at: object) -> str:
        return getattr(paper, at.field)[at.start : at.end]  # type: ignore[attr-defined,no-any-return]

    names = [entity.name for entity in found.entities]
    for entity in found.entities:
        assert entity.mentions and entity.surfaces == tuple(dict.fromkeys(m.text for m in entity.mentions))
        for mention in entity.mentions:
            assert text(mention) == mention.text != ""
            sentence = found.sentence(mention.field, mention.start)
            assert sentence.start <= mention.start and mention.end <= sentence.end
    for link in found.links:
        assert text(link) == link.surface != ""
        assert link.url.startswith("https://")
    for relation in found.relations:
        assert {relation.subject, relation.object} <= set(names)
        assert relation.evidence in found.sentences
    for sentence in found.sentences:
        assert 0 <= sentence.start <= sentence.end <= len(getattr(paper, sentence.field))
    json.dumps(found.to_json())


FRAGMENTS = st.sampled_from(
    [
        "We propose ", "WeftNet", "Weft", "GPT-4", "ＧＰＴ－４", "ImageNet", "CIFAR-10", "UNet++", "KnotBench", "(GNN)",
        "graph neural network", "GNNs", " outperforms ", "evaluated on ", " the ", " dataset", " benchmark",
        ": A Benchmark", "https://", "https:", "github.com/ada/weft", "github. com/a", "www.", "loom.github.io",
        "\\textbf{", "\\_", "$", "{", "}", "(", ")", "[", "]", ": ", ", ", " and ", ". ", ".", "?", "\n", " ", "  ",
        "-", "–", "_", "/", "'", "’s", '"', "3.5%", "100", "k", "\u200b", "\u00ad", "\x00", "\ufeff", "\ue000",
        "\ud800", "织机", "。", "نول", "İS", "ß", "e\u0301", "🧵",
    ]
)  # fmt: skip
TEXTS = st.text() | st.text(st.characters()) | st.lists(FRAGMENTS, max_size=40).map("".join)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TEXTS, TEXTS)
def test_any_title_and_abstract(title: str, abstract: str) -> None:
    paper = Paper("x", title, abstract)
    check(paper, next(kg.extract([paper])))


@pytest.mark.parametrize(
    ("title", "abstract", "names"),
    [
        ("", "", []),
        ("WeftNet: Threads", "", ["WeftNet"]),
        ("", "We propose WeftNet.", ["WeftNet"]),
        ("WeftNet: Threads  ", "  We propose KnotNet. ", ["WeftNet", "KnotNet"]),
        ("Is WeftNet\nbetter? Yes", "It beats GPT-4\r\non ImageNet", ["WeftNet", "GPT-4", "ImageNet"]),
        ("On \\textbf{WeftNet}", "We propose $\\text{WeftNet}^2$ on \\emph{ImageNet}.", ["WeftNet", "ImageNet"]),
        ("我们提出 WeftNet", "我们在 ImageNet 上，用 GPT-4。", ["ImageNet", "GPT-4"]),
        ("نحن نقترح WeftNet", "على ImageNet، مع GPT-4.", ["ImageNet", "GPT-4"]),
        ("A\x00B\x07", "It beats\x00GPT-4 \x1b[31mon ImageNet\u2028!", ["ImageNet"]),
        ("\ud800", "It beats GPT-4 \udfff.", ["GPT-4"]),
    ],
)
def test_odd_texts(title: str, abstract: str, names: list[str]) -> None:
    paper = Paper("x", title, abstract)
    found = next(kg.extract([paper]))
    check(paper, found)
    assert [entity.name for entity in found.entities] == names


@pytest.mark.parametrize(
    "unit",
    [
        "We propose a graph neural network (GNN) for looms. It beats GPT-4 on ImageNet. ",
        "WeftNet and LoomNet, ",
        "(", "-", "'", ".", "\n", "x", "X", "(a) ", "http://", "a@b.", "github.com/a/b ", "GPT-4, ", "我们，", "\ue000",
    ],
)  # fmt: skip
def test_a_long_abstract(unit: str) -> None:
    """Time is linear in the length; these would take minutes each if it were not."""
    paper = Paper("x", "On Looms", (unit * 100_000)[: 100_000 if len(unit) > 50 else 25_000])
    found = next(kg.extract([paper]))
    assert all(m.text == getattr(paper, m.field)[m.start : m.end] for e in found.entities for m in e.mentions)


def test_facts_do_not_depend_on_batches_processes_or_neighbours() -> None:
    nlp = kg.load()
    alone = [next(kg.extract([paper])) for paper in PAPERS]
    assert [found.id for found in alone] == [paper.id for paper in PAPERS]
    for paper, found in zip(PAPERS, alone, strict=True):
        check(paper, found)
    for size in (1, 64):
        other = load_model_from_config(nlp.config | {"nlp": nlp.config["nlp"] | {"batch_size": size}}, auto_fill=True)
        assert list(kg.extract(PAPERS, other)) == alone
    assert list(reversed(list(kg.extract(reversed(PAPERS))))) == alone
    docs = nlp.pipe([make_doc(nlp, paper) for paper in PAPERS[:4]], n_process=2, batch_size=2)
    assert [facts_of(doc, paper) for doc, paper in zip(docs, PAPERS, strict=False)] == alone[:4]


def test_the_assembled_pipeline() -> None:
    assert kg.load().pipe_names == ["sentencizer", *COMPONENTS]
    assert kg.load() is kg.load()


def results(nlp: Language) -> object:
    doc = nlp("We propose WeftNet, a graph neural network (GNN). See github.com/ada/weft.")
    return [(e.text, e.label_) for e in doc.ents], doc._.links, doc._.abbreviations


def test_it_packs_and_unpacks(tmp_path: Path) -> None:
    nlp = kg.load()
    again = load_model_from_config(nlp.config, auto_fill=True).from_bytes(nlp.to_bytes())
    nlp.to_disk(tmp_path)
    assert results(again) == results(spacy.load(tmp_path)) == results(nlp)


def test_some_of_the_components_can_run_alone() -> None:
    nlp = kg.load()
    with nlp.select_pipes(enable=["kg_links"]):
        ents, links, abbreviations = results(nlp)
    assert (ents, [link.url for link in links], abbreviations) == ([], ["https://github.com/ada/weft"], [])
    assert nlp.pipe_names == ["sentencizer", *COMPONENTS]


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_in_another_pipeline(component: str) -> None:
    """With those that it needs before it, but without those that it does not."""
    nlp = spacy.blank("en")
    entities = ["sentencizer", "kg_links", "kg_abbreviations", "kg_lexicon", "kg_proposer"]
    needed = {
        "kg_entities": entities,
        "kg_coreference": [*entities, "kg_entities"],
        "kg_relations": [*entities, "kg_entities"],
    }
    for name in [*needed.get(component, ()), component]:
        nlp.add_pipe(name)
    assert not any(nlp.analyze_pipes()["problems"].values())
    doc = nlp("We propose WeftNet, a graph neural network (GNN). It beats BERT. See github.com/ada/weft.")
    assert {
        "kg_links": lambda: [link.url for link in doc._.links] == ["https://github.com/ada/weft"],
        "kg_abbreviations": lambda: [a.short(doc) for a in doc._.abbreviations] == ["GNN"],
        "kg_lexicon": lambda: "BERT" in [s.text for s in doc.spans["kg_lexicon"]],
        "kg_proposer": lambda: doc._.proposals.shape == (len(doc), COLUMNS),
        "kg_entities": lambda: {"WeftNet", "GNN", "BERT"} <= {e.name for e in doc._.entities},
        "kg_coreference": lambda: {"WeftNet", "GNN", "BERT"} <= {e.name for e in doc._.entities},
        "kg_relations": lambda: (
            ("WeftNet", "OUTPERFORMS", "BERT") in [(r.subject, r.type, r.object) for r in doc._.relations]
        ),
    }[component]()


def test_spacy_finds_the_components_by_their_entry_points() -> None:
    """Nothing of the package is imported by hand."""
    code = (
        f"import spacy; nlp = spacy.blank('en'); [nlp.add_pipe(c) for c in {['sentencizer', *COMPONENTS]}]; nlp('Weft')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_title_is_a_sentence_of_its_own() -> None:
    paper = Paper("x", "On looms", "we weave. They knit.")
    found = next(kg.extract([paper]))
    assert [getattr(paper, s.field)[s.start : s.end] for s in found.sentences] == [
        "On looms",
        "we weave.",
        "They knit.",
    ]
    assert next(kg.extract([replace(paper, title="On looms ")])).sentences[1:] == found.sentences[1:]


def test_links_of_the_comment_that_the_text_does_not_have() -> None:
    paper = Paper(
        "x",
        "Weft",
        "Code is at https://github.com/ada/weft.",
        comment="9 pages, code at github.com/ada/weft, see https://weft.example.org",
    )
    found = next(kg.extract([paper])).links
    assert [(k.url, k.field, getattr(paper, k.field)[k.start : k.end]) for k in found] == [
        ("https://github.com/ada/weft", "abstract", "https://github.com/ada/weft"),
        ("https://weft.example.org", "comment", "https://weft.example.org"),
    ]

"""Papers, facts and entities to rows: every edge has its sentence, and joins what the schema lets it join."""

from __future__ import annotations

from datetime import date

import pytest

from kg.assemble import assemble
from kg.model import Entity, Facts, Link, Mention, Paper, Relation, Span
from kg.resolve import resolve
from kg.schema import EDGES, NODES

OTTER = Paper(
    id="arxiv:2410.00001",
    title="Otter: Gated Filters",
    abstract="We present Otter. It beats Beaver on PondSet. Code: https://github.com/River/Otter/tree/main/src",
    published=date(2024, 10, 1),
    url="https://arxiv.org/abs/2410.00001",
    arxiv_id="2410.00001",
    authors=("Ada Reed", "Bo  Brook"),
    authors_count=2,
    organizations=("Pond Institute",),
    sources=("a.jsonl:1",),
)
HERON = Paper(
    id="paper:herons",
    title="Herons",
    abstract="Herons wait. Otter beats Beaver again. See https://herons.example/Data and https://github.com/river/otter",
    authors=("ada reed",),
    sources=("a.jsonl:2", "b.txt:9"),
)
PAPERS = [HERON, OTTER]


def span(paper, text, field="abstract"):
    start = getattr(paper, field).index(text)
    return Span(field, start, start + len(text))


def entity(paper, name, type, role, named=True, confidence=0.9, field="abstract"):
    at = span(paper, name, field)
    return Entity(name, type, named, role, confidence, (name,), (Mention(field, at.start, at.end, name, "hand"),))


def link(paper, url, kind, repo=None, official=True):
    at = span(paper, url)
    return Link(url, kind, repo, url, official, "abstract", at.start, at.end)


OTTER_FACTS = Facts(
    id=OTTER.id,
    title=OTTER.title,
    entities=(
        entity(OTTER, "Otter", "Method", "introduces"),
        entity(OTTER, "Beaver", "Method", "compares", confidence=0.8),
        entity(OTTER, "PondSet", "Dataset", "evaluates"),
    ),
    links=(link(OTTER, "https://github.com/River/Otter/tree/main/src", "code", "github.com/River/Otter"),),
    relations=(
        Relation("Otter", "OUTPERFORMS", "Beaver", 0.7, span(OTTER, "It beats Beaver on PondSet.")),
        Relation("Otter", "EVALUATED_ON", "PondSet", 0.6, span(OTTER, "It beats Beaver on PondSet.")),
    ),
    sentences=(
        Span("title", 0, 20),
        span(OTTER, "We present Otter."),
        span(OTTER, "It beats Beaver on PondSet."),
        span(OTTER, "Code: https://github.com/River/Otter/tree/main/src"),
    ),
)
HERON_FACTS = Facts(
    id=HERON.id,
    title=HERON.title,
    entities=(entity(HERON, "Otter", "Method", "uses"), entity(HERON, "Beaver", "Method", "mentions")),
    links=(
        link(HERON, "https://herons.example/Data", "data"),
        link(HERON, "https://github.com/river/otter", "code", "github.com/river/otter", official=False),
    ),
    relations=(Relation("Otter", "OUTPERFORMS", "Beaver", 0.9, span(HERON, "Otter beats Beaver again.")),),
    sentences=(
        Span("title", 0, 6),
        span(HERON, "Herons wait."),
        span(HERON, "Otter beats Beaver again."),
        span(HERON, "See https://herons.example/Data and https://github.com/river/otter"),
    ),
)
FACTS = [HERON_FACTS, OTTER_FACTS]


def build(papers=PAPERS, facts=FACTS):
    of = {p.id: Facts(p.id, p.title) for p in papers} | {record.id: record for record in facts}
    return assemble([(p, of[p.id]) for p in sorted(papers, key=lambda p: p.id)], resolve(of.values()))


@pytest.fixture(scope="module")
def tables():
    return build()


def rows(table, *columns):
    return [tuple(row[c] for c in columns) for row in table.to_pylist()]


def test_papers(tables):
    assert tables.nodes["Paper"].to_pylist() == [
        {
            "id": "arxiv:2410.00001",
            "title": "Otter: Gated Filters",
            "abstract": OTTER.abstract,
            "published": date(2024, 10, 1),
            "url": "https://arxiv.org/abs/2410.00001",
            "arxiv_id": "2410.00001",
            "authors_count": 2,
            "sources": ["a.jsonl:1"],
        },
        {
            "id": "paper:herons",
            "title": "Herons",
            "abstract": HERON.abstract,
            "published": None,
            "url": None,
            "arxiv_id": None,
            "authors_count": None,
            "sources": ["a.jsonl:2", "b.txt:9"],
        },
    ]


def test_entities(tables):
    assert tables.nodes["Method"].to_pylist() == [
        {"id": "method:beaver", "name": "Beaver", "type": "Method", "aliases": [], "named": True, "papers": 2},
        {"id": "method:otter", "name": "Otter", "type": "Method", "aliases": [], "named": True, "papers": 2},
    ]
    assert rows(tables.nodes["Dataset"], "id", "papers") == [("dataset:pondset", 1)]


def test_an_edge_of_a_role(tables):
    assert tables.edges["INTRODUCES"].to_pylist() == [
        {
            "source": "arxiv:2410.00001",
            "source_label": "Paper",
            "target": "method:otter",
            "target_label": "Method",
            "evidence": "We present Otter.",
            "field": "abstract",
            "start": 11,
            "end": 16,
            "confidence": 0.9,
            "extractor": "hand",
        }
    ]


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ("COMPARES_WITH", [("arxiv:2410.00001", "method:beaver", "It beats Beaver on PondSet.")]),
        ("EVALUATES_ON", [("arxiv:2410.00001", "dataset:pondset", "It beats Beaver on PondSet.")]),
        ("USES", [("paper:herons", "method:otter", "Otter beats Beaver again.")]),
        ("MENTIONS", [("paper:herons", "method:beaver", "Otter beats Beaver again.")]),
        ("ADDRESSES", []),
        (
            "HAS_CODE",
            [
                (
                    "arxiv:2410.00001",
                    "repo:github.com/river/otter",
                    "Code: https://github.com/River/Otter/tree/main/src",
                ),
                (
                    "paper:herons",
                    "repo:github.com/river/otter",
                    "See https://herons.example/Data and https://github.com/river/otter",
                ),
            ],
        ),
        (
            "HAS_RESOURCE",
            [
                (
                    "paper:herons",
                    "url:herons.example/Data",
                    "See https://herons.example/Data and https://github.com/river/otter",
                )
            ],
        ),
        (
            "AUTHORED_BY",
            [
                ("arxiv:2410.00001", "author:ada reed", "Ada Reed"),
                ("arxiv:2410.00001", "author:bo brook", "Bo  Brook"),
                ("paper:herons", "author:ada reed", "ada reed"),
            ],
        ),
        ("FROM", [("arxiv:2410.00001", "organization:pond institute", "Pond Institute")]),
    ],
)
def test_edges_of_papers(tables, edge, expected):
    assert rows(tables.edges[edge], "source", "target", "evidence") == expected


def test_statements_of_several_papers_are_one_edge(tables):
    assert tables.edges["OUTPERFORMS"].to_pylist() == [
        {
            "source": "method:otter",
            "source_label": "Method",
            "target": "method:beaver",
            "target_label": "Method",
            "papers": ["arxiv:2410.00001", "paper:herons"],
            "count": 2,
            "evidence": "Otter beats Beaver again.",
            "statements": ["It beats Beaver on PondSet.", "Otter beats Beaver again."],
            "confidence": 0.9,
        }
    ]


def test_links(tables):
    assert tables.nodes["Repository"].to_pylist() == [
        {
            "id": "repo:github.com/river/otter",
            "name": "Otter",
            "url": "https://github.com/River/Otter",
            "host": "github.com",
            "owner": "River",
            "papers": 2,
        }
    ]
    assert tables.nodes["Resource"].to_pylist() == [
        {
            "id": "url:herons.example/Data",
            "name": "herons.example/Data",
            "url": "https://herons.example/Data",
            "kind": "data",
            "papers": 1,
        }
    ]
    assert rows(tables.edges["HAS_CODE"], "source", "official") == [
        ("arxiv:2410.00001", True),
        ("paper:herons", False),
    ]


def test_people(tables):
    assert rows(tables.nodes["Author"], "id", "name", "papers") == [
        ("author:ada reed", "Ada Reed", 2),
        ("author:bo brook", "Bo  Brook", 1),
    ]
    assert rows(tables.nodes["Organization"], "id", "name", "papers") == [
        ("organization:pond institute", "Pond Institute", 1)
    ]


def test_every_edge_has_evidence_and_its_ends_exist(tables):
    ids = {label: {row["id"] for row in table.to_pylist()} for label, table in tables.nodes.items()}
    assert set(tables.nodes) == set(NODES)
    assert set(tables.edges) == set(EDGES)
    for name, table in tables.edges.items():
        for edge in table.to_pylist():
            assert edge["evidence"]
            assert (edge["source_label"], edge["target_label"]) in EDGES[name].pairs
            assert edge["source"] in ids[edge["source_label"]]
            assert edge["target"] in ids[edge["target_label"]]


def test_the_order_of_facts_does_not_matter(tables):
    again = build(facts=FACTS[::-1])
    assert all(again.edges[name].equals(tables.edges[name]) for name in EDGES)
    assert all(again.nodes[label].equals(tables.nodes[label]) for label in NODES)


# A single paper with something odd about it.

REEDS = Paper(
    "paper:reeds", "Reeds", "We propose reed sampling. A reed sampler is fast. It uses Reed.", sources=("r:1",)
)
SENTENCES = tuple(span(REEDS, s) for s in ("We propose reed sampling.", "A reed sampler is fast.", "It uses Reed."))


def edges_of(*entities, sentences=SENTENCES, links=(), relations=(), paper=REEDS):
    tables = build([paper], [Facts(paper.id, paper.title, entities, links, relations, sentences)])
    return {(name, row["target"]): row["evidence"] for name, table in tables.edges.items() for row in table.to_pylist()}


def test_two_entities_of_a_paper_in_one_node_have_one_edge_of_the_strongest_role():
    twice = (entity(REEDS, "reed sampler", "Method", "uses"), entity(REEDS, "reed sampling", "Method", "introduces"))
    same = tuple(Entity("reed sampler", e.type, False, e.role, 0.9, ("reed sampler",), e.mentions) for e in twice)
    assert edges_of(*same) == {("INTRODUCES", "method:reed-sampler"): "We propose reed sampling."}


def test_a_mention_outside_all_sentences_has_its_field_as_evidence():
    title = entity(REEDS, "Reeds", "Task", "uses", field="title")
    assert edges_of(title) == {("USES", "task:reeds"): "Reeds"}
    assert edges_of(entity(REEDS, "Reed.", "Method", "uses"), sentences=()) == {("USES", "method:reed"): REEDS.abstract}


def test_a_relation_that_the_schema_does_not_have_is_left_out():
    both = (entity(REEDS, "reed sampling", "Task", "introduces"), entity(REEDS, "reed sampler", "Method", "uses"))
    backwards = Relation("reed sampling", "USED_FOR", "reed sampler", 0.9, SENTENCES[0])
    to_itself = Relation("reed sampler", "BUILDS_ON", "reed sampler", 0.9, SENTENCES[0])
    assert {name for name, _ in edges_of(*both, relations=(backwards, to_itself))} == {"INTRODUCES", "USES"}


def test_two_links_to_one_repository_are_official_if_one_is():
    paper = Paper("paper:l", "L", "See https://github.com/a/b/x or https://github.com/a/b", sources=("l:1",))
    links = (
        link(paper, "https://github.com/a/b/x", "code", "github.com/a/b", official=False),
        link(paper, "https://github.com/a/b", "code", "github.com/a/b"),
    )
    tables = build([paper], [Facts(paper.id, paper.title, (), links)])
    assert rows(tables.edges["HAS_CODE"], "target", "official") == [("repo:github.com/a/b", True)]


def test_two_papers_of_one_title_stay_two():
    twins = [Paper(f"arxiv:2410.0000{i}", "Reeds", REEDS.abstract, sources=(f"r:{i}",)) for i in (1, 2)]
    facts = [Facts(p.id, p.title, (entity(p, "reed sampling", "Method", "uses"),), sentences=SENTENCES) for p in twins]
    tables = build(twins, facts)
    assert rows(tables.edges["USES"], "source", "target") == [
        ("arxiv:2410.00001", "method:reed-sampling"),
        ("arxiv:2410.00002", "method:reed-sampling"),
    ]
    assert rows(tables.nodes["Method"], "papers") == [(2,)]


def test_a_paper_without_facts_is_a_node():
    tables = build([REEDS], [])
    assert tables.nodes["Paper"].num_rows == 1
    assert not any(table.num_rows for table in tables.edges.values())

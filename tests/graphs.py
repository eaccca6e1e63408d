"""A small invented graph as Arrow tables: six papers and what they are about, all by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import networkx as nx
import pyarrow as pa

from kg.schema import EDGES, NODES

PAPERS = [
    # id, title, published
    ("arxiv:2410.00001", "Otter: Gated Filters for Long Signals", date(2024, 10, 1)),
    ("arxiv:2410.00002", "PondBench, a Test of Patience", date(2024, 10, 15)),
    ("arxiv:2411.00003", "Otter-2 Swims Further", date(2024, 11, 2)),
    ("arxiv:2411.00004", "Herons That Wait", date(2024, 11, 20)),
    ("paper:old-filters", "Old Filters", None),
    ("arxiv:2412.00006", "A Note on Reeds", date(2024, 12, 5)),
]
ENTITIES = [
    # id, name, aliases, named, papers
    ("method:otter", "Otter", ["OTR"], True, 3),
    ("method:otter-2", "Otter-2", [], True, 1),
    ("method:heron", "Heron", [], True, 2),
    ("method:beaver", "Beaver", [], True, 2),
    ("method:convolution", "convolution", ["convolutions"], False, 4),
    ("dataset:reedset", "ReedSet", ["Reed Set"], True, 2),
    ("benchmark:pondbench", "PondBench", [], True, 3),
    ("task:fish-counting", "fish counting", ["counting fish"], False, 3),
    ("task:bird-watching", "bird watching", [], False, 1),
    ("metric:ripple-score", "Ripple Score", ["RS"], True, 2),
    ("metric:accuracy", "accuracy", [], False, 1),
]
MENTIONS = [
    # paper (its place in PAPERS), edge type, entity, sentence, confidence
    (0, "INTRODUCES", "method:otter", "We present Otter.", 0.9),
    (0, "USES", "method:convolution", "It rests on convolutions.", 0.8),
    (0, "COMPARES_WITH", "method:beaver", "Otter dams faster than Beaver.", 0.7),
    (0, "EVALUATES_ON", "benchmark:pondbench", "We test on PondBench.", 0.9),
    (0, "ADDRESSES", "task:fish-counting", "Our task is fish counting.", 0.8),
    (0, "MEASURES", "metric:ripple-score", "We report the Ripple Score.", 0.8),
    (1, "INTRODUCES", "benchmark:pondbench", "PondBench is new.", 0.9),
    (1, "INTRODUCES", "dataset:reedset", "ReedSet comes with it.", 0.6),
    (1, "ADDRESSES", "task:fish-counting", "It is about counting fish.", 0.8),
    (1, "MENTIONS", "method:convolution", "Most use convolution.", 0.5),
    (2, "INTRODUCES", "method:otter-2", "Otter-2 is here.", 0.9),
    (2, "USES", "method:otter", "It grows out of Otter.", 0.9),
    (2, "USES", "method:convolution", "A convolution remains.", 0.8),
    (2, "COMPARES_WITH", "method:heron", "Heron is left behind.", 0.7),
    (2, "EVALUATES_ON", "benchmark:pondbench", "PondBench shows it.", 0.9),
    (2, "EVALUATES_ON", "dataset:reedset", "So does ReedSet.", 0.9),
    (2, "ADDRESSES", "task:fish-counting", "Fish counting gets better.", 0.8),
    (2, "MEASURES", "metric:ripple-score", "RS rises.", 0.8),
    (2, "MEASURES", "metric:accuracy", "Accuracy too.", 0.4),
    (3, "INTRODUCES", "method:heron", "Heron waits.", 0.9),
    (3, "MENTIONS", "method:otter", "Otter does not.", 0.6),
    (3, "ADDRESSES", "task:bird-watching", "We watch birds.", 0.8),
    (4, "INTRODUCES", "method:beaver", "We build Beaver.", 0.9),
    (4, "USES", "method:convolution", "Convolutions are old.", 0.8),
]
STATED = [
    # subject, edge type, object, papers that state it, their sentences, confidence
    ("method:otter", "EVALUATED_ON", "benchmark:pondbench", [0, 2], ["Otter leads on PondBench.", "As before."], 0.9),
    ("method:otter-2", "EVALUATED_ON", "benchmark:pondbench", [2], ["Otter-2 leads on PondBench now."], 0.9),
    ("method:otter-2", "EVALUATED_ON", "dataset:reedset", [2], ["And on ReedSet."], 0.8),
    ("method:otter", "OUTPERFORMS", "method:beaver", [0], ["Otter dams faster than Beaver."], 0.7),
    ("method:otter-2", "OUTPERFORMS", "method:beaver", [2], ["Beaver is beaten again."], 0.9),
    ("method:otter-2", "BUILDS_ON", "method:otter", [2], ["It grows out of Otter."], 0.9),
    ("method:otter", "BUILDS_ON", "method:beaver", [0], ["Otter borrows from Beaver."], 0.8),
    ("method:heron", "BUILDS_ON", "method:otter", [3], ["Heron is a patient Otter."], 0.6),
    ("method:beaver", "BUILDS_ON", "method:convolution", [4], ["Beaver stacks convolutions."], 0.8),
    ("method:otter", "USED_FOR", "task:fish-counting", [0], ["Otter counts fish."], 0.8),
    ("method:otter-2", "USED_FOR", "task:fish-counting", [2], ["Otter-2 counts more fish."], 0.8),
]
REPOSITORIES = [
    # owner, name, paper, official
    ("river", "otter", 0, True),
    ("someone", "otter-jax", 0, False),
    ("pond", "bench", 1, True),
]


def _label(key: str) -> str:
    return key.split(":")[0].capitalize()


def tables() -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """The graph as `kg.stores.ladybug.write` takes it: nodes by label, edges by type."""
    nodes: dict[str, list[dict[str, Any]]] = {
        "Paper": [
            {"id": id, "title": title, "abstract": "", "published": day, "sources": ["made.txt:1"]}
            | ({"arxiv_id": id.removeprefix("arxiv:")} if id.startswith("arxiv:") else {})
            for id, title, day in PAPERS
        ],
        "Repository": [
            {"id": f"repo:github.com/{owner}/{name}", "name": name, "owner": owner, "host": "github.com", "papers": 1}
            | {"url": f"https://github.com/{owner}/{name}"}
            for owner, name, _, _ in REPOSITORIES
        ],
    }
    for id, name, aliases, named, papers in ENTITIES:
        row = {"id": id, "name": name, "type": _label(id), "aliases": aliases, "named": named, "papers": papers}
        nodes.setdefault(_label(id), []).append(row)

    edges: dict[str, list[dict[str, Any]]] = {}

    def add(type: str, source: str, source_label: str, target: str, target_label: str, **properties: Any) -> None:
        ends = {"source": source, "source_label": source_label, "target": target, "target_label": target_label}
        edges.setdefault(type, []).append(ends | properties)

    for paper, type, key, sentence, confidence in MENTIONS:
        mention = {"evidence": sentence, "field": "abstract", "start": 0, "end": 5, "extractor": "hand"}
        add(type, PAPERS[paper][0], "Paper", key, _label(key), confidence=confidence, **mention)
    for subject, type, object, papers, sentences, confidence in STATED:
        stated = {"papers": [PAPERS[p][0] for p in papers], "count": len(papers)}
        stated |= {"evidence": sentences[0], "statements": sentences}
        add(type, subject, _label(subject), object, _label(object), confidence=confidence, **stated)
    for owner, name, paper, official in REPOSITORIES:
        add("HAS_CODE", PAPERS[paper][0], "Paper", f"repo:github.com/{owner}/{name}", "Repository", official=official)
    return (
        {label: pa.Table.from_pylist(rows, schema=NODES[label].arrow) for label, rows in nodes.items()},
        {type: pa.Table.from_pylist(rows, schema=EDGES[type].arrow) for type, rows in edges.items()},
    )


def as_networkx() -> nx.MultiDiGraph:
    """The graph as `kg.Graph.to_networkx` gives it."""
    graph = nx.MultiDiGraph()
    nodes, edges = tables()
    for label, table in nodes.items():
        for row in table.to_pylist():
            graph.add_node(row["id"], label=label, **row)
    for type, table in edges.items():
        for row in table.to_pylist():
            graph.add_edge(row["source"], row["target"], key=type, type=type, **row)
    return graph

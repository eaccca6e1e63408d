"""Papers, facts and entities to the graph's node and edge tables (Arrow), as `kg.schema` lays them out.

Every edge carries its evidence: the sentence of the mention that shows the role, of the link, or of the statement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

import pyarrow as pa

from kg.model import Facts, Link, Paper, Role, Span
from kg.resolve import Resolution
from kg.schema import EDGES, NODES, edge_for_role

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """A graph as tables: one a node label and one an edge type, all of the schema's, empty ones too."""

    nodes: Mapping[str, pa.Table]
    edges: Mapping[str, pa.Table]


def assemble(papers: Sequence[Paper], facts: Iterable[Facts], resolution: Resolution) -> Tables:
    """The tables, rows in the order of their keys. `facts` has one record for each of `papers`, in any order."""
    by_id = {paper.id: paper for paper in papers}
    nodes: dict[str, dict[str, Row]] = {label: {} for label in NODES}
    edges: dict[str, dict[tuple[str, str], Row]] = {name: {} for name in EDGES}
    stated: dict[tuple[str, str, str], list[tuple[str, str, float]]] = defaultdict(list)

    for paper in papers:
        nodes["Paper"][paper.id] = {
            "id": paper.id,
            "title": paper.title,
            "abstract": paper.abstract,
            "published": paper.published,
            "url": paper.url,
            "arxiv_id": paper.arxiv_id,
            "authors_count": paper.authors_count,
            "sources": list(paper.sources),
        }
        _people(paper, nodes, edges)
    for resolved in resolution.entities.values():
        nodes[resolved.type][resolved.id] = {
            "id": resolved.id,
            "name": resolved.name,
            "type": resolved.type,
            "aliases": list(resolved.aliases),
            "named": resolved.named,
            "papers": resolved.papers,
        }
    label_of = {id_: resolved.type for id_, resolved in resolution.entities.items()}

    for record in sorted(facts, key=lambda f: f.id):
        paper = by_id[record.id]
        target = [resolution.of[record.id, i] for i in range(len(record.entities))]
        for i in _strongest(record, target):
            entity, label = record.entities[i], label_of[target[i]]
            mention = entity.mentions[entity.cue]
            row = _evidence(
                paper, record, Span(mention.field, mention.start, mention.end), entity.confidence, mention.extractor
            )
            _add(edges[edge_for_role(entity.role, label)], paper.id, "Paper", target[i], label, row)
        for link in sorted(record.links, key=lambda link: not link.official):
            _link(paper, record, link, nodes, edges)
        ids = {entity.name: id_ for entity, id_ in zip(record.entities, target, strict=True)}
        for relation in record.relations:
            source, object_ = ids[relation.subject], ids[relation.object]
            pair = (label_of[source], label_of[object_])
            if source != object_ and pair in EDGES[relation.type].pairs:
                stated[relation.type, source, object_].append(
                    (record.id, _text(paper, relation.evidence), relation.confidence)
                )
    for (name, source, object_), statements in stated.items():
        row = _statement(statements)
        _add(edges[name], source, label_of[source], object_, label_of[object_], row)

    for label in ("Repository", "Resource", "Author", "Organization"):
        papers_of: Counter[str] = Counter()
        for name, rows in edges.items():
            if any(target_label == label for _, target_label in EDGES[name].pairs):
                papers_of.update(target_id for _, target_id in rows)
        for id_, node in nodes[label].items():
            node["papers"] = papers_of[id_]

    return Tables(
        {
            label: pa.Table.from_pylist([rows[k] for k in sorted(rows)], NODES[label].arrow)
            for label, rows in nodes.items()
        },
        {
            name: pa.Table.from_pylist([rows[k] for k in sorted(rows)], EDGES[name].arrow)
            for name, rows in edges.items()
        },
    )


def _strongest(record: Facts, target: Sequence[str]) -> list[int]:
    """Of the entities of a paper that ended in one node, the index of the one with the strongest role."""
    roles = get_args(Role)  # the strongest first
    best: dict[str, int] = {}
    for i in sorted(
        range(len(target)), key=lambda i: (roles.index(record.entities[i].role), -record.entities[i].confidence)
    ):
        best.setdefault(target[i], i)
    return list(best.values())


def _add(
    rows: dict[tuple[str, str], Row], source: str, source_label: str, target: str, target_label: str, row: Row
) -> None:
    """One edge a pair: the first one stays."""
    ends = {"source": source, "source_label": source_label, "target": target, "target_label": target_label}
    rows.setdefault((source, target), ends | row)


def _text(paper: Paper, span: Span) -> str:
    text: str = getattr(paper, span.field)[span.start : span.end]
    return text.strip()


def _evidence(paper: Paper, record: Facts, mention: Span, confidence: float, extractor: str) -> Row:
    try:
        sentence = record.sentence(mention.field, mention.start)
    except StopIteration:  # outside all sentences: the whole field is what states it
        sentence = Span(mention.field, 0, len(getattr(paper, mention.field)))
    return {
        "evidence": _text(paper, sentence),
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "confidence": confidence,
        "extractor": extractor,
    }


def _statement(statements: Iterable[tuple[str, str, float]]) -> Row:
    """What (paper, sentence, confidence) say together, each paper through its most confident sentence."""
    of_paper: dict[str, tuple[str, float]] = {}
    for id_, text, sure in statements:
        if id_ not in of_paper or sure > of_paper[id_][1]:
            of_paper[id_] = (text, sure)
    best, confidence = max(of_paper.values(), key=lambda statement: statement[1])
    return {
        "papers": list(of_paper),
        "count": len(of_paper),
        "evidence": best,
        "statements": [text for text, _ in of_paper.values()],
        "confidence": confidence,
    }


def _link(
    paper: Paper,
    record: Facts,
    link: Link,
    nodes: dict[str, dict[str, Row]],
    edges: dict[str, dict[tuple[str, str], Row]],
) -> None:
    row = _evidence(paper, record, Span(link.field, link.start, link.end), 1.0, "links") | {"official": link.official}
    if link.repo:
        host, owner, name = link.repo.split("/", 2)
        id_ = f"repo:{link.repo.lower()}"
        # The link may point at a folder in it.
        repository = {"id": id_, "name": name, "url": f"https://{link.repo}", "host": host, "owner": owner}
        nodes["Repository"].setdefault(id_, repository)
        _add(edges["HAS_CODE"], paper.id, "Paper", id_, "Repository", row)
    else:
        parts = urlsplit(link.url)
        name = link.url.removeprefix(f"{parts.scheme}://")
        id_ = f"url:{parts.netloc.lower()}{name[len(parts.netloc) :]}"
        nodes["Resource"].setdefault(id_, {"id": id_, "name": name, "url": link.url, "kind": link.kind})
        _add(edges["HAS_RESOURCE"], paper.id, "Paper", id_, "Resource", row)


def _people(paper: Paper, nodes: dict[str, dict[str, Row]], edges: dict[str, dict[tuple[str, str], Row]]) -> None:
    """Authors and organisations: the source's own words are the evidence."""
    for label, edge, field, names in (
        ("Author", "AUTHORED_BY", "authors", paper.authors),
        ("Organization", "FROM", "organization", paper.organizations),
    ):
        for name in names:
            id_ = f"{label.lower()}:{' '.join(name.casefold().split())}"
            nodes[label].setdefault(id_, {"id": id_, "name": name})
            row = {
                "evidence": name,
                "field": field,
                "start": None,
                "end": None,
                "confidence": 1.0,
                "extractor": "source",
            }
            _add(edges[edge], paper.id, "Paper", id_, label, row)

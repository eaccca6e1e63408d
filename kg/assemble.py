"""Papers, facts and entities to the graph's node and edge tables (Arrow), as `kg.schema` lays them out.

Every edge carries its evidence: the sentence of the mention that shows the role, of the link, or of the statement.
`rows` are what one paper says; `gathered` is what all rows of one node or edge say together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

import pyarrow as pa

from kg.model import Facts, Link, Paper, Role, Span
from kg.resolve import Resolution, Resolved
from kg.schema import EDGES, ENTITY_LABELS, NODES, edge_for_role

Row = dict[str, Any]
Key = tuple[str, ...]  # the id of a node, the two ids of an edge

_FLUSH = 10_000  # rows that wait as Python objects, of which one takes as much memory as ten in Arrow
_LABELS = {label.lower(): label for label in ENTITY_LABELS}
# Of these, several papers have rows; of the others, one paper has the only one.
SHARED = tuple(
    [label for label in NODES if label != "Paper" and label not in ENTITY_LABELS]
    + [name for name, edge in EDGES.items() if all(source != "Paper" for source, _ in edge.pairs)]
)


@dataclass(frozen=True, slots=True)
class Tables:
    """A graph as tables: one a node label and one an edge type, all of the schema's, empty ones too."""

    nodes: Mapping[str, pa.Table]
    edges: Mapping[str, pa.Table]


def assemble(records: Iterable[tuple[Paper, Facts]], resolution: Resolution) -> Tables:
    """The tables, rows in the order of their keys.

    `records` come in the order of the papers' ids, and are not held in memory.
    """
    tables = _Collected()
    shared: dict[str, dict[Key, list[Row]]] = {name: defaultdict(list) for name in SHARED}
    for paper, facts in records:
        for name, key, row in sorted(rows(paper, facts, resolution.of[paper.id]), key=lambda item: item[:2]):
            if name in shared:
                shared[name][key].append(row)
            else:
                tables.add(name, row)
    for name, of_key in shared.items():
        for key in sorted(of_key):
            tables.add(name, gathered(name, of_key.pop(key)))
    for entity in resolution.entities.values():
        tables.add(entity.type, node(entity))
    return tables.whole()


class _Collected:
    """Tables that grow row by row, in Arrow but for the last rows."""

    def __init__(self) -> None:
        self._schemas = {name: kind[name].arrow for kind in (NODES, EDGES) for name in kind}
        self._rows: dict[str, list[Row]] = {name: [] for name in self._schemas}
        self._batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in self._schemas}

    def add(self, name: str, row: Row) -> None:
        """Add a row to the table of that label or edge type."""
        self._rows[name].append(row)
        if len(self._rows[name]) == _FLUSH:
            self._flush(name)

    def _flush(self, name: str) -> None:
        self._batches[name].append(pa.RecordBatch.from_pylist(self._rows[name], self._schemas[name]))
        self._rows[name] = []

    def whole(self) -> Tables:
        """The tables, in the order in which their rows came."""

        def table(name: str) -> pa.Table:
            self._flush(name)
            return pa.Table.from_batches(self._batches.pop(name), self._schemas[name])

        return Tables({name: table(name) for name in NODES}, {name: table(name) for name in EDGES})


def node(entity: Resolved) -> Row:
    """The row of an entity."""
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "aliases": list(entity.aliases),
        "named": entity.named,
        "papers": entity.papers,
    }


def rows(paper: Paper, facts: Facts, ids: Sequence[str]) -> list[tuple[str, Key, Row]]:
    """The nodes and edges of a paper, each once: label or type, key, and row. `ids` are those of its entities.

    Rows of a label or type in `SHARED` are what this paper has to say of them, for `gathered`.
    """
    found: dict[tuple[str, Key], Row] = {}
    for name, key, row in (
        _paper(paper),
        *_people(paper),
        *_roles(paper, facts, ids),
        *_links(paper, facts),
        *_statements(paper, facts, ids),
    ):
        found.setdefault((name, key), row)
    return [(name, key, row) for (name, key), row in found.items()]


def gathered(name: str, said: Sequence[Row]) -> Row:
    """The row of one shared node or edge, from what papers say of it, in the order of their ids."""
    if name in NODES:
        return said[0] | {"papers": len(said)}
    best = max(said, key=lambda row: row["confidence"])
    return {
        **{end: best[end] for end in ("source", "source_label", "target", "target_label")},
        "papers": [row["paper"] for row in said],
        "count": len(said),
        "evidence": best["evidence"],
        "statements": [row["evidence"] for row in said],
        "confidence": best["confidence"],
    }


def _paper(paper: Paper) -> tuple[str, Key, Row]:
    row = {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "published": paper.published,
        "url": paper.url,
        "arxiv_id": paper.arxiv_id,
        "authors_count": paper.authors_count,
        "sources": list(paper.sources),
    }
    return "Paper", (paper.id,), row


def _roles(paper: Paper, facts: Facts, ids: Sequence[str]) -> Iterator[tuple[str, Key, Row]]:
    for i in _strongest(facts, ids):
        entity = facts.entities[i]
        mention = entity.mentions[entity.cue]
        span = Span(mention.field, mention.start, mention.end)
        row = _evidence(paper, facts, span, entity.confidence, mention.extractor)
        label = _label(ids[i])
        yield _edge(edge_for_role(entity.role, label), paper.id, ids[i], label, row)


def _label(id_: str) -> str:
    return _LABELS[id_.partition(":")[0]]


def _strongest(record: Facts, target: Sequence[str]) -> list[int]:
    """Of the entities of a paper that ended in one node, the index of the one with the strongest role."""
    roles = get_args(Role)  # the strongest first
    best: dict[str, int] = {}
    for i in sorted(
        range(len(target)), key=lambda i: (roles.index(record.entities[i].role), -record.entities[i].confidence)
    ):
        best.setdefault(target[i], i)
    return list(best.values())


def _edge(name: str, paper: str, target: str, label: str, row: Row) -> tuple[str, Key, Row]:
    ends = {"source": paper, "source_label": "Paper", "target": target, "target_label": label}
    return name, (paper, target), ends | row


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


def _statements(paper: Paper, facts: Facts, ids: Sequence[str]) -> Iterator[tuple[str, Key, Row]]:
    """Each pair of entities once, through the paper's most confident sentence on it."""
    id_of = {entity.name: id_ for entity, id_ in zip(facts.entities, ids, strict=True)}
    for relation in sorted(facts.relations, key=lambda relation: -relation.confidence):
        source, target = id_of[relation.subject], id_of[relation.object]
        pair = _label(source), _label(target)
        if source != target and pair in EDGES[relation.type].pairs:
            ends = {"source": source, "source_label": pair[0], "target": target, "target_label": pair[1]}
            said = {"paper": paper.id, "evidence": _text(paper, relation.evidence), "confidence": relation.confidence}
            yield relation.type, (source, target), ends | said


def _links(paper: Paper, facts: Facts) -> Iterator[tuple[str, Key, Row]]:
    for link in sorted(facts.links, key=lambda link: not link.official):
        yield from _link(paper, facts, link)


def _link(paper: Paper, facts: Facts, link: Link) -> Iterator[tuple[str, Key, Row]]:
    evidence = _evidence(paper, facts, Span(link.field, link.start, link.end), 1.0, "links")
    row = evidence | {"official": link.official}
    if link.repo:
        host, owner, name = link.repo.split("/", 2)
        id_ = f"repo:{link.repo.lower()}"
        # The link may point at a folder in it.
        repository = {"id": id_, "name": name, "url": f"https://{link.repo}", "host": host, "owner": owner}
        yield "Repository", (id_,), repository
        yield _edge("HAS_CODE", paper.id, id_, "Repository", row)
    else:
        parts = urlsplit(link.url)
        name = link.url.removeprefix(f"{parts.scheme}://")
        id_ = f"url:{parts.netloc.lower()}{name[len(parts.netloc) :]}"
        yield "Resource", (id_,), {"id": id_, "name": name, "url": link.url, "kind": link.kind}
        yield _edge("HAS_RESOURCE", paper.id, id_, "Resource", row)


def _people(paper: Paper) -> Iterator[tuple[str, Key, Row]]:
    """Authors and organisations: the source's own words are the evidence."""
    for label, edge, field, names in (
        ("Author", "AUTHORED_BY", "authors", paper.authors),
        ("Organization", "FROM", "organization", paper.organizations),
    ):
        for name in names:
            id_ = f"{label.lower()}:{' '.join(name.casefold().split())}"
            yield label, (id_,), {"id": id_, "name": name}
            row = {
                "evidence": name,
                "field": field,
                "start": None,
                "end": None,
                "confidence": 1.0,
                "extractor": "source",
            }
            yield _edge(edge, paper.id, id_, label, row)

"""The ontology, once: node labels, edge types, their properties and keys.

The Arrow tables, the stores' DDL and `docs/schema.md` derive from `NODES` and `EDGES`; nothing else knows a label by
heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pyarrow as pa

ARROW_TYPES: dict[str, pa.DataType] = {
    "STRING": pa.string(),
    "STRING[]": pa.list_(pa.string()),
    "INT64": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
}


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a node or an edge; `type` is a key of `ARROW_TYPES`."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, slots=True)
class NodeLabel:
    """A node label. The first property is the key."""

    name: str
    doc: str
    properties: tuple[Property, ...]

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([(p.name, ARROW_TYPES[p.type]) for p in self.properties])


@dataclass(frozen=True, slots=True)
class EdgeType:
    """An edge type with the pairs of labels that it may join."""

    name: str
    doc: str
    pairs: tuple[tuple[str, str], ...]
    properties: tuple[Property, ...]

    @property
    def arrow(self) -> pa.Schema:
        """Columns of `edges/TYPE.parquet`: the keys and labels of both ends, then the properties."""
        ends = [
            ("source", pa.string()),
            ("source_label", pa.string()),
            ("target", pa.string()),
            ("target_label", pa.string()),
        ]
        return pa.schema(ends + [(p.name, ARROW_TYPES[p.type]) for p in self.properties])


ENTITY_LABELS = ("Method", "Dataset", "Benchmark", "Task", "Metric")
DATA_LABELS = ("Dataset", "Benchmark")

_ENTITY = (
    Property("id", "STRING", "stable, readable key made from the canonical name: `method:mamba`"),
    Property("name", "STRING", "canonical name"),
    Property("type", "STRING", "the label again, so that one query text works on every engine"),
    Property("aliases", "STRING[]", "every other string that was seen for it"),
    Property("named", "BOOL", "true for a name coined for one thing, false for a generic term"),
    Property("papers", "INT64", "how many papers have it"),
)
_PLAIN = (
    Property("id", "STRING", "key"),
    Property("name", "STRING", "as the source writes it"),
    Property("papers", "INT64", "how many papers have it"),
)

NODES: dict[str, NodeLabel] = {
    label.name: label
    for label in (
        NodeLabel(
            "Paper",
            "A paper of the listings.",
            (
                Property(
                    "id", "STRING", "`arxiv:2503.11731` where the arXiv id is known, else `paper:` and the title's slug"
                ),
                Property("title", "STRING", "as in the source, on one line"),
                Property("abstract", "STRING", "as in the source, on one line"),
                Property("published", "DATE", "day of publication or listing, where the source gives it"),
                Property("url", "STRING", "address of the paper's page"),
                Property("arxiv_id", "STRING", "arXiv id without version"),
                Property("authors_count", "INT64", "number of authors"),
                Property("sources", "STRING[]", "places that list it: file and line"),
            ),
        ),
        NodeLabel("Method", "A model, architecture, algorithm, technique, framework or tool.", _ENTITY),
        NodeLabel("Dataset", "An identifiable collection of data.", _ENTITY),
        NodeLabel("Benchmark", "Something whose purpose is evaluation.", _ENTITY),
        NodeLabel("Task", "A problem to be solved that others also work on.", _ENTITY),
        NodeLabel("Metric", "A measure of quality or cost.", _ENTITY),
        NodeLabel(
            "Repository",
            "A source repository on a forge.",
            (
                Property("id", "STRING", "`repo:github.com/owner/name`, lower case"),
                Property("name", "STRING", "repository name"),
                Property("url", "STRING", "canonical https address"),
                Property("host", "STRING", "`github.com`, `gitlab.com`, …"),
                Property("owner", "STRING", "user or organisation on the forge"),
                Property("papers", "INT64", "how many papers link to it"),
            ),
        ),
        NodeLabel(
            "Resource",
            "Any other address: data, model weights, a project page.",
            (
                Property("id", "STRING", "`url:` and the canonical address without scheme"),
                Property("name", "STRING", "the address without scheme"),
                Property("url", "STRING", "canonical https address"),
                Property("kind", "STRING", "`code`, `data`, `model` or `page`"),
                Property("papers", "INT64", "how many papers link to it"),
            ),
        ),
        NodeLabel("Author", "A person, where the source names the authors.", _PLAIN),
        NodeLabel("Organization", "An organisation, where the source names it.", _PLAIN),
    )
}

_MENTION = (
    Property("evidence", "STRING", "the sentence, or the source's own words where there is none"),
    Property("field", "STRING", "`title` or `abstract`, or the metadata field"),
    Property("start", "INT64", "offset of the mention in that field, in characters"),
    Property("end", "INT64", "end of the mention, exclusive"),
    Property("confidence", "DOUBLE", "0 to 1"),
    Property("extractor", "STRING", "which part of the pipeline found it"),
)
_STATED = (
    Property("papers", "STRING[]", "ids of the papers that state it"),
    Property("count", "INT64", "how many papers state it"),
    Property("evidence", "STRING", "the sentence of the most confident statement"),
    Property("statements", "STRING[]", "the stating sentence of each of the papers, in their order"),
    Property("confidence", "DOUBLE", "0 to 1: the most confident statement's"),
)


def _from_paper(*labels: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Paper", label) for label in labels)


EDGES: dict[str, EdgeType] = {
    edge.name: edge
    for edge in (
        EdgeType("INTRODUCES", "It is the paper's contribution.", _from_paper(*ENTITY_LABELS), _MENTION),
        EdgeType(
            "USES", "The paper's work builds on it, applies it or studies it.", _from_paper(*ENTITY_LABELS), _MENTION
        ),
        EdgeType("EVALUATES_ON", "The paper reports experiments on it.", _from_paper(*DATA_LABELS), _MENTION),
        EdgeType("COMPARES_WITH", "The paper measures itself against it.", _from_paper("Method"), _MENTION),
        EdgeType("ADDRESSES", "The paper reports experiments in this task.", _from_paper("Task"), _MENTION),
        EdgeType("MEASURES", "The paper reports this metric.", _from_paper("Metric"), _MENTION),
        EdgeType("MENTIONS", "Background or related work only.", _from_paper(*ENTITY_LABELS), _MENTION),
        EdgeType(
            "HAS_CODE",
            "The abstract links to the repository.",
            _from_paper("Repository"),
            (*_MENTION, Property("official", "BOOL", "true when it is the paper's own")),
        ),
        EdgeType(
            "HAS_RESOURCE",
            "The abstract links to the address.",
            _from_paper("Resource"),
            (*_MENTION, Property("official", "BOOL", "true when it is the paper's own")),
        ),
        EdgeType("AUTHORED_BY", "The source names this author.", _from_paper("Author"), _MENTION),
        EdgeType("FROM", "The source names this organisation.", _from_paper("Organization"), _MENTION),
        EdgeType(
            "EVALUATED_ON",
            "Results of the method on it are reported.",
            tuple(product(("Method",), DATA_LABELS)),
            _STATED,
        ),
        EdgeType("OUTPERFORMS", "The text says that it does better.", (("Method", "Method"),), _STATED),
        EdgeType("BUILDS_ON", "Extends, varies, contains, distils or fine-tunes it.", (("Method", "Method"),), _STATED),
        EdgeType("USED_FOR", "The method is applied to the task.", (("Method", "Task"),), _STATED),
        EdgeType("PART_OF", "Is a subset, split or member of it.", tuple(product(DATA_LABELS, DATA_LABELS)), _STATED),
    )
}

RELATION_TYPES = ("EVALUATED_ON", "OUTPERFORMS", "BUILDS_ON", "USED_FOR", "PART_OF")


def edge_for_role(role: str, label: str) -> str:
    """The edge type from a paper to an entity of `label` that the paper has in `role`."""
    if role == "evaluates":
        return {"Task": "ADDRESSES", "Metric": "MEASURES"}.get(
            label, "EVALUATES_ON" if label in DATA_LABELS else "USES"
        )
    if role == "compares":
        return "COMPARES_WITH" if label == "Method" else "MENTIONS"
    return {"introduces": "INTRODUCES", "uses": "USES", "mentions": "MENTIONS"}[role]

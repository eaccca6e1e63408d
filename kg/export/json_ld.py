"""A graph as JSON-LD (https://www.w3.org/TR/json-ld11/): linked data in terms of https://schema.org where one fits.

What schema.org has no term for stands in a vocabulary of our own, ``urn:x-kg:term:``. A node's IRI is
``urn:x-kg:node:`` and its id, percent-encoded. An edge is one triple, and a statement about it (`rdf:Statement`, RDF's
reification) that has the evidence, the offsets and the confidence. The context is in the file; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from kg import drafts
from kg.export.rows import Row, rows, write_items
from kg.output import dumps

_SCHEMA_ORG = "https://schema.org/"
_CONTEXT = {
    "@vocab": _SCHEMA_ORG,
    "kg": "urn:x-kg:term:",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "datePublished": {"@type": "http://www.w3.org/2001/XMLSchema#date"},
    "sameAs": {"@type": "@id"},
    # Lists, not sets: the sentences are in the order of the papers that they are from.
    "statedIn": {"@id": "kg:statedIn", "@type": "@id", "@container": "@list"},
    "statements": {"@id": "kg:statements", "@container": "@list"},
}
_CLASSES = {
    "Paper": "ScholarlyArticle",
    "Method": "DefinedTerm",
    "Dataset": "Dataset",
    "Benchmark": "Dataset",
    "Task": "DefinedTerm",
    "Metric": "DefinedTerm",
    "Repository": "SoftwareSourceCode",
    "Resource": "CreativeWork",
    "Author": "Person",
    "Organization": "Organization",
}  # each node is of the class `kg:LABEL`, too
_PROPERTIES = {
    "id": "identifier",
    "name": "name",
    "title": "name",
    "aliases": "alternateName",
    "abstract": "abstract",
    "published": "datePublished",
    "url": "url",
}  # all others: `kg:NAME`
_EDGES = {
    "ADDRESSES": "about",
    "MENTIONS": "mentions",
    "AUTHORED_BY": "author",
    "FROM": "sourceOrganization",
    "PART_OF": "isPartOf",
}  # all others: `kg:` and the type in camel case
_ENDS = ("source", "source_label", "target", "target_label")


def write(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, path: Path) -> list[str]:
    """Write the file `path`; one line: how rdflib opens it.

    Raises:
        GraphError: `path` cannot be written.
    """
    with drafts.file(path) as file:
        file.write(f'{{"@context": {dumps(_CONTEXT)}, "@graph": [')
        write_items(file, _items(nodes, edges))
        file.write("\n]}\n")
    return [f'rdflib.Graph().parse({str(path)!r}, format="json-ld")']


def _items(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table]) -> Iterator[Row]:
    for label, row in rows(nodes):
        yield _node(label, row)
    for name, row in rows(edges):
        yield _statement(_predicate(name), row)


def _node(label: str, row: Row) -> Row:
    types = [_CLASSES[label], f"kg:{label}"]
    values = {_PROPERTIES.get(name, f"kg:{name}"): value for name, value in row.items() if name != "type"}
    if label == "Repository":
        values["codeRepository"] = values.pop("url")
    if row.get("arxiv_id"):
        values["sameAs"] = f"https://arxiv.org/abs/{quote(row['arxiv_id'])}"
    return {"@id": _iri(row["id"]), "@type": types, **_known(values)}


def _statement(predicate: str, row: Row) -> Row:
    """The statement; its subject has the triple itself."""
    source, _, target, _ = (row.pop(end) for end in _ENDS)
    papers, sentences = row.pop("papers", None), row.pop("statements", None)
    values = {f"kg:{name}": value for name, value in row.items()}
    return {
        "@type": "rdf:Statement",
        "rdf:subject": {"@id": _iri(source), predicate: {"@id": _iri(target)}},
        "rdf:predicate": {"@id": predicate if ":" in predicate else _SCHEMA_ORG + predicate},
        "rdf:object": {"@id": _iri(target)},
        **_known(values),
        **_known({"statedIn": papers and [_iri(paper) for paper in papers], "statements": sentences}),
    }


def _predicate(name: str) -> str:
    first, *others = name.lower().split("_")
    return _EDGES.get(name, f"kg:{first}{''.join(map(str.capitalize, others))}")


def _known(values: Row) -> Row:
    return {name: value for name, value in values.items() if value is not None}


def _iri(id_: str) -> str:
    return "urn:x-kg:node:" + quote(id_, safe="/:@+")

"""A graph as GraphML or GEXF, the files that Gephi opens; networkx, igraph, yEd and Cytoscape read them, too.

Formats: http://graphml.graphdrawing.org/specification.html and https://gexf.net/schema.html (1.3). Their values are
texts, numbers and truth values. So a list becomes one text, its items joined by " | "; a date becomes ISO text; a null
is left out; and U+FFFD stands for each character that XML 1.0 cannot hold.

Nodes have the schema's label as `type`, and their name or title as `label`, which Gephi shows. networkx's own writers
are not used: they hold a second and a third copy of the graph, and Gephi loses what they write. It reads one edge of
those that share an id in GraphML (they give all edges of a type the same), and one of two between the same nodes unless
their kinds differ (they write none). Here a type is an edge's key for networkx, its label, and its kind for Gephi.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

from kg import drafts
from kg.export.rows import Row, rows
from kg.schema import EDGES, NODES, EdgeType, NodeLabel

_TYPES = {"INT64": "long", "DOUBLE": "double", "BOOL": "boolean"}  # all others: string
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENDS = ("source", "source_label", "target", "target_label")


def write_graphml(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, path: Path) -> list[str]:
    """Write the file `path`; two lines: how Gephi and networkx open it.

    Raises:
        GraphError: `path` cannot be written.
    """
    of_nodes = {"label": "string", **_attributes(NODES.values())}
    of_edges = {"key": "string", "label": "string", **_attributes(EDGES.values())}

    def data(values: Row, prefix: str) -> str:
        texts = ((name, escape(_text(value), {"\r": "&#13;"})) for name, value in values.items() if value is not None)
        return "".join(f'<data key="{prefix}.{name}">{text}</data>' for name, text in texts)

    with drafts.file(path) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for kind, attributes in (("node", of_nodes), ("edge", of_edges)):
            for name, type in attributes.items():
                file.write(f'<key id="{kind}.{name}" for="{kind}" attr.name="{name}" attr.type="{type}"/>\n')
        file.write('<graph edgedefault="directed">\n')
        for id_, label, row in _nodes(nodes):
            file.write(f"<node id={_quoted(id_)}>{data({'label': label, **row}, 'node')}</node>\n")
        for source, name, target, row in _edges(edges):
            # Gephi takes the kind from an attribute `label`, which is not in the format; others pass over it.
            ends = f'source={_quoted(source)} target={_quoted(target)} label="{name}"'
            file.write(f"<edge {ends}>{data({'key': name, 'label': name, **row}, 'edge')}</edge>\n")
        file.write("</graph>\n</graphml>\n")
    return [f"open {path} in Gephi, or", f"networkx.read_graphml({str(path)!r})"]


def write_gexf(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, path: Path) -> list[str]:
    """Write the file `path`; two lines: how Gephi and networkx open it.

    Raises:
        GraphError: `path` cannot be written.
    """
    of_nodes = _attributes(NODES.values())
    of_edges = {"networkx_key": "string", **_attributes(EDGES.values())}

    def data(values: Row) -> str:
        texts = ((name, _quoted(_text(value))) for name, value in values.items() if value is not None)
        found = "".join(f'<attvalue for="{name}" value={text}/>' for name, text in texts)
        return f"<attvalues>{found}</attvalues>"

    with drafts.file(path) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n')
        file.write('<graph defaultedgetype="directed" mode="static">\n')
        for kind, attributes in (("node", of_nodes), ("edge", of_edges)):
            file.write(f'<attributes class="{kind}" mode="static">\n')
            for name, type in attributes.items():
                file.write(f'<attribute id="{name}" title="{name}" type="{type}"/>\n')
            file.write("</attributes>\n")
        file.write("<nodes>\n")
        for id_, label, row in _nodes(nodes):
            file.write(f"<node id={_quoted(id_)} label={_quoted(label)}>{data(row)}</node>\n")
        file.write("</nodes>\n<edges>\n")
        number = count()
        for source, name, target, row in _edges(edges):
            ends = f'id="{next(number)}" source={_quoted(source)} target={_quoted(target)} kind="{name}" label="{name}"'
            file.write(f"<edge {ends}>{data({'networkx_key': name, **row})}</edge>\n")
        file.write("</edges>\n</graph>\n</gexf>\n")
    return [f"open {path} in Gephi, or", f"networkx.read_gexf({str(path)!r})"]


def _attributes(kinds: Iterable[NodeLabel | EdgeType]) -> dict[str, str]:
    """The type of each property that any of `kinds` has; ids have a place of their own."""
    properties = (p for kind in kinds for p in kind.properties if p.name != "id")
    return {p.name: _TYPES.get(p.type, "string") for p in properties}


def _nodes(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, str, Row]]:
    """Id, shown name and properties of each node."""
    for type, row in rows(tables):
        id_ = row.pop("id")
        yield id_, row.get("name") or row.get("title") or id_, {**row, "type": type}


def _edges(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, str, str, Row]]:
    """Source, type, target and properties of each edge."""
    for type, row in rows(tables):
        source, _, target, _ = (row.pop(end) for end in _ENDS)
        yield source, type, target, row


def _text(value: Any) -> str:
    if isinstance(value, list):
        return _clean(" | ".join(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return _clean(value.isoformat() if isinstance(value, date) else str(value))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))

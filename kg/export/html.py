"""A graph as one interactive HTML page, drawn by pyvis, that asks no other computer for anything."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
from pyvis.network import Network

from kg.errors import GraphError

COLORS = {
    "Paper": "#9aa5b1",
    "Method": "#2f6fde",
    "Dataset": "#1f9d55",
    "Benchmark": "#0e8f8f",
    "Task": "#d9730d",
    "Metric": "#8e44ad",
    "Repository": "#333f4d",
    "Resource": "#6b7785",
    "Author": "#c0576b",
    "Organization": "#a0522d",
}
_LABEL_WIDTH = 32
# pyvis's template loads Bootstrap from a CDN even when its other resources are in line; the page does without.
_EXTERNAL = re.compile(r"<link\b[^>]*\bhref=\"https?:[^>]*>|<script\b[^>]*\bsrc=\"https?:[^>]*>\s*</script>", re.DOTALL)


def write_page(graph: nx.MultiDiGraph, path: Path) -> Path:
    """Draw `graph` (as `Graph.to_networkx` gives it) and write the page to `path`.

    Raises:
        GraphError: `path` cannot be written.
    """
    network = Network(height="95vh", width="100%", directed=True, cdn_resources="in_line", bgcolor="#ffffff")
    for id_, node in sorted(graph.nodes(data=True)):
        name = node.get("name") or node.get("title") or id_
        papers = node.get("papers") or 1
        network.add_node(
            id_,
            label=name if len(name) <= _LABEL_WIDTH else f"{name[: _LABEL_WIDTH - 1].rstrip()}…",
            title=f"{node['label']}: {name}" + (f"\n{papers} papers" if papers > 1 else ""),
            color=COLORS[node["label"]],
            shape="square" if node["label"] == "Paper" else "dot",
            size=8 + 4 * papers**0.5,
        )
    for source, target, kind, edge in sorted(graph.edges(keys=True, data=True), key=lambda e: e[:3]):
        network.add_edge(source, target, title=f"{kind}\n{edge['evidence']}", color="#c5ccd3")
    network.barnes_hut(gravity=-6000, spring_length=120)
    page = _EXTERNAL.sub("", network.generate_html(notebook=False))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GraphError(f"{path}: cannot be written: {error.strerror}") from error
    return path

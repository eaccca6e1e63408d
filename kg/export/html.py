"""A graph as one interactive HTML page, drawn by pyvis, that asks no other computer for anything."""

from __future__ import annotations

import json
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

# No address may be asked for anything, whatever stands in the page.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)
# vis-network: https://visjs.github.io/vis-network/docs/network/
_OPTIONS = {
    "physics": {"enabled": False},  # the places are computed before
    "interaction": {"hover": True, "hideEdgesOnDrag": True, "hideEdgesOnZoom": True, "keyboard": True},
    "nodes": {
        # Labels of what few papers have show when one comes near.
        "scaling": {"label": {"enabled": True, "drawThreshold": 8}},
        "font": {"strokeWidth": 3, "strokeColor": "#ffffff"},
    },
    "edges": {
        "smooth": False,
        "width": 0.7,
        "color": {"color": "#c5ccd3", "highlight": "#2f6fde", "hover": "#7b8794"},
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.4}},
    },
}


def write_page(graph: nx.MultiDiGraph, path: Path) -> Path:
    """Draw `graph` (as `Graph.to_networkx` gives it) and write the page to `path`.

    Raises:
        GraphError: `path` cannot be written.
    """
    from kg.export.layout import positions  # noqa: PLC0415, igraph imports all of matplotlib, a second's work

    network = Network(height="97vh", width="100%", directed=True, cdn_resources="in_line", bgcolor="#ffffff")
    nodes = sorted(graph.nodes(data=True))
    edges = sorted(graph.edges(keys=True, data=True), key=lambda e: e[:3])
    number = {id_: i for i, (id_, _) in enumerate(nodes)}
    places = positions(len(nodes), ((number[source], number[target]) for source, target, _, _ in edges))
    for (id_, node), (x, y) in zip(nodes, places.round(1).tolist(), strict=True):
        name = node.get("name") or node.get("title") or id_
        papers = node.get("papers") or 1
        network.add_node(
            id_,
            label=name if len(name) <= _LABEL_WIDTH else f"{name[: _LABEL_WIDTH - 1].rstrip()}…",
            title=f"{node['label']}: {name}" + (f"\n{papers} papers" if papers > 1 else ""),
            color=COLORS[node["label"]],
            shape="square" if node["label"] == "Paper" else "dot",
            size=round(8 + 4 * papers**0.5, 1),
            font={"size": round(12 + 2 * papers**0.5)},
            x=x,
            y=y,
        )
    for source, target, kind, edge in edges:
        network.add_edge(source, target, title=f"{kind}\n{edge['evidence']}")
    network.set_options(json.dumps(_OPTIONS))
    page = _EXTERNAL.sub("", network.generate_html(notebook=False)).replace("<head>", f"<head>{_POLICY}", 1)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GraphError(f"{path}: cannot be written: {error.strerror}") from error
    return path

"""A graph as one interactive HTML page, made with pyvis, that asks no other computer for anything.

pyvis writes the page and brings vis-network, which draws the nodes and knows which of them is clicked or dragged. The
template and the scripts are those of `page/`: they add what is drawn around the nodes, search, filters and the panel.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyvis
from pyvis.network import Network

from kg import drafts
from kg.schema import EDGES, ENTITY_LABELS, NODES

if TYPE_CHECKING:
    from kg.export.layout import Layout

COLORS = {
    "Paper": "#7d8896",
    "Method": "#2f6fde",
    "Dataset": "#1f9d55",
    "Benchmark": "#0e8f8f",
    "Task": "#d9730d",
    "Metric": "#9b51c4",
    "Repository": "#b03a48",
    "Resource": "#5d8aa8",
    "Author": "#8c6d46",
    "Organization": "#a0522d",
}
_SHAPES = {
    "Paper": "square",
    "Dataset": "diamond",
    "Benchmark": "star",
    "Task": "triangle",
    "Metric": "triangleDown",
    "Repository": "hexagon",
    "Resource": "hexagon",
    "Organization": "square",
}  # all others: dot
_EDGE_COLORS = {
    "INTRODUCES": "#d64550",
    "USES": "#8492a1",
    "EVALUATES_ON": "#1f9d55",
    "COMPARES_WITH": "#b7791f",
    "ADDRESSES": "#d9730d",
    "MEASURES": "#9b51c4",
    "MENTIONS": "#a9b4bf",
    "HAS_CODE": "#b03a48",
    "HAS_RESOURCE": "#5d8aa8",
    "AUTHORED_BY": "#8c6d46",
    "FROM": "#a0522d",
    "EVALUATED_ON": "#0e8f8f",
    "OUTPERFORMS": "#e0409f",
    "BUILDS_ON": "#5b5bd6",
    "USED_FOR": "#c9a227",
    "PART_OF": "#2d9cdb",
}
_NAMED_ISLAND = 3  # nodes that an island has at least, for it to be drawn and named
_TEMPLATES = (Path(__file__).with_name("page"), Path(pyvis.__file__).with_name("templates"))
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# vis-network: https://visjs.github.io/vis-network/docs/network/. Places are computed before, so physics moves only the
# nodes that the page's script lets loose; edges and names are drawn by it, too.
_OPTIONS = {
    "nodes": {"physics": False, "chosen": False, "borderWidth": 0},
    "groups": {
        label: {"shape": _SHAPES.get(label, "dot"), "color": {"background": color, "border": color}}
        for label, color in COLORS.items()
    },
    "edges": {"smooth": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hideNodesOnDrag": True, "hideEdgesOnDrag": True, "selectConnectedEdges": False},
    "physics": {
        "stabilization": False,
        "barnesHut": {"gravitationalConstant": -2500, "centralGravity": 0, "springLength": 120, "avoidOverlap": 0.9},
    },
}


def write_page(graph: nx.MultiDiGraph, path: Path, *, title: str = "Knowledge graph", notice: str = "") -> Path:
    """Draw `graph` (as `Graph.to_networkx` gives it) and write the page to `path`. The `notice` stands on top of it.

    Raises:
        GraphError: `path` cannot be written.
    """
    from kg.export.layout import lay_out  # noqa: PLC0415, igraph imports all of matplotlib, a second's work

    nodes = sorted(graph.nodes(data=True))
    number = {id_: i for i, (id_, _) in enumerate(nodes)}
    edges = sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3])
    sizes = [_size(node) for _, node in nodes]
    layout = lay_out(sizes, ((number[source], number[target]) for source, target, _, _ in edges))
    said = _Sentences(graph, number)

    # pyvis's own ways to add nodes and edges search the whole list each time.
    network = Network(directed=True)
    network.nodes = [_node(i, id_, node, sizes[i], layout) for i, (id_, node) in enumerate(nodes)]
    network.edges = [
        {"from": number[source], "to": number[target], "type": _TYPES[kind], "said": said.of(source, edge)}
        for source, target, kind, edge in edges
    ]
    network.set_options(json.dumps(_OPTIONS))
    network.set_template_dir(_TEMPLATES, "page.html")
    network.templateEnv.globals["page"] = {
        "title": title,
        "notice": notice,
        "labels": [{"name": n, "color": COLORS[n], "shape": _SHAPES.get(n, "dot")} for n in NODES],
        "types": [{"name": n, "color": _EDGE_COLORS[n]} for n in EDGES],
        "sentences": said.sentences,
        "islands": _islands([node for _, node in nodes], layout),
    }
    page = _with_policy(network.generate_html(notebook=False))
    with drafts.file(path) as file:
        file.write(page)
    return path


_KINDS = {label: i for i, label in enumerate(NODES)}
_TYPES = {name: i for i, name in enumerate(EDGES)}


def _size(node: dict[str, Any]) -> float:
    """Radius in pixels."""
    return 8.0 if node["label"] == "Paper" else round(min(44.0, 7 + 3 * float(node.get("papers") or 1) ** 0.5), 1)


def _name(id_: str, node: dict[str, Any]) -> str:
    return node.get("name") or node.get("title") or id_


def _node(number: int, id_: str, node: dict[str, Any], size: float, layout: Layout) -> dict[str, Any]:
    """What vis-network draws (id, x, y, size, group), and what the panel shows."""
    x, y = layout.places[number]
    drawn = {
        "id": number,
        "x": round(float(x), 1),
        "y": round(float(y), 1),
        "size": size,
        "group": node["label"],
        "kind": _KINDS[node["label"]],
        "island": int(layout.groups[number]),
        "key": id_,
        "name": _name(id_, node),
    }
    published: date | None = node.get("published")
    shown = {
        "papers": node.get("papers"),
        "aliases": node.get("aliases"),
        "url": node.get("url"),
        "day": published.isoformat() if published else None,
    }
    return drawn | {key: value for key, value in shown.items() if value}


class _Sentences:
    """The sentences that state edges, each once."""

    def __init__(self, graph: nx.MultiDiGraph, number: dict[str, int]) -> None:
        self._graph, self._number = graph, number
        self._places: dict[str, int] = {}

    @property
    def sentences(self) -> list[str]:
        return list(self._places)

    def of(self, source: str, edge: dict[str, Any]) -> list[list[Any]]:
        """``[[sentence, start, end]]`` of an edge from a paper, with the mention's place in the sentence or null;
        ``[[sentence, null, null, paper]]`` of one between entities, `paper` the node's number or the paper's id."""
        if not edge.get("evidence"):
            return []
        if "statements" not in edge:
            start, end = _mention(self._graph.nodes[source].get(edge["field"]), edge)
            return [[self._place(edge["evidence"]), start, end]]
        return [
            [self._place(sentence), None, None, self._number.get(paper, paper)]
            for paper, sentence in zip(edge["papers"], edge["statements"], strict=True)
        ]

    def _place(self, sentence: str) -> int:
        return self._places.setdefault(sentence, len(self._places))


def _mention(text: str | None, edge: dict[str, Any]) -> tuple[int, int] | tuple[None, None]:
    """Where in its sentence an edge's mention stands, as a browser counts; the edge's offsets are those in `text`."""
    sentence, start, end = edge["evidence"], edge["start"], edge["end"]
    if text is None or start is None or end is None:
        return None, None
    at = text.find(sentence, max(0, end - len(sentence)), start + len(sentence))
    if at < 0:
        return None, None
    before, mention = sentence[: start - at], sentence[start - at : end - at]
    return _units(before), _units(before + mention)


def _units(text: str) -> int:
    """The length as a browser counts it, in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _islands(nodes: list[dict[str, Any]], layout: Layout) -> list[dict[str, Any]]:
    """The islands that are drawn, each with the name of its entity that the most papers have."""
    members: dict[int, list[dict[str, Any]]] = {}
    for node, group in zip(nodes, layout.groups.tolist(), strict=True):
        members.setdefault(group, []).append(node)
    return [
        {
            "number": group,
            "x": round(float(layout.centres[group][0]), 1),
            "y": round(float(layout.centres[group][1]), 1),
            "radius": round(float(layout.radii[group]), 1),
            "name": _best_known(own),
        }
        for group, own in sorted(members.items())  # the largest first
        if len(own) >= _NAMED_ISLAND
    ]


def _best_known(nodes: Iterable[dict[str, Any]]) -> str:
    entities = [node for node in nodes if node["label"] in ENTITY_LABELS and node["label"] != "Metric"]
    entities.sort(key=lambda node: (-(node.get("papers") or 0), node["name"]))
    return entities[0]["name"] if entities else ""


def _with_policy(page: str) -> str:
    """The page with a policy that forbids the network, and all scripts but those that stand in it now."""
    scripts = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _SCRIPT.findall(page)
    )
    policy = f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace("<head>", f"<head>\n{meta}", 1)

"""Parts of a graph, as `Graph.to_networkx` gives it: what a picture shows when the whole is too much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

import networkx as nx

from kg.errors import GraphError
from kg.schema import EDGES, NODES
from kg.stores import Result
from kg.stores.cypher import nearest


def around(graph: nx.MultiDiGraph, node: str, depth: int) -> nx.MultiDiGraph:
    """The nodes within `depth` edges of `node`, whichever way the edges point, and the edges between them."""
    part: nx.MultiDiGraph = nx.ego_graph(graph, node, radius=depth, undirected=True)
    return part


def since(graph: nx.MultiDiGraph, day: date) -> nx.MultiDiGraph:
    """The papers of `day` and later, what they have, and what they state."""
    dates = graph.nodes(data="published")
    papers = {node for node, published in dates if published and published >= day}
    nodes = papers | {other for _, other in graph.out_edges(papers)}
    part = _induced(graph, nodes)
    stated = part.edges(keys=True, data="papers")
    part.remove_edges_from([(a, b, key) for a, b, key, by in stated if by is not None and papers.isdisjoint(by)])
    return part


def labelled(graph: nx.MultiDiGraph, labels: Collection[str]) -> nx.MultiDiGraph:
    """The nodes of these labels, and the edges between them.

    Raises:
        GraphError: there is no such label.
    """
    for label in labels:
        if label not in NODES:
            known = f"; known are {', '.join(NODES)}"
            raise GraphError(f"no label {label}{nearest(label, NODES) or known}")
    return _induced(graph, [node for node, label in graph.nodes(data="label") if label in labels])


def returned(graph: nx.MultiDiGraph, result: Result) -> nx.MultiDiGraph:
    """The nodes that a query returned, as such or in paths or lists, with the edges between them that it returned; all
    edges between them if it returned none.

    Raises:
        GraphError: it returned no node.
    """
    elements = [element for row in result.rows for element in _elements(row)]
    nodes = {element["id"] for element in elements if "label" in element}
    edges = {_identity(element) for element in elements if element.get("type") in EDGES and "evidence" in element}
    if not nodes:
        raise GraphError("the query returns no node to draw; RETURN the nodes, as in: MATCH (m:Method) RETURN m")
    part = _induced(graph, nodes)
    if not edges:
        return part
    all_edges = part.edges(keys=True, data=True)
    part.remove_edges_from([(a, b, key) for a, b, key, edge in all_edges if _identity(edge) not in edges])
    return part


def _elements(value: Any) -> Iterator[dict[str, Any]]:
    """The nodes and relationships within a value that a store returned; see `kg.stores`."""
    if isinstance(value, list):
        for item in value:
            yield from _elements(item)
    elif isinstance(value, dict):
        if "id" in value or "evidence" in value:
            yield value
        else:
            for item in value.values():
                yield from _elements(item)


def _identity(edge: dict[str, Any]) -> str:
    return repr(sorted(edge.items()))


def best_connected(graph: nx.MultiDiGraph, count: int, keep: str | None = None) -> nx.MultiDiGraph:
    """At most `count` nodes, half of them papers: the entities with the most edges, and the papers that have the most
    edges to those. None that stands alone after the cut and did not before. The node `keep` comes first."""
    if len(graph) <= count:
        return graph
    papers = [node for node, label in graph.nodes(data="label") if label == "Paper"]
    others = [node for node, label in graph.nodes(data="label") if label != "Paper"]
    room = min(len(others), max(count - len(papers), count - count // 2))
    chosen = _most(others, dict(graph.degree(others)), room, keep)
    near = set(chosen)
    edges = {paper: sum(other in near for _, other in graph.out_edges(paper)) for paper in papers}
    part = _induced(graph, [*chosen, *_most(papers, edges, count - room, keep)])
    alone = [node for node, degree in part.degree() if not degree and graph.degree(node)]
    part.remove_nodes_from([node for node in alone if node != keep])
    return part


def _most(nodes: Iterable[str], edges: dict[str, int], count: int, keep: str | None) -> list[str]:
    return sorted(nodes, key=lambda node: (node != keep, -edges[node], node))[:count]


def _induced(graph: nx.MultiDiGraph, nodes: Iterable[str]) -> nx.MultiDiGraph:
    """These nodes with all edges between them."""
    part: nx.MultiDiGraph = graph.subgraph(nodes).copy()  # type: ignore[no-untyped-call]
    return part

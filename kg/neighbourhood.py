"""A part of a graph: what lies around a node."""

from __future__ import annotations

import networkx as nx


def around(graph: nx.MultiDiGraph, node: str, depth: int) -> nx.MultiDiGraph:
    """The nodes within `depth` edges of `node`, whichever way the edges point, and the edges between them."""
    part: nx.MultiDiGraph = nx.ego_graph(graph, node, radius=depth, undirected=True)
    return part

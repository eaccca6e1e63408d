"""Parts of a graph: around a node, since a day, of some labels, what a query returned, the best connected."""

from __future__ import annotations

from datetime import date

import networkx as nx
import pytest

from kg import parts
from kg.errors import GraphError
from kg.stores import Result


def graph():
    """Two papers on Otter, which builds on Beaver, and a lonely heron.

    old -> otter -> beaver -> dam; new -> otter
    """
    graph = nx.MultiDiGraph()
    graph.add_node("paper:old", label="Paper", id="paper:old", published=date(2024, 5, 1))
    graph.add_node("paper:new", label="Paper", id="paper:new", published=date(2025, 5, 1))
    for id_, label in [("method:otter", "Method"), ("method:beaver", "Method"), ("method:heron", "Method")]:
        graph.add_node(id_, label=label, id=id_)
    graph.add_node("task:dam", label="Task", id="task:dam")
    graph.add_edge("paper:old", "method:otter", key="INTRODUCES", type="INTRODUCES", evidence="We present Otter.")
    graph.add_edge("paper:old", "method:beaver", key="USES", type="USES", evidence="Beaver helps.")
    graph.add_edge("paper:new", "method:otter", key="USES", type="USES", evidence="Otter swims.")
    stated = {"type": "BUILDS_ON", "evidence": "Otter borrows from Beaver.", "papers": ["paper:old"]}
    graph.add_edge("method:otter", "method:beaver", key="BUILDS_ON", **stated)
    stated = {"type": "USED_FOR", "evidence": "Beaver builds dams.", "papers": ["paper:old"]}
    graph.add_edge("method:beaver", "task:dam", key="USED_FOR", **stated)
    return graph


@pytest.mark.parametrize(
    ("node", "depth", "nodes"),
    [
        ("method:otter", 0, ["method:otter"]),
        ("method:otter", 1, ["method:beaver", "method:otter", "paper:new", "paper:old"]),
        ("task:dam", 1, ["method:beaver", "task:dam"]),  # against the edges' direction
        ("method:heron", 5, ["method:heron"]),
    ],
)
def test_around(node, depth, nodes):
    assert sorted(parts.around(graph(), node, depth)) == nodes


def test_around_keeps_all_edges_between_its_nodes():
    assert sorted(parts.around(graph(), "paper:old", 1).edges(keys=True)) == [
        ("method:otter", "method:beaver", "BUILDS_ON"),
        ("paper:old", "method:beaver", "USES"),
        ("paper:old", "method:otter", "INTRODUCES"),
    ]


def test_since_keeps_what_the_later_papers_have_and_state():
    part = parts.since(graph(), date(2025, 1, 1))
    assert sorted(part) == ["method:otter", "paper:new"]
    assert sorted(part.edges(keys=True)) == [("paper:new", "method:otter", "USES")]


def test_since_leaves_out_what_only_earlier_papers_state():
    both = graph()
    both.add_edge("paper:new", "method:beaver", key="USES", type="USES", evidence="Beaver, too.")
    assert ("method:otter", "method:beaver") not in parts.since(both, date(2025, 1, 1)).edges()
    both["method:otter"]["method:beaver"]["BUILDS_ON"]["papers"].append("paper:new")
    assert ("method:otter", "method:beaver") in parts.since(both, date(2025, 1, 1)).edges()


def test_labelled():
    part = parts.labelled(graph(), ["Method", "Task"])
    assert sorted(part) == ["method:beaver", "method:heron", "method:otter", "task:dam"]
    assert sorted(part.edges(keys=True)) == [
        ("method:beaver", "task:dam", "USED_FOR"),
        ("method:otter", "method:beaver", "BUILDS_ON"),
    ]
    with pytest.raises(GraphError, match=r"no label Metod; did you mean Method\?"):
        parts.labelled(graph(), ["Metod"])


def node(id_):
    return graph().nodes[id_]


def edge(source, target, key):
    return graph()[source][target][key]


def test_returned_nodes_with_all_edges_between_them():
    rows = [[node("paper:old"), 1], [[node("method:otter"), node("method:beaver")], None]]
    assert sorted(parts.returned(graph(), Result(["n", "x"], rows)).edges(keys=True)) == [
        ("method:otter", "method:beaver", "BUILDS_ON"),
        ("paper:old", "method:beaver", "USES"),
        ("paper:old", "method:otter", "INTRODUCES"),
    ]


def test_returned_nodes_with_the_returned_edges():
    rows = [[node("paper:old"), edge("paper:old", "method:otter", "INTRODUCES"), node("method:otter")]]
    rows += [[node("method:beaver"), None, node("method:heron")]]
    part = parts.returned(graph(), Result(["p", "r", "m"], rows))
    assert sorted(part) == ["method:beaver", "method:heron", "method:otter", "paper:old"]
    assert sorted(part.edges(keys=True)) == [("paper:old", "method:otter", "INTRODUCES")]


def test_a_returned_path():
    path = {
        "nodes": [node("method:otter"), node("method:beaver"), node("task:dam")],
        "relationships": [
            edge("method:otter", "method:beaver", "BUILDS_ON"),
            edge("method:beaver", "task:dam", "USED_FOR"),
        ],
    }
    part = parts.returned(graph(), Result(["p"], [[path]]))
    assert sorted(part) == ["method:beaver", "method:otter", "task:dam"]
    assert part.number_of_edges() == 2


def test_a_query_that_returns_no_node():
    with pytest.raises(GraphError, match="the query returns no node to draw; RETURN the nodes"):
        parts.returned(graph(), Result(["name"], [["Otter"]]))


def test_the_best_connected_are_half_papers():
    assert sorted(parts.best_connected(graph(), 2)) == ["method:beaver", "paper:old"]
    assert sorted(parts.best_connected(graph(), 4)) == ["method:beaver", "method:otter", "paper:new", "paper:old"]
    assert sorted(parts.best_connected(graph(), 6)) == sorted(graph())


def test_who_stands_alone_by_the_cut_is_left_out():
    more = graph()
    for paper in ("paper:a", "paper:b", "paper:c", "paper:d"):
        more.add_node(paper, label="Paper", id=paper)
        more.add_edge(paper, "method:heron", key="USES", type="USES", evidence="Heron waits.")
    # Heron and Beaver have the most edges, and the papers that come first have theirs to Heron.
    assert sorted(parts.best_connected(more, 4)) == ["method:heron", "paper:a", "paper:b"]


def test_the_node_around_which_all_lies_is_never_cut():
    assert "task:dam" not in parts.best_connected(graph(), 4)
    assert "task:dam" in parts.best_connected(graph(), 4, keep="task:dam")

"""The interactive page: it asks nobody for anything, and a paper's text stays text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import networkx as nx
import pytest

from kg.errors import GraphError
from kg.export.html import write_page
from kg.neighbourhood import around

HOSTILE = "</script><img src=x onerror=alert(1)>"


def graph():
    """paper -> otter -> beaver -> dam, and a lonely heron."""
    graph = nx.MultiDiGraph()
    graph.add_node("paper:otters", label="Paper", title="Otters")
    graph.add_node("method:otter", label="Method", name="Otter", papers=3)
    graph.add_node("method:beaver", label="Method", name="Beaver", papers=1)
    graph.add_node("task:dam", label="Task", name="dam building", papers=1)
    graph.add_node("method:heron", label="Method", name="Heron", papers=1)
    graph.add_edge("paper:otters", "method:otter", key="INTRODUCES", evidence="We present Otter.")
    graph.add_edge("paper:otters", "method:otter", key="USES", evidence="Otter swims.")
    graph.add_edge("method:otter", "method:beaver", key="BUILDS_ON", evidence="Otter borrows from Beaver.")
    graph.add_edge("method:beaver", "task:dam", key="USED_FOR", evidence="Beaver builds dams.")
    return graph


class Tags(HTMLParser):
    """The tags of a page with their attributes, as a browser would see them, and the scripts' texts."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


def page(tmp_path, graph):
    return write_page(graph, tmp_path / "page.html").read_text(encoding="utf-8")


def drawn(text, what):
    """The nodes or edges that the page's script draws."""
    return json.loads(re.search(rf"{what} = new vis\.DataSet\((\[.*?\])\);", text)[1])


def test_nodes_and_edges(tmp_path):
    text = page(tmp_path, graph())
    assert [(n["id"], n["label"], n["title"], n["shape"]) for n in drawn(text, "nodes")] == [
        ("method:beaver", "Beaver", "Method: Beaver", "dot"),
        ("method:heron", "Heron", "Method: Heron", "dot"),
        ("method:otter", "Otter", "Method: Otter\n3 papers", "dot"),
        ("paper:otters", "Otters", "Paper: Otters", "square"),
        ("task:dam", "dam building", "Task: dam building", "dot"),
    ]
    assert [(e["from"], e["to"], e["title"]) for e in drawn(text, "edges")] == [
        ("method:beaver", "task:dam", "USED_FOR\nBeaver builds dams."),
        ("method:otter", "method:beaver", "BUILDS_ON\nOtter borrows from Beaver."),
        ("paper:otters", "method:otter", "INTRODUCES\nWe present Otter."),
        ("paper:otters", "method:otter", "USES\nOtter swims."),
    ]


def test_a_long_name_is_cut(tmp_path):
    long = nx.MultiDiGraph()
    long.add_node("a", label="Method", name="otter" * 20)
    long.add_node("b", label="Method", name="an otter with a very long name indeed")
    assert [n["label"] for n in drawn(page(tmp_path, long), "nodes")] == [
        "otterotterotterotterotterottero…",
        "an otter with a very long name…",
    ]


def test_the_page_refers_to_nothing_outside(tmp_path):
    tags = Tags(page(tmp_path, graph())).tags
    references = [(tag, a.get("src") or a.get("href")) for tag, a in tags if a.get("src") or a.get("href")]
    assert references == []


def test_the_page_may_not_refer_to_anything_outside(tmp_path):
    """Should a browser find a reference all the same, the policy forbids to follow it."""
    tags = Tags(page(tmp_path, graph())).tags
    [(_, policy)] = [tag for tag in tags if tag[1].get("http-equiv") == "Content-Security-Policy"]
    assert policy["content"].startswith("default-src 'none'; ")
    assert "http" not in policy["content"]
    assert [tag for tag, _ in tags].index("meta") < [tag for tag, _ in tags].index("script")


def test_the_page_is_still_when_it_opens(tmp_path):
    text = page(tmp_path, graph())
    assert '"physics": {"enabled": false}' in text
    assert all({"x", "y"} <= node.keys() for node in drawn(text, "nodes"))


def test_hostile_text_stays_text(tmp_path):
    hostile = nx.MultiDiGraph()
    hostile.add_node("paper:x", label="Paper", title=HOSTILE)
    hostile.add_node(HOSTILE, label="Method", name=f"{HOSTILE}'\"\\\u2028", papers=1)
    hostile.add_edge("paper:x", HOSTILE, key="USES", evidence=HOSTILE)
    text = page(tmp_path, hostile)
    assert HOSTILE not in text
    plain = page(tmp_path, graph())
    assert [tag for tag, _ in Tags(text).tags] == [tag for tag, _ in Tags(plain).tags]
    assert {n["title"] for n in drawn(text, "nodes")} == {f"Paper: {HOSTILE}", f"Method: {HOSTILE}'\"\\\u2028"}


def test_an_empty_graph(tmp_path):
    assert drawn(page(tmp_path, nx.MultiDiGraph()), "nodes") == []


def test_the_page_is_the_same_whatever_the_order_of_nodes(tmp_path):
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(graph().nodes(data=True))))
    turned.add_edges_from(reversed(list(graph().edges(keys=True, data=True))))
    assert page(tmp_path, turned) == page(tmp_path, graph())


def test_a_page_that_cannot_be_written(tmp_path):
    with pytest.raises(GraphError, match=r"no/page.html: cannot be written: No such file or directory"):
        write_page(graph(), tmp_path / "no" / "page.html")


@pytest.mark.parametrize(
    ("node", "depth", "nodes"),
    [
        ("method:otter", 0, ["method:otter"]),
        ("method:otter", 1, ["method:beaver", "method:otter", "paper:otters"]),
        ("method:otter", 2, ["method:beaver", "method:otter", "paper:otters", "task:dam"]),
        ("task:dam", 1, ["method:beaver", "task:dam"]),  # against the edges' direction
        ("method:heron", 5, ["method:heron"]),
    ],
)
def test_around(node, depth, nodes):
    assert sorted(around(graph(), node, depth)) == nodes


def test_around_keeps_all_edges_between_its_nodes():
    assert sorted(around(graph(), "paper:otters", 1).edges(keys=True)) == [
        ("paper:otters", "method:otter", "INTRODUCES"),
        ("paper:otters", "method:otter", "USES"),
    ]

"""What a page holds, before any browser opens it: nodes, edges, sentences, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser

import networkx as nx
import pytest

from kg.errors import GraphError
from kg.export.html import write_page

HOSTILE = "</script><img src=x onerror=alert(1)>"
ABSTRACT = "Ponds are quiet. Our Otter swims in ponds."


def graph():
    """A paper that introduces Otter, which builds on Beaver, and a lonely heron."""
    graph = nx.MultiDiGraph()
    graph.add_node("paper:otters", label="Paper", title="Otters", abstract=ABSTRACT, published=date(2025, 2, 1))
    graph.add_node("method:otter", label="Method", name="Otter", papers=3, aliases=["OTR"])
    graph.add_node("method:beaver", label="Method", name="Beaver", papers=1, aliases=[])
    graph.add_node("repo:otter", label="Repository", name="otter", papers=1, url="https://github.com/river/otter")
    mention = {"evidence": "Our Otter swims in ponds.", "field": "abstract", "start": 21, "end": 26}
    graph.add_edge("paper:otters", "method:otter", key="INTRODUCES", **mention)
    stated = {"papers": ["paper:otters", "paper:unseen"], "statements": ["Otter learns from Beaver.", "It does."]}
    graph.add_edge("method:otter", "method:beaver", key="BUILDS_ON", evidence="Otter learns from Beaver.", **stated)
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
        if self.cdata_elem == "script" and self.tags[-1] == ("script", {}):
            self.scripts.append(data)


def page(tmp_path, graph, **options):
    return write_page(graph, tmp_path / "page.html", **options).read_text(encoding="utf-8")


def data(text):
    """What the page's script reads."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_nodes(tmp_path):
    nodes = data(page(tmp_path, graph()))["nodes"]
    drawn = {"id", "x", "y", "size", "group", "kind", "island"}
    assert [{key: value for key, value in node.items() if key not in drawn} for node in nodes] == [
        {"key": "method:beaver", "name": "Beaver", "papers": 1},
        {"key": "method:otter", "name": "Otter", "papers": 3, "aliases": ["OTR"]},
        {"key": "paper:otters", "name": "Otters", "day": "2025-02-01"},
        {"key": "repo:otter", "name": "otter", "papers": 1, "url": "https://github.com/river/otter"},
    ]
    assert [(node["id"], node["group"], node["size"]) for node in nodes] == [
        (0, "Method", 10.0),
        (1, "Method", 12.2),
        (2, "Paper", 8.0),
        (3, "Repository", 10.0),
    ]


def test_edges_with_their_sentences(tmp_path):
    found = data(page(tmp_path, graph()))
    types = [each["name"] for each in found["page"]["types"]]
    sentences = found["page"]["sentences"]
    edges = [
        (edge["from"], types[edge["type"]], edge["to"], [[sentences[said[0]], *said[1:]] for said in edge["said"]])
        for edge in found["edges"]
    ]
    assert edges == [
        (
            1,
            "BUILDS_ON",
            0,
            [["Otter learns from Beaver.", None, None, 2], ["It does.", None, None, "paper:unseen"]],
        ),
        (2, "INTRODUCES", 1, [["Our Otter swims in ponds.", 4, 9]]),
    ]
    assert "Our Otter swims in ponds."[4:9] == "Otter"


def test_places_of_mentions_are_counted_as_a_browser_counts(tmp_path):
    """In units of UTF-16, of which an otter has two."""
    wild = nx.MultiDiGraph()
    wild.add_node("paper:x", label="Paper", title="🦦🦦 and Otter")
    wild.add_node("method:otter", label="Method", name="Otter", papers=1)
    wild.add_edge("paper:x", "method:otter", key="USES", evidence="🦦🦦 and Otter", field="title", start=7, end=12)
    [edge] = data(page(tmp_path, wild))["edges"]
    assert edge["said"] == [[0, 9, 14]]


def test_islands_are_named_after_their_best_known_entity(tmp_path):
    more = graph()
    for id_, label, papers in [("metric:grace", "Metric", 9), ("task:dam", "Task", 4)]:
        more.add_node(id_, label=label, name=id_.split(":")[1], papers=papers)
        more.add_edge("paper:otters", id_, key="USES", evidence="Dams of grace.", field="x", start=0, end=4)
    [island] = data(page(tmp_path, more))["page"]["islands"]
    assert island["name"] == "dam"  # grace is a metric: it says little


def test_the_page_refers_to_nothing_outside(tmp_path):
    tags = Tags(page(tmp_path, graph())).tags
    assert [(tag, a.get("src") or a.get("href")) for tag, a in tags if a.get("src") or a.get("href")] == []


def test_the_policy_allows_the_scripts_of_the_page_and_nothing_else(tmp_path):
    parsed = Tags(page(tmp_path, graph()))
    [(_, policy)] = [tag for tag in parsed.tags if tag[1].get("http-equiv") == "Content-Security-Policy"]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in parsed.scripts]
    assert len(hashes) == 2  # vis-network, and the page's own
    assert policy["content"] == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; style-src 'unsafe-inline';"
        " base-uri 'none'; form-action 'none'"
    )
    assert [tag for tag, _ in parsed.tags].index("meta") < [tag for tag, _ in parsed.tags].index("script")


def test_hostile_text_stays_text(tmp_path):
    hostile = nx.MultiDiGraph()
    hostile.add_node("paper:x", label="Paper", title=HOSTILE)
    hostile.add_node(HOSTILE, label="Method", name=f"{HOSTILE}'\"\\\u2028", papers=1)
    mention = {"evidence": HOSTILE, "field": "title", "start": 0, "end": 9}
    hostile.add_edge("paper:x", HOSTILE, key="USES", **mention)
    text = page(tmp_path, hostile, title=HOSTILE, notice=HOSTILE)
    assert HOSTILE not in text
    plain = page(tmp_path, graph())
    assert [tag for tag, _ in Tags(text).tags] == [tag for tag, _ in Tags(plain).tags]
    assert [node["name"] for node in data(text)["nodes"]] == [f"{HOSTILE}'\"\\\u2028", HOSTILE]


def test_no_two_scripts_declare_the_same_name(tmp_path):
    """They stand in one function, where a second declaration would silently replace the first."""
    [_, script] = Tags(page(tmp_path, graph())).scripts
    names = re.findall(r"^(?:async )?function (\w+)", script, re.MULTILINE)
    assert len(names) > 50
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_what_is_beside_the_data_is_small(tmp_path):
    assert len(page(tmp_path, nx.MultiDiGraph()).encode()) < 600_000  # bytes; vis-network is 468,000 of them


def test_an_empty_graph(tmp_path):
    found = data(page(tmp_path, nx.MultiDiGraph()))
    assert (found["nodes"], found["edges"]) == ([], [])


def test_the_page_is_the_same_whatever_the_order_of_nodes(tmp_path):
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(graph().nodes(data=True))))
    turned.add_edges_from(reversed(list(graph().edges(keys=True, data=True))))
    assert page(tmp_path, turned) == page(tmp_path, graph())


def test_a_page_that_cannot_be_written(tmp_path):
    with pytest.raises(GraphError, match=r"no/page.html: cannot be written: No such file or directory"):
        write_page(graph(), tmp_path / "no" / "page.html")

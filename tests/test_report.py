"""The report: plots beside the queries that made them, on a page that asks nobody for anything and runs nothing."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from graphs import tables

import kg
from kg.errors import GraphError
from kg.export import plots
from kg.export.html import COLORS
from kg.queries import find
from kg.schema import EDGES, NODES
from kg.stores.ladybug import write
from kg.stores.neo4j_load import load as load_into_neo4j

HOSTILE = "</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """A page as a browser would see it: its tags with their attributes, and the texts of its sections by title."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.texts, self._open = text, [], {}, []
        self._title = "head"
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open.append(tag)
        if tag in ("header", "section"):
            self._title = dict(attributes).get("id", tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if data.strip() and "style" not in self._open:
            self.texts.setdefault(self._title, []).append((self._open[-1], " ".join(data.split())))

    def of(self, section, *tags):
        """The texts in such tags of a section, in their order."""
        return [text for tag, text in self.texts[section] if tag in tags]

    def plots(self):
        return [attributes for tag, attributes in self.tags if tag == "svg"]

    def notes(self, section):
        return [text for text in self.of(section, "p") if text not in (ANSWERS | {"with", ",", "No rows."})]

    def rows(self, section):
        """The rows of the section's query, as the table in its details shows them."""
        part = self.text.partition(f'<section id="{section}">')[2].partition("</section>")[0].partition("<details>")[2]
        cells = [re.sub(r"</?a\b[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", part)]
        width = part.count('<th scope="col"')
        return [cells[i : i + width] for i in range(0, len(cells), width)]


ANSWERS = {query.answers for query in kg.queries.load().values()}
SECTIONS = [
    "most-used-methods", "benchmarks-and-datasets", "tasks", "papers-by-month", "growth-of-methods",
    "methods-in-the-same-papers", "papers-with-code", "the-latest-papers-with-code",
]  # fmt: skip


def graph(folder, nodes, edges):
    """A graph of these tables in `folder`."""
    write(nodes, edges, folder / "graph.lbug")
    (folder / "run.json").write_text('{"id": "2025-01-02T03:04:05Z-abc"}')
    return kg.Graph(folder)


def report(graph):
    return Page(graph.report(graph.folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ponds(tmp_path_factory):
    """The graph of `graphs.py`."""
    with graph(tmp_path_factory.mktemp("ponds"), *tables()) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(ponds):
    return report(ponds)


def small(tmp_path, papers, methods=(), repositories=(), tasks=()):
    """A graph of papers (id, title, day), of methods by the papers that use them, of repositories by a paper's link."""
    nodes = {
        "Paper": [{"id": id, "title": title, "published": day, "sources": []} for id, title, day in papers],
        "Method": [{"id": f"method:{i}", "name": m, "named": True, "aliases": []} for i, (m, _) in enumerate(methods)],
        "Repository": [
            {"id": f"repo:{i}", "name": name, "owner": "someone", "url": url}
            for i, (name, url, _) in enumerate(repositories)
        ],
    }
    edges = {
        "USES": [("Method", f"method:{i}", p) for i, (_, used) in enumerate(methods) for p in used],
        "HAS_CODE": [("Repository", f"repo:{i}", p) for i, (_, _, p) in enumerate(repositories)],
    }
    return graph(
        tmp_path,
        {label: pa.Table.from_pylist(rows, schema=NODES[label].arrow) for label, rows in nodes.items()},
        {
            name: pa.Table.from_pylist(
                [
                    {"source": papers[p][0], "source_label": "Paper", "target": id, "target_label": label}
                    for label, id, p in rows
                ],
                schema=EDGES[name].arrow,
            )
            for name, rows in edges.items()
        },
    )


# What the page shows


def test_the_head_says_what_the_graph_holds(ponds, page):
    assert page.of("header", "h1", "p", "code", "b", "span") == [
        "Knowledge graph of 6 papers",
        "Papers from 2024-10-01 to 2024-12-05 (5 of 6 have a date) · run", "2025-01-02T03:04:05Z-abc", "·",
        str(ponds.folder),
        "6", "Paper", "5", "Method", "1", "Dataset", "1", "Benchmark", "2", "Task", "2", "Metric", "3", "Repository",
    ]  # fmt: skip


def test_the_sections(page):
    assert [title for title in page.texts if title not in ("head", "header")] == SECTIONS
    assert [plot["aria-label"] for plot in page.plots()] == [
        "Bar chart of papers by method: Otter 3, Beaver 2, Heron 2",
        "Bar chart of papers by benchmark: PondBench 2, ReedSet 1",
        "Bar chart of papers by task: fish counting 3, bird watching 1",
        "Bar chart of papers by month, 2024-10 to 2024-12",
        "Line charts of the papers so far that have a method, by month: Otter 3, Heron 2, Beaver 1",
        "Matrix of methods in the same papers: Heron and Otter 2, Beaver and Otter 1, Heron and Otter-2 1",
        "Share of papers with code by month, 2024-10 to 2024-12",
    ]
    assert {plot["role"] for plot in page.plots()} == {"img"}


@pytest.mark.parametrize(
    ("section", "drawn"),
    [
        ("most-used-methods", ["Otter", "Beaver", "Heron", "Otter-2", "3", "2", "2", "1"]),
        ("benchmarks-and-datasets", ["PondBench", "ReedSet", "2", "1", "Benchmark", "Dataset"]),
        ("tasks", ["fish counting", "bird watching", "3", "1"]),
        ("papers-by-month", ["2024-10", "2024-11", "2024-12", "0", "1", "2"]),
        (
            "growth-of-methods",
            ["Otter", "3", "Heron", "2", "2024-10", "2024-11", "Beaver", "1", "2024-10", "2024-11", "Otter-2", "1"],
        ),
        (
            "methods-in-the-same-papers",
            ["Otter", "Beaver", "Heron", "Beaver", "Heron", "Otter-2", "1", "2 papers"],
        ),
        ("papers-with-code", ["2024-10", "2024-11", "2024-12", "0%", "50%", "100%"]),
    ],
)
def test_the_texts_of_a_plot(page, section, drawn):
    assert sorted(page.of(section, "text")) == sorted(drawn)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_plot_stands_beside_its_query_and_the_rows_that_the_command_prints(ponds, page, section):
    text, command = page.of(section, "pre")
    program, verb, place, name, *arguments = shlex.split(command)
    given = dict(pair.split("=") for pair in arguments[1::2])
    assert (program, verb, place, set(arguments[::2])) == ("kg", "queries", str(ponds.folder), {"-p"})
    assert text == " ".join(find(name).text.split())
    assert page.of(section, "code") == [name, *(f"{name}={value}" for name, value in given.items())]
    assert page.of(section, "th")[-len(find(name).columns) :] == list(find(name).columns)
    rows = ponds.run(find(name), given).rows
    assert rows
    assert page.rows(section) == [["–" if value is None else str(value) for value in row] for row in rows]


def test_what_is_left_out_is_told(page):
    undated = "1 of 6 papers have no date and are left out."
    assert [page.notes(section) for section in SECTIONS[3:]] == [
        [undated],
        [f"Papers so far, all to one scale. {undated}"],
        ["The stronger the colour of a cell, the more papers have both."],
        [
            "2 of 6 papers link to a repository (33%). Each dot is a month, the larger the more papers; the line is the"
            f" share of all dots. {undated}"
        ],
        [],
    ]


def test_papers_with_their_repositories(page):
    assert [a for tag, a in page.tags if tag == "a"][:3] == [
        {"href": f"https://github.com/{name}", "rel": "noopener noreferrer"}
        for name in ("pond/bench", "river/otter", "someone/otter-jax")
    ]
    assert page.of("the-latest-papers-with-code", "td", "a")[:3] == [
        "2024-10-15", "PondBench, a Test of Patience", "pond/bench"
    ]  # fmt: skip


# Graphs that lack something


def test_an_empty_graph(tmp_path):
    page = report(graph(tmp_path, {}, {}))
    assert page.of("header", "h1", "p")[0] == "Knowledge graph of 0 papers"
    assert page.of("header", "p")[-1] == "The graph holds no papers."
    assert page.plots() == []
    assert [page.notes(section) for section in SECTIONS] == [
        ["No paper has a named method."],
        ["No paper reports experiments on a named benchmark or dataset."],
        ["No paper addresses a task."],
        ["No paper has a date."],
        ["No paper with a date has a named method."],
        ["No paper has two of these methods."],
        ["No paper links to a repository."],
        ["No paper links to a repository."],
    ]


def test_a_graph_without_dates(tmp_path):
    papers = [("a", "Ants", None), ("b", "Bees", None), ("c", "Cicadas", None)]
    page = report(small(tmp_path, papers, [("Hive", [0, 1])], [("hive", "https://github.com/someone/hive", 1)]))
    assert [plot["aria-label"] for plot in page.plots()] == [
        "Bar chart of papers by method: Hive 2",
        "Bar chart of papers: with code 1, without code 2",
    ]
    assert page.notes("papers-by-month") == ["No paper has a date."]
    assert page.notes("methods-in-the-same-papers") == ["No paper has two of these methods."]
    assert page.notes("papers-with-code") == ["1 of 3 papers link to a repository (33%)."]


@pytest.mark.parametrize(
    ("last", "unit", "ticks"),
    [
        (date(2025, 3, 1), "day", ["2025-03-01"]),
        (date(2025, 3, 4), "day", ["2025-03-01", "2025-03-03"]),
        (date(2025, 5, 2), "day", ["2025-03-03", "2025-03-17", "2025-03-31", "2025-04-14", "2025-04-28"]),  # Mondays
        (date(2025, 5, 3), "month", ["2025-03", "2025-04", "2025-05"]),
        (date(2026, 2, 1), "month", ["2025-03", "2025-05", "2025-07", "2025-09", "2025-11", "2026-01"]),
        (date(2029, 2, 1), "month", ["2026", "2027", "2028", "2029"]),
        (date(2099, 2, 1), "month", ["2040", "2060", "2080"]),
    ],
)
def test_time_goes_by_days_or_months(tmp_path, last, unit, ticks):
    page = report(small(tmp_path, [("a", "Ants", date(2025, 3, 1)), ("b", "Bees", last)]))
    assert [text for text in page.of(f"papers-by-{unit}", "text") if len(text) > 3] == ticks


def test_a_page_that_cannot_be_written(ponds, tmp_path):
    with pytest.raises(GraphError, match=r"no/page.html: cannot be written: No such file or directory"):
        ponds.report(tmp_path / "no" / "page.html")


def test_a_graph_that_has_no_folder_of_its_own(tmp_path):
    line = json.dumps({"title": "Teal: A Wader", "abstract": "We propose Teal, a method that wades."})
    (tmp_path / "papers.jsonl").write_text(line)
    path = kg.build([tmp_path / "papers.jsonl"]).report(tmp_path / "page.html")
    assert "kg queries GRAPH most-used-methods -p named=true -p limit=20" in path.read_text()


# What the page may not do


def test_two_writes_give_the_same_bytes(ponds, tmp_path):
    first, second = (ponds.report(tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second


def test_a_persons_own_settings_of_matplotlib_change_nothing(ponds, page, tmp_path):
    with plots.mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "text.usetex": True}):
        assert ponds.report(tmp_path / "page.html").read_text(encoding="utf-8") == page.text


def test_who_draws_nothing_does_not_wait_for_matplotlib():
    """Its import takes a second and leaves a list of fonts in the home folder; igraph imports it, too."""
    code = "import sys, kg.cli; print([name for name in sys.modules if 'matplotlib' in name or name == 'igraph'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_policy_forbids_everything_but_styles(page):
    [policy] = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def test_the_page_loads_and_runs_nothing(page):
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "main", "section", "figure", "details", "summary",
        "h1", "h2", "p", "ul", "li", "b", "span", "code", "pre", "div", "table", "tr", "th", "td", "a",
        "svg", "g", "path", "defs", "clippath", "rect", "text", "use",
    }  # fmt: skip
    assert not [name for _, a in page.tags for name in a if name.startswith("on") or name == "src"]
    assert all(a["href"].startswith(("https://", "#")) for _, a in page.tags if "href" in a)
    assert "url(" not in re.sub(r"url\(#\w+\)", "", page.text)
    assert "xmlns" not in page.text


def test_plots_have_the_colours_of_the_page(page):
    styles = [a["style"] for tag, a in page.tags if tag in ("path", "text", "use", "rect", "g") and "style" in a]
    used = set(re.findall(r"(?:fill|stroke): ([^;]+)", "; ".join(styles)))
    assert used == {"none"} | {
        f"var(--{name})"
        for name in ("ink", "muted", "line", "paper", "method", "dataset", "benchmark", "task", "repository")
    }
    assert "font-family" not in " ".join(styles)
    for label, color in COLORS.items():
        assert len(re.findall(rf"--{label.lower()}: #[0-9a-f]{{6}};", page.text)) == 2  # in the light and in the dark
        assert f"--{label.lower()}: {color};" in page.text


def test_no_two_elements_have_one_id(page):
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_hostile_text_stays_text(tmp_path):
    names = [HOSTILE, "$x^2$", "_hidden", "a\x00b\x1b[31m\u202ec", "&amp;", "\\$5", "深度學習"]
    page = report(
        small(
            tmp_path,
            [("p", f"{HOSTILE} $y$", date(2025, 3, 1))],
            [(name, [0]) for name in names],
            [
                (HOSTILE, "javascript:alert(1)", 0),
                ("quoted", 'https://github.com/someone/"onclick="alert(1)', 0),
            ],
        )
    )
    assert HOSTILE not in page.text and "<img" not in page.text
    shown = {"a b [31m c" if name.startswith("a\x00") else name for name in names}
    cut = {"</script><img src=x onerror…" if name == HOSTILE else name for name in shown}
    assert {text for text in page.of("most-used-methods", "text") if not text.isdigit()} == cut
    assert {row[0] for row in page.rows("most-used-methods")} == {
        name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for name in shown
    }
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ['https://github.com/someone/"onclick="alert(1)'] * 2
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]
    assert page.of("the-latest-papers-with-code", "td", "a")[:3] == [
        "2025-03-01",
        f"{HOSTILE} $y$",
        f"someone/{HOSTILE}",
    ]


def test_a_long_name_is_cut_in_the_plot_and_whole_in_the_table(tmp_path):
    page = report(small(tmp_path, [("p", "Otters", date(2025, 3, 1))], [("otter" * 2000, [0]), ("Heron", [0])]))
    assert page.of("most-used-methods", "text")[:2] == ["Heron", "otterotterotterotterotterot…"]
    assert page.rows("most-used-methods")[1][0] == "otter" * 2000
    assert max(len(plot["aria-label"]) for plot in page.plots()) < 200


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Otter", "Otter"),
        ("ten letters", "ten lette…"),
        ("with blank here", "with blan…"),
        ("nine lett er", "nine lett…"),
        ("深度學習深度", "深度學習…"),  # each as wide as two letters
        ("", ""),
    ],
)
def test_shortened(name, short):
    assert plots.shortened(name, 10) == short


def test_the_page_of_a_server_is_that_of_the_folder(ponds, page, neo4j, tmp_path):
    load_into_neo4j(*tables(), neo4j.uri, run="first")
    with kg.Graph(neo4j.uri) as server:
        text = server.report(tmp_path / "page.html").read_text(encoding="utf-8")
    run = "run <code>2025-01-02T03:04:05Z-abc</code> · "
    assert text == page.text.replace(str(ponds.folder), neo4j.uri).replace(run, "")

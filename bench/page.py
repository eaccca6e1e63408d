"""How soon a graph's page answers, beside plain pyvis on the same nodes and edges, as a Markdown table.

    python bench/page.py [GRAPH...]

GRAPH is a folder that `kg build` made; without any, one is built of the listings of ../shared/seeds, or else of those
of examples/. Each page is written, then opened in Chromium without a display at 1400x900, with every request to the
network refused and counted. Answered: from the navigation until a click on a node has shown its effect. Panning: frames
drawn a second while the pointer drags the view for some seconds. The peer's page covers itself until its physics has
settled; it is given up after PATIENCE seconds.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
from playwright.sync_api import Browser, Error, Page, sync_playwright
from pyvis.network import Network
from report import print_table

import kg

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from conftest import chromium

ROOT = Path(__file__).parent.parent
PATIENCE = 300
PANNED = 3  # seconds
ROUNDS = 3
_OURS = "document.documentElement.dataset.drawn === ''"
_PEERS = "!document.getElementById('loadingBar') || document.getElementById('loadingBar').style.display === 'none'"
_EFFECT = (
    "network.getSelectedNodes().length > 0 || (document.getElementById('panel') || { hidden: true }).hidden === false"
)
# A node that nothing covers, the largest of those near the middle.
_SPOT = """() => {
    let best = null;
    const corner = document.querySelector('canvas').getBoundingClientRect();
    for (const i of network.body.nodeIndices) {
        const node = network.body.nodes[i];
        const place = network.canvasToDOM({ x: node.x, y: node.y });
        const [x, y] = [place.x + corner.left, place.y + corner.top];
        if (x < 400 || x > 1000 || y < 120 || y > 700) continue;
        if (!best || node.options.size > best.size) best = { x, y, size: node.options.size };
    }
    return best;
}"""
_COUNT = "() => { window.frames_ = 0; network.on('afterDrawing', () => { window.frames_ += 1; }); }"


@dataclass
class Opened:
    """What was seen of a page in the browser; None where it was given up."""

    drawn: float | None = None  # seconds
    answered: float | None = None
    panned: float | None = None  # frames a second
    requests: int = 0


def main(arguments: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as name, browser() as opened:
        folder = Path(name)
        rows = []
        for place in [Path(a) for a in arguments] or [build(folder)]:
            with kg.Graph(place) as graph:
                rows += compare(graph, folder, opened)
    head = ["page", "nodes", "edges", "written, s", "MB", "drawn, s", "answered, s", "panning, frames/s", "requests"]
    print_table(head, rows)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def build(folder: Path) -> Path:
    """A graph to draw, built in `folder`."""
    seeds = ROOT.parent / "shared/seeds"
    return kg.build([seeds if seeds.exists() else ROOT / "examples"], folder / "graph").folder


def compare(graph: kg.Graph, folder: Path, browser: Browser) -> list[list[str]]:
    ours, peers = folder / "ours.html", folder / "peers.html"
    start = time.perf_counter()
    graph.html(ours)
    written = time.perf_counter() - start
    drawn = drawn_part(ours)
    start = time.perf_counter()
    write_plain(drawn, peers)
    plain = time.perf_counter() - start
    size = [f"{len(drawn):,}", f"{drawn.number_of_edges():,}"]
    return [
        ["`kg html`", *size, f"{written:.1f}", megabytes(ours), *median(browser, ours, _OURS, ROUNDS)],
        ["pyvis", *size, f"{plain:.1f}", megabytes(peers), *median(browser, peers, _PEERS, 1)],
    ]


def drawn_part(page: Path) -> nx.MultiDiGraph:
    """What `kg html` drew: names and edge types."""
    text = page.read_text(encoding="utf-8")
    data = json.loads(text.split('id="data">', 1)[1].split("</script>", 1)[0])
    graph = nx.MultiDiGraph()
    for node in data["nodes"]:
        graph.add_node(node["key"], label=node["name"], group=node["group"])
    for edge in data["edges"]:
        ends = (data["nodes"][edge[end]]["key"] for end in ("from", "to"))
        graph.add_edge(*ends, title=data["page"]["types"][edge["type"]]["name"])
    return graph


def write_plain(graph: nx.MultiDiGraph, path: Path) -> None:
    """As pyvis's own introduction does it."""
    network = Network(height="900px", directed=True, cdn_resources="in_line")
    network.from_nx(graph)
    path.write_text(network.generate_html(notebook=False), encoding="utf-8")


def megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f}"


def median(browser: Browser, path: Path, ready: str, rounds: int) -> list[str]:
    """The cells of a page: of each figure the median of some rounds."""
    seen = [visit(browser, path, ready) for _ in range(rounds)]

    def middle(figure: Callable[[Opened], float | None], unit: str) -> str:
        values = sorted(value for value in map(figure, seen) if value is not None)
        return format(values[len(values) // 2], unit) if values else f"> {PATIENCE}"

    return [
        middle(lambda each: each.drawn, ".2f"),
        middle(lambda each: each.answered, ".2f"),
        middle(lambda each: each.panned, ".1f") if seen[0].panned is not None else "–",
        str(max(each.requests for each in seen)),
    ]


def visit(browser: Browser, path: Path, ready: str) -> Opened:
    seen = Opened()
    context = browser.new_context(viewport={"width": 1400, "height": 900})

    def refuse(route, request):  # type: ignore[no-untyped-def]
        seen.requests += 1
        route.abort()

    context.route(lambda url: not url.startswith("file:"), refuse)
    page = context.new_page()
    try:
        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        wait(lambda: page.evaluate(ready))
        seen.drawn = time.perf_counter() - start
        wait(lambda: click(page))
        seen.answered = time.perf_counter() - start
        page.keyboard.press("Escape")
        seen.panned = pan(page)
    except (TimeoutError, Error):  # the browser has a limit of its own on an answer
        pass
    finally:
        context.close()
    return seen


def click(page: Page) -> bool:
    """Click on a node; whether that had an effect, which it has not if the node moves away."""
    spot = page.evaluate(_SPOT)
    page.mouse.click(spot["x"], spot["y"])
    page.wait_for_timeout(20)
    effect: bool = page.evaluate(_EFFECT)
    return effect


def wait(condition: Callable[[], bool]) -> None:
    end = time.perf_counter() + PATIENCE
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError(f"nothing within {PATIENCE} s")
        time.sleep(0.02)


def pan(page: Page) -> float:
    """Frames a second, while the pointer drags the view by its ground."""
    page.wait_for_timeout(1000)
    page.mouse.move(700, 60)
    page.mouse.down()
    page.evaluate(_COUNT)
    start, step = time.perf_counter(), 0
    while time.perf_counter() - start < PANNED:
        step += 1
        page.mouse.move(700 + 5 * (step % 40), 60 + 3 * (step % 30))
    seconds = time.perf_counter() - start
    frames: int = page.evaluate("window.frames_")
    page.mouse.up()
    return frames / seconds


if __name__ == "__main__":
    main(sys.argv[1:])

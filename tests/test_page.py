"""The page in a real browser: what a person sees, clicks and types."""

from __future__ import annotations

import graphs
import networkx as nx
import pytest

import kg
from kg.export.html import write_page
from kg.stores.ladybug import write

WIDE, PHONE = (1400, 900), (390, 844)
HOSTILE = "</script><img src=x onerror=\"document.title='hit'\">"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page of the small graph of graphs.py."""
    folder = tmp_path_factory.mktemp("page")
    write(*graphs.tables(), folder / "graph.lbug")
    with kg.Graph(folder) as graph:
        graph.html(folder / "page.html")
    return (folder / "page.html").as_uri()


class View:
    """A page in the browser; it must stay silent and ask for nothing but itself."""

    def __init__(self, browser, address, **options):
        self.context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | options)
        self.page = self.context.new_page()
        self.complaints, self.requests = [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.open(address)

    def open(self, address):
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("html[data-drawn]", state="attached")

    def close(self):
        assert self.complaints == []
        assert {url.split("#")[0] for url in self.requests} == {self.page.url.split("#")[0]}
        self.context.close()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def search(self, text):
        """Type into the search; the names that are offered."""
        self.press("/")
        self.page.keyboard.type(text)
        return self.page.locator("#results li").all_inner_texts()

    def choose(self, name):
        assert self.search(name)
        self.press("Enter")

    def heading(self):
        return self.page.locator("#panel h2").inner_text()

    def names(self):
        """The names of the nodes that vis-network draws."""
        return set(
            self.page.evaluate(
                """() => {
                    const { nodes } = JSON.parse(document.getElementById('data').textContent);
                    return network.body.nodeIndices.map((i) => nodes[i].name);
                }"""
            )
        )

    def spot(self, name):
        """Where a node stands in the window, in pixels."""
        self.page.wait_for_timeout(500)  # an animation of the view may still run
        return self.page.evaluate(
            """(name) => {
                const { nodes } = JSON.parse(document.getElementById('data').textContent);
                const { id } = nodes.find((node) => node.name === name);
                const { x, y } = network.canvasToDOM(network.getPosition(id));
                return [x, y];
            }""",
            name,
        )

    def boxes(self, *ids):
        return [self.page.locator(f"#{id}").bounding_box() for id in ids]

    def ground(self):
        return self.page.evaluate("getComputedStyle(document.body).backgroundColor")

    def color(self, x, y):
        """Of the canvas at a place: [red, green, blue]."""
        return self.page.evaluate(
            """([x, y]) => {
                const canvas = document.querySelector('canvas');
                const ratio = canvas.width / canvas.clientWidth;
                const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
                copy.drawImage(canvas, x * ratio, y * ratio, 1, 1, 0, 0, 1, 1);
                return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            [x, y],
        )


@pytest.fixture
def view(browser, address):
    view = View(browser, address)
    yield view
    view.close()


def test_the_whole_graph_is_drawn(view):
    assert view.names() == {name for _, name, *_ in graphs.ENTITIES} | {title for _, title, _ in graphs.PAPERS} | {
        name for _, name, *_ in graphs.REPOSITORIES
    }
    assert view.page.locator("#panel").is_hidden()


def test_every_node_is_drawn_in_the_colour_of_its_label(view):
    colors = {"Otter": [47, 111, 222], "PondBench": [14, 143, 143], "ReedSet": [31, 157, 85]}
    assert {name: view.color(*view.spot(name)) for name in colors} == colors


def test_search_completes_names_and_aliases(view):
    assert [text.split("\n")[0] for text in view.search("ott")] == [
        "Otter",
        "Otter-2",
        "otter",
        "otter-jax",
        "Otter: Gated Filters for Long Signals",
        "Otter-2 Swims Further",
    ]
    view.press("Escape")
    assert view.search("counting fish") == ["fish counting\ncounting fish\n3"]
    view.press("Escape")
    assert view.search("nobody") == ["No name has that."]


def test_an_offered_name_can_be_clicked(view):
    view.search("ott")
    view.page.locator("#results li").nth(1).click()
    assert view.heading() == "Otter-2"


def test_search_flies_to_the_node_and_shows_its_facts(view):
    view.choose("OTR")
    assert view.heading() == "Otter"
    assert view.page.url.endswith("#node=method%3Aotter")
    x, y = view.spot("Otter")
    legend, panel = view.boxes("legend", "panel")
    assert abs(x - (legend["x"] + legend["width"] + panel["x"]) / 2) < 2  # in the middle of what is free
    assert 300 < y < 600


def test_the_panel_has_each_fact_with_its_sentence_and_the_mention_marked(view):
    view.choose("ReedSet")
    sections = view.page.locator("#panel details")
    assert [text.split("\n")[0] for text in sections.all_inner_texts()] == [
        "← INTRODUCES",
        "← EVALUATES_ON",
        "← EVALUATED_ON",
    ]
    first = sections.nth(0).locator("li")
    assert first.locator("a.name").inner_text() == "PondBench, a Test of Patience"
    assert first.locator(".day").inner_text().strip() == "2024-10-15"
    assert first.locator("q").inner_text() == "ReedSet comes with it."
    assert first.locator("mark").inner_text() == "ReedSet"
    stated = sections.nth(2).locator("q")
    assert stated.inner_text() == "And on ReedSet.\nOtter-2 Swims Further"


def test_repositories_and_papers_are_links_to_the_web(view):
    view.choose("Gated Filters")
    link = view.page.locator("#panel details", has_text="HAS_CODE").locator("a[target]").first
    assert link.get_attribute("href") == "https://github.com/river/otter"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_a_click_chooses_a_node_and_one_beside_it_lets_it_go(view):
    view.page.mouse.click(*view.spot("Beaver"))
    assert view.heading() == "Beaver"
    view.page.mouse.click(700, 840 - 100)
    view.page.wait_for_selector("#panel", state="hidden")
    assert "#" not in view.page.url


def test_what_is_not_near_the_chosen_node_fades(view):
    before = view.color(*view.spot("bird watching"))
    view.page.mouse.click(*view.spot("Beaver"))
    after = view.color(*view.spot("bird watching"))
    assert before == [217, 115, 13]
    assert min(after) > 200
    assert view.color(*view.spot("Otter")) == [47, 111, 222]  # a neighbour


def test_the_names_in_the_panel_lead_on_and_the_back_button_returns(view):
    view.choose("Heron")
    view.page.locator("#panel a.name", has_text="Otter").first.click()
    heading = view.heading()
    assert heading.startswith("Otter")
    view.page.go_back()
    assert view.heading() == "Heron"


def test_the_legend_hides_labels_and_edge_types(view):
    legend = view.page.locator("#legend")
    assert legend.locator("label", has_text="Paper").inner_text() == "Paper\n6"
    legend.get_by_label("Paper").uncheck()
    assert not view.names() & {title for _, title, _ in graphs.PAPERS}
    view.choose("Beaver")
    assert view.page.locator("#panel details").count() == 3  # OUTPERFORMS, BUILDS_ON in both directions
    legend.get_by_label("OUTPERFORMS").uncheck()
    assert view.page.locator("#panel details").count() == 2
    assert "hide=OUTPERFORMS+Paper" in view.page.url
    legend.get_by_label("Paper").check()
    assert view.names() >= {title for _, title, _ in graphs.PAPERS}


def test_search_reveals_what_the_legend_hides(view):
    view.page.locator("#legend").get_by_label("Task").uncheck()
    assert view.search("bird")[0] == "bird watching\nhidden"
    view.press("Enter")
    assert view.heading() == "bird watching"
    assert view.page.locator("#legend").get_by_label("Task").is_checked()


def test_the_neighbourhood_alone_expanded_and_collapsed(view):
    view.choose("bird watching")
    view.press("o")
    assert view.names() == {"bird watching", "Herons That Wait"}
    view.choose("Herons That Wait")
    view.press("e")
    assert view.names() == {"bird watching", "Herons That Wait", "Heron", "Otter"}
    view.press("e")
    assert view.names() == {"bird watching", "Herons That Wait"}
    view.press("Escape", "Escape")
    assert len(view.names()) == 20


def test_a_double_click_opens_a_neighbourhood(view):
    view.page.mouse.dblclick(*view.spot("bird watching"))
    view.page.wait_for_url("**only=task%3Abird-watching")
    assert view.names() == {"bird watching", "Herons That Wait"}


def test_the_shortest_path_between_two_nodes(view):
    view.choose("bird watching")
    view.press("p")
    assert view.page.locator("#notice").inner_text().startswith("Path from bird watching: choose the other end")
    view.page.keyboard.type("ReedSet")
    view.press("Enter")
    assert view.heading() == "bird watching … ReedSet"
    assert (
        view.page.locator("#panel .path li").all_inner_texts()
        == [
            "bird watching",
            " ← ADDRESSES Herons That Wait\nWe watch birds.",
            " → MENTIONS Otter\nOtter does not.",
            " ← USES Otter-2 Swims Further\nIt grows out of Otter.",
            " → EVALUATES_ON ReedSet\nSo does ReedSet.",
        ]
        or view.page.locator("#panel .path li").count() == 5
    )


def test_no_path(view):
    view.choose("A Note on Reeds")
    view.press("p")
    view.page.keyboard.type("Heron")
    view.press("Enter")
    assert "No path joins them in what is shown." in view.page.locator("#panel").inner_text()


def test_the_slider_over_time(view):
    assert view.page.locator("#span").inner_text() == "2024-10 – 2024-12"
    view.page.locator("#from").focus()
    view.press("ArrowRight", "ArrowRight")
    view.page.wait_for_url("**from=2024-12")
    assert view.names() == {"A Note on Reeds"}
    view.press("ArrowLeft")
    view.page.locator("#to").focus()
    view.press("ArrowLeft")
    view.page.wait_for_url("**from=2024-11&to=2024-11")
    assert {"Herons That Wait", "Otter-2 Swims Further", "bird watching"} <= view.names()
    assert not {"A Note on Reeds", "Old Filters", "otter-jax"} & view.names()


def test_the_slider_can_always_be_moved_back(view):
    """Even with both handles at the right end, where one lies on the other."""
    [box] = view.boxes("from")
    y = box["y"] + box["height"] / 2
    left, right = box["x"] + 8, box["x"] + box["width"] - 8
    view.page.mouse.move(left, y)
    view.page.mouse.down()
    view.page.mouse.move(right, y, steps=5)
    view.page.mouse.up()
    assert view.page.locator("#span").inner_text().startswith("2024-12 – 2024-12")
    view.page.mouse.down()
    view.page.mouse.move(left, y, steps=5)
    view.page.mouse.up()
    assert view.page.locator("#span").inner_text() == "2024-10 – 2024-12"


def test_time_hides_what_only_papers_of_other_times_state(browser, address):
    view = View(browser, f"{address}#node=method:otter&from=2024-11")
    panel = view.page.locator("#panel")
    assert "It grows out of Otter." in panel.inner_text()  # stated in 2024-11
    assert "Otter borrows from Beaver." not in panel.inner_text()  # and in 2024-10
    assert "1 papers without a date are not shown" in view.page.locator("#span").inner_text()
    view.close()


def test_an_address_brings_back_its_view(browser, address):
    view = View(browser, f"{address}#node=method:otter&hide=Paper+USED_FOR&theme=dark")
    assert view.heading() == "Otter"
    assert not view.page.locator("#legend").get_by_label("USED_FOR").is_checked()
    assert view.ground() == "rgb(17, 22, 28)"
    view.open(f"{address}#node=method:nobody&hide=Nothing&path=x&only=y&from=1&theme=z&%")
    assert view.page.locator("#panel").is_hidden()
    view.close()


@pytest.mark.parametrize("way", ["#node=paper%3A%F0%9F%A6%A6+x", "#only=paper%3A%F0%9F%A6%A6+x&only=method%3Aa+b"])
def test_an_address_of_ids_with_spaces(browser, tmp_path, way):
    graph = nx.MultiDiGraph()
    graph.add_node("paper:🦦 x", label="Paper", title="Otters")
    graph.add_node("method:a b", label="Method", name="A b", papers=1)
    graph.add_node("method:c", label="Method", name="C", papers=1)
    graph.add_edge("paper:🦦 x", "method:a b", key="USES", evidence="We use A b.", field="x", start=0, end=1)
    view = View(browser, write_page(graph, tmp_path / "page.html").as_uri() + way)
    if "node" in way:
        assert view.heading() == "Otters"
    else:
        assert view.names() == {"Otters", "A b"}
    view.close()


def test_the_address_of_a_view_is_copied(browser, address):
    view = View(browser, f"{address}#node=method:otter", permissions=["clipboard-read", "clipboard-write"])
    view.page.locator("#copy").click()
    view.page.wait_for_selector("#copy:text('Copied')")
    assert view.page.evaluate("navigator.clipboard.readText()") == f"{address}#node=method:otter"
    view.close()


@pytest.mark.parametrize(
    ("options", "ground", "text"),
    [
        ({"color_scheme": "light"}, "rgb(255, 255, 255)", "rgb(22, 32, 43)"),
        ({"color_scheme": "dark"}, "rgb(17, 22, 28)", "rgb(232, 237, 242)"),
        ({"color_scheme": "dark", "contrast": "more"}, "rgb(255, 255, 255)", "rgb(0, 0, 0)"),
        ({"contrast": "more"}, "rgb(255, 255, 255)", "rgb(0, 0, 0)"),
    ],
)
def test_the_theme_follows_the_system(browser, address, options, ground, text):
    view = View(browser, f"{address}#node=method:otter", **options)
    assert view.page.evaluate("getComputedStyle(document.body).color") == text
    assert view.ground() == ground
    view.close()


def test_the_theme_can_be_chosen(view):
    for theme, ground in [
        ("Light", "rgb(255, 255, 255)"),
        ("Dark", "rgb(17, 22, 28)"),
        ("Contrast", "rgb(255, 255, 255)"),
    ]:
        view.page.locator("#theme").click()
        assert view.page.locator("#theme").inner_text() == theme
        assert view.ground() == ground
    assert view.page.url.endswith("#theme=contrast")


def test_a_chosen_node_is_never_covered(view):
    """One that stands where the panel comes."""
    move = "(x) => network.moveTo({ offset: { x, y: 0 }, position: network.getViewPosition() })"
    view.page.evaluate(move, 1200 - view.spot("Heron")[0])
    view.page.mouse.click(*view.spot("Heron"))
    assert view.heading() == "Heron"
    [panel] = view.boxes("panel")
    assert view.spot("Heron")[0] < panel["x"]


def test_the_back_button_returns_to_a_neighbourhood_and_leaves_the_theme(view):
    view.choose("bird watching")
    view.press("o", "Escape", "Escape")
    assert len(view.names()) == 20
    view.page.locator("#theme").click()
    view.page.go_back()
    assert view.names() == {"bird watching", "Herons That Wait"}
    x, y = view.spot("Herons That Wait")
    assert (200 < x < 1400) and (50 < y < 800)
    assert view.page.locator("#theme").inner_text() == "Light"
    view.page.locator("#all").click()
    assert len(view.names()) == 20


def test_keys(view):
    view.choose("Heron")
    x, y = view.spot("Heron")
    right, down = view.spot("Otter")
    key = (
        ("ArrowRight" if right > x else "ArrowLeft")
        if abs(right - x) > abs(down - y)
        else "ArrowDown"
        if down > y
        else "ArrowUp"
    )
    view.press(key)
    assert view.heading() != "Heron"  # the neighbour that lies there
    view.press("Escape")
    assert view.page.locator("#panel").is_hidden()
    before = view.spot("Heron")
    view.press("ArrowRight")
    assert view.spot("Heron")[0] < before[0]  # without a choice the view moves
    scale = view.page.evaluate("network.getScale()")
    view.press("+")
    assert view.page.evaluate("network.getScale()") > scale
    view.press("0")
    view.press("?")
    assert view.page.locator("#help").is_visible()
    view.press("Escape")
    assert view.page.locator("#help").is_hidden()


def test_a_dragged_node_takes_along_what_hangs_on_it_alone(view):
    paper, repository, other = (view.spot(name) for name in ("PondBench, a Test of Patience", "bench", "Heron"))
    view.page.mouse.move(*paper)
    view.page.mouse.down()
    view.page.mouse.move(paper[0] + 150, paper[1] + 40, steps=10)
    view.page.wait_for_timeout(1000)
    view.page.mouse.up()
    moved = [view.spot(name) for name in ("PondBench, a Test of Patience", "bench", "Heron")]
    assert abs(moved[0][0] - paper[0] - 150) < 10
    assert moved[1][0] - repository[0] > 30
    assert moved[2] == other


def test_panning_moves_all_nodes(view):
    before = view.spot("Heron")
    view.page.mouse.move(400, 120)
    view.page.mouse.down()
    view.page.mouse.move(460, 150, steps=5)
    view.page.mouse.up()
    after = view.spot("Heron")
    assert (round(after[0] - before[0]), round(after[1] - before[1])) == (60, 30)
    assert view.color(*after) == [47, 111, 222]


def test_a_tip_tells_what_is_under_the_pointer(view):
    view.page.mouse.move(*view.spot("Otter"))
    view.page.wait_for_selector("#tip")
    assert view.page.locator("#tip").inner_text() == "Otter\nMethod · 3 papers"


def apart(one, other):
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


@pytest.mark.parametrize("notice", ["", "10,000 of 71,671 nodes are drawn: the best connected"])
@pytest.mark.parametrize("size", [WIDE, (1024, 768), (768, 1024), PHONE])
def test_the_controls_do_not_cover_one_another(browser, tmp_path, size, notice):
    width, height = size
    page = write_page(graphs.as_networkx(), tmp_path / "page.html", notice=notice)
    view = View(browser, page.as_uri(), viewport={"width": width, "height": height})

    def check(*expected):
        controls = ("find", "notice", "tools", "legend", "panel", "time")
        visible = [id for id in controls if view.page.locator(f"#{id}").is_visible()]
        assert visible == [id for id in controls if id in expected and (notice or id != "notice")]
        boxes = view.boxes(*visible)
        assert all(apart(one, other) for i, one in enumerate(boxes) for other in boxes[i + 1 :])
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)

    always = ("find", "notice", "tools")
    check(*always, "time", *(("legend",) if width > 700 else ()))
    view.choose("Otter")
    check(*always, "panel", *(("legend", "time") if width > 700 else ()))
    x, y = view.spot("Otter")
    assert apart(view.boxes("panel")[0], {"x": x, "y": y, "width": 1, "height": 1})
    view.close()


def hostile():
    graph = nx.MultiDiGraph()
    graph.add_node("paper:x", label="Paper", title=HOSTILE, abstract=HOSTILE, url="javascript:document.title='hit'")
    graph.add_node("method:x", label="Method", name=f"{HOSTILE} x", papers=2, aliases=[HOSTILE])
    graph.add_node("method:long", label="Method", name="otter " * 2000, papers=1)
    mention = {"field": "abstract", "start": 0, "end": 9}
    graph.add_edge("paper:x", "method:x", key="USES", evidence=HOSTILE, **mention)
    graph.add_edge("paper:x", "method:long", key="INTRODUCES", evidence="otter " * 2000, **mention)
    return graph


def test_a_hostile_paper_is_drawn_as_text_and_runs_nothing(browser, tmp_path):
    view = View(browser, write_page(hostile(), tmp_path / "page.html").as_uri())
    view.choose("img src")
    assert view.heading() == f"{HOSTILE} x"
    view.page.locator("#panel a.name").first.click()
    assert view.heading() == HOSTILE
    assert view.page.locator("#panel .url").inner_text() == "javascript:document.title='hit'"
    assert view.page.locator("#panel .url a").count() == 0
    view.choose("otter otter")
    assert view.heading() == ("otter " * 2000).strip()
    [panel] = view.boxes("panel")
    assert panel["x"] + panel["width"] <= 1400
    assert view.page.title() == "Knowledge graph"
    assert view.page.locator("img").count() == 0
    view.close()


def test_a_script_that_came_in_all_the_same_would_not_run(browser, address):
    view = View(browser, address)
    view.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
    script = "Object.assign(document.createElement('script'), { text: 'document.title = 2' })"
    view.page.evaluate(f"document.body.append({script})")
    assert view.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    assert view.page.title() == "Knowledge graph"
    assert len(view.complaints) >= 3  # the browser says what the policy forbade
    view.context.close()


def test_a_part_of_a_graph_says_so(browser, address, tmp_path):
    view = View(browser, write_page(hostile(), tmp_path / "page.html", notice="3 of 9 nodes are drawn").as_uri())
    assert view.page.locator("#notice").inner_text() == "3 of 9 nodes are drawn"
    view.close()


def test_an_empty_graph(browser, tmp_path):
    view = View(browser, write_page(nx.MultiDiGraph(), tmp_path / "page.html").as_uri())
    assert view.names() == set()
    view.close()

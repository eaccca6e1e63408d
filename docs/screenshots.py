"""Takes the pictures of the page that docs/ shows. Needs the extra `dev` and Chromium.

    python docs/screenshots.py SEEDS EXAMPLES

SEEDS and EXAMPLES are folders that `kg build` made of ../shared/seeds and of examples/.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import kg

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from conftest import chromium

DOCS = Path(__file__).parent
PICTURES = [
    # file, graph, view, width and height, theme
    ("page.png", 0, "", (1400, 900), "light"),
    ("page-phone.png", 0, "", (390, 844), "light"),
    ("oxbow.png", 1, "#node=method:oxbow-2&only=method:oxbow-2", (1400, 900), "dark"),
]


def main(seeds: str, examples: str) -> None:
    """Write `PICTURES` anew."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        pages = [Path(folder) / f"{number}.html" for number in range(2)]
        for place, page in zip((seeds, examples), pages, strict=True):
            kg.Graph(place).html(page)
        for name, number, view, (width, height), theme in PICTURES:
            tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
            tab.goto(f"{pages[number].as_uri()}{view}")
            tab.wait_for_selector("html[data-drawn]", state="attached")
            tab.wait_for_timeout(3000)  # until what moves has settled
            tab.screenshot(path=DOCS / name)


if __name__ == "__main__":
    main(*sys.argv[1:])

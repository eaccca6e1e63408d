"""The documentation says what the code does."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

import kg
from kg.model import Paper
from kg.queries import load
from kg.schema import edge_for_role

ROOT = Path(__file__).parent.parent
PAGES = runpy.run_path(str(ROOT / "docs/generate.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert apart_from_answers(written) == apart_from_answers(PAGES[name]), f"docs/{name} is stale; run: make docs"


def apart_from_answers(page):
    """The page without the rows that queries found: confidences differ from processor to processor."""
    return re.sub(r"(?s)(\$ kg queries out .*?\n).*?```", r"\1```", page)


def test_every_query_finds_something_in_the_examples():
    answers = re.findall(r"\d of (\d+) rows", PAGES["queries.md"])
    assert len(answers) == len(load()) and "0" not in answers


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_architecture_names_every_module():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    modules = {f"kg/{path.relative_to(ROOT / 'kg')}" for path in (ROOT / "kg").glob("*.py")} - {"kg/__init__.py"}
    assert [module for module in sorted(modules) if f"`{module}`" not in text] == []


def test_the_example_of_the_facts_is_what_kg_extract_writes():
    text = (ROOT / "docs/facts.md").read_text(encoding="utf-8")
    paper, shown = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    [found] = kg.extract([Paper(**paper)])
    written = json.loads(json.dumps(found.to_json()))

    assert written["links"] == shown["links"]
    assert list(written) == list(shown)
    entity, *_ = [e for e in written["entities"] if e["name"] == shown["entities"][0]["name"]]
    assert list(entity) == list(shown["entities"][0])
    for mention in shown["entities"][0]["mentions"]:
        assert list(entity["mentions"][0]) == list(mention)
        assert paper[mention["field"]][mention["start"] : mention["end"]] == mention["text"]
    for sentence in shown["evidence"]:
        assert list(written["evidence"][0]) == list(sentence)
        assert paper[sentence["field"]][sentence["start"] : sentence["end"]].endswith("on BEIR.")


def test_the_roles_of_the_facts_become_the_edges_of_the_table():
    text = (ROOT / "docs/facts.md").read_text(encoding="utf-8").partition("## From roles to edges")[2]
    head, _, *rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    for role, *edges in rows:
        for labels, edge in zip(head[1:], edges, strict=True):
            for label in labels.split(", "):
                assert f"`{edge_for_role(role.strip('`'), label)}`" == edge

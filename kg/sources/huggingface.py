"""Reads Hugging Face's papers: answers of its API, and its pages saved as HTML, which hold the same records.

    GET /api/daily_papers      [{"paper": {"id", "title", "summary", "publishedAt", "authors", …}, …}, …]
    GET /api/papers/ID         {"id", "title", "summary", "publishedAt", "authors", "organization", "githubRepo", …}
    /papers, /papers/ID        <div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;: [{…}, …]}">,
                               <div data-target="PaperContent" data-props="{&quot;paper&quot;: {…}}">

The API is described at https://huggingface.co/docs/hub/api.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.records import NOT_JSON, has_keys, objects
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names

_LINKS = ("githubRepo", "projectPage")


@reader("huggingface", sniff=lambda head: float(has_keys(head, "summary", "publishedAt")))
def read_huggingface(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a record of the API, in an array or one a line."""
    for item in objects(text):
        yield item if isinstance(item, RecordError) else _paper(text.place(item[0]), item[1])


def _sniff_html(head: str) -> float:
    return float(head.lstrip().startswith("<") and "huggingface.co" in head and "<html" in head.lower())


@reader("huggingface-html", sniff=_sniff_html)
def read_huggingface_html(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a record that the page holds in a `data-props` attribute, at the line of its element.

    A page is held in memory. One that was saved without these attributes has no abstracts, and raises `SourceError`.
    """
    page = _Page()
    page.feed("\n".join(line for _, line in text))
    records = 0
    for line, props in page.props:
        place = text.place(line)
        try:
            value = json.loads(props)
        except NOT_JSON:
            yield RecordError(place, "the element's data-props are not JSON")
            continue
        for record in _records(value):
            records += 1
            yield _paper(place, record)
    if not records:
        raise SourceError(f"{text.name}: no data-props with papers in the page; save it as the server sends it")


class _Page(HTMLParser):
    """Collects the `data-props` attributes with their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.props: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.props += [(self.getpos()[0], value) for name, value in attrs if name == "data-props" and value]


def _records(props: Any) -> list[dict[str, Any]]:
    match props:
        case {"dailyPapers": [*records]}:
            return [record for record in records if isinstance(record, dict)]
        case {"paper": {"title": _}}:
            return [props]
        case _:
            return []


def _paper(place: str, record: dict[str, Any]) -> Paper | RecordError:
    inner = record["paper"] if isinstance(record.get("paper"), dict) else record
    organization = inner.get("organization") or record.get("organization")
    if isinstance(organization, dict):
        organization = organization.get("fullname") or organization.get("name")
    return paper_at(
        place,
        inner.get("title"),
        inner.get("summary"),
        published=day(inner.get("publishedAt")) or day(record.get("publishedAt")),
        arxiv_id=arxiv_id(inner.get("id")),
        authors=names(inner.get("authors")),
        organizations=(organization,) if isinstance(organization, str) else (),
        comment="; ".join(f"{key}: {inner[key]}" for key in _LINKS if isinstance(inner.get(key), str) and inner[key]),
    )

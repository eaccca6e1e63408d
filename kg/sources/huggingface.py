"""Reads Hugging Face's papers: answers of its API, and its pages saved as HTML, which hold the same records.

    GET /api/daily_papers      [{"paper": {"id", "title", "summary", "publishedAt", "authors", …}, …}, …]
    GET /api/papers/ID         {"id", "title", "summary", "publishedAt", "authors", "organization", "githubRepo", …}
    /papers, /papers/ID        <div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;: [{…}, …]}">,
                               <div data-target="PaperContent" data-props="{&quot;paper&quot;: {…}}">

The API is described at https://huggingface.co/docs/hub/api.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.records import NOT_JSON, elements, has_keys, objects
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names

_LINKS = ("githubRepo", "projectPage")
_TOKEN = re.compile(r"""<(?:script\b|!--)|\sdata-props\s*=\s*(?P<quote>["'])""", re.IGNORECASE)
_CLOSE = {"s": re.compile(r"</script", re.IGNORECASE), "!": re.compile("-->")}
_LONG_REFERENCE = re.compile(r"&#x?[0-9a-f]{9,};?", re.IGNORECASE)  # no character, and of 4,300 digits an error


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
    records = 0
    reason = "no data-props with papers in the page; save it as the server sends it"
    for line, props in _props("\n".join(line for _, line in text)):
        place = text.place(line)
        try:
            value = json.loads(_unescaped(props))
        except NOT_JSON:
            reason = "the element's data-props are not JSON, maybe cut off; save the page again"
            yield RecordError(place, reason)
            # of a page that is cut off, the papers before the cut
            value = {"dailyPapers": [value for _, value, _ in elements(_unescaped(props), "dailyPapers")]}
        for record in _records(value):
            records += 1
            yield _paper(place, record)
    if not records:
        raise SourceError(f"{text.name}: {reason}")


def _props(page: str) -> Iterator[tuple[int, str]]:
    """The `data-props` attributes as they are written, with the lines of their elements; the last may be cut off.

    Not by `html.parser`, which takes quadratic time on broken markup in Python 3.11.
    """
    at, counted, number = 0, 0, 1
    while token := _TOKEN.search(page, at):
        quote = token["quote"]
        if not quote:
            close = _CLOSE[token[0][1].lower()].search(page, token.end())
            if not close:
                return
            at = close.end()
            continue
        end = page.find(quote, token.end())
        begin = max(page.rfind("<", at, token.start()), at)
        number += page.count("\n", counted, begin)
        counted = begin
        yield number, page[token.end() : end if end >= 0 else None]
        if end < 0:
            return
        at = end + 1


def _unescaped(props: str) -> str:
    return unescape(_LONG_REFERENCE.sub("\ufffd", props))


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

"""Reads papers of Semantic Scholar: answers of its Graph API, the bulk data sets, and S2ORC of all releases.

    Graph API       paperId, externalIds, title, abstract, publicationDate, year, authors; in an array, or in `data`
    papers          corpusid, externalids, title, …, no abstract; the data set "abstracts" has no titles
    s2orc           corpusid, externalids, content: {text, annotations: {title: "[{start, end}]", abstract: …}}
    S2ORC to 2020   paper_id, arxiv_id, title, abstract or paperAbstract, year, authors: [{first, middle, last, suffix}]

They are described at https://api.semanticscholar.org/api-docs and https://github.com/allenai/s2orc.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.records import NOT_JSON, is_json, objects
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names, web_address

_FIELD = re.compile(
    r'"paperId"\s*:\s*"[0-9a-f]{40}"|"(?:corpusid|paperAbstract|has_pdf_parse|pdf_parse|s2_url)"\s*:', re.IGNORECASE
)


@reader("semanticscholar", sniff=lambda head: float(is_json(head) and bool(_FIELD.search(head))))
def read_semanticscholar(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a record: of the `data` of an answer, of an array, or one a line."""
    for item in objects(text, within="data"):
        yield item if isinstance(item, RecordError) else _paper(text.place(item[0]), item[1])


def _paper(place: str, record: dict[str, Any]) -> Paper | RecordError:
    values = {key.casefold(): value for key, value in record.items()}
    ids = values.get("externalids")
    ids = {key.casefold(): value for key, value in ids.items()} if isinstance(ids, dict) else {}
    identifier = arxiv_id(ids.get("arxiv")) or arxiv_id(values.get("arxiv_id"))
    addresses = () if identifier else map(web_address, (values.get("url"), values.get("s2_url"), values.get("s2url")))
    return paper_at(
        place,
        values.get("title") or _annotated(values.get("content"), "title"),
        values.get("abstract") or values.get("paperabstract") or _annotated(values.get("content"), "abstract"),
        published=day(values.get("publicationdate")) or day(values.get("year")),
        url=next(filter(None, addresses), None),
        arxiv_id=identifier,
        authors=_authors(values.get("authors")),
    )


def _annotated(content: Any, kind: str) -> str | None:
    """What the annotations of a full text mark as `kind`: the first title, all paragraphs of the abstract."""
    match content:
        case {"text": str(text), "annotations": {**annotations}}:
            marked = annotations.get(kind)
        case _:
            return None
    try:
        spans: Any = json.loads(marked) if isinstance(marked, str) else marked or []
        parts = dict.fromkeys(text[int(span["start"]) : int(span["end"])] for span in spans)
    except (*NOT_JSON, TypeError, KeyError, OverflowError):  # the last for an Infinity
        return None
    return "\n".join(list(parts)[:1] if kind == "title" else parts) or None


def _authors(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return names([_joined(author) if isinstance(author, dict) and "last" in author else author for author in value])


def _joined(author: Mapping[str, Any]) -> str:
    middle = author.get("middle")
    parts = [author.get("first"), *(middle if isinstance(middle, list) else [middle]), author["last"]]
    return " ".join(part for part in (*parts, author.get("suffix")) if isinstance(part, str) and part)

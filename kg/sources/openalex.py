"""Reads works of OpenAlex: answers of its API, and the lines of its snapshot.

The fields are described at https://docs.openalex.org/api-entities/works/work-object. An abstract is an inverted index:
each word with the positions where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from kg.errors import RecordError
from kg.model import Paper
from kg.sources.files import Text
from kg.sources.paper import paper_at
from kg.sources.records import has_keys, is_json, objects
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, web_address

_WORK = re.compile(r'"id"\s*:\s*"https://openalex\.org/W\d+"')


def _sniff(head: str) -> float:
    return float(has_keys(head, "abstract_inverted_index") or (is_json(head) and bool(_WORK.search(head))))


@reader("openalex", sniff=_sniff)
def read_openalex(text: Text) -> Iterator[Paper | RecordError]:
    """One paper a work: of the `results` of an answer, of an array, or one a line; institutions are organisations."""
    for item in objects(text, within="results"):
        yield item if isinstance(item, RecordError) else _paper(text.place(item[0]), item[1])


def _paper(place: str, work: dict[str, Any]) -> Paper | RecordError:
    try:
        abstract = " ".join(_words(work.get("abstract_inverted_index")))
    except (AttributeError, TypeError):
        return RecordError(place, "abstract_inverted_index is not words with their positions")
    locations = [work.get("primary_location"), *_list(work.get("locations"))]
    pages = [location.get("landing_page_url") for location in locations if isinstance(location, dict)]
    identifier = next(filter(None, map(arxiv_id, (work.get("doi"), *pages))), None)
    addresses = () if identifier else map(web_address, (work.get("doi"), *pages, work.get("id")))
    authorships = [a for a in _list(work.get("authorships")) if isinstance(a, dict)]
    return paper_at(
        place,
        work.get("title") or work.get("display_name"),
        abstract,
        published=day(work.get("publication_date")) or day(work.get("publication_year")),
        url=next(filter(None, addresses), None),
        arxiv_id=identifier,
        authors=_display_names(a.get("author") for a in authorships),
        organizations=tuple(
            dict.fromkeys(_display_names(i for a in authorships for i in _list(a.get("institutions"))))
        ),
    )


def _words(index: Any) -> list[str]:
    """The words of an inverted index in the order of their positions. Raises where it is none."""
    pairs = [(position, word) for word, positions in (index or {}).items() for position in positions]
    return [word for _, word in sorted(pairs)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _display_names(values: Iterable[Any]) -> tuple[str, ...]:
    found = (value.get("display_name") for value in values if isinstance(value, dict))
    return tuple(name for name in found if isinstance(name, str))

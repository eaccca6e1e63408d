"""Values of records that sources write in many ways: arXiv ids, days, authors' names, addresses."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

_ARXIV_ID = re.compile(
    r"""(?: (?:oai:)? arxiv (?:\.org)? : \s* | (?:https?://(?:dx\.)?doi\.org/)? 10\.48550/arxiv\.
          | https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/ | https?://huggingface\.co/papers/ )?
        (?: (?P<new> \d\d (?: 0[1-9] | 1[0-2] ) \. \d{4,5} )
          | (?P<archive> [a-z]+ (?: -[a-z]+ )? ) (?: \. [a-z]{2} )? / (?P<number> \d{7} ) )
        (?: v\d+ )? (?: \.pdf )?""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_DAY = 100
_ISO = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?![\d-])")


def arxiv_id(value: object) -> str | None:
    """The arXiv id that the value is, or points to, without version: ``2503.11731``, ``cs/0112017``; else None.

    Identifiers as in https://info.arxiv.org/help/arxiv_identifier.html.
    """
    match = _ARXIV_ID.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        return None
    return match["new"] or f"{match['archive'].lower()}/{match['number']}"


def web_address(value: object) -> str | None:
    """The value if it is an http or https URL, else None."""
    address = value.strip() if isinstance(value, str) else ""
    return address if re.fullmatch(r"https?://[^\s\x00-\x1f\x7f-\x9f]+", address, re.IGNORECASE) else None


def day(value: object) -> date | None:
    """The day of an ISO 8601 or RFC 2822 date; a month or a year alone means its first day. None for anything else."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not 0 < len(text) <= _LONGEST_DAY:
        return None
    try:
        if match := _ISO.match(text):
            year, month, number = match.groups()
            return date(int(year), int(month or 1), int(number or 1))
        return parsedate_to_datetime(text).date()
    except (ValueError, OverflowError):
        return None


def names(value: Any) -> tuple[str, ...]:
    """Authors' names from a list (of strings, or of objects with a name), or from a string that separates them.

    Separators are ``;``, else `` and `` and commas; a comma after or before a single word joins "Surname, Given".
    """
    if isinstance(value, list):
        found = [item.get("name") if isinstance(item, dict) else item for item in value]
        return tuple(name for name in found if isinstance(name, str))
    if not isinstance(value, str):
        return ()
    if ";" in value:
        parts = value.split(";")
    else:
        parts = re.split(r",?\sand\s", value)
        pieces = [piece.strip() for part in parts for piece in part.split(",")]
        if all(" " in piece for piece in pieces):
            parts = pieces
    return tuple(part.strip() for part in parts if part.strip())

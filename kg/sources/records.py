"""Reads JSON objects (one a line, or an array) and CSV rows that have a title and an abstract."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources.files import Text, is_utf8
from kg.sources.paper import paper_at
from kg.sources.registry import reader
from kg.sources.values import arxiv_id, day, names, web_address

_LAID_OUT = re.compile(r"\s*(?:\[\s*(?:[{\]]|$)|\{[ \t\r]*\n)")
_BETWEEN = re.compile(r"[\s,]*")
NOT_JSON = (ValueError, RecursionError)


def objects(text: Text, within: str = "") -> Iterator[tuple[int, dict[str, Any]] | RecordError]:
    """The JSON objects of the text with their lines: one a line, in one array, or one after the other over many lines.

    Where an object is the answer of an interface, `within` is the member whose array holds the objects meant. What has
    one object a line streams; all else is held in memory, and ends at the first value that is broken.
    """
    head = "\n".join(line for _, line in text.head)
    return _laid_out(text, within) if _LAID_OUT.match(head) else _lines(text, within)


def _lines(text: Text, within: str) -> Iterator[tuple[int, dict[str, Any]] | RecordError]:
    for number, line in text:
        if not line.strip():
            continue
        if not is_utf8(line):
            yield RecordError(text.place(number), "invalid UTF-8")
            continue
        try:
            value = json.loads(line)
        except NOT_JSON as error:
            yield RecordError(text.place(number), _reason(error))
            continue
        inside = value.get(within) if isinstance(value, dict) else None
        for item in inside if isinstance(inside, list) else [value]:
            yield _object(text, number, item)


def _laid_out(text: Text, within: str) -> Iterator[tuple[int, dict[str, Any]] | RecordError]:
    whole = "\n".join(line for _, line in text)
    decode = json.JSONDecoder().raw_decode
    answer = re.match(rf'\s*\{{[^\[\]]*?"{within}"\s*:\s*\[', whole) if within else None
    array = answer or re.match(r"\s*\[", whole)
    at, counted, number = array.end() if array else 0, 0, 1
    while True:
        at = _BETWEEN.match(whole, at).end()  # type: ignore[union-attr]
        number += whole.count("\n", counted, at)
        counted = at
        if array and whole[at : at + 1] == "]":
            if whole[at + 1 :].strip() and not answer:
                yield RecordError(text.place(number), "text after the end of the array is not read")
            return
        if at == len(whole) and not array:
            return
        try:
            value, at = decode(whole, at)
        except NOT_JSON as error:
            what = "array" if array else "file"
            yield RecordError(text.place(number), f"{_reason(error)}; the {what} is not read further")
            return
        yield _object(text, number, value)


def _object(text: Text, number: int, value: Any) -> tuple[int, dict[str, Any]] | RecordError:
    return (number, value) if isinstance(value, dict) else RecordError(text.place(number), "not a JSON object")


def _reason(error: ValueError | RecursionError) -> str:
    what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or with a number too long"
    return f"not a JSON object ({what})"


def is_json(head: str) -> bool:
    """Whether the head of a text looks like that of JSON objects."""
    return bool(re.match(r"\s*(?:\[\s*)?\{", head) or _LAID_OUT.match(head))


def has_keys(head: str, *keys: str) -> bool:
    """Whether each of the keys stands in the head of a text that is JSON, at whatever depth.

    Cheaper than `first_object`, and all there is to see where the first object is longer than the head.
    """
    return is_json(head) and all(re.search(rf'"{key}"\s*:', head) for key in keys)


def first_object(head: str) -> dict[str, Any] | None:
    """The first whole JSON object in the head of a text that is JSON lines or an array of objects, else None."""
    start = re.match(r"\s*\[?\s*(?=\{)", head)
    if not start:
        return None
    for at in (start.end(), *(line.start() for line in re.finditer(r"^\{", head, re.MULTILINE))):
        try:
            value, _ = json.JSONDecoder().raw_decode(head, at)
        except NOT_JSON:
            continue
        return value if isinstance(value, dict) else None
    return None


def _sniff_json(head: str) -> float:
    if first_object(head):
        return 0.5
    return 0.2 if is_json(head) else 0.0


@reader("jsonl", sniff=_sniff_json)
def read_jsonl(text: Text) -> Iterator[Paper | RecordError]:
    """JSON objects with the keys of `_paper`, one a line or in one array; other keys are left alone."""
    for item in objects(text):
        yield item if isinstance(item, RecordError) else _paper(text.place(item[0]), item[1])


def _paper(place: str, record: Mapping[str, Any]) -> Paper | RecordError:
    """The paper of a record with the keys, in any case: title, abstract, and maybe url, published or date or year,
    authors, arxiv_id. An `id` or a `url` counts as arXiv id if it looks like one.
    """
    values = {str(key).strip().casefold(): value for key, value in record.items()}
    ids = (arxiv_id(values.get(key)) for key in ("arxiv_id", "id", "url"))
    days = (day(values.get(key)) for key in ("published", "date", "year"))
    return paper_at(
        place,
        values.get("title"),
        values.get("abstract"),
        published=next(filter(None, days), None),
        url=web_address(values.get("url")),
        arxiv_id=next(filter(None, ids), None),
        authors=names(values.get("authors")),
    )


def _columns(line: str) -> tuple[str, list[str]]:
    """The delimiter, of comma, semicolon and tab, and the columns of a CSV file's header line."""
    try:
        splits = [(delimiter, next(csv.reader([line], delimiter=delimiter), [])) for delimiter in ",;\t"]
    except csv.Error:
        return ",", []
    delimiter, columns = max(splits, key=lambda split: len(split[1]))
    return delimiter, [column.strip().casefold() for column in columns]


def _sniff_csv(head: str) -> float:
    _, columns = _columns(head.lstrip().partition("\n")[0])
    return 0.8 if {"title", "abstract"} <= set(columns) else 0.1 if "title" in columns and len(columns) > 1 else 0.0


@reader("csv", sniff=_sniff_csv)
def read_csv(text: Text) -> Iterator[Paper | RecordError]:
    """CSV as Python's `csv` reads it, a header line with the columns of `_paper` first; comma, semicolon or tab."""
    lines = iter(text)
    start, header = next(((number, line) for number, line in lines if line.strip()), (0, ""))
    delimiter, columns = _columns(header)
    if missing := {"title", "abstract"} - set(columns):
        raise SourceError(f"{text.place(start)}: CSV without a column {' and '.join(sorted(missing))}, only {columns}")
    rows = csv.reader((f"{line}\n" for _, line in lines), delimiter=delimiter, strict=True)
    while True:
        place = text.place(start + 1 + rows.line_num)
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield RecordError(place, f"not a CSV row ({error})")
            continue
        if not any(map(str.strip, row)):
            continue
        if len(row) != len(columns):
            yield RecordError(place, f"{len(row)} fields where the header has {len(columns)}")
        else:
            yield _paper(place, dict(zip(columns, row, strict=True)))

"""Reads JSON objects (one a line, or an array) and CSV rows that have a title and an abstract."""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain
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
    one object a line streams; all else is held in memory.
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
    counted, number = 0, 1
    for at, value, reason in elements(whole, within):
        number += whole.count("\n", counted, at)
        counted = at
        yield RecordError(text.place(number), reason) if reason else _object(text, number, value)


def elements(whole: str, within: str) -> Iterator[tuple[int, Any, str]]:
    """The JSON values of an array, of the member `within` of an object, or one after the other, with their offsets.

    What is broken has a reason. After it goes on at the next line that begins as the broken value's does, if any.
    """
    decode = json.JSONDecoder().raw_decode
    answer = re.match(rf'\s*\{{[^\[\]]*?"{within}"\s*:\s*\[', whole) if within else None
    array = answer or re.match(r"\s*\[", whole)
    at = array.end() if array else 0
    patience = 4 * len(whole)  # characters that may be read more than once
    while True:
        at = _BETWEEN.match(whole, at).end()  # type: ignore[union-attr]
        if array and whole[at : at + 1] == "]":
            if whole[at + 1 :].strip() and not answer:
                yield at, None, "text after the end of the array is not read"
            return
        if at == len(whole) and not array:
            return
        try:
            value, end = decode(whole, at)
        except NOT_JSON as error:
            patience -= (error.pos if isinstance(error, json.JSONDecodeError) else len(whole)) - at
            further = _next_alike(whole, at) if patience > 0 else -1
            stop = "" if further >= 0 else f"; the {'array' if array else 'file'} is not read further"
            yield at, None, _reason(error) + stop
            if stop:
                return
            at = further
        else:
            yield at, value, ""
            at = end


def _next_alike(whole: str, at: int) -> int:
    """Where the next line begins that has an object after as much space as there is before `at`; -1 for nowhere."""
    before = whole[whole.rfind("\n", 0, at) + 1 : at]
    return whole.find(f"\n{before if before.isspace() else ''}{{", at)


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
    start = re.match(r"\s*+(?:\[\s*+)?(?=\{)", head)
    if not start:
        return None
    lines = ((line, 0) for line in head.split("\n") if line.startswith("{"))
    for text, at in chain([(head, start.end())], lines):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, at)
        except NOT_JSON:
            continue
        return value if isinstance(value, dict) else None
    return None


def _sniff_json(head: str) -> float:
    if first_object(head):
        return 0.5
    return 0.4 if is_json(head) else 0.0


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
        raise SourceError(
            f"{text.place(start)}: CSV without a column {' and '.join(sorted(missing))}, only {columns[:20]}"
        )
    taken = _Lines(lines)
    rows = csv.reader(taken, delimiter=delimiter, strict=True)
    while True:
        taken.row.clear()
        try:
            row = next(rows)
            wrong = f"{len(row)} fields where the header has {len(columns)}" if len(row) != len(columns) else ""
            if not any(map(str.strip, row)):
                continue
        except StopIteration:
            return
        except csv.Error as error:
            row, wrong = [], f"not a CSV row ({error})"
        (number, _), *rest = taken.row
        if not wrong:
            yield _paper(text.place(number), dict(zip(columns, row, strict=True)))
        elif rest and all(_is_row(line, delimiter, len(columns), line is rest[-1][1]) for _, line in rest):
            yield RecordError(text.place(number), f"{wrong}; maybe a quote that is not closed")
            for at, line in rest[:-1]:
                fields = next(csv.reader([line], delimiter=delimiter))
                yield _paper(text.place(at), dict(zip(columns, fields, strict=True)))
            taken.again.append(rest[-1])
        else:
            yield RecordError(text.place(number), wrong + (f"; left out up to line {rest[-1][0]}" if rest else ""))


class _Lines:
    """Numbered lines for `csv.reader`: keeps those of the `row` at hand, and gives those to read `again` first."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self.row: list[tuple[int, str]] = []
        self.again: deque[tuple[int, str]] = deque()
        self._lines = lines

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.row.append(self.again.popleft() if self.again else next(self._lines))
        return f"{self.row[-1][1]}\n"


def _is_row(line: str, delimiter: str, count: int, is_open: bool) -> bool:
    """Whether a line that a quote has swallowed looks like a row, and not like text, where a space follows a comma.

    Of one that `is_open` the last field may go on.
    """
    try:
        fields = next(csv.reader([line], delimiter=delimiter, strict=not is_open), [])
    except csv.Error:
        return False
    right = 1 < len(fields) <= count if is_open else len(fields) == count
    return right and not any(field[:1].isspace() for field in fields[1:])

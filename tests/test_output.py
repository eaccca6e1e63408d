"""Rows as a table, JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.output import Format, chosen, print_rows
from kg.stores import Result

ROWS = Result(
    ["name", "papers", "share", "first", "aliases"],
    [
        ["Otter", 12, 0.123456, date(2024, 10, 1), ["OTR", "otters"]],
        ["Béaver [bold]", 3, 1234.5, None, []],
        [None, None, None, None, None],
    ],
)


def printed(result, format):
    file = io.StringIO()
    print_rows(result, format, file)
    return file.getvalue()


def lines(text):
    return [line.rstrip() for line in text.splitlines()]


def test_table():
    assert lines(printed(ROWS, Format.table)) == [
        "name            papers    share   first        aliases",
        "──────────────────────────────────────────────────────────",
        "Otter               12    0.123   2024-10-01   OTR; otters",
        "Béaver [bold]        3   1234.5   –",
        "–                    –        –   –            –",
        "3 rows",
    ]


def test_json():
    assert printed(Result(["a", "b"], [["é", date(2024, 1, 2)], [None, [1, 2]]]), Format.json) == (
        '[\n {\n  "a": "é",\n  "b": "2024-01-02"\n },\n {\n  "a": null,\n  "b": [\n   1,\n   2\n  ]\n }\n]\n'
    )


def test_jsonl():
    assert lines(printed(ROWS, Format.jsonl)) == [
        '{"name": "Otter", "papers": 12, "share": 0.123456, "first": "2024-10-01", "aliases": ["OTR", "otters"]}',
        '{"name": "Béaver [bold]", "papers": 3, "share": 1234.5, "first": null, "aliases": []}',
        '{"name": null, "papers": null, "share": null, "first": null, "aliases": null}',
    ]


def test_csv():
    assert lines(printed(ROWS, Format.csv)) == [
        "name,papers,share,first,aliases",
        "Otter,12,0.123456,2024-10-01,OTR; otters",
        "Béaver [bold],3,1234.5,,",
        ",,,,",
    ]


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (Format.table, "name\n────\n0 rows\n"),
        (Format.json, "[]\n"),
        (Format.jsonl, ""),
        (Format.csv, "name\n"),
    ],
)
def test_no_rows(format, expected):
    assert "\n".join(lines(printed(Result(["name"], []), format))) == expected.rstrip("\n")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ({"label": "Method", "id": "method:otter", "name": "Otter"}, "Otter"),
        ({"label": "Paper", "id": "paper:reeds", "title": "Reeds"}, "Reeds"),
        ({"type": "USES", "confidence": 0.5}, '{"type": "USES", "confidence": 0.5}'),
        ([{"id": "a", "name": "A"}, None], "A; –"),
        (True, "True"),
        (0.5, "0.5"),
        (1e-9, "1e-09"),
        (1234567.0, "1234567.0"),
    ],
)
def test_a_cell_of_a_table(value, cell):
    assert lines(printed(Result(["x"], [[value]]), Format.table))[2] == cell


def test_control_characters_do_not_reach_the_terminal():
    text = printed(Result(["title"], [["a\x1b[31mred\x07\u202eevil\x9b2J\nnext"]]), Format.table)
    assert "a [31mred  evil 2J next" in text


# Python's csv does not quote a lone carriage return.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2)))
def test_any_text_survives_json_and_csv(rows):
    result = Result(["a", "b"], rows)
    assert json.loads(printed(result, Format.json)) == result.dicts()
    assert [json.loads(line) for line in printed(result, Format.jsonl).split("\n")[:-1]] == result.dicts()
    assert list(csv.reader(io.StringIO(printed(result, Format.csv), newline="")))[1:] == rows


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_default_is_a_table_on_a_terminal_and_json_lines_in_a_pipe():
    assert chosen(None, Terminal()) is Format.table
    assert chosen(None, io.StringIO()) is Format.jsonl
    assert chosen(Format.csv, Terminal()) is Format.csv

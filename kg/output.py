"""Rows for people and for programs: a table on a terminal, JSON, JSON lines or CSV in a pipe."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg.stores import Result

_SHORT = 22  # characters; a column with no longer cell is never wrapped


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


def chosen(format: Format | None, file: TextIO | None = None) -> Format:
    """`format`, or by default a table on a terminal and JSON lines in a pipe."""
    return format or (Format.table if (file or sys.stdout).isatty() else Format.jsonl)


def print_rows(result: Result, format: Format | None, file: TextIO | None = None) -> None:
    """Print to `file` (standard output) in the `chosen` format."""
    out = file or sys.stdout
    match chosen(format, out):
        case Format.table:
            _table(result, out)
        case Format.json:
            out.write(dumps(result.dicts(), indent=1) + "\n")
        case Format.jsonl:
            out.writelines(dumps(row) + "\n" for row in result.dicts())
        case Format.csv:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(result.columns)
            writer.writerows([_cell(value, none="", exact=True) for value in row] for row in result.rows)


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON with dates as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_encode)


def _encode(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _cell(value: Any, *, none: str, exact: bool = False) -> str:
    """What a table or CSV shows for a value: of a node its name, of a float three digits unless `exact`."""
    if value is None:
        return none
    if isinstance(value, dict) and "id" in value:  # a node: what one would call it
        return str(value.get("name") or value.get("title") or value["id"])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(_cell(item, none=none, exact=exact) for item in value)
    if isinstance(value, dict):
        return dumps(value)
    if isinstance(value, float) and not exact:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.1f}"
    return str(value)


def _table(result: Result, out: TextIO) -> None:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=False)
    for i, column in enumerate(result.columns):
        numeric = result.rows and all(
            isinstance(row[i], int | float | None) and not isinstance(row[i], bool) for row in result.rows
        )
        short = max((len(_cell(row[i], none="–")) for row in result.rows), default=0) <= _SHORT
        table.add_column(
            column, justify="right" if numeric else "left", overflow="fold", no_wrap=short, ratio=None if short else 1
        )
    for row in result.rows:
        # Text, not markup: a paper's title may hold square brackets. Control characters would reach the terminal.
        table.add_row(*(Text("".join(c if c.isprintable() else " " for c in _cell(value, none="–"))) for value in row))
    console = Console(file=out, highlight=False)
    console.print(table)
    console.print(Text(f"{len(result.rows)} row{'' if len(result.rows) == 1 else 's'}", style="dim"))

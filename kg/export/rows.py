"""Rows of a graph's tables, a few at a time, so that writing a graph takes little more memory than its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

import pyarrow as pa

from kg.output import dumps

Row = dict[str, Any]
_AT_ONCE = 1000


def rows(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, Row]]:
    """Each row with the name of its table, in the order of the tables."""
    for name, table in tables.items():
        for batch in table.to_batches(_AT_ONCE):
            for row in batch.to_pylist():
                yield name, row


def write_items(file: TextIO, items: Iterable[Row]) -> None:
    """Write the items of a JSON array, one a line; dates become ISO text."""
    between = "\n"
    for item in items:
        file.write(between + dumps(item))
        between = ",\n"

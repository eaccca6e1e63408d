"""What all graph stores have in common: a `Store` runs Cypher and yields a `Result` of plain Python values.

Values have the same shape whatever the engine:

- node: ``{"label": "Method", "id": …, "name": …}`` with all properties of its label, None where it has none
- relationship: ``{"type": "USES", "evidence": …}`` likewise
- path: ``{"nodes": […], "relationships": […]}``
- all else: None, bool, int, float, str, ``datetime.date``, lists and dicts of these
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Result:
    """The rows that a query returned, in its order."""

    columns: list[str]
    rows: list[list[Any]]

    def dicts(self) -> list[dict[str, Any]]:
        """One dict a row, keyed by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Store(Protocol):
    """A graph that answers Cypher; `engine` tells which dialect: "ladybug" or "neo4j"."""

    engine: str

    def query(self, cypher: str, parameters: Mapping[str, object] | None = None) -> Result:
        """Run one Cypher text. QueryError where the text or its parameters are wrong."""

    def close(self) -> None:
        """Give back the file or the connection; a second call does nothing."""


def is_address(graph: object) -> bool:
    """Whether `graph` is the address of a server rather than a folder."""
    return re.match(r"[a-z][a-z0-9+.-]*://", str(graph), re.IGNORECASE) is not None

"""Graphs in the formats of other tools. Each module writes one; `FORMATS` are those that `kg export` offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from kg.export import neo4j_csv

Export = Callable[[Mapping[str, pa.Table], Mapping[str, pa.Table], str, Path], list[str]]
"""Takes tables of nodes by label and of edges by type, the id of the run that built them, and where to write. Returns
the lines that tell what to do with the result."""

FORMATS: dict[str, Export] = {"neo4j-csv": neo4j_csv.write}

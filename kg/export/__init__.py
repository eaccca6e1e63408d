"""Graphs in the formats of other tools. Each module writes one; `FORMATS` are those that `kg export` offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from kg.export import gephi, json_ld, neo4j_csv, node_link, parquet

Export = Callable[[Mapping[str, pa.Table], Mapping[str, pa.Table], str, Path], list[str]]
"""Takes tables of nodes by label and of edges by type, the id of the run that built them, and where to write. Returns
the lines that tell what to do with the result."""

FORMATS: dict[str, Export] = {
    "gexf": gephi.write_gexf,
    "graphml": gephi.write_graphml,
    "json-ld": json_ld.write,
    "neo4j-csv": neo4j_csv.write,
    "node-link": node_link.write,
    "parquet": parquet.write,
}
FOLDERS = frozenset({"neo4j-csv", "parquet"})
"""Formats that are a folder of files; the others are one file."""

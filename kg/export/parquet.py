"""A graph as Parquet files for DuckDB, pandas, Polars and Spark: a table a label, a table an edge type.

They are the tables of the graph's folder, and their schemas carry the meanings that `kg.schema` gives the tables and
columns, as the metadata `description`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kg import drafts
from kg.schema import EDGES, NODES, EdgeType, NodeLabel

_ENDS = "the node at this end of the edge"
_QUERY = "SELECT name, papers FROM 'nodes/Method.parquet' ORDER BY papers DESC LIMIT 5"


def write(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, folder: Path) -> list[str]:
    """Write ``nodes/LABEL.parquet`` and ``edges/TYPE.parquet`` into `folder`; two lines: it, and a question for DuckDB.

    Raises:
        GraphError: `folder` cannot be written.
    """
    with drafts.folder(folder) as draft:
        for label, table in nodes.items():
            _write(table, NODES[label], draft / "nodes" / f"{label}.parquet")
        for name, table in edges.items():
            _write(table, EDGES[name], draft / "edges" / f"{name}.parquet")
    return [f"cd {shlex.quote(str(folder))}", f'duckdb -c "{_QUERY}"']


def _write(table: pa.Table, kind: NodeLabel | EdgeType, path: Path) -> None:
    meanings = {p.name: p.doc for p in kind.properties}
    fields = [field.with_metadata({"description": meanings.get(field.name, _ENDS)}) for field in table.schema]
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table.cast(pa.schema(fields, {"description": kind.doc})), path)

"""The tables of a graph as stores take them: checked against `kg.schema`, edges by the labels that they join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kg.errors import GraphError
from kg.schema import EDGES, NODES, EdgeType, NodeLabel
from kg.stores.cypher import nearest

_ENDS = 4  # source, source_label, target, target_label


class Stored(Mapping[str, pa.Table]):
    """Tables in Parquet files ``NAME.parquet`` of a folder, each read when it is asked for and then let go."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._paths = {name: folder / f"{name}.parquet" for name in names}

    def __getitem__(self, name: str) -> pa.Table:
        return pq.read_table(self._paths[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def check(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table]) -> None:
    """GraphError unless `nodes` are keyed by labels, `edges` by types, and each table has the columns of its kind."""
    kinds: tuple[tuple[str, Mapping[str, NodeLabel | EdgeType], Mapping[str, pa.Table]], ...]
    kinds = (("label", NODES, nodes), ("edge type", EDGES, edges))
    for kind, known, tables in kinds:
        for name, table in tables.items():
            if name not in known:
                raise GraphError(f"cannot write the graph: no {kind} {name}{nearest(name, known)}")
            schema = known[name].arrow
            if table.schema.names != schema.names or table.schema.types != schema.types:
                raise GraphError(f"cannot write the graph: the table of {name} lacks the columns of kg.schema")


def by_labels(name: str, table: pa.Table) -> Iterator[tuple[str, str, pa.Table]]:
    """The rows of each pair of labels that edges of type `name` join; columns `source`, `target`, and the properties.

    Pairs without rows are left out. GraphError where rows join labels that `kg.schema` does not let them join.
    """
    left = table.num_rows
    for source, target in EDGES[name].pairs:
        of_pair = (pc.field("source_label") == source) & (pc.field("target_label") == target)
        rows = table.filter(of_pair).select(["source", "target", *table.column_names[_ENDS:]])
        left -= rows.num_rows
        if rows.num_rows:
            yield source, target, rows
    if left:
        raise GraphError(
            f"cannot write the graph: {left} edges {name} join labels that kg.schema does not let them join"
        )

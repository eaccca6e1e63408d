"""A graph as CSV files for ``neo4j-admin database import full``, which fills an empty database in one go.

Format: https://neo4j.com/docs/operations-manual/5/tools/neo4j-admin/neo4j-admin-import/. Each label, and each type with
the labels at its ends, has a file of data and one of a header line beside it. The importer makes no constraints and
keeps no empty lists: a `kg load` of the same graph adds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from kg import drafts
from kg.errors import GraphError
from kg.schema import EDGES, NODES, Property
from kg.stores.tables import by_labels

_TYPES = {
    "STRING": "string",
    "STRING[]": "string[]",
    "INT64": "long",
    "DOUBLE": "double",
    "BOOL": "boolean",
    "DATE": "date",
}
_BETWEEN = "\x1f"  # items of a list: the control character made for it, which no name holds
_OPTIONS = ("--array-delimiter=U+001F", "--overwrite-destination")


def write(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, folder: Path) -> list[str]:
    """Write the files into `folder`; three lines: the folder, the command that imports them, what to do then.

    Raises:
        GraphError: a list holds the character that separates its items, or `folder` cannot be written.
    """
    arguments = []
    lines = False  # whether a value has a line break, which takes the importer longer
    with drafts.folder(folder) as draft:
        for label, table in nodes.items():
            key, *properties = NODES[label].properties
            header = [f"{key.name}:ID({label})", *map(_column, properties)]
            if table.num_rows:
                lines |= _write(draft, f"nodes/{label}", header, table, run)
                arguments.append(f"--nodes={label}=nodes/{label}.header.csv,nodes/{label}.csv")
        for name, table in edges.items():
            for source, target, rows in by_labels(name, table):
                stem = f"edges/{name}.{source}.{target}"
                header = [f":START_ID({source})", f":END_ID({target})", *map(_column, EDGES[name].properties)]
                lines |= _write(draft, stem, header, rows, run)
                arguments.append(f"--relationships={name}={stem}.header.csv,{stem}.csv")
    options = [*_OPTIONS, *(["--multiline-fields=true"] if lines else [])]
    command = ["neo4j-admin database import full neo4j", *options, *arguments]
    then = "# then start the server, and let kg load of the same graph add the constraints, indexes and empty lists"
    return [f"cd {folder}", " \\\n  ".join(command), then]


def _column(property: Property) -> str:
    return f"{property.name}:{_TYPES[property.type]}"


def _write(folder: Path, stem: str, header: list[str], table: pa.Table, run: str) -> bool:
    """Write the two files of `table`; whether a value in it has a line break."""
    path = folder / f"{stem}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [_flat(path, column) for column in table.columns]
    columns.append(pa.chunked_array([pa.repeat(run, table.num_rows)]))
    flat = pa.table(columns, names=[*table.column_names, "run"])
    path.with_suffix(".header.csv").write_text(",".join([*header, "run:string"]) + "\n", encoding="utf-8")
    csv.write_csv(flat, path, csv.WriteOptions(include_header=False))
    texts = (column for column in flat.columns if pa.types.is_string(column.type))
    return any(pc.any(pc.match_substring_regex(column, r"[\r\n]")).as_py() for column in texts)


def _flat(path: Path, column: pa.ChunkedArray[Any]) -> Any:
    """Lists as text."""
    if not pa.types.is_list(column.type):
        return column
    if pc.any(pc.match_substring(pc.list_flatten(column), _BETWEEN)).as_py():
        raise GraphError(f"{path.stem}: a list holds the control character U+001F, by which its items are told apart")
    return pc.binary_join(column, _BETWEEN)

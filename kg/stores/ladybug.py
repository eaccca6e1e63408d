"""The embedded store: a graph in one LadybugDB file (https://ladybugdb.com, the maintained fork of Kùzu).

`write` builds the file in bulk from Arrow tables; `LadybugStore` runs Cypher on it. Tables derive from `kg.schema`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from errno import ENOSPC
from pathlib import Path
from typing import Any, Self

import ladybug
import pyarrow as pa

from kg.errors import GraphError, QueryError
from kg.schema import EDGES, NODES, Property
from kg.stores import Result, tables
from kg.stores.cypher import READ_ONLY, check, columns, first_words
from kg.stores.ladybug_errors import explain, unreadable, unwritable

# Functions of Neo4j's dialect that Ladybug lacks. Only calls and casts: the engine (0.22) cannot reopen a file that
# holds a macro with a comparison or a CASE, and `list_any_value`, else a better `head`, reads stray memory on [].
MACROS = (
    "type(r) AS label(r)",
    "toString(x) AS CAST(x AS STRING)",
    "toInteger(x) AS CAST(list_extract(string_split(CAST(x AS STRING), '.'), 1) AS INT64)",
    "toFloat(x) AS CAST(x AS DOUBLE)",
    "toBoolean(x) AS CAST(x AS BOOL)",
    "head(list) AS list_extract(list, 1)",
    "last(list) AS list_extract(list, -1)",
    "tail(list) AS list_slice(list, 2, -1)",
    "isEmpty(x) AS list_contains([0], size(x))",
    "split(x, separator) AS string_split(x, separator)",
    "startNode(r) AS start_node(r)",
    "endNode(r) AS end_node(r)",
    "elementId(x) AS CAST(id(x) AS STRING)",
    "rand() AS random()",
)

_SIDE_FILES = (".wal", ".shadow", ".tmp", ".wal.checkpoint")
# A database reserves this much address space; the engine's own 8 TiB allows a process only 15 open ones.
_ADDRESS_SPACE = 2**40
_EMPTY = 2**20  # bytes of a file without rows, and of its log
# A read-only engine obeys these all the same; CHECKPOINT even makes the file unreadable.
_WRITES = frozenset(("ATTACH", "CHECKPOINT", "COPY", "EXPORT", "FORCE", "IMPORT", "INSTALL", "UNINSTALL"))


def ddl() -> list[str]:
    """The statements that make an empty graph: a table for each label and edge type of `kg.schema`, then `MACROS`."""
    nodes = [
        f"CREATE NODE TABLE `{label}` ({_columns(node.properties)}, PRIMARY KEY (`{node.properties[0].name}`))"
        for label, node in NODES.items()
    ]
    edges = [
        f"CREATE REL TABLE `{name}` ({_ends(edge.pairs)}, {_columns(edge.properties)})" for name, edge in EDGES.items()
    ]
    return nodes + edges + [f"CREATE MACRO {macro}" for macro in MACROS]


def _columns(properties: tuple[Property, ...]) -> str:
    return ", ".join(f"`{p.name}` {p.type}" for p in properties)


def _ends(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"FROM `{source}` TO `{target}`" for source, target in pairs)


def write(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], path: Path) -> None:
    """Build the database at `path` anew: `nodes` keyed by label, `edges` by type, with the columns of `kg.schema`.

    It is built beside `path` and swapped in whole, so whoever reads the old file goes on reading it. Labels and types
    that are not given are there, empty. GraphError where a table does not fit or the file cannot be written.
    """
    tables.check(nodes, edges)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_room(path.parent, sum(table.nbytes for table in (*nodes.values(), *edges.values())))
        _remove(draft)
        _fill(nodes, edges, draft)
        # A log that a crashed writer left would be replayed on the new file.
        _remove(path, keep_main=True)
        draft.replace(path)
    except (RuntimeError, OSError) as error:
        raise GraphError(unwritable(path, error)) from None
    finally:
        with suppress(OSError):
            _remove(draft)


def _check_room(folder: Path, size: int) -> None:
    """OSError unless the folder has room for tables of that size; their file takes about as much, and a little more."""
    if shutil.disk_usage(folder).free < size + _EMPTY:
        raise OSError(ENOSPC, os.strerror(ENOSPC))


def _fill(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], path: Path) -> None:
    with (
        ladybug.Database(path, auto_checkpoint=False, max_db_size=_ADDRESS_SPACE) as database,
        ladybug.Connection(database) as connection,
    ):
        # One transaction, for the engine (0.22) ends the whole process where its log finds no room.
        for statement in ("BEGIN TRANSACTION", *ddl(), "COMMIT"):
            connection.execute(statement)
        for label, table in nodes.items():
            if table.num_rows:
                connection.execute(f"COPY `{label}` FROM $rows", {"rows": table})
        for name, table in edges.items():
            for source, target, rows in tables.by_labels(name, table):
                connection.execute(f"COPY `{name}` FROM $rows (from='{source}', to='{target}')", {"rows": rows})
        connection.execute("CHECKPOINT")


def _remove(path: Path, *, keep_main: bool = False) -> None:
    for suffix in _SIDE_FILES if keep_main else ("", *_SIDE_FILES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class LadybugStore:
    """A graph file, open for queries; a `kg.stores.Store` and a context manager. Read-only unless `write`."""

    engine = "ladybug"

    def __init__(self, path: Path, *, write: bool = False) -> None:
        if not path.is_file():
            raise GraphError(f"no graph database at {path}; make one with: kg build INPUT… -o {path.parent}")
        if path.stat().st_size == 0:
            raise GraphError(f"{path} is empty, not a graph database; build the graph again")
        self._writes = write
        try:
            self._database = ladybug.Database(path, read_only=not write, max_db_size=_ADDRESS_SPACE)
            self._connection = ladybug.Connection(self._database)
        except (RuntimeError, OSError) as error:
            raise GraphError(unreadable(path, error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()
        self._database.close()

    def query(self, cypher: str, parameters: Mapping[str, object] | None = None) -> Result:
        """Run `cypher` (of several statements the last one's rows count). QueryError says what is wrong and where.

        Ctrl-C stops the query and raises KeyboardInterrupt.
        """
        cypher = cypher.rstrip()
        given = dict(parameters or {})
        check(cypher, given)  # the engine takes a parameter that is not given for null, without a word
        if not self._writes and not _WRITES.isdisjoint(first_words(cypher)):
            raise QueryError(READ_ONLY)
        try:
            results = self._connection.execute(cypher, given)
            result = results[-1] if isinstance(results, list) else results
            names = result.get_column_names()
            rows = [[_plain(value) for value in row] for row in result]
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            raise QueryError(explain(cypher, error)) from None
        written = columns(cypher)  # the engine's own names are its rewritten expressions: COUNT_STAR()
        return Result(written if len(written) == len(names) else names, rows)


def _plain(value: Any) -> Any:
    """Ladybug's value in the shape that `kg.stores` documents."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):  # what sum() of integers gives
        return int(value) if value == int(value) else float(value)
    if not isinstance(value, dict):
        return value
    if "_NODES" in value:
        return {"nodes": _plain(value["_NODES"]), "relationships": _plain(value["_RELS"])}
    if "_LABEL" not in value:
        return {key: _plain(item) for key, item in value.items()}
    label = value["_LABEL"]
    kind, known = ("type", EDGES.get(label)) if "_SRC" in value else ("label", NODES.get(label))
    # The engine gives every column of every table that the pattern could match.
    names = [p.name for p in known.properties] if known else [k for k in value if not k.startswith("_")]
    return {kind: label} | {name: value.get(name) for name in names}

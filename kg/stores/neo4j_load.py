"""Loads the tables of a graph into a Neo4j server, so often as one likes: what is there already is brought up to date.

Rows go out in batches, each a transaction that the driver tries again while the server is busy or restarts. They are
grouped by label, or by type and the labels at both ends, so that every MERGE finds its nodes by their unique ids. Each
node and relationship has a property more than its table, `run`: the id of the run that built it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import neo4j
import pyarrow as pa
from neo4j.exceptions import DriverError, Neo4jError

from kg.errors import GraphError
from kg.progress import Progress, quiet
from kg.schema import EDGES, NODES
from kg.stores.neo4j import connect, database
from kg.stores.neo4j_errors import reason
from kg.stores.tables import by_labels, check

NAMES_INDEX = "kg_names"
BATCH = 5_000  # rows a transaction
_PATIENCE = 120.0  # seconds for which a transaction is tried again
_PRUNED = 10_000  # rows deleted in a transaction


def schema() -> list[str]:
    """The statements that make the constraints and indexes: ids are unique, and names can be looked up and searched."""
    labels = "|".join(NODES)
    return [
        *(
            f"CREATE CONSTRAINT kg_{label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
            for label in NODES
        ),
        *(
            f"CREATE INDEX kg_{label.lower()}_name IF NOT EXISTS FOR (n:{label}) ON (n.{node.properties[1].name})"
            for label, node in NODES.items()
        ),
        f"CREATE FULLTEXT INDEX {NAMES_INDEX} IF NOT EXISTS FOR (n:{labels}) ON EACH [n.name, n.title, n.aliases]",
        "CALL db.awaitIndexes(600)",
    ]


def load(
    nodes: Mapping[str, pa.Table],
    edges: Mapping[str, pa.Table],
    address: str,
    *,
    run: str,
    prune: bool = False,
    progress: Progress = quiet,
) -> Counter[str]:
    """Bring the server at `address` up to date with `nodes` (by label) and `edges` (by type), tables as in `kg.schema`.

    With `prune`, whatever another run loaded and this one does not have is deleted; what has no `run` is not ours and
    stays, but for relationships of deleted nodes.

    Returns:
        How many elements were made, changed or deleted, by the names of the driver's counters.

    Raises:
        GraphError: the server cannot be reached, does not let us in, or went away for more than two minutes. What was
            loaded stays, and loading again completes it.
    """
    check(nodes, edges)
    batches = [*_node_batches(nodes), *_edge_batches(edges)]
    counts: Counter[str] = Counter()
    total = sum(table.num_rows for tables in (nodes, edges) for table in tables.values())
    done = 0
    with connect(address, max_transaction_retry_time=_PATIENCE) as driver:
        try:
            for statement in schema():
                _run(driver, counts, statement)
            for statement, table in progress(batches, f"Loading, {BATCH:,} rows at a time", len(batches)):
                rows = [list(row) for row in zip(*table.to_pydict().values(), strict=True)]
                found = _run(driver, counts, statement, rows=rows, run=run)
                if found != len(rows):
                    raise GraphError(f"{len(rows) - found} edges begin or end at nodes that the graph does not have")
                done += len(rows)
            for statement in _prunings() if prune else ():
                while _run(driver, counts, statement, run=run, limit=_PRUNED):
                    pass
        except (DriverError, Neo4jError, OSError) as error:
            raise GraphError(
                f"{address}: stopped after {done:,} of {total:,} rows: {reason(error)}; load again to complete it"
            ) from None
    return counts


def _run(driver: neo4j.Driver, counts: Counter[str], statement: str, **parameters: Any) -> int:
    """Run a statement that returns one number or nothing; the number."""
    records, summary, _ = driver.execute_query(statement, parameters, database_=database())
    for name, count in vars(summary.counters).items():
        if isinstance(count, int) and not isinstance(count, bool):
            counts[name] += count
    return int(records[0][0]) if records else 0


def _node_batches(nodes: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    for label, table in nodes.items():
        # Null takes a property away, so nothing old remains. Lists, because maps take half as long again.
        properties = _properties(table.column_names, 0)
        statement = f"UNWIND $rows AS row MERGE (n:{label} {{id: row[0]}}) SET n += {properties} RETURN count(*)"
        yield from ((statement, batch) for batch in _batches(table))


def _edge_batches(edges: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    for name, table in edges.items():
        for source, target, rows in by_labels(name, table):
            properties = _properties(rows.column_names, 2)
            statement = (
                f"UNWIND $rows AS row MATCH (a:{source} {{id: row[0]}}) MATCH (b:{target} {{id: row[1]}}) "
                f"MERGE (a)-[r:{name}]->(b) SET r += {properties} RETURN count(*)"
            )
            yield from ((statement, batch) for batch in _batches(rows))


def _properties(columns: Sequence[str], first: int) -> str:
    """A map of the properties in the columns from `first` on, and of the run."""
    return f"{{{', '.join(f'{name}: row[{i}]' for i, name in enumerate(columns) if i >= first)}, run: $run}}"


def _batches(table: pa.Table) -> Iterator[pa.Table]:
    return (table.slice(start, BATCH) for start in range(0, table.num_rows, BATCH))


def _prunings() -> list[str]:
    """Statements that delete what another run loaded, `$limit` at a time, and return how many that were."""
    return [
        *(
            f"MATCH ()-[r:{name}]->() WHERE r.run <> $run WITH r LIMIT $limit DELETE r RETURN count(*)"
            for name in EDGES
        ),
        *(
            f"MATCH (n:{label}) WHERE n.run <> $run WITH n LIMIT $limit DETACH DELETE n RETURN count(*)"
            for label in NODES
        ),
    ]

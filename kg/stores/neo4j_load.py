"""Loads the tables of a graph into a Neo4j server, so often as one likes: what is there already is brought up to date.

Rows go out in batches, each a transaction that the driver tries again while the server is busy or restarts. They are
grouped by label, or by type and the labels at both ends, so that every MERGE finds its nodes by their unique ids. Two
batches are under way at a time; such as share no nodes, for a transaction locks those. Each node and relationship has a
property more than its table, `run`: the id of the run that built it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import neo4j
import numpy as np
import pyarrow as pa
from neo4j.exceptions import DriverError, Neo4jError

from kg.errors import GraphError
from kg.progress import Progress, quiet
from kg.schema import EDGES, NODES
from kg.stores.neo4j import connect, database
from kg.stores.neo4j_errors import reason
from kg.stores.tables import by_labels, check

NAMES_INDEX = "kg_names"
BATCH = 2_500  # rows a transaction
_LANES = 2  # transactions at a time; with more of them deadlocks get frequent
_PATIENCE = 120.0  # seconds for which a transaction is tried again
_FIRST_DELAY = 0.1  # seconds before the first of these tries; each waits twice as long as the one before
_PRUNED = 10_000  # rows deleted in a transaction

Batch = tuple[str, pa.Table]  # a statement, and the rows that it takes


def schema() -> list[str]:
    """The statements that make the constraints and indexes: ids are unique, and names can be looked up and searched."""
    labels = "|".join(NODES)
    return [
        *(
            f"CREATE CONSTRAINT kg_{label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
            for label in NODES
        ),
        # Not within the transactions that write the names: it follows a moment later.
        f"CREATE FULLTEXT INDEX {NAMES_INDEX} IF NOT EXISTS FOR (n:{labels}) ON EACH [n.name, n.title, n.aliases] "
        "OPTIONS {indexConfig: {`fulltext.eventually_consistent`: true}}",
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
    waves = [*_node_waves(nodes), *_edge_waves(edges)]
    counts: Counter[str] = Counter()
    total = sum(table.num_rows for tables in (nodes, edges) for table in tables.values())
    done = 0

    def run_one(statement: str, **parameters: Any) -> int:
        found, changes = _run(driver, statement, **parameters)
        counts.update(changes)
        return found

    def send(batch: Batch) -> tuple[int, Counter[str]]:
        statement, table = batch
        rows = [list(row) for row in zip(*table.to_pydict().values(), strict=True)]
        return _run(driver, statement, rows=rows, run=run)

    with connect(address, max_transaction_retry_time=_PATIENCE, initial_retry_delay=_FIRST_DELAY) as driver:
        lanes = ThreadPoolExecutor(_LANES)
        try:
            for statement in schema():
                run_one(statement)
            for wave in progress(waves, f"Loading, {BATCH * _LANES:,} rows at a time", len(waves)):
                for (_, table), (found, changes) in zip(wave, lanes.map(send, wave), strict=True):
                    if lost := table.num_rows - found:
                        raise GraphError(f"{lost} edges begin or end at nodes that the graph does not have")
                    counts.update(changes)
                    done += found
            for statement in _prunings() if prune else ():
                while run_one(statement, run=run, limit=_PRUNED):
                    pass
            run_one("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
        except (DriverError, Neo4jError, OSError) as error:
            raise GraphError(
                f"{address}: stopped after {done:,} of {total:,} rows: {reason(error)}; load again to complete it"
            ) from None
        finally:
            lanes.shutdown(wait=False, cancel_futures=True)  # closing the driver ends what is under way
    return counts


def changes(counts: Mapping[str, int], *, prune: bool = False) -> str:
    """What `load` changed, in words: "3 nodes made, 5 relationships made"."""
    done = {"created": "made", "deleted": "deleted"} if prune else {"created": "made"}
    kinds = ("nodes", "relationships")
    return ", ".join(f"{counts[f'{kind}_{what}']:,} {kind} {word}" for what, word in done.items() for kind in kinds)


def _run(driver: neo4j.Driver, statement: str, **parameters: Any) -> tuple[int, Counter[str]]:
    """Run a statement that returns one number or nothing: the number, and what the statement changed."""
    records, summary, _ = driver.execute_query(statement, parameters, database_=database())
    changes = {name: n for name, n in vars(summary.counters).items() if type(n) is int}
    return int(records[0][0]) if records else 0, Counter(changes)


def _node_waves(nodes: Mapping[str, pa.Table]) -> Iterator[list[Batch]]:
    for label, table in nodes.items():
        # Null takes a property away, so nothing old remains. Lists, because maps take half as long again.
        properties = _properties(table.column_names, 0)
        statement = f"UNWIND $rows AS row MERGE (n:{label} {{id: row[0]}}) SET n += {properties} RETURN count(*)"
        half = -(-table.num_rows // _LANES)
        yield from _waves(statement, [table.slice(start, half) for start in range(0, table.num_rows, half or 1)])


def _edge_waves(edges: Mapping[str, pa.Table]) -> Iterator[list[Batch]]:
    for name, table in edges.items():
        for source, target, rows in by_labels(name, table):
            properties = _properties(rows.column_names, 2)
            statement = (
                f"UNWIND $rows AS row MATCH (a:{source} {{id: row[0]}}) MATCH (b:{target} {{id: row[1]}}) "
                f"MERGE (a)-[r:{name}]->(b) SET r += {properties} RETURN count(*)"
            )
            for lanes in _apart(rows) if source != target else [[rows]]:
                yield from _waves(statement, lanes)


def _apart(rows: pa.Table) -> Iterator[list[pa.Table]]:
    """The rows in `_LANES` turns of as many parts, such that the parts of one turn share neither source nor target."""
    source, target = (
        np.asarray(rows[end].combine_chunks().dictionary_encode().indices) % _LANES for end in ("source", "target")
    )
    for turn in range(_LANES):
        yield [rows.filter(pa.array((source == lane) & (target == (lane + turn) % _LANES))) for lane in range(_LANES)]


def _waves(statement: str, lanes: Sequence[pa.Table]) -> Iterator[list[Batch]]:
    """Batches that may be under way at a time: the first of each lane, the second of each, and so on."""
    most = max((table.num_rows for table in lanes), default=0)
    for start in range(0, most, BATCH):
        batches = (table.slice(start, BATCH) for table in lanes)
        yield [(statement, batch) for batch in batches if batch.num_rows]


def _properties(columns: Sequence[str], first: int) -> str:
    """A map of the properties in the columns from `first` on, and of the run."""
    return f"{{{', '.join(f'{name}: row[{i}]' for i, name in enumerate(columns) if i >= first)}, run: $run}}"


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

"""A graph in a Neo4j server (https://neo4j.com): `Neo4jStore` runs Cypher there through the official driver.

The environment says who asks: NEO4J_USERNAME (`neo4j` if not set), NEO4J_PASSWORD and NEO4J_DATABASE (else the user's
home database). Without a password the driver asks without authentication, which a server may allow.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import neo4j
from neo4j import GraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Time

from kg.errors import GraphError
from kg.schema import EDGES, NODES
from kg.stores import Result
from kg.stores.cypher import check
from kg.stores.neo4j_errors import check_known, explain, unreachable

# What the server warns of is read from its answers.
logging.getLogger("neo4j.notifications").addHandler(logging.NullHandler())

SCHEMES = tuple(f"{scheme}{tls}" for scheme in ("neo4j", "bolt") for tls in ("", "+s", "+ssc"))


def connect(address: str, **settings: Any) -> neo4j.Driver:
    """A driver whose server has answered. GraphError says why there is none and what to do."""
    check_address(address)
    password = os.environ.get("NEO4J_PASSWORD")
    login = (os.environ.get("NEO4J_USERNAME") or "neo4j", password) if password else None
    try:
        driver = GraphDatabase.driver(
            address,
            auth=login,
            notifications_min_severity=NotificationMinimumSeverity.WARNING,
            **settings,
        )
    except (DriverError, ValueError) as error:
        raise GraphError(unreachable(address, error)) from None
    try:
        with driver.session(database=database()) as session:
            session.run("RETURN 1").consume()
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        driver.close()
        raise GraphError(unreachable(address, error)) from None
    return driver


def check_address(address: str) -> None:
    """GraphError where that is no address of a server, or one that holds a password."""
    if "@" in address:
        raise GraphError("a password in the address shows in lists of processes; set NEO4J_USERNAME and NEO4J_PASSWORD")
    try:
        known = urlsplit(address).scheme in SCHEMES
    except ValueError:  # such as a bracket that is never closed
        known = False
    if not known:
        raise GraphError(f"{address}: a Neo4j address is neo4j://HOST:7687 or bolt://HOST:7687; neo4j+s:// for TLS")


def database() -> str | None:
    """The database to use, None for the user's home database."""
    return os.environ.get("NEO4J_DATABASE") or None


class Neo4jStore:
    """A graph in a server, open for queries; a `kg.stores.Store` and a context manager. Read-only unless `write`.

    Raises:
        GraphError: no server answers, or it does not let us in.
    """

    engine = "neo4j"

    def __init__(self, address: str, *, write: bool = False) -> None:
        self._writes = write
        self._driver = connect(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        self._driver.close()

    def query(self, cypher: str, parameters: Mapping[str, object] | None = None) -> Result:
        """Run `cypher`. QueryError says what is wrong and where."""
        given = dict(parameters or {})
        check(cypher, given)
        mode = neo4j.WRITE_ACCESS if self._writes else neo4j.READ_ACCESS
        try:
            # Not `execute_query`: its transactions cannot hold CALL … IN TRANSACTIONS, nor commands for the schema.
            with self._driver.session(database=database(), default_access_mode=mode) as session:
                found = session.run(cypher, given)
                columns, rows = list(found.keys()), [[_plain(value) for value in record] for record in found]
                statuses = found.consume().gql_status_objects
        except (DriverError, Neo4jError, TypeError, ValueError, OverflowError) as error:
            raise explain(cypher, error) from None
        if not self._writes:
            check_known(cypher, statuses)
        return Result(columns, rows)


def _plain(value: Any) -> Any:
    """The driver's value in the shape that `kg.stores` documents."""
    match value:
        case Node() | Relationship():
            return _element(value)
        case Path():
            return {"nodes": _plain(list(value.nodes)), "relationships": _plain(list(value.relationships))}
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case Date() | DateTime() | Time():
            return value.to_native()
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _element(value: Node | Relationship) -> dict[str, Any]:
    if isinstance(value, Node):
        kind, name = "label", next((label for label in value.labels if label in NODES), min(value.labels, default=""))
    else:
        kind, name = "type", value.type
    known = NODES.get(name) or EDGES.get(name)
    names = [p.name for p in known.properties] if known else sorted(value)
    return {kind: name} | {name: _plain(value.get(name)) for name in names}

"""Says in one line, for people, what errors of Neo4j and its driver mean and what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from neo4j import GqlStatusObject
from neo4j.exceptions import AuthError, ClientError, CypherSyntaxError, DriverError, Neo4jError, ServiceUnavailable

from kg.errors import GraphError, KgError, QueryError
from kg.stores.cypher import LABELS, PROPERTIES, READ_ONLY, nearest, place, place_of

# By the GQL status of a warning: what is unknown, what is known, and the characters before it in a query.
_UNKNOWN = {
    "01N50": ("label", LABELS, ":|"),
    "01N51": ("edge type", LABELS, ":|"),
    "01N52": ("property", PROPERTIES, ".{,"),
}
_LUCENE = r'+ - & | ! ( ) { } [ ] ^ " ~ * ? : \ /'


def reason(error: Exception) -> str:
    """The error's message on one line."""
    text = error.message if isinstance(error, Neo4jError) else str(error)
    return " ".join((text or type(error).__name__).split("\n")[0].split()).rstrip(".")


def unreachable(address: str, error: Exception) -> str:
    """Why no server could be asked at `address`."""
    code = getattr(error, "code", None) or ""
    if isinstance(error, AuthError) or "Unauthorized" in code or "Security" in code:
        if not os.environ.get("NEO4J_PASSWORD"):
            return f"{address} wants a password; set NEO4J_PASSWORD (and NEO4J_USERNAME, if it is not neo4j)"
        return f"{address} refuses the user or the password; look at NEO4J_USERNAME and NEO4J_PASSWORD"
    if "DatabaseNotFound" in code:
        name = os.environ.get("NEO4J_DATABASE", "")
        return f"{address} has no database {name}; look at NEO4J_DATABASE (the community edition has only neo4j)"
    if isinstance(error, ServiceUnavailable | OSError):
        return (
            f"no Neo4j server answers at {address}; start it (docker compose up) or mend the address: {reason(error)}"
        )
    return f"{address} cannot be used: {reason(error)}"


def explain(query: str, error: Exception) -> KgError:
    """What is wrong with `query` or the server; further lines show the place in the query."""
    text = reason(error)
    if isinstance(error, ServiceUnavailable):
        return GraphError(f"the server went away: {text}; run the command again when it is back")
    if isinstance(error, CypherSyntaxError) and (at := re.search(r"\(line (\d+), column (\d+)", str(error.message))):
        line, column = int(at[1]), int(at[2]) - 1
        what = re.sub(r"\s*\(line .*", "", text)
        return QueryError(f"syntax error in line {line}, column {column + 1}: {what}\n{place(query, line, column)}")
    if isinstance(error, ClientError):
        if "AccessMode" in (error.code or ""):
            return QueryError(READ_ONLY)
        if "ParseException" in text or "Cannot parse" in text:
            return QueryError(f"the full-text index cannot read the text; put \\ before each of {_LUCENE}")
    if isinstance(error, DriverError | Neo4jError):
        return QueryError(f"the query failed: {text}")
    return QueryError(f"a parameter cannot be sent: {text}")


def check_known(query: str, statuses: Iterable[GqlStatusObject]) -> None:
    """QueryError where the server says that something is unknown to it, and it is to `kg.schema` as well.

    The server itself answers such a query with no rows, as if nobody had misspelt anything.
    """
    for status in statuses:
        name = re.search(r"`([^`]+)`", status.status_description)
        if status.gql_status in _UNKNOWN and name and name[1] not in (*LABELS, *PROPERTIES):
            what, known, after = _UNKNOWN[status.gql_status]
            raise QueryError(f"no {what} {name[1]}{nearest(name[1], known)}{place_of(query, name[1], after)}")

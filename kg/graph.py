"""A built graph: `Graph` answers Cypher, shows facts with their sentences, and goes over to networkx and HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from kg import folder as graph_folder
from kg import parts
from kg.errors import GraphError, RecordError, UnknownNameError
from kg.export import FORMATS
from kg.export.html import write_page
from kg.progress import Progress, quiet
from kg.queries import Query, bind
from kg.schema import EDGES, NODES
from kg.stores import Result, Store, is_address
from kg.stores.cypher import nearest
from kg.stores.ladybug import LadybugStore

_FIND = """
MATCH (n)
UNWIND coalesce(n.aliases, []) + [n.id, coalesce(n.name, n.title)] AS form
WITH n, form
WHERE lower(form) = lower($name)
WITH DISTINCT n
WITH n, coalesce(n.name, n.title) AS name
RETURN n AS node, name = $name AS exact, lower(name) = lower($name) AS close, coalesce(n.papers, 0) AS papers
ORDER BY exact DESC, close DESC, papers DESC, n.id
LIMIT 1
"""
_FACTS = """
MATCH (n:{label} {{id: $id}})-[r]->(m) RETURN r AS fact, m AS other, true AS outgoing
UNION ALL
MATCH (n:{label} {{id: $id}})<-[r]-(m) RETURN r AS fact, m AS other, false AS outgoing
"""
_NAMES = "MATCH (n) RETURN coalesce(n.name, n.title) AS name"


class Graph:
    """A graph, in a folder that `kg.build` made or in a Neo4j server.

    ``Graph("out")`` opens a folder, ``Graph("neo4j://localhost")`` a server (see `kg.stores.neo4j`).

    Raises:
        GraphError: the folder is missing or holds no graph.
    """

    def __init__(self, place: str | Path, temporary: TemporaryDirectory[str] | None = None) -> None:
        self.address = str(place) if is_address(place) else None
        self._folder = None if self.address else Path(place)
        self._temporary = temporary  # deleted with this object
        self._store: Store | None = None
        if self._folder:
            graph_folder.locate(self._folder, graph_folder.DATABASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """The graph's folder.

        Raises:
            GraphError: it is in a server, where the tables and the account of the run are not.
        """
        if self._folder is None:
            raise GraphError(f"{self.address}: this needs the graph's folder, not a server")
        return self._folder

    def close(self) -> None:
        """Close the database; the next query opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def query(self, cypher: str, parameters: Mapping[str, object] | None = None, *, write: bool = False) -> Result:
        """Run one Cypher text. Read-only unless `write`.

        Raises:
            QueryError: the text or its parameters are wrong; the message shows the place.
            GraphError: the database cannot be opened or reached.
        """
        if write:
            self.close()
            with closing(self._open(write=True)) as store:
                return store.query(cypher, parameters)
        return self._reading().query(cypher, parameters)

    def run(self, query: Query, given: Mapping[str, object] | None = None) -> Result:
        """Run a query of the library; `given` are values of its parameters, the others have their defaults.

        Raises:
            QueryError: a parameter is missing, unknown, or of another type.
        """
        store = self._reading()
        return store.query(query.text_for(store.engine), bind(query, given or {}))

    def _reading(self) -> Store:
        if self._store is None:
            self._store = self._open()
        return self._store

    def _open(self, *, write: bool = False) -> Store:
        if self.address:
            from kg.stores.neo4j import Neo4jStore  # noqa: PLC0415, the driver is slow to import

            return Neo4jStore(self.address, write=write)
        return LadybugStore(graph_folder.locate(self.folder, graph_folder.DATABASE), write=write)

    def find(self, name: str) -> dict[str, Any]:
        """The node of that id, name, title or alias (case ignored); the best fit, then the one with most papers.

        Raises:
            UnknownNameError: there is none; the message offers the nearest names.
        """
        found = self.query(_FIND, {"name": name}).dicts()
        if not found:
            names = [row[0] for row in self.query(_NAMES).rows if row[0]]
            lower = {n.lower(): n for n in names}
            near = [lower[n] for n in get_close_matches(name.lower(), lower, n=3, cutoff=0.6)]
            hint = f"; did you mean {', '.join(map(repr, near))}?" if near else ""
            raise UnknownNameError(f"no paper or entity is called {name!r}{hint}")
        node: dict[str, Any] = found[0]["node"]
        return node

    def show(self, name: str) -> dict[str, Any]:
        """A node and all its facts: ``{"node": {…}, "facts": [{"fact", "direction", "label", "id", "name",
        "evidence", …}]}``.

        The facts are sorted by edge type, then by confidence.
        """
        node = self.find(name)
        facts = []
        for row in self.query(_FACTS.format(label=node["label"]), {"id": node["id"]}).dicts():
            fact, other = row["fact"], row["other"]
            facts.append(
                {
                    "fact": fact["type"],
                    "direction": "out" if row["outgoing"] else "in",
                    "label": other["label"],
                    "id": other["id"],
                    "name": other.get("name") or other.get("title"),
                    "evidence": fact["evidence"],
                    "confidence": fact["confidence"],
                }
            )
        order = list(EDGES)
        facts.sort(key=lambda f: (order.index(f["fact"]), f["direction"], -(f["confidence"] or 0), f["id"]))
        return {"node": node, "facts": facts}

    def stats(self) -> Result:
        """Counts by label and by edge type."""
        rows = [["node", label, self._count(f"(x:{label})")] for label in NODES]
        rows += [["edge", name, self._count(f"()-[x:{name}]->()")] for name in EDGES]
        return Result(["kind", "name", "count"], rows)

    def _count(self, pattern: str) -> int:
        count: int = self.query(f"MATCH {pattern} RETURN count(x) AS count").rows[0][0]
        return count

    def table(self, kind: str, name: str) -> pa.Table:
        """The Arrow table of a label (`kind` "nodes") or an edge type ("edges")."""
        return pq.read_table(graph_folder.locate(self.folder, f"{kind}/{name}.parquet"))

    def tables(self) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
        """All Arrow tables: of nodes by label, of edges by type."""
        return {n: self.table("nodes", n) for n in NODES}, {n: self.table("edges", n) for n in EDGES}

    def export(self, format: str, path: str | Path) -> list[str]:
        """Write the graph to the folder or file `path`, in a format of `kg.export.FORMATS`; what to do with it then.

        Raises:
            GraphError: there is no such format, or `path` cannot be written.
        """
        if format not in FORMATS:
            hint = nearest(format, FORMATS) or f"; known are {', '.join(FORMATS)}"
            raise GraphError(f"no format {format}{hint}")
        try:
            return FORMATS[format](*self.tables(), self._run_id(), Path(path))
        except OSError as error:
            raise GraphError(f"{path}: cannot be written: {error.strerror or error}") from error

    def _run_id(self) -> str:
        found = self.manifest().get("id")
        if not isinstance(found, str):
            raise GraphError(f"{self.folder}: an older kg built this graph; build it again")
        return found

    def manifest(self) -> dict[str, Any]:
        """What the run that built the graph read, did and counted."""
        data: dict[str, Any] = json.loads(
            graph_folder.locate(self.folder, graph_folder.MANIFEST).read_text(encoding="utf-8")
        )
        return data

    def errors(self) -> list[RecordError]:
        """What that run could not read or extract, with its place."""
        text = graph_folder.locate(self.folder, graph_folder.ERRORS).read_text(encoding="utf-8")
        return [RecordError(**json.loads(line)) for line in text.split("\n") if line]

    def to_networkx(self) -> nx.MultiDiGraph:
        """The whole graph. Nodes are keyed by id with their properties and `label`; edges are keyed by their type."""
        graph = nx.MultiDiGraph()
        for label in NODES:
            for (node,) in self.query(f"MATCH (n:{label}) RETURN n").rows:
                graph.add_node(node["id"], **node)
        for name in EDGES:
            for source, edge, target in self.query(f"MATCH (a)-[r:{name}]->(b) RETURN a.id, r, b.id").rows:
                graph.add_edge(source, target, key=name, **edge)
        return graph

    def load(self, address: str, *, prune: bool = False, progress: Progress = quiet) -> Counter[str]:
        """Bring the Neo4j server at `address` up to date with this graph; see `kg.stores.neo4j_load.load`."""
        from kg.stores.neo4j_load import load  # noqa: PLC0415, the driver is slow to import

        return load(*self.tables(), address, run=self._run_id(), prune=prune, progress=progress)

    def html(
        self,
        path: str | Path,
        *,
        around: str | None = None,
        depth: int = 1,
        query: str | None = None,
        parameters: Mapping[str, object] | None = None,
        labels: Collection[str] = (),
        since: date | None = None,
        top: int = 10_000,
    ) -> str:
        """Write an interactive page of the graph, or of a part of it; what was cut, in words, or "".

        The part is what lies within `depth` edges of the node `around`, or what the Cypher text `query` returns; of it
        the nodes of some `labels` and the papers `since` a day; of these the `top` best connected nodes.

        Raises:
            GraphError: nothing is left to draw, or `path` cannot be written.
            UnknownNameError, QueryError: as `find` and `query`.
        """
        found = self.find(around) if around is not None else None
        result = self.query(query, parameters) if query is not None else None
        graph = self.to_networkx()
        about = []
        if since:
            graph = parts.since(graph, since)
            about.append(f"papers since {since}")
        if found:
            if found["id"] not in graph:
                raise GraphError(f"{around} has no paper since {since}")
            graph = parts.around(graph, found["id"], depth)
            about.append(f"up to {depth} edges from {found.get('name') or found.get('title')}")
        if result:
            graph = parts.returned(graph, result)
            about.append("what a query returned")
        if labels:
            graph = parts.labelled(graph, labels)
            about.append(f"only {', '.join(labels)}")
        drawn = parts.best_connected(graph, top, found["id"] if found else None)
        if not drawn and self._count("(x)"):
            raise GraphError("nothing is left to draw; ask for a larger part of the graph")
        cut = len(drawn) < len(graph)
        left_out = f"{len(drawn):,} of {len(graph):,} nodes are drawn: the best connected" if cut else ""
        write_page(drawn, Path(path), notice="; ".join(filter(None, [*about, left_out])))
        return left_out

    def report(self, path: str | Path) -> Path:
        """Write a still page of plots: what the graph holds, what is used most, and how it grew.

        Raises:
            GraphError: `path` cannot be written.
        """
        from kg.export.report import write_report  # noqa: PLC0415, matplotlib is slow to import

        place = "GRAPH" if self._temporary else self.address or str(self._folder)
        return write_report(self, place, Path(path))

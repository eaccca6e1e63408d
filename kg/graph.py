"""A built graph: `Graph` answers Cypher, shows facts with their sentences, and goes over to networkx and HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from kg import folder as graph_folder
from kg import neighbourhood
from kg.errors import RecordError, UnknownNameError
from kg.export.html import write_page
from kg.schema import EDGES, NODES
from kg.stores import Result
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
MATCH (n {id: $id})-[r]->(m) RETURN r AS fact, m AS other, true AS outgoing
UNION ALL
MATCH (n {id: $id})<-[r]-(m) RETURN r AS fact, m AS other, false AS outgoing
"""
_NAMES = "MATCH (n) RETURN coalesce(n.name, n.title) AS name"


class Graph:
    """The graph in a folder. Open one with ``Graph(path)``, make one with `kg.build`.

    Raises:
        GraphError: the folder is missing or holds no graph.
    """

    def __init__(self, folder: str | Path, temporary: TemporaryDirectory[str] | None = None) -> None:
        self.folder = Path(folder)
        self._temporary = temporary  # deleted with this object
        self._store: LadybugStore | None = None
        graph_folder.locate(self.folder, graph_folder.DATABASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; the next query opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def query(self, cypher: str, parameters: Mapping[str, object] | None = None, *, write: bool = False) -> Result:
        """Run one Cypher text. Read-only unless `write`.

        Raises:
            QueryError: the text or its parameters are wrong; the message shows the place.
        """
        if write:
            self.close()
            with LadybugStore(graph_folder.locate(self.folder, graph_folder.DATABASE), write=True) as store:
                return store.query(cypher, parameters)
        if self._store is None:
            self._store = LadybugStore(graph_folder.locate(self.folder, graph_folder.DATABASE))
        return self._store.query(cypher, parameters)

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
        for row in self.query(_FACTS, {"id": node["id"]}).dicts():
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
        """Counts by label and by edge type, of the tables."""
        rows = [["node", label, self.table("nodes", label).num_rows] for label in NODES]
        rows += [["edge", name, self.table("edges", name).num_rows] for name in EDGES]
        return Result(["kind", "name", "count"], rows)

    def table(self, kind: str, name: str) -> pa.Table:
        """The Arrow table of a label (`kind` "nodes") or an edge type ("edges")."""
        return pq.read_table(graph_folder.locate(self.folder, f"{kind}/{name}.parquet"))

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
            for row in self.table("nodes", label).to_pylist():
                graph.add_node(row["id"], label=label, **row)
        for name in EDGES:
            for row in self.table("edges", name).to_pylist():
                properties = {
                    k: v for k, v in row.items() if k not in ("source", "target", "source_label", "target_label")
                }
                graph.add_edge(row["source"], row["target"], key=name, type=name, **properties)
        return graph

    def html(self, path: str | Path, *, around: str | None = None, depth: int = 1) -> Path:
        """Write an interactive page of the whole graph, or of what lies within `depth` edges of the node `around`."""
        graph = self.to_networkx()
        if around is not None:
            graph = neighbourhood.around(graph, self.find(around)["id"], depth)
        return write_page(graph, Path(path))

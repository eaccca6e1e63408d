"""How fast a graph gets into Neo4j, beside the `Neo4jWriter` of neo4j-graphrag, as Markdown tables on standard output.

    python bench/load.py [GRAPH]

GRAPH is a folder that `kg build` made; without it, one is built of the first papers of ../shared/corpora, or else of
those of examples/. Both loaders write the same nodes, relationships and properties into the emptied database of one
server, in turns; the client and the server share the machine. Seconds are those of the clock. `kg load` reads its
tables and makes its constraints and indexes within them; the objects that the peer takes are made before. The limit is
`neo4j-admin database import full`, which fills a new database while the server is down.

The server is that of tests/neo4j_server.py made of Maven's jars, with APOC for the peer and more memory: it needs
Java 17, Maven, and the extras `dev` and `bench`.
"""

from __future__ import annotations

import asyncio
import lzma
import os
import shlex
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pyarrow as pa
from neo4j import GraphDatabase
from neo4j_graphrag.components.kg_writer import Neo4jWriter
from neo4j_graphrag.components.types import Neo4jGraph, Neo4jNode, Neo4jRelationship
from report import print_table

import kg
from kg.stores.neo4j_load import BATCH

sys.path.append(str(Path(__file__).parent.parent / "tests"))
import neo4j_server
from neo4j_server import JavaServer

ROOT = Path(__file__).parent.parent
ROUNDS = 3
PAPERS = 2_000  # of the corpus
WARM_UPS = 2  # whole loads by each
PEER_BATCH = 1_000  # its default
JVM = ["-Xmx2g", "-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC"]  # as people run it
_ENDS = ["source", "source_label", "target", "target_label"]
_PEER = "`Neo4jWriter`, batches of {:,}"
Tables = Mapping[str, pa.Table]


def main(arguments: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        place = Path(arguments[0]) if arguments else build(Path(folder))
        with kg.Graph(place) as graph:
            server = make_server(Path(folder) / "server")
            try:
                compare(graph, server, Path(folder) / "csv")
            finally:
                server.close()


def build(folder: Path) -> Path:
    """A graph to load, built in `folder`."""
    papers = ROOT / "examples"
    for corpus in sorted((ROOT.parent / "shared/corpora").glob("*.jsonl.xz")):
        papers = folder / "papers.jsonl"
        with lzma.open(corpus, "rt", encoding="utf-8") as lines:
            papers.write_text("".join(islice(lines, PAPERS)), encoding="utf-8")
    return kg.build([papers], folder / "graph").folder


def make_server(folder: Path) -> JavaServer:
    """The server of the tests with APOC and another JVM; not yet started."""
    neo4j_server.POM = ROOT / "bench/neo4j-apoc.pom.xml"
    neo4j_server.JARS = neo4j_server.JARS.with_name(f"{neo4j_server.JARS.name}-apoc")
    neo4j_server.JAVA.extend(JVM)
    neo4j_server._fetch_jars()
    server = JavaServer(folder)
    for jar in neo4j_server.JARS.glob("apoc-*.jar"):  # procedures are found here, their classes on the class path
        shutil.copy(jar, folder / "home/plugins")
    with (folder / "home/conf/neo4j.conf").open("a", encoding="utf-8") as settings:
        settings.write("dbms.security.procedures.unrestricted=apoc.*\n")
    return server


def compare(graph: kg.Graph, server: JavaServer, folder: Path) -> None:
    """Print how long each way of loading takes; `folder` is for the files of the import."""
    nodes, edges = graph.tables()
    count = tuple(sum(table.num_rows for table in tables.values()) for tables in (nodes, edges))
    os.environ.update(server.environment())
    server.start()
    warm_up(graph, server)
    took = load_in_turns(graph, server, count)
    server.stop()
    took["`neo4j-admin database import full`"] = import_files(graph, server, folder)
    server.start()
    check_count(server, count)

    print(f"{count[0]:,} nodes and {count[1]:,} relationships; Neo4j {neo4j_server.VERSION}, neo4j-graphrag")
    print(f"{version('neo4j-graphrag')}, driver {version('neo4j')} with neo4j-rust-ext; {os.cpu_count()} cores for")
    print(f"client and server; median of {ROUNDS} rounds\n")
    median = {name: statistics.median(found) for name, found in took.items()}
    peer = median[_PEER.format(PEER_BATCH)]
    print_table(
        ("loading", "rows a second", "seconds", "from", "to", "so many times as fast as the peer"),
        [
            (
                name,
                f"{sum(count) / found:,.0f}",
                *(f"{second:.2f}" for second in (found, min(took[name]), max(took[name]))),
                f"{peer / found:.2f}",
            )
            for name, found in median.items()
        ],
    )


def warm_up(graph: kg.Graph, server: JavaServer) -> None:
    """Let the server compile what both loaders run: the first loads take half as long again."""
    peer = for_peer(*graph.tables(), graph.manifest()["id"])
    for _ in range(WARM_UPS):
        server.clear()
        seconds("warming up", lambda: graph.load(server.uri))
        server.clear()
        seconds("warming up", lambda: write_as_peer(server, peer, PEER_BATCH))


def load_in_turns(graph: kg.Graph, server: JavaServer, count: tuple[int, ...]) -> dict[str, list[float]]:
    """Seconds of each way of loading in each round; in turns, because the machine's speed may drift."""
    peer = for_peer(*graph.tables(), graph.manifest()["id"])
    took: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        server.clear()
        for name in ("`kg load`", "`kg load` once more"):
            took[name].append(seconds(name, lambda: graph.load(server.uri)))
            check_count(server, count)
        for batch in (PEER_BATCH, BATCH):
            server.clear()
            name = _PEER.format(batch)
            took[name].append(seconds(name, lambda batch=batch: write_as_peer(server, peer, batch)))  # type: ignore[misc]
            check_count(server, count)
    return took


def import_files(graph: kg.Graph, server: JavaServer, folder: Path) -> list[float]:
    """Seconds that the command takes which `kg export` prints, with the start of its own Java in them."""
    lines = graph.export("neo4j-csv", folder)
    command = next(shlex.split(line.replace("\\\n", ""))[1:] for line in lines if line.startswith("neo4j-admin"))
    return [seconds("import", lambda: server.admin(*command, input_dir=folder.resolve())) for _ in range(ROUNDS)]


def for_peer(nodes: Tables, edges: Tables, run: str) -> Neo4jGraph:
    """The tables as the peer takes them, with the properties that `kg load` gives them."""
    return Neo4jGraph(
        nodes=[
            Neo4jNode(id=row["id"], label=label, properties=present(row, run))
            for label, table in nodes.items()
            for row in table.to_pylist()
        ],
        relationships=[
            Neo4jRelationship(start_node_id=source, end_node_id=target, type=name, properties=present(properties, run))
            for name, table in edges.items()
            for source, target, properties in zip(
                table["source"].to_pylist(),
                table["target"].to_pylist(),
                table.drop_columns(_ENDS).to_pylist(),
                strict=True,
            )
        ],
    )


def present(row: Mapping[str, object], run: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None} | {"run": run}


def write_as_peer(server: JavaServer, graph: Neo4jGraph, batch: int) -> None:
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        done = asyncio.run(Neo4jWriter(driver, batch_size=batch).run(graph))
    if done.status != "SUCCESS":
        raise RuntimeError(f"the peer failed: {done.metadata}")


def check_count(server: JavaServer, count: tuple[int, ...]) -> None:
    """RuntimeError unless the database has so many nodes and relationships: then the seconds say nothing."""
    queries = ("MATCH (n) RETURN count(n) AS found", "MATCH ()-[r]->() RETURN count(r) AS found")
    found = tuple(server.query(query)[0]["found"] for query in queries)
    if found != count:
        raise RuntimeError(f"the database has {found} nodes and relationships, the graph {count}")


def seconds(name: str, work: Callable[[], object]) -> float:
    """How long `work` takes; said on standard error too, since the whole takes minutes."""
    start = time.perf_counter()
    work()
    took = time.perf_counter() - start
    print(f"{name}: {took:.1f} s", file=sys.stderr)
    return took


if __name__ == "__main__":
    main(sys.argv[1:])

"""The main job: listings in, a graph folder out."""

from __future__ import annotations

import json
import platform
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from spacy.language import Language

from kg import folder as graph_folder
from kg.assemble import Tables, assemble
from kg.errors import RecordError
from kg.extract.pipeline import extract
from kg.graph import Graph
from kg.model import Facts, Paper
from kg.progress import Progress, quiet
from kg.resolve import resolve
from kg.sources import merge, read
from kg.stores import ladybug


@dataclass(slots=True)
class Run:
    """What a run did: the manifest `run.json`."""

    id: str
    inputs: list[str]
    versions: dict[str, str] = field(default_factory=dict)
    entries: int = 0
    papers: int = 0
    errors: int = 0
    nodes: dict[str, int] = field(default_factory=dict)
    edges: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 3)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def build(
    inputs: Sequence[str | Path],
    output: str | Path | None = None,
    *,
    format: str | None = None,
    nlp: Language | None = None,
    progress: Progress = quiet,
) -> Graph:
    """Read papers, extract, resolve, assemble, and store the graph in the folder `output`, which it replaces in whole.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        output: the graph's folder; a temporary one that lives as long as the `Graph` when None.
        format: name of a reader; sniffed from the content when None.
        nlp: the pipeline; `kg.load()` when None.

    Raises:
        SourceError: an input cannot be read at all.
        GraphError: `output` holds something else, is in use, or cannot be written.
    """
    temporary = tempfile.TemporaryDirectory(prefix="kg-") if output is None else None
    target = Path(temporary.name if temporary else output or "")
    graph_folder.check_free(target)
    run = Run(_new_id(), [str(i) for i in inputs], _versions())
    broken: list[RecordError] = []

    with run.timing("read"):
        entries: list[Paper] = list(progress(read(inputs, format=format, on_error=broken.append), "Reading", None))
        papers = merge(entries)
    # From here on the folder is ours: better to learn now than after the extraction that it cannot be had.
    with graph_folder.replacing(target) as place:
        with run.timing("extract"):
            found = extract(papers, nlp, on_error=broken.append)
            facts: list[Facts] = list(progress(found, "Extracting", len(papers)))
        with run.timing("resolve"):
            resolution = resolve(facts)
        with run.timing("assemble"):
            tables = assemble(papers, facts, resolution)
        run.entries, run.papers, run.errors = len(entries), len(papers), len(broken)
        run.nodes = {label: table.num_rows for label, table in tables.nodes.items()}
        run.edges = {name: table.num_rows for name, table in tables.edges.items()}
        with run.timing("store"):
            _store(tables, place)
        with (place / graph_folder.ERRORS).open("w", encoding="utf-8") as file:
            for error in broken:
                file.write(json.dumps({"place": error.place, "reason": error.reason}, ensure_ascii=False) + "\n")
        (place / graph_folder.MANIFEST).write_text(
            json.dumps(run.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
    return Graph(target, temporary)


def _store(tables: Tables, place: Path) -> None:
    def parquet(kind: str, name: str, table: pa.Table) -> None:
        path = place / kind / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(table, path)

    for label, table in tables.nodes.items():
        parquet("nodes", label, table)
    for name, table in tables.edges.items():
        parquet("edges", name, table)
    ladybug.write(tables.nodes, tables.edges, place / graph_folder.DATABASE)


def _new_id() -> str:
    """When the run began, and what tells it from others of that second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(3)}"


def _versions() -> dict[str, str]:
    names = ("kg-papers", "spacy", "ladybug", "pyarrow")
    return {"python": platform.python_version()} | {name: version(name) for name in names}

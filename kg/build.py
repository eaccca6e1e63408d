"""The main job: listings in, a graph folder out."""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from spacy.language import Language

from kg import folder as graph_folder
from kg import versions
from kg.assemble import Tables, assemble
from kg.errors import GraphError, RecordError
from kg.extracted import Extracted
from kg.graph import Graph
from kg.model import Facts, Paper
from kg.processes import Batch, in_batches
from kg.progress import Progress, quiet
from kg.resolve import resolve
from kg.schema import EDGES, NODES
from kg.sources import Source, merge, read
from kg.stores import ladybug


@dataclass(slots=True)
class Run:
    """What a run did: the manifest `run.json`."""

    id: str
    inputs: list[str]
    versions: dict[str, str] = field(default_factory=versions.packages)
    extractor: str = ""
    entries: int = 0
    papers: int = 0
    extracted: int = 0
    known: int = 0
    outdated: bool = False
    state: str = ""
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
    inputs: Sequence[str | Path | Source],
    output: str | Path | None = None,
    *,
    format: str | None = None,
    nlp: Language | None = None,
    model: Path | None = None,
    processes: int = 1,
    engine: str = "local",
    min_confidence: float = 0.0,
    names: Path | None = None,
    progress: Progress = quiet,
) -> Graph:
    """Read papers, extract, resolve, assemble, and store the graph in the folder `output`, which it replaces in whole.

    What was extracted from a text stays in that folder, batch by batch, so a run that was ended goes on where it was,
    and later runs read only what is new to them; see `kg.extracted`. Where nothing has changed, papers or program, the
    graph stays as it is, with the manifest of the run that built it.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        output: the graph's folder; a temporary one that lives as long as the `Graph` when None.
        format: name of a reader; sniffed from the content when None.
        nlp: a pipeline of your own, from which nothing is kept.
        model: the folder of a model; the shipped one when None.
        processes: how many extract side by side, each with about 0.7 GB.

    Raises:
        SourceError: an input cannot be read at all.
        ExtractionError: a process of the extraction was ended from outside.
        GraphError: `output` holds something else, is in use, or cannot be written.
    """
    temporary = tempfile.TemporaryDirectory(prefix="kg-") if output is None else None
    target = Path(temporary.name if temporary else output or "")
    graph_folder.check_free(target)
    run = Run(_new_id(), [str(p) for i in inputs for p in (i.paths if isinstance(i, Source) else [i])])
    broken: list[RecordError] = []

    with run.timing("read"):
        entries: list[Paper] = list(progress(read(inputs, format=format, on_error=broken.append), "Reading", None))
        papers = merge(entries)
    # From here on the folder is ours: better to learn now than after the extraction that it cannot be had.
    with graph_folder.replacing(target) as place:
        with run.timing("extract"):
            facts, failed = _extract(papers, target, run, nlp, model, processes, progress)
            broken += failed
        run.state = _state(papers, broken, run)
        if nlp is None and _built_from(target) == run.state:
            graph_folder.leave()
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


def _extract(
    papers: Sequence[Paper],
    target: Path,
    run: Run,
    nlp: Language | None,
    model: Path | None,
    processes: int,
    progress: Progress,
) -> tuple[list[Facts], list[RecordError]]:
    """The facts of all papers, and what failed, in the order of the papers."""
    kept = None
    if nlp is None:
        run.extractor = versions.extractor(model)
        kept = Extracted(target, run.extractor)
        run.outdated = kept.outdated
    new = [paper for paper in papers if kept is None or paper not in kept]
    facts: list[Facts] = kept.of(papers) if kept else []
    run.known, run.extracted = len(facts), len(new)
    failed: list[RecordError] = []

    def committed(batches: Iterable[Batch]) -> Iterator[Facts]:
        for batch in batches:
            if kept:
                kept.commit(batch.papers, batch.facts)
            failed.extend(batch.errors)
            yield from batch.facts

    batches = in_batches(new, nlp=nlp, model=model, processes=processes)
    facts += progress(committed(batches), "Extracting", len(new))
    if kept:
        kept.forget_others()
    place = {paper.sources[0] if paper.sources else paper.id: i for i, paper in enumerate(new)}
    return facts, sorted(failed, key=lambda error: place[error.place])


def _state(papers: Sequence[Paper], broken: Sequence[RecordError], run: Run) -> str:
    """A hash of all that the graph depends on."""
    errors = [(error.place, error.reason) for error in broken]
    return hashlib.sha256(msgspec.msgpack.encode((papers, errors, run.extractor, versions.package()))).hexdigest()[:16]


def _built_from(folder: Path) -> str | None:
    """The state from which the graph in `folder` was built; None where there is none that is whole and as it was."""
    names = [graph_folder.DATABASE, graph_folder.ERRORS]
    names += [f"nodes/{label}.parquet" for label in NODES] + [f"edges/{name}.parquet" for name in EDGES]
    try:
        manifest = graph_folder.locate(folder, graph_folder.MANIFEST)
        written = manifest.stat().st_mtime_ns  # the last file of a build: what is newer has been changed since
        if any(graph_folder.locate(folder, name).stat().st_mtime_ns > written for name in names):
            return None
        found: str | None = json.loads(manifest.read_text(encoding="utf-8")).get("state")
    except (GraphError, OSError, ValueError):
        return None
    return found


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

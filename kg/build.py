"""The main job: listings in, a graph folder out."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from spacy.language import Language

from kg import engines, versions
from kg import folder as graph_folder
from kg.assemble import Tables
from kg.engines import Engine
from kg.errors import GraphError, RecordError
from kg.extracted import Extracted, Records
from kg.graph import Graph
from kg.model import Paper
from kg.processes import Batch
from kg.progress import Progress, quiet
from kg.schema import EDGES, NODES
from kg.sources import Source, merge, read
from kg.sources.files import File, expand
from kg.sources.merge import Papers
from kg.stores import ladybug
from kg.stores.tables import Stored

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """What a run did: the manifest `run.json`."""

    id: str
    inputs: list[dict[str, str | None]]
    engine: str
    settings: dict[str, Any]
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
        log.info("stage begun", extra={"stage": stage})
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 3)
        log.info("stage done", extra={"stage": stage, "seconds": self.seconds[stage]})

    def counted(self, entries: Iterable[Paper]) -> Iterator[Paper]:
        for entry in entries:
            self.entries += 1
            yield entry

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
        inputs: files, folders, globs, ``-`` for standard input, or sources with settings of their own.
        output: the graph's folder; a temporary one that lives as long as the `Graph` when None.
        format: name of a reader; sniffed from the content when None.
        nlp: a pipeline of your own, from which nothing is kept.
        model: the folder of a model; the shipped one when None.
        processes: how many extract side by side, each with about 0.5 GB.
        engine: a name in `kg.engines.EngineName`: where the work is done.
        min_confidence: facts of which the extraction is less sure are left out.
        names: the folder of a lexicon of your own, which tells what is one thing before the gazetteer does.

    Raises:
        SourceError: an input cannot be read at all.
        ExtractionError: a process of the extraction was ended from outside.
        GraphError: `output` holds something else, is in use, or cannot be written.
    """
    temporary = tempfile.TemporaryDirectory(prefix="kg-") if output is None else None
    target = Path(temporary.name if temporary else output or "")
    graph_folder.check_free(target)
    settings = {"model": model and str(model), "min_confidence": min_confidence, "names": names and str(names)}
    run = Run(_new_id(), [], engine, settings)
    broken: list[RecordError] = []

    with run.timing("read"):
        entries = progress(read(inputs, format=format, on_error=broken.append), "Reading", None)
        papers = merge(run.counted(entries)).by_id()
        run.inputs = _hashes(inputs)
        run.papers = len(papers)
    # From here on the folder is ours: better to learn now than after the extraction that it cannot be had.
    with graph_folder.replacing(target) as place, engines.choose(engine, processes) as work:
        with run.timing("extract"):
            extracted, failed = _extract(papers, target, run, nlp, model, work, progress)
            broken += failed
        run.state = _state(papers, broken, run, names)
        if nlp is None and _built_from(target) == run.state:
            graph_folder.leave()
        with run.timing("assemble"):
            tables = work.tables(Records(papers, extracted, min_confidence), names, progress)
        run.errors = len(broken)
        run.nodes = {label: table.num_rows for label, table in tables.nodes.items()}
        run.edges = {name: table.num_rows for name, table in tables.edges.items()}
        with run.timing("store"):
            _save(tables, place)
            del tables  # the database takes one after the other from the files
            ladybug.write(Stored(place / "nodes", NODES), Stored(place / "edges", EDGES), place / graph_folder.DATABASE)
        with (place / graph_folder.ERRORS).open("w", encoding="utf-8") as file:
            for error in broken:
                file.write(json.dumps({"place": error.place, "reason": error.reason}, ensure_ascii=False) + "\n")
        (place / graph_folder.MANIFEST).write_text(
            json.dumps(run.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
    return Graph(target, temporary)


def _extract(
    papers: Papers,
    target: Path,
    run: Run,
    nlp: Language | None,
    model: Path | None,
    work: Engine,
    progress: Progress,
) -> tuple[Extracted, list[RecordError]]:
    """What is known of all papers now, and what failed, in the order of the papers."""
    if nlp is None:
        run.extractor = versions.extractor(model)
    extracted = Extracted(target, run.extractor) if nlp is None else Extracted()
    run.outdated = extracted.outdated
    new = [i for i, paper in enumerate(papers) if paper not in extracted]
    run.known, run.extracted = len(papers) - len(new), len(new)
    failed: list[RecordError] = []

    def committed(batches: Iterable[Batch]) -> Iterator[Paper]:
        for batch in batches:
            extracted.commit(batch.papers, batch.facts)
            failed.extend(batch.errors)
            log.info("extracted", extra={"papers": len(batch.papers), "failed": len(batch.errors)})
            yield from batch.papers

    batches = work.extract((papers[i] for i in new), len(new), nlp=nlp, model=model)
    for _ in progress(committed(batches), "Extracting", len(new)):
        pass
    extracted.forget_others()
    if failed:
        order = {_place(paper): i for i, paper in enumerate(papers)}
        failed.sort(key=lambda error: order[error.place])
    return extracted, failed


def _hashes(inputs: Sequence[str | Path | Source]) -> list[dict[str, str | None]]:
    """The files that the inputs name, each with the SHA-256 of its bytes; none for standard input."""
    paths = chain.from_iterable(item.paths if isinstance(item, Source) else [item] for item in inputs)
    found = []
    for item in expand(paths):
        for file in [item] if isinstance(item, File) else item[1]:
            digest = None
            if file.path and file.path.is_file():
                with suppress(OSError), file.path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
            found.append({"name": file.name, "sha256": digest})
    return found


def _place(paper: Paper) -> str:
    """Where errors say that a paper is."""
    return paper.sources[0] if paper.sources else paper.id


def _state(papers: Iterable[Paper], broken: Sequence[RecordError], run: Run, names: Path | None) -> str:
    """A hash of all that the graph depends on."""
    errors = [(error.place, error.reason) for error in broken]
    lexicon = versions.content(names) if names else None
    digest = hashlib.sha256()
    for part in chain(papers, (errors, run.settings["min_confidence"], lexicon, run.extractor, versions.package())):
        digest.update(msgspec.msgpack.encode(part))
    return digest.hexdigest()[:16]


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


def _save(tables: Tables, place: Path) -> None:
    for kind, of_kind in (("nodes", tables.nodes), ("edges", tables.edges)):
        (place / kind).mkdir()
        for name, table in of_kind.items():
            # In one piece, for the bytes depend on the pieces, and engines make different ones.
            pq.write_table(table.combine_chunks(), place / kind / f"{name}.parquet")


def _new_id() -> str:
    """When the run began, and what tells it from others of that second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(3)}"

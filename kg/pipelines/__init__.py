"""Declared pipelines: a TOML file says which listings to read, how to extract and resolve, and where the graph goes.

>>> graph = run(load(find("nightly")))

The shipped ones lie in pipelines/. docs/pipelines.md has all keys. Whatever can be checked is checked by `load`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.build import build as build_graph
from kg.engines import EngineName
from kg.errors import KgError, PipelineError, UnknownNameError
from kg.folder import MANIFEST
from kg.graph import Graph
from kg.paths import shared
from kg.pipelines import settings
from kg.pipelines.spec import Pipeline, SourceTable
from kg.progress import Progress, quiet
from kg.stores import Result
from kg.stores.cypher import nearest

__all__ = ["Pipeline", "Written", "available", "build", "find", "listed", "load", "plan", "run", "write"]


def available() -> dict[str, Path]:
    """The pipelines by name: those of the folder pipelines/ here, and of the shipped ones those of other names."""
    paths = {path.stem: path for folder in (shared("pipelines"), Path("pipelines")) for path in folder.glob("*.toml")}
    return dict(sorted(paths.items()))


def find(pipeline: str) -> Path:
    """The file of a pipeline: what has a `/` or ends in `.toml` is a path, all else the name of an `available` one.

    Raises:
        UnknownNameError: none is called so; the message offers the nearest names.
    """
    if "/" in pipeline or pipeline.endswith(".toml"):
        return Path(pipeline)
    paths = available()
    if pipeline not in paths:
        hint = nearest(pipeline, paths) or "; kg run --list lists them"
        raise UnknownNameError(f"no pipeline is named {pipeline}{hint}")
    return paths[pipeline]


def listed() -> Result:
    """The `available` pipelines as rows: name, title, path. One that is no TOML has no title."""

    def title(path: Path) -> object:
        try:
            return settings.load(path).get("title")
        except PipelineError:
            return None

    return Result(["name", "title", "path"], [[name, title(path), str(path)] for name, path in available().items()])


def load(path: str | Path, *, engine: EngineName | None = None, processes: int | None = None) -> Pipeline:
    """Read and check the pipeline in a file, with another engine or number of processes if given.

    Nothing is written, and no server is asked.

    Raises:
        PipelineError: the pipeline could not be run; the message has a line for each problem, with its place.
    """
    path = Path(path)
    given = {"engine": engine, "processes": processes}
    values = settings.load(path) | {name: value for name, value in given.items() if value is not None}
    return settings.convert(values, Pipeline, path)


def plan(pipeline: Pipeline) -> Result:
    """What `run` would do, as rows: step, what it is about, how."""
    rows: list[list[object]] = []
    for source in pipeline.source:
        chosen = [
            f"reader {source.reader}" if source.reader else "reader by content",
            f"since {source.since}" if source.since else "",
            f"until {source.until}" if source.until else "",
            f"at most {source.limit:,} papers" if source.limit else "",
        ]
        rows += [["read", path, ", ".join([_size(source, path), *filter(None, chosen)])] for path in source.paths]
    processes = pipeline.processes or 1
    work = "spark" if pipeline.engine is EngineName.spark else f"{processes} process{'' if processes == 1 else 'es'}"
    rows += [["extract", pipeline.extraction.model or "the shipped model", work]]
    sure = pipeline.extraction.min_confidence
    rows += [
        [
            "resolve",
            pipeline.resolution.names or "the shipped names",
            f"facts of confidence {sure:g} and more" if sure else "all facts",
        ]
    ]
    folder = Path(pipeline.graph.folder)
    rows += [["store", str(folder), "replaces the graph there" if (folder / MANIFEST).exists() else "a new graph"]]
    rows += [[name, output.place, output.how()] for name, output in pipeline.outputs()]
    return Result(["step", "what", "how"], rows)


def _size(source: SourceTable, path: str) -> str:
    """How many files there are at a path and how large they are on the disk."""
    if path == "-":
        return "standard input"
    files = [file.path for file in source.files(path) if file.path]
    size, unit = float(sum(file.stat().st_size for file in files)), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size >= 1000:
            size, unit = size / 1000, larger
    return f"{len(files):,} file{'' if len(files) == 1 else 's'} of {size:.3g} {unit}"


@dataclass(frozen=True, slots=True)
class Written:
    """An output that was made, or the error why not; `name` is its place in the file, `told` what to say of it."""

    name: str
    told: tuple[str, ...]
    error: KgError | OSError | None = None


def build(pipeline: Pipeline, *, progress: Progress = quiet) -> Graph:
    """Build the graph of a pipeline, without its outputs; see `kg.build`."""
    return build_graph(
        [source.source() for source in pipeline.source],
        pipeline.graph.folder,
        model=Path(pipeline.extraction.model) if pipeline.extraction.model else None,
        min_confidence=pipeline.extraction.min_confidence,
        names=Path(pipeline.resolution.names) if pipeline.resolution.names else None,
        engine=pipeline.engine.value,
        processes=pipeline.processes or 1,
        progress=progress,
    )


def write(pipeline: Pipeline, graph: Graph, *, progress: Progress = quiet) -> Iterator[Written]:
    """Make the outputs of a pipeline one by one. One that fails does not keep the others from being made."""
    for name, output in pipeline.outputs():
        try:
            yield Written(name, tuple(output.write(graph, progress)))
        except (KgError, OSError) as error:
            yield Written(name, (), error)


def run(pipeline: Pipeline, *, progress: Progress = quiet) -> Graph:
    """Build the graph and make all outputs, also where nothing has changed since the last run.

    Raises:
        SourceError, ExtractionError, GraphError: as `kg.build`.
        PipelineError: some outputs failed; the graph and the others are there.
    """
    graph = build(pipeline, progress=progress)
    failed = [f"{done.name}: {done.error}" for done in write(pipeline, graph, progress=progress) if done.error]
    if failed:
        raise PipelineError(Path(pipeline.graph.folder), failed)
    return graph

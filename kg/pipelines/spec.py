"""What a pipeline's file may say, a class a table, each with what can be checked of it before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Protocol

from msgspec import Meta

from kg import folder as graph_folder
from kg.engines import EngineName
from kg.errors import KgError, SourceError
from kg.export import FOLDERS, FORMATS
from kg.extract.gazetteer import entries
from kg.extract.trained import thresholds
from kg.graph import Graph
from kg.pipelines.settings import Table
from kg.progress import Progress
from kg.schema import NODES
from kg.sources import READERS, Source
from kg.sources.files import File, expand
from kg.stores import cypher

Text = Annotated[str, Meta(pattern=r"^[^\0]+$", description="a text that is not empty")]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1, description='a list of texts such as ["a", "b"]')]
Count = Annotated[int, Meta(ge=1, description="a whole number of at least 1")]
Day = Annotated[date, Meta(description="a day such as 2026-01-31")]
Flag = Annotated[bool, Meta(description="true or false")]
Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Parameters = Annotated[dict[str, Any], Meta(description="a table such as {name = 1}")]

Problems = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class SourceTable(Table):
    """`[[source]]`: inputs that are read alike."""

    paths: Texts
    reader: Text | None = None
    since: Day | None = None
    until: Day | None = None
    limit: Count | None = None

    def check(self) -> Problems:
        for i, path in enumerate(self.paths):
            try:
                if not self.files(path):
                    yield f"paths[{i}]", f"{path}: a folder without files"
            except SourceError as error:
                yield f"paths[{i}]", str(error)
        if self.reader and self.reader not in READERS:
            yield "reader", _unknown("reader", self.reader, READERS)
        if self.since and self.until and self.since > self.until:
            yield "until", f"{self.until} is before since, {self.since}"

    def source(self) -> Source:
        return Source(**asdict(self))

    @staticmethod
    def files(path: str) -> list[File]:
        return [file for item in expand([path]) for file in ([item] if isinstance(item, File) else item[1])]


@dataclass(frozen=True, kw_only=True)
class Extraction(Table):
    """`[extraction]`: the model, and how sure of a fact it must be."""

    model: Text | None = None
    min_confidence: Share = 0.0

    def check(self) -> Problems:
        if self.model:
            try:
                thresholds(Path(self.model))
            except (KgError, ValueError) as error:
                yield "model", str(error)


@dataclass(frozen=True, kw_only=True)
class Resolution(Table):
    """`[resolution]`: the folder of a lexicon of one's own."""

    names: Text | None = None

    def check(self) -> Problems:
        if self.names:
            try:
                entries(Path(self.names))
            except KgError as error:
                yield "names", str(error)


@dataclass(frozen=True, kw_only=True)
class GraphTable(Table):
    """`[graph]`: the folder that the graph is built in."""

    folder: Text

    def check(self) -> Problems:
        try:
            graph_folder.check_free(Path(self.folder))
        except (KgError, OSError) as error:
            yield "folder", str(error)
        else:
            yield from _unwritable("folder", self.folder)


class Output(Protocol):
    """What is made of a graph that is built."""

    @property
    def place(self) -> str:
        """The path or the address that it goes to."""

    def how(self) -> str:
        """What is made, in words."""

    def write(self, graph: Graph, progress: Progress) -> list[str]:
        """Make it; what to tell of that, in lines."""


@dataclass(frozen=True, kw_only=True)
class Neo4j(Table):
    """`[neo4j]`: a server to bring up to date; the environment says who asks."""

    address: Text
    prune: Flag = False

    def check(self) -> Problems:
        from kg.stores.neo4j import check_address  # noqa: PLC0415, the driver is slow to import

        try:
            check_address(self.address)
        except KgError as error:
            yield "address", str(error)

    @property
    def place(self) -> str:
        return self.address

    def how(self) -> str:
        return "brings the server up to date" + (", deletes what the graph no longer has" if self.prune else "")

    def write(self, graph: Graph, progress: Progress) -> list[str]:
        from kg.stores.neo4j_load import changes  # noqa: PLC0415, the driver is slow to import

        counts = graph.load(self.address, prune=self.prune, progress=progress)
        return [f"loaded into {self.address}: {changes(counts, prune=self.prune)}"]


@dataclass(frozen=True, kw_only=True)
class Page(Table):
    """An output that is one file or folder."""

    path: Text

    def check(self) -> Problems:
        if Path(self.path).is_dir():
            yield "path", f"{self.path}: is a folder; name a file"
        else:
            yield from _unwritable("path", self.path)

    @property
    def place(self) -> str:
        return self.path

    def _parent(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, kw_only=True)
class Html(Page):
    """`[[html]]`: a page of the graph or a part of it; the keys are those of `Graph.html`."""

    around: Text | None = None
    depth: Count | None = None
    query: str | None = None
    parameters: Parameters = field(default_factory=dict)
    labels: tuple[Text, ...] = ()
    since: Day | None = None
    top: Count = 10_000

    def check(self) -> Problems:
        yield from super().check()
        if self.around and self.query is not None:
            yield "", "give around or query, not both"
        if self.depth and not self.around:
            yield "depth", "needs around"
        if self.query is not None:
            if not cypher.first_words(self.query):
                yield "query", "the query is empty"
            wanted = cypher.parameters(self.query)
            for name in wanted:
                if name not in self.parameters:
                    yield "parameters", f"no value for ${name}"
            for name in self.parameters:
                if name not in wanted:
                    yield "parameters", f"the query has no parameter ${name}{cypher.nearest(name, wanted)}"
        elif self.parameters:
            yield "parameters", "needs query"
        for i, label in enumerate(self.labels):
            if label not in NODES:
                yield f"labels[{i}]", _unknown("label", label, NODES)

    def how(self) -> str:
        part = [
            f"up to {self.depth or 1} edges from {self.around}" if self.around else "",
            "what a query returns" if self.query else "",
            f"only {', '.join(self.labels)}" if self.labels else "",
            f"papers since {self.since}" if self.since else "",
        ]
        return f"page: {', '.join(filter(None, part)) or 'the graph'}, at most {self.top:,} nodes"

    def write(self, graph: Graph, progress: Progress) -> list[str]:
        self._parent()
        given = asdict(self) | {"depth": self.depth or 1}
        notice = graph.html(**given)
        return [*([f"{self.path}: {notice}; top = N draws more or fewer"] if notice else []), f"wrote {self.path}"]


@dataclass(frozen=True, kw_only=True)
class Report(Page):
    """`[report]`: the page of plots."""

    def how(self) -> str:
        return "page of plots"

    def write(self, graph: Graph, progress: Progress) -> list[str]:
        self._parent()
        return [f"wrote {graph.report(self.path)}"]


@dataclass(frozen=True, kw_only=True)
class Export(Page):
    """`[[export]]`: the graph in the format of another tool."""

    format: Text

    def check(self) -> Problems:
        if self.format not in FORMATS:
            yield "format", _unknown("format", self.format, FORMATS)
        elif self.format in FOLDERS and Path(self.path).is_dir():
            return
        elif self.format in FOLDERS and Path(self.path).exists():
            yield "path", f"{self.path}: is a file; {self.format} is a folder"
        else:
            yield from super().check()

    def how(self) -> str:
        return self.format

    def write(self, graph: Graph, progress: Progress) -> list[str]:
        self._parent()
        graph.export(self.format, self.path)
        return [f"wrote {self.path}"]


@dataclass(frozen=True, kw_only=True)
class Pipeline(Table):
    """A whole file. `processes` None leaves it to whoever runs it."""

    title: str = ""
    engine: EngineName = EngineName.local
    processes: Count | None = None
    source: tuple[SourceTable, ...]
    extraction: Extraction = Extraction()
    resolution: Resolution = Resolution()
    graph: GraphTable
    neo4j: Neo4j | None = None
    html: tuple[Html, ...] = ()
    report: Report | None = None
    export: tuple[Export, ...] = ()

    def check(self) -> Problems:
        if self.engine is EngineName.spark and not find_spec("pyspark"):
            yield "engine", "spark needs pyspark: pip install 'kg-papers[spark]'"
        taken = {Path(self.graph.folder).absolute(): "graph"}
        for name, output in self.outputs():
            if isinstance(output, Page):
                other = taken.setdefault(Path(output.path).absolute(), name)
                if other != name:
                    yield f"{name}.path", f"{output.path}: {other} goes there, too"

    def outputs(self) -> Iterator[tuple[str, Output]]:
        """All outputs in the order in which they are made, each with its place in the file."""
        if self.neo4j:
            yield "neo4j", self.neo4j
        yield from ((f"html[{i}]", page) for i, page in enumerate(self.html))
        if self.report:
            yield "report", self.report
        yield from ((f"export[{i}]", export) for i, export in enumerate(self.export))


def _unwritable(key: str, path: str) -> Problems:
    """Why there can be no file or folder of that path, looking at what there is of the folders above it."""
    above = next(parent for parent in Path(path).absolute().parents if parent.exists())
    if not above.is_dir():
        yield key, f"{path}: {above} is a file"
    elif not os.access(above, os.W_OK):
        yield key, f"{path}: {above} may not be written to"


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    hint = cypher.nearest(name, known) or f"; there are {', '.join(sorted(known))}"
    return f"no {what} is called {name!r}{hint}"

"""Where the work of a build is done: in processes of this machine, or by Apache Spark.

Both run the same functions, `kg.extract`, `kg.resolve` and `kg.assemble`, and give the same tables.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from spacy.language import Language

from kg.assemble import Tables, assemble
from kg.errors import KgError, UnknownNameError
from kg.extracted import Records
from kg.model import Paper
from kg.processes import Batch, in_batches
from kg.progress import Progress
from kg.resolve import resolve
from kg.stores.cypher import nearest


class EngineName(StrEnum):
    """What a build calls its engine."""

    local = "local"
    spark = "spark"


class Engine(Protocol):
    """Extracts facts and makes tables of them."""

    def extract(
        self, papers: Iterable[Paper], count: int, *, nlp: Language | None, model: Path | None
    ) -> Iterator[Batch]:
        """The facts of `count` papers, batch by batch as they are done; see `kg.processes.in_batches`."""

    def tables(self, records: Records, names: Path | None, progress: Progress) -> Tables:
        """The graph of papers and their facts, in the order of the papers' ids; `names` as for `kg.resolve`."""


@dataclass(frozen=True, slots=True)
class Local:
    """This machine, in so many processes."""

    processes: int

    def extract(
        self, papers: Iterable[Paper], count: int, *, nlp: Language | None, model: Path | None
    ) -> Iterator[Batch]:
        return in_batches(papers, count, nlp=nlp, model=model, processes=self.processes)

    def tables(self, records: Records, names: Path | None, progress: Progress) -> Tables:
        with _no_search_for_cycles():
            facts = (facts for _, facts in progress(records, "Resolving", len(records)))
            resolution = resolve(facts, names)
            return assemble(progress(records, "Assembling", len(records)), resolution)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Python searches all objects for cycles again and again: a fifth of the time, where there are many objects."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def choose(name: str, processes: int) -> AbstractContextManager[Engine]:
    """The engine of that name, ready to work. UnknownNameError where there is none."""
    if name not in list(EngineName):
        hint = nearest(name, EngineName) or f"; there are {', '.join(EngineName)}"
        raise UnknownNameError(f"no engine is called {name}{hint}")
    if name == EngineName.local:
        return nullcontext(Local(processes))
    try:
        from kg.spark import started  # noqa: PLC0415, the packages of an extra
    except ModuleNotFoundError as error:
        raise KgError(f"the engine spark needs {error.name}: pip install 'kg-papers[spark]'") from error
    return started(processes)

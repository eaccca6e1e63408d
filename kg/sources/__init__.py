"""Listings of papers, in any known format, to `Paper` records.

>>> papers = merge(read(["pages/", "arxiv.jsonl.xz"]))

A new format is one function under `reader`; see `kg.sources.registry`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from kg.errors import RecordError, SourceError
from kg.model import Paper

# Importing a format registers it.
from kg.sources import arxiv, atom, bibtex, huggingface, listing, openalex, pdf, records, semanticscholar  # noqa: F401
from kg.sources.files import File, expand, opened
from kg.sources.merge import merge
from kg.sources.paper import paper_id
from kg.sources.registry import READERS, choose, reader
from kg.sources.source import Source

__all__ = ["READERS", "Source", "merge", "paper_id", "read", "reader"]

OnError = Callable[[RecordError], None]


def read(
    inputs: Iterable[str | Path | Source], *, format: str | None = None, on_error: OnError | None = None
) -> Iterator[Paper]:
    """Yield one `Paper` per entry of the inputs, in order, as they are read.

    `inputs` are files, folders (searched through, hidden files left out), globs, or ``-`` for standard input; text may
    be compressed with gzip or xz. `format` names a reader (a key of `READERS`); without it the content decides. A
    `Source` among the inputs may have a reader of its own, and take some papers only.
    Each paper has one source, ``PATH:LINE``. The same paper in two places comes twice: see `merge`.

    A broken record goes to `on_error`, or is raised where there is none, and so does a file of a folder that holds no
    papers. An input from which nothing can be read raises `SourceError`.
    """
    sources = [item if isinstance(item, Source) else Source((os.fspath(item),)) for item in inputs]
    for name in (format, *(source.reader for source in sources)):
        if name is not None and name not in READERS:
            raise SourceError(f"no reader is called {name!r}; there are {', '.join(sorted(READERS))}")
    # All paths are looked up now, before the first paper is read.
    return _read([(source, expand(source.paths)) for source in sources], format, on_error)


def _read(
    found: Iterable[tuple[Source, list[File | tuple[Path, list[File]]]]], format: str | None, on_error: OnError | None
) -> Iterator[Paper]:
    for source, items in found:
        yield from source.taken(_read_items(items, source.reader or format, on_error))


def _read_items(
    items: Iterable[File | tuple[Path, list[File]]], format: str | None, on_error: OnError | None
) -> Iterator[Paper]:
    for item in items:
        if isinstance(item, File):
            yield from _read_file(item, format, on_error)
        else:
            yield from _read_folder(*item, format, on_error)


def _read_folder(folder: Path, files: list[File], format: str | None, on_error: OnError | None) -> Iterator[Paper]:
    papers = 0
    skipped: list[RecordError] = []
    for file in files:
        try:
            for paper in _read_file(file, format, on_error):
                papers += 1
                yield paper
        except SourceError as error:
            skipped.append(RecordError(file.name, str(error).removeprefix(f"{file.name}: ")))
            if on_error:
                on_error(skipped[-1])
    if not papers:
        raise SourceError(f"{folder}: a folder without papers" + (f" ({skipped[0]})" if skipped else ""))
    if skipped and not on_error:
        raise skipped[0]


def _read_file(file: File, format: str | None, on_error: OnError | None) -> Iterator[Paper]:
    with opened(file) as text:
        read_text = choose(text, format).read
        papers = 0
        first: RecordError | None = None
        for item in chain(read_text(text), text.damage):
            if isinstance(item, Paper):
                if first and not on_error:
                    raise first
                papers += 1
                yield item
                continue
            first = first or item
            if on_error:
                on_error(item)
            elif papers:
                raise item
        if not papers:
            raise SourceError(f"{file.name}: no papers in it" + (f" ({first})" if first else ""))

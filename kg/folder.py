"""The folder of a graph: which files it has, and how a new graph takes the place of the old one in whole.

A new graph is written to ``.next`` and becomes valid at one instant, when that folder is renamed to ``.ready``. Its
files then move to their places one by one. A reader takes each file from ``.ready`` while it is there, so whenever
the writer dies, a reader sees either the old graph or the new one, and the next writer finishes what was left.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from filelock import FileLock, Timeout

from kg.errors import GraphError

DATABASE = "graph.lbug"
MANIFEST = "run.json"
ERRORS = "errors.jsonl"
_NEXT, _READY, _LOCK = ".next", ".ready", ".lock"
FACTS = ".facts"  # what was extracted, of any run; see kg.extracted


def locate(folder: Path, name: str) -> Path:
    """Where the file `name` of the graph in `folder` lies at this moment.

    Raises:
        GraphError: `folder` is missing or holds no graph.
    """
    for path in (folder / _READY / name, folder / name):
        if path.exists():
            return path
    if not folder.exists():
        raise GraphError(f"{folder}: no such folder; build a graph with: kg build INPUT -o {folder}")
    raise GraphError(f"{folder}: not a graph (it has no {name}); build one with: kg build INPUT -o FOLDER")


def check_free(folder: Path) -> None:
    """Raise `GraphError` unless `folder` can take a graph: it is absent, empty, or holds one already."""
    if folder.is_dir():
        names = {p.name for p in folder.iterdir()}
        if names - {_NEXT, _READY, _LOCK, FACTS} and not names & {MANIFEST, _READY}:
            raise GraphError(f"{folder}: holds something other than a graph; choose an empty or a new folder")
    elif folder.exists():
        raise GraphError(f"{folder}: is a file; choose a folder")


class _Leave(Exception):
    """The graph is to stay as it is."""


def leave() -> NoReturn:
    """Within `replacing`: go out of it, and leave the graph as it is."""
    raise _Leave


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write the next graph to.

    On a clean exit it replaces the graph in `folder`; on an error nothing changes.
    """
    check_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=0):
            _settle(folder)
            target = folder / _NEXT
            shutil.rmtree(target, ignore_errors=True)
            try:
                target.mkdir()
                yield target
                _flush(target)
                target.rename(folder / _READY)
            finally:
                shutil.rmtree(target, ignore_errors=True)
            _settle(folder)
    except _Leave:
        return
    except Timeout:
        raise GraphError(f"{folder}: another run is writing this graph; wait for it or choose another folder") from None
    except OSError as error:
        raise GraphError(
            f"{folder}: cannot be written: {error.strerror or error}; the graph before it is untouched"
        ) from error


def _settle(folder: Path) -> None:
    """Move the files of a finished graph to their places."""
    ready = folder / _READY
    if not ready.is_dir():
        return
    for path in sorted(p for p in ready.rglob("*") if p.is_file()):
        place = folder / path.relative_to(ready)
        place.parent.mkdir(parents=True, exist_ok=True)
        # A log that a crashed writer left beside the old database would be replayed on the new one.
        for log in folder.glob(f"{DATABASE}.*") if place.name == DATABASE else ():
            log.unlink()
        path.replace(place)
    shutil.rmtree(ready)


def _flush(folder: Path) -> None:
    """Put every file on the disk before the folder is declared finished."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())

"""Files that get their names when they are whole: a write that fails or is stopped leaves the former ones alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import TextIO

from kg.errors import GraphError


@contextmanager
def file(path: Path) -> Iterator[TextIO]:
    """A text file in UTF-8 to write, which replaces `path` on a clean exit.

    Raises:
        GraphError: it cannot be written.
    """
    if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a device: nothing to put in its place
        with path.open("w", encoding="utf-8") as target:
            yield target
        return
    draft = path.parent / f".{path.name}.{os.getpid()}.draft"
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        with draft.open("w", encoding="utf-8", newline="\n") as target:
            yield target
        draft.replace(path)
    except OSError as error:
        raise GraphError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A folder to write files to, which on a clean exit move into the folder `path`, over those of the same names.

    What else `path` holds stays.

    Raises:
        GraphError: it cannot be written.
    """
    draft = path / f".{os.getpid()}.draft"
    try:
        draft.mkdir(parents=True)
        yield draft
        for written in sorted(p for p in draft.rglob("*") if p.is_file()):
            place = path / written.relative_to(draft)
            place.parent.mkdir(parents=True, exist_ok=True)
            written.replace(place)
    except OSError as error:
        raise GraphError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)

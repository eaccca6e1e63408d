"""Inputs of the command line to streams of numbered text lines: files, folders, globs, standard input; gzip and xz."""

from __future__ import annotations

import glob
import gzip
import io
import lzma
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import RecordError, SourceError

HEAD = 1 << 16
LONGEST_LINE = 1 << 29  # half a gigabyte
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)
_NOT_TEXT = re.compile(r"[\0\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class File:
    """A file to read under the name that places are given in; `path` is None for standard input.

    Where there is a `problem`, it is something in a folder that cannot be read, and `path` is None too.
    """

    name: str
    path: Path | None
    problem: str = ""


def expand(inputs: Iterable[str | Path]) -> list[File | tuple[Path, list[File]]]:
    """The files that the inputs name; a folder stays together with its files, sorted, hidden ones left out.

    What else is in a folder (a link that leads nowhere, a pipe, a folder that may not be opened) comes as a `File` with
    a problem. Links to folders are such, too: followed, they could lead in a circle or through the whole disk.

    Raises `SourceError` for a missing path and for a glob that matches nothing.
    """
    found: list[File | tuple[Path, list[File]]] = []
    for item in inputs:
        name = os.fspath(item)
        if name == "-":
            found.append(File("stdin", None))
        elif name and _exists(Path(name)):
            found.append(_file_or_folder(Path(name)))
        elif glob.has_magic(name):
            # Path.glob takes no absolute patterns and matches hidden files
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
            if not matches:
                raise SourceError(f"{printable(name)}: no file matches")
            found += [_file_or_folder(Path(match)) for match in matches]
        else:
            raise SourceError(f"{printable(name) or repr(name)}: no such file or folder")
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name, or not allowed to look
        return False


def _file_or_folder(path: Path) -> File | tuple[Path, list[File]]:
    if not path.is_dir():
        return File(printable(path), path)
    return path, sorted(_inside(path), key=lambda file: Path(file.name))


def _inside(folder: Path) -> Iterator[File]:
    closed: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.is_symlink() and path.is_dir():
                yield File(printable(path), None, "a link to a folder, not followed; name it as an input of its own")
            elif name in files and not name.startswith("."):
                yield File(printable(path), path) if path.is_file() else File(printable(path), None, _problem(path))
    for error in closed:
        yield File(printable(error.filename), None, f"a folder that cannot be opened ({error.strerror})")


def _problem(path: Path) -> str:
    try:
        path.stat()
    except OSError as error:
        return f"a link that leads nowhere ({error.strerror})" if path.is_symlink() else f"{error.strerror}"
    return "neither a file nor a folder, as a pipe or a device is none; not read"


def printable(path: str | Path) -> str:
    """The path with escapes for bytes that are not UTF-8 and for characters that are not seen, such as line ends."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(path))


class Text:
    """The lines of one input as ``(number, line)``, numbered from 1, without line ends; can be iterated once.

    Bytes that are not UTF-8 come as lone surrogates, which `is_utf8` finds, so that a bad line spoils one record only.
    `head` is the first 64 KiB in whole lines. Compressed data that is cut off, and a line of more than half a gigabyte,
    ends the lines; `damage` then says so.
    A format that is no text takes `whole` instead of the lines.
    """

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.damage: list[RecordError] = []
        self._lines = self._undamaged(stream)
        self._first: list[bytes] = []
        size = 0
        for raw in self._lines:
            self._first.append(raw)
            size += len(raw)
            if size >= HEAD:
                break
        self.head = [(number, _decoded(number, raw)) for number, raw in enumerate(self._first, 1)]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        rest = ((number, _decoded(number, raw)) for number, raw in enumerate(self._lines, len(self._first) + 1))
        return chain(self.head, rest)

    def whole(self) -> bytes:
        """All bytes, decompressed."""
        return b"".join(chain(self._first, self._lines))

    def place(self, line: int) -> str:
        return f"{self.name}:{line}"

    def check(self) -> None:
        """Raise `SourceError` where the head shows that this is no text."""
        head = "".join(line[:HEAD] for _, line in self.head)
        if head.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise SourceError(f"{self.name}: UTF-16 text; save it as UTF-8")
        if head.startswith("%PDF-") or len(_NOT_TEXT.findall(head)) * 10 > len(head):
            raise SourceError(f"{self.name}: a binary file; papers are read from UTF-8 text, plain, .gz or .xz")
        if not head.strip():
            raise SourceError(f"{self.name}: " + (self.damage[0].reason if self.damage else "an empty file"))

    def _undamaged(self, stream: BinaryIO) -> Iterator[bytes]:
        number = 0
        try:
            # memory that is full of zeros, and what was compressed from it, shows before its line is whole
            raw = stream.readline(HEAD)
            if len(raw) == HEAD and not raw.endswith(b"\n") and raw.count(b"\0") * 2 < HEAD:
                raw += stream.readline(LONGEST_LINE)
            while raw:
                if len(raw) >= LONGEST_LINE:
                    reason = (
                        f"a line of more than {LONGEST_LINE >> 20} MiB; not read further. Put each record on a line"
                    )
                    self.damage.append(RecordError(self.place(number + 1), reason))
                    return
                number += 1
                yield raw
                raw = stream.readline(LONGEST_LINE)
        except DAMAGED as error:
            self.damage.append(RecordError(self.place(number + 1), f"cut off or damaged from here on ({error})"))


def _decoded(number: int, raw: bytes) -> str:
    data = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
    return data.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")


def is_utf8(text: str) -> bool:
    """Whether the text can be written as UTF-8: no bytes that failed to decode, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def opened(file: File) -> Iterator[Text]:
    """The text of a file. Raises `SourceError` where it cannot be opened."""
    if file.problem:
        raise SourceError(f"{file.name}: {file.problem}")
    try:
        raw = cast(io.RawIOBase, sys.stdin.buffer if file.path is None else file.path.open("rb"))
    except OSError as error:
        raise SourceError(f"{file.name}: cannot be opened ({error.strerror})") from error
    # a second buffer over the first, because a pipe's own may show too few bytes to know the magic numbers
    stream = io.BufferedReader(raw)
    try:
        try:
            lines = _decompressed(stream)
        except OSError as error:
            raise SourceError(f"{file.name}: cannot be read ({error.strerror})") from error
        yield Text(file.name, lines)
    finally:
        if file.path is None:
            stream.detach()
        else:
            stream.close()


def _decompressed(stream: io.BufferedReader[io.RawIOBase]) -> BinaryIO:
    magic = stream.peek(6)[:6]
    if magic.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    if magic == b"\xfd7zXZ\x00":
        return cast(BinaryIO, lzma.LZMAFile(stream))
    return cast(BinaryIO, stream)

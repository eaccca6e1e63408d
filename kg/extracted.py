"""Facts that were extracted before, kept beside a graph, so that no extractor reads a text twice.

A batch of them is one file, written aside, flushed to the disk and renamed: a run that dies leaves whole batches. The
files lie in a folder named after the extractor's fingerprint (`kg.versions.extractor`); what another extractor found
does not count.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from kg.folder import FACTS
from kg.model import Facts, Paper

_SUFFIX = ".msgpack.gz"
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, Facts])


class Extracted:
    """The facts that the extractor of that fingerprint has found so far, in the graph's folder.

    Attributes:
        outdated: whether there are facts of another extractor, which do not count.
    """

    def __init__(self, graph: Path, fingerprint: str) -> None:
        self._all = graph / FACTS
        self._folder = self._all / fingerprint
        self._folder.mkdir(parents=True, exist_ok=True)
        self._facts: dict[str, Facts] = {}
        self._next = 0
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            self._next = int(path.name.removesuffix(_SUFFIX)) + 1
            self._load(path)
        self.outdated = any(path != self._folder for path in self._all.iterdir())

    def _load(self, path: Path) -> None:
        try:
            self._facts |= _decoder.decode(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, msgspec.MsgspecError):  # a damaged disk: its papers are read again
            path.unlink()

    def __contains__(self, paper: Paper) -> bool:
        return _key(paper) in self._facts

    def of(self, papers: Iterable[Paper]) -> list[Facts]:
        """The facts of those papers that have been read."""
        found = ((paper, self._facts.get(_key(paper))) for paper in papers)
        return [replace(facts, id=paper.id) for paper, facts in found if facts]

    def commit(self, papers: Iterable[Paper], facts: Iterable[Facts]) -> None:
        """Keep the facts of some papers, for good when this returns."""
        keys = {paper.id: _key(paper) for paper in papers}
        batch = {keys[found.id]: found for found in facts}
        if not batch:
            return
        path = self._folder / f"{self._next:08}{_SUFFIX}"
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(gzip.compress(_encoder.encode(batch), compresslevel=3, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        self._facts |= batch
        self._next += 1

    def forget_others(self) -> None:
        """Delete what other extractors found."""
        for path in self._all.iterdir():
            if path != self._folder:
                shutil.rmtree(path)


def _key(paper: Paper) -> str:
    """The hash of the text that the extraction reads."""
    return hashlib.sha256("\n".join((paper.title, paper.abstract, paper.comment or "")).encode()).hexdigest()[:32]

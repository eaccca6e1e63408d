"""What was extracted, in this run and before: kept beside a graph, so that no extractor reads a text twice.

A batch of them is one file, written aside, flushed to the disk and renamed: a run that dies leaves whole batches. The
files lie in a folder named after the extractor's fingerprint (`kg.versions.extractor`); what another extractor found
does not count.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from kg.folder import FACTS
from kg.model import Facts, Paper
from kg.spool import Spool

_SUFFIX = ".msgpack.gz"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Facts).decode
_decode_batch = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode


class Extracted:
    """The facts that the extractor of that fingerprint has found so far, in the graph's folder.

    Without a folder they are kept as long as this object. Memory holds none of them.

    Attributes:
        outdated: whether there are facts of another extractor, which do not count.
    """

    def __init__(self, graph: Path | None = None, fingerprint: str = "") -> None:
        self.outdated = False
        self._spool = Spool()
        self._numbers: dict[bytes, int] = {}  # in the spool, by the hash of the text
        self._next = 0
        self._folder = graph / FACTS / fingerprint if graph else None
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
                self._next = int(path.name.removesuffix(_SUFFIX)) + 1
                self._load(path)
            self.outdated = any(path != self._folder for path in self._folder.parent.iterdir())

    def _load(self, path: Path) -> None:
        try:
            batch = _decode_batch(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, msgspec.MsgspecError):  # a damaged disk: its papers are read again
            path.unlink()
            return
        for key, facts in batch.items():
            self._numbers[bytes.fromhex(key)] = self._spool.append(bytes(facts))

    def __contains__(self, paper: Paper) -> bool:
        return text_key(paper) in self._numbers

    def of(self, paper: Paper) -> Facts:
        """The facts of a paper; none where it could not be read."""
        number = self._numbers.get(text_key(paper))
        return Facts(paper.id, paper.title) if number is None else replace(_decode(self._spool[number]), id=paper.id)

    def commit(self, papers: Iterable[Paper], facts: Iterable[Facts]) -> None:
        """Keep the facts of some papers, for good when this returns."""
        keys = {paper.id: text_key(paper) for paper in papers}
        batch = {keys[found.id]: _encode(found) for found in facts}
        if not batch:
            return
        if self._folder:
            path = self._folder / f"{self._next:08}{_SUFFIX}"
            draft = path.with_suffix(".draft")
            with draft.open("wb") as file:
                whole = _encode({key.hex(): msgspec.Raw(found) for key, found in batch.items()})
                file.write(gzip.compress(whole, compresslevel=3, mtime=0))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            self._next += 1
        for key, found in batch.items():
            self._numbers[key] = self._spool.append(found)

    def forget_others(self) -> None:
        """Delete what other extractors found."""
        for path in self._folder.parent.iterdir() if self._folder else ():
            if path != self._folder:
                shutil.rmtree(path)


class Records:
    """Papers with their facts, as often as one likes; facts below that confidence are left out."""

    def __init__(self, papers: Sequence[Paper], extracted: Extracted, min_confidence: float = 0.0) -> None:
        self._papers = papers
        self._extracted = extracted
        self._least = min_confidence

    def __len__(self) -> int:
        return len(self._papers)

    def __iter__(self) -> Iterator[tuple[Paper, Facts]]:
        for paper in self._papers:
            yield paper, confident(self._extracted.of(paper), self._least)


def confident(facts: Facts, least: float) -> Facts:
    """The facts without those of a lower confidence; links have none."""
    if not least:
        return facts
    entities = tuple(entity for entity in facts.entities if entity.confidence >= least)
    names = {entity.name for entity in entities}
    relations = tuple(r for r in facts.relations if r.confidence >= least and {r.subject, r.object} <= names)
    return replace(facts, entities=entities, relations=relations)


def text_key(paper: Paper) -> bytes:
    """The hash of the text that the extraction reads."""
    return hashlib.sha256("\n".join((paper.title, paper.abstract, paper.comment)).encode()).digest()[:16]

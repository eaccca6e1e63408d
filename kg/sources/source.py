"""Inputs that are read alike: `Source`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from kg.model import Paper


@dataclass(frozen=True, slots=True)
class Source:
    """Inputs with a reader of their own, and which of their papers to take.

    `paths` are files, folders, globs, or ``-`` for standard input; `reader` is a key of `READERS`, and without it the
    content decides. With `since` or `until`, only papers published on these days or between them are taken, none
    without a date; of those, at most the first `limit`.
    """

    paths: tuple[str, ...]
    reader: str | None = None
    since: date | None = None
    until: date | None = None
    limit: int | None = None

    def taken(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        """Those of `papers` that this source takes, as they come; ends with the last of them."""
        if self.since or self.until:
            first, last = self.since or date.min, self.until or date.max
            papers = (paper for paper in papers if paper.published and first <= paper.published <= last)
        return islice(papers, self.limit)

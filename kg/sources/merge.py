"""The same paper from several places to one `Paper` with all its sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import overload

import msgspec

from kg.model import Paper
from kg.sources.paper import paper_id, title_key
from kg.spool import Spool

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Paper).decode


@dataclass(slots=True)
class _Group:
    """The records of one paper, by their numbers in the order of reading."""

    arxiv_id: str | None = None
    records: list[int] = field(default_factory=list)


class Papers(Sequence[Paper]):
    """Merged papers. Their records lie on the disk, and a paper is made of them whenever it is asked for."""

    def __init__(self, spool: Spool, groups: Sequence[Sequence[int]]) -> None:
        self._spool = spool
        self._groups = groups

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, index: int) -> Paper: ...
    @overload
    def __getitem__(self, index: slice) -> Papers: ...
    def __getitem__(self, index: int | slice) -> Paper | Papers:
        if isinstance(index, slice):
            return Papers(self._spool, self._groups[index])
        return _merged([_decode(self._spool[number]) for number in self._groups[index]])

    def by_id(self) -> Papers:
        """The same papers in the order of their ids."""
        ids = [paper.id for paper in self]
        return Papers(self._spool, [self._groups[i] for i in sorted(range(len(ids)), key=ids.__getitem__)])


def merge(papers: Iterable[Paper]) -> Papers:
    """One paper for all records of it, in the order of first appearance.

    Records are of one paper if they have one arXiv id, or one title key and not two different arXiv ids; a record
    without an id goes to the first paper of its title. So one record can join two papers that were apart, one by its id
    and one by its title. Each field takes its first value in the order of reading; but the abstract is the longest,
    comments stand side by side, and the day is that of a record with an arXiv id where one has both.
    """
    spool = Spool()
    groups: list[_Group] = []
    by_arxiv: dict[str, _Group] = {}
    by_title: dict[str, _Group] = {}
    for paper in papers:
        key = title_key(paper.title)
        same_id = by_arxiv.get(paper.arxiv_id) if paper.arxiv_id else None
        # the first of a title is enough: a group without id has no other of its title before or after it
        same_title = by_title.get(key)
        if same_title and paper.arxiv_id and same_title.arxiv_id not in (None, paper.arxiv_id):
            same_title = None
        if same_id and same_title and same_id is not same_title:
            early, late = sorted((same_id, same_title), key=lambda group: group.records[0])
            for number in late.records:
                title = title_key(_decode(spool[number]).title)
                if by_title[title] is late:
                    by_title[title] = early
            early.records = sorted(early.records + late.records)
            late.records = []
            group = early
        else:
            group = same_id or same_title or _Group()
            if not group.records:
                groups.append(group)
        group.records.append(spool.append(_encode(paper)))
        by_title.setdefault(key, group)
        if paper.arxiv_id:
            group.arxiv_id = paper.arxiv_id
            by_arxiv[paper.arxiv_id] = group
    return Papers(spool, [tuple(group.records) for group in groups if group.records])


def _merged(records: list[Paper]) -> Paper:
    first = records[0]
    if len(records) == 1:
        return first
    arxiv_id = next((p.arxiv_id for p in records if p.arxiv_id), None)
    days = [p.published for p in sorted(records, key=lambda p: p.arxiv_id is None) if p.published]
    return Paper(
        id=paper_id(first.title, arxiv_id),
        title=first.title,
        abstract=max((p.abstract for p in records), key=len),
        published=days[0] if days else None,
        url=next((p.url for p in records if p.url), None),
        arxiv_id=arxiv_id,
        authors=next((p.authors for p in records if p.authors), ()),
        authors_count=next((p.authors_count for p in records if p.authors_count is not None), None),
        organizations=next((p.organizations for p in records if p.organizations), ()),
        comment="; ".join(dict.fromkeys(p.comment for p in records if p.comment)),
        sources=tuple(dict.fromkeys(source for p in records for source in p.sources)),
    )

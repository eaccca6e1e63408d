"""The records that pass between the stages: `Paper` from the sources, `Facts` from the extraction.

Offsets count characters of ``Paper.title``, ``Paper.abstract`` or ``Paper.comment``:
``getattr(paper, field)[start:end]`` is the text meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

EntityType = Literal["Method", "Dataset", "Benchmark", "Task", "Metric"]
Role = Literal["introduces", "evaluates", "compares", "uses", "mentions"]
Field = Literal["title", "abstract", "comment"]
LinkKind = Literal["code", "data", "model", "page"]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, merged from all the places that list it.

    `title`, `abstract` and `comment` are in Unicode NFC, on one line each. A comment is what the source says beside
    them, such as arXiv's comment field; only links are read from it. `sources` are places such as ``page.txt:9`` or
    ``papers.jsonl:17``.
    """

    id: str
    title: str
    abstract: str = ""
    published: date | None = None
    url: str | None = None
    arxiv_id: str | None = None
    authors: tuple[str, ...] = ()
    authors_count: int | None = None
    organizations: tuple[str, ...] = ()
    comment: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one of a paper's fields, in characters, `end` exclusive."""

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where an entity's name stands in the text."""

    field: Field
    start: int
    end: int
    text: str
    extractor: str


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of one paper with all its mentions. `cue` is the mention from which the role was read."""

    name: str
    type: EntityType
    named: bool
    role: Role
    confidence: float
    surfaces: tuple[str, ...]
    mentions: tuple[Mention, ...]
    cue: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A URL of an abstract or a comment. `repo` is ``host/owner/name`` when it lies on a forge."""

    url: str
    kind: LinkKind
    repo: str | None
    surface: str
    official: bool
    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A stated relation between two entities of a paper, by their names; `evidence` is the sentence that states it."""

    subject: str
    type: str
    object: str
    confidence: float
    evidence: Span


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was extracted from one paper. `sentences` cover the title and the abstract."""

    id: str
    title: str
    entities: tuple[Entity, ...] = ()
    links: tuple[Link, ...] = ()
    relations: tuple[Relation, ...] = ()
    sentences: tuple[Span, ...] = ()

    def sentence(self, field: Field, start: int) -> Span:
        """The sentence that holds the character at `start` of `field`."""
        return next(s for s in self.sentences if s.field == field and s.start <= start < s.end)

    def to_json(self) -> dict[str, Any]:
        """The contract of ``kg extract``, one object a paper (see docs/facts.md)."""
        return {
            "id": self.id,
            "title": self.title,
            "entities": [
                {
                    "name": e.name,
                    "type": e.type,
                    "named": e.named,
                    "role": e.role,
                    "confidence": e.confidence,
                    "surfaces": list(e.surfaces),
                    "mentions": [
                        {"field": m.field, "start": m.start, "end": m.end, "text": m.text, "extractor": m.extractor}
                        for m in e.mentions
                    ],
                    "cue": e.cue,
                }
                for e in self.entities
            ],
            "links": [
                {
                    "url": k.url,
                    "kind": k.kind,
                    **({"repo": k.repo} if k.repo else {}),
                    "surface": k.surface,
                    "official": k.official,
                    "field": k.field,
                    "start": k.start,
                    "end": k.end,
                }
                for k in self.links
            ],
            "relations": [[r.subject, r.type, r.object] for r in self.relations],
            "evidence": [
                {
                    "field": r.evidence.field,
                    "start": r.evidence.start,
                    "end": r.evidence.end,
                    "confidence": r.confidence,
                }
                for r in self.relations
            ],
        }

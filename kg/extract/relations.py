"""The component `kg_relations`: relations that the text states between two entities of a paper.

Most papers relate what they introduce to what they use, solve, measure themselves on and beat; so candidates are
pairs with the right types and roles, and a sentence that holds both, or holds one beside "our method", is their
evidence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract import confidence
from kg.extract.entities import DocEntity
from kg.schema import DATA_LABELS


@dataclass(frozen=True, slots=True)
class DocRelation:
    """A stated relation between two entities, by their names; `sentence` is its evidence."""

    subject: str
    type: str
    object: str
    confidence: float
    sentence: Span


def _get(doc: Doc) -> list[DocRelation]:
    return [
        DocRelation(subject, kind, object_, trust, doc[start:end])
        for subject, kind, object_, trust, start, end in doc.user_data.get("kg_relations", ())
    ]


def _put(doc: Doc, found: Iterable[DocRelation]) -> None:
    # Plain lists, because spaCy packs user data when it sends documents between processes or to disk.
    doc.user_data["kg_relations"] = [
        [r.subject, r.type, r.object, r.confidence, r.sentence.start, r.sentence.end] for r in found
    ]


if not Doc.has_extension("relations"):
    Doc.set_extension("relations", getter=_get, setter=_put)


class Relations:
    """Results: ``doc._.relations``."""

    def __call__(self, doc: Doc) -> Doc:
        sentences = list(doc.sents)  # once: `Span.sent` looks through the whole document each time
        starts = [s.start for s in sentences]

        def sentence(mention: Span) -> Span:
            return sentences[bisect_right(starts, mention.start) - 1]

        doc._.relations = list(self._find(doc._.entities, sentence))
        return doc

    def _find(self, entities: list[DocEntity], sentence: Callable[[Span], Span]) -> Iterator[DocRelation]:
        main = max(
            (e for e in entities if e.type == "Method" and e.role == "introduces"),
            key=lambda e: (len(e.mentions), -e.mentions[0].start),
            default=None,
        )
        if main is None:
            return
        for other in entities:
            if other is main:
                continue
            kind = self._kind(other)
            if kind is not None:
                evidence = self._evidence(main, other, sentence)
                yield DocRelation(main.name, kind, other.name, confidence.of_relation(kind), evidence)

    @staticmethod
    def _kind(other: DocEntity) -> str | None:
        if other.type in DATA_LABELS and other.role in ("evaluates", "introduces"):
            return "EVALUATED_ON"
        if other.type == "Task" and other.role in ("evaluates", "introduces"):
            return "USED_FOR"
        if other.type == "Method" and other.role == "compares":
            return "OUTPERFORMS" if other.pattern == "outperformed" else None
        if other.type == "Method" and other.role in ("uses", "introduces"):
            return "BUILDS_ON"
        return None

    @staticmethod
    def _evidence(a: DocEntity, b: DocEntity, sentence: Callable[[Span], Span]) -> Span:
        """The sentence in which `b` plays its role, or the first one with both if that one lacks `a`."""
        cue = sentence(b.mentions[b.cue])
        starts = {sentence(m).start for m in a.mentions}
        if cue.start in starts or b.role == "compares":
            return cue
        return next((s for s in map(sentence, b.mentions) if s.start in starts), cue)


@Language.factory("kg_relations", requires=["doc._.entities"], assigns=["doc._.relations"])
def make_relations(nlp: Language, name: str) -> Relations:
    """Comes after `kg_roles`."""
    return Relations()

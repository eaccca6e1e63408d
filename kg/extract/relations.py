"""The component `kg_relations`: relations that the text states between two entities of a paper.

An ensemble of trees reads what is known of each pair whose types the schema allows (`kg.extract.pairs`). A sentence
that holds both, or holds the object beside "our method", is the evidence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.entities import DocEntity
from kg.extract.pairs import KINDS, Pair, features, pairs
from kg.extract.trained import FOLDER, thresholds
from kg.extract.trees import Floats, Trees

FILE = "relation.onnx"


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

    def __init__(self, folder: Path) -> None:
        self._trees = Trees(folder / FILE)
        self._threshold = thresholds(folder)["relation"]

    def __call__(self, doc: Doc) -> Doc:
        entities: list[DocEntity] = doc._.entities
        among = pairs(entities)
        if among:
            judged = self._trees(features(doc, entities, among))
            doc._.relations = decide(doc, entities, among, judged, self._threshold)
        return doc


def decide(
    doc: Doc, entities: Sequence[DocEntity], among: Sequence[Pair], judged: Floats, threshold: float
) -> list[DocRelation]:
    """The likeliest relation of each pair, if its probability reaches `threshold`.

    `judged`: (pairs, 1 + `KINDS`), that of none first.
    """
    sentences = list(doc.sents)  # once: `Span.sent` looks through the whole document each time
    starts = [s.start for s in sentences]

    def sentence(mention: Span) -> Span:
        return sentences[bisect_right(starts, mention.start) - 1]

    found = []
    for (s, o), row in zip(among, judged, strict=True):
        best = int(row[1:].argmax())
        if row[1 + best] >= threshold:
            evidence = _evidence(entities[s], entities[o], sentence)
            trust = round(float(row[1 + best]), 3)
            found.append(DocRelation(entities[s].name, KINDS[best], entities[o].name, trust, evidence))
    return found


def _evidence(a: DocEntity, b: DocEntity, sentence: Callable[[Span], Span]) -> Span:
    """The sentence in which `b` plays its role, or the first one with both if that one lacks `a`."""
    cue = sentence(b.mentions[b.cue])
    starts = {sentence(m).start for m in a.mentions}
    if cue.start in starts or b.role == "compares":
        return cue
    return next((s for s in map(sentence, b.mentions) if s.start in starts), cue)


@Language.factory(
    "kg_relations", requires=["doc._.entities"], assigns=["doc._.relations"], default_config={"folder": None}
)
def make_relations(nlp: Language, name: str, folder: str | None) -> Relations:
    """`folder` holds a model of your own, as `kg train` makes it. Comes after `kg_entities`."""
    return Relations(Path(folder) if folder else FOLDER)

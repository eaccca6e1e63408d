"""The component `kg_entities`: decides which candidates are entities, of which type, coined or not, and in which role.

Four ensembles of trees read what is known of each candidate of the paper (`kg.extract.features`). The more certain of
two that overlap wins; a name that was recognised once is recognised throughout; one name has one type in a paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.candidates import SOURCES, Candidate, Place, find
from kg.extract.document import text_of
from kg.extract.features import features
from kg.extract.links import in_links
from kg.extract.phrases import Phrases
from kg.extract.proposer import ROLE_COLUMNS, ROLES
from kg.extract.trained import FOLDER, PHRASES, thresholds
from kg.extract.trees import Floats, Trees
from kg.schema import ENTITY_LABELS

_ELSEWHERE = "consistency"  # the extractor that a further place of a recognised name is credited to


@dataclass(slots=True)
class DocEntity:
    """An entity of one document.

    `mentions` are in reading order; `cue` is the index of the one that shows the role. `confidence` is the probability
    that it is an entity of its type.
    """

    name: str
    type: str
    named: bool
    confidence: float
    mentions: list[Span]
    role: str = "mentions"
    cue: int = 0


def _get(doc: Doc) -> list[DocEntity]:
    return [
        DocEntity(name, type_, named, trust, [Span(doc, i, j, type_, span_id=by) for i, j, by in mentions], *role)
        for name, type_, named, trust, mentions, *role in doc.user_data.get("kg_entities", ())
    ]


def _put(doc: Doc, found: Iterable[DocEntity]) -> None:
    # Plain lists, because spaCy packs user data when it sends documents between processes or to disk.
    doc.user_data["kg_entities"] = [
        [e.name, e.type, e.named, e.confidence, [[m.start, m.end, m.id_] for m in e.mentions], e.role, e.cue]
        for e in found
    ]


if not Doc.has_extension("entities"):
    Doc.set_extension("entities", getter=_get, setter=_put)


def keep(doc: Doc, found: Sequence[DocEntity]) -> None:
    """Sets ``doc._.entities`` and ``doc.ents``."""
    doc._.entities = found
    doc.ents = tuple(
        Span(doc, m.start, m.end, label=e.type, kb_id=e.name, span_id=m.id_) for e in found for m in e.mentions
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities of each candidate: to be an entity (N); and if so, of `ENTITY_LABELS` (N, 5), to be coined (N), of
    `ROLES` (N, 5)."""

    entity: Floats
    types: Floats
    named: Floats
    roles: Floats


class Entities:
    """Results: ``doc._.entities`` (a list of `DocEntity`) and ``doc.ents`` (all their mentions)."""

    def __init__(self, folder: Path) -> None:
        self._phrases = Phrases.read(folder / PHRASES)
        self._entity, self._type, self._named, self._role = (
            Trees(folder / f"{name}.onnx") for name in ("entity", "type", "named", "role")
        )
        self._threshold = thresholds(folder)["entity"]

    def __call__(self, doc: Doc) -> Doc:
        candidates = find(doc, self._phrases)
        keep(doc, self._decide(doc, candidates) if candidates else [])
        return doc

    def _decide(self, doc: Doc, candidates: Sequence[Candidate]) -> list[DocEntity]:
        table = features(doc, candidates, self._phrases)
        entity = self._entity(table)[:, 1]
        kept = entity >= self._threshold
        if not kept.any():
            return []
        table = table[kept]
        judged = Judgement(entity[kept], self._type(table), self._named(table)[:, 1], self._role(table))
        return decide(doc, [c for c, sure in zip(candidates, kept, strict=True) if sure], judged)


def decide(doc: Doc, candidates: Sequence[Candidate], judged: Judgement, threshold: float = 0.0) -> list[DocEntity]:
    """The entities among the candidates, those of a probability from `threshold` on, in the order of their mentions."""
    order = sorted(range(len(candidates)), key=lambda i: (-judged.entity[i], candidates[i].places))
    free = [True] * len(doc)
    chosen: list[tuple[int, list[Span]]] = []
    for i in order:
        if judged.entity[i] < threshold:
            break
        mentions = []
        for (start, end), sources in zip(candidates[i].places, candidates[i].sources, strict=True):
            if all(free[start:end]):
                free[start:end] = [False] * (end - start)
                mentions.append(Span(doc, start, end, span_id=_credited(sources)))
        if mentions:
            chosen.append((i, mentions))
    for (start, end), i in _elsewhere(doc, chosen):
        if all(free[start:end]):
            free[start:end] = [False] * (end - start)
            chosen[i][1].append(Span(doc, start, end, span_id=_ELSEWHERE))
    found = [_entity(doc, mentions, judged, i) for i, mentions in chosen]
    return sorted(found, key=lambda e: e.mentions[0].start)


def _credited(sources: int) -> str:
    return next(name for bit, name in enumerate(SOURCES) if sources >> bit & 1)


def _elsewhere(doc: Doc, chosen: Sequence[tuple[int, list[Span]]]) -> Iterator[tuple[Place, int]]:
    """Every place where a surface of the entities stands as a whole word, and the index of its entity."""
    text, linked = text_of(doc), in_links(doc._.links)
    owner = {mention.text: number for number, (_, mentions) in enumerate(chosen) for mention in mentions}
    for surface in sorted(owner, key=lambda s: (-len(s), s)):
        start = text.find(surface)
        while start >= 0:
            end = start + len(surface)
            whole = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
            span = doc.char_span(start, end) if whole and not linked(start, end) else None
            if span is not None and not any(token.is_sent_start for token in span[1:]):
                yield (span.start, span.end), owner[surface]
            start = text.find(surface, end)


def _entity(doc: Doc, mentions: list[Span], judged: Judgement, i: int) -> DocEntity:
    mentions.sort(key=lambda m: m.start)
    type_, role = int(judged.types[i].argmax()), int(judged.roles[i].argmax())
    shows = doc._.proposals[:, ROLE_COLUMNS.start + role]
    return DocEntity(
        name=name_of(mentions),
        type=ENTITY_LABELS[type_],
        named=bool(judged.named[i] > 0.5),
        confidence=round(float(judged.entity[i] * judged.types[i, type_]), 3),
        mentions=mentions,
        role=ROLES[role],
        cue=max(range(len(mentions)), key=lambda k: (float(shows[mentions[k].start : mentions[k].end].mean()), -k)),
    )


def name_of(mentions: Sequence[Span]) -> str:
    """The shortest coined surface or abbreviation; else the surface that is used most."""
    surfaces = Counter(m.text for m in mentions)
    short = [s for s in surfaces if s.isupper() or not s[1:].islower()]
    if short:
        return min(short, key=lambda s: (len(s), s))
    return min(surfaces, key=lambda s: (-surfaces[s], len(s), s))


@Language.factory("kg_entities", assigns=["doc.ents", "doc._.entities"], default_config={"folder": None})
def make_entities(nlp: Language, name: str, folder: str | None) -> Entities:
    """`folder` holds a model of your own, as `kg train` makes it. Comes after `kg_proposer` and `kg_lexicon`."""
    return Entities(Path(folder) if folder else FOLDER)

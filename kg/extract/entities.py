"""The component `kg_entities`: decides which candidates are entities, and gathers the mentions of each.

One name has one type in a paper, long form and abbreviation are one entity, the longest sensible span wins, and a
name that was recognised once is recognised throughout. A statistical model joins by writing a span group of its own
into `sources`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from kg.extract import confidence
from kg.extract.gazetteer import NAME, TERM
from kg.extract.links import in_links
from kg.extract.patterns import type_of_name
from kg.extract.shapes import strong
from kg.extract.text import name_key
from kg.schema import DATA_LABELS

_KNOWN = (NAME, TERM)
_WEAK = (*_KNOWN, "shape", "definition", "consistency", "abbreviation")  # extractors whose type no context supports
_SURE = ("title-colon", "introduced", "called")  # extractors that vouch even for an ordinary word as a name


Place = tuple[int, int]  # tokens, end exclusive


@dataclass(slots=True)
class DocEntity:
    """An entity of one document.

    `mentions` are in reading order; `cue` is the index of the one that shows the role, `pattern` what fits there.
    """

    name: str
    type: str
    named: bool
    confidence: float
    mentions: list[Span]
    role: str = "mentions"
    cue: int = 0
    pattern: str = ""


def _get(doc: Doc) -> list[DocEntity]:
    return [
        DocEntity(name, type_, named, trust, [Span(doc, i, j, type_, span_id=by) for i, j, by in mentions], *role)
        for name, type_, named, trust, mentions, *role in doc.user_data.get("kg_entities", ())
    ]


def _put(doc: Doc, found: Iterable[DocEntity]) -> None:
    # Plain lists, because spaCy packs user data when it sends documents between processes or to disk.
    doc.user_data["kg_entities"] = [
        [e.name, e.type, e.named, e.confidence, [[m.start, m.end, m.id_] for m in e.mentions], e.role, e.cue, e.pattern]
        for e in found
    ]


if not Doc.has_extension("entities"):
    Doc.set_extension("entities", getter=_get, setter=_put)


class Entities:
    """Results: ``doc._.entities`` (a list of `DocEntity`) and ``doc.ents`` (all their mentions)."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources

    def __call__(self, doc: Doc) -> Doc:
        candidates = [span for source in self._sources if source in doc.spans for span in doc.spans[source]]
        spans = filter_spans(candidates)
        spans = self._with_partners(doc, spans)
        # A name does not go beyond its sentence, which will be the evidence.
        spans = [s for s in self._throughout(doc, spans) if not any(token.is_sent_start for token in s[1:])]
        wording = {(s.start, s.end): s.label_ for s in candidates if s.id_ not in _WEAK}
        groups: dict[str, list[Span]] = defaultdict(list)
        same = self._same(doc)
        for span in spans:
            key = name_key(span.text)
            groups[same.get(key, key)].append(span)
        doc._.entities = [self._entity(group, wording) for group in groups.values()]
        doc.ents = tuple(
            Span(doc, m.start, m.end, label=e.type, kb_id=e.name, span_id=m.id_)
            for e in doc._.entities
            for m in e.mentions
        )
        return doc

    def _with_partners(self, doc: Doc, spans: list[Span]) -> list[Span]:
        """A definition "long form (SF)" of which one side is a candidate makes the other one, too."""
        at = {(s.start_char, s.end_char): s for s in spans}
        added = []
        for pair in doc._.abbreviations:
            sides = (pair.long_start, pair.long_end), (pair.short_start, pair.short_end)
            known = [at.get(side) for side in sides]
            for side, own, other in zip(sides, known, reversed(known), strict=True):
                span = doc.char_span(*side) if own is None and other is not None else None
                if span is not None and other is not None:
                    added.append(Span(doc, span.start, span.end, label=other.label_, span_id="abbreviation"))
        return filter_spans([*added, *spans])

    def _throughout(self, doc: Doc, spans: list[Span]) -> list[Span]:
        """Every other place where a coined name that was found once stands."""
        names = {
            s.text: s for s in spans if s.id_ not in _KNOWN and (s.id_ in _SURE or strong(s[-1].text) or " " in s.text)
        }
        if not names:
            return spans
        taken = in_links(doc._.links)
        either = "|".join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n)))
        added = []
        for match in re.finditer(rf"(?<![^\W_])(?:{either})(?=s?(?![^\W_]))", doc.text):
            if not taken(*match.span()):
                span = doc.char_span(*match.span())
                if span is not None:
                    known = names[match.group()]
                    added.append(Span(doc, span.start, span.end, label=known.label_, span_id="consistency"))
        return filter_spans([*spans, *added])

    def _same(self, doc: Doc) -> dict[str, str]:
        """Keys of abbreviations to the keys of their long forms."""
        text = doc.text
        return {
            name_key(text[a.short_start : a.short_end]): name_key(text[a.long_start : a.long_end])
            for a in doc._.abbreviations
        }

    def _entity(self, spans: list[Span], wording: Mapping[Place, str]) -> DocEntity:
        surfaces = Counter(s.text for s in spans)
        label = self._type(spans, wording)
        named = self._named(spans)
        name = min(surfaces, key=lambda s: (-surfaces[s], len(s), s))
        short = [s for s in surfaces if s.isupper() or not s[1:].islower()]
        if short:
            name = min(short, key=lambda s: (len(s), s))
        return DocEntity(
            name=name,
            type=label,
            named=named,
            confidence=confidence.of_entity({s.id_ for s in spans}),
            mentions=spans,
        )

    @staticmethod
    def _named(spans: list[Span]) -> bool:
        known = [s.id_ for s in spans if s.id_ in _KNOWN]
        return NAME in known if known else any(not s.text.islower() for s in spans)

    @staticmethod
    def _type(spans: list[Span], wording: Mapping[Place, str]) -> str:
        votes = Counter(label for s in spans if (label := wording.get((s.start, s.end))))
        known = Counter(s.label_ for s in spans if s.id_ in _KNOWN)
        if known:
            label = known.most_common(1)[0][0]
            said = next((v for v, _ in votes.most_common() if v in DATA_LABELS), label)
            return said if label in DATA_LABELS else label
        if votes:
            return votes.most_common(1)[0][0]
        return next(filter(None, (type_of_name(s.text) for s in spans)), spans[0].label_)


@Language.factory(
    "kg_entities",
    assigns=["doc.ents", "doc._.entities"],
    default_config={"sources": ["kg_lexicon", "kg_patterns"]},
)
def make_entities(nlp: Language, name: str, sources: list[str]) -> Entities:
    """`sources`: the span groups of ``doc.spans`` that propose candidates, the most trusted first."""
    return Entities(sources)

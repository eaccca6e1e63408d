"""The component `kg_patterns`: names that no lexicon knows, found by their shape and the words around them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

import kg.extract.abbreviations  # noqa: F401  registers doc._.abbreviations
from kg.extract import shapes
from kg.extract.contexts import FILE, fitting, patterns
from kg.extract.document import title_end
from kg.extract.links import in_links
from kg.schema import DATA_LABELS

_LONGEST_TITLE_NAME = 5  # words before the colon of "NAME: what it is"


@cache
def _name_types() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["regex"]), row["type"]) for row in tomllib.loads(FILE.read_text("utf-8"))["name"])


def type_of_name(name: str) -> str | None:
    """The type that a name itself suggests (`MathBench`, `face recognition`), or None."""
    return next((label for regex, label in _name_types() if regex.search(name)), None)


def _distinct(span: Span, text: str, split: int) -> bool:
    """Whether the shape of a name is enough: mixed case, or capitals that the text repeats.

    Short acronyms mean anything. The title of `text` ends at `split`.
    """
    name = span.text
    repeated = text.count(name) > 1
    if span.end_char <= split and not repeated:
        return False
    mixed = any(c.islower() for c in name) and len(name) >= 5
    return mixed or (len(name) >= 4 and repeated)


class Patterns:
    """Finds coined names.

    Results: ``doc.spans["kg_patterns"]``, labelled by type, `id_` the pattern that speaks for the name.
    """

    def __call__(self, doc: Doc) -> Doc:
        known = list(doc.spans["kg_lexicon"]) if "kg_lexicon" in doc.spans else []
        candidates, strong = self._candidates(doc, known)
        spans = filter_spans([*known, *candidates])
        new = {(s.start, s.end) for s in candidates}
        data = {(s.start, s.end) for s in known if s.label_ in DATA_LABELS}
        defined = {(a.long_start, a.long_end) for a in doc._.abbreviations}
        text, split = doc.text, title_end(doc)
        found = []
        for span, fits in zip(spans, fitting(doc, spans, patterns()), strict=True):
            place = (span.start, span.end)
            typed = next((p for p in fits if p.type), None)
            if place in data and typed and typed.type in DATA_LABELS:
                # Known, but the wording tells whether this paper takes it for a dataset or for a benchmark.
                found.append(Span(doc, *place, label=typed.type, span_id=typed.id))
            if place not in new:
                continue
            role = next((p for p in fits if p.role), None)
            # A phrase in lower case is only a name where the paper says what it does with it.
            context = role if span.text.islower() else typed or role
            suggested = type_of_name(span.text)
            if context:
                source = context.id
            elif suggested and (span.start_char, span.end_char) in defined:
                source = "definition"
            elif place in strong and _distinct(span, text, split):
                source = "shape"
            else:
                continue
            label = (typed.type if typed else None) or suggested or "Method"
            found.append(Span(doc, *place, label=label, span_id=source))
        doc.spans["kg_patterns"] = SpanGroup(doc, name="kg_patterns", spans=found)
        return doc

    def _candidates(self, doc: Doc, known: Iterable[Span]) -> tuple[list[Span], set[tuple[int, int]]]:
        """Possible names outside of links and of what the lexicon knows; and those that their shape vouches for."""
        taken = in_links(doc._.links)
        covered = {i for span in known for i in range(span.start, span.end)}
        found, strong = [], set()
        end_of_title = title_end(doc)
        for sentence in doc.sents:
            title = sentence.start_char < end_of_title
            for start, end, vouched in shapes.runs(doc, sentence.start, sentence.end, title=title):
                if not all(i in covered for i in range(start, end) if doc[i].text != "-"):
                    found.append(doc[start:end])
                    if vouched:
                        strong.add((start, end))
        head = self._title_name(doc, end_of_title)
        if head is not None:
            found.append(head)
        for pair in doc._.abbreviations:
            for first, last in ((pair.short_start, pair.short_end), (pair.long_start, pair.long_end)):
                span = doc.char_span(first, last)
                if span is not None and not all(i in covered for i in range(span.start, span.end)):
                    found.append(span)
        return [s for s in found if not taken(s.start_char, s.end_char)], strong

    @staticmethod
    def _title_name(doc: Doc, end_of_title: int) -> Span | None:
        """What stands before the colon of a title, if it is short enough for a name."""
        colon = doc.text.find(":", 0, max(end_of_title, 0))
        span = doc.char_span(0, colon) if colon > 0 else None
        if span is None or len(span.text.split()) > _LONGEST_TITLE_NAME or not any(map(str.isalpha, span.text)):
            return None
        return span if len(span.text.split()) == 1 or any(shapes.strong(t.text) for t in span) else None


@Language.factory("kg_patterns")
def make_patterns(nlp: Language, name: str) -> Patterns:
    """Needs sentences; takes account of `kg_lexicon`, `kg_links` and `kg_abbreviations` where they ran before."""
    return Patterns()

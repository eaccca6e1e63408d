"""The gazetteer: curated names under `lexicon/`, and the component `kg_lexicon` that finds them in a text.

Each file holds entries of one type: a canonical name, whether it was coined for one thing, and its aliases. A name is
found in all spellings that share its key (`kg.extract.text.name_key`), at token boundaries, the longest first. Coined
names and acronyms count only in their own case (`ImageNet`, `LLM`), generic terms in any.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from kg.errors import ExtractionError
from kg.extract.document import words_of
from kg.extract.text import PIECE, fold, join_pieces, pieces, singular

NAME, TERM = "lexicon", "terminology"  # the extractors that coined names and generic terms are credited to
_JOINTS = ("-", "~")
_MARKS = ("/", "&")  # that are part of a name: ViT-B/16, M&Ms
_PARTS = re.compile(f"{PIECE}|[/&]")
FOLDER = Path(__file__).parent / "lexicon"
_TYPES = {
    "benchmarks": "Benchmark",
    "datasets": "Dataset",
    "methods_generic": "Method",
    "methods_named": "Method",
    "metrics": "Metric",
    "tasks": "Task",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One known entity; `forms` are its canonical name and all aliases."""

    name: str
    type: str
    named: bool
    forms: tuple[str, ...]


@cache
def entries(folder: Path = FOLDER) -> tuple[Entry, ...]:
    """All entries of the TSV files in `folder`, in file order; a file that is not there has none."""
    found = []
    for stem, label in _TYPES.items():
        path = folder / f"{stem}.tsv"
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                if number == 1 or not row:
                    continue
                if len(row) != 3 or row[1] not in ("true", "false"):
                    raise ExtractionError(f"{path}:{number}: give a name, `true` or `false`, and aliases, between tabs")
                name, named, aliases = row
                forms = (name, *filter(None, aliases.split("|")))
                if nameless := [form for form in forms if not pieces(form)]:
                    raise ExtractionError(f"{path}:{number}: a name needs a letter or a digit: {nameless[0]!r}")
                found.append(Entry(name, label, named == "true", forms))
    if not found:
        raise ExtractionError(f"{folder}: no lexicon in it; it takes {', '.join(f'{stem}.tsv' for stem in _TYPES)}")
    return tuple(found)


class Lexicon:
    """Finds the gazetteer's names. Results: ``doc.spans["kg_lexicon"]``, labelled by type; `id_` is NAME or TERM."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        # By lower-case key: the key in its own case where only that counts, and the entry.
        self._forms: dict[str, list[tuple[str | None, Entry]]] = {}
        self._starts: set[str] = set()
        for entry in entries:
            for form in entry.forms:
                parts = _PARTS.findall(fold(form))
                acronym = form.isupper() or (form[:-1].isupper() and form.endswith("s"))
                exact = _key(parts) if entry.named or acronym else None
                lower = [part.lower() for part in parts]
                for key in {_key(lower), _key([*lower[:-1], singular(lower[-1])])}:
                    self._forms.setdefault(key, []).append((exact, entry))
                self._starts.update(_key(lower[:n]) for n in range(1, len(lower) + 1))

    def __call__(self, doc: Doc) -> Doc:
        words = words_of(doc)
        spans = []
        for i, word in enumerate(words):
            found = self._longest(words, i) if word[0].isalnum() else None
            if found:
                end, entry = found
                spans.append(Span(doc, i, end, label=entry.type, span_id=NAME if entry.named else TERM))
        doc.spans["kg_lexicon"] = SpanGroup(doc, name="kg_lexicon", spans=filter_spans(spans))
        return doc

    def _longest(self, words: Sequence[str], first: int) -> tuple[int, Entry] | None:
        """The longest known name that starts at token `first`: its end and its entry."""
        parts: list[str] = []
        best = None
        for i in range(first, len(words)):
            word = words[i].removeprefix("'")
            if word in _JOINTS:
                continue
            if not word[:1].isalnum() and word not in _MARKS:
                break
            parts += _PARTS.findall(word)  # the tokenizer leaves "AIME'24" and "AP_3D" whole
            exact = _key(parts)
            key = exact.lower()
            entry = self._lookup(key, exact) if word[-1].isalnum() or word[-1] == "+" else None
            if entry is None and (singular(word.lower()) != word.lower() or re.fullmatch("[A-Z]{2}s", word)):
                entry = self._lookup(key[:-1], exact[:-1])
            if entry is not None:
                best = (i + 1, entry)
            if key not in self._starts:
                break
        return best

    def _lookup(self, key: str, exact: str) -> Entry | None:
        # A name in lower case may begin a sentence (K-means); all else must stand in its own case.
        for cased, entry in self._forms.get(key, ()):
            if cased is None or cased == exact or (cased.islower() and exact == cased.capitalize()):
                return entry
        return None


def _key(parts: list[str]) -> str:
    return join_pieces(parts, words=" ")


@Language.factory("kg_lexicon", default_config={"folder": None})
def make_lexicon(nlp: Language, name: str, folder: str | None) -> Lexicon:
    """`folder` replaces the lexicons that ship with the package by your own, in the same format."""
    return Lexicon(entries(Path(folder) if folder else FOLDER))

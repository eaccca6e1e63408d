"""The spaCy component `kg_abbreviations`: where a text defines an abbreviation, as in "state space models (SSMs)".

    nlp = spacy.blank("en"); nlp.add_pipe("kg_abbreviations"); nlp("low-rank adaptation (LoRA)")._.abbreviations

After Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text" (PSB 2003):
candidates are pairs around a bracket, and the characters of the short form must occur in the long form in order, the
first at the start of a word. They take the shortest such long form, which for "Proximal Policy Optimization (PPO)" is
"Policy Optimization"; here each matched word must begin with one of the characters, and of all such alignments the one
that skips least wins. It reads only `doc.text`, so any tokenizer will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.alignment import LINKING, OUTER, align, general, may_begin, split_words
from kg.extract.document import text_of


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A definition: ``doc.text[short_start:short_end]`` stands for ``doc.text[long_start:long_end]``."""

    short_start: int
    short_end: int
    long_start: int
    long_end: int

    def short(self, doc: Doc) -> str:
        return doc.text[self.short_start : self.short_end]

    def long(self, doc: Doc) -> str:
        return doc.text[self.long_start : self.long_end]


_LONGEST = 12
_WINDOW = 240
_SHORT_FORM = re.compile(r"(?:[^\W_]{2,8} )?[^\W_](?:[^\W_]|[-/.&+'@*](?=[^\W_])){1,15}[*+]?(?:[ ~-]\d{1,2}(?:\.\d)?)?")
_BRACKET = re.compile(r"\(([^()]{2,300})\)")
_INTRODUCTION = re.compile(
    r"\W*(?:(?:(?:also\s)?(?:abbreviated|abbr\.?|denoted|referred|termed|dubbed|called|named|known|coined|written|or|aka|a\.k\.a\."
    r"|i\.e\.|short|hereafter|henceforth)[,:]?\s(?:to\s)?(?:as\s|by\s)?)?(?:the\s|a\s|an\s)?(?:\\text\w{2}\{|[\"'“‘`*$_]+)?)",
    re.IGNORECASE,
)
_PIECE_END = re.compile(r"[;,:]\s|[\"'”’*$_}]|\s(?:for short|hereafter|henceforth)\b|$")
_BOUNDARY = re.compile(r"[.!?]\s+(?=[^a-z])|[;:()\[\]{}\n]|,\s+(?:i\.e\.|e\.g\.|namely|called|termed)")
_BEFORE = re.compile(r"(?:^|(?<=[\s(\[{\"'“‘`*$_]))([^\W_][^\s()]{1,15}(?:\s\d{1,2}(?:\.\d)?)?)[\"'”’`*$_}]*\s?$")
_TITLE = re.compile(r"^(\S{2,12}(?:\s\d(?:\.\d)?)?): (?=\S)", re.MULTILINE)

_LIST_END = re.compile(r"[;:\"”}]|\s[–—-]\s")
_ARTICLES = frozenset({"a", "an", "the", "our", "its", "this", "these", "new", "novel"})
_NOT_IN_TITLE = LINKING - {"a", "an", "and", "or", "the"} | {
    "through",
    "using",
    "beyond",
    "based",
    "guided",
    "driven",
    "are",
}
_TITLE_REST = 2
_JOINT = re.compile(r",? |[-‐‑–/&+]| & ")


def find_abbreviations(text: str) -> Iterator[Abbreviation]:
    """Every definition of an abbreviation, in the order of the text. Time is linear in its length."""
    for match in _TITLE.finditer(text):
        if found := _after_title(text, match):
            yield found
    for match in _BRACKET.finditer(text):
        if found := _long_before(text, match) or _short_before(text, match):
            yield found


def _long_before(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """ "long form (SF)" """
    start = _content(text, bracket)
    short = _SHORT_FORM.match(text, start, bracket.end(1))
    if short is None or not _PIECE_END.match(text, short.end(), bracket.end(1)) or not _is_short_form(short.group()):
        return None
    left = max(0, bracket.start() - _WINDOW)
    for boundary in _BOUNDARY.finditer(text, left, bracket.start()):
        left = boundary.end()
    words = split_words(text, left, bracket.start())[-2 * len(short.group()) - 6 :]
    if not words or text[words[-1].end : bracket.start()].strip("\"'”’`*$_}~ "):
        return None
    first = align(short.group(), words)
    if first is None and len(words) > 1 and general(words[-1]) in OUTER:
        words.pop()
        first = align(short.group(), words)
    if first is None:
        return None
    return _checked(text, *short.span(), _whole_word(text, words[first].start, left), words[-1].end)


def _content(text: str, bracket: re.Match[str]) -> int:
    """Where the content of a bracket begins after words such as "abbreviated as", an article and quotes."""
    introduction = _INTRODUCTION.match(text, bracket.start(1), bracket.end(1))
    return introduction.end() if introduction else bracket.start(1)


def _short_before(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """ "SF (long form)" """
    short = _BEFORE.search(text, max(0, bracket.start() - 20), bracket.start())
    if short is None or not _SHORT_FORM.fullmatch(short[1]) or not _is_short_form(short[1]):
        return None
    start = _content(text, bracket)
    content = _LIST_END.split(text[start : bracket.end(1)], maxsplit=1)[0]
    for inner in (content, content.partition(",")[0]):
        words = split_words(text, start, start + len(inner))
        if not words or len(words) > 2 * _LONGEST or not may_begin(short[1], words[0].text):
            return None
        if align(short[1], words) == 0:
            return _checked(text, *short.span(1), words[0].start, words[-1].end)
    return None


def _after_title(text: str, title: re.Match[str]) -> Abbreviation | None:
    """ "SF: long form for …" at the start of a line, if the words right after the colon spell it out."""
    if not _SHORT_FORM.fullmatch(title[1]) or not _is_short_form(title[1]):
        return None
    words = split_words(text, title.end(), min(len(text), title.end() + _WINDOW // 2))
    while words and words[0].text.lower() in _ARTICLES:
        words = words[1:]
    if not words or not may_begin(title[1], words[0].text):
        return None
    for size in range(1, min(len(words), len(title[1]) + 4) + 1):
        if size > 1 and not _JOINT.fullmatch(text, words[size - 2].end, words[size - 1].start):
            return None
        if align(title[1], words[:size], allowance=0.3) == 0:
            end = size
            while end < len(words) and _JOINT.fullmatch(text, words[end - 1].end, words[end].start):
                if words[end].text.lower() in _NOT_IN_TITLE or general(words[end]) in OUTER:
                    break
                end += 1
            if end - size > _TITLE_REST:
                return None
            return _checked(text, *title.span(1), words[0].start, words[end - 1].end)
    return None


def _is_short_form(text: str) -> bool:
    """At most 12 characters with a capital letter among them, and no plain number with a unit."""
    return len(text) <= _LONGEST and any(c.isupper() for c in text) and not re.fullmatch(r"\d+(?:\.\d+)?[A-Z]?", text)


def _whole_word(text: str, start: int, left: int) -> int:
    """The start of the hyphenated word that holds `start`: "semi-" belongs to "semi-supervised learning"."""
    while start > left and (text[start - 1].isalnum() or text[start - 1] in "-‐‑–"):
        start -= 1
    while not text[start].isalnum():
        start += 1
    return start


def _checked(text: str, short_start: int, short_end: int, long_start: int, long_end: int) -> Abbreviation | None:
    if text.endswith(("'s", "’s"), long_start, long_end):
        long_end -= 2
    short, long = text[short_start:short_end], text[long_start:long_end]
    if len(long) <= len(short) or short in re.split(r"[\s/-]", long):
        return None
    return Abbreviation(short_start, short_end, long_start, long_end)


class AbbreviationFinder:
    """The component: results are in `doc._.abbreviations`."""

    def __call__(self, doc: Doc) -> Doc:
        doc._.abbreviations = list(find_abbreviations(text_of(doc)))
        return doc


def _get(doc: Doc) -> list[Abbreviation]:
    return [Abbreviation(*row) for row in doc.user_data.get("kg_abbreviations", ())]


def _put(doc: Doc, found: Iterable[Abbreviation]) -> None:
    # Plain lists, because spaCy packs user data when it sends documents between processes or to disk.
    doc.user_data["kg_abbreviations"] = [list(astuple(each)) for each in found]


if not Doc.has_extension("abbreviations"):
    Doc.set_extension("abbreviations", getter=_get, setter=_put)


@Language.factory("kg_abbreviations", assigns=["doc._.abbreviations"])
def make_abbreviations(nlp: Language, name: str) -> AbbreviationFinder:
    """Factory of `kg_abbreviations`. It has no settings and needs no other component."""
    return AbbreviationFinder()

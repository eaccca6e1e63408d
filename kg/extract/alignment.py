"""Aligns the characters of an abbreviation with the words of its long form (see `kg.extract.abbreviations`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Word(NamedTuple):
    """A piece of a long form: a word, or a part of a hyphenated one (`inner` if it is not its first part)."""

    start: int
    end: int
    text: str
    inner: bool


_WORD = re.compile(r"[^\W_]+(?:['’]s\b)?")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LINKING = _set("a an and as at by for from in into is of on or over per the to towards under via vs with without")
# Nouns that may close a long form without a letter for them: "Vision-Language-Action models (VLA)" ...
_HEADS = _set(
    "algorithm architecture attack block corpus divergence embedding estimation function learning loss machine matrix "
    "measure metric model modeling module network optimizer pipeline policy problem process prompting score search "
    "system task theory training"
)
# ... and that are not part of it: "Deep Image Prior framework (DIP)".
OUTER = _set("approach benchmark challenge dataset framework mechanism method paradigm scheme strategy technique tool")
# What a character may stand for besides words that begin with it: "text-to-image (T2I)", "explainable AI (XAI)".
_READ_AS = {
    char: re.compile(words)
    for char, words in {
        "2": "(?:to|two)$",
        "3": "three$",
        "4": "(?:for|four)$",
        "n": "and$",
        "x": "ex|cross|trans",
    }.items()
}
_NEVER = 99.0


def split_words(text: str, start: int, end: int) -> list[Word]:
    """The words of ``text[start:end]``."""
    return [
        Word(m.start(), m.end(), m.group(), m.start() > start and text[m.start() - 1] in "-‐‑–/")
        for m in _WORD.finditer(text, start, end)
    ]


def may_begin(short: str, word: str) -> bool:
    """Whether the long form of `short` may begin with `word`."""
    return word[0].lower() == short[0].lower() or _is_read_as(short[0], word)


def _is_read_as(char: str, word: str) -> bool:
    pattern = _READ_AS.get(char.lower())
    return pattern is not None and pattern.match(word.lower()) is not None


def general(word: Word) -> str:
    """The word as `OUTER` would list it."""
    return word.text.lower().removesuffix("s")


def align(short: str, words: list[Word], allowance: float | None = None) -> int | None:
    """Where the best alignment of `short` with the end of `words` begins, as an index, if one is good enough.

    Costs: a skipped word 1, a skipped linking word or later part of a hyphenated word 0.1; a capital of the short form
    matched by a lower-case letter inside a word 0.5; a general noun after the last match 0.6.
    """
    if not any(may_begin(short, word.text) for word in words):
        return None
    for form in _forms(short):
        if (first := _by_initials(form, words)) is not None:
            return first
        limit = min(2.0, 0.5 * (len(form) - 1)) if allowance is None else allowance
        cost, first = _cheapest(form, words)
        if cost <= limit:
            return first
    return None


def _forms(short: str) -> list[str]:
    """The characters that the long form must have: a plural s need not be there, and "S4" may stand for "SSSS"."""
    form = "".join(c for c in short if c.isalnum())
    forms = [form]
    if len(form) > 2 and form[-1] == "s" and form[-2].isupper():
        forms.insert(0, form[:-1])
    if any(c in "234" for c in form[1:]):
        forms.append(re.sub(r"([A-Z])([234])", lambda m: m[1] * int(m[2]), form))
    return forms


def _by_initials(form: str, words: list[Word]) -> int | None:
    """The quick way: the characters are the initials of the last words, but for linking words and hyphenated parts."""
    left = len(form)
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        if word.text[0].lower() == form[left - 1].lower():
            left -= 1
            if left == 0:
                return index
        elif not (word.inner or (word.text in LINKING and left < len(form))):
            return None
    return None


def _cheapest(form: str, words: list[Word]) -> tuple[float, int]:
    """Cost and first word of the cheapest alignment; among equals the shortest. Dynamic programming over the words.

    ``best[j]`` is the cheapest alignment of ``form[:j]`` with words up to the current one.
    """
    best: list[tuple[float, int]] = [(_NEVER, 0)] * (len(form) + 1)
    for index, word in enumerate(words):
        skip = 0.1 if word.inner or word.text in LINKING else 1.0
        now = [(cost + skip, first) for cost, first in best]
        if not word.inner:  # little may follow the last match
            now[-1] = (
                best[-1][0] + 0.6 if len(form) > 2 and general(word) in _HEADS else _NEVER,
                best[-1][1],
            )
        for j in range(len(form)):
            so_far, first = best[j] if j else (0.0, index)
            if so_far >= _NEVER:
                continue
            for length, cost in _matches(form, j, word.text):
                old_cost, old_first = now[j + length]
                if (so_far + cost, -first) < (old_cost, -old_first):
                    now[j + length] = (so_far + cost, first)
        best = now
    return best[-1]


def _matches(form: str, j: int, word: str) -> Iterator[tuple[int, float]]:
    """How many characters of `form` from `j` on the word can stand for, with the cost of each number."""
    initial, cost, position = form[j].lower(), 0.0, 1
    if word[0].lower() != initial:
        if _is_read_as(initial, word):
            yield 1, 0.0
            return
        position = word.find(initial.upper(), 1) + 1 if j else 0  # "exPlanation"
        if position == 0:
            return
        cost = 0.1
    yield 1, cost
    for k in range(j + 1, len(form)):
        at = word.find(form[k], position)
        if at < 0 and form[k].isupper():
            at = word.find(form[k].lower(), position)
            cost += 0.5
        if at < 0:
            return
        position = at + 1
        yield k + 1 - j, cost

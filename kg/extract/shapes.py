"""Candidate names by their shape: CamelCase, acronyms, letters with digits, capitalised words, version suffixes."""

from __future__ import annotations

import re
from pathlib import Path

from spacy.tokens import Doc

_STRONG = re.compile(
    r"(?=.*[A-Za-z])(?:[A-Z][A-Z0-9.+]*s?|\w*[a-z0-9][A-Z]\w*|[A-Z]{2,}\w*|[A-Z]+[a-z]*\d[\w.]*)(?:[.@+]\w+)*\+*"
)
_WEAK = re.compile(r"[A-Z][a-z]+")
_TAIL = re.compile(r"\d+(?:\.\d+)?[A-Za-z]{0,2}|[vV]\d[\d.]*|[A-Z]|[Α-Ωα-ω]")
# Lower-case parts behind a hyphen that belong to a name (DeBERTa-large, LAD-bench).
_SIZE = re.compile("base|bench|chat|instruct|large|lite|max|medium|mini|nano|net|plus|preview|pro|small|tiny|turbo|xl")


def _common() -> frozenset[str]:
    path = Path(__file__).parent / "lexicon" / "not_names.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


NOT_NAMES = _common()


def strong(word: str) -> bool:
    """Whether a word's shape alone says that it is a coined name or an acronym."""
    return len(word) > 1 and word not in NOT_NAMES and _STRONG.fullmatch(word) is not None and not word[0].isdigit()


def runs(doc: Doc, start: int, end: int, *, title: bool) -> list[tuple[int, int, bool]]:
    """Candidate names among the tokens `start` to `end` of one sentence: start, end, whether a strong word is in it.

    In a title, where every word may have a capital, only strong words and what hangs on them by a hyphen or as a
    version count. A run that leads on in lower case behind a hyphen ("GAN-generated images") is a modifier and no
    candidate.
    """
    words = [doc[i].text for i in range(start, end)]
    glued = [i > 0 and not doc[start + i - 1].whitespace_ for i in range(len(words))]

    def hyphened(i: int) -> bool:
        """Whether token `i` is a hyphen between two words."""
        return i + 1 < len(words) and words[i] == "-" and glued[i] and glued[i + 1]

    found = []
    i = 0
    while i < len(words):
        first_strong = strong(words[i])
        first_weak = _WEAK.fullmatch(words[i]) is not None and words[i] not in NOT_NAMES
        if not first_strong and not (first_weak and not title and (i > 0 or hyphened(i + 1))):
            i += 1
            continue
        j, any_strong = i + 1, first_strong
        while j < len(words):
            if hyphened(j):
                part = words[j + 1]
                inside = part.islower() and j + 2 < len(words) and not glued[j + 2] and _WEAK.fullmatch(words[j + 2])
                if not (
                    strong(part)
                    or _TAIL.fullmatch(part)
                    or _WEAK.fullmatch(part)
                    or _SIZE.fullmatch(part)
                    or (inside and not title)
                ):
                    break
                any_strong = any_strong or strong(part)
                j += 2
            elif glued[j]:
                break
            elif (strong(words[j]) or _WEAK.fullmatch(words[j])) and not title:
                any_strong = any_strong or strong(words[j])
                j += 1
            elif _TAIL.fullmatch(words[j]) and len(words[j]) < 5:
                j += 1
            else:
                break
        if not hyphened(j):
            found.append((start + i, start + j, any_strong))
        i = j
    return found

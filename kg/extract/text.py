"""Text as the extraction sees it: folded one character to one, so that every offset means the same in the source."""

from __future__ import annotations

import re
import unicodedata

_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u0060\u00b4"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"


def _table() -> dict[int, str]:
    table = {}
    # Compatibility forms that have a plain equal of one character: full-width letters, special spaces, mathematical
    # alphabets.
    for first, last in ((0xA0, 0x2FF), (0x2000, 0x206F), (0x2100, 0x214F), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF)):
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                table[code] = plain
    table |= {ord(c): "-" for c in _HYPHENS}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # lone surrogates, which spaCy cannot encode
    table |= {ord(c): "'" for c in _SINGLE_QUOTES}
    table |= {ord(c): '"' for c in _DOUBLE_QUOTES}
    return table


_FOLD = _table()


def fold(text: str) -> str:
    """`text` with typographic variants made plain. Same length, so offsets hold in both."""
    return text if text.isascii() else text.translate(_FOLD)


PIECE = r"[^\W_]+(?:[.@+][^\W_]+)*\+*"
_PIECE = re.compile(PIECE)


def pieces(name: str) -> list[str]:
    """The words and numbers that make up a name: `GPT-3.5 turbo` has `GPT`, `3.5` and `turbo`."""
    return _PIECE.findall(name)


def singular(word: str) -> str:
    """`word` (lower case) without a plural s."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def join_pieces(parts: list[str], *, words: str = "") -> str:
    """Pieces of a name as one key: separators vanish, not between digits (`CIFAR-10` = `CIFAR10`; `3-5` is not `35`).

    `words` stands between two pieces that are words: with a space there, `To Me` is not `ToMe`.
    """
    key = ""
    for piece in parts:
        if key and key[-1].isdigit() and piece[0].isdigit():
            key += "-"
        elif key and key[-1].isalpha() and piece[0].isalpha():
            key += words
        key += piece
    return key


def name_key(name: str) -> str:
    """The key under which spellings of one name are equal: case, hyphens, spaces, Unicode variants and plural s do
    not count.

    `CIFAR10` = `CIFAR-10` = `cifar 10`; `state-space models` = `State Space Model`; but `CIFAR-10` is not `CIFAR-100`.
    """
    text = unicodedata.normalize("NFKC", fold(name))
    parts = pieces(text)
    if not parts:
        return text.casefold().strip()
    last = parts[-1]
    # The final S of an acronym in capitals belongs to it (AIMS, LPIPS); elsewhere it is a plural (LLMs, models).
    keep = last.isupper() and len(last) > 1
    folded = [piece.casefold() for piece in parts]
    if not keep:
        folded[-1] = (
            last[:-1].casefold()
            if last.endswith("s") and last[:-1].isupper() and len(last) > 2
            else singular(folded[-1])
        )
    return join_pieces(folded)

"""The component `kg_proposer`: how likely each token belongs to an entity, of which type and role, and if it is named.

The lower layers of a MiniLM encoder (Wang et al. 2020) read the word pieces; features of shape and place stand beside
them, as the pieces are lower-case. The weights were trained by `kg.train` and quantised to 8 bits. Each window runs
alone: activations are quantised by their range, so a batch would let one paper change the figures of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from tokenizers import Tokenizer

from kg.errors import ExtractionError
from kg.extract.document import title_end, words_of
from kg.extract.trained import FOLDER
from kg.extract.trees import session
from kg.schema import ENTITY_LABELS

WEIGHTS, VOCABULARY = "proposer.onnx", "tokenizer.json"
LABELS = ("O", *(f"{mark}-{label}" for label in ENTITY_LABELS for mark in "BI"))
ROLES = ("introduces", "evaluates", "compares", "uses", "mentions")
# Columns of `doc._.proposals`.
TYPE_COLUMNS = slice(0, len(LABELS))
ROLE_COLUMNS = slice(len(LABELS), len(LABELS) + len(ROLES))
NAMED_COLUMN = len(LABELS) + len(ROLES)
COLUMNS = NAMED_COLUMN + 1

# Word pieces that the encoder reads at once, [CLS] and [SEP] apart. It could take 510, but attention costs the square.
WINDOW = 224
_OVERLAP = 12  # tokens of context on either side of a cut
_PIECES_A_TOKEN = 12  # of a URL, more say nothing

if not Doc.has_extension("proposals"):
    Doc.set_extension("proposals", default=None)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document that fits the encoder, ``doc[start:end]``.

    `pieces` (int64, P) with [CLS] and [SEP]; `first` and `last` (int64, T) are the places of each token's outer pieces,
    0 for a token without any; `features` (float32, T x FEATURES) are zeros and ones.
    """

    start: int
    end: int
    pieces: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    features: NDArray[np.float32]


_SENTENCE_ENDS = frozenset(".!?\n")
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")


@lru_cache(maxsize=1 << 16)
def _word_features(word: str) -> NDArray[np.float32]:
    letters = [c for c in word if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    digits = sum(c.isdigit() for c in word)
    inner_upper = any(c.isupper() for c in word[1:])
    size = len(word)
    shape = (
        bool(letters) and upper == 0,
        upper == 1 == len(letters),
        word[0].isupper() and upper == 1 < len(letters),
        len(letters) > 1 and upper == len(letters),
        word[0].isupper() and inner_upper and upper < len(letters),
        word[0].islower() and inner_upper,
        upper > 1 and word.endswith("s") and upper >= len(letters) - 1,
        digits == size,
        bool(digits and letters),
        word[-1].isdigit(),
        word[0].isdigit(),
        word == "-",
        word == "/",
        word in "([",
        word in ")]",
        word in "\"'",
        word in ",;:",
        word in ".!?",
        word == "%",
        word in "$\\{}^",
        not letters and not digits,
        not word.isascii(),
        "." in word[1:-1],
        "@" in word or "+" in word,
        "/" in word and size > 3,
        size == 1,
        size in (2, 3),
        4 <= size <= 6,
        7 <= size <= 10,
        size > 10,
    )
    return np.array(shape, dtype=np.float32)


_PLACE_FEATURES = 9
FEATURES = len(_word_features("a")) + _PLACE_FEATURES


def _features(doc: Doc, words: Sequence[str]) -> NDArray[np.float32]:
    """Shape and place of each token, (T, FEATURES). Only the tokenization is needed."""
    split = title_end(doc)
    lower = [word.lower() for word in words]
    counts, plain = Counter(lower), set(words)
    long_words = [w for w, token in zip(words, doc, strict=True) if token.idx < split and len(w) > 3 and w.isalpha()]
    title_case = bool(long_words) and sum(w[0].isupper() for w in long_words) > 0.6 * len(long_words)
    rows = []
    spaced, starts, depth = True, True, 0
    for token, word, low in zip(doc, words, lower, strict=True):
        after = bool(token.whitespace_)
        in_title = token.idx < split
        depth = max(depth - (word in _CLOSING), 0)
        rows.append(
            (
                spaced,
                after,
                in_title,
                in_title and title_case,
                starts,
                depth > 0,
                counts[low] > 1,
                counts[low] > 2,
                word != low and low in plain,
            )
        )
        depth += word in _OPENING
        spaced, starts = after, word[-1] in _SENTENCE_ENDS
    places = np.array(rows, dtype=np.float32).reshape(-1, _PLACE_FEATURES)
    return np.hstack([np.stack([_word_features(word) for word in words]), places])


class Encoder:
    """Documents to the arrays that the network reads, in training and at run time alike."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ExtractionError(f"{path}: no such file; it lies beside the proposer's weights")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cls, self._sep = (self._tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        self._pieces = lru_cache(maxsize=1 << 16)(self._word_pieces)

    def _word_pieces(self, word: str) -> tuple[int, ...]:
        ids: list[int] = self._tokenizer.encode(word, add_special_tokens=False).ids
        return tuple(ids[:_PIECES_A_TOKEN])

    def __call__(self, doc: Doc) -> list[Window]:
        """The windows of a document: they cover every token, and neighbours overlap. None for an empty document."""
        if not len(doc):
            return []
        words = words_of(doc)
        pieces = [self._pieces(word) for word in words]
        features = _features(doc, words)
        ends = [word[-1] in _SENTENCE_ENDS for word in words]
        return [self._window(start, end, pieces, features) for start, end in _cuts([len(p) for p in pieces], ends)]

    def _window(self, start: int, end: int, pieces: list[tuple[int, ...]], features: NDArray[np.float32]) -> Window:
        ids, first, last = [self._cls], [], []
        for own in pieces[start:end]:
            first.append(len(ids) if own else 0)
            ids.extend(own)
            last.append(len(ids) - 1 if own else 0)
        ids.append(self._sep)
        return Window(start, end, np.array(ids), np.array(first), np.array(last), features[start:end])


def _cuts(sizes: list[int], ends: list[bool]) -> list[tuple[int, int]]:
    """Token ranges of at most `WINDOW` pieces, as few as can be and of like length, between sentences if possible.

    `sizes` are the pieces of each token, `ends` tells where a sentence ends. Ranges that must cut a sentence overlap.
    """
    total = sum(sizes)
    count = -(-total // WINDOW)
    if count <= 1 and len(sizes) <= WINDOW:
        return [(0, len(sizes))]
    done = [0, *accumulate(sizes)]
    stops = [i + 1 for i, end in enumerate(ends) if end]
    cuts = [0]
    for number in range(1, count):
        near = min(stops, key=lambda stop: abs(done[stop] - total * number / count), default=0)
        if near <= cuts[-1]:
            break
        cuts.append(near)
    ranges = list(pairwise([*cuts, len(sizes)]))
    if all(done[end] - done[start] <= WINDOW and end - start <= WINDOW for start, end in ranges):
        return ranges
    return list(_ranges(sizes))


def _ranges(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Wherever a window is full."""
    start, total = 0, len(sizes)
    while True:
        end, room = start, WINDOW
        while end < total and sizes[end] <= room:
            room -= sizes[end]
            end += 1
        # Tokens without pieces would never fill a window.
        end = min(end, start + WINDOW)
        yield start, end
        if end == total:
            return
        start = max(end - 2 * _OVERLAP, start + 1) if end - start > 2 * _OVERLAP else end


def merge(windows: list[Window], results: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One row a token from those of overlapping windows: an overlap is split in its middle, far from both edges."""
    parts = []
    begin = 0
    for at, (window, rows) in enumerate(zip(windows, results, strict=True)):
        end = window.end if at + 1 == len(windows) else (window.end + windows[at + 1].start) // 2
        parts.append(rows[begin - window.start : end - window.start])
        begin = end
    return np.concatenate(parts) if parts else np.zeros((0, COLUMNS), np.float32)


class Proposer:
    """Result: ``doc._.proposals``, float32 of shape (tokens, COLUMNS): the probabilities of `LABELS`, of `ROLES` given
    that the token is of an entity, and of `named` likewise."""

    def __init__(self, folder: Path) -> None:
        # The fused operator takes seven times as long as the two that it replaces.
        self._session = session(folder / WEIGHTS, disabled_optimizers=["SkipLayerNormFusion"])
        self._encoder = Encoder(folder / VOCABULARY)

    def __call__(self, doc: Doc) -> Doc:
        windows = self._encoder(doc)
        doc._.proposals = merge(windows, [self._run(window) for window in windows])
        return doc

    def _run(self, window: Window) -> NDArray[np.float32]:
        feed = {"pieces": window.pieces, "first": window.first, "last": window.last, "features": window.features}
        rows: NDArray[np.float32] = self._session.run(None, feed)[0]
        return rows


@Language.factory("kg_proposer", assigns=["doc._.proposals"], default_config={"folder": None})
def make_proposer(nlp: Language, name: str, folder: str | None) -> Proposer:
    """`folder` holds a model of your own, as `kg train` makes it."""
    return Proposer(Path(folder) if folder else FOLDER)

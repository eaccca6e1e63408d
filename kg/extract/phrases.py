"""What annotated papers taught about phrases: how often each was seen, and how often it was an entity of which type.

The table ``phrases.tsv`` of a model is written by `kg train`. It holds names and counts, no text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.errors import ExtractionError
from kg.extract.text import join_pieces, name_key, pieces, singular
from kg.schema import ENTITY_LABELS


@dataclass(frozen=True, slots=True)
class Phrase:
    """Of the annotated papers, `seen` have the phrase, and in `labelled` of them it is an entity.

    `named` and `types` (in the order of `ENTITY_LABELS`) count among the latter.
    """

    form: str
    seen: int = 0
    labelled: int = 0
    named: int = 0
    types: tuple[int, ...] = (0,) * len(ENTITY_LABELS)


class Phrases:
    """A table of phrases, and the places of all of them in a document, whatever their case.

    `heads`: by the last word (lower case, singular) of phrases, how often these were labelled and seen.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._table: dict[str, Phrase] = {}
        self._starts: set[str] = set()
        self._known: set[str] = set()
        self._firsts: set[str] = set()  # words that a phrase may begin with: most words of a text are none
        self.heads: dict[str, tuple[int, int]] = {}
        for phrase in phrases:
            self._table[name_key(phrase.form)] = phrase
            parts = [part.lower() for part in pieces(phrase.form)]
            if not parts:
                continue
            self._firsts.update((parts[0], singular(parts[0])))
            parts[-1] = singular(parts[-1])
            self._known.add(_key(parts))
            self._starts.update(_key(parts[:n]) for n in range(1, len(parts)))
            labelled, seen = self.heads.get(parts[-1], (0, 0))
            self.heads[parts[-1]] = labelled + phrase.labelled, seen + phrase.seen

    def __len__(self) -> int:
        return len(self._table)

    def get(self, key: str) -> Phrase | None:
        """The phrase with this `name_key`."""
        return self._table.get(key)

    def places(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Start and end, in tokens, of every known phrase in a tokenized text, overlapping ones too."""
        parts_of = [_parts(word) for word in words]
        for start, first in enumerate(parts_of):
            if not first or (first[0] not in self._firsts and singular(first[0]) not in self._firsts):
                continue
            parts: list[str] = []
            for end in range(start, len(words)):
                own = parts_of[end]
                if not own:
                    if words[end] in ("-", "~"):
                        continue
                    break
                if _key([*parts, *own[:-1], singular(own[-1])]) in self._known:
                    yield start, end + 1
                parts += own
                if _key(parts) not in self._starts:
                    break

    @classmethod
    def read(cls, path: Path) -> Phrases:
        """The table in the file `path`.

        Raises:
            ExtractionError: there is none.
        """
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        except OSError as error:
            raise ExtractionError(f"{path}: cannot be read: {error.strerror}; `kg train` makes it") from error
        return cls(
            Phrase(form, int(seen), int(labelled), int(named), tuple(map(int, types)))
            for form, seen, labelled, named, *types in rows
        )


def write(path: Path, phrases: Iterable[Phrase]) -> None:
    """The file that `Phrases.read` reads, sorted."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        for p in sorted(phrases, key=lambda p: (name_key(p.form), p.form)):
            writer.writerow([p.form, p.seen, p.labelled, p.named, *p.types])


@lru_cache(maxsize=1 << 16)
def _parts(word: str) -> tuple[str, ...]:
    return tuple(pieces(word.lower())) if word[0].isalnum() else ()


def _key(parts: list[str]) -> str:
    return join_pieces(parts, words=" ")

"""The contexts of names: which patterns of `patterns.toml` fit the words around a mention."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spacy.tokens import Doc, Span

from kg.extract.document import text_of

FILE = Path(__file__).parent / "patterns.toml"
_MASK = "\ue000"  # stands for a name; a private-use character, so no text needs it
# At most 41 names, so that time stays linear in a text that is one long list.
_NAMES = f"(?P<names>{_MASK}(?:[\"')]*(?:,? and |,? or |, |/| & | \\(){_MASK}){{0,40}})"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A context. `type` and `role`: what it says of the names in it; `types`: names of which types the role is for."""

    id: str
    regex: re.Pattern[str]
    type: str | None = None
    role: str | None = None
    types: tuple[str, ...] = ()


@cache
def patterns(path: Path = FILE) -> tuple[Pattern, ...]:
    """The patterns of a file, in its order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))

    def compiled(text: str) -> re.Pattern[str]:
        for name, fragment in data["fragments"].items():
            text = text.replace("{" + name + "}", fragment)
        return re.compile(text.replace("{NAMES}", _NAMES).replace("{NAME}", f"(?P<names>{_MASK})"))

    return tuple(
        Pattern(row["id"], compiled(row["regex"]), row.get("type"), row.get("role"), tuple(row.get("types", ())))
        for row in data["pattern"]
    )


def fitting(doc: Doc, spans: Sequence[Span], among: Iterable[Pattern]) -> list[list[Pattern]]:
    """For each of the spans (sorted, apart), the patterns that fit it, in the patterns' order."""
    text = text_of(doc).replace(_MASK, " ").lower()
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start_char], _MASK]
        at = span.end_char
    masked = "".join([*parts, text[at:]])
    number = {}
    for i, match in enumerate(re.finditer(_MASK, masked)):
        number[match.start()] = i
    found: list[list[Pattern]] = [[] for _ in spans]
    for pattern in among:
        for match in pattern.regex.finditer(masked):
            for place in range(*match.span("names")):
                if masked[place] == _MASK:
                    found[number[place]].append(pattern)
    return found


@cache
def _name_types() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["regex"]), row["type"]) for row in tomllib.loads(FILE.read_text("utf-8"))["name"])


def type_of_name(name: str) -> str | None:
    """The type that a name itself suggests (`MathBench`, `face recognition`), or None."""
    return next((label for regex, label in _name_types() if regex.search(name)), None)

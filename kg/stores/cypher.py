"""Reads from a Cypher text what engines do not tell: its parameters, statements, columns, the place of an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import pairwise

from kg.errors import QueryError
from kg.schema import EDGES, NODES

READ_ONLY = "the query writes, and the graph is open for reading only; to write, use --write"
LABELS = (*NODES, *EDGES)
PROPERTIES = sorted(
    {p.name for node in NODES.values() for p in node.properties}
    | {p.name for edge in EDGES.values() for p in edge.properties}
)

# What is not code: strings, quoted names, comments.
_OPAQUE = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/", re.DOTALL)
_RETURN = re.compile(r"\bRETURN\b(?:\s+DISTINCT\b)?", re.IGNORECASE)
_AFTER_RETURN = re.compile(r"(?<![.$])\b(?:ORDER\s+BY|SKIP|LIMIT|UNION)\b|;", re.IGNORECASE)
_ALIAS = re.compile(r"\bAS\b", re.IGNORECASE)
_WIDTH = 100


def code(cypher: str, *, keep: str = "") -> str:
    """The text with strings, quoted names and comments blanked out, but those that begin with a character of `keep`.

    Each character keeps its place.
    """
    return _OPAQUE.sub(lambda m: m[0] if m[0][0] in keep else re.sub(r"[^\n]", " ", m[0]), cypher)


def parameters(cypher: str) -> list[str]:
    """Names of the `$parameters`, in the order of their first use."""
    return list(dict.fromkeys(re.findall(r"\$(\w+)", code(cypher))))


def first_words(cypher: str) -> list[str]:
    """The first word of each `;`-separated statement, in upper case, not counting EXPLAIN and PROFILE."""
    words = re.findall(r"(?:^|;)\s*(?:(?:EXPLAIN|PROFILE)\s+)?([^\s;]+)", code(cypher), re.IGNORECASE)
    return [word.upper() for word in words]


def check(cypher: str, given: Mapping[str, object]) -> None:
    """QueryError where the text is empty, or `given` lacks one of its parameters or has another."""
    if not first_words(cypher):
        raise QueryError("the query is empty; try: MATCH (m:Method) RETURN m.name ORDER BY m.papers DESC LIMIT 10")
    wanted = parameters(cypher)
    if missing := [name for name in wanted if name not in given]:
        raise QueryError(f"no value for ${missing[0]}; give it with: -p {missing[0]}=VALUE")
    if surplus := [name for name in given if name not in wanted]:
        raise QueryError(f"the query has no parameter ${surplus[0]}{nearest(surplus[0], wanted)}")


def columns(cypher: str) -> list[str]:
    """The columns of the last RETURN: the aliases, else the expressions as written; [] where that cannot be told."""
    bare = code(cypher)
    returns = list(_RETURN.finditer(bare))
    if not returns:
        return []
    start = returns[-1].end()
    end = found.start() if (found := _AFTER_RETURN.search(bare, start)) else len(bare)
    flat = _outside_brackets(bare[start:end])
    cuts = [-1, *(m.start() for m in re.finditer(",", flat)), len(flat)]
    names = []
    for a, b in pairwise(cuts):
        alias = _ALIAS.search(flat, a + 1, b)
        text = code(cypher[start + (alias.end() if alias else a + 1) : start + b], keep="'\"`")
        names.append(" ".join(text.split()).strip("`"))
    return [] if "*" in names else names


def _outside_brackets(bare: str) -> str:
    """The text with all that stands in brackets blanked out; each character keeps its place."""
    depth, kept = 0, []
    for char in bare:
        depth -= char in ")]}"
        kept.append(char if depth <= 0 else " ")
        depth += char in "([{"
    return "".join(kept)


def place(cypher: str, line: int, column: int) -> str:
    """The query's line and below it a caret under its character; `line` counts from 1, `column` from 0."""
    text = cypher.split("\n")[line - 1]
    start = max(0, min(column - _WIDTH // 2, len(text) - _WIDTH))
    shown = text[start : start + _WIDTH].replace("\t", " ").rstrip()
    return f"{shown}\n{' ' * (column - start)}^"


def place_of(cypher: str, name: str, after: str = "") -> str:
    """A line break and the `place` of the first `name` that follows one of the characters `after`; "" if none does."""
    lead = rf"[{re.escape(after)}]\s*" if after else ""
    found = re.search(rf"{lead}`?\b({re.escape(name)})\b", code(cypher, keep="`"), re.IGNORECASE)
    if not found:
        return ""
    before = cypher[: found.start(1)]
    return "\n" + place(cypher, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1))


def nearest(name: str, known: Iterable[str]) -> str:
    """A message's end that offers the names of `known` most like `name`: "; did you mean A or B?", else ""."""
    by_lower = {other.lower(): other for other in known}
    close = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(by_lower[c] for c in close)}?" if close else ""

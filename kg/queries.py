"""The library of named queries: one `queries/NAME.cypher` each, with its documentation in the comments at its head.

::

    // title: Most used methods
    // answers: Which methods do most papers introduce, use, compare with or mention?
    // param: limit INT = 20 -- how many rows
    // columns: method, papers
    // example: limit=3
    MATCH …

A parameter without default is required; the example, whose rows are in `docs/queries.md`, has a value for it.
`NAME.ENGINE.cypher` beside it holds the text for one engine, where one text cannot serve all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import QueryError, UnknownNameError
from kg.paths import shared
from kg.stores.cypher import nearest

_PARAM = re.compile(r"(?P<name>\w+) (?P<type>\S+)(?: = (?P<default>.*?))?(?: -- (?P<doc>.*))?")
_HEAD = re.compile(r"// (title|answers|param|columns|example): (.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query; `type` is a key of `TYPES`, and `default` None means that it is required."""

    name: str
    type: str
    default: Any
    doc: str

    def __str__(self) -> str:
        return f"{self.name} {self.type}" + ("" if self.default is None else f" = {json.dumps(self.default)}")


@dataclass(frozen=True, slots=True)
class Query:
    """A named query. `columns` are those of its result, in order; `example` finds something in examples/."""

    name: str
    title: str
    answers: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    text: str
    example: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def text_for(self, engine: str) -> str:
        """The Cypher for "ladybug" or "neo4j"."""
        return self.texts.get(engine, self.text)


def load(folder: Path | None = None) -> dict[str, Query]:
    """All queries of `folder` (the shipped ones, if not given) by name, in the order of the names."""
    folder = folder or shared("queries")
    paths = sorted(folder.glob("*.cypher"))
    return {path.stem: _read(path) for path in paths if "." not in path.stem}


def find(name: str) -> Query:
    """The shipped query `name`. UnknownNameError offers the nearest names."""
    queries = load()
    if name not in queries:
        hint = nearest(name, queries) or "; kg queries lists them"
        raise UnknownNameError(f"no query is named {name}{hint}")
    return queries[name]


def bind(query: Query, given: Mapping[str, object]) -> dict[str, Any]:
    """Values for all parameters of `query`: those `given`, strings converted to the declared type, else the defaults.

    QueryError where a required one is missing, one is unknown, or a value does not fit its type.
    """
    known = {p.name: p for p in query.parameters}
    for name in given:
        if name not in known:
            takes = f" (it takes {', '.join(known)})" if known else " (it takes none)"
            raise QueryError(f"{query.name} has no parameter {name}{nearest(name, known) or takes}")
    values = {}
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None:
            what = f" ({parameter.doc})" if parameter.doc else ""
            raise QueryError(f"{query.name} needs {parameter.name}{what}; give it with: -p {parameter.name}=VALUE")
        values[parameter.name] = _convert(query.name, parameter.name, parameter.type, value)
    return values


def _bool(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.strip().lower()]


def _strings(text: str) -> list[str]:
    if text.lstrip().startswith("["):
        return [str(item) for item in json.loads(text)]
    return [item.strip() for item in text.split(",") if item.strip()]


# Type: the Python class, the conversion from a string, what to write.
TYPES: dict[str, tuple[type, Callable[[str], Any], str]] = {
    "INT": (int, int, "a whole number"),
    "FLOAT": (float, float, "a number"),
    "STRING": (str, str, "text"),
    "BOOL": (bool, _bool, "true or false"),
    "DATE": (date, date.fromisoformat, "a day such as 2024-10-31"),
    "STRING[]": (list, _strings, "texts with commas between them, or a JSON array"),
}


def _convert(query: str, name: str, type_: str, value: object) -> Any:
    python, convert, form = TYPES[type_]
    if isinstance(value, int) and not isinstance(value, bool) and python is float:
        return float(value)
    if isinstance(value, python) and isinstance(value, bool) == (python is bool):
        return value
    try:
        if isinstance(value, str):
            return convert(value)
    except (ValueError, KeyError):
        pass
    raise QueryError(f"{query}: {name} must be {form}, not {value!r}")


def _read(path: Path) -> Query:
    """One query from its file, with the texts for other engines beside it."""
    name = path.stem
    head, text = _split(path)
    parameters = []
    for line in head["param"]:
        found = _PARAM.fullmatch(line)
        if not found or found["type"] not in TYPES:
            raise QueryError(
                f"{path.name}: cannot read the parameter {line!r}; write: name TYPE = default -- what it is"
            )
        default = None if found["default"] is None else _convert(name, found["name"], found["type"], found["default"])
        parameters.append(Parameter(found["name"], found["type"], default, found["doc"] or ""))
    if not (head["title"] and head["answers"] and head["columns"]):
        raise QueryError(f"{path.name}: the head needs the lines // title:, // answers: and // columns:")
    columns = tuple(column.strip() for column in " ".join(head["columns"]).split(","))
    texts = {p.stem.removeprefix(f"{name}."): _split(p)[1] for p in sorted(path.parent.glob(f"{name}.*.cypher"))}
    example = dict(line.split("=", 1) for line in head["example"])
    return Query(
        name, " ".join(head["title"]), " ".join(head["answers"]), tuple(parameters), columns, text, example, texts
    )


def _split(path: Path) -> tuple[dict[str, list[str]], str]:
    """The head's lines by key, and the Cypher below them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head: dict[str, list[str]] = {"title": [], "answers": [], "param": [], "columns": [], "example": []}
    while lines and (found := _HEAD.fullmatch(lines[0])):
        head[found[1]].append(found[2].strip())
        lines.pop(0)
    return head, "\n".join(lines).strip()

"""TOML files to records, with all that is wrong in them and not only the first of it.

A record is a dataclass that inherits `Table`; its fields are tables, tuples of tables, or values. The type of a value
that is not plain text says what is expected, for the message:
``Annotated[int, Meta(ge=1, description="a whole number of at least 1")]``.
In every text ``${NAME}`` stands for a variable of the environment, and ``${NAME:-default}`` for it or, where it is not
set or empty, the default.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from kg.errors import PipelineError
from kg.stores.cypher import nearest

_VARIABLE = re.compile(r"\$\{([^}]*)(\}?)")
_INSIDE = re.compile(r"([A-Za-z_]\w*)(?::-([^$]*))?")

T = TypeVar("T", bound="Table")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A record of a file."""

    def check(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it though every value is of the right type: the field, "" for the whole, and why."""
        yield from ()


def load(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. PipelineError says in which line it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PipelineError(path, [f"cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise PipelineError(path, ["not a text in UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        where = place.removesuffix(")") if place.startswith("line") else "at its end"
        raise PipelineError(path, [f"{where}: not TOML: {what[0].lower()}{what[1:]}"]) from error


def convert(values: Mapping[str, Any], kind: type[T], path: Path) -> T:
    """The record of what `load` gave. PipelineError holds all problems, each with its place in the file `path`."""
    problems: list[str] = []
    made = _table(values, kind, "", problems)
    if made is None or problems:
        raise PipelineError(path, problems)
    return made


def _table(values: Mapping[str, Any], kind: type[T], at: str, problems: list[str]) -> T | None:
    """The record, or None where a value fits so little that there is none."""
    here = f"{at}: " if at else ""
    types = get_type_hints(kind, include_extras=True)
    for name in values:
        if name not in types:
            hint = nearest(name, types) or f"; there are {', '.join(types)}"
            problems.append(f"{here}no key {name}{hint}")
    found: dict[str, Any] = {}
    whole = True
    for field in fields(kind):
        name, before = field.name, len(problems)
        if name in values:
            found[name] = _value(values[name], types[name], f"{at}.{name}" if at else name, problems)
            whole &= len(problems) == before or found[name] is not None
        elif field.default is MISSING and field.default_factory is MISSING:
            inner, many = _tables(types[name])
            problems.append(f"{here}needs {_header(name, many) if inner else name}")
            whole = False
    if not whole:
        return None
    made = kind(**found)
    for name, why in made.check():
        place = ".".join(filter(None, (at, name)))
        problems.append(f"{place}: {why}" if place else why)
    return made


def _value(value: Any, type_: Any, at: str, problems: list[str]) -> Any:
    """The value in its type; None, and why among the problems, where it does not fit."""
    inner, many = _tables(type_)
    if inner is None:
        return _plain(value, type_, at, problems)
    if many and isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        made = [_table(item, inner, f"{at}[{i}]", problems) for i, item in enumerate(value)]
        return None if None in made else tuple(made)
    if not many and isinstance(value, dict):
        return _table(value, inner, at, problems)
    problems.append(f"{at}: write {_header(at, many)}, once" + (" for each" if many else ""))
    return None


def _plain(value: Any, type_: Any, at: str, problems: list[str]) -> Any:
    before = len(problems)
    value = _filled_in(value, at, problems)
    if len(problems) > before:
        return None
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        pass
    known = [choice for part in _parts(type_) if isinstance(part, type) and issubclass(part, Enum) for choice in part]
    forms = [str(part.description) for part in _parts(type_) if isinstance(part, msgspec.Meta) and part.description]
    form = " or ".join(f'"{choice.value}"' for choice in known) or (forms or ["a text"])[0]
    problems.append(f"{at}: must be {form}, not {_shown(value)}")
    return None


def _filled_in(value: Any, at: str, problems: list[str]) -> Any:
    """The value with the environment's variables in its texts."""

    def variable(found: re.Match[str]) -> str:
        name = _INSIDE.fullmatch(found[1])
        if not (name and found[2]):
            problems.append(f"{at}: cannot read {found[0]}; write ${{NAME}} or ${{NAME:-default}}")
            return ""
        given = os.environ.get(name[1])
        if given is None and name[2] is None:
            problems.append(f"{at}: {name[1]} is not set in the environment")
        return given or name[2] or ""

    if isinstance(value, str):
        return _VARIABLE.sub(variable, value)
    if isinstance(value, list):
        return [_filled_in(item, f"{at}[{i}]", problems) for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _filled_in(item, f"{at}.{key}", problems) for key, item in value.items()}
    return value


def _tables(type_: Any) -> tuple[type[Table] | None, bool]:
    """The `Table` that a field holds, if it holds one, and whether it may hold many."""
    found = [part for part in _parts(type_) if isinstance(part, type) and issubclass(part, Table)]
    return (found[0] if found else None), get_origin(type_) is tuple


def _parts(type_: Any) -> Iterator[Any]:
    """The type and all that it is made of: what an annotation adds to it first, then such as the members of a union."""
    yield type_
    for part in (*getattr(type_, "__metadata__", ()), *get_args(type_)):
        yield from _parts(part)


def _header(name: str, many: bool) -> str:
    return f"[[{name}]]" if many else f"[{name}]"


def _shown(value: Any) -> str:
    """A value as TOML writes it, more or less."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return repr(value) if isinstance(value, str | list) else str(value)

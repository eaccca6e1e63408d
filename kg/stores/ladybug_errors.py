"""Says in one line, for people, what LadybugDB's error messages mean and what to do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path

from kg.stores.cypher import LABELS, PROPERTIES, READ_ONLY, nearest, place, place_of


def reason(error: Exception | str) -> str:
    """The engine's message on one line, without its kind of exception and its source file."""
    text = " ".join(str(error).split("\nSee the docs")[0].split())
    text = re.sub(r"^(?:[A-Z]\w+ exception|Error): ", "", text)
    return re.sub(r"^Assertion failed in file \"\S*/(\w+\.\w+)\" on line (\d+).*", r"internal error (\1:\2)", text)


def unwritable(path: Path, error: Exception) -> str:
    """Why the database could not be built at `path`."""
    text = reason(error)
    if key := re.search(r"duplicated primary key value (.*?),? which violates", text):
        return f"cannot write the graph: two nodes have the id {key[1]}"
    if key := re.search(r"Unable to find primary key value (.*?)\.?$", text):
        return f"cannot write the graph: an edge begins or ends at {key[1]}, and no node of its label has this id"
    if isinstance(error, OSError) and error.errno != ENOSPC:
        return f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
    if isinstance(error, OSError):
        text = str(error.strerror)
    if "Cannot write to file" in text:
        text = "not all could be written"
    with suppress(OSError):
        text += f"; {shutil.disk_usage(path.parent).free // 2**20} MiB are free there"
    return f"cannot write {path}: {text}; make room or choose another folder"


def unreadable(path: Path, error: Exception) -> str:
    """Why the database at `path` could not be opened."""
    text = reason(error)
    if version := re.search(r"file version: (\d+), Current build storage version: (\d+)", text):
        mend = "pip install -U ladybug" if int(version[1]) > int(version[2]) else "build the graph again"
        return f"{path} has Ladybug's storage version {version[1]}, and the one installed reads {version[2]}; {mend}"
    if "Could not set lock" in text:
        holder = f"process {pid[1]}" if (pid := re.search(r"PID (\d+)", text)) else "another process"
        return f"{holder} is writing to {path}; wait until it ends, or open the graph for reading only"
    if "recovery is pending" in text:
        return f"a writer of {path} was interrupted; open it once with --write to complete its work, or build it again"
    return f"{path} cannot be read: {text}; build the graph again"


def explain(query: str, error: Exception) -> str:
    """What is wrong with `query`; further lines show the place in it, where the engine or the text tells it."""
    for pattern, say in _EXPLANATIONS:
        if found := re.search(pattern, str(error)):
            return say(query, found)
    return f"the query failed: {reason(error)}"


def _syntax(query: str, found: re.Match[str]) -> str:
    line, column = int(found[1]), int(found[2])
    word = re.match(r"\w+|\S", query.split("\n")[line - 1][column:])
    expected = re.search(r"expecting (?!SP )(\w+|'[^']+') \(line", found.string)
    what = f"unexpected {word[0]}" if word else "the query ends too early"
    what += f", expected {expected[1]}" if expected else ""
    return f"syntax error in line {line}, column {column + 1}: {what}\n{place(query, line, column)}"


def _label(query: str, found: re.Match[str]) -> str:
    return f"no label or edge type {found[1]}{nearest(found[1], LABELS)}{place_of(query, found[1], ':|')}"


def _property(query: str, found: re.Match[str]) -> str:
    hint = nearest(found[1], PROPERTIES)
    return f"{found[2]} has no property {found[1]}{hint}{place_of(query, found[1], '.{,')}"


_EXPLANATIONS: tuple[tuple[str, Callable[[str, re.Match[str]], str]], ...] = (
    (r"\(line: (\d+), offset: (\d+)\)", _syntax),
    (r"Table (\S+) does not exist", _label),
    (r"Cannot find property (\S+) for (\S+)\.", _property),
    (r"Variable (\S+) is not in scope", lambda q, m: f"no variable {m[1]} at this place{place_of(q, m[1])}"),
    (r"function (\w+) does not exist", lambda q, m: f"no function {m[1].lower()} in Ladybug{place_of(q, m[1])}"),
    (r"read-only database", lambda q, m: READ_ONLY),
    (
        r"list_extract.* out of range",
        lambda q, m: "head(), last() or an index met an empty list; leave it out with: WHERE size(list) > 0",
    ),
)

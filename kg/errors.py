"""Errors that a person can mend. Each message says what is wrong, where, and what to do.

The command line prints the message in one line and exits with code 2; a library user catches `KgError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_LONGEST = 300


class KgError(Exception):
    """Base of all errors of this package."""


class SourceError(KgError):
    """An input cannot be read at all: missing, binary, empty, or of an unknown format."""


class RecordError(KgError):
    """One record of an otherwise readable input is broken; the others are still read.

    `place` is the file and line, as in ``papers.jsonl:17``. A `reason` may quote the input: it is kept as one line of
    at most 300 characters that can be written as UTF-8.
    """

    def __init__(self, place: str, reason: str) -> None:
        reason = " ".join(reason[: 2 * _LONGEST].split()).encode("utf-8", "backslashreplace").decode()
        if len(reason) > _LONGEST:
            reason = f"{reason[: _LONGEST - 1]}…"
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class ExtractionError(KgError):
    """The pipeline failed on one paper, or could not be assembled."""


class GraphError(KgError):
    """A graph folder is missing, is not a graph, or cannot be written."""


class QueryError(KgError):
    """A Cypher text or its parameters cannot be run. The message shows the place in the query."""


class UnknownNameError(KgError):
    """No paper, entity or query of that name. The message offers the nearest ones."""


class PipelineError(KgError):
    """A declared pipeline cannot be run, or one of its outputs could not be written.

    `problems` are all that were found, one line each, beginning with their place in the file; so do the lines of the
    message, after the file's name.
    """

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = tuple(problems)

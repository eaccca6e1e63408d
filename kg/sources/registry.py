"""The formats that can be read: a name, a reader and a sniffer each, and the choice among them by content.

@reader("ris", sniff=lambda head: 1.0 if head.lstrip().startswith("TY  - ") else 0.0)
def read_ris(text: Text) -> Iterator[Paper | RecordError]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.errors import KgError, RecordError, SourceError
from kg.model import Paper
from kg.sources.files import Text

Read = Callable[[Text], Iterator[Paper | RecordError]]
Sniff = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format. `read` yields a paper or an error per record; `sniff` says, 0 to 1, how sure it is of a text's head.

    A `binary` one is given files that are no text.
    """

    name: str
    read: Read
    sniff: Sniff
    binary: bool = False


READERS: dict[str, Reader] = {}


def reader(name: str, *, sniff: Sniff, binary: bool = False) -> Callable[[Read], Read]:
    """Register the decorated function as the reader of the format `name`."""

    def register(read: Read) -> Read:
        def guarded(text: Text) -> Iterator[Paper | RecordError]:
            try:
                yield from read(text)
            except KgError:
                raise
            except Exception as error:  # whatever it is, one bad file never stops a run
                raise SourceError(f"{text.name}: not read further, the reader {name!r} failed: {error!r}") from error

        READERS[name] = Reader(name, guarded, sniff, binary)
        return read

    return register


def choose(text: Text, name: str | None = None) -> Reader:
    """The reader of that name, or else the one that is most sure of the text's first 64 KiB.

    Raises `SourceError` where none is sure at all, and for a file that is no text unless the reader takes such.
    """
    if name is None:
        head = "\n".join(line for _, line in text.head)
        sure, name = max((r.sniff(head), r.name) for r in READERS.values())
    else:
        sure = 1.0
    if not (sure and READERS[name].binary):
        text.check()
    if not sure:
        known = ", ".join(sorted(READERS))
        raise SourceError(f"{text.name}: unknown format; known are {known} (to force one, name its reader)")
    return READERS[name]

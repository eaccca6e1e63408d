"""Records that memory does not hold: bytes in a temporary file, written one after the other, read back by number."""

from __future__ import annotations

import tempfile
from array import array

from kg.errors import KgError


class Spool:
    """Grows by `append`; ``spool[number]`` reads back. The file is gone with the object.

    Raises:
        KgError: the folder for temporary files has no room.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="kg-")  # noqa: SIM115, it lives as long as the object
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, record: bytes) -> int:
        """Add a record; its number."""
        try:
            self._file.seek(self._ends[-1])
            self._file.write(record)
        except OSError as error:
            raise _no_room(error) from error
        self._ends.append(self._ends[-1] + len(record))
        return len(self) - 1

    def __getitem__(self, number: int) -> bytes:
        start, end = self._ends[number], self._ends[number + 1]
        try:
            self._file.seek(start)  # writes what `append` left in the buffer
            return self._file.read(end - start)
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> KgError:
    return KgError(
        f"{tempfile.gettempdir()}: a temporary file cannot be written: {error.strerror or error};"
        " set TMPDIR to a folder with room"
    )

"""What results depend on, as fingerprints: when one changes, what was made with the former must be made again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).parent
_RECORDS = _PACKAGE / "model.py"
_READING = ("spacy", "onnxruntime", "tokenizers", "numpy")  # packages whose versions the extraction depends on


def packages() -> dict[str, str]:
    """The versions that the manifest names."""
    names = ("kg-papers", "spacy", "ladybug", "pyarrow")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


@cache
def extractor(model: Path | None = None) -> str:
    """The fingerprint of all that decides which facts a text gives: code, lexicons, patterns, the model (the shipped
    one or that in a folder), and the packages that compute them."""
    files = [_RECORDS, *_files(_PACKAGE / "extract")]
    return _digest(files + (_files(model) if model else []), (f"{name} {version(name)}" for name in _READING))


@cache
def package() -> str:
    """The fingerprint of the whole program."""
    return _digest(_files(_PACKAGE), (f"{name} {number}" for name, number in packages().items()))


def content(folder: Path) -> str:
    """The fingerprint of all files in a folder."""
    return _digest(_files(folder), ())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _digest(files: Iterable[Path], notes: Iterable[str]) -> str:
    """16 hexadecimal digits of the files' names and bytes, and of the notes."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    digest.update("\n".join(notes).encode())
    return digest.hexdigest()[:16]

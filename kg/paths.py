"""Where the shipped data files lie: `kg/share/NAME` in an installed wheel, `NAME/` in a checkout."""

from __future__ import annotations

from pathlib import Path

from kg.errors import KgError

_PACKAGE = Path(__file__).parent


def shared(name: str) -> Path:
    """The folder `name` ("queries", "pipelines"). KgError where the installation lacks it."""
    for folder in (_PACKAGE / "share" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise KgError(f"the installation lacks its folder {name}/ (looked beside {_PACKAGE}); install kg-papers again")

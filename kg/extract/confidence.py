"""How much to trust a fact: the share of right ones among those of its kind, measured on annotated papers."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "confidence.toml"
_UNKNOWN = 0.5  # an extractor that was never measured


@cache
def _measured() -> dict[str, dict[str, float]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_entity(extractors: set[str]) -> float:
    """The confidence of an entity that these extractors found: that of the most trusted one."""
    return max(_measured()["extractor"].get(e, _UNKNOWN) for e in extractors)


def of_relation(type_: str) -> float:
    """The confidence of a relation of this type."""
    return _measured()["relation"].get(type_, _UNKNOWN)

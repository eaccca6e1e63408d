"""The files of a trained model, which `kg train` writes: weights, trees, phrases, thresholds."""

from __future__ import annotations

import json
from pathlib import Path

from kg.errors import ExtractionError

FOLDER = Path(__file__).parent / "model"  # the one that ships with the package
PHRASES, THRESHOLDS = "phrases.tsv", "thresholds.json"


def thresholds(folder: Path) -> dict[str, float]:
    """From which probability on a fact is stated, by kind: `entity`, `same` (of two entities), `relation`.

    Raises:
        ExtractionError: `folder` holds no model.
    """
    try:
        found: dict[str, float] = json.loads((folder / THRESHOLDS).read_text(encoding="utf-8"))
    except OSError as error:
        raise ExtractionError(f"{folder}: holds no model; `kg train` makes one") from error
    return found

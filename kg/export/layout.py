"""Where the nodes of a picture stand: computed here, so that a page is still and whole when it opens.

Each connected part is laid out by itself (Fruchterman and Reingold 1991, igraph's with a grid); the largest stands
first, and the others in rows below it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import igraph
import numpy as np
from numpy.typing import NDArray

_SPACING = 230.0  # pixels that an edge is long, about: room for names
_GAP = 200.0  # pixels between parts
_ROUNDS = 500
_SEED = 1

Places = NDArray[np.float64]


def positions(count: int, edges: Iterable[tuple[int, int]]) -> Places:
    """(count, 2) coordinates in pixels of the nodes 0, 1, …; `edges` join two of them each. The same input gives the
    same result."""
    whole = igraph.Graph(n=count, edges=edges).simplify()
    parts = sorted(whole.connected_components(), key=lambda part: (-len(part), part[0]))
    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        laid = [_laid_out(whole.induced_subgraph(part)) for part in parts]
    finally:
        igraph.set_random_number_generator(random)
    places = np.zeros((count, 2))
    for part, corner, own in zip(parts, _corners(laid), laid, strict=True):
        places[part] = own + corner
    return places


def _laid_out(part: igraph.Graph) -> Places:
    """Coordinates from (0, 0) on."""
    layout = part.layout_fruchterman_reingold(niter=_ROUNDS, grid="auto")
    places = np.array(layout.coords, dtype=np.float64).reshape(-1, 2)
    edges = np.array(part.get_edgelist(), dtype=np.int64).reshape(-1, 2)
    lengths = np.linalg.norm(places[edges[:, 0]] - places[edges[:, 1]], axis=1)
    scale = _SPACING / max(float(np.median(lengths)), 1e-9) if len(lengths) else 1.0
    scaled: Places = (places - places.min(axis=0)) * scale
    return scaled


def _corners(laid: Sequence[Places]) -> list[tuple[float, float]]:
    """Where each part begins: in rows that are as wide as the first, or as all of them stacked in a square."""
    sizes = [own.max(axis=0) + _GAP for own in laid]
    widest = max((float(size[0]) for size in sizes), default=0.0)
    width = max(widest, float(np.sqrt(sum(size[0] * size[1] for size in sizes))))
    corners, x, y, height = [], 0.0, 0.0, 0.0
    for size in sizes:
        if x and x + size[0] > width:
            x, y, height = 0.0, y + height, 0.0
        corners.append((x, y))
        x, height = x + float(size[0]), max(height, float(size[1]))
    return corners

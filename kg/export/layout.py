"""Where the nodes of a picture stand: computed here, so that a page is still and whole when it opens.

Nodes that belong together become an island: groups are found by the Leiden algorithm (Traag, Waltman and van Eck 2019)
and each is laid out by itself (Fruchterman and Reingold 1991), both by igraph. The islands then stand side by side,
those with many edges between them near each other, and none on top of another.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import igraph
import numpy as np
from numpy.typing import NDArray

_SPACING = 14.0  # pixels between the nodes of an island, at least
_FILL = 0.35  # share of an island's area that its nodes take, about
_GAP = 60.0  # pixels between islands, at least
_LARGEST = 600  # nodes of an island; what is larger is divided again
_RESOLUTION = 0.7  # of the Leiden algorithm: the lower, the fewer the groups
_ROUNDS = 500  # of Fruchterman and Reingold
_TURNS = 500  # of moving apart what overlaps, at most
_PULLED = 150  # of these, with a pull towards the middle
_TOUCH = 0.5  # pixels of overlap that nobody sees
_BLOCK = 500  # nodes whose distances are held at once
_SEED = 1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of nodes in pixels.

    Attributes:
        places: (nodes, 2) coordinates.
        groups: (nodes,) the group of each, from 0 on, the largest first.
        centres: (groups, 2) coordinates of the islands.
        radii: (groups,) within which an island's nodes lie.
    """

    places: Floats
    groups: Ints
    centres: Floats
    radii: Floats


def lay_out(sizes: Sequence[float], edges: Iterable[tuple[int, int]]) -> Layout:
    """Places for the nodes 0, 1, …, drawn with radii of `sizes` pixels and joined by `edges`. The same input gives the
    same result."""
    radii = np.array(sizes, dtype=np.float64)
    if not len(radii):
        return Layout(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0))
    whole = igraph.Graph(n=len(radii), edges=edges).simplify()
    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        groups = _groups(whole)
        islands = [np.array(group) for group in groups]
        shapes = [_island(whole.induced_subgraph(island), radii[island]) for island in groups]
        reaches = np.array([(np.linalg.norm(s, axis=1) + radii[i]).max() for s, i in zip(shapes, islands, strict=True)])
        member = np.zeros(len(radii), dtype=np.int64)
        for number, island in enumerate(islands):
            member[island] = number
        centres = _side_by_side(member[_ends(whole)], reaches)
    finally:
        igraph.set_random_number_generator(random)
    places = np.zeros((len(radii), 2))
    for island, shape, centre in zip(islands, shapes, centres, strict=True):
        places[island] = shape + centre
    return Layout(places, member, centres, reaches)


def _ends(graph: igraph.Graph) -> Ints:
    """(edges, 2) numbers of the nodes that each edge joins."""
    return np.array(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2)


def _groups(whole: igraph.Graph) -> list[list[int]]:
    """Which nodes belong together, the largest group first. An edge counts the less the more edges its ends have: what
    everything is joined to, as "accuracy" is, tells little about what belongs together. Nodes without edges are one
    group."""
    degrees = np.array(whole.degree(), dtype=np.float64)
    whole.es["weight"] = (1 / degrees[_ends(whole)].max(axis=1)).tolist() if whole.ecount() else []
    alone = np.flatnonzero(degrees == 0).tolist()
    groups = [alone] if alone else []
    undivided = [np.flatnonzero(degrees).tolist()]
    while undivided:
        nodes = undivided.pop()
        part = whole.induced_subgraph(nodes)
        found = part.community_leiden("modularity", weights="weight", resolution=_RESOLUTION, n_iterations=5)
        for members in found:
            group = sorted(nodes[member] for member in members)
            divide = len(group) > _LARGEST and len(found) > 1
            (undivided if divide else groups).append(group)
    return sorted(groups, key=lambda group: (-len(group), group))


def _island(part: igraph.Graph, radii: Floats) -> Floats:
    """Coordinates around (0, 0), no node on top of another."""
    layout = part.layout_fruchterman_reingold(niter=_ROUNDS, grid="auto")
    places = _centred(np.array(layout.coords, dtype=np.float64))
    places /= max(np.linalg.norm(places, axis=1).max(), 1e-9)
    room = radii + _SPACING / 2
    # The middle is crowded and the rim is not: bring the rim in.
    bend = np.maximum(np.linalg.norm(places, axis=1), 1e-9) ** -0.3
    places *= np.sqrt((room**2).sum() / _FILL) * bend[:, None]
    return _centred(_apart(places, room, pull=0.0))


def _centred(places: Floats) -> Floats:
    moved: Floats = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return moved


def _side_by_side(ends: Ints, radii: Floats) -> Floats:
    """Centres of islands of these `radii` that do not overlap; those with many edges between them come near.

    `ends`: (edges, 2) the islands that each edge joins.
    """
    pairs, counts = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0, return_counts=True)
    weights = counts / radii[pairs].prod(axis=1) * (radii**2).mean()
    between = igraph.Graph(n=len(radii), edges=pairs)
    layout = between.layout_fruchterman_reingold(weights=weights.tolist(), niter=_ROUNDS)
    centres = _centred(np.array(layout.coords, dtype=np.float64))
    centres *= 1.5 * np.sqrt((radii**2).sum()) / max(np.linalg.norm(centres, axis=1).max(), 1e-9)
    return _apart(centres, radii + _GAP / 2, pull=0.02)


def _apart(places: Floats, radii: Floats, pull: float) -> Floats:
    """Move circles until none overlaps another; first, while there is room, by the share `pull` a turn also towards the
    middle."""
    weight = radii**2  # of two that overlap the smaller gives way
    for turn in range(_TURNS):
        if turn % 10 == 0:
            one, other = _near(places, radii).T
            need = radii[one] + radii[other]
            share = (weight[other] / (weight[one] + weight[other]))[:, None]
        if pull and turn < _PULLED and weight.sum() < 0.6 * (np.linalg.norm(places, axis=1) + radii).max() ** 2:
            places = places * (1 - pull)
        apart = places[one] - places[other]
        distance = np.maximum(np.linalg.norm(apart, axis=1), 1e-9)
        overlap = np.maximum(need - distance, 0)
        if overlap.max(initial=0) < _TOUCH and not (pull and turn < _PULLED):
            break
        push = apart * (overlap / distance)[:, None]
        np.add.at(places, one, push * share)
        np.add.at(places, other, push * (share - 1))
    return places


def _near(places: Floats, radii: Floats) -> Ints:
    """(pairs, 2) circles that overlap, or soon might."""
    slack = float(np.median(radii))
    order = np.argsort(places[:, 0])
    x = places[order, 0]
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for start in range(0, len(order), _BLOCK):  # against those that lie right of them, and not too far
        rows = order[start : start + _BLOCK]
        reach = x[start : start + _BLOCK].max() + radii[rows].max() + radii.max() + slack
        others = order[start : np.searchsorted(x, reach, side="right")]
        apart = places[rows][:, None] - places[others][None, :]
        gap = np.hypot(apart[:, :, 0], apart[:, :, 1]) - radii[rows][:, None] - radii[others][None, :]
        one, other = np.nonzero(np.triu(gap < slack, k=1))
        pairs.append(np.column_stack((rows[one], others[other])))
    return np.concatenate(pairs)

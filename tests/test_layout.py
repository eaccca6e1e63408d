"""Where nodes stand: near those that they are joined to, parts apart, and always in the same places."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.layout import positions

RING = [(i, (i + 1) % 6) for i in range(6)]


def test_neighbours_stand_nearer_than_others():
    places = positions(6, RING)
    near = np.linalg.norm(places[0] - places[1])
    across = np.linalg.norm(places[0] - places[3])
    assert near < across


def test_parts_stand_apart_the_largest_first():
    places = positions(9, [(6, 7), *RING])
    ring, pair, lonely = places[:6], places[6:8], places[8:]
    for one, other in ((ring, pair), (ring, lonely), (pair, lonely)):
        assert (one.max(axis=0) < other.min(axis=0)).any() or (other.max(axis=0) < one.min(axis=0)).any()
    assert (ring.min(axis=0) == 0).all()


def test_the_same_places_each_time():
    assert (positions(6, RING) == positions(6, RING)).all()


def test_nothing_and_one():
    assert positions(0, []).shape == (0, 2)
    assert positions(1, [(0, 0)]).tolist() == [[0, 0]]


@settings(max_examples=30, deadline=None)
@given(edges=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=60))
def test_every_node_has_a_place(edges):
    assert np.isfinite(positions(20, edges)).all()

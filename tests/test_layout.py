"""Where nodes stand: beside those that they belong to, none on top of another, and always in the same places."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.layout import lay_out

FIVE = list(itertools.combinations(range(5), 2))  # five nodes, each joined to each
TWO_FIVES = [*FIVE, *((a + 5, b + 5) for a, b in FIVE), (4, 5)]


def overlap(centres, radii):
    """By how much two circles overlap at the most."""
    apart = np.linalg.norm(centres[:, None] - centres[None, :], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float((radii[:, None] + radii[None, :] - apart).max(initial=-np.inf))


def test_what_belongs_together_is_an_island():
    layout = lay_out([10] * 11, [*TWO_FIVES, (10, 10)])
    assert layout.groups.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]
    for island in range(3):
        reach = np.linalg.norm(layout.places[layout.groups == island] - layout.centres[island], axis=1)
        assert (reach + 10 <= layout.radii[island] + 1e-6).all()


def test_islands_stand_apart():
    layout = lay_out([10] * 11, TWO_FIVES)
    assert overlap(layout.centres, layout.radii) < 0


def test_nodes_do_not_cover_one_another():
    layout = lay_out([40, 8, 8, 8, 8], FIVE)
    assert overlap(layout.places, np.array([40, 8, 8, 8, 8])) < 0


def test_the_same_places_each_time():
    assert (lay_out([10] * 10, TWO_FIVES).places == lay_out([10] * 10, TWO_FIVES).places).all()


def test_what_everything_is_joined_to_does_not_make_one_island_of_it():
    hub = [(10, node) for node in range(10)]
    groups = lay_out([10] * 11, [*TWO_FIVES[:-1], *hub]).groups.tolist()
    assert groups[:10] == [groups[0]] * 5 + [groups[5]] * 5
    assert groups[0] != groups[5]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_nodes(count):
    layout = lay_out([10] * count, [(0, 0)] if count else [])
    assert layout.places.shape == (count, 2)
    assert len(layout.centres) == len(layout.radii) == min(count, 1)


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param([], id="no edges"),
        pytest.param([(0, node) for node in range(1, 1000)], id="one hub"),
        pytest.param([(node, node + 1) for node in range(0, 1000, 2)], id="pairs"),
        pytest.param([(node, node + 1) for node in range(999)], id="a chain"),
    ],
)
def test_odd_graphs(edges):
    layout = lay_out([10] * 1000, edges)
    assert overlap(layout.centres, layout.radii) < 1
    assert overlap(layout.places, np.full(1000, 10)) < 1


@settings(max_examples=30, deadline=None)
@given(edges=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=60))
def test_every_node_has_a_place(edges):
    assert np.isfinite(lay_out([10] * 20, edges).places).all()

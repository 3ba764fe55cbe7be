"""A shape in a frame of its own is told by the same numbers wherever it lies."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from geo.judge.dissolve import as_shapes
from geo.judge.frames import Frames

#: an L with a court, no two of its sides alike: there is one way only to lay it along its edges, but for right angles
L = shapely.Polygon(
    [(0, 0), (70.1, 0), (70.1, 20.3), (31, 20.3), (31, 50), (0, 50)], [[(5, 5), (9, 5), (9, 12.5), (5, 12.5)]]
)
TWO = shapely.MultiPolygon([L, shapely.box(80, 0, 95, 11)])


@pytest.mark.parametrize("shape", [L, TWO])
@given(turn=st.floats(0, 360), x=st.floats(-5e5, 5e5), y=st.floats(0, 4e6))
def test_place_and_direction_do_not_show_within_a_frame(shape: object, turn: float, x: float, y: float) -> None:
    there = as_shapes([translate(rotate(shape, turn, origin=(0, 0)), x, y)])
    within = Frames.of(there).within(there)[0]
    # Four right angles leave four ways to lie; the least corner is the origin in each.
    assert within.bounds[:2] == (0.0, 0.0)
    quarters = [rotate(shape, 90 * n, origin=(0, 0)) for n in range(4)]
    laid = [translate(one, -one.bounds[0], -one.bounds[1]) for one in quarters]
    assert any(shapely.equals_exact(within.normalize(), one.normalize(), 2e-6) for one in laid)


@given(turn=st.floats(0, 360), x=st.floats(-5e5, 5e5), y=st.floats(0, 4e6))
def test_what_is_told_within_a_frame_lies_back_where_it_was(turn: float, x: float, y: float) -> None:
    there = as_shapes([translate(rotate(s, turn, origin=(0, 0)), x, y) for s in (L, TWO, shapely.box(0, 0, 3, 1))])
    frames = Frames.of(there)
    assert shapely.equals_exact(frames.back(frames.within(there)), there, 2e-6).all()


def test_what_is_finer_than_the_grid_is_still_a_polygon_within_it() -> None:
    # A neck of half a micrometre, which the grid folds over.
    neck = shapely.Polygon([(0, 0), (10, 0), (10, 5), (4, 3.0000004), (4, 3.0000001), (0, 5)])
    slanted = as_shapes(
        [rotate(neck, 0), shapely.Polygon([(0, 0), (30, 0), (15.0000002, 3e-7), (15, 20), (14.9999998, 3e-7)])]
    )
    within = Frames.of(slanted).within(slanted)
    assert shapely.is_valid(within).all()
    np.testing.assert_allclose(shapely.area(within), shapely.area(slanted), atol=1e-4)

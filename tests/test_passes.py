"""Whether a segment passes a box by, held against GEOS."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.measure.kernel.plane import TOUCH, passes

#: to the centimetre, as maps are drawn, over a kilometre
PLACE = st.integers(-50_000, 50_000).map(lambda n: n / 100)
SIZE = st.integers(0, 10_000).map(lambda n: n / 100)


@given(PLACE, PLACE, PLACE, PLACE, PLACE, PLACE, SIZE, SIZE)
def test_a_segment_passes_just_those_boxes_that_it_does_not_meet(
    x: float, y: float, to_x: float, to_y: float, left: float, low: float, wide: float, high: float
) -> None:
    start, vector = np.array([[x, y]]), np.array([[to_x - x, to_y - y]])
    box = left, low, left + wide, low + high
    apart = shapely.distance(shapely.LineString([(x, y), (to_x, to_y)]), shapely.box(*box))
    if passes(start, vector, 0, *box):
        assert apart > 0
    else:
        assert apart <= 2 * TOUCH


def test_a_long_line_aslant_passes_a_house_in_its_box() -> None:
    start, vector = np.array([[0.0, 0.0]]), np.array([[1000.0, 1000.0]])
    assert passes(start, vector, 0, 800.0, 100.0, 820.0, 120.0)
    assert not passes(start, vector, 0, 490.0, 500.0, 505.0, 510.0)

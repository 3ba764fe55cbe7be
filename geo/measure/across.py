"""Parcels that are drawn across each other: few, so GEOS measures them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


def drawn_across(one: Shapes, other: Shapes, tolerance_m: float) -> tuple[Bools, Shapes]:
    """Which of the pairs (n,) cover the same ground over more than the tolerance's width, and how far they do.

    For each that does, the longer of one's outline inside the other and the other's inside the one.
    """
    # An overlap within the tolerance is drawing noise: the outlines run along one another, and that is measured.
    deep: Bools = ~shapely.is_empty(shapely.buffer(shapely.intersection(one, other), -tolerance_m / 2))
    one, other = one[deep], other[deep]
    ways = np.stack(
        [shapely.intersection(shapely.boundary(one), other), shapely.intersection(shapely.boundary(other), one)]
    )
    longer = np.argmax(shapely.length(ways), axis=0)
    return deep, ways[longer, np.arange(len(longer))]


def cut_lines(lines: Shapes, barriers: Shapes, tolerance_m: float) -> tuple[Floats, Ints]:
    """How much of each line lies within the tolerance of barriers, in m, and which of them takes most (-1: none).

    Of barriers that take alike it is the first, whatever the last bit.
    """
    from geo.measure.kernel import TOUCH

    cut, by = np.zeros(len(lines)), np.full(len(lines), -1, dtype=np.int64)
    line, barrier = shapely.STRtree(barriers).query(lines, predicate="dwithin", distance=tolerance_m)
    for number in np.unique(line):
        near = barrier[line == number]
        # Only the piece of the barrier that is near is widened: a railway may be kilometres long.
        around = shapely.box(*(np.array(lines[number].bounds) + 2 * tolerance_m * np.array([-1, -1, 1, 1])))
        wide = shapely.buffer(shapely.intersection(barriers[near], around), tolerance_m)
        taken = shapely.length(shapely.intersection(lines[number], wide))
        cut[number] = shapely.length(shapely.intersection(lines[number], shapely.union_all(wide)))
        by[number] = near[taken >= taken.max() - TOUCH].min()
    return cut, by

"""Parcels that are drawn across each other: few, so GEOS measures them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]


def drawn_across(polygons: Shapes, a: Ints, b: Ints, rows: Ints, tolerance_m: float) -> tuple[Ints, Shapes]:
    """Those of the rows whose two parcels cover the same ground over more than the tolerance's width, and how.

    Gives the rows, and for each the longer of a's outline inside b and b's inside a.
    """
    one, other = polygons[a[rows]], polygons[b[rows]]
    # An overlap within the tolerance is drawing noise: the outlines run along one another, and that is measured.
    deep = ~shapely.is_empty(shapely.buffer(shapely.intersection(one, other), -tolerance_m / 2))
    one, other = one[deep], other[deep]
    ways = np.stack(
        [shapely.intersection(shapely.boundary(one), other), shapely.intersection(shapely.boundary(other), one)]
    )
    longer = np.argmax(shapely.length(ways), axis=0)
    return rows[deep], ways[longer, np.arange(len(longer))]


def cut_lines(lines: Shapes, barriers: Shapes, tolerance_m: float) -> tuple[Floats, Ints]:
    """How much of each line lies within the tolerance of barriers, in m, and which of them takes most (-1: none)."""
    cut, by = np.zeros(len(lines)), np.full(len(lines), -1, dtype=np.int64)
    line, barrier = shapely.STRtree(barriers).query(lines, predicate="dwithin", distance=tolerance_m)
    for number in np.unique(line):
        near = barrier[line == number]
        # Only the piece of the barrier that is near is widened: a railway may be kilometres long.
        around = shapely.box(*(np.array(lines[number].bounds) + 2 * tolerance_m * np.array([-1, -1, 1, 1])))
        wide = shapely.buffer(shapely.intersection(barriers[near], around), tolerance_m)
        taken = shapely.length(shapely.intersection(lines[number], wide))
        cut[number] = shapely.length(shapely.intersection(lines[number], shapely.union_all(wide)))
        by[number] = near[np.lexsort((near, -taken))[0]]
    return cut, by

"""Barriers as segments in a grid, and which of them a line or a strip of ground meets."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.measure.kernel.pairs import grid, once
from geo.measure.kernel.plane import TOUCH, inside, jit, passes, touch

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Walls(NamedTuple):
    """Barriers that part: segments ``start`` and ``vector`` (n, 2), barrier by barrier, each from its ``first`` (m + 1) on.

    ``is_area`` (m,) tells polygons, whose inside parts too, with ``bounds`` (m, 4).  The rest is the grid of the segments.
    """

    start: Floats
    vector: Floats
    owner: Ints
    first: Ints
    is_area: npt.NDArray[np.bool_]
    bounds: Floats
    cell_first: Ints
    cell_rows: npt.NDArray[np.int32]
    x0: float
    y0: float
    cell: float
    nx: int
    ny: int

    @classmethod
    def of(cls, start: Floats, vector: Floats, owner: Ints, is_area: npt.NDArray[np.bool_], cell_m: float) -> Walls:
        """Barriers in a grid of cells of about that size."""
        first = np.searchsorted(owner, np.arange(len(is_area) + 1)).astype(np.int64)
        end = start + vector
        boxes = np.hstack([np.minimum(start, end), np.maximum(start, end)])
        bounds = np.full((len(is_area), 4), np.nan)
        for number in range(len(is_area)):
            rows = boxes[first[number] : first[number + 1]]
            if len(rows):
                bounds[number] = [*rows[:, :2].min(axis=0), *rows[:, 2:].max(axis=0)]
        x0, y0, cell, nx, ny = lattice(boxes, cell_m)
        cell_first, cell_rows = grid(boxes, cell, x0, y0, nx, ny, 0.0)
        return cls(start, vector, owner, first, is_area, bounds, cell_first, cell_rows, x0, y0, cell, nx, ny)


def lattice(boxes: Floats, cell_m: float) -> tuple[float, float, float, int, int]:
    """Corner, cell and numbers of cells of a grid over boxes (n, 4): of about that cell, and not many more than boxes."""
    if not len(boxes):
        return 0.0, 0.0, 1.0, 1, 1
    x0, y0 = boxes[:, :2].min(axis=0)
    wide, high = np.maximum(boxes[:, 2:].max(axis=0) - (x0, y0), 1.0)
    cell = max(cell_m, float(np.sqrt(wide * high / (4 * len(boxes) + 64))))
    return float(x0), float(y0), cell, int(wide / cell) + 1, int(high / cell) + 1


@jit
def near_segments(walls, xmin, ymin, xmax, ymax):
    """The barriers' segments that meet a box, or nearly, rising (so barrier by barrier)."""
    if len(walls.start) == 0:
        return np.empty(0, dtype=np.int64)
    left, low = int(np.floor((xmin - walls.x0) / walls.cell)), int(np.floor((ymin - walls.y0) / walls.cell))
    right, high = int(np.floor((xmax - walls.x0) / walls.cell)), int(np.floor((ymax - walls.y0) / walls.cell))
    left, low = max(left, 0), max(low, 0)
    right, high = min(right, walls.nx - 1), min(high, walls.ny - 1)
    count = 0
    for j in range(low, high + 1):
        for i in range(left, right + 1):
            c = j * walls.nx + i
            count += walls.cell_first[c + 1] - walls.cell_first[c]
    found = np.empty(count, dtype=np.int64)
    count = 0
    for j in range(low, high + 1):
        for i in range(left, right + 1):
            c = j * walls.nx + i
            for at in range(walls.cell_first[c], walls.cell_first[c + 1]):
                row = walls.cell_rows[at]
                if not passes(walls.start, walls.vector, row, xmin, ymin, xmax, ymax):
                    found[count] = row
                    count += 1
    return once(found[:count])


@jit
def cutting_most(taken):
    """The barrier that takes most (m,), the first of those that take as much but for rounding; -1 where none takes any."""
    if len(taken) == 0 or taken.max() <= 0.0:
        return -1
    least = taken.max() - TOUCH
    number = 0
    while taken[number] <= 0.0 or taken[number] < least:
        number += 1
    return number


@jit
def near_areas(walls, xmin, ymin, xmax, ymax):
    """The barriers that are polygons and whose boxes meet a box."""
    found = np.empty(len(walls.is_area), dtype=np.int64)
    count = 0
    for number in range(len(walls.is_area)):
        if (
            walls.is_area[number]
            and walls.bounds[number, 0] <= xmax and walls.bounds[number, 2] >= xmin
            and walls.bounds[number, 1] <= ymax and walls.bounds[number, 3] >= ymin
        ):  # fmt: skip
            found[count] = number
            count += 1
    return found[:count]


@jit
def within_capsule(x, y, dx, dy, wx, wy, wdx, wdy, radius):
    """From which to which share of a segment it lies within ``radius`` of another one; low > high where it does not.

    The ground within a distance of a segment is convex (a strip with two half discs), so it is one stretch.
    """
    low, high = 1.0, 0.0
    long2 = dx * dx + dy * dy
    for end in range(2):
        ox, oy = x - (wx + end * wdx), y - (wy + end * wdy)
        half, rest = (ox * dx + oy * dy) / long2, (ox * ox + oy * oy - radius * radius) / long2
        square = half * half - rest
        if square > 0.0:
            root = np.sqrt(square)
            p, q = max(-half - root, 0.0), min(-half + root, 1.0)
            if p < q:
                low, high = min(low, p), max(high, q)
    length = np.hypot(wdx, wdy)
    ux, uy = wdx / length, wdy / length
    ox, oy = x - wx, y - wy
    p, q = 0.0, 1.0
    for value, rate, least, most in (
        (ox * ux + oy * uy, dx * ux + dy * uy, 0.0, length),
        (ux * oy - uy * ox, ux * dy - uy * dx, -radius, radius),
    ):
        if rate == 0.0:
            if not least <= value <= most:
                p, q = 1.0, 0.0
        else:
            one, two = (least - value) / rate, (most - value) / rate
            p, q = max(p, min(one, two)), min(q, max(one, two))
    if p < q:
        low, high = min(low, p), max(high, q)
    return low, high


@jit
def within_area(x, y, dx, dy, walls, number, begin, end):
    """From where to where, as shares, a segment lies inside a polygon: filled into ``begin`` and ``end``; how many."""
    places = np.empty(walls.first[number + 1] - walls.first[number] + 2)
    places[0], places[1], n = 0.0, 1.0, 2
    for w in range(walls.first[number], walls.first[number + 1]):
        wdx, wdy = walls.vector[w, 0], walls.vector[w, 1]
        turn = dx * wdy - dy * wdx
        if turn == 0.0:
            continue
        ox, oy = walls.start[w, 0] - x, walls.start[w, 1] - y
        on_line, on_wall = (ox * wdy - oy * wdx) / turn, (ox * dy - oy * dx) / turn
        if 0.0 < on_line < 1.0 and 0.0 <= on_wall <= 1.0:
            places[n] = on_line
            n += 1
    places[:n].sort()
    count = 0
    for i in range(n - 1):
        at = (places[i] + places[i + 1]) / 2
        if places[i] < places[i + 1] and inside(
            x + at * dx, y + at * dy, walls.start, walls.vector, walls.first[number], walls.first[number + 1]
        ):
            if count < len(begin):
                begin[count], end[count] = places[i], places[i + 1]
            count += 1
    return count


@jit
def meets(x, y, dx, dy, walls, near, areas, met):
    """Mark in ``met`` (one for each near segment, then one for each area) what a segment meets; whether it meets any.

    All segments of one barrier count once: only the first of them that is met is marked.
    """
    any_met, last = False, -1
    for at in range(len(near)):
        w = near[at]
        met[at] = False
        if walls.owner[w] != last and touch(
            x, y, dx, dy, walls.start[w, 0], walls.start[w, 1], walls.vector[w, 0], walls.vector[w, 1]
        ):
            met[at], any_met, last = True, True, walls.owner[w]
    for at in range(len(areas)):
        number = areas[at]
        met[len(near) + at] = False
        already = False
        for before in range(len(near)):
            if met[before] and walls.owner[near[before]] == number:
                already = True
        if not already and inside(x, y, walls.start, walls.vector, walls.first[number], walls.first[number + 1]):
            met[len(near) + at], any_met = True, True
    return any_met

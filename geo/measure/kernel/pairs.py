"""Which parcels are near one another, and how near."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

from geo.measure.kernel.land import LARGE, box_of, facing_rows, holds, near_of
from geo.measure.kernel.plane import apart, between_segments, jit


@jit
def _cell_range(bounds, row, x0, y0, cell, nx, ny, margin):
    left = min(max(int((bounds[row, 0] - margin - x0) / cell), 0), nx - 1)
    low = min(max(int((bounds[row, 1] - margin - y0) / cell), 0), ny - 1)
    right = min(max(int((bounds[row, 2] + margin - x0) / cell), 0), nx - 1)
    high = min(max(int((bounds[row, 3] + margin - y0) / cell), 0), ny - 1)
    return left, low, right, high


@jit
def grid(bounds, cell, x0, y0, nx, ny, margin):
    """The rows whose boxes, grown by ``margin``, reach into each cell: ``rows[first[c]:first[c + 1]]``, rising."""
    first = np.zeros(nx * ny + 1, dtype=np.int64)
    for row in range(len(bounds)):
        left, low, right, high = _cell_range(bounds, row, x0, y0, cell, nx, ny, margin)
        for j in range(low, high + 1):
            for i in range(left, right + 1):
                first[j * nx + i + 1] += 1
    for at in range(nx * ny):
        first[at + 1] += first[at]
    rows = np.empty(first[-1], dtype=np.int32)
    place = first[:-1].copy()
    for row in range(len(bounds)):
        left, low, right, high = _cell_range(bounds, row, x0, y0, cell, nx, ny, margin)
        for j in range(low, high + 1):
            for i in range(left, right + 1):
                rows[place[j * nx + i]] = row
                place[j * nx + i] += 1
    return first, rows


@jit
def near_rows(bounds, cell, x0, y0, nx, ny, first, rows, xmin, ymin, xmax, ymax):
    """The rows whose boxes meet a box, rising, each once; ``first`` and ``rows`` as :func:`grid` gives them."""
    left, low = min(max(int((xmin - x0) / cell), 0), nx - 1), min(max(int((ymin - y0) / cell), 0), ny - 1)
    right, high = min(max(int((xmax - x0) / cell), 0), nx - 1), min(max(int((ymax - y0) / cell), 0), ny - 1)
    count = 0
    for j in range(low, high + 1):
        for i in range(left, right + 1):
            count += first[j * nx + i + 1] - first[j * nx + i]
    found = np.empty(count, dtype=np.int64)
    count = 0
    for j in range(low, high + 1):
        for i in range(left, right + 1):
            for at in range(first[j * nx + i], first[j * nx + i + 1]):
                row = rows[at]
                if (
                    bounds[row, 0] <= xmax and bounds[row, 2] >= xmin
                    and bounds[row, 1] <= ymax and bounds[row, 3] >= ymin
                ):  # fmt: skip
                    found[count] = row
                    count += 1
    return once(found[:count])


@jit
def once(numbers):
    """The numbers in rising order, each once."""
    if len(numbers) == 0:
        return numbers
    found = np.sort(numbers)
    kept = 1
    for at in range(1, len(found)):
        if found[at] != found[at - 1]:
            found[kept] = found[at]
            kept += 1
    return found[:kept]


@jit
def _pairs_of_cell(bounds, rows, begin, end, reach, x0, y0, cell, i, j, nx, ny, a, b, filled):
    """Write (or, with ``filled`` < 0, count) the pairs of one cell: each pair is its own in one cell only."""
    count = 0
    for p in range(begin, end):
        one = rows[p]
        for q in range(p + 1, end):
            other = rows[q]
            left = max(bounds[one, 0], bounds[other, 0])
            low = max(bounds[one, 1], bounds[other, 1])
            if left - reach > min(bounds[one, 2], bounds[other, 2]) or low - reach > min(
                bounds[one, 3], bounds[other, 3]
            ):
                continue
            # The pair belongs to the cell in which their boxes, each grown by half of the reach, first meet.
            if min(max(int((left - reach / 2 - x0) / cell), 0), nx - 1) != i:
                continue
            if min(max(int((low - reach / 2 - y0) / cell), 0), ny - 1) != j:
                continue
            if filled >= 0:
                a[filled + count] = one
                b[filled + count] = other
            count += 1
    return count


@numba.njit(cache=True, nogil=True, parallel=True)
def near_boxes(bounds, reach, first, rows, x0, y0, cell, nx, ny):
    """The pairs a < b whose boxes are no farther apart than ``reach`` along either axis, cell by cell."""
    none = np.empty(0, dtype=np.int32)
    counts = np.zeros(nx * ny + 1, dtype=np.int64)
    for c in numba.prange(nx * ny):
        counts[c + 1] = _pairs_of_cell(
            bounds, rows, first[c], first[c + 1], reach, x0, y0, cell, c % nx, c // nx, nx, ny, none, none, -1
        )
    for c in range(nx * ny):
        counts[c + 1] += counts[c]
    a = np.empty(counts[-1], dtype=np.int32)
    b = np.empty(counts[-1], dtype=np.int32)
    for c in numba.prange(nx * ny):
        _pairs_of_cell(
            bounds, rows, first[c], first[c + 1], reach, x0, y0, cell, c % nx, c // nx, nx, ny, a, b, counts[c]
        )
    return a, b


@jit
def gap(land, a, b, reach):
    """How far two parcels are apart in metres, 0 where they meet or one lies in the other; infinite beyond ``reach``."""
    start, vector, first, bounds = land.start, land.vector, land.first, land.bounds
    least = reach * reach
    found = False
    xmin, ymin = bounds[b, 0] - reach, bounds[b, 1] - reach
    xmax, ymax = bounds[b, 2] + reach, bounds[b, 3] + reach
    rows_a, rows_b = facing_rows(land, a, b, reach)
    for s in rows_a:
        if apart(start, vector, s, xmin, ymin, xmax, ymax):
            continue
        x, y, dx, dy = start[s, 0], start[s, 1], vector[s, 0], vector[s, 1]
        left, low, right, high = box_of(start, vector, s, reach)
        near = rows_b
        if len(rows_b) > LARGE:
            near = near_of(land, b, left, low, right, high)
        for t in near:
            if apart(start, vector, t, left, low, right, high):
                continue
            apart2 = between_segments(x, y, dx, dy, start[t, 0], start[t, 1], vector[t, 0], vector[t, 1])
            if apart2 <= least:
                least, found = apart2, True
                if least == 0.0:
                    return 0.0
    for one, other in ((a, b), (b, a)):
        s = first[other]
        if holds(land, one, start[s, 0], start[s, 1]):
            return 0.0
    return np.sqrt(least) if found else np.inf


@numba.njit(cache=True, nogil=True, parallel=True)
def gaps(land, a, b, reach):
    """The gap of each pair (n,)."""
    found = np.empty(len(a), dtype=np.float64)
    for p in numba.prange(len(a)):
        found[p] = gap(land, np.int64(a[p]), np.int64(b[p]), reach)
    return found

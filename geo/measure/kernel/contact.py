"""How far two outlines run along one another, and how much of that is free of barriers."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

from geo.measure.kernel.barriers import cutting_most, near_areas, near_segments, within_area, within_capsule
from geo.measure.kernel.land import LARGE, box_of, facing_rows, holds, near_of
from geo.measure.kernel.plane import TOUCH, apart, inside, jit, point_to_segment


@jit
def _narrow(low, high, value, rate, least, most):
    """Narrow low … high to where least ≤ value + rate·s ≤ most."""
    if rate == 0.0:
        return (low, high) if least <= value <= most else (1.0, 0.0)
    one, two = (least - value) / rate, (most - value) / rate
    return max(low, min(one, two)), min(high, max(one, two))


@jit
def stretches(land, a, along_rows, on_rows, tolerance, segment, low, high):
    """Where a's segments run along b's, as places on b's: (segment, from, to) in m, united and rising; how many.

    ``along_rows`` and ``on_rows`` are the segments of a and of b that may be near one another.

    A stretch counts where the two segments run opposite ways and a's lies square off b's within the tolerance.  ``segment``,
    ``low`` and ``high`` are filled as far as they reach; a count beyond their length asks for longer ones.
    """
    start, vector, bounds = land.start, land.vector, land.bounds
    count = 0
    xmin, ymin = bounds[a, 0] - tolerance, bounds[a, 1] - tolerance
    xmax, ymax = bounds[a, 2] + tolerance, bounds[a, 3] + tolerance
    for t in on_rows:
        if apart(start, vector, t, xmin, ymin, xmax, ymax):
            continue
        begin = count
        tx, ty, tdx, tdy = start[t, 0], start[t, 1], vector[t, 0], vector[t, 1]
        length = np.hypot(tdx, tdy)
        ux, uy = tdx / length, tdy / length
        left, below, right, above = box_of(start, vector, t, tolerance)
        along_t = along_rows
        if len(along_rows) > LARGE:
            along_t = near_of(land, a, left, below, right, above)
        for s in along_t:
            if apart(start, vector, s, left, below, right, above):
                continue
            sdx, sdy = vector[s, 0], vector[s, 1]
            along_rate = sdx * ux + sdy * uy
            if along_rate >= 0.0:
                continue
            ox, oy = start[s, 0] - tx, start[s, 1] - ty
            along, across, across_rate = ox * ux + oy * uy, ux * oy - uy * ox, ux * sdy - uy * sdx
            p, q = _narrow(0.0, 1.0, along, along_rate, 0.0, length)
            p, q = _narrow(p, q, across, across_rate, -tolerance, tolerance)
            if p < q:
                if count < len(segment):
                    segment[count] = t
                    low[count], high[count] = along + along_rate * q, along + along_rate * p
                count += 1
        if count > len(segment):
            continue
        count = begin + unite(low[begin:count], high[begin:count])
    return count


@jit
def unite(low, high):
    """Unite overlapping intervals in place, rising; how many are left."""
    n = len(low)
    for i in range(1, n):  # few as a rule: sorted by insertion
        lo, hi = low[i], high[i]
        j = i - 1
        while j >= 0 and low[j] > lo:
            low[j + 1], high[j + 1] = low[j], high[j]
            j -= 1
        low[j + 1], high[j + 1] = lo, hi
    kept = 0
    for i in range(1, n):
        if low[i] <= high[kept]:
            high[kept] = max(high[kept], high[i])
        else:
            kept += 1
            low[kept], high[kept] = low[i], high[i]
    return kept + 1 if n else 0


@jit
def contact(land, a, b, tolerance):
    """The stretches on b's outline or on a's, whichever are longer in all: their length, segments, and from where to where."""
    rows_a, rows_b = facing_rows(land, a, b, tolerance)
    size = min(len(rows_a) + len(rows_b), 64)  # room, as a rule
    best = -1.0
    kept = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64), np.empty(0, dtype=np.float64)
    for turn in range(2):
        one, along, on = (a, rows_a, rows_b) if turn == 0 else (b, rows_b, rows_a)
        while True:
            segment = np.empty(size, dtype=np.int64)
            low, high = np.empty(size), np.empty(size)
            count = stretches(land, one, along, on, tolerance, segment, low, high)
            if count <= size:
                break
            size = 2 * count
        length = (high[:count] - low[:count]).sum()
        if length > best + TOUCH:  # of two as long it is b's outline, whatever the last bit
            best, kept = length, (segment[:count], low[:count], high[:count])
    return best, kept[0], kept[1], kept[2]


@jit
def is_deep(land, b, rows_a, rows_b, depth):
    """Whether some of a's outline may lie inside b farther than ``depth`` from b's outline: then they are drawn across."""
    start, vector, first, bounds = land.start, land.vector, land.first, land.bounds
    is_large = first[b + 1] - first[b] > LARGE
    for s in rows_a:
        if apart(start, vector, s, bounds[b, 0], bounds[b, 1], bounds[b, 2], bounds[b, 3]):
            continue
        x, y, dx, dy = start[s, 0], start[s, 1], vector[s, 0], vector[s, 1]
        left, below, right, above = box_of(start, vector, s, depth)
        near = rows_b
        if len(rows_b) > LARGE:
            near = near_of(land, b, left, below, right, above)
        places = np.empty(len(near) + 2)
        places[0], places[1], n = 0.0, 1.0, 2
        for t in near:
            cross = dx * vector[t, 1] - dy * vector[t, 0]
            if cross == 0.0:
                continue
            ox, oy = start[t, 0] - x, start[t, 1] - y
            on_s, on_t = (ox * vector[t, 1] - oy * vector[t, 0]) / cross, (ox * dy - oy * dx) / cross
            if 0.0 < on_s < 1.0 and 0.0 <= on_t <= 1.0:
                places[n] = on_s
                n += 1
        places[:n].sort()
        for i in range(n - 1):
            # The middle of each piece, and the pieces' ends: depth along a straight piece is greatest at one of them
            # as a rule, and the threshold leaves room.
            for share in (0.5, 0.0, 1.0):
                at = places[i] + share * (places[i + 1] - places[i])
                px, py = x + at * dx, y + at * dy
                is_in = holds(land, b, px, py) if is_large else inside(px, py, start, vector, first[b], first[b + 1])
                if is_in and _farther(px, py, start, vector, near, depth):
                    return True
    return False


@jit
def run_alike(land, b, rows_a, rows_b, tolerance):
    """Whether two outlines run the same way beside each other, so that both lands lie on one side of them."""
    start, vector, bounds = land.start, land.vector, land.bounds
    for s in rows_a:
        if apart(start, vector, s, bounds[b, 0], bounds[b, 1], bounds[b, 2], bounds[b, 3]):
            continue
        left, below, right, above = box_of(start, vector, s, tolerance)
        near = rows_b
        if len(rows_b) > LARGE:
            near = near_of(land, b, left, below, right, above)
        for t in near:
            length = np.hypot(vector[t, 0], vector[t, 1])
            ux, uy = vector[t, 0] / length, vector[t, 1] / length
            rate = vector[s, 0] * ux + vector[s, 1] * uy
            if rate <= 0.0:
                continue
            ox, oy = start[s, 0] - start[t, 0], start[s, 1] - start[t, 1]
            p, q = _narrow(0.0, 1.0, ox * ux + oy * uy, rate, 0.0, length)
            p, q = _narrow(p, q, ux * oy - uy * ox, ux * vector[s, 1] - uy * vector[s, 0], -tolerance, tolerance)
            if (q - p) * rate > tolerance:
                return True
    return False


@jit
def _farther(px, py, start, vector, rows, distance):
    for t in rows:
        if point_to_segment(px, py, start[t, 0], start[t, 1], vector[t, 0], vector[t, 1])[0] <= distance * distance:
            return False
    return True


@jit
def may_be_across(land, a, b, tolerance):
    """Whether two parcels may cover the same ground over more than the tolerance's width."""
    rows_a, rows_b = facing_rows(land, a, b, tolerance)
    return (
        is_deep(land, b, rows_a, rows_b, tolerance / 4)
        or is_deep(land, a, rows_b, rows_a, tolerance / 4)
        or run_alike(land, b, rows_a, rows_b, tolerance)
    )


@jit
def is_parted(length, free, least_edge, least_front):
    """Whether so little of an edge is free of barriers that they part it; numbers or arrays of them, in m."""
    return (free < least_edge) | ((free < length - free - TOUCH) & (free < least_front))


@jit
def common(bounds, a, b, reach):
    """The box that two parcels' boxes share, or that lies between them, grown by ``reach``."""
    xmin, ymin = max(bounds[a, 0], bounds[b, 0]), max(bounds[a, 1], bounds[b, 1])
    xmax, ymax = min(bounds[a, 2], bounds[b, 2]), min(bounds[a, 3], bounds[b, 3])
    return min(xmin, xmax) - reach, min(ymin, ymax) - reach, max(xmin, xmax) + reach, max(ymin, ymax) + reach


@numba.njit(cache=True, nogil=True, parallel=True)
def contacts(land, a, b, tolerance):
    """Of each pair that touches: the length of contact in m, and whether it may be drawn across each other."""
    length = np.empty(len(a), dtype=np.float64)
    across = np.zeros(len(a), dtype=np.bool_)
    for p in numba.prange(len(a)):
        length[p] = contact(land, a[p], b[p], tolerance)[0]
        across[p] = may_be_across(land, a[p], b[p], tolerance)
    return length, across


@jit
def cut_contact(land, segment, low, high, walls, near, areas, tolerance, taken):
    """How many metres of the stretches lie within the tolerance of barriers.

    ``near`` and ``areas`` are the barriers' segments and polygons near the pair; ``taken`` (m,) gets what each takes of it.
    """
    start, vector = land.start, land.vector
    cut = 0.0
    size = len(near) + len(areas) * 8
    for i in range(len(segment)):
        t, long = segment[i], high[i] - low[i]
        if long <= 0.0:
            continue
        length = np.hypot(vector[t, 0], vector[t, 1])
        ux, uy = vector[t, 0] / length, vector[t, 1] / length
        x, y, dx, dy = start[t, 0] + low[i] * ux, start[t, 1] + low[i] * uy, long * ux, long * uy
        begin, end, owner = np.empty(size), np.empty(size), np.empty(size, dtype=np.int64)
        n = 0
        for w in near:
            p, q = within_capsule(
                x, y, dx, dy, walls.start[w, 0], walls.start[w, 1], walls.vector[w, 0], walls.vector[w, 1], tolerance
            )
            if p < q:
                begin[n], end[n], owner[n] = p, q, walls.owner[w]
                n += 1
        for number in areas:
            m = min(within_area(x, y, dx, dy, walls, number, begin[n:], end[n:]), size - n)
            owner[n : n + m] = number
            n += m
        for number in np.unique(owner[:n]):
            lo, hi = begin[:n][owner[:n] == number], end[:n][owner[:n] == number]
            m = unite(lo, hi)
            taken[number] += (hi[:m] - lo[:m]).sum() * long
        m = unite(begin[:n], end[:n])
        cut += (end[:m] - begin[:m]).sum() * long
    return cut


@numba.njit(cache=True, nogil=True, parallel=True)
def cuts(land, walls, a, b, tolerance):
    """Of each pair that touches: how many metres of its contact barriers cut, and which of them cuts most (-1: none).

    Of barriers that cut alike it is the first, whatever the last bit.
    """
    cut = np.zeros(len(a), dtype=np.float64)
    most = np.full(len(a), -1, dtype=np.int64)
    for p in numba.prange(len(a)):
        one, other = a[p], b[p]
        # The boxes may miss each other by the tolerance.
        left, below, right, above = common(land.bounds, one, other, 2 * tolerance)
        near = near_segments(walls, left, below, right, above)
        areas = near_areas(walls, left, below, right, above)
        if len(near) + len(areas) == 0:
            continue
        _, segment, low, high = contact(land, one, other, tolerance)
        taken = np.zeros(len(walls.is_area))
        cut[p] = cut_contact(land, segment, low, high, walls, near, areas, tolerance, taken)
        most[p] = cutting_most(taken)
    return cut, most

"""How much of two outlines face each other over a gap, and how much of that is free; see :mod:`geo.measure.adjacency`."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

from geo.measure.kernel.barriers import cutting_most, meets, near_areas, near_segments
from geo.measure.kernel.land import LARGE, box_of, facing_rows, holds, near_of
from geo.measure.kernel.plane import TOUCH, apart, inside, jit, point_to_segment, side, touch


@jit
def _clip(start, vector, s, xmin, ymin, xmax, ymax):
    """From which to which share of its length a segment lies in a box; low > high where it does not."""
    low, high = 0.0, 1.0
    for axis in range(2):
        least, most = (xmin, xmax) if axis == 0 else (ymin, ymax)
        value, rate = start[s, axis], vector[s, axis]
        if rate == 0.0:
            if not least <= value <= most:
                return 1.0, 0.0
        else:
            one, two = (least - value) / rate, (most - value) / rate
            low, high = max(low, min(one, two)), min(high, max(one, two))
    return low, high


@jit
def _opposite(start, vector, s, rows, reach, found):
    """The segments of the other outline that may be nearest to a place on s and in reach, where one of them lies outward.

    ``rows`` are those that may be in reach of any place.
    """
    x, y, dx, dy = start[s, 0], start[s, 1], vector[s, 0], vector[s, 1]
    left, low, right, high = box_of(start, vector, s, reach)
    count, outward = 0, False
    for t in rows:
        if apart(start, vector, t, left, low, right, high):
            continue
        found[count] = t
        count += 1
        tx, ty = start[t, 0], start[t, 1]
        if side(x, y, dx, dy, tx, ty) <= 0.0 or side(x, y, dx, dy, tx + vector[t, 0], ty + vector[t, 1]) <= 0.0:
            outward = True
    return count if outward else 0


@jit
def _foot(px, py, start, vector, low, high, opposite, count):
    """The nearest place of the other parcel: the point itself where it lies within its segments low … high − 1."""
    best, fx, fy = np.inf, px, py
    for at in range(count):
        t = opposite[at]
        far2, along = point_to_segment(px, py, start[t, 0], start[t, 1], vector[t, 0], vector[t, 1])
        if far2 < best:
            best, fx, fy = far2, start[t, 0] + along * vector[t, 0], start[t, 1] + along * vector[t, 1]
    if inside(px, py, start, vector, low, high):
        return px, py
    return fx, fy


@jit
def _in_the_way(start, vector, first, bounds, land, parcels, xmin, ymin, xmax, ymax, segments, holders):
    """The segments of these parcels in a box, and the parcels whose boxes meet it, the large ones from the end on.

    How many of each; segments beyond the room ask for more.
    """
    n, m, k = 0, 0, 0
    for c in parcels:
        if bounds[c, 0] > xmax or bounds[c, 2] < xmin or bounds[c, 1] > ymax or bounds[c, 3] < ymin:
            continue
        if first[c + 1] - first[c] <= LARGE:
            holders[m] = c
            m += 1
            for t in range(first[c], first[c + 1]):
                if not apart(start, vector, t, xmin, ymin, xmax, ymax):
                    if n < len(segments):
                        segments[n] = t
                    n += 1
        else:
            k += 1
            holders[-k] = c
            for t in near_of(land, c, xmin, ymin, xmax, ymax):
                if n < len(segments):
                    segments[n] = t
                n += 1
    return n, m, k


@jit
def _is_clear(x, y, dx, dy, start, vector, first, bounds, segments, n, holders, m):
    """Whether a connector meets none of these segments and touches none, and lies in none of the first m parcels."""
    for at in range(n):
        t = segments[at]
        if touch(x, y, dx, dy, start[t, 0], start[t, 1], vector[t, 0], vector[t, 1]):
            return False
    for at in range(m):
        c = holders[at]
        if (
            bounds[c, 0] <= x <= bounds[c, 2]
            and bounds[c, 1] <= y <= bounds[c, 3]
            and inside(x, y, start, vector, first[c], first[c + 1])
        ):
            return False
    return True


@jit
def _lies_in_any(land, x, y, holders, k):
    """Whether a point lies in one of the last k parcels."""
    for at in range(1, k + 1):  # noqa: SIM110 (numba compiles no generator in ``any``)
        if holds(land, holders[-at], x, y):
            return True
    return False


@jit
def one_way(land, walls, parcels, here, there, width, step, slack, near, areas, taken, enough):
    """Facing and free frontage of one parcel towards another, in m; ``taken`` gets what each barrier cuts of it.

    ``parcels`` are those that may lie in the way, the two among them; ``near`` and ``areas`` are barriers near the pair.
    Once ``enough`` of it is free the rest of the outline is not looked at.
    """
    start, vector, first, bounds = land.start, land.vector, land.first, land.bounds
    facing, free = 0.0, 0.0
    reach = width + 2 * step
    rows, rows_there = facing_rows(land, here, there, reach)
    # Whether a place lies in the other one is asked with all segments of a small outline, in bands of a large one.
    is_large = first[there + 1] - first[there] > LARGE
    from_, to = (0, 0) if is_large else (first[there], first[there + 1])
    opposite = np.empty(len(rows_there), dtype=np.int64)
    holders = np.empty(len(parcels), dtype=np.int64)
    segments = np.empty(64, dtype=np.int64)
    met = np.empty(len(near) + len(areas), dtype=np.bool_)
    xmin, ymin, xmax, ymax = (
        bounds[there, 0] - width, bounds[there, 1] - width, bounds[there, 2] + width, bounds[there, 3] + width
    )  # fmt: skip
    for s in rows:
        if free >= enough:
            break
        low, high = _clip(start, vector, s, xmin, ymin, xmax, ymax)
        if low > high:
            continue
        opposing = rows_there
        if len(rows_there) > LARGE:
            left, below, right, above = box_of(start, vector, s, reach)
            opposing = near_of(land, there, left, below, right, above)
        count = _opposite(start, vector, s, opposing, reach, opposite)
        if count == 0:
            continue
        x, y, dx, dy = start[s, 0], start[s, 1], vector[s, 0], vector[s, 1]
        length = np.hypot(dx, dy)
        ux, uy = dx / length, dy / length
        steps = max(np.ceil((length - TOUCH) / step), 1.0)  # one of 50 m has no place more for its last bit
        begin, stop = int(np.floor(low * steps)), int(np.ceil(high * steps))
        left, right = min(x, x + dx) - width, max(x, x + dx) + width
        below, above = min(y, y + dy) - width, max(y, y + dy) + width
        while True:
            n, m, k = _in_the_way(
                start, vector, first, bounds, land, parcels,
                max(left, xmin), max(below, ymin), min(right, xmax), min(above, ymax), segments, holders,
            )  # fmt: skip
            if n <= len(segments):
                break
            segments = np.empty(2 * n, dtype=np.int64)
        before = 0.0
        px, py = x + dx * (begin / steps), y + dy * (begin / steps)
        fx, fy = _foot(px, py, start, vector, from_, to, opposite, count)
        if is_large and holds(land, there, px, py):
            fx, fy = px, py
        for place in range(begin, stop + 1):
            after, nx, ny, gx, gy = 0.0, 0.0, 0.0, 0.0, 0.0
            if place < stop:
                nx, ny = x + dx * ((place + 1) / steps), y + dy * ((place + 1) / steps)
                gx, gy = _foot(nx, ny, start, vector, from_, to, opposite, count)
                if is_large and holds(land, there, nx, ny):
                    gx, gy = nx, ny
                after = min(np.hypot(nx - px, ny - py), np.hypot(gx - fx, gy - fy))
            weight = (before + after) / 2
            wx, wy = fx - px, fy - py
            far = np.hypot(wx, wy)
            if weight > 0.0 and TOUCH < far <= width and wx * uy - wy * ux >= -TOUCH:
                wx, wy = wx / far, wy / far
                trim = min(slack, far / 4)
                ax, ay = px + wx * trim, py + wy * trim
                if _is_clear(
                    ax, ay, fx - px - 2 * wx * trim, fy - py - 2 * wy * trim,
                    start, vector, first, bounds, segments, n, holders, m,
                ) and not (k and _lies_in_any(land, ax, ay, holders, k)):  # fmt: skip
                    facing += weight
                    if len(met) and meets(
                        px - wx * slack, py - wy * slack, fx - px + 2 * wx * slack, fy - py + 2 * wy * slack,
                        walls, near, areas, met,
                    ):  # fmt: skip
                        for at in range(len(met)):
                            if met[at]:
                                taken[walls.owner[near[at]] if at < len(near) else areas[at - len(near)]] += weight
                    else:
                        free += weight
            before = after
            px, py, fx, fy = nx, ny, gx, gy
    return facing, free


@jit
def between(bounds, a, b, width, slack):
    """The box in which every connector of two parcels lies that is no longer than ``width``, grown by ``slack``."""
    return (
        max(min(bounds[a, 0], bounds[b, 0]), max(bounds[a, 0], bounds[b, 0]) - width) - slack,
        max(min(bounds[a, 1], bounds[b, 1]), max(bounds[a, 1], bounds[b, 1]) - width) - slack,
        min(max(bounds[a, 2], bounds[b, 2]), min(bounds[a, 2], bounds[b, 2]) + width) + slack,
        min(max(bounds[a, 3], bounds[b, 3]), min(bounds[a, 3], bounds[b, 3]) + width) + slack,
    )


@jit
def _walls_near(land, walls, a, b, width, slack):
    """The barriers' segments and polygons that may lie between two parcels, and room for what each cuts."""
    left, below, right, above = between(land.bounds, a, b, width, slack)
    near = near_segments(walls, left, below, right, above)
    areas = near_areas(walls, left, below, right, above)
    return near, areas, np.zeros(len(walls.is_area) if len(near) + len(areas) else 0)


@jit
def both_ways(land, walls, round_a, round_b, a, b, width, step, slack):
    """Mean of both directions: facing and free frontage in m, and the barrier that cuts most of it (-1: none).

    ``round_a`` and ``round_b`` are the parcels that may lie in the way as seen from a and from b, the two among them.
    """
    near, areas, taken = _walls_near(land, walls, a, b, width, slack)
    facing, free = 0.0, 0.0
    for turn in range(2):
        here, there, parcels = (a, b, round_a) if turn == 0 else (b, a, round_b)
        one, two = one_way(land, walls, parcels, here, there, width, step, slack, near, areas, taken, np.inf)
        facing += one / 2
        free += two / 2
    return facing, free, cutting_most(taken)


@jit
def is_faced(land, walls, parcels, a, b, width, step, slack, least):
    """Whether the free frontage of :func:`both_ways` is at least that and more than none, and no more of it looked at."""
    near, areas, taken = _walls_near(land, walls, a, b, width, slack)
    free = 0.0
    for turn in range(2):
        here, there = (a, b) if turn == 0 else (b, a)
        free += one_way(
            land, walls, parcels, here, there, width, step, slack, near, areas, taken, max(2 * least, TOUCH)
        )[1]
        if free / 2 >= least and free > 0.0:
            return True
    return False


@jit
def _with_itself(near_first, near_rows, here):
    parcels = np.empty(near_first[here + 1] - near_first[here] + 1, dtype=np.int64)
    parcels[0] = here
    parcels[1:] = near_rows[near_first[here] : near_first[here + 1]]
    return parcels


@numba.njit(cache=True, nogil=True, parallel=True)
def frontages(land, walls, near_first, near_rows, a, b, width, step, slack):
    """Of each pair: facing and free frontage in m, and the barrier that cuts most of it (-1: none)."""
    facing, free = np.empty(len(a)), np.empty(len(a))
    most = np.empty(len(a), dtype=np.int64)
    for p in numba.prange(len(a)):
        round_a, round_b = _with_itself(near_first, near_rows, a[p]), _with_itself(near_first, near_rows, b[p])
        facing[p], free[p], most[p] = both_ways(land, walls, round_a, round_b, a[p], b[p], width, step, slack)
    return facing, free, most


@jit
def rows_by(a, b, n):
    """The partners of each of n parcels: ``rows[first[v]:first[v + 1]]``."""
    first = np.zeros(n + 1, dtype=np.int64)
    for p in range(len(a)):
        first[a[p] + 1] += 1
        first[b[p] + 1] += 1
    for v in range(n):
        first[v + 1] += first[v]
    rows = np.empty(2 * len(a), dtype=np.int32)
    place = first[:-1].copy()
    for p in range(len(a)):
        rows[place[a[p]]] = b[p]
        place[a[p]] += 1
        rows[place[b[p]]] = a[p]
        place[b[p]] += 1
    return first, rows

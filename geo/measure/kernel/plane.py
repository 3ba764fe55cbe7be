"""Points and segments in the plane: distances, crossings, insides."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba

jit = numba.njit(cache=True, nogil=True)

#: What is no farther apart than this, in m, touches, and what is so little wider or shorter than it may be is as wide or as
#: long: far more than rounding moves a place, far less than anybody draws.  Without it the last bit would say whether a look
#: along an outline, or one that just reaches a corner, meets it.  A resolution, not a threshold.
TOUCH = 1e-6


@jit
def point_to_segment(px, py, x, y, dx, dy):
    """Squared distance from a point to the segment (x, y) + s·(dx, dy), and the s of the nearest place."""
    along = ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)
    if along < 0.0:
        along = 0.0
    elif along > 1.0:
        along = 1.0
    ex, ey = px - x - along * dx, py - y - along * dy
    return ex * ex + ey * ey, along


@jit
def side(x, y, dx, dy, px, py):
    """On which side of a directed line a point lies: positive left, negative right, 0 on it."""
    return dx * (py - y) - dy * (px - x)


@jit
def cross(ax, ay, adx, ady, bx, by, bdx, bdy):
    """Whether two segments have a place in common, ends included."""
    # Boxes first, and not for speed alone: of two that lie on one line, one behind the other, rounding may set the ends of
    # each on both sides of the other.
    if (
        max(ax, ax + adx) < min(bx, bx + bdx)
        or max(bx, bx + bdx) < min(ax, ax + adx)
        or max(ay, ay + ady) < min(by, by + bdy)
        or max(by, by + bdy) < min(ay, ay + ady)
    ):
        return False
    one = side(ax, ay, adx, ady, bx, by)
    two = side(ax, ay, adx, ady, bx + bdx, by + bdy)
    if (one > 0.0 and two > 0.0) or (one < 0.0 and two < 0.0):
        return False
    three = side(bx, by, bdx, bdy, ax, ay)
    four = side(bx, by, bdx, bdy, ax + adx, ay + ady)
    return not ((three > 0.0 and four > 0.0) or (three < 0.0 and four < 0.0))


@jit
def touch(ax, ay, adx, ady, bx, by, bdx, bdy):
    """Whether two segments meet or touch: no farther apart than :data:`TOUCH`, or little more."""
    if (
        max(ax, ax + adx) + TOUCH < min(bx, bx + bdx)
        or max(bx, bx + bdx) + TOUCH < min(ax, ax + adx)
        or max(ay, ay + ady) + TOUCH < min(by, by + bdy)
        or max(by, by + bdy) + TOUCH < min(ay, ay + ady)
    ):
        return False
    # ``side`` is a distance times a length; the sum of both parts is no less than the length, and needs no root.
    margin = TOUCH * (abs(adx) + abs(ady))
    one = side(ax, ay, adx, ady, bx, by)
    two = side(ax, ay, adx, ady, bx + bdx, by + bdy)
    if (one > margin and two > margin) or (one < -margin and two < -margin):
        return False
    margin = TOUCH * (abs(bdx) + abs(bdy))
    three = side(bx, by, bdx, bdy, ax, ay)
    four = side(bx, by, bdx, bdy, ax + adx, ay + ady)
    return not ((three > margin and four > margin) or (three < -margin and four < -margin))


@jit
def between_segments(ax, ay, adx, ady, bx, by, bdx, bdy):
    """Squared distance between two segments; 0 where they meet."""
    if cross(ax, ay, adx, ady, bx, by, bdx, bdy):
        return 0.0
    least = point_to_segment(ax, ay, bx, by, bdx, bdy)[0]
    least = min(least, point_to_segment(ax + adx, ay + ady, bx, by, bdx, bdy)[0])
    least = min(least, point_to_segment(bx, by, ax, ay, adx, ady)[0])
    return min(least, point_to_segment(bx + bdx, by + bdy, ax, ay, adx, ady)[0])


@jit
def inside(px, py, start, vector, low, high):
    """Whether a point lies inside the outline of the segments low … high − 1 (holes among them are holes)."""
    found = False
    for at in range(low, high):
        y0 = start[at, 1]
        y1 = y0 + vector[at, 1]
        if (y0 > py) != (y1 > py) and px < start[at, 0] + (py - y0) / vector[at, 1] * vector[at, 0]:
            found = not found
    return found


@jit
def apart(start, vector, at, xmin, ymin, xmax, ymax):
    """Whether a segment lies on one side of a box altogether."""
    x, y = start[at, 0], start[at, 1]
    dx, dy = vector[at, 0], vector[at, 1]
    return (
        max(x, x + dx) < xmin or min(x, x + dx) > xmax or max(y, y + dy) < ymin or min(y, y + dy) > ymax
    )  # fmt: skip


@jit
def passes(start, vector, at, xmin, ymin, xmax, ymax):
    """Whether a segment passes a box by: it lies on one side of it, or all corners of the box lie on one side of it.

    A line of a kilometre aslant has a box that holds a quarter; few of those parcels are near the line.
    """
    if apart(start, vector, at, xmin, ymin, xmax, ymax):
        return True
    x, y, dx, dy = start[at, 0], start[at, 1], vector[at, 0], vector[at, 1]
    # As far as the box reaches to either side of its middle, seen along the segment: each times the segment's length.
    middle = side(x, y, dx, dy, (xmin + xmax) / 2, (ymin + ymax) / 2)
    half = (abs(dx) * (ymax - ymin) + abs(dy) * (xmax - xmin)) / 2
    return abs(middle) > half + TOUCH * (abs(dx) + abs(dy))

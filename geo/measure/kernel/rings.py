"""Outlines as they are read, taken apart into segments with the land on their left."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

from geo.measure.kernel.plane import jit


@jit
def _turns_left(xy, low, high):
    """Whether a ring runs anticlockwise: twice its area, reckoned from its first point, is positive."""
    area = 0.0
    x0, y0 = xy[low, 0], xy[low, 1]
    for i in range(low, high - 1):
        area += (xy[i, 0] - x0) * (xy[i + 1, 1] - y0) - (xy[i + 1, 0] - x0) * (xy[i, 1] - y0)
    return area > 0.0


@numba.njit(cache=True, nogil=True, parallel=True)
def segments(xy, ring_first, polygon_first, parcel_first, order, x0, y0):
    """Start and vector (s, 2) of each segment from the corner (x0, y0), each parcel's first (n + 1), and bounds (n, 4).

    Parcels come in ``order`` (n,).  The outer ring of a polygon runs anticlockwise and holes clockwise, however they come;
    segments without length are left out; a parcel without an outline has bounds that are not numbers.
    """
    n = len(order)
    room, first = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    for row in range(n):
        low, high = polygon_first[parcel_first[order[row]]], polygon_first[parcel_first[order[row] + 1]]
        room[row + 1] = room[row] + max(ring_first[high] - ring_first[low] - (high - low), 0)
    bounds = np.full((n, 4), np.nan)
    start, vector = np.empty((room[n], 2)), np.empty((room[n], 2))
    for row in numba.prange(n):
        first[row + 1] = _outline(
            xy, ring_first, polygon_first, parcel_first, order[row], x0, y0,
            start[room[row] :], vector[room[row] :], bounds[row],
        )  # fmt: skip
    for row in range(n):
        first[row + 1] += first[row]
    if first[n] < room[n]:  # segments without length leave gaps
        for row in range(n):
            size = first[row + 1] - first[row]
            for at in range(size):
                start[first[row] + at], vector[first[row] + at] = start[room[row] + at], vector[room[row] + at]
    return start[: first[n]], vector[: first[n]], first, bounds


@jit
def _outline(xy, ring_first, polygon_first, parcel_first, parcel, x0, y0, start, vector, bounds):
    """Write a parcel's segments and bounds; how many segments."""
    at = 0
    outer = polygon_first[parcel_first[parcel]]
    low, high = ring_first[outer], ring_first[polygon_first[parcel_first[parcel + 1]]]
    if low < high:
        bounds[0] = bounds[1] = np.inf
        bounds[2] = bounds[3] = -np.inf
        for i in range(low, high):
            bounds[0], bounds[1] = min(bounds[0], xy[i, 0] - x0), min(bounds[1], xy[i, 1] - y0)
            bounds[2], bounds[3] = max(bounds[2], xy[i, 0] - x0), max(bounds[3], xy[i, 1] - y0)
    for polygon in range(parcel_first[parcel], parcel_first[parcel + 1]):
        for ring in range(polygon_first[polygon], polygon_first[polygon + 1]):
            low, high = ring_first[ring], ring_first[ring + 1]
            forward = _turns_left(xy, low, high) == (ring == polygon_first[polygon])
            for i in range(high - low - 1):
                one = low + i if forward else high - 1 - i
                other = one + 1 if forward else one - 1
                # Both ends from the corner first, so that a segment ends where the next one begins.
                x, y = xy[one, 0] - x0, xy[one, 1] - y0
                dx, dy = xy[other, 0] - x0 - x, xy[other, 1] - y0 - y
                if dx != 0.0 or dy != 0.0:
                    start[at, 0], start[at, 1], vector[at, 0], vector[at, 1] = x, y, dx, dy
                    at += 1
    return at

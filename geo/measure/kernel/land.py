"""The parcels' outlines as segments, and which of one parcel's segments are near a place.

One street polygon may have more segments than a thousand parcels, and border as many: whoever looks at a pair looks at those
segments only that are near it.  Nearly all parcels are small, and :class:`Land` is handed over as all its arrays: what is
called for every segment or place is given those few that it reads, and the whole only where an outline is large.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.measure.kernel.plane import apart, inside, jit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: an outline of more segments than these is sorted into bands, of about so many each: speed only
LARGE = 48


class Land(NamedTuple):
    """Outlines of n parcels: ``start`` and ``vector`` (s, 2) of each segment, each parcel's from its ``first`` (n + 1) on.

    ``bounds`` is (n, 4), ``every`` (s,) numbers the segments.  A large outline is cut into bands from south to north, ``tall``
    (n,) metres high: those of parcel v are ``band_first[v]`` … ``band_first[v + 1] - 1``, and the segments that reach into
    band k ``band_rows[row_first[k]:row_first[k + 1]]``, rising.  A small one has no bands.
    """

    start: Floats
    vector: Floats
    first: Ints
    bounds: Floats
    every: Ints
    band_first: Ints
    tall: Floats
    row_first: Ints
    band_rows: npt.NDArray[np.int32]

    @classmethod
    def of(cls, start: Floats, vector: Floats, first: Ints, bounds: Floats) -> Land:
        """The outlines, the large ones in bands."""
        return cls(start, vector, first, bounds, np.arange(len(start)), *_bands(start, vector, first, bounds))


@jit
def _band(low, tall, count, y):
    """The band of a height: the nearest one of those that there are."""
    return min(max(int((y - low) / tall), 0), count - 1)


@jit
def _bands(start, vector, first, bounds):
    n = len(bounds)
    band_first = np.zeros(n + 1, dtype=np.int64)
    tall = np.ones(n)
    for v in range(n):
        size = first[v + 1] - first[v]
        bands = 0
        if size > LARGE:
            # No lower than segments are high on the average, so that each stands in few of them.
            height, high = bounds[v, 3] - bounds[v, 1], np.abs(vector[first[v] : first[v + 1], 1]).mean()
            bands = max(int(height / max(height * LARGE / (4 * size), high)), 1)
            tall[v] = height / bands
        band_first[v + 1] = band_first[v] + bands
    row_first = np.zeros(band_first[n] + 1, dtype=np.int64)
    rows = np.empty(0, dtype=np.int32)
    for turn in range(2):  # counted first, then filled
        place = row_first[:-1].copy()
        for v in range(n):
            count = band_first[v + 1] - band_first[v]
            if count == 0:
                continue
            for s in range(first[v], first[v + 1]):
                y0, y1 = start[s, 1], start[s, 1] + vector[s, 1]
                for k in range(
                    _band(bounds[v, 1], tall[v], count, min(y0, y1)),
                    _band(bounds[v, 1], tall[v], count, max(y0, y1)) + 1,
                ):
                    if turn == 0:
                        row_first[band_first[v] + k + 1] += 1
                    else:
                        rows[place[band_first[v] + k]] = s
                        place[band_first[v] + k] += 1
        if turn == 0:
            for k in range(band_first[n]):
                row_first[k + 1] += row_first[k]
            rows = np.empty(row_first[band_first[n]], dtype=np.int32)
    return band_first, tall, row_first, rows


@jit
def near_of(land, v, xmin, ymin, xmax, ymax):
    """The segments of parcel v, rising: of a small one all, of a large one those whose boxes meet a box."""
    count = land.band_first[v + 1] - land.band_first[v]
    if count == 0:
        return land.every[land.first[v] : land.first[v + 1]]
    n = 0
    bottom, tall, base = land.bounds[v, 1], land.tall[v], land.band_first[v]
    low, high = _band(bottom, tall, count, ymin), _band(bottom, tall, count, ymax)
    found = np.empty(land.row_first[base + high + 1] - land.row_first[base + low], dtype=np.int64)
    for k in range(low, high + 1):
        for at in range(land.row_first[base + k], land.row_first[base + k + 1]):
            s = land.band_rows[at]
            if apart(land.start, land.vector, s, xmin, ymin, xmax, ymax):
                continue
            # One that reaches into several bands counts in the first of those that are looked at.
            y0 = land.start[s, 1]
            if max(_band(bottom, tall, count, min(y0, y0 + land.vector[s, 1])), low) == k:
                found[n] = s
                n += 1
    found = found[:n]
    found.sort()
    return found


@jit
def facing_rows(land, a, b, reach):
    """The segments of a that may be within ``reach`` of b, and those of b that may be within it of a."""
    bounds = land.bounds
    return (
        near_of(land, a, bounds[b, 0] - reach, bounds[b, 1] - reach, bounds[b, 2] + reach, bounds[b, 3] + reach),
        near_of(land, b, bounds[a, 0] - reach, bounds[a, 1] - reach, bounds[a, 2] + reach, bounds[a, 3] + reach),
    )


@jit
def box_of(start, vector, s, reach):
    """The box of a segment, grown by ``reach``."""
    x, y, dx, dy = start[s, 0], start[s, 1], vector[s, 0], vector[s, 1]
    return min(x, x + dx) - reach, min(y, y + dy) - reach, max(x, x + dx) + reach, max(y, y + dy) + reach


@jit
def holds(land, v, px, py):
    """Whether a point lies inside parcel v (holes are not in it)."""
    if px < land.bounds[v, 0] or px > land.bounds[v, 2] or py < land.bounds[v, 1] or py > land.bounds[v, 3]:
        return False
    if land.first[v + 1] - land.first[v] <= LARGE:
        return inside(px, py, land.start, land.vector, land.first[v], land.first[v + 1])
    return _holds_in_bands(land, v, px, py)


@jit
def _holds_in_bands(land, v, px, py):
    found = False
    k = land.band_first[v] + _band(land.bounds[v, 1], land.tall[v], land.band_first[v + 1] - land.band_first[v], py)
    for at in range(land.row_first[k], land.row_first[k + 1]):
        s = land.band_rows[at]
        y0 = land.start[s, 1]
        y1 = y0 + land.vector[s, 1]
        if (y0 > py) != (y1 > py) and px < land.start[s, 0] + (py - y0) / land.vector[s, 1] * land.vector[s, 0]:
            found = not found
    return found

"""Outlines taken apart into straight segments, and how far two outlines run along one another.

Everything is worked out segment by segment in closed form, so that vertices need not agree (T-junctions) and a gap or an
overlap of some centimetres changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Segments:
    """The segments of many outlines, holes included, the land always on the left.

    ``start`` and ``vector`` are (n, 2) in metres; ``owner`` says whose outline a segment belongs to, in rising order;
    ``first`` has the number of each owner's first segment, and one more entry at the end.
    """

    start: Floats
    vector: Floats
    owner: Ints
    first: Ints

    @classmethod
    def of(cls, polygons: Shapes) -> Segments:
        """Take (multi)polygons apart; segments without length are left out."""
        oriented = shapely.orient_polygons(shapely.force_2d(polygons), exterior_cw=False)
        parts, part_owner = shapely.get_parts(oriented, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        vector = np.diff(points, axis=0)
        kept = (ring[:-1] == ring[1:]) & (vector != 0).any(axis=1)
        owner = part_owner[ring_part[ring[:-1][kept]]].astype(np.int64)
        return cls(points[:-1][kept], vector[kept], owner, np.searchsorted(owner, np.arange(len(polygons) + 1)))

    @cached_property
    def length(self) -> Floats:
        """The length of each segment in metres."""
        length: Floats = np.hypot(self.vector[:, 0], self.vector[:, 1])
        return length

    @cached_property
    def unit(self) -> Floats:
        """The direction of each segment, (n, 2); the land lies to its left."""
        unit: Floats = self.vector / self.length[:, None]
        return unit

    @cached_property
    def bounds(self) -> Floats:
        """xmin, ymin, xmax, ymax of each segment, (n, 4)."""
        end = self.start + self.vector
        return np.hstack([np.minimum(self.start, end), np.maximum(self.start, end)])


@dataclass(frozen=True)
class Contacts:
    """Stretches of outlines that run along another outline: ``pair`` numbers the pair, ``lines`` are the stretches."""

    pair: Ints
    lines: Shapes

    def lengths(self, n_pairs: int) -> Floats:
        """The length of contact of each of ``n_pairs`` pairs, in metres."""
        return summed(self.pair, shapely.length(self.lines), n_pairs)


def contacts(segments: Segments, a: Ints, b: Ints, tolerance_m: float) -> tuple[Contacts, Contacts]:
    """Where the outlines of the pairs (a < b, in rising order) run along one another, on b's outline and on a's.

    A stretch of one outline counts where a segment of the other runs the opposite way (land on both sides) and lies
    square off it within the tolerance.  What merely ends there or turns away is projected onto nothing, so that a corner
    has no length and a T-junction no more than its own.
    """
    s, t = _near(segments, tolerance_m)
    opposite = np.einsum("ij,ij->i", segments.unit[s], segments.unit[t]) < 0
    s, t = s[opposite], t[opposite]
    numbers = _pair_numbers(a, b, segments.owner[s], segments.owner[t])
    known = numbers >= 0
    s, t, numbers = s[known], t[known], numbers[known]
    on_b = segments.owner[s] < segments.owner[t]
    return (
        _projected(segments, s[on_b], t[on_b], numbers[on_b], tolerance_m),
        _projected(segments, s[~on_b], t[~on_b], numbers[~on_b], tolerance_m),
    )


def _near(segments: Segments, tolerance_m: float) -> tuple[Ints, Ints]:
    # Both orders of each couple come out: s is projected onto t.
    xmin, ymin, xmax, ymax = segments.bounds.T
    tree = shapely.STRtree(shapely.box(xmin, ymin, xmax, ymax))
    wide = shapely.box(xmin - tolerance_m, ymin - tolerance_m, xmax + tolerance_m, ymax + tolerance_m)
    s, t = tree.query(wide)
    other = segments.owner[s] != segments.owner[t]
    return s[other], t[other]


def _pair_numbers(a: Ints, b: Ints, x: Ints, y: Ints) -> Ints:
    """Which of the pairs (a < b, in rising order) the owners x and y are; -1 where none."""
    if not len(a):
        return np.full(len(x), -1, dtype=np.int64)
    n = int(b.max()) + 1
    pairs = a * n + b
    asked = np.minimum(x, y) * n + np.maximum(x, y)
    place = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    return np.where((pairs[place] == asked) & (np.maximum(x, y) < n), place, -1)


def _projected(segments: Segments, s: Ints, t: Ints, pair: Ints, tolerance_m: float) -> Contacts:
    """The stretches of the segments t that s runs along, merged where several overlap."""
    offset, unit = segments.start[s] - segments.start[t], segments.unit[t]
    along, along_rate = _dot(offset, unit), _dot(segments.vector[s], unit)
    across, across_rate = _cross(unit, offset), _cross(unit, segments.vector[s])
    low, high = np.zeros(len(s)), np.ones(len(s))
    low, high = _within(low, high, along, along_rate, np.zeros(len(s)), segments.length[t])
    low, high = _within(low, high, across, across_rate, np.full(len(s), -tolerance_m), np.full(len(s), tolerance_m))
    kept = np.flatnonzero(low < high)
    ends = (along[kept] + along_rate[kept] * low[kept], along[kept] + along_rate[kept] * high[kept])
    group = pair[kept] * len(segments.length) + t[kept]
    group, start, stop = merge_intervals(group, np.minimum(*ends), np.maximum(*ends))
    pair, t = np.divmod(group, max(len(segments.length), 1))
    line = np.stack(
        [
            segments.start[t] + segments.unit[t] * start[:, None],
            segments.start[t] + segments.unit[t] * stop[:, None],
        ],
        axis=1,
    )
    return Contacts(pair, shapely.linestrings(line) if len(line) else np.empty(0, dtype=object))


def _within(
    low: Floats, high: Floats, value: Floats, rate: Floats, least: Floats, most: Floats
) -> tuple[Floats, Floats]:
    """Narrow low…high to where ``least ≤ value + rate·s ≤ most``; an empty stretch comes out with low ≥ high."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first, second = (least - value) / rate, (most - value) / rate
    still = rate == 0
    inside = (value >= least) & (value <= most)
    enter = np.where(still, np.where(inside, 0.0, np.inf), np.minimum(first, second))
    leave = np.where(still, np.where(inside, 1.0, -np.inf), np.maximum(first, second))
    return np.maximum(low, enter), np.minimum(high, leave)


def subdivided(polygons: Shapes, corners: int) -> Shapes:
    """The same ground in pieces of at most so many corners, halved across their longer side until they are.

    One street polygon of a whole town would otherwise be walked along for every line that comes near its box.
    """
    done: list[Shapes] = []
    pieces = shapely.get_parts(polygons)
    while len(pieces):
        large = shapely.get_num_coordinates(pieces) > corners
        done.append(pieces[~large])
        pieces = pieces[large]
        xmin, ymin, xmax, ymax = shapely.bounds(pieces).T
        wide = xmax - xmin > ymax - ymin
        xmid, ymid = np.where(wide, (xmin + xmax) / 2, xmax), np.where(wide, ymax, (ymin + ymax) / 2)
        lower = shapely.intersection(pieces, shapely.box(xmin, ymin, xmid, ymid))
        upper = shapely.intersection(
            pieces, shapely.box(np.where(wide, xmid, xmin), np.where(wide, ymin, ymid), xmax, ymax)
        )
        halves = shapely.get_parts(np.concatenate([lower, upper]))
        pieces = halves[shapely.get_dimensions(halves) == 2]
    united: Shapes = np.concatenate(done) if done else np.empty(0, dtype=object)
    return united


def merge_intervals(group: Ints, start: Floats, stop: Floats) -> tuple[Ints, Floats, Floats]:
    """Unite overlapping intervals of the same group; all are one-dimensional arrays of one length."""
    if not len(group):
        return group, start, stop
    order = np.lexsort((start, group))
    group, start, stop = group[order], start[order], stop[order]
    # The furthest end so far, begun anew in each group: groups are laid one behind another, wide enough apart.
    _, number = np.unique(group, return_inverse=True)
    apart = (stop.max() - start.min() + 1.0) * number
    reach = np.maximum.accumulate(stop + apart) - apart
    new = np.ones(len(group), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (start[1:] > reach[:-1])
    heads = np.flatnonzero(new)
    return group[heads], start[heads], np.maximum.reduceat(stop, heads)


def summed(group: Ints, values: Floats, n: int) -> Floats:
    """The sum of the values of each of n groups, 0 where a group has none."""
    sums: Floats = np.bincount(group, weights=values, minlength=n).astype(np.float64)
    return sums


def _dot(x: Floats, y: Floats) -> Floats:
    dot: Floats = np.einsum("ij,ij->i", x, y)
    return dot


def _cross(x: Floats, y: Floats) -> Floats:
    cross: Floats = x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]
    return cross

"""How much of two outlines face each other over a gap, and how much of that is free.

The *free frontage* is used because a single shortest line is not stable: on parallel edges it is an arbitrary one of
many, and noise of centimetres moves it to another place.  Here every place along an outline has its own connector to the
nearest point opposite, and lengths are summed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from plain_segments import Bools, Floats, Ints, Segments, Shapes, subdivided, summed

#: how many pairs are looked at in one go: bounds the memory, changes no result
_CHUNK = 20_000
#: into pieces of how many corners land is cut for the index: speed only
_CORNERS = 64
#: what is no farther apart than this, in m, touches, and a length this much short of the least is long enough
TOUCH = 1e-6


@dataclass(frozen=True)
class Frontage:
    """Of each pair: ``facing_m`` (what lies between set aside) and ``free_m`` of it, in metres, and by what it is cut.

    ``cut_pair``, ``cut_barrier``, ``cut_m``: how many metres of the pair's frontage that barrier cuts.
    """

    facing_m: Floats
    free_m: Floats
    cut_pair: Ints
    cut_barrier: Ints
    cut_m: Floats


@dataclass(frozen=True)
class Ground:
    """What frontages are measured on: the parcels, their segments, and indexes of their land and of the barriers."""

    polygons: Shapes
    segments: Segments
    parcels: shapely.STRtree
    barriers: shapely.STRtree

    @classmethod
    def of(cls, polygons: Shapes, barriers: Shapes) -> Ground:
        """Ground of these parcels and of the barriers that part them."""
        pieces = shapely.STRtree(subdivided(polygons, _CORNERS))
        return cls(polygons, Segments.of(polygons), pieces, shapely.STRtree(barriers))


def frontage(ground: Ground, a: Ints, b: Ints, *, width_m: float, step_m: float, slack_m: float) -> Frontage:
    """The frontage over which the pairs (a, b) face each other with at most ``width_m`` between.

    A place on one outline faces the other parcel where the connector to the other's nearest point leaves its own land,
    is no longer than ``width_m`` and meets no parcel on its way.  A step along the outline counts with the smaller of its
    own length and that of its image opposite, so that places that all look at one corner count for nothing.  Places are
    ``step_m`` apart at most; the mean of both directions is given.  A connector is cut by every barrier that it meets,
    ``slack_m`` beyond its ends included (a wall drawn along an outline); against parcels it is shortened by as much.
    """
    facing, free = np.zeros(len(a)), np.zeros(len(a))
    pairs, barriers, lengths = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for first in range(0, len(a), _CHUNK):
        chunk = np.arange(first, min(first + _CHUNK, len(a)))
        for here, there in ((a[chunk], b[chunk]), (b[chunk], a[chunk])):
            one = _one_way(ground, here, there, width_m=width_m, step_m=step_m, slack_m=slack_m)
            facing[chunk] += one.facing_m / 2
            free[chunk] += one.free_m / 2
            pairs.append(chunk[one.cut_pair])
            barriers.append(one.cut_barrier)
            lengths.append(one.cut_m / 2)
    return Frontage(facing, free, *sum_by(np.concatenate(pairs), np.concatenate(barriers), np.concatenate(lengths)))


def _one_way(ground: Ground, here: Ints, there: Ints, *, width_m: float, step_m: float, slack_m: float) -> Frontage:
    pair, segment, place, share = _places(ground, here, there, width_m, step_m)
    point = ground.segments.start[segment] + ground.segments.vector[segment] * share[:, None]
    foot = _feet(point, ground.polygons[there[pair]])
    weight = _weights(pair, segment, place, point, foot)
    way = foot - point
    far = np.hypot(way[:, 0], way[:, 1])
    unit = ground.segments.unit[segment]
    outward = way[:, 0] * unit[:, 1] - way[:, 1] * unit[:, 0] >= -TOUCH
    way = np.divide(way, far[:, None], out=np.zeros_like(way), where=far[:, None] > 0)
    seen = np.flatnonzero((weight > 0) & (far > TOUCH) & (far <= width_m) & outward)
    seen = seen[
        _clear(ground.parcels, point[seen], foot[seen], way[seen] * np.minimum(slack_m, far[seen] / 4)[:, None])
    ]
    pair, weight, point, foot, way = pair[seen], weight[seen], point[seen], foot[seen], way[seen]
    facing = summed(pair, weight, len(here))

    line, barrier = ground.barriers.query(_lines(point - way * slack_m, foot + way * slack_m), "dwithin", TOUCH)
    cut = np.zeros(len(pair), dtype=bool)
    cut[line] = True
    free = summed(pair[~cut], weight[~cut], len(here))
    return Frontage(facing, free, *sum_by(pair[line], barrier.astype(np.int64), weight[line]))


def _places(ground: Ground, here: Ints, there: Ints, width_m: float, step_m: float) -> tuple[Ints, Ints, Ints, Floats]:
    """Places along the outlines of ``here`` that may lie within ``width_m`` of ``there``: pair, segment, number, share.

    The lattice of places belongs to the segment alone (equal steps from end to end), so that turning the map or taking
    another neighbour moves none of them.
    """
    segments = ground.segments
    pair, segment = _spread(segments.first[here], segments.first[here + 1])
    box = shapely.bounds(ground.polygons[there])[pair] + np.array([-width_m, -width_m, width_m, width_m])
    low, high = _clip(segments.start[segment], segments.vector[segment], box)
    met = low <= high
    pair, segment, low, high = pair[met], segment[met], low[met], high[met]
    n = np.maximum(np.ceil((segments.length[segment] - TOUCH) / step_m), 1.0)
    row, place = _spread(np.floor(low * n).astype(np.int64), np.ceil(high * n).astype(np.int64) + 1)
    return pair[row], segment[row], place, place / n[row]


def _spread(first: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """``range(first[i], stop[i])`` for every i, one behind another: the i, and the numbers."""
    count = np.maximum(stop - first, 0)
    row = np.repeat(np.arange(len(first)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[row]
    return row, number


def _clip(start: Floats, vector: Floats, box: Floats) -> tuple[Floats, Floats]:
    """From which to which share of its length each segment lies in its box; low > high where it does not."""
    low, high = np.zeros(len(start)), np.ones(len(start))
    for axis in (0, 1):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            one = (box[:, axis] - start[:, axis]) / vector[:, axis]
            two = (box[:, axis + 2] - start[:, axis]) / vector[:, axis]
        still = vector[:, axis] == 0
        inside = (start[:, axis] >= box[:, axis]) & (start[:, axis] <= box[:, axis + 2])
        low = np.maximum(low, np.where(still, np.where(inside, 0.0, np.inf), np.minimum(one, two)))
        high = np.minimum(high, np.where(still, np.where(inside, 1.0, -np.inf), np.maximum(one, two)))
    return low, high


def _feet(point: Floats, other: Shapes) -> Floats:
    if not len(point):
        return point
    ends: Floats = shapely.get_coordinates(shapely.shortest_line(shapely.points(point), other))
    return ends.reshape(-1, 2, 2)[:, 1]


def _weights(pair: Ints, segment: Ints, place: Ints, point: Floats, foot: Floats) -> Floats:
    """Half of each step beside a place, a step being the smaller of its own length and its image's."""
    joined = (pair[1:] == pair[:-1]) & (segment[1:] == segment[:-1]) & (place[1:] == place[:-1] + 1)
    own, image = np.diff(point, axis=0), np.diff(foot, axis=0)
    step = np.minimum(np.hypot(own[:, 0], own[:, 1]), np.hypot(image[:, 0], image[:, 1])) * joined
    weight = np.zeros(len(pair))
    weight[:-1] += step / 2
    weight[1:] += step / 2
    return weight


def _clear(parcels: shapely.STRtree, point: Floats, foot: Floats, trim: Floats) -> Bools:
    # Shortened, the connector touches neither of the two outlines, nor a neighbour's that adjoins them.
    met = parcels.query(_lines(point + trim, foot - trim), "dwithin", TOUCH)[0]
    clear = np.ones(len(point), dtype=bool)
    clear[met] = False
    return clear


def _lines(start: Floats, stop: Floats) -> Shapes:
    lines: Shapes = shapely.linestrings(np.stack([start, stop], axis=1)) if len(start) else np.empty(0, dtype=object)
    return lines


def sum_by(pair: Ints, barrier: Ints, length: Floats) -> tuple[Ints, Ints, Floats]:
    """Add up the lengths of equal (pair, barrier), in rising order of both."""
    keys, number = np.unique(np.stack([pair, barrier], axis=1), axis=0, return_inverse=True)
    return keys[:, 0], keys[:, 1], summed(number.ravel(), length, len(keys))

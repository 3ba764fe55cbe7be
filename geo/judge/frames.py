"""A frame of its own for each shape, in which the direction and place of the map no longer count.  Pure; lengths in metres.

Far from the origin, or turned, corners that stood in one line do so but for the last bit, and GEOS then draws a mitre or closes
a gap as that bit has it.  Laid along its own edges and on a fine grid, a shape has the same numbers wherever it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.judge.dissolve import Floats, Ints, Shapes

#: the grid of a frame, in m: far over the last bit of a coordinate, far under what anyone draws
_GRID_M = 1e-6
_PLACES = 6
#: edges whose directions differ by less are of one direction, in radians: a micrometre on a kilometre would be 1e-9
_ONE_DIRECTION = 1e-6
_RIGHT_ANGLE = np.pi / 2


@dataclass(frozen=True)
class Frames:
    """Where the frame of each of k shapes lies: its first axis' ``cos`` and ``sin`` (k,), and its origin (k, 2)."""

    cos: Floats
    sin: Floats
    origin: Floats

    @classmethod
    def of(cls, shapes: Shapes) -> Frames:
        """Axes along the direction, or across it, of the greatest length of edges; origin at the least corner along them."""
        corners, owner = shapely.get_coordinates(shapes, return_index=True)
        first = corners[np.searchsorted(owner, np.arange(len(shapes)))]
        angle = _directions(shapes)
        cos, sin = np.cos(angle), np.sin(angle)
        along = _turned(corners - first[owner], cos[owner], -sin[owner])
        least = np.full((len(shapes), 2), np.inf)
        np.minimum.at(least, owner, along)
        return cls(cos, sin, first + _turned(least, cos, sin))

    def within(self, shapes: Shapes) -> Shapes:
        """The shapes as told in their frames, on the grid."""
        corners, owner = shapely.get_coordinates(shapes, return_index=True)
        told = _turned(corners - self.origin[owner], self.cos[owner], -self.sin[owner])
        laid: Shapes = shapely.set_coordinates(shapes.copy(), np.round(told, _PLACES))
        # What is finer than the grid may fold over; GEOS lays such a shape on it whole.
        folded = np.flatnonzero(~shapely.is_valid(laid))
        if len(folded):
            there = np.isin(owner, folded)
            laid[folded] = shapely.set_precision(shapely.set_coordinates(shapes[folded], told[there]), _GRID_M)
        return laid

    def back(self, shapes: Shapes) -> Shapes:
        """What :meth:`within` told, where it lies on the map."""
        told, owner = shapely.get_coordinates(shapes, return_index=True)
        corners = self.origin[owner] + _turned(told, self.cos[owner], self.sin[owner])
        placed: Shapes = shapely.set_coordinates(shapes.copy(), corners)
        return placed


def _turned(points: Floats, cos: Floats, sin: Floats) -> Floats:
    x, y = points.T
    return np.column_stack([cos * x - sin * y, sin * x + cos * y])


def _directions(shapes: Shapes) -> Floats:
    """The direction, in [0, π/2), along or across which each shape has the greatest length of edges; (k,)."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    edge = np.diff(corners, axis=0)
    length = np.hypot(*edge.T)
    real = (ring[1:] == ring[:-1]) & (length > 0)
    edge, length, owner = edge[real], length[real], of_part[of_ring[ring[:-1][real]]]
    angle = np.arctan2(edge[:, 1], edge[:, 0]) % _RIGHT_ANGLE
    # Once more a right angle on, so that those on both sides of 0 are told together.
    angle, length, owner = np.r_[angle, angle + _RIGHT_ANGLE], np.tile(length, 2), np.tile(owner, 2)
    order = np.lexsort([angle, owner])
    angle, length, owner = angle[order], length[order], owner[order]
    # One number line for all: each shape's angles (under π) on a piece of its own.
    key = owner * 4.0 + angle
    end = np.searchsorted(key, key + _ONE_DIRECTION, side="right")
    upto = np.r_[0.0, np.cumsum(length)]
    total = upto[end] - upto[:-1]
    return _first_of_greatest(angle, total, owner, len(shapes)) % _RIGHT_ANGLE


def _first_of_greatest(angle: Floats, total: Floats, owner: Ints, count: int) -> Floats:
    greatest = np.zeros(count)
    np.maximum.at(greatest, owner, total)
    # A sum of the same lengths in another order is the same sum.
    high = np.flatnonzero(total >= greatest[owner] * (1 - 1e-9))
    found = np.zeros(count)
    found[owner[high][::-1]] = angle[high][::-1]
    return found

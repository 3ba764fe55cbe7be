"""Outlines of many parcels as arrays, without an object for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Outlines:
    """The outlines of n parcels: ``xy`` (points, 2) in metres, and where in the next array each thing begins.

    The polygons of parcel i are ``parcel_first[i]`` … ``parcel_first[i + 1] - 1``; their rings go by ``polygon_first`` and the
    points of those by ``ring_first``.  A ring ends on the point with which it begins; a parcel without an outline has no
    polygon.
    """

    xy: Floats
    ring_first: Ints
    polygon_first: Ints
    parcel_first: Ints

    def __len__(self) -> int:
        return len(self.parcel_first) - 1

    @classmethod
    def of(cls, shapes: Shapes) -> Outlines:
        """Outlines of shapely's (multi)polygons; what is none has no polygon."""
        parts, parcel = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
        is_area = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
        parts, parcel = parts[is_area], parcel[is_area]
        rings, polygon = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        counts = ((ring, len(rings)), (polygon, len(parts)), (parcel, len(shapes)))
        return cls(xy, *(offsets(np.bincount(owner, minlength=n).astype(np.int64)) for owner, n in counts))

    def shapes(self, parcels: Ints) -> Shapes:
        """Some of the parcels as shapely's multipolygons."""
        polygons, of_shape = _spread(self.parcel_first, parcels)
        rings, of_polygon = _spread(self.polygon_first, polygons)
        points, of_ring = _spread(self.ring_first, rings)
        shapes: Shapes = np.full(len(parcels), shapely.MultiPolygon(), dtype=object)
        if len(polygons):
            drawn = shapely.polygons(shapely.linearrings(self.xy[points], indices=of_ring), indices=of_polygon)
            shapely.multipolygons(drawn, indices=of_shape, out=shapes)
        return shapes


def offsets(counts: Ints) -> Ints:
    """Where each thing begins, and the last ends, of things one behind another that are so many each."""
    begins = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=begins[1:])
    return begins


def _spread(first: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """The numbers from ``first[row]`` up to ``first[row + 1]`` of all rows, one behind another, and of which row each is."""
    count = first[rows + 1] - first[rows]
    numbers = np.arange(count.sum()) + np.repeat(first[rows] - np.cumsum(count) + count, count)
    return numbers, np.repeat(np.arange(len(rows)), count)

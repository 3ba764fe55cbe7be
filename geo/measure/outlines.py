"""Outlines of many parcels as arrays, read from the database without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from psycopg import sql

if TYPE_CHECKING:
    import sqlalchemy as sa

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

#: how many bytes are taken apart in one go: bounds the memory, changes no result
_BLOCK = 1 << 25


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
        return cls(xy, *(_offsets(np.bincount(owner, minlength=n).astype(np.int64)) for owner, n in counts))

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


def read_outlines(
    connection: sa.Connection, base: sql.Composable, values: Mapping[str, Any], code: str = "parcel_code"
) -> tuple[pa.LargeStringArray, Outlines]:
    """The column ``code`` and the (multi)polygons ``geom`` of a query, in the order in which the rows come.

    Raises
    ------
    TypeError
        An outline is no polygon of two dimensions.
    """
    query = sql.SQL("SELECT {}, ST_AsBinary(geom, 'NDR') FROM ({}) v").format(sql.Identifier(code), base)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(statement, values) as copy:
        taken = [_taken_apart(block) for block in _blocks(copy)]
    code_bytes, letters, parts, rings, corners, xy = (np.concatenate(arrays) for arrays in zip(*taken, strict=True))
    codes = pa.LargeStringArray.from_buffers(len(letters), pa.py_buffer(_offsets(letters)), pa.py_buffer(code_bytes))
    return codes, Outlines(xy.view("<f8").reshape(-1, 2), _offsets(corners), _offsets(rings), _offsets(parts))


def _blocks(copy: Iterable[Any]) -> Iterable[Bytes]:
    """Whole rows in blocks of a bounded size; the stream brings one row at a time, and a header before the first."""
    from geo.measure.kernel import HEADER

    rows, skipped = bytearray(), HEADER
    for row in copy:
        rows += row[skipped:] if skipped else row
        skipped = 0
        if len(rows) >= _BLOCK:
            yield np.frombuffer(rows, dtype=np.uint8)
            rows = bytearray()
    yield np.frombuffer(rows, dtype=np.uint8)


def _taken_apart(block: Bytes) -> tuple[Bytes, Ints, Ints, Ints, Ints, Bytes]:
    from geo.measure.kernel import fill, sizes

    rows, letters, parts, rings, points = sizes(block)
    if rows < 0:
        raise TypeError("An outline is no polygon of two dimensions.")
    of_row, of_code, of_polygon, of_ring = (np.empty(size, dtype=np.int64) for size in (rows, rows, parts, rings))
    code, xy = np.empty(letters, dtype=np.uint8), np.empty(16 * points, dtype=np.uint8)
    fill(block, code, of_code, of_row, of_polygon, of_ring, xy)
    return code, of_code, of_row, of_polygon, of_ring, xy


def _offsets(counts: Ints) -> Ints:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def _spread(first: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """The numbers from ``first[row]`` up to ``first[row + 1]`` of all rows, one behind another, and of which row each is."""
    count = first[rows + 1] - first[rows]
    numbers = np.arange(count.sum()) + np.repeat(first[rows] - np.cumsum(count) + count, count)
    return numbers, np.repeat(np.arange(len(rows)), count)

"""The shapes of a layer, kept as (E)WKB: some 250 bytes a parcel instead of a kilobyte, so that a million of them fit.

They are made into geometries where they are asked for, some thousands at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.intake.findings import Mask, Objects

#: geometries that are in memory at once
STEP = 20_000
#: types of shapes of many parts in WKB, and the flag of one that has its SRID
_LINES, _POLYGONS, _HAS_SRID = 5, 6, 0x2000_0000
#: shapely's numbers of those of one part: LineString and LinearRing, Polygon
_LINES_OF_ONE, _AREAS_OF_ONE = (1, 2), (3,)

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


class Outlines:
    """One shape a row, null where there is none; indexed by a position, a mask or positions as an array is."""

    __slots__ = ("wkb",)

    def __init__(self, wkb: pa.ChunkedArray) -> None:
        self.wkb = wkb

    @classmethod
    def of(cls, shapes: Objects) -> Outlines:
        """Those of an array of geometries, ``None`` where there is none."""
        return cls(pa.chunked_array([_wkb(part) for part in _parts(shapes)], type=pa.large_binary()))

    @classmethod
    def joined(cls, parts: list[Outlines]) -> Outlines:
        """Several after one another."""
        return cls(pa.chunked_array([c for part in parts for c in part.wkb.chunks], type=pa.large_binary()))

    def __len__(self) -> int:
        return len(self.wkb)

    @overload
    def __getitem__(self, where: int) -> shapely.Geometry | None: ...
    @overload
    def __getitem__(self, where: Mask | Positions) -> Outlines: ...
    def __getitem__(self, where: Any) -> Any:
        if isinstance(where, int | np.integer):
            return self.shapes(np.array([int(where)]))[0]
        chosen = np.asarray(where)
        if chosen.dtype == bool:
            return self if chosen.all() else Outlines(self.wkb.filter(pa.array(chosen)))
        return Outlines(self.wkb.take(pa.array(chosen)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Objects:
        return self.shapes()

    def shapes(self, where: Positions | None = None) -> Objects:
        """Geometries, of all rows or of these; what cannot be read as WKB is ``None``."""
        wkb = self.wkb if where is None else self.wkb.take(pa.array(where))
        found: Objects = np.full(len(wkb), None, dtype=object)
        start = 0
        for chunk in wkb.chunks:
            found[start : start + len(chunk)] = _shapes(chunk)
            start += len(chunk)
        return found

    def chunks(self, step: int = STEP) -> Iterator[tuple[int, Objects]]:
        """Geometries in parts, each with the position of its first."""
        for start in range(0, len(self), step):
            yield start, Outlines(self.wkb.slice(start, step)).shapes()


@dataclass(frozen=True, eq=False)
class Drawn:
    """The shapes of a file's rows in the work CRS, and what is asked of them more than once.

    ``area`` (m²) and ``length`` (m, of an area its edge) are 0 and ``bounds`` (n × 4, m) NaN where there is no shape,
    ``points`` 0 and ``dimension`` -1.
    """

    outlines: Outlines
    area: Floats
    length: Floats
    bounds: Floats
    points: npt.NDArray[np.int32]
    dimension: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.outlines)

    @classmethod
    def of(cls, shapes: Objects, srid: int, *, several: bool) -> Drawn:
        """Those of geometries in the work CRS, whose EPSG code is ``srid``: it stands in each, as the database wants it.

        With ``several`` single areas and lines become shapes of one part, since columns hold shapes of many.
        """
        return cls(
            Outlines(pa.chunked_array([_ewkb(shapes, srid, several=several)], type=pa.large_binary())),
            np.nan_to_num(shapely.area(shapes)),
            np.nan_to_num(shapely.length(shapes)),
            shapely.bounds(shapes).reshape(len(shapes), 4),
            shapely.get_num_coordinates(shapes).astype(np.int32),
            shapely.get_dimensions(shapes).astype(np.int8),
        )

    @classmethod
    def joined(cls, parts: list[Drawn]) -> Drawn:
        """Several after one another."""
        if len(parts) == 1:
            return parts[0]
        figures = ("area", "length", "bounds", "points", "dimension")
        return cls(
            Outlines.joined([part.outlines for part in parts]),
            *(np.concatenate([getattr(part, name) for part in parts]) for name in figures),
        )


def _parts(shapes: Objects) -> Iterator[Objects]:
    for start in range(0, len(shapes), STEP):
        yield shapes[start : start + STEP]


def _wkb(shapes: Objects) -> pa.Array:
    return pa.array(shapely.to_wkb(shapes, include_srid=True), type=pa.large_binary())


def _ewkb(shapes: Objects, srid: int, *, several: bool) -> pa.Array:
    """Two-dimensional shapes as EWKB with their SRID.

    A shape of one part is written as bytes: its own WKB behind the head of one of many, whose type bears the flag 0x20000000
    of a SRID that follows (https://libgeos.org/specifications/wkb/#extended-wkb).  GEOS would take four times as long.
    """
    found = _wkb(shapes)
    types = shapely.get_type_id(shapes)
    other = ~shapely.is_missing(shapes)
    for singles, many in ((_LINES_OF_ONE, _LINES), (_AREAS_OF_ONE, _POLYGONS)) if several else ():
        here = np.isin(types, singles)
        head = b"\x01" + struct.pack("<III", many | _HAS_SRID, srid, 1)
        if here.any():
            kind = pa.large_binary()
            whole = pc.binary_join_element_wise(pa.scalar(head, kind), found, pa.scalar(b"", kind))
            found = pc.if_else(pa.array(here), whole, found)
            other &= ~here
    if other.any():
        with_srid = _wkb(np.asarray(shapely.set_srid(shapes[other], srid), dtype=object))
        found = pc.replace_with_mask(found, pa.array(other), with_srid)
    return found


def _shapes(chunk: pa.Array) -> Objects:
    found: Objects = np.asarray(
        shapely.from_wkb(chunk.to_numpy(zero_copy_only=False), on_invalid="ignore"), dtype=object
    )
    return found.reshape(len(chunk))

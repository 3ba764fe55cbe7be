"""What a layer's coordinates might mean: the datum that is declared, and each slip that is known from practice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
import shapely

from geo import crs as crs_room
from geo.errors import CrsError
from geo.intake.findings import Mask, Objects

#: 3-degree grids of CGCS2000 round Shanghai: EPSG code → central meridian, and whether eastings bear the zone's number
GRIDS = {4548: (117, ""), 4549: (120, ""), 4550: (123, ""), 4527: (117, "39"), 4528: (120, "40"), 4529: (123, "41")}
_FOOT = 0.3048

Size = Literal["declared", "gross", "subtle"]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One reading of a layer; ``subtle`` ones move it by some hundred metres only."""

    name: str
    size: Size
    make: Callable[[], Objects]
    told: str
    remedy: str

    @cached_property
    def shapes(self) -> Objects:
        """The layer in the work CRS under this reading, worked out when it is asked for; ``None`` where it cannot be."""
        return self.make()


@dataclass(frozen=True)
class Finding:
    """What speaks against the declared datum: in words, and whether it is clear enough to stop the file."""

    hypothesis: str
    told: str
    remedy: str
    strong: bool


def finding(h: Hypothesis, evidence: str, *, strong: bool) -> Finding:
    """That this reading fits better than the declared one, with the evidence."""
    return Finding(h.name, f"{h.told[0].upper()}{h.told[1:]}: {evidence}.", h.remedy, strong)


def sound(shapes: Objects) -> Mask:
    """Which shapes have coordinates, all of them finite."""
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    good: Mask = np.zeros(len(shapes), dtype=bool)
    good[index] = True
    good[index[~np.isfinite(xy).all(axis=1)]] = False
    return good


def hypotheses(geometry: Objects, datum: crs_room.Datum, srid: int) -> list[Hypothesis]:
    """The declared reading first, then the others; ``geometry`` holds shapes as the file has them."""
    flat: Objects = np.asarray(shapely.force_2d(geometry), dtype=object)
    return [Hypothesis(*reading) for reading in _readings(flat, datum, srid)]


_Reading = tuple[str, Size, Callable[[], Objects], str, str]


def _readings(raw: Objects, datum: crs_room.Datum, srid: int) -> Iterator[_Reading]:
    def read_as(shapes: Objects, name: str) -> Callable[[], Objects]:
        return partial(_to, shapes, crs_room.parse(name), srid)

    yield str(datum), "declared", partial(_to, raw, datum, srid), "", ""
    swapped = shapely.transform(raw, lambda xy: xy[:, ::-1])
    yield (
        "swapped axes",
        "gross",
        partial(_to, swapped, datum, srid),
        "its axes look swapped (north before east)",
        "Swap them in the file.",
    )
    for name in ("GCJ-02", "BD-09"):
        if name == datum.name:
            continue
        told, remedy = f"it looks like {name}", f"Pass --crs {name}."
        # A layer that was projected from shifted coordinates is shifted as much as one in degrees.
        yield name, "subtle", partial(_unshifted, raw, datum, name, srid), told, remedy
    if datum.shifted:
        yield (
            "WGS84",
            "subtle",
            read_as(raw, "EPSG:4326"),
            f"it does not look like {datum}, but like plain WGS84 or CGCS2000",
            "Pass --crs EPSG:4490 (or EPSG:4326).",
        )
    yield from _grids(raw, datum, srid, read_as)


def _grids(
    raw: Objects, datum: crs_room.Datum, srid: int, read_as: Callable[[Objects, str], Callable[[], Objects]]
) -> Iterator[_Reading]:
    bounds = shapely.total_bounds(raw)
    degrees = bool(np.abs(bounds).max() <= 180)
    if degrees and not crs_room.is_geographic(datum):
        told = f"its coordinates look like degrees, not like {datum}"
        yield "degrees", "gross", read_as(raw, "EPSG:4490"), told, "Pass --crs EPSG:4490."
    if degrees:
        return
    for code, (meridian, prefix) in GRIDS.items():
        if datum.name == f"EPSG:{code}":
            continue
        declared = GRIDS.get(crs_room.epsg(datum) or 0)
        told, remedy = _grid_told(declared, meridian, prefix), f"Pass --crs EPSG:{code}."
        yield f"EPSG:{code}", "gross", read_as(raw, f"EPSG:{code}"), told, remedy
    if crs_room.is_geographic(datum):
        return
    for name, factor in (("feet", _FOOT), ("metres", 1 / _FOOT)):
        scaled = shapely.transform(raw, lambda xy, factor=factor: xy * factor)
        told = f"its coordinates look like {name}, not like the unit of {datum}"
        yield name, "gross", partial(_to, scaled, datum, srid), told, "Pass the CRS of that unit (--crs)."


def _grid_told(declared: tuple[int, str] | None, meridian: int, prefix: str) -> str:
    if declared is not None and declared[0] == meridian:
        if prefix:
            return f"its eastings bear the zone's number {prefix} before them, and the declared grid has none"
        return f"its eastings lack the zone's number {declared[1]} that the declared grid has before them"
    more = f" with zone number {prefix} before eastings" if prefix else ""
    return f"it looks like the 3-degree grid of CGCS2000 / CM {meridian}E{more}"


def _to(shapes: Objects, datum: crs_room.Datum, srid: int) -> Objects:
    import geopandas as gpd

    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes))
    try:
        out: Objects = np.array(crs_room.to_work(frame, datum, srid).geometry.array, dtype=object)
    except CrsError:  # PROJ knows no way from here to there: no reading
        return np.full(len(shapes), None, dtype=object)
    out[~sound(out)] = None
    return out


def _unshifted(raw: Objects, datum: crs_room.Datum, name: str, srid: int) -> Objects:
    lonlat = raw if datum.shifted else _to(raw, datum, 4326)
    return _to(lonlat, crs_room.parse(name), srid)

"""What a layer's coordinates might mean: the datum that is declared, and each slip that is known from practice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np
import shapely

from geo import crs as crs_room
from geo.errors import CrsError
from geo.intake.findings import Mask, Objects

#: 3-degree grids of CGCS2000 round Shanghai: EPSG code → central meridian, and whether eastings bear the zone's number
GRIDS = {4548: (117, ""), 4549: (120, ""), 4550: (123, ""), 4527: (117, "39"), 4528: (120, "40"), 4529: (123, "41")}

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
    """The declared reading first, then the others; ``geometry`` holds shapes as the file has them.

    Each reading is a datum that can be passed: its remedy names it, and it is what was tried.
    """
    flat: Objects = np.asarray(shapely.force_2d(geometry), dtype=object)
    return [
        Hypothesis(name, size, partial(_to, flat, read_as, srid), told, passing(read_as) if told else "")
        for name, size, read_as, told in _readings(flat, datum)
    ]


def passing(datum: crs_room.Datum) -> str:
    """What to pass so that a file is read in a datum: on the command line, or in the mapping."""
    said = crs_room.short(datum)
    # WKT holds double quotes; what has blanks or brackets is several words, or more, to a shell.
    quoted = f"'{said}'" if '"' in said else f'"{said}"'
    word = quoted if set(said) & set(" \"'()[]") else said
    return f"Pass --crs {word}, or write crs = {quoted} in the mapping."


_Reading = tuple[str, Size, crs_room.Datum, str]


def _readings(raw: Objects, datum: crs_room.Datum) -> Iterator[_Reading]:
    yield str(datum), "declared", datum, ""
    told = "its axes look swapped (north before east)"
    if datum.swapped:
        told = "its axes do not look swapped (east stands before north)"
    yield "swapped axes", "gross", replace(datum, swapped=not datum.swapped), told
    for name in ("GCJ-02", "BD-09"):
        if name != datum.shift:
            # A layer that was projected from shifted coordinates is shifted as much as one in degrees.
            there = crs_room.parse(name) if crs_room.is_geographic(datum) else datum
            yield name, "subtle", replace(there, shift=name, swapped=datum.swapped), f"it looks like {name}"
    if datum.shifted:
        plain = crs_room.parse("EPSG:4490") if crs_room.is_geographic(datum) else replace(datum, shift=None)
        told = f"it does not look like {crs_room.short(datum)}, but like plain WGS84 or CGCS2000"
        yield "WGS84", "subtle", replace(plain, swapped=datum.swapped), told
    yield from _grids(raw, datum)


def _grids(raw: Objects, datum: crs_room.Datum) -> Iterator[_Reading]:
    bounds = shapely.total_bounds(raw)
    degrees = bool(np.abs(bounds).max() <= 180)
    geographic = crs_room.is_geographic(datum)

    def read_as(name: str) -> crs_room.Datum:
        return replace(crs_room.parse(name), swapped=datum.swapped)

    if degrees and not geographic:
        yield (
            "degrees",
            "gross",
            read_as("EPSG:4490"),
            f"its coordinates look like degrees, not like {crs_room.short(datum)}",
        )
    if degrees:
        return
    for code, (meridian, prefix) in GRIDS.items():
        if datum.crs != f"EPSG:{code}":
            declared = GRIDS.get(crs_room.epsg(datum) or 0)
            yield f"EPSG:{code}", "gross", read_as(f"EPSG:{code}"), _grid_told(declared, meridian, prefix)
    if geographic:
        return
    for unit in crs_room.other_units(datum):
        told = f"its coordinates look like {unit}, not like the unit of {crs_room.short(datum)}"
        yield unit, "gross", replace(datum, unit=unit), told


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

"""Datums: what a file's coordinates mean, and how they come into the work CRS.  The only room that knows pyproj.

GCJ-02 and BD-09, the shifted datums of Chinese web maps, are brought to WGS84 first (:mod:`geo.shifted`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from geo.errors import CrsError
from geo.shifted import Floats, shift, unshift

if TYPE_CHECKING:
    import geopandas as gpd

_SHIFTED = {
    "GCJ-02": "GCJ-02",
    "GCJ02": "GCJ-02",
    "BD-09": "BD-09",
    "BD09": "BD-09",
    "BD-09LL": "BD-09",
}
#: in degrees, as web maps give them
_LONLAT = "EPSG:4326"
_SWAPPED = "swapped"
#: units of length in which the coordinates of a projected CRS may stand, in m
UNITS = {"metres": 1.0, "feet": 0.3048, "us-feet": 1200 / 3937}
#: the two feet differ by a fiftieth of this; neither is taken for the other's mistake
_ONE_UNIT = 1e-4
_ALIASES = {"WGS84": "EPSG:4326", "CGCS2000": "EPSG:4490"}


@dataclass(frozen=True)
class Datum:
    """What a file's coordinates mean: a CRS that PROJ knows, and what was done to its coordinates.

    ``shift``: they are GCJ-02 or BD-09, in degrees or in that CRS; ``unit``: they are in another unit of length than it is;
    ``swapped``: north stands before east.
    """

    crs: str
    shift: str | None = None
    unit: str | None = None
    swapped: bool = False

    @property
    def shifted(self) -> bool:
        """Whether it is one of the two shifted datums."""
        return self.shift is not None

    def __str__(self) -> str:
        base = self.crs if self.shift is None else self.shift if self.crs == _LONLAT else f"{self.shift}:{self.crs}"
        return "".join((f"{_SWAPPED}:" * self.swapped, f"{self.unit}:" if self.unit else "", base))


def parse(text: str) -> Datum:
    """Read ``EPSG:…``, WKT, a PROJ string, ``WGS84``, ``CGCS2000``, ``GCJ-02`` or ``BD-09``.

    Before any of them may stand what was done to the coordinates: ``swapped:EPSG:4549`` (north before east),
    ``feet:EPSG:4549`` (also ``us-feet:`` and ``metres:``), ``GCJ-02:EPSG:4549`` (shifted, and projected afterwards).

    Raises
    ------
    CrsError
        The text names no datum that is known.
    """
    found = Datum("")
    rest = text.strip()
    while rest:
        word, _, more = rest.partition(":")
        if word.lower() == _SWAPPED and more:
            found, rest = replace(found, swapped=True), more.strip()
        elif word.lower() in UNITS and more:
            found, rest = replace(found, unit=word.lower()), more.strip()
        elif word.upper() in _SHIFTED and found.shift is None:
            found, rest = replace(found, shift=_SHIFTED[word.upper()]), more.strip() or _LONLAT
        else:
            break
    try:
        crs = pyproj.CRS.from_user_input(_ALIASES.get(rest.upper(), rest))
    except CRSError:
        raise CrsError(
            f"{text!r} is not a datum that is known.",
            "Pass an EPSG code (EPSG:4490 CGCS2000, EPSG:4549 CGCS2000 / CM 120E), WKT, a PROJ string, GCJ-02 or BD-09.",
        ) from None
    if found.unit and not crs.is_projected:
        raise CrsError(f"{text!r} names a unit of length, and {rest} is in degrees.", f"Leave out {found.unit}:.")
    return replace(found, crs=crs.to_string())


def from_file(crs: object) -> Datum | None:
    """The datum that a file's reader found (a pyproj CRS), ``None`` where the file does not say."""
    if crs is None:
        return None
    return Datum(pyproj.CRS.from_user_input(crs).to_string())


def work_srid(text: str) -> int:
    """The EPSG code of a CRS that may be a database's work CRS: projected, in metres, area on the ground.

    Raises
    ------
    CrsError
        It is unknown, geographic, not in metres, without an EPSG code, or Web Mercator.
    """
    datum = parse(text)
    crs = None if datum != Datum(datum.crs) else pyproj.CRS.from_user_input(datum.crs)
    code = crs.to_epsg() if crs is not None else None
    if crs is None or code is None or not crs.is_projected or code == 3857 or crs.axis_info[0].unit_name != "metre":
        raise CrsError(
            f"{text} cannot be a work CRS.",
            "It must be projected, in metres and have an EPSG code, so that area is area on the ground: "
            "EPSG:4549 for Hongkou, EPSG:26986 for Cambridge; never degrees or Web Mercator.",
        )
    return int(code)


def is_work(datum: Datum, srid: int) -> bool:
    """Whether a datum is the work CRS itself, so that its coordinates stay as they are."""
    return datum == Datum(datum.crs) and not _steps(datum.crs, f"EPSG:{srid}")


def to_work(frame: gpd.GeoDataFrame, datum: Datum, srid: int) -> gpd.GeoDataFrame:
    """A frame's geometry in the work CRS; the frame itself is not changed.

    Shifted datums are brought to WGS84 first.  4490 → 4326 and back is the identity (both are ITRF to some decimetres).
    A change of datum without parameters (Beijing 54, Xian 80) is refused: PROJ would return the coordinates unchanged.

    Raises
    ------
    CrsError
        The conversion needs parameters that are not given.
    """
    import geopandas as gpd

    geometry = frame.geometry.array
    points: npt.NDArray[np.object_] = np.asarray(geometry, dtype=object)
    source = datum.crs
    if datum.swapped:
        points = shapely.transform(points, lambda xy: xy[:, ::-1])
    if datum.unit:
        factor = UNITS[datum.unit] / pyproj.CRS.from_user_input(source).axis_info[0].unit_conversion_factor
        points = shapely.transform(points, lambda xy: xy * factor)
    if datum.shift:
        for step in _steps(source, _LONLAT):
            points = shapely.transform(
                points, lambda xy, step=step: np.column_stack(step.transform(xy[:, 0], xy[:, 1]))
            )
        points = shapely.transform(points, lambda xy: np.column_stack(unshift(xy[:, 0], xy[:, 1], datum.shift)))
        source = _LONLAT
    for step in _steps(source, f"EPSG:{srid}"):
        points = shapely.transform(points, lambda xy, step=step: np.column_stack(step.transform(xy[:, 0], xy[:, 1])))
    return gpd.GeoDataFrame(
        frame.drop(columns=frame.geometry.name),
        geometry=gpd.GeoSeries(points, index=frame.index),
        crs=f"EPSG:{srid}",
    )


# Kept: PROJ takes a tenth of a second to look for the ways from one CRS to another.
@lru_cache(maxsize=64)
def _steps(source: str, target: str) -> tuple[pyproj.Transformer, ...]:
    start, end = pyproj.CRS.from_user_input(source), pyproj.CRS.from_user_input(target)
    if start == end:
        return ()
    if start.is_bound:  # it brings its own parameters to WGS84, and PROJ knows no way past that
        middle = pyproj.CRS.from_epsg(4326)
        return _transformer(start, middle), _transformer(middle, end)
    return (_transformer(start, end),)


def _transformer(start: pyproj.CRS, end: pyproj.CRS) -> pyproj.Transformer:
    # CGCS2000 and WGS84 agree to some decimetres, and PROJ has no operation for them but the ballpark one: allowed by
    # name, and for no other pair.
    same = {_base_name(start), _base_name(end)} == {"WGS 84", "China Geodetic Coordinate System 2000"}
    try:
        return pyproj.Transformer.from_crs(start, end, always_xy=True, allow_ballpark=same)
    except ProjError:
        raise CrsError(
            f"{start.to_string()} cannot be brought to {end.to_string()} without parameters.",
            "Ask for the seven parameters and pass a PROJ string with +towgs84=…, or data in CGCS2000 (EPSG:4490). Where the "
            "grid itself lies on CGCS2000, its string has to say so: add +towgs84=0,0,0,0,0,0,0.",
        ) from None


def _base_name(crs: pyproj.CRS) -> str:
    geodetic = crs.geodetic_crs
    return geodetic.name.replace("CGCS2000", "China Geodetic Coordinate System 2000") if geodetic else ""


def coordinates(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Places of longitude and latitude, degrees, as a datum writes them, for examples: no change of datum is worked out.

    Of a CRS for another part of the world they are moved to the middle of its area of use.
    """
    crs = pyproj.CRS.from_user_input(datum.crs)
    area, base = crs.area_of_use, crs.geodetic_crs
    if area is not None and not (
        area.west <= lon.min() and lon.max() <= area.east and area.south <= lat.min() and lat.max() <= area.north
    ):
        lon, lat = lon - lon[0] + (area.west + area.east) / 2, lat - lat[0] + (area.south + area.north) / 2
    x, y = shift(lon, lat, datum.shift) if datum.shift else (lon, lat)
    if not crs.is_geographic and base is not None:
        x, y = map(np.asarray, pyproj.Transformer.from_crs(base, crs, always_xy=True).transform(x, y))
    factor = crs.axis_info[0].unit_conversion_factor / UNITS[datum.unit] if datum.unit else 1.0
    return (y * factor, x * factor) if datum.swapped else (x * factor, y * factor)


def is_geographic(datum: Datum) -> bool:
    """Whether coordinates are longitude and latitude in degrees."""
    return bool(pyproj.CRS.from_user_input(datum.crs).is_geographic)


def epsg(datum: Datum) -> int | None:
    """The EPSG code of a datum, ``None`` where it has none."""
    code = None if datum.shifted else pyproj.CRS.from_user_input(datum.crs).to_epsg()
    return None if code is None else int(code)


def short(datum: Datum) -> str:
    """A datum as one would type it: by its EPSG code where PROJ finds one for it, however long the file's own words are."""
    code = pyproj.CRS.from_user_input(datum.crs).to_epsg() if len(datum.crs) > len("EPSG:000000") else None
    return str(datum if code is None else replace(datum, crs=f"EPSG:{code}"))


def other_units(datum: Datum) -> list[str]:
    """The units of length, those of :data:`UNITS`, in which the coordinates of a projected datum may stand by mistake."""
    crs = pyproj.CRS.from_user_input(datum.crs)
    own = UNITS[datum.unit] if datum.unit else crs.axis_info[0].unit_conversion_factor
    american = crs.area_of_use is not None and "United States" in crs.area_of_use.name
    # The two feet differ by 2 mm in a kilometre, which no comparison tells: the country does.
    found = ["metres", "us-feet" if american else "feet"]
    return [unit for unit in found if abs(UNITS[unit] / own - 1) > _ONE_UNIT]


def ground_areas(shapes: npt.NDArray[np.object_], datum: Datum) -> Floats:
    """Areas on the ground in m², geodesic on WGS84's ellipsoid, holes taken off; NaN where there is no area.

    Raises
    ------
    CrsError
        The datum cannot be brought to WGS84 without parameters.
    """
    import geopandas as gpd

    lonlat = to_work(gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapely.force_2d(shapes))), datum, 4326)
    geod = pyproj.Geod(ellps="WGS84")
    out = np.full(len(shapes), np.nan)
    for i, shape in enumerate(lonlat.geometry.array):
        if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty:
            out[i] = abs(geod.geometry_area_perimeter(shapely.orient_polygons(shape))[0])
    return out

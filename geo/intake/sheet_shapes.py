"""Shapes that stand in the cells of a table: WKT, or two columns of coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo import crs as crs_room
from geo.errors import CrsError
from geo.fields.headings import LAT, LON, WKT, WKT_MORE, split_heading
from geo.intake import values
from geo.intake.findings import Mask, Objects

#: collections in one shape; readers go one level down for each that stands in another, until their stack ends
COLLECTIONS = 32
_COLLECTION = re.compile("collection", re.IGNORECASE)


@dataclass(frozen=True)
class GeometryColumns:
    """Where a table without shapes of its own has them: one WKT column, or two of coordinates."""

    wkt: str | None = None
    lon: str | None = None
    lat: str | None = None


def own_geometry(frame: pd.DataFrame) -> tuple[pd.DataFrame, GeometryColumns, crs_room.Datum | None]:
    """Where a table has its shapes by our own headings, and the datum that those say: ``wkt``, 图形WKT（EPSG:4549）.

    Longitude and latitude count only with their datum (经度（EPSG:4490）): without one, they may be anything.  Outlines that
    go on in further columns, since they are longer than a cell, are put together.
    """
    found: dict[str, str] = {}
    datum: crs_room.Datum | None = None
    for column in frame.columns:
        base, told = split_heading(column)
        said = _datum(told)
        for key, names in (("wkt", WKT), ("lon", LON), ("lat", LAT)):
            if base.casefold() not in {name.casefold() for name in names}:
                continue
            if said is not None or (key == "wkt" and told is None):
                found.setdefault(key, column)
                datum = datum or said
    if ("lon" in found) != ("lat" in found):
        found.pop("lon", None), found.pop("lat", None)
    more = [column for column in frame.columns if column.startswith(WKT_MORE)] if "wkt" in found else []
    if more:
        parts = frame[[found["wkt"], *more]].fillna("").astype(str)
        frame = frame.drop(columns=more).assign(**{found["wkt"]: parts.agg("".join, axis=1)})
    return frame, GeometryColumns(**found), datum


def _datum(text: str | None) -> crs_room.Datum | None:
    try:
        return crs_room.parse(text) if text else None
    except CrsError:
        return None


def shapes_from_wkt(column: pd.Series[Any]) -> tuple[Objects, Mask]:
    """Shapes of a column of WKT, and which cells hold something that is none."""
    texts = np.array([values.as_text(cell) for cell in column], dtype=object)
    texts[[text is not None and values.is_missing(text) for text in texts]] = None
    deep = np.array([text is not None and len(_COLLECTION.findall(text)) > COLLECTIONS for text in texts], dtype=bool)
    readable = texts.copy()
    readable[deep] = None
    with np.errstate(invalid="ignore"):  # NaN is told of later, with its row
        shapes: Objects = np.asarray(shapely.from_wkt(readable, on_invalid="ignore"), dtype=object).reshape(-1)
    return shapes, np.array([t is not None and s is None for t, s in zip(texts, shapes, strict=True)], dtype=bool)


def points_from(lon: pd.Series[Any], lat: pd.Series[Any]) -> tuple[Objects, Mask]:
    """Points of two columns of numbers, and which rows have only one of them, or something that is no number."""
    n = len(lon)
    xy = np.full((n, 2), np.nan)
    missing = np.zeros((n, 2), dtype=bool)
    for axis, column in enumerate((lon, lat)):
        for i, cell in enumerate(column):
            try:
                value = values.number(values.as_text(cell) or "")
            except ValueError:
                continue
            missing[i, axis] = value is None
            xy[i, axis] = np.nan if value is None else value
    good = np.isfinite(xy).all(axis=1)
    shapes: Objects = np.full(n, None, dtype=object)
    shapes[good] = shapely.points(xy[good])
    return shapes, ~good & ~missing.all(axis=1)

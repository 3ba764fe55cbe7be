"""Frames as rows of the published tables, in what COPY understands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.fields.values import jsonable


def as_json(values: Iterable[Any]) -> Iterator[str]:
    """Each value as JSON; every kind of unknown is null, days are ISO."""
    for value in values:
        yield json.dumps(jsonable(value), ensure_ascii=False, allow_nan=False)


def or_none(values: Iterable[Any]) -> Iterator[float | None]:
    """Numbers, ``None`` where unknown."""
    for value in values:
        number = jsonable(value)
        yield None if number is None else float(number)


def or_null(values: Iterable[Any]) -> Iterator[Any]:
    """Texts, ``None`` where unknown."""
    return map(jsonable, values)


def ewkb(geometry: gpd.GeoSeries, srid: int, *, multi: bool = False) -> Iterator[str | None]:
    """Shapes as hex EWKB with the SRID stated; polygons as multipolygons where ``multi`` says so."""
    shapes = np.asarray(geometry.array, dtype=object)
    if multi:
        shapes = np.array(
            [shapely.MultiPolygon([s]) if s.geom_type == "Polygon" else s for s in shapes],
            dtype=object,
        )
    for shape in shapes:
        missing = shape is None or shape.is_empty
        yield (None if missing else shapely.to_wkb(shapely.set_srid(shape, srid), hex=True, include_srid=True))

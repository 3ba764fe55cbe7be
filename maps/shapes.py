"""From rows of a frame to shapes on the map: brought to WGS84, rounded, written as GeoJSON text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import CrsError
from maps.parts import javascript

#: decimals of a degree: 0.1 m, finer than any boundary was surveyed, and half the size of the page
DECIMALS = 6


def to_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in WGS84 degrees, rows without a shape left out.

    Raises
    ------
    CrsError
        The frame does not say its CRS.
    """
    placed = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if placed.empty:
        return placed
    if placed.crs is None:
        raise CrsError("The frame has no CRS, so it cannot be put on a map.", "Set it with frame.set_crs(…).")
    return placed.to_crs(4326)


def bounds(frames: Iterable[gpd.GeoDataFrame]) -> list[list[float]] | None:
    """South-west and north-east corner, ``[[lat, lon], [lat, lon]]``, of frames in degrees; ``None`` if all are empty."""
    boxes = [frame.total_bounds for frame in frames if len(frame)]
    if not boxes:
        return None
    table = np.array(boxes)
    west, south = table[:, :2].min(axis=0)
    east, north = table[:, 2:].max(axis=0)
    return [[float(south), float(west)], [float(north), float(east)]]


def features(geometry: gpd.GeoSeries, properties: Sequence[dict[str, Any]]) -> list[str]:
    """GeoJSON features as text, one for each shape in degrees with its properties (those that are ``None`` left out)."""
    shapes = np.asarray(geometry.array, dtype=object)
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    texts = shapely.to_geojson(rounded)
    return [
        f'{{"type":"Feature","geometry":{text},"properties":'
        f"{javascript({name: value for name, value in one.items() if value is not None})}}}"
        for text, one in zip(texts, properties, strict=True)
    ]


def column(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    """The values of a column as plain objects, ``None`` in each row where the frame has no such column."""
    return list(frame[name].astype(object)) if name in frame else [None] * len(frame)

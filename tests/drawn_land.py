"""Land drawn in a line or two, and the adjacency kernel asked with widths that are easy to reckon with.  In metres."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Polygon, box

from geo.measure.adjacency import typed_adjacency

ROADS = {"branch": True, "secondary": False, "arterial": False, "elevated": False, "rail": False, "river": False}


def parcels(*shapes: Any, **named: Any) -> gpd.GeoDataFrame:
    """Parcels A, B, C … in the order given, or by name."""
    codes = [chr(ord("A") + n) for n in range(len(shapes))] + list(named)
    return gpd.GeoDataFrame({"parcel_code": codes}, geometry=[*shapes, *named.values()])


def barriers(*rows: tuple[str, str | None, Any]) -> gpd.GeoDataFrame:
    columns = {"barrier_class": [r[0] for r in rows], "name": pd.Series([r[1] for r in rows], dtype=object)}
    return gpd.GeoDataFrame(columns, geometry=[r[2] for r in rows])


def adjacency(
    land: gpd.GeoDataFrame,
    *between: tuple[str, str | None, Any],
    tolerance_m: float = 0.2,
    min_shared_edge_m: float = 1.0,
    lane_width_m: float = 24.0,
    min_frontage_m: float = 10.0,
    crossable: dict[str, bool] | None = None,
) -> pd.DataFrame:
    return typed_adjacency(
        land,
        barriers(*between),
        tolerance_m=tolerance_m,
        min_shared_edge_m=min_shared_edge_m,
        lane_width_m=lane_width_m,
        min_frontage_m=min_frontage_m,
        crossable=ROADS if crossable is None else crossable,
    )


def only(found: pd.DataFrame) -> pd.Series[Any]:
    """The one pair there is."""
    assert len(found) == 1, found
    return found.iloc[0]


def types(found: pd.DataFrame) -> dict[str, str]:
    return {f"{row.parcel_a}{row.parcel_b}": str(row.type) for row in found.itertuples()}


WEST, EAST = box(0, 0, 40, 50), box(52, 0, 90, 50)  # over a lane of 12 m
CENTRE = LineString([(46, -30), (46, 80)])


def lane_city(blocks: int = 4) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Blocks of six lots with a T-junction and a corner inside, lanes of 12 m between, a railway, a road, a river that ends."""
    lots: dict[str, Any] = {}
    for column in range(blocks):
        for row in range(blocks):
            x, y = 132.0 * column, 92.0 * row
            cuts = [0.0, 37.0 + column, 81.0 - row, 120.0]
            for n in range(3):
                lots[f"{column}{row}s{n}"] = box(x + cuts[n], y, x + cuts[n + 1], y + 42)
                west, east = cuts[n] + (5 if n == 1 else 0), cuts[n + 1] + (5 if n == 0 else 0)
                lots[f"{column}{row}n{n}"] = box(x + west, y + 42, x + east, y + 80)
    end = 132.0 * blocks
    lines = barriers(
        ("rail", "铁路", LineString([(126, -50), (126, end)])),
        ("river", "河", box(258 + 2, -50, 258 + 10, 200)),
        ("arterial", "大路", LineString([(-50, 86), (end, 86)])),
        ("branch", "小路", LineString([(-50, 178), (end, 178)])),
    )
    return parcels(**lots), lines


def run(land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> pd.DataFrame:
    return typed_adjacency(
        land,
        lines,
        tolerance_m=0.2,
        min_shared_edge_m=1.0,
        lane_width_m=24.0,
        min_frontage_m=10.0,
        crossable=ROADS,
    )


def noisy(frame: gpd.GeoDataFrame, seed: int, size: float) -> gpd.GeoDataFrame:
    """Every vertex moved on its own by noise of that standard deviation; rings stay closed."""
    random = np.random.default_rng(seed)

    def ring(line: Any) -> Any:
        points = shapely.get_coordinates(line)
        points = points + random.normal(0, size, points.shape)
        if line.geom_type == "LinearRing":
            points[-1] = points[0]
        return points

    def moved(shape: Any) -> Any:
        parts = [
            Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
            if part.geom_type == "Polygon"
            else LineString(ring(part))
            for part in shapely.get_parts(shape)
        ]
        if shape.geom_type.startswith("Multi"):
            return shapely.multipolygons(parts) if parts[0].geom_type == "Polygon" else shapely.multilinestrings(parts)
        return parts[0]

    return frame.set_geometry([moved(shape) for shape in frame.geometry])

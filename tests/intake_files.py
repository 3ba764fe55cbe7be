"""Small files for the tests of intake: some parcels in Hongkou, and a mapping that fits them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.database import Database

EAST, NORTH = 641_000.0, 3_462_000.0

MAPPING = """
kind = "parcels"
[source]
name = "a test"
[columns]
parcel_code = "DKBH"
name = "DKMC"
land_use = { column = "YDXZ", table = "shanghai_kg" }
registered_area_m2 = { column = "YDMJ", unit = "亩" }
gfa_m2 = "JZMJ"
year_built = "JCNF"
"""


def square(i: int, size: float = 100.0) -> shapely.Polygon:
    """The i-th of a row of squares, in EPSG:4549."""
    return shapely.box(EAST + i * 200, NORTH, EAST + i * 200 + size, NORTH + size)


def parcels(n: int = 3, **columns: list[Any]) -> gpd.GeoDataFrame:
    """``n`` sound parcels of 100 m by 100 m (15 mu); ``columns`` replace what they say."""
    cells: dict[str, list[Any]] = {
        "DKBH": [f"HK-{i:02d}" for i in range(n)],
        "DKMC": [f"地块{i}" for i in range(n)],
        "YDXZ": ["C8"] * n,
        "YDMJ": [15.0] * n,
        "JZMJ": [20_000.0] * n,
        "JCNF": [1998] * n,
    }
    geometry = columns.pop("geometry", None)
    return gpd.GeoDataFrame(cells | columns, geometry=geometry or [square(i) for i in range(n)], crs="EPSG:4549")


def gpkg(folder: Path, frame: gpd.GeoDataFrame, name: str = "地块.gpkg") -> Path:
    """The frame as a GeoPackage; one with no datum where the frame has none."""
    path = folder / name
    path.unlink(missing_ok=True)
    frame.to_file(path, layer="parcels", engine="pyogrio")
    return path


def mapping(folder: Path, text: str = MAPPING, name: str = "m.toml") -> Path:
    """The mapping as a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table(db: Database, query: str, **values: Any) -> pd.DataFrame:
    """What a query gives, as a frame of Python objects."""
    with db.read() as connection:
        found = connection.execute(sa.text(query), values)
        return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()), dtype=object)


def current(db: Database, kind: str = "parcels", order: str = "parcel_code") -> pd.DataFrame:
    """The current versions of a kind, shapes as WKT."""
    area = ", ST_AsText(geom) AS wkt"
    live = "recorded_to IS NULL AND valid_to IS NULL"
    return table(db, f"SELECT *{area} FROM registry.{kind} WHERE {live} ORDER BY {order}")


def written(db: Database) -> int:
    """How many rows intake has written anywhere."""
    names = ("parcels", "buildings", "services", "imports", "rejected_rows", "audit")
    return int(table(db, "SELECT " + " + ".join(f"(SELECT count(*) FROM registry.{n})" for n in names)).iat[0, 0])

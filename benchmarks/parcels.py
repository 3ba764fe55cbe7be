"""A seeded city of any size: blocks of irregular parcels as a GeoPackage with the columns that offices send."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SEED = 20250307
#: metres from one parcel to the next; parcels are smaller, so that none overlap
STEP = 60.0
EAST, NORTH = 600_000.0, 3_400_000.0

MAPPING = """
kind = "parcels"
[source]
name = "benchmark"
[columns]
parcel_code = "DKBH"
name = "DKMC"
land_use = { column = "YDXZ", table = "shanghai_kg" }
supply_status = { column = "GDZT", values = { "1" = "not_granted", "2" = "granted_unbuilt", "3" = "built" } }
registered_area_m2 = { column = "YDMJ", unit = "亩" }
gfa_m2 = "JZMJ"
year_built = "JCNF"
address = "ZL"
"""


def write_parcels(path: Path, n: int) -> Path:
    """Write ``n`` parcels of twelve corners each, in EPSG:4549."""
    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(n)))
    row, column = np.divmod(np.arange(n), side)
    corners = 12
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = rng.uniform(18, 29, (n, corners))
    x = (EAST + column * STEP)[:, None] + radius * np.cos(angle)
    y = (NORTH + row * STEP)[:, None] + radius * np.sin(angle)
    xy = np.stack([x, y], axis=2).round(3)
    shapes = shapely.polygons(shapely.linearrings(np.concatenate([xy, xy[:, :1]], axis=1)))
    area = shapely.area(shapes)
    frame = pd.DataFrame(
        {
            "DKBH": [f"B{i:07d}" for i in range(n)],
            "DKMC": [f"地块{i}" for i in range(n)],
            "YDXZ": rng.choice(["C8", "C2", "Rr2", "M1", "C2C8", "C2(60%)C8(40%)"], n),
            "GDZT": rng.choice(["1", "2", "3"], n),
            "YDMJ": (area * 3 / 2000).round(4),
            "JZMJ": (area * rng.uniform(0.3, 4, n)).round(1),
            "JCNF": rng.integers(1950, 2024, n),
            "ZL": [f"虹口区某路{i % 5000}号" for i in range(n)],
        }
    )
    gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4549").to_file(path, layer="parcels", driver="GPKG")
    return path


if __name__ == "__main__":
    write_parcels(Path(sys.argv[1]), int(sys.argv[2]))

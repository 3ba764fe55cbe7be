"""The barrier test on the real viaducts and railways of Hongkou, with made-up lots up to both sides of them, under noise.

No outlines of parcels are public there, so the land is a plain grid of lots, cut where the lines run.
"""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn_land import noisy, run

FOLDER = Path(os.environ.get("SHUANGBEI_REAL_DATA", ""))
TRANSPORT = FOLDER / "hongkou_transport" / "hongkou_transport.gpkg"
DISTRICT = FOLDER / "hongkou_admin" / "hongkou_admin.gpkg"
pytestmark = pytest.mark.skipif(
    not (os.environ.get("SHUANGBEI_REAL_DATA") and TRANSPORT.is_file() and DISTRICT.is_file()),
    reason="SHUANGBEI_REAL_DATA is not set, or has no hongkou_transport and hongkou_admin",
)
#: lines 3 and 4 and what they share run on viaducts here
RAIL = ["metro-3", "metro-4", "metro-3-4"]
NOISE = 0.03


@pytest.fixture(scope="module")
def lines() -> gpd.GeoDataFrame:
    viaducts = gpd.read_file(TRANSPORT, layer="elevated_expressways_osm").to_crs(4549)
    metro = gpd.read_file(TRANSPORT, layer="metro_lines_osm").to_crs(4549)
    metro = metro[metro["id"].isin(RAIL)]
    district = gpd.read_file(DISTRICT, layer="hongkou_district_osm_wgs84").to_crs(4549).union_all()
    classes = ["elevated"] * len(viaducts) + ["rail"] * len(metro)
    drawn = gpd.GeoDataFrame(
        {"barrier_class": classes, "name": [*viaducts["name"], *metro["name"]]},
        geometry=[*viaducts.geometry, *metro.geometry],
    )
    return gpd.clip(drawn, district.buffer(200))


@pytest.fixture(scope="module")
def land(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lots of 36 × 45 m, ten to a block, streets of 14 and 18 m, within 100 m of a line and 6 m clear of each."""
    xmin, ymin, xmax, ymax = lines.total_bounds
    column, row = (
        place.ravel() for place in np.meshgrid(np.arange((xmax - xmin) // 36), np.arange((ymax - ymin) // 45))
    )
    x, y = xmin + 36 * column + 14 * (column // 5), ymin + 45 * row + 18 * (row // 2)
    lots = shapely.box(x, y, x + 36, y + 45)
    course = lines.union_all()
    lots = lots[shapely.dwithin(lots, course, 100)]
    parts = shapely.get_parts(shapely.difference(lots, shapely.simplify(shapely.buffer(course, 6, quad_segs=1), 1)))
    # Slivers whose outline noise would cross over itself are no parcels.
    kept = parts[(shapely.area(parts) > 200) & (shapely.minimum_clearance(parts) > 0.5)]
    return gpd.GeoDataFrame({"parcel_code": [f"{n:05}" for n in range(len(kept))]}, geometry=kept)


@pytest.fixture(scope="module")
def plain(land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> pd.DataFrame:
    return run(land, lines)


def test_the_lines_part_hundreds_of_pairs_and_are_named(plain: pd.DataFrame) -> None:
    parted = plain[plain["type"] == "barrier"]
    assert len(parted) > 300
    assert len(plain) > 5_000
    named = parted["barrier"].str.split(":").str[1]
    assert {"中环路", "逸仙高架路", "内环高架路"} & set(named)
    assert parted["barrier"].str.startswith(("elevated:", "rail:")).all()


@pytest.mark.parametrize("seed", range(10))
def test_noise_of_three_centimetres_moves_a_thousandth_of_the_pairs_at_most(
    plain: pd.DataFrame, land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, seed: int
) -> None:
    shaken = run(noisy(land, seed, NOISE), noisy(lines, 100 + seed, NOISE))
    both = plain.merge(shaken, on=["parcel_a", "parcel_b"], how="outer", suffixes=("", "_shaken"))
    kinds = both[["type", "type_shaken"]].fillna("none")
    assert (kinds["type"] != kinds["type_shaken"]).sum() <= 0.001 * len(plain)
    # Of the pairs that something parts, no more: 22 % moved with a single shortest line.
    parted = (kinds == "barrier").sum(axis=1)
    assert (parted == 1).sum() <= 0.01 * (parted > 0).sum()

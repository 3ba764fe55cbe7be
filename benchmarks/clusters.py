"""``python -m benchmarks.clusters [N …]``: figures of clusters (area, GFA, outline, shape) of N parcels, ours and others'.

Land is blocks of twelve lots that tile, lanes between them and a wide road after every fourth.  The pairs are known from how
it was drawn, so that the figures alone are timed.  *ours* is ``find_clusters`` from frames in memory, every figure
included; *outline* is the part of it that the others do: labels, sums and unions.  *dissolve* is ``GeoDataFrame.dissolve``
by our labels, *st_cluster* PostGIS's ``ST_ClusterDBSCAN`` (any gap, no barriers) into a table, *st_union* then its sums and
``ST_Union`` by cluster into another.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
import sqlalchemy as sa

from benchmarks.parcels import SEED
from benchmarks.side_by_side import add, each, heading, options, own_server, table
from geo.judge.cluster_figures import Members, known_sum
from geo.judge.clusters import find_clusters
from geo.judge.components import components, pairs_among
from geo.judge.dissolve import dissolved
from geo.policy import policy

LOT, DEPTH, LANE, ROAD = 30.0, 40.0, 12.0, 40.0
COLUMNS, BLOCK = 6, 12


def land(n: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """``n`` lots and the pairs that join: edges within a block, lanes between blocks that no road parts."""
    rng = np.random.default_rng(SEED)
    blocks = -(-n // BLOCK)
    side = int(np.ceil(np.sqrt(blocks)))
    row, column = np.divmod(np.arange(blocks), side)
    x = column * (COLUMNS * LOT + LANE) + column // 4 * (ROAD - LANE)
    y = row * (2 * DEPTH + LANE) + row // 4 * (ROAD - LANE)
    shift = rng.uniform(-4, 4, (blocks, 3, COLUMNS + 1, 2))
    shift[:, [0, 2], :, 1] = 0
    shift[:, :, [0, COLUMNS], 0] = 0
    at_x = np.arange(COLUMNS + 1)[None, None, :] * LOT + shift[..., 0] + x[:, None, None]
    at_y = np.arange(3)[None, :, None] * DEPTH + shift[..., 1] + y[:, None, None]
    at = np.stack([at_x, at_y], axis=-1)
    rings = np.stack([at[:, :-1, :-1], at[:, :-1, 1:], at[:, 1:, 1:], at[:, 1:, :-1], at[:, :-1, :-1]], axis=-2)
    shapes = shapely.polygons(shapely.linearrings(rings.reshape(-1, 5, 2)[:n]))
    area = shapely.area(shapes)
    codes = np.array([f"B{number:07d}" for number in range(n)], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "parcel_code": codes,
            "site_area_m2": area,
            "gfa_m2": np.where(rng.random(n) < 0.1, np.nan, area * 2),
            "max_far": np.where(rng.random(n) < 0.1, np.nan, 2.5),
        },
        geometry=shapes,
        crs=4549,
    )
    number = np.arange(n)
    block, within = np.divmod(number, BLOCK)
    right, low, east, north = within % COLUMNS == COLUMNS - 1, within < COLUMNS, block % side, block // side
    steps = [
        (~right, 1, "shared_edge"),
        (low, COLUMNS, "shared_edge"),
        (right & (east % 4 != 3) & (east < side - 1), BLOCK - COLUMNS + 1, "lane"),
        (~low & (north % 4 != 3), BLOCK * side - COLUMNS, "lane"),
    ]
    ends = [(number[chosen & (number + step < n)], step, kind) for chosen, step, kind in steps]
    pairs = pd.DataFrame(
        {
            "parcel_a": pd.array(codes[np.concatenate([a for a, _, _ in ends])], dtype="str"),
            "parcel_b": pd.array(codes[np.concatenate([a + step for a, step, _ in ends])], dtype="str"),
            "type": pd.array(np.concatenate([np.full(len(a), kind, dtype=object) for a, _, kind in ends]), dtype="str"),
        }
    )
    return frame, pairs


def outline(frame: gpd.GeoDataFrame, pairs: pd.DataFrame) -> int:
    """Labels, sums and unions."""
    codes = frame["parcel_code"].to_numpy(dtype=object).astype(str)
    members = Members.of(components(len(codes), *pairs_among(codes, pairs)))
    members.sum(frame["site_area_m2"].to_numpy())
    known_sum(members, frame["gfa_m2"].to_numpy())
    return len(dissolved(np.asarray(frame.geometry.array, dtype=object), members.label, members.count))


def dissolve(frame: gpd.GeoDataFrame, pairs: pd.DataFrame) -> int:
    """GeoPandas, by our labels."""
    codes = frame["parcel_code"].to_numpy(dtype=object).astype(str)
    label = components(len(codes), *pairs_among(codes, pairs))
    kept = frame[["site_area_m2", "gfa_m2", "geometry"]].assign(label=label)
    return len(kept.dissolve(by="label", aggfunc="sum"))


def ours(frame: gpd.GeoDataFrame, pairs: pd.DataFrame) -> int:
    """All figures."""
    return len(find_clusters(frame, pairs, policy("hongkou-2025").clusters, over="all"))


def in_postgis(frame: gpd.GeoDataFrame, url: str) -> dict[str, float]:
    """Seconds of the clustering into a table, and of the figures from it."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as raw:
        raw.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        raw.execute("DROP TABLE IF EXISTS land, labelled, figures")
        raw.execute("CREATE TABLE land (site_area_m2 float8, gfa_m2 float8, geom geometry(Polygon, 4549))")
        with raw.cursor().copy("COPY land FROM STDIN") as copy:
            texts = shapely.to_wkb(shapely.set_srid(frame.geometry.array, 4549), hex=True, include_srid=True)
            for area, gfa, text in zip(frame["site_area_m2"], frame["gfa_m2"], texts, strict=True):
                copy.write_row((area, None if np.isnan(gfa) else gfa, text))
        raw.execute("CREATE INDEX ON land USING gist (geom)")
        raw.execute("VACUUM ANALYZE land")
        start = time.perf_counter()
        raw.execute(
            "CREATE TABLE labelled AS SELECT *, ST_ClusterDBSCAN(geom, eps => 24, minpoints => 1) OVER () AS label FROM land"
        )
        clustered = time.perf_counter()
        raw.execute(
            "CREATE TABLE figures AS SELECT label, sum(site_area_m2) AS area_m2, sum(gfa_m2) AS gfa_m2,"
            " ST_Union(geom) AS geom FROM labelled GROUP BY label"
        )
        return {"st_cluster": clustered - start, "st_union": time.perf_counter() - clustered}


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    asked = options(__doc__).parse_args()
    rows = []
    with own_server() as (server, _):
        for n in asked.sizes:
            rows += _measured(n, asked.times, server)
    lines = heading("Figures of clusters", ("geopandas", "shapely"), f"median of {asked.times}", asked.note)
    add([*lines, table("parcels", "set", "clusters", "way", "seconds (all)"), *rows], dry=asked.dry)


def _measured(n: int, times: int, url: str) -> list[str]:
    whole, pairs = land(n)
    third = whole[np.random.default_rng(SEED).random(n) < 1 / 3].reset_index(drop=True)
    lines = []
    for name, frame in (("all", whole), ("a third", third)):
        ways: dict[str, Callable[[Any, Any], int]] = {"outline": outline, "ours": ours, "dissolve": dissolve}
        found: dict[str, list[float]] = {way: [] for way in ways}
        count = 0
        for _ in range(times):
            for way, call in ways.items():
                start = time.perf_counter()
                count = call(frame, pairs)
                found[way].append(time.perf_counter() - start)
            for way, seconds in in_postgis(frame, url).items():
                found.setdefault(way, []).append(seconds)
        for way, all_of in found.items():
            lines.append(f"| {n:,} | {name} | {count:,} | {way} | {each(all_of, 2)} |")
            sys.stderr.write(lines[-1] + "\n")
    return lines


if __name__ == "__main__":
    main()

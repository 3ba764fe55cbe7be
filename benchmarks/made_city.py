"""A seeded city of any size in the registry itself, with every kind that the rules ask about, and gaps as offices leave them.

The rows are written by COPY: what an import costs is measured elsewhere (``benchmarks.parcels``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from psycopg import sql

from benchmarks.parcels import EAST, NORTH, SEED
from geo.database import Database, connect, upgrade

#: metres from one parcel to the next: wider than the benchmark of imports has them, so that the rules find some large enough
STEP = 110.0
RADIUS = (36.0, 53.0)
Shapes = npt.NDArray[np.object_]
#: one of each so many parcels
PARCELS_A_STATION, PARCELS_A_CARRIER, PARCELS_A_PROTECTED, PARCELS_A_PATCH = 2_000, 400, 150, 4_000
INDUSTRIES = ("互联网服务", "绿色低碳", "检验检测", "物流")
USES = {
    "C8": [("commercial_office", None)],
    "C2": [("commercial_service", None)],
    "Rr2": [("residential", None)],
    "M1": [("industrial", None)],
    "C2C8": [("commercial_service", None), ("commercial_office", None)],
    "C2(60%)C8(40%)": [("commercial_service", 0.6), ("commercial_office", 0.4)],
}


def make(db: Database, n: int) -> None:
    """Fill a migrated, empty database with ``n`` parcels and all that lies round them, in the database's CRS (EPSG:4549)."""
    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(n)))
    extent = side * STEP
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as raw:
        raw.execute(
            "INSERT INTO registry.imports (kind, file_name, sha256, mapping, source, synthetic, effective_from, actor,"
            " counts) VALUES ('parcels', 'benchmark', '-', '{}', 'benchmark', true, '2024-01-01', 'benchmark', '{}')"
        )
        _land(raw, rng, n, side)
        _round(raw, rng, n, extent)
    with psycopg.connect(
        db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as raw:
        raw.execute("VACUUM ANALYZE")


def _land(raw: psycopg.Connection[Any], rng: np.random.Generator, n: int, side: int) -> None:
    row, column = np.divmod(np.arange(n), side)
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    radius = rng.uniform(*RADIUS, (n, 12))
    x = (EAST + column * STEP)[:, None] + radius * np.cos(angle)
    y = (NORTH + row * STEP)[:, None] + radius * np.sin(angle)
    xy = np.stack([x, y], axis=2).round(3)
    rings = shapely.linearrings(np.concatenate([xy, xy[:, :1]], axis=1))
    shapes = shapely.multipolygons(shapely.polygons(rings), indices=np.arange(n))
    area = shapely.area(shapes)
    code = [f"B{i:07d}" for i in range(n)]
    use = rng.choice(list(USES), n)
    parts = {
        text: json.dumps([{"code": text, "table": "shanghai_kg", "use": u, "share": s} for u, s in found])
        for text, found in USES.items()
    }
    built = rng.random(n) < 0.7
    write_rows(
        raw,
        "parcels",
        shapes,
        parcel_code=code,
        land_use=use.tolist(),
        land_use_parts=[parts[text] for text in use],
        supply_status=np.where(built, "built", rng.choice(["not_granted", "granted_unbuilt"], n)).tolist(),
        registered_area_m2=_gaps(rng, area.round(1), 0.1),
        max_far=_gaps(rng, rng.uniform(1, 5, n).round(1), 0.15),
        owner_kind=_gaps(rng, rng.choice(["state_owned", "private", "mixed"], n), 0.3),
        owner_count=_gaps(rng, rng.integers(1, 9, n), 0.3),
        grant_ends_on=[None if y is None else f"{y}-06-30" for y in _gaps(rng, rng.integers(2028, 2070, n), 0.3)],
        measured_area_m2=area.tolist(),
    )
    stands = np.flatnonzero(built)
    floor = area[stands] * rng.uniform(0.4, 4, len(stands))
    write_rows(
        raw,
        "buildings",
        None,
        building_code=[f"{code[i]}-1" for i in stands],
        parcel_code=[code[i] for i in stands],
        state=["standing"] * len(stands),
        gfa_m2=_gaps(rng, floor.round(1), 0.1),
        countable_gfa_m2=_gaps(rng, (floor * 0.9).round(1), 0.2),
        vacancy_share=_gaps(rng, rng.random(len(stands)).round(3), 0.2),
        year_built=_gaps(rng, rng.integers(1950, 2024, len(stands)), 0.1),
    )
    let = stands[rng.random(len(stands)) < 0.4]
    write_rows(
        raw,
        "leases",
        None,
        lease_code=[f"L{i}" for i in let],
        stands_on=["building"] * len(let),
        target_code=[f"{code[i]}-1" for i in let],
        lease_ends_on=[
            None if y is None else f"{y}-03-31" for y in _gaps(rng, rng.integers(2024, 2036, len(let)), 0.1)
        ],
    )


def _round(raw: psycopg.Connection[Any], rng: np.random.Generator, n: int, extent: float) -> None:
    corner = np.array([EAST, NORTH])

    def points(count: int) -> Shapes:
        return shapely.points(rng.uniform(0, extent, (count, 2)) + corner)

    def patches(count: int, low: float, high: float) -> Shapes:
        low_left = rng.uniform(0, extent, (count, 2)) + corner
        size = rng.uniform(low, high, (count, 2))
        boxes = shapely.box(*low_left.T, *(low_left + size).T)
        return shapely.multipolygons(boxes, indices=np.arange(count))

    middle = EAST + extent / 2
    halves = [(EAST - 50, NORTH - 50, middle, NORTH + extent), (middle, NORTH - 50, EAST + extent, NORTH + extent)]
    half = shapely.multipolygons([shapely.box(*each) for each in halves], indices=[0, 1])
    write_rows(raw, "zones", half, zone=["north_bund", "north_middle_ring"], name=["东", "西"], indicative=[True, True])
    stations = max(3, n // PARCELS_A_STATION)
    write_rows(raw, "stations", points(stations), station_code=[f"S{i}" for i in range(stations)])
    count = max(3, n // PARCELS_A_CARRIER)
    write_rows(
        raw,
        "carriers",
        points(count),
        carrier_code=[f"C{i}" for i in range(count)],
        name=[f"载体{i}" for i in range(count)],
        status=rng.choice(["active", "active", "active", "delisted"], count).tolist(),
        industries=[[text] for text in rng.choice(INDUSTRIES, count)],
    )
    count = max(3, n // PARCELS_A_PROTECTED)
    drawn = np.where(np.arange(count) % 10 == 0, patches(count, 20, 120), points(count))
    statutory = (np.arange(count) % 10 == 0).tolist()
    write_rows(raw, "heritage", drawn, heritage_code=[f"H{i}" for i in range(count)], statutory=statutory)
    count = max(3, n // PARCELS_A_STATION)
    write_rows(
        raw, "services", points(count), service_code=[f"V{i}" for i in range(count)], category=["科研机构"] * count
    )
    count = max(3, n // PARCELS_A_PATCH)
    tiers = rng.choice(["main_centre", "district_centre", "community_centre"], count).tolist()
    codes = [str(i) for i in range(count)]
    write_rows(raw, "centre_tiers", patches(count, 300, 1500), centre_code=codes, centre_tier=tiers)
    write_rows(raw, "open_spaces", patches(count, 50, 200), open_space_code=codes)
    write_rows(raw, "plan_changes", patches(count, 50, 300), change_code=codes, change_status=["approved"] * count)


def _gaps(rng: np.random.Generator, values: npt.NDArray[Any], share: float) -> list[Any]:
    """The values with that share of them missing."""
    gone = rng.random(len(values)) < share
    return [None if lost else value for value, lost in zip(values.tolist(), gone, strict=True)]


def write_rows(raw: psycopg.Connection[Any], table: str, shapes: Shapes | None, **columns: Iterable[Any]) -> None:
    """COPY rows of a kind into the registry, marked as made up."""
    drawn = (
        {} if shapes is None else {"geom": shapely.to_wkb(shapely.set_srid(shapes, 4549), hex=True, include_srid=True)}
    )
    names = [*columns, *drawn, "source", "synthetic", "valid_from", "import_id"]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("registry", table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    rows: Iterator[tuple[Any, ...]] = zip(*columns.values(), *drawn.values(), strict=True)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*row, "benchmark", True, "2024-01-01", 1))


if __name__ == "__main__":
    city = connect(sys.argv[1])
    upgrade(city)
    make(city, int(sys.argv[2]))

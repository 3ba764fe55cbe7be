"""``python -m benchmarks.totals [N …] [--times 3]``: floor area by zone, supply status and kind of carrier, N parcels.

A tenth as many carriers hold parts of buildings.  Three ways: *ours*, ``geo.floor_area`` with nothing kept; *sql*, one
statement with one ``GROUP BY`` by hand that reads the tables as they are, without history; *pandas*, the tables read with
``read_postgis`` and joined in memory.  *ours, again* asks a second time, as pages and notebooks do.  All must give the same.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import sqlalchemy as sa

from benchmarks.made_city import make, write_rows
from benchmarks.side_by_side import (
    Runs,
    add,
    apart,
    heading,
    median,
    options,
    own_database,
    own_server,
    peak_mib,
    progress,
    say,
    table,
    took,
)
from geo.database import Database, connect, upgrade

BY = ["zone", "supply_status", "kind"]
FIGURES = ["site_area_m2", "gfa_m2", "n", "n_unknown"]

#: Parcels with their zone, what stands on them, and who holds it: the same rules as docs/floor-area.md, for today.  Sites are
#: booked beside, for land is nobody's: one row of each parcel carries its site.
SQL = """
WITH held AS (
    SELECT s.target_code, c.carrier_kind AS kind, s.share FROM registry.carrier_shares s
    JOIN registry.carriers c USING (carrier_code) WHERE c.status NOT IN ('delisted', 'replaced')
), parts AS (
    SELECT * FROM held
    UNION ALL SELECT target_code, 'none', 1 - sum(share) FROM held GROUP BY 1 HAVING sum(share) < 1 - 1e-9
), stands AS (
    SELECT parcel_code, count(*) AS n, count(gfa_m2) AS n_gfa FROM registry.buildings WHERE state = 'standing' GROUP BY 1
), land AS MATERIALIZED (
    SELECT p.parcel_code, p.supply_status, p.gfa_m2, coalesce(p.registered_area_m2, p.measured_area_m2) AS site,
           coalesce(z.zone, 'other') AS zone
    FROM registry.parcels p
    LEFT JOIN LATERAL (
        SELECT a.zone FROM (
            SELECT t.zone, CASE WHEN ST_Covers(t.geom, p.geom) THEN 1
                                ELSE ST_Area(ST_Intersection(t.geom, p.geom)) / ST_Area(p.geom) END AS share
            FROM registry.zones t WHERE ST_Intersects(t.geom, p.geom)
        ) a WHERE a.share >= 0.5 ORDER BY a.share DESC, a.zone LIMIT 1
    ) z ON true
)
SELECT p.zone, p.supply_status, coalesce(h.kind, 'none') AS kind, 0::float8 AS site_area_m2,
       sum(CASE WHEN b.building_code IS NOT NULL THEN b.gfa_m2 WHEN s.n IS NULL AND p.gfa_m2 IS NULL
                AND p.supply_status = 'granted_unbuilt' THEN 0 ELSE p.gfa_m2 END * coalesce(h.share, 1)) AS gfa_m2,
       count(*) AS n,
       count(*) FILTER (WHERE CASE WHEN b.building_code IS NOT NULL THEN b.gfa_m2 WHEN s.n IS NULL AND p.gfa_m2 IS NULL
                AND p.supply_status = 'granted_unbuilt' THEN 0 ELSE p.gfa_m2 END IS NULL) AS n_unknown
FROM land p
LEFT JOIN stands s USING (parcel_code)
LEFT JOIN registry.buildings b ON b.parcel_code = p.parcel_code AND b.state = 'standing'
    AND (s.n_gfa = s.n OR p.gfa_m2 IS NULL)
LEFT JOIN parts h ON h.target_code = b.building_code
GROUP BY 1, 2, 3
UNION ALL
SELECT zone, supply_status, 'none', sum(site), 0, 0, 0 FROM land GROUP BY 1, 2
"""


def fill(db: Database, n: int) -> None:
    """A made-up city of ``n`` parcels, and ``n`` / 10 carriers that hold parts of buildings."""
    make(db, n)
    rng = np.random.default_rng(7)
    count = n // 10
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as raw:
        codes = [row[0] for row in raw.execute("SELECT building_code FROM registry.buildings ORDER BY 1")]
        targets = rng.choice(codes, count, replace=False).tolist()
        carriers = [f"K{i}" for i in range(count)]
        kinds = rng.choice(["park", "building", "incubator"], count).tolist()
        status = rng.choice(["active", "active", "on_notice", "delisted"], count).tolist()
        write_rows(raw, "carriers", None, carrier_code=carriers, name=carriers, status=status, carrier_kind=kinds)
        shares = rng.choice([0.25, 0.5, 1.0], count).tolist()
        write_rows(
            raw,
            "carrier_shares",
            None,
            carrier_code=carriers,
            stands_on=["building"] * count,
            target_code=targets,
            share=shares,
        )
        raw.execute("VACUUM ANALYZE")


def ours(db: Database) -> pd.DataFrame:
    """As an analyst asks."""
    import geo

    return geo.floor_area(db, "hongkou-2025", by=BY)


def again(db: Database) -> pd.DataFrame:
    """The second time: the clock starts when the first answer is there."""
    global _start
    ours(db)
    _start = time.perf_counter()
    return ours(db)


def by_hand(db: Database) -> pd.DataFrame:
    """The statement above."""
    with db.read() as connection:
        connection.execute(sa.text("SET LOCAL jit = off"))
        return pd.read_sql(sa.text(SQL), connection).groupby(BY, as_index=False)[FIGURES].sum()


def in_pandas(db: Database) -> pd.DataFrame:
    """Everything read, then joined in memory."""
    import geopandas as gpd

    with db.engine.connect() as connection:
        land = gpd.read_postgis(
            "SELECT parcel_code, supply_status, gfa_m2 AS own, geom,"
            " coalesce(registered_area_m2, measured_area_m2) AS site_area_m2 FROM registry.parcels",
            connection,
            geom_col="geom",
        )
        zones = gpd.read_postgis("SELECT zone, geom FROM registry.zones", connection, geom_col="geom")
        stands = pd.read_sql(
            sa.text("SELECT building_code, parcel_code, gfa_m2 FROM registry.buildings WHERE state = 'standing'"),
            connection,
        )
        held = pd.read_sql(
            sa.text(
                "SELECT s.target_code AS building_code, c.carrier_kind AS kind, s.share FROM registry.carrier_shares s"
                " JOIN registry.carriers c USING (carrier_code) WHERE c.status NOT IN ('delisted', 'replaced')"
            ),
            connection,
        )
    pairs = gpd.sjoin(land[["geom"]], zones, predicate="intersects")
    cut = zones.geometry.iloc[pairs["index_right"]].reset_index(drop=True)
    here = land.geometry.loc[pairs.index].reset_index(drop=True)
    pairs["share"] = (here.intersection(cut).area / here.area).to_numpy()
    best = pairs.sort_values(["share", "zone"], ascending=[False, True]).groupby(level=0).first()
    land["zone"] = best["zone"].where(best["share"] >= 0.5 - 1e-12).reindex(land.index).fillna("other")
    per = stands.groupby("parcel_code")["gfa_m2"].agg(["size", "count"])
    land = land.join(per, on="parcel_code")
    speaks = land["size"].notna() & ((land["size"] == land["count"]) | land["own"].isna())
    left = land[~speaks].assign(
        gfa_m2=lambda f: f["own"].mask((f["supply_status"] == "granted_unbuilt") & f["size"].isna(), 0)
    )
    entries = pd.concat([land[speaks].drop(columns="own").merge(stands, on="parcel_code"), left])
    rest = 1 - held.groupby("building_code")["share"].sum()
    more = rest[rest > 1e-9].rename("share").reset_index().assign(kind="none")
    entries = entries.merge(pd.concat([held, more]), on="building_code", how="left")
    entries = entries.assign(kind=entries["kind"].fillna("none"), gfa_m2=entries["gfa_m2"] * entries["share"].fillna(1))
    grouped = entries.groupby(BY)["gfa_m2"]
    found = pd.DataFrame({"gfa_m2": grouped.sum(), "n": grouped.size(), "n_unknown": grouped.size() - grouped.count()})
    sites = land.assign(kind="none").groupby(BY)["site_area_m2"].sum()
    return found.join(sites).fillna({"site_area_m2": 0.0}).reset_index()


WAYS: dict[str, Callable[[Database], pd.DataFrame]] = {
    "ours": ours,
    "sql": by_hand,
    "pandas": in_pandas,
    "ours, again": again,
}
_start = 0.0


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = options(__doc__)
    parser.add_argument("--ways", default=";".join(WAYS), help="which ways, by semicolon")
    asked = parser.parse_args()
    ways = [name for name in WAYS if name in asked.ways.split(";")]
    with own_server() as (server, _):
        found = {n: _measured(server, n, ways, asked.times) for n in asked.sizes}
    packages = ("geopandas", "shapely", "pandas", "psycopg")
    lines = heading("Totals of floor area", packages, f"median of {asked.times}", asked.note)
    lines.append(table("parcels", "carriers", "way", "seconds (all)", "beside the SQL", "peak memory, MiB"))
    for n, by_way in found.items():
        base = median(by_way["sql"]) if "sql" in by_way else float("nan")
        for way, runs in by_way.items():
            beside = f"{median(runs) / base:.2f} ×"
            lines.append(f"| {n:,} | {n // 10:,} | {way} | {took(runs, 2)} | {beside} | {peak_mib(runs)} |")
    add(lines, dry=asked.dry)


def _measured(server: str, n: int, ways: list[str], times: int) -> Runs:
    found: Runs = {way: [] for way in ways}
    with own_database(server) as url:
        # In a process of its own: what one needs to make a city is nobody's memory.
        subprocess.run([sys.executable, "-m", "benchmarks.totals", "--fill", url, str(n)], check=True)
        for _ in range(times):
            answers = {}
            for way in ways:
                found[way].append(apart("benchmarks.totals", "--one", way, url))
                answers[way] = found[way][-1]["answer"]
                progress(n, way, found[way][-1]["seconds"])
            first, *others = answers.items()
            for way, rows in others:
                _agree(first, (way, rows))
    return found


def _agree(one: tuple[str, list[list[Any]]], other: tuple[str, list[list[Any]]]) -> None:
    left, right = ({tuple(row[:3]): row[3:] for row in rows} for _, rows in (one, other))
    same = set(left) == set(right) and all(abs(left[key][i] - right[key][i]) < 0.05 for key in left for i in range(4))
    if not same:
        raise SystemExit(f"{one[0]} says {one[1]}, {other[0]} {other[1]}")


def _one(way: str, url: str) -> None:
    """One way in a process of its own: its seconds, its peak memory and what it found, as one line of JSON."""
    global _start
    # What a program imports is no part of a question.
    import geopandas  # noqa: F401

    import geo.answers.floor_area  # noqa: F401

    db = connect(url)
    with db.write() as connection:
        connection.exec_driver_sql("TRUNCATE measured.frames")
    _start = time.perf_counter()
    found = WAYS[way](db)
    seconds = time.perf_counter() - _start
    rows = found[found["n"] > 0]
    answer = [[*map(str, row[:3]), round(row[3], 2), round(row[4], 2), int(row[5]), int(row[6])]
              for row in rows[[*BY, *FIGURES]].fillna({"gfa_m2": 0.0}).itertuples(index=False)]  # fmt: skip
    say(seconds, answer=answer)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:4])
    elif sys.argv[1:2] == ["--fill"]:
        made = connect(sys.argv[2])
        upgrade(made)
        fill(made, int(sys.argv[3]))
    else:
        main()

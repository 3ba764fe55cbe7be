"""``python -m benchmarks.adjacency [N …] [--times 3]``: what hangs together of N parcels, ours and others side by side.

From the database to committed rows, over blocks of lots with T-junctions, streets and avenues, in no order of place; the
gap is the policy's.  *ours* is which parcels hang together, no barrier; *ours, barriers* the same with a railway
along every fifth street; *ours, typed* every pair with its type, length and gap, barriers too.  *st_clusterdbscan* is PostGIS's
own into a table, no barrier; *libpysal* is fuzzy contiguity and its components from shapes that are in memory already, and
commits nothing; *self-join* is what an analyst would write in SQL with barriers (shortest lines), pairs alone, ended
after ``--cut-off`` seconds.  Without barriers all must find the same number of clusters, or the run stops.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import shapely
from psycopg import sql

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
from geo.database import Database, connect
from geo.measure.adjacency import Widths
from geo.measure.cache import look
from geo.measure.crossing import Crossing
from geo.measure.neighbours import hanging_together, neighbours
from geo.policy import policy

SETTINGS = policy("hongkou-2025").clusters
WIDTHS = Widths(SETTINGS.tolerance.m, SETTINGS.min_shared_edge.m, SETTINGS.lane_width.m, SETTINGS.min_frontage.m)
#: no class of barrier may be crossed
CROSSING = Crossing({}, {})
#: of parcels, over which a way is not asked: libpysal takes more than ten minutes, the self-join hours
MOST = {"libpysal": 100_000, "self-join": 100_000}

_seconds: list[float] = []


def ours(db: Database, _: float) -> int:
    """Labels of all parcels, as a rule or a map asks for them, and a table of them."""
    return _labels(db)


def typed(db: Database, _: float) -> int:
    """Every pair with its type, kept in the database as the program keeps them."""
    _compiled()
    start = time.perf_counter()
    with look(db, date.today()) as seen:
        found = neighbours(seen, WIDTHS, CROSSING)
    _seconds.append(time.perf_counter() - start)
    return len(found)


def st_clusterdbscan(db: Database, _: float) -> int:
    """PostGIS's own, over the parcels as they stand."""
    with _raw(db) as raw:
        start = time.perf_counter()
        raw.execute(
            sql.SQL(
                "CREATE TABLE bench_labels AS SELECT parcel_code,"
                " ST_ClusterDBSCAN(geom, eps => {}, minpoints => 1) OVER () AS label FROM registry.parcels"
            ).format(WIDTHS.reach_m)
        )
        _seconds.append(time.perf_counter() - start)
        return _counted(raw)


def libpysal(db: Database, _: float) -> int:
    """Fuzzy contiguity of shapes in memory, each grown by half of the gap, and the components."""
    import geopandas as gpd
    from libpysal.weights import fuzzy_contiguity

    with _raw(db) as raw:
        rows = raw.execute("SELECT ST_AsBinary(geom) FROM registry.parcels").fetchall()
    land = gpd.GeoDataFrame(geometry=shapely.from_wkb([row[0] for row in rows]), crs=db.crs)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are islands
        found = fuzzy_contiguity(land, tolerance=0, buffering=True, buffer=WIDTHS.reach_m / 2)
        count = int(found.n_components)
    _seconds.append(time.perf_counter() - start)
    return count


def by_self_join(db: Database, cut_off: float) -> int:
    """Pairs that are near and whose shortest line meets no barrier; -1 where the time was up."""
    with _raw(db) as raw:
        raw.execute(sql.SQL("SET statement_timeout = {}").format(int(cut_off * 1000)))
        start = time.perf_counter()
        try:
            raw.execute(
                sql.SQL(
                    "CREATE TABLE bench_pairs AS SELECT a.parcel_code AS a, b.parcel_code AS b FROM registry.parcels a"
                    " JOIN registry.parcels b ON a.parcel_code < b.parcel_code AND ST_DWithin(a.geom, b.geom, {})"
                    " WHERE NOT EXISTS (SELECT FROM registry.barriers w"
                    " WHERE ST_Intersects(w.geom, ST_ShortestLine(a.geom, b.geom)))"
                ).format(WIDTHS.reach_m)
            )
        except psycopg.errors.QueryCanceled:
            _seconds.append(math.inf)
            return -1
        _seconds.append(time.perf_counter() - start)
        row = raw.execute("SELECT count(*) FROM bench_pairs").fetchone()
        assert row is not None
        return int(row[0])


#: each way, and whether its city has barriers
WAYS: dict[str, tuple[Callable[[Database, float], int], bool]] = {
    "ours": (ours, False),
    "st_clusterdbscan": (st_clusterdbscan, False),
    "libpysal": (libpysal, False),
    "ours, barriers": (ours, True),
    "ours, typed": (typed, True),
    "self-join": (by_self_join, True),
}


def _compiled() -> None:
    """Libraries and what is compiled are loaded before the time is taken: a program that runs has them."""
    import geopandas  # noqa: F401 (its import is what is wanted)

    from geo.measure.compiling import warm

    warm()


def _labels(db: Database) -> int:
    _compiled()
    start = time.perf_counter()
    with look(db, date.today()) as seen:
        found = hanging_together(seen, WIDTHS, CROSSING)
        # Keeping it for the next time is left out: the table takes its place.
        seen._fresh.clear()
    with _raw(db) as raw, raw.transaction():
        raw.execute("CREATE TABLE bench_labels (parcel_code text, label int8)")
        with raw.cursor().copy("COPY bench_labels FROM STDIN (FORMAT binary)") as copy:
            copy.write(_binary(found))
    _seconds.append(time.perf_counter() - start)
    with _raw(db) as raw:
        return _counted(raw)


def _binary(table: pa.Table) -> bytes:
    """A table of one text and one number as PostgreSQL's binary COPY."""
    codes = table.column("parcel_code").combine_chunks()
    offsets = np.frombuffer(codes.buffers()[1], dtype=np.int64)[: len(codes) + 1]
    letters, size = np.frombuffer(codes.buffers()[2], dtype=np.uint8), np.diff(offsets)
    assert len(set(size.tolist())) == 1  # the codes of the made city are all as long
    fields = [("n", ">i2"), ("long", ">i4"), ("code", f"S{size[0]}"), ("eight", ">i4"), ("label", ">i8")]
    rows = np.zeros(len(codes), dtype=fields)
    rows["n"], rows["long"], rows["eight"] = 2, size[0], 8
    rows["code"] = letters[offsets[0] : offsets[-1]].view(f"S{size[0]}")
    rows["label"] = table.column("together").to_numpy()
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def _counted(raw: psycopg.Connection[Any]) -> int:
    row = raw.execute("SELECT count(DISTINCT label) FROM bench_labels").fetchone()
    assert row is not None
    return int(row[0])


def _raw(db: Database) -> psycopg.Connection[Any]:
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = options(__doc__)
    parser.add_argument("--cut-off", type=float, default=300.0, help="seconds after which the self-join is ended")
    parser.add_argument("--all", action="store_true", help="ask libpysal and the self-join at every size, too")
    asked = parser.parse_args()
    most = {} if asked.all else MOST
    found = {}
    with own_server() as (server, _):
        for n in asked.sizes:
            ways = [way for way in WAYS if n <= most.get(way, n)]
            found[n] = _measured(server, n, ways, asked.times, asked.cut_off)
    packages = ("libpysal", "shapely", "numba", "psycopg")
    lines = heading("What hangs together", packages, f"median of {asked.times}", asked.note)
    add(lines + _told(found, asked.cut_off), dry=asked.dry)


def _measured(server: str, n: int, ways: list[str], times: int, cut_off: float) -> Runs:
    found: Runs = {way: [] for way in ways}
    with own_database(server, "bench_plain") as plain, own_database(server, "bench_barriers") as barred:
        for url, *kind in ((plain,), (barred, "barriers")):
            subprocess.run([sys.executable, "-m", "benchmarks.block_city", url, str(n), *kind], check=True)
        # In turns, so that a busy minute of the machine falls on all of them.
        for _ in range(times):
            for way in ways:
                # Of what cannot be told in time or takes minutes one run is enough.
                if found[way] and found[way][-1]["seconds"] > cut_off / 3:
                    continue
                url = barred if WAYS[way][1] else plain
                found[way].append(apart("benchmarks.adjacency", "--one", way, url, cut_off))
                progress(n, way, found[way][-1]["seconds"])
    counts = {way: found[way][0]["rows"] for way in ways if not WAYS[way][1]}
    assert len(set(counts.values())) == 1, f"The ways do not agree on the clusters: {counts}"
    return found


def _one(way: str, url: str, cut_off: str) -> None:
    """One way in a process of its own: its seconds, its peak memory and what it found, as one line of JSON."""
    db = connect(url)
    with _raw(db) as raw:
        raw.execute("DROP TABLE IF EXISTS bench_labels, bench_pairs")
        # Nothing that an earlier turn kept is read.
        raw.execute("TRUNCATE measured.frames")
    rows = WAYS[way][0](db, float(cut_off))
    say(_seconds[0], rows=rows)


def _told(found: dict[int, Runs], cut_off: float) -> list[str]:
    lines = [
        "\nThe exponent is that of growth from the size before. Memory is the process's; the server's is not in it.",
        table("parcels", "way", "found", "seconds (all)", "beside DBSCAN", "exponent", "peak memory, MiB"),
    ]
    medians: dict[tuple[str, int], float] = {}
    for before, n in zip([0, *found], found, strict=False):
        for way, runs in found[n].items():
            seconds = medians[way, n] = median(runs)
            beside = seconds / median(found[n]["st_clusterdbscan"])
            smaller = medians.get((way, before), math.nan)
            exponent = math.log(seconds / smaller) / math.log(n / before) if smaller < math.inf else math.nan
            told = f"{took(runs, 2)} | {beside:.2f} ×" if seconds < math.inf else f"over {cut_off:.0f} | "
            grows = f"{exponent:.2f}" if math.isfinite(exponent) else ""
            rows = f"{runs[0]['rows']:,}" if runs[0]["rows"] >= 0 else ""
            lines.append(f"| {n:,} | {way} | {rows} | {told} | {grows} | {peak_mib(runs)} |")
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:5])
    else:
        main()

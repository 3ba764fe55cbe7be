"""``python -m benchmarks.rules [N …] [--times 3]``: all rules over N parcels, from the registry to a committed table.

Reasons are included.  Three ways: *ours*; *geopandas*, what an analyst writes with ``sjoin_nearest`` and friends; *sql*, one
statement by hand that reads the tables as they are, without history.  The verdicts must be the same, or the run stops.
Contiguous land is left out of all three (its kernel is work of another kind), and told beside as *contiguous*.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa

from benchmarks.rules_geopandas import geopandas_way
from benchmarks.rules_sql import sql_way
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
from geo.answers.code import code_version
from geo.answers.hanging_together import with_contiguous_area
from geo.answers.parcels import parcels_seen
from geo.database import Database, connect
from geo.judge.conditions import VERDICTS
from geo.judge.rules import judgement, with_verdicts
from geo.measure.cache import look
from geo.policy import Policy, policy
from geo.publish import drop_old_runs
from geo.publish.copying import copy_judgement, copy_land
from geo.publish.partitions import join, make

#: verdicts of each rule, by which the ways are compared
Counts = dict[str, dict[str, int]]
POLICY = "hongkou-2025"


def ours(db: Database, chosen: Policy, day: date) -> Counts:
    """As ``shuangbei publish`` does it: measure once, judge by every rule, COPY into the tables of a run, with their keys."""
    with look(db, day) as seen:
        land = parcels_seen(seen, chosen, contiguous=False).assign(contiguous_area_m2=np.nan)
        # Keeping what was measured is for the next time: the others keep nothing.
        seen._fresh.clear()
    counts = {}
    with db.write() as connection:
        stamp = {"policy": chosen.model_dump(mode="json"), "policy_id": chosen.id, "policy_hash": chosen.hash}
        stamp |= {"data_version": seen.version, "as_of": day, "code_version": code_version(), "seed": 0}
        stamp |= {"actor": "benchmark", "synthetic": True, "is_current": False, "figures": {}}
        runs = db.table("published.runs")
        run_id = connection.execute(sa.insert(runs).values(stamp).returning(runs.c.run_id)).scalar_one()
        raw: Any = connection.connection.driver_connection
        make(raw, run_id)
        copy_land(raw, run_id, land)
        for name, rule in chosen.rules.items():
            found = judgement(land, rule)
            copy_judgement(raw, run_id, name, rule, with_verdicts(land, rule, found), found)
            counts[name] = {VERDICTS[code]: int(n) for code, n in enumerate(np.bincount(found.verdict)) if n}
        join(raw, db, run_id)
    return counts


def contiguous(db: Database, chosen: Policy, day: date) -> Counts:
    """The land that hangs together with each parcel, alone."""
    global _start
    with look(db, day) as seen:
        land = parcels_seen(seen, chosen, contiguous=False)
        _start = time.perf_counter()
        with_contiguous_area(seen, chosen, land)
        seen._fresh.clear()
    return {}


WAYS: dict[str, Callable[[Database, Policy, date], Counts]] = {
    "ours": ours,
    "geopandas": geopandas_way,
    "sql": sql_way,
    "contiguous": contiguous,
}
_start = 0.0


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = options(__doc__)
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways, by comma")
    asked = parser.parse_args()
    ways = [name for name in WAYS if name in asked.ways.split(",")]
    with own_server() as (server, _):
        found = {n: _measured(server, n, ways, asked.times) for n in asked.sizes}
    packages = ("geopandas", "shapely", "pyarrow", "psycopg")
    lines = heading("Rules", packages, f"median of {asked.times}", asked.note)
    lines.append(table("parcels", "way", "seconds (all)", "parcels / s", "peak memory, MiB"))
    for n, by_way in found.items():
        for way, runs in by_way.items():
            lines.append(f"| {n:,} | {way} | {took(runs)} | {n / median(runs):,.0f} | {peak_mib(runs)} |")
    add(lines, dry=asked.dry)


def _measured(server: str, n: int, ways: list[str], times: int) -> Runs:
    found: Runs = {way: [] for way in ways}
    with own_database(server) as url:
        subprocess.run([sys.executable, "-m", "benchmarks.made_city", url, str(n)], check=True)
        for _ in range(times):
            verdicts = {}
            for way in ways:
                found[way].append(apart("benchmarks.rules", "--one", way, url))
                progress(n, way, found[way][-1]["seconds"])
                if found[way][-1]["verdicts"]:
                    verdicts[way] = found[way][-1]["verdicts"]
            first, *others = verdicts.items()
            for way, counts in others:
                assert counts == first[1], f"{way} says {counts}, {first[0]} {first[1]}"
    return found


def _one(way: str, url: str) -> None:
    """One way in a process of its own: its seconds, its peak memory and what it found, as one line of JSON."""
    global _start
    db = connect(url)
    with db.write() as connection:
        for table in ("bench_geopandas", "bench_sql"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS published.{table}")
    drop_old_runs(db, keep=0)
    chosen = policy(POLICY)
    _start = time.perf_counter()
    verdicts = WAYS[way](db, chosen, date.today())
    say(time.perf_counter() - _start, verdicts=verdicts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:4])
    else:
        main()

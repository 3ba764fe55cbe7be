"""``python -m benchmarks.rules [N …] [--times 3]``: all rules over N parcels, from the registry to a committed table.

Reasons are included.  Three ways: *ours*; *geopandas*, what an analyst writes with ``sjoin_nearest`` and friends; *sql*, one
statement by hand that reads the tables as they are, without history.  The verdicts must be the same, or the run stops.
Contiguous land is left out of all three (its kernel is work of another kind), and told beside as *contiguous*.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from benchmarks.rules_geopandas import geopandas_way
from benchmarks.rules_sql import sql_way
from geo.answers.code import code_version
from geo.answers.hanging_together import with_contiguous_area
from geo.answers.parcels import parcels_seen
from geo.database import Database, connect
from geo.embedded import Cluster
from geo.embedded.server import create_database, drop_database
from geo.judge.conditions import VERDICTS
from geo.judge.rules import judgement, with_verdicts
from geo.measure.cache import look
from geo.policy import Policy, policy
from geo.publish import drop_old_runs
from geo.publish.copying import copy_judgement, copy_land
from geo.publish.partitions import join, make

RESULTS = Path(__file__).with_name("RESULTS.md")
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways, by comma")
    parser.add_argument("--note", default="", help="what else ran on the machine")
    asked = parser.parse_args()
    ways = [name for name in WAYS if name in asked.ways.split(",")]
    with tempfile.TemporaryDirectory(prefix="shuangbei-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "pg").start()
        try:
            found = {n: _measured(cluster.url("postgres"), n, ways, asked.times) for n in asked.sizes}
        finally:
            cluster.stop("fast")
    text = _told(found, asked.times, asked.note)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(text)
    sys.stdout.write(text)


def _measured(server: str, n: int, ways: list[str], times: int) -> dict[str, list[dict[str, Any]]]:
    create_database(server, "bench")
    url = sa.make_url(server).set(drivername="postgresql", database="bench").render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-m", "benchmarks.made_city", url, str(n)], check=True)
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(times):
        verdicts = {}
        for way in ways:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.rules", "--one", way, url],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(f"{way}, {n} parcels: {done.stderr}")
            found[way].append(json.loads(done.stdout.splitlines()[-1]))
            sys.stderr.write(f"{n:,} {way}: {found[way][-1]['seconds']:.1f} s\n")
            if found[way][-1]["verdicts"]:
                verdicts[way] = found[way][-1]["verdicts"]
        first, *others = verdicts.items()
        for way, counts in others:
            assert counts == first[1], f"{way} says {counts}, {first[0]} {first[1]}"
    drop_database(server, "bench")
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
    seconds = time.perf_counter() - _start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_bytes": peak, "verdicts": verdicts}) + "\n")


def _told(found: dict[int, dict[str, list[dict[str, Any]]]], times: int, note: str) -> str:
    names = ("geopandas", "shapely", "pyarrow", "psycopg")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"\n## Rules, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"\n{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end; Python "
        f"{platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in names)}; median of {times}. {note}",
        "\n| parcels | way | seconds (all) | parcels / s | peak memory, MiB |\n| --- | --- | --- | --- | --- |",
    ]
    for n, by_way in found.items():
        for way, runs in by_way.items():
            seconds = statistics.median(run["seconds"] for run in runs)
            each = ", ".join(f"{run['seconds']:.1f}" for run in runs)
            peak = max(run["peak_bytes"] for run in runs) / 2**20
            lines.append(f"| {n:,} | {way} | {seconds:.1f} ({each}) | {n / seconds:,.0f} | {peak:,.0f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:4])
    else:
        main()

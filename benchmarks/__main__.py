"""``python -m benchmarks [N …] [--times 3]``: import of N parcels, ours and others side by side, added to RESULTS.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.parcels import MAPPING
from geo.embedded import Cluster
from geo.embedded.server import create_database, drop_database

RESULTS = Path(__file__).with_name("RESULTS.md")
WAYS = ("ours", "to_postgis", "ogr2ogr")


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--note", default="", help="what else ran on the machine")
    asked = parser.parse_args()
    ways = [way for way in WAYS if way != "ogr2ogr" or shutil.which("ogr2ogr")]
    with tempfile.TemporaryDirectory(prefix="shuangbei-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        (place / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        cluster = Cluster(place / "pg").start()
        try:
            found = {n: _measured(place, cluster.url("postgres"), n, ways, asked.times) for n in asked.sizes}
        finally:
            cluster.stop("fast")
    text = _told(found, ways, asked.times, asked.note)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(text)
    sys.stdout.write(text)


def _measured(place: Path, server: str, n: int, ways: list[str], times: int) -> dict[str, list[dict[str, Any]]]:
    file = place / f"parcels-{n}.gpkg"
    # In a process of its own: those that are measured would inherit the memory of this one as their peak.
    subprocess.run([sys.executable, "-m", "benchmarks.parcels", str(file), str(n)], check=True)
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    # In turns, so that a busy minute of the machine falls on all of them.
    for _ in range(times):
        for way in ways:
            create_database(server, "bench")
            url = (
                sa.make_url(server).set(drivername="postgresql", database="bench").render_as_string(hide_password=False)
            )
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.one", way, str(file), url],
                capture_output=True,
                text=True,
                check=False,
            )
            drop_database(server, "bench")
            if done.returncode:
                raise SystemExit(f"{way}, {n} parcels: {done.stderr}")
            found[way].append(json.loads(done.stdout.splitlines()[-1]))
            assert found[way][-1]["rows"] == n, f"{way} lost rows"
            sys.stderr.write(f"{n:,} {way}: {found[way][-1]['seconds']:.1f} s\n")
    file.unlink()
    return found


def _told(found: dict[int, dict[str, list[dict[str, Any]]]], ways: list[str], times: int, note: str) -> str:
    names = ("geopandas", "pyogrio", "shapely", "psycopg")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"\n{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end; Python "
        f"{platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in names)}; median of {times}. {note}",
        "" if "ogr2ogr" in ways else "\nogr2ogr was not on this machine.",
        "\n| parcels | way | seconds (all) | rows / s | peak memory, MiB |\n| --- | --- | --- | --- | --- |",
    ]
    for n, by_way in found.items():
        for way, runs in by_way.items():
            seconds = statistics.median(run["seconds"] for run in runs)
            each = ", ".join(f"{run['seconds']:.1f}" for run in runs)
            peak = max(run["peak_bytes"] for run in runs) / 2**20
            lines.append(f"| {n:,} | {way} | {seconds:.1f} ({each}) | {n / seconds:,.0f} | {peak:,.0f} |")
    return "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    main()

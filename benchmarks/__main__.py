"""``python -m benchmarks [N …] [--times 3]``: import of N parcels, ours and others side by side, added to RESULTS.md."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.parcels import MAPPING
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
    table,
    took,
)

WAYS = ("ours", "to_postgis", "ogr2ogr")


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    asked = options(__doc__).parse_args()
    ways = [way for way in WAYS if way != "ogr2ogr" or shutil.which("ogr2ogr")]
    with own_server() as (server, place):
        (place / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        found = {n: _measured(place, server, n, ways, asked.times) for n in asked.sizes}
    lines = heading("", ("geopandas", "pyogrio", "shapely", "psycopg"), f"median of {asked.times}", asked.note)
    lines += [] if "ogr2ogr" in ways else ["\nogr2ogr was not on this machine."]
    lines.append(table("parcels", "way", "seconds (all)", "rows / s", "peak memory, MiB"))
    for n, by_way in found.items():
        for way, runs in by_way.items():
            lines.append(f"| {n:,} | {way} | {took(runs)} | {n / median(runs):,.0f} | {peak_mib(runs)} |")
    add(lines, dry=asked.dry)


def _measured(place: Path, server: str, n: int, ways: list[str], times: int) -> Runs:
    file = place / f"parcels-{n}.gpkg"
    # In a process of its own: those that are measured would inherit the memory of this one as their peak.
    subprocess.run([sys.executable, "-m", "benchmarks.parcels", str(file), str(n)], check=True)
    found: Runs = {way: [] for way in ways}
    # In turns, so that a busy minute of the machine falls on all of them.
    for _ in range(times):
        for way in ways:
            with own_database(server) as url:
                found[way].append(apart("benchmarks.one", way, file, url))
            assert found[way][-1]["rows"] == n, f"{way} lost rows"
            progress(n, way, found[way][-1]["seconds"])
    file.unlink()
    return found


if __name__ == "__main__":
    main()

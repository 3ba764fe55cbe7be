"""One measurement in a process of its own: seconds of the work alone, and the process's peak memory, as one line of JSON."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.side_by_side import say


def ours(file: Path, url: str) -> int:
    """The full import: every check, versions, one transaction."""
    from geo.apart import warm
    from geo.database import connect, upgrade
    from geo.intake import load

    # As the command does it; imports are in nobody's time, the reader's neither.
    warm()
    db = connect(url)
    upgrade(db)
    mapping = file.with_name("mapping.toml")
    start = time.perf_counter()
    report = load(db, file, kind="parcels", mapping=mapping)
    _tell(start)
    return report.counts["added"]


def to_postgis(file: Path, url: str) -> int:
    """GeoPandas: read the file, write the table, with no check."""
    import geopandas as gpd
    import sqlalchemy as sa

    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    start = time.perf_counter()
    gpd.read_file(file).to_postgis("bench_to_postgis", engine, if_exists="replace", index=False)
    _tell(start)
    return _count(url, "bench_to_postgis")


def ogr2ogr(file: Path, url: str) -> int:
    """GDAL's own loader, by COPY, with no check."""
    program = shutil.which("ogr2ogr")
    if program is None:
        raise SystemExit("ogr2ogr is not on this machine")
    start = time.perf_counter()
    options = [
        "-f",
        "PostgreSQL",
        "PG:" + url,
        str(file),
        "-nln",
        "bench_ogr2ogr",
        "-overwrite",
        "-nlt",
        "PROMOTE_TO_MULTI",
    ]
    subprocess.run([program, *options, "--config", "PG_USE_COPY", "YES"], check=True)
    _tell(start)
    return _count(url, "bench_ogr2ogr")


def _count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


_seconds: list[float] = []


def _tell(start: float) -> None:
    _seconds.append(time.perf_counter() - start)


WAYS: dict[str, Callable[[Path, str], int]] = {"ours": ours, "to_postgis": to_postgis, "ogr2ogr": ogr2ogr}

if __name__ == "__main__":
    rows = WAYS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
    say(_seconds[0], rows=rows)

"""What every benchmark does alike: its options, a database server of its own, processes of their own, and what it tells."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geo.embedded import Cluster
from geo.embedded.server import create_database, drop_database

RESULTS = Path(__file__).with_name("RESULTS.md")
#: what a process of its own told, by way, in the order of the rounds
Runs = dict[str, list[dict[str, Any]]]


def options(doc: str | None, *, sizes: bool = True, times: int | None = 3) -> argparse.ArgumentParser:
    """The options of all: how many parcels, how often, what else ran, and whether only to show it."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    if sizes:
        parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    if times is not None:
        parser.add_argument("--times", type=int, default=times)
    parser.add_argument("--note", default="", help="what else ran on the machine")
    parser.add_argument("--dry", action="store_true", help="only show what was found")
    return parser


@contextmanager
def own_server() -> Iterator[tuple[str, Path]]:
    """The address of a database server that nobody else uses, and a folder; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="shuangbei-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        cluster = Cluster(place / "pg").start()
        try:
            yield cluster.url("postgres"), place
        finally:
            cluster.stop("fast")


@contextmanager
def own_database(server: str, name: str = "bench") -> Iterator[str]:
    """The address of an empty database, which is gone afterwards."""
    create_database(server, name)
    try:
        yield sa.make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        drop_database(server, name)


def apart(module: str, *arguments: object) -> dict[str, Any]:
    """What ``python -m module arguments`` says in its last line, in a process of its own, so that memory is its alone."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        full = " (killed, as a process is that takes all memory)" if done.returncode == -signal.SIGKILL else ""
        raise SystemExit(f"{module} {' '.join(map(str, arguments[:2]))}: {done.returncode}{full}\n{done.stderr}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def say(seconds: float | dict[str, list[float]], **more: Any) -> None:
    """The last line of a process of its own: its seconds (by name, where several), its or a child's peak memory, and more."""
    # ru_maxrss is in KiB on Linux.
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_bytes": peak, **more}) + "\n")


def progress(n: int, way: str, seconds: float) -> None:
    """One line for the one who waits."""
    sys.stderr.write(f"{n:,} {way}: {seconds:.2f} s\n")


def each(seconds: Sequence[float], places: int = 1) -> str:
    """The median, and every run in brackets."""
    return f"{statistics.median(seconds):.{places}f} ({', '.join(f'{one:.{places}f}' for one in seconds)})"


def median(runs: list[dict[str, Any]]) -> float:
    """The median of the seconds of some runs."""
    return statistics.median(run["seconds"] for run in runs)


def took(runs: list[dict[str, Any]], places: int = 1) -> str:
    """The median of their seconds, and each."""
    return each([run["seconds"] for run in runs], places)


def peak_mib(runs: list[dict[str, Any]]) -> str:
    """The greatest peak memory of some runs, in MiB."""
    return f"{max(run['peak_bytes'] for run in runs) / 2**20:,.0f}"


def heading(title: str, packages: Sequence[str], what: str, note: str) -> list[str]:
    """The first lines of what was found: when, on what machine, under what load, with which versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])
    return [
        f"\n## {title}{', ' if title else ''}{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"\n{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end; {versions}; {what}. {note}",
    ]


def table(*columns: str) -> str:
    """The head of a table."""
    return f"\n| {' | '.join(columns)} |\n" + "| --- " * len(columns) + "|"


def add(lines: Sequence[str], *, dry: bool) -> None:
    """Shown, and added to the results unless ``dry``, also where it is worse than before."""
    text = "\n".join(lines) + "\n"
    if not dry:
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(text)
    sys.stdout.write(text)

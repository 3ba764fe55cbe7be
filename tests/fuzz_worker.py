"""Reads files as an import does, each in a child of its own with limits: a crash, a hang or a full memory ends the child alone.

One path a line comes in, one line goes out: ``good``, ``faults``, ``refused``, or ``broken`` with what happened.  The database
is left out: what a file can do to it is the business of the tests of the store.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from datetime import date
from pathlib import Path
from typing import Any

# Asked for once here, or each child would load them anew.
import geopandas
import pyarrow.parquet
import pyogrio
import python_calamine

import geo.intake.read as room
from geo import crs
from geo.errors import ShuangbeiError
from geo.fields import KINDS
from geo.intake.check import check_rows
from geo.intake.columns import map_columns
from geo.intake.mapping import parse_mapping
from geo.intake.read import Source, read
from geo.intake.report import unheard
from geo.intake.shapes import prepare_shapes
from geo.intake.specs import Mapping


def here(work: Any, *args: Any, step: Any = unheard, **_: Any) -> Any:
    """Reading without a process of its own: here a crash has to be seen, not to be made an error of."""
    return work(*args, step)


room.apart = here
LOADED = (geopandas, pyarrow.parquet, pyogrio, python_calamine)
SECONDS = 20
BYTES = 3 * 2**30


def plan(source: Source) -> Mapping:
    """A mapping that takes whatever columns the file has, so that mangled names do not end the trial early."""
    names = iter(source.columns)
    code = next(names, None)
    if code is None:
        return parse_mapping(
            {"kind": "parcels", "columns": {"parcel_code": {"row_number": "r"}}}, "fuzz", KINDS["parcels"]
        )
    columns: dict[str, object] = {"parcel_code": code}
    for target, spec in (
        ("name", {}),
        ("land_use", {"table": "shanghai_kg"}),
        ("registered_area_m2", {"unit": "亩"}),
        ("max_far", {}),
        ("year_built", {}),
        ("grant_ends_on", {}),
        ("supply_status", {}),
    ):
        column = next(names, None)
        if column:
            columns[target] = {"column": column, **spec}
    return parse_mapping({"kind": "parcels", "columns": columns}, "fuzz", KINDS["parcels"])


def outcome(path: Path) -> str:
    """What an import would make of a file, short of the database."""
    try:
        source = read(path)
        rows = map_columns(source, plan(source))
        shapes = None
        if rows.geometry is not None:
            datum = source.datum or crs.parse("EPSG:4549")
            shapes = prepare_shapes(rows.kind, rows.geometry, rows.unreadable, datum, 4549, rows.findings)
        check_rows(rows, shapes, synthetic=False, today=date(2026, 1, 1))
        faults = rows.findings.faults(rows.rows, rows.keys())
    except ShuangbeiError as error:
        return "refused" if error.message and "\x00" not in str(error) else "broken: an error that says nothing"
    except BaseException:  # noqa: BLE001 (this is what the fuzz looks for)
        return "broken: " + " | ".join(traceback.format_exc().splitlines()[-6:])
    return "faults" if faults else "good"


def in_a_child(path: Path) -> str:
    """The outcome, worked out in a child with limits of time and memory."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(SECONDS)
        os.write(there, outcome(path).encode("utf-8", "replace")[:4000])
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as stream:
        told = stream.read().decode("utf-8", "replace").replace("\n", " ")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return "broken: hangs" if name == "SIGALRM" else f"broken: ended by {name}"
    return told or f"broken: ended with {status}"


def main() -> None:
    """Answer line by line."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for line in sys.stdin:
        sys.stdout.write(in_a_child(Path(line.rstrip("\n"))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

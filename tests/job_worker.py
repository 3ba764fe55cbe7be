"""A process that works on one job, of kinds that only the tests have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely import Point

from geo.database import Database
from geo.errors import SettingsError
from geo.jobs.work import Tell, main

KINDS = {
    name: f"job_worker:{name}"
    for name in ("answer", "refuse", "break_down", "wait_for_ever", "kill_itself", "have_a_child")
}
#: what the server asks for, done here as the arguments say
KINDS["sites"] = "job_worker:sites"
COMMAND = (sys.executable, str(Path(__file__)))


def answer(_: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    tell(0.5, "half way")
    frame = gpd.GeoDataFrame(
        {"code": [arguments["code"]], "parcel_codes": [["甲", "乙"]], "area_m2": [None]},
        geometry=[Point(1, 2)],
        crs=4549,
    )
    frame.attrs = {"run_id": run_id, "complete": True}
    return frame


def sites(db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    done: gpd.GeoDataFrame = globals()[arguments["do"]](db, arguments, run_id, tell)
    return done


def refuse(*_: Any) -> gpd.GeoDataFrame:
    raise SettingsError("最小面积为负。", "填 0 以上。")


def break_down(*_: Any) -> gpd.GeoDataFrame:
    raise RuntimeError("password=secret")


def wait_for_ever(_: Database, arguments: Mapping[str, Any], __: int | None, tell: Tell) -> gpd.GeoDataFrame:
    tell(0.25, "a quarter")
    if "mark" in arguments:
        Path(arguments["mark"]).write_text(str(os.getpid()))
    time.sleep(600)
    raise AssertionError


def kill_itself(*_: Any) -> gpd.GeoDataFrame:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def have_a_child(_: Database, arguments: Mapping[str, Any], *__: Any) -> gpd.GeoDataFrame:
    child = subprocess.Popen(["sleep", "600"])
    Path(arguments["mark"]).write_text(str(child.pid))
    time.sleep(600)
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), KINDS))

"""Lists of the current run as files, with the run's stamp in them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pandas as pd
from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api import lists
from api.pages import BEST_FIRST, CANDIDATES
from api.runs import CurrentRun
from api.security import require_reader
from api.text import phrase
from geo.errors import NotFoundError
from geo.export import export
from geo.publish import Published

router = APIRouter(prefix="/download", dependencies=[Depends(require_reader)], include_in_schema=False)

Name = Literal["candidates", "clusters", "carriers", "totals"]
Ending = Literal["xlsx", "csv", "geojson", "gpkg"]
_MEDIA: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_FRAMES: dict[str, Callable[[Published], pd.DataFrame]] = {
    "carriers": lambda run: run.carriers,
    "totals": lambda run: run.floor_area,
}


@router.get("/{name}.{ending}")
def download(
    run: CurrentRun,
    name: Name,
    ending: Ending,
    verdict: lists.Verdict = "",
    zone: lists.Zone = "",
    rule: lists.Rule = "",
) -> FileResponse:
    """A list as a file, candidates and clusters with the filters of their page.  Made-up data says so in its name too."""
    if name == "candidates":
        _, judged = lists.of_rule(run, rule)
        chosen = lists.keep(judged, {"verdict": verdict, "zone": zone})
        frame = lists.in_order(chosen, "", CANDIDATES, BEST_FIRST)
    elif name == "clusters":
        _, frame = lists.clusters(run, rule)
    else:
        frame = _FRAMES[name](run)
    if name == "totals" and ending in ("geojson", "gpkg"):
        raise NotFoundError("Totals have no place on a map.", "Take xlsx or csv.")
    title = phrase(name, "zh")
    mark = f"{phrase('synthetic', 'zh')}-" if run.run.synthetic else ""
    folder = Path(tempfile.mkdtemp(prefix="shuangbei-download-"))
    done = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        path = folder / f"{mark}{title}-{phrase('run', 'zh')}{run.run.run_id}.{ending}"
        export(lists.open_columns(frame), path, stamp=run.run.stamp, title=title)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(path, filename=path.name, media_type=_MEDIA[ending], background=done)

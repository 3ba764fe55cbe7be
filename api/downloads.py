"""Lists of the current run as files, with the run's stamp in them."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api import lists
from api.land_answers import of_land
from api.pages import BEST_FIRST, CANDIDATES
from api.runs import AppReading, CurrentRun
from api.scenarios import First, Second, Until, compared, laid_pair
from api.security import require_reader
from api.sites import Job, answer_of, question_told
from api.target import AskedRows, target_rows_of
from api.text import phrase
from api.totals import By, States, asked_figure, grouped, opened
from api.way import answer_of as way_of
from api.way import stamp_of_way
from geo.errors import NotFoundError
from geo.export import export
from geo.fields.kept import keep
from geo.publish import Published
from geo.said import Said
from geo.settings import settings

router = APIRouter(prefix="/download", dependencies=[Depends(require_reader)], include_in_schema=False)

Name = Literal["candidates", "clusters", "carriers", "totals", "ledger", "sites", "scenarios", "way", "target"]
Ending = Literal["xlsx", "docx", "csv", "geojson", "gpkg", "parquet"]
_MEDIA: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}


@router.get("/candidates.csv.run.json")
def stamp_of_csv(
    run: CurrentRun,
    verdict: lists.Verdict = "",
    zone: lists.Zone = "",
    find: lists.Find = "",
    rule: lists.Rule = "",
) -> Response:
    """The stamp of the CSV of candidates, which has no room for it; beside the CSV, ``shuangbei replay`` reads it."""
    _, stamp = _candidates(run, rule, lists.wanted(run, verdict, zone, find))
    name = quote(f"{_file_name(run, 'candidates')}.csv.run.json")
    text = json.dumps(stamp, ensure_ascii=False, indent=1, default=str)
    headers = {"content-disposition": f"attachment; filename*=utf-8''{name}"}
    return Response(text + "\n", media_type="application/json", headers=headers)


@router.get("/{name}.{ending}")
def download(
    request: Request,
    run: CurrentRun,
    now: AppReading,
    name: Name,
    ending: Ending,
    verdict: lists.Verdict = "",
    zone: lists.Zone = "",
    find: lists.Find = "",
    top: lists.Top = None,
    rule: lists.Rule = "",
    by: By = "zone,land_use",
    states: States = "",
    job: Job = None,
    first: First = "",
    second: Second = "",
    until: Until = "",
    *,
    asked: AskedRows,
) -> FileResponse:
    """A list as a file, with the filters of its page; totals as asked for, and the rows of one figure (``ledger``).

    Made-up data says so in its name too.
    """
    layers, stamp = run.layers, run.run.stamp
    unit = secrecy = ""
    if name == "candidates":
        frame, stamp = _candidates(run, rule, lists.wanted(run, verdict, zone, find))
        unit, secrecy = settings().unit, settings().secrecy
        # Neighbours are drawn whether the list has them or not.
        layers = layers | {"parcels": run.candidates[stamp["rule"]]}
    elif name == "clusters":
        land = of_land(request, run, job)
        frame, stamp = lists.clusters(land.run, rule)[1], land.stamp
    elif name == "carriers":
        frame = run.carriers
    elif name == "sites":
        shown = answer_of(request, run, job)
        frame, stamp = shown.frame, stamp | question_told(shown)
    elif name == "scenarios":
        laid = laid_pair(request, now, first, second, until)
        frame = compared(*laid, by, states)
        run, stamp = laid[0].run, frame.attrs["stamp"]
    elif name == "way":
        if job is None:
            raise NotFoundError(
                Said("A way to the target is that of a question.", "达标路径须先提问。"),
                Said("Ask on /way first.", "请先在 /way 页提问。"),
            )
        found = way_of(request, job)
        frame, stamp = found.frame, stamp | stamp_of_way(found)
    elif name == "target":
        run, frame = target_rows_of(request, run, now, asked)
        stamp = run.run.stamp | {"target": ", ".join(f"{key}={value}" for key, value in asked.address.items())}
    elif name == "totals":
        frame = grouped(run, by, states)
    else:
        frame = opened(run, asked_figure(request), states)
    if top is not None and (name != "candidates" or ending not in ("xlsx", "docx")):
        raise NotFoundError(
            Said(
                "The first rows are asked of a workbook or a report of candidates.",
                "前几名只适用于候选地块的清单和报告。",
            ),
            Said("Take xlsx or docx, or leave top out.", "请下载 xlsx 或 docx，或不填前几名。"),
        )
    if ending == "docx" and name != "candidates":
        raise NotFoundError(
            Said("A report is made of candidates.", "只有候选地块可生成报告。"),
            Said("Take xlsx or csv.", "请改用 xlsx 或 csv。"),
        )
    if name in ("totals", "ledger", "scenarios", "target") and ending in ("geojson", "gpkg", "parquet"):
        raise NotFoundError(
            Said("Totals have no place on a map.", "汇总数没有图形。"),
            Said("Take xlsx or csv.", "请改用 xlsx 或 csv。"),
        )
    folder = Path(tempfile.mkdtemp(prefix="shuangbei-download-"))
    done = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        path = folder / f"{_file_name(run, name)}.{ending}"
        title = phrase(name, "zh")
        export(
            lists.open_columns(frame),
            path,
            stamp=stamp,
            title=title,
            unit=unit,
            secrecy=secrecy,
            layers=layers,
            top=top,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(path, filename=path.name, media_type=_MEDIA[ending], background=done)


def _candidates(run: Published, rule: str, wanted: dict[str, str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The list as its page shows it, and its stamp, which says by what it was filtered."""
    judged_by, judged = lists.of_rule(run, rule)
    kept = {name: value for name, value in wanted.items() if value}
    stamp = run.run.stamp | {"rule": judged_by, "kept": kept}
    return lists.in_order(keep(judged, kept), "", CANDIDATES, BEST_FIRST), stamp


def _file_name(run: Published, name: str) -> str:
    mark = f"{phrase('synthetic', 'zh')}-" if run.run.synthetic else ""
    return f"{mark}{phrase(name, 'zh')}-{phrase('run', 'zh')}{run.run.run_id}"

"""A figure of the way to the target, opened: which carriers it is the sum of, and the import of each, as a page and as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api import lists, views
from api.language import Language
from api.models_target import TargetRow, TargetRows
from api.parameters import OnlyKnown
from api.runs import AppReading, CurrentRun, Reading
from api.scenarios import Until, laid_pair
from api.security import require_reader
from api.templating import page
from api.text import phrase
from geo.fields.values import records
from geo.judge.target import PIPELINE
from geo.publish import Published
from geo.publish.target import target_of_run, target_of_scenario
from maps.figures import known, large_area

Stage = Annotated[
    Literal["", "built", "pipeline"],
    Query(description="已建 built，或在途 pipeline · built, or pipeline: on its way; empty: both"),
]
Counts = Annotated[
    Literal["", "yes", "no", "unknown"], Query(description="是否计入，空为全部 · whether it counts; empty: all")
]
Year = Annotated[
    str,
    Query(
        pattern=r"^(\d{4}|unknown)?$", description="认定或计划竣工年份 · year of recognition, or of planned completion"
    ),
]
Completed = Annotated[
    date | None, Query(description="在途者只取至该日竣工的 · of what is on its way only what is completed by this day")
]
Scenario = Annotated[
    str, Query(max_length=60, description="叠加的情景方案 · with this scenario laid over; empty: as registered")
]
#: what the page shows of a row
COLUMNS = ("carrier_code", "name", "zone", "stage", "year", "gfa_m2", "counts", "not_met", "import_id", "file_name",
           "imported_at")  # fmt: skip

pages = APIRouter(dependencies=[Depends(require_reader)], default_response_class=HTMLResponse, include_in_schema=False)
router = APIRouter(
    prefix="/api/v1/totals", tags=["当前运行 · current run"], dependencies=[Depends(require_reader), OnlyKnown]
)


class Asked:
    """Which rows of which figure are asked for."""

    def __init__(
        self,
        stage: Stage = "",
        counts: Counts = "",
        year: Year = "",
        completed_by: Completed = None,
        scenario: Scenario = "",
        until: Until = "",
    ) -> None:
        self.stage, self.counts, self.year = stage, counts, year
        self.completed_by, self.scenario, self.until = completed_by, scenario, until

    @property
    def address(self) -> dict[str, str]:
        """What of it an address says."""
        return {name: str(value) for name, value in self.__dict__.items() if value}


AskedRows = Annotated[Asked, Depends()]


def target_rows_of(request: Request, run: Published, now: Reading, asked: Asked) -> tuple[Published, pd.DataFrame]:
    """The run that is asked about, and the rows of its target, or of a scenario's, that are asked for.

    Raises
    ------
    NotFoundError
        There is no such scenario, or this program no longer reads the run's policy.
    """
    if asked.scenario:
        side = laid_pair(request, now, "", asked.scenario, asked.until)[1]
        run, rows = side.run, target_of_scenario(side)
    else:
        rows = target_of_run(run)
    for column, wanted in (("stage", asked.stage), ("counts", asked.counts), ("year", asked.year)):
        rows = rows[rows[column] == wanted] if wanted else rows
    if asked.completed_by is not None:
        in_time = [known(day) and str(day)[:10] <= asked.completed_by.isoformat() for day in rows["since"]]
        rows = rows[(rows["stage"] == "built") | pd.Series(in_time, index=rows.index, dtype=bool)]
    return run, rows.rename(columns={"open": "not_met"}).reset_index(drop=True)


@router.get("/target", summary="目标面积明细 · What counts towards the target, carrier by carrier")
def target(request: Request, run: CurrentRun, now: AppReading, asked: AskedRows) -> TargetRows:
    """逐个载体列出面积、是否计入、缺何条件，及其导入来源。

    Every carrier with what it gives, whether it counts, and what is not met or not known; the import of each.
    """
    of_run, rows = target_rows_of(request, run, now, asked)
    return TargetRows(
        run_id=of_run.run.run_id,
        synthetic=of_run.run.synthetic,
        gfa_m2=_known_sum(rows),
        n_unknown=int(rows["gfa_m2"].isna().sum()),
        park_boundary_known="park" in of_run.layers,
        items=[TargetRow(**row) for row in records(rows)],
    )


@pages.get("/totals/target")
def show(
    request: Request,
    run: CurrentRun,
    now: AppReading,
    lang: Language,
    asked: AskedRows,
    number: lists.PageNumber = 1,
) -> HTMLResponse:
    """The carriers that a figure of the target is the sum of."""
    run, found = target_rows_of(request, run, now, asked)
    words = views.wording(run, lang)
    shown = lists.cut(found, number, lists.PAGE_SIZE)
    sum_ = _known_sum(found)
    content = {
        "run": run.run,
        "asked": asked,
        "what": _what(asked, lang),
        "columns": COLUMNS,
        "rows": _cells(shown.rows, run.ledger, words, linked=not asked.scenario),
        "found": shown,
        "sum": "—" if sum_ is None else large_area(sum_, lang),
        "n_unknown": int(found["gfa_m2"].isna().sum()),
        "official": "park" in run.layers,
        "address": lambda number: "/totals/target?" + urlencode(asked.address | {"number": str(number)}),
        "query": urlencode(asked.address),
    }
    return page(request, "target.html", content)


def _what(asked: Asked, lang: Any) -> list[str]:
    """What is asked for, in words."""
    told = [phrase(f"target_stage_{asked.stage}", lang)] if asked.stage else []
    told += [phrase(f"target_counts_{asked.counts}", lang)] if asked.counts else []
    told += [phrase("unknown_year", lang) if asked.year == "unknown" else asked.year] if asked.year else []
    told += [phrase("target_completed_by", lang, day=asked.completed_by)] if asked.completed_by else []
    return told + ([f"{phrase('scenarios', lang)} {asked.scenario}"] if asked.scenario else [])


def _cells(
    rows: pd.DataFrame, ledger: pd.DataFrame, words: views.Wording, *, linked: bool
) -> list[dict[str, views.Cell]]:
    held = set(ledger["carrier"]) if linked else set()
    told = views.table(rows, COLUMNS, words)
    for row, values in zip(told, views.rows(rows), strict=True):
        code, stage, lang = values["carrier_code"], values["stage"], words.lang
        if code in held:
            states = ",".join(PIPELINE) if stage == "pipeline" else ""
            asked = {"carrier": code} | ({"states": states} if states else {})
            row["carrier_code"] = replace(row["carrier_code"], href="/totals/rows?" + urlencode(asked))
        row["stage"] = views.Cell(phrase(f"target_stage_{stage}", lang))
        counts = values["counts"]
        row["counts"] = views.Cell(phrase(f"target_counts_{counts}", lang), known=counts != "unknown")
        conditions = [phrase(f"target_condition_{name}", lang) for name in values["not_met"]]
        row["not_met"] = views.Cell(("、" if lang == "zh" else ", ").join(conditions) or "—")
        for name in ("import_id", "file_name", "imported_at"):
            text = str(int(values[name])) if name == "import_id" and known(values[name]) else str(values[name])
            row[name] = views.Cell(text if known(values[name]) else "—", number=name == "import_id")
    return told


def _known_sum(rows: pd.DataFrame) -> float | None:
    gfa = rows["gfa_m2"].astype("float64")
    return float(gfa.sum()) if gfa.notna().any() else None

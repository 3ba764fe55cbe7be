"""The page of floor area: the way to the target, totals by what one asks for, and a figure opened to its rows.

All of it is worked out from the run's own ledger.  A run without one (its policy says nothing of it, or it is older) has the
totals that were published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api import lists, views
from api.language import Language
from api.runs import CurrentRun
from api.security import require_reader
from api.templating import page
from api.text import phrase
from geo.errors import NotFoundError
from geo.fields.ledger import OWNERS, RUN_GROUPS, STATES
from geo.judge.floor_area import as_entries, checked_states, named_groups, not_grouped, of_ledger
from geo.publish import Published
from geo.said import Said
from maps.charts import Bar, Point, line, waterfall
from maps.drawing import of_rule
from maps.figures import known
from maps.text import Lang, label

router = APIRouter(dependencies=[Depends(require_reader)], default_response_class=HTMLResponse, include_in_schema=False)

By = Annotated[
    str,
    Query(
        max_length=120,
        description="分组的列，以逗号分开；空为合计 · columns to group by; empty: all in one",
    ),
]
States = Annotated[
    str,
    Query(
        max_length=80,
        description=f"建设状态，以逗号分开，all 为全部，空为已建成 · {', '.join(STATES)}, by comma, or all; empty: what stands",
    ),
]
FIGURES = ("site_area_m2", "gfa_m2", "n", "n_unknown")
#: the rows of the ledger as a page and a file show them
ROWS = ("books", "parcel_code", "building_code", "carrier", "zone", "land_use", "state", "year", "share", "site_area_m2",
        "gfa_m2", "gfa_source", "import_id", "file_name", "imported_at", "share_file_name")  # fmt: skip
#: what an address of rows says beside its figure
_BESIDE = ("states", "lang", "page", "number", "size")
#: the groupings that the page offers first
OFFERED = ("zone,land_use", "zone", "land_use", "carrier", "kind", "operator", "operator_role", "state", "year",
           "supply_status", "street", "park", "cluster", OWNERS)  # fmt: skip


def grouped(run: Published, by: str, states: str = "") -> pd.DataFrame:
    """The totals of a run by columns such as ``zone,land_use``, of these states (``""``: what stands).

    Raises
    ------
    NotFoundError
        One cannot group by that, there is no such state, or the run has no ledger to ask.
    """
    names = named_groups(by)
    wanted = _states(states)
    if tuple(names) in run.totals and wanted == ["standing"]:
        return run.totals[tuple(names)]
    _check(run, names)
    ledger = _ledger(run, names)
    return of_ledger(ledger[ledger["state"].isin([*wanted, "none"])], names)


def opened(run: Published, figure: dict[str, str], states: str = "") -> pd.DataFrame:
    """The rows of the ledger that a figure of :func:`grouped` is the sum of; ``figure`` gives the columns' values.

    Raises
    ------
    NotFoundError
        One cannot group by that, there is no such state, the run has no ledger, or no row is like that.
    """
    _check(run, list(figure))
    ledger = _ledger(run, [*figure])
    rows = ledger[ledger["state"].isin([*_states(states), "none"])]
    for name, value in figure.items():
        rows = rows[rows[name] == value]
    if rows.empty:
        raise NotFoundError(
            Said("No row of the ledger is like that.", "面积账中没有这样的条目。"),
            Said("Follow a link of the totals.", "请从面积汇总页点击数字进入。"),
        )
    floor = rows[rows["books"] == "floor_area"]
    whole = as_entries(floor, [*figure])
    if len(whole) == len(floor):
        return rows
    # Parts that carriers hold of one source are one row again where nothing asks for carriers.
    keys = ["parcel_code", "building_code", "state", *(name for name in figure if name != "state")]
    first = floor.drop_duplicates(keys).drop(columns="gfa_m2").assign(carrier=None, share=1.0, share_file_name=None)
    merged = first.merge(whole, on=keys, how="left", validate="1:1")
    return pd.concat([merged, rows[rows["books"] == "site_area"]], ignore_index=True)


def _ledger(run: Published, names: list[str]) -> pd.DataFrame:
    """The run's ledger, with the cluster of each parcel where that is asked for: of the first rule, ``none`` elsewhere."""
    if "cluster" not in names:
        return run.ledger
    found = of_rule(run.clusters, run.rule)
    cluster = {
        code: name for name, codes in zip(found["cluster_id"], found["parcel_codes"], strict=True) for code in codes
    }
    return run.ledger.assign(cluster=run.ledger["parcel_code"].map(cluster).astype(object).fillna("none"))


@router.get("/totals")
def totals(
    request: Request, run: CurrentRun, lang: Language, by: By = "zone,land_use", states: States = ""
) -> HTMLResponse:
    """Progress towards the target, and totals by what is asked for, each figure a link to its rows."""
    words = views.wording(run, lang)
    frame = grouped(run, by, states)
    names = [name for name in frame if name in (*RUN_GROUPS, OWNERS)]
    columns = [*names, *FIGURES]
    rows = views.table(frame, columns, words)
    for row, area in zip(rows, frame["site_area_m2"], strict=True):
        if not area:  # land is in another row: of a carrier, say, there is none
            row["site_area_m2"] = replace(row["site_area_m2"], text="—", known=True)
    if len(run.ledger) and OWNERS not in names:
        for row, values in zip(rows, frame[names].to_dict("records"), strict=True):
            address = _address(
                "/totals/rows", states=states, **{str(name): str(value) for name, value in values.items()}
            )
            for figure in FIGURES:
                row[figure] = replace(row[figure], href=address)
    has_whole = () in run.totals or len(run.ledger)
    whole = views.table(grouped(run, "", states), FIGURES, words) if has_whole else []
    published = {",".join(key) for key in run.totals}
    offered = [group for group in OFFERED if group in published or (len(run.ledger) and group != OWNERS)]
    if len(run.ledger):
        for row in whole:
            for name in FIGURES:
                row[name] = replace(row[name], href=_address("/totals/rows", states=states))
    content = {
        "run": run.run,
        "figures": run.run.figures,
        "opened": opened_target,
        "target_ground": views.target_ground(run, lang),
        "horizon_note": _ground(run.run.policy, lang),
        "pictures": pictures(run.run.figures, run.run.as_of.year, lang),
        "columns": columns,
        "rows": rows,
        "whole": whole,
        "by": ",".join(map(str, names)),
        "states": states,
        "groups": {group: " · ".join(label(name, lang) for name in group.split(",")) for group in offered},
        "choices": ["", *STATES[:2], "demolished", "all"] if len(run.ledger) else [""],
        "state_word": lambda state: phrase("states_" + (state or "standing"), lang),
        "query": urlencode({"by": by, "states": states}),
    }
    return page(request, "totals.html", content)


@router.get("/totals/rows")
def rows(
    request: Request, run: CurrentRun, lang: Language, states: States = "", number: lists.PageNumber = 1
) -> HTMLResponse:
    """One figure, opened: its rows, the import of each, and their sum."""
    words = views.wording(run, lang)
    figure = asked_figure(request)
    found = opened(run, figure, states)
    shown = lists.cut(found, number, lists.PAGE_SIZE)
    columns = [name for name in ROWS if name in found and name not in figure]
    content = {
        "run": run.run,
        "figure": [(label(name, lang), views.cell({name: value}, name, words).text) for name, value in figure.items()],
        "columns": columns,
        "rows": _cells(shown.rows, columns, words),
        "found": shown,
        "sums": {name: _sum(found[name], name, words) for name in FIGURES[:2]},
        "address": lambda number: _address("/totals/rows", states=states, number=str(number), **figure),
        "back": _address("/totals", by=",".join(figure), states=states),
        "query": urlencode({"states": states} | figure),
    }
    return page(request, "ledger.html", content)


def _cells(frame: pd.DataFrame, columns: list[str], words: views.Wording) -> list[dict[str, views.Cell]]:
    """Rows of the ledger as cells; a dash where a row has no such thing, which is not the same as unknown."""
    found = views.table(frame, columns, words)
    for row, values in zip(found, views.rows(frame), strict=True):
        absent = "site_area_m2" if values["books"] == "floor_area" else "gfa_m2"
        empty = [name for name in ("building_code", "carrier", "share_file_name") if not known(values.get(name))]
        empty += ["gfa_source"] if values["books"] == "site_area" else []
        for name in (absent, *empty):
            if name in row:
                row[name] = replace(row[name], text="—", known=True)
        row["import_id"] = replace(row["import_id"], text=str(int(values["import_id"])), number=True)
    return found


def _sum(values: pd.Series[float], name: str, words: views.Wording) -> str:
    """The sum of what is known in words; a dash where nothing is."""
    return views.cell({name: values.sum()}, name, words).text if values.notna().any() else "—"


def asked_figure(request: Request) -> dict[str, str]:
    """The columns and their values that an address names.

    Raises
    ------
    NotFoundError
        It names what no figure has: the rows of another figure would be shown.
    """
    other = sorted(set(request.query_params) - {*RUN_GROUPS, *_BESIDE})
    if other:
        raise NotFoundError(
            Said(f"The rows of a figure cannot be asked for by {other[0]!r} here.", f"不能按“{other[0]}”打开明细。"),
            Said(f"Columns: {', '.join(RUN_GROUPS)}.", f"可用的列：{', '.join(RUN_GROUPS)}。"),
        )
    return {name: request.query_params[name] for name in RUN_GROUPS if request.query_params.get(name)}


def pictures(figures: dict[str, Any], year: int, lang: Lang) -> dict[str, Markup]:
    """The waterfall from what is built to the target, and the line by year; none where there is no target."""
    target = figures.get("target_m2")
    if not target or "pipeline" not in figures:
        return {}
    built = figures["carrier_gfa_m2"] or 0.0
    bars = [Bar(phrase("stage_built", lang), 0.0, built, "built", href=opened_target(stage="built"))]
    at = built
    for each in figures["pipeline"]:
        more = each["gfa_m2"] or 0.0
        dated = each["year"] != "unknown"
        note = phrase("unknown_short", lang, n=each["n_unknown"]) if each["n_unknown"] else ""
        name = phrase("completed_in", lang, year=each["year"]) if dated else phrase("due_unknown", lang)
        rows = opened_target(stage="pipeline", year=each["year"])
        bars.append(Bar(name, at, at + more, "pipeline" if dated else "open", note, rows))
        at += more
    if at < target:
        bars.append(Bar(phrase("gap_left", lang), at, target, "gap"))
    bars.append(Bar(phrase("target_short", lang), 0.0, target, "target"))
    points, sum_ = [], 0.0
    for each in figures["recognised"]:
        if each["year"] != "unknown" and each["gfa_m2"]:
            sum_ += each["gfa_m2"]
            points.append(Point(int(each["year"]), sum_))
    points.append(Point(year, built))
    at = built
    for each in figures["pipeline"]:
        if each["year"] != "unknown" and each["gfa_m2"] and int(each["year"]) >= year:
            at += each["gfa_m2"]
            points.append(Point(int(each["year"]), at, ahead=True))
    by = int(figures["target_by"][:4])
    drawn = {
        "waterfall": waterfall(bars, phrase("waterfall", lang), lang),
        "by_year_line": line(points, target, by, phrase("by_year_line", lang), lang),
    }
    # Drawn by maps.charts, which escapes every word.
    return {name: Markup(text) for name, text in drawn.items()}


def opened_target(*, stage: str = "", counts: str = "yes", **asked: str) -> str:
    """The address of the carriers that a figure of the target is the sum of."""
    return _address("/totals/target", stage=stage, counts=counts, **asked)


def _ground(policy: dict[str, Any], lang: Lang) -> str:
    """Why the policy looks at a later day too, in the language of the page where it says so in it."""
    horizon = (policy.get("target") or {}).get("horizon") or {}
    told = horizon.get("assumption_en") if lang == "en" else None
    return str(told or horizon.get("clause") or horizon.get("assumption") or "")


def _states(states: str) -> list[str]:
    if states == "all":
        return checked_states("all")
    return checked_states([name.strip() for name in states.split(",") if name.strip()] or None)


def _check(run: Published, names: list[str]) -> None:
    unknown = [name for name in names if name not in RUN_GROUPS]
    if unknown:
        raise NotFoundError(*not_grouped(unknown[0], RUN_GROUPS, "here"))
    if run.ledger.empty and len(run.parcels):
        told = " or ".join(",".join(key) or '""' for key in run.totals)
        raise NotFoundError(
            "This run has no ledger.", f"Take by={told}; or publish again under a policy with [ledger]."
        )


def _address(path: str, **asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path

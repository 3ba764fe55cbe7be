"""Candidates and clusters of two scenarios side by side, as a page and as JSON: what one judges otherwise than the other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api import lists, views
from api import models_scenarios as models
from api.language import Language
from api.parameters import OnlyKnown
from api.runs import AppReading, Reading
from api.scenarios import First, Second, Until, laid_pair, side_name
from api.security import require_reader
from api.templating import page
from api.text import phrase
from geo.fields.values import records
from geo.publish.laid import Laid
from geo.publish.laid_land import CLUSTERS, candidates_side_by_side, clusters_side_by_side
from maps.figures import known
from maps.figures import number as figure
from maps.text import verdict

#: what the page shows of a parcel that is judged otherwise
CHANGES = ("parcel_code", "change", "verdict_before", "verdict_after", "rank_before", "rank_after", "score_before",
           "score_after")  # fmt: skip

router = APIRouter(
    prefix="/api/v1/scenarios/compare",
    tags=["情景方案 · scenarios"],
    dependencies=[Depends(require_reader), OnlyKnown],
)
pages = APIRouter(
    prefix="/scenarios",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


def land_of(now: Reading, sides: tuple[Laid, Laid], rule: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The parcels that are judged otherwise, and the clusters of both, kept while nobody saves the scenarios anew.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    one, other = sides
    numbers = [0 if each.scenario is None else each.scenario.scenario_id for each in sides]
    key = ("scenarios-land", *numbers, str(one.by), rule)
    return now.made(
        one.run, key, lambda: (candidates_side_by_side(one, other, rule), clusters_side_by_side(one, other, rule))
    )


@router.get("/land", summary="两个方案的候选与连片 · What two scenarios judge otherwise, and their clusters")
def land(
    request: Request,
    now: AppReading,
    first: First = "",
    second: Second = "",
    rule: lists.Rule = "",
    until: Until = "",
) -> models.LandSideBySide:
    """两方案下判定不同的地块，以及各自的连片。

    Parcels that a rule judges otherwise in the second scenario than in the first, and the clusters of either.
    """
    sides = laid_pair(request, now, first, second, until)
    changed, clusters = land_of(now, sides, rule)
    return models.LandSideBySide(
        run_id=sides[0].run.run.run_id,
        synthetic=sides[0].run.run.synthetic,
        rule=rule or sides[0].run.rule,
        candidates=records(changed.drop(columns="why")),
        clusters=records(clusters),
    )


@pages.get("/land")
def show(
    request: Request,
    now: AppReading,
    lang: Language,
    first: First = "",
    second: Second = "",
    rule: lists.Rule = "",
    until: Until = "",
    number: lists.PageNumber = 1,
) -> HTMLResponse:
    """The same as tables; clusters that are the same in both are counted and not listed."""
    sides = laid_pair(request, now, first, second, until)
    run = sides[0].run
    changed, clusters = land_of(now, sides, rule)
    words = views.wording(run, lang, rule)
    names = [side_name(side, lang) for side in sides]
    asked = {name: value for name, value in {"first": first, "second": second, "until": until}.items() if value}
    found = lists.cut(changed, number, lists.PAGE_SIZE)
    content: dict[str, Any] = {
        "run": run.run,
        "names": names,
        "rules": views.rule_links(run, lang, rule, lambda name: "/scenarios/land?" + urlencode(asked | {"rule": name})),
        "back": "/scenarios?" + urlencode(asked),
        "columns": CHANGES,
        "rows": _changed(found.rows, words),
        "found": found,
        "address": lambda number: (
            "/scenarios/land?" + urlencode(asked | ({"rule": rule} if rule else {}) | {"number": str(number)})
        ),
        "cluster_columns": CLUSTERS,
        "clusters": _differing(clusters, names, words),
        "sums": [_sums(clusters, side) for side in ("first", "second")],
        "n_same": int((clusters["side"] == "both").sum()),
    }
    return page(request, "scenarios_land.html", content)


def _changed(rows: pd.DataFrame, words: views.Wording) -> list[dict[str, views.Cell]]:
    """Parcels that are judged otherwise as cells: verdicts as their marks, ranks whole, a dash where there is none."""
    told = views.table(rows, CHANGES, words)
    for row, values in zip(told, views.rows(rows), strict=True):
        row["change"] = views.Cell(phrase(f"scenario_change_{values['change']}", words.lang))
        for side in ("before", "after"):
            said, rank, score = (values[f"{name}_{side}"] for name in ("verdict", "rank", "score"))
            row[f"verdict_{side}"] = views.Cell(verdict(str(said), words.lang), badge=str(said))
            row[f"rank_{side}"] = views.Cell(str(int(rank)) if known(rank) else "—", number=True)
            row[f"score_{side}"] = views.Cell(figure(float(score), 1) if known(score) else "—", number=True)
    return told


def _differing(clusters: pd.DataFrame, names: list[str], words: views.Wording) -> list[dict[str, views.Cell]]:
    alone = clusters[clusters["side"] != "both"]
    rows = views.table(alone, CLUSTERS, words)
    for row, side in zip(rows, alone["side"], strict=True):
        row["side"] = views.Cell(phrase("scenario_only_in", words.lang, name=names[side == "second"]))
    return rows


def _sums(clusters: pd.DataFrame, side: str) -> dict[str, float]:
    mine = clusters[clusters["side"].isin([side, "both"])]
    return {"n": len(mine), "area_m2": float(mine["area_m2"].sum())}

"""What the page of sites shows: the answer with what is proven of it, the alternatives beside the best, and the form."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from markupsafe import Markup

from api import views
from api.land_form import over_told
from api.text import phrase
from geo.fields.values import records
from geo.publish import Published
from maps.charts import Step, price
from maps.steps import barrier
from maps.text import Lang

#: of a curve: one row for each floor
CURVE = ("floor_mu", "area_mu", "n_parcels", "difficulty_open", "gap", "proof", "parcel_codes")
SITES = ("choice", "area_mu", "n_parcels", "difficulty_open", "gap", "proof", "added", "left_out", "parcel_codes")


#: rows of a complete list that the page shows; files and JSON have all
_SHOWN = 200
#: alternatives whose difficulty is laid part by part beside the best one's
_COMPARED = 5


def shown_answer(
    run: Published, lang: Lang, frame: gpd.GeoDataFrame, told: dict[str, Any], job: int | None
) -> dict[str, Any]:
    """What the page says of an answer: its question, the best site with its proof, and the table that compares them."""
    words = views.wording(run, lang)
    is_curve = "floor_mu" in frame
    shown = frame.head(_SHOWN)
    known = shown if is_curve or frame.empty else beside_the_best(shown)
    rows = views.table(known, [name for name in (CURVE if is_curve else SITES) if name != "proof"], words)
    for row, (proven, choice) in zip(rows, _standing(shown), strict=True):
        said = proof(proven, choice, told.get("min_different"), lang)
        row["proof"] = views.Cell(said, known=proven or choice is None)
    compared = _compared(frame)
    columns = [name for name in (CURVE if is_curve else SITES) if rows and name in rows[0]]
    return {
        "run": run.run,
        "job": job,
        "told": told,
        "anchor": told.get("anchor") or {},
        "allowed": [barrier(name, lang) for name in told.get("allow") or ()],
        "over": over_told(told.get("over"), run, lang),
        "rows": rows,
        "more_rows": len(frame) - len(shown),
        "columns": columns,
        "best": next(iter(records(frame)), None),
        "curve": Markup(price(_steps(frame), phrase("sites_curve", lang), lang)) if is_curve else None,
        "files": f"?job={job}" if job else "",
        "none_known": _is_none_known(told),
        "compared": [] if is_curve else list(compared["choice"]) if "choice" in compared else [],
        "parts": [] if is_curve else _parts(compared, run.run.policy, lang),
        "map": f"/maps/sites?lang={lang}" + (f"&job={job}" if job else ""),
        "notes": notes(told, lang),
        "why_none": (told.get("why_none_zh") if lang == "zh" else None) or told.get("why_none"),
    }


def _is_none_known(told: dict[str, Any]) -> bool:
    """Whether it is known that there is no (larger) site; older answers say only whether all of the search was done."""
    known = told.get("none_known")
    return bool(known) if known is not None else (told.get("searched") or {}).get("done") is not False


def notes(told: dict[str, Any], lang: Lang) -> list[str]:
    """What an answer has to say of itself besides: what allowed barriers open, what is kept out, how the search ended."""
    said = [one["note_zh" if lang == "zh" else "note"] for one in told.get("opened") or ()]
    searched = told.get("searched") or {}
    if searched.get("n_kept_out"):
        said.append(phrase("sites_kept_out", lang, n=searched["n_kept_out"]))
    if searched.get("ended") in ("time", "stopped"):
        said.append(phrase(f"sites_ended_{searched['ended']}", lang))
    return said


def beside_the_best(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sites with ``added`` (codes that the best one, the first row, has not) and ``left_out`` (those that only it has)."""
    best = set(frame["parcel_codes"].iloc[0])
    codes = [list(each) for each in frame["parcel_codes"]]
    return frame.assign(
        added=pd.Series(
            [[code for code in each if code not in best] for each in codes], index=frame.index, dtype=object
        ),
        left_out=pd.Series([sorted(best - set(each)) for each in codes], index=frame.index, dtype=object),
    )


def proof(proven: bool, choice: int | None, min_different: int | None, lang: Lang) -> str:
    """What is proven of one site, and what is not: only the first choice can be the best of all."""
    if choice is None:
        return phrase("proof_listed", lang)
    if choice == 1:
        return phrase("proof_best" if proven else "proof_best_open", lang)
    key = "proof_other" if proven else "proof_other_open"
    return phrase(key, lang, n=min_different) if min_different else phrase(f"{key}_some", lang)


def _standing(frame: gpd.GeoDataFrame) -> list[tuple[bool, int | None]]:
    """Of each row whether it is proven, and which choice it is: each of a curve is the best over its floor."""
    choices = frame["choice"] if "choice" in frame else pd.Series([1] * len(frame))
    return [
        (bool(proven), None if pd.isna(choice) else int(choice))
        for proven, choice in zip(frame["proven"], choices, strict=True)
    ]


def _compared(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The best site and the next best, not the others of a complete list."""
    chosen = frame[frame["choice"].notna()] if "choice" in frame else frame
    return chosen.head(_COMPARED)


def _parts(frame: gpd.GeoDataFrame, policy: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """The open parts of the difficulty of each site, and last their sum, which has no title."""
    if frame.empty:
        return []
    weights = ((policy.get("sites") or {}).get("difficulty")) or {}
    parts = [
        {"title": weight["title" if lang == "zh" else "title_en"], "points": frame[f"difficulty_{name}"].tolist()}
        for name, weight in weights.items()
        if weight and f"difficulty_{name}" in frame
    ]
    return [*parts, {"title": "", "points": frame["difficulty_open"].tolist()}] if parts else []


def _steps(frame: gpd.GeoDataFrame) -> list[Step]:
    """The floors of a curve as its picture shows them to everybody."""
    return [
        Step(float(row["area_mu"]), float(row["difficulty_open"]), None, bool(row["proven"]))
        for row in frame.drop(columns="geometry").to_dict("records")
    ]

"""What the page of sites shows: the answer with what is proven of it, the alternatives beside the best, and the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from markupsafe import Markup

from api import views
from api.forms import put_together, taken_apart
from api.site_questions import LONGEST_S
from api.text import phrase
from geo.errors import NotFoundError
from geo.fields.values import records
from geo.publish import Published
from geo.publish.explaining import policy_of
from geo.units import to_mu
from maps.charts import Step, price
from maps.steps import barrier
from maps.text import Lang, word
from maps.ways import rule_title

#: of a curve: one row for each floor
CURVE = ("floor_mu", "area_mu", "n_parcels", "difficulty_open", "gap", "proof", "parcel_codes")
SITES = ("choice", "area_mu", "n_parcels", "difficulty_open", "gap", "proof", "added", "left_out", "parcel_codes")
#: so many names are offered to whoever types
_OFFERED = 500
#: fields that stand in the fold
_MORE = ("no_anchor", "gap_m", "k", "min_different", "every", "as_of", "known_at", "outline")


def shown_answer(
    run: Published, lang: Lang, frame: gpd.GeoDataFrame, told: dict[str, Any], job: int | None
) -> dict[str, Any]:
    """What the page says of an answer: its question, the best site with its proof, and the table that compares them."""
    words = views.wording(run, lang)
    is_curve = "floor_mu" in frame
    known = frame if is_curve or frame.empty else beside_the_best(frame)
    rows = views.table(known, [name for name in (CURVE if is_curve else SITES) if name != "proof"], words)
    for row, (proven, choice) in zip(rows, _standing(frame), strict=True):
        row["proof"] = views.Cell(proof(proven, choice, told.get("min_different"), lang), known=proven)
    columns = [name for name in (CURVE if is_curve else SITES) if rows and name in rows[0]]
    return {
        "run": run.run,
        "job": job,
        "told": told,
        "anchor": told.get("anchor") or {},
        "allowed": [barrier(name, lang) for name in told.get("allow") or ()],
        "over": over_told(told.get("over"), run, lang),
        "rows": rows,
        "columns": columns,
        "best": next(iter(records(frame)), None),
        "curve": Markup(price(_steps(frame), phrase("sites_curve", lang), lang)) if is_curve else None,
        "files": f"?job={job}" if job else "",
        "parts": _parts(frame, run.run.policy, lang),
        "map": f"/maps/sites?lang={lang}" + (f"&job={job}" if job else ""),
        "why_none": (told.get("why_none_zh") if lang == "zh" else None) or told.get("why_none"),
    }


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


def over_told(over: Any, run: Published, lang: Lang) -> str:
    """Over which parcels was searched, in words."""
    name, _, rule = str(over or "all").partition(":")
    if name == "candidates":
        return phrase("sites_over_of_rule", lang, rule=dict(_rules(run, lang)).get(rule, rule))
    key = {"all": "sites_over_all", "carriers": "sites_over_carriers", "outline": "sites_over_outline_told"}.get(name)
    return phrase(key, lang) if key else name


def form(run: Published, lang: Lang, values: Mapping[str, str]) -> dict[str, Any]:
    """What the form offers, and the values that it is filled with."""
    crossable = (run.run.policy.get("clusters") or {}).get("crossable") or {}
    classes = [name for name in crossable if not crossable[name].get("value")]
    typed = taken_apart(values.get("allow", ""))
    over = [("all", phrase("sites_over_all", lang))]
    over += [
        (f"candidates:{name}", phrase("sites_over_of_rule", lang, rule=title)) for name, title in _rules(run, lang)
    ]
    over += [(name, phrase(f"sites_over_{name}", lang)) for name in ("carriers", "outline")]
    asked = values.get("over", "all")
    return {
        "values": dict(values),
        "over_choices": over,
        "over_asked": f"candidates:{values.get('rule') or run.rule}" if asked == "candidates" else asked,
        "classes": [(name, word(name, lang)) for name in classes],
        "allowed_classes": [name for name in classes if name in typed],
        "allowed_names": put_together(name for name in typed if name not in classes),
        "barrier_names": _barrier_names(run),
        "place_names": sorted(_place_names(run))[:_OFFERED],
        "defaults": _defaults(run),
        "longest": LONGEST_S,
        "in_more": any(values.get(name) for name in _MORE) or asked == "outline",
    }


def one_name(fields: Mapping[str, str], run: Published) -> dict[str, str]:
    """The fields of a form, with a park or carrier whose name has spaces in it put in quotes, as codes are taken apart."""
    name = fields.get("anchor", "").strip()
    return dict(fields) | ({"anchor": put_together([name])} if name in _place_names(run) else {})


def _defaults(run: Published) -> dict[str, Any]:
    """What holds where a field is left empty, by the run's policy; nothing where this program no longer reads it."""
    try:
        policy = policy_of(run.run)
    except NotFoundError:
        return {"time_limit_s": LONGEST_S}
    told: dict[str, Any] = {"gap_m": f"{policy.clusters.lane_width.m:g}", "as_of": run.run.as_of.isoformat()}
    sites = policy.sites
    if sites is None:
        return told | {"time_limit_s": LONGEST_S}
    told |= {"min_area_mu": f"{to_mu(sites.min_area.m2):g}", "anchor": sites.anchor.value if sites.anchor else ""}
    search = sites.search
    if search is not None:
        told |= {"k": search.alternatives.value, "min_different": search.min_different.value}
    return told | {"time_limit_s": int(min(search.time_limit_s if search else LONGEST_S, LONGEST_S))}


def _rules(run: Published, lang: Lang) -> list[tuple[str, str]]:
    return [(name, rule_title(run.run.policy, name, lang)) for name in run.candidates]


def _barrier_names(run: Published) -> list[str]:
    """Names of the run's barriers, as they may be typed."""
    barriers = run.layers.get("barriers")
    if barriers is None or "name" not in barriers:
        return []
    return sorted({str(name) for name in barriers["name"].dropna() if name})[:_OFFERED]


def _place_names(run: Published) -> set[str]:
    """Names of parks and carriers that a site may be founded on."""
    frames = [frame for frame in (run.carriers, run.layers.get("park")) if frame is not None and "name" in frame]
    return {str(name) for frame in frames for name in frame["name"].dropna() if name}


def _parts(frame: gpd.GeoDataFrame, policy: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """The open parts of the best site's difficulty."""
    if frame.empty:
        return []
    best = frame.iloc[0]
    weights = ((policy.get("sites") or {}).get("difficulty")) or {}
    return [
        {"title": weight["title" if lang == "zh" else "title_en"], "points": float(best[f"difficulty_{name}"])}
        for name, weight in weights.items()
        if weight and f"difficulty_{name}" in frame
    ]


def _steps(frame: gpd.GeoDataFrame) -> list[Step]:
    """The floors of a curve as its picture shows them to everybody."""
    return [
        Step(float(row["area_mu"]), float(row["difficulty_open"]), None, bool(row["proven"]))
        for row in frame.drop(columns="geometry").to_dict("records")
    ]

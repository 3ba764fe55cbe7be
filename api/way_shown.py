"""The way to the target as its page shows it: measures, kinds, limits and reasons in words, and the picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from api import views
from api.text import phrase
from geo.fields.ways import WAYS
from maps.charts import Bar, waterfall
from maps.figures import known, large_area, number
from maps.text import Lang

#: the columns of the table of chosen measures
CHOSEN = ("kind", "measure_id", "parcel_codes", "zone", "gfa_m2", "gfa_basis", "counts_from", "part")
#: from so many parcels on they are folded up
_FEW = 2


def cells(chosen: pd.DataFrame, words: views.Wording) -> list[dict[str, views.Cell]]:
    """The chosen measures as the cells of a table."""
    rows = views.table(chosen, CHOSEN, words)
    for row, values in zip(rows, views.rows(chosen), strict=True):
        for name, prefix in (("kind", "kind"), ("gfa_basis", "basis"), ("part", "part")):
            said = known(values[name])
            row[name] = replace(
                row[name], text=phrase(f"way_{prefix}_{values[name]}", words.lang) if said else "—", known=True
            )
        codes = [str(code) for code in values["parcel_codes"]]
        if len(codes) < _FEW:
            links = [views.Cell(code, href=views.parcel_address(code, words.rule)) for code in codes]
            row["parcel_codes"] = links[0] if links else views.Cell("—")
    return rows


def by_kind(frame: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """How many measures of each kind there are, what is known of them, and what of how many is not."""
    told = []
    for kind in WAYS:
        rows = frame[frame["kind"] == kind]
        if rows.empty:
            continue
        unsure = rows["open"].map(len) > 0
        lacking = Counter(name for names in rows["open"] for name in names)
        told.append(
            {
                "kind": phrase(f"way_kind_{kind}", lang),
                "n": len(rows),
                "n_unknown": int(unsure.sum()),
                "n_known": int((~unsure).sum()),
                "n_late": int((rows["part"] == "late").sum()),
                "n_chosen": int(rows["chosen"].sum()),
                "gain": large_area(rows.loc[~unsure, "gfa_m2"].sum(), lang) if (~unsure).any() else "—",
                "lacking": ("、" if lang == "zh" else ", ").join(
                    f"{phrase(f'way_open_{name}', lang)} {n}" for name, n in lacking.most_common()
                )
                or "—",
            }
        )
    return told


def limits_used(limits: list[dict[str, Any]], words: views.Wording) -> list[dict[str, str]]:
    """What is taken of each limit, where something is."""
    lang = words.lang
    told = []
    for one in limits:
        if not one["used"]:
            continue
        zone = words.zones.get(one["zone"], one["zone"]) if one["zone"] else phrase("way_any", lang)
        if lang == "en" and one["zone"]:
            zone = views.cell({"zone": one["zone"]}, "zone", words).text
        told.append(
            {
                "title": one["title" if lang == "zh" else "title_en"],
                "zone": zone,
                "year": str(one["year"]) if one["year"] else phrase("way_any", lang),
                "allowed": _amount(one["allowed"], one["unit"], lang),
                "used": _amount(one["used"], one["unit"], lang),
            }
        )
    return told


def why_not(told: dict[str, Any], lang: Lang) -> list[str]:
    """Why the target cannot be met, and from when on it can; empty where it can."""
    short = told.get("shortfall")
    if short is None:
        return []
    if short["most_m2"] is None:
        return [phrase("way_required_breaks", lang)]
    said = [
        phrase("way_short", lang, most=large_area(short["most_m2"], lang), short=large_area(short["short_m2"], lang))
    ]
    said += [
        phrase(
            "way_limit_would_do",
            lang,
            title=one["title" if lang == "zh" else "title_en"],
            allowed=_amount(one["allowed"], one["unit"], lang),
            needed=_amount(one["needed"], one["unit"], lang),
        )
        for one in short["limits"]
    ]
    without = short["without_limits_m2"]
    if not short["limits"] and without is not None:
        key = "way_no_single" if without >= told["need_m2"] else "way_too_little"
        said.append(phrase(key, lang, without=large_area(without, lang)))
    if short["earliest"] is None:
        return [*said, phrase("way_never", lang, year=told["looked_to"])]
    return [*said, phrase("way_earliest", lang, day=short["earliest"])]


def _amount(value: float, unit: str, lang: Lang) -> str:
    return large_area(value, lang) if unit == "m2" else number(value, 0)


def picture(chosen: pd.DataFrame, told: dict[str, Any], lang: Lang) -> Markup:
    """From what counts by then, year by year, to the target."""
    bars = [Bar(phrase("way_counted", lang), 0.0, told["counted_m2"], "built")]
    at = told["counted_m2"]
    years = chosen["counts_from"].map(lambda day: day.year)
    for year, gain in chosen.groupby(years)["gfa_m2"].sum().items():
        bars.append(Bar(phrase("way_in_year", lang, year=year), at, at + float(gain), "pipeline"))
        at += float(gain)
    bars.append(Bar(phrase("target_short", lang), 0.0, told["target_m2"], "target"))
    # Drawn by maps.charts, which escapes every word.
    return Markup(waterfall(bars, phrase("way_picture", lang), lang))

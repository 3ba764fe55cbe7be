"""Rows of frames as a table shows them: text with its unit, numbers to the right, unknown marked as unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pandas as pd

from api.text import phrase
from geo.export.stamps import rule_of
from geo.fields.results import heading, is_restricted
from geo.judge.opinions import COLUMNS as OPINION_COLUMNS
from geo.judge.survey import needs_survey_recorded
from geo.publish import Published
from maps import figures, reasons, steps, ways
from maps.text import Lang, label, verdict
from maps.uses import use_text

#: columns of an area of land, which is shown in mu too
_SITES = ("site_area_m2", "area_m2", "registered_area_m2", "measured_area_m2", "gross_area_m2", "area_after_m2",
          "lacks_m2", "earlier_area_m2", "shared_area_m2", "cluster_area_m2")  # fmt: skip
#: uses of a cluster that a table names; the others stand there together, in files and popups one by one
_USES = 3
#: columns of the registry's own bookkeeping, or shown elsewhere on the page
_NOT_FIGURES = frozenset({
    "geometry", "parcel_id", "land_use_parts", "current_use_parts", "reasons", "contributions", "verdict", "score",
    "score_low", "score_high", "rank", "parcel_code", "name", "synthetic", "valid_from", "recorded_from",
    "route", "target_codes", "flags", *OPINION_COLUMNS,
})  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One cell: its text, whether the value is known, whether it is a number, and where it links to."""

    text: str
    known: bool = True
    number: bool = False
    href: str | None = None
    badge: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    reasons: tuple[reasons.Reason, ...] = ()


@dataclass(frozen=True)
class Wording:
    """What the cells of one run need to be put into words."""

    lang: Lang
    zones: dict[str, str]
    wordings: reasons.Wordings
    ways: dict[str, ways.Way]
    #: the rule asked for, empty for the policy's first: links to parcels take it along
    rule: str = ""


def wording(run: Published, lang: Lang, rule: str = "") -> Wording:
    """The wording of a run in a language, of reasons that of a rule (default: the policy's first)."""
    policy, name = run.run.policy, rule or run.rule
    names = dict(policy.get("zones", {}).get("names", {}))
    other = {zone: zone for zone in run.run.figures.get("zones", {}) if zone not in names}
    return Wording(
        lang,
        names | {zone: figures.text(zone, lang) for zone in other},
        reasons.wordings_of(policy, name),
        ways.ways_of(policy, name, lang),
        rule,
    )


def target_ground(run: Published, lang: Lang) -> str:
    """What the target rests on: a clause, with the document that it is of, or that it is our assumption."""
    policy, clause = run.run.policy, str(run.run.figures.get("target_clause") or "")
    said = (policy.get("target") or {}).get("floor_area") or {}
    told = reasons.ground(clause, lang, said.get("assumption_en"))
    return f"{policy.get('cited_as') or ''}{told}" if lang == "zh" and said.get("clause") else told


def table(frame: pd.DataFrame, columns: Sequence[str], words: Wording) -> list[dict[str, Cell]]:
    """The rows of a frame as cells by column; a column that the frame lacks is left out."""
    names = [name for name in columns if name in frame]
    return [{name: cell(row, name, words) for name in names} for row in rows(frame)]


def rows(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """The rows of a frame as dictionaries of plain values."""
    names = list(map(str, frame.columns))
    return (dict(zip(names, values, strict=True)) for values in frame.astype(object).itertuples(index=False, name=None))


def cell(row: dict[str, Any], name: str, words: Wording) -> Cell:
    """One value as a cell."""
    value, lang = row.get(name), words.lang
    if name == "parcel_code":
        return Cell(str(value), href=parcel_address(str(value), words.rule))
    if name in ("added", "left_out"):
        codes = tuple((str(code), parcel_address(str(code), words.rule)) for code in value or ())
        return Cell("" if codes else "—", links=codes)
    if name == "parcel_codes":
        return Cell("", links=tuple((str(code), parcel_address(str(code), words.rule)) for code in value or ()))
    if name == "uses":
        return Cell(steps.uses(value, lang, _USES), known=bool(value))
    if name == "parts_m2":
        return Cell(steps.parts(value, lang))
    if name in ("cluster_id", "earlier_cluster_id") and not figures.known(value):
        return Cell("—")
    if name == "carrier_codes":
        return Cell(("、" if lang == "zh" else ", ").join(map(str, value or ())) or "—")
    if name == "name":
        return Cell(str(value) if figures.known(value) else "—")
    if name == "opinion":
        return _opinion(row, lang)
    if name == "reasons":
        told = reasons.shown(value, lang, wordings=words.wordings, zones=words.zones, route=row.get("route"))
        return Cell("", reasons=tuple(told))
    if name == "route":
        return Cell(ways.way_text(words.ways.get(str(value)), value, lang))
    if name == "verdict":
        return Cell(verdict(str(value), lang), badge=str(value))
    if name == "score":
        # As lists have it: with whole points two ranks would look alike.
        points = figures.span(value, row.get("score_high"), lang) if figures.known(value) else "—"
        return Cell(points, number=True)
    if name in ("rank", "choice"):
        return Cell(str(int(value)) if value is not None and figures.known(value) else "—", number=True)
    if name == "land_use" and "land_use_parts" in row:
        return Cell(use_text(value, row["land_use_parts"], lang), known=figures.known(value))
    if name in _SITES:
        return Cell(figures.site(value, lang), known=figures.known(value), number=True)
    known = (figures.known(value) and value != "unknown") or (isinstance(value, list) and bool(value))
    unit = heading(name).unit
    number = known and isinstance(value, int | float) and not isinstance(value, bool)
    return Cell(figures.text(value, lang, unit=unit, zones=words.zones), known=known, number=number or unit is not None)


def _opinion(row: dict[str, Any], lang: Lang) -> Cell:
    """What the office holds, whether it parts from the verdict, and that it found or noted something; else a dash."""
    value, differs = row.get("opinion"), row.get("opinion_differs")
    told = [phrase(f"opinion_{value}", lang)] if figures.known(value) else []
    if differs in ("yes", "office_only"):
        told.append(phrase(f"opinion_parts_{differs}", lang))
    if figures.known(row.get("survey_result")):
        told.append(phrase("opinion_surveyed", lang))
    elif not told and figures.known(row.get("opinion_reason")):
        told.append(phrase("opinion_noted", lang))
    return Cell(" · ".join(told) or "—", badge="differs" if differs == "yes" else None)


def opinion_rows(row: dict[str, Any], lang: Lang) -> list[tuple[str, Cell]]:
    """What the office said of one parcel, each with its heading; nothing where it said nothing."""
    said = [name for name in OPINION_COLUMNS if figures.known(row.get(name))]
    return [(label(name, lang), _said(name, row[name], lang)) for name in said]


def _said(name: str, value: Any, lang: Lang) -> Cell:
    if name in ("opinion", "opinion_differs"):
        parts = (name, value) == ("opinion_differs", "yes")
        return Cell(phrase(f"{name}_{value}", lang), badge="differs" if parts else None)
    return Cell(verdict(str(value), lang) if name == "verdict_then" else str(value))


def to_find_out_first(run: Published, frame: pd.DataFrame, name: str, lang: Lang) -> str:
    """Which fields to ask for first of parcels that cannot be judged by a rule; an empty text where nothing tells."""
    rule = rule_of({"policy_content": run.run.policy, "rule": name})
    if rule is None or frame.empty:
        return ""
    fields = needs_survey_recorded([[] if told is None else told for told in frame["reasons"]], rule)
    counted = [(label(str(field), lang), n) for field, n in zip(fields["field"], fields["n_unknown"], strict=True)]
    told = "、".join(f"{title}（{n}）" for title, n in counted)
    if lang == "en":
        told = ", ".join(f"{title} ({n})" for title, n in counted)
    return phrase("find_out_first", lang, told=told) if told else ""


def parcel_address(code: str, rule: str = "") -> str:
    """Where the page of a parcel is, judged by a rule (default: the policy's first)."""
    return f"/parcels/{quote(code, safe='')}" + (f"?rule={quote(rule, safe='')}" if rule else "")


def figure_rows(frame: pd.DataFrame, words: Wording) -> list[tuple[str, Cell]]:
    """All open figures of the one row of a frame, each with its heading; the land-use cell told in words."""
    row = next(iter(rows(frame)))
    names = [name for name in frame if name not in _NOT_FIGURES and not is_restricted(str(name))]
    return [(label(str(name), words.lang), cell(row, str(name), words)) for name in names]


@dataclass(frozen=True)
class RuleLink:
    """One rule of a run: what it is called, where it leads, whether it is shown, its verdicts.

    Of a rule that was not in force ``days`` says when it is, and it leads nowhere.
    """

    title: str
    href: str
    current: bool
    verdicts: dict[str, int]
    days: str = ""


def rule_links(run: Published, lang: Lang, current: str, address: Callable[[str], str]) -> list[RuleLink]:
    """The rules of a run in the policy's order, those that were not in force behind them.

    ``address`` gives where the page of a rule is (empty: the first).
    """
    judged = [
        RuleLink(
            ways.rule_title(run.run.policy, name, lang),
            address("" if name == run.rule else name),
            name == (current or run.rule),
            {verdict: int((frame["verdict"] == verdict).sum()) for verdict in ("candidate", "unknown", "no")},
        )
        for name, frame in run.candidates.items()
    ]
    return judged + [
        RuleLink(ways.rule_title(run.run.policy, name, lang), "", False, {}, days)
        for name, days in run.run.not_in_force.items()
    ]

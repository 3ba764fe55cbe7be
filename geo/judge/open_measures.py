"""The measures that are open on the way to the target, one row each: what each gains, from when, and how hard it is.  Pure.

Nothing here is a decision: which of them to take is chosen in :mod:`geo.judge.way`, or by hand in a scenario.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.fields.ways import WAYS
from geo.judge.open_given import Given
from geo.judge.open_kinds import KINDS, OF_LAND, Facts
from geo.judge.sites.difficulty import parcel_difficulty

if TYPE_CHECKING:
    from geo.policy import Difficulty, Policy, WayKind, WaySearch

#: the columns of the frame and their types
TYPES: dict[str, Any] = {
    "measure_id": "str",
    "kind": "str",
    "parcel_codes": object,
    "building_code": object,
    "carrier_code": object,
    "zone": "str",
    "rule": object,
    "route": object,
    "gfa_m2": "float64",
    "gfa_basis": object,
    "ready_on": object,
    "difficulty": "float64",
    "difficulty_low": "float64",
    "n_unknown": "int64",
    "open": object,
    "excludes": object,
    "sources": object,
    "synthetic": "bool",
}
COLUMNS = tuple(TYPES)


def open_measures(policy: Policy, given: Given) -> pd.DataFrame:
    """Every measure that is open under the policy's ``[target.measures]``, by kind and ``measure_id``.

    Columns (:data:`COLUMNS`): ``measure_id`` (``kind:code``, the same as long as the land is), ``kind``, ``parcel_codes``,
    ``building_code`` and ``carrier_code`` where it is of one, ``zone``, ``rule`` and ``route`` of a conversion; ``gfa_m2``: the
    countable gain in m², NaN unknown, negative where it takes away; ``gfa_basis``: ``registered``, or ``permitted`` = permitted
    FAR × site area for what is to be built; ``ready_on``: the first day on which it can count = day (or planned completion) +
    lead time + recognition, None unknown; ``difficulty`` = points of the kind + its parts of ``[sites.difficulty]`` over its
    parcels, at the cautious end, ``difficulty_low`` at the favourable one, ``n_unknown`` parts not known; ``open``: what is not
    known of it (:data:`geo.fields.ways.OPEN`): only a measure with none may be counted on; ``excludes``: the other measures
    that use the same square metres; ``sources``: what two that exclude each other have in common; ``synthetic``.

    Raises
    ------
    ValueError
        The policy has no section ``[target.measures]``.
    """
    search = policy.target.measures if policy.target else None
    if search is None or policy.target is None:
        raise ValueError("the policy says nothing of measures")
    facts = Facts(policy, given)
    found: list[dict[str, Any]] = []
    for name in search.kinds:
        found += KINDS[name](facts, search)
    if not found:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
    order = {name: number for number, name in enumerate(WAYS)}
    found.sort(key=lambda row: (order[row["kind"]], row["measure_id"]))
    frame = pd.DataFrame(found)
    frame["ready_on"] = _days(frame, search, given.day)
    # What a site is founded on is there already.
    frame["needs"] = [[code for code in codes if kind != "site" or code not in given.anchor]
                      for kind, codes in zip(frame["kind"], frame["parcel_codes"], strict=True)]  # fmt: skip
    weights = policy.sites.difficulty if policy.sites else None
    frame = frame.join(_difficulty(frame, search, weights, given))
    frame["sources"] = _sources(frame)
    frame["excludes"] = _excluding(frame)
    frame["open"] = [_told(row) for row in frame[["open", "gfa_m2", "ready_on"]].itertuples(index=False)]
    frame["synthetic"] = _synthetic(frame, given.parcels)
    for name in ("building_code", "carrier_code", "rule", "route", "ready_on"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame[list(COLUMNS)].astype({name: kind for name, kind in TYPES.items() if kind is not object})


def after(day: date, months: int) -> date:
    """The day so many whole months later; the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _days(frame: pd.DataFrame, search: WaySearch, day: date) -> pd.Series[Any]:
    days: list[date | None] = []
    for kind, since, has_day in zip(frame["kind"], frame["since"], frame["has_day"], strict=True):
        if not has_day:
            days.append(None)
            continue
        months = search.kinds[kind].lead_time.months + (0 if kind == "delisting" else search.recognition.months)
        # What should have been completed by now has not been: it is completed today at the earliest.
        days.append(after(max(day, since) if since is not None else day, months))
    return pd.Series(days, index=frame.index, dtype=object)


def _difficulty(frame: pd.DataFrame, search: WaySearch, weights: Difficulty | None, given: Given) -> pd.DataFrame:
    """``difficulty``, ``difficulty_low`` and ``n_unknown`` of each measure; NaN where its land is not registered."""
    parts = []
    for name, group in frame.groupby("kind", sort=False):
        kind: WayKind = search.kinds[str(name)]
        told = pd.DataFrame(
            {"difficulty": kind.points.value, "difficulty_low": kind.points.value, "n_unknown": 0}, index=group.index
        ).astype({"difficulty": "float64", "difficulty_low": "float64"})
        if kind.parts.value and weights is not None:
            asked = {part: None for part in weights.weights if part not in kind.parts.value}
            points = parcel_difficulty(given.parcels, weights.model_copy(update=asked))
            points = points.set_index(given.parcels["parcel_code"])[list(told)]
            long = group["needs"].explode().dropna()
            of_land = points.reindex(long).set_index(long.index)
            sums = of_land.groupby(level=0).sum(min_count=1).reindex(told.index)
            lacking = of_land["difficulty"].isna().groupby(level=0).any().reindex(told.index, fill_value=False)
            told = told + sums.fillna(0.0)
            told.loc[lacking.astype(bool), ["difficulty", "difficulty_low"]] = np.nan
        parts.append(told)
    return pd.concat(parts).reindex(frame.index).astype({"n_unknown": "int64"})


def _sources(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """What each measure uses up: itself; for one of whole parcels those, and the measures of single buildings on them."""
    within: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, name, codes in zip(frame["kind"], frame["measure_id"], frame["parcel_codes"], strict=True):
        if kind not in OF_LAND and kind != "delisting":
            for code in codes:
                within[code].append((kind, name))
    told = []
    for kind, name, codes in zip(frame["kind"], frame["measure_id"], frame["needs"], strict=True):
        uses = [name]
        if kind in OF_LAND:
            # Sites answer one question: one of them is taken.
            uses = [*(f"parcel:{code}" for code in codes), *(["site"] if kind == "site" else [])]
            # A conversion of what stands leaves alone what is being built.
            uses += [other for code in codes for of, other in within[code]
                     if kind != "conversion_building" or of == "admit"]  # fmt: skip
        told.append(tuple(sorted(set(uses))))
    return told


def _excluding(frame: pd.DataFrame) -> list[list[str]]:
    users: dict[str, list[str]] = defaultdict(list)
    for name, sources in zip(frame["measure_id"], frame["sources"], strict=True):
        for source in sources:
            users[source].append(name)
    return [
        sorted({other for source in sources for other in users[source]} - {name})
        for name, sources in zip(frame["measure_id"], frame["sources"], strict=True)
    ]


def _told(row: Any) -> list[str]:
    more = [name for name, lacks in (("gfa", pd.isna(row.gfa_m2)), ("day", row.ready_on is None)) if lacks]
    return list(dict.fromkeys([*row.open, *more]))


def _synthetic(frame: pd.DataFrame, parcels: pd.DataFrame) -> list[bool]:
    made_up = set(parcels.loc[parcels["synthetic"].astype(bool), "parcel_code"]) if "synthetic" in parcels else set()
    return [
        bool(own) or _any(codes, made_up) for own, codes in zip(frame["made_up"], frame["parcel_codes"], strict=True)
    ]


def _any(codes: Iterable[str], among: set[str]) -> bool:
    return any(code in among for code in codes)

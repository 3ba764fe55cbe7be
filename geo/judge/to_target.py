"""The best way to the target over the open measures: limits of the policy, year by year, and how each measure stands.  Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.judge.way import Limit, Way, best_way
from geo.policy.way import EACH, WayLimit

#: columns that the answer adds to the open measures
ADDED = ("chosen", "counts_from", "part")
#: measures times years that are looked at: more take longer than anybody waits
_MOST_COLUMNS = 20_000


@dataclass(frozen=True)
class Asked:
    """What is wanted: ``need_m2`` more by a day, within limits, with and without some measures (by ``measure_id``)."""

    need_m2: float
    by: date
    limits: tuple[WayLimit, ...] = ()
    require: frozenset[str] = frozenset()
    forbid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Used:
    """One limit of one zone and year: what it allows, and what the answer takes of it, m² or a number of measures."""

    limit: WayLimit
    zone: str | None
    year: int | None
    unit: str
    allowed: float
    used: float


@dataclass(frozen=True)
class Answer:
    """The open measures with :data:`ADDED`; the way; what it takes of each limit; until which year a day was looked for."""

    frame: pd.DataFrame
    way: Way
    used: tuple[Used, ...]
    looked_to: int


def find_way(measures: pd.DataFrame, zones: Sequence[str], asked: Asked, *, time_limit_s: float) -> Answer:
    """Choose among the open measures those that give what is needed at the least total difficulty, with proof.

    Only measures of which nothing is unknown are chosen.  One that a limit holds in some year may be done in a later year: it
    counts from the first day of that year then, and no later than the limits ask for.  Adds ``chosen``, ``counts_from`` (the
    day from which a chosen one counts) and ``part``: ``every``, ``some`` or ``none`` of the best answers have it, ``late``: it
    is not ready by the day, ``open``: something of it is unknown; None where that was not told apart.
    """
    known = measures.index[measures["open"].map(len) == 0].to_numpy()
    numbers = {name: number for number, name in enumerate(measures["measure_id"])}
    usable = measures.loc[known].assign(measure=[numbers[name] for name in measures.loc[known, "measure_id"]])
    last = _last_year(usable, zones, asked)
    rows = _by_years(usable, zones, asked.limits, last)
    limits = [each for each, _ in _limits(asked.limits, zones, _years(rows, last))]
    way = best_way(
        rows.rename(columns={"sources": "source"}),
        asked.need_m2,
        asked.by,
        limits,
        required=[numbers[name] for name in sorted(asked.require)],
        forbidden=[numbers[name] for name in sorted(asked.forbid)],
        time_limit_s=time_limit_s,
        tell_apart=True,
    )
    chosen = _earlier(rows, way.chosen, limits)
    days = dict(zip(chosen["measure"], chosen["ready_on"], strict=True))
    every = np.arange(len(measures))
    frame = measures.assign(
        chosen=pd.Series([number in days for number in every], index=measures.index, dtype=bool),
        counts_from=pd.Series([days.get(number) for number in every], index=measures.index, dtype=object),
        part=pd.Series(_parts(measures, asked.by, way), index=measures.index, dtype=object),
    )
    used = _used(chosen, _limits(asked.limits, zones, _years(rows, asked.by.year)))
    return Answer(frame, way, tuple(used), last)


def _limits(limits: Iterable[WayLimit], zones: Sequence[str], years: Sequence[int]) -> list[tuple[Limit, WayLimit]]:
    """Each limit of the policy as one for every zone and year that it is told of."""
    told = []
    for each in limits:
        for zone in zones if each.zone == EACH else (each.zone,):
            for year in years if each.year == EACH else (each.year,):
                assert year is None or isinstance(year, int)
                told.append((Limit(each.id, zone, year, each.kind, each.gfa_m2, each.count), each))
    return told


def _years(rows: pd.DataFrame, last: int) -> list[int]:
    first = min((day.year for day in rows["ready_on"]), default=last)
    return list(range(first, last + 1))


def _held(measures: pd.DataFrame, zones: Sequence[str], limit: WayLimit) -> np.ndarray[Any, Any]:
    """Which measures a limit holds in some year."""
    fits = np.ones(len(measures), dtype=bool)
    if limit.kind is not None:
        fits &= (measures["kind"] == limit.kind).to_numpy()
    if limit.zone is not None:
        fits &= measures["zone"].isin(list(zones) if limit.zone == EACH else [limit.zone]).to_numpy()
    return fits


def _last_year(usable: pd.DataFrame, zones: Sequence[str], asked: Asked) -> int:
    """Until which year to look for the day on which the target can be met: until the limits have room for every measure."""
    last = max((day.year for day in usable["ready_on"]), default=asked.by.year)
    last, more, columns = max(last, asked.by.year), 0, 0
    for limit in asked.limits:
        if limit.year is None:
            continue
        held = usable[_held(usable, zones, limit)]
        columns += len(held)
        most = len(held)  # one a year
        if limit.gfa_m2:
            # No year is left half empty while something is left that would fit.
            most = min(most, math.ceil(2 * held["gfa_m2"].clip(lower=0).sum() / limit.gfa_m2))
        more = max(more, most)
    return last + (min(more, max(_MOST_COLUMNS // columns, 1)) if columns else 0)


def _by_years(usable: pd.DataFrame, zones: Sequence[str], limits: Sequence[WayLimit], last: int) -> pd.DataFrame:
    """The measures, those that a limit holds in some year once for each year from their first on."""
    held = np.zeros(len(usable), dtype=bool)
    for limit in limits:
        if limit.year is not None:
            held |= _held(usable, zones, limit)
    days = [
        [max(day, date(year, 1, 1)) for year in range(day.year, last + 1)] if waits else [day]
        for day, waits in zip(usable["ready_on"], held, strict=True)
    ]
    number = np.repeat(np.arange(len(usable)), [len(each) for each in days])
    rows = usable.iloc[number].reset_index(drop=True)
    return rows.assign(ready_on=pd.Series([day for each in days for day in each], dtype=object))


def _parts(measures: pd.DataFrame, by: date, way: Way) -> list[str | None]:
    told: dict[int, str] = {}
    for part, those in (("every", way.in_every), ("some", way.in_some), ("none", way.in_none)):
        told |= dict.fromkeys(those, part)
    return [
        "open" if lacks else "late" if day > by else told.get(number)
        for number, (lacks, day) in enumerate(zip(measures["open"], measures["ready_on"], strict=True))
    ]


def _earlier(rows: pd.DataFrame, chosen: Sequence[int], limits: Sequence[Limit]) -> pd.DataFrame:
    """The chosen rows, each measure in the first year in which the limits have room for it, one after another.

    A year is as good as another to the solver: it leaves one empty, and puts into the last what could be done in the first.
    """
    if not chosen:
        return rows.iloc[[]]
    gfa = rows["gfa_m2"].to_numpy(dtype=float)
    covers = np.array([limit.covers(rows) for limit in limits]).reshape(len(limits), len(rows))
    takes = [(covers[number], each.gfa_m2, each.count) for number, each in enumerate(limits)]
    of_measure = rows.groupby("measure").indices
    now = sorted(chosen, key=lambda row: (rows["ready_on"].iloc[row], row))
    for place, row in enumerate(now):
        others = np.array([*now[:place], *now[place + 1 :]], dtype=int)
        for earlier in of_measure[rows["measure"].iloc[row]]:
            if earlier == row:
                break
            if all(
                not covered[earlier]
                or (
                    (gfa_m2 is None or gfa[others] @ covered[others] + gfa[earlier] <= gfa_m2)
                    and (count is None or covered[others].sum() + 1 <= count)
                )
                for covered, gfa_m2, count in takes
            ):
                now[place] = int(earlier)
                break
    return rows.iloc[now]


def _used(chosen: pd.DataFrame, limits: list[tuple[Limit, WayLimit]]) -> list[Used]:
    told = []
    for limit, said in limits:
        taken = chosen[limit.covers(chosen)]
        if limit.gfa_m2 is not None:
            told.append(Used(said, limit.zone, limit.year, "m2", limit.gfa_m2, float(taken["gfa_m2"].sum())))
        if limit.count is not None:
            told.append(Used(said, limit.zone, limit.year, "count", float(limit.count), float(len(taken))))
    return told

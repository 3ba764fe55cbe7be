"""Totals of site area and floor area: every square metre once, unknown counted beside and never as zero."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo import units
from geo.errors import NotFoundError, UnitError
from geo.fields.ledger import GROUPINGS, HELD_GROUPS, LAND_GROUPS, STATES
from geo.said import Said

#: what a parcel says of its own site, whole
GROUPS = LAND_GROUPS
UNKNOWN, MIXED, NONE = "unknown", "mixed", "none"
#: Shares written in whole per cents may each be off by this much; see measure.falls_short, which has the same.
_ROUNDING = 0.005
_FIGURES = ("site_area_m2", "gfa_m2", "n", "n_unknown")
_BOUNDS = ("gfa_low_m2", "gfa_high_m2", "n_open")


def totals(
    entries: pd.DataFrame,
    parcels: pd.DataFrame,
    by: Sequence[str],
    *,
    subtotals: bool = False,
    unit: str = "m2",
    divide_uses: bool = False,
) -> pd.DataFrame:
    """Sums by the columns ``by``: …, site_area_m2, gfa_m2, n, n_unknown; sorted by the columns; ``by=[]`` is one row.

    ``entries`` and ``parcels`` are rows or cells of the ledger (:mod:`geo.measure.floor_area`).  A column that an entry does
    not say itself is its parcel's (by ``parcel_code``); one that land does not have (state, year, carrier) is ``none``.
    site_area_m2: each parcel's site area once, split by its land-use shares where they are known, else under ``mixed`` or
    ``unknown``.  gfa_m2: the sum of the known entries, NaN where there are entries and none is known.  n: entries;
    n_unknown: those without a floor area.  The grand total in m² is the same under every grouping; by carrier an entry that
    several hold is one for each of them and one for the rest.  ``divide_uses`` splits floor area by shares of use, too.

    ``subtotals`` adds a row for every shorter run of ``by`` with the rest null, the grand total last, and a column
    ``level``: how many of the columns hold.  Another ``unit`` of area adds ``site_area_<unit>`` and ``gfa_<unit>`` (亩 is
    for land only) and changes nothing else.  Entries with bounds (gfa_low_m2, gfa_high_m2, n_open) give gfa_low_m2 and
    gfa_high_m2, the latter NaN where something has no upper bound.

    Raises
    ------
    NotFoundError
        A column to group by does not exist; the message lists those there are.
    UnitError
        The unit is not known, or is not one of area.
    """
    columns = checked_groups(by)
    _check_unit(unit)
    booked = pd.concat(
        [_site_bookings(parcels, columns), _entry_bookings(entries, parcels, columns, divide_uses)], ignore_index=True
    )
    found = _summed(booked, columns)
    if subtotals:
        levels = [found.assign(level=len(columns))]
        levels += [_summed(booked, columns[:k]).assign(level=k) for k in range(len(columns) - 1, -1, -1)]
        # Rows that hold more of the columns come first: a subtotal stands below what it sums.
        together = pd.concat(levels, ignore_index=True).reindex(columns=[*levels[0].columns])
        found = together.sort_values(columns, na_position="last", ignore_index=True) if columns else levels[0]
    return found if unit == "m2" else _in_unit(found, unit)


def of_ledger(ledger: pd.DataFrame, by: Sequence[str], **asked: Any) -> pd.DataFrame:
    """:func:`totals` over the rows of a ledger (:func:`geo.answers.ledger.ledger`), as the database adds them up.

    Where nothing asks for carriers, the parts that they hold of one building or parcel are one entry again.
    """
    site, floor = (ledger[ledger["books"] == books] for books in ("site_area", "floor_area"))
    return totals(as_entries(floor, by), site.drop(columns=list(HELD_GROUPS), errors="ignore"), by, **asked)


def as_entries(floor: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Rows of floor area as the entries that a grouping counts: divided among carriers only where it asks for them."""
    if set(by) & set(HELD_GROUPS) or floor.empty:
        return floor
    keys = ["parcel_code", "building_code", "state", *(name for name in by if name != "state")]
    # Parts of an unknown floor area are unknown, all of them.
    found: pd.DataFrame = floor.groupby(keys, dropna=False, sort=False)[["gfa_m2"]].sum(min_count=1).reset_index()
    return found


def named_groups(by: Sequence[str]) -> list[str]:
    """The columns that are named, each once; a text names several by comma, as on the command line."""
    names = (each.strip() for each in by.split(",")) if isinstance(by, str) else by
    return list(dict.fromkeys(name for name in names if name))


def not_grouped(name: str, groups: Sequence[str], where: str = "") -> tuple[str, str]:
    """What is said of a column that one cannot group by, and of those there are."""
    listed = ", ".join(groups)
    said = Said(f"Floor area cannot be grouped by {name!r}{where and ' ' + where}.", f"不能按“{name}”分组。")
    return said, Said(f"Groupings: {listed}.", f"可用的分组：{listed}。")


def checked_groups(by: Sequence[str]) -> list[str]:
    """The columns to group by, each once.

    Raises
    ------
    NotFoundError
        There is no such column; the message lists those there are.
    """
    columns = named_groups(by)
    for name in columns:
        if name not in GROUPINGS:
            raise NotFoundError(*not_grouped(name, GROUPINGS))
    return columns


def checked_states(states: Sequence[str] | str | None) -> list[str]:
    """The states of floor area that are asked for, in their order; ``None``: what stands; ``"all"``: every one.

    Raises
    ------
    NotFoundError
        There is no such state; the message lists those there are.
    """
    wanted = ("standing",) if states is None else STATES if states == "all" else states
    named = [wanted] if isinstance(wanted, str) else list(wanted)
    for name in named:
        if name not in STATES:
            listed = ", ".join(STATES)
            raise NotFoundError(
                Said(f"Floor area has no state {name!r}.", f"没有“{name}”这种建设状态。"),
                Said(f"States: {listed}, or all.", f"可用的状态：{listed}，或 all（全部）。"),
            )
    return [name for name in STATES if name in named]


def _check_unit(unit: str) -> None:
    if units.dimension(unit) != "area":
        raise UnitError(f"{unit} is no unit of area.", "Name one: m2, 万㎡, 公顷, 亩, km2, ft2.")


def _summed(booked: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    bounds = [name for name in _BOUNDS if name in booked]
    figures = [*_FIGURES, *bounds]
    groups = booked.groupby(columns or np.zeros(len(booked)), sort=True)[figures].sum()
    found = groups.reset_index(drop=not columns)
    if found.empty and not columns:
        found = pd.DataFrame([dict.fromkeys(figures, 0.0)])
    n, n_unknown = found["n"].astype("int64"), found["n_unknown"].astype("int64")
    nothing_known = (n > 0) & (n == n_unknown)
    found = found.assign(gfa_m2=found["gfa_m2"].mask(nothing_known), n=n, n_unknown=n_unknown)
    if bounds:
        found = found.assign(gfa_high_m2=found["gfa_high_m2"].mask(found["n_open"] > 0)).drop(columns="n_open")
    return found


def _in_unit(found: pd.DataFrame, unit: str) -> pd.DataFrame:
    factor = units.factor("m2", unit)
    shown = found.assign(**{f"site_area_{unit}": found["site_area_m2"] * factor})
    return shown if unit in ("亩", "mu") else shown.assign(**{f"gfa_{unit}": found["gfa_m2"] * factor})


def _site_bookings(parcels: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Each parcel's site area, one row for each of its uses; a column that land does not have is ``none``."""
    land = parcels.reset_index(drop=True)
    if "land_use_parts" in land:
        land = by_uses(land, ["site_area_m2"])
    named = {name: _named(land[name]) if name in land else NONE for name in columns}
    area = land["site_area_m2"].astype("float64").fillna(0.0)
    return pd.DataFrame(named | {"site_area_m2": area, "gfa_m2": 0.0, "n": 0, "n_unknown": 0}, index=land.index)


def _entry_bookings(
    entries: pd.DataFrame, parcels: pd.DataFrame, columns: Sequence[str], divide_uses: bool
) -> pd.DataFrame:
    """Each entry's floor area; a column that it does not say is its parcel's."""
    bounds = [name for name in _BOUNDS if name in entries]
    frame = entries.reset_index(drop=True)
    if divide_uses and "land_use_parts" in frame:
        frame = by_uses(frame, ["gfa_m2", *bounds[:2]])
    place = [name for name in columns if name not in frame and name in parcels]
    if place:
        here = parcels.set_index("parcel_code")[place].reindex(frame["parcel_code"]).reset_index(drop=True)
        frame = frame.assign(**{name: here[name] for name in place})
    gfa = frame["gfa_m2"].astype("float64")
    counts = {
        "n": frame.get("n", 1),
        "n_unknown": frame["n_unknown"] if "n_unknown" in frame else gfa.isna().astype("int64"),
    }
    named = {name: _named(frame[name]) if name in frame else NONE for name in columns}
    figures = {"site_area_m2": 0.0, "gfa_m2": gfa.fillna(0.0)} | counts | {name: frame[name] for name in bounds}
    return pd.DataFrame(named | figures, index=frame.index)


def by_uses(frame: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Rows of which ``land_use_parts`` tells several uses with shares, one row a use, the figures divided by them."""
    ways = frame["land_use_parts"].fillna("")
    rows = [(way, use, share) for way in ways.unique() for use, share in split_uses(way)]
    table = pd.DataFrame(rows, columns=["_way", "land_use", "_share"]).astype({"_way": ways.dtype})
    kept = frame.drop(columns=["land_use_parts", *(["land_use"] if "land_use" in frame else [])]).assign(_way=ways)
    found = kept.merge(table, on="_way", how="left")
    found = found.assign(**{name: found[name].astype("float64") * found["_share"] for name in figures})
    return found.drop(columns=["_way", "_share"])


def _named(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), UNKNOWN).astype(str)


def split_uses(parts: str) -> list[tuple[str, float]]:
    """Parts of a land use (JSON text) as uses and the share of the area booked to each; the shares sum to 1.

    All to one use where there is one; by the shares where all are known, what they leave open to ``unknown``; else all to
    ``mixed``.  Nothing said, or a code of no use: all to ``unknown``.
    """
    found = json.loads(parts) if parts else []
    uses = [part["use"] for part in found]
    shares = [part["share"] for part in found]
    if not uses or None in uses:
        return [(UNKNOWN, 1.0)]
    if None in shares:
        return [(uses[0] if len(set(uses)) == 1 else MIXED, 1.0)]
    whole = float(np.sum(shares))
    short = whole < 1.0 - _ROUNDING * len(shares)
    booked: dict[str, float] = {}
    for use, share in zip(uses, shares, strict=True):
        booked[use] = booked.get(use, 0.0) + (share if short else share / whole)
    return [*booked.items(), *([(UNKNOWN, 1.0 - whole)] if short else [])]

"""Totals of site area and floor area: every square metre once, unknown counted beside and never as zero."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo import units
from geo.errors import NotFoundError, UnitError

#: what totals may be grouped by
GROUPS = ("zone", "land_use", "supply_status")
UNKNOWN, MIXED = "unknown", "mixed"
#: Shares written in whole per cents may each be off by this much; see measure.falls_short, which has the same.
_ROUNDING = 0.005


def totals(
    entries: pd.DataFrame, parcels: pd.DataFrame, by: Sequence[str], *, subtotals: bool = False, unit: str = "m2"
) -> pd.DataFrame:
    """Sums by the columns ``by``: …, site_area_m2, gfa_m2, n, n_unknown; sorted by the columns; ``by=[]`` is one row.

    ``entries`` are those of :func:`geo.measure.floor_area.floor_area_entries`, ``parcels`` those of :func:`geo.parcels`.
    site_area_m2: each parcel's site area once, split by its land-use shares where they are known, else under ``mixed`` or
    ``unknown``.  gfa_m2: the sum of the known entries, NaN where there are entries and none is known.  n: entries;
    n_unknown: those without a floor area.  The grand total is the same under every grouping.

    ``subtotals`` adds a row for every shorter run of ``by`` with the rest null, the grand total last, and a column
    ``level``: how many of the columns hold.  Another ``unit`` of area adds ``site_area_<unit>`` and ``gfa_<unit>`` (亩 is
    for land only) and changes nothing else.

    Raises
    ------
    NotFoundError
        A column to group by does not exist; the message lists those there are.
    UnitError
        The unit is not known, or is not one of area.
    """
    columns = list(dict.fromkeys(by))
    for name in columns:
        if name not in GROUPS:
            raise NotFoundError(f"Floor area cannot be grouped by {name!r}.", f"Groupings: {', '.join(GROUPS)}.")
    _check_unit(unit)
    booked = pd.concat([_site_bookings(parcels), _entry_bookings(entries, parcels)], ignore_index=True)
    found = _summed(booked, columns)
    if subtotals:
        levels = [found.assign(level=len(columns))]
        levels += [_summed(booked, columns[:k]).assign(level=k) for k in range(len(columns) - 1, -1, -1)]
        # Rows that hold more of the columns come first: a subtotal stands below what it sums.
        together = pd.concat(levels, ignore_index=True).reindex(columns=[*levels[0].columns])
        found = together.sort_values(columns, na_position="last", ignore_index=True) if columns else levels[0]
    return found if unit == "m2" else _in_unit(found, unit)


def _check_unit(unit: str) -> None:
    if units.dimension(unit) != "area":
        raise UnitError(f"{unit} is no unit of area.", "Name one: m2, 万㎡, 公顷, 亩, km2, ft2.")


def _summed(booked: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    figures = ["site_area_m2", "gfa_m2", "n", "n_unknown"]
    groups = booked.groupby(columns or np.zeros(len(booked)), sort=True)[figures].sum()
    found = groups.reset_index(drop=not columns)
    if found.empty and not columns:
        found = pd.DataFrame([dict.fromkeys(figures, 0.0)])
    n, n_unknown = found["n"].astype("int64"), found["n_unknown"].astype("int64")
    nothing_known = (n > 0) & (n == n_unknown)
    return found.assign(gfa_m2=found["gfa_m2"].mask(nothing_known), n=n, n_unknown=n_unknown)


def _in_unit(found: pd.DataFrame, unit: str) -> pd.DataFrame:
    factor = units.factor("m2", unit)
    shown = found.assign(**{f"site_area_{unit}": found["site_area_m2"] * factor})
    return shown if unit in ("亩", "mu") else shown.assign(**{f"gfa_{unit}": found["gfa_m2"] * factor})


def _site_bookings(parcels: pd.DataFrame) -> pd.DataFrame:
    """Each parcel's site area, one row for each of its uses."""
    ways = parcels["land_use_parts"].fillna("")
    rows = [(way, use, share) for way in ways.unique() for use, share in split_uses(way)]
    table = pd.DataFrame(rows, columns=["way", "land_use", "share"]).astype({"way": ways.dtype})
    land = pd.DataFrame(
        {
            "zone": _named(parcels["zone"]),
            "supply_status": _named(parcels["supply_status"]),
            "way": ways,
            "site_area_m2": parcels["site_area_m2"].astype("float64"),
        }
    ).merge(table, on="way", how="left")
    area = land["site_area_m2"] * land["share"]
    return land[["zone", "supply_status", "land_use"]].assign(site_area_m2=area, gfa_m2=0.0, n=0, n_unknown=0)


def _entry_bookings(entries: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """Each entry's floor area under its parcel's zone and supply status."""
    place = parcels.set_index("parcel_code")[["zone", "supply_status"]]
    here = place.reindex(entries["parcel_code"]).reset_index(drop=True)
    gfa = entries["gfa_m2"].reset_index(drop=True).astype("float64")
    return pd.DataFrame(
        {
            "zone": _named(here["zone"]),
            "supply_status": _named(here["supply_status"]),
            "land_use": _named(entries["land_use"].reset_index(drop=True)),
            "site_area_m2": 0.0,
            "gfa_m2": gfa.fillna(0.0),
            "n": 1,
            "n_unknown": gfa.isna().astype("int64"),
        }
    )


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

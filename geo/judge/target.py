"""The way to the plan's floor area of carriers (一(三)): what counts, what is on its way, what is open, and the gap."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo.policy import CarrierTarget, Policy

#: states of what is on its way
PIPELINE = ("approved", "under_construction")
COLUMNS = ("carrier_code", "name", "zone", "stage", "year", "since", "gfa_m2", "counts", "open")
_STANDING = ("standing",)


def target_rows(
    policy: Policy,
    carriers: pd.DataFrame,
    pieces: pd.DataFrame | None = None,
    *,
    day: date | None = None,
    park_known: bool = False,
) -> pd.DataFrame:
    """What each carrier gives towards the target, one row for what is built and one for each year of what is on its way.

    ``carriers`` are those of :func:`geo.carriers`, ``pieces`` the rows of floor area of :func:`geo.ledger` (without them: by
    the carriers' own figures alone).  A carrier counts where the policy's status, kind, place and day of recognition are all
    met (``counts`` yes, no or unknown; ``open`` names the conditions that are not).  ``stage``: ``built``, with the figure that
    the policy's ``carrier_figure`` names, of which ``uses`` and ``carrier_place`` may take a part; or ``pipeline``: what the
    carrier holds in buildings that are approved or under construction, by the ``year`` of planned completion, and planned
    carriers without such buildings.  ``gfa_m2`` NaN is unknown.  No row where the policy has no target.
    """
    if policy.target is None or carriers.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    target, named = policy.target, _with_columns(carriers)
    held = pd.DataFrame(columns=["carrier", "state"]) if pieces is None else pieces
    held = held[held["carrier"].isin(named["carrier_code"])]
    standing = held[held["state"].isin(target.states.value if target.states else _STANDING)]
    part, place = _parts(policy, named, held, standing, park_known)
    asked = {
        "kind": _in(named["carrier_kind"], target.kinds.value) if target.kinds else _all(named, "yes"),
        "place": place,
    }
    recognised = {"recognised": _recognised(target, named["recognised_on"], day)}
    status = {"status": _in(named["status"], target.statuses.value)}
    built = _stage(named, asked | status | recognised).assign(
        stage="built", gfa_m2=_figures(policy, named, standing) * part, year=_years(named["recognised_on"]), since=None
    )
    coming = (*target.statuses.value, *(target.planned_statuses.value if target.planned_statuses else ()))
    will = _stage(named, asked | {"status": _in(named["status"], coming)})
    ahead = held[held["state"].isin(PIPELINE)]
    joined = ahead[[c for c in ("carrier", "year", "since", "gfa_m2") if c in ahead]].merge(
        will, left_on="carrier", right_on="carrier_code"
    )
    # A planned carrier of which no building is on its way is on its way itself: nobody says until when.
    alone = ~named["carrier_code"].isin(ahead["carrier"]) & (status["status"] == "no")
    waiting = will[alone].assign(gfa_m2=named["gfa_m2"][alone], year="unknown", since=None)
    waiting = waiting[waiting["counts"] != "no"]
    together = [built, joined.assign(stage="pipeline"), waiting.assign(stage="pipeline")]
    return pd.concat([each.reindex(columns=list(COLUMNS)) for each in together if len(each)], ignore_index=True)


def towards_target(
    policy: Policy,
    carriers: pd.DataFrame,
    pieces: pd.DataFrame | None = None,
    *,
    day: date | None = None,
    park_known: bool = False,
) -> dict[str, Any]:
    """How much carrier floor area counts towards the target, how much is on its way and when, and the gap; in m².

    Sums are of what is known, ``None`` where nothing is; carriers of unknown size, and those of which a condition is unknown
    (undecided), are counted beside.  ``target_expected_m2`` adds what is to be completed by the target's day, and
    ``horizon_expected_m2`` by the policy's later one; neither counts before it is completed and recognised.
    """
    if policy.target is None:
        return {"target_m2": None}
    target = policy.target
    rows = target_rows(policy, carriers, pieces, day=day, park_known=park_known)
    built, ahead = rows[rows["stage"] == "built"], rows[(rows["stage"] == "pipeline") & (rows["counts"] == "yes")]
    counted = built[built["counts"] == "yes"]
    total, wanted = _sum(counted["gfa_m2"]), target.floor_area.m2
    by_target = _completed(ahead, target.by)
    found: dict[str, Any] = {
        "n_carriers": len(counted),
        "n_carriers_unknown": int(counted["gfa_m2"].isna().sum()),
        "n_carriers_undecided": int((built["counts"] == "unknown").sum()),
        "carrier_gfa_m2": total,
        "target_m2": wanted,
        "target_by": target.by.isoformat(),
        "target_clause": target.floor_area.ground,
        "gap_m2": None if total is None else wanted - total,
        "target_expected_m2": _plus(total, by_target),
        "pipeline": _by_year(ahead),
        "recognised": _by_year(counted),
    }
    if target.horizon is not None:
        later = target.horizon.value
        found |= {
            "horizon_by": later.isoformat(),
            "horizon_ground": target.horizon.ground,
            "horizon_expected_m2": _plus(total, _completed(ahead, later)),
        }
    return found


def _with_columns(carriers: pd.DataFrame) -> pd.DataFrame:
    """The carriers with every column that a rule may ask for; what a frame does not have is unknown."""
    frame = carriers.reset_index(drop=True)
    wanted = ("carrier_code", "name", "zone", "status", "carrier_kind", "recognised_on", "gfa_m2", "gfa_source")
    return pd.DataFrame({name: frame[name] if name in frame else _all(frame, None) for name in wanted})


def _stage(carriers: pd.DataFrame, answers: dict[str, pd.Series[Any]]) -> pd.DataFrame:
    """Whether each carrier meets all conditions: no where one says no, unknown where one is, and which are open."""
    table = pd.DataFrame(answers)
    counts = np.where((table == "no").any(axis=1), "no", np.where((table == "unknown").any(axis=1), "unknown", "yes"))
    open_ = [
        [name for name, answer in zip(table.columns, row, strict=True) if answer != "yes"] for row in table.to_numpy()
    ]
    told = pd.Series(open_, index=carriers.index, dtype=object)
    return carriers[["carrier_code", "name", "zone"]].assign(counts=counts, open=told)


def _parts(
    policy: Policy, carriers: pd.DataFrame, held: pd.DataFrame, standing: pd.DataFrame, park_known: bool
) -> tuple[pd.Series[float], pd.Series[Any]]:
    """The part of each carrier's floor area that counts by use and place, and whether its place does at all."""
    target, rules = policy.target, policy.ledger
    assert target is not None
    codes = carriers["carrier_code"]
    by_use = _all(carriers, 1.0).astype("float64")
    if target.uses:
        by_use = (
            _share(codes, standing, standing["land_use"].isin(target.uses.value)) if len(standing) else by_use * np.nan
        )
    column, inside = ("park", ("in_park",)) if park_known else ("zone", tuple(policy.zones.names))
    divided = rules is not None and rules.carrier_place.value == "share"
    if not divided and not park_known:
        return by_use, _in(carriers["zone"].replace("unknown", None), inside)
    there = _share(codes, held, held[column].isin(inside)) if len(held) else _all(carriers, np.nan).astype("float64")
    if divided:
        share, least = there, 0.0
        answer = np.where(share.isna(), "unknown", np.where(share > least, "yes", "no"))
        here = _share(codes, standing, standing[column].isin(inside)) if len(standing) else there
        return by_use * here.fillna(share), pd.Series(answer, index=carriers.index)
    assert rules is not None
    answer = np.where(there.isna(), "unknown", np.where(there >= rules.park_min_share.share, "yes", "no"))
    return by_use, pd.Series(answer, index=carriers.index)


def _share(codes: pd.Series[Any], pieces: pd.DataFrame, meets: pd.Series[bool]) -> pd.Series[float]:
    """The share of each carrier's floor area in pieces that meet a condition; of all or none it is known without figures."""
    grouped = pieces.assign(meets=meets, met=pieces["gfa_m2"].where(meets, 0.0)).groupby("carrier")
    table = grouped.agg(n=("meets", "size"), k=("meets", "sum"), met=("met", "sum"), whole=("gfa_m2", "sum"))
    unknown = grouped["gfa_m2"].apply(lambda gfa: gfa.isna().any())
    share = (table["met"] / table["whole"].replace(0.0, np.nan)).mask(unknown)
    share = share.mask(table["k"] == table["n"], 1.0).mask(table["k"] == 0, 0.0)
    return codes.map(share).astype("float64")


def _figures(policy: Policy, carriers: pd.DataFrame, standing: pd.DataFrame) -> pd.Series[float]:
    own = carriers["gfa_m2"].astype("float64")
    if policy.ledger is None or policy.ledger.carrier_figure.value == "registered":
        return own
    # min_count: a carrier of which a piece is unknown is unknown
    sums = standing.groupby("carrier")["gfa_m2"].apply(lambda gfa: gfa.sum() if gfa.notna().all() else np.nan)
    return carriers["carrier_code"].map(sums).astype("float64")


def _recognised(target: CarrierTarget, days: pd.Series[Any], day: date | None) -> pd.Series[Any]:
    if day is None:
        return pd.Series("yes", index=days.index)
    needed = target.recognition_day is not None and target.recognition_day.value
    answer = ["unknown" if needed else "yes"] * len(days)
    told = [("yes" if str(one)[:10] <= day.isoformat() else "no") if _known(one) else other
            for one, other in zip(days, answer, strict=True)]  # fmt: skip
    return pd.Series(told, index=days.index)


def _years(days: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series([str(one)[:4] if _known(one) else "unknown" for one in days], index=days.index)


def _completed(ahead: pd.DataFrame, by: date) -> float | None:
    in_time = [_known(one) and str(one)[:10] <= by.isoformat() for one in ahead["since"]]
    return _sum(ahead.loc[in_time, "gfa_m2"])


def _by_year(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Sums by year: known, and how many are not; the unknown year last."""
    return [
        {"year": year, "gfa_m2": _sum(group["gfa_m2"]), "n": len(group), "n_unknown": int(group["gfa_m2"].isna().sum())}
        for year, group in rows.groupby("year", sort=True)
    ]


def _plus(total: float | None, more: float | None) -> float | None:
    return total if more is None else more if total is None else total + more


def _all(frame: pd.DataFrame, value: Any) -> pd.Series[Any]:
    return pd.Series([value] * len(frame), index=frame.index, dtype=object)


def _in(values: pd.Series[Any], wanted: tuple[str, ...]) -> pd.Series[Any]:
    """For each value ``yes``, ``no`` or ``unknown``: is it one of those wanted?"""
    return values.isin(wanted).map({True: "yes", False: "no"}).astype(object).mask(values.isna(), "unknown")


def _known(value: Any) -> bool:
    return value is not None and value is not pd.NaT and value is not pd.NA and value == value


def _sum(values: pd.Series[float]) -> float | None:
    """The sum of what is known; ``None`` where nothing is, since an empty sum would read as zero."""
    known = values.dropna()
    return float(known.sum()) if len(known) else None

"""Measures laid over what is registered: what the ledger, the carriers and the land would be with them.  Pure.

Nothing is written to the frames that are given.  Only a measure of which nothing is unknown is laid over, and none before
the day on which it is completed and recognised.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.fields.land_use import USE_SHARES
from geo.judge.open_kinds import OF_LAND
from geo.judge.target import PIPELINE, target_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.policy import Policy
    from geo.policy.rules import Target

NOBODY, UNKNOWN = "none", "unknown"
#: what a row of the ledger says of who holds it
_HOLDER = ("carrier", "kind", "operator", "operator_role")
_UNSURE = ("unknown", "disputed")
_PLACE = ["zone", "park", "street"]
#: what a new floor area rests on
SOURCE = "scenario"


def counted_on(measures: pd.DataFrame, by: date | None = None) -> pd.DataFrame:
    """The measures that may be counted on: nothing of one is ``open``, and it can count by the day (``None``: ever)."""
    known = np.array([not len(open_) for open_ in measures["open"]], dtype=bool)
    if by is not None:
        known &= np.array([day is not None and day <= by for day in measures["ready_on"]], dtype=bool)
    return measures[known].reset_index(drop=True)


def conflicts(measures: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of these measures that use the same square metres, each once."""
    names = set(measures["measure_id"])
    return [
        (name, other)
        for name, excludes in zip(measures["measure_id"], measures["excludes"], strict=True)
        for other in excludes
        if other in names and name < other
    ]


def laid_ledger(policy: Policy, ledger: pd.DataFrame, measures: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """The ledger with these measures laid over it: rows as :func:`geo.ledger` gives them.

    ``admit``: what nobody holds is held by a carrier of the measure's name.  ``completion``: what is on its way stands.
    ``conversion_building``: what stands on the parcel and nobody holds is of the route's target use, and a carrier's; the land
    too.  ``conversion_land``, ``new_building``, ``site``: what nobody holds there is demolished (an entry of 0 m² gives way),
    and the measure's floor area stands; of a site divided over its parcels by permitted floor area.  ``delisting``: what the
    carrier holds is nobody's.  ``parcels`` has parcel_code, main_use, max_far, site_area_m2.
    """
    rows = ledger.reset_index(drop=True)
    cells: dict[str, Any] = {
        name: rows[name].to_numpy(dtype=object, copy=True)
        for name in (*_HOLDER, "state", "year", "land_use", "supply_status")
    }
    floor = (rows["books"] == "floor_area").to_numpy()
    buildings = rows["building_code"].to_numpy(dtype=object)
    within = rows.groupby("parcel_code").indices
    held = rows.groupby("carrier").indices
    empty = ((rows["gfa_m2"] == 0) & rows["building_code"].isna()).to_numpy()
    gone = np.zeros(len(rows), dtype=bool)
    built: list[dict[str, Any]] = []
    land = parcels.drop_duplicates("parcel_code").set_index("parcel_code")

    def hold(at: Any, name: str) -> None:
        cells["carrier"][at] = name
        for column in _HOLDER[1:]:
            cells[column][at] = UNKNOWN

    for measure in told_one_by_one(measures):
        name, kind, ready = measure["measure_id"], measure["kind"], measure["ready_on"]
        if kind == "delisting":
            at = held.get(measure["carrier_code"], np.array([], dtype=int))
            for column in _HOLDER:
                cells[column][at] = NOBODY
            continue
        for code in needed(measure):
            at = within.get(code, np.array([], dtype=int))
            here = at[floor[at]]
            if kind in ("admit", "completion"):
                holder = _holder(measure)
                mine = here[
                    (cells["carrier"][here] == holder)
                    & np.array([_same(one, measure["building_code"]) for one in buildings[here]], dtype=bool)
                    & np.isin(cells["state"][here].astype(str), ["standing"] if kind == "admit" else PIPELINE)
                ]
                if kind == "completion":
                    cells["state"][mine], cells["year"][mine] = "standing", str(ready.year)
                if holder == NOBODY or holder in _UNSURE:
                    hold(mine, name)
                continue
            free = here[(cells["state"][here] == "standing") & (cells["carrier"][here] == NOBODY)]
            use = _use_after(policy, measure, land, code)
            if measure["rule"] is not None:
                cells["land_use"][at[~floor[at]]] = use
            if kind == "conversion_building":
                cells["land_use"][free] = use
                hold(free, name)
                continue
            gone[free[empty[free]]] = True
            cells["state"][free], cells["year"][free] = "demolished", UNKNOWN
            cells["supply_status"][at] = "built"
            built += _new_rows(rows, at[~floor[at]], measure, code, use, _part(measure, land, code))
    laid = rows.assign(**cells)[~gone]
    if not built:
        return laid.reset_index(drop=True)
    return pd.concat([laid, pd.DataFrame(built)], ignore_index=True)[list(rows.columns)]


def laid_carriers(
    policy: Policy,
    carriers: pd.DataFrame,
    pieces: pd.DataFrame,
    measures: pd.DataFrame,
    *,
    day: date,
    park_known: bool,
) -> pd.DataFrame:
    """The carriers with these measures: new ones, those that what is completed makes larger, and delisted ones.

    ``pieces`` are the rows of floor area of the ledger as it is registered.  A new carrier counts: its status is the first
    that the target names, and its kind where the target names any.
    """
    target = policy.target
    if target is None or measures.empty:
        return carriers
    frame = pd.DataFrame(carriers.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
    rows = target_rows(policy, frame, pieces, day=day, park_known=park_known)
    now = rows[(rows["stage"] == "built") & (rows["counts"] == "yes")].set_index("carrier_code")["gfa_m2"]
    status, kind = target.statuses.value[0], target.kinds.value[0] if target.kinds else None
    counts = {"status": status} | ({} if kind is None else {"carrier_kind": kind})
    place = {code: number for number, code in enumerate(frame["carrier_code"])}
    changed: dict[int, dict[str, Any]] = {}
    new: list[dict[str, Any]] = []
    for measure in told_one_by_one(measures):
        code = measure["carrier_code"]
        if measure["kind"] == "delisting":
            changed[place[code]] = {"status": "delisted"}
        elif code in place:
            at = changed.setdefault(place[code], {})
            before = at.get("gfa_m2", float(now[code]) if code in now.index else 0.0)
            at |= {"gfa_m2": before + measure["gfa_m2"]}
            if code not in now.index:
                at |= counts | {"recognised_on": measure["ready_on"]}
        else:
            gains = {"gfa_m2": measure["gfa_m2"], "gfa_source": "carrier", "zone": measure["zone"]}
            name = {"carrier_code": measure["measure_id"], "name": None, "carrier_kind": kind}
            more = {"recognised_on": measure["ready_on"], "synthetic": measure["synthetic"]}
            new.append(name | counts | gains | more)
    told = frame.astype({name: object for name in ("status", "recognised_on", "carrier_kind") if name in frame})
    for number, values in changed.items():
        for column, value in values.items():
            told.loc[number, column] = value
    if not new:
        return told
    return pd.concat([told, pd.DataFrame(new).reindex(columns=told.columns)], ignore_index=True)


def laid_parcels(
    policy: Policy, parcels: pd.DataFrame, measures: pd.DataFrame, standing: pd.DataFrame, ledger: pd.DataFrame
) -> Any:
    """The measured parcels with these measures laid over them, to be judged again.

    A conversion changes the planned use; what is built stands, at the permitted FAR, and nobody knows its vacancy; delisting
    makes one carrier more that is delisted on its parcels.  ``standing`` tells which carrier stands on which parcel, ``ledger``
    is the one that is laid over.  Its neighbours: :func:`geo.judge.laid_nearby.laid_nearby`.
    """
    frame = parcels.copy()
    number = dict(zip(frame["parcel_code"], frame.index, strict=True))
    now = ledger[(ledger["books"] == "floor_area") & (ledger["state"] == "standing")]
    grouped = now.groupby("parcel_code")["gfa_m2"]
    stands = grouped.sum().where(grouped.count() == grouped.size())  # of what is not known there is no sum
    for measure in told_one_by_one(measures):
        if measure["kind"] == "delisting":
            there = standing.loc[standing["carrier_code"] == measure["carrier_code"], "parcel_code"]
            for code in there:
                _set(frame, number.get(code), {"delisted_carriers": _more(frame, number.get(code))})
            continue
        for code in needed(measure):
            at = number.get(code)
            told: dict[str, Any] = {}
            target = _target_of(policy, measure)
            if target is not None:
                told |= _planned(target)
            if measure["kind"] in OF_LAND:
                told |= {"vacancy_share": np.nan}
            if measure["kind"] in OF_LAND and measure["kind"] != "conversion_building":
                told |= {"supply_status": "built", "far_headroom": 0.0, "far_used_share": 1.0}
                told |= {"year_built": measure["ready_on"].year, "far": None if at is None else frame.at[at, "max_far"]}
            if measure["kind"] != "conversion_building" and measure["kind"] != "admit":
                told |= {"gfa_m2": stands.get(code, np.nan)}
            _set(frame, at, told)
    return frame


def needed(measure: dict[str, Any]) -> list[str]:
    """The parcels that a measure changes: those of a site but for the land that it has already."""
    if measure["kind"] != "site":
        return list(measure["parcel_codes"])
    return [one.removeprefix("parcel:") for one in measure["sources"] if one.startswith("parcel:")]


def told_one_by_one(measures: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The measures one by one; what one is not of is ``None``."""
    plain = {"building_code", "carrier_code", "rule", "route"}
    for row in measures.to_dict("records"):
        yield {str(k): None if k in plain and not isinstance(v, str) else v for k, v in row.items()}


def _holder(measure: dict[str, Any]) -> str:
    if measure["carrier_code"] is not None:
        return str(measure["carrier_code"])
    last = str(measure["measure_id"]).rpartition(":")[2]
    return last if last in _UNSURE else NOBODY


def _same(one: Any, other: Any) -> bool:
    return (
        one == other if isinstance(one, str) and isinstance(other, str) else not isinstance(one, str) and other is None
    )


def _target_of(policy: Policy, measure: dict[str, Any]) -> Target | None:
    """What the land of a conversion becomes: the first target of its route; none of other kinds."""
    if measure["rule"] is None:
        return None
    routes = {route.id: route for route in policy.rule(measure["rule"]).routes}
    return routes[measure["route"]].targets[0]


def _use_after(policy: Policy, measure: dict[str, Any], land: pd.DataFrame, code: str) -> str:
    target = _target_of(policy, measure)
    if target is not None:
        return target.use
    # Of a site nobody has said for what it is planned afterwards.
    known = measure["kind"] == "new_building" and code in land.index and isinstance(land.at[code, "main_use"], str)
    return str(land.at[code, "main_use"]) if known else UNKNOWN


def _part(measure: dict[str, Any], land: pd.DataFrame, code: str) -> float:
    """The share of a measure's floor area that stands on one of its parcels."""
    codes = needed(measure)
    if len(codes) == 1:
        return 1.0
    most = land.reindex(codes)["max_far"].astype("float64") * land.reindex(codes)["site_area_m2"].astype("float64")
    return float(most[code] / most.sum())


def _new_rows(
    rows: pd.DataFrame, sites: Any, measure: dict[str, Any], code: str, use: str, part: float
) -> Iterator[dict[str, Any]]:
    """What is built on a parcel, where its land is booked: one row, or by area where the policy divides parcels."""
    land = rows.iloc[sites]
    whole = land["share"].sum()
    for place, group in land.groupby(_PLACE, sort=True):
        share = float(group["share"].sum() / whole)
        yield dict.fromkeys(rows.columns) | dict(zip(_PLACE, place, strict=True)) | {
            "books": "floor_area", "parcel_code": code, "land_use": use, "supply_status": "built", "state": "standing",
            "year": str(measure["ready_on"].year), "carrier": measure["measure_id"], "kind": UNKNOWN, "operator": UNKNOWN,
            "operator_role": UNKNOWN, "share": share, "site_area_m2": np.nan, "gfa_m2": measure["gfa_m2"] * part * share,
            "gfa_source": SOURCE, "since": measure["ready_on"], "import_id": group["import_id"].iloc[0],
        }  # fmt: skip


def _planned(target: Target) -> dict[str, Any]:
    part = {"code": target.code, "table": target.table, "use": target.use, "share": 1.0}
    shares = {name: float(target.use in uses) for name, uses in USE_SHARES.items()}
    return {"land_use": target.code, "land_use_parts": json.dumps([part]), "main_use": target.use} | shares


def _more(frame: pd.DataFrame, at: Any) -> float:
    known: Any = 0.0 if at is None else frame.at[at, "delisted_carriers"]
    # What was not known is one at least now.
    return 1.0 if pd.isna(known) else float(known) + 1.0


def _set(frame: pd.DataFrame, at: Any, values: dict[str, Any]) -> None:
    if at is None:
        return
    for name, value in values.items():
        if name in frame:
            frame.at[at, name] = value

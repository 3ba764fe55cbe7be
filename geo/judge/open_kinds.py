"""The measures of each kind, found in the ledger, in what the rules said, and among carriers and sites.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.judge.target import PIPELINE

if TYPE_CHECKING:
    from geo.judge.open_given import Given
    from geo.policy import Policy
    from geo.policy.way import OfRoutes, OfStatuses, OfUses, WaySearch

Row = dict[str, Any]
#: kinds that take whole parcels; the others take one building, or one carrier's part of it
OF_LAND = ("conversion_building", "conversion_land", "new_building", "site")
#: land on which nothing stands
_FREE = ("not_granted", "granted_unbuilt")
_NOBODY, _UNSURE = "none", ("unknown", "disputed")
#: shares that sum to less than 1 by no more are whole: the noise of adding decimals up
_WHOLE = 1 - 1e-9


class Facts:
    """What the kinds are found in: the ledger entry by entry, parcels by code, carriers by code."""

    def __init__(self, policy: Policy, given: Given) -> None:
        assert policy.target is not None
        self.policy, self.given, self.target = policy, given, policy.target
        self.parcels = given.parcels.set_index("parcel_code", drop=False)
        #: permitted FAR × site area of each parcel, m²
        most = self.parcels["max_far"].astype("float64") * self.parcels["site_area_m2"].astype("float64")
        self.capacity = dict(zip(self.parcels["parcel_code"], most, strict=True))
        ledger = given.ledger[self._asked_for(given.ledger)]
        self.entries = _entries(ledger, self._place(ledger))
        self.by_parcel: dict[str, list[Row]] = {}
        for row in self.entries:
            self.by_parcel.setdefault(row["parcel_code"], []).append(row)
        self.places = dict(zip(self.parcels.index, self._place(self._with_side(self.parcels)), strict=True))

    def _asked_for(self, ledger: pd.DataFrame) -> pd.Series[bool]:
        """The rows that a measure may be made of: a city has a hundred times as many."""
        search = self.target.measures
        assert search is not None
        uses = {use for kind in (search.admit, search.completion) if kind for use in kind.uses.value}
        codes = {code for row in self.given.sites.get("parcel_codes", ()) for code in row}
        for judged in self.given.judged.values():
            codes.update(judged.loc[judged["verdict"] != "no", "parcel_code"])
        if search.new_building:
            codes.update(self.parcels.index[self.parcels["main_use"].isin(list(search.new_building.uses.value))])
        by_use = ledger["land_use"].isin([*uses, "unknown", "mixed"])
        return by_use | ledger["state"].isin(PIPELINE) | ledger["parcel_code"].isin(codes)

    def _place(self, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Whether each row lies where it counts: yes, no or unknown."""
        column, wanted = ("park", ("in_park",)) if self.given.park_known else ("zone", tuple(self.policy.zones.names))
        values = rows[column].astype(object).where(rows[column].notna(), "unknown")
        return np.where(values.isin(wanted), "yes", np.where(values == "unknown", "unknown", "no"))

    def _with_side(self, parcels: pd.DataFrame) -> pd.DataFrame:
        if not self.given.park_known or self.policy.ledger is None:
            return parcels
        share, least = parcels["park_share"], self.policy.ledger.park_min_share.share
        return parcels.assign(
            park=np.where(share.isna(), "unknown", np.where(share >= least, "in_park", "outside_park"))
        )

    def standing(self, code: str) -> list[Row]:
        """What stands on a parcel, entry by entry and holder by holder."""
        return [row for row in self.by_parcel.get(code, []) if row["state"] == "standing"]

    def counts(self, use: str) -> bool:
        """Whether floor area of that use counts towards the target."""
        return self.target.uses is None or use in self.target.uses.value

    def all_within(self, code: str, *shares: str) -> bool:
        """Whether these shares of a parcel's uses are known and are all of it."""
        known = self.parcels.loc[code, list(shares)].astype("float64")
        return bool(known.sum(skipna=False) >= _WHOLE)  # False where one is NaN


def measure(kind: str, name: str, codes: list[str], zone: Any, **more: Any) -> Row:
    """A row with what every measure has; what is not given is empty."""
    empty = dict.fromkeys(("building_code", "carrier_code", "rule", "route", "since"))
    plain = {"gfa_basis": "registered", "open": [], "has_day": True, "made_up": False}
    known = zone if isinstance(zone, str) else "unknown"
    return empty | plain | {"measure_id": f"{kind}:{name}", "kind": kind, "parcel_codes": codes, "zone": known} | more


def _entries(ledger: pd.DataFrame, place: np.ndarray[Any, Any]) -> list[Row]:
    """One row for each entry, holder and state; what was divided over zones or uses is put together where it counts."""
    keys = ["parcel_code", "building_code", "state", "carrier"]
    rows = ledger.assign(place=place, building_code=ledger["building_code"].where(ledger["building_code"].notna(), ""))
    rows = rows.assign(counts=rows["gfa_m2"].where(rows["place"] != "no", 0.0), size=rows["gfa_m2"].fillna(0.0))
    rows = rows.sort_values(["place", "size"], ascending=[False, False], kind="stable")
    grouped = rows.groupby(keys, sort=True, dropna=False)
    table = grouped.agg(
        zone=("zone", "first"), place=("place", "first"), since=("since", "first"), n_uses=("land_use", "nunique"),
        land_use=("land_use", "first"), gfa_m2=("counts", "sum"), n=("counts", "size"), n_known=("counts", "count"),
    ).reset_index()  # fmt: skip
    table["gfa_m2"] = table["gfa_m2"].where(table["n"] == table["n_known"])
    table["land_use"] = table["land_use"].where(table["n_uses"] == 1, "mixed")
    told: list[Row] = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    return told


def _use(facts: Facts, row: Row, uses: tuple[str, ...]) -> str | None:
    """``yes`` where the use is one of those, ``open`` where part of it may be, else ``None``."""
    if row["land_use"] in uses:
        return "yes" if facts.counts(row["land_use"]) else None
    if row["land_use"] == "unknown":
        return "open"
    if row["land_use"] == "mixed":
        known = row["parcel_code"] in facts.parcels.index
        return "open" if not known or facts.parcels.at[row["parcel_code"], "rnd_share"] != 0 else None
    return None


def _lacks(row: Row, use: str | None) -> list[str]:
    held = row["carrier"] in _UNSURE
    asked = (("place", row["place"] == "unknown"), ("holder", held), ("use", use == "open"))
    return [name for name, lacks in asked if lacks]


def _name(row: Row) -> str:
    part = "" if row["carrier"] == _NOBODY else f":{row['carrier']}"
    return f"{row['building_code'] or row['parcel_code']}{part}"


def _admit(facts: Facts, search: WaySearch) -> Iterator[Row]:
    kind: OfUses | None = search.admit
    assert kind is not None
    for row in facts.entries:
        held = row["carrier"] != _NOBODY and row["carrier"] not in _UNSURE
        if row["state"] != "standing" or row["place"] == "no" or held or row["gfa_m2"] == 0:
            continue
        use = _use(facts, row, kind.uses.value)
        if use is not None:
            yield measure(
                "admit", _name(row), [row["parcel_code"]], row["zone"], building_code=row["building_code"] or None,
                gfa_m2=row["gfa_m2"], open=_lacks(row, use),
            )  # fmt: skip


def _completion(facts: Facts, search: WaySearch) -> Iterator[Row]:
    kind: OfUses | None = search.completion
    assert kind is not None
    ahead = facts.given.carriers[facts.given.carriers["stage"] == "pipeline"]
    will = dict(zip(ahead["carrier_code"], ahead["counts"], strict=True))
    listed = set()
    for row in facts.entries:
        if row["state"] not in PIPELINE:
            continue
        holder = row["carrier"]
        if holder == _NOBODY or holder in _UNSURE:
            use = _use(facts, row, kind.uses.value)
            if use is None or row["place"] == "no":
                continue
            lacks = _lacks(row, use)
        else:
            # Where a carrier lies, and so whether it counts, is its own: its building's place does not matter.
            listed.add(holder)
            if will.get(holder, "no") == "no":
                continue
            lacks = ["counts"] if will[holder] == "unknown" else []
        since = _day(row["since"])
        yield measure(
            "completion", _name(row), [row["parcel_code"]], row["zone"], building_code=row["building_code"] or None,
            carrier_code=None if holder == _NOBODY or holder in _UNSURE else holder, gfa_m2=row["gfa_m2"],
            open=lacks, since=since, has_day=since is not None,
        )  # fmt: skip
    for alone in ahead[~ahead["carrier_code"].isin(listed)].to_dict("records"):
        # Nobody has said in which building.
        lacks = ["counts"] if alone["counts"] == "unknown" else []
        yield measure(
            "completion", alone["carrier_code"], [], alone["zone"], carrier_code=alone["carrier_code"],
            gfa_m2=alone["gfa_m2"], open=lacks, has_day=False, made_up=bool(alone["synthetic"]),
        )  # fmt: skip


def _conversions(name: str) -> Callable[[Facts, WaySearch], Iterator[Row]]:
    def find(facts: Facts, search: WaySearch) -> Iterator[Row]:
        kind: OfRoutes = getattr(search, name)
        for rule, judged in facts.given.judged.items():
            routes = {path.partition(".")[2] for path in kind.routes.value if path.partition(".")[0] == rule}
            open_ = judged[judged["verdict"].isin(["candidate", "unknown"]) & judged["route"].isin(routes)]
            for code, verdict, route in open_[["parcel_code", "verdict", "route"]].itertuples(index=False):
                lacks = ["verdict"] if verdict == "unknown" else []
                if not facts.all_within(code, "office_share", "industrial_share", "rnd_share"):
                    lacks.append("use")
                gain = _what_stands(facts, code) if name == "conversion_building" else _what_fits(facts, [code])
                row = _of_land(facts, name, f"{rule}:{code}", code, gain, lacks)
                if row is not None:
                    yield row | {"rule": rule, "route": route}

    return find


def _new_building(facts: Facts, search: WaySearch) -> Iterator[Row]:
    kind: OfUses | None = search.new_building
    assert kind is not None
    land = facts.parcels
    free = land["main_use"].isin(list(kind.uses.value)) & land["supply_status"].isin(list(_FREE))
    for code in land.index[free]:
        there = facts.by_parcel.get(code, [])
        if any(row["state"] in PIPELINE for row in there):
            continue  # what is on its way is a completion
        if any(row["state"] == "standing" and (row["gfa_m2"] > 0 or row["building_code"]) for row in there):
            continue
        lacks = [] if facts.all_within(code, "rnd_share") else ["use"]
        row = _of_land(facts, "new_building", code, code, _what_fits(facts, [code]), lacks)
        if row is not None:
            yield row


def _site(facts: Facts, _: WaySearch) -> Iterator[Row]:
    for row in facts.given.sites.to_dict("records"):
        codes = [code for code in row["parcel_codes"] if code in facts.parcels.index]
        new = [code for code in codes if code not in facts.given.anchor]
        places = [facts.places[code] for code in codes]
        if all(place == "no" for place in places):
            continue
        gfa, lacks = _what_fits(facts, [code for code in new if facts.places[code] != "no"])
        lacks += ["place"] if "unknown" in places else []
        zones = facts.parcels.loc[codes].groupby("zone")["site_area_m2"].sum()
        zone = str(zones.idxmax()) if len(zones) else "unknown"
        yield measure("site", str(row["site_id"]), codes, zone, gfa_m2=gfa, gfa_basis="permitted", open=lacks)


def _delisting(facts: Facts, search: WaySearch) -> Iterator[Row]:
    kind: OfStatuses | None = search.delisting
    assert kind is not None
    built = facts.given.carriers
    built = built[(built["stage"] == "built") & (built["counts"] == "yes") & built["status"].isin(kind.statuses.value)]
    for row in built.to_dict("records"):
        yield measure(
            "delisting", row["carrier_code"], [], row["zone"], carrier_code=row["carrier_code"],
            gfa_m2=-row["gfa_m2"], made_up=bool(row["synthetic"]),
        )  # fmt: skip


def _what_stands(facts: Facts, code: str) -> tuple[float, list[str]]:
    """What stands on a parcel and is no carrier's, m², and what of it is not known."""
    rows = facts.standing(code)
    free = [row["gfa_m2"] for row in rows if row["carrier"] == _NOBODY]
    unsure = [row for row in rows if row["carrier"] in _UNSURE]
    # Known of what nobody holds, unknown of what somebody may: the gain is not known then.
    return (float("nan") if unsure else float(sum(free))), (["holder"] if unsure else [])


def _what_fits(facts: Facts, codes: list[str]) -> tuple[float, list[str]]:
    """Permitted FAR × site area, less what carriers have on that land, m², and what of it is not known."""
    most = sum(facts.capacity[code] for code in codes)  # NaN where one of them is
    rows = [row for code in codes for row in facts.standing(code) if row["carrier"] != _NOBODY]
    held = sum(row["gfa_m2"] for row in rows)
    lacks = ["holder"] if any(row["carrier"] in _UNSURE for row in rows) else []
    return float(most - held), lacks


def _of_land(
    facts: Facts, kind: str, name: str, code: str, gain: tuple[float, list[str]], lacks: list[str]
) -> Row | None:
    """A measure of one parcel; none where it does not count there, or where there is nothing to gain."""
    gfa, more = gain
    place = facts.places[code]
    if place == "no" or gfa <= 0:
        return None
    lacks = [*(["place"] if place == "unknown" else []), *lacks, *more]
    # Of a parcel with several uses nobody has said which floor area is of which: no figure stands in for that.
    known = gfa if "use" not in lacks else float("nan")
    basis = "registered" if kind == "conversion_building" else "permitted"
    return measure(kind, name, [code], facts.parcels.at[code, "zone"], gfa_m2=known, gfa_basis=basis, open=lacks)


def _day(value: Any) -> Any:
    return None if value is None or value is pd.NaT or value != value else value


KINDS: dict[str, Callable[[Facts, WaySearch], Iterator[Row]]] = {
    "admit": _admit,
    "completion": _completion,
    "conversion_building": _conversions("conversion_building"),
    "conversion_land": _conversions("conversion_land"),
    "new_building": _new_building,
    "site": _site,
    "delisting": _delisting,
}

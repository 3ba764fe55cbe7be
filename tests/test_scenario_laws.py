"""Laws of scenarios, over many small cities: what is moved is not made, what is built is all that is made, nothing is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_rows import fill
from test_ledger_laws import BY_AREA, CITY, LAWS, POLICY, rows

import geo
from geo.database import Database
from geo.judge.floor_area import of_ledger
from geo.judge.laid_over import laid_ledger

READY = date(2028, 5, 1)
MOVING, BUILDING = ("conversion_building",), ("conversion_land", "new_building")


def measure(kind: str, name: str, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(("building_code", "carrier_code", "rule", "route"))
    return (
        plain | {"measure_id": f"{kind}:{name}", "kind": kind, "ready_on": READY, "gfa_m2": 0.0, "sources": ()} | more
    )


def of_parcel(kind: str, code: str, gfa: float) -> dict[str, Any]:
    routes = {"conversion_building": "existing_building", "conversion_land": "land"}
    rule = {"rule": "office_to_rnd", "route": routes[kind]} if kind in routes else {}
    return measure(kind, code, parcel_codes=[code], gfa_m2=gfa, **rule)


def of_entries(ledger: pd.DataFrame, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every entry that nobody holds and that stands, admitted; every one on its way, completed."""
    floor = ledger[ledger["books"] == "floor_area"].drop_duplicates(
        ["parcel_code", "building_code", "state", "carrier"]
    )
    found = []
    for row in floor.to_dict("records"):
        held = row["carrier"] if row["carrier"] not in ("none", "unknown", "disputed") else None
        kind = {"standing": "admit", "approved": "completion", "under_construction": "completion"}.get(row["state"])
        if kind not in kinds or (kind == "admit" and held):
            continue
        building = row["building_code"] if isinstance(row["building_code"], str) else None
        last = "" if row["carrier"] == "none" else f":{row['carrier']}"
        found.append(
            measure(kind, f"{building or row['parcel_code']}{last}", parcel_codes=[row["parcel_code"]],
                    building_code=building, carrier_code=held)
        )  # fmt: skip
    return found


def land_of(city: list[dict[str, Any]]) -> pd.DataFrame:
    given_ = {"main_use": "research_design", "max_far": 2.0, "site_area_m2": 8_000.0}
    return pd.DataFrame([{"parcel_code": f"P{number}"} | given_ for number in range(len(city))])


def sums(ledger: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    return of_ledger(ledger, by or [])


@given(CITY, st.data())
@LAWS
def test_what_is_converted_admitted_completed_or_delisted_is_moved_and_never_made(
    db: Database, city: list[dict[str, Any]], data: st.DataObject
) -> None:
    fill(db, rows(city))
    land = land_of(city)
    converted = data.draw(st.sets(st.sampled_from(list(land["parcel_code"]))))
    for policy in (POLICY, BY_AREA):
        ledger = geo.ledger(db, policy)
        pd.testing.assert_frame_equal(laid_ledger(policy, ledger, pd.DataFrame(), land), ledger, check_dtype=False)
        chosen = [of_parcel("conversion_building", code, 0.0) for code in sorted(converted)]
        chosen += [
            one for one in of_entries(ledger, ("admit", "completion"))
            if one["kind"] == "completion" or one["parcel_codes"][0] not in converted
        ]  # fmt: skip
        chosen += [measure("delisting", code, carrier_code=code, parcel_codes=[]) for code in ("C0", "C1")]
        before = ledger.copy(deep=True)
        laid = laid_ledger(policy, ledger, pd.DataFrame(chosen), land)
        pd.testing.assert_frame_equal(ledger, before)
        pd.testing.assert_frame_equal(sums(laid), sums(ledger))
        by = ["zone", "park"]
        pd.testing.assert_frame_equal(sums(laid, by), sums(ledger, by))
        floor = laid[laid["books"] == "floor_area"]
        assert not set(floor["state"]) & {"approved", "under_construction"}, "all that was on its way stands"
        nobody = floor[(floor["state"] == "standing") & (floor["carrier"] == "none")]
        assert set(nobody["parcel_code"]) <= set(_held_by(ledger, ("C0", "C1")))
        gone = sums(ledger[ledger["state"] == "demolished"])["gfa_m2"].item()
        assert sums(laid[laid["state"] == "demolished"])["gfa_m2"].item() == pytest.approx(gone, nan_ok=True)


@given(CITY, st.data())
@LAWS
def test_what_is_built_is_all_that_is_made_and_what_it_clears_is_demolished(
    db: Database, city: list[dict[str, Any]], data: st.DataObject
) -> None:
    fill(db, rows(city))
    land = land_of(city)
    kinds = data.draw(st.dictionaries(st.sampled_from(list(land["parcel_code"])), st.sampled_from(BUILDING)))
    gains = {code: data.draw(st.integers(1, 90_000)) for code in sorted(kinds)}
    chosen = [of_parcel(kinds[code], code, float(gains[code])) for code in sorted(kinds)]
    for policy in (POLICY, BY_AREA):
        ledger = geo.ledger(db, policy)
        laid = laid_ledger(policy, ledger, pd.DataFrame(chosen), land)
        assert laid["site_area_m2"].sum() == pytest.approx(ledger["site_area_m2"].sum())
        assert laid["gfa_m2"].sum() == pytest.approx(ledger["gfa_m2"].sum() + sum(gains.values()))
        assert laid["gfa_m2"].isna().sum() == ledger["gfa_m2"].isna().sum(), (
            "what was not known is neither lost nor known now"
        )
        held = laid.groupby("carrier")["gfa_m2"].sum()
        for one in chosen:
            assert held[one["measure_id"]] == pytest.approx(one["gfa_m2"])
        for carrier in ("C0", "C1", "C2"):
            assert held.get(carrier, 0.0) == pytest.approx(ledger.groupby("carrier")["gfa_m2"].sum().get(carrier, 0.0))


def _held_by(ledger: pd.DataFrame, carriers: tuple[str, ...]) -> list[str]:
    return list(ledger.loc[ledger["carrier"].isin(carriers), "parcel_code"])

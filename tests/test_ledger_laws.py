"""Laws of the ledger, over many small cities: no grouping, split or conversion makes or loses a square metre."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_rows import fill, parts

import geo
from geo import units
from geo.database import Database
from geo.fields.ledger import GROUPINGS, HELD_GROUPS, OPEN_GROUPS, STATES
from geo.judge.floor_area import of_ledger

LAWS = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
POLICY = geo.policy("hongkou-2025")
BY_AREA = POLICY.with_changes(
    {"ledger.zone.value": "share", "ledger.park.value": "share", "ledger.several_uses.value": "share"}
)
#: every column by itself, and the pairs in which one divides an entry and the other does not
BY = [
    [],
    *([name] for name in GROUPINGS if name != "cluster"),
    ["zone", "land_use", "park"],
    ["carrier", "zone", "park"],
]

AREA = st.one_of(st.none(), st.integers(0, 50_000).map(float))
USES = st.one_of(
    st.none(),
    st.sampled_from([
        parts(("residential", 1.0)),
        parts(("commercial_office", 0.6), ("residential", 0.4)),
        parts(("commercial_office", None), ("commercial_service", None)),
        parts(("industrial", 0.5)),
    ]),
)  # fmt: skip
BUILDING = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "gfa_m2": AREA,
        "use_parts": USES,
        "year_built": st.sampled_from([None, 1999, 2010]),
    }
)
PARCEL = st.fixed_dictionaries(
    {
        "gfa_m2": AREA,
        "supply_status": st.sampled_from([None, "built", "granted_unbuilt", "not_granted"]),
        "land_use_parts": USES,
        "registered_area_m2": st.sampled_from([None, 4_000.0, 6_500.0]),
        "owner_kind": st.sampled_from([None, "private"]),
        "buildings": st.lists(BUILDING, max_size=3),
        "taken": st.lists(
            st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([None, 0.0, 0.3, 0.5, 1.0])), max_size=4
        ),
    }
)
CITY = st.lists(PARCEL, min_size=1, max_size=5)
CARRIERS = [
    {"carrier_code": f"C{number}", "name": f"C{number}", "status": status, "carrier_kind": kind, "operator": operator}
    for number, (status, kind, operator) in enumerate(
        [("active", "park", "甲"), (None, None, None), ("planned", "building", "甲"), ("delisted", "park", "乙")]
    )
]
ZONES = [
    {"zone": "north_bund", "name": "东", "indicative": True, "box": (-10, -10, 150, 110)},
    {"zone": "north_middle_ring", "name": "西", "indicative": True, "box": (150, -10, 330, 110)},
]
PARK = [{"park_code": "K", "box": (-10, -10, 250, 50)}]


def rows(land: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """A row of parcels of 80 m by 100 m, some across a boundary, with their buildings and shares."""
    found: dict[str, list[dict[str, Any]]] = {"zones": ZONES, "park": PARK, "carriers": CARRIERS}
    found |= {"parcels": [], "buildings": [], "carrier_shares": []}
    for number, row in enumerate(land):
        code, left = f"P{number}", number * 100
        found["parcels"].append(
            {name: value for name, value in row.items() if name not in ("buildings", "taken")}
            | {"parcel_code": code, "box": (left, 0, left + 80, 100)}
        )
        names = [f"{code}-{n}" for n in range(len(row["buildings"]))]
        found["buildings"] += [
            building | {"building_code": name, "parcel_code": code}
            for name, building in zip(names, row["buildings"], strict=True)
        ]
        shares = {}
        for carrier, on_building, share in row["taken"]:
            target = names[carrier % len(names)] if on_building and names else code
            key = (f"C{carrier}", "building" if target != code else "parcel", target)
            shares[key] = dict(zip(("carrier_code", "stands_on", "target_code"), key, strict=True)) | {"share": share}
        found["carrier_shares"] += list(shares.values())
    return found


def standing(land: list[dict[str, Any]]) -> list[float | None]:
    """What stands, entry by entry, from the rows and by the table in docs/floor-area.md."""
    entries: list[float | None] = []
    for row in land:
        own, of_buildings = row["gfa_m2"], [b["gfa_m2"] for b in row["buildings"] if b["state"] == "standing"]
        if of_buildings and (None not in of_buildings or own is None):
            entries += of_buildings
        elif own is not None or of_buildings:
            entries.append(own)
        else:
            entries.append(0.0 if row["supply_status"] == "granted_unbuilt" else None)
    return entries


def figures(frame: pd.DataFrame) -> list[float]:
    return [float(frame[name].sum()) for name in ("site_area_m2", "gfa_m2")]


@given(CITY)
@LAWS
def test_the_grand_total_is_the_same_under_every_grouping(db: Database, land: list[dict[str, Any]]) -> None:
    fill(db, rows(land))
    entries = standing(land)
    known = sum(gfa for gfa in entries if gfa is not None)
    site = sum(row["registered_area_m2"] or 8_000.0 for row in land)
    for policy in (POLICY, BY_AREA):
        for by in BY:
            found = geo.floor_area(db, policy, by=by)
            assert figures(found) == pytest.approx([site, known]), by
            assert (found["n_unknown"] <= found["n"]).all()
            if policy is POLICY and not set(by) & set(HELD_GROUPS):
                assert [found["n"].sum(), found["n_unknown"].sum()] == [len(entries), entries.count(None)], by


@given(CITY)
@LAWS
def test_every_total_is_the_sum_of_the_ledgers_rows(db: Database, land: list[dict[str, Any]]) -> None:
    fill(db, rows(land))
    for policy in (POLICY, BY_AREA):
        ledger = geo.ledger(db, policy)
        for by in ([], ["zone", "land_use"], ["carrier"], ["state", "year"], ["park", "kind"]):
            found = geo.floor_area(db, policy, by=by, states="all")
            again = of_ledger(ledger, by)
            plain = [*by, "site_area_m2", "gfa_m2"]
            pd.testing.assert_frame_equal(found[plain], again[plain], check_dtype=False)
            # Entries on a boundary are divided in the ledger, and counted whole where nobody asks for the boundary.
            if policy is POLICY:
                pd.testing.assert_frame_equal(found, again, check_dtype=False)
        # Of each source the parts are a whole, neither less nor more.
        floor = ledger[ledger["books"] == "floor_area"]
        whole = floor.groupby(["parcel_code", "building_code", "state"], dropna=False)["share"].sum()
        assert whole.tolist() == pytest.approx([1.0] * len(whole))
        assert set(OPEN_GROUPS) <= set(ledger)


@given(CITY, st.floats(0.1, 0.9))
@LAWS
def test_splitting_or_merging_parcels_leaves_every_total(db: Database, land: list[dict[str, Any]], cut: float) -> None:
    # Of parcels with a figure of their own and no buildings: which half a building falls to would be another question.
    whole = [row | {"buildings": [], "taken": [], "registered_area_m2": None} for row in land]
    fill(db, rows(whole))
    by = ["zone", "land_use", "supply_status"]
    before = geo.floor_area(db, POLICY, by=by)
    split = rows(whole)
    first = split["parcels"][0]
    edge = 80 * cut
    split["parcels"][:1] = [
        first
        | {"parcel_code": f"P0{name}", "box": (left, 0, right, 100)}
        | {"gfa_m2": None if first["gfa_m2"] is None else first["gfa_m2"] * (right - left) / 80}
        for name, left, right in (("a", 0, edge), ("b", edge, 80))
    ]
    fill(db, split)
    after = geo.floor_area(db, POLICY, by=by)
    pd.testing.assert_frame_equal(after[[*by, "site_area_m2", "gfa_m2"]], before[[*by, "site_area_m2", "gfa_m2"]])
    assert after["n"].sum() == before["n"].sum() + 1, "one entry more, and no square metre"


@given(CITY, st.data())
@LAWS
def test_a_parcel_with_buildings_and_carriers_is_split_and_merged_again_without_a_square_metre_more_or_less(
    db: Database, land: list[dict[str, Any]], data: st.DataObject
) -> None:
    # Its buildings speak for it, so each goes with the half that it stands on; a carrier of the parcel holds the same of both.
    whole = [row | {"gfa_m2": None, "supply_status": "built", "registered_area_m2": None} for row in land]
    split = rows(whole)
    first = split["parcels"][0]
    edge = data.draw(st.floats(8, 72))
    split["parcels"][:1] = [
        first | {"parcel_code": f"P0{name}", "box": (left, 0, right, 100)}
        for name, left, right in (("a", 0, edge), ("b", edge, 80))
    ]
    for half in data.draw(st.permutations([b for b in split["buildings"] if b["parcel_code"] == "P0"])):
        half["parcel_code"] = data.draw(st.sampled_from(["P0a", "P0b"]))
    on_parcel = [s for s in split["carrier_shares"] if s["target_code"] == "P0"]
    split["carrier_shares"] = [s for s in split["carrier_shares"] if s["target_code"] != "P0"] + [
        s | {"target_code": f"P0{name}"} for s in on_parcel for name in "ab"
    ]
    by = ["land_use", "state"]
    figures_ = [*by, "site_area_m2", "gfa_m2"]
    for changes in ({}, {"ledger.several_uses.value": "share"}):
        policy = POLICY.with_changes(changes) if changes else POLICY
        fill(db, rows(whole))
        before, n_before = (geo.floor_area(db, policy, by=each, states="all") for each in (by, ["state"]))
        fill(db, split)
        after, n_after = (geo.floor_area(db, policy, by=each, states="all") for each in (by, ["state"]))
        pd.testing.assert_frame_equal(_known(after[figures_]), _known(before[figures_]))
        # A half without any building is one on which nothing is on record; otherwise no entry comes or goes.
        halves = {b["parcel_code"] for b in split["buildings"] if b["state"] == "standing"} & {"P0a", "P0b"}
        more = 1 if halves != {"P0a", "P0b"} else 0
        for name in ("n", "n_unknown"):
            assert n_after[name].sum() == n_before[name].sum() + more
        fill(db, rows(whole))
        pd.testing.assert_frame_equal(geo.floor_area(db, policy, by=by, states="all"), before)


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Groups with something in them: one that is empty, or of which nothing is known, may come or go with its entries."""
    return frame.fillna(0.0).query("site_area_m2 > 0 or gfa_m2 > 0").reset_index(drop=True)


@given(CITY, USES)
@LAWS
def test_conversion_moves_floor_area_and_never_makes_it(
    db: Database, land: list[dict[str, Any]], use: list[dict[str, Any]] | None
) -> None:
    fill(db, rows(land))
    before = geo.floor_area(db, POLICY, by=["state", "carrier"], states="all")
    converted = [
        row | {"land_use_parts": use, "buildings": [b | {"use_parts": use} for b in row["buildings"]]} for row in land
    ]
    fill(db, rows(converted))
    pd.testing.assert_frame_equal(geo.floor_area(db, POLICY, by=["state", "carrier"], states="all"), before)


@given(st.floats(0, 1e12), st.sampled_from(["万㎡", "公顷", "亩", "km2", "ft2"]))
def test_a_unit_and_back_is_the_same_area(area: float, unit: str) -> None:
    assert area * units.factor("m2", unit) * units.factor(unit, "m2") == pytest.approx(area, rel=1e-12)

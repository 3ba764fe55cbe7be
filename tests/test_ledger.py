"""The ledger: who holds which part of a floor area, in which state and place; and that nothing is made or counted twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_files import table
from ledger_rows import fill, parts
from small_city import CITY, FROM, box, load_rows

import geo
from geo.database import Database
from geo.errors import NotFoundError, PolicyError
from geo.intake import undo
from geo.policy import Policy

POLICY = geo.policy("hongkou-2025")
BLOCK = {"parcel_code": "P", "box": (0, 0, 100, 100), "land_use_parts": parts(("commercial_office", 1.0))}


def building(number: int, gfa: float | None, state: str = "standing", **more: Any) -> dict[str, Any]:
    return {"building_code": f"P-{number}", "parcel_code": "P", "state": state, "gfa_m2": gfa} | more


def carrier(code: str, status: str | None = "active") -> dict[str, Any]:
    return {"carrier_code": code, "name": code, "status": status, "carrier_kind": "building", "operator_role": "equity"}


def share(code: str, target: str, part: float | None) -> dict[str, Any]:
    on = "building" if "-" in target else "parcel"
    return {"carrier_code": code, "stands_on": on, "target_code": target, "share": part}


def held(db: Database, **asked: Any) -> dict[str, float | None]:
    found = geo.floor_area(db, POLICY, by=["carrier"], **asked)
    rows = found[found["n"] > 0]
    return {c: None if pd.isna(m) else round(m, 6) for c, m in zip(rows["carrier"], rows["gfa_m2"], strict=True)}


CASES: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], dict[str, float | None]]] = [
    (
        "a carrier on part of a building takes part of it, the rest stays with the parcel",
        [building(1, 1000)],
        [share("A", "P-1", 0.3)],
        {"A": 300, "none": 700},
    ),
    (
        "a share of a parcel is one of everything on it",
        [building(1, 1000), building(2, 3000)],
        [share("A", "P", 0.5)],
        {"A": 2000, "none": 2000},
    ),
    (
        "a share of a parcel is taken from what carriers of single buildings leave",
        [building(1, 1000), building(2, 3000)],
        [share("A", "P-1", 1.0), share("B", "P", 0.5)],
        {"A": 1000, "B": 2000, "none": 1000},
    ),
    (
        "shares over a whole make the floor area disputed, and nothing is cut",
        [building(1, 1000), building(2, 3000)],
        [share("A", "P-1", 0.7), share("B", "P-1", 0.4), share("B", "P-2", 1.0)],
        {"disputed": 1000, "B": 3000},
    ),
    (
        "a share of a parcel that is taken already is disputed",
        [building(1, 1000)],
        [share("A", "P-1", 1.0), share("B", "P", 0.2)],
        {"disputed": 1000},
    ),
    (
        "a whole within the rounding is taken in proportion",
        [building(1, 1000)],
        [share("A", "P-1", 0.502), share("B", "P-1", 0.502)],
        {"A": 500, "B": 500},
    ),
    (
        "an unknown share leaves the rest unknown, and the other carrier its own",
        [building(1, 1000)],
        [share("A", "P-1", 0.3), share("B", "P-1", None)],
        {"A": 300, "unknown": 700},
    ),
    (
        "of an unknown floor area each part is unknown",
        [building(1, None)],
        [share("A", "P-1", 0.3)],
        {"A": None, "none": None},
    ),
    (
        "where one floor area is unknown, what a named building leaves of the parcel cannot be told",
        [building(1, 1000), building(2, None)],
        [share("A", "P-1", 0.4), share("B", "P", 0.1)],
        {"A": 400, "unknown": 600},
    ),
    (
        "delisted carriers hold nothing",
        [building(1, 1000)],
        [share("A", "P-1", 0.8), share("GONE", "P-1", 0.8)],
        {"A": 800, "none": 200},
    ),
    (
        "a carrier that is not registered holds its share",
        [building(1, 1000)],
        [share("X", "P-1", 0.25)],
        {"X": 250, "none": 750},
    ),
]


@pytest.mark.parametrize(("why", "buildings", "shares", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_shares_come_down_to_the_floor_area(
    db: Database, why: str, buildings: Any, shares: Any, wanted: dict[str, float | None]
) -> None:
    carriers = [carrier("A"), carrier("B"), carrier("GONE", "delisted")]
    fill(db, {"parcels": [BLOCK], "buildings": buildings, "carriers": carriers, "carrier_shares": shares})
    assert held(db) == wanted


def test_a_parcels_own_figure_is_divided_among_the_carriers_of_its_buildings(db: Database) -> None:
    # One building has no floor area, so the parcel's figure speaks for both.
    land = {"parcels": [BLOCK | {"gfa_m2": 10_000}], "carriers": [carrier("A")]}
    fill(db, land | {"buildings": [building(1, 4000), building(2, None)], "carrier_shares": [share("A", "P-1", 0.5)]})
    assert held(db) == {"A": 2000, "none": 8000}
    fill(db, land | {"buildings": [building(1, 4000), building(2, None)], "carrier_shares": [share("A", "P-2", 0.5)]})
    assert held(db) == {"unknown": 10_000}
    fill(db, land | {"buildings": [building(1, None)], "carrier_shares": [share("A", "P-1", 0.5)]})
    assert held(db) == {"A": 5000, "none": 5000}, "the figure is of the only building"


def test_what_is_being_built_is_held_by_itself_and_what_is_demolished_by_nobody(db: Database) -> None:
    pipeline = building(2, 6000, "under_construction", planned_completion_on=date(2027, 6, 30))
    gone = building(3, 500, "demolished", demolished_on=date(2020, 5, 1))
    rows = {"parcels": [BLOCK], "buildings": [building(1, 1000), pipeline, gone], "carriers": [carrier("A")]}
    fill(db, rows | {"carrier_shares": [share("A", "P", 0.5), share("A", "P-3", 1.0)]})
    assert held(db) == {"A": 500, "none": 500}
    assert held(db, states=["under_construction"]) == {"A": 3000, "none": 3000}
    assert held(db, states=["demolished"]) == {"none": 500}
    by_year = geo.floor_area(db, POLICY, by=["state", "year"], states="all").query("n > 0")
    assert {(s, y): m for s, y, m in by_year[["state", "year", "gfa_m2"]].itertuples(index=False)} == {
        ("standing", "unknown"): 1000,
        ("under_construction", "2027"): 6000,
        ("demolished", "2020"): 500,
    }
    gross = geo.floor_area(db, POLICY, by=[], states=["standing", "demolished"])["gfa_m2"].item()
    assert gross == 1500, "gross is what stands and what is gone"


def test_of_an_entry_known_to_be_empty_nothing_is_countable_and_of_another_it_stays_unknown(db: Database) -> None:
    empty = {"parcel_code": "E", "box": (200, 0, 300, 100), "gfa_m2": 0}
    unbuilt = {"parcel_code": "U", "box": (400, 0, 500, 100), "supply_status": "granted_unbuilt"}
    silent = {"parcel_code": "S", "box": (600, 0, 700, 100)}
    gone = building(4, 0, "demolished")
    buildings = [building(1, 0), building(2, 800), building(3, None), gone]
    fill(db, {"parcels": [BLOCK, empty, unbuilt, silent], "buildings": buildings})
    rows = geo.ledger(db, POLICY).query("books == 'floor_area'")
    codes = rows["building_code"].where(rows["building_code"].notna(), rows["parcel_code"])
    told = {c: None if pd.isna(m) else m for c, m in zip(codes, rows["countable_gfa_m2"], strict=True)}
    assert told == {"P-1": 0, "P-2": None, "P-3": None, "P-4": 0, "E": 0, "U": 0, "S": None}


def test_faults_are_listed_and_none_is_mended(db: Database) -> None:
    carriers = [carrier("A") | {"gfa_m2": 2000}, carrier("B"), carrier("C"), carrier("D") | {"gfa_m2": 101}]
    shares = [
        share("A", "P-1", 0.7),
        share("B", "P-1", 0.4),
        share("B", "P-2", None),
        share("X", "P-9", 0.1),
        share("D", "P-3", 0.1),
        share("A", "P-4", 0.1),
    ]
    buildings = [building(1, 1000), building(2, 3000), building(3, 900), building(4, 1000, "demolished")]
    fill(db, {"parcels": [BLOCK], "buildings": buildings, "carriers": carriers, "carrier_shares": shares})
    found = geo.ledger_faults(db, POLICY)
    told = {(row.fault, row.carrier_code) for row in found.itertuples()}
    assert told == {
        ("shares_over_one", "A"),
        ("shares_over_one", "B"),
        ("share_unknown", "B"),
        ("target_unknown", "X"),
        ("carrier_unknown", "X"),
        ("target_demolished", "A"),
        ("no_land", "C"),
        ("figure_differs", "D"),
    }
    assert found.query("fault == 'shares_over_one'")["total"].tolist() == pytest.approx([1.1, 1.1])
    differs = found.query("fault == 'figure_differs'").iloc[0]
    assert (differs["registered_m2"], differs["shares_m2"]) == (101, 90)


def across(db: Database, policy: Policy, by: str) -> dict[str, float]:
    found = geo.floor_area(db, policy, by=[by])
    return {place: round(m, 6) for place, m in zip(found[by], found["gfa_m2"], strict=True)}


def test_a_parcel_across_a_boundary_goes_whole_or_by_area_as_the_policy_says(db: Database) -> None:
    zones = [
        {"zone": "north_bund", "name": "东", "indicative": True, "box": (0, 0, 60, 100)},
        {"zone": "north_middle_ring", "name": "西", "indicative": True, "box": (60, 0, 90, 100)},
    ]
    park = [{"park_code": "K", "box": (0, 0, 30, 100)}]
    fill(db, {"parcels": [BLOCK | {"gfa_m2": 1000}], "zones": zones, "park": park})
    assert across(db, POLICY, "zone") == {"north_bund": 1000}
    assert across(db, POLICY, "park") == {"outside_park": 1000}
    by_area = POLICY.with_changes({"ledger.zone.value": "share", "ledger.park.value": "share"})
    assert across(db, by_area, "zone") == {"north_bund": 600, "north_middle_ring": 300, "other": 100}
    assert across(db, by_area, "park") == {"in_park": 300, "outside_park": 700}
    assert across(db, POLICY.with_changes({"ledger.park_min_share.value": 30}), "park") == {"in_park": 1000}
    site = geo.floor_area(db, by_area, by=["zone", "park"])["site_area_m2"]
    assert site.sum() == pytest.approx(10_000)


def test_a_parcel_that_a_zones_edge_and_the_parks_boundary_both_cut_is_divided_into_the_pieces(db: Database) -> None:
    # The two lines are parallel: the zone's east part holds all that lies outside the park.
    zones = [
        {"zone": "north_bund", "name": "西", "indicative": True, "box": (0, 0, 60, 100)},
        {"zone": "north_middle_ring", "name": "东", "indicative": True, "box": (60, 0, 90, 100)},
    ]
    land = {"parcels": [BLOCK | {"gfa_m2": 1000}], "zones": zones, "park": [{"park_code": "K", "box": (0, 0, 70, 100)}]}
    fill(db, land)
    by_area = POLICY.with_changes({"ledger.zone.value": "share", "ledger.park.value": "share"})
    wanted = {
        ("north_bund", "in_park"): 600,
        ("north_middle_ring", "in_park"): 100,
        ("north_middle_ring", "outside_park"): 200,
        ("other", "outside_park"): 100,
    }
    for by in (["zone", "park"], ["park", "zone", "land_use"]):
        found = geo.floor_area(db, by_area, by=by)
        parts_ = {(row.zone, row.park): round(row.gfa_m2, 6) for row in found.itertuples()}
        assert {place: m for place, m in parts_.items() if m} == wanted
        assert found["site_area_m2"].sum() == pytest.approx(10_000)
    ledger = geo.ledger(db, by_area).query("books == 'floor_area' and gfa_m2 > 0.001")
    assert {(row.zone, row.park): round(row.gfa_m2, 6) for row in ledger.itertuples()} == wanted
    # By one side alone nothing is otherwise, and whole where the policy assigns.
    assert across(db, by_area, "park") == {"in_park": 700, "outside_park": 300}
    assigned = POLICY.with_changes({"ledger.zone.value": "share"})
    found = geo.floor_area(db, assigned, by=["zone", "park"])
    assert set(found["park"]) == {"in_park"}


def test_zones_that_lie_on_each_other_are_a_fault_and_what_only_touches_is_none(db: Database) -> None:
    zones = [
        {"zone": "a", "name": "a", "indicative": True, "box": (0, 0, 60, 100)},
        {"zone": "b", "name": "b", "indicative": True, "box": (50, 0, 120, 100)},
        {"zone": "c", "name": "c", "indicative": True, "box": (120, 0, 200, 100)},
    ]
    beside = {"parcel_code": "Q", "box": (100, 0, 140, 100)}
    fill(db, {"parcels": [BLOCK | {"gfa_m2": 1000}, beside], "zones": zones})
    found = geo.ledger_faults(db, POLICY)
    assert found[["fault", "zones", "n_parcels"]].to_numpy().tolist() == [["zones_overlap", "a, b", 1]]
    assert found["overlap_m2"].tolist() == pytest.approx([1000])
    assert geo.floor_area(db, POLICY, by=["zone"])["gfa_m2"].sum() == 1000, "and nothing is counted twice"
    wide = POLICY.with_changes({"intake.overlap_area.value": 1500.0})
    assert geo.ledger_faults(db, wide).empty, "how much is drawing noise is the policy's"


def test_several_uses_stay_together_or_are_divided_as_the_policy_says(db: Database) -> None:
    land = BLOCK | {"gfa_m2": 1000, "land_use_parts": parts(("commercial_office", 0.7), ("residential", 0.3))}
    fill(db, {"parcels": [land]})
    together = geo.floor_area(db, POLICY, by=["land_use"]).set_index("land_use")["gfa_m2"]
    assert together["mixed"] == 1000
    divided = geo.floor_area(db, POLICY.with_changes({"ledger.several_uses.value": "share"}), by=["land_use"])
    assert divided.set_index("land_use")["gfa_m2"].to_dict() == pytest.approx(
        {"commercial_office": 700, "residential": 300}
    )


def test_an_unknown_floor_area_has_bounds_only_where_the_policy_allows_an_estimate(db: Database) -> None:
    unknown = building(1, None, storeys=4, box=(0, 0, 50, 20))
    fill(db, {"parcels": [BLOCK | {"max_far": 2.0}], "buildings": [unknown, building(2, 700)]})
    assert "gfa_low_m2" not in geo.floor_area(db, POLICY, by=[])
    storeys = {"value": [0.5, 1.25], "unit": "share", "assumption": "a test's"}
    allowed = POLICY.with_changes({"ledger.estimate_from_storeys": storeys})
    row = geo.floor_area(db, allowed, by=[]).iloc[0]
    # 50 m × 20 m × 4 storeys = 4,000 m²
    assert (row["gfa_m2"], row["gfa_low_m2"], row["gfa_high_m2"], row["n_unknown"]) == (700, 2700, 5700, 1)
    fill(db, {"parcels": [BLOCK], "buildings": [building(1, None), building(2, 700)]})
    row = geo.floor_area(db, allowed, by=[]).iloc[0]
    assert row["gfa_low_m2"] == 700
    assert pd.isna(row["gfa_high_m2"]), "no storeys, no upper bound"
    fill(db, {"parcels": [BLOCK | {"max_far": 2.0}]})
    by_far = POLICY.with_changes({"ledger.estimate_from_far": storeys | {"value": [0.0, 1.0]}})
    row = geo.floor_area(db, by_far, by=[]).iloc[0]
    assert (row["gfa_low_m2"], row["gfa_high_m2"]) == (0, 20_000)


def test_floor_area_of_carriers_of_the_small_city_is_what_one_adds_up_by_hand(city: Database) -> None:
    # C2 half of S1-1 (12,000) and all of S3 (15,000); C5 all of S2 (9,000 and one unknown); C3 some of N1-1 (16,000)
    assert held(city) == {"C2": 21_000, "C5": 9_000, "none": 113_000, "unknown": 16_000}
    roles = geo.floor_area(city, by=["kind"]).set_index("kind")["gfa_m2"].to_dict()
    assert roles == {"building": 30_000, "none": 113_000, "unknown": 16_000}


def test_an_answer_does_not_hang_on_what_was_asked_before(city: Database) -> None:
    first = geo.floor_area(city, by=["zone"])
    by_use = geo.floor_area(city, by=["zone", "land_use"])
    assert set(by_use["land_use"]) >= {"industrial", "mixed", "unknown"}
    pd.testing.assert_frame_equal(geo.floor_area(city, by=["zone"]), first)
    assert geo.floor_area(city, by=["zone"], states="all")["gfa_m2"].sum() > first["gfa_m2"].sum()


def test_a_figure_opens_down_to_its_rows_and_up_to_their_imports(city: Database) -> None:
    for by in (["zone"], ["land_use", "supply_status"], ["carrier", "state"], ["zone", "kind", "year"], []):
        found = geo.floor_area(city, by=by, states="all", subtotals=True)
        for _, figure in found.iterrows():
            rows = geo.trace(city, figure)
            assert rows["site_area_m2"].sum() == pytest.approx(figure["site_area_m2"]), figure
            known = rows.loc[rows["books"] == "floor_area", "gfa_m2"]
            assert known.sum() == pytest.approx(0 if pd.isna(figure["gfa_m2"]) else figure["gfa_m2"]), figure
            assert (len(known), known.isna().sum()) == (figure["n"], figure["n_unknown"]), figure
            assert rows["file_name"].notna().all()
    opened = geo.trace(city, {"carrier": "C2"}).set_index("parcel_code")
    assert opened.loc["S1", ["building_code", "share", "gfa_m2", "file_name", "share_file_name"]].tolist() == [
        *("S1-1", 0.5, 6_000, "buildings.csv", "carrier_shares.csv")
    ]
    with pytest.raises(NotFoundError, match="nowhere"):
        geo.trace(city, {"zone": "nowhere"})
    with pytest.raises(NotFoundError, match="colour"):
        geo.trace(city, {"colour": "red"})


def test_a_figure_from_before_an_import_opens_as_it_was_known_then(city: Database, tmp_path: Path) -> None:
    figure = geo.floor_area(city, by=["land_use"]).set_index("land_use", drop=False).loc["industrial"]
    row = next(row for row in CITY["parcels"] if row["parcel_code"] == "S6")
    load_rows(city, "parcels", [row | {"gfa_m2": 1}], tmp_path, FROM)
    assert geo.trace(city, figure)["gfa_m2"].sum() == figure["gfa_m2"] == 21_000
    now = geo.floor_area(city, by=["land_use"]).set_index("land_use", drop=False).loc["industrial"]
    assert geo.trace(city, now)["gfa_m2"].sum() == now["gfa_m2"] == 16_001


def test_conversion_moves_floor_area_and_undo_brings_every_total_back(city: Database, tmp_path: Path) -> None:
    groupings = (["land_use"], ["carrier"], ["zone", "state"], [])
    before = {tuple(by): geo.floor_area(city, by=by, states="all") for by in groupings}
    row = next(row for row in CITY["parcels"] if row["parcel_code"] == "S6")
    load_rows(city, "parcels", [row | {"land_use": "C65"}], tmp_path, date(2025, 1, 1))
    after = {tuple(by): geo.floor_area(city, by=by, states="all") for by in groupings}
    moved = after[("land_use",)].set_index("land_use")["gfa_m2"] - before[("land_use",)].set_index("land_use")["gfa_m2"]
    assert moved[moved != 0].to_dict() == {"industrial": -5_000, "research_design": 5_000}
    for by in (("carrier",), ("zone", "state"), ()):
        pd.testing.assert_frame_equal(after[by], before[by])
    undo(city, int(table(city, "SELECT max(id) FROM registry.imports").iat[0, 0]))
    for by, frame in before.items():
        pd.testing.assert_frame_equal(geo.floor_area(city, by=list(by), states="all"), frame)


def test_what_a_policy_or_an_analyst_cannot_mean_is_told(city: Database) -> None:
    with pytest.raises(NotFoundError, match="under_construction"):
        geo.floor_area(city, states=["ruined"])
    silent = POLICY.model_copy(update={"ledger": None})
    assert geo.floor_area(city, silent, by=["zone", "year"])["gfa_m2"].sum() == 159_000
    with pytest.raises(PolicyError, match=r"carrier"):
        geo.floor_area(city, silent, by=["carrier"])
    with pytest.raises(PolicyError, match="squatting"):
        POLICY.with_changes({"ledger.not_holding.value": ["squatting"]})


def test_a_box_is_drawn_where_the_test_says(db: Database) -> None:
    fill(db, {"parcels": [BLOCK]})
    assert geo.parcels(db).geometry[0].equals(box(0, 0, 100, 100))


def owned(number: int, kind: str | None, gfa: float | None = 1000.0) -> dict[str, Any]:
    return {
        "parcel_code": f"Q{number}",
        "box": (number * 100, 0, number * 100 + 80, 100),
        "gfa_m2": gfa,
        "owner_kind": kind,
    }


def test_by_kind_of_owner_few_parcels_are_told_together_and_what_is_left_tells_none_of_them(db: Database) -> None:
    kinds = ["state_owned"] * 4 + ["private"] * 3 + ["collective"]
    fill(db, {"parcels": [owned(number, kind) for number, kind in enumerate(kinds)]})
    # One parcel alone is withheld; so that the grand total does not tell it, the smallest of the others goes along.
    found = geo.floor_area(db, POLICY, by=["owners"])
    assert found[["owners", "gfa_m2", "n"]].to_numpy().tolist() == [["state_owned", 4000, 4], ["withheld", 4000, 4]]
    assert found["site_area_m2"].tolist() == [32_000, 32_000]
    raw = geo.floor_area(db, POLICY, by=["owner_kind"])
    assert len(raw) == 3
    assert raw["gfa_m2"].sum() == found["gfa_m2"].sum()
    fill(db, {"parcels": [owned(0, "private", None), owned(1, "state_owned", None)]})
    (row,) = geo.floor_area(db, POLICY, by=["owners"]).to_dict("records")
    assert (row["owners"], row["n"], row["n_unknown"]) == ("withheld", 2, 2)
    assert pd.isna(row["gfa_m2"]), "of what is not known there is no sum"
    with pytest.raises(NotFoundError):
        geo.floor_area(db, POLICY, by=["owners", "zone"])
    with pytest.raises(PolicyError, match="fewest_owned"):
        geo.floor_area(db, POLICY.with_changes({"ledger.fewest_owned": None}), by=["owners"])

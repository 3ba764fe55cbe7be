"""What counts towards the plan's floor area of carriers is the policy's rule: change it and the total follows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from ledger_rows import fill, parts

import geo
from geo.database import Database
from geo.errors import PolicyError
from geo.judge.target import target_rows, towards_target
from geo.policy import Policy

POLICY = geo.policy("hongkou-2025")
DAY = date(2026, 6, 30)


def carrier(code: str, status: str | None, gfa: float | None, **more: Any) -> dict[str, Any]:
    return {"carrier_code": code, "name": code, "status": status, "zone": "north_bund", "gfa_m2": gfa} | more


def piece(code: str, gfa: float | None, **more: Any) -> dict[str, Any]:
    plain = {
        "zone": "north_bund",
        "park": "unknown",
        "land_use": "commercial_office",
        "state": "standing",
        "since": None,
    }
    return plain | {"carrier": code, "gfa_m2": gfa, "year": "unknown"} | more


CARRIERS = pd.DataFrame(
    [
        carrier("A", "active", 1000.0, carrier_kind="park", recognised_on=date(2015, 1, 1)),
        carrier("B", "on_notice", 500.0, carrier_kind="building", recognised_on=date(2026, 9, 1)),
        carrier("C", "active", 200.0, carrier_kind="platform"),
        carrier("D", "delisted", 4000.0, carrier_kind="park"),
        carrier("E", "planned", None, carrier_kind="building"),
        carrier("F", "planned", 70.0, carrier_kind="park"),
        carrier("G", "active", None, carrier_kind="park"),
    ]
)
PIECES = pd.DataFrame(
    [
        piece("A", 600.0),
        piece("A", 200.0, land_use="residential", zone="other"),
        piece("B", 500.0),
        piece("C", 200.0),
        piece("E", 3000.0, state="under_construction", year="2026", since=date(2026, 12, 31)),
        piece("E", 900.0, state="approved", year="2028", since=date(2028, 6, 30)),
        piece("A", 50.0, state="approved"),
    ]
)


def told(policy: Policy = POLICY, **more: Any) -> dict[str, Any]:
    return towards_target(policy, CARRIERS, PIECES, **({"day": DAY} | more))


def test_built_and_pipeline_are_told_apart_and_nothing_counts_before_it_is_completed_and_recognised() -> None:
    found = told()
    # A and C; B is recognised after the day; G's size is not known; D is delisted
    assert (found["carrier_gfa_m2"], found["n_carriers"], found["n_carriers_unknown"]) == (1200, 3, 1)
    assert found["gap_m2"] == 1_000_000 - 1200
    assert found["target_expected_m2"] == 1200 + 3000
    assert found["horizon_expected_m2"] == 1200 + 3000 + 900
    assert {row["year"]: row["gfa_m2"] for row in found["pipeline"]} == {"2026": 3000, "2028": 900, "unknown": 50 + 70}
    assert told(day=date(2026, 9, 1))["carrier_gfa_m2"] == 1700


@pytest.mark.parametrize(
    ("changes", "built", "undecided"),
    [
        ({"target.statuses.value": ["active"]}, 1200, 0),
        ({"target.kinds": {"value": ["park"], "assumption": "a test's"}}, 1000, 0),
        # C and G do not say when they were recognised
        ({"target.recognition_day.value": True}, 1000, 2),
        # three quarters of A's floor area; of G no floor area is on record
        ({"target.uses": {"value": ["commercial_office"], "assumption": "a test's"}}, 750 + 200, 0),
        ({"ledger.carrier_figure.value": "shares"}, 800 + 200, 0),
        # of A what lies in a zone; where G lies cannot be told by its floor area
        ({"ledger.carrier_place.value": "share"}, 750 + 200, 1),
    ],
)
def test_the_total_follows_the_rule(changes: dict[str, Any], built: float, undecided: int) -> None:
    found = told(POLICY.with_changes(changes))
    assert (found["carrier_gfa_m2"], found["n_carriers_undecided"]) == (built, undecided)


def test_with_the_parks_boundary_only_what_lies_in_it_counts() -> None:
    inside = PIECES.assign(park=["in_park" if code == "C" else "outside_park" for code in PIECES["carrier"]])
    found = towards_target(POLICY, CARRIERS, inside, day=DAY, park_known=True)
    assert found["carrier_gfa_m2"] == 200
    assert found["n_carriers_undecided"] == 1, "of G nobody knows where it lies"
    rows = (
        target_rows(POLICY, CARRIERS, inside, day=DAY, park_known=True)
        .query("stage == 'built'")
        .set_index("carrier_code")
    )
    assert rows.loc["A", "open"] == ["place"]
    assert rows.loc["D", "open"] == ["place", "status"] or set(rows.loc["D", "open"]) == {"place", "status"}


def test_a_run_shows_the_target_of_the_ledger(db: Database) -> None:
    zone = {"zone": "north_bund", "name": "东", "indicative": True, "box": (0, 0, 400, 400)}
    land = {"parcel_code": "P", "box": (0, 0, 100, 100), "land_use_parts": parts(("commercial_office", 1.0))}
    build = {"parcel_code": "P", "gfa_m2": 1000.0}
    fill(
        db,
        {
            "zones": [zone],
            "parcels": [land],
            "buildings": [
                build | {"building_code": "P-1", "state": "standing"},
                build | {"building_code": "P-2", "state": "approved", "planned_completion_on": date(2028, 1, 1)},
            ],
            "carriers": [{"carrier_code": "A", "name": "A", "status": "active"}],
            "carrier_shares": [{"carrier_code": "A", "stands_on": "parcel", "target_code": "P", "share": 0.4}],
        },
    )
    figures = geo.publish(db, POLICY, as_of=DAY).figures
    assert figures["carrier_gfa_m2"] == 400
    assert figures["pipeline"] == [{"year": "2028", "gfa_m2": 400.0, "n": 1, "n_unknown": 0}]
    assert (figures["target_expected_m2"], figures["horizon_expected_m2"]) == (400, 800)
    assert figures["park_boundary_known"] is False


def test_a_target_that_names_what_there_is_not_is_told() -> None:
    for key, value in (("target.kinds", ["castle"]), ("target.uses", ["moat"]), ("target.states", ["haunted"])):
        with pytest.raises(PolicyError, match=value[0]):
            POLICY.with_changes({key: {"value": value, "assumption": "a test's"}})
    with pytest.raises(PolicyError, match="after"):
        POLICY.with_changes({"target.horizon": {"value": date(2020, 1, 1), "assumption": "a test's"}})

"""The measures that are open on the way to the target: of a city known by eye, and case by case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

import geo
from geo.database import Database
from geo.errors import PolicyError
from geo.judge.open_given import Given
from geo.judge.open_measures import COLUMNS, after, open_measures
from geo.policy import Policy

POLICY = geo.policy("hongkou-2025")
DAY = date(2026, 1, 15)


def test_of_the_small_city_every_measure_is_known_by_eye(city: Database) -> None:
    found = geo.open_measures(city, POLICY, as_of=DAY)
    assert tuple(found.columns) == COLUMNS
    told = {
        name: (None if pd.isna(gfa) else gfa, ready, open_)
        for name, gfa, ready, open_ in found[["measure_id", "gfa_m2", "ready_on", "open"]].itertuples(index=False)
    }
    assert told == {
        # Planned for research, and nobody's; three months, and three until it is recognised.
        "admit:N4": (22_000, date(2026, 7, 15), []),
        "admit:S8": (9_000, date(2026, 7, 15), ["use"]),
        # Nobody has said until when.
        "completion:S5-1": (50_000, None, ["day"]),
        # A carrier has an unknown share of it.
        "conversion_building:industrial_to_rnd:N1": (None, date(2027, 10, 15), ["holder", "gfa"]),
        "conversion_building:office_to_rnd:B1": (20_000, date(2027, 10, 15), []),
        "conversion_building:office_to_rnd:N5": (7_000, date(2027, 10, 15), []),
        # Half of S1-1 is a carrier's already; S2 and S3 are wholly.
        "conversion_building:office_to_rnd:S1": (6_000 + 8_000, date(2027, 10, 15), []),
        "conversion_land:office_to_rnd:N2": (25_000, date(2030, 4, 15), []),
        "conversion_land:office_to_rnd:N3": (None, date(2030, 4, 15), ["gfa"]),
        "conversion_land:office_to_rnd:S4": (20_000, date(2030, 4, 15), []),
        "delisting:C3": (None, date(2027, 1, 15), ["gfa"]),
    }
    by_name = found.set_index("measure_id")
    # One owner, nothing in use, no heritage, no leases: the points of the kind, and 1 for the owner.
    assert by_name.loc["admit:N4", "difficulty"] == 2 + 1
    # Not granted, so no owner; 15 mu whose plan has to change.
    assert by_name.loc["conversion_land:office_to_rnd:N2", "difficulty"] == pytest.approx(8 + 15 * 0.3)
    assert by_name.loc["conversion_building:office_to_rnd:S1", ["rule", "route", "zone"]].tolist() == [
        "office_to_rnd",
        "existing_building",
        "north_bund",
    ]


def parcel(code: str, **more: Any) -> dict[str, Any]:
    plain = {"zone": "north_bund", "main_use": "industrial_rnd", "supply_status": "built", "rnd_share": 1.0}
    shares = {"office_share": 0.0, "industrial_share": 0.0, "park_share": None}
    size = {"max_far": 2.0, "site_area_m2": 10_000.0, "gfa_m2": 5_000.0, "vacancy_share": 1.0, "owner_count": 1}
    state = {"state_owned_share": 1.0, "heritage_share": 0.0, "lease_years_left": 0.0, "synthetic": False}
    return {"parcel_code": code} | plain | shares | size | state | more


def entry(parcel_code: str, building: str | None = None, gfa: float | None = 5_000.0, **more: Any) -> dict[str, Any]:
    plain = {"state": "standing", "carrier": "none", "land_use": "industrial_rnd", "zone": "north_bund", "since": None}
    return {"parcel_code": parcel_code, "building_code": building, "gfa_m2": gfa, "park": "unknown"} | plain | more


def judged(*rows: tuple[str, str, str]) -> dict[str, pd.DataFrame]:
    return {"office_to_rnd": pd.DataFrame(rows, columns=["parcel_code", "verdict", "route"])}


NOBODY = pd.DataFrame(
    columns=["carrier_code", "name", "zone", "stage", "since", "gfa_m2", "counts", "status", "synthetic"]
)


def found(
    entries: list[dict[str, Any]], parcels: list[dict[str, Any]], policy: Policy = POLICY, **more: Any
) -> pd.DataFrame:
    plain: dict[str, Any] = {"judged": {}, "carriers": NOBODY}
    given = Given(DAY, pd.DataFrame(entries), pd.DataFrame(parcels), **(plain | more))
    return open_measures(policy, given).set_index("measure_id")


def test_two_buildings_of_a_parcel_go_together_and_neither_goes_with_the_conversion_of_the_whole() -> None:
    land = [parcel("P", rnd_share=0.5, office_share=0.5)]
    both = found([entry("P", "P-1"), entry("P", "P-2")], land, judged=judged(("P", "candidate", "existing_building")))
    whole = "conversion_building:office_to_rnd:P"
    assert both["excludes"].to_dict() == {"admit:P-1": [whole], "admit:P-2": [whole], whole: ["admit:P-1", "admit:P-2"]}
    assert both["gfa_m2"].to_dict() == {"admit:P-1": 5_000, "admit:P-2": 5_000, whole: 10_000}


def test_what_is_on_its_way_goes_with_a_conversion_of_what_stands_and_not_with_a_new_plan() -> None:
    ahead = entry("P", "P-1", 700.0, state="approved", since=date(2027, 6, 30))
    for route, kind, excludes in (
        ("existing_building", "conversion_building", []),
        ("land", "conversion_land", ["completion:P-1"]),
    ):
        both = found([entry("P"), ahead], [parcel("P")], judged=judged(("P", "candidate", route)))
        assert [n for n in both.at[f"{kind}:office_to_rnd:P", "excludes"] if n != "admit:P"] == excludes
        assert both.at["completion:P-1", "ready_on"] == date(2027, 12, 30)


def test_what_should_be_completed_by_now_is_completed_today_at_the_earliest() -> None:
    late = found([entry("P", "P-1", state="under_construction", since=date(2025, 6, 30))], [parcel("P")])
    assert late.at["completion:P-1", "ready_on"] == date(2026, 7, 15)


def test_completed_for_a_carrier_counts_as_that_carrier_does() -> None:
    rows = [{"carrier_code": code, "zone": "north_bund", "stage": "pipeline", "counts": counts, "gfa_m2": 9.0,
             "synthetic": False} for code, counts in (("A", "yes"), ("B", "unknown"), ("C", "no"), ("D", "yes"))]  # fmt: skip
    ahead = {"state": "approved", "land_use": "commercial_office", "since": date(2027, 1, 31)}
    entries = [entry("P", f"P-{code}", carrier=code, **ahead) for code in "ABC"]
    told = found(entries, [parcel("P")], carriers=pd.DataFrame(rows).reindex(columns=NOBODY.columns))
    # Of D no building is on its way: nobody says until when.
    assert told["open"].to_dict() == {
        "completion:D": ["day"],
        "completion:P-A:A": [],
        "completion:P-B:B": ["counts"],
    }


def test_on_free_land_for_research_a_building_is_open_unless_one_is_on_its_way() -> None:
    free = {"supply_status": "granted_unbuilt", "gfa_m2": 0.0}
    land = [
        parcel("P", **free),
        parcel("Q", **free),
        parcel("R", **free, max_far=None),
        parcel("S"),
        parcel("T", **free),
    ]
    entries = [
        entry("P", gfa=0.0),
        entry("Q", gfa=0.0),
        entry("Q", "Q-1", 100.0, state="approved"),
        entry("R", gfa=0.0),
        entry("S"),
        entry("T", "T-1", None),
    ]
    new = found(entries, land).query("kind == 'new_building'")
    assert new["gfa_basis"].unique() == ["permitted"]
    assert new["open"].to_dict() == {"new_building:P": [], "new_building:R": ["gfa"]}
    assert new.at["new_building:P", "gfa_m2"] == 20_000


def test_a_verdict_or_a_use_that_is_not_known_is_listed_and_named() -> None:
    land = [parcel("P", rnd_share=0.0, office_share=1.0), parcel("Q", rnd_share=0.0, office_share=0.6)]
    offices = [entry(code, land_use="commercial_office") for code in "PQ"]
    said = (("P", "unknown", "existing_building"), ("Q", "candidate", "existing_building"))
    told = found(offices, land, judged=judged(*said))
    assert told["open"].to_dict() == {
        "conversion_building:office_to_rnd:P": ["verdict"],
        # What is not offices there is of a use that nobody wants to convert; how much it is nobody says.
        "conversion_building:office_to_rnd:Q": ["use", "gfa"],
    }


@pytest.mark.parametrize(
    ("zone", "side", "known", "open_"),
    [
        ("north_bund", "unknown", False, []),
        ("other", "in_park", False, None),
        ("unknown", "in_park", False, ["place"]),
        ("other", "in_park", True, []),
        ("north_bund", "outside_park", True, None),
        ("north_bund", "unknown", True, ["place"]),
    ],
)
def test_only_what_lies_where_it_counts_is_open(zone: str, side: str, known: bool, open_: list[str] | None) -> None:
    told = found([entry("P", zone=zone, park=side)], [parcel("P", zone=zone)], park_known=known)
    assert told["open"].to_dict() == ({} if open_ is None else {"admit:P": open_})


def test_of_several_sites_one_is_taken_and_its_own_land_is_neither_hard_nor_gained() -> None:
    free = {"supply_status": "not_granted", "gfa_m2": 0.0, "main_use": "industrial", "rnd_share": 0.0}
    land = [parcel("A", gfa_m2=5_000.0), parcel("P", **free), parcel("Q", **free)]
    sites = pd.DataFrame({"site_id": ["one", "two"], "parcel_codes": [["A", "P"], ["A", "P", "Q"]]})
    told = found([entry("A", "A-1")], land, sites=sites, anchor=frozenset({"A"}))
    assert told["gfa_m2"].to_dict() == {"admit:A-1": 5_000, "site:one": 20_000, "site:two": 40_000}
    # 15 mu a parcel whose plan has to change; P and Q have no owner yet, though one is registered: as registered.
    assert told.at["site:one", "difficulty"] == pytest.approx(10 + 1 + 15 * 0.3)
    assert told.at["admit:A-1", "excludes"] == []
    assert told.at["site:one", "excludes"] == ["site:two"]


def test_a_kind_that_the_policy_does_not_give_is_not_looked_for() -> None:
    less = POLICY.with_changes({"target.measures.admit": None})
    assert found([entry("P")], [parcel("P")]).index.tolist() == ["admit:P"]
    assert found([entry("P")], [parcel("P")], less).empty


def test_a_policy_without_measures_says_what_to_add(city: Database) -> None:
    with pytest.raises(PolicyError, match="does not say which measures"):
        geo.open_measures(city, POLICY.with_changes({"target.measures": None}))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 6, 30), 48, date(2030, 6, 30)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, then: date) -> None:
    assert after(day, months) == then

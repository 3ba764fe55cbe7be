"""Totals: every square metre once, the same grand total under every grouping, unknown beside and never as zero."""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_city import load_small_city

import geo
from geo.database import Database
from geo.errors import NotFoundError, SettingsError, UnitError
from geo.judge.floor_area import GROUPS, totals

# How long one example takes depends on who else uses the machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

FIGURES = ["site_area_m2", "gfa_m2", "n", "n_unknown"]
GROUPINGS = [list(by) for k in range(len(GROUPS) + 1) for by in itertools.combinations(GROUPS, k)]


def as_dict(frame: pd.DataFrame, *by: str) -> dict[Any, tuple[float, float | None, int, int]]:
    return {
        tuple(row[name] for name in by): (
            round(row["site_area_m2"], 6),
            None if pd.isna(row["gfa_m2"]) else row["gfa_m2"],
            row["n"],
            row["n_unknown"],
        )
        for row in frame.to_dict("records")
    }


def test_totals_by_zone_are_those_that_one_adds_up_by_hand(city: Database) -> None:
    found = as_dict(geo.floor_area(city, by=["zone"]), "zone")
    # north_bund: S1 12,000 + 8,000 · S2 9,000 + ? · S3 15,000 · S4 ? · S5 0 · S6 5,000 · S7 4,000 · S8 9,000 · B1 20,000
    assert found[("north_bund",)] == (10_000 * 7 + 20_000 + 2_500, 82_000, 11, 2)
    # north_middle_ring: N1 16,000 · N2 ? · N3 ? · N4 22,000 · N5 7,000
    assert found[("north_middle_ring",)] == (20_000 + 10_000 * 3 + 9_500, 45_000, 5, 2)
    assert found[("other",)] == (20_000, 32_000, 2, 0)


def test_totals_by_land_use_split_sites_and_keep_mixed_and_unknown_apart(city: Database) -> None:
    found = as_dict(geo.floor_area(city, by=["land_use"]), "land_use")
    # S3 is 60 % office and 40 % homes; its own figure is not split
    assert found[("residential",)] == (10_000 + 4_000, 12_000, 1, 0)
    # S2 is C2C8 without shares; of its buildings one says C8 and one nothing
    assert found[("mixed",)] == (10_000, 15_000, 2, 1)
    assert found[("unknown",)] == (10_000, 9_000, 1, 0)
    assert found[("research_design",)] == (20_000, 0.0, 1, 0)
    # S1-2 says C2 itself; S4 is C2 with nothing on record
    assert found[("commercial_service",)] == (10_000 + 9_500, 8_000 + 7_000, 3, 1)


def test_a_group_of_which_nothing_is_known_has_no_sum(city: Database) -> None:
    found = as_dict(geo.floor_area(city, by=["supply_status"]), "supply_status")
    assert found[("not_granted",)] == (30_000, None, 3, 3)
    assert found[("granted_unbuilt",)] == (20_000, 0.0, 1, 0)


def test_the_grand_total_is_the_same_under_every_grouping(city: Database) -> None:
    for by in GROUPINGS:
        found = geo.floor_area(city, by=by)[FIGURES].sum()
        assert list(found) == [pytest.approx(v) for v in (172_000, 159_000, 18, 4)], by


def test_subtotals_stand_below_what_they_sum_and_only_where_asked_for(city: Database) -> None:
    plain = geo.floor_area(city, by=["zone", "land_use"])
    found = geo.floor_area(city, by=["zone", "land_use"], subtotals=True)
    pd.testing.assert_frame_equal(found[found["level"] == 2].drop(columns="level").reset_index(drop=True), plain)
    assert "level" not in plain
    assert found.iloc[-1]["level"] == 0
    assert found.iloc[-1]["site_area_m2"] == pytest.approx(172_000)
    zones = found[found["level"] == 1]
    assert list(zones["zone"]) == ["north_bund", "north_middle_ring", "other"]
    assert zones["gfa_m2"].sum() == found.iloc[-1]["gfa_m2"]
    for zone, part in found[found["level"] > 0].groupby("zone"):
        assert part["level"].iloc[-1] == 1, zone


def test_a_unit_changes_only_what_is_shown(city: Database) -> None:
    plain = geo.floor_area(city, by=["zone"])
    for unit, size in (("万㎡", 1e4), ("公顷", 1e4), ("ft2", 0.3048**2)):
        shown = geo.floor_area(city, by=["zone"], unit=unit)
        pd.testing.assert_frame_equal(shown[plain.columns], plain)
        assert list(shown[f"gfa_{unit}"] * size) == pytest.approx(list(plain["gfa_m2"]))
    mu = geo.floor_area(city, by=["zone"], unit="亩")
    assert list(mu["site_area_亩"] * 10_000 / 15) == pytest.approx(list(plain["site_area_m2"]))
    assert "gfa_亩" not in mu  # floor area is never in mu


def test_an_unknown_grouping_or_unit_is_told_with_those_there_are(city: Database) -> None:
    with pytest.raises(NotFoundError, match="land_use"):
        geo.floor_area(city, by=["colour"])
    with pytest.raises(UnitError):
        geo.floor_area(city, by=["zone"], unit="km")


def test_columns_and_days_may_be_given_as_texts(city: Database) -> None:
    day = date.today()
    listed = geo.floor_area(city, by=["zone", "land_use"], as_of=day)
    assert len(listed) > 5
    for told in (day.isoformat(), datetime(day.year, day.month, day.day, 12)):
        pd.testing.assert_frame_equal(geo.floor_area(city, by="zone, land_use", as_of=told), listed)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="'colour'"):
        geo.floor_area(city, by="zone,colour")
    for day in ("2025-13-01", "soon", 2025):
        with pytest.raises(SettingsError, match="no day"):
            geo.floor_area(city, as_of=day)  # type: ignore[arg-type]


def test_a_building_without_a_registered_parcel_is_not_dropped(db: Database) -> None:
    load_small_city(db, ("zones", "buildings"))
    found = as_dict(geo.floor_area(db, by=["zone"]), "zone")
    assert found == {("unknown",): (0.0, 12_000 + 8_000 + 9_000 + 16_000, 6, 2)}


def test_parcels_without_any_zone_registered_are_of_unknown_zone(db: Database) -> None:
    load_small_city(db, ("parcels",))
    assert list(geo.floor_area(db, by=["zone"])["zone"]) == ["unknown"]


PART = st.tuples(st.sampled_from(["residential", "commercial_office", "industrial"]), st.sampled_from([None, 0.2, 0.5]))
PARCEL = st.fixed_dictionaries(
    {
        "zone": st.sampled_from([None, "north_bund", "other"]),
        "supply_status": st.sampled_from([None, "built", "not_granted"]),
        "parts": st.one_of(st.none(), st.lists(PART, min_size=1, max_size=2)),
        "site_area_m2": st.floats(1, 1e6),
        "gfa": st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=3),
        "use": st.sampled_from(["mixed", "unknown", "residential"]),
    }
)


def frames(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    land, entries = [], []
    for n, row in enumerate(rows):
        parts = row["parts"] and json.dumps([{"use": use, "share": share} for use, share in row["parts"]])
        kept = {name: row[name] for name in ("zone", "supply_status", "site_area_m2")}
        land.append(kept | {"parcel_code": f"P{n}", "land_use_parts": parts})
        entries += [{"parcel_code": f"P{n}", "land_use": row["use"], "gfa_m2": gfa} for gfa in row["gfa"]]
    return pd.DataFrame(entries).astype({"gfa_m2": float}), pd.DataFrame(land)


@given(st.lists(PARCEL, min_size=1, max_size=8))
@settings(max_examples=40)
def test_no_grouping_makes_or_loses_a_square_metre(rows: list[dict[str, Any]]) -> None:
    entries, land = frames(rows)
    site = sum(row["site_area_m2"] for row in rows)
    known = [gfa for row in rows for gfa in row["gfa"] if gfa is not None]
    n = sum(len(row["gfa"]) for row in rows)
    for by in GROUPINGS:
        found = totals(entries, land, by)
        assert found["site_area_m2"].sum() == pytest.approx(site)
        assert found["gfa_m2"].sum() == pytest.approx(sum(known))
        assert (found["n"].sum(), found["n_unknown"].sum()) == (n, n - len(known))


@given(st.lists(PARCEL, min_size=1, max_size=6), st.floats(0.1, 0.9))
@settings(max_examples=40)
def test_splitting_a_parcel_leaves_every_total(rows: list[dict[str, Any]], cut: float) -> None:
    first = rows[0]
    halves = [
        first
        | {"site_area_m2": first["site_area_m2"] * part, "gfa": [None if g is None else g * part for g in first["gfa"]]}
        for part in (cut, 1 - cut)
    ]
    whole, split = (
        totals(*frames(rows), ["zone", "land_use"]),
        totals(*frames([*halves, *rows[1:]]), ["zone", "land_use"]),
    )
    assert list(whole["land_use"]) == list(split["land_use"])
    for name in ("site_area_m2", "gfa_m2"):
        assert list(split[name].fillna(-1)) == pytest.approx(list(whole[name].fillna(-1)))

"""The measures that the rule pack asks for: read off the drawing, and held against shapely and plain arithmetic."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from small_city import CITY, Row, box, load_rows, load_small_city, outlines, point
from test_measure_parcels import measures, rectangles

import geo
from geo.database import Database
from geo.fields import KINDS
from geo.fields.measures import MEASURES
from geo.units import mu

#: a day on which what the city says of grants and leases is asked
DAY = date(2025, 12, 31)


def test_the_share_in_the_park_is_unknown_until_its_boundary_is_registered(city: Database, tmp_path: Path) -> None:
    assert set(measures(city, "park_share").values()) == {None}
    parts = [("K1", box(-50, -50, 150, 300)), ("K2", box(140, -50, 160, 300))]
    load_rows(city, "park", [{"park_code": code, "geom": shape} for code, shape in parts], tmp_path)
    share = measures(city, "park_share")
    assert share["S1"] == 1.0
    assert share["S2"] == pytest.approx(0.6)  # the strip that both parts hold counts once
    assert share["B1"] == pytest.approx(0.5)
    assert share["N1"] == 0.0


def test_the_centre_is_that_of_the_tier_that_covers_most_and_land_outside_is_said_to_be(city: Database) -> None:
    tiers = measures(city, "centre_tier")
    assert tiers["S1"] == "main_centre"
    assert tiers["S3"] == "main_centre"  # six tenths
    assert tiers["B1"] == "main_centre"  # half is enough, as for zones
    assert tiers["S6"] == "outside"
    assert (tiers["N4"], tiers["N5"]) == ("community_centre", "district_centre")


def test_the_centre_is_unknown_while_no_centre_is_registered(db: Database) -> None:
    load_small_city(db, ("parcels",))
    assert set(measures(db, "centre_tier").values()) == {None}


def test_approved_changes_count_once_where_they_overlap_and_one_of_unknown_stage_makes_it_unknown(
    city: Database,
) -> None:
    share = measures(city, "approved_change_share")
    assert share["O1"] == pytest.approx(0.5)
    assert share["S8"] is None  # nobody says how far P3 has come
    assert share["S6"] == 0.0  # P4 is only put on show
    assert share["N1"] == 0.0


def test_an_unknown_change_inside_an_approved_one_changes_nothing(db: Database, tmp_path: Path) -> None:
    load_small_city(db, ("parcels",))
    assert set(measures(db, "approved_change_share").values()) == {None}
    changes = [("Q1", "approved", box(0, 0, 60, 100)), ("Q2", None, box(10, 10, 20, 20))]
    rows = [{"change_code": code, "change_status": status, "geom": shape} for code, status, shape in changes]
    load_rows(db, "plan_changes", rows, tmp_path)
    assert measures(db, "approved_change_share")["S1"] == pytest.approx(0.6)


def test_shares_of_research_uses_follow_the_same_rule_as_the_others(city: Database, tmp_path: Path) -> None:
    share = measures(city, "rnd_share")
    assert (share["S5"], share["N4"], share["S1"], share["S8"]) == (1.0, 1.0, 0.0, None)
    row = {"parcel_code": "X", "land_use": "M4(30%)C65(20%)C8(50%)", "geom": box(0, -400, 10, -390)}
    load_rows(city, "parcels", [row], tmp_path)
    assert measures(city, "rnd_share")["X"] == pytest.approx(0.5)


def test_how_much_of_the_permitted_far_is_used(city: Database) -> None:
    used = measures(city, "far_used_share")
    assert used["S1"] == pytest.approx(18_000 / 10_000 / 3.0)
    assert used["N5"] == pytest.approx(7_000 / 9_500 / 2.0)
    assert used["S5"] == 0.0
    assert (used["S7"], used["S8"]) == (None, None)


def test_owners_are_the_parcels_own_else_those_of_its_standing_buildings(city: Database) -> None:
    kinds, counts = measures(city, "owner_kind"), measures(city, "owner_count")
    assert (kinds["S1"], counts["S1"]) == ("state_owned", 1)
    # S2 says nothing; its two buildings have owners of two kinds, and whether they are two or one nobody says
    assert (kinds["S2"], counts["S2"]) == ("mixed", None)
    assert (kinds["S8"], counts["S8"]) == (None, None)
    assert (kinds["N1"], counts["N1"]) == ("state_owned", 1)


@pytest.mark.parametrize(
    ("own", "buildings", "kind", "share"),
    [
        ("state_owned", [], "state_owned", 1.0),
        ("private", [("state_owned", 100)], "private", 0.0),
        (None, [("state_owned", 100)], "state_owned", 1.0),
        (None, [("state_owned", 100), ("collective", 300)], "mixed", 0.25),
        ("mixed", [("state_owned", 100), ("private", 300)], "mixed", 0.25),
        ("mixed", [("state_owned", None), ("private", 300)], "mixed", None),
        (None, [("private", None), ("collective", 300)], "mixed", 0.0),
        ("mixed", [("state_owned", 100), ("mixed", 300)], "mixed", None),
        (None, [("state_owned", 100), (None, 300)], None, None),
        ("mixed", [], "mixed", None),
        (None, [], None, None),
    ],
)
def test_the_state_owned_share_is_by_floor_area_where_owners_differ(
    db: Database,
    tmp_path: Path,
    own: str | None,
    buildings: list[tuple[str | None, int | None]],
    kind: str | None,
    share: float | None,
) -> None:
    load_rows(db, "parcels", [{"parcel_code": "P", "owner_kind": own, "geom": box(0, 0, 10, 10)}], tmp_path)
    names = ("building_code", "parcel_code", "state", "gfa_m2", "owner_kind", "owner_count")
    # one that does not stand has no say
    cells = [("D", "P", "demolished", 900, "private", 9)]
    cells += [(f"B{n}", "P", "standing", gfa, of, 7) for n, (of, gfa) in enumerate(buildings)]
    load_rows(db, "buildings", [dict(zip(names, row, strict=True)) for row in cells], tmp_path)
    assert measures(db, "owner_kind")["P"] == kind
    assert measures(db, "state_owned_share")["P"] == (None if share is None else pytest.approx(share))
    assert measures(db, "owner_count")["P"] == (7 if len(buildings) == 1 else None)


def test_the_rest_of_a_grant_is_counted_from_the_day_asked_about(city: Database) -> None:
    left = measures(city, "grant_years_left", as_of=DAY)
    assert left["S6"] == pytest.approx((date(2030, 1, 1) - DAY).days / 365.2425)
    assert left["S8"] is None
    assert measures(city, "grant_years_left", as_of=date(2031, 1, 1))["S6"] == pytest.approx(-365 / 365.2425)


def test_leases_bind_until_the_last_one_ends_and_none_on_record_says_nothing(city: Database) -> None:
    left = measures(city, "lease_years_left", as_of=DAY)
    assert left["N1"] == pytest.approx((date(2027, 6, 30) - DAY).days / 365.2425)
    # one of a building until 2026, one of the whole parcel that is over
    assert left["S1"] == pytest.approx((date(2026, 6, 30) - DAY).days / 365.2425)
    assert left["N5"] == 0.0
    assert left["S3"] is None  # there is one, and nobody says until when
    assert left["S2"] is None


def test_the_nearest_open_space_and_none_registered(city: Database, db: Database) -> None:
    distance = measures(city, "open_space_distance_m")
    assert distance["S1"] == pytest.approx(10.0)
    assert distance["S2"] == pytest.approx(np.hypot(40.0, 10.0))
    load_small_city(db, ("parcels",))
    assert set(measures(db, "open_space_distance_m").values()) == {None}


def test_carriers_of_leading_industries_are_told_among_those_nearby(city: Database) -> None:
    near = measures(city, "leading_carriers_nearby", nearby_m=60)
    # of C1 (internet services), C2 (finance) and C5 (low carbon); see carriers_nearby
    assert (near["S1"], near["S2"], near["S3"], near["O1"], near["N1"]) == (1, 1, 1, 0, 0)
    silent = geo.policy("hongkou-2025").model_copy(update={"measures": None})
    assert set(measures(city, "leading_carriers_nearby", policy=silent).values()) == {None}


def test_a_carrier_nearby_whose_industries_nobody_says_makes_the_count_of_leading_ones_unknown(
    city: Database, tmp_path: Path
) -> None:
    row = {"carrier_code": "C9", "name": "壬", "status": "active", "geom": point(250, 130)}
    load_rows(city, "carriers", [row], tmp_path)
    near = measures(city, "leading_carriers_nearby", nearby_m=60)
    assert near["S3"] is None
    assert measures(city, "carriers_nearby", nearby_m=60)["S3"] == 2
    assert near["S1"] == 1


def test_research_institutes_are_services_of_the_policys_category_within_its_distance(
    city: Database, db: Database
) -> None:
    near = measures(city, "institutes_nearby")
    shapes, places = outlines(), [row["geom"] for row in CITY["services"] if row["category"] == "科研机构"]
    assert near == {code: sum(shape.distance(at) <= 1000 for at in places) for code, shape in shapes.items()}
    assert near["S1"] == 1
    load_small_city(
        db, ("parcels", "services"), services=[row for row in CITY["services"] if row["category"] == "学校"]
    )
    assert set(measures(db, "institutes_nearby").values()) == {None}, "nobody has looked for institutes"


def test_delisted_carriers_are_found_by_their_shares_by_their_place_and_by_their_outline(
    city: Database, tmp_path: Path
) -> None:
    # C4 is delisted, and nobody knows where it was
    assert set(measures(city, "delisted_carriers").values()) == {0}
    carriers: list[Row] = [
        {"carrier_code": "D1", "name": "一", "status": "delisted", "geom": None},
        {"carrier_code": "D2", "name": "二", "status": "delisted", "geom": point(380, 50)},
        {"carrier_code": "D3", "name": "三", "status": "delisted", "geom": box(190, 510, 410, 640)},
        {"carrier_code": "D4", "name": "四", "status": None, "geom": point(350, 140)},
        {"carrier_code": "D5", "name": "五", "status": "replaced", "geom": point(50, 700)},
    ]
    shares: list[Row] = [
        {"carrier_code": "D1", "stands_on": "building", "target_code": "N1-1", "share": 1.0},
        {"carrier_code": "D2", "stands_on": "parcel", "target_code": "S6", "share": 1.0},
    ]
    load_rows(city, "carriers", carriers, tmp_path)
    load_rows(city, "carrier_shares", shares, tmp_path)
    found = measures(city, "delisted_carriers")
    assert found["N1"] == 1  # by a building on it
    assert found["S6"] == 1  # by a share and by its place: one carrier all the same
    assert (found["N2"], found["N3"]) == (1, 1)  # the outline covers both
    assert found["S7"] is None  # nobody says whether D4 is delisted
    assert found["N4"] == 0
    assert found["S1"] == 0


def test_the_land_that_hangs_together_is_summed_over_edges_and_lanes_that_may_be_crossed(city: Database) -> None:
    area = measures(city, "contiguous_area_m2")
    # S1–S3 and, over the branch road, S4 and S5: 30,000 + 10,000 + 20,000
    assert {area[code] for code in ("S1", "S2", "S3", "S4", "S5")} == {60_000}
    assert area["S1"] == pytest.approx(mu(90))
    # the river parts N1 from N4; N4 and N5 face each other over 12 m
    assert {area[code] for code in ("N1", "N2", "N3")} == {40_000}
    assert area["N4"] == area["N5"] == 19_500
    assert area["O1"] == 10_000
    clusters = geo.clusters(city, over="all")
    for codes, total in zip(clusters["parcel_codes"], clusters["area_m2"], strict=True):
        assert {area[code] for code in codes} == {total}


@pytest.mark.parametrize("seed", [1, 2])
def test_shares_and_distances_agree_with_shapely_over_random_shapes(db: Database, tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    land = {f"P{n:03}": shape for n, shape in enumerate(rectangles(rng, 60, (20, 80)))}
    layers: dict[str, list[shapely.Polygon]] = {
        name: rectangles(rng, n, size)
        for name, n, size in (
            ("park", 3, (200, 500)),
            ("centre_tiers", 6, (150, 400)),
            ("plan_changes", 12, (50, 200)),
            ("open_spaces", 5, (20, 90)),
        )
    }
    tiers = ["main_centre", "sub_centre", "district_centre"]
    stages = ["approved", "approved", "proposed", None]
    load_rows(db, "parcels", [{"parcel_code": code, "geom": shape} for code, shape in land.items()], tmp_path)
    columns: dict[str, Any] = {
        "park": lambda n: {"park_code": f"K{n}"},
        "centre_tiers": lambda n: {"centre_code": f"T{n}", "centre_tier": tiers[n % 3]},
        "plan_changes": lambda n: {"change_code": f"C{n}", "change_status": stages[n % 4]},
        "open_spaces": lambda n: {"open_space_code": f"G{n}"},
    }
    for name, shapes in layers.items():
        load_rows(db, name, [columns[name](n) | {"geom": shape} for n, shape in enumerate(shapes)], tmp_path)
    park = shapely.union_all(layers["park"])
    of_tier = {tier: shapely.union_all(layers["centre_tiers"][n::3]) for n, tier in enumerate(tiers)}
    approved = shapely.union_all([s for n, s in enumerate(layers["plan_changes"]) if stages[n % 4] == "approved"])
    maybe = shapely.union_all(layers["plan_changes"][3::4])
    green = shapely.union_all(layers["open_spaces"])
    found = geo.parcels(db).set_index("parcel_code")
    seen = set()
    for code, shape in land.items():
        row = found.loc[code]
        assert row["park_share"] == pytest.approx(shape.intersection(park).area / shape.area, abs=1e-6)
        assert row["open_space_distance_m"] == pytest.approx(shape.distance(green), abs=1e-6)
        shares = {tier: shape.intersection(area).area / shape.area for tier, area in of_tier.items()}
        best = max(shares, key=lambda tier: shares[tier])
        if abs(shares[best] - 0.5) > 1e-6:
            assert row["centre_tier"] == (best if shares[best] > 0.5 else "outside")
        open_ground = shape.intersection(maybe).difference(approved).area
        if open_ground > 1e-6:
            assert np.isnan(row["approved_change_share"])
        else:
            expected = shape.intersection(approved).area / shape.area
            assert row["approved_change_share"] == pytest.approx(expected, abs=1e-6)
        seen.add((row["centre_tier"], bool(np.isnan(row["approved_change_share"]))))
    assert len(seen) > 2, "the trial shows several cases"


def test_every_measure_names_kinds_that_there_are_and_is_unknown_without_them(db: Database) -> None:
    for measure in MEASURES.values():
        assert measure.sources
        assert set(measure.sources) <= set(KINDS), measure.name
        assert measure.type != "number" or measure.unit, measure.name
    load_small_city(db, ("parcels",), parcels=[{"parcel_code": "P", "geom": box(0, 0, 10, 10)}])
    row = geo.parcels(db).iloc[0]
    # Of a parcel that nobody says anything of but its outline, only what follows from that is known.
    assert {name for name in MEASURES if row.notna()[name]} == {"site_area_m2", "contiguous_area_m2"}

"""Sites as frames: what stays the same when land is told otherwise, what each row says, and that no wrong one is given."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.judge.sites.clock import Clock
from geo.judge.sites.results import Land, Question, find_sites, price_of_area, site_id
from geo.judge.sites.search import Bounds
from geo.judge.sites.verify import Asked, Ground, check_site
from geo.policy import Difficulty, Weight

ALL = Bounds(100_000, 2_000_000)
NONE = Bounds(0, 0)
SIDE = 5

#: one part that splits with the land, so that a parcel in two halves is as hard as before
OWNERS = Weight(title="权利人", title_en="owners", points=1, per="count", unknown=(0, 1), assumption="测试")
WEIGHTS = Difficulty(owners=OWNERS)


def land(seed: int, weights: Difficulty = WEIGHTS) -> Land:
    """Squares of 100 m in rows and columns, each of its own registered area and number of owners."""
    rng = np.random.default_rng(seed)
    cells = [(x, y) for x in range(SIDE) for y in range(SIDE)]
    codes = [f"P{x}{y}" for x, y in cells]
    parcels = gpd.GeoDataFrame(
        {
            "parcel_code": codes,
            "site_area_m2": rng.integers(3000, 9000, len(cells)).astype(float),
            "owner_count": rng.integers(0, 40, len(cells)) * 2.0,
            "synthetic": [code == "P00" for code in codes],
        },
        geometry=[shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for x, y in cells],
        crs=4549,
    )
    pairs = [(f"P{x}{y}", f"P{x + 1}{y}") for x in range(SIDE - 1) for y in range(SIDE)]
    pairs += [(f"P{x}{y}", f"P{x}{y + 1}") for x in range(SIDE) for y in range(SIDE - 1)]
    # A corner and a barrier join nothing.
    pairs_of = [("shared_edge", *pair) for pair in pairs] + [("corner", "P00", "P11"), ("barrier", "P00", "P44")]
    adjacency = pd.DataFrame(pairs_of, columns=["type", "parcel_a", "parcel_b"])
    return Land(parcels, adjacency, weights, "all")


def find(ground: Land, bounds: Bounds = NONE, floor: float = 40_000, **asked: Any) -> gpd.GeoDataFrame:
    return find_sites(ground, Question(floor, **asked), bounds, Clock(60)).frame


def test_every_row_says_what_its_parcels_say() -> None:
    ground = land(1)
    found = find(ground, ALL, k=3, min_different=2, every=True, anchor=("P00",))
    parcels = ground.parcels.set_index("parcel_code")
    assert found["choice"].dropna().to_list() == [1, 2, 3]
    assert found["difficulty"].is_monotonic_increasing
    assert len(found) > 10
    for row in found.itertuples():
        own = parcels.loc[row.parcel_codes]
        assert row.parcel_codes == sorted(row.parcel_codes)
        assert row.area_m2 == own["site_area_m2"].sum() > 40_000
        assert row.difficulty == row.difficulty_owners == own.drop("P00")["owner_count"].sum()
        assert row.site_id == site_id("all", row.parcel_codes)
        assert row.geometry.area == pytest.approx(10_000 * row.n_parcels)
        assert (row.n_anchor, row.synthetic) == (1, True)
    assert found.loc[0, "proven"]
    assert found.loc[0, "gap"] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50), st.randoms(use_true_random=False), st.sampled_from([ALL, NONE]))
def test_the_order_of_rows_changes_nothing(seed: int, random: Any, bounds: Bounds) -> None:
    ground = land(seed)
    rows, pairs = list(range(SIDE * SIDE)), list(range(len(ground.adjacency)))
    random.shuffle(rows)
    random.shuffle(pairs)
    turned = ground.adjacency.iloc[pairs].rename(columns={"parcel_a": "parcel_b", "parcel_b": "parcel_a"})
    other = Land(ground.parcels.iloc[rows].reset_index(drop=True), turned, WEIGHTS, "all")
    one, two = (find(each, bounds, k=3, min_different=2) for each in (ground, other))
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(two.drop(columns="geometry"))
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 50), st.integers(0, SIDE * SIDE - 1))
def test_a_parcel_that_is_split_in_two_leaves_the_best_as_difficult_or_makes_it_easier(seed: int, row: int) -> None:
    # Where both halves have to be taken nothing changes: so one that has to be in it is split.
    ground = land(seed)
    code = ground.parcels["parcel_code"].iloc[row]
    halves = pd.concat([ground.parcels.iloc[[row]]] * 2, ignore_index=True).assign(
        parcel_code=[f"{code}-1", f"{code}-2"]
    )
    halves[["site_area_m2", "owner_count"]] /= 2
    near = ground.adjacency.query("type == 'shared_edge' and (parcel_a == @code or parcel_b == @code)")
    again = pd.concat([near.replace(code, f"{code}-{half}") for half in (1, 2)])
    joined = pd.DataFrame({"type": ["shared_edge"], "parcel_a": [f"{code}-1"], "parcel_b": [f"{code}-2"]})
    parcels = pd.concat([ground.parcels.drop(index=row), halves], ignore_index=True)
    pairs = pd.concat([ground.adjacency.drop(index=near.index), again, joined], ignore_index=True)
    split = Land(parcels, pairs, WEIGHTS, "all")
    whole = find(ground, require=(code,)).iloc[0]
    both = find(split, require=(f"{code}-1", f"{code}-2")).iloc[0]
    assert both["difficulty"] == whole["difficulty"]
    assert find(split).iloc[0]["difficulty"] <= find(ground).iloc[0]["difficulty"]


def test_land_that_is_moved_has_the_same_sites() -> None:
    ground = land(3)
    moved = Land(ground.parcels.set_geometry(ground.parcels.translate(5e5, 3e6)), ground.adjacency, WEIGHTS, "all")
    one, two = find(ground, k=3), find(moved, k=3)
    assert one["site_id"].to_list() == two["site_id"].to_list()
    assert two.geometry.translate(-5e5, -3e6).geom_equals_exact(one.geometry, 1e-6).all()


def test_each_further_mu_has_its_price() -> None:
    ground = land(4)
    floors = [40_000, 50_000, 60_000]
    curve, ended = price_of_area(ground, Question(0), NONE, Clock(60), floors)
    assert ended is None
    assert curve["floor_m2"].to_list() == floors
    assert curve["difficulty"].to_list() == [find(ground, ALL, floor).iloc[0]["difficulty"] for floor in floors]
    assert curve["proven"].all()
    steps = curve["difficulty"].diff() / (10_000 * 15 / 10_000)
    assert curve["per_mu"].to_list()[1:] == pytest.approx(steps.to_list()[1:])
    assert np.isnan(curve["per_mu"].iloc[0])


def test_a_curve_ends_where_there_is_no_more_land() -> None:
    ground = land(4)
    most = ground.parcels["site_area_m2"].sum()
    curve, ended = price_of_area(ground, Question(0), NONE, Clock(60), [40_000, most])
    assert len(curve) == 1
    assert ended is not None
    assert (ended.reason, ended.area_m2) == ("short", most)
    assert price_of_area(ground, Question(0), NONE, Clock(60), [most])[0].empty


def test_a_search_without_time_says_nothing_is_proven_and_keeps_a_bound() -> None:
    ground = land(5)
    searched = find_sites(ground, Question(40_000), NONE, Clock(60, lambda: True))
    (row,) = searched.frame.to_dict("records")
    assert row["difficulty"] >= find(ground, ALL).iloc[0]["difficulty"]
    assert (row["lower_bound"], row["gap"], row["proven"]) == (0.0, 1.0, False)
    assert not searched.found.is_done


def test_a_search_is_not_done_while_one_of_its_sites_is_unproven() -> None:
    # Ended as soon as the best is begun, and left alone after that: the next best is searched through.
    asked = itertools.count()
    searched = find_sites(land(5), Question(40_000, k=2), NONE, Clock(60, lambda: next(asked) == 0))
    assert searched.frame["proven"].to_list()[0] is False
    assert (searched.found.is_done, searched.found.ended) == (False, "time")
    whole = find_sites(land(5), Question(40_000, k=2), NONE, Clock(60))
    assert whole.frame["proven"].all()
    assert (whole.found.is_done, whole.found.ended) == (True, "proven")
    stopped = find_sites(land(5), Question(40_000, k=2), NONE, Clock(60, lambda: True))
    assert (stopped.found.is_done, stopped.found.ended) == (False, "stopped")
    assert find_sites(land(5), Question(40_000, k=2), ALL, Clock(60)).found.ended == "listed"


def test_a_curve_is_done_where_each_of_its_sites_is_proven() -> None:
    ground, floors = land(4), [40_000, 50_000]
    whole, _ = price_of_area(ground, Question(0), NONE, Clock(60), floors)
    stopped, _ = price_of_area(ground, Question(0), NONE, Clock(60, lambda: True), floors)
    assert whole.attrs["searched"] == {"done": True, "ended": "proven"}
    assert stopped.attrs["searched"] == {"done": False, "ended": "stopped"}


GROUND = Ground(
    {"A": 10.0, "B": 20.0, "C": 30.0, "D": 5.0}, {"A": 1.0, "B": 2.0, "C": 3.0, "D": 4.0}, [("A", "B"), ("B", "C")]
)
GOOD = {"parcel_codes": ["A", "B"], "area_m2": 30.0, "difficulty": 3.0, "lower_bound": 3.0, "proven": True}


def test_a_right_site_is_let_through() -> None:
    check_site(GOOD, GROUND, Asked(29.0, 30.0, require=frozenset("A"), forbid=frozenset("C")))
    anchored = GOOD | {"parcel_codes": ["A", "C"], "area_m2": 40.0, "difficulty": 0.0, "lower_bound": 0.0}
    check_site(anchored, GROUND, Asked(29.0, anchor=frozenset("AC")))


@pytest.mark.parametrize(
    ("wrong", "asked", "said"),
    [
        (
            {"parcel_codes": ["A", "C"], "area_m2": 40.0, "difficulty": 4.0, "lower_bound": 4.0},
            Asked(29),
            "hang together",
        ),
        ({}, Asked(30.0), "not over"),
        ({}, Asked(1.0, 29.0), "is over 29"),
        ({"area_m2": 31.0}, Asked(29), "it says 31.0 m²"),
        ({"difficulty": 2.0, "lower_bound": 2.0}, Asked(29), "it says a difficulty of 2.0"),
        ({"lower_bound": 3.5}, Asked(29), "lower bound is over"),
        ({"lower_bound": 2.5}, Asked(29), "proven and has a gap"),
        ({"proven": False}, Asked(29), "the other way round"),
        ({}, Asked(29, require=frozenset("C")), "C has to be in it"),
        ({}, Asked(29, anchor=frozenset("D")), "D has to be in it"),
        ({}, Asked(29, forbid=frozenset("B")), "B must not be in it"),
        ({"parcel_codes": ["A", "B", "B"]}, Asked(29), "twice"),
        ({"parcel_codes": ["A", "X"]}, Asked(29), "X is not among"),
    ],
)
def test_a_wrong_site_is_never_shown(wrong: dict[str, Any], asked: Asked, said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        check_site(GOOD | wrong, GROUND, asked)


def test_an_answer_that_the_search_got_wrong_is_an_error_and_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.judge.sites import results
    from geo.judge.sites.search import Answer, Found

    ground = land(1)
    wrong = Found((Answer((0, 24), 5_000, 5_000),), None, None, True)
    monkeypatch.setattr(results, "find_best", lambda *_, **__: wrong)
    with pytest.raises(RuntimeError, match="hang together"):
        find(ground, floor=1000)

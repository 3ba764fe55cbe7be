"""Barriers that may be crossed though their class may not, by the policy or as a what-if; and bridges."""

from __future__ import annotations

import pandas as pd
import pytest
from drawn_land import EAST, WEST, adjacency, only, parcels
from shapely import LineString, box

import geo
from geo.database import Database
from geo.errors import NotFoundError, PolicyError
from geo.measure.crossing import Crossing
from geo.policy import Policy, policy

POLICY = policy("hongkou-2025")
#: what lies between the hand-drawn city's parcels: a river in the north, an arterial beside S3 and S5
OVER_THE_RIVER = {("N1", "N4"), ("N1", "N5"), ("N3", "N5")}


def naming(**names: bool) -> Policy:
    """The policy with roads and rivers told apart by their names."""
    ground = {"assumption": "为测试", "assumption_en": "for a test"}
    return POLICY.with_changes(
        {"clusters.crossable_names": {name: {"value": value, **ground} for name, value in names.items()}}
    )


def between(found: pd.DataFrame, kind: str) -> set[tuple[str, str]]:
    rows = found[found["type"] == kind]
    return set(zip(rows["parcel_a"], rows["parcel_b"], strict=True))


def test_a_name_says_more_than_a_class_and_the_class_with_the_name_more_than_the_name() -> None:
    said = Crossing({"branch": True, "rail": False}, {"甲路": False, "rail:甲路": True, "乙河": True})
    asked = [("branch", None), ("branch", "甲路"), ("rail", "甲路"), ("rail", None), ("river", "乙河"), ("canal", "")]
    assert [said.allows(*barrier) for barrier in asked] == [True, False, True, False, True, False]


def test_the_policy_lets_one_cross_a_river_by_its_name(city: Database) -> None:
    closed, opened = geo.adjacency(city, POLICY), geo.adjacency(city, naming(小河=True))
    assert between(closed, "barrier") == OVER_THE_RIVER
    assert not between(opened, "barrier")
    assert between(opened, "lane") >= OVER_THE_RIVER
    pd.testing.assert_frame_equal(geo.adjacency(city, naming(另一条河=True)), closed)


def test_the_policy_closes_a_road_by_its_name_though_its_class_is_open(city: Database) -> None:
    (name,) = [name for of_class, name in barriers(city) if of_class == "branch" and name]
    closed = geo.adjacency(city, naming(**{name: False}))
    assert ("S1", "S4") in between(geo.adjacency(city, POLICY), "lane")
    assert ("S1", "S4") in between(closed, "barrier")
    assert set(closed.loc[closed["parcel_a"].eq("S1") & closed["parcel_b"].eq("S4"), "barrier"]) == {f"branch:{name}"}


def barriers(db: Database) -> set[tuple[str, str | None]]:
    from geo.measure.cache import look
    from geo.measure.neighbours import barrier_names

    with look(db) as seen:
        return barrier_names(seen)


@pytest.mark.parametrize("allow", ["小河", ["小河"], ["river:小河"], ["river"], ["河道"], ["rail", "小河"]])
def test_what_if_a_barrier_could_be_crossed(city: Database, allow: str | list[str]) -> None:
    found = geo.adjacency(city, POLICY, allow=allow)
    assert not between(found, "barrier")
    assert between(found, "lane") >= OVER_THE_RIVER
    assert found.attrs["stamp"]["allow"] == ([allow] if isinstance(allow, str) else sorted(allow))
    assert "allow" not in geo.adjacency(city, POLICY).attrs["stamp"]
    assert between(geo.adjacency(city, POLICY), "barrier") == OVER_THE_RIVER, "a what-if is not kept as the answer"


def test_what_is_allowed_is_open_whatever_the_policy_says_of_its_name(city: Database) -> None:
    closed = naming(**{"river:小河": False, "小河": True})
    assert between(geo.adjacency(city, closed), "barrier") == OVER_THE_RIVER
    assert not between(geo.adjacency(city, closed, allow="小河"), "barrier")


def test_a_name_that_nothing_bears_is_told_with_what_there_is(city: Database) -> None:
    with pytest.raises(NotFoundError, match="小何") as told:
        geo.adjacency(city, POLICY, allow=["小何"])
    assert "小河" in told.value.hint
    assert "secondary" in told.value.hint


def test_a_name_in_the_policy_wants_its_ground() -> None:
    with pytest.raises(PolicyError, match="crossable_names"):
        POLICY.with_changes({"clusters.crossable_names": {"某路": {"value": True}}})


def test_a_bridge_over_a_river_joins_no_banks() -> None:
    """A road that may be crossed says nothing of the river under it; a river that is drawn with a gap has one."""
    banks = parcels(WEST, EAST)
    bridge = ("branch", "小桥路", LineString([(-50, 25), (150, 25)]))
    whole = ("river", "小河", box(42, -100, 50, 200))
    assert only(adjacency(banks, bridge, whole)).barrier == "river:小河"
    culvert = whole[2].difference(box(0, 18, 90, 32))
    assert only(adjacency(banks, bridge, ("river", "小河", culvert))).type == "lane"
    narrow = whole[2].difference(box(0, 21, 90, 29))
    assert only(adjacency(banks, bridge, ("river", "小河", narrow))).type == "barrier"

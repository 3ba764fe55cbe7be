"""The best way to the target over open measures: years with room, what every best answer has, and why it cannot be met."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.database import Database
from geo.errors import NotFoundError, SettingsError
from geo.judge.to_target import Answer, Asked, find_way
from geo.policy import WayLimit

ZONES = ("north_bund", "north_middle_ring")
BY = date(2028, 12, 31)
#: the day of the plan, from which on the demo holds
PLAN = date(2025, 3, 7)


def limit(name: str = "a limit", **more: Any) -> WayLimit:
    return WayLimit.model_validate({"id": name, "title": name, "assumption": "a test's", "unit": "m2"} | more)


def measures(*rows: dict[str, Any]) -> pd.DataFrame:
    plain = {"kind": "admit", "zone": "north_bund", "difficulty": 1.0, "ready_on": date(2027, 6, 30), "open": []}
    frame = pd.DataFrame(
        [plain | {"measure_id": f"m{number}", "sources": (f"m{number}",)} | row for number, row in enumerate(rows)]
    )
    return frame.astype({"gfa_m2": float, "difficulty": float})


def way(frame: pd.DataFrame, need: float, *limits: WayLimit, by: date = BY, **more: Any) -> Answer:
    return find_way(frame, ZONES, Asked(need, by, limits, **more), time_limit_s=900)


def ids(answer: Answer, part: str | None = None) -> set[str]:
    frame = answer.frame[answer.frame["chosen"] if part is None else answer.frame["part"] == part]
    return set(frame["measure_id"])


@st.composite
def questions(draw: st.DrawFn) -> tuple[pd.DataFrame, float, date, tuple[WayLimit, ...]]:
    rows = [
        {
            "gfa_m2": draw(st.integers(1, 9)) * 1000,
            "difficulty": draw(st.integers(0, 5)),
            "zone": draw(st.sampled_from([*ZONES, "other"])),
            "kind": draw(st.sampled_from(["admit", "new_building"])),
            "sources": draw(st.sampled_from([("a",), ("b",), ("a", "c"), ("d", "e"), ("e",), ("f",)])),
            "ready_on": date(draw(st.integers(2026, 2028)), 6, 30),
            "open": draw(st.sampled_from([[], [], [], ["gfa"]])),
        }
        for _ in range(draw(st.integers(1, 5)))
    ]
    limits = tuple(
        limit(
            f"limit {number}",
            zone=draw(st.sampled_from([None, "each", "north_bund"])),
            year=draw(st.sampled_from([None, "each", 2027])),
            kind=draw(st.sampled_from([None, "admit"])),
            **draw(st.sampled_from([{"gfa": 9000.0}, {"count": 1}, {"count": 2, "gfa": 12000.0}])),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    return measures(*rows), draw(st.integers(1, 20)) * 1000.0, date(draw(st.integers(2026, 2028)), 12, 31), limits


@st.composite
def narrow(draw: st.DrawFn) -> tuple[pd.DataFrame, float, date, tuple[WayLimit, ...]]:
    """Measures that are nearly all needed, in a zone that has room for one or two of them in a year."""
    rows = [
        {
            "gfa_m2": draw(st.integers(3, 9)) * 1000,
            "difficulty": draw(st.integers(0, 5)),
            "kind": draw(st.sampled_from(["admit", "admit", "new_building"])),
            "ready_on": date(draw(st.sampled_from([2026, 2026, 2027])), 6, 30),
        }
        for _ in range(draw(st.integers(2, 4)))
    ]
    frame = measures(*rows)
    room = draw(st.sampled_from([{"count": 1}, {"count": 2}, {"gfa": 9000.0}, {"gfa": 12000.0}]))
    kind = draw(st.sampled_from([None, "admit"]))
    need = float(frame["gfa_m2"].sum() - draw(st.sampled_from([0, 3000, 6000])))
    by = date(draw(st.sampled_from([2027, 2028, 2028])), 12, 31)
    return frame, need, by, (limit(year="each", zone="each", kind=kind, **room),)


def plans(frame: pd.DataFrame, by: date, limits: tuple[WayLimit, ...]) -> list[dict[int, int]]:
    """Every way to do measures in years: number → year."""
    rows = frame.to_dict("records")
    choices = [[None, *range(row["ready_on"].year, by.year + 1)] if not row["open"] else [None] for row in rows]
    found = []
    for years in itertools.product(*choices):
        taken = {number: year for number, year in enumerate(years) if year is not None}
        sources = [source for number in taken for source in rows[number]["sources"]]
        if len(set(sources)) == len(sources) and all(_keeps(rows, taken, each) for each in limits):
            found.append(taken)
    return found


def _keeps(rows: list[dict[Any, Any]], taken: dict[int, int], each: WayLimit) -> bool:
    for zone in ZONES if each.zone == "each" else [each.zone]:
        for year in range(2026, 2032) if each.year == "each" else [each.year]:
            held = [rows[number] for number, when in taken.items() if year in (None, when)]
            held = [row for row in held if zone in (None, row["zone"]) and each.kind in (None, row["kind"])]
            if each.count is not None and len(held) > each.count:
                return False
            if each.gfa_m2 is not None and sum(row["gfa_m2"] for row in held) > each.gfa_m2:
                return False
    return True


@settings(max_examples=120)
@given(st.one_of(questions(), narrow()))
def test_no_plan_of_measures_and_years_is_better_and_each_measure_is_told_rightly(
    question: tuple[pd.DataFrame, float, date, tuple[WayLimit, ...]],
) -> None:
    frame, need, by, limits = question
    gfa, difficulty = frame["gfa_m2"].to_numpy(), frame["difficulty"].to_numpy()
    possible = plans(frame, by, limits)
    enough = [plan for plan in possible if gfa[list(plan)].sum() >= need]
    found = way(frame, need, *limits, by=by)
    assert found.way.is_possible == bool(enough)
    if not enough:
        assert found.way.shortfall is not None
        assert found.way.shortfall.most_m2 == pytest.approx(max(gfa[list(plan)].sum() for plan in possible))
        assert not ids(found)
        return
    best = min(difficulty[list(plan)].sum() for plan in enough)
    assert (found.way.proven, found.way.difficulty) == (True, pytest.approx(best))
    # The years that are told are a plan too, and none could be earlier by itself.
    told = {int(n): found.frame["counts_from"].iloc[n].year for n in found.frame.index[found.frame["chosen"]]}
    assert told in possible
    for number, year in told.items():
        assert all(told | {number: before} not in possible for before in range(2026, year))
    as_good = [set(plan) for plan in enough if difficulty[list(plan)].sum() == best]
    every, some = set.intersection(*as_good), set.union(*as_good)
    for number, part in enumerate(found.frame["part"]):
        late = frame["ready_on"].iloc[number] > by
        wanted = "every" if number in every else "some" if number in some else "late" if late else "none"
        assert part == ("open" if frame["open"].iloc[number] else wanted)


def test_a_limit_in_a_year_puts_off_what_it_has_no_room_for() -> None:
    three = measures(*({"gfa_m2": 10_000} for _ in range(3)))
    found = way(three, 30_000, limit(year="each", gfa=10_000), by=date(2029, 12, 31))
    days = found.frame["counts_from"].tolist()
    assert sorted(days) == [date(2027, 6, 30), date(2028, 1, 1), date(2029, 1, 1)]
    assert {(used.year, used.used) for used in found.used} == {(2027, 10_000), (2028, 10_000), (2029, 10_000)}


def test_what_stands_in_the_way_is_named_with_what_it_would_have_to_be_and_from_when_on_it_can_be_met() -> None:
    three = measures(*({"gfa_m2": 10_000} for _ in range(3)))
    yearly, zonal = limit("a year", year="each", gfa=10_000), limit("a zone", zone="each", count=9)
    short = way(three, 30_000, yearly, zonal).way.shortfall
    assert short is not None
    assert (short.most_m2, short.short_m2, short.without_limits_m2) == (20_000, 10_000, 30_000)
    assert short.earliest == date(2029, 1, 1)
    # Two in one year: 20,000 within a thousandth.
    ((which, needed),) = short.limits
    assert which.name == "a year"
    assert 20_000 <= needed <= 20_000 * 1.001


def test_of_several_counts_the_number_that_would_do_is_exact() -> None:
    five = measures(*({"gfa_m2": 10_000} for _ in range(5)))
    short = way(five, 50_000, limit("n", year="each", count=1)).way.shortfall
    assert short is not None
    assert [(each.name, needed) for each, needed in short.limits] == [("n", 3)]


def test_what_is_unknown_is_never_chosen_and_what_is_required_is() -> None:
    frame = measures({"gfa_m2": 9_000, "open": ["holder"]}, {"gfa_m2": 9_000, "difficulty": 9}, {"gfa_m2": 5_000})
    assert ids(way(frame, 9_000)) == {"m1"}
    assert ids(way(frame, 5_000)) == {"m2"}
    assert ids(way(frame, 5_000, require=frozenset({"m1"}))) == {"m1"}
    assert ids(way(frame, 5_000, forbid=frozenset({"m2"}))) == {"m1"}
    assert ids(way(frame, 5_000), "open") == {"m0"}


def test_nothing_is_needed_where_enough_counts_already() -> None:
    found = way(measures({"gfa_m2": 9_000}), 0.0)
    assert (found.way.proven, found.way.difficulty, ids(found)) == (True, 0, set())


def test_the_demo_reaches_its_target_by_the_later_day_with_proof(demo_db: Database) -> None:
    found = geo.best_way(demo_db, "hongkou-2025", by=date(2030, 12, 31), as_of=PLAN, time_limit_s=900)
    told = found.attrs["way"]
    assert (told["is_possible"], told["proven"], told["gap"]) == (True, True, 0.0)
    assert told["lower_bound"] == pytest.approx(told["difficulty"])
    chosen = found[found["chosen"]]
    assert told["counted_m2"] + chosen["gfa_m2"].sum() >= 1_000_000
    assert chosen["difficulty"].sum() == pytest.approx(told["difficulty"])
    assert (chosen["open"].map(len) == 0).all()
    assert (chosen["counts_from"] >= chosen["ready_on"]).all()
    assert (chosen["counts_from"] <= date(2030, 12, 31)).all()
    assert not any(set(excluded) & set(chosen["measure_id"]) for excluded in chosen["excludes"])
    admitted = chosen[chosen["kind"] == "admit"]
    assert admitted.groupby(admitted["counts_from"].map(lambda day: day.year))["gfa_m2"].sum().max() <= 150_000
    assert set(found.loc[found["part"] == "every", "measure_id"]) <= set(chosen["measure_id"])
    assert not set(found.loc[found["part"] == "none", "measure_id"]) & set(chosen["measure_id"])
    assert told["n_open"] == (found["open"].map(len) > 0).sum() > 0


def test_by_the_plans_own_day_the_demo_cannot_and_says_why(demo_db: Database) -> None:
    found = geo.best_way(demo_db, "hongkou-2025", as_of=PLAN, time_limit_s=60)
    told = found.attrs["way"]
    assert (told["by"], told["is_possible"], told["n_chosen"]) == ("2026-12-31", False, 0)
    short = told["shortfall"]
    assert short["most_m2"] + short["short_m2"] == pytest.approx(told["need_m2"])
    assert short["short_m2"] > 0
    assert {each["id"] for each in short["limits"]} == {"admit_a_year", "conversions_by_zone"}
    # With that much a year it can be met, and on the day that is told too.
    admit = next(each for each in short["limits"] if each["id"] == "admit_a_year")
    wider = [{"kind": "admit", "year": "each", "gfa": admit["needed"] * 1.05, "unit": "m2"},
             {"kind": "conversion_building", "year": "each", "zone": "each", "gfa": 5, "unit": "万㎡"}]  # fmt: skip
    ask = {"as_of": PLAN, "time_limit_s": 15}
    assert geo.best_way(demo_db, "hongkou-2025", limits=wider, **ask).attrs["way"]["is_possible"] is not False
    later = date.fromisoformat(short["earliest"])
    assert geo.best_way(demo_db, "hongkou-2025", by=later, **ask).attrs["way"]["is_possible"] is not False


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"by": date(2025, 1, 1)}, SettingsError, "lies before"),
        ({"target_m2": 0}, SettingsError, "A target of 0 cannot be used"),
        ({"require": "admit:nowhere"}, NotFoundError, "1 measures are not open: admit:nowhere"),
        ({"require": "admit:N4", "forbid": ["admit:N4"]}, SettingsError, "required and forbidden at once"),
        ({"require": "completion:S5-1"}, SettingsError, "cannot be counted on: day not known"),
        ({"require": "conversion_land:office_to_rnd:N2"}, SettingsError, "counts from 2030-04-15 on, after 2026-12-31"),
        ({"limits": [{"zone": "moon", "count": 1}]}, NotFoundError, "There is no zone 'moon'"),
        ({"limits": [{"zone": "each"}]}, SettingsError, "Limit 1 cannot be read: give gfa or count"),
        ({"limits": [{"count": 1, "colour": "red"}]}, SettingsError, "Limit 1 cannot be read: colour"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(
    city: Database, asked: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        geo.best_way(city, "hongkou-2025", as_of=date(2026, 1, 15), **asked)


def test_what_counts_already_is_not_needed_and_a_smaller_target_is_nearer(city: Database) -> None:
    told = geo.best_way(city, "hongkou-2025", as_of=date(2026, 1, 15), target_m2=70_000, time_limit_s=900).attrs["way"]
    assert told["need_m2"] == 70_000 - told["counted_m2"] > 0
    assert told["is_possible"]

"""The best way to a target: against every choice there is, and with what stands in the way told."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.judge.way import Limit, Way, best_way

DAY = date(2026, 12, 31)


def measures(*rows: dict[str, Any]) -> pd.DataFrame:
    plain = {"kind": "admit", "zone": "bwt", "difficulty": 1.0, "ready_on": date(2026, 6, 30)}
    frame = pd.DataFrame([plain | {"source": f"s{number}"} | row for number, row in enumerate(rows)])
    return frame.astype({"gfa_m2": float, "difficulty": float})


def way(frame: pd.DataFrame, need: float, by: date = DAY, limits: tuple[Limit, ...] = (), **more: Any) -> Way:
    return best_way(frame, need, by, limits, time_limit_s=60, **more)


@st.composite
def questions(draw: st.DrawFn) -> tuple[pd.DataFrame, float, date, tuple[Limit, ...]]:
    n = draw(st.integers(1, 9))
    rows = [
        {
            "gfa_m2": draw(st.integers(-3, 12)) * 1000,
            "difficulty": draw(st.integers(0, 6)),
            "zone": draw(st.sampled_from(["bwt", "bzh"])),
            "kind": draw(st.sampled_from(["admit", "new"])),
            "source": draw(st.sampled_from("abcdef")),
            "ready_on": date(draw(st.integers(2026, 2028)), 6, 30),
        }
        for _ in range(n)
    ]
    limits = tuple(
        Limit(
            f"limit {number}",
            zone=draw(st.sampled_from([None, "bwt", "bzh"])),
            year=draw(st.sampled_from([None, 2026, 2027])),
            kind=draw(st.sampled_from([None, "new"])),
            **draw(st.sampled_from([{"gfa_m2": 9000.0}, {"count": 1}, {"count": 2, "gfa_m2": 14000.0}])),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    return measures(*rows), draw(st.integers(1, 30)) * 1000.0, date(draw(st.integers(2026, 2028)), 12, 31), limits


def allowed(frame: pd.DataFrame, chosen: tuple[int, ...], by: date, limits: tuple[Limit, ...]) -> bool:
    rows = frame.iloc[list(chosen)]
    if rows["source"].duplicated().any() or any(day > by for day in rows["ready_on"]):
        return False
    for limit in limits:
        held = [
            row
            for row in rows.itertuples()
            if limit.zone in (None, row.zone)
            and limit.year in (None, row.ready_on.year)
            and limit.kind in (None, row.kind)
        ]
        if limit.count is not None and len(held) > limit.count:
            return False
        if limit.gfa_m2 is not None and sum(row.gfa_m2 for row in held) > limit.gfa_m2:
            return False
    return True


def every_choice(frame: pd.DataFrame, by: date, limits: tuple[Limit, ...]) -> list[tuple[int, ...]]:
    n = len(frame)
    subsets = itertools.chain.from_iterable(itertools.combinations(range(n), size) for size in range(n + 1))
    return [chosen for chosen in subsets if allowed(frame, chosen, by, limits)]


@settings(max_examples=120, deadline=None)
@given(questions())
def test_no_other_choice_is_better_and_each_measure_is_told_rightly(
    question: tuple[pd.DataFrame, float, date, tuple[Limit, ...]],
) -> None:
    frame, need, by, limits = question
    gfa, difficulty = frame["gfa_m2"].to_numpy(), frame["difficulty"].to_numpy()
    choices = every_choice(frame, by, limits)
    enough = [chosen for chosen in choices if gfa[list(chosen)].sum() >= need]
    found = way(frame, need, by, limits, tell_apart=True)
    assert found.is_possible == bool(enough)
    if not enough:
        assert found.shortfall is not None
        most = max(gfa[list(chosen)].sum() for chosen in choices)
        assert found.shortfall.most_m2 == pytest.approx(most)
        assert found.shortfall.short_m2 == pytest.approx(need - most)
        later = sorted({day for day in frame["ready_on"] if day > by})
        can = [day for day in later if any(gfa[list(c)].sum() >= need for c in every_choice(frame, day, limits))]
        assert found.shortfall.earliest == (can[0] if can else None)
        return
    best = min(difficulty[list(chosen)].sum() for chosen in enough)
    assert found.proven
    assert (found.difficulty, found.bound, found.gap) == (pytest.approx(best), pytest.approx(best), 0.0)
    assert found.chosen in enough
    as_good = [set(chosen) for chosen in enough if difficulty[list(chosen)].sum() == best]
    assert set(found.in_every) == set.intersection(*as_good)
    assert set(found.in_every) | set(found.in_some) == set.union(*as_good)
    assert set(found.in_none) == set(range(len(frame))) - set.union(*as_good)


@settings(max_examples=40, deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_measures_tells_nothing(
    question: tuple[pd.DataFrame, float, date, tuple[Limit, ...]], chance: Any
) -> None:
    frame, need, by, limits = question
    order = list(range(len(frame)))
    chance.shuffle(order)
    one, other = way(frame, need, by, limits), way(frame.iloc[order].reset_index(drop=True), need, by, limits)
    assert one.is_possible == other.is_possible
    assert np.isclose(one.difficulty, other.difficulty, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(questions(), st.integers(1, 20))
def test_more_is_never_easier_and_later_is_never_harder(
    question: tuple[pd.DataFrame, float, date, tuple[Limit, ...]], more: int
) -> None:
    frame, need, by, limits = question
    now = way(frame, need, by, limits)
    wanted = way(frame, need + more * 1000, by, limits)
    later = way(frame, need, by + timedelta(days=365), limits)
    assert now.is_possible or not wanted.is_possible
    assert later.is_possible or not now.is_possible
    if now.is_possible and wanted.is_possible:
        assert wanted.difficulty >= now.difficulty - 1e-6
    if now.is_possible:
        assert later.difficulty <= now.difficulty + 1e-6


def test_of_two_measures_on_one_building_one_is_taken() -> None:
    frame = measures(
        {"source": "楼-1", "gfa_m2": 5000, "difficulty": 1},
        {"source": "楼-1", "gfa_m2": 8000, "difficulty": 2},
        {"source": "楼-2", "gfa_m2": 4000, "difficulty": 9},
    )
    assert way(frame, 8000).chosen == (1,)
    assert way(frame, 9000).chosen == (0, 2)


def test_what_is_done_too_late_does_not_count() -> None:
    frame = measures({"gfa_m2": 9000, "ready_on": date(2027, 1, 1)}, {"gfa_m2": 9000, "difficulty": 50})
    assert way(frame, 9000).chosen == (1,)
    assert way(frame, 9000, date(2027, 1, 1)).chosen == (0,)


def in_two_years(*sizes: float, **more: Any) -> list[dict[str, Any]]:
    """Rows of measures that may each be done in one of two years."""
    return [
        {"measure": number, "source": f"楼-{number}", "gfa_m2": gfa, "ready_on": date(year, 6, 30)} | more
        for number, gfa in enumerate(sizes)
        for year in (2026, 2027)
    ]


BOTH = date(2027, 12, 31)
EACH_YEAR = tuple(Limit("每年", year=year, kind="admit", gfa_m2=10_000.0) for year in (2026, 2027))


def test_what_fits_into_the_years_together_and_not_into_each_of_them_is_no_answer() -> None:
    """Three of 6,000 m² are less than two years of 10,000 m², but no year has room for two of them."""
    other = {"measure": 3, "source": "新", "kind": "new", "gfa_m2": 6_000, "difficulty": 50}
    frame = measures(*in_two_years(6_000, 6_000, 6_000), other)
    assert len(way(frame, 12_000, BOTH, EACH_YEAR).chosen) == 2
    found = way(frame, 18_000, BOTH, EACH_YEAR, tell_apart=True)
    assert (found.difficulty, found.bound, found.proven) == (52.0, 52.0, True)
    assert sorted(frame["ready_on"].iloc[list(found.chosen)].map(lambda day: day.year)) == [2026, 2026, 2027]
    assert (found.in_every, found.in_some) == ((3,), (0, 1, 2))
    nothing = way(measures(*in_two_years(6_000, 6_000, 6_000)), 18_000, BOTH, EACH_YEAR)
    assert not nothing.is_possible


def test_near_what_the_years_allow_the_choice_is_put_into_them_and_proven() -> None:
    """7,001 + 2,999 and 6,000 + 4,000 fill both years to the last m²; the one that fits more easily is dearer."""
    dearer = {"measure": 4, "source": "楼-4", "gfa_m2": 5_000, "difficulty": 3.0}
    frame = measures(
        *in_two_years(7_001, 6_000, 4_000, 2_999), *(dearer | {"ready_on": date(year, 6, 30)} for year in (2026, 2027))
    )
    found = way(frame, 20_000, BOTH, EACH_YEAR)
    assert (found.proven, found.difficulty, found.gfa_m2) == (True, 4.0, 20_000.0)
    rows = frame.iloc[list(found.chosen)]
    assert rows.groupby(rows["ready_on"])["gfa_m2"].sum().tolist() == [10_000.0, 10_000.0]
    assert not way(frame, 20_001, BOTH, EACH_YEAR).is_possible


def test_a_year_without_a_limit_holds_nothing_together() -> None:
    only_2026 = (Limit("二六年", year=2026, kind="admit", gfa_m2=5_000.0),)
    found = way(measures(*in_two_years(6_000, 6_000, 6_000)), 18_000, BOTH, only_2026)
    assert (found.proven, found.difficulty) == (True, 3.0)


def test_a_limit_in_the_way_is_named_with_what_it_would_have_to_be() -> None:
    frame = measures(*({"gfa_m2": 10_000, "ready_on": date(2026 + number % 2, 6, 30)} for number in range(6)))
    narrow = Limit("新建每年", year=2026, gfa_m2=15_000.0)
    wide = Limit("北外滩", zone="bwt", count=9)
    found = way(frame, 30_000, limits=(narrow, wide)).shortfall
    assert found is not None
    assert (found.most_m2, found.short_m2, found.without_limits_m2) == (10_000.0, 20_000.0, 30_000.0)
    assert found.limits == ((narrow, pytest.approx(30_000.0)),)
    assert found.earliest == date(2027, 6, 30)


def test_a_target_beyond_all_measures_is_no_limits_fault() -> None:
    found = way(measures({"gfa_m2": 10_000}), 25_000, limits=(Limit("一处", count=1),)).shortfall
    assert found is not None
    assert (found.short_m2, found.limits, found.earliest) == (15_000.0, (), None)


def test_what_is_required_is_in_and_what_is_forbidden_is_not() -> None:
    frame = measures(
        {"gfa_m2": 5000, "difficulty": 1}, {"gfa_m2": 5000, "difficulty": 2}, {"gfa_m2": 5000, "difficulty": 3}
    )
    assert way(frame, 5000, required=[2]).chosen == (2,)
    assert way(frame, 10_000, required=[2], forbidden=[0]).chosen == (1, 2)


@pytest.mark.parametrize("column", ["gfa_m2", "difficulty"])
def test_unknown_is_never_taken_for_nothing(column: str) -> None:
    with pytest.raises(ValueError, match="known floor area"):
        way(measures({"gfa_m2": 5000}).assign(**{column: np.nan}), 1000)


def test_the_solver_writes_nothing_where_answers_are_written() -> None:
    import subprocess
    import sys

    code = (
        "import numpy as np; from geo.judge.integer import Rows, least;"
        "least(np.ones(2), Rows.of([(np.arange(2), np.ones(2), 1.0, 2.0)]), time_limit_s=5)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")

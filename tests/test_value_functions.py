"""Value functions of a policy: points, steps and categories, held against the direction that they declare."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.judge.scores import value_results
from geo.policy import Condition, Criterion, policy
from geo.settings import data_dir


def criterion(measure: str = "carriers_nearby", **function: Any) -> Criterion:
    return Criterion(id="c", title="t", measure=measure, weight=1, assumption="a test", **function)


def value(made: Criterion, at: float) -> float:
    return float(value_results(pd.DataFrame({made.measure: [at]}), [made])[0, 0])


STAIR = ((0.0, 0.1), (2.0, 0.5), (5.0, 1.0))


@pytest.mark.parametrize(
    ("at", "expected"),
    [(-1, 0.1), (0, 0.1), (1.999, 0.1), (2, 0.5), (4.99, 0.5), (5, 1.0), (1e9, 1.0)],
)
def test_a_stair_gives_each_value_from_its_x_on_and_the_first_below_it(at: float, expected: float) -> None:
    assert value(criterion(steps=STAIR), at) == expected


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.floats(0, 1)), min_size=2, unique_by=lambda c: c[0]), st.floats(-60, 60)
)
def test_a_stair_is_what_a_search_in_a_sorted_list_gives(corners: list[tuple[int, float]], at: float) -> None:
    corners.sort()
    place = max(bisect_right([x for x, _ in corners], at) - 1, 0)
    assert value(criterion(steps=tuple(corners)), at) == corners[place][1]


def test_an_unknown_measure_has_no_step() -> None:
    assert math.isnan(value(criterion(steps=STAIR), math.nan))


def test_a_stair_is_read_in_the_unit_that_it_names() -> None:
    made = criterion("vacancy_share", unit="%", steps=((0, 0.0), (35, 1.0)))
    # 35 · 0.01 would be a hair above 0.35.
    assert value(made, 0.35) == 1.0
    assert value(made, float(np.nextafter(0.35, 0))) == 0.0


@pytest.mark.parametrize("percent", range(101))
def test_a_parcel_with_just_the_share_that_is_asked_for_passes(percent: int) -> None:
    made = Condition(id="c", title="t", measure="vacancy_share", op=">=", value=percent, unit="%", assumption="a test")
    assert made.threshold == percent / 100


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ({}, "one of points, steps and categories"),
        ({"points": STAIR, "steps": STAIR}, "one of points, steps and categories"),
        ({"steps": STAIR[:1]}, "two steps or more"),
        ({"steps": STAIR[::-1]}, "further right"),
        ({"points": STAIR[::-1]}, "further right"),
        ({"steps": ((0, 0), (1, 1.5))}, "from 0 to 1"),
        (
            {"steps": STAIR, "direction": "cost"},
            "direction is cost, but the value rises from 0.1 to 0.5 between 0 and 2",
        ),
        ({"points": ((0, 1), (5, 0)), "direction": "benefit"}, "falls from 1 to 0 between 0 and 5"),
        ({"points": STAIR, "direction": "none"}, "only rises: say benefit"),
        ({"points": ((0, 1), (5, 0)), "direction": "none"}, "only falls: say cost"),
        ({"points": STAIR, "direction": "upwards"}, "direction"),
        ({"categories": {"a": 1.0}}, "is a number: give points or steps"),
        ({"measure": "zone", "points": STAIR}, "is text: give categories"),
        ({"measure": "zone", "categories": {"other": 1.0}, "direction": "benefit"}, "have no order"),
    ],
)
def test_a_function_that_does_not_hold_together_is_refused_in_words(function: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        criterion(**function)


@pytest.mark.parametrize(
    "function",
    [
        {"steps": STAIR, "direction": "benefit"},
        {"points": ((0, 1), (5, 0.5), (6, 0.5)), "direction": "cost"},
        {"points": ((0, 0), (5, 1), (10, 0)), "direction": "none"},
        {"points": ((0, 0.5), (5, 0.5)), "direction": "none"},
        {"measure": "zone", "categories": {"other": 1.0}},
    ],
)
def test_a_function_in_its_direction_is_taken(function: dict[str, Any]) -> None:
    criterion(**function)


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.floats(0, 1)), min_size=2, unique_by=lambda c: c[0]),
    st.sampled_from(["benefit", "cost"]),
    st.sampled_from(["points", "steps"]),
    st.lists(st.floats(-60, 60), min_size=2, max_size=2),
)
def test_what_is_taken_as_a_benefit_never_falls_and_as_a_cost_never_rises(
    corners: list[tuple[int, float]], direction: str, kind: str, asked: list[float]
) -> None:
    try:
        made = criterion(**{kind: tuple(sorted(corners)), "direction": direction})
    except ValidationError:
        return
    low, high = (value(made, at) for at in sorted(asked))
    assert low <= high + 1e-12 if direction == "benefit" else low >= high - 1e-12


@pytest.mark.parametrize("file", sorted((data_dir() / "policy").glob("*.toml")), ids=lambda file: file.stem)
def test_every_criterion_on_a_number_declares_its_direction(file: Any) -> None:
    rules = policy(file).rules
    assert rules
    undeclared = [
        (name, item.id)
        for name, rule in rules.items()
        for item in rule.criteria
        if item.categories is None and item.direction is None
    ]
    assert not undeclared


def test_a_stair_stands_in_the_workbook_as_what_it_is() -> None:
    from geo.export.wording import Wording, criterion_row

    row = criterion_row(Wording(None, {}), criterion(steps=STAIR), "")
    assert "≥2→0.5，≥5→1" in str(row[4]).replace(" ", "")

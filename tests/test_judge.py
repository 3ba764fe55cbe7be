"""Judgement over made-up frames: three answers, scores with intervals, reasons; no database."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.errors import NotFoundError
from geo.judge.rules import judge
from geo.judge.survey import needs_survey
from geo.policy import Condition, Criterion, Rule

# How long one example takes depends on who else uses the machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

RULE = geo.policy("hongkou-2025").rule("office_to_rnd")
MEASURES = {item.measure for item in (*RULE.conditions, *RULE.criteria)}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(math.nan), st.floats(low, high, allow_nan=False))


def texts(*words: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *words])


PARCEL = st.fixed_dictionaries(
    {
        "zone": texts("north_bund", "north_middle_ring", "other"),
        "supply_status": texts("not_granted", "granted_unbuilt", "built", "something else"),
        "office_share": numbers(0, 1),
        "site_area_m2": numbers(1, 50_000),
        "heritage_share": numbers(0, 1),
        "vacancy_share": numbers(0, 1),
        "far_headroom": numbers(-3, 5),
        "station_distance_m": numbers(0, 3_000),
        "year_built": numbers(1920, 2025),
        "owner_count": numbers(1, 8),
        "grant_years_left": numbers(-5, 40),
        "centre_tier": texts("main_centre", "sub_centre", "district_centre", "community_centre", "outside"),
        "leading_carriers_nearby": numbers(0, 5),
        "institutes_nearby": numbers(0, 5),
        "contiguous_area_m2": numbers(1, 200_000),
        "heritage_distance_m": numbers(0, 200),
        "approved_change_share": numbers(0, 1),
    }
)
PARCELS = st.lists(PARCEL, min_size=1, max_size=12)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(parcel_code=[f"P{n:02}" for n in range(len(rows))])


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def plain_outcome(row: dict[str, Any], condition: Condition) -> str:
    """The same judgement in the plainest words, for comparison."""
    value = row[condition.measure]
    if is_missing(value):
        return "unknown"
    wanted: Any = condition.threshold
    passed = {
        "in": lambda: value in wanted,
        "is": lambda: value == wanted,
        ">=": lambda: value >= wanted,
        "<=": lambda: value <= wanted,
        ">": lambda: value > wanted,
        "<": lambda: value < wanted,
        "==": lambda: value == wanted,
    }[condition.op]()
    return "pass" if passed else "fail"


def plain_routes(row: dict[str, Any]) -> list[dict[str, list[str]]]:
    """For each route what its conditions and the rule's own come to, by measure."""
    found = []
    for route in RULE.routes:
        outcomes: dict[str, list[str]] = {}
        for condition in (*RULE.conditions, *route.conditions):
            outcomes.setdefault(condition.measure, []).append(plain_outcome(row, condition))
        found.append(outcomes)
    return found


def plain_verdict(outcomes: dict[str, list[str]]) -> str:
    said = {word for words in outcomes.values() for word in words}
    return "no" if "fail" in said else "unknown" if "unknown" in said else "candidate"


@given(PARCELS)
def test_the_verdict_is_no_on_any_fail_else_unknown_on_any_unknown_else_candidate(rows: list[dict[str, Any]]) -> None:
    found = judge(frame_of(rows), RULE)
    for row, verdict, reasons in zip(rows, found["verdict"], found["reasons"], strict=True):
        outcomes = [plain_outcome(row, condition) for _, condition in RULE.asked]
        assert [reason["outcome"] for reason in reasons] == outcomes
        ways = [plain_verdict(way) for way in plain_routes(row)]
        assert verdict == next(word for word in ("candidate", "unknown", "no") if word in ways)


@given(PARCEL, st.sampled_from([condition.measure for condition in RULE.conditions]))
def test_forgetting_a_value_never_makes_a_candidate_and_never_turns_a_yes_into_a_no(
    row: dict[str, Any], measure: str
) -> None:
    before = judge(frame_of([row]), RULE)["verdict"][0]
    after = judge(frame_of([row | {measure: None}]), RULE)["verdict"][0]
    assert after != "candidate"
    assert not (before == "candidate" and after == "no")


@given(PARCELS)
def test_contributions_sum_to_the_low_score_and_weights_of_unknown_ones_make_the_interval(
    rows: list[dict[str, Any]],
) -> None:
    found = judge(frame_of(rows), RULE)
    for low, high, score, parts in found[["score_low", "score_high", "score", "contributions"]].itertuples(index=False):
        known = [part["contribution"] for part in parts if part["contribution"] is not None]
        total = sum(part["weight"] for part in parts if part["applies"])
        unknown = [part["weight"] for part in parts if part["applies"] and part["contribution"] is None]
        assert math.fsum(known) == pytest.approx(low, abs=1e-9)
        assert high - low == pytest.approx(100 * math.fsum(unknown) / total, abs=1e-9)
        assert score == low
        assert 0 <= low <= high <= 100


@given(PARCEL, st.floats(0, 1), st.floats(0, 1))
def test_raising_a_measure_that_benefits_never_lowers_the_score(row: dict[str, Any], a: float, b: float) -> None:
    low, high = sorted((a, b))
    scores = [
        judge(
            frame_of([row | {"vacancy_share": v, "far_headroom": v * 3, "station_distance_m": 2_000 * (1 - v)}]), RULE
        )["score"][0]
        for v in (low, high)
    ]
    assert scores[0] <= scores[1] + 1e-9


@given(PARCELS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    frame = frame_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = judge(frame, RULE).set_index("parcel_code")
    turned = judge(frame.iloc[order], RULE).set_index("parcel_code").loc[straight.index]
    for name in ("verdict", "score_low", "score_high", "rank"):
        pd.testing.assert_series_equal(straight[name], turned[name])
    assert list(straight["reasons"]) == list(turned["reasons"])
    assert list(straight["contributions"]) == list(turned["contributions"])


@given(PARCELS, PARCEL)
def test_another_parcel_changes_no_verdict_and_no_score(rows: list[dict[str, Any]], more: dict[str, Any]) -> None:
    alone = judge(frame_of(rows), RULE)
    together = judge(frame_of([*rows, more]), RULE).iloc[: len(rows)]
    assert list(alone["verdict"]) == list(together["verdict"])
    np.testing.assert_array_equal(alone["score_low"], together["score_low"])


@given(PARCELS)
def test_ranks_are_those_of_a_plain_sort_over_candidates(rows: list[dict[str, Any]]) -> None:
    found = judge(frame_of(rows), RULE)
    chosen = [
        (-score, code)
        for code, verdict, score in found[["parcel_code", "verdict", "score"]].itertuples(index=False)
        if verdict == "candidate"
    ]
    ranks = found.dropna(subset="rank").sort_values("rank")
    assert list(ranks["parcel_code"]) == [code for _, code in sorted(chosen)]
    assert list(ranks["rank"]) == list(range(1, len(chosen) + 1))


@given(PARCELS)
@settings(max_examples=30)
def test_judging_changes_nothing_that_it_was_given_and_keeps_the_index(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows)
    frame.index = pd.Index([f"row {n}" for n in range(len(frame))])
    before = frame.copy(deep=True)
    found = judge(frame, RULE)
    pd.testing.assert_frame_equal(frame, before)
    assert found.index.equals(frame.index)


def brute_force_settled(frame: pd.DataFrame, asked: set[str]) -> int:
    """How many unknown parcels have nothing missing once the fields are answered."""
    settled = 0
    for row in frame.to_dict("records"):
        ways = [(plain_verdict(way), way) for way in plain_routes(row)]
        missing = {
            field for verdict, way in ways if verdict == "unknown" for field, words in way.items() if "unknown" in words
        }
        settled += bool(missing) and "candidate" not in {verdict for verdict, _ in ways} and missing <= asked
    return settled


@given(PARCELS)
def test_the_survey_counts_what_each_further_answer_would_settle(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows)
    survey = needs_survey(frame, RULE)
    for n, told in enumerate(survey["n_settled"], start=1):
        assert told == brute_force_settled(frame, set(survey["field"][:n]))
    for field, alone in zip(survey["field"], survey["n_alone"], strict=True):
        assert alone == brute_force_settled(frame, {field})
    if len(survey):
        assert survey["n_settled"].iloc[-1] == (judge(frame, RULE)["verdict"] == "unknown").sum()


def row(**changes: Any) -> pd.DataFrame:
    whole = {
        "zone": "north_bund",
        "supply_status": "built",
        "office_share": 1.0,
        "site_area_m2": 10_000.0,
        "heritage_share": 0.0,
        "vacancy_share": 0.28,
        "far_headroom": 1.2,
        "station_distance_m": 100.0,
        "year_built": 2000.0,
        "owner_count": 1.0,
        "grant_years_left": 30.0,
        "centre_tier": "main_centre",
        "leading_carriers_nearby": 1.0,
        "institutes_nearby": 1.0,
        "contiguous_area_m2": 30_000.0,
        "heritage_distance_m": 120.0,
        "approved_change_share": 0.0,
    }
    return frame_of([whole | changes])


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "candidate"),
        ({"site_area_m2": 3_000.0}, "candidate"),  # at the threshold
        ({"site_area_m2": 2_999.99}, "no"),
        ({"heritage_share": 0.1}, "candidate"),
        ({"heritage_share": 0.1001}, "no"),
        ({"office_share": math.nan}, "unknown"),
        ({"office_share": math.nan, "zone": "other"}, "no"),  # one fail is enough
        ({"owner_count": 3.0}, "candidate"),
        ({"owner_count": 4.0}, "no"),
        ({"owner_count": 4.0, "supply_status": "granted_unbuilt"}, "candidate"),  # by the land route, whoever owns it
        ({"supply_status": "granted_unbuilt", "year_built": math.nan, "vacancy_share": math.nan}, "candidate"),
        ({"grant_years_left": 10.0}, "candidate"),
        ({"grant_years_left": 9.99}, "no"),
        ({"centre_tier": "community_centre"}, "no"),
        ({"centre_tier": "outside"}, "candidate"),
        ({"centre_tier": None}, "unknown"),  # nobody has said where the centres lie
        ({"centre_tier": None, "supply_status": "not_granted"}, "candidate"),  # no building: the tier rule is not asked
    ],
)
def test_one_parcel_at_and_beside_the_thresholds(changes: dict[str, Any], verdict: str) -> None:
    assert judge(row(**changes), RULE)["verdict"][0] == verdict


def test_values_in_reasons_stand_in_the_unit_that_the_policy_writes() -> None:
    parts = {part["criterion"]: part for part in judge(row(), RULE)["contributions"][0]}
    assert (parts["vacancy"]["value"], parts["vacancy"]["unit"]) == (pytest.approx(28.0), "%")
    assert (parts["size"]["value"], parts["size"]["unit"]) == (pytest.approx(15.0), "亩")
    assert (parts["supply"]["text"], parts["supply"]["value"]) == ("built", None)
    assert parts["vacancy"]["result"] == pytest.approx(0.56)


def test_a_text_that_the_policy_gives_no_value_is_as_good_as_unknown() -> None:
    found = judge(row(supply_status="something else"), RULE).iloc[0]
    # supply weighs 2 of the 14 that count in the first route, whose score is told where no route is open
    assert found["score_high"] - found["score_low"] == pytest.approx(100 * 2 / 14)


def flagged(**changes: Any) -> dict[str, str]:
    return {flag["condition"]: flag["outcome"] for flag in judge(row(**changes), RULE)["flags"][0]}


def test_a_flag_is_raised_where_its_condition_holds_and_unknown_where_its_measure_is() -> None:
    assert flagged() == {"heritage_near": "clear", "approved_change": "clear"}
    assert flagged(heritage_distance_m=50.0)["heritage_near"] == "raised"
    assert flagged(heritage_distance_m=math.nan)["heritage_near"] == "unknown"
    assert flagged(approved_change_share=0.01)["approved_change"] == "raised"


@given(PARCELS)
def test_no_verdict_score_or_rank_hangs_on_a_flag(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows)
    with_flags, without = judge(frame, RULE), judge(frame, RULE.model_copy(update={"flags": ()}))
    pd.testing.assert_frame_equal(with_flags.drop(columns="flags"), without.drop(columns="flags"))
    assert list(without["flags"]) == [[]] * len(rows)


def test_a_rule_without_criteria_has_no_score_and_ranks_by_code() -> None:
    bare = RULE.model_copy(update={"criteria": ()})
    found = judge(pd.concat([row(), row().assign(parcel_code="A")], ignore_index=True), bare)
    assert found["score"].isna().all()
    assert list(found["rank"]) == [2, 1]
    assert list(found["contributions"]) == [[], []]


def test_a_frame_without_a_measure_is_told_and_not_taken_for_unknown() -> None:
    with pytest.raises(NotFoundError, match="office_share") as told:
        judge(row().drop(columns="office_share"), RULE)
    assert "shuangbei db upgrade" in told.value.hint


def test_whole_numbers_with_unknowns_are_judged_like_others() -> None:
    rule = Rule(
        title="t",
        assumption="a",
        target_uses=(),
        conditions=(Condition(id="old", measure="year_built", op="<", value=2000, title="t", assumption="a"),),
        criteria=(
            Criterion(
                id="age", measure="year_built", title="t", weight=1, points=((1950, 1), (2000, 0)), assumption="a"
            ),
        ),
    )
    frame = frame_of([{"year_built": 1975}, {"year_built": 2001}, {"year_built": None}]).astype({"year_built": "Int64"})
    found = judge(frame, rule)
    assert list(found["verdict"]) == ["candidate", "no", "unknown"]
    assert list(found["score_low"]) == [50.0, 0.0, 0.0]
    assert list(found["score_high"]) == [50.0, 0.0, 100.0]

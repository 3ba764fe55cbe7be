"""Rules with routes, over made-up frames: a parcel is a candidate by one of them, and told by which."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.judge.rules import judge
from geo.judge.survey import needs_survey
from geo.policy import Condition, Criterion, Route, Rule, Target


def condition(name: str, measure: str, op: str, value: Any, unit: str | None = None) -> Condition:
    return Condition(id=name, title=name, measure=measure, op=op, value=value, unit=unit, assumption="a test")  # type: ignore[arg-type]


C65 = Target(use="research_design", table="shanghai_kg", code="C65", assumption="a test")
M4 = Target(use="industrial_rnd", table="shanghai_kg", code="M4", assumption="a test")
RULE = Rule(
    title="t",
    clause="二(三)7",
    target_uses=("research_design", "industrial_rnd"),
    conditions=(condition("office", "office_share", ">=", 50, "%"),),
    criteria=(
        Criterion(id="far", title="f", measure="far", weight=1, points=((0, 0), (4, 1)), assumption="a test"),
        Criterion(
            id="empty",
            title="e",
            measure="vacancy_share",
            weight=3,
            points=((0, 0), (1, 1)),
            routes=("building",),
            assumption="a test",
        ),
    ),
    routes=(
        Route(
            id="land",
            title="土地路径",
            procedure="先调整规划，再出让",
            targets=(C65, M4),
            conditions=(condition("free", "supply_status", "in", ("not_granted", "granted_unbuilt")),),
            clause="二(三)7",
        ),
        Route(
            id="building",
            title="既有建筑路径",
            procedure="变更合同",
            targets=(C65,),
            conditions=(
                condition("built", "supply_status", "is", "built"),
                condition("old", "year_built", "<=", 2010),
            ),
            assumption="a test",
        ),
    ),
)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(math.nan), st.floats(low, high, allow_nan=False))


PARCEL = st.fixed_dictionaries(
    {
        "office_share": numbers(0, 1),
        "supply_status": st.sampled_from([None, "not_granted", "granted_unbuilt", "built"]),
        "year_built": numbers(1980, 2024),
        "far": numbers(0, 5),
        "vacancy_share": numbers(0, 1),
    }
)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(parcel_code=[f"P{n:02}" for n in range(len(rows))])


def one(**cells: Any) -> pd.Series:
    whole = {"office_share": 1.0, "supply_status": "built", "year_built": 2000.0, "far": 2.0, "vacancy_share": 0.5}
    return judge(frame_of([whole | cells]), RULE).iloc[0]


def test_land_that_is_not_built_goes_by_the_land_route_whatever_its_age_and_vacancy() -> None:
    found = one(supply_status="not_granted", year_built=math.nan, vacancy_share=math.nan)
    assert (found["verdict"], found["route"], found["target_codes"]) == ("candidate", "land", "C65、M4")
    # FAR 2 of 4 is all that counts: 50 points, and no interval for a vacancy that does not apply.
    assert (found["score_low"], found["score_high"]) == (50.0, 50.0)
    parts = {part["criterion"]: part for part in found["contributions"]}
    assert parts["empty"] | {"value": None} == {
        "criterion": "empty",
        "applies": False,
        "field": "vacancy_share",
        "value": None,
        "text": None,
        "unit": "share",
        "result": None,
        "weight": None,
        "contribution": None,
        "clause": "assumption: a test",
    }


def test_a_building_goes_by_its_own_route_and_is_scored_by_its_vacancy() -> None:
    found = one()
    assert (found["verdict"], found["route"], found["target_codes"]) == ("candidate", "building", "C65")
    assert found["score"] == pytest.approx(100 * (1 * 0.5 + 3 * 0.5) / 4)


def test_where_no_route_is_open_the_verdict_is_no_and_every_route_says_why() -> None:
    found = one(year_built=2020.0)
    assert found["verdict"] == "no"
    assert found["route"] is None or pd.isna(found["route"])
    assert pd.isna(found["target_codes"])
    failed = {(reason["route"], reason["condition"]) for reason in found["reasons"] if reason["outcome"] == "fail"}
    assert failed == {("land", "free"), ("building", "old")}


def test_one_route_that_may_still_be_open_leaves_the_verdict_unknown() -> None:
    assert one(year_built=math.nan)["verdict"] == "unknown"
    assert one(year_built=math.nan)["route"] == "building"
    assert one(supply_status=None)["verdict"] == "unknown"


def plain_verdict(row: dict[str, Any]) -> str:
    """The same in the plainest words."""

    def ask(value: Any, passes: Any) -> str:
        missing = value is None or value != value
        return "unknown" if missing else "pass" if passes(value) else "fail"

    office = ask(row["office_share"], lambda v: v >= 0.5)
    free = ask(row["supply_status"], lambda v: v in ("not_granted", "granted_unbuilt"))
    built = ask(row["supply_status"], lambda v: v == "built")
    old = ask(row["year_built"], lambda v: v <= 2010)
    routes = [[office, free], [office, built, old]]
    each = ["no" if "fail" in r else "unknown" if "unknown" in r else "candidate" for r in routes]
    return max(each, key=["no", "unknown", "candidate"].index)


@given(st.lists(PARCEL, min_size=1, max_size=10))
def test_the_verdict_is_the_best_of_the_routes(rows: list[dict[str, Any]]) -> None:
    assert list(judge(frame_of(rows), RULE)["verdict"]) == [plain_verdict(row) for row in rows]


@given(st.lists(PARCEL, min_size=1, max_size=10))
def test_contributions_of_the_route_taken_sum_to_the_score(rows: list[dict[str, Any]]) -> None:
    found = judge(frame_of(rows), RULE)
    for low, high, parts in found[["score_low", "score_high", "contributions"]].itertuples(index=False):
        known = [part["contribution"] for part in parts if part["contribution"] is not None]
        open_weight = sum(part["weight"] for part in parts if part["applies"] and part["contribution"] is None)
        whole = sum(part["weight"] for part in parts if part["applies"])
        assert low == pytest.approx(sum(known))
        assert high == pytest.approx(low + 100 * open_weight / whole)


@given(st.lists(PARCEL, min_size=1, max_size=10))
def test_once_all_that_the_survey_names_is_known_no_verdict_is_unknown(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows)
    asked = set(needs_survey(frame, RULE)["field"])
    answers = {"office_share": 1.0, "supply_status": "built", "year_built": 2015.0}
    answered = frame.assign(**{name: frame[name].fillna(answers[name]) for name in asked})
    assert "unknown" not in set(judge(answered, RULE)["verdict"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"target_uses": ("research_design",)}, "target_uses"),
        ({"routes": (RULE.routes[0], RULE.routes[0])}, "same id"),
        ({"criteria": (RULE.criteria[1].model_copy(update={"routes": ("sea",)}),)}, "sea"),
    ],
)
def test_a_rule_whose_routes_do_not_fit_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Rule.model_validate(RULE.model_dump() | changes)


def test_a_target_code_is_one_of_its_table_and_of_its_use() -> None:
    with pytest.raises(ValidationError, match="C8"):
        Target(use="research_design", table="shanghai_kg", code="C8", assumption="a test")

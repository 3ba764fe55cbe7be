"""Why a parcel has its verdict, and the smallest change that flips it: judged again, and none smaller."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_routes import PARCEL, RULE, condition, frame_of

import geo
from geo.database import Database
from geo.errors import NotFoundError
from geo.fields.measures import MEASURES
from geo.judge.explain import Change, Flip, explain
from geo.judge.rules import judge
from geo.policy import Rule

IDLE = Rule(
    title="t",
    clause="二(四)10",
    target_uses=(),
    conditions=(
        condition("empty", "vacancy_share", ">=", 30, "%"),
        condition("free", "supply_status", "in", ("built", "granted_unbuilt")),
        condition("large", "site_area_m2", ">", 1_000),
    ),
)


def parcel(**cells: Any) -> pd.DataFrame:
    return frame_of([{"vacancy_share": 0.18, "supply_status": "built", "site_area_m2": 5_000.0} | cells])


def changed(frame: pd.DataFrame, flip: Flip) -> pd.DataFrame:
    """The frame with the changes of a flip made."""
    return frame.assign(**{change.field: change.value for change in flip.changes})


def brief(flip: Flip) -> list[tuple[Any, ...]]:
    return [(c.field, c.old, c.operator, c.new, c.unit) for c in flip.changes]


def test_a_vacancy_that_falls_short_is_told_with_what_it_would_have_to_be() -> None:
    found = explain(parcel(), IDLE, "P00", "idle")
    assert found.verdict == "no"
    assert [reason["condition"] for reason in found.told("fail")] == ["empty"]
    assert brief(found.flips[0]) == [("vacancy_share", pytest.approx(18.0), ">=", pytest.approx(30.0), "%")]
    assert found.flips[0].changes[0].changed_by == MEASURES["vacancy_share"].changed_by


def test_two_fields_are_changed_where_one_is_not_enough() -> None:
    found = explain(parcel(supply_status="not_granted"), IDLE, "P00")
    assert len(found.flips[0].changes) == 2
    assert {change.field for change in found.flips[0].changes} == {"vacancy_share", "supply_status"}
    assert judge(changed(parcel(supply_status="not_granted"), found.flips[0]), IDLE)["verdict"][0] == "candidate"


def test_what_nobody_can_change_is_not_proposed() -> None:
    assert explain(parcel(vacancy_share=0.5, site_area_m2=500.0), IDLE, "P00").flips == ()


def test_of_an_unknown_field_it_is_told_what_would_have_to_be_found() -> None:
    found = explain(parcel(vacancy_share=math.nan), IDLE, "P00")
    assert (found.verdict, found.flips) == ("unknown", ())
    assert brief(found.answers[0]) == [("vacancy_share", None, ">=", pytest.approx(30.0), "%")]


def test_of_a_candidate_it_is_told_what_would_make_it_none() -> None:
    found = explain(parcel(vacancy_share=0.32), IDLE, "P00")
    assert found.verdict == "candidate"
    assert brief(found.flips[0]) == [("vacancy_share", pytest.approx(32.0), "<", pytest.approx(30.0), "%")]
    assert found.flips[0].verdict == "no"


def test_a_parcel_that_is_not_there_is_told_so() -> None:
    with pytest.raises(NotFoundError, match="P99"):
        explain(parcel(), IDLE, "P99")


@settings(max_examples=60, deadline=None)
@given(PARCEL)
def test_every_change_that_is_told_gives_what_it_says_when_it_is_made(row: dict[str, Any]) -> None:
    frame = frame_of([row])
    found = explain(frame, RULE, "P00")
    assert found.verdict == judge(frame, RULE)["verdict"][0]
    for flip in (*found.flips, *found.answers):
        again = judge(changed(frame, flip), RULE)
        assert again["verdict"][0] == flip.verdict
        assert (again["route"][0] if flip.verdict == "candidate" else None) == flip.route
        fields = [change.field for change in flip.changes]
        assert len(set(fields)) == len(fields)
    for flip in found.flips:
        assert all(MEASURES[change.field].changed_by and change.old is not None for change in flip.changes)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.sampled_from(["built", "not_granted"]))
def test_no_smaller_change_of_one_field_flips_the_verdict(vacancy: float, supply: str) -> None:
    frame = parcel(vacancy_share=vacancy, supply_status=supply)
    found = explain(frame, IDLE, "P00")
    goal = "no" if found.verdict == "candidate" else "candidate"
    grid = [
        vacancy + sign * step for step in np.linspace(0, 1, 101) for sign in (1, -1) if 0 <= vacancy + sign * step <= 1
    ]
    tried = pd.concat([frame] * len(grid), ignore_index=True).assign(vacancy_share=grid)
    tried["parcel_code"] = [f"P{i:03}" for i in range(len(grid))]
    flipping = [abs(v - vacancy) for v, got in zip(grid, judge(tried, IDLE)["verdict"], strict=True) if got == goal]
    single = [flip for flip in found.flips if [c.field for c in flip.changes] == ["vacancy_share"]]
    if flipping:
        assert single
        assert single[0].size <= min(flipping) / MEASURES["vacancy_share"].scale + 1e-9
    else:
        assert not single


def test_every_parcel_of_the_small_city_is_explained_and_each_flip_holds(city: Database) -> None:
    policy = geo.policy("hongkou-2025")
    rule = policy.rule("office_to_rnd")
    frame = pd.DataFrame(geo.parcels(city).drop(columns="geometry"))
    judged = geo.candidates(city).set_index("parcel_code")
    for code in frame["parcel_code"]:
        found = geo.explain(city, policy, code)
        assert found.verdict == judged.loc[code, "verdict"]
        row = frame[frame["parcel_code"] == code].reset_index(drop=True)
        for flip in (*found.flips, *found.answers):
            assert judge(changed(row, flip), rule)["verdict"][0] == flip.verdict


def test_a_change_is_shown_in_the_policy_s_unit_and_judged_in_the_measure_s_own() -> None:
    change = explain(parcel(), IDLE, "P00").flips[0].changes[0]
    assert isinstance(change, Change)
    assert change.new == pytest.approx(30.0)
    assert change.value == pytest.approx(0.3)


def test_the_command_tells_why_and_what_would_change_it(
    city: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.cli import main

    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr("sys.argv", ["shuangbei", "explain", "S8", "--format", "json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    found = json.loads(capsys.readouterr().out)
    assert (found["parcel_code"], found["verdict"]) == ("S8", "no")
    assert {reason["condition"] for reason in found["reasons"] if reason["outcome"] == "fail"} == {
        "heritage_outline",
        "is_free",  # of the land route: a building stands on it
    }
    monkeypatch.setattr("sys.argv", ["shuangbei", "explain", "S8"])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().out
    assert "S8  商办等用地调整为研发用地: no" in shown
    assert "历史保护范围占比" in shown

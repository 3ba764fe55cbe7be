"""Why a parcel has its verdict, and the smallest change that flips it: judged again, and none smaller."""

from __future__ import annotations

import json
import math
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_routes import PARCEL, RULE, condition, frame_of

import geo
from geo.database import Database
from geo.errors import NotFoundError, PolicyError
from geo.fields.measures import MEASURES
from geo.judge.explain import Change, Flip, explain, explain_recorded
from geo.judge.rules import judge
from geo.policy import Condition, Route, Rule, Setting

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


def test_of_a_candidate_it_is_told_what_would_leave_it_open_where_no_fewer_changes_end_it() -> None:
    # Once it is built the other route asks for a year that nobody knows.
    given = Setting[tuple[str, ...]](value=("office",), assumption="a test")
    rule = RULE.model_copy(update={"starts_from": given})
    unbuilt = {
        "office_share": 0.8,
        "supply_status": "not_granted",
        "year_built": math.nan,
        "far": 2.0,
        "vacancy_share": 0.5,
    }
    found = explain(frame_of([unbuilt]), rule, "P00")
    assert found.verdict == "candidate"
    assert [(brief(flip), flip.verdict, flip.route) for flip in found.flips] == [
        ([("supply_status", "not_granted", "is", "built", None)], "unknown", None)
    ]
    # Two changes that end it are more than the one that leaves it open: of as many, what ends it is told.
    ended = explain(frame_of([unbuilt]), RULE, "P00")
    assert [flip.verdict for flip in ended.flips] == ["no"] * len(ended.flips) == ["no"]


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


def test_counts_change_by_whole_numbers_and_shares_stay_shares() -> None:
    rule = Rule(
        title="t",
        assumption="a test",
        target_uses=(),
        conditions=(
            condition("few", "carriers_nearby", "<=", 3),
            condition("all", "vacancy_share", "<=", 100, "%"),
            condition("some", "office_share", ">", 0, "%"),
        ),
    )
    frame = frame_of([{"carriers_nearby": math.nan, "vacancy_share": 0.5, "office_share": 0.2}])
    found = explain(frame, rule, "P00")
    few = {flip.verdict: brief(flip)[0] for flip in found.answers}
    assert few["candidate"] == ("carriers_nearby", None, "<=", 3.0, "count")
    assert few["no"] == ("carriers_nearby", None, ">=", 4.0, "count")
    # No share is above 100 %, so no change of the vacancy ends it; the plan may take the last office away.
    whole = explain(frame.assign(carriers_nearby=2.0), rule, "P00")
    assert [brief(flip)[0][0] for flip in whole.flips] == ["office_share"]
    assert brief(whole.flips[0])[0][2:4] == ("<=", 0.0)


def test_a_word_is_changed_into_one_of_its_catalogue_and_only_onward() -> None:
    free = Rule(
        title="t",
        assumption="a test",
        target_uses=(),
        conditions=(condition("free", "supply_status", "is", "not_granted"),),
    )
    frame = frame_of([{"supply_status": "not_granted"}])
    assert {brief(flip)[0][2:4] for flip in explain(frame, free, "P00").flips} == {
        ("is", "granted_unbuilt"),
        ("is", "built"),
    }
    # What stands is not made unbuilt to fit a rule.
    assert explain(frame.assign(supply_status="built"), free, "P00").flips == ()


def test_where_no_change_makes_a_candidate_of_a_no_it_is_told_what_would_leave_it_open() -> None:
    found = explain(parcel(site_area_m2=math.nan), IDLE, "P00")
    assert (found.verdict, found.answers) == ("no", ())
    assert [(flip.verdict, brief(flip)[0][0]) for flip in found.flips] == [("unknown", "vacancy_share")]


def test_of_an_unknown_verdict_it_is_told_what_settles_it_either_way() -> None:
    found = explain(parcel(vacancy_share=math.nan), IDLE, "P00")
    assert [(flip.verdict, *brief(flip)[0][2:4]) for flip in found.answers] == [
        ("candidate", ">=", pytest.approx(30.0)),
        ("no", "<", pytest.approx(30.0)),
    ]


def test_the_smallest_change_over_all_routes_is_told() -> None:
    # The building route lacks the word and nobody changes the year; the land route lacks a third of the plan's shares.
    row = {"office_share": 0.2, "supply_status": "not_granted", "year_built": 2020.0, "far": 2.0, "vacancy_share": 0.5}
    found = explain(frame_of([row]), RULE, "P00")
    assert [(flip.route, flip.size) for flip in found.flips] == [("land", pytest.approx(0.3))]
    # With the year as it is asked for both are open once the plan is changed: the land route is the nearer one.
    both = explain(frame_of([row | {"year_built": 2000.0}]), RULE, "P00")
    assert [(flip.route, len(flip.changes)) for flip in both.flips] == [("land", 1)]


ANSWERS = {
    "office_share": [0.2, 0.5, 0.8],
    "supply_status": ["not_granted", "granted_unbuilt", "built"],
    "year_built": [1990.0, 2010.0, 2015.0],
}


@settings(max_examples=40, deadline=None)
@given(PARCEL)
def test_answers_are_told_if_and_only_if_some_answers_lead_there(row: dict[str, Any]) -> None:
    frame = frame_of([row])
    found = explain(frame, RULE, "P00")
    open_fields = [name for name in ANSWERS if pd.isna(frame[name].iloc[0])]
    every = [dict(zip(open_fields, values, strict=True)) for values in product(*(ANSWERS[n] for n in open_fields))]
    reached = {judge(frame_of([row | answer]), RULE)["verdict"][0] for answer in every}
    told = {flip.verdict for flip in found.answers}
    assert told == (reached if found.verdict == "unknown" else set())
    fewest = min(
        (len(c) for n in range(4) for c in combinations(open_fields, n) if can_settle(row, c)), default=0
    )  # fmt: skip
    if "candidate" in told:
        assert min(len(flip.changes) for flip in found.answers if flip.verdict == "candidate") == fewest


def can_settle(row: dict[str, Any], fields: tuple[str, ...]) -> bool:
    """Whether some answers to these fields alone make a candidate."""
    return any(
        judge(frame_of([row | dict(zip(fields, values, strict=True))]), RULE)["verdict"][0] == "candidate"
        for values in product(*(ANSWERS[n] for n in fields))
    )


def test_a_value_that_is_kept_back_is_judged_by_and_told_nowhere() -> None:
    found = explain(parcel(), IDLE, "P00", sealed=["vacancy_share"])
    change = found.flips[0].changes[0]
    assert (change.old, change.new, change.size, change.sealed) == (None, pytest.approx(30.0), 1.0, True)
    other = explain(parcel(vacancy_share=0.02), IDLE, "P00", sealed=["vacancy_share"])
    assert found == other, "nothing that is told differs with the value"


def test_the_changes_are_a_frame_one_row_each() -> None:
    table = explain(parcel(supply_status="not_granted"), IDLE, "P00").table()
    first = table[table["n"] == 1]
    assert sorted(first["field"]) == ["supply_status", "vacancy_share"]
    assert set(table["what"]) == {"change"}
    assert explain(parcel(vacancy_share=0.5, site_area_m2=500.0), IDLE, "P00").table().empty


def test_a_record_whose_values_are_kept_back_is_explained_as_the_facts_themselves_are() -> None:
    live = parcel()
    judged = judge(live, IDLE)
    hidden = [
        [reason | {"value": None} if reason["field"] == "vacancy_share" else reason for reason in reasons]
        for reasons in judged["reasons"]
    ]
    record = judged.drop(columns="vacancy_share").assign(reasons=hidden)
    found = explain_recorded(record, IDLE, "P00")
    assert found == explain(live, IDLE, "P00", sealed=["vacancy_share"])


def test_of_a_record_that_its_facts_do_not_lead_to_no_change_is_told() -> None:
    record = judge(parcel(), IDLE).assign(verdict="candidate", rank=1)
    found = explain_recorded(record, IDLE, "P00")
    assert (found.verdict, found.flips, found.answers) == ("candidate", (), ())


def test_a_change_is_shown_in_the_policy_s_unit_and_judged_in_the_measure_s_own() -> None:
    change = explain(parcel(), IDLE, "P00").flips[0].changes[0]
    assert isinstance(change, Change)
    assert change.new == pytest.approx(30.0)
    assert change.value == pytest.approx(0.3)


#: research from offices, however empty: an office that is not one cannot be made one to fit
FROM_OFFICES = Rule(
    title="t",
    assumption="a test",
    target_uses=(),
    conditions=(
        condition("office", "office_share", ">=", 50, "%"),
        condition("empty", "vacancy_share", ">=", 30, "%"),
        condition("few", "owner_count", "<=", 3),
    ),
)


def office(**cells: Any) -> pd.DataFrame:
    return frame_of([{"office_share": 1.0, "vacancy_share": 0.5, "owner_count": 2.0} | cells])


def fields(found: tuple[Flip, ...]) -> list[list[str]]:
    return [[change.field for change in flip.changes] for flip in found]


def test_what_a_rule_starts_from_is_never_proposed_as_a_change_but_may_have_to_be_found_out() -> None:
    rule = FROM_OFFICES.model_copy(update={"starts_from": Setting(value=("office",), assumption="a test")})
    housing = office(office_share=0.0)
    assert fields(explain(housing, FROM_OFFICES, "P00").flips) == [["office_share"]]
    assert explain(housing, rule, "P00").flips == ()
    assert ["office_share"] not in fields(explain(office(), rule, "P00").flips)
    assert ["office_share"] in fields(explain(office(office_share=math.nan), rule, "P00").answers)


def test_changes_are_told_in_the_policy_s_order_and_of_one_field_the_smaller_first() -> None:
    # By size the vacancy goes before the owners, and both before the use.
    assert fields(explain(office(), FROM_OFFICES, "P00").flips) == [
        ["owner_count"],
        ["vacancy_share"],
        ["office_share"],
    ]
    order = ("vacancy_share", "office_share", "owner_count")
    assert fields(explain(office(), FROM_OFFICES, "P00", order=order).flips) == [[name] for name in order]
    # What is not named comes last, by size.
    assert fields(explain(office(), FROM_OFFICES, "P00", order=("office_share",)).flips) == [
        ["office_share"],
        ["owner_count"],
        ["vacancy_share"],
    ]
    # A change of two fields goes by the one that stands later.
    pairs = Rule(
        title="t",
        assumption="a test",
        target_uses=(),
        conditions=(condition("empty", "vacancy_share", ">=", 30, "%"),),
        routes=(
            route("bought", condition("few", "owner_count", "<=", 3)),
            route("planned", condition("tall", "max_far", ">=", 2)),
        ),
    )
    lacking = office(vacancy_share=0.1, owner_count=4.0).assign(max_far=1.9)
    told = explain(lacking, pairs, "P00", order=("max_far", "vacancy_share", "owner_count"))
    assert [flip.route for flip in told.flips] == ["planned", "bought"]
    told = explain(lacking, pairs, "P00", order=("owner_count", "vacancy_share", "max_far"))
    assert [flip.route for flip in told.flips] == ["bought", "planned"]


def route(name: str, *conditions: Condition) -> Route:
    return Route(id=name, title=name, procedure="p", targets=(), conditions=conditions, assumption="a test")


def test_of_an_unknown_verdict_what_has_to_be_found_is_told_before_what_has_to_be_changed() -> None:
    from maps.explanations import told

    two = Rule(
        title="t",
        assumption="a test",
        target_uses=(),
        conditions=(condition("large", "site_area_m2", ">", 1_000),),
        routes=(
            route("known", condition("empty", "vacancy_share", ">=", 30, "%")),
            route("open", condition("few", "owner_count", "<=", 3)),
        ),
    )
    found = explain(parcel(owner_count=math.nan), two, "P00")
    assert (found.verdict, fields(found.flips), fields(found.answers)) == (
        "unknown",
        [["vacancy_share"]],
        [["owner_count"], ["owner_count"]],
    )
    assert [part.lead for part in told(found, "en")] == [
        "What would have to be found to settle it:",
        "Smallest changes, judged again by the rule:",
    ]


def test_the_policy_s_order_and_what_a_rule_starts_from_name_what_there_is() -> None:
    shipped = geo.policy("hongkou-2025")
    with pytest.raises(PolicyError, match="starts_from: is_offices is not one of"):
        shipped.with_changes({"rules.office_to_rnd.starts_from.value": ("is_offices",)})
    with pytest.raises(PolicyError, match="order: site_area_m2 is not one of"):
        shipped.with_changes({"explain.order.value": ("site_area_m2",)})
    with pytest.raises(PolicyError, match="vacancy_share twice"):
        shipped.with_changes({"explain.order.value": ("vacancy_share", "vacancy_share")})


def shown_by(command: str, city: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    from api.cli import main

    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr("sys.argv", ["shuangbei", "explain", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_the_command_tells_what_each_criterion_adds_and_the_sum_in_either_language(
    city: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = geo.policy("hongkou-2025")
    found = geo.explain(city, policy, "S1")
    assert found.score is not None
    titles = {c.id: (c.title, c.title_en or "") for c in policy.rule("office_to_rnd").criteria}
    for place, lang in enumerate(("zh", "en")):
        lines = shown_by(f"S1 --lang {lang}", city, monkeypatch, capsys).splitlines()
        start = next(n for n, line in enumerate(lines) if ("取值 0–1", "Value 0–1")[place] in line)
        told = {line.split("  ")[0].strip(): line for line in lines[start:]}
        counted = [record for record in found.contributions if record["applies"]]
        assert counted
        for record in counted:
            line = told[titles[record["criterion"]][place]]
            if record["contribution"] is None:
                assert ("未知", "unknown")[place] in line
            else:
                for figure in (f"{record['result']:.2f}", f"{record['weight']:.1f}", f"{record['contribution']:.1f}"):
                    assert figure in line.split(), (figure, line)
        assert f"{found.score:.1f}" in told[("合计", "Sum")[place]].split()


def test_the_command_writes_figures_and_words_as_people_do(
    city: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    area = geo.parcels(city).set_index("parcel_code").loc["S1", "site_area_m2"]
    assert area >= 10_000, "or this test shows little"
    said = shown_by("S1", city, monkeypatch, capsys)
    assert f"{area:,.0f} ㎡" in said
    assert "位于双北片区内" in said
    english = shown_by("S1 --lang en", city, monkeypatch, capsys)
    assert "in one of the two zones" in english
    assert "office land to research and development" in english
    # Low-efficiency land keeps its code: no target is no word.
    verdicts = geo.candidates(city, rule="low_efficiency_land").set_index("parcel_code")["verdict"]
    kept = verdicts[verdicts == "candidate"].index[0]
    told = shown_by(f"{kept} --rule low_efficiency_land", city, monkeypatch, capsys)
    assert "用地代码不变" in told
    for text in (said, english, told):
        assert not [bad for bad in ("None", "e+0", "nan") if bad in text]


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


def test_what_would_have_to_change_and_what_would_have_to_be_found_are_put_in_words_in_both_languages() -> None:
    from maps.explanations import told

    (part,) = told(explain(parcel(), IDLE, "P00"), "zh")
    assert [one.line("zh") for one in part.proposals] == ["空置率 18.0% → ≥ 30.0%（权利人、运营方） ⇒ 候选"]
    (part,) = told(explain(parcel(), IDLE, "P00", sealed=["vacancy_share"]), "en")
    assert part.proposals[0].line("en") == "Vacancy withheld → ≥ 30.0% (owners and operators) ⇒ Candidate"
    (part,) = told(explain(parcel(vacancy_share=math.nan), IDLE, "P00"), "zh")
    assert [one.line("zh") for one in part.proposals] == ["空置率 ≥ 30.0% ⇒ 候选", "空置率 < 30.0% ⇒ 不符合"]
    (part,) = told(explain(parcel(supply_status=None), IDLE, "P00"), "en")
    assert part.proposals[0].line("en") == "Vacancy 18.0% → ≥ 30.0% (owners and operators) ⇒ To be surveyed"
    (part,) = told(explain(parcel(vacancy_share=0.5, site_area_m2=500.0), IDLE, "P00"), "en")
    assert part.lead.startswith("No change of one or two figures")
    assert not part.proposals

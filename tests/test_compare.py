"""Two judgements beside each other: who came in, who left, whose rank moved, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routed_policy import RULE as ROUTED
from routed_policy import routed_policy
from test_routes import PARCEL, RULE, frame_of

import geo
from geo.database import Database
from geo.errors import NotFoundError, SettingsError
from geo.export.plain import records_text
from geo.judge.compare import CHANGES, compare
from geo.judge.rules import judge
from geo.policy import Rule
from geo.settings import data_dir

BUILT = {"office_share": 1.0, "supply_status": "built", "year_built": 2000.0, "far": 2.0, "vacancy_share": 0.5}


def told(before: list[dict[str, Any]], after: list[dict[str, Any]], rule: Rule = RULE) -> dict[str, Any]:
    found = compare(judge(frame_of(before), RULE), judge(frame_of(after), rule))
    return {row["parcel_code"]: row for row in found.to_dict("records")}


def why(row: dict[str, Any]) -> dict[tuple[str, str], tuple[Any, Any, str]]:
    """What is told of each condition or criterion: before, after, cause."""
    return {(one["kind"], one["id"]): (one["before"], one["after"], one["cause"]) for one in row["why"]}


def heavier(weight: float) -> Rule:
    content = RULE.model_dump()
    content["criteria"][0]["weight"] = weight
    return Rule.model_validate(content)


def test_the_same_twice_is_no_change() -> None:
    assert told([BUILT], [BUILT]) == {}


def test_a_parcel_comes_in_by_a_fact_that_changed() -> None:
    row = told([BUILT | {"year_built": 2020.0}], [BUILT])["P00"]
    assert (row["change"], row["verdict_before"], row["verdict_after"]) == ("came_in", "no", "candidate")
    assert why(row)["condition", "old"] == ("fail", "pass", "facts")
    assert why(row)["route", ""] == (None, "building", "facts")


def test_a_parcel_leaves_by_a_threshold_that_changed() -> None:
    content = RULE.model_dump()
    content["routes"][1]["conditions"][1]["value"] = 1990
    row = told([BUILT], [BUILT], Rule.model_validate(content))["P00"]
    assert row["change"] == "left"
    assert why(row)["condition", "old"] == ("pass", "fail", "policy")


def test_ranks_move_by_a_weight_and_the_criterion_that_moved_them_is_named() -> None:
    full, empty = BUILT | {"far": 4.0, "vacancy_share": 0.4}, BUILT | {"far": 0.0, "vacancy_share": 0.9}
    found = told([full, empty], [full, empty], heavier(30))
    assert {code: (row["rank_before"], row["rank_after"]) for code, row in found.items()} == {
        "P00": (2, 1),
        "P01": (1, 2),
    }
    assert all(row["change"] == "moved" for row in found.values())
    assert {record["cause"] for row in found.values() for record in row["why"]} == {"policy"}
    assert found["P00"]["why"][0]["id"] in ("far", "empty")


def test_what_brings_a_parcel_in_or_out_is_a_condition_and_not_its_points() -> None:
    row = told([BUILT | {"year_built": 2020.0}], [BUILT | {"far": 4.0}])["P00"]
    assert {one["kind"] for one in row["why"]} == {"condition", "route"}


def test_the_points_of_what_is_no_both_times_are_not_told() -> None:
    lost = BUILT | {"year_built": 2020.0}
    assert told([lost], [lost | {"far": 4.0}]) == {}


def test_a_value_function_that_changed_is_told_as_the_policy_s_doing() -> None:
    content = RULE.model_dump()
    content["criteria"][1]["points"] = [[0, 0], [0.5, 1]]
    row = told([BUILT], [BUILT], Rule.model_validate(content))["P00"]
    assert (row["change"], row["rank_before"], row["rank_after"]) == ("score", 1, 1)
    assert why(row) == {("criterion", "empty"): (pytest.approx(37.5), pytest.approx(75.0), "policy")}


def test_criteria_that_are_only_another_share_of_the_sum_are_told_as_one_and_not_each() -> None:
    known = BUILT | {"far": 4.0, "vacancy_share": 0.4}
    (row,) = told([known], [known], heavier(30)).values()
    scaled = {one["id"]: one["scaled"] for one in row["why"] if one["kind"] == "criterion"}
    assert scaled == {"far": False, "empty": True}
    text = records_text(row["why"])
    assert "另 1 项评分仅因权重总和不同而折算（政策变化）" in text
    assert "空置率" not in text
    # Another figure is no share of another sum.
    (row,) = told([known], [known | {"vacancy_share": 0.9}], heavier(30)).values()
    assert not any(one["scaled"] for one in row["why"])


def test_a_workbook_of_changes_says_in_chinese_what_was_held_against_what(city: Database, tmp_path: Path) -> None:
    policy = geo.policy("hongkou-2025")
    other = policy.with_changes({"rules.office_to_rnd.conditions.large_enough.value": 12_000})
    found = geo.compare(geo.candidates(city, policy), geo.candidates(city, other))
    book = openpyxl.load_workbook(geo.export(found, tmp_path / "变化.xlsx"), read_only=True)
    told = {line[0]: line[1] for line in book["运行信息"].iter_rows(values_only=True)}
    assert policy.hash[:12] in told["对照的政策文件（校验值）"]
    assert told["两次研判之别"] == "政策"
    assert not any(str(name).isascii() for name in told)


def test_a_figure_that_changed_under_another_weight_is_told_as_both() -> None:
    row = told([BUILT], [BUILT | {"far": 4.0}], heavier(30))["P00"]
    assert why(row)["criterion", "far"][2] == "facts and policy"
    assert why(row)["criterion", "empty"][2] == "policy"


def test_an_outcome_whose_value_is_kept_back_on_one_side_changed_by_facts_where_the_question_did_not() -> None:
    before, after = judge(frame_of([BUILT | {"year_built": 2020.0}]), RULE), judge(frame_of([BUILT]), RULE)
    hidden = [[reason | {"value": None} for reason in reasons] for reasons in before["reasons"]]
    row = compare(before.assign(reasons=hidden), after).to_dict("records")[0]
    assert why(row)["condition", "old"] == ("fail", "pass", "facts")


def test_the_criterion_that_moved_most_is_told_first() -> None:
    row = told([BUILT], [BUILT | {"far": 2.4, "vacancy_share": 1.0}])["P00"]
    assert [one["id"] for one in row["why"]] == ["empty", "far"]


def test_what_was_held_against_what_is_said_and_whether_facts_or_policy_differ() -> None:
    before, after = judge(frame_of([BUILT]), RULE), judge(frame_of([BUILT]), RULE)
    before.attrs["stamp"] = {"policy": "a (1)", "data_version": "x:1:2025-01-01"}
    after.attrs["stamp"] = {"policy": "a (2)", "data_version": "x:1:2025-01-01"}
    stamp = compare(before, after).attrs["stamp"]
    assert (stamp["policy"], stamp["policy_before"], stamp["differs"]) == ("a (2)", "a (1)", "policy")


def test_a_frame_that_lacks_columns_of_a_judgement_is_told_which_and_of_the_two() -> None:
    judged = judge(frame_of([BUILT]), RULE)
    with pytest.raises(NotFoundError, match=r"second of the two.* rank, reasons"):
        compare(judged, judged.drop(columns=["rank", "reasons"]))


def test_a_parcel_that_only_others_moved_says_so() -> None:
    better = BUILT | {"far": 4.0, "vacancy_share": 1.0}
    found = told([BUILT, BUILT | {"vacancy_share": 0.1}], [BUILT, better])
    assert found["P00"]["change"] == "moved"
    assert [record["kind"] for record in found["P00"]["why"]] == ["others"]


def test_parcels_of_one_side_alone_are_told() -> None:
    lost = BUILT | {"year_built": 2020.0}
    assert {code: row["change"] for code, row in told([BUILT], [BUILT, lost]).items()} == {"P01": "new_parcel"}
    assert {code: row["change"] for code, row in told([BUILT, lost], [BUILT]).items()} == {"P01": "gone_parcel"}
    assert told([BUILT], [BUILT, BUILT | {"far": 0.0}])["P01"]["change"] == "came_in"


# Figures to three places: what differs by the last bits only is the same to a comparison.
ROUNDED = PARCEL.map(lambda row: {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()})


@settings(deadline=None)
@given(st.lists(ROUNDED, min_size=1, max_size=8), st.lists(ROUNDED, min_size=1, max_size=8))
def test_every_parcel_whose_verdict_or_rank_differs_is_told_once_and_no_other(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    a, b = judge(frame_of(before), RULE), judge(frame_of(after), RULE)
    found = compare(a, b)
    assert found["parcel_code"].is_unique
    assert set(found["change"]) <= set(CHANGES)
    sides = [
        {
            row["parcel_code"]: tuple(
                None if pd.isna(row[name]) or (name.startswith("score") and row["verdict"] == "no") else row[name]
                for name in ("verdict", "rank", "score", "score_high")
            )
            for row in frame.to_dict("records")
        }
        for frame in (a, b)
    ]
    differs = {code for code in {*sides[0], *sides[1]} if sides[0].get(code) != sides[1].get(code)}
    assert set(found["parcel_code"]) == differs
    assert all(len(reasons) for reasons in found["why"])


def test_another_policy_and_a_published_run_are_held_against_today_by_the_command(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.cli import main

    policy = geo.policy("hongkou-2025")
    run = geo.publish(city, policy)
    stricter = tmp_path / "stricter.toml"
    text = (data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    stricter.write_text(text.replace("value = 3000", "value = 12000"), encoding="utf-8")

    def asked(*more: str) -> Any:
        monkeypatch.setattr("sys.argv", ["shuangbei", "candidates", *more, "--format", "json"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return json.loads(capsys.readouterr().out)

    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    assert asked("--compare", str(run.run_id)) == []
    found = {row["parcel_code"]: row for row in asked("--compare", str(run.run_id), "--policy", str(stricter))}
    before = geo.candidates(city, policy).set_index("parcel_code")
    after = geo.candidates(city, geo.policy(stricter)).set_index("parcel_code")
    left = before.index[(before["verdict"] == "candidate") & (after["verdict"] != "candidate")]
    assert len(left)
    for code in left:
        assert found[code]["change"] == "left"
        assert ("pass", "fail", "policy") in why(found[code]).values()
    assert set(found) >= set(left)
    assert {row["parcel_code"] for row in asked("--compare", str(stricter))} >= set(left)


def test_a_comparison_is_a_list_in_words_for_people(city: Database, tmp_path: Path) -> None:
    policy = geo.policy("hongkou-2025")
    stricter = policy.with_changes({"rules.office_to_rnd.conditions.large_enough.value": 12_000})
    found = geo.compare(geo.candidates(city, policy), geo.candidates(city, stricter))
    book = openpyxl.load_workbook(geo.export(found, tmp_path / "变化.xlsx"), read_only=True)
    text = "\n".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row)
    assert "退出" in text
    # As the policy calls the condition: another rule may ask two things of one measure.
    assert "用地面积足够 符合 → 不符合（政策变化）" in text
    assert {one["title"] for row in found["why"] for one in row if one["id"] == "large_enough"} == {"用地面积足够"}


def test_a_route_has_its_name_and_not_its_id_in_words_for_people(city: Database, tmp_path: Path) -> None:
    policy = routed_policy()
    stricter = policy.with_changes({f"rules.{ROUTED}.routes.building.conditions.empty.value": 100})
    found = geo.compare(geo.candidates(city, policy, rule=ROUTED), geo.candidates(city, stricter, rule=ROUTED))
    told = [one for row in found["why"] for one in row if one["kind"] == "route"]
    assert {(one["before"], one["after"], one["title"]) for one in told} >= {("building", None, "既有建筑路径 → —")}
    text = geo.export(found, tmp_path / "变化.csv").read_text(encoding="utf-8-sig")
    assert "路径 既有建筑路径 → —" in text
    assert "building" not in text


def test_a_judgement_without_a_policy_in_its_stamp_is_told_by_its_measures() -> None:
    row = told([BUILT | {"year_built": 2020.0}], [BUILT])["P00"]
    assert {one["title"] for one in row["why"]} == {None}
    assert "建成年份 不符合 → 符合" in records_text(row["why"])


def test_two_questions_at_once_are_told_to_be_asked_one_by_one() -> None:
    from api.cli.results import candidates

    with pytest.raises(SettingsError, match="two questions"):
        candidates(robustness=True, compare="1")

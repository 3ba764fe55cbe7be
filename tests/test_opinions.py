"""人工意见: filled in by hand, taken back in with who and when, shown beside the verdict and never in its place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import saved_anew
from routed_policy import RULE, routed_policy

import geo
from geo.database import Database
from geo.errors import IntakeError, ReadError
from geo.intake import undo
from geo.intake.history import history
from geo.judge.opinions import beside
from geo.policy import Policy
from geo.publish import read_run

Fill = Callable[[str, dict[str, dict[str, Any]]], Path]


@pytest.fixture
def policy() -> Policy:
    return routed_policy()


@pytest.fixture
def fill(city: Database, policy: Policy, tmp_path: Path) -> Fill:
    """A workbook of the city's candidates, with cells filled in as an office would: by parcel and heading."""

    def made(name: str, cells: dict[str, dict[str, Any]]) -> Path:
        path = geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / name)
        return write(path, cells)

    return made


def write(path: Path, cells: dict[str, dict[str, Any]]) -> Path:
    book = openpyxl.load_workbook(path)
    left = set(cells)
    for sheet in book.worksheets[:3]:
        heads = [str(cell.value).replace("\n", "") for cell in sheet[4]]
        for line in sheet.iter_rows(min_row=5):
            code = line[heads.index("地块编号")].value
            for head, value in cells.get(code, {}).items():
                line[heads.index(head)].value = value
            left.discard(code)
    assert not left, "no such parcels on any sheet"
    book.save(path)
    return path


def judged(db: Database, policy: Policy) -> pd.DataFrame:
    found: pd.DataFrame = geo.candidates(db, policy, rule=RULE)
    return found.set_index("parcel_code")


def one_of(frame: pd.DataFrame, verdict: str) -> str:
    return str(frame.index[frame["verdict"] == verdict][0])


def test_an_opinion_comes_back_with_who_and_when_and_alters_no_verdict(
    city: Database, policy: Policy, fill: Fill
) -> None:
    before = judged(city, policy)
    yes, no, open_ = (one_of(before, verdict) for verdict in ("candidate", "no", "unknown"))
    path = fill(
        "回填.xlsx",
        {
            yes: {"人工意见": "不同意", "理由": "在建", "填写人": "王工", "填写日期": date(2025, 3, 7)},
            no: {"人工意见": "同意"},
            open_: {"人工意见": "同意", "踏勘结果": "空置约三成"},
        },
    )
    report = geo.opinions(city, path, actor="规划科")
    assert report.imported is not None
    assert report.imported.counts["added"] == 3
    assert report.differs == tuple(sorted([yes, no]))
    after = judged(city, policy)
    computed = ["verdict", "route", "score", "score_low", "score_high", "rank", "site_area_m2", "vacancy_share"]
    pd.testing.assert_frame_equal(before[computed], after[computed])
    assert dict(after["opinion"].dropna()) == {yes: "disagree", no: "agree", open_: "agree"}
    assert (after.loc[yes, "opinion_by"], after.loc[yes, "opinion_on"]) == ("王工", date(2025, 3, 7))
    assert after.loc[no, "opinion_by"] == "规划科"
    assert after.loc[no, "opinion_on"] == date.today()
    assert after.loc[open_, "survey_result"] == "空置约三成"
    assert pd.isna(after.loc[open_, "vacancy_share"]) == pd.isna(before.loc[open_, "vacancy_share"])
    assert dict(after["opinion_differs"].dropna()) == {yes: "yes", no: "yes", open_: "office_only"}
    assert dict(after["verdict_then"].dropna()) == {yes: "candidate", no: "no", open_: "unknown"}
    assert policy.hash[:12] in after.loc[yes, "opinion_basis"]


@pytest.mark.parametrize("typed", ["=见附件", "#REF!", "=1+1"])
def test_words_that_a_spreadsheet_took_for_a_formula_or_an_error_are_not_lost_in_silence(
    city: Database, policy: Policy, fill: Fill, typed: str
) -> None:
    yes, no = (one_of(judged(city, policy), verdict) for verdict in ("candidate", "no"))
    # The tests' writer makes a formula and an error of these, as a cell does that is not formatted as text.
    path = fill("回填.xlsx", {yes: {"人工意见": "不同意", "理由": typed}, no: {"人工意见": "同意"}})
    with pytest.raises(ReadError, match="formula or an error") as told:
        geo.opinions(city, path)
    assert f"（理由）{typed}" in told.value.message
    assert "候选清单" in told.value.message
    assert "opinion" not in judged(city, policy).dropna(axis="columns", how="all")
    # Formatted as text the same words are words.
    book = openpyxl.load_workbook(path)
    (cell,) = [c for line in book["候选清单"].iter_rows(min_row=5) for c in line if c.value == typed]
    cell.data_type = "s"
    book.save(path)
    geo.opinions(city, path)
    assert judged(city, policy).loc[yes, "opinion_reason"] == typed


def test_a_formula_whose_result_is_known_is_taken_by_its_result(city: Database, policy: Policy, fill: Fill) -> None:
    yes = one_of(judged(city, policy), "candidate")
    path = saved_anew(fill("回填.xlsx", {yes: {"人工意见": "不同意", "理由": '="在"&"建"'}}))
    geo.opinions(city, path)
    assert judged(city, policy).loc[yes, "opinion_reason"] == "在建"


def test_the_next_list_shows_them_and_where_they_part(city: Database, policy: Policy, fill: Fill) -> None:
    yes = one_of(judged(city, policy), "candidate")
    geo.opinions(city, fill("a.xlsx", {yes: {"人工意见": "不同意", "理由": "@在建"}}))
    sheet = openpyxl.load_workbook(fill("b.xlsx", {}))["候选清单"]
    heads = [cell.value for cell in sheet[4]]
    (row,) = [r for r in sheet.iter_rows(min_row=5, values_only=True) if r[heads.index("地块编号")] == yes]
    told = dict(zip(heads, row, strict=True))
    assert (told["人工意见"], told["理由"], told["与系统判定不一致"]) == ("不同意", "@在建", "是")


def test_a_workbook_that_comes_back_as_it_was_given_out_says_nothing_new(
    city: Database, policy: Policy, fill: Fill
) -> None:
    yes = one_of(judged(city, policy), "candidate")
    geo.opinions(city, fill("a.xlsx", {yes: {"人工意见": "不同意", "填写日期": date(2025, 3, 7)}}))
    assert geo.opinions(city, fill("b.xlsx", {})).imported is None


def test_an_older_workbook_does_not_take_back_what_came_since(city: Database, policy: Policy, fill: Fill) -> None:
    frame = judged(city, policy)
    yes, no = one_of(frame, "candidate"), one_of(frame, "no")
    geo.opinions(city, fill("first.xlsx", {yes: {"人工意见": "待定"}}))
    older = fill("older.xlsx", {no: {"人工意见": "不同意"}})
    geo.opinions(city, fill("newer.xlsx", {yes: {"人工意见": "同意"}}))
    geo.opinions(city, older)
    assert dict(judged(city, policy)["opinion"].dropna()) == {yes: "agree", no: "disagree"}


def test_a_changed_opinion_has_a_new_day_and_a_new_name_unless_they_are_filled_in(
    city: Database, policy: Policy, fill: Fill
) -> None:
    yes = one_of(judged(city, policy), "candidate")
    first = {"人工意见": "待定", "填写人": "王工", "填写日期": date(2025, 3, 7)}
    geo.opinions(city, fill("a.xlsx", {yes: first}))
    geo.opinions(city, fill("b.xlsx", {yes: {"人工意见": "同意"}}), actor="李工")
    row = judged(city, policy).loc[yes]
    assert (row["opinion"], row["opinion_by"], row["opinion_on"]) == ("agree", "李工", date.today())


@pytest.mark.parametrize(
    ("put_right", "by", "on"),
    [
        ({"填写人": "李工"}, "李工", date(2025, 3, 7)),
        ({"填写日期": date(2025, 3, 10)}, "王工", date(2025, 3, 10)),
    ],
)
def test_a_name_or_a_day_that_is_put_right_is_taken_and_the_other_stays(
    city: Database, policy: Policy, fill: Fill, put_right: dict[str, Any], by: str, on: date
) -> None:
    yes = one_of(judged(city, policy), "candidate")
    first = {"人工意见": "待定", "理由": "在建", "填写人": "王工", "填写日期": date(2025, 3, 7)}
    geo.opinions(city, fill("a.xlsx", {yes: first}))
    geo.opinions(city, fill("b.xlsx", {yes: put_right}), actor="赵工")
    row = judged(city, policy).loc[yes]
    assert tuple(row[["opinion", "opinion_reason", "opinion_by", "opinion_on"]]) == ("pending", "在建", by, on)


def test_a_name_alone_says_nothing(city: Database, policy: Policy, fill: Fill) -> None:
    yes = one_of(judged(city, policy), "candidate")
    assert geo.opinions(city, fill("a.xlsx", {yes: {"填写人": "王工"}})).imported is None


def test_the_life_of_an_opinion_is_told_and_its_import_can_be_undone(
    city: Database, policy: Policy, fill: Fill
) -> None:
    yes = one_of(judged(city, policy), "candidate")
    geo.opinions(city, fill("a.xlsx", {yes: {"人工意见": "待定"}}))
    second = geo.opinions(city, fill("b.xlsx", {yes: {"人工意见": "同意"}}))
    life = history(city, f"{RULE}/{yes}", kind="opinions")
    assert list(life["opinion"]) == ["pending", "agree"]
    assert second.imported is not None
    assert second.imported.import_id is not None
    undo(city, second.imported.import_id)
    assert judged(city, policy).loc[yes, "opinion"] == "pending"


def test_a_run_publishes_the_opinions_of_its_day(city: Database, policy: Policy, fill: Fill) -> None:
    yes = one_of(judged(city, policy), "candidate")
    tomorrow = date.today() + timedelta(days=1)
    geo.opinions(city, fill("a.xlsx", {yes: {"人工意见": "不同意", "理由": "在建"}}), effective=tomorrow)
    for day, told in ((date.today(), None), (tomorrow, "disagree")):
        run = geo.publish(city, policy, as_of=day)
        row = read_run(city, run.run_id).candidates[RULE].set_index("parcel_code").loc[yes]
        assert row["opinion"] == told
        assert row["opinion_differs"] == ("yes" if told else None)
        assert row["verdict"] == "candidate"


@pytest.mark.parametrize(
    ("cells", "told"),
    [({"人工意见": "也许"}, "opinion"), ({"人工意见": "同意", "填写日期": "去年"}, "opinion_on")],
)
def test_a_cell_that_is_no_choice_or_no_day_stops_the_whole_workbook(
    city: Database, policy: Policy, fill: Fill, cells: dict[str, Any], told: str
) -> None:
    frame = judged(city, policy)
    path = fill("a.xlsx", {one_of(frame, "candidate"): cells, one_of(frame, "no"): {"人工意见": "同意"}})
    with pytest.raises(IntakeError) as caught:
        geo.opinions(city, path)
    assert told in {fault.field for fault in caught.value.faults}
    assert judged(city, policy)["opinion"].isna().all()


def test_faults_are_told_with_sheet_and_cell_as_the_office_sees_them_and_formulas_beside_them(
    city: Database, policy: Policy, fill: Fill
) -> None:
    frame = judged(city, policy)
    yes, no, open_ = (one_of(frame, verdict) for verdict in ("candidate", "no", "unknown"))
    path = fill(
        "a.xlsx", {yes: {"人工意见": "也许"}, no: {"人工意见": "同意", "填写日期": "去年"}, open_: {"理由": "=见附件"}}
    )
    book = openpyxl.load_workbook(path)
    wrong = {"也许": "候选清单", "去年": "不符合及原因", "=见附件": "需调查"}
    cells = {
        value: f"{name} {cell.coordinate}"
        for value, name in wrong.items()
        for line in book[name].iter_rows(min_row=5)
        for cell in line
        if cell.value == value
    }
    with pytest.raises(IntakeError, match="formula") as caught:
        geo.opinions(city, path)
    told = {str(fault.value): fault for fault in caught.value.faults}
    assert set(told) == set(wrong)
    for value, fault in told.items():
        assert str(fault.where).startswith(f"{cells[value]}（")
        assert str(fault.row) in cells[value]
    assert told["也许"].key == yes
    assert "同意" in told["也许"].advice
    # This command knows no mapping and takes no part of a workbook.
    words = f"{caught.value.hint} {' '.join(fault.advice for fault in caught.value.faults)}"
    assert "mapping" not in words
    assert "accept" not in words


def test_two_opinions_on_one_parcel_are_told_with_both_their_places(city: Database, policy: Policy, fill: Fill) -> None:
    frame = judged(city, policy)
    yes, no = (one_of(frame, verdict) for verdict in ("candidate", "no"))
    path = fill("a.xlsx", {yes: {"人工意见": "同意"}, no: {"人工意见": "不同意"}})
    book = openpyxl.load_workbook(path)
    sheet = book["不符合及原因"]
    heads = [str(cell.value) for cell in sheet[4]]
    (line,) = [row for row in sheet.iter_rows(min_row=5) if row[heads.index("地块编号")].value == no]
    line[heads.index("地块编号")].value = yes
    book.save(path)
    with pytest.raises(IntakeError) as caught:
        geo.opinions(city, path)
    assert {fault.key for fault in caught.value.faults} == {yes}
    places = {f"候选清单 {row}" for row in range(5, 200)}, {f"不符合及原因 {line[0].row}"}
    for fault in caught.value.faults:
        assert all(any(place in fault.advice for place in each) for each in places)


def test_what_is_no_list_of_ours_gets_one_clear_error(city: Database, policy: Policy, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    with pytest.raises(ReadError, match="复算信息"):
        geo.opinions(city, other)
    text = tmp_path / "a.csv"
    text.write_text("a\n1\n")
    with pytest.raises(ReadError, match="xlsx"):
        geo.opinions(city, text)


def test_lines_that_people_move_or_add_do_not_matter(city: Database, policy: Policy, fill: Fill) -> None:
    yes = one_of(judged(city, policy), "candidate")
    path = fill("a.xlsx", {yes: {"人工意见": " 同意 "}})
    book = openpyxl.load_workbook(path)
    book["候选清单"].insert_rows(1, 2)
    book["候选清单"].insert_cols(1)
    book.save(path)
    geo.opinions(city, path)
    assert judged(city, policy).loc[yes, "opinion"] == "agree"


def test_the_command_takes_them_in_and_says_which_part(
    city: Database, policy: Policy, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    yes = one_of(judged(city, policy), "candidate")
    path = fill("a.xlsx", {yes: {"人工意见": "不同意"}})
    geo.opinions(city, fill("b.xlsx", {one_of(judged(city, policy), "no"): {"人工意见": "待定"}}))
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    command = [sys.executable, "-c", "from api.cli import main; main()", "opinions", str(path)]
    done = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=True)
    assert "dry run" in done.stdout
    # An empty row says nothing, so that other opinions are registered is no news.
    assert "not in the file" not in done.stdout
    assert yes not in judged(city, policy)["opinion"].dropna()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1 added" in done.stdout
    assert yes in done.stderr


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["candidate", "no", "unknown"]), st.sampled_from([None, "agree", "disagree", "pending"])
        ),
        max_size=12,
    )
)
def test_opinions_beside_verdicts_alter_nothing_of_them(pairs: list[tuple[str, str | None]]) -> None:
    codes = [f"P{n}" for n in range(len(pairs))]
    frame = pd.DataFrame({"parcel_code": codes, "verdict": [verdict for verdict, _ in pairs]}, dtype=object)
    said = pd.DataFrame(
        [(code, opinion) for code, (_, opinion) in zip(codes, pairs, strict=True) if opinion],
        columns=["parcel_code", "opinion"],
        dtype=object,
    ).reindex(columns=["parcel_code", "opinion", "opinion_reason", "survey_result", "opinion_by", "opinion_on",
                       "opinion_basis", "verdict_then"])  # fmt: skip
    found = beside(frame, said)
    pd.testing.assert_frame_equal(found[["parcel_code", "verdict"]], frame)
    for (verdict, opinion), told in zip(pairs, found["opinion_differs"], strict=True):
        opposite = {("candidate", "disagree"), ("no", "agree")}
        assert (told == "yes") == ((verdict, opinion) in opposite)
        assert (told is None) == (opinion is None)

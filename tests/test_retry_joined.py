"""Rejected rows of files that were joined, of sheets of uses, of new attributes: tried again from what was kept alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from intake_files import current, square
from joined_files import DAY, attributes, outlines, plan
from mending import give_out, mend, sheet_rows
from test_books import plan as book_plan
from test_books import workbook
from test_keep_registered import NEW, bring
from test_keep_registered import registered as registered

import geo
from geo.database import Database
from geo.errors import IntakeError
from geo.intake import load, retry
from geo.intake.invariants import invariants


def said(error: pytest.ExceptionInfo[IntakeError]) -> set[tuple[object, ...]]:
    return {(f.where, f.row, f.key, f.rule) for f in error.value.faults if f.severity == "error"}


def test_a_joined_row_is_mended_in_the_columns_of_both_files(db: Database, tmp_path: Path) -> None:
    table = attributes(tmp_path, ["A", "B"], 建筑面积=[2, "约3"])
    load(db, outlines(tmp_path, ["A", "B"]), kind="parcels", mapping=plan(tmp_path), join=table, accept_valid=True)
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert said(caught) == {("地块表.xlsx", 2, "B", "not_a_number")}
    path = give_out(db, tmp_path)
    assert sheet_rows(path, "导入1")[0]["建筑面积"] == "约3"
    retry(db, mend(path, {1: {"建筑面积": 3}}))
    found = current(db)[["parcel_code", "gfa_m2", "land_use"]].to_numpy().tolist()
    assert found == [["A", 20_000, "C8"], ["B", 30_000, "C8"]]
    assert invariants(db) == []


def test_an_outline_without_attributes_is_not_taken_bare_only_because_it_is_tried_again(
    db: Database, tmp_path: Path
) -> None:
    table = attributes(tmp_path, ["A", "X"])
    path = outlines(tmp_path, ["A", "B"])
    load(db, path, kind="parcels", mapping=plan(tmp_path), join=table, accept_valid=True)
    rules = {row["key"]: row["faults"][0]["rule"] for row in geo.rejected(db).to_dict("records")}
    assert rules == {"B": "no_attributes", "X": "no_outline"}
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert {(f.key, f.rule) for f in caught.value.faults} == {("B", "no_attributes"), ("X", "geometry_missing")}
    ids = dict(zip(geo.rejected(db)["key"], geo.rejected(db)["rejected_id"], strict=True))
    mends = {ids["B"]: {"用地代码": "C8", "面积": 15}, ids["X"]: {"图形WKT": square(2).wkt}}
    retry(db, mend(give_out(db, tmp_path), mends))
    assert current(db)["parcel_code"].tolist() == ["A", "B", "X"]


def test_rows_of_two_files_that_bear_one_number_are_each_settled_as_themselves(db: Database, tmp_path: Path) -> None:
    # Row 2 of the outlines (B, a bad area) and row 2 of the table (X, no outline).
    table = attributes(tmp_path, ["A", "X", "B"], 建筑面积=[2, 3, "约4"])
    load(
        db,
        outlines(tmp_path, ["A", "B"]),
        kind="parcels",
        mapping=plan(tmp_path),
        join=table,
        accept_valid=True,
    )
    rows = geo.rejected(db)
    assert sorted(rows["row"]) == [2, 2]
    number = dict(zip(rows["key"], rows["rejected_id"], strict=True))
    path = mend(give_out(db, tmp_path), {number["B"]: {"建筑面积": 4}})
    assert retry(db, path, accept_valid=True).n_open == 1
    open_rows = geo.rejected(db)
    assert open_rows["key"].tolist() == ["X"]
    after = geo.rejected(db, closed=True).set_index("rejected_id")["state"].to_dict()
    assert after[number["B"]] == "settled"
    retry(db, mend(give_out(db, tmp_path), {open_rows["rejected_id"].iat[0]: {"图形WKT": square(2).wkt}}))
    assert current(db)["gfa_m2"].tolist() == [20_000, 40_000, 30_000]
    assert invariants(db) == []


def test_a_parcel_whose_uses_were_at_fault_is_not_taken_without_them(db: Database, tmp_path: Path) -> None:
    uses = {"地块编号": ["A-1", "A-1", "A-2"], "用地代码": ["C2", "ZZ9", "M4"], "比例": [0.6, 0.4, 1]}
    load(db, workbook(tmp_path, 用地=uses), mapping=book_plan(tmp_path), effective=DAY, accept_valid=True)
    assert geo.rejected(db)[["kind", "key"]].to_numpy().tolist() == [["parcels", "A-1"]]
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert said(caught) == {("用地", 2, "A-1", "unknown_code")}
    path = give_out(db, tmp_path)
    (heading,) = [name for name in sheet_rows(path, "导入1")[0] if str(name).startswith("用地:")][:1]
    retry(db, mend(path, {1: {heading: "C2:0.6+C8:0.4"}}))
    parts = current(db)["land_use_parts"].iat[0]
    assert [(part["code"], part["share"]) for part in parts] == [("C2", 0.6), ("C8", 0.4)]


def test_a_use_of_no_parcel_cannot_be_tried_by_itself_and_is_told(db: Database, tmp_path: Path) -> None:
    uses = {"地块编号": ["A-1", "A-9", "A-2"], "用地代码": ["C2", "C8", "M4"], "比例": [1, 1, 1]}
    load(db, workbook(tmp_path, 用地=uses), mapping=book_plan(tmp_path), accept_valid=True)
    assert geo.rejected(db)["key"].tolist() == ["A-9"]
    report = retry(db)
    assert report.reports == ()
    assert report.left_out == ("row 1 is of another sheet (用地): import it anew, or dismiss it",)
    assert len(current(db)) == 2


def test_each_sheet_of_a_workbook_is_tried_again_as_its_own_kind(db: Database, tmp_path: Path) -> None:
    sheets = {"建筑": {"建筑面积": [1.5, "约2"]}, "地块": {"用地面积": [15, "约15"]}}
    load(db, workbook(tmp_path, **sheets), mapping=book_plan(tmp_path), accept_valid=True)  # type: ignore[arg-type]
    rows = geo.rejected(db)
    assert sorted(rows["kind"]) == ["buildings", "parcels"]
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert said(caught) == {("地块", 2, "A-2", "not_a_number"), ("建筑", 2, "B-2", "not_a_number")}
    mends = {
        number: {"用地面积": 15} if kind == "parcels" else {"建筑面积": 2}
        for number, kind in zip(rows["rejected_id"], rows["kind"], strict=True)
    }
    report = retry(db, mend(give_out(db, tmp_path), mends))
    assert [each.kind for each in report.reports] == ["parcels", "buildings"]
    assert current(db, "buildings", "building_code")["gfa_m2"].tolist() == [15_000, 20_000]
    assert len(geo.rejected(db)) == 0


def test_new_attributes_are_tried_again_once_their_parcel_is_there_and_keep_its_outline(
    registered: Database, tmp_path: Path
) -> None:
    later = date(2025, 1, 1)
    bring(registered, tmp_path, ["A", "D"], NEW, effective=later, accept_valid=True, cells={"建筑面积": [7, 8]})
    assert geo.rejected(registered)["faults"].iat[0][0]["rule"] == "not_registered"
    with pytest.raises(IntakeError):
        retry(registered)
    codes = ["A", "B", "C", "D"]
    # D comes with its outline, by a file of its own, which does not say what the new attributes say.
    given = {"path": outlines(tmp_path, codes), "join": attributes(tmp_path, codes), "mapping": plan(tmp_path)}
    report = load(registered, **given, kind="parcels", effective=date(2025, 6, 1))  # type: ignore[arg-type]
    assert "settled" not in report.counts
    assert current(registered)["gfa_m2"].tolist() == [20_000, 30_000, 40_000, 50_000]
    with pytest.raises(IntakeError) as caught:
        retry(registered, effective=date(2025, 6, 1))
    assert said(caught) == {(None, 2, "D", "newer_registered")}
    found = retry(registered, effective=date(2025, 6, 2))
    assert [fault.rule for fault in found.faults] == ["newer_before"]
    assert current(registered)["gfa_m2"].tolist() == [20_000, 30_000, 40_000, 80_000]
    assert len(geo.rejected(registered)) == 0
    # A row that was only written wrong is mended and keeps outline and uses.
    bring(registered, tmp_path, ["B"], NEW, effective=date(2025, 7, 1), accept_valid=True, cells={"建筑面积": ["约9"]})
    before = current(registered)
    number = geo.rejected(registered)["rejected_id"].iat[0]
    retry(registered, mend(give_out(registered, tmp_path), {number: {"建筑面积": 9}}))
    after = current(registered)
    assert after["gfa_m2"].tolist()[1] == 90_000
    assert after[["wkt", "land_use"]].to_numpy().tolist() == before[["wkt", "land_use"]].to_numpy().tolist()

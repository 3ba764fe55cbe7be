"""``shuangbei rejected``: listed, given out, tried again and dismissed from the command line, and nothing shown that harms."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from intake_files import current, gpkg, mapping, parcels, square, table, written
from mending import mend
from test_fault_workbook import AMBER, RED, colours
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.export import mending


def take(shuangbei: Command, folder: Path, **columns: list[object]) -> None:
    """Import parcels, of which those that are not good are kept aside."""
    n = max(len(cells) for cells in columns.values())
    path = gpkg(folder, parcels(n, **columns))
    given = ["--kind", "parcels", "--mapping", mapping(folder), "--effective", "2024-01-01", "--accept-valid"]
    done = shuangbei("import", path, *given)
    assert done.code == 0, done.err
    assert "`shuangbei rejected` lists the rows" in done.err


def test_the_whole_way_from_a_rejected_row_to_a_registered_one(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    assert "No row that was kept aside is open" in shuangbei("rejected").out
    take(shuangbei, tmp_path, JZMJ=["1", "约2", "约3", "约4"])
    listed = shuangbei("rejected")
    assert "gfa_m2 约2: not_a_number" in listed.out
    assert "3 rows." in listed.err
    book = tmp_path / "退回.xlsx"
    assert f"rejected --retry {book}" in shuangbei("rejected", "--out", book).err
    mend(book, {1: {"JZMJ": 2}, 2: {"JZMJ": -3}})
    before = written(db)
    failed = shuangbei("rejected", "--retry", book, "--out", tmp_path / "又.xlsx")
    assert failed.code == 1
    assert "2 of 3 rows have errors (2 in all); nothing was written." in failed.err
    assert "below_limit" in failed.err
    assert [row[0].value for row in openpyxl.load_workbook(tmp_path / "又.xlsx")["导入1"].iter_rows(min_row=2)] == [
        2,
        3,
    ]
    dry = shuangbei("rejected", "--retry", book, "--accept-valid", "--dry-run")
    assert "HK-01" in dry.out
    assert "dry run: nothing was written" in dry.out
    assert written(db) == before
    done = shuangbei("rejected", "--retry", book, "--accept-valid")
    assert done.code == 0, done.err
    assert "1 added" in done.out
    assert "Of the rows that were tried 2 stay open." in done.out
    again = shuangbei("rejected", "--retry", mend(book, {2: {"JZMJ": 3}}), "--accept-valid")
    assert "Left out: row 1 is settled, by import 2." in again.err
    assert shuangbei("rejected", "--dismiss", "3", "--why", "道路，不是地块").out == "1 rows dismissed.\n"
    assert "No row that was kept aside is open" in shuangbei("rejected").out
    every = json.loads(shuangbei("rejected", "--all", "--format", "json").out)
    assert [(row["key"], row["state"]) for row in every] == [
        ("HK-01", "settled"),
        ("HK-02", "settled"),
        ("HK-03", "dismissed"),
        ("HK-02", "settled"),
    ]
    shown = shuangbei("rejected", "--all").out
    for said in ("settled by import 2", "settled by import 3", "dismissed by tests: 道路，不是地块"):
        assert said in shown
    assert sorted(current(db)["parcel_code"]) == ["HK-00", "HK-01", "HK-02"]
    assert shuangbei("undo", 3).out.startswith(
        "undo of import 3: parcels → 0 added, 0 changed, 0 same, 1 gone; 1 rows kept"
    )
    assert json.loads(shuangbei("rejected", "--format", "json").out)[0]["key"] == "HK-02"


def test_the_list_is_chosen_by_import_and_kind_and_written_as_json_or_csv(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    take(shuangbei, tmp_path, JZMJ=["1", "约2"])
    take(shuangbei, tmp_path, JZMJ=["约3"], DKBH=["HK-09"])
    assert [row["key"] for row in json.loads(shuangbei("rejected", "--import", "2", "--format", "json").out)] == [
        "HK-09"
    ]
    assert json.loads(shuangbei("rejected", "--kind", "zones", "--format", "json").out) == []
    assert shuangbei("rejected", "--import", "1", "--format", "csv").out.startswith("退回编号,行号,问题,怎么改,DKBH")
    assert shuangbei("rejected", "--out", tmp_path / "l.json").code == 0
    assert len(json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))) == 2
    assert shuangbei("rejected", "--out", tmp_path / "l.csv").code == 1
    assert shuangbei("rejected", "--import", "1", "--out", tmp_path / "l.csv").code == 0
    assert shuangbei("rejected", "--retry", tmp_path / "l.csv").code == 1
    assert shuangbei("rejected", "--import", "7").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--retry", "--dismiss", "1", "--why", "x"],
        ["1"],
        ["--dismiss"],
        ["--dismiss", "1"],
        ["--dismiss", "abc", "--why", "x"],
        ["--dismiss", "5-1", "--why", "x"],
        ["--dismiss", "1-9999999999", "--why", "x"],
        ["--dismiss", "9", "--why", "x"],
        ["--why", "x"],
        ["--retry", "--all"],
        ["--dry-run"],
        ["--retry", "a.xlsx", "b.xlsx"],
        ["--retry", "nowhere.xlsx"],
        ["--retry", "9"],
        ["--format", "xlsx"],
        ["--out", "a.gpkg"],
        ["--out", "a.xlsx"],
    ],
)
def test_what_makes_no_sense_is_one_clear_error(shuangbei: Command, db: Database, arguments: list[str]) -> None:
    done = shuangbei("rejected", *arguments)
    assert (done.code, done.out) == (1, "")
    assert len(done.err.strip().splitlines()) <= 2
    assert "unforeseen" not in done.err


def test_rows_are_dismissed_by_number_list_and_range(shuangbei: Command, db: Database, tmp_path: Path) -> None:
    take(shuangbei, tmp_path, JZMJ=["约"] * 7)
    assert shuangbei("rejected", "--dismiss", "1", "2,3", "5-6", "6", "--why", "道路").out == "5 rows dismissed.\n"
    assert [row["rejected_id"] for row in json.loads(shuangbei("rejected", "--format", "json").out)] == [4, 7]
    assert shuangbei("rejected", "--retry", "4").code == 1


def test_values_are_never_markup_and_only_what_is_wrong_is_shown(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    take(shuangbei, tmp_path, JZMJ=["[red]约[/red]", "\x1b[31m约"], DKMC=["秘密", "<b>"])
    listed = shuangbei("rejected")
    assert "gfa_m2 [red]约[/red]: not_a_number" in listed.out
    assert "\x1b" not in listed.out + listed.err
    assert "秘密" not in listed.out + shuangbei("rejected", "--format", "json").out


def test_the_workbook_to_mend_has_faulty_cells_coloured_outlines_as_wkt_and_says_what_to_do(
    shuangbei: Command, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shapely
    from intake_files import EAST, NORTH

    bow = shapely.Polygon([(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)])
    take(
        shuangbei,
        tmp_path,
        JZMJ=["1", "=1+1", "3"],
        YDMJ=["15", "18", "15"],
        geometry=[square(7), square(8), bow],
    )
    shuangbei("rejected", "--out", tmp_path / "退回.xlsx")
    book = openpyxl.load_workbook(tmp_path / "退回.xlsx")
    assert book.sheetnames == ["导入1", "问题清单", "说明"]
    sheet = book["导入1"]
    heads = [cell.value for cell in sheet[1]]
    assert heads == [
        "退回编号",
        "行号",
        "问题",
        "怎么改",
        "DKBH",
        "DKMC",
        "YDXZ",
        "YDMJ",
        "JZMJ",
        "JCNF",
        "图形WKT（EPSG:4549）",
        "所属库",
    ]
    assert colours(sheet) == {(2, "JZMJ"): RED, (2, "YDMJ"): AMBER, (3, "图形WKT（EPSG:4549）"): RED}
    assert sheet["I2"].value == "=1+1"
    assert sheet["I2"].data_type == "s"
    assert shapely.from_wkt(str(sheet["K2"].value)).equals(square(8))
    assert "建筑面积：不是数字" in str(sheet["C2"].value)
    listed = [[cell.value for cell in row][:7] for row in book["问题清单"].iter_rows(min_row=2)]
    assert [1, 2, "HK-01", "建筑面积", "=1+1", "不是数字", "not_a_number"] in listed
    told = "".join(str(row[0].value) for row in book["说明"].iter_rows())
    assert "导入1：地块.gpkg，2 行。" in told
    assert "shuangbei rejected --retry" in told
    for room in ("geo.export.faults", "geo.export.mending"):
        monkeypatch.setattr(f"{room}.MOST_ROWS", 1)
    mending.mend_workbook(__import__("geo.intake.retry_rows", fromlist=["x"]).to_mend(db), tmp_path / "1.xlsx")
    short = openpyxl.load_workbook(tmp_path / "1.xlsx")
    assert short["导入1"].max_row == 2
    assert "只列前 1 行" in "".join(str(row[0].value) for row in short["说明"].iter_rows())


def test_a_retry_is_written_down_in_the_audit_with_its_actor(shuangbei: Command, db: Database, tmp_path: Path) -> None:
    take(shuangbei, tmp_path, JZMJ=["1", "约2"])
    shuangbei("rejected", "--out", tmp_path / "退回.xlsx")
    shuangbei("rejected", "--retry", mend(tmp_path / "退回.xlsx", {1: {"JZMJ": 2}}))
    audit = table(db, "SELECT actor, action, detail FROM registry.audit ORDER BY id").iloc[-1]
    assert (audit["actor"], audit["action"], audit["detail"]["import_id"]) == ("tests", "import", 2)
    assert audit["detail"]["counts"]["settled"] == 1
    assert audit["detail"]["retry_of"] == 1

"""What is kept of a rejected row, and what comes back of it: nothing refused is taken unmended, nothing untouched changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import shapely
from intake_files import EAST, NORTH, current, gpkg, mapping, parcels, square, table
from mending import give_out, mend, sheet_rows
from test_rejected_rows import put, states
from test_retry_safety import rules

import geo
from geo.database import Database
from geo.errors import IntakeError, MappingError
from geo.intake import load, retry

WKT_MAPPING = """
kind = "parcels"
crs = "EPSG:4549"
[geometry]
wkt = "outline"
[source]
name = "a test"
[columns]
parcel_code = "code"
name = "name"
year_built = "year"
grant_ends_on = "ends"
gfa_m2 = "gfa"
land_use = { column = "use", table = "shanghai_kg" }
"""


def odd_workbook(folder: Path) -> Path:
    """A workbook with a code that became a date, a serial day, and an outline that is no WKT."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["code", "name", "year", "ends", "gfa", "use", "outline"])
    sheet.append([date(2025, 3, 12), "甲", 1998, None, 1, "C8", square(0).wkt])
    sheet.append(["B", "乙", 1998, 45678, "约2", "C8", square(1).wkt])
    sheet.append(["C", "丙", 1998, None, 3, "C8", "POLYGON ((1 2, 3"])
    sheet.append(["D", "丁", 1998, None, 4, "C8", square(3).wkt])
    path = folder / "odd.xlsx"
    book.save(path)
    return path


def test_what_was_refused_is_refused_again_as_long_as_nobody_mended_it(db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path, WKT_MAPPING)
    first = load(db, odd_workbook(tmp_path), kind="parcels", mapping=plan, accept_valid=True)
    said = [(fault.row, fault.field, fault.rule) for fault in first.faults]
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert [(fault.row, fault.field, fault.rule) for fault in caught.value.faults] == said
    path = give_out(db, tmp_path)
    with pytest.raises(IntakeError) as caught:
        retry(db, path)
    assert [(fault.row, fault.field, fault.rule) for fault in caught.value.faults] == said
    assert sheet_rows(path, "导入1")[2]["图形WKT（EPSG:4549）"] == "POLYGON ((1 2, 3"
    mend(path, {1: {"code": "03-12"}, 2: {"gfa": 2}, 3: {"图形WKT": square(2).wkt}})
    report = retry(db, path)
    assert [fault.rule for fault in report.faults] == ["serial_date"]
    found = current(db)[["parcel_code", "grant_ends_on"]].to_numpy().tolist()
    assert found == [["03-12", None], ["B", date(2025, 1, 21)], ["C", None], ["D", None]]


def test_a_date_that_a_spreadsheet_makes_of_a_mended_code_is_caught_and_stays_caught(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, 2], DKBH=["HK-00", None])
    path = mend(give_out(db, tmp_path), {1: {"DKBH": date(2025, 3, 12)}})
    assert retry(db, path, accept_valid=True).n_open == 1
    with pytest.raises(IntakeError) as caught:
        retry(db)
    assert rules(caught) == ["date_in_text"]


def test_a_character_that_cannot_be_stored_is_not_taken_as_the_mark_that_stands_for_it(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    parcels(2, DKMC=["a\x00b", "c"]).to_parquet(path)
    load(db, path, kind="parcels", mapping=mapping(tmp_path), accept_valid=True)
    for file in (None, give_out(db, tmp_path)):
        with pytest.raises(IntakeError) as caught:
            retry(db, file)
        assert rules(caught) == ["not_text"]
    retry(db, mend(give_out(db, tmp_path), {1: {"DKMC": "ab"}}))
    assert current(db)["name"].tolist() == ["ab", "c"]


def test_a_row_that_the_mapping_leaves_out_as_it_is_mended_stays_open_and_is_told(db: Database, tmp_path: Path) -> None:
    from intake_files import MAPPING

    plan = mapping(tmp_path, MAPPING + '[where]\nDKMC = ["现行"]\n')
    frame = parcels(3, DKMC=["现行"] * 3, JZMJ=["1", "约2", "约3"])
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=plan, accept_valid=True)
    path = mend(give_out(db, tmp_path), {1: {"DKMC": "作废"}, 2: {"JZMJ": 3}})
    with pytest.raises(IntakeError) as caught:
        retry(db, path)
    assert rules(caught) == ["left_out"]
    report = retry(db, path, accept_valid=True)
    assert (report.reports[0].counts["added"], report.n_open) == (1, 1)
    assert states(db) == [(1, "HK-01", "open"), (1, "HK-02", "settled")]
    with pytest.raises(IntakeError):
        retry(db, mend(path, {}, drop=(2,)))


def test_hostile_and_unwritable_values_come_back_to_the_letter_where_nobody_touched_them(
    db: Database, tmp_path: Path
) -> None:
    odd = [
        "=1+1",
        "\t-2\n x",
        "_x0041_",
        "'quoted",
        "a" * 40_000,
        "{\\rtf1}",
        "[red]x[/red]",
        "\u202eabc",
        "x\ry",
        "p\x0bq",
    ]
    frame = parcels(len(odd), DKMC=odd, JZMJ=["约"] * len(odd))
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path), accept_valid=True)
    kept = table(db, "SELECT values->>'DKMC' FROM registry.rejected_rows ORDER BY row").iloc[:, 0].tolist()
    path = give_out(db, tmp_path)
    book = openpyxl.load_workbook(path)
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    retry(db, mend(path, {i: {"JZMJ": i} for i in range(1, len(odd) + 1)}))
    assert list(current(db)["name"]) == [value.strip() for value in kept]
    assert kept == odd


def test_columns_of_a_file_that_are_called_as_ours_are_told_apart(db: Database, tmp_path: Path) -> None:
    from intake_files import MAPPING

    names = {"DKMC": "问题", "JZMJ": "退回编号", "JCNF": "图形WKT"}
    text = MAPPING
    for ours, theirs in names.items():
        text = text.replace(f'"{ours}"', f'"{theirs}"')
    frame = parcels(2, JZMJ=["1", "约2"]).rename(columns=names)
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path, text), accept_valid=True)
    path = give_out(db, tmp_path)
    row = sheet_rows(path, "导入1")[0]
    assert (row["退回编号"], row["原·退回编号"], row["原·问题"], row["原·图形WKT"]) == (1, "约2", "地块1", 1998)
    retry(db, mend(path, {1: {"原·退回编号": 2, "原·问题": "改"}}))
    assert current(db)[["name", "gfa_m2", "year_built"]].iloc[1].tolist() == ["改", 2, 1998]


def test_an_outline_longer_than_a_cell_is_given_out_and_comes_back_whole(db: Database, tmp_path: Path) -> None:
    ring = shapely.Point(EAST, NORTH).buffer(300, quad_segs=900)
    load(
        db,
        gpkg(tmp_path, parcels(2, JZMJ=["1", "约2"], geometry=[square(9), ring])),
        kind="parcels",
        mapping=mapping(tmp_path),
        accept_valid=True,
    )
    path = give_out(db, tmp_path)
    row = sheet_rows(path, "导入1")[0]
    assert "图形WKT续1" in row
    assert max(len(str(cell)) for cell in row.values()) <= 32_000
    retry(db, mend(path, {1: {"JZMJ": 282_000}}))
    assert shapely.from_wkt(current(db)["wkt"].iat[1]).geoms[0].normalize().equals_exact(ring.normalize(), 1e-9)


def test_rows_kept_before_the_books_held_how_a_file_was_read_are_tried_again_as_well(
    db: Database, tmp_path: Path
) -> None:
    import sqlalchemy as sa

    put(db, tmp_path, [1, "约2"])
    with db.write() as connection:
        connection.execute(sa.text("UPDATE registry.imports SET reading = NULL"))
    retry(db, mend(give_out(db, tmp_path), {1: {"JZMJ": 2}}))
    assert current(db)["gfa_m2"].tolist() == [1, 2]


def test_a_mapping_that_can_no_longer_be_read_is_one_error_and_the_rows_are_given_out_all_the_same(
    db: Database, tmp_path: Path
) -> None:
    import sqlalchemy as sa

    put(db, tmp_path, [1, "约2"])
    with db.write() as connection:
        told = "SET reading = NULL, mapping = jsonb_set(mapping, '{content,columns}', '{}')"
        connection.execute(sa.text(f"UPDATE registry.imports {told}"))
    assert sheet_rows(give_out(db, tmp_path), "导入1")[0]["DKBH"] == "HK-01"
    with pytest.raises(MappingError):
        retry(db)


def test_the_frame_of_rejected_rows_holds_no_value_beyond_the_faults(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"], DKMC=["a", "秘密"])
    told = geo.rejected(db).to_json(force_ascii=False, default_handler=str)
    assert "约2" in told
    assert "秘密" not in told
    assert isinstance(geo.rejected(db), pd.DataFrame)

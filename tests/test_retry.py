"""Rejected rows tried again: as somebody mended them in the workbook, or as they were kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import shapely
from intake_files import MAPPING, current, gpkg, mapping, parcels, square, table, written
from mending import give_out, mend, sheet_rows
from test_rejected_rows import DAY, LATER, put, states

import geo
from geo.database import Database
from geo.errors import IntakeError, NotFoundError, SettingsError
from geo.intake import dismiss, load, retry, undo
from geo.intake.invariants import invariants


def names(db: Database) -> dict[str, float | None]:
    """Code → floor area of what is current."""
    frame = current(db)
    return dict(zip(frame["parcel_code"], frame["gfa_m2"], strict=True))


def test_mended_rows_are_stored_as_an_import_of_their_own_that_says_what_the_first_said(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}, 2: {"JZMJ": "3"}})
    report = retry(db, path, actor="李工")
    assert [each.import_id for each in report.reports] == [2]
    assert (report.n_open, report.left_out, report.faults) == (0, (), ())
    assert names(db) == {"HK-00": 1, "HK-01": 2, "HK-02": 3}
    first, second = table(db, "SELECT * FROM registry.imports ORDER BY id").to_dict("records")
    for name in ("kind", "crs", "source", "synthetic", "effective_from"):
        assert second[name] == first[name], name
    assert (second["file_name"], second["actor"]) == ("退回.xlsx", "李工")
    assert second["mapping"] == first["mapping"] | {"retry_of": 1}
    assert second["counts"] == {"added": 2, "changed": 0, "same": 0, "gone": 0, "rejected": 0, "settled": 2}
    assert states(db) == [(1, "HK-01", "settled"), (1, "HK-02", "settled")]
    facts = current(db).set_index("parcel_code")
    assert facts.loc["HK-01", "registered_area_m2"] == pytest.approx(10_000)
    assert shapely.from_wkt(facts.loc["HK-01", "wkt"]).equals(square(1))
    assert facts["valid_from"].tolist() == [DAY] * 3
    again = retry(db, path)
    assert again.reports == ()
    assert again.left_out == ("row 1 is settled, by import 2", "row 2 is settled, by import 2")
    assert "No row" in again.summary()


def test_one_error_stops_a_retry_and_the_faults_are_told_with_the_rows_that_still_fail(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}, 2: {"JZMJ": -3, "DKMC": "改"}})
    before = written(db)
    with pytest.raises(IntakeError, match="1 of 2 rows have errors") as caught:
        retry(db, path)
    assert [(f.row, f.key, f.rule) for f in caught.value.faults] == [(3, "HK-02", "below_limit")]
    (failing,) = caught.value.failing
    assert failing.ids == (2,)
    assert failing.read.frame[["JZMJ", "DKMC"]].to_numpy().tolist() == [[-3, "改"]]
    assert written(db) == before
    assert states(db) == [(1, "HK-01", "open"), (1, "HK-02", "open")]


def test_with_accept_valid_the_others_stay_open_with_their_new_faults_and_what_was_mended(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}, 2: {"JZMJ": -3, "DKMC": "改"}})
    report = retry(db, path, accept_valid=True)
    assert (report.reports[0].counts["added"], report.n_open) == (1, 1)
    assert states(db) == [(1, "HK-01", "settled"), (1, "HK-02", "superseded"), (2, "HK-02", "open")]
    assert [f["rule"] for f in geo.rejected(db)["faults"].iat[0]] == ["below_limit"]
    # The workbook that the office has still names the row by its first number.
    before = written(db)
    assert retry(db, path, accept_valid=True).reports[0].import_id is None
    assert written(db) == before
    mend(path, {2: {"JZMJ": 3}})
    assert retry(db, path).left_out == ("row 1 is settled, by import 2",)
    assert names(db)["HK-02"] == 3
    assert current(db)["name"].tolist() == ["地块0", "地块1", "改"]
    assert [state for *_, state in states(db)] == ["settled", "settled", "settled"]
    undo(db, 3)
    assert [state for *_, state in states(db)] == ["settled", "superseded", "open"]


def test_the_undo_of_a_retry_opens_its_rows_with_their_old_faults(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}, 2: {"JZMJ": -3}})
    retry(db, path, accept_valid=True)
    assert undo(db, 2).counts["reopened"] == 2
    assert states(db) == [(1, "HK-01", "open"), (1, "HK-02", "open"), (2, "HK-02", "undone")]
    assert [f["rule"] for faults in geo.rejected(db)["faults"] for f in faults] == ["not_a_number"] * 2
    assert names(db) == {"HK-00": 1}


def test_a_row_that_still_fails_as_it_did_is_not_written_again(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    before = written(db)
    report = retry(db, accept_valid=True)
    assert [each.import_id for each in report.reports] == [None]
    assert report.n_open == 2
    assert written(db) == before


def test_without_a_file_rows_are_tried_as_they_were_kept_when_what_they_lacked_is_there(
    db: Database, tmp_path: Path
) -> None:
    path = gpkg(tmp_path, parcels(3, YDXZ=["C8", "ZZ9", "ZZ9"], JZMJ=["1", "2", "约3"]))
    load(db, path, kind="parcels", mapping=mapping(tmp_path), effective=DAY, accept_valid=True)
    with pytest.raises(IntakeError):
        retry(db)
    with code_added(tmp_path / "data", "ZZ9"):
        report = retry(db, accept_valid=True)
    assert (report.reports[0].counts["added"], report.n_open) == (1, 1)
    assert [f["rule"] for f in geo.rejected(db)["faults"].iat[0]] == ["not_a_number"]


@contextmanager
def code_added(own: Path, code: str) -> Iterator[None]:
    """A city adds a code to its table."""
    from geo.fields import land_use_codes as room

    shutil.copytree(room.data_dir(), own)
    codes = own / "land_use" / "shanghai_kg.csv"
    lines = codes.read_text(encoding="utf-8").splitlines()
    like = next(line for line in lines if line.startswith("C8,"))
    codes.write_text("\n".join([*lines, like.replace("C8", code, 1)]) + "\n", encoding="utf-8")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "data_dir", lambda: own)
            room.code_table.cache_clear()
            yield
    finally:
        room.code_table.cache_clear()


def test_which_rows_are_tried_can_be_chosen_by_number_import_and_kind(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    put(db, tmp_path, [1, 2, "约3", "约4"])
    assert retry(db, kind="buildings").reports == ()
    with pytest.raises(IntakeError) as caught:
        retry(db, rows=[3])
    assert [fault.key for fault in caught.value.faults] == ["HK-03"]
    with pytest.raises(IntakeError) as caught:
        retry(db, import_id=2)
    assert [fault.key for fault in caught.value.faults] == ["HK-02", "HK-03"]
    assert retry(db, rows=[1]).left_out == ("row 1 is settled, by import 2",)
    for wrong in ({"rows": [9]}, {"import_id": 9}, {"kind": "houses"}):
        with pytest.raises(NotFoundError):
            retry(db, **wrong)
    with pytest.raises(SettingsError):
        retry(db, tmp_path / "a.xlsx", rows=[1])


def test_a_dry_run_writes_nothing_and_says_what_would_change(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, 2], DAY)
    put(db, tmp_path, [1, "约2", "约3"], LATER)
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 7}, 2: {"JZMJ": 3}})
    before = written(db)
    report = retry(db, path, dry_run=True)
    assert report.reports[0].changes is not None
    assert report.reports[0].changes.to_numpy().tolist() == [
        ["HK-02", "added", None, None, None],
        ["HK-01", "changed", "gfa_m2", "2", "7"],
    ]
    assert written(db) == before


def test_rows_of_several_imports_and_kinds_go_in_one_transaction_each_as_an_import_of_its_own(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2"])
    file = tmp_path / "services.csv"
    file.write_text("service_code,name,category,lon,lat\nS1,站,,121.5,31.27\n", encoding="utf-8")
    plan = tmp_path / "services.toml"
    plan.write_text(
        'kind = "services"\ncrs = "EPSG:4490"\n[geometry]\nlon = "lon"\nlat = "lat"\n[source]\nname = "another"\n'
        '[columns]\nservice_code = "service_code"\nname = "name"\ncategory = "category"\n',
        encoding="utf-8",
    )
    load(db, file, kind="services", mapping=plan, accept_valid=True)
    (kind,) = geo.rejected(db, import_id=2)["kind"]
    assert kind == "services"
    path = give_out(db, tmp_path)
    assert openpyxl.load_workbook(path).sheetnames == ["导入1", "导入2", "问题清单", "说明"]
    mend(path, {1: {"JZMJ": 2}})
    before = written(db)
    with pytest.raises(IntakeError):
        retry(db, path)
    assert written(db) == before
    mend(path, {2: {"category": "政务"}})
    report = retry(db, path)
    assert [(each.import_id, each.kind, each.source) for each in report.reports] == [
        (3, "parcels", "a test"),
        (4, "services", "another"),
    ]
    assert invariants(db) == []
    assert len(current(db, "services", "service_code")) == 1


def test_a_file_read_by_its_headings_is_tried_again_by_them_with_units_and_code_tables(
    db: Database, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "地块编号": ["A", "B"],
            "用地性质（shanghai_kg）": ["C8", "C8"],
            "用地面积（亩）": ["15", "约15"],
            "图形WKT（EPSG:4549）": [square(0).wkt, square(1).wkt],
        }
    )
    frame.to_excel(tmp_path / "地块.xlsx", index=False)
    load(db, tmp_path / "地块.xlsx", kind="parcels", accept_valid=True)
    path = mend(give_out(db, tmp_path), {1: {"用地面积（亩）": 15}})
    retry(db, path)
    found = current(db)[["parcel_code", "land_use", "registered_area_m2"]].to_numpy().tolist()
    assert found == [["A", "C8", pytest.approx(10_000)], ["B", "C8", pytest.approx(10_000)]]
    assert current(db)["land_use_parts"].iat[1][0]["table"] == "shanghai_kg"


def test_codes_made_of_row_numbers_stay_those_of_the_first_file(db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path, MAPPING.replace('parcel_code = "DKBH"', 'parcel_code = { row_number = "k-" }'))
    path = gpkg(tmp_path, parcels(4, JZMJ=["1", "2", "3", "约4"]))
    load(db, path, kind="parcels", mapping=plan, accept_valid=True)
    retry(db, mend(give_out(db, tmp_path), {1: {"JZMJ": 4}}))
    assert sorted(names(db)) == ["k-1", "k-2", "k-3", "k-4"]


def test_one_of_two_rows_of_one_code_is_taken_when_the_other_is_taken_out_and_settles_both(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, 2, 3], DKBH=["HK-00", "HK-01", "HK-01"])
    with pytest.raises(IntakeError):
        retry(db)
    retry(db, mend(give_out(db, tmp_path), {}, drop=(1,)))
    assert names(db) == {"HK-00": 1, "HK-01": 3}
    assert [state for *_, state in states(db)] == ["settled", "settled"]


def test_a_dismissed_row_is_tried_only_where_somebody_mended_it_after_all(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = give_out(db, tmp_path)
    dismiss(db, [1, 2], why="道路", actor="王工")
    assert retry(db, path).left_out == (
        "row 1 was dismissed by 王工: 道路",
        "row 2 was dismissed by 王工: 道路",
    )
    assert len(retry(db, mend(path, {1: {"JZMJ": 2}})).left_out) == 1
    assert states(db) == [(1, "HK-01", "settled"), (1, "HK-02", "dismissed")]
    assert sheet_rows(give_out(db, tmp_path, "alle.xlsx", closed=True), "导入1")[1]["问题"].startswith(
        "【不再处理（王工）：道路】"
    )


def test_what_is_told_of_rows_of_two_imports_says_which_is_of_which(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    path = gpkg(tmp_path, parcels(2, DKBH=["HK-05", "HK-06"], JZMJ=["5", "约6"]), name="后来.gpkg")
    load(db, path, kind="parcels", mapping=mapping(tmp_path), effective=DAY, accept_valid=True)
    book = give_out(db, tmp_path)
    with pytest.raises(IntakeError) as caught:
        retry(db, book)
    first, second = caught.value.message.splitlines()
    assert first.startswith("退回.xlsx, rows of import 1 (地块.gpkg): 1 of 1 rows have errors")
    assert second.startswith("退回.xlsx, rows of import 2 (后来.gpkg): 1 of 1 rows have errors")
    first, second, _ = retry(db, mend(book, {1: {"JZMJ": 2}, 2: {"JZMJ": 6}}), dry_run=True).summary().splitlines()
    assert first.startswith("退回.xlsx, rows of import 1 (地块.gpkg): 1 rows of parcels → 1 added")
    assert second.startswith("退回.xlsx, rows of import 2 (后来.gpkg): 1 rows of parcels → 1 added")
    with pytest.raises(IntakeError, match=r"^地块.gpkg, rows of import 1: 1 of 1 rows"):
        retry(db, import_id=1)

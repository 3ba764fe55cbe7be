"""What an office may give back: a CSV, outlines as WKT, and files that are not what was given out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from intake_files import EAST, NORTH, current, gpkg, mapping, parcels, square
from mending import give_out, mend, sheet_rows
from test_rejected_rows import put
from test_retry import names

from geo.database import Database, connect
from geo.errors import NotFoundError, ReadError
from geo.export import mend_csv, write_mend_csv
from geo.intake import load, retry
from geo.intake.retry_rows import to_mend


def test_a_csv_of_one_imports_rows_can_be_mended_as_well(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "=1+1"], DKMC=["a", "=cmd|'x'"])
    path = write_mend_csv(to_mend(db), tmp_path / "退回.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    text = path.read_text(encoding="utf-8-sig")
    assert ",'=1+1," in text
    path.write_text(text.replace("'=1+1", "2"), encoding="gb18030")
    retry(db, path)
    assert names(db) == {"HK-00": 1, "HK-01": 2}
    assert current(db)["name"].tolist() == ["a", "=cmd|'x'"]
    with pytest.raises(ReadError, match="nothing to mend"):
        mend_csv(to_mend(db))
    put(db, tmp_path, ["约1", "约2"])
    put(db, tmp_path, ["约1"], DKBH=["HK-09"])
    with pytest.raises(ReadError, match="imports 3, 4"):
        mend_csv(to_mend(db))


def test_an_outline_is_mended_as_wkt_in_the_files_own_datum(db: Database, tmp_path: Path) -> None:
    bow = shapely.Polygon([(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)])
    frame = parcels(2, geometry=[square(5), bow]).to_crs(4490)
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path), accept_valid=True)
    path = give_out(db, tmp_path)
    (row,) = sheet_rows(path, "导入1")
    assert shapely.from_wkt(row["图形WKT（EPSG:4490）"]).equals_exact(frame.geometry.iloc[1], 0)
    good = parcels(1, geometry=[square(0)]).to_crs(4490).geometry.iloc[0]
    retry(db, mend(path, {1: {"图形WKT": good.wkt}}))
    drawn = shapely.from_wkt(current(db)["wkt"].iat[1])
    assert shapely.hausdorff_distance(drawn, square(0)) < 1e-3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({1: {"退回编号": None}}, "nothing"),
        ({1: {"退回编号": "x"}}, "'x'"),
        ({1: {"退回编号": 2}}, "both row 2"),
        ({1: {"退回编号": 77}}, "no rejected row 77"),
    ],
)
def test_a_workbook_whose_rows_are_not_those_that_were_given_out_is_refused(
    db: Database, tmp_path: Path, change: dict[int, dict[str, Any]], said: str
) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    path = mend(give_out(db, tmp_path), change)
    with pytest.raises((ReadError, NotFoundError), match=said):
        retry(db, path)


def test_a_workbook_that_lacks_a_column_or_is_another_file_is_refused(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    path = give_out(db, tmp_path)
    book = openpyxl.load_workbook(path)
    book["导入1"].delete_cols(6)
    book.save(path)
    with pytest.raises(ReadError, match="no column 'DKMC'"):
        retry(db, path)
    with pytest.raises(ReadError, match="no workbook of rejected rows"):
        retry(db, gpkg(tmp_path, parcels()))
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "b.xlsx", index=False)
    with pytest.raises(ReadError, match="no column 退回编号"):
        retry(db, tmp_path / "b.xlsx")


@pytest.mark.parametrize("written", [give_out, lambda db, folder: write_mend_csv(to_mend(db), folder / "退回.csv")])
def test_rows_of_another_database_are_refused_though_it_has_rows_of_the_same_numbers(
    db: Database, tmp_path: Path, written: Callable[[Database, Path], Path]
) -> None:
    put(db, tmp_path, [1, "约2"])
    path = written(db, tmp_path)
    with db.write() as connection:
        connection.execute(sa.text("UPDATE registry.workspace SET database_id = 'another city'"))
    other = connect(db.engine.url.render_as_string(hide_password=False))
    try:
        with pytest.raises(
            ReadError, match=r"is of another database .库-.*, this one is 库-another city; nothing"
        ) as caught:
            retry(other, path, accept_valid=True)
        assert "--database NAME rejected --retry" in str(caught.value.hint)
        assert names(other) == {"HK-00": 1}
    finally:
        other.engine.dispose()


@pytest.mark.parametrize(("line", "said"), [(2, "of no known database"), (1, "no column 所属库")])
def test_rows_that_do_not_say_of_which_database_they_are_are_refused(
    db: Database, tmp_path: Path, line: int, said: str
) -> None:
    put(db, tmp_path, [1, "约2"])
    path = give_out(db, tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book["导入1"]
    (head,) = [cell for cell in sheet[1] if cell.value == "所属库"]
    sheet.cell(line, head.column).value = None
    book.save(path)
    with pytest.raises(ReadError, match=said):
        retry(db, path)


def test_the_workbook_says_the_whole_command_where_the_database_had_to_be_named(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(db, tmp_path, [1, "约2"])
    monkeypatch.setenv("SHUANGBEI_DATABASE", "mine")
    told = [str(row[0].value) for row in openpyxl.load_workbook(give_out(db, tmp_path))["说明"].iter_rows()]
    assert any("shuangbei --database mine rejected --retry 本文件" in line for line in told)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")
    told = [str(row[0].value) for row in openpyxl.load_workbook(give_out(db, tmp_path))["说明"].iter_rows()]
    assert any("再运行：shuangbei rejected --retry 本文件" in line for line in told)

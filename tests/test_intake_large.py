"""Tables that are read in parts: the same table, whatever the parts, and no more of the file in memory than its cells."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely

import geo.intake.sheets as room
from geo.errors import ReadError
from geo.intake.read import Source, read

pytestmark = pytest.mark.usefixtures("read_here")

LINES = [
    "编号,名称,面积,wkt",
    'A-1,"北外滩, 东",12.5,"POLYGON ((0 0, 1 0, 1 1, 0 0))"',
    "A-2,'=1+1,,",
    ",,,",
    "A-3,北外滩,—,POINT (1 2)",
    "",
    'A-4,"两\n行",1,nothing',
    "A-5,北外滩",
    "A-6,北外滩,2,POINT EMPTY",
]


def table(path: Path, encoding: str) -> Path:
    path.write_bytes("\r\n".join(LINES).encode(encoding))
    return path


def book(path: Path) -> Path:
    """A sheet whose table does not begin in the first column that is written, among others."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["编号", "名称", "面积"])
    for row in ([None, "一", 1.5], ["B-2", None, "—"], [None, None, None], ["B-3", "一", 3], ["B-4", "二", True]):
        sheet.append(row)
    made.create_sheet("空")
    made.save(path)
    return path


def same(a: Source, b: Source) -> bool:
    shapes = [None if s.geometry is None else shapely.to_wkt(s.geometry.shapes()).tolist() for s in (a, b)]
    return (
        a.frame.equals(b.frame)
        and a.rows.tolist() == b.rows.tolist()
        and a.unreadable.tolist() == b.unreadable.tolist()
        and shapes[0] == shapes[1]
        and (a.layer, a.sha256, a.frame.attrs) == (b.layer, b.sha256, b.frame.attrs)
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_the_same_table_however_many_rows_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, size: int
) -> None:
    path = table(tmp_path / "a.csv", encoding)
    whole = read(path)
    assert whole.rows.tolist() == [1, 2, 4, 6, 7, 8]
    assert whole.frame["名称"].tolist() == ["北外滩, 东", "=1+1", "北外滩", "两\n行", "北外滩", "北外滩"]
    assert whole.unreadable.tolist() == [False, False, False, True, False, False]
    monkeypatch.setattr(room, "ROWS", size)
    assert same(read(path), whole)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_workbook_is_the_same_table_however_many_rows_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = book(tmp_path / "a.xlsx")
    whole = read(path)
    assert whole.rows.tolist() == [1, 2, 4, 5]
    assert whole.frame["编号"].tolist() == [None, "B-2", "B-3", "B-4"]
    monkeypatch.setattr(room, "ROWS", size)
    assert same(read(path), whole)


def test_a_row_that_is_too_long_is_told_with_its_number_in_whatever_part_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS", 2)
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 6 + "1,2,3\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"Row 7 of a\.csv has 3 cells"):
        read(tmp_path / "a.csv")


def test_a_csv_without_a_row_is_a_table_of_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,wkt\n", encoding="utf-8")
    assert len(read(tmp_path / "a.csv").rows) == 0


def test_text_that_stands_in_many_rows_is_kept_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n" + "商务办公\n" * 100, encoding="utf-8")
    assert len({id(cell) for cell in read(tmp_path / "a.csv").frame["a"]}) == 1


def test_a_csv_of_outlines_never_has_its_text_in_memory_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS", 100)
    rng = np.random.default_rng(1)
    shapes = shapely.to_wkt(shapely.linestrings(rng.uniform(0, 1, (6000, 50, 2))), rounding_precision=-1)
    path = tmp_path / "a.csv"
    path.write_text("编号,wkt\n" + "".join(f'{i},"{shape}"\n' for i, shape in enumerate(shapes)), encoding="utf-8")
    read(path)  # what is imported on first use is not counted
    tracemalloc.start()
    try:
        found = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.rows) == 6000
    # Python's own memory: shapes are GEOS's.  Blocks of some megabytes are read when the encoding is looked for.
    assert peak < path.stat().st_size
    assert path.stat().st_size > 11_000_000

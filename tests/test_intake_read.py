"""Files: each format is read, and one that cannot be is one clear error."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from intake_files import gpkg, parcels, square
from odd_files import corners, drawing, polyline

from geo.errors import ReadError
from geo.intake.inspecting import inspect_file
from geo.intake.read import read
from geo.intake.sheet_shapes import GeometryColumns


def shapefile(folder: Path, encoding: str = "GB18030", cpg: bool = False) -> Path:
    path = folder / "a.shp"
    frame = parcels().rename(columns={"DKMC": "地块名"})
    frame.to_file(path, engine="pyogrio", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def test_a_geopackage_is_read_with_its_datum(tmp_path: Path) -> None:
    found = read(gpkg(tmp_path, parcels()))
    assert str(found.datum) == "EPSG:4549"
    assert found.rows.tolist() == [1, 2, 3]
    assert found.geometry is not None
    assert found.geometry[1].equals(square(1))


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_a_shapefile_that_does_not_say_its_encoding_is_read_with_its_chinese_names(
    tmp_path: Path, encoding: str
) -> None:
    found = read(shapefile(tmp_path, encoding))
    assert found.frame["地块名"].tolist() == ["地块0", "地块1", "地块2"]


def test_a_zipped_shapefile_is_read(tmp_path: Path) -> None:
    shapefile(tmp_path)
    with zipfile.ZipFile(tmp_path / "压缩.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.write(part, part.name)
    found = read(tmp_path / "压缩.zip")
    assert found.frame["地块名"].tolist() == ["地块0", "地块1", "地块2"]
    assert str(found.datum) == "EPSG:4549"


def test_geojson_is_wgs84_and_geoparquet_says_what_it_is(tmp_path: Path) -> None:
    frame = parcels().to_crs(4326)
    (tmp_path / "a.geojson").write_text(frame.to_json(), encoding="utf-8")
    parcels().to_parquet(tmp_path / "a.parquet")
    assert str(read(tmp_path / "a.geojson").datum) == "EPSG:4326"
    assert str(read(tmp_path / "a.parquet").datum) == "EPSG:4549"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_as_text_in_utf8_or_gb18030(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text('编号,名称,wkt\n007,"北外滩, 东",POINT (1 2)\n\n008,,\n', encoding=encoding)
    found = read(path)
    assert found.frame["编号"].tolist() == ["007", "008"]
    assert found.frame["名称"].tolist() == ["北外滩, 东", None]
    assert found.rows.tolist() == [1, 3]
    assert found.geometry is not None
    assert shapely.to_wkt(found.geometry[0]) == "POINT (1 2)"
    assert found.geometry[1] is None
    assert found.datum is None


def test_csv_takes_two_columns_of_coordinates_and_marks_what_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,经度,纬度\n1,121.48,31.25\n2,121.48,\n3,,\n4,东,31\n", encoding="utf-8")
    found = read(path, geometry=GeometryColumns(lon="经度", lat="纬度"))
    assert found.columns == ["n"]
    assert found.unreadable.tolist() == [False, True, False, True]


def test_a_workbook_is_read_cell_by_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["编号", "面积", None], ["0101", 1234.5, None], [None, None, None], [12, "—", None]):
        sheet.append(row)
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert found.columns == ["编号", "面积"]
    assert found.rows.tolist() == [1, 3]
    assert found.frame["面积"].tolist() == [1234.5, "—"]


def several_layers(folder: Path) -> Path:
    path = gpkg(folder, parcels())
    parcels().to_file(path, layer="second", engine="pyogrio")
    return path


def several_sheets(folder: Path) -> Path:
    with pd.ExcelWriter(folder / "a.xlsx") as writer:
        pd.DataFrame({"a": [1]}).to_excel(writer, sheet_name="一", index=False)
        pd.DataFrame({"a": [1]}).to_excel(writer, sheet_name="二", index=False)
    return folder / "a.xlsx"


def as_file(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def only_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    return folder / "a.zip"


def cut_short(folder: Path) -> Path:
    path = gpkg(folder, parcels())
    path.write_bytes(path.read_bytes()[:5000])
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nowhere.gpkg", "There is no file"),
        (lambda folder: folder, "is a folder"),
        (as_file("a.gpkg", b""), "is empty"),
        (as_file("a.gpkg", b"hello"), "is not a GeoPackage, as its name says"),
        (as_file("a.gpkg", b"SQLite format 3\x00" + b"x" * 200), "is not a GeoPackage, as its name says"),
        (as_file("a.shp", b"PK\x03\x04"), "is not a Shapefile, as its name says"),
        (as_file("a.shp", b"\x00\x00\x27\x0a" + b"0" * 200), "is not a Shapefile, as its name says"),
        (as_file("a.geojson", b"<html></html>"), "is not a GeoJSON, as its name says"),
        (as_file("a.geojson", b'{"a": 1}'), "is not a GeoJSON, as its name says"),
        (as_file("a.geojson", b'{"type": "FeatureCollection", "features": ['), "is not a GeoJSON, as its name says"),
        (as_file("a.parquet", b"PAR1PAR1"), "is not a GeoParquet, as its name says"),
        (as_file("a.xlsx", b"PK\x03\x04 not really"), "is not a workbook, as its name says"),
        (as_file("a.xlsx", b"a,b\n1,2\n"), "is not a workbook, as its name says"),
        (as_file("a.csv", b"PK\x03\x04\x00\x00"), "is not a CSV, as its name says"),
        (as_file("a.csv", b"a,b\n1,2,3\n"), "Row 1 of a.csv has 3 cells"),
        (as_file("a.csv", b"a,a\n1,2\n"), "two columns named a"),
        (as_file("a.csv", b'a,b\n"1,2\n'), "is not sound CSV"),
        (as_file("a.csv", b"\n\n"), "no headings"),
        (as_file("a.docx", b"x"), "an ending that is not known"),
        (only_zip, "no Shapefile in it"),
        (cut_short, "is not a GeoPackage, as its name says"),
        (several_layers, "has 2 layers and none is named"),
        (several_sheets, "has 2 layers and none is named"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(make(tmp_path))
    assert said in caught.value.message
    assert caught.value.hint


def geojson_cut(folder: Path) -> Path:
    path = folder / "a.geojson"
    parcels().to_file(path)
    path.write_bytes(path.read_bytes()[:-400])
    return path


def without_index(folder: Path) -> Path:
    parcels().to_file(folder / "a.shp")
    (folder / "a.shx").unlink()
    return folder / "a.shp"


def dxf_cut(folder: Path) -> Path:
    path = drawing(folder / "a.dxf", polyline("地块", corners(0)))
    path.write_bytes(path.read_bytes()[:-60])
    return path


def parquet_cut(folder: Path) -> Path:
    parcels().to_parquet(folder / "a.parquet")
    (folder / "a.parquet").write_bytes((folder / "a.parquet").read_bytes()[:-9])
    return folder / "a.parquet"


def workbook_cut(folder: Path) -> Path:
    path = several_sheets(folder)
    path.write_bytes(path.read_bytes()[:-90])
    return path


#: words of libraries, which mean nothing to an office
_FOREIGN = ("sqlite", "gdal", "vcpkg", "/tmp", "config", "fread", "error", "arrow", "zip", "ole", "signature", "driver")


@pytest.mark.parametrize(
    ("make", "why", "advice"),
    [
        (cut_short, r"it is cut off, with 5,000 of the [\d,]+ bytes", "Copy it again"),
        (geojson_cut, "it is cut off, for its last bracket", "Copy it again"),
        (without_index, "its part .shx is missing or broken", "all parts of the Shapefile"),
        (dxf_cut, r"nothing can be made of it at line \d+", "Copy it again"),
        (parquet_cut, "it is cut off, for its last bytes", "Copy it again"),
        (workbook_cut, "what is packed in it is cut off or damaged", "Copy it again"),
    ],
)
def test_a_file_that_is_cut_off_says_so_in_plain_words_and_what_to_do(
    tmp_path: Path, make: Callable[[Path], Path], why: str, advice: str
) -> None:
    path = make(tmp_path)
    # To look at the file first gives the same answer as to read it.
    for look in (read, inspect_file):
        with pytest.raises(ReadError, match=why) as caught:
            look(path)
        assert advice in caught.value.hint
        assert not [word for word in _FOREIGN if word in str(caught.value).lower()]


def test_a_workbook_of_several_sheets_says_how_all_of_them_are_read_at_once(tmp_path: Path) -> None:
    path = several_sheets(tmp_path)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.hint.startswith("Pass --layer: 一, 二. ")
    assert f"`shuangbei inspect {path} --out mapping.toml`" in caught.value.hint
    assert "[[sheet]]" in caught.value.hint
    with pytest.raises(ReadError) as caught:
        read(several_layers(tmp_path))
    assert "inspect" not in caught.value.hint


def test_the_layers_are_listed_where_none_or_a_wrong_one_is_named(tmp_path: Path) -> None:
    path = several_layers(tmp_path)
    for layer in (None, "third"):
        with pytest.raises(ReadError) as caught:
            read(path, layer=layer)
        assert "parcels, second" in caught.value.hint
    assert len(read(path, layer="second").rows) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = gpkg(tmp_path, parcels())
    path.chmod(0)
    with pytest.raises(ReadError, match="cannot be read"):
        read(path)


def test_a_layer_without_a_datum_has_none(tmp_path: Path) -> None:
    bare = gpd.GeoDataFrame(parcels().drop(columns="geometry"), geometry=[square(i) for i in range(3)])
    with pytest.warns(UserWarning, match="crs"):
        path = gpkg(tmp_path, bare)
    assert read(path).datum is None


def test_an_outline_of_200000_points_in_a_csv_is_read(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    ring = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 1000)
    path = tmp_path / "a.csv"
    path.write_text(f'n,wkt\n1,"{ring.wkt}"\n', encoding="utf-8")
    found = read(path).geometry
    assert found is not None
    assert shapely.get_num_coordinates(found[0]) == 200_001


def test_a_geojson_with_broken_rings_and_nested_values_gives_rows_without_shapes(tmp_path: Path) -> None:
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}
    feature = {"type": "Feature", "properties": {"a": ["x", "y"], "b": {"c": 1}}, "geometry": ring}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    found = read(path)
    assert found.geometry is not None
    assert np.equal(found.geometry, None).all()

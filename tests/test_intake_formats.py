"""Formats: drawings, OpenStreetMap, archives, curves and heights, workbooks that mean harm."""

from __future__ import annotations

import sqlite3
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from intake_files import current, gpkg, mapping, parcels, square
from odd_files import OSM, control_plan, corners, drawing, parts, polyline, shapefile, text, zipped

from geo.database import Database
from geo.errors import CrsError, IntakeError, ReadError
from geo.intake import archives, load
from geo.intake.read import read

DRAWING = """
kind = "parcels"
crs = "EPSG:4549"
[source]
name = "a drawing"
[columns]
parcel_code = "Text:编号"
land_use = { column = "Text:性质", table = "shanghai_kg" }
[where]
Layer = ["地块"]
"""


def test_a_control_plan_drawing_gives_parcels_with_the_codes_inside_them(db: Database, tmp_path: Path) -> None:
    path, plan = control_plan(tmp_path / "控规.dxf"), mapping(tmp_path, DRAWING)
    with pytest.raises(IntakeError) as caught:
        load(db, path, kind="parcels", mapping=plan)
    # An outline that nobody closed encloses no code: one fault, for to close it is what is to do.
    assert [(f.row, f.rule, f.value) for f in caught.value.faults] == [(4, "open_outline", "open by 100 m")]
    report = load(db, path, kind="parcels", mapping=plan, accept_valid=True)
    assert (report.counts["added"], report.n_skipped, report.n_rejected) == (3, 1, 1)
    found = current(db)
    assert found["parcel_code"].tolist() == ["A1-01", "A1-02", "A1-03"]
    assert found["land_use"].tolist() == ["C8"] * 3
    assert [shapely.from_wkt(wkt).area for wkt in found["wkt"]] == [10_000.0] * 3


def test_an_outline_that_nobody_closed_is_known_by_the_code_inside_it(db: Database, tmp_path: Path) -> None:
    x, y = corners(0)[0]
    inside = text("编号", (x + 50, y + 60), "A1-01"), text("性质", (x + 50, y + 40), "C8")
    path = drawing(tmp_path / "a.dxf", polyline("地块", corners(0), closed=False), *inside)
    with pytest.raises(IntakeError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path, DRAWING))
    assert [(f.key, f.rule) for f in caught.value.faults] == [("A1-01", "open_outline")]
    assert read(path).frame[["Text:编号", "Text:性质"]].to_numpy().tolist() == [["A1-01", "C8"]]


def test_a_road_is_not_called_by_what_stands_beside_it(tmp_path: Path) -> None:
    x, y = corners(0)[0]
    bend = polyline("道路", [(x, y), (x + 300, y), (x + 400, y + 200)], closed=False)
    found = read(drawing(tmp_path / "a.dxf", bend, text("编号", (x + 250, y + 20), "A1-01")))
    assert found.frame["Text:编号"].tolist() == [None]


def test_a_closed_outline_without_a_code_is_still_told(db: Database, tmp_path: Path) -> None:
    open_one = polyline("地块", corners(1), closed=False)
    label = text("编号", (0, 0), "elsewhere"), text("性质", (0, 0), "C8")
    path = drawing(tmp_path / "a.dxf", polyline("地块", corners(0)), open_one, *label)
    with pytest.raises(IntakeError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path, DRAWING))
    assert [(f.row, f.rule) for f in caught.value.faults] == [(1, "required"), (2, "open_outline")]


def test_a_drawing_has_no_datum_and_says_so(db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path, DRAWING.replace('crs = "EPSG:4549"\n', ""))
    with pytest.raises(CrsError, match="does not say which datum") as caught:
        load(db, control_plan(tmp_path / "a.dxf"), kind="parcels", mapping=plan)
    assert "--crs" in caught.value.hint


@pytest.mark.parametrize(
    ("encoding", "code_page"), [("gb18030", "ANSI_936"), ("gb18030", None), ("utf-8", None), ("utf-8", "ANSI_1252")]
)
def test_a_drawings_chinese_is_read_whatever_code_page_it_names(
    tmp_path: Path, encoding: str, code_page: str | None
) -> None:
    x, y = corners(0)[0]
    entities = polyline("地块", corners(0)), text("编号", (x + 1, y + 1), "甲-1")
    found = read(drawing(tmp_path / "a.dxf", *entities, encoding=encoding, code_page=code_page))
    assert found.frame["Layer"].tolist() == ["地块"]
    assert found.frame["Text:编号"].tolist() == ["甲-1"]


def test_two_codes_inside_one_outline_are_told_and_not_chosen_between(db: Database, tmp_path: Path) -> None:
    x, y = corners(0)[0]
    two = text("编号", (x + 10, y + 10), "A"), text("编号", (x + 20, y + 20), "B")
    plan = mapping(tmp_path, 'kind = "parcels"\ncrs = "EPSG:4549"\n[columns]\nparcel_code = "Text:编号"\n')
    with pytest.raises(IntakeError) as caught:
        load(db, drawing(tmp_path / "a.dxf", polyline("地块", corners(0)), *two), kind="parcels", mapping=plan)
    assert [(f.row, f.field, f.rule, f.value) for f in caught.value.faults] == [
        (1, "parcel_code", "several_texts", "A; B")
    ]


def test_a_text_beside_its_outline_is_the_nearest_and_not_inside(tmp_path: Path) -> None:
    x, y = corners(0)[0]
    found = read(drawing(tmp_path / "a.dxf", polyline("地块", corners(0)), text("编号", (x - 5, y), "A")))
    assert found.frame["Text"].tolist() == [None]
    assert found.frame["NearestText"].tolist() == ["A"]


def test_arcs_of_a_drawing_are_drawn_as_chords_that_keep_the_area(tmp_path: Path) -> None:
    x, y = corners(0)[0]
    disc = polyline("地块", [(x, y), (x + 100, y)], bulge=1.0)
    shape = read(drawing(tmp_path / "a.dxf", disc)).geometry
    assert shape is not None
    assert shape[0].area == pytest.approx(np.pi * 50**2, rel=0.002)


def test_an_openstreetmap_extract_gives_roads_rails_and_water_as_barriers(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "虹口.osm"
    path.write_text(OSM, encoding="utf-8")
    report = load(db, path, kind="barriers", mapping="osm-barriers")
    assert (report.counts["added"], report.n_skipped) == (4, 2)
    found = current(db, "barriers", "barrier_code").set_index("barrier_code")
    assert found["barrier_class"].to_dict() == {
        "osm-way/10": "arterial",
        "osm-way/12": "river",
        "osm-way/13": "rail",
        "osm-way/14": "river",
    }
    assert found.loc["osm-way/10", "name"] == "四平路"
    assert found.loc["osm-way/12", "wkt"].startswith("MULTIPOLYGON")


def test_one_layer_of_an_extract_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_text(OSM, encoding="utf-8")
    assert read(path, layer="multipolygons").frame["feature"].tolist() == ["natural=water"]


def test_an_archive_with_several_shapefiles_asks_for_one_and_reads_it_from_its_folder(tmp_path: Path) -> None:
    one, two = shapefile(tmp_path / "x", "地块"), shapefile(tmp_path / "y", "建筑")
    path = zipped(tmp_path / "a.zip", parts(one, "成果/图/") | parts(two, "成果/") | {"__MACOSX/._地块.shp": b"x"})
    with pytest.raises(ReadError) as caught:
        read(path)
    assert "地块, 建筑" in caught.value.hint
    assert read(path, layer="地块").frame["地块名"].tolist() == ["地块0", "地块1", "地块2"]


def test_an_archive_whose_names_are_gbk_is_read(tmp_path: Path) -> None:
    gbk = {name.encode("gbk").decode("cp437"): part for name, part in parts(shapefile(tmp_path), "", "地块").items()}
    path = zipped(tmp_path / "a.zip", gbk)
    path.write_bytes(path.read_bytes().replace("地块".encode("gbk").decode("cp437").encode(), "地块".encode("gbk")))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name, part in gbk.items():
            archive.writestr(_Gbk(name), Path(str(part)).read_bytes())
    assert read(tmp_path / "b.zip").layer == "地块"


class _Gbk(zipfile.ZipInfo):
    """A member whose name is written in CP437 without the mark for UTF-8, as zip programs of old Windows do."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 (zipfile's own name)
        return self.filename.encode("cp437"), self.flag_bits


def link(folder: Path) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("a.shp")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return path


def bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as stream:
        for _ in range(100):
            stream.write(bytes(1 << 20))
    return folder / "a.zip"


def encrypted(folder: Path) -> Path:
    path = zipped(folder / "a.zip", {"a.shp": b"x"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    return path


def lying(folder: Path) -> Path:
    """An archive whose directory says that 8 bytes come out, where 8 MB do."""
    path = zipped(folder / "a.zip", {"a.shp": bytes(8 << 20)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 8 << 20), struct.pack("<I", 8)))
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: zipped(folder / "a.zip", {"../a.shp": b"x"}), "leads out of it"),
        (lambda folder: zipped(folder / "a.zip", {"a/../../b.shp": b"x"}), "leads out of it"),
        (lambda folder: zipped(folder / "a.zip", {"/etc/a.shp": b"x"}), "leads out of it"),
        (lambda folder: zipped(folder / "a.zip", {"C:\\a.shp": b"x"}), "leads out of it"),
        (lambda folder: zipped(folder / "a.zip", {"..\\a.shp": b"x"}), "leads out of it"),
        (lambda folder: zipped(folder / "a.zip", {"b.zip": b"PK\x03\x04"}), "another archive"),
        (link, "holds a link"),
        (bomb, "zip bomb"),
        (encrypted, "is encrypted"),
        (lying, "or is broken"),
    ],
)
def test_an_archive_that_means_harm_is_one_clear_error(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    before = set(tmp_path.parent.glob("*"))
    path = make(tmp_path)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert said in caught.value.message
    assert caught.value.hint
    assert set(tmp_path.parent.glob("*")) == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("read_here")
def test_an_archive_of_too_many_or_too_large_members_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", {f"{i}.shp": b"1234" for i in range(10)})
    monkeypatch.setattr(archives, "SHAPEFILE_BYTES", 39)
    with pytest.raises(ReadError, match="would unpack to"):
        read(path)
    monkeypatch.setattr(archives, "MEMBERS", 9)
    with pytest.raises(ReadError, match="holds 10 files"):
        read(path)


def cells(path: Path, **written: object) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for address, value in written.items():
        sheet[address] = value
    book.save(path)
    return path


def test_a_cell_at_the_far_end_of_a_sheet_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="spans 1048576 rows and 16384 columns"):
        read(cells(tmp_path / "a.xlsx", A1="n", XFD1048576=1))


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.xlsx", A1="n", A2=1)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w") as stream:
        for _ in range(100):
            stream.write(bytes(1 << 20))
    with pytest.raises(ReadError, match="zip bomb"):
        read(path)


def test_formulas_and_links_to_other_workbooks_are_never_worked_out(tmp_path: Path) -> None:
    path = cells(tmp_path / "a.xlsx", A1="n", B1="m", A2="=1+1", B2="='http://127.0.0.1:1/[b.xlsx]S'!A1", A3="x")
    found = read(path).frame
    assert found["n"].tolist() == ["x"]
    assert found["m"].isna().all()


def test_heights_are_let_go(db: Database, tmp_path: Path) -> None:
    frame = parcels(2, geometry=[shapely.force_3d(square(i), 4.5) for i in range(2)])
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path))
    assert [shapely.from_wkt(wkt).has_z for wkt in current(db)["wkt"]] == [False, False]


def curved(folder: Path) -> Path:
    """A GeoPackage whose one outline is a disc of two arcs, which no library of ours writes."""
    path = gpkg(folder, parcels(1))
    x, y = corners(0)[0]
    ring = struct.pack("<BII", 1, 8, 5)
    for px, py in ((x, y), (x + 50, y + 50), (x + 100, y), (x + 50, y - 50), (x, y)):
        ring += struct.pack("<dd", px, py)
    wkb = struct.pack("<BII", 1, 10, 1) + ring
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{name}"')
        blob = b"GP\x00\x01" + struct.pack("<i", 4549) + wkb
        base.execute("update parcels set geom = ?", (blob,))
        base.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
    base.close()
    return path


def test_arcs_are_drawn_as_chords_with_a_warning(db: Database, tmp_path: Path) -> None:
    report = load(db, curved(tmp_path), kind="parcels", mapping=mapping(tmp_path))
    told = [(f.row, f.rule, f.severity) for f in report.faults if f.field == "geometry"]
    assert told == [(None, "curves_linearised", "warning")]
    assert shapely.from_wkt(current(db)["wkt"][0]).area == pytest.approx(np.pi * 50**2, rel=0.002)


def test_an_outline_of_a_million_points_is_read_and_one_that_crosses_itself_everywhere_is_refused(
    db: Database, tmp_path: Path
) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    x, y = corners(0)[0]
    round_one = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 100 + (x, y))
    wild = shapely.Polygon(np.random.default_rng(1).uniform(0, 100, (100_000, 2)) + np.array([x + 1000, y]))
    frame = gpd.GeoDataFrame(parcels(2).drop(columns="geometry"), geometry=[round_one, wild], crs="EPSG:4549")
    report = load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path), accept_valid=True)
    assert [(f.row, f.rule) for f in report.faults if f.severity == "error"] == [(2, "invalid_geometry")]
    assert report.counts["added"] == 1


def test_headings_that_a_shapefile_cuts_at_ten_bytes_are_found_by_their_beginning(db: Database, tmp_path: Path) -> None:
    frame = parcels(1)[["DKBH", "geometry"]].assign(registered_area_m2=9_900.0, 计容建筑面积=20_000.0)
    frame = frame.rename(columns={"DKBH": "parcel_code"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are cut, which is what is wanted here
        frame.to_file(tmp_path / "a.shp", engine="pyogrio", encoding="GB18030")
    (tmp_path / "a.cpg").unlink()
    assert {"parcel_cod", "registered"} <= set(read(tmp_path / "a.shp").columns)
    load(db, tmp_path / "a.shp", kind="parcels")
    assert current(db)[["registered_area_m2", "countable_gfa_m2"]].iloc[0].tolist() == [9_900.0, 20_000.0]


def spreadsheet(folder: Path, table: str) -> Path:
    spaces = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = f"<office:document-content{spaces}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="S">{table}</table:table></office:spreadsheet></office:body></office:document-content>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped(folder / "a.ods", {"mimetype": kind, "content.xml": content.encode()})


def test_an_ods_that_says_that_a_full_row_stands_there_a_million_times_is_refused(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
    row = "<table:table-row{}>{}</table:table-row>"
    rows = row.format(' table:number-rows-repeated="900000000"', cell.format(""))
    with pytest.raises(ReadError, match="900000000 times"):
        read(spreadsheet(tmp_path, rows))
    empty = row.format(
        ' table:number-rows-repeated="1048000"', '<table:table-cell table:number-columns-repeated="16384"/>'
    )
    assert check_only(spreadsheet(tmp_path, row.format("", cell.format("")) + empty))


def check_only(path: Path) -> bool:
    archives.check_workbook(path)
    return True


def test_a_table_of_a_hundred_thousand_columns_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(f"c{i}" for i in range(100_000)) + "\n", encoding="utf-8")
    with pytest.raises(ReadError, match="100000 columns"):
        read(tmp_path / "a.csv")


def test_shapes_that_stand_in_one_another_without_end_are_never_handed_to_a_reader(tmp_path: Path) -> None:
    depth = 200_000
    deep = "GEOMETRYCOLLECTION(" * depth + "POINT(1 1)" + ")" * depth
    (tmp_path / "a.csv").write_text(f'n,wkt\n1,"{deep}"\n', encoding="utf-8")
    assert read(tmp_path / "a.csv").unreadable.tolist() == [True]
    frame = parcels(1)
    frame.to_parquet(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    wkb = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * depth + shapely.to_wkb(shapely.Point(1, 1))
    place = table.schema.get_field_index("geometry")
    nested = table.set_column(place, table.schema.field("geometry"), [pa.array([wkb], pa.binary())])
    pq.write_table(nested, tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="in one another"):
        read(tmp_path / "a.parquet")

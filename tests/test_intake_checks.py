"""Rows: what is wrong with them is told with row, code, field, value and rule, all at once, and nothing is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from intake_files import EAST, MAPPING, NORTH, current, gpkg, mapping, parcels, square, table, written

from geo.database import Database
from geo.errors import CrsError, IntakeError, MappingError, ReadError
from geo.fields import Fault
from geo.intake import load


def faults(db: Database, folder: Path, frame: gpd.GeoDataFrame, text: str = MAPPING) -> tuple[Fault, ...]:
    """The faults for which a file of parcels is refused; nothing was written."""
    with pytest.raises(IntakeError) as caught:
        load(db, gpkg(folder, frame), kind="parcels", mapping=mapping(folder, text))
    assert written(db) == 0
    return caught.value.faults


def brief(found: tuple[Fault, ...]) -> list[tuple[Any, ...]]:
    return [(f.row, f.key, f.field, f.value, f.rule) for f in found]


def test_a_sound_file_is_stored_in_our_units_with_its_uses_taken_apart(db: Database, tmp_path: Path) -> None:
    report = load(db, gpkg(tmp_path, parcels(YDXZ=["C2C8", "C8", None])), kind="parcels", mapping=mapping(tmp_path))
    assert report.counts == {"added": 3, "changed": 0, "same": 0, "gone": 0}
    assert not report.faults
    stored = current(db)
    assert stored["registered_area_m2"].tolist() == pytest.approx([10_000.0] * 3)
    assert stored["measured_area_m2"].tolist() == pytest.approx([10_000.0] * 3)
    assert stored["name"].tolist() == ["地块0", "地块1", "地块2"]
    assert [(p["code"], p["share"]) for p in stored["land_use_parts"][0]] == [("C2", None), ("C8", None)]
    assert [(p["table"], p["share"]) for p in stored["land_use_parts"][1]] == [("shanghai_kg", 1.0)]
    assert stored["land_use"][2] is None
    assert stored["land_use_parts"][2] is None
    assert shapely.from_wkt(stored["wkt"][1]).geom_type == "MultiPolygon"
    assert shapely.from_wkt(stored["wkt"][1]).equals(square(1))
    assert stored["source"].unique().tolist() == ["a test"]


def test_every_fault_of_a_file_is_told_at_once(db: Database, tmp_path: Path) -> None:
    frame = parcels(
        7,
        DKBH=["A", None, "C", "D", "A", "演示-6", "G"],
        YDXZ=["C8", "C8", "Z99", "C8", "C8", "C8", "C8"],
        YDMJ=["15", "15", "≤2.5", "—", "0", "15", "15"],
        JZMJ=["1,000.5", "1", "1", "1", "-1", "1", "600000"],
        JCNF=[1998, 1998, 1998, 1998.5, 0, 1998, 2999],
    )
    found = faults(db, tmp_path, frame)
    assert set(brief(found)) == {
        (1, "A", "parcel_code", "A", "duplicate_key"),
        (2, None, "parcel_code", None, "required"),
        (3, "C", "land_use", "Z99", "unknown_code"),
        (3, "C", "registered_area_m2", "≤2.5", "limit_not_value"),
        (4, "D", "year_built", "1998.5", "not_a_integer"),
        (5, "A", "parcel_code", "A", "duplicate_key"),
        (5, "A", "registered_area_m2", "0", "below_limit"),
        (5, "A", "gfa_m2", "-1", "below_limit"),
        (5, "A", "year_built", "0", "below_limit"),
        (6, "演示-6", "parcel_code", "演示-6", "synthetic_code"),
        (7, "G", "gfa_m2", "600000", "far_impossible"),
        (7, "G", "year_built", "2999", "future_date"),
        # Most floor areas are 1 m² on a hectare, which 万㎡ would explain.
        (None, None, "gfa_m2", "JZMJ: m2", "unit_suspicious"),
    }
    assert all(f.advice for f in found)
    assert {f.rule for f in found if f.severity == "warning"} == {"unit_suspicious"}


def bow_tie(size: float) -> shapely.Polygon:
    """A square of 100 m with a loop of ``size`` metres at a corner that turns the other way round."""
    x, y = EAST, NORTH
    return shapely.Polygon(
        [(x, y), (x + 100, y), (x + 100, y + 100), (x - size, y + 100), (x - size, y + 100 + size), (x, y + 100 + size)]
    )


def endless(coordinate: str) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(f"POLYGON (({EAST} {NORTH}, {EAST} {coordinate}, {EAST + 1} {NORTH}, {EAST} {NORTH}))")


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        (None, "geometry_missing"),
        (shapely.Polygon(), "geometry_empty"),
        (shapely.Point(EAST, NORTH), "wrong_geometry"),
        (shapely.LineString([(EAST, NORTH), (EAST + 1, NORTH)]), "open_outline"),
        (bow_tie(60), "invalid_geometry"),
        (shapely.Polygon([(EAST, NORTH), (EAST + 100, NORTH), (EAST + 50, NORTH), (EAST, NORTH)]), "invalid_geometry"),
        (endless("inf"), "not_finite"),
        (endless("nan"), "not_finite"),
    ],
)
def test_an_outline_that_is_none_is_an_error(db: Database, tmp_path: Path, shape: Any, rule: str) -> None:
    frame = parcels(2, geometry=[square(3), square(4)])
    path = tmp_path / "a.parquet"
    frame.geometry = gpd.GeoSeries([square(3), shape], crs=4549)
    frame.to_parquet(path)
    with pytest.raises(IntakeError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path))
    assert [(f.row, f.key, f.field, f.rule) for f in caught.value.faults] == [(2, "HK-01", "geometry", rule)]


def test_an_outline_that_is_mended_without_change_of_area_is_a_warning(db: Database, tmp_path: Path) -> None:
    frame = parcels(1, geometry=[bow_tie(0.5)])
    report = load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path))
    assert [(f.rule, f.severity) for f in report.faults] == [("repaired", "warning")]
    assert shapely.from_wkt(current(db)["wkt"][0]).is_valid
    assert current(db)["measured_area_m2"][0] == pytest.approx(10_000, abs=10)


def test_lines_and_points_in_a_collection_are_dropped_with_a_warning(db: Database, tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([square(0), shapely.Point(EAST, NORTH), shapely.MultiPolygon([square(2)])])
    path = tmp_path / "a.parquet"
    parcels(1, geometry=[mixed], JZMJ=[1.0], YDMJ=[30.0]).to_parquet(path)
    report = load(db, path, kind="parcels", mapping=mapping(tmp_path))
    assert [(f.rule, f.severity) for f in report.faults] == [("pieces_dropped", "warning")]
    assert current(db)["measured_area_m2"][0] == pytest.approx(20_000)


def test_three_dimensional_outlines_are_flattened(db: Database, tmp_path: Path) -> None:
    load(
        db,
        gpkg(tmp_path, parcels(1, geometry=[shapely.force_3d(square(0), 5.0)])),
        kind="parcels",
        mapping=mapping(tmp_path),
    )
    assert table(db, "SELECT ST_NDims(geom) FROM registry.parcels").iat[0, 0] == 2


def test_a_file_without_a_datum_is_refused_until_one_is_passed(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'DKBH,wkt\nA,"{square(0).wkt}"\n', encoding="utf-8")
    plain = mapping(tmp_path, 'kind = "parcels"\n[columns]\nparcel_code = "DKBH"\n')
    with pytest.raises(CrsError) as caught:
        load(db, path, kind="parcels", mapping=plain)
    assert "--crs" in caught.value.hint
    assert written(db) == 0
    assert load(db, path, kind="parcels", mapping=plain, crs="EPSG:4549").crs == "EPSG:4549"


def test_the_datum_that_is_passed_wins_over_the_mapping_and_that_over_the_file(db: Database, tmp_path: Path) -> None:
    # 121.4876 E 31.2565 N is where GCJ-02 lies some 450 m off WGS84.
    spot = shapely.Point(121.4876, 31.2565).buffer(0.001)
    path = gpkg(tmp_path, parcels(1, geometry=[spot], JZMJ=[1.0]).set_crs(4326, allow_override=True))
    shifted = mapping(tmp_path, 'crs = "GCJ-02"\n' + MAPPING)
    assert load(db, path, kind="parcels", mapping=shifted).crs == "GCJ-02"
    off = shapely.from_wkt(current(db)["wkt"][0])
    assert load(db, path, kind="parcels", mapping=shifted, crs="EPSG:4326", trust_crs=True).crs == "EPSG:4326"
    here = shapely.from_wkt(current(db)["wkt"][0])
    assert 400 < off.centroid.distance(here.centroid) < 600


def test_coordinates_that_cannot_be_in_their_datum_are_told(db: Database, tmp_path: Path) -> None:
    metres = parcels(1).set_crs(4326, allow_override=True)
    assert [f.rule for f in faults(db, tmp_path, metres)] == ["outside_datum"]


def test_a_column_that_the_file_does_not_have_is_one_error_that_lists_those_it_has(
    db: Database, tmp_path: Path
) -> None:
    with pytest.raises(MappingError) as caught:
        load(db, gpkg(tmp_path, parcels().drop(columns="YDMJ")), kind="parcels", mapping=mapping(tmp_path))
    assert "'YDMJ'" in caught.value.message
    assert "DKBH, DKMC" in caught.value.hint
    assert written(db) == 0


def test_a_kind_with_shapes_refuses_a_table_without(db: Database, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("地块编号\nA\n", encoding="utf-8")
    with pytest.raises(ReadError, match="has no shapes"):
        load(db, tmp_path / "a.csv", kind="parcels")


def test_made_up_rows_are_marked_and_must_have_made_up_codes(db: Database, tmp_path: Path) -> None:
    invented = MAPPING.replace("[columns]", "synthetic = true\n[columns]")
    assert [f.rule for f in faults(db, tmp_path, parcels(2, DKBH=["演示-1", "2"]), invented)] == ["synthetic_code"]
    report = load(
        db, gpkg(tmp_path, parcels(2, DKBH=["演示-1", "演示-2"])), kind="parcels", mapping=mapping(tmp_path, invented)
    )
    assert report.synthetic
    assert current(db)["synthetic"].all()


def test_rows_that_the_mapping_leaves_out_are_counted(db: Database, tmp_path: Path) -> None:
    text = MAPPING.replace(
        '"DKMC"', '{ column = "DKMC", values = { "地块0" = "甲", "地块1" = "乙" }, otherwise = "skip" }'
    )
    text += '[where]\nYDXZ = ["C8"]\n'
    report = load(
        db, gpkg(tmp_path, parcels(4, YDXZ=["C8", "C2", "C8", "C8"])), kind="parcels", mapping=mapping(tmp_path, text)
    )
    assert (report.n_rows, report.n_skipped, report.counts["added"]) == (4, 3, 1)
    assert current(db)["name"].tolist() == ["甲"]


def test_a_value_that_the_mapping_does_not_translate_is_an_error(db: Database, tmp_path: Path) -> None:
    text = MAPPING.replace('"DKMC"', '{ column = "DKMC", values = { "地块0" = "甲" } }')
    assert brief(faults(db, tmp_path, parcels(2), text)) == [(2, "HK-01", "name", "地块1", "unmapped_value")]


def test_a_value_that_means_not_known_is_missing(db: Database, tmp_path: Path) -> None:
    text = MAPPING.replace('"JCNF"', '{ column = "JCNF", missing = [0, 9999] }')
    load(db, gpkg(tmp_path, parcels(3, JCNF=[0, 9999, 1998])), kind="parcels", mapping=mapping(tmp_path, text))
    assert current(db)["year_built"].tolist() == [None, None, 1998]


def test_points_with_row_numbers_constants_prefixes_and_choices_are_stored(db: Database, tmp_path: Path) -> None:
    spots = gpd.GeoDataFrame(
        {"名": ["甲", "乙"]}, geometry=[shapely.MultiPoint([(121.48, 31.25)]), shapely.Point(121.49, 31.26)], crs=4326
    )
    text = (
        'kind = "services"\n[columns]\nservice_code = { row_number = "bus-" }\n'
        'name = "名"\ncategory = { constant = "公交站" }\n'
    )
    report = load(db, gpkg(tmp_path, spots), kind="services", mapping=mapping(tmp_path, text))
    stored = current(db, "services", "service_code")
    assert report.counts["added"] == 2
    assert stored["service_code"].tolist() == ["bus-1", "bus-2"]
    assert stored["category"].unique().tolist() == ["公交站"]


def test_a_workbook_of_buildings_is_read_with_dates_choices_and_warnings_of_unknown_parcels(
    db: Database, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼栋编号", "地块编号", "建设状态", "地上建筑面积", "地下建筑面积", "竣工日期", "产权类型"])
    sheet.append(["B1", "HK-00", "现状", 100.5, 20, date(2001, 5, 6), "国企"])
    sheet.append(["B2", "HK-99", "standing", "1,000", None, "2001年5月6日", "—"])
    book.save(tmp_path / "楼栋.xlsx")
    report = load(db, tmp_path / "楼栋.xlsx", kind="buildings")
    assert [(f.row, f.field, f.rule, f.severity) for f in report.faults] == [
        (1, "parcel_code", "unknown_reference", "warning"),
        (2, "parcel_code", "unknown_reference", "warning"),
    ]
    stored = current(db, "buildings", "building_code")
    assert stored["state"].tolist() == ["standing", "standing"]
    assert stored["gfa_m2"].tolist() == [120.5, None]
    assert stored["completed_on"].tolist() == [date(2001, 5, 6)] * 2
    assert stored["owner_kind"].tolist() == ["state_owned", None]


def test_a_code_that_a_spreadsheet_made_a_date_of_is_told(db: Database, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["楼栋编号", "地块编号", "建设状态", "竣工日期"], ["B1", date(2025, 3, 12), "现状", date(2999, 1, 1)]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(IntakeError) as caught:
        load(db, tmp_path / "a.xlsx", kind="buildings")
    assert brief(caught.value.faults) == [
        (1, "B1", "parcel_code", "2025-03-12", "date_in_text"),
        (1, "B1", "completed_on", "2999-01-01", "future_date"),
    ]


def test_shares_of_one_parcel_that_sum_to_more_than_all_of_it_are_told(db: Database, tmp_path: Path) -> None:
    lines = ["载体编号,占用对象,对象编号,份额", "Z1,地块,P1,0.7", "Z2,地块,P1,0.4", "Z3,建筑,P1,0.4", "Z4,地块,P1,"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="gb18030")
    with pytest.raises(IntakeError) as caught:
        load(db, tmp_path / "a.csv", kind="carrier_shares")
    errors = [f for f in caught.value.faults if f.severity == "error"]
    assert [(f.row, f.key, f.rule) for f in errors] == [
        (1, "Z1/parcel/P1", "shares_over_one"),
        (2, "Z2/parcel/P1", "shares_over_one"),
    ]

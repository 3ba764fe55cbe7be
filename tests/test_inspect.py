"""A look at a file: what is unmistakable is guessed rightly and imports as it is, what is not is left blank."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from intake_files import EAST, NORTH, current, gpkg, mapping
from typer.testing import CliRunner

from api.cli import app
from geo.database import Database
from geo.errors import MappingError, ShuangbeiError
from geo.fields import kind_named
from geo.intake import load
from geo.intake.draft import draft_mapping
from geo.intake.guesses import Guess
from geo.intake.inspecting import Inspection, inspect_file
from geo.intake.mapping import read_mapping

#: field lists of four layers of a working city land platform (names are facts); a trailing # marks a column of numbers
PLAN = """bsm# ysbm ysmc xzqdm pqbh dybh jfbh xmbh xmlsh xmmc dkbh bh fyhbh yddm ydxz ydflbs ydmj# zjzmj# rjl# ldl# jzmd#
jzxg# jztr# ggtcw# ptss crkfx rksj pjcw sfygtz cssj dxkj# ydjrx jzrk# jzhs# sstz bzxx pzsj"""
PLOTS_2018 = """dkbh ydxz jrblsx# ydmj# rjlsx# jzmdsx# jzgdsx# ldlsx# gyxfwssptd gyxfwsspt dxkjjzmjsx# jdctcwsx# jzrksx# bz xmbh
xmmc xmid# rksj jrblxx# jzrkxx# rjlxx# jzmdxx# dxkjjzmjxx# jdctcwxx# ldlxx# jzgdxx#"""
SURVEY_2018 = """mbbsm# ysdm xzdm xzmc dcqbh dcdybh zdbh# mj# zdspsxlx cqr tdzbh tddjsj djmj# syqlx djyt pzwh pzsj pzyt pzmj#
xztdsyr ydsj cfwh xzdl xzyt qsxz cylx rjl# jzmd# djgdzctz# djrksj# hjzk jcssptsp sfdx sfsd sfchtd zkfssnf# bz yd# ys# spba"""
SURVEY_2020 = SURVEY_2018.replace("#", "") + " xmmc xzytcode tsmj qxdm"
CADASTRE = """smuserid# smarea# smperimeter# bsm# ysbm xzqdm xzqy slbh xmbh dwmc ydwz yddm ydxz djth ydmj# jydmj# jsgm jzyt jzxg
dlfd# lhd# jzmj# zsbh fzsj ftfj bzxx sfzf sfys yjc mjdw yxg hczwt xxzxbz xmmc"""
N = 24
SHANGHAI = {"C8": "商务办公用地", "C65": "科研设计用地", "M4": "工业研发用地", "G1": "公共绿地"}


def drawn() -> tuple[list[shapely.Polygon], np.ndarray]:
    """24 oblongs of unlike size and their areas in m²."""
    size = [(60 + 5 * i, 80 + 3 * i) for i in range(N)]
    shapes = [shapely.box(EAST + 300 * i, NORTH, EAST + 300 * i + w, NORTH + h) for i, (w, h) in enumerate(size)]
    return shapes, np.array([w * h for w, h in size], dtype=float)


def layer(fields: str, **cells: Any) -> gpd.GeoDataFrame:
    """A layer with those fields; what ``cells`` does not fill says nothing of itself."""
    text = {name.rstrip("#"): [1.0] * N if name.endswith("#") else ["甲"] * N for name in fields.split()}
    assert set(cells) <= set(text)
    return gpd.GeoDataFrame(text | {k: list(v) for k, v in cells.items()}, geometry=drawn()[0], crs="EPSG:4549")


AREAS = drawn()[1]
CODES = [list(SHANGHAI)[i % 4] for i in range(N)]
NAMES = [SHANGHAI[code] for code in CODES]
NUMBERS = [f"HK01-{i:02d}" for i in range(N)]
FARS = [2.5, 3.0, 1.2, 0.8] * 6

plan = layer(
    PLAN, bsm=range(N), dkbh=NUMBERS, yddm=CODES, ydxz=NAMES, ydmj=AREAS * 15 / 1e4, zjzmj=AREAS * 2.2, rjl=FARS
)
plots_2018 = layer(
    PLOTS_2018, dkbh=NUMBERS, ydxz=["0802", "0701"] * 12, ydmj=np.round(AREAS / 1e4, 4), rjlsx=FARS, rjlxx=[0.5] * N
)
survey_2018 = layer(
    SURVEY_2018,
    mbbsm=range(N),
    zdbh=range(3301, 3301 + N),
    djmj=np.round(AREAS * 0.99, 1),
    mj=AREAS / 1e4,
    pzmj=AREAS * 0.7,
    djyt=NAMES,
    pzyt=NAMES,
    xzyt=NAMES,
    rjl=FARS,
)
survey_2020 = layer(
    SURVEY_2020,
    zdbh=map(str, range(3301, 3301 + N)),
    djmj=[f"{a:.2f}" for a in AREAS],
    mj=[f"{a:.2f}" for a in AREAS],
    xzyt=NAMES,
    rjl=map(str, FARS),
)
cadastre = layer(
    CADASTRE,
    bsm=range(N),
    yddm=CODES,
    ydxz=NAMES,
    ydmj=AREAS,
    jydmj=AREAS * 0.97,
    jzmj=AREAS * 2,
    ydwz=["东大名路"] * N,
)


def look(folder: Path, frame: gpd.GeoDataFrame, kind: str | None = "parcels", **options: Any) -> Inspection:
    return inspect_file(gpkg(folder, frame), kind=kind, **options)


def guesses(seen: Inspection) -> dict[str, Guess]:
    return {guess.target: guess for guess in seen.guesses}


def sure(seen: Inspection) -> dict[str, tuple[str, str | None]]:
    """What the draft fills in: our column → theirs, and the unit or table."""
    return {g.target: (g.column, g.unit or g.table) for g in seen.guesses if g.sure}


def without_blanks(text: str) -> str:
    """A draft as somebody leaves it who deletes every line that is blank."""
    return "\n".join(line for line in text.splitlines() if '= ""' not in line)


def test_a_control_plan_is_read_rightly_and_its_draft_imports_unedited(db: Database, tmp_path: Path) -> None:
    seen = look(tmp_path, plan, kind=None)
    assert (seen.kind, seen.kind_confidence >= 0.8) == ("parcels", True)
    found = sure(seen)
    assert found["parcel_code"] == ("dkbh", None)
    assert found["land_use"] == ("yddm", "shanghai_kg")
    assert found["registered_area_m2"] == ("ydmj", "亩")
    assert found["gfa_m2"] == ("zjzmj", "m2")
    assert found["max_far"] == ("rjl", None)
    report = load(db, tmp_path / "地块.gpkg", kind="parcels", mapping=mapping(tmp_path, draft_mapping(seen), "d.toml"))
    assert report.counts["added"] == N
    kept = current(db)
    assert list(kept["registered_area_m2"].astype(float).round(3)) == list(AREAS)
    assert list(kept["max_far"].astype(float)) == FARS


def test_codes_that_several_tables_know_leave_the_table_blank_and_the_import_says_so(
    db: Database, tmp_path: Path
) -> None:
    seen = look(tmp_path, plots_2018)
    found = sure(seen)
    assert found["parcel_code"] == ("dkbh", None)
    assert found["registered_area_m2"] == ("ydmj", "公顷")
    assert found["max_far"] == ("rjlsx", None)
    assert "land_use" not in found
    assert guesses(seen)["land_use"].column == "ydxz"
    text = draft_mapping(seen)
    assert 'land_use = { column = "ydxz", table = "" }' in text
    path = tmp_path / "地块.gpkg"
    with pytest.raises(MappingError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path, text, "d.toml"))
    assert "left blank by inspect: land_use.table (name the code table)" in caught.value.message
    mended = text.replace('table = ""', 'table = "national_2023"')
    assert load(db, path, kind="parcels", mapping=mapping(tmp_path, mended, "d.toml")).counts["added"] == N


@pytest.mark.parametrize("frame", [survey_2018, survey_2020], ids=["2018", "2020"])
def test_a_survey_of_low_efficiency_land_leaves_its_far_and_its_approved_use_blank(
    db: Database, tmp_path: Path, frame: gpd.GeoDataFrame
) -> None:
    seen = look(tmp_path, frame)
    found = sure(seen)
    assert found["parcel_code"] == ("zdbh", None)
    assert found["registered_area_m2"] == ("djmj", "m2")
    assert found["current_use"] == ("xzyt", "shanghai_kg")
    assert not {"max_far", "land_use"} & set(found)
    text = draft_mapping(seen)
    assert 'max_far = ""' in text
    path = tmp_path / "地块.gpkg"
    with pytest.raises(MappingError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path, text, "d.toml"))
    assert "max_far" in caught.value.message
    rest = mapping(tmp_path, without_blanks(text), "d.toml")
    assert load(db, path, kind="parcels", mapping=rest).counts["added"] == N


def test_a_cadastre_leaves_its_row_number_and_gross_against_net_blank(db: Database, tmp_path: Path) -> None:
    seen = look(tmp_path, cadastre)
    found = sure(seen)
    assert found["land_use"] == ("yddm", "shanghai_kg")
    assert found["gfa_m2"] == ("jzmj", "m2")
    assert found["address"] == ("ydwz", None)
    assert not {"parcel_code", "registered_area_m2"} & set(found)
    assert "ydmj or jydmj" in (guesses(seen)["registered_area_m2"].unclear or "")
    text = draft_mapping(seen)
    filled = without_blanks(text).replace("[columns]", '[columns]\nparcel_code = "bsm"\nregistered_area_m2 = "jydmj"')
    report = load(db, tmp_path / "地块.gpkg", kind="parcels", mapping=mapping(tmp_path, filled, "d.toml"))
    assert report.counts["added"] == N


@pytest.mark.parametrize("mu", ["用地面积（亩）", "DKMJ", "YDMJ_MU"])
def test_one_area_that_stands_there_in_two_units_is_taken_in_square_metres_and_the_draft_says_so(
    db: Database, tmp_path: Path, mu: str
) -> None:
    measured = AREAS + 0.37
    frame = layer("DKBH YDMJ# MU#", DKBH=NUMBERS, YDMJ=measured, MU=np.round(measured * 15 / 1e4, 2))
    frame = frame.rename(columns={"MU": mu})
    seen = look(tmp_path, frame)
    assert sure(seen)["registered_area_m2"] == ("YDMJ", "m2")
    text = draft_mapping(seen)
    line = next(line for line in text.splitlines() if line.startswith("registered_area_m2"))
    assert f"{mu} says the same in 亩" in line or mu == "YDMJ_MU"
    assert 'net_area_m2 = ""' not in text
    load(db, tmp_path / "地块.gpkg", kind="parcels", mapping=mapping(tmp_path, text, "d.toml"))
    assert list(current(db)["registered_area_m2"].astype(float)) == list(measured)


def test_two_areas_in_two_units_that_differ_are_still_left_to_a_person(tmp_path: Path) -> None:
    frame = layer("DKBH YDMJ# DKMJ#", DKBH=NUMBERS, YDMJ=AREAS, DKMJ=np.round(AREAS * 0.95 * 15 / 1e4, 2))
    seen = look(tmp_path, frame)
    assert "registered_area_m2" not in sure(seen)
    assert "YDMJ or DKMJ" in (guesses(seen)["registered_area_m2"].unclear or "")


@pytest.mark.parametrize(
    ("unit", "square_metres"), [("m2", 1.0), ("亩", 10_000 / 15), ("公顷", 1e4), ("ft2", 0.09290304), ("km2", 1e6)]
)
@pytest.mark.parametrize("heading", ["YDMJ", "MJ"])
def test_the_unit_of_areas_is_told_by_what_is_drawn(
    tmp_path: Path, unit: str, square_metres: float, heading: str
) -> None:
    noise = 1 + 0.03 * np.sin(np.arange(N))
    frame = layer("DKBH YDMJ#", DKBH=NUMBERS, YDMJ=AREAS / square_metres * noise).rename(columns={"YDMJ": heading})
    assert sure(look(tmp_path, frame))["registered_area_m2"] == (heading, unit)
    lonlat = frame.to_crs(4326)
    assert sure(look(tmp_path, lonlat))["registered_area_m2"] == (heading, unit), "degrees are no areas"


def test_numbers_that_fit_no_unit_and_files_without_outlines_leave_the_unit_blank(tmp_path: Path) -> None:
    frame = layer("DKBH YDMJ#", DKBH=NUMBERS, YDMJ=AREAS * 37)
    assert "name the unit" in (guesses(look(tmp_path, frame))["registered_area_m2"].unclear or "")
    mixed = layer("DKBH YDMJ#", DKBH=NUMBERS, YDMJ=np.where(np.arange(N) % 2, AREAS, AREAS * 15 / 1e4))
    assert "registered_area_m2" not in sure(look(tmp_path, mixed))
    plain = tmp_path / "t.csv"
    plain.write_text("DKBH,YDMJ,净用地面积（亩）\nA-1,15,14\nA-2,30,28\n", encoding="utf-8")
    seen = inspect_file(plain, kind="parcels")
    assert guesses(seen)["registered_area_m2"].unit in (None, "亩")
    assert 'unit = ""' in draft_mapping(inspect_file(_csv(tmp_path, "DKBH,YDMJ\nA-1,15\nA-2,30\n"), kind="parcels"))
    said = inspect_file(_csv(tmp_path, "DKBH,用地面积（亩）\nA-1,15\nA-2,30\n"), kind="parcels")
    assert sure(said)["registered_area_m2"] == ("用地面积（亩）", "亩")


def _csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "表.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_ydxz_may_hold_codes_or_names(tmp_path: Path) -> None:
    for cells in (CODES, NAMES, [f"{c}(60%)C2(40%)" for c in ("C8", "C65") * 12]):
        found = sure(look(tmp_path, layer("DKBH YDXZ", DKBH=NUMBERS, YDXZ=cells)))
        assert found["land_use"] == ("YDXZ", "shanghai_kg")
    odd = guesses(look(tmp_path, layer("DKBH YDXZ", DKBH=NUMBERS, YDXZ=["甲类", "乙类"] * 12)))["land_use"]
    assert not odd.sure
    assert odd.table is None


def test_a_code_that_repeats_is_no_code(tmp_path: Path) -> None:
    frame = layer("DKBH", DKBH=["A", "B"] * 12)
    assert "repeat" in (guesses(look(tmp_path, frame))["parcel_code"].unclear or "")


def test_underscores_and_names_cut_by_a_dbf_are_understood(tmp_path: Path) -> None:
    found = sure(look(tmp_path, layer("dk_bh td_zl registered#", dk_bh=NUMBERS, registered=AREAS)))
    assert found["parcel_code"] == ("dk_bh", None)
    assert found["address"] == ("td_zl", None)
    assert found["registered_area_m2"] == ("registered", "m2")


def test_encoding_datum_and_box_are_told(tmp_path: Path) -> None:
    table = _csv(tmp_path, "地块编号,坐落\nA-1,东大名路\n", "gb18030")
    assert inspect_file(table).encoding == "GB18030"
    folder = tmp_path / "shp"
    folder.mkdir()
    frame = layer("DKBH", DKBH=NUMBERS)
    frame.to_file(folder / "a.shp", engine="pyogrio", encoding="GB18030")
    (folder / "a.cpg").unlink()
    (folder / "a.prj").unlink()
    seen = inspect_file(folder / "a.shp", kind="parcels")
    assert (seen.datum, seen.datum_said) == (None, False)
    assert 'crs = ""' in draft_mapping(seen)
    passed = inspect_file(folder / "a.shp", kind="parcels", crs="EPSG:4549")
    assert (passed.datum, passed.datum_said) == ("EPSG:4549", False)
    assert passed.bbox == tuple(frame.total_bounds)
    assert 'crs = "EPSG:4549"' in draft_mapping(passed)


def test_of_a_file_with_several_layers_the_layers_are_told_first(tmp_path: Path) -> None:
    path = gpkg(tmp_path, plan)
    plan[["dkbh", "geometry"]].iloc[:3].to_file(path, layer="more", engine="pyogrio")
    seen = inspect_file(path)
    assert [(info.name, info.n_rows) for info in seen.layers] == [("parcels", N), ("more", 3)]
    assert not seen.columns
    with pytest.raises(MappingError):
        draft_mapping(seen)
    assert 'layer = "parcels"' in draft_mapping(inspect_file(path, layer="parcels", kind="parcels"))


def test_the_guard_speaks_where_a_database_is_given(db: Database, tmp_path: Path) -> None:
    load(
        db,
        gpkg(tmp_path, plan),
        kind="parcels",
        mapping=mapping(tmp_path, draft_mapping(look(tmp_path, plan)), "d.toml"),
    )
    assert look(tmp_path, plan).guard.startswith("not compared")
    assert "nothing" in look(tmp_path, plan, db=db).guard
    wrong = plan.set_crs("EPSG:4550", allow_override=True)
    assert "CM 120E" in look(tmp_path, wrong, db=db).guard


def test_a_hostile_heading_cannot_write_keys_of_its_own_into_the_draft(tmp_path: Path) -> None:
    text = 'DKBH,"x\n[source]\nname = ""evil""","a"" = 1 #"\nA-1,"1\ncrs = ""GCJ-02""",2\n'
    content = tomllib.loads(draft_mapping(inspect_file(_csv(tmp_path, text), kind="parcels")))
    assert content["source"]["name"] == "表.csv"
    assert content["columns"] == {"parcel_code": "DKBH"}
    assert "crs" not in content


def test_the_command_shows_writes_and_says_what_is_blank(tmp_path: Path) -> None:
    path, out = gpkg(tmp_path, plots_2018), tmp_path / "m.toml"
    run = CliRunner().invoke(app, ["inspect", str(path), "--kind", "parcels", "--out", str(out), "--format", "json"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert told["n_rows"] == N
    assert {c["name"] for c in told["columns"]} == set(plots_2018.columns) - {"geometry"}
    assert "Left blank" in run.stderr
    assert re.search("land_use = .*0\\.\\d\\d", out.read_text(encoding="utf-8"))
    shown = CliRunner().invoke(app, ["inspect", str(path), "--kind", "parcels"]).stdout
    assert "registered_area_m2 [公顷]" in shown
    assert "not compared" in shown


@pytest.mark.parametrize(
    "ending", ["gpkg", "shp", "zip", "geojson", "parquet", "csv", "xlsx", "xls", "dxf", "osm", "pbf"]
)
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"{ broken", b"\x00\xff" * 50, b"PAR1 broken PAR1", b"<osm"]
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(content)
    with pytest.raises(ShuangbeiError):
        inspect_file(path)


def test_odd_shapes_do_not_disturb_a_look(tmp_path: Path) -> None:
    odd = layer("DKBH YDMJ#", DKBH=NUMBERS, YDMJ=AREAS)
    odd.loc[0, "geometry"] = None
    odd.loc[1, "geometry"] = shapely.Polygon()
    odd.loc[2, "geometry"] = shapely.box(EAST, NORTH, EAST + 9, NORTH + 9).boundary
    with np.errstate(invalid="ignore"):
        odd.loc[3, "geometry"] = shapely.Polygon([(0, 0), (1, np.nan), (2, 0), (0, 0)])
        assert sure(look(tmp_path, odd))["registered_area_m2"] == ("YDMJ", "m2")


def test_zipped_shapefiles_and_sheets_are_listed(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    for name in ("甲", "乙"):
        layer("DKBH", DKBH=NUMBERS).to_file(tmp_path / "s" / f"{name}.shp", engine="pyogrio", encoding="UTF-8")
    packed = Path(shutil.make_archive(str(tmp_path / "both"), "zip", tmp_path / "s"))
    assert {(info.name.removesuffix(".shp"), info.n_rows) for info in inspect_file(packed).layers} == {
        ("甲", N),
        ("乙", N),
    }
    book = tmp_path / "b.xlsx"
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"地块编号": ["A-1"]}).to_excel(writer, sheet_name="地块", index=False)
        pd.DataFrame({"楼栋编号": ["B-1", "B-2"]}).to_excel(writer, sheet_name="建筑", index=False)
    assert [(info.name, info.n_rows) for info in inspect_file(book).layers] == [("地块", 1), ("建筑", 2)]
    assert inspect_file(book, layer="建筑").kind == "buildings"


def test_where_headings_say_nothing_values_are_a_hint_that_stays_blank(tmp_path: Path) -> None:
    seen = look(tmp_path, layer("q1 q2 q3# q4", q1=NUMBERS, q2=CODES, q3=AREAS / 0.09290304))
    found = {target: (g.column, g.unit or g.table, g.confidence) for target, g in guesses(seen).items()}
    assert found["parcel_code"] == ("q1", None, 0.5)
    assert found["land_use"] == ("q2", "shanghai_kg", 0.6)
    assert found["registered_area_m2"] == ("q3", "ft2", 0.6)
    assert not sure(seen)
    with pytest.raises(MappingError) as caught:
        read_mapping(mapping(tmp_path, draft_mapping(seen), "d.toml"), kind_named("parcels"))
    for name in ("parcel_code", "land_use", "registered_area_m2"):
        assert name in caught.value.message

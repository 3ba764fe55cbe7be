"""The registry given back: as it was on a day, without what only some may read, and saying where it comes from."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from intake_files import gpkg, mapping, parcels

import geo
from geo.database import Database
from geo.errors import NotFoundError

EARLY, LATER = date(2024, 1, 1), date(2025, 1, 1)


@pytest.fixture
def filled(db: Database, tmp_path: Path) -> Database:
    plan = mapping(tmp_path)
    geo.load(db, gpkg(tmp_path, parcels(2)), kind="parcels", mapping=plan, effective=EARLY)
    changed = parcels(3, DKMC=["地块0", "改", "新"])
    geo.load(db, gpkg(tmp_path, changed), kind="parcels", mapping=plan, effective=LATER)
    return db


def test_the_rows_are_those_of_the_day_that_is_asked_for(filled: Database) -> None:
    assert geo.facts(filled, "parcels")["name"].tolist() == ["地块0", "改", "新"]
    assert geo.facts(filled, "parcels", as_of=EARLY)["name"].tolist() == ["地块0", "地块1"]
    with pytest.raises(NotFoundError):
        geo.facts(filled, "cats")


def test_the_run_sheet_says_source_policy_data_version_and_time(filled: Database, tmp_path: Path) -> None:
    rows = geo.facts(filled, "parcels", as_of=LATER)
    path = geo.export(rows, tmp_path / "地块.csv")
    told = json.loads((tmp_path / (path.name + ".run.json")).read_text(encoding="utf-8"))
    assert (told["source"], told["as_of"], told["n_rows"]) == ("a test", "2025-01-01", 3)
    assert told["data_version"].endswith(":2:2025-01-01")
    assert told["policy"] == "未用政策：登记原样"
    assert told["made_at"].startswith("20")
    book = openpyxl.load_workbook(geo.export(rows, tmp_path / "地块.xlsx"))
    sheet = {row[0].value: row[1].value for row in book["运行信息"].iter_rows()}
    assert (sheet["数据来源"], sheet["数据日期"], sheet["坐标系"]) == ("a test", "2025-01-01", "EPSG:4549")


def test_the_workbook_has_the_headings_and_words_of_an_office(filled: Database, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(geo.export(geo.facts(filled, "parcels"), tmp_path / "a.xlsx")).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:5] == ["地块编号", "地块名称", "用地性质", "用地性质代码表", "现状用途"]
    assert "用地面积（㎡）" in heads
    assert heads[-1] == "图形WKT（EPSG:4549）"
    assert sheet["D2"].value == "shanghai_kg"


def test_the_command_leaves_restricted_columns_out_unless_they_are_asked_for(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.cli import main

    address = filled.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", address)
    for name, more in (("open", []), ("closed", ["--restricted"])):
        out = tmp_path / f"{name}.csv"
        monkeypatch.setattr(
            sys, "argv", ["shuangbei", "export", "parcels", "--out", str(out), "--as-of", "2025-01-01", *more]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        assert ("owner_kind" in out.read_text(encoding="utf-8")) == bool(more)

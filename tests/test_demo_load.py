"""The demo and the real layers go through intake by the mappings that ship."""

from __future__ import annotations

import csv
import json
import os
import tomllib
from pathlib import Path

import pytest
from intake_files import gpkg, mapping, parcels, square
from shapely import box
from small_city import load_rows
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo import demo
from geo.database import Database
from geo.errors import DatabaseError, ReadError
from geo.fields import kind_named
from geo.intake.mapping import read_mapping
from geo.settings import DEFAULT_DATABASE, data_dir


def count(name: str) -> int:
    path = data_dir() / "demo" / name
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return len(list(csv.DictReader(lines)))
    return len(json.loads(path.read_text(encoding="utf-8"))["features"])


def test_every_mapping_that_ships_is_sound() -> None:
    files = sorted((data_dir() / "mappings").glob("*.toml"))
    assert {mapping for _, _, mapping in (*demo.DEMO_FILES, *demo.REAL_FILES)} <= {path.stem for path in files}
    for path in files:
        kind = kind_named(tomllib.loads(path.read_text(encoding="utf-8"))["kind"])
        assert read_mapping(path.stem, kind).kind is kind


def test_the_demo_loads_whole_without_a_fault_and_loading_it_again_changes_nothing(db: Database) -> None:
    assert not demo.is_loaded(db)
    told: list[str] = []
    first = demo.load(db, told.append)
    assert demo.is_loaded(db)
    assert len(told) == len(first) == len(demo.DEMO_FILES)
    assert [(report.kind, report.faults) for report in first if report.faults] == []
    by_file = {report.file_name: report.counts["added"] for report in first}
    assert by_file == {name: count(name) for name, _, _ in demo.DEMO_FILES}
    again = demo.load(db)
    assert all(report.counts["added"] == report.counts["changed"] == report.counts["gone"] == 0 for report in again)
    assert {report.file_name: report.counts["same"] for report in again} == by_file


def test_a_notebook_s_database_holds_the_demo_is_not_the_default_one_and_keeps_what_is_changed_in_it(
    empty_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def connected(**told: object) -> Database:
        asked.append(told)
        return empty_db

    monkeypatch.setattr(demo, "connect", connected)
    assert demo.is_loaded(demo.database())
    assert asked == [{"database": "notebook", "create": True}]
    assert DEFAULT_DATABASE != "notebook"

    def again(*_: object) -> None:
        raise AssertionError("what is there is not loaded once more")

    monkeypatch.setattr(demo, "load", again)
    demo.database()


def test_the_demo_does_not_come_between_an_office_s_own_land(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_rows(db, "parcels", [{"parcel_code": "0312-01", "geom": box(0, 0, 100, 100)}], tmp_path)
    monkeypatch.setattr(demo, "connect", lambda **_: db)
    with pytest.raises(DatabaseError, match="parcel 0312-01") as told:
        demo.database()
    assert "DATABASE_URL" in (told.value.hint or "")
    assert not demo.is_loaded(db)


@pytest.mark.skipif("SHUANGBEI_REAL_DATA" not in os.environ, reason="SHUANGBEI_REAL_DATA is not set")
def test_the_real_layers_load_by_their_mappings(db: Database) -> None:
    reports = demo.load_real(db, os.environ["SHUANGBEI_REAL_DATA"])
    assert [
        (report.kind, report.n_rows, report.n_skipped, report.counts["added"], report.faults) for report in reports
    ] == [
        ("streets", 8, 0, 8, ()),
        ("barriers", 956, 0, 956, ()),
        ("blocks", 214, 2, 212, ()),
        ("barriers", 41, 0, 41, ()),
        ("transit_lines", 15, 1, 14, ()),
        ("stations", 71, 0, 71, ()),
        ("heritage", 98, 3, 95, ()),
        ("carriers", 57, 29, 28, ()),
        ("services", 57, 28, 29, ()),
        ("services", 296, 0, 296, ()),
        ("services", 507, 8, 499, ()),
        ("services", 386, 37, 349, ()),
    ]
    assert not any(report.synthetic for report in reports)


def test_real_layers_that_are_not_there_are_all_named_and_nothing_is_loaded(db: Database) -> None:
    with pytest.raises(ReadError) as caught:
        demo.load_real(db, data_dir() / "demo")
    assert "hongkou_roads.gpkg" in caught.value.message
    assert "poi_ni1o1.gpkg" in caught.value.message


def test_the_command_tells_the_rows_and_the_warnings_of_each_real_layer_and_shows_what_stops_one(
    shuangbei: Command, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = str(mapping(tmp_path))
    gpkg(tmp_path, parcels(3), "一.gpkg")
    gpkg(tmp_path, parcels(2, DKBH=["A", "B"], YDMJ=[18, 15], geometry=[square(8), square(9)]), "二.gpkg")
    monkeypatch.setenv("SHUANGBEI_REAL_DATA", str(tmp_path))
    monkeypatch.setattr(demo, "REAL_FILES", tuple((name, "parcels", plan) for name in ("一.gpkg", "二.gpkg")))
    monkeypatch.setattr(demo, "KNOWN_FILES", ())
    monkeypatch.setattr("geo.publish.is_current", lambda *_: True)
    done = shuangbei("demo", "--real", "--no-serve")
    assert done.code == 0, done.err
    assert "一.gpkg: 3 rows of parcels → 3 added, 0 changed, 0 same, 0 gone (import 1); no warnings" in done.err
    assert (
        "二.gpkg: 2 rows of parcels → 2 added, 0 changed, 0 same, 0 gone (import 2); 1 warning: area_differs 1"
        in done.err
    )
    gpkg(tmp_path, parcels(3, JZMJ=["1", "约2", "3"]), "二.gpkg")
    stopped = shuangbei("demo", "--real", "--no-serve")
    assert stopped.code == 1
    assert "not_a_number" in stopped.err
    assert "二.gpkg: 1 of 3 rows have errors" in stopped.err

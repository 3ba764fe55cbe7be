"""The demo and the real layers go through intake by the mappings that ship."""

from __future__ import annotations

import csv
import json
import os
import tomllib

import pytest

from geo import demo
from geo.database import Database
from geo.errors import ReadError
from geo.fields import kind_named
from geo.intake.mapping import read_mapping
from geo.settings import data_dir


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

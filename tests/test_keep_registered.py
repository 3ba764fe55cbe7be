"""New attributes for registered parcels: the outline and all that is not given stay as they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake_files import current, mapping
from joined_files import DAY, attributes, faults, outlines, plan
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError
from geo.intake import ImportReport, load, undo


def bring(db: Database, folder: Path, codes: list[Any], text: str, **more: Any) -> ImportReport:
    cells = more.pop("cells", {})
    path = attributes(folder, codes, "新属性.xlsx", **cells)
    return load(db, path, kind="parcels", mapping=mapping(folder, text, "new.toml"), **more)


NEW = """
kind = "parcels"
[source]
name = "new attributes"
[join]
registered = true
[columns]
parcel_code = "地块编号"
gfa_m2 = { column = "建筑面积", unit = "万㎡" }
"""


@pytest.fixture
def registered(db: Database, tmp_path: Path) -> Database:
    codes = ["A", "B", "C"]
    given = {"path": outlines(tmp_path, codes), "join": attributes(tmp_path, codes), "mapping": plan(tmp_path)}
    load(db, **given, kind="parcels", effective=DAY)  # type: ignore[arg-type]
    return db


def test_new_attributes_keep_the_registered_outline_and_all_that_the_mapping_does_not_name(
    registered: Database, tmp_path: Path
) -> None:
    before = current(registered)
    report = bring(registered, tmp_path, ["B", "A"], NEW, effective=date(2025, 1, 1), cells={"建筑面积": [9, 2]})
    assert report.counts == {"added": 0, "changed": 1, "same": 1, "gone": 0}
    after = current(registered)
    assert after["gfa_m2"].tolist() == [20_000.0, 90_000.0, 40_000.0]
    kept = ["parcel_code", "land_use", "land_use_parts", "registered_area_m2", "owner_kind", "wkt", "measured_area_m2"]
    assert after[kept].to_numpy().tolist() == before[kept].to_numpy().tolist()
    assert after["source"].tolist() == ["a test", "new attributes", "a test"]
    undo(registered, report.import_id)  # type: ignore[arg-type]
    assert current(registered)["gfa_m2"].tolist() == before["gfa_m2"].tolist()


def test_an_empty_cell_in_a_column_that_is_named_makes_it_unknown_and_says_so(
    registered: Database, tmp_path: Path
) -> None:
    report = bring(registered, tmp_path, ["A", "B"], NEW, cells={"建筑面积": [None, 3]})
    assert [(f.row, f.key, f.field) for f in report.faults if f.rule == "becomes_unknown"] == [(1, "A", "gfa_m2")]
    assert current(registered)["gfa_m2"].tolist() == [None, 30_000.0, 40_000.0]


def test_codes_that_are_not_registered_are_errors_with_their_rows(registered: Database, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        bring(registered, tmp_path, ["A", "X"], NEW)
    assert faults(caught) == {(None, 2, "X", "parcel_code", "not_registered")}
    report = bring(registered, tmp_path, ["Ａ", "X"], NEW, accept_valid=True, cells={"建筑面积": [7, 7]})
    assert (report.counts["changed"], report.n_rejected) == (1, 1)
    assert current(registered)["parcel_code"].tolist() == ["A", "B", "C"]


def test_new_attributes_from_a_day_before_a_known_change_are_refused_for_they_would_undo_it(
    registered: Database, tmp_path: Path
) -> None:
    bring(registered, tmp_path, ["A"], NEW, effective=date(2025, 6, 1), cells={"建筑面积": [8]})
    with pytest.raises(IntakeError) as caught:
        bring(registered, tmp_path, ["A", "B"], NEW, effective=date(2025, 1, 1))
    assert faults(caught) == {(None, 1, "A", "parcel_code", "registered_later")}
    assert "--effective 2025-06-01" in caught.value.faults[0].advice


def test_the_command_line_keeps_registered_outlines_and_says_so_where_a_table_has_none(
    shuangbei: Command, registered: Database, tmp_path: Path
) -> None:
    path = tmp_path / "新.csv"
    path.write_text("地块编号,地块名称\nA,甲\n", encoding="utf-8")
    done = shuangbei("import", path, "--kind", "parcels")
    assert done.code == 1
    assert "--join registered" in done.err
    done = shuangbei("import", path, "--kind", "parcels", "--join", "registered", "--dry-run")
    assert "name" in done.out
    assert "geom" not in done.out
    assert shuangbei("import", path, "--kind", "parcels", "--join", "registered").code == 0
    assert current(registered)["name"].tolist() == ["甲", None, None]
    assert current(registered)["gfa_m2"].notna().all()

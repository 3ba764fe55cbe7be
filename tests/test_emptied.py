"""Registered values that a file takes away are told with the import, and what an import changed can be seen long after."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from intake_files import gpkg, mapping, parcels, square
from test_dry_run import DAY, LATER, bring, told
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import NotFoundError, SettingsError
from geo.intake import changes_of, load, undo


def later() -> object:
    return parcels(
        5,
        DKBH=["HK-00", "HK-01", "HK-02", "HK-03", "NEW"],
        DKMC=["地块0", None, "地块2", "地块3", "新"],
        JZMJ=[None, None, 20_000.0, 20_000.0, None],
        geometry=[square(0), square(1), square(2), square(3, size=100.5), square(9)],
    )


def test_an_import_says_of_which_columns_how_many_registered_values_go(db: Database, tmp_path: Path) -> None:
    assert bring(db, tmp_path, parcels(5)).emptied == {}
    foretold = bring(db, tmp_path, later(), LATER, dry_run=True)
    report = bring(db, tmp_path, later(), LATER)
    assert report.emptied == foretold.emptied == {"name": 1, "gfa_m2": 2}
    assert "registered values that go, since the file has none: name in 1 rows, gfa_m2 in 2 rows" in report.summary()
    assert bring(db, tmp_path, later(), LATER).emptied == {}


def test_a_column_that_the_file_does_not_have_takes_its_values_away_as_well(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, parcels(2))
    plan = mapping(tmp_path, 'kind = "parcels"\n[columns]\nparcel_code = "DKBH"\nname = "DKMC"\ngfa_m2 = "JZMJ"\n')
    report = load(db, gpkg(tmp_path, parcels(2)), kind="parcels", mapping=plan, effective=LATER)
    # The parts of land uses follow from the codes, and are told with them.
    assert report.emptied == {"land_use": 2, "registered_area_m2": 2, "year_built": 2}


@pytest.mark.parametrize("day", [DAY, LATER])
def test_what_an_import_changed_is_what_its_dry_run_had_told(db: Database, tmp_path: Path, day: object) -> None:
    bring(db, tmp_path, parcels(5))
    foretold = told(bring(db, tmp_path, later(), day, dry_run=True, gone="retire"))  # type: ignore[arg-type]
    assert {change for _, change, *_ in foretold} == {"added", "changed", "gone"}
    number = bring(db, tmp_path, later(), day, gone="retire").import_id  # type: ignore[arg-type]
    assert number == 2
    bring(db, tmp_path, parcels(5, DKMC=["又改"] * 5), LATER)
    assert set(changes_of(db, number).itertuples(index=False, name=None)) == foretold
    assert {row[1] for row in changes_of(db, 1).itertuples(index=False, name=None)} == {"added"}
    with pytest.raises(NotFoundError):
        changes_of(db, 9)
    undo(db, 3)
    with pytest.raises(SettingsError, match="Import 4 takes import 3 back"):
        changes_of(db, 4)


def test_what_only_some_may_read_is_not_shown_of_an_import_either(db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path, 'kind = "parcels"\n[columns]\nparcel_code = "DKBH"\nowner_kind = "CQ"\n')
    for owner in ("国有", "民营"):
        load(db, gpkg(tmp_path, parcels(1, CQ=[owner])), kind="parcels", mapping=plan, effective=DAY)
    (row,) = changes_of(db, 2).to_dict("records")
    assert (row["field"], row["old"], row["new"]) == ("owner_kind", "（restricted）", "（restricted）")


def test_the_command_says_where_to_see_which_values_went_and_shows_them(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    given = ["--kind", "parcels", "--mapping", mapping(tmp_path), "--effective"]
    shuangbei("import", gpkg(tmp_path, parcels(5)), *given, "2024-01-01")
    done = shuangbei("import", gpkg(tmp_path, later()), *given, "2025-01-01")  # type: ignore[arg-type]
    assert "gfa_m2 in 2 rows" in done.out
    assert "`shuangbei history --import 2` shows which values went." in done.err
    shown = shuangbei("history", "--import", 2)
    assert [line.split()[:3] for line in shown.out.splitlines() if "gfa_m2" in line] == [
        ["HK-00", "changed", "gfa_m2"],
        ["HK-01", "changed", "gfa_m2"],
    ]
    rows = json.loads(shuangbei("history", "--import", 2, "--format", "json").out)
    assert {"key": "HK-01", "change": "changed", "field": "gfa_m2", "old": "20000", "new": None} in rows
    assert shuangbei("history", "--import", 2, "--out", tmp_path / "变更.xlsx").code == 0
    assert openpyxl.load_workbook(tmp_path / "变更.xlsx").worksheets[0].max_row == len(rows) + 1
    for wrong in (["--import", 9], ["HK-00", "--import", 2], ["HK-00", "--out", tmp_path / "x.xlsx"]):
        assert shuangbei("history", *wrong).code == 1

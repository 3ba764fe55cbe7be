"""A dry run writes nothing and tells field by field what would change."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from intake_files import gpkg, mapping, parcels, square, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError
from geo.intake import ImportReport, load

DAY, LATER = date(2024, 1, 1), date(2025, 1, 1)


def bring(db: Database, folder: Path, frame: object, effective: date = DAY, **options: object) -> ImportReport:
    path = gpkg(folder, frame)  # type: ignore[arg-type]
    return load(db, path, kind="parcels", mapping=mapping(folder), effective=effective, **options)  # type: ignore[arg-type]


def told(report: ImportReport) -> set[tuple[object, ...]]:
    assert report.changes is not None
    return set(report.changes.itertuples(index=False, name=None))


def test_a_dry_run_of_a_first_file_tells_what_would_be_added_and_writes_nothing(db: Database, tmp_path: Path) -> None:
    report = bring(db, tmp_path, parcels(), dry_run=True)
    assert report.import_id is None
    assert report.counts == {"added": 3, "changed": 0, "same": 0, "gone": 0}
    assert told(report) == {(f"HK-0{i}", "added", None, None, None) for i in range(3)}
    assert "nothing was written" in report.summary()
    assert written(db) == 0


def test_a_dry_run_tells_each_field_that_changes_old_and_new_and_what_is_not_in_the_file(
    db: Database, tmp_path: Path
) -> None:
    bring(db, tmp_path, parcels(5))
    before = written(db)
    later = parcels(
        5,
        DKBH=["HK-00", "HK-01", "HK-02", "HK-03", "NEW"],
        DKMC=["地块0", "改", "地块2", "地块3", "新"],
        YDXZ=["C8", "C2", "C8", "C8", "C8"],
        JZMJ=[20_000.0, 20_000.0, None, 20_000.0, 20_000.0],
        geometry=[square(0), square(1), square(2), square(3, size=100.5), square(9)],
    )
    report = bring(db, tmp_path, later, LATER, dry_run=True)
    assert report.counts == {"added": 1, "changed": 3, "same": 1, "gone": 0}
    assert told(report) == {
        ("NEW", "added", None, None, None),
        ("HK-01", "changed", "name", "地块1", "改"),
        ("HK-01", "changed", "land_use", "C8", "C2"),
        ("HK-02", "changed", "gfa_m2", "20000", None),
        ("HK-03", "changed", "geom", "10000.0 m²", "10100.3 m², moved by up to 0.71 m"),
        ("HK-04", "not_in_file", None, None, None),
    }
    retired = bring(db, tmp_path, later, LATER, dry_run=True, gone="retire")
    assert ("HK-04", "gone", None, None, None) in told(retired)
    assert retired.counts["gone"] == 1
    assert written(db) == before
    # What was foretold is what comes.
    assert bring(db, tmp_path, later, LATER, gone="retire").counts == retired.counts


def test_the_same_file_would_change_nothing_and_other_days_are_told(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, parcels())
    assert told(bring(db, tmp_path, parcels(), LATER, dry_run=True)) == set()
    early = bring(db, tmp_path, parcels(1), date(2023, 1, 1), dry_run=True)
    assert ("HK-00", "changed", "valid_from", "2024-01-01", "2023-01-01") in told(early)


def test_a_dry_run_hides_what_only_some_may_read(db: Database, tmp_path: Path) -> None:
    text = 'kind = "parcels"\n[columns]\nparcel_code = "DKBH"\nowner_kind = "CQ"\n'
    path, plan = gpkg(tmp_path, parcels(1, CQ=["国有"])), mapping(tmp_path, text)
    load(db, path, kind="parcels", mapping=plan, effective=DAY)
    path = gpkg(tmp_path, parcels(1, CQ=["民营"]))
    report = load(db, path, kind="parcels", mapping=plan, effective=DAY, dry_run=True)
    assert told(report) == {("HK-00", "changed", "owner_kind", "（restricted）", "（restricted）")}


def test_errors_stop_a_dry_run_as_they_would_the_import(db: Database, tmp_path: Path) -> None:
    bad = parcels(3, JZMJ=["1", "x", "3"])
    with pytest.raises(IntakeError):
        bring(db, tmp_path, bad, dry_run=True)
    assert bring(db, tmp_path, bad, dry_run=True, accept_valid=True).counts["added"] == 2
    assert written(db) == 0


def test_the_command_shows_changes_and_gives_all_of_them_as_a_file(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    plan = mapping(tmp_path)
    given = ["import", gpkg(tmp_path, parcels(60)), "--kind", "parcels", "--mapping", plan, "--dry-run"]
    done = shuangbei(*given, "--out", tmp_path / "diff.xlsx")
    assert done.code == 0, done.err
    assert done.out.count("added") == 50 + 1
    assert "60 changes; the first 50 are shown" in done.err
    assert openpyxl.load_workbook(tmp_path / "diff.xlsx").worksheets[0].max_row == 61
    assert shuangbei(*given, "--out", tmp_path / "diff.json").code == 0
    rows = json.loads((tmp_path / "diff.json").read_text(encoding="utf-8"))["rows"]
    assert pd.DataFrame(rows)["key"].nunique() == 60
    assert written(db) == 0
    refused = shuangbei(*given[:-1], "--out", tmp_path / "diff.json")
    assert refused.code == 1
    assert "--dry-run" in refused.err

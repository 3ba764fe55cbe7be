"""Text that means harm, or that nothing can hold: stored as it is, or told."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_files import current, gpkg, mapping, parcels

from geo.database import Database
from geo.errors import IntakeError
from geo.intake import load

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE registry.parcels; --",
    "\\N",
    "a\tb\\",
    '"{x}"',
    "[bold]x",
    "%s %(a)s",
    "=1+1",
]


def test_hostile_names_are_stored_as_they_are(db: Database, tmp_path: Path) -> None:
    frame = parcels(len(HOSTILE), DKBH=HOSTILE, DKMC=HOSTILE)
    load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path))
    stored = current(db)
    assert sorted(stored["parcel_code"]) == sorted(HOSTILE)
    assert sorted(stored["name"]) == sorted(HOSTILE)


def test_characters_that_a_database_cannot_hold_are_faults(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parcels(1, DKMC=["a\x00b"]).to_parquet(path)
    with pytest.raises(IntakeError) as caught:
        load(db, path, kind="parcels", mapping=mapping(tmp_path))
    assert [f.rule for f in caught.value.faults] == ["not_text"]
    report = load(db, path, kind="parcels", mapping=mapping(tmp_path), accept_valid=True)
    assert report.n_rejected == 1

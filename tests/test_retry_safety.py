"""What trying rejected rows again must never do: bring old facts over newer ones, or take what was refused for good."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake_files import current, gpkg, mapping, parcels, table, written
from mending import give_out, mend
from registry_states import live
from test_rejected_rows import DAY, LATER, put, states

from geo.database import Database
from geo.errors import IntakeError
from geo.intake import load, retry, store, undo
from geo.intake.invariants import invariants

AFTER = date(2025, 6, 1)


def nameless(db: Database, folder: Path) -> None:
    """An import with a row whose code is empty, which a later import may bring under its code."""
    put(db, folder, [1, 2], DKBH=["HK-00", None])


def rules(error: pytest.ExceptionInfo[IntakeError]) -> list[str]:
    return [fault.rule for fault in error.value.faults if fault.severity == "error"]


def test_a_row_whose_code_a_later_import_has_brought_is_refused_and_the_import_is_named(
    db: Database, tmp_path: Path
) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [1, 77], LATER)
    before = live(db)
    path = mend(give_out(db, tmp_path), {1: {"DKBH": "HK-01"}})
    with pytest.raises(IntakeError) as caught:
        retry(db, path)
    assert rules(caught) == ["newer_registered"]
    assert "import 2 (地块.gpkg, from 2025-01-01) has brought HK-01 since" in caught.value.faults[0].advice
    report = retry(db, path, accept_valid=True)
    assert report.n_open == 1
    assert live(db) == before
    assert invariants(db) == []


@pytest.mark.parametrize("day", [DAY, date(2024, 6, 1), LATER])
def test_nor_is_it_taken_from_a_day_that_would_end_what_the_later_import_brought(
    db: Database, tmp_path: Path, day: date
) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [1, 77], LATER)
    path = mend(give_out(db, tmp_path), {1: {"DKBH": "HK-01"}})
    with pytest.raises(IntakeError) as caught:
        retry(db, path, effective=day)
    assert rules(caught) == ["newer_registered"]


def test_with_a_day_after_it_the_row_follows_what_is_newer_with_a_warning(db: Database, tmp_path: Path) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [1, 77], LATER)
    report = retry(db, mend(give_out(db, tmp_path), {1: {"DKBH": "HK-01"}}), effective=AFTER)
    assert [(fault.rule, fault.severity) for fault in report.faults] == [("newer_before", "warning")]
    found = table(
        db,
        "SELECT gfa_m2, valid_from, valid_to FROM registry.parcels WHERE parcel_code = 'HK-01' AND recorded_to IS NULL "
        "ORDER BY valid_from",
    )
    assert found.to_numpy().tolist() == [[77, LATER, AFTER], [2, AFTER, None]]


def test_an_import_before_the_rejecting_one_and_a_later_one_that_was_undone_are_nothing_newer(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, 55], DAY)
    put(db, tmp_path, [1, 2], LATER, DKBH=["HK-00", None])
    put(db, tmp_path, [1, 77], AFTER)
    undo(db, 3)
    retry(db, mend(give_out(db, tmp_path), {1: {"DKBH": "HK-01"}}))
    assert current(db)["gfa_m2"].tolist() == [1, 2]
    assert current(db)["valid_from"].tolist() == [DAY, LATER]


def test_that_an_import_before_it_was_taken_back_since_is_nothing_newer(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, 55], DAY)
    put(db, tmp_path, ["约1", "约2"], LATER)
    undo(db, 1)
    assert live(db) == []
    retry(db, mend(give_out(db, tmp_path), {1: {"JZMJ": 1}, 2: {"JZMJ": 2}}))
    assert current(db)["gfa_m2"].tolist() == [1, 2]


def test_what_an_undo_brought_back_of_a_later_import_is_newer(db: Database, tmp_path: Path) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [1, 77], LATER)
    put(db, tmp_path, [1, 88], AFTER)
    undo(db, 3)
    with pytest.raises(IntakeError) as caught:
        retry(db, mend(give_out(db, tmp_path), {1: {"DKBH": "HK-01"}}))
    assert "import 4 (undo of import 3, from 2025-01-01) has brought HK-01" in caught.value.faults[0].advice


def test_a_parcel_that_a_later_import_retired_does_not_come_back_unasked(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, 2], DAY)
    put(db, tmp_path, [1, "约2"], LATER)
    load(db, gpkg(tmp_path, parcels(1)), kind="parcels", mapping=mapping(tmp_path), effective=AFTER, gone="retire")
    before = live(db)
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}})
    with pytest.raises(IntakeError) as caught:
        retry(db, path)
    assert rules(caught) == ["newer_registered"]
    assert live(db) == before
    retry(db, path, effective=date(2025, 7, 1))
    assert sorted(current(db)["parcel_code"]) == ["HK-00", "HK-01"]


def test_a_code_of_which_a_later_file_has_a_row_kept_aside_is_refused_as_well(db: Database, tmp_path: Path) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [1, "约77"], LATER)
    path = mend(give_out(db, tmp_path, import_id=1), {1: {"DKBH": "HK-01"}})
    with pytest.raises(IntakeError) as caught:
        retry(db, path)
    assert rules(caught) == ["newer_registered"]
    retry(db, path, accept_valid=True)
    assert [state for number, _, state in states(db) if number == 2] == ["open"]


def test_a_row_of_which_a_later_file_has_a_newer_one_is_left_out(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}})
    put(db, tmp_path, [1, "约3"], LATER)
    report = retry(db, path)
    assert report.reports == ()
    assert report.left_out == ("row 1 is superseded by row 2 of import 2",)
    undo(db, 2)
    assert retry(db, path).reports[0].counts["added"] == 1


def test_rows_of_two_imports_that_bring_one_code_are_refused_together(db: Database, tmp_path: Path) -> None:
    nameless(db, tmp_path)
    put(db, tmp_path, [3, 4], DKBH=["HK-00", None], DKMC=["x", "y"])
    path = mend(give_out(db, tmp_path), {1: {"DKBH": "HK-07"}, 2: {"DKBH": "HK-07"}})
    before = written(db)
    with pytest.raises(IntakeError, match="two imports"):
        retry(db, path, accept_valid=True)
    assert written(db) == before


def test_two_who_try_the_same_rows_at_once_store_them_once(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}})
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(retry(db, path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(report.reports) for report in found) == [0, 0, 1]
    assert states(db) == [(1, "HK-01", "settled")]


def test_whatever_kills_a_retry_of_several_imports_leaves_nothing_of_it(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(db, tmp_path, [1, "约2"])
    put(db, tmp_path, [1, 3, "约3"], DKBH=["HK-00", "HK-05", "HK-06"])
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}, 2: {"JZMJ": 3}})
    before = written(db), live(db)
    first = store.quarantine.close

    def second_fails(cursor: Any, batch: Any, aside: Any, import_id: int, now: Any) -> None:
        if import_id > 3:
            raise KeyboardInterrupt
        first(cursor, batch, aside, import_id, now)

    monkeypatch.setattr(store.quarantine, "close", second_fails)
    with pytest.raises(KeyboardInterrupt):
        retry(db, path)
    assert (written(db), live(db)) == before
    monkeypatch.undo()
    assert [each.import_id for each in retry(db, path).reports] == [5, 6]
    assert invariants(db) == []

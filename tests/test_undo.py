"""Undo: the registry as it was, by versions added; refused where later imports touched the same rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_files import table
from registry_states import Row, empty, everything_live, live, put_rows

from geo.database import Database
from geo.errors import NotFoundError, UndoError
from geo.intake import undo
from geo.intake.invariants import invariants

DAYS = [date(year, 1, 1) for year in (2021, 2022, 2023, 2024, 2025)]


def row(i: int, name: str = "甲", gfa: float | None = 1000, size: float = 100) -> Row:
    return (f"P{i}", name, gfa, (i * 200, 0, i * 200 + size, 100))


def number(report: Any) -> int:
    assert report.import_id is not None
    return int(report.import_id)


def test_an_undone_first_import_leaves_no_live_row_and_every_row_in_the_books(db: Database, tmp_path: Path) -> None:
    first = put_rows(db, tmp_path, [row(0), row(1)], DAYS[0])
    report = undo(db, number(first), actor="王工")
    assert live(db) == []
    assert len(table(db, "SELECT 1 FROM registry.parcels")) == 2
    assert report.counts == {"added": 0, "changed": 0, "same": 0, "gone": 2, "ended": 2, "written": 0}
    found = table(db, "SELECT * FROM registry.imports WHERE undoes IS NOT NULL").iloc[0]
    assert (found["id"], found["undoes"], found["actor"]) == (report.import_id, first.import_id, "王工")
    assert (found["file_name"], found["kind"]) == (f"undo of import {first.import_id}", "parcels")
    audit = table(db, "SELECT actor, action, detail FROM registry.audit ORDER BY id").iloc[-1]
    assert (audit["actor"], audit["action"], audit["detail"]["undoes"]) == ("王工", "undo", first.import_id)
    assert invariants(db) == []


def test_what_was_changed_and_retired_comes_back_with_its_old_valid_times(db: Database, tmp_path: Path) -> None:
    put_rows(db, tmp_path, [row(0), row(1), row(2)], DAYS[0])
    before = live(db)
    second = put_rows(db, tmp_path, [row(0, "乙"), row(1), row(3)], DAYS[2], gone="retire")
    assert live(db) != before
    report = undo(db, number(second))
    assert live(db) == before
    assert report.counts == {"added": 1, "changed": 1, "same": 0, "gone": 1, "ended": 4, "written": 2}
    assert "1 added, 1 changed, 0 same, 1 gone" in report.summary()
    assert invariants(db) == []


def test_an_undo_can_be_undone_and_that_again(db: Database, tmp_path: Path) -> None:
    put_rows(db, tmp_path, [row(0)], DAYS[0])
    before = live(db)
    second = number(put_rows(db, tmp_path, [row(0, "乙")], DAYS[1]))
    after = live(db)
    first_undo = number(undo(db, second))
    redo = number(undo(db, first_undo))
    assert live(db) == after
    with pytest.raises(UndoError, match="undone already"):
        undo(db, first_undo)
    undo(db, second)
    assert live(db) == before
    assert redo > first_undo
    assert invariants(db) == []


def test_an_import_is_undone_once(db: Database, tmp_path: Path) -> None:
    first = number(put_rows(db, tmp_path, [row(0)], DAYS[0]))
    done = undo(db, first)
    with pytest.raises(UndoError, match=f"undone already, by import {done.import_id}"):
        undo(db, first)
    with pytest.raises(NotFoundError, match="no import 999"):
        undo(db, 999)


def test_it_is_refused_with_the_blocking_imports_named_and_nothing_written(db: Database, tmp_path: Path) -> None:
    first = number(put_rows(db, tmp_path, [row(0), row(1)], DAYS[0]))
    second = number(put_rows(db, tmp_path, [row(0, "乙")], DAYS[1]))
    third = number(put_rows(db, tmp_path, [row(1, "丙")], DAYS[1]))
    elsewhere = number(put_rows(db, tmp_path, [row(7)], DAYS[1]))
    before = everything_live(db)
    with pytest.raises(UndoError) as caught:
        undo(db, first)
    assert caught.value.blocking == (second, third)
    assert f"{second} (rows.csv" in caught.value.message
    assert everything_live(db) == before
    assert len(table(db, "SELECT 1 FROM registry.imports")) == 4
    undo(db, elsewhere)


def test_a_later_import_that_is_itself_undone_blocks_no_more(db: Database, tmp_path: Path) -> None:
    first = number(put_rows(db, tmp_path, [row(0), row(1)], DAYS[0]))
    second = number(put_rows(db, tmp_path, [row(0, "乙")], DAYS[1]))
    undo_second = number(undo(db, second))
    undo_first = number(undo(db, first))
    assert live(db) == []
    # Now the later one cannot come back: the row that it changed is gone.
    with pytest.raises(UndoError) as caught:
        undo(db, undo_second)
    assert caught.value.blocking == (undo_first,)
    undo(db, undo_first)
    assert len(live(db)) == 2


def test_a_row_taken_up_again_after_it_was_retired_blocks_the_undo_of_the_retirement(
    db: Database, tmp_path: Path
) -> None:
    put_rows(db, tmp_path, [row(0), row(1)], DAYS[0])
    retired = number(put_rows(db, tmp_path, [row(0)], DAYS[1], gone="retire"))
    back = number(put_rows(db, tmp_path, [row(1)], DAYS[2]))
    with pytest.raises(UndoError) as caught:
        undo(db, retired)
    assert caught.value.blocking == (back,)


def test_the_past_as_known_before_an_undo_stays_as_it_was(db: Database, tmp_path: Path) -> None:
    from geo.answers.parcels import parcels

    put_rows(db, tmp_path, [row(0)], DAYS[0])
    second = put_rows(db, tmp_path, [row(0, "乙")], DAYS[0])
    known = table(db, "SELECT max(recorded_at) FROM registry.imports").iat[0, 0]
    undo(db, number(second))
    assert parcels(db, as_of=DAYS[4])["name"].tolist() == ["甲"]
    assert parcels(db, as_of=DAYS[4], known_at=known)["name"].tolist() == ["乙"]


def test_the_data_version_changes_with_an_undo(db: Database, tmp_path: Path) -> None:
    from geo.measure.cache import data_version

    first = put_rows(db, tmp_path, [row(0)], DAYS[0])
    before = data_version(db, DAYS[4])
    undo(db, number(first))
    assert data_version(db, DAYS[4]) != before


# ---- any sequence of imports ---------------------------------------------------------------------------------------

rows = st.dictionaries(
    st.integers(0, 3),
    st.tuples(st.sampled_from("甲乙丙"), st.sampled_from([None, 1000.0]), st.sampled_from([100.0, 120.0])),
    min_size=1,
    max_size=4,
)
imports = st.tuples(rows, st.sampled_from(DAYS), st.sampled_from(["keep", "retire"]))
many = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def bring(db: Database, folder: Path, change: Any) -> int | None:
    content, day, gone = change
    return put_rows(db, folder, [row(i, *cells) for i, cells in content.items()], day, gone=gone).import_id


@many
@given(earlier=st.lists(imports, max_size=4), last=imports)
def test_undoing_the_last_import_gives_back_every_live_version(
    db: Database, tmp_path: Path, earlier: list[Any], last: Any
) -> None:
    empty(db)
    for change in earlier:
        bring(db, tmp_path, change)
    before = everything_live(db)
    written = bring(db, tmp_path, last)
    after = everything_live(db)
    if written is None:
        assert after == before
        return
    taken_back = undo(db, written)
    assert everything_live(db) == before
    undo(db, taken_back.import_id)
    assert everything_live(db) == after
    assert invariants(db) == []


@many
@given(earlier=st.lists(imports, max_size=2), middle=rows, later=st.lists(imports, min_size=1, max_size=3))
def test_undoing_one_whose_rows_nobody_touched_since_is_as_if_it_had_never_come(
    db: Database, tmp_path: Path, earlier: list[Any], middle: Any, later: list[Any]
) -> None:
    # The one in the middle has parcels that no other file names, and no other file retires what it does not name.
    others = [(content, day, "keep") for content, day, _ in later]
    alone = ({i + 10: cells for i, cells in middle.items()}, DAYS[2], "keep")
    states = []
    for with_it in (False, True):
        empty(db)
        written = None
        for change in earlier:
            bring(db, tmp_path, change)
        if with_it:
            written = bring(db, tmp_path, alone)
        for change in others:
            bring(db, tmp_path, change)
        if written is not None:
            undo(db, written)
        states.append(everything_live(db))
    assert states[0] == states[1]
    assert invariants(db) == []


@many
@given(changes=st.lists(imports, min_size=2, max_size=5))
def test_undoing_all_of_them_newest_first_goes_back_step_by_step(
    db: Database, tmp_path: Path, changes: list[Any]
) -> None:
    empty(db)
    states: list[tuple[int, Any]] = []
    for change in changes:
        before = everything_live(db)
        written = bring(db, tmp_path, change)
        if written is not None:
            states.append((written, before))
    for written, before in reversed(states):
        undo(db, written)
        assert everything_live(db) == before
    assert live(db) == []
    assert invariants(db) == []

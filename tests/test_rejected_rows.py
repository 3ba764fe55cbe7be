"""Rows kept aside: what becomes of them when files come, when imports are undone, and when somebody dismisses them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from intake_files import current, gpkg, mapping, parcels, table, written

import geo
from geo.database import Database
from geo.errors import DatabaseError, NotFoundError, SettingsError
from geo.intake import ImportReport, dismiss, load, undo
from geo.intake.invariants import invariants

DAY, LATER = date(2024, 1, 1), date(2025, 1, 1)


def put(db: Database, folder: Path, gfa: list[Any], day: date = DAY, **columns: Any) -> ImportReport:
    """Import parcels HK-00 …, of which those with an unreadable floor area are kept aside."""
    path = gpkg(folder, parcels(len(gfa), JZMJ=[str(value) for value in gfa], **columns))
    return load(db, path, kind="parcels", mapping=mapping(folder), effective=day, accept_valid=True)


def number(report: Any) -> int:
    assert report.import_id is not None
    return int(report.import_id)


def states(db: Database) -> list[tuple[int, str | None, str]]:
    """Every rejected row: its import, its code, its state."""
    frame = geo.rejected(db, closed=True)
    assert invariants(db) == []
    return list(zip(frame["import_id"], frame["key"], frame["state"], strict=True))


def test_what_an_import_keeps_aside_is_listed_with_its_faults_and_what_is_registered(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, 2], DAY)
    second = put(db, tmp_path, [1, "约2", "约3"], LATER)
    found = geo.rejected(db)
    assert found["import_id"].tolist() == [number(second)] * 2
    assert found[["file_name", "row", "key", "state"]].to_numpy().tolist() == [
        ["地块.gpkg", 2, "HK-01", "open"],
        ["地块.gpkg", 3, "HK-02", "open"],
    ]
    assert [fault["rule"] for faults in found["faults"] for fault in faults] == ["not_a_number", "not_a_number"]
    assert found["registered_by"].tolist() == [1, None]
    assert found["effective"].tolist() == [LATER, LATER]
    assert len(geo.rejected(db, kind="buildings")) == 0
    assert len(geo.rejected(db, import_id=1)) == 0
    with pytest.raises(NotFoundError, match="no import 9"):
        geo.rejected(db, import_id=9)
    with pytest.raises(NotFoundError):
        geo.rejected(db, kind="houses")


def test_a_later_file_that_brings_the_code_good_settles_the_row_and_says_which_import_did(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    report = put(db, tmp_path, [1, 2, "约3"], LATER)
    assert report.counts["settled"] == 1
    assert "1 kept aside before are settled" in report.summary()
    assert states(db) == [(1, "HK-01", "settled"), (1, "HK-02", "superseded"), (2, "HK-02", "open")]
    closed = geo.rejected(db, closed=True).iloc[0]
    assert (closed["closed_by_import"], closed["closed_by"]) == (number(report), "tests")
    recorded = table(db, "SELECT recorded_at FROM registry.imports WHERE id = 2").iat[0, 0]
    assert closed["closed_at"] == recorded
    assert table(db, "SELECT counts FROM registry.imports WHERE id = 2").iat[0, 0]["settled"] == 1


def test_a_row_that_comes_back_as_it_is_registered_is_settled_though_no_fact_changes(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, 2])
    put(db, tmp_path, [1, "约2"], LATER)
    versions = table(db, "SELECT count(*) FROM registry.parcels").iat[0, 0]
    report = put(db, tmp_path, [1, 2], LATER)
    assert (report.import_id, report.counts["same"], report.counts["settled"]) == (3, 2, 1)
    assert states(db) == [(2, "HK-01", "settled")]
    assert table(db, "SELECT count(*) FROM registry.parcels").iat[0, 0] == versions
    assert put(db, tmp_path, [1, 2], LATER).import_id is None


def test_a_code_of_another_kind_settles_nothing(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, ["约1"])
    frame = parcels(1)[["DKBH", "geometry"]].rename(columns={"DKBH": "zone"}).assign(name="片区", indicative=True)
    load(db, gpkg(tmp_path, frame, "zones.gpkg"), kind="zones")
    assert states(db) == [(1, "HK-00", "open")]


def test_the_undo_of_the_import_that_settled_a_row_opens_it_and_the_undo_of_that_settles_it(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2"])
    put(db, tmp_path, [1, 2], LATER)
    report = undo(db, 2)
    assert report.counts["reopened"] == 1
    assert "1 rows kept aside are open again" in report.summary()
    assert states(db) == [(1, "HK-01", "open")]
    undo(db, number(report))
    assert states(db) == [(1, "HK-01", "settled")]
    undo(db, 2)
    assert number(put(db, tmp_path, [1, 2], LATER)) == 6
    assert states(db) == [(1, "HK-01", "settled")]
    assert geo.rejected(db, closed=True)["closed_by_import"].tolist() == [6]


def test_rows_of_an_import_that_is_undone_are_open_no_more_and_those_that_it_superseded_are(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2"])
    put(db, tmp_path, [3, "约4"], LATER)
    assert states(db) == [(1, "HK-01", "superseded"), (2, "HK-01", "open")]
    undo(db, 2)
    assert states(db) == [(1, "HK-01", "open"), (2, "HK-01", "undone")]
    # The file is news again once its import is undone, also where it has no good row.
    assert number(put(db, tmp_path, [3, "约4"], LATER)) == 4
    assert states(db)[-1] == (4, "HK-01", "open")


def test_the_same_file_again_keeps_no_row_twice_even_where_others_of_it_have_changed_since(
    db: Database, tmp_path: Path
) -> None:
    path, plan = gpkg(tmp_path, parcels(2, JZMJ=["1", "约2"]), "first.gpkg"), mapping(tmp_path)

    def first(day: date) -> ImportReport:
        return load(db, path, kind="parcels", mapping=plan, effective=day, accept_valid=True)

    assert number(first(DAY)) == 1
    assert first(DAY).import_id is None
    put(db, tmp_path, [9], LATER)
    again = first(date(2026, 1, 1))
    assert (again.import_id, again.counts["changed"], again.n_rejected) == (3, 1, 1)
    assert states(db) == [(1, "HK-01", "open")]


def test_a_new_file_with_the_same_faulty_rows_takes_the_place_of_the_older_ones_with_or_without_a_code(
    db: Database, tmp_path: Path
) -> None:
    for name in ("甲", "乙"):
        put(db, tmp_path, [1, "约2", 3], DKMC=[name, "b", "c"], DKBH=["HK-00", "HK-01", None])
    assert states(db) == [
        (1, "HK-01", "superseded"),
        (1, None, "superseded"),
        (2, "HK-01", "open"),
        (2, None, "open"),
    ]
    taken = geo.rejected(db, closed=True)["closed_by_row"].tolist()
    assert taken == [3, 4, None, None]
    # A row without a code that is not the same to the letter may be another one.
    put(db, tmp_path, [1, 3], DKMC=["丙", "d"], DKBH=["HK-00", None])
    assert [state for _, key, state in states(db) if key is None] == ["superseded", "open", "open"]


def test_rows_are_dismissed_with_actor_reason_and_audit_and_only_open_ones(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2", "约3"])
    first, second = geo.rejected(db)["rejected_id"]
    with pytest.raises(SettingsError):
        dismiss(db, [first], why=" ")
    with pytest.raises(NotFoundError, match="no rejected row 99"):
        dismiss(db, [first, 99], why="道路")
    assert [state for _, _, state in states(db)] == ["open", "open"]
    assert dismiss(db, [first], why="道路，不是地块", actor="李工") == 1
    assert geo.rejected(db)["rejected_id"].tolist() == [second]
    closed = geo.rejected(db, closed=True).iloc[0]
    assert closed[["state", "closed_by", "why"]].tolist() == ["dismissed", "李工", "道路，不是地块"]
    audit = table(db, "SELECT actor, action, detail FROM registry.audit ORDER BY id").iloc[-1]
    assert (audit["actor"], audit["action"]) == ("李工", "dismiss_rejected")
    assert audit["detail"] == {"rejected": [first], "why": "道路，不是地块"}
    before = written(db)
    with pytest.raises(NotFoundError, match="dismissed by 李工"):
        dismiss(db, [second, first], why="x")
    assert written(db) == before
    assert states(db)[1][2] == "open"


def test_a_dismissed_row_that_comes_back_in_a_new_file_is_open_again_as_a_row_of_that_file(
    db: Database, tmp_path: Path
) -> None:
    put(db, tmp_path, [1, "约2"])
    dismiss(db, geo.rejected(db)["rejected_id"].tolist(), why="道路")
    put(db, tmp_path, [5, "约2"])
    assert states(db) == [(1, "HK-01", "dismissed"), (2, "HK-01", "open")]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE registry.rejected_outcomes SET import_id = 1",
        "UPDATE registry.rejected_outcomes SET at = at + interval '1 second'",
        "UPDATE registry.rejected_outcomes SET by_row = 1 WHERE outcome = 'superseded'",
        "DELETE FROM registry.rejected_outcomes WHERE outcome = 'settled'",
        "INSERT INTO registry.rejected_outcomes (rejected_id, outcome, actor, why) VALUES (1, 'dismissed', 'x', 'y')",
        "INSERT INTO registry.rejected_rows (import_id, row, values, faults) VALUES (2, 9, '{}', '[]')",
    ],
)
def test_what_must_hold_of_rejected_rows_is_watched(db: Database, tmp_path: Path, damage: str) -> None:
    codes: list[object] = ["HK-00", "HK-01", "HK-02", None]
    put(db, tmp_path, [1, "约2", "约3", 4], DKBH=codes)
    put(db, tmp_path, [1, 2, "约3", 4], LATER, DKBH=codes)
    assert invariants(db) == []
    with db.write() as connection:
        connection.execute(sa.text(damage))
    assert invariants(db) != []


@pytest.mark.parametrize(
    "outcome",
    [
        "'dismissed', NULL, NULL, NULL",
        "'settled', NULL, NULL, NULL",
        "'superseded', 1, NULL, NULL",
        "'lost', 1, 1, 'x'",
    ],
)
def test_the_database_itself_refuses_an_outcome_that_nobody_brought(db: Database, tmp_path: Path, outcome: str) -> None:
    put(db, tmp_path, [1, "约2"])
    insert = (
        "INSERT INTO registry.rejected_outcomes (rejected_id, actor, outcome, import_id, by_row, why) VALUES (1, 'x', "
    )
    with pytest.raises(sa.exc.IntegrityError), db.write() as connection:
        connection.execute(sa.text(f"{insert}{outcome})"))


def test_a_failing_import_leaves_the_rows_kept_aside_as_they_were(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geo.intake import quarantine

    put(db, tmp_path, [1, "约2"])
    before = written(db), len(current(db))

    def broken(cursor: Any, *_: Any) -> None:
        cursor.execute("SELECT 1/0")

    monkeypatch.setattr(quarantine, "close", broken)
    with pytest.raises(DatabaseError):
        put(db, tmp_path, [1, 2], LATER)
    assert (written(db), len(current(db))) == before
    assert states(db) == [(1, "HK-01", "open")]

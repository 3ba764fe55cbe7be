"""The registry: versions with valid and recorded time, all or nothing, one importer at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from intake_files import current, gpkg, mapping, parcels, square, table, written

from geo.database import Database
from geo.errors import DatabaseError, IntakeError, NotFoundError
from geo.intake import ImportReport, load, store
from geo.intake.history import history

DAY = date(2024, 1, 1)
LATER = date(2025, 1, 1)


def put(db: Database, folder: Path, frame: object = None, effective: date = DAY, **options: object) -> ImportReport:
    path = gpkg(folder, parcels() if frame is None else frame)  # type: ignore[arg-type]
    return load(db, path, kind="parcels", mapping=mapping(folder), effective=effective, **options)  # type: ignore[arg-type]


def holding(db: Database, day: date, known: object = None) -> dict[str, str | None]:
    """Code → name of what holds on a day, as known at an instant (default: now), told in SQL of the test's own."""
    at = "coalesce(:known, now())"
    found = table(
        db,
        "SELECT parcel_code, name FROM registry.parcels WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
        f" AND recorded_from <= {at} AND (recorded_to IS NULL OR recorded_to > {at})",
        day=day,
        known=known,
    )
    assert not found["parcel_code"].duplicated().any()
    return dict(zip(found["parcel_code"], found["name"], strict=True))


def test_an_import_is_written_down_with_file_name_hash_and_actor_but_no_folder(db: Database, tmp_path: Path) -> None:
    report = put(db, tmp_path, actor="李工")
    found = table(db, "SELECT * FROM registry.imports").iloc[0]
    assert found["id"] == report.import_id
    assert (found["file_name"], found["actor"], found["crs"]) == ("地块.gpkg", "李工", "EPSG:4549")
    assert found["sha256"] == report.sha256
    assert found["counts"] == {"added": 3, "changed": 0, "same": 0, "gone": 0, "rejected": 0}
    assert found["effective_from"] == DAY
    assert str(tmp_path) not in str(found.to_dict())
    assert table(db, "SELECT actor, action FROM registry.audit").to_numpy().tolist() == [["李工", "import"]]


def test_the_same_file_twice_changes_nothing_and_writes_nothing(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    before = written(db)
    again = put(db, tmp_path, effective=LATER)
    assert again.import_id is None
    assert again.counts == {"added": 0, "changed": 0, "same": 3, "gone": 0}
    assert written(db) == before
    assert "nothing to write" in again.summary()


def test_a_later_file_opens_new_versions_and_the_past_stays_as_it_was(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    first_known = table(db, "SELECT max(recorded_at) FROM registry.imports").iat[0, 0]
    report = put(db, tmp_path, parcels(4, DKMC=["地块0", "改", "地块2", "新"]), effective=LATER)
    assert report.counts == {"added": 1, "changed": 1, "same": 2, "gone": 0}
    assert holding(db, LATER) == {"HK-00": "地块0", "HK-01": "改", "HK-02": "地块2", "HK-03": "新"}
    assert holding(db, LATER - timedelta(days=1)) == {"HK-00": "地块0", "HK-01": "地块1", "HK-02": "地块2"}
    assert holding(db, LATER, known=first_known) == {"HK-00": "地块0", "HK-01": "地块1", "HK-02": "地块2"}
    ended = table(db, "SELECT parcel_code, ended_by FROM registry.parcels WHERE recorded_to IS NOT NULL")
    assert ended.to_numpy().tolist() == [["HK-01", report.import_id]]


def test_a_correction_from_the_same_day_replaces_what_was_recorded(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    put(db, tmp_path, parcels(3, DKMC=["地块0", "改", "地块2"]))
    assert holding(db, DAY)["HK-01"] == "改"
    assert len(table(db, "SELECT 1 FROM registry.parcels WHERE parcel_code = 'HK-01' AND recorded_to IS NULL")) == 1


def test_a_file_that_holds_from_an_earlier_day_takes_over_all_that_comes_after(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    put(db, tmp_path, parcels(3, DKMC=["甲", "乙", "丙"]), effective=LATER)
    early = date(2023, 1, 1)
    put(db, tmp_path, parcels(3, DKMC=["子", "丑", "寅"]), effective=early)
    for day in (early, DAY, LATER):
        assert holding(db, day) == {"HK-00": "子", "HK-01": "丑", "HK-02": "寅"}
    assert holding(db, early - timedelta(days=1)) == {}


def test_a_moved_corner_is_a_change_and_drawing_noise_is_none(db: Database, tmp_path: Path) -> None:
    import shapely

    put(db, tmp_path)
    noisy = [shapely.transform(square(i), lambda xy: xy + 1e-6) for i in range(3)]
    assert put(db, tmp_path, parcels(3, geometry=noisy)).import_id is None
    noisy[2] = square(2, size=100.01)
    assert put(db, tmp_path, parcels(3, geometry=noisy)).counts["changed"] == 1


def test_what_is_not_in_the_file_is_kept_unless_asked_to_retire_it(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    assert put(db, tmp_path, parcels(2), effective=LATER).import_id is None
    report = put(db, tmp_path, parcels(2), effective=LATER, gone="retire")
    assert report.counts == {"added": 0, "changed": 0, "same": 2, "gone": 1}
    assert set(holding(db, LATER)) == {"HK-00", "HK-01"}
    assert set(holding(db, DAY)) == {"HK-00", "HK-01", "HK-02"}
    back = put(db, tmp_path, parcels(3), effective=date(2026, 1, 1))
    assert back.counts["added"] == 1
    assert set(holding(db, LATER)) == {"HK-00", "HK-01"}
    assert len(holding(db, date(2026, 1, 1))) == 3


def test_accept_valid_takes_the_good_rows_and_keeps_the_others_with_their_faults(db: Database, tmp_path: Path) -> None:
    frame = parcels(3, JZMJ=["1", "约2", "3"])
    path, plan = gpkg(tmp_path, frame), mapping(tmp_path)
    report = load(db, path, kind="parcels", mapping=plan, accept_valid=True)
    assert (report.counts["added"], report.n_rejected) == (2, 1)
    assert current(db)["parcel_code"].tolist() == ["HK-00", "HK-02"]
    kept = table(db, "SELECT * FROM registry.rejected_rows").iloc[0]
    assert (kept["import_id"], kept["row"]) == (report.import_id, 2)
    assert kept["values"]["JZMJ"] == "约2"
    assert kept["values"]["geometry"].startswith("POLYGON ((")
    assert [(f["field"], f["rule"]) for f in kept["faults"]] == [("gfa_m2", "not_a_number")]
    again = load(db, path, kind="parcels", mapping=plan, accept_valid=True)
    assert (again.import_id, again.n_rejected) == (None, 1)
    assert len(table(db, "SELECT 1 FROM registry.rejected_rows")) == 1


def test_a_rejected_row_is_not_gone(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path)
    bad = parcels(3, JZMJ=["1", "现状", "3"])
    assert put(db, tmp_path, bad, effective=LATER, accept_valid=True, gone="retire").counts["gone"] == 0
    nameless = parcels(3, DKBH=["HK-00", None, "HK-02"])
    with pytest.raises(IntakeError, match="nobody can tell what is gone"):
        put(db, tmp_path, nameless, effective=LATER, accept_valid=True, gone="retire")


def test_the_history_of_a_code_tells_what_changed_and_who_brought_it(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, actor="甲")
    put(db, tmp_path, parcels(3, DKMC=["地块0", "改", "地块2"]), effective=LATER, actor="乙")
    found = history(db, "HK-01")
    assert found["actor"].tolist() == ["甲", "乙", "乙"]
    assert found["valid_to"].tolist() == [None, LATER, None]
    assert found["changes"].tolist() == [[], [], [{"field": "name", "old": "地块1", "new": "改"}]]
    assert "owner_kind" not in found.columns
    with pytest.raises(NotFoundError):
        history(db, "nowhere")


def test_an_importer_that_waits_too_long_gets_a_clear_error(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    monkeypatch.setattr(store, "LOCK_WAIT", "100ms")
    with db.write() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": store.IMPORT_LOCK})
        with pytest.raises(DatabaseError, match="Another import"):
            put(db, tmp_path)
    assert written(db) == 0
    assert put(db, tmp_path).import_id is not None


def test_two_importers_at_once_lose_no_row(db: Database, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def run(which: int) -> None:
        folder = tmp_path / str(which)
        folder.mkdir()
        frame = parcels(
            40, DKBH=[f"{which}-{i}" if i % 2 else f"both-{i}" for i in range(40)], DKMC=[f"von {which}"] * 40
        )
        try:
            put(db, folder, frame)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(current(db)) == 3 * 20 + 20
    assert table(db, "SELECT count(*) FROM registry.parcels WHERE recorded_to <= recorded_from").iat[0, 0] == 0


_CHILD = """
import os, signal, sys
from datetime import date
from geo.database import connect
from geo.intake import load

stage, at = sys.argv[3], float(sys.argv[4])

def progress(name, done, total):
    if name == stage and done >= at * total:
        os.kill(os.getpid(), signal.SIGKILL)

load(connect(), sys.argv[1], kind="parcels", mapping=sys.argv[2], effective=date(2024, 1, 1), progress=progress)
"""


@pytest.mark.parametrize(("stage", "at"), [("check", 0), ("copy", 0.5), ("compare", 0), ("store", 0), ("store", 1)])
def test_a_killed_import_leaves_nothing_and_the_next_one_everything(
    db: Database, tmp_path: Path, stage: str, at: float
) -> None:
    n = 6_000
    path, plan = gpkg(tmp_path, parcels(n)), mapping(tmp_path)
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(plan), stage, str(at)],
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert written(db) == 0
    assert load(db, path, kind="parcels", mapping=plan).counts["added"] == n
    assert len(current(db)) == n

"""Two at once: importers of other kinds and of the same rows, an undo, a run being published.  No row is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from intake_files import current
from registry_states import live, put_rows
from small_city import CITY, load_rows

import geo
from geo.database import Database
from geo.intake import undo
from geo.intake.invariants import invariants

DAY, LATER = date(2024, 1, 1), date(2025, 1, 1)


def at_once(*works: Callable[[], object]) -> None:
    """Do all of it in threads that begin together; the first error of any is raised."""
    failed: list[BaseException] = []
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def folder(parent: Path, name: str) -> Path:
    path = parent / name
    path.mkdir()
    return path


def test_importers_of_different_kinds_both_write_everything(db: Database, tmp_path: Path) -> None:
    kinds = ("parcels", "stations", "carriers")
    folders = {kind: folder(tmp_path, kind) for kind in kinds}
    at_once(*(lambda kind=kind: load_rows(db, kind, CITY[kind], folders[kind]) for kind in kinds))  # type: ignore[misc]
    assert [len(live(db, kind)) for kind in kinds] == [len(CITY[kind]) for kind in kinds]
    assert invariants(db) == []


def test_of_two_importers_of_the_same_rows_the_later_one_holds_for_all_of_them(db: Database, tmp_path: Path) -> None:
    def bring(name: str) -> Callable[[], object]:
        rows = [(f"P{i}", name, None, (i * 200.0, 0.0, i * 200.0 + 100, 100.0)) for i in range(20)]
        where = folder(tmp_path, name)
        return lambda: put_rows(db, where, rows, DAY)

    at_once(bring("甲"), bring("乙"))
    names = set(current(db)["name"])
    assert len(current(db)) == 20
    assert names in ({"甲"}, {"乙"})
    assert invariants(db) == []


def test_an_undo_and_an_import_of_other_rows_both_come_through(db: Database, tmp_path: Path) -> None:
    first = put_rows(db, tmp_path, [("A", "甲", None, (0, 0, 100, 100))], DAY)
    second = put_rows(db, tmp_path, [("A", "乙", None, (0, 0, 100, 100))], LATER)
    other, number = folder(tmp_path, "other"), second.import_id
    assert first.import_id is not None
    assert number is not None
    at_once(
        lambda: undo(db, number),
        lambda: put_rows(db, other, [("B", "丙", None, (200, 0, 300, 100))], DAY),
    )
    assert current(db)[["parcel_code", "name"]].to_numpy().tolist() == [["A", "甲"], ["B", "丙"]]
    assert invariants(db) == []


def test_a_run_published_during_an_import_shows_one_state_of_the_registry(city: Database, tmp_path: Path) -> None:
    rows = [row | {"gfa_m2": 1.0} for row in CITY["parcels"]]
    at_once(
        lambda: geo.publish(city, geo.policy("hongkou-2025")),
        lambda: load_rows(city, "parcels", rows, tmp_path, date(2024, 6, 1)),
    )
    from intake_files import table

    shown = table(city, "SELECT facts->>'gfa_m2' AS gfa, parcel_code FROM published.current_parcels")
    # S1 and N1 have buildings: what is shown of S6 and B1 says which state it was.
    told = dict(zip(shown["parcel_code"], shown["gfa"].astype(float), strict=True))
    assert (told["S6"], told["B1"]) in ((5_000.0, 20_000.0), (1.0, 1.0))
    assert invariants(city) == []

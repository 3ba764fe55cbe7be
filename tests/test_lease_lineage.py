"""Leases of parcels that were split or merged: they go along where that is known, and make it unknown where it is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from registry_states import put_rows
from small_city import load_rows

import geo
from geo.database import Database
from geo.intake import undo

#: leases and parcels are first known from DAY on; land moves on LATER and LATEST; ASKED is after all that
DAY, LATER, LATEST, ASKED = date(2024, 1, 1), date(2024, 6, 1), date(2024, 9, 1), date(2025, 1, 1)
Box = tuple[float, float, float, float]
WHOLE, WEST, EAST, BESIDE = (0, 0, 100, 100), (0, 0, 50, 100), (50, 0, 100, 100), (100, 0, 200, 100)
BOTH = (0, 0, 200, 100)


def put(db: Database, folder: Path, day: date, **boxes: Box) -> Any:
    return put_rows(db, folder, [(code, code, None, box) for code, box in boxes.items()], day, gone="retire")


def let(db: Database, folder: Path, code: str, on: str, ends: str | None, stands_on: str = "parcel") -> None:
    row = {"lease_code": code, "stands_on": stands_on, "target_code": on, "lease_ends_on": ends}
    load_rows(db, "leases", [row], folder)


def left(db: Database, day: date = ASKED) -> dict[str, float | None]:
    """Years of leases left by parcel, ``None`` where that is unknown."""
    found = geo.parcels(db, as_of=day).set_index("parcel_code")["lease_years_left"]
    return {code: None if years != years else years for code, years in found.items()}


def until(ends: str, day: date = ASKED) -> Any:
    return pytest.approx((date.fromisoformat(ends) - day).days / 365.2425)


def test_a_lease_goes_along_where_all_of_its_parcel_went_to_one(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE, B=BESIDE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    let(db, tmp_path, "L2", "B", "2028-06-30")
    put(db, tmp_path, LATER, C=BOTH)
    assert left(db) == {"C": until("2030-06-30")}
    assert left(db, date(2024, 3, 1)) == {
        "A": until("2030-06-30", date(2024, 3, 1)),
        "B": until("2028-06-30", date(2024, 3, 1)),
    }


def test_on_which_part_of_a_split_parcel_it_stands_nobody_knows(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    put(db, tmp_path, LATER, A1=WEST, A2=EAST)
    assert left(db) == {"A1": None, "A2": None}
    # What the office registers then is its own word.
    let(db, tmp_path, "L2", "A1", "2027-06-30")
    assert left(db) == {"A1": until("2027-06-30"), "A2": None}


def test_a_lease_that_only_may_stand_there_counts_where_it_would_end_last(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE, B=BESIDE)
    let(db, tmp_path, "L1", "A", "2028-06-30")
    let(db, tmp_path, "L2", "B", "2030-06-30")
    # B goes on with the east of A: what stood on A may stand on it now, and ends before what does.
    put(db, tmp_path, LATER, A=WEST, B=(50, 0, 200, 100))
    assert left(db) == {"A": until("2028-06-30"), "B": until("2030-06-30")}
    let(db, tmp_path, "L1", "A", "2032-06-30")
    assert left(db)["B"] == until("2030-06-30"), "it was registered again on A after the land had moved"


def test_a_later_end_on_land_that_came_in_makes_it_unknown(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE, B=BESIDE)
    let(db, tmp_path, "L1", "A", "2032-06-30")
    let(db, tmp_path, "L2", "B", "2030-06-30")
    put(db, tmp_path, LATER, A=WEST, B=(50, 0, 200, 100))
    assert left(db) == {"A": until("2032-06-30"), "B": None}


def test_a_lot_cut_out_is_unknown_and_the_parcel_that_goes_on_keeps_its_leases(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    put(db, tmp_path, LATER, A=(5, 0, 100, 100), A9=(0, 0, 5, 100))
    assert left(db) == {"A": until("2030-06-30"), "A9": None}


def test_it_goes_along_step_by_step_and_is_unknown_from_the_first_split_on(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE, D=BESIDE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    put(db, tmp_path, LATER, B=WHOLE, D=BESIDE)
    assert left(db) == {"B": until("2030-06-30"), "D": None}
    put(db, tmp_path, LATEST, E=BOTH)
    assert left(db) == {"E": until("2030-06-30")}
    put(db, tmp_path, date(2024, 11, 1), F=WHOLE, G=BESIDE)
    assert left(db) == {"F": None, "G": None}


def test_a_lease_registered_late_by_a_code_that_is_gone_is_not_lost(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE)
    put(db, tmp_path, LATER, B=WHOLE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    assert left(db) == {"B": until("2030-06-30")}


def test_a_lease_of_a_building_goes_where_its_parcel_went(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE)
    load_rows(db, "buildings", [{"building_code": "A-1", "parcel_code": "A", "state": "standing"}], tmp_path)
    let(db, tmp_path, "L1", "A-1", "2030-06-30", "building")
    put(db, tmp_path, LATER, B=WHOLE)
    assert left(db) == {"B": until("2030-06-30")}


def test_a_merge_that_is_undone_takes_the_leases_back_and_the_undone_undo_forth(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=WHOLE, B=BESIDE)
    let(db, tmp_path, "L1", "A", "2030-06-30")
    merged = put(db, tmp_path, LATER, C=BOTH)
    back = undo(db, merged.import_id)
    assert left(db) == {"A": until("2030-06-30"), "B": None}
    undo(db, back.import_id)
    assert left(db) == {"C": until("2030-06-30")}
    # A lease registered on B names a parcel that goes on only while the merge is undone.
    undo(db, merged.import_id)
    let(db, tmp_path, "L2", "B", "2029-06-30")
    assert left(db) == {"A": until("2030-06-30"), "B": until("2029-06-30")}

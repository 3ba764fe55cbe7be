"""Splits and merges, recognised by geometry; carrier shares follow by area, unconfirmed.  Parcels are drawn in metres."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake_files import table
from registry_states import everything_live, put_rows

from geo.database import Database
from geo.errors import NotFoundError
from geo.intake import load, undo
from geo.intake.confirming import confirm, lineage
from geo.intake.invariants import invariants

DAY, LATER, LATEST = date(2022, 1, 1), date(2024, 1, 1), date(2025, 1, 1)

Box = tuple[float, float, float, float]


def put(db: Database, folder: Path, day: date, gone: str = "retire", **boxes: Box) -> Any:
    rows = [(code, code, None, box) for code, box in boxes.items()]
    return put_rows(db, folder, rows, day, gone=gone)


def hold(db: Database, folder: Path, *shares: tuple[str, str, float | None], day: date = DAY) -> Any:
    """Import shares: carrier, parcel, share."""
    lines = ["carrier_code,stands_on,target_code,share"]
    lines += [f"{carrier},parcel,{code},{'' if share is None else share}" for carrier, code, share in shares]
    file, plan = folder / "shares.csv", folder / "shares.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = ("carrier_code", "stands_on", "target_code", "share")
    columns = "\n".join(f'{name} = "{name}"' for name in names)
    plan.write_text(f'kind = "carrier_shares"\n[source]\nname = "a test"\n[columns]\n{columns}\n', encoding="utf-8")
    return load(db, file, kind="carrier_shares", mapping=plan, effective=day)


def pairs(db: Database) -> dict[tuple[str, str], tuple[float, float, str]]:
    found = lineage(db)
    return {
        (row.from_code, row.to_code): (row.share_of_from, row.share_of_to, row.change) for row in found.itertuples()
    }


def held(db: Database, day: date = LATEST) -> dict[tuple[str, str], float | None]:
    """Carrier and parcel → share on a day, told in SQL of the test's own."""
    found = table(
        db,
        "SELECT carrier_code, target_code, share FROM registry.carrier_shares WHERE recorded_to IS NULL "
        "AND valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)",
        day=day,
    )
    return {(row.carrier_code, row.target_code): row.share for row in found.itertuples()}


def test_a_parcel_cut_in_two_is_a_split(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), Z=(200, 0, 300, 100))
    put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100), Z=(200, 0, 300, 100))
    assert pairs(db) == {("A", "A1"): (0.25, 1, "split"), ("A", "A2"): (0.75, 1, "split")}
    assert invariants(db) == []


def test_two_parcels_made_one_are_a_merge(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 400, 100))
    put(db, tmp_path, LATER, C=(0, 0, 400, 100))
    assert pairs(db) == {("A", "C"): (1, 0.25, "merged"), ("B", "C"): (1, 0.75, "merged")}


def test_land_that_goes_over_to_a_parcel_that_goes_on_keeps_both_lines(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 400, 100))
    put(db, tmp_path, LATER, A=(0, 0, 400, 100))
    assert pairs(db) == {("A", "A"): (1, 0.25, "goes on"), ("B", "A"): (1, 0.75, "merged")}


def test_a_lot_cut_out_of_a_parcel_that_goes_on_is_a_split(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    put(db, tmp_path, LATER, A=(5, 0, 100, 100), A9=(0, 0, 5, 100))
    assert pairs(db) == {("A", "A"): (0.95, 1, "goes on"), ("A", "A9"): (0.05, 1, "split")}


def test_another_code_on_the_same_land_is_a_renaming(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    put(db, tmp_path, LATER, B=(0, 0, 100, 100))
    assert pairs(db) == {("A", "B"): (1, 1, "renamed")}


def test_a_boundary_surveyed_anew_is_no_lineage(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 200, 100))
    put(db, tmp_path, LATER, A=(0, 0, 103, 100), B=(103, 0, 200, 100))
    assert pairs(db) == {}


def test_a_changed_name_or_a_parcel_that_is_only_gone_is_no_lineage(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 200, 100), C=(300, 0, 400, 100))
    put_rows(db, tmp_path, [("A", "新名", 5.0, (0, 0, 100, 100))], LATER, gone="keep")
    put(db, tmp_path, LATEST, A=(0, 0, 100, 100), B=(100, 0, 200, 100))
    assert pairs(db) == {}


def test_a_split_is_recognised_when_the_old_parcel_is_retired_by_a_later_file(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    put(db, tmp_path, LATER, gone="keep", A1=(0, 0, 50, 100), A2=(50, 0, 100, 100))
    assert pairs(db) == {}
    put(db, tmp_path, LATEST, A1=(0, 0, 50, 100), A2=(50, 0, 100, 100))
    assert set(pairs(db)) == {("A", "A1"), ("A", "A2")}


def test_who_held_the_whole_of_a_parcel_holds_the_whole_of_its_pieces(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0), ("乙楼", "A", None))
    put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100))
    assert held(db) == {("甲园", "A1"): 1, ("甲园", "A2"): 1, ("乙楼", "A1"): None, ("乙楼", "A2"): None}
    assert held(db, DAY) == {("甲园", "A"): 1, ("乙楼", "A"): None}
    source = table(
        db, "SELECT DISTINCT source FROM registry.carrier_shares WHERE recorded_to IS NULL AND valid_to IS NULL"
    )
    assert source["source"].tolist() == ["by area, from A (unconfirmed)"]
    assert invariants(db) == []


def test_shares_of_merged_parcels_are_weighed_by_area(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 400, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0), ("乙楼", "B", 0.4), ("丙", "A", 0.0), ("丙", "B", 0.6))
    put(db, tmp_path, LATER, C=(0, 0, 400, 100))
    assert held(db) == {("甲园", "C"): 0.25, ("乙楼", "C"): pytest.approx(0.3), ("丙", "C"): pytest.approx(0.45)}


def test_a_parcel_that_takes_in_another_has_its_shares_worked_out_anew(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(100, 0, 400, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0), ("乙楼", "B", 1.0))
    put(db, tmp_path, LATER, A=(0, 0, 400, 100))
    assert held(db) == {("甲园", "A"): 0.25, ("乙楼", "A"): 0.75}
    assert held(db, DAY) == {("甲园", "A"): 1, ("乙楼", "B"): 1}
    assert invariants(db) == []


def test_a_parcel_that_gave_land_away_keeps_its_shares_untouched(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    hold(db, tmp_path, ("甲园", "A", 0.5))
    put(db, tmp_path, LATER, A=(25, 0, 100, 100), A9=(0, 0, 25, 100))
    assert held(db) == {("甲园", "A"): 0.5, ("甲园", "A9"): 0.5}
    kept = table(db, "SELECT recorded_to FROM registry.carrier_shares WHERE target_code = 'A'")
    assert kept["recorded_to"].tolist() == [None]


def test_the_shares_that_an_office_has_given_for_the_new_parcels_stay(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0), ("甲园", "A1", 0.2))
    put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100))
    assert held(db) == {("甲园", "A1"): 0.2, ("甲园", "A2"): 1}


def test_an_undone_import_takes_its_lineage_and_its_shares_with_it(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0))
    before = everything_live(db)
    split = put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100))
    after = everything_live(db)
    back = undo(db, split.import_id)
    assert everything_live(db) == before
    assert pairs(db) == {}
    undo(db, back.import_id)
    assert everything_live(db) == after
    assert set(pairs(db)) == {("A", "A1"), ("A", "A2")}
    assert invariants(db) == []


def test_a_share_that_was_mended_since_blocks_the_undo_of_the_split(db: Database, tmp_path: Path) -> None:
    from geo.errors import UndoError

    put(db, tmp_path, DAY, A=(0, 0, 100, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0))
    split = put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100))
    mended = hold(db, tmp_path, ("甲园", "A1", 0.9), day=LATER)
    with pytest.raises(UndoError) as caught:
        undo(db, split.import_id)
    assert caught.value.blocking == (mended.import_id,)


def test_lineage_is_unconfirmed_until_somebody_says_that_it_holds(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, DAY, A=(0, 0, 100, 100), B=(300, 0, 400, 100))
    hold(db, tmp_path, ("甲园", "A", 1.0))
    put(db, tmp_path, LATER, A1=(0, 0, 25, 100), A2=(25, 0, 100, 100), B2=(300, 0, 400, 100))
    flagged = lineage(db, unconfirmed=True)
    assert flagged["to_code"].tolist() == ["A1", "A2", "B2"]
    assert flagged["carriers"].tolist() == [[{"carrier_code": "甲园", "share": 1.0}]] * 2 + [[]]
    assert confirm(db, "A", actor="王工") == 2
    assert lineage(db, unconfirmed=True)["to_code"].tolist() == ["B2"]
    assert lineage(db, "A1")["confirmed"].tolist() == [True]
    last = table(db, "SELECT actor, action FROM registry.audit ORDER BY id DESC LIMIT 1")
    assert last.to_numpy().tolist() == [["王工", "confirm_lineage"]]
    with pytest.raises(NotFoundError, match="nothing to confirm"):
        confirm(db, "A")

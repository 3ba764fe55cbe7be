"""The past in every answer: a day before a change, between two, and after; and what was known before a correction.

One office block of the small city (S1: 8,000 + 12,000 m² over and under ground at first) is judged, joined and counted; what
is expected is worked out from the rows below, not by the program.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from intake_files import table
from small_city import CITY, FROM, box, load_rows

import geo
from geo.database import Database

CHANGE, LATER = date(2025, 1, 1), date(2025, 7, 1)
BEFORE, BETWEEN, AFTER = date(2024, 12, 31), date(2025, 6, 30), date(2025, 7, 1)

#: S1 turns residential at CHANGE, and carrier C1 says less floor area; at LATER both change once more, and N1 shrinks
STATES = {
    BEFORE: {"use": "C8", "carrier": 30_000.0, "area": 20_000.0},
    BETWEEN: {"use": "Rr2", "carrier": 25_000.0, "area": 20_000.0},
    AFTER: {"use": "C2", "carrier": 10_000.0, "area": 10_000.0},
}


def changed(kind: str, key: str, code: str, **cells: Any) -> dict[str, Any]:
    row = next(row for row in CITY[kind] if row[key] == code)
    return row | cells


@pytest.fixture
def past(city: Database, tmp_path: Path) -> tuple[Database, datetime]:
    """The small city after two changes and then a correction; and an instant before the correction."""
    for day, state in ((CHANGE, STATES[BETWEEN]), (LATER, STATES[AFTER])):
        load_rows(city, "parcels", [changed("parcels", "parcel_code", "S1", land_use=state["use"])], tmp_path, day)
        load_rows(city, "carriers", [changed("carriers", "carrier_code", "C1", gfa_m2=state["carrier"])], tmp_path, day)
    half = changed("parcels", "parcel_code", "N1", registered_area_m2=10_000, geom=box(0, 520, 100, 620))
    load_rows(city, "parcels", [half], tmp_path, LATER)
    known = table(city, "SELECT max(recorded_at) FROM registry.imports").iat[0, 0]
    # The correction says how it was from the first day: S1 was industry all along, C1 had 1,000 m², N1 was always small.
    load_rows(city, "parcels", [changed("parcels", "parcel_code", "S1", land_use="M1"), half], tmp_path, FROM)
    load_rows(city, "carriers", [changed("carriers", "carrier_code", "C1", gfa_m2=1_000)], tmp_path, FROM)
    return city, known


def of(frame: Any, key: str, code: str, column: str) -> Any:
    return frame.set_index(key).at[code, column]


@pytest.mark.parametrize("day", list(STATES))
def test_every_answer_gives_a_past_day_as_it_was_known_before_the_correction(
    past: tuple[Database, datetime], day: date
) -> None:
    db, known = past
    state, times = STATES[day], {"as_of": day, "known_at": known}
    assert of(geo.parcels(db, **times), "parcel_code", "S1", "land_use") == state["use"]
    assert of(geo.parcels(db, **times), "parcel_code", "N1", "site_area_m2") == state["area"]
    judged = geo.candidates(db, rule="office_to_rnd", **times)
    # Homes are no office: the one rule's verdict on S1 turns with its use.
    assert (of(judged, "parcel_code", "S1", "verdict") == "no") == (state["use"] == "Rr2")
    assert of(geo.carriers(db, **times), "carrier_code", "C1", "gfa_m2") == state["carrier"]
    totals = geo.floor_area(db, by=["zone"], **times)
    # north_middle_ring: N2 to N5 have 39,500 m² of site, and N1 what it had on that day.
    assert of(totals, "zone", "north_middle_ring", "site_area_m2") == 39_500 + state["area"]
    joined = geo.clusters(db, over="all", gap_m=0, **times)
    with_n1 = next(codes for codes in joined["parcel_codes"] if "N1" in codes)
    # Cut in half, N1 no longer reaches N2 and N3.
    assert set(with_n1) == ({"N1", "N2", "N3"} if day < LATER else {"N1"})
    pairs = geo.adjacency(db, **times)
    assert ((pairs["parcel_a"] == "N1") & (pairs["parcel_b"] == "N2")).any() == (day < LATER)


@pytest.mark.parametrize("day", list(STATES))
def test_every_answer_gives_the_same_past_day_as_it_is_known_since(past: tuple[Database, datetime], day: date) -> None:
    db, _ = past
    assert of(geo.parcels(db, as_of=day), "parcel_code", "S1", "land_use") == "M1"
    assert of(geo.candidates(db, rule="office_to_rnd", as_of=day), "parcel_code", "S1", "verdict") == "no"
    assert of(geo.carriers(db, as_of=day), "carrier_code", "C1", "gfa_m2") == 1_000
    assert of(geo.floor_area(db, by=["zone"], as_of=day), "zone", "north_middle_ring", "site_area_m2") == 49_500
    joined = geo.clusters(db, over="all", gap_m=0, as_of=day)
    assert ["N1"] in [list(codes) for codes in joined["parcel_codes"]]


def test_a_day_before_everything_has_no_parcels(past: tuple[Database, datetime]) -> None:
    db, known = past
    assert geo.parcels(db, as_of=date(2023, 12, 31)).empty
    assert geo.parcels(db, as_of=date(2023, 12, 31), known_at=known).empty


@pytest.mark.parametrize("answer", [geo.parcels, geo.carriers, geo.candidates])
def test_an_undo_is_seen_in_every_answer_and_not_in_what_was_known_before(
    city: Database, tmp_path: Path, answer: Callable[..., Any]
) -> None:
    from geo.intake import undo

    day = date(2025, 6, 30)
    first = answer(city, as_of=day)
    load_rows(city, "parcels", [changed("parcels", "parcel_code", "S1", land_use="Rr2")], tmp_path, CHANGE)
    load_rows(city, "carriers", [changed("carriers", "carrier_code", "C1", gfa_m2=5)], tmp_path, CHANGE)
    wrong = answer(city, as_of=day)
    known = table(city, "SELECT max(recorded_at) FROM registry.imports").iat[0, 0]
    newest = table(city, "SELECT max(id) FROM registry.imports").iat[0, 0]
    for number in (newest, newest - 1):
        undo(city, number)

    def told(frame: Any) -> str:
        # Versions have numbers of their own; what they say is the same.
        kept = [c for c in frame if not c.endswith("_id") and c not in ("geometry", "valid_from", "recorded_from")]
        return str(frame[kept].to_json(default_handler=str))

    assert told(answer(city, as_of=day)) == told(first)
    assert told(answer(city, as_of=day, known_at=known)) == told(wrong)
    assert told(wrong) != told(first)

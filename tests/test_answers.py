"""The public calls over the hand-drawn city: what a person reads off the drawing is what they answer."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from small_city import CITY, load_rows

import geo
from geo.database import Database
from geo.errors import NotFoundError, SettingsError


def by_code(frame: pd.DataFrame, column: str) -> dict[str, object]:
    values = frame[column].astype(object)
    return dict(zip(frame["parcel_code"], values.where(values.notna(), None), strict=True))


def test_every_parcel_is_one_row_in_the_order_of_its_code(city: Database) -> None:
    found = geo.parcels(city)
    assert list(found["parcel_code"]) == sorted(row["parcel_code"] for row in CITY["parcels"])
    assert found.crs.to_epsg() == 4549
    assert found.index.equals(pd.RangeIndex(16))


def test_an_empty_registry_answers_with_empty_frames(db: Database) -> None:
    assert len(geo.parcels(db)) == 0
    assert len(geo.candidates(db)) == 0
    assert len(geo.carriers(db)) == 0
    assert len(geo.floor_area(db)) == 0
    assert geo.floor_area(db, by=[]).to_dict("records") == [
        {"site_area_m2": 0.0, "gfa_m2": 0.0, "n": 0, "n_unknown": 0}
    ]


def test_verdicts_are_those_that_one_reads_off_the_drawing(city: Database) -> None:
    verdicts = by_code(geo.candidates(city, "hongkou-2025"), "verdict")
    assert verdicts == {
        "S1": "candidate",  # an office of 10,000 m² in north_bund
        "S2": "unknown",  # an old house whose protected outline nobody has drawn stands on it
        "S3": "candidate",  # 60 % office
        "S4": "candidate",
        "S5": "no",  # research already
        "S6": "no",  # industrial
        "S7": "no",  # 2,500 m²
        "S8": "no",  # its use is not known, but half of it is protected
        "B1": "candidate",  # half of it in the zone is enough
        "B2": "no",  # three tenths are not
        "O1": "no",
        "N1": "no",
        "N2": "candidate",
        "N3": "candidate",
        "N4": "no",
        "N5": "candidate",
    }


def test_ranks_count_candidates_by_falling_score_and_nobody_else(city: Database) -> None:
    found = geo.candidates(city)
    chosen = found[found["verdict"] == "candidate"].sort_values("rank")
    assert list(chosen["rank"]) == list(range(1, 8))
    assert (np.diff(chosen["score"]) <= 0).all()
    assert found.loc[found["verdict"] != "candidate", "rank"].isna().all()


def test_the_score_of_one_parcel_is_what_one_works_out_by_hand(city: Database) -> None:
    found = geo.candidates(city).set_index("parcel_code").loc["S1"]
    assert (found["route"], found["target_codes"]) == ("existing_building", "C65")
    # vacancy 28 % of 50 %, headroom 3 - 1.8 of 2, station 100 m, 15 mu between 5 and 30, built
    expected = 3 * 0.56 + 2 * 0.6 + 2 * 1.0 + 1 * (15 - 5) / 25 + 2 * 0.3
    # of 1998 between 1990 and 2020; of the carriers nearby C5 leads; one institute 50 m off; S1 to S5 hang together, 90 mu
    expected += 1 * (2020 - 1998) / 30 + 1 * 1 / 3 + 1 * 1 / 3 + 1 * (90 - 30) / 70
    assert found["score"] == pytest.approx(100 * expected / 14)
    assert found["score_low"] == found["score_high"] == found["score"]


def test_an_unknown_criterion_makes_an_interval_as_wide_as_its_weight(city: Database) -> None:
    found = geo.candidates(city).set_index("parcel_code").loc["S4"]
    # by the land route, where vacancy and age do not count: headroom, 2 of 10, is not known since nothing is built
    assert found["route"] == "land"
    assert found["score_high"] - found["score_low"] == pytest.approx(20.0)


def test_reasons_name_every_condition_with_value_threshold_and_ground(city: Database) -> None:
    found = geo.candidates(city).set_index("parcel_code")
    reasons = {reason["condition"]: reason for reason in found.loc["S8", "reasons"]}
    assert reasons["heritage_outline"]["outcome"] == "fail"
    assert reasons["heritage_outline"]["value"] == pytest.approx(50.0)
    assert (reasons["heritage_outline"]["threshold"], reasons["heritage_outline"]["unit"]) == ("<= 10", "%")
    assert reasons["is_office"]["outcome"] == "unknown"
    assert reasons["is_office"]["value"] is None
    assert reasons["in_zone"] == {
        "route": None,
        "condition": "in_zone",
        "outcome": "pass",
        "field": "zone",
        "value": None,
        "text": "north_bund",
        "threshold": "in north_bund, north_middle_ring",
        "unit": None,
        "clause": "二(三)6",
    }


def test_carriers_have_their_own_floor_area_or_that_of_their_shares_or_none(city: Database) -> None:
    found = geo.carriers(city).set_index("carrier_code")
    gfa = found["gfa_m2"].astype(object).where(found["gfa_m2"].notna(), None).to_dict()
    # half of S1-1 (12,000) and all of S3 (15,000); an empty share and a target without figure are unknown
    assert gfa == {"C1": 30_000, "C2": 21_000, "C3": None, "C4": 8_000, "C5": None, "C6": None}
    assert found["zone"].to_dict() == {
        "C1": "north_bund",
        "C2": "north_bund",
        "C3": "north_middle_ring",
        "C4": "unknown",
        "C5": "north_bund",
        "C6": "other",
    }
    assert found["n_parcels"].to_dict() == {"C1": 0, "C2": 2, "C3": 1, "C4": 0, "C5": 1, "C6": 0}
    assert found.geometry["C4"] is None
    assert found.geometry["C3"].area == pytest.approx(20_000)


def test_a_past_day_is_answered_as_it_was(city: Database, tmp_path: Path) -> None:
    changed = [row | {"gfa_m2": 99_000} for row in CITY["parcels"] if row["parcel_code"] == "O1"]
    load_rows(city, "parcels", changed, tmp_path, effective=date(2025, 6, 1))
    assert by_code(geo.parcels(city, as_of=date(2025, 5, 31)), "gfa_m2")["O1"] == 12_000
    assert by_code(geo.parcels(city, as_of=date(2025, 6, 1)), "gfa_m2")["O1"] == 99_000
    assert len(geo.parcels(city, as_of=date(2023, 12, 31))) == 0


def test_a_past_instant_is_answered_with_what_was_known_then(city: Database, tmp_path: Path) -> None:
    with city.read() as connection:
        before = connection.scalar(sa.text("SELECT clock_timestamp()"))
    changed = [row | {"gfa_m2": 99_000} for row in CITY["parcels"] if row["parcel_code"] == "O1"]
    load_rows(city, "parcels", changed, tmp_path)
    assert by_code(geo.parcels(city, known_at=before), "gfa_m2")["O1"] == 12_000
    assert by_code(geo.parcels(city), "gfa_m2")["O1"] == 99_000


def test_a_kept_frame_answers_as_the_first_time_and_an_import_makes_it_new(city: Database, tmp_path: Path) -> None:
    first = geo.parcels(city)
    with city.read() as connection:
        n_kept = connection.scalar(sa.text("SELECT count(*) FROM measured.frames"))
    assert n_kept > 0
    pd.testing.assert_frame_equal(pd.DataFrame(geo.parcels(city)), pd.DataFrame(first))
    load_rows(city, "stations", [{"station_code": "ST3", "name": "丙站", "geom": first.geometry[0].centroid}], tmp_path)
    assert by_code(geo.parcels(city), "station_distance_m")["B1"] == 0.0


def test_who_may_not_write_reads_all_the_same(city: Database) -> None:
    url = city.engine.url
    with city.write() as connection:
        connection.execute(sa.text(f"CREATE ROLE \"reader_{url.database}\" LOGIN PASSWORD 'read'"))
        for schema in ("registry", "measure", "measured"):
            connection.execute(sa.text(f'GRANT USAGE ON SCHEMA {schema} TO "reader_{url.database}"'))
            connection.execute(sa.text(f'GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO "reader_{url.database}"'))
    reader = geo.connect(
        url.set(username=f"reader_{url.database}", password="read").render_as_string(hide_password=False)
    )
    try:
        assert len(geo.candidates(reader)) == 16
        with city.read() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM measured.frames")) == 0
    finally:
        reader.engine.dispose()
        with city.write() as connection:
            connection.execute(sa.text(f'DROP OWNED BY "reader_{url.database}"'))
            connection.execute(sa.text(f'DROP ROLE "reader_{url.database}"'))


def test_an_unknown_rule_or_policy_is_told_with_those_there_are(city: Database) -> None:
    with pytest.raises(NotFoundError, match="office_to_rnd"):
        geo.candidates(city, rule="nothing")
    with pytest.raises(NotFoundError, match="hongkou-2025"):
        geo.parcels(city, "nowhere")


def test_an_answer_says_what_it_rests_on(city: Database) -> None:
    stamp = geo.candidates(city, as_of=date(2025, 1, 1)).attrs["stamp"]
    assert stamp["as_of"] == "2025-01-01"
    assert stamp["data_version"].endswith(":2025-01-01")
    assert stamp["policy"].startswith("hongkou-2025 (")


def test_importing_the_package_imports_nothing_heavy() -> None:
    said = "import sys, geo; print(sorted({'pandas', 'shapely', 'sqlalchemy', 'geopandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_public_call_stays_callable_beside_the_room_of_its_name() -> None:
    import geo.export
    import geo.policy
    from geo.policy import Policy

    assert isinstance(geo.policy("hongkou-2025"), Policy)
    assert geo.policy.Policy is Policy  # type: ignore[attr-defined]
    assert list(inspect.signature(geo.export).parameters)[:2] == ["frame", "path"]


def test_what_is_asked_again_is_what_is_registered_then_and_nobody_s_changes_to_an_answer(city: Database) -> None:
    first = geo.parcels(city)
    first.loc[first["parcel_code"] == "S3", "site_area_m2"] = -1.0
    first["zone"] = "nowhere"
    again = geo.parcels(city)
    assert again.set_index("parcel_code").loc["S3", "site_area_m2"] == 10_000
    assert "nowhere" not in set(again["zone"])
    assert len(geo.parcels(city, as_of=date(2020, 1, 1))) == 0
    near, far = (geo.parcels(city, nearby_m=metres)["carriers_nearby"].sum() for metres in (1.0, 1e6))
    assert near < far
    wide = geo.policy("hongkou-2025").with_changes({"clusters.lane_width.value": 0.5})
    apart, joined = (geo.parcels(city, policy)["contiguous_area_m2"].sum() for policy in (wide, None))
    assert apart < joined


def test_a_second_question_of_one_state_measures_nothing_again_and_an_import_does(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    before = geo.candidates(city)
    monkeypatch.setattr("geo.measure.cache.Look.read", lambda _self, query, _values: read.append(query))
    policy = geo.policy("hongkou-2025")
    rule = policy.rules["office_to_rnd"]
    heavier = policy.with_changes({f"rules.office_to_rnd.criteria.{rule.criteria[0].id}.weight": 50.0})
    after = geo.candidates(city, heavier)
    assert read == []
    assert after["verdict"].tolist() == before["verdict"].tolist()
    assert after["score"].tolist() != before["score"].tolist()
    monkeypatch.undo()
    rows = [row | {"supply_status": "granted_unbuilt"} for row in CITY["parcels"]]
    load_rows(city, "parcels", rows, tmp_path)
    assert set(geo.candidates(city)["supply_status"]) == {"granted_unbuilt"}


@pytest.mark.parametrize("ask", [geo.adjacency, geo.clusters, geo.near_misses, geo.bridges, geo.sites])
def test_a_lane_wider_than_the_policy_s_widest_is_refused_before_anything_is_measured(
    city: Database, ask: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.measure.neighbours.typed_pairs", lambda *_: pytest.fail("it was measured"))
    with pytest.raises(SettingsError, match="at most 60 m"):
        ask(city, gap_m=60.5)
    unlimited = geo.policy("hongkou-2025").with_changes({"clusters.widest_lane": None})
    monkeypatch.undo()
    if ask is geo.adjacency:
        assert len(geo.adjacency(city, unlimited, gap_m=60.5)) >= len(geo.adjacency(city, gap_m=60))

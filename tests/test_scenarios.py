"""Scenarios: saved, listed, dropped, taken up; the registry with measures laid over it, and untouched."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

import geo
from api.cli import app
from geo.database import Database
from geo.errors import NotFoundError, ScenarioError, SettingsError
from geo.publish import read_run

POLICY = geo.policy("hongkou-2025")
DAY = date(2026, 1, 15)
OFFICE, LAND = "conversion_building:office_to_rnd:N5", "conversion_land:office_to_rnd:N2"


@pytest.fixture
def run(city: Database) -> Database:
    geo.publish(city, POLICY, as_of=DAY)
    return city


def by_use(laid: Any, *names: str) -> dict[Any, float]:
    found = laid.totals(names or ("land_use",), states="all")
    keys = found[list(names or ("land_use",))].itertuples(index=False, name=None)
    return {
        key if len(key) > 1 else key[0]: gfa
        for key, gfa in zip(keys, found["gfa_m2"], strict=True)
        if gfa and gfa == gfa
    }


def change(run: Database, *measures: str, by: tuple[str, ...] = ("land_use",)) -> dict[Any, float]:
    """By how much each group differs from the registry as it is."""
    geo.save_scenario(run, "x", measures, replace=True)
    found = geo.compare_scenarios(run, "", "x", by=by, states="all")
    keys = found[list(by)].itertuples(index=False, name=None)
    return {key if len(by) > 1 else key[0]: m for key, m in zip(keys, found["gfa_change_m2"], strict=True) if m}


def test_a_scenario_is_saved_listed_and_dropped_and_stays_on_record(run: Database) -> None:
    geo.save_scenario(run, "  甲  方案", [OFFICE, "admit:N4"], note="先易后难", actor="规划科")
    geo.save_scenario(run, "空", [])
    listed = geo.scenarios(run)
    assert listed[["name", "note", "n_measures", "gfa_m2", "n_open"]].to_numpy().tolist() == [
        ["甲 方案", "先易后难", 2, 29_000, 0],
        ["空", "", 0, 0, 0],
    ]
    assert listed["actor"].tolist() == ["规划科", "tests"]
    with pytest.raises(ScenarioError, match="already"):
        geo.save_scenario(run, "甲 方案", [OFFICE])
    geo.save_scenario(run, "甲 方案", [OFFICE], replace=True)
    assert list(geo.scenario(run, "甲 方案").measures["measure_id"]) == [OFFICE]
    geo.drop_scenario(run, "甲 方案")
    assert geo.scenarios(run)["name"].tolist() == ["空"]
    with pytest.raises(NotFoundError, match="空"):
        geo.drop_scenario(run, "甲 方案")
    with run.read() as connection:
        kept = connection.execute(sa.text("SELECT name, dropped_by FROM published.scenarios ORDER BY 1, 2")).all()
        told = connection.scalars(sa.text("SELECT action FROM registry.audit WHERE action LIKE '%scenario'")).all()
    assert kept == [("甲 方案", "tests"), ("甲 方案", "tests"), ("空", None)]
    assert sorted(told) == ["drop_scenario", "save_scenario", "save_scenario", "save_scenario"]


def test_what_cannot_be_saved_is_told_and_nothing_is_written(run: Database) -> None:
    for name, measures, told in (
        ("", [], "name of 1 to"),
        ("x" * 61, [], "name of 1 to"),
        ("x", ["admit:NOWHERE"], "not open"),
        ("registry", [], "the registry as it is"),
    ):
        with pytest.raises((ScenarioError, NotFoundError), match=told):
            geo.save_scenario(run, name, measures)
    assert geo.scenarios(run).empty


def test_two_measures_of_the_same_square_metres_are_not_saved_together(run: Database) -> None:
    open_ = geo.open_measures(run, POLICY, as_of=DAY)
    pairs = [(one, other) for one, all_ in zip(open_["measure_id"], open_["excludes"], strict=True) for other in all_]
    for one, other in pairs[:1]:
        with pytest.raises(ScenarioError, match="same square metres"):
            geo.save_scenario(run, "x", [one, other])


def test_a_conversion_moves_floor_area_between_uses_and_to_a_carrier(run: Database) -> None:
    assert change(run, OFFICE) == {"commercial_service": -7_000, "research_design": 7_000}
    assert change(run, OFFICE, by=("carrier",)) == {"none": -7_000, OFFICE: 7_000}
    assert change(run, OFFICE, by=("zone",)) == {}
    laid = geo.scenario(run, "x")
    site = laid.totals(["land_use"]).set_index("land_use")["site_area_m2"]
    before = geo.floor_area(run, POLICY, by=["land_use"], as_of=DAY).set_index("land_use")["site_area_m2"]
    assert site["research_design"] == before["research_design"] + 9_500, "the land is planned otherwise, too"
    # S1-1 is half a carrier's: that half keeps its holder and its use.
    assert change(run, "conversion_building:office_to_rnd:S1", by=("carrier",)) == {
        "none": -14_000,
        "conversion_building:office_to_rnd:S1": 14_000,
    }


def test_what_is_built_on_land_stands_there_and_what_was_not_known_of_it_is_still_counted_as_unknown(
    run: Database,
) -> None:
    assert change(run, LAND) == {"research_design": 25_000}
    assert change(run, LAND, by=("zone", "state")) == {("north_middle_ring", "standing"): 25_000}
    laid = geo.scenario(run, "x")
    rows = laid.ledger[(laid.ledger["parcel_code"] == "N2") & (laid.ledger["books"] == "floor_area")]
    assert sorted(rows["state"]) == ["demolished", "standing"], "nothing on record there is not the same as nothing"
    assert rows.set_index("state")["gfa_m2"].isna().to_dict() == {"demolished": True, "standing": False}


def test_an_admitted_building_is_a_carriers_and_counts_from_its_day_on(run: Database) -> None:
    assert change(run, "admit:N4", by=("carrier",)) == {"none": -22_000, "admit:N4": 22_000}
    now, then = geo.scenario(run, "x", by=date(2026, 7, 14)), geo.scenario(run, "x", by=date(2026, 7, 15))
    base = read_run(run).run.figures["carrier_gfa_m2"]
    assert [each.figures["carrier_gfa_m2"] for each in (now, then)] == [base, base + 22_000]
    assert list(now.left_out["measure_id"]) == ["admit:N4"]
    assert then.figures["gap_m2"] == 1_000_000 - base - 22_000


def test_a_measure_of_which_something_is_unknown_is_kept_and_never_counted_on(run: Database) -> None:
    assert change(run, "completion:S5-1", "delisting:C3", by=("state",)) == {}
    laid = geo.scenario(run, "x")
    assert len(laid.measures) == 0
    assert set(laid.left_out["measure_id"]) == {"completion:S5-1", "delisting:C3"}
    assert geo.scenarios(run)["n_open"].tolist() == [2]


def test_candidates_and_clusters_are_judged_again_and_the_registry_is_untouched(run: Database) -> None:
    before = geo.candidates(run, POLICY, as_of=DAY)
    geo.save_scenario(run, "空", [])
    empty = geo.scenario(run, "空")
    names = ["parcel_code", "verdict", "score", "rank", "zone", "land_use"]
    pd.testing.assert_frame_equal(pd.DataFrame(empty.candidates()[names]), pd.DataFrame(before[names]))
    clusters = geo.clusters(run, POLICY, as_of=DAY)
    shown = ["parcel_codes", "area_m2", "gfa_m2", "shape"]
    pd.testing.assert_frame_equal(pd.DataFrame(empty.clusters()[shown]), pd.DataFrame(clusters[shown]))
    assert empty.figures["carrier_gfa_m2"] == read_run(run).run.figures["carrier_gfa_m2"]

    geo.save_scenario(run, "转", [OFFICE, LAND])
    laid = geo.scenario(run, "转")
    after = laid.candidates().set_index("parcel_code")
    was = before.set_index("parcel_code")
    assert was.loc[["N5", "N2"], "verdict"].tolist() == ["candidate", "candidate"]
    assert after.loc[["N5", "N2"], "verdict"].tolist() == ["no", "no"], "research land is no office any more"
    assert after.loc["N2", ["supply_status", "gfa_m2", "far"]].tolist() == ["built", 25_000, 2.5]
    assert not [codes for codes in laid.clusters()["parcel_codes"] if {"N5", "N2"} & set(codes)]
    untouched = geo.candidates(run, POLICY, as_of=DAY)
    pd.testing.assert_frame_equal(pd.DataFrame(untouched[names]), pd.DataFrame(before[names]))


def _as_registered(run: Database, code: str, parcel: str) -> None:
    """Register a carrier on a parcel, as the measure of that name would make it."""
    with run.write() as connection:
        for kind, given in (
            ("carriers", {"carrier_code": code, "status": "active", "geom": None, "industries": None, "gfa_m2": None}),
            ("carrier_shares", {"carrier_code": code, "stands_on": "parcel", "target_code": parcel, "share": 1.0}),
        ):
            table = run.table(f"registry.{kind}")
            rows = connection.execute(sa.select(table).where(table.c.carrier_code == "C2")).mappings().all()
            connection.execute(sa.insert(table).values({k: v for k, v in rows[0].items() if k != "id"} | given))
        connection.execute(sa.text("TRUNCATE measured.frames"))


def test_neighbours_have_a_new_carrier_within_their_reach_as_if_it_were_registered(run: Database) -> None:
    names = ["carriers_nearby", "leading_carriers_nearby"]
    before = geo.parcels(run, POLICY, as_of=DAY).set_index("parcel_code")[names]
    geo.save_scenario(run, "认定", ["admit:N4"])
    laid = geo.scenario(run, "认定").candidates("office_to_rnd").set_index("parcel_code")[names].astype("float64")
    _as_registered(run, "admit:N4", "N4")
    run.recalled.clear()
    registered = geo.parcels(run, POLICY, as_of=DAY).set_index("parcel_code")[names].astype("float64")
    pd.testing.assert_frame_equal(laid, registered)
    assert (registered["carriers_nearby"] != before["carriers_nearby"]).sum() > 3, "some are near enough"
    assert registered.at["N4", "carriers_nearby"] == before.at["N4", "carriers_nearby"], "what is on it is not near it"


def test_a_scenario_is_taken_up_on_a_later_run_and_says_what_is_gone(run: Database) -> None:
    geo.save_scenario(run, "转", [OFFICE, LAND])
    with run.write() as connection:
        connection.execute(sa.text("UPDATE registry.parcels SET supply_status = 'built' WHERE parcel_code = 'N2'"))
    with run.write() as connection:
        connection.execute(sa.text("TRUNCATE measured.frames"))
    later = geo.publish(run, POLICY, as_of=date(2026, 3, 1))
    geo.save_scenario(run, "新", [OFFICE])
    with pytest.raises(ScenarioError, match="different runs"):
        geo.compare_scenarios(run, "转", "新")
    taken = geo.take_up_scenario(run, "转")
    assert (taken.run_id, taken.gone) == (later.run_id, (LAND,))
    assert taken.measures["ready_on"].tolist() == [date(2027, 12, 1)], "figured anew from the later day"
    assert geo.compare_scenarios(run, "转", "新")["gfa_change_m2"].abs().sum() == 0


def test_the_best_way_is_saved_with_the_days_from_which_its_measures_count(run: Database) -> None:
    base = read_run(run).run.figures["carrier_gfa_m2"]
    limit = {"kind": "conversion_building", "year": "each", "count": 1}
    found = geo.best_way(run, POLICY, by=date(2031, 12, 31), target_m2=base + 100_000, limits=[limit], as_of=DAY)
    assert found.attrs["way"]["is_possible"]
    saved = geo.save_scenario(run, "最优", found)
    chosen = found[found["chosen"]].set_index("measure_id")["counts_from"]
    assert dict(zip(saved.measures["measure_id"], saved.measures["ready_on"], strict=True)) == chosen.to_dict()
    gained = geo.scenario(run, "最优").figures["carrier_gfa_m2"] - base
    assert gained == pytest.approx(found.attrs["way"]["gained_m2"])
    years = [day.year for name, day in chosen.items() if name.startswith("conversion_building")]
    assert len(years) > 1, "or the limit moved none"
    assert len(set(years)) == len(years)


def test_a_run_that_a_scenario_lies_over_is_not_dropped(run: Database) -> None:
    from geo.publish import drop_old_runs

    first = read_run(run).run.run_id
    geo.save_scenario(run, "x", [])
    geo.publish(run, POLICY, as_of=DAY)
    second = read_run(run).run.run_id
    geo.publish(run, POLICY, as_of=DAY)
    assert drop_old_runs(run, keep=1) == [second]
    assert geo.scenario(run, "x").run.run.run_id == first


def test_the_command_saves_lists_compares_takes_up_and_drops(run: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", run.engine.url.render_as_string(hide_password=False))

    def said(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ("scenarios", *arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    assert "admit:N4" in said("--open").stdout
    saved = said("甲", "--save", "--measure", f"{OFFICE},admit:N4", "--measure", "delisting:C3", "--note", "先易后难")
    assert "2 measures are laid over, 1 are left out" in saved.stderr
    assert "非考核口径" in saved.stderr
    assert [row["name"] for row in json.loads(said("--format", "json").stdout)] == ["甲"]
    rows = json.loads(said("甲", "--compare", "registry", "--by", "land_use", "--format", "json").stdout)
    assert {row["land_use"]: row["gfa_change_m2"] for row in rows if row["gfa_change_m2"]} == {
        "commercial_service": -7_000,
        "research_design": 7_000,
    }
    late = json.loads(said("甲", "--by", "carrier", "--until", "2026-12-31", "--format", "json").stdout)
    assert "admit:N4" in {row["carrier"] for row in late}
    assert OFFICE not in {row["carrier"] for row in late}
    changed = json.loads(
        said("甲", "--compare", "registry", "--candidates", "office_to_rnd", "--format", "json").stdout
    )
    assert [row["parcel_code"] for row in changed if row["change"] == "left"] == ["N5"]
    assert len(json.loads(said("甲", "--measures", "--format", "json").stdout)) == 3
    assert said("甲", "--take-up").exit_code == 0
    assert "no rows" not in said("甲", "--drop").stdout
    assert geo.scenarios(run).empty
    for wrong in (("甲", "--save", "--drop"), ("--save",), ("甲", "--measure", OFFICE)):
        with pytest.raises(SettingsError):
            said(*wrong)

"""A published run: all of it or nothing, one current run, old ones kept, and what pages read is what answers said."""

from __future__ import annotations

import threading

import pandas as pd
import pytest
import sqlalchemy as sa

import geo
from geo.database import Database
from geo.errors import NotFoundError
from geo.judge.floor_area import of_ledger
from geo.policy import Policy
from geo.publish import current_run, drop_old_runs, is_current, publish, read_run, runs
from geo.publish import writing as writing_room
from geo.publish.figures import towards_target


@pytest.fixture
def policy() -> Policy:
    return geo.policy("hongkou-2025")


def test_before_the_first_run_the_error_says_what_to_do(db: Database) -> None:
    with pytest.raises(NotFoundError, match="shuangbei publish"):
        current_run(db)


def test_what_is_read_back_is_what_the_answers_said(city: Database, policy: Policy) -> None:
    run = publish(city, policy, actor="me", seed=7)
    got = read_run(city)
    assert (got.run, run.actor, run.seed) == (run, "me", 7)
    live = geo.candidates(city, policy)
    columns = ["parcel_code", "zone", "site_area_m2", "gfa_m2", "far", "verdict", "score_low", "score_high"]
    pd.testing.assert_frame_equal(pd.DataFrame(got.parcels[columns]), pd.DataFrame(live[columns]), check_dtype=False)
    kept_back = {"owner_count", "grant_years_left"}
    told = [[r | ({"value": None} if r["field"] in kept_back else {}) for r in rs] for rs in live["reasons"]]
    assert [list(r) for r in got.parcels["reasons"]] == told
    for name in ("route", "target_codes"):
        assert got.parcels[name].fillna("").tolist() == live[name].fillna("").tolist()
    assert [list(r) for r in got.parcels["flags"]] == [list(r) for r in live["flags"]]
    assert got.parcels.geometry.geom_equals(live.geometry).all()
    for rule in policy.rules:
        clusters, kept = geo.clusters(city, policy, rule=rule), got.clusters[got.clusters["over"] == rule]
        assert set(kept["cluster_id"]) == set(clusters["cluster_id"])
        assert kept["area_m2"].sum() == pytest.approx(clusters["area_m2"].sum())
    totals = geo.floor_area(city, policy, by=["zone", "land_use"])
    pd.testing.assert_frame_equal(got.floor_area, totals[got.floor_area.columns], check_dtype=False)
    assert len(got.carriers) == len(geo.carriers(city, policy))
    assert got.parcels.crs.to_epsg() == city.srid


def test_what_only_some_may_read_is_in_no_published_table(city: Database, policy: Policy) -> None:
    publish(city, policy)
    live = geo.candidates(city, policy).set_index("parcel_code")
    reason = next(r for r in live.loc["S3", "reasons"] if r["condition"] == "owners")
    assert (reason["value"], reason["outcome"]) == (2.0, "pass")
    with city.read() as connection:
        facts = connection.scalars(sa.text("SELECT facts FROM published.current_parcels")).all()
        rows = connection.scalars(
            sa.text(
                "SELECT r FROM published.current_candidates c"
                " CROSS JOIN jsonb_array_elements(c.reasons || c.contributions || c.flags) r"
            )
        ).all()
    hidden = {"owner_kind", "owner_count", "state_owned_share", "grant_years_left", "lease_years_left"}
    assert not [name for fact in facts for name in hidden & set(fact)]
    asked = [row for row in rows if row["field"] in hidden]
    assert {row["outcome"] for row in asked} >= {"pass", "fail", "unknown"}
    assert {row["value"] for row in asked} | {row["text"] for row in asked} == {None}
    assert set(read_run(city).parcels.columns).isdisjoint(hidden)


def test_every_rule_of_the_policy_is_published_with_its_verdicts(city: Database, policy: Policy) -> None:
    publish(city, policy)
    got = read_run(city)
    assert list(got.candidates) == list(policy.rules)
    for rule, frame in got.candidates.items():
        live = geo.candidates(city, policy, rule=rule)
        assert frame["verdict"].tolist() == live["verdict"].tolist(), rule
        assert frame["route"].fillna("").tolist() == live["route"].fillna("").tolist(), rule


def test_the_main_figures_agree_with_the_tables_they_stand_over(city: Database, policy: Policy) -> None:
    figures = publish(city, policy).figures
    judged, totals = geo.candidates(city, policy), geo.floor_area(city, policy, by=[])
    assert figures["n_parcels"] == len(judged)
    assert figures["verdicts"] == {
        verdict: int((judged["verdict"] == verdict).sum()) for verdict in ("candidate", "unknown", "no")
    }
    assert figures["gfa_m2"] == pytest.approx(totals["gfa_m2"].item())
    assert figures["n_gfa_unknown"] == totals["n_unknown"].item()
    assert figures["site_area_m2"] == pytest.approx(totals["site_area_m2"].item())
    assert sum(zone["n_parcels"] for zone in figures["zones"].values()) == len(judged)
    assert figures["target_m2"] == 1_000_000
    assert figures["gap_m2"] == pytest.approx(1_000_000 - figures["carrier_gfa_m2"])
    assert figures["park_boundary_known"] is False


def test_the_stamp_names_policy_data_code_and_seed(city: Database, policy: Policy) -> None:
    run = publish(city, policy)
    assert run.policy_hash == policy.hash
    assert not run.synthetic, "the small city is a test's, but nothing in it says that it is made up"
    assert run.policy["id"] == "hongkou-2025"
    for part in ("policy", "data_version", "as_of", "code_version", "seed", "made_at", "made_by", "synthetic"):
        assert run.stamp[part] is not None


def test_a_second_run_becomes_current_and_the_first_is_kept(city: Database, policy: Policy) -> None:
    first, second = publish(city, policy), publish(city, policy)
    assert current_run(city) == second
    assert [run.run_id for run in runs(city)] == [second.run_id, first.run_id]
    assert len(read_run(city, first.run_id).parcels) == len(read_run(city).parcels)
    names = read_run(city, first.run_id).clusters["cluster_id"]
    assert set(names) == set(read_run(city).clusters["cluster_id"])


def test_the_views_show_the_current_run_only(city: Database, policy: Policy) -> None:
    publish(city, policy)
    run = publish(city, policy)
    with city.read() as connection:
        for name in ("parcels", "candidates", "clusters", "carriers", "floor_area", "layers"):
            ids = connection.scalars(sa.text(f"SELECT DISTINCT run_id FROM published.current_{name}")).all()
            assert list(ids) == [run.run_id], name


def test_old_runs_go_but_pinned_and_current_ones_stay(city: Database, policy: Policy) -> None:
    pinned = publish(city, policy, pinned=True)
    old = publish(city, policy)
    newest = publish(city, policy)
    assert drop_old_runs(city, keep=1) == [old.run_id]
    assert {run.run_id for run in runs(city)} == {pinned.run_id, newest.run_id}
    with city.read() as connection:
        left = connection.scalars(
            sa.text("SELECT relname FROM pg_class WHERE relname LIKE :like"), {"like": f"%_run_{old.run_id}"}
        ).all()
    assert list(left) == []
    with pytest.raises(NotFoundError):
        read_run(city, old.run_id)


def test_a_run_that_breaks_off_leaves_the_one_before(
    city: Database, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(city, policy)

    def breaks(*_: object) -> None:
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(writing_room, "copy_lineage", breaks)  # the last thing that is written
    with pytest.raises(RuntimeError):
        publish(city, policy)
    assert [run.run_id for run in runs(city)] == [first.run_id]
    assert current_run(city) == first
    with city.read() as connection:
        tables = connection.scalars(
            sa.text("SELECT relname FROM pg_class WHERE relname ~ '^parcels_run_[0-9]+$'")
        ).all()
    assert len(tables) == 1


def test_two_publishers_at_once_make_two_whole_runs(city: Database, policy: Policy) -> None:
    threads = [threading.Thread(target=publish, args=(city, policy)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs(city)) == 2
    counts = {len(read_run(city, run.run_id).parcels) for run in runs(city)}
    assert len(counts) == 1


def test_a_run_is_current_until_the_registry_or_the_policy_changes(city: Database, policy: Policy) -> None:
    assert not is_current(city, policy)
    publish(city, policy)
    assert is_current(city, policy)
    assert not is_current(city, policy.with_changes({"clusters.lane_width.value": 30}))


def test_an_empty_registry_publishes_an_empty_run(db: Database, policy: Policy) -> None:
    run = publish(db, policy)
    assert run.figures["n_parcels"] == 0
    assert run.figures["gfa_m2"] is None, "nothing known is not zero"
    assert not run.synthetic
    got = read_run(db)
    assert got.parcels.empty
    assert got.clusters.empty


def test_carriers_of_unknown_zone_or_status_are_told_apart_and_never_counted(policy: Policy) -> None:
    rows = [
        ("counted", "active", "north_bund", 10.0),
        ("size unknown", "on_notice", "north_middle_ring", None),
        ("status unknown", None, "north_bund", 20.0),
        ("zone unknown", "active", "unknown", 40.0),
        ("both unknown", None, "unknown", 80.0),
        ("delisted, zone unknown", "delisted", "unknown", 160.0),
        ("elsewhere, status unknown", None, "other", 320.0),
    ]
    carriers = pd.DataFrame(rows, columns=["name", "status", "zone", "gfa_m2"])
    told = towards_target(policy, carriers)
    assert told["n_carriers"] == 2
    assert told["n_carriers_unknown"] == 1
    assert told["n_carriers_undecided"] == 3
    assert told["carrier_gfa_m2"] == 10.0
    assert towards_target(policy, carriers.iloc[1:])["carrier_gfa_m2"] is None, "nothing known is not zero"


def test_a_run_keeps_the_ledger_that_its_totals_are_the_sum_of(city: Database, policy: Policy) -> None:
    publish(city, policy)
    got = read_run(city)
    live = geo.ledger(city, policy)
    assert len(got.ledger) == len(live)
    for by in (["zone", "land_use"], ["carrier"], ["state", "year"], []):
        told = of_ledger(got.ledger, by)
        pd.testing.assert_frame_equal(told, of_ledger(live, by), check_dtype=False)
    standing = got.ledger[got.ledger["state"].isin(["standing", "none"])]
    pd.testing.assert_frame_equal(of_ledger(standing, ["zone"]), got.totals[("zone",)], check_dtype=False)
    assert set(got.ledger["file_name"]) == {"parcels.csv", "buildings.csv"}
    assert "owner_kind" not in got.ledger, "owners are not for everybody to read"
    # A policy that says nothing of a ledger has totals all the same.
    run = publish(city, policy.model_copy(update={"ledger": None}))
    assert read_run(city, run.run_id).ledger.empty

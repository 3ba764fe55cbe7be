"""What a run finds beside its lists, told on pages, as JSON and by the command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import geo
from api.app import create_app
from api.cli import app
from geo.database import Database
from geo.publish import read_run

RULE = "office_to_rnd"


@pytest.fixture
def browser(city: Database) -> Iterator[TestClient]:
    with TestClient(create_app(city)) as client:
        yield client


def small_floor() -> Any:
    return geo.policy("hongkou-2025").with_changes({"sites.min_area.value": 40})


def test_what_a_run_keeps_is_what_the_answers_say(city: Database) -> None:
    geo.publish(city, small_floor())
    run = read_run(city)
    live = {
        "near_misses": geo.near_misses(city, small_floor()),
        "bridges": geo.bridges(city, small_floor()),
        "adjacency": geo.adjacency(city, small_floor(), over="candidates"),
        "carrier_groups": geo.carrier_groups(city, small_floor()),
    }
    for topic, told in live.items():
        kept = run.findings[topic]
        if "over" in kept:
            kept = kept[kept["over"] == RULE].drop(columns="over").reset_index(drop=True)
        names = [name for name in told if name != "geometry"]
        assert len(kept) == len(told), topic
        pd.testing.assert_frame_equal(
            pd.DataFrame(kept[names]).astype(object).where(kept[names].notna(), None),
            pd.DataFrame(told[names]).astype(object).where(told[names].notna(), None),
            check_dtype=False,
        )
    assert len(live["near_misses"]) > 0
    assert len(live["adjacency"]) > 0


def test_clusters_keep_their_other_figures(city: Database) -> None:
    geo.publish(city, small_floor())
    kept = read_run(city).clusters
    kept = kept[kept["over"] == RULE].set_index("cluster_id")
    live = geo.clusters(city, small_floor()).set_index("cluster_id")
    for name in ("gross_area_m2", "capacity_m2", "n_capacity_unknown", "n_carriers", "carrier_codes"):
        assert kept[name].to_dict() == live[name].to_dict(), name
    assert [u["use"] for u in kept["uses"].iloc[0]] == [u["use"] for u in live.loc[kept.index[0], "uses"]]
    assert not [name for name in kept if "owner" in name]


def test_pages_and_json_tell_them(city: Database, browser: TestClient) -> None:
    geo.publish(city, small_floor())
    near = browser.get("/api/v1/clusters/near-misses").json()
    assert near["total"] == len(near["items"]) > 0
    page = browser.get("/clusters").text
    assert "差一步" in page
    assert "关键地块" in page
    assert "与上一运行相比" not in page, "the first run has nothing before it"
    first = near["items"][0]
    # 44.25 mu: a half goes up.
    assert (first["area_after_m2"], "44.3 亩" in page) == (29_500, True)
    assert "Near misses" in browser.get("/clusters?lang=en").text
    assert browser.get("/clusters?rule=nothing").status_code == 404
    groups = browser.get("/api/v1/carriers/groups").json()["items"]
    assert [group["n_carriers"] for group in groups] == [5]
    assert "500 m" in browser.get("/carriers").text


def test_splits_and_new_clusters_are_told_from_the_second_run_on(city: Database, browser: TestClient) -> None:
    wide = geo.policy("hongkou-2025")
    geo.publish(city, wide)
    before = read_run(city).clusters
    narrow = wide.with_changes({"clusters.lane_width.value": 0})
    geo.publish(city, narrow)
    told = browser.get("/api/v1/clusters/changes").json()["items"]
    old = before[(before["over"] == RULE) & (before["n_parcels"] > 1)]
    assert {row["earlier_cluster_id"] for row in told if row["change"] == "split"} <= set(old["cluster_id"])
    assert "split" in {row["change"] for row in told}
    assert "分裂" in browser.get("/clusters").text
    geo.publish(city, wide)
    back = browser.get("/api/v1/clusters/changes").json()["items"]
    assert "merged" in {row["change"] for row in back}
    few = wide.with_changes({"rules.office_to_rnd.conditions.large_enough.value": 10**9})
    geo.publish(city, few)
    gone = browser.get("/api/v1/clusters/changes").json()["items"]
    assert {row["change"] for row in gone} == {"gone"}
    assert "消失" in browser.get("/clusters").text
    geo.publish(city, wide)
    anew = browser.get("/api/v1/clusters/changes").json()["items"]
    assert {row["change"] for row in anew} == {"new"}
    assert "新增" in browser.get("/clusters").text


def test_the_command_tells_changes_and_groups(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    geo.publish(city, geo.policy("hongkou-2025"))
    geo.publish(city, geo.policy("hongkou-2025"))
    said = CliRunner().invoke(app, ["clusters", "--changes"])
    assert "continued" in said.stdout
    said = CliRunner().invoke(app, ["carriers", "--groups", "--format", "json"])
    assert '"n_carriers": 5' in said.stdout

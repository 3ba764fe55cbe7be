"""Scenarios in pages, JSON, files and on the map: two side by side, in both languages, and nothing read as a page."""

from __future__ import annotations

import csv
import io
import re
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from folium.plugins import DualMap
from published_sample import HOSTILE, sample
from sample_server import SampleRuns, over
from starlette.testclient import TestClient

import geo
import maps
from api.app import create_app
from geo.database import Database
from maps.offline import walk

POLICY = geo.policy("hongkou-2025")
DAY = date(2026, 1, 15)
OFFICE, LAND = "conversion_building:office_to_rnd:N5", "conversion_land:office_to_rnd:N2"


@pytest.fixture
def client(city: Database) -> Iterator[TestClient]:
    geo.publish(city, POLICY, as_of=DAY)
    geo.save_scenario(city, "甲 & <b>", [OFFICE, "delisting:C3"], note=HOSTILE)
    geo.save_scenario(city, "乙", [LAND, "admit:N4"])
    with TestClient(create_app(city)) as found:
        yield found


def ended(client: TestClient, path: str, sent: dict[str, Any]) -> dict[str, Any]:
    """A job that a form has asked for, once it has ended."""
    asked = client.post(path, data=sent, follow_redirects=False)
    assert asked.status_code == 303, asked.text
    number = int(asked.headers["location"].removeprefix("/jobs/"))
    end = time.monotonic() + 150
    while (job := client.get(f"/api/v1/jobs/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    told: dict[str, Any] = job
    return told


def kept(client: TestClient, path: str, sent: dict[str, Any]) -> str:
    """Where a job that has kept a scenario leads to."""
    job = ended(client, path, sent)
    assert job["state"] == "done", job["error"]
    shown = client.get(f"/jobs/{job['job_id']}", follow_redirects=False).headers["location"]
    return client.get(shown, follow_redirects=False).headers["location"]


BOTH = {"first": "甲 & <b>", "second": "乙"}


def test_the_page_lists_and_compares_in_both_languages(client: TestClient) -> None:
    for lang, words in (
        ("zh", ("情景方案", "登记现状", "方案一")),
        ("en", ("Scenarios", "The registry as it is", "First")),
    ):
        page = client.get("/scenarios", params={"lang": lang}).text
        assert not [word for word in words if word not in page]
        assert "甲 &amp; &lt;b&gt;" in page
        assert HOSTILE not in page
        both = client.get("/scenarios", params={"lang": lang} | BOTH)
        assert both.status_code == 200
        assert HOSTILE not in both.text
        for told in (OFFICE, LAND, "admit:N4", "delisting:C3", "/maps/scenarios?"):
            assert told in both.text
        assert "difficulty" not in both.text
        assert "难度" not in both.text


def test_json_and_file_tell_what_the_call_tells(city: Database, client: TestClient) -> None:
    told = client.get("/api/v1/scenarios/compare", params=BOTH | {"by": "land_use"}).json()
    live = geo.compare_scenarios(city, *BOTH.values(), by=["land_use"])
    changes = dict(zip(live["land_use"], live["gfa_change_m2"], strict=True))
    assert {row["land_use"]: row["gfa_change_m2"] for row in told["items"]} == {
        use: None if pd.isna(change) else pytest.approx(change) for use, change in changes.items()
    }
    gained = [side["carrier_gfa_m2"] for side in told["sides"]]
    assert gained[1] - gained[0] == 25_000 + 22_000 - 7_000
    assert [(side["n_measures"], side["n_left_out"]) for side in told["sides"]] == [(1, 1), (2, 0)]
    assert [row["name"] for row in client.get("/api/v1/scenarios").json()] == sorted(BOTH.values())
    sent = client.get("/download/scenarios.csv", params=BOTH | {"by": "zone"})
    assert "%E6%83%85%E6%99%AF%E6%96%B9%E6%A1%88" in sent.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert client.get("/download/scenarios.xlsx", params=BOTH).content[:2] == b"PK"
    assert client.get("/download/scenarios.geojson", params=BOTH).status_code == 404


def test_a_day_leaves_out_what_comes_later_and_the_page_says_so(client: TestClient) -> None:
    sides = client.get("/api/v1/scenarios/compare", params={"second": "乙", "until": "2026-12-31"}).json()["sides"]
    assert [(side["name"], side["n_measures"], side["n_left_out"]) for side in sides] == [("", 0, 0), ("乙", 1, 1)]
    page = client.get("/scenarios", params={"second": "乙", "until": "2026-12-31"}).text
    assert "有，未叠加" in page


def test_what_there_is_not_is_told(client: TestClient) -> None:
    for path, status in (
        ("/scenarios?first=丙", 404),
        ("/scenarios?second=乙&by=owner_kind", 404),
        ("/scenarios?second=乙&until=soon", 422),
        ("/scenarios?second=乙&until=2026-02-31", 404),
        ("/maps/scenarios", 409),
        ("/api/v1/scenarios/compare", 409),
    ):
        assert client.get(path).status_code == status, path
    with over(SampleRuns(sample())) as without:
        assert without.get("/scenarios").status_code == 200
        assert without.get("/api/v1/scenarios").status_code == 404


def test_the_map_shows_both_sides_with_their_own_popups_and_asks_no_other_host(client: TestClient) -> None:
    page = client.get("/maps/scenarios", params=BOTH | {"lang": "en"})
    assert page.status_code == 200
    assert page.text.count("L.map(") == 2
    assert "/static/maps/sync.js" in page.text
    assert re.search(r"map_1\.sync\(\s*map_2", page.text)
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    assert "<b>" not in page.text
    assert "Convert a building" in page.text
    assert "Convert land" in page.text
    again = client.get("/maps/scenarios", params=BOTH | {"lang": "en"}, headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304


def test_a_dual_map_is_folium_s_and_the_second_side_has_popups_of_its_own() -> None:
    parcels = sample().parcels
    measures = pd.DataFrame([{
        "measure_id": "admit:x", "kind": "admit", "parcel_codes": [parcels["parcel_code"].iloc[0], "nowhere"],
        "zone": "north_bund", "gfa_m2": 1000.0, "ready_on": DAY, "carrier_code": None,
    }, {
        "measure_id": "delisting:y", "kind": "delisting", "parcel_codes": [], "zone": "unknown", "gfa_m2": -5.0,
        "ready_on": DAY, "carrier_code": "y",
    }])  # fmt: skip
    drawn = maps.scenarios(
        maps.Side("A", parcels, pd.DataFrame()), maps.Side("B", parcels, measures), lang="en", layers={}
    )
    assert [one for one in walk(drawn.page) if isinstance(one, DualMap)]
    page = maps.html(drawn, assets="inline")
    assert "measures-2/admit:x" in page
    assert '"k":"parcels-2/' in page
    assert "1 measures touch no parcel" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_above_the_limit_only_touched_parcels_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["maps.scenarios"], "PARCELS_UP_TO", 3)
    parcels: gpd.GeoDataFrame = sample().parcels
    first = parcels["parcel_code"].iloc[0]
    measures = pd.DataFrame([{"measure_id": "admit:x", "kind": "admit", "parcel_codes": [first], "zone": "north_bund",
                              "gfa_m2": 1.0, "ready_on": DAY, "carrier_code": None}])  # fmt: skip
    page = maps.html(maps.scenarios(maps.Side("A", parcels, measures), maps.Side("B", parcels, measures), lang="zh"))
    assert "未绘制" in page
    assert str(parcels["parcel_code"].iloc[5]) not in page


def test_candidates_and_clusters_of_both_are_told_where_they_differ(city: Database, client: TestClient) -> None:
    """N5 is converted in the first, N2 built on in the second: each is no candidate there, and one in the other."""
    told = client.get("/api/v1/scenarios/compare/land", params=BOTH).json()
    changes = {row["parcel_code"]: (row["verdict_before"], row["verdict_after"]) for row in told["candidates"]}
    assert (changes["N5"], changes["N2"]) == (("no", "candidate"), ("candidate", "no"))
    one, other = geo.scenario(city, BOTH["first"]), geo.scenario(city, BOTH["second"])
    for side, laid in (("first", one), ("second", other)):
        mine = {frozenset(row["parcel_codes"]) for row in told["clusters"] if row["side"] in (side, "both")}
        assert mine == {frozenset(codes) for codes in laid.clusters()["parcel_codes"]}
    assert {"first", "second"} <= {row["side"] for row in told["clusters"]}
    shown = client.get("/scenarios/land", params=BOTH | {"lang": "zh"}).text
    assert "N5" in shown
    assert "仅“乙”" in shown
    assert "新列入" in shown
    assert "退出" in shown
    assert HOSTILE not in shown
    assert "/scenarios/land?" in client.get("/scenarios", params=BOTH).text
    assert client.get("/scenarios/land", params=BOTH | {"rule": "nothing"}).status_code == 404
    alike = client.get("/scenarios/land", params={"first": "乙", "second": "乙", "lang": "zh"}).text
    assert "判定、名次和得分相同" in alike


def test_a_scenario_is_saved_dropped_and_taken_up_from_its_page(city: Database, client: TestClient) -> None:
    sent = {"name": "丙", "note": "试", "measures": f"{OFFICE}, admit:N4"}
    assert kept(client, "/scenarios", sent) == "/scenarios?second=%E4%B8%99"
    assert geo.scenarios(city).set_index("name").loc["丙", ["n_measures", "note", "actor"]].tolist() == [
        2,
        "试",
        "anonymous",
    ]
    assert client.post("/scenarios", data=sent).status_code == 409
    kept(client, "/scenarios", sent | {"replace": "true"})
    for wrong, status in (
        ({"name": ""}, 422),
        ({"name": "x"}, 409),
        ({"name": "registry", "measures": "admit:N4", "replace": "true"}, 409),
        ({"name": "x", "job": "99"}, 404),
    ):
        assert client.post("/scenarios", data=wrong).status_code == status
    failed = ended(client, "/scenarios", {"name": "x", "measures": "nothing"})
    assert failed["state"] == "failed"
    page = client.get(f"/jobs/{failed['job_id']}").text
    assert "没有这些可采取的措施：nothing" in page
    assert "x" not in geo.scenarios(city)["name"].tolist()
    for path in ("/scenarios", "/scenarios/drop", "/scenarios/take-up"):
        elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
        assert client.post(path, data=sent, headers=elsewhere).status_code == 403
    choice = client.get("/scenarios", params={"choose": "true", "lang": "en"}).text
    ticks = re.findall(r'type="checkbox" name="measures" value="([^"]+)"', choice)
    open_ = geo.open_measures(city, POLICY, as_of=DAY)
    assert ticks == open_.loc[open_["open"].map(len) == 0, "measure_id"].tolist()
    assert "5 more are not listed" in choice
    kept(client, "/scenarios", {"name": "丁", "measures": ["admit:N4", LAND]})
    assert len(geo.scenario(city, "丁").measures) == 2
    assert client.post("/scenarios", data={"name": "x", "measures": ["a"] * 2000}).status_code == 422
    geo.drop_scenario(city, "丁")
    geo.publish(city, POLICY, as_of=DAY)
    page = client.get("/scenarios").text
    assert page.count("/scenarios/take-up") == 3
    assert client.post("/scenarios/take-up", data={"name": "没有"}).status_code == 404
    assert kept(client, "/scenarios/take-up", {"name": "丙"}) == "/scenarios?second=%E4%B8%99"
    assert client.get("/scenarios").text.count("/scenarios/take-up") == 2
    assert (
        client.post("/scenarios/drop", data={"name": "丙"}, follow_redirects=False).headers["location"] == "/scenarios"
    )
    assert "丙" not in geo.scenarios(city)["name"].tolist()
    assert client.post("/scenarios/drop", data={"name": "丙"}).status_code == 404
    told = client.get("/scenarios", params={"gone": HOSTILE}).text
    assert HOSTILE not in told


def test_what_a_job_has_chosen_is_saved_as_it_was_found(city: Database, client: TestClient) -> None:
    number = client.post("/way", data={"by": "2030-12-31", "target_10k_m2": "8"}, follow_redirects=False)
    job = int(number.headers["location"].rpartition("/")[2])
    for _ in range(240):
        if client.get(f"/api/v1/jobs/{job}").json()["state"] not in ("waiting", "running"):
            break
        time.sleep(0.25)
    found = client.get("/api/v1/way", params={"job": job}).json()
    chosen = {row["measure_id"]: row["counts_from"] for row in found["items"] if row["chosen"]}
    assert chosen
    assert f"/scenarios?job={job}#save" in client.get("/way", params={"job": job}).text
    assert f'name="job" value="{job}"' in client.get("/scenarios", params={"job": job}).text
    assert client.post("/scenarios", data={"name": "最优", "job": job}, follow_redirects=False).status_code == 303
    saved = geo.scenario(city, "最优").measures
    assert dict(zip(saved["measure_id"], saved["ready_on"].map(str), strict=True)) == chosen

"""Clusters and pairs of any land over HTTP: as a job, by its page, its map and JSON; and no parameter is ignored in silence."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
from published_sample import sample
from sample_server import JSON, SampleRuns, over
from shapely.geometry import shape
from small_city import box
from starlette.testclient import TestClient

import geo
from api import views
from api.app import create_app
from api.land_questions import LandQuestion, fields_of
from geo.database import Database
from geo.fields.results import heading, is_restricted
from geo.jobs.topics import packed, unpacked
from maps import steps
from maps.text import label


@pytest.fixture
def browser(city: Database) -> Iterator[TestClient]:
    geo.publish(city, geo.policy("hongkou-2025"))
    with TestClient(create_app(city), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def done(browser: TestClient, question: dict[str, Any]) -> int:
    asked = browser.post("/api/v1/clusters/jobs", json=question)
    assert asked.status_code == 202, asked.text
    number = int(asked.json()["job_id"])
    end = time.monotonic() + 150
    while (job := browser.get(f"/api/v1/jobs/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert job["state"] == "done", job["error"]
    assert job["result"] == f"/api/v1/clusters?job={number}"
    return number


def listed(browser: TestClient, path: str) -> list[dict[str, Any]]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


OUTLINE = gpd.GeoSeries([box(-5, -5, 305, 215)], crs=4549).to_crs(4326).__geo_interface__["features"][0]["geometry"]


def test_clusters_of_any_land_are_those_that_the_public_calls_find(browser: TestClient, city: Database) -> None:
    policy = geo.policy("hongkou-2025")
    number = done(browser, {"over": "all", "gap_m": 0, "allow": ["river"], "min_area_mu": 5})
    same: dict[str, Any] = {"over": "all", "gap_m": 0, "allow": ["river"]}
    clusters = listed(browser, f"/api/v1/clusters?job={number}&size=500")
    wanted = geo.clusters(city, policy, **same)
    assert [row["cluster_id"] for row in clusters] == wanted["cluster_id"].tolist()
    assert [row["area_m2"] for row in clusters] == pytest.approx(wanted["area_m2"].tolist())
    assert not [name for name in clusters[0] if is_restricted(name)]
    near = listed(browser, f"/api/v1/clusters/near-misses?job={number}&size=500")
    assert len(near) == len(geo.near_misses(city, policy, min_area_m2=5 * 10_000 / 15, **same))
    bridges = listed(browser, f"/api/v1/clusters/bridges?job={number}&size=500")
    assert [row["parcel_code"] for row in bridges] == geo.bridges(city, policy, **same)["parcel_code"].tolist()
    pairs = listed(browser, f"/api/v1/adjacency?job={number}&size=500")
    all_pairs = geo.adjacency(city, policy, **same)
    assert [(row["parcel_a"], row["parcel_b"], row["type"]) for row in pairs] == list(
        all_pairs[["parcel_a", "parcel_b", "type"]].itertuples(index=False, name=None)
    )
    for path in (f"/clusters?job={number}", f"/maps/clusters?job={number}", f"/download/clusters.xlsx?job={number}"):
        assert browser.get(path).status_code == 200, path
    page = browser.get(f"/clusters?job={number}&lang=zh").text
    for told in ("全部地块", "允许穿越：河道", wanted["cluster_id"].iloc[0]):
        assert told in page


def test_pairs_are_given_by_type_a_page_at_a_time_and_as_lines(browser: TestClient, city: Database) -> None:
    number = done(browser, {"over": "all"})
    lanes = listed(browser, f"/api/v1/adjacency?job={number}&type=lane")
    assert {row["type"] for row in lanes} == {"lane"}
    assert all(row["gap_m"] > 0 and row["length_m"] > 0 for row in lanes)
    parted = listed(browser, f"/api/v1/adjacency?job={number}&type=barrier")
    assert all(row["barrier"] for row in parted)
    assert parted
    page = browser.get(f"/api/v1/adjacency?job={number}&type=lane&size=1&page=2&format=geojson").json()
    assert (page["type"], page["total"], page["page"]) == ("FeatureCollection", len(lanes), 2)
    (feature,) = page["features"]
    assert feature["properties"] == lanes[1]
    line = gpd.GeoSeries([shape(feature["geometry"])], crs=4326).to_crs(4549).iloc[0]
    land = geo.parcels(city, geo.policy("hongkou-2025")).set_index("parcel_code").geometry
    ends = line.boundary.geoms
    assert land[lanes[1]["parcel_a"]].contains(ends[0])
    assert land[lanes[1]["parcel_b"]].contains(ends[1])
    assert browser.get("/api/v1/adjacency?type=kiss").status_code == 422
    assert browser.get("/api/v1/adjacency?size=501").status_code == 422


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ({"over": "outline", "outline": OUTLINE}, {"S1", "S2", "S3", "S4", "S5"}),
        ({"over": "codes", "codes": ["S6", "S8"]}, {"S6", "S8"}),
    ],
)
def test_a_drawn_outline_and_a_list_of_codes_are_land_too(
    browser: TestClient, question: dict[str, Any], codes: set[str]
) -> None:
    clusters = listed(browser, f"/api/v1/clusters?job={done(browser, question)}")
    assert {code for row in clusters for code in row["parcel_codes"]} == codes


def test_a_question_that_cannot_be_asked_is_told_beside_the_form(browser: TestClient) -> None:
    sent = {"over": "codes", "codes": "S1 没有", "gap_m": "7", "allow": "天路"}
    answer = browser.post("/clusters?lang=zh", data=sent)
    assert answer.status_code == 422
    for told in ("所列 2 个地块中有 1 个在", "没有名为 天路 的道路", 'value="7"', "S1 没有"):
        assert told in answer.text
    assert browser.post("/api/v1/clusters/jobs", json={"over": "codes"}).status_code == 422
    assert browser.get("/api/v1/jobs").json() == []
    sites = browser.post("/clusters", data={"over": "all"}, headers={"origin": "http://elsewhere.example"})
    assert sites.status_code == 403


def test_the_pairs_of_the_runs_own_candidates_are_lines_too() -> None:
    run = sample()
    codes = [*run.clusters["parcel_codes"].iloc[0][:1], run.parcels["parcel_code"].iloc[-1]]
    a, b = sorted(codes)
    pairs = gpd.GeoDataFrame(
        {"over": [run.rule], "parcel_a": [a], "parcel_b": [b], "type": ["lane"], "length_m": [20.0], "gap_m": [12.0],
         "barrier": [None]}, geometry=[None], crs=4549,
    )  # fmt: skip
    run.findings["adjacency"] = pairs
    with over(SampleRuns(run)) as client:
        (item,) = client.get("/api/v1/adjacency").json()["items"]
        assert (item["parcel_a"], item["gap_m"], item["barrier"]) == (a, 12.0, None)
        (feature,) = client.get("/api/v1/adjacency?format=geojson").json()["features"]
        assert feature["geometry"]["type"] == "LineString"
        assert client.get("/api/v1/adjacency?type=corner").json()["total"] == 0


def test_the_page_has_its_map_and_an_area_in_mu_stays_in_one_piece() -> None:
    run = sample()
    with over(SampleRuns(run)) as client:
        shown = client.get("/clusters?lang=zh").text
    assert re.search(r'<iframe src="/maps/clusters\?lang=zh"', shown)
    assert re.search(r'c-area_m2">[0-9,]+ ㎡ <span class="nowrap">（[0-9.,]+ 亩）</span>', shown)


def test_of_a_bridge_the_areas_of_parcel_and_cluster_are_told_apart() -> None:
    run = sample()
    row = {"over": run.rule, "parcel_code": "演示-0001", "cluster_id": "c1", "site_area_m2": 5000.0, "area_m2": 20_000.0,
           "n_parts": 2, "parts_m2": [9000.0, 6000.0], "largest_part_m2": 9000.0, "synthetic": True}  # fmt: skip
    bridges = gpd.GeoDataFrame([row], geometry=[box(0, 0, 50, 100)], crs=4549)
    with over(SampleRuns(replace(run, findings=run.findings | {"bridges": bridges}))) as client:
        shown = client.get("/clusters?lang=zh").text.split('id="bridges"')[1]
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', shown)[:5] == [
        "地块编号", "连片编号", "用地面积", "所在连片面积", "各片面积",
    ]  # fmt: skip
    assert "20,000 ㎡（30.0 亩）" in shown


def test_a_table_names_the_largest_uses_and_sums_up_the_others() -> None:
    shares = {"research_design": 0.4, "industrial": 0.3, "green": 0.15, "road_square": 0.1, "water": 0.05}
    uses = [{"use": use, "area_m2": 1e4 * share, "share": share} for use, share in shares.items()]
    row = {"uses": uses}
    words = views.wording(sample(), "zh")
    told = views.cell(row, "uses", words).text
    assert told.split("、")[1:] == ["工业 30.0%", "绿地 15.0%", "其余 2 类 15.0%"]
    assert "其余" not in views.cell({"uses": uses[:4]}, "uses", words).text
    assert "水域" in steps.uses(uses, "zh")


def test_no_cluster_is_called_a_zone() -> None:
    for name in ("cluster_id", "cluster_ids", "earlier_cluster_id"):
        assert "片区" not in heading(name).zh
        assert "片区" not in label(name, "zh")


def test_no_parameter_is_ignored_in_silence() -> None:
    with over(SampleRuns(sample())) as client:
        for path in JSON:
            if path.startswith("/api/"):
                assert client.get(path).status_code == 200
                answer = client.get(f"{path}?colour=red&lang=en")
                assert answer.status_code == 422, path
                assert answer.json()["errors"][0]["field"] == "colour"
        told = client.get("/api/v1/clusters?over=all&lang=en").json()["detail"]
        assert "POST /api/v1/clusters/jobs" in told
        assert "rule, size, sort" in told
        assert "其他地块请用" in client.get("/clusters?over=all&lang=zh").text
        assert "请用 /sites 页上的表单" in client.get("/sites?min_area_mu=3&lang=zh").text
        assert client.get("/maps/clusters?over=all").status_code == 422
        assert client.get("/clusters?lang=en&sort=area_m2").status_code == 200


def test_the_form_is_filled_with_the_question_of_a_job() -> None:
    asked = {"over": "codes", "codes": ["A", "B 2"], "gap_m": 3.5, "allow": ["river"], "as_of": "2025-01-01"}
    arguments = LandQuestion.model_validate(asked).arguments()
    assert LandQuestion.model_validate(fields_of(arguments)).arguments() == arguments


def test_frames_of_several_topics_come_back_as_they_were_with_none_of_what_only_some_may_read() -> None:
    first = gpd.GeoDataFrame(
        {"cluster_id": ["x"], "parcel_codes": [["a", "b"]], "gfa_m2": [float("nan")], "owner_count": [3]},
        geometry=[box(0, 0, 1, 1)],
        crs=4549,
    )
    empty = gpd.GeoDataFrame({"parcel_code": []}, geometry=[], crs=4549)
    told = unpacked(packed({"clusters": first, "bridges": empty}, "EPSG:4549"))
    assert told["clusters"].columns.tolist() == ["cluster_id", "parcel_codes", "gfa_m2", "geometry"]
    assert told["clusters"]["parcel_codes"].tolist() == [["a", "b"]]
    assert told["clusters"].geometry.iloc[0].equals(box(0, 0, 1, 1))
    assert told["clusters"].crs == 4549
    assert told["bridges"].columns.tolist() == ["parcel_code", "geometry"]
    assert told["bridges"].empty

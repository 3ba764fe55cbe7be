"""The page of sites: the run's own question with its proof, any other question as a job, and what is kept back."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from published_sample import sample
from sample_server import SampleRuns, over
from shapely import box
from starlette.testclient import TestClient

import geo
from api.app import create_app
from api.sites import _UNSAID, Shown, SiteQuestion, _open
from geo.database import Database
from geo.publish import Published
from geo.publish.sites import SITE_COLUMNS
from geo.units import mu

TOLD = {"complete": True, "n_minimal": 20, "min_area_m2": mu(100), "over": "all",
        "anchor": {"name": "演示园", "note": "not known", "note_zh": "范围未知", "parcel_codes": []}}  # fmt: skip


def with_sites(*rows: dict[str, Any], **told: Any) -> Published:
    run = sample()
    codes = run.parcels["parcel_code"].to_list()
    plain = {
        "site_id": "abc", "choice": 1, "parcel_codes": codes[:3], "n_parcels": 3, "area_m2": mu(101.5), "area_mu": 101.5,
        "difficulty": 12.5, "difficulty_low": 9.0, "n_unknown": 1, "lower_bound": 12.5, "gap": 0.0, "proven": True,
        "difficulty_gfa_in_use": 4.0, "difficulty_heritage": 0.0, "difficulty_plan_change": 1.5, "n_anchor": 1,
        "synthetic": True, "difficulty_owners": 7.0,
    }  # fmt: skip
    shapes = [box(643000, 3459000, 643100, 3459100) for _ in rows]
    frame = gpd.GeoDataFrame([plain | row for row in rows], geometry=shapes, crs=4549)
    figures = run.run.figures | {"sites": TOLD | told}
    return replace(run, run=replace(run.run, figures=figures), findings=run.findings | {"sites": frame})


def page(run: Published, path: str = "/sites?lang=zh") -> str:
    with over(SampleRuns(run)) as client:
        answer = client.get(path)
        assert answer.status_code == 200
        return answer.text


def test_the_best_site_stands_with_its_proof_and_what_its_difficulty_is_made_of() -> None:
    shown = page(with_sites({}))
    for said in ("面积大于 66,667 ㎡（100.0 亩）", "以演示园现有用地为基础", "范围未知", "已证最优", "极小方案共 20 个",
                 "5.5 分", "计入，不公开"):  # fmt: skip
        assert said in shown


def test_what_is_not_proven_says_its_bound_and_is_never_called_the_best() -> None:
    shown = page(with_sites({"proven": False, "lower_bound": 12.0, "gap": 0.0312}, complete=False, n_minimal=None))
    assert "与最优难度的差距不超过 4 %" in shown
    assert "已证最优：" not in shown
    assert "未全部列举" in shown


def test_only_what_is_proven_is_headed_the_best_site() -> None:
    open_ = with_sites({"proven": False, "lower_bound": 12.0, "gap": 0.0312}, complete=False, n_minimal=None)
    assert "<h2>最优方案</h2>" in page(with_sites({}))
    assert "<h2>最优方案</h2>" not in page(open_)
    assert "<h2>目前最好的方案（未证最优）</h2>" in page(open_)


def test_a_search_whose_time_was_up_does_not_say_that_there_is_no_site() -> None:
    def none(why: str, done: bool) -> str:
        searched = {"done": done, "ended": "proven" if done else "time"}
        run = with_sites({}, why_none=why, searched=searched)
        return page(replace(run, findings=run.findings | {"sites": run.findings["sites"].iloc[:0]}))

    assert "<h2>没有符合条件的方案</h2>" in none("every way was looked at", True)
    late = none("it is not known whether there is one", False)
    assert "<h2>尚未找到方案</h2>" in late
    assert "没有符合条件的方案" not in late


def test_a_curve_that_ends_for_certain_says_so_though_its_sites_are_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    run = with_sites(*CURVE)
    frame = run.findings["sites"].drop(columns="choice")
    told = TOLD | {"searched": {"done": False, "ended": "time"}, "why_none": "too large", "why_none_zh": "超过上限。"}

    def ends(known: bool) -> str:
        monkeypatch.setattr(
            "api.sites.answer_of", lambda *_: Shown(_open(frame), _UNSAID | told | {"none_known": known}, {})
        )
        return " ".join(page(run, "/sites?job=1&lang=zh").split())

    assert "更大规模无方案： 超过上限。" in ends(True)
    assert "更大规模尚未找到方案： 超过上限。" in ends(False)


def test_a_site_of_a_complete_list_that_is_no_choice_has_a_dash_and_is_not_unknown() -> None:
    shown = page(with_sites({}, {"site_id": "other", "choice": None}))
    assert re.findall(r'<td class="(number +c-choice)">([^<]*)</td>', shown) == [
        ("number  c-choice", "1"), ("number  c-choice", "—"),
    ]  # fmt: skip
    assert not re.search(r'class="[^"]*unknown[^"]*c-proof', shown)


def test_the_difficulty_of_alternatives_is_laid_part_by_part_beside_the_bests() -> None:
    second = {"site_id": "b", "choice": 2, "difficulty_gfa_in_use": 21.25, "difficulty_plan_change": 0.0}
    other = {"site_id": "c", "choice": None, "difficulty_gfa_in_use": 77.0}
    shown = page(with_sites({}, second, other))
    (table,) = re.findall(r'<table class="parts">.*?</table>', shown, re.DOTALL)
    rows = {
        re.sub(r"<[^>]+>", "", heading): re.findall(r"[0-9.]+", re.sub(r"<[^>]+>", " ", cells))
        for heading, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    }
    assert (rows["在用建筑面积"], rows["须调整规划的用地"], rows["公开部分难度"]) == (
        ["4.0", "21.3"], ["1.5", "0.0"], ["5.5", "21.3"],
    )  # fmt: skip
    assert "方案 2" in table
    assert "77" not in table


def test_no_site_says_why() -> None:
    run = with_sites({}, why_none="The largest cluster has 93.8 mu; more than 100.0 mu is wanted.")
    empty = replace(run, findings=run.findings | {"sites": run.findings["sites"].iloc[:0]})
    assert "The largest cluster has 93.8 mu" in page(empty)


def test_what_may_be_crossed_is_called_by_its_name() -> None:
    run = with_sites({}, allow=["river", "river:演示河2"])
    assert "允许穿越 河道、河道 演示河2" in page(run)
    assert "crossing River, River 演示河2" in page(run, "/sites?lang=en")


def test_what_allowed_barriers_open_and_how_the_search_ended_are_told() -> None:
    opened = [
        {"allow": "river", "n_pairs": 0, "note": "0 pairs are opened by river", "note_zh": "穿越河道没有使任何地块相连"}
    ]
    searched = {"done": False, "ended": "time", "n_kept_out": 7, "programs": 3}
    run = with_sites({"proven": False}, allow=["river"], opened=opened, searched=searched)
    shown = page(run)
    for said in ("穿越河道没有使任何地块相连", "7 个地块不参与组合", "时限已到：并非全部已证"):
        assert said in shown
    with over(SampleRuns(run)) as client:
        told = client.get("/api/v1/sites").json()
    assert (told["done"], told["ended"], told["n_kept_out"], told["opened"]) == (False, "time", 7, opened)
    assert "时限已到" not in page(with_sites({}, searched=searched | {"done": True, "ended": "proven"}))


def test_a_complete_list_is_shown_in_part_and_given_a_page_at_a_time() -> None:
    rows = [{"site_id": f"s{n}", "choice": None if n else 1} for n in range(620)]
    run = with_sites(*rows)
    shown = page(run)
    assert shown.count("极小方案，仅列出") == 199
    assert "仅列前 200 条" in shown
    with over(SampleRuns(run)) as client:
        first, last = (client.get(f"/api/v1/sites?page={number}").json() for number in (1, 2))
    assert [(part["total"], part["page"], len(part["items"])) for part in (first, last)] == [
        (620, 1, 500),
        (620, 2, 120),
    ]
    assert last["items"][-1]["site_id"] == "s619"


def test_a_run_that_did_not_search_says_so() -> None:
    assert "未搜索选址" in page(sample())


def test_no_sum_that_owners_and_leases_are_part_of_is_given_out() -> None:
    # The difference of two sites that differ in one parcel would be what that one's owners and leases come to.
    odd = {"difficulty": 33.25, "difficulty_low": 31.75, "lower_bound": 32.875, "n_unknown": 17, "gap": 0.0113,
           "proven": False}  # fmt: skip
    run = with_sites(odd, odd | {"choice": 2, "n_parcels": 2, "n_anchor": 1})
    with over(SampleRuns(run)) as client:
        places = ("/sites?lang=zh", "/sites?lang=en", "/api/v1/sites", "/maps/sites", "/download/sites.csv",
                  "/download/sites.geojson")  # fmt: skip
        given = {place: client.get(place).text for place in places}
        items = client.get("/api/v1/sites").json()["items"]
    for place, text in given.items():
        for figure in ("33.25", "33.2", "33.3", "31.75", "31.8", "32.875", "32.9", "0.0113", "difficulty_owners"):
            assert figure not in text, (place, figure)
    assert [item["difficulty_open"] for item in items] == [5.5, 5.5]
    assert [item["gap"] for item in items] == [0.02, 0.02]
    assert "difficulty_owners" not in SITE_COLUMNS


CURVE = [
    {"floor_m2": mu(floor), "floor_mu": floor, "area_mu": area, "area_m2": mu(area), "difficulty": points,
     "lower_bound": least, "gap": 1 - least / points, "proven": least == points, "per_mu": per_mu, "n_parcels": parcels}
    for floor, area, points, least, per_mu, parcels in (
        (100.0, 101.5, 7.75, 7.75, None, 2), (120.0, 121.0, 20.5, 20.5, 0.65, 3), (140.0, 144.0, 41.5, 39.0, None, 4)
    )
]  # fmt: skip


def test_what_more_land_costs_is_a_picture_and_a_table_of_what_everybody_may_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = with_sites(*CURVE)
    frame = run.findings["sites"].drop(columns="choice")
    told = TOLD | {
        "why_none": "The largest cluster has 155.0 mu.",
        "why_none_zh": "最大的连片用地为 155.0 亩。",
    }
    monkeypatch.setattr("api.sites.answer_of", lambda *_: Shown(_open(frame), _UNSAID | told, {}))
    shown = page(run, "/sites?job=1&lang=zh")
    circles = re.findall(r'<circle class="(\w+)"[^>]*><title>([^<]*)', shown)
    assert circles == [("past", "101.5 亩 · 5.5"), ("past", "121.0 亩 · 5.5"), ("ahead", "144.0 亩 · 5.5")]
    assert "更大规模无方案： 最大的连片用地为 155.0 亩。" in " ".join(shown.split())
    for kept_back in ("7.75", "20.5", "41.5", "0.65"):
        assert kept_back not in shown
    assert "未全部列举" not in shown


def test_sites_are_given_out_with_their_question() -> None:
    run = with_sites({}, {"choice": 2, "n_parcels": 2, "n_anchor": 1, "difficulty": 33.25})
    with over(SampleRuns(run)) as client:
        book = openpyxl.load_workbook(io.BytesIO(client.get("/download/sites.xlsx").content))
        text = client.get("/download/sites.csv").text
        features = client.get("/download/sites.geojson").json()["features"]
    sheet, stamp = book.worksheets[0], dict(book["运行信息"].iter_rows(values_only=True))
    headings = [cell.value for cell in sheet[1]]
    assert [row[headings.index("用地面积（亩）")] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        101.5,
        101.5,
    ]
    assert (stamp["面积大于（㎡）"], stamp["现有用地"], stamp["极小方案数"]) == (pytest.approx(mu(100)), "演示园", 20)
    assert (stamp["现有用地说明"], stamp["地块范围"]) == ("范围未知", "全部地块")
    assert "33.25" not in text
    assert "权利人" not in text
    assert [feature["properties"]["difficulty_open"] for feature in features] == [5.5, 5.5]


def test_an_application_over_a_run_alone_has_no_form_and_takes_no_question() -> None:
    run = with_sites({})
    assert "<form" not in page(run)
    with over(SampleRuns(run)) as client:
        assert client.post("/api/v1/sites/jobs", json={}).status_code == 404


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({}, {"over": "all", "time_limit_s": 60}),
        ({"min_area_mu": "120", "max_area_mu": ""}, {"over": "all", "time_limit_s": 60, "min_area_m2": mu(120)}),
        (
            {"forbid": "甲-1，乙-2 丙;丁", "allow": "secondary 大路"},
            {"over": "all", "time_limit_s": 60, "forbid": ["甲-1", "乙-2", "丙", "丁"], "allow": ["secondary", "大路"]},
        ),
        ({"curve": "true"}, {"over": "all", "time_limit_s": 60, "curve": True}),
    ],
)
def test_a_question_is_read_as_it_is_typed(given: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert SiteQuestion.model_validate(given).arguments() == arguments


@pytest.fixture
def browser(city: Database) -> Iterator[TestClient]:
    geo.publish(city, geo.policy("hongkou-2025"))
    with TestClient(create_app(city), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def test_another_question_is_a_job_whose_answer_is_a_page_a_map_and_json(browser: TestClient) -> None:
    asked = browser.post("/sites", data={"min_area_mu": "1", "time_limit_s": "20", "forbid": ""})
    assert asked.status_code == 303, asked.text
    number = int(asked.headers["location"].removeprefix("/jobs/"))
    end = time.monotonic() + 150
    while (job := browser.get(f"/api/v1/jobs/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert job["state"] == "done", job["error"]
    # What it was at a moment before its end says nothing of what it found.
    assert (job["said"], job["said_zh"], job["done"]) == (None, None, 1.0)
    found = browser.get(f"/api/v1/sites?job={number}").json()
    assert found["question"]["min_area_m2"] == pytest.approx(mu(1))
    assert all(item["area_m2"] > mu(1) for item in found["items"])
    assert found["items"]
    shown = browser.get(f"/sites?job={number}&lang=zh")
    assert shown.status_code == 200
    assert "面积大于 667 ㎡（1.0 亩）" in shown.text
    assert browser.get(f"/maps/sites?job={number}").status_code == 200
    # The same question of the same run is the same job.
    again = browser.post("/sites", data={"min_area_mu": "1", "time_limit_s": "20"})
    assert again.headers["location"] == f"/jobs/{number}"


def test_what_more_land_costs_is_asked_from_the_page_of_a_job(browser: TestClient) -> None:
    asked = browser.post("/sites", data={"min_area_mu": "40", "time_limit_s": "20", "allow": "river", "curve": "true"})
    number = int(asked.headers["location"].removeprefix("/jobs/"))
    end = time.monotonic() + 150
    while browser.get(f"/api/v1/jobs/{number}").json()["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    shown = browser.get(f"/sites?job={number}&lang=zh")
    assert shown.status_code == 200
    assert "每多一亩的代价" in shown.text
    assert any(len(item["parcel_codes"]) > 1 for item in browser.get(f"/api/v1/sites?job={number}").json()["items"])
    assert browser.get(f"/maps/sites?job={number}").status_code == 200
    assert browser.get(f"/download/sites.xlsx?job={number}").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [{"min_area_mu": "-5"}, {"time_limit_s": "99999"}, {"over": "mars"}, {"colour": "red"}, {"min_area_mu": "much"}],
)
def test_a_question_that_cannot_be_asked_is_one_clear_error(browser: TestClient, sent: dict[str, str]) -> None:
    assert browser.post("/sites", data=sent).status_code == 422
    assert browser.post("/api/v1/sites/jobs", json=sent).status_code == 422
    assert browser.get("/api/v1/jobs/1").status_code == 404


def test_what_no_column_can_hold_is_one_clear_error(browser: TestClient) -> None:
    large = "9" * 20
    for path in (f"/sites?job={large}", f"/api/v1/sites?job={large}", f"/jobs/{large}", f"/api/v1/jobs/{large}",
                 f"/way?job={large}", f"/maps/sites?job={large}", "/scenarios?first=%00"):  # fmt: skip
        assert browser.get(path).status_code in (404, 422), path
    for sent in ({"forbid": ["甲\u0000"]}, {"allow": ["\u0000"]}):
        assert browser.post("/api/v1/sites/jobs", json=sent).status_code == 422
    assert "无法使用" in browser.get(f"/jobs/{large}?lang=zh").text


def test_a_form_that_is_too_long_and_another_sites_page_are_refused(browser: TestClient) -> None:
    assert browser.post("/sites", data={"forbid": "x" * 100_000}).status_code == 422
    assert browser.post("/sites", data={}, headers={"origin": "http://elsewhere.example"}).status_code == 403
    assert browser.get("/sites?job=99").status_code == 404

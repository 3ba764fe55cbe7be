"""The page of the way to the target: a question as a job, its answer with proof or reasons, and what is kept back."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from published_sample import sample
from sample_server import SampleRuns, over
from starlette.testclient import TestClient

import geo
from api.app import create_app
from api.way import WayQuestion
from api.way_shown import why_not
from geo.database import Database

DAY = date(2026, 1, 15)


@pytest.fixture
def browser(city: Database) -> Iterator[TestClient]:
    geo.publish(city, geo.policy("hongkou-2025"), as_of=DAY)
    with TestClient(create_app(city), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def done(browser: TestClient, **form: str) -> int:
    asked = browser.post("/way", data=form)
    assert asked.status_code == 303, asked.text
    number = int(asked.headers["location"].removeprefix("/jobs/"))
    end = time.monotonic() + 150
    while (job := browser.get(f"/api/v1/jobs/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert job["state"] == "done", job["error"]
    return number


def test_a_question_is_a_job_whose_answer_is_a_page_and_json(browser: TestClient) -> None:
    # 51,000 m² count; of N4 and B1 both are needed, and N5 is the smaller half of another choice.
    number = done(browser, by="2028-12-31", target_10k_m2="9", time_limit_s="600")
    found = browser.get(f"/api/v1/way?job={number}").json()
    assert (found["is_possible"], found["proven"], found["by"]) == (True, True, "2028-12-31")
    chosen = [item for item in found["items"] if item["chosen"]]
    assert sum(item["gfa_m2"] for item in chosen) == pytest.approx(found["gained_m2"])
    assert found["counted_m2"] + found["gained_m2"] >= 90_000
    assert all(item["open"] == [] for item in chosen)
    shown = browser.get(f"/way?job={number}&lang=zh").text
    for said in (
        "目标 9 万㎡（至 2028-12-31）",
        "总难度",
        "已证最优",
        "认定既有建筑",
        "admit:N4",
        "非考核口径",
        "<svg",
    ):
        assert said in shown
    in_english = browser.get(f"/way?job={number}&lang=en").text
    assert "Proven: no other choice is easier" in in_english
    assert f"/maps/way?lang=en&amp;job={number}" in in_english
    drawn = browser.get(f"/maps/way?job={number}&lang=zh")
    assert (drawn.status_code, "认定既有建筑" in drawn.text) == (200, True)
    # Every open measure is in the file, with how firm the choice is in its stamp; no difficulty of a single one.
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/download/way.xlsx?job={number}").content))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert {"措施编号", "选用", "计入日期"} <= set(headings)
    assert not any("难度" in str(name) for name in headings)
    assert book.worksheets[0].max_row == 1 + len(found["items"])
    stamp = {row[0]: row[1] for row in book["运行信息"].iter_rows(values_only=True)}
    assert (stamp["计入截止日"], stamp["目标（㎡）"]) == ("2028-12-31", 90_000)
    assert stamp["已证最优"] == "是"
    assert not any("难度" in name for name in stamp)
    for ending in ("csv", "geojson", "gpkg"):
        assert browser.get(f"/download/way.{ending}?job={number}").status_code == 200
    assert browser.get("/download/way.xlsx").status_code == 404
    # It stands among those that were asked of this run before.
    assert f'href="/way?job={number}"' in browser.get("/way").text


def test_what_tells_of_owners_is_kept_back_from_page_and_json(browser: TestClient) -> None:
    one = done(browser, by="2026-12-31", target_10k_m2="7", time_limit_s="600")
    found = browser.get(f"/api/v1/way?job={one}").json()
    assert [item["measure_id"] for item in found["items"] if item["chosen"]] == ["admit:N4"]
    # No sum either, of one measure or of several: the difference of two would tell of the one by which they differ.
    for held in (found, *found["items"]):
        assert not {"difficulty", "difficulty_low", "lower_bound", "n_unknown"} & set(held)
    assert found["gap"] == 0.0


def test_a_target_out_of_reach_says_why_on_the_page(browser: TestClient) -> None:
    number = done(browser, by="2026-12-31", target_10k_m2="8", time_limit_s="600")
    shown = browser.get(f"/way?job={number}&lang=zh").text
    for said in ("届时不能达到目标", "至多可增加 2.20 万㎡", "最早自 2027-10-15 起可以达到"):
        assert said in shown
    assert browser.get(f"/api/v1/way?job={number}").json()["shortfall"]["most_m2"] == 22_000


SHORT = {"most_m2": 1e5, "short_m2": 2e5, "without_limits_m2": 9e5, "earliest": None, "limits": []}


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (SHORT, "没有哪一项限额单独造成：取消全部限额，至多可增加 90 万㎡"),
        (SHORT | {"without_limits_m2": 2e5}, "与限额无关"),
        (SHORT, "至 2040 年底均不能达到"),
        (SHORT | {"earliest": "2030-02-01"}, "最早自 2030-02-01 起可以达到"),
        (SHORT | {"most_m2": None}, "所必选的措施本身已超出限额"),
        (
            SHORT | {"limits": [{"title": "每年", "title_en": "a year", "unit": "count", "allowed": 2, "needed": 5.0}]},
            "若仅放宽“每年”，须由 2 提高到 5",
        ),
    ],
)
def test_each_reason_is_told_in_words(short: dict[str, Any], said: str) -> None:
    assert any(said in line for line in why_not({"shortfall": short, "need_m2": 3e5, "looked_to": 2040}, "zh"))


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({}, {"time_limit_s": 60}),
        ({"by": "", "target_10k_m2": ""}, {"time_limit_s": 60}),
        (
            {"by": "2030-12-31", "target_10k_m2": "90", "no_limits": "true"},
            {"time_limit_s": 60, "by": "2030-12-31", "target_m2": 900_000, "no_limits": True},
        ),
        (
            {"forbid": "admit:甲-1，admit:乙 site:丙"},
            {"time_limit_s": 60, "forbid": ["admit:甲-1", "admit:乙", "site:丙"]},
        ),
        ({"limits": [{"kind": "admit", "count": 2}]}, {"time_limit_s": 60, "limits": [{"kind": "admit", "count": 2}]}),
    ],
)
def test_a_question_is_read_as_it_is_typed(given: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert WayQuestion.model_validate(given).arguments() == arguments


@pytest.mark.parametrize(
    "sent",
    [{"target_10k_m2": "-5"}, {"time_limit_s": "99999"}, {"by": "soon"}, {"colour": "red"}, {"require": "x" * 300}],
)
def test_a_question_that_cannot_be_asked_is_one_clear_error(browser: TestClient, sent: dict[str, str]) -> None:
    assert browser.post("/way", data=sent).status_code == 422
    assert browser.post("/api/v1/way/jobs", json=sent).status_code == 422
    assert browser.get("/api/v1/jobs/1").status_code == 404


def test_limits_are_set_in_rows_of_the_form_and_told_again(browser: TestClient) -> None:
    """Without them ``admit:N4`` is chosen (see above)."""
    form = {"by": "2028-12-31", "target_10k_m2": "9", "time_limit_s": "600"}
    page = browser.get("/way").text
    for name in ("limit_1_kind", "limit_1_zone", "limit_3_year", "limit_2_gfa_10k_m2", "limit_3_count"):
        assert f'name="{name}"' in page
    assert page.count('<option value="admit">认定既有建筑</option>') == 3
    assert page.count('<option value="north_bund">') == 3
    row = {"limit_2_kind": "admit", "limit_2_zone": "each", "limit_2_year": "each", "limit_2_gfa_10k_m2": "3"}
    number = done(browser, **form, **row, limit_3_kind="admit", limit_3_count="0")
    found = browser.get(f"/api/v1/way?job={number}").json()
    asked = [{"kind": "admit", "zone": "each", "year": "each", "gfa": 30_000.0}, {"kind": "admit", "count": 0}]
    assert found["question"]["limits"] == asked
    assert not [item for item in found["items"] if item["chosen"] and item["kind"] == "admit"]
    shown = browser.get(f"/way?job={number}&lang=zh").text
    assert "另设限额：认定既有建筑 · 每片区 · 每年 · ≤ 3 万㎡；认定既有建筑 · ≤ 0 项" in shown


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"limit_1_kind": "admit"}, "限额须填面积上限或项数上限"),
        ({"limit_1_gfa_10k_m2": "much"}, "不是可用的数值"),
        ({"limit_1_year": "soon", "limit_1_count": "1"}, "应为年份"),
        ({"limit_1_kind": "magic", "limit_1_count": "1"}, "措施类别"),
        ({"limit_9_count": "1"}, "没有这个参数"),
    ],
)
def test_a_limit_that_cannot_be_set_is_told_at_once(browser: TestClient, row: dict[str, str], told: str) -> None:
    refused = browser.post("/way", data=row)
    assert refused.status_code == 422
    assert told in refused.text
    assert browser.get("/api/v1/jobs/1").status_code == 404


def test_a_measure_that_is_not_open_ends_the_job_with_what_to_do(browser: TestClient) -> None:
    asked = browser.post("/api/v1/way/jobs", json={"require": ["admit:nowhere"]})
    number = asked.json()["job_id"]
    end = time.monotonic() + 150
    while (job := browser.get(f"/api/v1/jobs/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert (job["state"], job["error"]["message"]) == ("failed", "1 measures are not open: admit:nowhere.")


def test_another_kind_of_job_and_another_sites_page_are_refused(browser: TestClient) -> None:
    assert browser.get("/way?job=99").status_code == 404
    assert browser.post("/way", data={}, headers={"origin": "http://elsewhere.example"}).status_code == 403
    other = browser.post("/api/v1/sites/jobs", json={"min_area_mu": 1}).json()["job_id"]
    assert browser.get(f"/way?job={other}").status_code == 404
    assert browser.get(f"/maps/way?job={other}").status_code == 404


def test_an_application_over_a_run_alone_has_no_form() -> None:
    with over(SampleRuns(sample())) as client:
        answer = client.get("/way?lang=zh")
    assert answer.status_code == 200
    assert "<form" not in answer.text

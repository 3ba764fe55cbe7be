"""A question about sites: what cannot be asked is refused at once and beside the form, all else reaches the search."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest
from small_city import box
from starlette.testclient import TestClient

import geo
from api.app import create_app
from api.forms import put_together, taken_apart
from api.site_questions import SiteQuestion, fields_of
from api.sites_shown import proof
from geo import jobs
from geo.database import Database
from geo.jobs.kinds import search_sites
from geo.jobs.work import main


@pytest.fixture
def browser(city: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server over the small city that works on nothing: jobs wait."""
    geo.publish(city, geo.policy("hongkou-2025"))
    monkeypatch.setattr("api.app.Runner", Idle)
    with TestClient(create_app(city), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


class Idle(jobs.Runner):
    def start(self) -> jobs.Runner:
        return self


def shown_faults(page: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', page, re.DOTALL)
    assert found, page[:2000]
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


#: what is asked, what the Chinese and the English page say of it
CANNOT_BE_ASKED: list[tuple[dict[str, str], str, str]] = [
    ({"min_area_mu": "120", "max_area_mu": "100"}, "面积既要大于 120.0 亩，又不超过 100.0 亩", "over 120.0 mu cannot"),
    ({"min_area_mu": "100", "max_area_mu": "100"}, "又不超过 100.0 亩", "over 100.0 mu cannot have at most 100.0 mu"),
    ({"min_area_mu": "0"}, "须大于 0", "greater than 0"),
    ({"max_area_mu": "-3"}, "须大于 0", "greater than 0"),
    ({"min_area_mu": "much"}, "不是可用的数值", "valid number"),
    ({"require": "S1", "forbid": "S2 S1"}, "S1 既是必含地块，又被排除", "S1 is required and forbidden"),
    ({"anchor": "S1，S2", "forbid": "S2"}, "S2 既是现有用地地块，又被排除", "S2 is land of the anchor and forbidden"),
    ({"require": "没有"}, "所列 1 个地块中有 1 个在", "1 of 1 parcels do not exist"),
    ({"forbid": "没有"}, "地块编号见候选清单", "The list of candidates has the codes"),
    ({"anchor": "乌有园"}, "没有名为或编号为 乌有园 的地块、园区或载体", "no parcel, park or carrier 乌有园"),
    ({"anchor": "S1", "no_anchor": "true"}, "既填了现有用地，又选了不以其为基础", "founded on none"),
    ({"allow": "天路"}, "没有名为 天路 的道路", "No barrier is called '天路'"),
    ({"over": "candidates:nix"}, "没有规则 nix", "no rule 'nix'"),
    ({"over": "mars"}, "不是可用的选项", "match pattern"),
    ({"over": "outline"}, "选了“所绘范围”，但未给出", "asked for and not given"),
    ({"over": "outline", "outline": "circle"}, "不是 GeoJSON", "is no GeoJSON"),
    ({"over": "outline", "outline": '{"type": "Point", "coordinates": [121.4, 31.2]}'}, "没有面", "no polygon"),
    (
        {"over": "outline", "outline": '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'},
        "所绘范围内没有地块",
        "No parcel lies in the outline",
    ),
    ({"curve": "true", "every": "true"}, "是两个问题", "two questions"),
    ({"curve": "true", "k": "3"}, "每档只有一个方案，不能另设方案数", "one site for each area"),
    ({"gap_m": "NaN"}, "不是可用的数值", "finite number"),
    ({"min_area_mu": "1e9"}, "不能大于 1,000,000", "less than or equal to 1000000"),
    ({"gap_m": "-1"}, "不能小于 0", "greater than or equal to 0"),
    ({"k": "0"}, "不能小于 1", "greater than or equal to 1"),
    ({"time_limit_s": "100000"}, "不能大于 600", "less than or equal to 600"),
    ({"as_of": "gestern"}, "不是可用的日期", "valid date"),
    ({"as_of": "1990-01-01"}, "1990-01-01 没有登记任何地块", "No parcel is registered for 1990-01-01"),
    ({"known_at": "2999-01-01T00:00"}, "晚于所问的运行", "later than the run"),
    ({"colour": "red"}, "没有这个参数", "not permitted"),
]  # fmt: skip


def test_what_cannot_be_asked_is_told_beside_the_form_in_the_language_of_the_page_and_nothing_is_queued(
    browser: TestClient,
) -> None:
    for sent, chinese, english in CANNOT_BE_ASKED:
        for lang, told in (("zh", chinese), ("en", english)):
            answer = browser.post(f"/sites?lang={lang}", data={"min_area_mu": "3"} | sent)
            assert answer.status_code == 422, sent
            faults = shown_faults(answer.text)
            assert told in faults, (sent, faults)
            assert "shuangbei" not in faults
            # What was typed is still there.
            for name, value in sent.items():
                if name not in ("over", "allow", "colour") and value != "true":
                    assert value.replace('"', "&#34;") in answer.text, (name, value)
    assert browser.get("/api/v1/jobs").json() == []


def test_everything_that_is_wrong_is_told_at_once_to_a_program_too(browser: TestClient) -> None:
    question = {
        "min_area_mu": 9,
        "max_area_mu": 8,
        "forbid": ["X"],
        "anchor": ["Y"],
        "allow": ["Z"],
        "over": "candidates:nix",
    }
    answer = browser.post("/api/v1/sites/jobs?lang=en", json=question)
    assert answer.status_code == 422
    told = {fault["field"]: fault for fault in answer.json()["errors"]}
    assert set(told) == {"max_area_mu", "forbid", "anchor", "allow", "over"}
    assert all(fault["message"] and fault["hint"] for fault in told.values())
    assert browser.get("/api/v1/jobs").json() == []


def test_what_a_question_contradicts_itself_in_is_told_together_with_what_there_is_not(browser: TestClient) -> None:
    question = {
        "curve": True, "k": 3, "codes": ["没有"], "outline": "{", "min_area_mu": 9, "max_area_mu": 8, "allow": ["天路"],
        "known_at": "2999-01-01T00:00:00Z", "forbid": ["X"],
    }  # fmt: skip
    answer = browser.post("/api/v1/sites/jobs?lang=en", json=question)
    assert answer.status_code == 422
    told = [fault["field"] for fault in answer.json()["errors"]]
    assert sorted(told) == ["allow", "codes", "forbid", "k", "known_at", "max_area_mu", "outline"]


OUTLINE = gpd.GeoSeries([box(-5, -5, 305, 215)], crs=4549).to_crs(4326).__geo_interface__["features"][0]["geometry"]
WHOLE: dict[str, Any] = {
    "min_area_mu": 3, "max_area_mu": 900, "over": "outline", "outline": OUTLINE, "no_anchor": True, "require": ["S1"],
    "forbid": ["S2"], "allow": ["river", "次干路"], "gap_m": 30, "k": 2, "min_different": 1, "every": True,
    "as_of": "2025-01-01", "time_limit_s": 7,
}  # fmt: skip


def test_every_argument_of_the_search_is_reached_from_the_api(
    browser: TestClient, city: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = browser.post("/api/v1/sites/jobs?lang=en", json=WHOLE)
    assert answer.status_code == 202, answer.text
    asked = answer.json()["arguments"]
    reached: dict[str, Any] = {}
    monkeypatch.setattr("geo.jobs.kinds.sites", lambda _, __, **given: reached.update(given))
    run = geo.current_run(city)
    search_sites(city, asked, run.run_id, lambda *_: None)
    outline = reached.pop("over")
    assert outline.to_crs(4549).union_all().equals_exact(box(-5, -5, 305, 215), 0.01)
    assert reached.pop("tell") is not None
    assert reached == {
        "min_area_m2": pytest.approx(2000), "max_area_m2": pytest.approx(600_000), "anchor": None, "require": ["S1"],
        "forbid": ["S2"], "allow": ["river", "次干路"], "gap_m": 30, "k": 2, "min_different": 1, "every": True,
        "as_of": date(2025, 1, 1), "known_at": run.made_at, "time_limit_s": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {},
        WHOLE | {"outline": json.dumps(OUTLINE), "forbid": ["某 路", "S2"], "allow": ["river:演示河 2"]},
        {"over": "candidates:office_to_rnd", "anchor": ["演示 生物园"], "curve": True, "min_area_mu": 120.5},
        {"known_at": "2026-01-01T12:00"},
    ],
)
def test_the_form_is_filled_with_the_question_of_a_job_as_it_was_asked(asked: dict[str, Any]) -> None:
    arguments = SiteQuestion.model_validate(asked).arguments()
    again = SiteQuestion.model_validate(fields_of(arguments)).arguments()
    areas = {"min_area_m2", "max_area_m2"}
    assert {k: v for k, v in again.items() if k not in areas} == {k: v for k, v in arguments.items() if k not in areas}
    for name in areas & set(arguments):
        assert again[name] == pytest.approx(arguments[name])


def test_a_name_with_spaces_in_it_is_one_in_quotes() -> None:
    assert taken_apart('甲，乙 "某某 大路" “北 园”;丙') == ["甲", "乙", "某某 大路", "北 园", "丙"]
    assert taken_apart(put_together(["某某 大路", "甲"])) == ["某某 大路", "甲"]


def test_the_page_of_a_job_says_what_was_asked_and_leads_back_to_the_form(browser: TestClient) -> None:
    asked = browser.post("/sites", data={"min_area_mu": "3", "forbid": "S2", "gap_m": "12", "over": "carriers"})
    assert asked.status_code == 303, asked.text
    number = asked.headers["location"].removeprefix("/jobs/")
    browser.post(f"/jobs/{number}/cancel")
    page = browser.get(f"/jobs/{number}?lang=zh").text
    for told in ("排除地块", "S2", "最大街道间隔（米）", "在册载体所在地块", f"/sites?again={number}#ask"):
        assert told in page
    form = browser.get(f"/sites?again={number}&lang=zh").text
    assert f"作业 {number} 的问题" in form
    for name, value in (("min_area_mu", "3"), ("forbid", "S2"), ("gap_m", "12")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', form), name
    assert '<option value="carriers" selected>' in form
    listed = browser.get("/jobs?lang=en").text
    assert "Cancelled" in listed
    assert "Parcels it must not have: S2" in listed
    assert [job["job_id"] for job in browser.get("/api/v1/jobs").json()] == [int(number)]


def test_a_job_that_fails_says_why_in_both_languages(
    browser: TestClient, city: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.ask(city, "sites", {"forbid": ["没有"]}, run_id=geo.current_run(city).run_id)
    with city.write() as connection:
        connection.exec_driver_sql("UPDATE jobs.jobs SET state = 'running', heartbeat_at = now()")
    monkeypatch.setattr("geo.jobs.work.connect", lambda: city)
    assert main(job.job_id) == 1
    assert "所列 1 个地块中有 1 个在" in browser.get(f"/jobs/{job.job_id}?lang=zh").text
    page = browser.get(f"/jobs/{job.job_id}?lang=en").text
    assert "1 of 1 parcels do not exist" in page
    assert "不存在" not in page


@pytest.mark.parametrize(
    ("proven", "choice", "chinese", "english"),
    [
        (True, 1, "已证最优", "proven best"),
        (False, 1, "未证最优", "not proven"),
        (
            True,
            2,
            "至少舍去各更优方案 3 个可换地块（不足则全部）的方案中，难度最小",
            "without 3 free parcels (all, where fewer)",
        ),
        (False, 5, "未证", "not proven"),
        (True, None, "仅列出", "listed"),
    ],
)
def test_only_the_first_choice_is_ever_called_the_best(
    proven: bool, choice: int | None, chinese: str, english: str
) -> None:
    told = [proof(proven, choice, 3, lang) for lang in ("zh", "en")]
    assert chinese in told[0]
    assert english in told[1]
    assert (choice == 1 and proven) == ("已证最优" in told[0].replace("未证最优", "")) == ("proven best" in told[1])


def test_alternatives_stand_beside_the_best_with_the_parcels_in_which_they_differ() -> None:
    from api.sites_shown import beside_the_best

    frame = gpd.GeoDataFrame({"parcel_codes": [["A", "B", "C"], ["B", "D"], ["A", "B", "C", "E"]]}, geometry=[None] * 3)
    told = beside_the_best(frame)
    assert told["added"].tolist() == [[], ["D"], ["E"]]
    assert told["left_out"].tolist() == [[], ["A", "C"], []]
    assert "added" not in frame


def test_an_instant_that_names_no_offset_is_the_servers_own() -> None:
    question = SiteQuestion.model_validate({"known_at": "2026-01-01T12:00"})
    assert question.known_at == datetime(2026, 1, 1, 12).astimezone()
    assert SimpleNamespace(**question.arguments()).known_at.startswith("2026-01-01T12:00")

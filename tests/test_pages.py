"""Pages: what they show, in which language, and that values of files are text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from published_sample import sample
from sample_server import PAGES, SampleRuns, over
from starlette.testclient import TestClient

from api import text
from maps.csp import script_hashes


@pytest.fixture
def client() -> Iterator[TestClient]:
    with over(SampleRuns(sample())) as found:
        yield found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in answer.text


def test_pages_are_chinese_until_english_is_asked_for_and_then_stay_english(client: TestClient) -> None:
    assert "候选地块" in client.get("/").text
    assert "Candidates" in client.get("/", params={"lang": "en"}).text
    assert "Candidates" in client.get("/clusters").text
    assert "集中连片" in client.get("/clusters", params={"lang": "zh"}).text


def test_every_phrase_has_both_languages() -> None:
    assert all(zh and en for zh, en in text._PHRASES.values())


def test_the_front_page_shows_the_runs_figures_and_says_what_they_are_not(client: TestClient) -> None:
    shown = client.get("/").text
    assert "8 万㎡" in shown
    assert "目标 100 万㎡（至 2026-12-31）" in shown
    assert "另有 1 个载体片区或状态未知" in shown
    assert "非考核口径" in shown
    assert "1 个载体面积未知" in shown
    assert "演示数据" in shown
    assert "/maps/overview" in shown


def test_no_known_carrier_area_is_shown_as_unknown_and_not_as_nothing_done() -> None:
    run = sample()
    run.run.figures.update(carrier_gfa_m2=None, gap_m2=None, n_carriers=0, n_carriers_unknown=0)
    with over(SampleRuns(run)) as client:
        shown = client.get("/").text
    assert "<progress" not in shown
    assert re.search(r'class="figure">未知', shown)


def test_a_run_of_real_data_bears_no_mark() -> None:
    with over(SampleRuns(sample(synthetic=False))) as real:
        for path in ("/", "/candidates", "/maps/overview"):
            assert "演示数据" not in real.get(path).text


@pytest.mark.parametrize("path", [p for p in PAGES if not p.startswith("/docs")])
def test_a_hostile_name_shows_as_text(client: TestClient, path: str) -> None:
    shown = client.get(path).text
    assert "<img src=x" not in shown
    assert "alert(2)</script>" not in shown


def test_the_hostile_name_is_escaped_on_its_own_page(client: TestClient) -> None:
    shown = client.get("/parcels/演示-0001").text
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "{{ 7*7 }}" in shown


def test_candidates_are_listed_by_rank_and_every_verdict_has_its_reasons(client: TestClient) -> None:
    shown = client.get("/candidates").text
    first = sample().parcels.sort_values("rank")["parcel_code"].iloc[0]
    assert re.findall(r'href="/parcels/[^"]*">([^<]+)<', shown)[0] == first
    verdicts = re.findall(r'class="badge (\w+)"', shown)
    assert list(dict.fromkeys(verdicts)) == ["candidate", "unknown", "no"]
    assert "3 项符合" in shown


def test_candidates_can_be_filtered_sorted_and_paged(client: TestClient) -> None:
    only = client.get("/candidates", params={"verdict": "unknown", "zone": "north_bund"}).text
    parcels = sample().parcels
    wanted = parcels[(parcels["verdict"] == "unknown") & (parcels["zone"] == "north_bund")]
    assert f"共 {len(wanted)} 条" in only
    largest = client.get("/candidates", params={"sort": "-site_area_m2"}).text
    assert re.findall(r'href="/parcels/[^"]*">([^<]+)<', largest)[0] == "演示-0064"
    assert "第 2 / 2 页" in client.get("/candidates", params={"number": 2}).text
    assert "第 2 / 2 页" in client.get("/candidates", params={"number": 99}).text


def test_a_link_to_sort_keeps_the_filter(client: TestClient) -> None:
    shown = client.get("/candidates", params={"verdict": "no"}).text
    assert "/candidates?verdict=no&amp;sort=site_area_m2" in shown


def test_what_cannot_be_asked_is_refused(client: TestClient) -> None:
    assert client.get("/candidates", params={"sort": "owner_kind"}).status_code == 404
    assert client.get("/candidates", params={"verdict": "maybe"}).status_code == 422
    assert client.get("/candidates", params={"rule": "nothing"}).status_code == 404
    assert client.get("/api/v1/candidates", params={"size": 10_000}).status_code == 422


@pytest.mark.parametrize("path", PAGES)
def test_every_inline_script_of_a_page_is_hashed_in_its_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    hashes = script_hashes(answer.text)
    assert bool(hashes) == path.startswith("/maps/")
    assert all(one in answer.headers["content-security-policy"] for one in hashes)


def test_a_map_is_asked_for_again_only_when_it_has_changed(client: TestClient) -> None:
    first = client.get("/maps/overview")
    again = client.get("/maps/overview", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/maps/overview", params={"lang": "en"}).headers["etag"] != first.headers["etag"]

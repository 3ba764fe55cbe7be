"""Pages: what they show, in which language, and that values of files are text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator

import openpyxl
import pandas as pd
import pytest
from published_sample import OTHER_RULE, RULE, sample
from sample_server import PAGES, SampleRuns, over
from starlette.testclient import TestClient

from api import text
from geo.fields.kept import FIND, keep
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


def test_no_two_catalogues_of_phrases_share_a_key_so_that_no_page_speaks_with_anothers_words() -> None:
    keys = [key for catalogue in text.CATALOGUES for key in catalogue]
    assert len(keys) > 100
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_the_front_page_shows_the_runs_figures_and_says_what_they_are_not(client: TestClient) -> None:
    shown = client.get("/").text
    assert "8 万㎡" in shown
    assert "目标 100 万㎡（至 2026-12-31）" in shown
    assert "另有 1 个载体片区或状态未知" in shown
    assert "非考核口径" in shown
    assert "1 个载体面积未知" in shown
    assert "演示数据" in shown
    assert "/maps/overview" in shown


@pytest.mark.parametrize(
    ("content", "clause", "lang", "told"),
    [
        ({"cited_as": "《行动方案》"}, "一(三)", "zh", "依据：《行动方案》一(三)。"),
        ({"cited_as": "《行动方案》"}, "一(三)", "en", "Basis: 一(三)."),
        ({"cited_as": None}, "第八条", "zh", "依据：第八条。"),
        ({"cited_as": "《行动方案》"}, "assumption: 试算", "zh", "依据：假设：试算。"),
        ({"cited_as": "《行动方案》"}, "assumption: 试算", "en", "Basis: assumption: a trial."),
    ],
)
def test_what_the_target_rests_on_is_told_in_the_policy_s_own_words(
    content: dict[str, str | None], clause: str, lang: str, told: str
) -> None:
    run = sample()
    run.run.figures.update(target_clause=clause)
    assumed = clause.startswith("assumption")
    floor_area = {"clause": None, "assumption": "试算", "assumption_en": "a trial"} if assumed else {"clause": clause}
    run.run.policy.update(content, target={"floor_area": floor_area})
    with over(SampleRuns(run)) as client:
        assert told in client.get("/", params={"lang": lang}).text


def test_a_policy_without_a_target_speaks_of_no_official_count_and_of_no_other_district_s_park() -> None:
    run = sample()
    with over(SampleRuns(run)) as client:
        assert "非考核口径" in client.get("/").text
        assert "虹口园边界" not in client.get("/").text
    run.run.figures.update(target_m2=None)
    with over(SampleRuns(run)) as client:
        assert "非考核口径" not in client.get("/").text


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


def test_every_rule_can_be_chosen_and_links_keep_it(client: TestClient) -> None:
    other = {"rule": OTHER_RULE}
    for path in ("/", "/candidates", "/clusters", "/parcels/演示-0005"):
        first = client.get(path).text
        assert 'aria-current="true">商办等用地调整为研发用地<' in first
        assert f"rule={OTHER_RULE}" in first
        assert 'aria-current="true">工业用地调整为研发用地<' in client.get(path, params=other).text
    shown = client.get("/candidates", params=other | {"verdict": "candidate"}).text
    assert re.findall(r'class="badge (\w+)"', shown) == ["candidate"]
    assert f"/parcels/%E6%BC%94%E7%A4%BA-0005?rule={OTHER_RULE}" in shown
    assert f"/maps/candidates?lang=zh&amp;rule={OTHER_RULE}" in shown
    assert "土地路径 → M4、C65" in shown
    assert "land route → M4, C65" in client.get("/candidates", params=other | {"lang": "en"}).text
    for path in ("/", "/candidates", "/clusters", "/maps/overview", "/maps/candidates", "/maps/clusters"):
        assert client.get(path, params={"rule": "nothing"}).status_code == 404


def test_the_page_of_a_parcel_says_its_route_its_procedure_and_what_is_flagged(client: TestClient) -> None:
    shown = client.get("/parcels/演示-0001").text
    assert "路径与程序" in shown
    assert "既有建筑路径" in shown
    assert "C65" in shown
    assert "变更出让合同用途" in shown
    assert "临近历史保护对象：方案须征求文物、历史风貌主管部门意见" in shown
    assert "提示待查" in shown
    assert "already in an approved plan change" in client.get("/parcels/演示-0001", params={"lang": "en"}).text


def test_a_restricted_figure_behind_an_outcome_is_said_to_be_withheld_and_not_unknown() -> None:
    run = sample()
    reason = {"route": "existing_building", "condition": "owners", "outcome": "pass", "field": "owner_count", "value": None,
              "text": None, "threshold": "<= 3", "unit": "count", "clause": "assumption: x"}  # fmt: skip
    unsure = reason | {"condition": "term", "outcome": "unknown", "field": "grant_years_left"}
    run.candidates[RULE]["reasons"] = [[reason, unsure]] * len(run.parcels)
    with over(SampleRuns(run)) as client:
        shown = client.get("/parcels/演示-0001").text
    assert re.search(r"既有建筑路径：权利人较少</td><td>不公开</td>", shown)
    assert re.search(r"既有建筑路径：土地使用权剩余年限足够</td><td>未知</td>", shown)


def test_a_parcel_is_found_by_a_part_of_its_code_however_it_is_typed(client: TestClient) -> None:
    def found(text: str) -> list[str]:
        shown = client.get("/candidates", params={"find": text}).text
        return re.findall(r'href="/parcels/[^"]*">([^<]+)<', shown)

    assert found("0064") == ["演示-0064"]
    assert found(" ００６４ ") == ["演示-0064"]
    assert found("没有这个编号") == []
    assert len(found("")) > 1
    shown = client.get("/candidates", params={"find": "0064", "verdict": "no"}).text
    assert 'name="find" value="0064"' in shown
    # What is downloaded is what the page shows.
    assert "/download/candidates.xlsx?verdict=no&amp;find=0064" in shown
    rows = client.get("/api/v1/candidates", params={"find": "0064"}).json()["items"]
    assert [row["parcel_code"] for row in rows] == ["演示-0064"]
    evil = client.get("/candidates", params={"find": '"><script>'}).text
    assert '"><script>' not in evil


def test_what_is_looked_for_is_found_in_codes_and_names_whatever_their_case_and_only_there() -> None:
    frame = pd.DataFrame(
        {"parcel_code": ["演示-B130-01", "S1", "S2"], "name": [None, "Alte Börse", "b"], "zone": ["b130", "s", "s"]}
    )
    for wanted, found in (("b130", [0]), ("BÖRSE", [1]), ("S", [1, 2]), ("  ", [0, 1, 2]), ("%", [])):
        assert keep(frame, {FIND: wanted}).index.tolist() == found
    assert keep(frame, {FIND: "s", "zone": "s", "name": "b"}).index.tolist() == [2]


def test_the_list_of_what_cannot_be_judged_says_what_to_find_out_first(client: TestClient) -> None:
    for lang, told in (("zh", "建议先查明"), ("en", "What to find out first")):
        assert told in client.get("/candidates", params={"verdict": "unknown", "lang": lang}).text
        assert told not in client.get("/candidates", params={"verdict": "no", "lang": lang}).text


def test_a_download_prints_the_first_and_says_by_what_it_was_filtered(client: TestClient) -> None:
    def book(**asked: str) -> openpyxl.Workbook:
        answer = client.get("/download/candidates.xlsx", params=asked)
        assert answer.status_code == 200
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    first = book(top="2", zone="north_bund")
    assert str(first["候选清单"].print_area).endswith("$6")
    told = {line[0]: line[1] for line in first["运行信息"].values}
    assert told["只列（筛选）"] == "片区 北外滩现代服务业集聚区"
    assert "只列：片区 北外滩现代服务业集聚区" in "".join(str(cell.value) for cell in first["候选清单"][3])
    # An empty field of the form is all of them.
    everything = book(top="")
    assert not everything["候选清单"].print_area
    assert "只列（筛选）" not in {line[0] for line in everything["运行信息"].values}
    assert client.get("/download/candidates.xlsx", params={"top": "0"}).status_code == 422
    assert client.get("/download/candidates.csv", params={"top": "3"}).status_code == 404


@pytest.mark.parametrize("place", ["/candidates", "/api/v1/candidates", "/download/candidates.csv"])
def test_a_zone_that_there_is_not_is_told_with_those_that_there_are(client: TestClient, place: str) -> None:
    answer = client.get(place, params={"zone": "xx"})
    assert answer.status_code == 404
    assert "xx" in answer.text
    assert "north_bund" in answer.text
    assert client.get(place, params={"zone": "north_bund"}).status_code == 200

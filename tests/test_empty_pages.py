"""Pages over a database that holds nothing, and over a run that was made of nothing, say what is to be done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from published_sample import sample
from sample_server import SampleRuns, over
from starlette.testclient import TestClient

import geo
from api.app import create_app
from geo.database import Database

PAGES = ("/", "/candidates", "/clusters", "/sites", "/totals", "/way", "/scenarios", "/carriers")
MAPS = ("/maps/overview", "/maps/clusters", "/maps/sites", "/maps/candidates")


@pytest.fixture
def browser(db: Database) -> Iterator[TestClient]:
    with TestClient(create_app(db), raise_server_exceptions=False) as client:
        yield client


def test_where_nothing_is_every_page_says_what_to_do(browser: TestClient, db: Database) -> None:
    for path in PAGES:
        answer = browser.get(f"{path}?lang=zh")
        assert answer.status_code == 503
        for told in ("尚未发布", "shuangbei import", "shuangbei publish", "shuangbei demo"):
            assert told in answer.text, path
    geo.publish(db, geo.policy("hongkou-2025"))
    for path in PAGES:
        for lang, told in (("zh", "本次运行没有地块"), ("en", "This run holds no parcel")):
            answer = browser.get(f"{path}?lang={lang}")
            assert (answer.status_code, told in answer.text) == (200, True), path
    for path in MAPS:
        assert browser.get(path).status_code == 200
    for path in ("/sites", "/clusters"):
        answer = browser.post(f"{path}?lang=zh", data={})
        assert answer.status_code == 422
        assert "请先导入地块并重新发布" in answer.text


def test_an_address_of_the_json_that_is_not_there_points_to_its_documentation(browser: TestClient) -> None:
    for path, method in (("/api/v1/nothing", "GET"), ("/api/v2", "GET"), ("/api/v1/clusters", "DELETE")):
        for lang in ("zh", "en"):
            answer = browser.request(method, f"{path}?lang={lang}")
            assert answer.status_code == (405 if method == "DELETE" else 404)
            assert "/docs" in answer.json()["hint"], path


def test_what_is_not_there_is_told_in_the_language_of_the_page() -> None:
    paths = {
        "/parcels/nix": ("中没有地块 nix", "There is no parcel"),
        "/candidates?sort=nix": ("不能按“nix”排序", "not sorted by"),
        "/candidates?rule=nix": ("没有规则 nix", "has no rule"),
        "/download/carriers.docx": ("只有候选地块可生成报告", "made of candidates"),
        "/sites?job=1": ("本服务器不受理作业", "takes no jobs"),
        "/candidates?number=0": ("number：不能小于 1", "greater than or equal to 1"),
    }
    with over(SampleRuns(sample())) as client:
        for path, said in paths.items():
            for lang, told, other in (("zh", *said), ("en", *said[::-1])):
                answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}").text
                assert told in answer, (path, lang)
                assert other not in answer, (path, lang)


def test_every_address_of_the_json_is_described_in_chinese_and_in_english(browser: TestClient) -> None:
    described = browser.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for operation in methods.values():
            said = operation["summary"]
            assert " · " in said, (path, said)
            for text in (said, operation["description"]):
                assert any("一" <= letter <= "鿿" for letter in text), (path, text)
            for parameter in operation.get("parameters", ()):
                told = parameter.get("description", parameter["name"])
                assert any("一" <= letter <= "鿿" for letter in told), (path, parameter["name"], told)
    schemas = described["components"]["schemas"]
    for name, schema in schemas.items():
        for field, one in schema.get("properties", {}).items():
            told = one.get("description", "")
            assert any("一" <= letter <= "鿿" for letter in told), (name, field, told)
    assert schemas["Cluster"]["properties"]["n_parcels"]["description"] == "地块数"
    assert schemas["Job"]["properties"]["result"]["description"].startswith("结果所在 · where what it gave")

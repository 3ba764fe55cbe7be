"""人工意见 on pages and in downloads: beside the verdict, in both languages, and told where the two part."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pyarrow.parquet as pq
import pytest
from routed_policy import RULE, routed_policy
from starlette.testclient import TestClient
from test_opinions import judged, one_of, write

import geo
from api.app import create_app
from geo.database import Database


@pytest.fixture
def said(city: Database, tmp_path: Path) -> tuple[Database, str]:
    """A run of the city in which the office does not agree to one candidate, and that candidate's code."""
    policy = routed_policy()
    code = one_of(judged(city, policy), "candidate")
    path = geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / "a.xlsx")
    write(path, {code: {"人工意见": "不同意", "理由": "<b>在建</b>", "填写人": "王工"}})
    geo.opinions(city, path)
    geo.publish(city, policy)
    return city, code


@pytest.mark.parametrize(
    ("lang", "told"), [("zh", ("人工意见", "不同意", "不一致")), ("en", ("Office", "disagrees", "differs"))]
)
def test_the_list_and_the_parcel_show_the_opinion_and_that_it_parts(
    said: tuple[Database, str], lang: str, told: tuple[str, ...]
) -> None:
    db, code = said
    with TestClient(create_app(db)) as browser:
        pages = [browser.get(path, params={"lang": lang}).text for path in ("/candidates", f"/parcels/{code}")]
    for page in pages:
        assert all(text in page for text in told)
        assert "<b>在建" not in page
    assert "&lt;b&gt;在建&lt;/b&gt;" in pages[1]
    assert "王工" in pages[1]


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        ({"踏勘结果": "已拆迁"}, "有踏勘结果"),
        ({"理由": "见附件"}, "有说明"),
        ({"人工意见": "同意", "踏勘结果": "已拆迁"}, "同意 · 有踏勘结果"),
    ],
)
def test_the_list_shows_that_something_was_found_or_noted_where_no_opinion_was_given(
    city: Database, tmp_path: Path, filled: dict[str, str], told: str
) -> None:
    policy = routed_policy()
    code = one_of(judged(city, policy), "candidate")
    path = geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / "a.xlsx")
    write(path, {code: filled})
    geo.opinions(city, path)
    geo.publish(city, policy)
    with TestClient(create_app(city)) as browser:
        assert told in browser.get("/candidates?lang=zh").text


def test_a_list_without_opinions_has_no_columns_for_them(city: Database) -> None:
    geo.publish(city, routed_policy())
    with TestClient(create_app(city)) as browser:
        assert "人工意见" not in browser.get("/candidates?lang=zh").text
        assert "人工意见" not in browser.get("/parcels/S1?lang=zh").text


def test_the_json_has_the_opinion_beside_the_verdict(said: tuple[Database, str]) -> None:
    db, code = said
    with TestClient(create_app(db)) as browser:
        row: dict[str, Any] = browser.get(f"/api/v1/parcels/{code}").json()
    assert (row["verdict"], row["opinion"], row["opinion_differs"]) == ("candidate", "disagree", "yes")


def test_the_page_gives_the_workbook_and_the_report_with_unit_and_secrecy_of_the_settings(
    said: tuple[Database, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUANGBEI_UNIT", "某局")
    monkeypatch.setenv("SHUANGBEI_SECRECY", "内部")
    db, code = said
    with TestClient(create_app(db)) as browser:
        page = browser.get("/candidates?lang=zh&zone=north_bund").text
        assert "/download/candidates.docx?zone=north_bund" in page
        book = browser.get("/download/candidates.xlsx")
        report = browser.get("/download/candidates.docx?verdict=candidate")
        assert browser.get("/download/clusters.docx").status_code == 404
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["候选清单"]
    assert {"某局", "内部"} <= {cell.value for cell in sheet[2]}
    told = docx.Document(io.BytesIO(report.content))
    texts = [paragraph.text for paragraph in told.paragraphs]
    assert "编制单位：某局" in texts
    assert any(text.endswith(code) for text in texts)
    assert told.inline_shapes


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "parquet"])
def test_what_the_page_gives_for_programs_is_made_again_from_the_stamp_inside_it(
    said: tuple[Database, str], tmp_path: Path, ending: str
) -> None:
    db, _ = said
    with TestClient(create_app(db)) as browser:
        assert f"/download/candidates.{ending}?verdict=no" in browser.get("/candidates?verdict=no").text
        (tmp_path / f"a.{ending}").write_bytes(browser.get(f"/download/candidates.{ending}?verdict=no").content)
    found = geo.replay(db, tmp_path / f"a.{ending}", policy=routed_policy())
    assert found.same, found.rows
    assert found.n_rows > 0


def test_a_parquet_has_the_same_types_before_and_after_an_office_has_said_something(
    city: Database, tmp_path: Path
) -> None:
    policy = routed_policy()
    before = pq.read_schema(geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / "before.parquet"))
    path = geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / "a.xlsx")
    everything = {
        "人工意见": "不同意",
        "理由": "在建",
        "踏勘结果": "已拆迁",
        "填写人": "王工",
        "填写日期": "2025-03-07",
    }
    write(path, {one_of(judged(city, policy), "candidate"): everything})
    geo.opinions(city, path)
    after = pq.read_schema(geo.export(geo.candidates(city, policy, rule=RULE), tmp_path / "after.parquet"))
    said = [name for name in after.names if name.startswith("opinion") or name in ("survey_result", "verdict_then")]
    assert len(said) == 8
    assert [(name, str(before.field(name).type)) for name in said] == [(n, str(after.field(n).type)) for n in said]


def test_the_stamp_of_a_csv_is_given_beside_it(said: tuple[Database, str], tmp_path: Path) -> None:
    db, _ = said
    with TestClient(create_app(db)) as browser:
        rows = browser.get("/download/candidates.csv?verdict=no")
        stamp = browser.get("/download/candidates.csv.run.json?verdict=no")
    names = [answer.headers["content-disposition"].rpartition("''")[2] for answer in (rows, stamp)]
    assert names[1] == names[0] + ".run.json"
    assert json.loads(stamp.content)["kept"] == {"verdict": "no"}
    (tmp_path / "a.csv").write_bytes(rows.content)
    (tmp_path / "a.csv.run.json").write_bytes(stamp.content)
    found = geo.replay(db, tmp_path / "a.csv", policy=routed_policy())
    assert found.same, found.rows

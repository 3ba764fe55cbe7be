"""JSON, downloads, errors, and who may read, over HTTP."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import openpyxl
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from published_sample import HOSTILE, OTHER_RULE, sample
from sample_server import DOWNLOADS, JSON, PAGES, BrokenRuns, NoRuns, SampleRuns, over
from starlette.testclient import TestClient

from api import problems
from api.app import STATEMENT_TIMEOUT_MS, create_app
from api.runs import NothingPublishedError
from api.security import require_reader
from geo import errors
from geo.database import Database
from geo.policy.schema import policy_schema


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with over(SampleRuns(sample())) as found:
        yield found


def test_restricted_figures_are_in_no_page_json_or_file(client: TestClient) -> None:
    run = sample()
    assert {"owner_kind", "owner_count"} <= set(run.parcels)
    assert {"output_10k_yuan", "tax_10k_yuan"} <= set(run.carriers)
    for path in (*PAGES, *JSON, *DOWNLOADS):
        shown = client.get(path).text
        if path.endswith(".geojson"):
            # The policy in the stamp is public: it names measures, and no parcel's figures.
            content = json.loads(shown)
            content["run"].pop("policy_content")
            shown = json.dumps(content, ensure_ascii=False)
        for secret in ("owner_kind", "owner_count", 'private"', "123456.0", "654321.0", "产权", "税收", "产值"):
            assert secret not in shown, (path, secret)


def test_unknown_is_null_in_json_and_never_zero(client: TestClient) -> None:
    answer = client.get("/api/v1/candidates", params={"size": 500})
    assert "NaN" not in answer.text
    found = {item["parcel_code"]: item for item in answer.json()["items"]}
    unknown = sample().parcels.query("gfa_m2.isna()")["parcel_code"]
    assert len(unknown)
    assert all(found[code]["gfa_m2"] is None for code in unknown)
    assert found["演示-0001"]["reasons"][0]["outcome"] == "pass"
    assert found["演示-0001"]["rank"] == 7


def test_json_is_paged_and_says_which_run_it_is_of(client: TestClient) -> None:
    page = client.get("/api/v1/candidates", params={"page": 2, "size": 30}).json()
    assert (page["total"], page["page"], page["size"], len(page["items"])) == (64, 2, 30, 30)
    assert (page["run_id"], page["synthetic"]) == (3, True)


def test_json_figures_agree_with_the_run(client: TestClient) -> None:
    run = sample()
    assert client.get("/api/v1/run").json()["figures"] == json.loads(json.dumps(run.run.figures))
    totals = client.get("/api/v1/totals", params={"by": "zone"}).json()["items"]
    assert sum(row["site_area_m2"] for row in totals) == pytest.approx(run.parcels["site_area_m2"].sum())
    carriers = client.get("/api/v1/carriers").json()["items"]
    assert [row["gfa_m2"] for row in carriers] == [80_000.0, 12_000.0, None]


def test_a_parcel_that_does_not_exist_is_a_problem_in_json_and_a_page_elsewhere(client: TestClient) -> None:
    answer = client.get("/api/v1/parcels/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(told)
    assert (told["status"], told["instance"]) == (404, "/api/v1/parcels/nowhere")
    page = client.get("/parcels/<b>nowhere")
    assert page.status_code == 404
    assert "没有找到" in page.text
    assert "<b>nowhere" not in page.text


def test_an_unknown_address_is_told_in_the_same_two_ways(client: TestClient) -> None:
    assert "没有这个页面" in client.get("/nothing/here").text
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"


def test_a_wrong_parameter_names_the_field(client: TestClient) -> None:
    told = client.get("/api/v1/candidates", params={"page": "x"}).json()
    assert told["status"] == 422
    assert [fault["field"] for fault in told["errors"]] == ["page"]


def test_every_error_of_ours_has_a_status() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ShuangbeiError)
    ]
    assert all(kind in problems.STATUS for kind in kinds)
    assert problems.status_of(NothingPublishedError("x")) == 503
    assert problems.status_of(ValueError("x")) == 500


def test_an_unexpected_error_shows_no_traceback() -> None:
    with over(BrokenRuns()) as broken:
        for path in ("/", "/api/v1/run"):
            answer = broken.get(path)
            assert answer.status_code == 500
            assert "secret" not in answer.text
            assert "Traceback" not in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_without_a_published_run_the_page_says_what_to_do() -> None:
    with over(NoRuns()) as empty:
        answer = empty.get("/")
        assert answer.status_code == 503
        assert "shuangbei publish" in answer.text
        assert empty.get("/api/v1/run").json()["status"] == 503
        assert empty.get("/healthz").text == "ok\n"


@pytest.mark.parametrize(
    "path", [*PAGES, *JSON, "/nothing", "/healthz", "/static/shuangbei.css", "/download/totals.csv"]
)
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_run_is_read_once_and_then_kept() -> None:
    runs = SampleRuns(sample(4, 4))
    with over(runs) as client:
        for path in ("/", "/candidates", "/maps/overview", "/api/v1/run"):
            assert client.get(path).status_code == 200
    assert runs.reads == 1


def test_every_route_asks_for_a_reader_but_health() -> None:
    app = create_app(runs=NoRuns())
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    open_to_all = {
        route.path for route in routes if require_reader not in {d.call for d in route.dependant.dependencies}
    }
    assert open_to_all == {"/healthz", "/static/colours.css"}
    assert all(route.methods <= {"GET"} for route in routes)


def test_without_anonymous_reading_only_health_and_static_files_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUANGBEI_ANONYMOUS_READ", "no")
    with over(SampleRuns(sample(2, 2))) as shut:
        for path in (*PAGES, *JSON, *DOWNLOADS):
            answer = shut.get(path)
            assert answer.status_code == 401, path
            assert "4,800" not in answer.text
            assert "4800" not in answer.text
        assert shut.get("/api/v1/run").headers["content-type"] == "application/problem+json"
        assert shut.get("/healthz").status_code == 200
        assert shut.get("/static/shuangbei.css").status_code == 200


def test_a_downloaded_csv_opens_in_excel_and_holds_the_list(client: TestClient) -> None:
    answer = client.get("/download/candidates.csv", params={"verdict": "candidate"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + (sample().parcels["verdict"] == "candidate").sum()
    assert "%E6%BC%94%E7%A4%BA%E6%95%B0%E6%8D%AE" in answer.headers["content-disposition"], "演示数据"


def test_a_downloaded_workbook_holds_the_list_and_no_formula(client: TestClient) -> None:
    answer = client.get("/download/candidates.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book.worksheets[:3] for row in sheet.iter_rows(min_row=5) for cell in row]
    assert len({cell.value for cell in cells if str(cell.value).startswith("演示-")}) == 64
    assert any(HOSTILE in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_downloaded_geojson_is_in_degrees(client: TestClient) -> None:
    content = json.loads(client.get("/download/candidates.geojson").content)
    lon, lat = content["features"][0]["geometry"]["coordinates"][0][0][:2]
    assert 121 < lon < 122
    assert 31 < lat < 32
    assert client.get("/download/totals.geojson").status_code == 404
    assert client.get("/download/totals.parquet").status_code == 404


def test_over_a_database_without_a_run_the_page_says_to_publish(db: Database) -> None:
    with TestClient(create_app(db)) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "shuangbei publish" in answer.text
        with db.read() as connection:
            limit = connection.exec_driver_sql("SHOW statement_timeout").scalar_one()
        assert limit == f"{STATEMENT_TIMEOUT_MS // 1000}s"


def test_a_server_that_does_not_answer_is_told_without_its_address() -> None:
    nowhere = Database(sa.create_engine("postgresql+psycopg://someone:secret@127.0.0.1:1/nowhere"))
    with TestClient(create_app(nowhere), raise_server_exceptions=False) as client:
        for path in ("/", "/api/v1/run"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert not {"secret", "someone", "127.0.0.1"} & set(re.findall(r"[\w.]+", answer.text))


def test_candidates_say_their_route_its_procedure_and_their_flags(client: TestClient) -> None:
    row = client.get("/api/v1/parcels/演示-0001").json()
    assert (row["rule"], row["route"], row["target_codes"]) == ("office_to_rnd", "existing_building", "C65")
    assert "变更出让合同用途" in row["procedure"]
    assert [flag["outcome"] for flag in row["flags"]] == ["raised", "unknown"]
    other = client.get("/api/v1/candidates", params={"rule": OTHER_RULE, "verdict": "candidate"}).json()
    assert [(item["parcel_code"], item["route"]) for item in other["items"]] == [("演示-0005", "land")]
    assert client.get("/api/v1/clusters", params={"rule": OTHER_RULE}).json()["total"] == 0


def test_the_schema_of_policies_is_served(client: TestClient) -> None:
    assert client.get("/api/v1/policy/schema").json() == policy_schema()

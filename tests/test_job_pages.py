"""Jobs over HTTP: how far one is, ending it, and who may not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from job_worker import COMMAND
from sample_server import over
from starlette.testclient import TestClient

from api.app import create_app
from api.jobs import Desk
from geo import jobs
from geo.database import Database


@pytest.fixture
def browser(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("api.app.Runner", lambda of: jobs.Runner(of, command=COMMAND))
    with TestClient(create_app(db), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def until(found: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def ask(browser: TestClient, **arguments: Any) -> int:
    desk: Desk = browser.app.state.desk  # type: ignore[attr-defined]
    return desk.ask("sites", arguments, run_id=1, actor="王工").job_id


def state(browser: TestClient, number: int) -> str:
    return str(browser.get(f"/api/v1/jobs/{number}").json()["state"])


def test_a_job_tells_how_far_it_is_and_leads_to_what_it_gave(browser: TestClient) -> None:
    number = ask(browser, do="answer", code="a")
    until(lambda: state(browser, number) == "done")
    told = browser.get(f"/api/v1/jobs/{number}").json()
    assert (told["done"], told["run_id"], told["result"]) == (1.0, 1, f"/api/v1/sites?job={number}")
    assert "actor" not in told
    page = browser.get(f"/jobs/{number}")
    assert (page.status_code, page.headers["location"]) == (303, f"/sites?job={number}")


def test_a_job_is_ended_from_its_page(browser: TestClient) -> None:
    number = ask(browser, do="wait_for_ever")
    until(lambda: browser.get(f"/api/v1/jobs/{number}").json()["done"] == 0.25)
    page = browser.get(f"/jobs/{number}?lang=en")
    assert "Working：a quarter" in page.text
    assert 'value="0.25"' in page.text
    ended = browser.post(f"/jobs/{number}/cancel", headers={"origin": "http://testserver"})
    assert (ended.status_code, ended.headers["location"]) == (303, f"/jobs/{number}")
    assert "已取消" in browser.get(f"/jobs/{number}?lang=zh").text
    assert state(browser, number) == "cancelled"


def test_what_failed_says_why(browser: TestClient) -> None:
    number = ask(browser, do="refuse")
    until(lambda: state(browser, number) == "failed")
    page = browser.get(f"/jobs/{number}?lang=zh").text
    assert "最小面积为负。" in page
    assert "填 0 以上。" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/jobs/{}/cancel", "/api/v1/jobs/{}/cancel"])
def test_a_page_of_another_site_ends_nothing(browser: TestClient, path: str, headers: dict[str, str]) -> None:
    number = ask(browser, do="wait_for_ever")
    assert browser.post(path.format(number), headers=headers).status_code == 403
    assert state(browser, number) in ("waiting", "running")
    # A program that names no origin may.
    assert browser.post(f"/api/v1/jobs/{number}/cancel").json()["state"] == "cancelled"


def test_nothing_is_ended_by_looking(browser: TestClient) -> None:
    number = ask(browser, do="wait_for_ever")
    assert browser.get(f"/jobs/{number}/cancel").status_code == 405
    assert state(browser, number) in ("waiting", "running")


@pytest.mark.parametrize("path", ["/jobs/7", "/api/v1/jobs/7"])
def test_a_job_that_is_not_there_is_not_found(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_who_may_not_read_sees_no_job_and_ends_none(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUANGBEI_ANONYMOUS_READ", "no")
    with TestClient(create_app(db)) as client:
        asked = jobs.ask(db, "sites", {})
        for path in (f"/jobs/{asked.job_id}", f"/api/v1/jobs/{asked.job_id}"):
            assert client.get(path).status_code == 401
            assert client.post(f"{path}/cancel").status_code == 401


def test_an_application_over_a_run_alone_takes_no_jobs() -> None:
    from published_sample import sample
    from sample_server import SampleRuns

    with over(SampleRuns(sample())) as client:
        assert client.get("/api/v1/jobs/1").status_code == 404

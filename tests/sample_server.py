"""The application over a made-up run, for tests of what it answers."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from api.app import create_app
from api.runs import NothingPublishedError
from geo.publish import Published, Run

PAGES = ("/", "/candidates", "/clusters", "/carriers", "/totals", "/parcels/演示-0001", "/docs", "/maps/overview",
         "/maps/candidates", "/maps/clusters", "/sites", "/maps/sites", "/way", "/scenarios")  # fmt: skip
JSON = ("/api/v1/run", "/api/v1/candidates", "/api/v1/clusters", "/api/v1/carriers", "/api/v1/totals", "/api/v1/sites",
        "/api/v1/parcels/演示-0001", "/openapi.json")  # fmt: skip
DOWNLOADS = ("/download/candidates.csv", "/download/candidates.geojson", "/download/clusters.csv",
             "/download/carriers.csv", "/download/totals.csv")  # fmt: skip


class SampleRuns:
    """Runs that need no database; ``reads`` counts how often a run was fetched."""

    def __init__(self, run: Published) -> None:
        self.run = run
        self.reads = 0

    def current(self) -> Run:
        return self.run.run

    def read(self, run_id: int) -> Published:
        assert run_id == self.run.run.run_id
        self.reads += 1
        return self.run


class NoRuns:
    def current(self) -> Run:
        raise NothingPublishedError("Nothing has been published yet.", "Run `shuangbei publish`.")

    def read(self, run_id: int) -> Published:
        raise AssertionError(f"run {run_id} cannot be read")


class BrokenRuns(NoRuns):
    def current(self) -> Run:
        raise ZeroDivisionError("a secret in a traceback")


def over(runs: Any) -> TestClient:
    """A client of the application over these runs; an unexpected error is an answer, as a browser gets it."""
    return TestClient(create_app(runs=runs), raise_server_exceptions=False)

"""The application: pages, maps, JSON and downloads of the current run.

::

    request ─► headers, language ─► require_reader ─► current run (kept in memory) ─► page | map | JSON | file

Nothing here works anything out: what a page shows was published.  Errors are told in one place (``api.problems``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from api import (
    clusters,
    docs,
    downloads,
    jobs,
    map_pages,
    pages,
    problems,
    scenarios,
    scenarios_land,
    scenarios_saved,
    sites,
    target,
    totals,
    v1,
    way,
)
from api.language import RememberLanguage
from api.runs import DatabaseRuns, Reading, Runs
from api.security import SecurityHeaders
from api.static_files import OWN, colours_css
from geo.database import Database, connect
from geo.jobs import Runner
from geo.settings import settings
from maps.assets import vendor_dir
from maps.offline import BROWSER_DIR, OWN_URL, VENDOR_URL

#: a page that waits longer than this for the database is told so instead
STATEMENT_TIMEOUT_MS = 15_000


def create_app(database: Database | None = None, *, runs: Runs | None = None) -> FastAPI:
    """The application over a database (default: :func:`geo.connect` at start-up), or over other ``runs`` in tests.

    Raises
    ------
    SetupError
        The browser files have not been installed.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if runs is None:
            db = database or connect()
            _limit_statements(db)
            app.state.reading = Reading(DatabaseRuns(db))
            keeper = Runner(db).start()
            app.state.desk = jobs.Desk(db, keeper)
            try:
                yield
            finally:
                keeper.stop()
                if database is None:
                    db.engine.dispose()
        else:
            app.state.reading, app.state.desk = Reading(runs), None
            yield

    app = FastAPI(
        title="双北 shuangbei",
        summary="哪些土地可以调整用途、哪些连片、能形成多少建筑面积。"
        "What land may change use, what hangs together, and how much floor area that makes.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.anonymous_read = settings().anonymous_read
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(RememberLanguage)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(SecurityHeaders)
    routers = (
        pages.router,
        totals.router,
        target.pages,
        target.router,
        map_pages.router,
        clusters.router,
        v1.router,
        sites.router,
        sites.pages,
        way.router,
        way.pages,
        scenarios.router,
        scenarios.pages,
        scenarios_land.router,
        scenarios_land.pages,
        scenarios_saved.pages,
        jobs.router,
        jobs.pages,
        downloads.router,
        docs.router,
    )
    for router in routers:
        app.include_router(router)
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/static/colours.css", colours_css, include_in_schema=False)
    app.mount(VENDOR_URL, StaticFiles(directory=vendor_dir()))
    app.mount(OWN_URL, StaticFiles(directory=BROWSER_DIR))
    app.mount("/static", StaticFiles(directory=OWN))
    return app


def healthz() -> Response:
    """Says that the server answers; asks nothing of the database."""
    return Response("ok\n", media_type="text/plain")


def _limit_statements(db: Database) -> None:
    """Let no statement of this process's pool run for longer than the limit."""

    def limit(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        connection.commit()

    sa.event.listen(db.engine, "connect", limit)
    # Connections made before are not limited.
    db.engine.dispose()

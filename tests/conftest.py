"""A throw-away database server for the whole run, and a fresh migrated database for each test that asks for one.

``TEST_DATABASE_URL`` names a server to use instead, where the tests may create databases.  No test ever sees the
cluster or the settings of whoever runs it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from geo.database import Database, connect, upgrade
from geo.embedded import Cluster
from geo.embedded.server import connection, create_database, drop_database
from geo.intake.report import unheard

_numbers = itertools.count(1)

# No example fails for being slow: how quick a test is says more of the machine than of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the slow fuzz and kill runs, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long: given with --long (make test-long)"))


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> Iterator[None]:
    """No variable of ours reaches a test from outside, but those that are meant for tests."""
    kept = {"SHUANGBEI_REAL_DATA", "SHUANGBEI_PG_BIN"}
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name == "DATABASE_URL" or (name.startswith("SHUANGBEI_") and name not in kept):
                patch.delenv(name)
        # A folder that cannot be made: a test that starts a cluster without saying where fails instead of sharing one.
        patch.setenv("SHUANGBEI_HOME", "/dev/null/ask-for-the-fixture-home")
        patch.setenv("SHUANGBEI_ACTOR", "tests")
        yield


@pytest.fixture(autouse=True)
def _no_database_by_name() -> Iterator[None]:
    """``--database NAME`` is kept in the environment, for the processes that a command starts: no test inherits it."""
    yield
    os.environ.pop("SHUANGBEI_DATABASE", None)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a server on which databases may be created, of its database ``postgres``."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    with _folder() as folder:
        cluster = Cluster(folder, durable=False).start()
        try:
            yield cluster.url("postgres")
        finally:
            cluster.stop("immediate")


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated, empty database that others are copied from; nobody may be connected to it."""
    name = f"shuangbei_template_{os.getpid()}"
    create_database(server_url, name)
    db = connect(_address(server_url, name))
    upgrade(db)
    db.engine.dispose()
    yield name
    drop_database(server_url, name)


@pytest.fixture(scope="session")
def city_template(server_url: str, template: str) -> Iterator[str]:
    """The name of a database that holds the small city, loaded once for all tests."""
    from small_city import load_small_city

    name = f"shuangbei_city_{os.getpid()}"
    _copy(server_url, template, name)
    db = connect(_address(server_url, name))
    load_small_city(db)
    db.engine.dispose()
    yield name
    drop_database(server_url, name)


@pytest.fixture(scope="session")
def demo_db(server_url: str, template: str) -> Iterator[Database]:
    """A database that holds the demo, loaded once for all tests: they read it, and may publish runs."""
    from geo.demo import load

    with _of_its_own(server_url, template) as db:
        load(db)
        yield db


@pytest.fixture
def db(server_url: str, template: str) -> Iterator[Database]:
    """A migrated, empty database of the test's own, in the default work CRS."""
    with _of_its_own(server_url, template) as db:
        yield db


@pytest.fixture
def city(server_url: str, city_template: str) -> Iterator[Database]:
    """A database of the test's own that holds the small city."""
    with _of_its_own(server_url, city_template) as db:
        yield db


@pytest.fixture
def empty_db(server_url: str) -> Iterator[Database]:
    """A database of the test's own with PostGIS and nothing else, for tests of the migrations."""
    name = f"shuangbei_test_{os.getpid()}_{next(_numbers)}"
    create_database(server_url, name)
    db = connect(_address(server_url, name))
    yield db
    db.engine.dispose()
    drop_database(server_url, name)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty ``SHUANGBEI_HOME`` of the test's own; a cluster that was started in it is stopped at the end."""
    with _folder() as folder:
        monkeypatch.setenv("SHUANGBEI_HOME", str(folder))
        try:
            yield folder
        finally:
            Cluster(folder).stop("immediate")


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, for tests that change what a reader does or how much it may read."""

    def here(work: Any, *args: Any, step: Any = unheard, **_: Any) -> Any:
        return work(*args, step)

    monkeypatch.setattr("geo.intake.read.apart", here)
    monkeypatch.setattr("geo.intake.layers.apart", here)


@contextmanager
def _of_its_own(server_url: str, origin: str) -> Iterator[Database]:
    name = f"shuangbei_test_{os.getpid()}_{next(_numbers)}"
    _copy(server_url, origin, name)
    db = connect(_address(server_url, name))
    try:
        yield db
    finally:
        db.engine.dispose()
        drop_database(server_url, name)


def _copy(server_url: str, origin: str, name: str) -> None:
    with connection(server_url) as server:
        copy = sql.SQL("create database {} template {}")
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(origin)))


@contextmanager
def _folder() -> Iterator[Path]:
    """A new folder that every account may enter: pytest's own are 0700, and as root the server is another account."""
    path = Path(tempfile.mkdtemp(prefix="shuangbei-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _address(server_url: str, database: str) -> str:
    return sa.make_url(server_url).set(database=database).render_as_string(hide_password=False)

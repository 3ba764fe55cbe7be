"""Ctrl-C: one line that says whether anything was written, exit code 130, and all of it is there or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from intake_files import gpkg, mapping, parcels, written
from mending import give_out, mend
from test_rejected_rows import put

from geo.database import Database
from geo.intake.invariants import invariants

N = 40_000  # two parts of COPY
NOTHING = "Stopped: nothing was written.\n"

#: the command line, that gets a Ctrl-C when a stage is told of for the n-th time, or when a function is called
_STOPPED = """
import os, signal, sys, threading
from contextlib import contextmanager
from importlib import import_module

# A shell that puts the tests into the background has them, and what they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
at, n = sys.argv.pop(), int(sys.argv.pop())
seen, stored = 0, False

def stop(here):
    global seen, stored
    stored = stored or here == "store"
    seen += here == at
    if here == at and seen == n:
        os.kill(os.getpid(), signal.SIGINT)

@contextmanager
def bar():
    yield lambda stage, done, total: stop(stage)

for room in ("imports", "rejected"):
    import_module(f"api.cli.{room}").progress_bar = bar
if at == "commit":
    import psycopg
    commit = psycopg.Connection.commit
    def committed(self):
        commit(self)
        # Those before it end what was only looked at, as do those of the work that goes on beside it.
        if stored and threading.current_thread() is threading.main_thread():
            stop("commit")
    psycopg.Connection.commit = committed
if at == "copying":
    import psycopg
    write = psycopg.Copy.write
    def writing(self, lines):
        write(self, lines)
        stop("copying")
    psycopg.Copy.write = writing
from api.cli import main
main()
"""


def stopped(db: Database, n: int, at: str, *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line, stopped."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "DATABASE_URL": url}
    given = [sys.executable, "-c", _STOPPED, *arguments, n, at]
    done = subprocess.run(list(map(str, given)), env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gpkg(tmp_path_factory.mktemp("many"), parcels(N))


@pytest.mark.parametrize(
    ("n", "at"), [(1, "read"), (1, "check"), (1, "copying"), (2, "copying"), (1, "compare"), (1, "store")]
)
def test_an_import_that_is_stopped_says_that_nothing_was_written(
    db: Database, tmp_path: Path, many: Path, n: int, at: str
) -> None:
    code, out, err = stopped(db, n, at, "import", many, "--kind", "parcels", "--mapping", mapping(tmp_path))
    assert (code, out, err) == (130, "", NOTHING)
    assert written(db) == 0


def test_one_that_is_stopped_when_it_was_written_says_where_to_see_it(db: Database, tmp_path: Path) -> None:
    given = ["import", gpkg(tmp_path, parcels()), "--kind", "parcels", "--mapping", mapping(tmp_path)]
    code, out, err = stopped(db, 1, "commit", *given)
    assert (code, out) == (130, "")
    assert (
        err == "Stopped while it was written, or just after: `shuangbei history --imports` shows whether it is there.\n"
    )
    assert written(db) == 3 + 1 + 1
    assert invariants(db) == []


def test_rows_tried_again_and_an_undo_say_so_as_well(db: Database, tmp_path: Path) -> None:
    put(db, tmp_path, [1, "约2"])
    before = written(db)
    path = mend(give_out(db, tmp_path), {1: {"JZMJ": 2}})
    assert stopped(db, 1, "store", "rejected", "--retry", path) == (130, "", NOTHING)
    assert written(db) == before

"""Readers in a process of their own: whatever they do, the one who asked gets the table or one clear error, and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from intake_files import gpkg, mapping, parcels, written
from odd_readers import (
    abort,
    arrays,
    be_wrong,
    count,
    crash,
    crash_while_unpacking,
    devour,
    give,
    hang,
    modules,
    pid,
    refuse,
    table,
    vanish,
)

import geo.intake.read as room
from geo import apart as apart_room
from geo.apart import apart
from geo.database import Database
from geo.errors import MappingError, ReadError
from geo.intake import load
from geo.intake.read import read

SIZE = 1000


@pytest.fixture(autouse=True)
def _no_keeper_from_before() -> Iterator[None]:
    """Readers find this module by its name: keepers of other tests were started before it was on the path."""
    apart_room._close_all()
    yield
    apart_room._close_all()


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (crash, "its reader ended by SIGSEGV"),
        (abort, "its reader ended by SIGABRT"),
        (vanish, "its reader ended without a word"),
        (devour, "it takes more than 3 GB of memory"),
    ],
)
def test_a_reader_that_ends_badly_is_one_error_and_the_next_file_is_read(
    work: object, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ReadError) as caught:
        apart(work, name="地块.gpkg", size=SIZE)  # type: ignore[arg-type]
    assert caught.value.message == f"地块.gpkg cannot be read: {said}."
    assert "Ask for it again" in caught.value.hint
    assert len(read(gpkg(tmp_path, parcels())).rows) == 3


def test_what_a_reader_unpacked_is_gone_when_it_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ReadError, match="SIGSEGV"):
        apart(crash_while_unpacking, name="a", size=SIZE)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # The first of a process waits for the keeper's imports, too: it has the usual time.
    assert apart(give, 1, name="a", size=SIZE) == 1
    monkeypatch.setattr(apart_room, "SECONDS", 0.5)
    with pytest.raises(ReadError, match="has not come to an end"):
        apart(hang, name="a", size=SIZE)
    assert children() == []
    assert list(tmp_path.iterdir()) == []


def children() -> list[int]:
    """The processes that this one has started and that still run."""
    own = Path(f"/proc/{os.getpid()}/task")
    return [int(child) for task in own.iterdir() for child in (task / "children").read_text().split()]


def below(process: int) -> list[int]:
    """All processes below one."""
    found = [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return [*found, *(deeper for child in found for deeper in below(child))]


def gone(process: int) -> bool:
    """Whether a process has ended (or waits only for its end to be noted)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for(true: object) -> None:
    for _ in range(300):
        if true():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def test_errors_come_through_as_they_were_raised() -> None:
    with pytest.raises(MappingError) as caught:
        apart(refuse, name="a", size=SIZE)
    assert (caught.value.message, caught.value.hint) == ("No such column.", "Name another.")
    with pytest.raises(ZeroDivisionError, match="a mistake of ours") as wrong:
        apart(be_wrong, name="a", size=SIZE)
    assert "in be_wrong" in wrong.value.__notes__[0], "where it happened is what we need to mend it"


def test_progress_comes_through() -> None:
    heard: list[tuple[int, int]] = []
    apart(count, name="a", size=SIZE, step=lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_each_file_has_a_reader_of_its_own_and_a_keeper_is_used_again() -> None:
    first, second = (apart(pid, name="a", size=SIZE) for _ in range(2))
    assert len({first, second, os.getpid()}) == 3
    assert len(children()) == 1


def test_a_keeper_that_cannot_start_is_told_and_the_file_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart_room, "_START", "raise SystemExit(1)  # {folder}")
    with pytest.raises(ReadError, match="a was not read: the process that reads files could not start"):
        apart(give, 1, name="a", size=SIZE)


def test_what_the_one_who_listens_raises_is_not_the_files_fault() -> None:
    def stop(*_: int) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        apart(count, name="a", size=SIZE, step=stop)
    assert children() == []


def test_a_keeper_that_was_ended_is_replaced() -> None:
    apart_room.warm()
    (keeper,) = children()
    os.kill(keeper, signal.SIGKILL)
    apart_room._idle[0].process.wait()
    assert apart(give, 1, name="a", size=SIZE) == 1


def test_threads_read_at_the_same_time() -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda i=i: found.append(apart(give, i, name="a", size=SIZE))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2, 3]  # type: ignore[type-var]


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_text_come_through_as_they_are(order: str) -> None:
    for got, made in zip(apart(arrays, order, name="a", size=SIZE), arrays(order, None), strict=True):
        # NaN is not itself.
        assert list(map(repr, got.ravel())) == list(map(repr, made.ravel()))
        assert got.shape == made.shape
    frame = apart(table, name="a", size=SIZE)
    pd.testing.assert_frame_equal(frame, table(None))


def test_a_file_whose_reader_crashes_writes_nothing(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gpkg(tmp_path, parcels())
    real = room.apart
    monkeypatch.setattr(room, "apart", lambda *_, **more: real(crash, **more))
    with pytest.raises(ReadError, match="ended by SIGSEGV"):
        load(db, path, kind="parcels", mapping=mapping(tmp_path))
    assert written(db) == 0


def test_a_relative_path_is_that_of_the_one_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apart_room.warm()
    gpkg(tmp_path, parcels(), "a.gpkg")
    monkeypatch.chdir(tmp_path)
    assert len(read("a.gpkg").rows) == 3


ASKER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from odd_readers import hang
from geo.apart import apart
print("asks", flush=True)
try:
    apart(hang, name="a", size=1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def asking(*, session: bool = False) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", ASKER],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=session,
    )


@pytest.mark.parametrize("to_all", [True, False], ids=["as a terminal sends it", "to the process alone"])
def test_ctrl_c_ends_keeper_and_reader_with_the_one_who_asked(to_all: bool) -> None:
    with asking(session=to_all) as asker:
        assert asker.stdout is not None
        assert asker.stdout.readline() == "asks\n"
        wait_for(lambda: len(below(asker.pid)) == 2)
        others = below(asker.pid)
        (os.killpg if to_all else os.kill)(asker.pid, signal.SIGINT)
        assert asker.stdout.readline() == "interrupted\n"
        wait_for(lambda: all(map(gone, others)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_keeper_and_reader_end_when_the_one_who_asked_is_killed(number: signal.Signals) -> None:
    with asking() as asker:
        wait_for(lambda: len(below(asker.pid)) == 2)
        others = below(asker.pid)
        asker.send_signal(number)
        asker.wait()
        wait_for(lambda: all(map(gone, others)))


def test_a_fork_of_a_process_that_has_a_keeper_starts_one_of_its_own() -> None:
    apart_room.warm()
    code = """
import os, sys
from odd_readers import pid
from geo import apart as room
room.warm()
child = os.fork()
if not child:
    os._exit(0 if room.apart(pid, name="a", size=1) != os.getpid() and not room._idle[0].process.poll() else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert room.apart(pid, name="a", size=1)
print("good")
"""
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("good\n", "")


def test_a_keeper_runs_no_thread_and_has_not_the_database_with_it() -> None:
    apart(give, 1, name="a", size=SIZE)
    (keeper,) = children()
    assert len(list(Path(f"/proc/{keeper}/task").iterdir())) == 1
    assert "sqlalchemy" not in apart(modules, name="a", size=SIZE)

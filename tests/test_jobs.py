"""Jobs: asked for once, done in a process of their own, cancelled by ending it, and never left half done."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from job_worker import COMMAND

from geo import jobs
from geo.database import Database
from geo.errors import BusyError, NotFoundError
from geo.jobs.records import LOST_AFTER_S, MOST_WAITING


@pytest.fixture
def runner(db: Database) -> Iterator[jobs.Runner]:
    runner = jobs.Runner(db, command=COMMAND).start()
    yield runner
    runner.stop()


def until(found: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def ended(db: Database, asked: jobs.Job) -> jobs.Job:
    until(lambda: not jobs.job(db, asked.job_id).is_open)
    return jobs.job(db, asked.job_id)


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_job_gives_its_frame_and_its_stamp(db: Database, runner: jobs.Runner) -> None:
    asked = jobs.ask(db, "answer", {"code": "地块-1"}, run_id=7, actor="王工")
    assert (asked.state, asked.actor, asked.done) == ("waiting", "王工", None)
    with pytest.raises(NotFoundError, match="has given nothing"):
        jobs.result(db, asked.job_id)
    done = ended(db, asked)
    assert (done.state, done.done, done.error) == ("done", 1.0, None)
    frame = jobs.result(db, asked.job_id)
    assert frame.loc[0, "code"] == "地块-1"
    assert list(frame.loc[0, "parcel_codes"]) == ["甲", "乙"]
    assert frame["area_m2"].isna().all()
    assert frame.geometry[0].coords[0] == (1.0, 2.0)
    assert frame.crs == "EPSG:4549"
    assert frame.attrs == {"run_id": 7, "complete": True}


def test_what_a_user_did_wrong_is_told_and_what_we_did_wrong_is_not_shown(
    db: Database, runner: jobs.Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    refused = ended(db, jobs.ask(db, "refuse", {}))
    assert (refused.state, refused.error) == ("failed", {"message": "最小面积为负。", "hint": "填 0 以上。"})
    broken = ended(db, jobs.ask(db, "break_down", {}))
    assert broken.state == "failed"
    assert "secret" not in str(broken.error)
    assert "Traceback" not in str(broken.error)
    # The server's log has it.
    until(lambda: "RuntimeError" in capfd.readouterr().err)


def test_a_process_that_dies_fails_its_job_and_the_next_one_is_done(db: Database, runner: jobs.Runner) -> None:
    dead, next_one = jobs.ask(db, "kill_itself", {}), jobs.ask(db, "answer", {"code": "a"})
    failed = ended(db, dead)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "signal 9" in failed.error["message"]
    assert ended(db, next_one).state == "done"


def test_a_job_says_how_far_it_is_and_cancelling_ends_its_process_and_that_of_its_helpers(
    db: Database, runner: jobs.Runner, tmp_path: Path
) -> None:
    mark = tmp_path / "process"
    asked = jobs.ask(db, "wait_for_ever", {"mark": str(mark)})
    until(lambda: jobs.job(db, asked.job_id).done == 0.25)
    assert jobs.job(db, asked.job_id).said == "a quarter"
    assert lives(int(mark.read_text()))
    with pytest.raises(NotFoundError) as early:
        jobs.result(db, asked.job_id)
    assert early.value.hint == "Wait until it is done."
    assert jobs.cancel(db, asked.job_id).state == "cancelled"
    with pytest.raises(NotFoundError) as late:
        jobs.result(db, asked.job_id)
    assert late.value.hint == "Ask anew."
    until(lambda: not lives(int(mark.read_text())))
    assert jobs.job(db, asked.job_id).state == "cancelled"

    helper = tmp_path / "helper"
    asked = jobs.ask(db, "have_a_child", {"mark": str(helper)})
    until(lambda: helper.exists() and helper.read_text())
    jobs.cancel(db, asked.job_id)
    until(lambda: not lives(int(helper.read_text())))


def test_a_job_whose_keeper_is_gone_ends_by_itself_when_it_is_cancelled(db: Database, tmp_path: Path) -> None:
    import subprocess

    mark = tmp_path / "process"
    asked = jobs.ask(db, "wait_for_ever", {"mark": str(mark)})
    with db.write() as connection:
        connection.execute(sa.text("UPDATE jobs.jobs SET state = 'running', heartbeat_at = now()"))
    url = db.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen((*COMMAND, str(asked.job_id)), env=os.environ | {"DATABASE_URL": url})
    until(lambda: mark.exists() and jobs.job(db, asked.job_id).done == 0.25)
    jobs.cancel(db, asked.job_id)
    assert process.wait(timeout=30) == 0


def test_a_job_that_waits_is_cancelled_and_never_begun(db: Database, tmp_path: Path) -> None:
    mark = tmp_path / "process"
    cancelled = jobs.cancel(db, jobs.ask(db, "wait_for_ever", {"mark": str(mark)}).job_id)
    after = jobs.ask(db, "answer", {"code": "a"})
    runner = jobs.Runner(db, command=COMMAND).start()
    try:
        assert ended(db, after).state == "done"
    finally:
        runner.stop()
    assert not mark.exists()
    assert jobs.job(db, cancelled.job_id).started_at is None
    assert jobs.cancel(db, after.job_id).state == "done"


def test_stopping_the_server_ends_what_runs(db: Database, tmp_path: Path) -> None:
    mark = tmp_path / "process"
    runner = jobs.Runner(db, command=COMMAND).start()
    asked = jobs.ask(db, "wait_for_ever", {"mark": str(mark)})
    until(lambda: mark.exists() and mark.read_text())
    runner.stop()
    assert not lives(int(mark.read_text()))
    stopped = jobs.job(db, asked.job_id)
    assert (stopped.state, (stopped.error or {}).get("message")) == ("cancelled", "The server was stopped.")


def test_a_job_that_says_nothing_for_long_is_lost_and_one_that_lives_is_not(db: Database) -> None:
    silent, alive = (jobs.ask(db, "answer", {"code": code}) for code in "ab")
    with db.write() as connection:
        connection.execute(
            sa.text(
                "UPDATE jobs.jobs SET state = 'running', heartbeat_at = now() - make_interval(secs => CASE"
                " WHEN job_id = :silent THEN :long + 1 ELSE :long - 5 END)"
            ),
            {"silent": silent.job_id, "long": LOST_AFTER_S},
        )
    assert jobs.job(db, silent.job_id).state == "lost"
    assert jobs.job(db, alive.job_id).state == "running"
    assert [found.state for found in jobs.jobs(db)] == ["running", "lost"]


def test_two_keepers_never_do_the_same_job(db: Database) -> None:
    asked = [jobs.ask(db, "answer", {"code": str(number)}) for number in range(6)]
    keepers = [jobs.Runner(db, command=COMMAND).start() for _ in range(2)]
    try:
        assert {ended(db, one).state for one in asked} == {"done"}
    finally:
        for keeper in keepers:
            keeper.stop()


def test_the_same_question_about_a_run_is_one_job_even_when_asked_at_once(db: Database) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(jobs.ask(db, "answer", {"a": 1, "b": 2}, run_id=3).job_id))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(found)) == 1
    assert jobs.ask(db, "answer", {"b": 2, "a": 1}, run_id=3).job_id == found[0]
    assert jobs.ask(db, "answer", {"b": 2, "a": 1}, run_id=4).job_id != found[0]
    assert jobs.ask(db, "answer", {"b": 2, "a": 2}, run_id=3).job_id != found[0]
    # What was cancelled may be asked for anew, and so may what is asked of a registry that changes.
    jobs.cancel(db, found[0])
    assert jobs.ask(db, "answer", {"b": 2, "a": 1}, run_id=3).job_id != found[0]
    assert jobs.ask(db, "answer", {}).job_id != jobs.ask(db, "answer", {}).job_id


def test_who_asks_for_too_much_is_told_to_wait(db: Database) -> None:
    for number in range(MOST_WAITING):
        jobs.ask(db, "answer", {"code": number})
    with pytest.raises(BusyError, match="wait already"):
        jobs.ask(db, "answer", {"code": "one more"})


def test_a_job_that_is_not_there_is_told_so(db: Database) -> None:
    for look in (jobs.job, jobs.cancel, jobs.result):
        with pytest.raises(NotFoundError, match="no job 99"):
            look(db, 99)


def test_a_keeper_outlives_a_database_that_is_away_for_a_moment(db: Database, runner: jobs.Runner) -> None:
    with db.engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert ended(db, jobs.ask(db, "answer", {"code": "a"})).state == "done"


def test_a_process_killed_from_outside_is_told_as_failed(db: Database, runner: jobs.Runner, tmp_path: Path) -> None:
    mark = tmp_path / "process"
    asked = jobs.ask(db, "wait_for_ever", {"mark": str(mark)})
    until(lambda: mark.exists() and mark.read_text())
    os.kill(int(mark.read_text()), signal.SIGKILL)
    assert ended(db, asked).state == "failed"

"""Who looks after jobs: claims them, starts one process for each, and ends it when it is cancelled."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from geo.jobs.records import told_in_both
from geo.said import Said

if TYPE_CHECKING:
    from geo.database import Database

#: how often a keeper looks for jobs that wait, and whether one of its own was cancelled
_LOOK_S = 0.5
_STOPPED = Said("The server was stopped.", "服务器已停止。")
_COMMAND = (sys.executable, "-m", "geo.jobs.work")


class Runner:
    """A thread that keeps up to ``at_once`` jobs of a database running, each in a process of its own.

    ``command`` is what a process is started with, the job's number behind it.  Several runners of one database, in this
    process or others, share the work.  ``stop`` ends the processes; their jobs are cancelled then.
    """

    def __init__(self, db: Database, *, at_once: int = 1, command: Sequence[str] = _COMMAND) -> None:
        self._db, self._at_once, self._command = db, at_once, tuple(command)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs", daemon=True)

    def start(self) -> Runner:
        """Begin to look for jobs."""
        self._thread.start()
        return self

    def wake(self) -> None:
        """Look at once, for something was asked for or cancelled."""
        self._wake.set()

    def stop(self) -> None:
        """End what runs, and look no more."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        for number in list(self._running):
            self._end(number, "cancelled", _STOPPED)

    def _keep(self) -> None:
        while not self._stopped.is_set():
            # A database that is away for a moment is no reason to look after nothing for good.
            with contextlib.suppress(SQLAlchemyError):
                self._look()
            self._wake.wait(_LOOK_S)
            self._wake.clear()

    def _look(self) -> None:
        for number, process in list(self._running.items()):
            if process.poll() is not None:
                self._ended(number, process.returncode)
        for number in self._cancelled():
            self._end(number, "cancelled", "")
        while len(self._running) < self._at_once and (claimed := self._claim()) is not None:
            self._running[claimed] = self._started(claimed)

    def _claim(self) -> int | None:
        with self._db.write() as connection:
            claimed: int | None = connection.scalar(
                sa.text(
                    "UPDATE jobs.jobs SET state = 'running', started_at = clock_timestamp(), heartbeat_at = clock_timestamp()"
                    " WHERE job_id = (SELECT job_id FROM jobs.jobs WHERE state = 'waiting' ORDER BY job_id"
                    " FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING job_id"
                )
            )
        return claimed

    def _started(self, number: int) -> subprocess.Popen[bytes]:
        # The address goes by the environment: arguments of a process can be read by every account of the machine.
        url = self._db.engine.url.render_as_string(hide_password=False)
        return subprocess.Popen(
            (*self._command, str(number)),
            env=os.environ | {"DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _cancelled(self) -> list[int]:
        if not self._running:
            return []
        with self._db.read() as connection:
            query = sa.text("SELECT job_id FROM jobs.jobs WHERE job_id = ANY(:running) AND state <> 'running'")
            return list(connection.scalars(query, {"running": list(self._running)}))

    def _end(self, number: int, state: str, why: str) -> None:
        process = self._running.pop(number)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                # The whole group: a solver may have started helpers.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        with contextlib.suppress(SQLAlchemyError):
            self._close(number, state, why)

    def _ended(self, number: int, code: int) -> None:
        del self._running[number]
        how = f"signal {-code}" if code < 0 else f"code {code}"
        # One that wrote its answer, or was cancelled, is closed already.
        how_zh = f"信号 {-code}" if code < 0 else f"代码 {code}"
        why = Said(f"The process that worked on it ended with {how}.", f"执行该作业的进程已结束（{how_zh}）。")
        self._close(number, "failed", why)

    def _close(self, number: int, state: str, why: str) -> None:
        error = told_in_both(why, Said("Ask for it anew.", "请重新提问。")) if why else None
        with self._db.write() as connection:
            connection.execute(
                sa.text(
                    "UPDATE jobs.jobs SET state = :state, ended_at = clock_timestamp(),"
                    " error = CAST(:error AS jsonb) WHERE job_id = :number AND state = 'running'"
                ),
                {"state": state, "error": json.dumps(error) if error else None, "number": number},
            )

"""Jobs as rows: asked for, looked up, cancelled, and what they gave."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from geo.errors import BusyError, NotFoundError
from geo.said import Said
from geo.settings import settings

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database

WAITING, RUNNING, DONE, FAILED, CANCELLED, LOST = STATES = (
    "waiting",
    "running",
    "done",
    "failed",
    "cancelled",
    "lost",
)
OPEN = (WAITING, RUNNING)
_STATE_ZH = dict(zip(STATES, ("排队中", "计算中", "已完成", "未能完成", "已取消", "已中断"), strict=True))
#: a process says every second that it lives; one that was silent for so long is gone
LOST_AFTER_S = 30
#: so many may wait: each is minutes of a processor, and who asks a hundred times wants to be told
MOST_WAITING = 20

_TOLD = (
    *("job_id", "kind", "arguments", "run_id", "actor", "state", "made_at", "started_at", "ended_at"),
    *("done", "said", "stamp", "error"),
)


@dataclass(frozen=True)
class Job:
    """One job as it stands: ``done`` is a share 0–1 or None, ``said`` what it is at (a
    :class:`~geo.said.Said` where it is told in both languages), ``error`` message and hint.
    """

    job_id: int
    kind: str
    arguments: dict[str, Any]
    run_id: int | None
    actor: str
    state: str
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: float | None
    said: str | None
    stamp: dict[str, Any] | None
    error: dict[str, str] | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


def ask(
    db: Database, kind: str, arguments: Mapping[str, Any], *, run_id: int | None = None, actor: str | None = None
) -> Job:
    """Ask for work of a kind with these arguments (what JSON can hold), of a published run or of the live registry.

    A question about a run that was asked before, and that waits, runs or was answered, is the same job: a run does not
    change.  ``actor`` is written down with it (default: the setting).

    Raises
    ------
    BusyError
        Too many wait already.
    """
    known = json.loads(json.dumps(dict(arguments), allow_nan=False))
    content = json.dumps([kind, known, run_id], ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(content.encode()).hexdigest()
    table = db.table("jobs.jobs")
    with db.write() as connection:
        # One after another: two that ask the same at once get one job.
        connection.execute(sa.text("LOCK TABLE jobs.jobs IN SHARE ROW EXCLUSIVE MODE"))
        _mark_lost(connection)
        if run_id is not None:
            same = sa.and_(table.c.key == key, table.c.state.in_((*OPEN, DONE)))
            found = connection.scalar(sa.select(sa.func.max(table.c.job_id)).where(same))
            if found is not None:
                return _job(connection, db, found)
        waiting = connection.scalar(sa.select(sa.func.count()).where(table.c.state == WAITING)) or 0
        if waiting >= MOST_WAITING:
            raise BusyError(
                Said(f"{waiting} jobs wait already.", f"已有 {waiting} 个作业在排队。"),
                Said("Wait until some are done, or cancel those not needed.", "请稍候，或取消不需要的作业。"),
            )
        made = connection.scalar(
            sa.insert(table)
            .values(key=key, kind=kind, arguments=known, run_id=run_id, actor=actor or settings().actor, state=WAITING)
            .returning(table.c.job_id)
        )
        return _job(connection, db, int(made or 0))


def job(db: Database, job_id: int) -> Job:
    """One job as it stands.

    Raises
    ------
    NotFoundError
        There is no such job.
    """
    with db.write() as connection:
        _mark_lost(connection)
        return _job(connection, db, job_id)


def jobs(db: Database, *, last: int = 50) -> list[Job]:
    """The latest jobs, newest first."""
    table = db.table("jobs.jobs")
    with db.write() as connection:
        _mark_lost(connection)
        rows = connection.execute(_told(table).order_by(table.c.job_id.desc()).limit(last)).mappings()
        return [_of_row(row) for row in rows]


def cancel(db: Database, job_id: int) -> Job:
    """End a job that waits or runs; one that has ended stays as it is.

    The row is the order: the process itself ends when it next says that it lives, and its keeper ends it before that.

    Raises
    ------
    NotFoundError
        There is no such job.
    """
    table = db.table("jobs.jobs")
    with db.write() as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.job_id == job_id, table.c.state.in_(OPEN))
            .values(state=CANCELLED, ended_at=sa.func.clock_timestamp())
        )
        return _job(connection, db, job_id)


def result(db: Database, job_id: int) -> gpd.GeoDataFrame:
    """The frame that a job gave, its stamp in ``attrs``.

    Raises
    ------
    NotFoundError
        There is no such job, or it has given nothing (yet).
    """
    import geopandas as gpd

    table = db.table("jobs.jobs")
    with db.read() as connection:
        query = sa.select(table.c.state, table.c.result, table.c.stamp).where(table.c.job_id == job_id)
        row = connection.execute(query).first()
    if row is None:
        raise _unknown(job_id)
    if row.state != DONE:
        raise NotFoundError(
            Said(
                f"Job {job_id} has given nothing: it is {row.state}.",
                f"作业 {job_id} 没有结果：{_STATE_ZH[row.state]}。",
            ),
            Said("Wait until it is done.", "请等它完成。") if row.state in OPEN else Said("Ask anew.", "请重新提问。"),
        )
    frame = gpd.read_parquet(io.BytesIO(row.result))
    for name in frame.columns[frame.dtypes == "object"]:  # lists come back as arrays
        frame[name] = frame[name].map(lambda value: value.tolist() if isinstance(value, np.ndarray) else value)
    frame.attrs.update(row.stamp or {})
    return frame


def _told(table: sa.Table) -> sa.Select[Any]:
    # Never the result: it may be megabytes, and progress is asked for every second.
    return sa.select(*(table.c[name] for name in _TOLD))


def _job(connection: sa.Connection, db: Database, job_id: int) -> Job:
    table = db.table("jobs.jobs")
    row = connection.execute(_told(table).where(table.c.job_id == job_id)).mappings().first()
    if row is None:
        raise _unknown(job_id)
    return _of_row(row)


def _of_row(row: Mapping[Any, Any]) -> Job:
    return Job(**{**row, "said": _read(row["said"])})


def kept(said: str) -> str:
    """What a job is at as its row holds it: both languages, where it has both."""
    return json.dumps({"en": said, "zh": said.zh}, ensure_ascii=False) if isinstance(said, Said) else said


def _read(kept_text: str | None) -> str | None:
    if not (kept_text or "").startswith('{"en":'):
        return kept_text
    return Said(**json.loads(kept_text or ""))


def told_in_both(message: str, hint: str) -> dict[str, str]:
    """An error as a job's row holds it: message and hint, each in Chinese beside it where it is told in both languages."""
    told = {"message": message, "hint": hint}
    return told | {f"{name}_zh": text.zh for name, text in told.items() if isinstance(text, Said)}


def _unknown(job_id: int) -> NotFoundError:
    return NotFoundError(
        Said(f"There is no job {job_id}.", f"没有编号为 {job_id} 的作业。"),
        Said("Ask anew; jobs are numbered as they are asked for.", "请重新提问；作业按提问先后编号。"),
    )


def _mark_lost(connection: sa.Connection) -> None:
    connection.execute(
        sa.text(
            "UPDATE jobs.jobs SET state = 'lost', ended_at = clock_timestamp()"
            " WHERE state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => :silent)"
        ),
        {"silent": LOST_AFTER_S},
    )

"""The process that works on one job: ``python -m geo.jobs.work NUMBER``, the database in ``DATABASE_URL``."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from geo.database import Database, connect
from geo.errors import ShuangbeiError
from geo.fields.values import jsonable
from geo.jobs.records import DONE, FAILED, RUNNING, job, kept, told_in_both
from geo.said import Said

if TYPE_CHECKING:
    import geopandas as gpd

#: how often a process says that it lives
_BEAT_S = 1.0

Tell = Callable[[float | None, str], None]


class Work(Protocol):
    """What a kind of job does: it is told how to say how far it is (share 0–1 or None, and what it is at)."""

    def __call__(self, db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
        """The frame, its stamp in ``attrs``."""


#: where the work of each kind is, as ``module:function``: imported by the process that does it
KINDS: dict[str, str] = {
    "sites": "geo.jobs.kinds:search_sites",
    "way": "geo.jobs.kinds:find_way",
    "clusters": "geo.jobs.kinds:find_clusters",
    "scenario": "geo.jobs.saving:keep_scenario",
}


def main(number: int, kinds: Mapping[str, str] = KINDS) -> int:
    """Do one job that a keeper has claimed, and write down what it gave or why it failed; 0 unless it failed."""
    db = connect()
    asked = job(db, number)
    pulse = _Pulse(db, number)
    pulse.start()
    try:
        module, _, name = kinds[asked.kind].partition(":")
        work: Work = getattr(import_module(module), name)
        frame = work(db, asked.arguments, asked.run_id, pulse.tell)
        packed = io.BytesIO()
        stamp = jsonable(frame.attrs)
        plain = frame.copy(deep=False)
        plain.attrs = {}
        plain.to_parquet(packed)
        _close(db, number, DONE, result=packed.getvalue(), stamp=stamp, done=1.0, said=None)
    except ShuangbeiError as error:
        _close(db, number, FAILED, error=told_in_both(error.message, error.hint))
        return 1
    except Exception:
        # A traceback is for us: it goes to the server's log, and the row says that something of ours broke.
        broke = Said("This went wrong inside 双北; it is not your question.", "双北内部出错，与所提问题无关。")
        more = Said("The server's log has more.", "详情见服务器日志。")
        _close(db, number, FAILED, error=told_in_both(broke, more))
        raise
    finally:
        pulse.stop()
    return 0


class _Pulse(threading.Thread):
    """Says every second that the process lives and how far it is, and ends it once the job is no longer to be done."""

    def __init__(self, db: Database, number: int) -> None:
        super().__init__(name="pulse", daemon=True)
        self._db, self._number = db, number
        self._said: tuple[float | None, str] = (None, "")
        self._over = threading.Event()

    def tell(self, done: float | None, said: str) -> None:
        """Note how far the work is; it is written at the next beat."""
        self._said = (done, said)

    def stop(self) -> None:
        """Say nothing more."""
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(_BEAT_S):
            try:
                wanted = self._beat()
            except SQLAlchemyError:
                continue  # it may come back; if not, the answer cannot be written either
            if not wanted:
                os._exit(0)  # cancelled: the work may sit in a solver that hears nothing

    def _beat(self) -> bool:
        done, said = self._said
        with self._db.write() as connection:
            alive = connection.execute(
                sa.text(
                    "UPDATE jobs.jobs SET heartbeat_at = clock_timestamp(), done = :done, said = :said"
                    " WHERE job_id = :number AND state = 'running'"
                ),
                {"done": done, "said": kept(said), "number": self._number},
            ).rowcount
        return bool(alive) or self._over.is_set()


def _close(db: Database, number: int, state: str, **values: Any) -> None:
    table = db.table("jobs.jobs")
    with db.write() as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.job_id == number, table.c.state == RUNNING)
            .values(state=state, ended_at=sa.func.clock_timestamp(), **values)
        )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

"""The stamp of a run, the run that is current, and the end of old ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from geo.database import Database, require_migrated
from geo.errors import NotFoundError
from geo.publish.partitions import OF_RUN, partition
from geo.said import Said


@dataclass(frozen=True)
class Run:
    """One published run: what it was made from, by whom and when, and its main figures.

    ``figures`` holds areas in m²; a sum of floor area is the *known* sum and stands beside the number unknown.
    """

    run_id: int
    policy_id: str
    policy_hash: str
    policy: dict[str, Any]
    data_version: str
    as_of: date
    code_version: str
    seed: int
    actor: str
    made_at: datetime
    synthetic: bool
    pinned: bool
    figures: dict[str, Any]

    @property
    def rules(self) -> list[str]:
        """The names of the rules that the run was judged by, in the policy's order."""
        # A run from before there were several tells no order.
        return [each["rule"] for each in self.figures.get("rules", ())] or list(self.policy["rules"])

    @property
    def not_in_force(self) -> dict[str, str]:
        """The rules of the policy that were not in force on the day of the run, each with the days on which it is."""
        told = self.figures.get("not_in_force", ())
        return {each["rule"]: f"{each['effective_from'] or '…'} – {each['effective_to'] or '…'}" for each in told}

    @property
    def stamp(self) -> dict[str, Any]:
        """What every list, page and download says of where it comes from."""
        return {
            "run_id": self.run_id,
            "policy": f"{self.policy_id} ({self.policy_hash[:12]})",
            "policy_hash": self.policy_hash,
            "policy_content": self.policy,
            "data_version": self.data_version,
            "as_of": self.as_of.isoformat(),
            "code_version": self.code_version,
            "seed": self.seed,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "made_by": self.actor,
            "synthetic": self.synthetic,
            "zones": {**self.policy["zones"]["names"], "other": self.policy["zones"]["other"]},
        }


def current_run(db: Database) -> Run:
    """The run that pages read.

    Raises
    ------
    NotFoundError
        Nothing has been published yet.
    """
    table = db.table("published.runs")
    with db.read() as connection:
        row = connection.execute(_columns(table).where(table.c.is_current)).mappings().one_or_none()
    if row is None:
        require_migrated(db)
        raise NotFoundError(
            Said("Nothing has been published yet.", "尚未发布任何运行结果。"),
            Said("Run `shuangbei publish`.", "请管理员运行 shuangbei publish。"),
        )
    return Run(**row)


def run_numbered(db: Database, run_id: int) -> Run:
    """The run of that number.

    Raises
    ------
    NotFoundError
        There is no such run, or it was dropped.
    """
    table = db.table("published.runs")
    with db.read() as connection:
        row = connection.execute(_columns(table).where(table.c.run_id == run_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(
            Said(f"There is no run {run_id}.", f"没有运行 {run_id}。"),
            Said("See `shuangbei publish --list`.", "现有运行见 shuangbei publish --list。"),
        )
    return Run(**row)


def runs(db: Database) -> list[Run]:
    """All runs that are kept, the newest first."""
    table = db.table("published.runs")
    with db.read() as connection:
        rows = connection.execute(_columns(table).order_by(table.c.run_id.desc())).mappings().all()
    return [Run(**row) for row in rows]


def _columns(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(column for column in table.c if column.name != "is_current"))


def drop_old_runs(db: Database, *, keep: int) -> list[int]:
    """Drop all but the newest ``keep`` runs; pinned ones, the current one and those that a scenario lies over stay.

    Gives the dropped ids.
    """
    table, scenarios = db.table("published.runs"), db.table("published.scenarios")
    with db.write() as connection:
        newest = sa.select(table.c.run_id).order_by(table.c.run_id.desc()).limit(keep)
        old = connection.scalars(
            sa.select(table.c.run_id)
            .where(~table.c.is_current, ~table.c.pinned, table.c.run_id.not_in(newest))
            .where(table.c.run_id.not_in(sa.select(scenarios.c.run_id)))
            .order_by(table.c.run_id)
            .with_for_update()
        ).all()
        for run_id in old:
            for name in OF_RUN:
                connection.execute(sa.schema.DropTable(partition(name, run_id), if_exists=True))
            connection.execute(sa.delete(table).where(table.c.run_id == run_id))
    return list(old)

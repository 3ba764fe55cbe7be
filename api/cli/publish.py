"""``shuangbei publish``: make a run of the registry as it is, and see and drop earlier ones."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.terminal import console, note

if TYPE_CHECKING:
    from geo.publish import Run


def register(app: typer.Typer) -> None:
    app.command()(publish)


def publish(
    policy: Annotated[str | None, typer.Option(help="A name in data/policy, or the path of a file.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day whose facts are judged; default today.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of whatever is drawn at random.")] = 0,
    pin: Annotated[bool, typer.Option("--pin", help="Keep this run for ever.")] = False,
    list_runs: Annotated[
        bool, typer.Option("--list", help="Show the runs that are kept, and publish nothing.")
    ] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="Afterwards drop all but so many of the newest runs.")] = None,
) -> None:
    """Work out all answers and make them what pages, lists and downloads show."""
    from geo.database import connect
    from geo.policy import policy as read_policy
    from geo.publish import drop_old_runs, runs
    from geo.publish import publish as make_run
    from geo.said import heard
    from geo.settings import settings

    db = connect()
    try:
        if list_runs:
            _show(runs(db))
            return
        chosen = read_policy(policy or settings().policy)
        with heard(lambda what: note(f"    {what}")):
            run = make_run(
                db,
                chosen,
                seed=seed,
                pinned=pin,
                as_of=as_of.date() if as_of else None,
                progress=lambda stage, done, total: note(f"  [{done}/{total}] {stage}"),
            )
        console().print(f"Run {run.run_id} is current: {run.policy_id}, data {run.data_version}, as of {run.as_of}.")
        if not chosen.holds_on(run.as_of):
            made_for = f"{chosen.effective_from} – {chosen.effective_to or '…'}"
            note(f"The policy is made for {made_for}, and this run is as of {run.as_of}.")
        for name, days in run.not_in_force.items():
            note(f"Not judged by {name}: it is not in force on {run.as_of}, but {days}.")
        if keep is not None:
            dropped = drop_old_runs(db, keep=keep)
            note(f"Dropped {len(dropped)} earlier run(s).")
    finally:
        db.engine.dispose()


def _show(runs: list[Run]) -> None:
    from rich.table import Table

    table = Table("run", "made at", "by", "policy", "data", "as of", "pinned")
    for run in runs:
        table.add_row(
            str(run.run_id),
            f"{run.made_at.astimezone():%Y-%m-%d %H:%M}",
            run.actor,
            run.policy_id,
            run.data_version,
            str(run.as_of),
            "yes" if run.pinned else "",
        )
    console().print(table)

"""Scenarios: named, saved sets of open measures over a run.  Saved, listed, dropped, taken up on a later run.

A scenario is of one run, which is kept as long as the scenario is on record.  Nothing of it is ever written to the registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from geo.answers.open_measures import measures_of, open_measures
from geo.database import require_migrated
from geo.fields.values import jsonable, records
from geo.judge.laid_over import conflicts
from geo.judge.open_measures import COLUMNS, TYPES
from geo.publish.explaining import policy_of
from geo.publish.reading import Published, read_run
from geo.publish.scenario_faults import means_registry, no_such, not_open, same_land, taken, wrong_length
from geo.settings import settings

if TYPE_CHECKING:
    from geo.database import Database

#: what asks for the registry as it is, where a scenario is to be named: no scenario has that name
REGISTRY = "registry"
#: a name stands in addresses, headings and names of files
LONGEST_NAME = 60
_LISTED = ("name", "note", "run_id", "n_measures", "gfa_m2", "n_open", "actor", "made_at")


@dataclass(frozen=True)
class Scenario:
    """A saved scenario: its measures as they were when it was saved, in the columns of :func:`geo.open_measures`.

    ``gone`` are measures that were in it before it was taken up on this run, and are not open there any more.
    """

    scenario_id: int
    name: str
    note: str
    run_id: int
    measures: pd.DataFrame
    actor: str
    made_at: datetime
    gone: tuple[str, ...] = ()


def open_of_run(db: Database, run: Published) -> pd.DataFrame:
    """The measures that were open when a run was made, by its own policy and the facts it knew; its sites among them.

    Raises
    ------
    NotFoundError
        This program no longer reads the run's policy.
    PolicyError
        The policy does not say which measures lead to its target.
    """
    policy, sites = policy_of(run.run), run.findings["sites"]
    measures_of(policy)
    told = run.run.figures.get("sites") or {}
    found = None
    if len(sites):
        found = sites[sites["choice"].notna()] if "choice" in sites else sites
        found = found.copy(deep=False)
        found.attrs["anchor"] = {"parcel_codes": (told.get("anchor") or {}).get("parcel_codes") or []}
    return open_measures(db, policy, sites=found, as_of=run.run.as_of, known_at=run.run.made_at)


def save_scenario(
    db: Database,
    name: str,
    measures: pd.DataFrame | Iterable[str],
    *,
    note: str = "",
    replace: bool = False,
    actor: str | None = None,
) -> Scenario:
    """Save a set of measures over the current run under a name.

    ``measures`` are ids of :func:`geo.open_measures`, or a frame with ``measure_id``; each has to be open in the run, and is
    saved as it is there.  Of a frame of :func:`geo.best_way` those that are chosen, from the day on which each counts there.
    None at all is a scenario too: the registry as it is.  ``replace`` saves anew under a name that there is; the one before
    stays on record.

    Raises
    ------
    NotFoundError
        Nothing has been published, or a measure is not open in the current run.
    ScenarioError
        The name is empty, too long or taken, or two measures use the same square metres.
    PolicyError
        The run's policy does not say which measures lead to its target.
    """
    require_migrated(db)
    run = read_run(db)
    ids = list(dict.fromkeys(measures["measure_id"] if isinstance(measures, pd.DataFrame) else measures))
    later: dict[str, date] = {}
    if isinstance(measures, pd.DataFrame) and "chosen" in measures:
        ids = list(measures.loc[measures["chosen"].astype(bool), "measure_id"])
        later = dict(zip(measures["measure_id"], measures["counts_from"], strict=True))
    chosen, missing = _among(open_of_run(db, run), ids)
    if missing:
        raise not_open(missing, run.run.run_id)
    return _save(db, name, _from_day(chosen, later), run.run.run_id, note, replace, actor)


def save_found(
    db: Database,
    name: str,
    found: pd.DataFrame,
    run_id: int,
    *,
    note: str = "",
    replace: bool = False,
    actor: str | None = None,
) -> Scenario:
    """Save what :func:`geo.best_way` has chosen of the measures that are open in a run, as it was found there.

    Raises
    ------
    ScenarioError
        The name is empty, too long or taken.
    """
    chosen = found[found["chosen"].astype(bool)].reset_index(drop=True)
    later = dict(zip(chosen["measure_id"], chosen["counts_from"], strict=True))
    return _save(db, name, _from_day(chosen, later), run_id, note, replace, actor)


def take_up_scenario(db: Database, name: str, *, actor: str | None = None) -> Scenario:
    """Lay a saved scenario over the current run, under the same name: its measures are found there again and figured anew.

    ``gone`` of what comes back names those that are no longer open there (done, overtaken, or their land is another): they
    are left out.  The scenario over the earlier run stays on record.

    Raises
    ------
    NotFoundError
        There is no such scenario, or nothing has been published.
    ScenarioError
        Two of its measures use the same square metres now.
    """
    before, run = scenario_named(db, name), read_run(db)
    chosen, missing = _among(open_of_run(db, run), list(before.measures["measure_id"]))
    saved = _save(db, name, chosen, run.run.run_id, before.note, True, actor)
    return Scenario(**{**saved.__dict__, "gone": tuple(missing)})


def drop_scenario(db: Database, name: str, *, actor: str | None = None) -> None:
    """Drop a scenario: it is no longer listed, and its name is free.  Who made and who dropped it stays on record.

    Raises
    ------
    NotFoundError
        There is no such scenario.
    """
    found = scenario_named(db, name)
    who = actor or settings().actor
    with db.write() as connection:
        _end(connection, db, found.scenario_id, who)
        _note(connection, db, who, "drop_scenario", {"name": name, "scenario_id": found.scenario_id})


def scenarios(db: Database) -> pd.DataFrame:
    """The saved scenarios by name: name, note, run_id, n_measures, gfa_m2 (known gains, m²), n_open, actor, made_at.

    ``n_open`` measures are saved of which something is not known: they are never counted on.
    """
    table = db.table("published.scenarios")
    rows = []
    with db.read() as connection:
        found = connection.execute(sa.select(table).where(table.c.dropped_at.is_(None)).order_by(table.c.name))
        for row in found.mappings():
            measures = row["measures"]
            known = [each for each in measures if not each["open"]]
            rows.append(
                {name: row[name] for name in ("name", "run_id", "actor", "made_at")}
                | {"note": row["note"] or ""}
                | {"n_measures": len(measures), "n_open": len(measures) - len(known)}
                | {"gfa_m2": float(sum(each["gfa_m2"] for each in known))}
            )
    frame = pd.DataFrame(rows, columns=list(_LISTED))
    return frame.astype({"n_measures": "int64", "n_open": "int64", "run_id": "int64", "gfa_m2": "float64"})


def scenario_named(db: Database, name: str) -> Scenario:
    """The saved scenario of that name.

    Raises
    ------
    NotFoundError
        There is none; the message lists those there are.
    """
    table = db.table("published.scenarios")
    with db.read() as connection:
        asked = sa.select(table).where(table.c.name == name, table.c.dropped_at.is_(None))
        row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        require_migrated(db)
        there = list(scenarios(db)["name"])
        raise no_such(name, there)
    told = {each: row[each] for each in ("scenario_id", "name", "run_id", "actor", "made_at")}
    return Scenario(note=row["note"] or "", measures=_frame(row["measures"]), **told)


def _among(open_: pd.DataFrame, ids: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    chosen = open_[open_["measure_id"].isin(ids)].reset_index(drop=True)
    return chosen, sorted(set(ids) - set(chosen["measure_id"]))


def _from_day(measures: pd.DataFrame, later: dict[str, date]) -> pd.DataFrame:
    """The measures, each from the day on which it counts: a limit of a year may have no room for it before a later one."""
    ready = [
        day if day is None or later.get(name) is None else max(day, later[name])
        for name, day in zip(measures["measure_id"], measures["ready_on"], strict=True)
    ]
    return measures.assign(ready_on=pd.Series(ready, index=measures.index, dtype=object))


def usable_name(name: str) -> str:
    """A name as it is saved: single spaces within, none around.

    Raises
    ------
    ScenarioError
        It is empty, too long, or asks for the registry as it is.
    """
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME:
        raise wrong_length(called, LONGEST_NAME)
    if called == REGISTRY:
        raise means_registry(called)
    return called


def check_free(db: Database, name: str) -> None:
    """See that a scenario can be saved under a name without replacing one; ``ScenarioError`` where it cannot."""
    called, table = usable_name(name), db.table("published.scenarios")
    asked = sa.select(sa.func.count()).where(table.c.name == called, table.c.dropped_at.is_(None))
    with db.read() as connection:
        if connection.scalar(asked.select_from(table)):
            raise taken(called)


def _save(
    db: Database, name: str, measures: pd.DataFrame, run_id: int, note: str, replace: bool, actor: str | None
) -> Scenario:
    called, who = usable_name(name), actor or settings().actor
    both = conflicts(measures)
    if both:
        raise same_land(both)
    table = db.table("published.scenarios")
    try:
        with db.write() as connection:
            asked = sa.select(table.c.scenario_id).where(table.c.name == called, table.c.dropped_at.is_(None))
            there = connection.scalar(asked.with_for_update())
            if there is not None:
                if not replace:
                    raise taken(called)
                _end(connection, db, there, who)
            number: int = connection.execute(
                sa.insert(table)
                .values(name=called, note=note.strip() or None, run_id=run_id, measures=_rows(measures), actor=who)
                .returning(table.c.scenario_id)
            ).scalar_one()
            _note(connection, db, who, "save_scenario", {"name": called, "scenario_id": number, "run_id": run_id})
    except IntegrityError:
        # Somebody saved under that name in between.
        raise taken(called) from None
    return scenario_named(db, called)


def _end(connection: sa.Connection, db: Database, number: int, who: str) -> None:
    table = db.table("published.scenarios")
    ended = {"dropped_at": sa.func.clock_timestamp(), "dropped_by": who}
    connection.execute(sa.update(table).where(table.c.scenario_id == number).values(**ended))


def _note(connection: sa.Connection, db: Database, who: str, action: str, detail: dict[str, Any]) -> None:
    connection.execute(sa.insert(db.table("registry.audit")).values(actor=who, action=action, detail=detail))


def _rows(measures: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = jsonable(records(measures[list(COLUMNS)]))
    return found


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    told = [row | {"ready_on": date.fromisoformat(row["ready_on"]) if row["ready_on"] else None} for row in rows]
    frame = pd.DataFrame(told, columns=list(COLUMNS), dtype=object)
    return frame.astype({name: kind for name, kind in TYPES.items() if kind is not object})

"""What an import changed, field by field, as it stands in the registry long after."""

from __future__ import annotations

import pandas as pd
from psycopg import sql

from geo.database import Database, require_migrated
from geo.errors import NotFoundError, SettingsError
from geo.fields import kind_named
from geo.intake.changes import changed, in_order
from geo.intake.quarantine import key_of
from geo.intake.rejections import cursor_of
from geo.intake.versions import Versions, names_of

_PAIRS, _NEW, _OLD = sql.Identifier("pairs"), sql.Identifier("brought"), sql.Identifier("ended")


def changes_of(db: Database, import_id: int) -> pd.DataFrame:
    """Each change of an import: ``key``, ``change``, ``field``, ``old``, ``new``, as its dry run would have told them.

    ``change`` is ``added``, ``changed`` (a row for each field that differs) or ``gone``.  Values that only some may read are
    not shown.

    Raises
    ------
    NotFoundError
        There is no import of that number.
    SettingsError
        It is an undo, which changes nothing but what it takes back.
    """
    require_migrated(db)
    with cursor_of(db) as cursor:
        row = cursor.execute(
            "SELECT kind, effective_from, undoes FROM registry.imports WHERE id = %s", (import_id,)
        ).fetchone()
        if row is None:
            raise NotFoundError(f"There is no import {import_id}.", "See `shuangbei history --imports`.")
        kind, day, undoes = row
        if undoes is not None:
            raise SettingsError(
                f"Import {import_id} takes import {undoes} back.",
                f"See what that was: shuangbei history --import {undoes}",
            )
        versions = Versions(kind_named(kind))
        values = {"import_id": import_id, "day": day}
        with_ = _with(versions)
        found = cursor.execute(with_ + _alone(versions), values).fetchall()
        found += cursor.execute(with_ + sql.SQL(", ") + changed(versions, _PAIRS, _NEW), values).fetchall()
    return in_order(found)


def _with(versions: Versions) -> sql.Composed:
    """The versions that the import brought from its day on, those that it ended, and which of these took the place of which.

    What it wrote again as it was before its day is no change.
    """
    return sql.SQL(
        "WITH {new} AS MATERIALIZED (SELECT s.id AS row_no, {facts} FROM {table} s "
        "WHERE s.import_id = %(import_id)s AND s.valid_from >= %(day)s), "
        "{old} AS MATERIALIZED (SELECT t.id, t.valid_from, {key} FROM {table} t WHERE t.ended_by = %(import_id)s), "
        "{pairs} AS MATERIALIZED (SELECT DISTINCT ON (s.row_no) s.row_no, t.id FROM {new} s JOIN {old} t ON {same} "
        "ORDER BY s.row_no, t.valid_from <= %(day)s DESC, t.valid_from)"
    ).format(
        new=_NEW,
        old=_OLD,
        pairs=_PAIRS,
        facts=names_of(versions.facts, "s"),
        key=names_of(versions.kind.key, "t"),
        table=versions.table,
        same=versions.key("s"),
    )


def _alone(versions: Versions) -> sql.Composed:
    """What was new, and what is gone."""
    return sql.SQL(
        " SELECT {key_s}, 'added', NULL, NULL, NULL FROM {new} s "
        "WHERE NOT EXISTS (SELECT FROM {pairs} p WHERE p.row_no = s.row_no) "
        "UNION SELECT {key_t}, 'gone', NULL, NULL, NULL FROM {old} t "
        "WHERE NOT EXISTS (SELECT FROM {new} s WHERE {same})"
    ).format(
        key_s=key_of(versions.kind, "s"),
        key_t=key_of(versions.kind, "t"),
        new=_NEW,
        old=_OLD,
        pairs=_PAIRS,
        same=versions.key("s"),
    )

"""The registry's rows of one kind as they are registered, to give back whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.database import Database, require_migrated
from geo.days import given_day, given_instant
from geo.fields import Kind, kind_named
from geo.fields.headings import table_names
from geo.measure.cache import data_version
from geo.tables import fact_table, parts_name


def facts(
    db: Database, kind: str, *, as_of: date | None = None, known_at: datetime | None = None
) -> pd.DataFrame | gpd.GeoDataFrame:
    """Every row of a kind that holds on ``as_of`` (default: today) as known at ``known_at`` (default: now), by its code.

    Columns: those of the kind in the catalogue's order and units, beside each column of land-use codes their code table
    (``land_use_table``), ``source``, ``synthetic`` and, for kinds with shapes, ``geometry`` in the work CRS.  Unknown is
    ``None``.  ``geo.export`` writes the frame so that an import of that file changes nothing.

    Raises
    ------
    NotFoundError
        There is no such kind.
    NotMigratedError
        The database has no schema yet.
    """
    wanted = kind_named(kind)
    require_migrated(db)
    day, known_at = given_day(as_of, "as_of") or date.today(), given_instant(known_at, "known_at")
    table = fact_table(wanted, db.srid)
    known = sa.func.now() if known_at is None else sa.literal(known_at)
    chosen = sa.select(*_columns(table, wanted)).where(
        table.c.recorded_from <= known,
        sa.or_(table.c.recorded_to.is_(None), table.c.recorded_to > known),
        table.c.valid_from <= day,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day),
    )
    with db.read() as connection:
        rows = connection.execute(chosen.order_by(*(table.c[key] for key in wanted.key)))
        names = list(rows.keys())
        found = pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object)
        resting = data_version(connection, day)
    if wanted.geometry is not None:
        shapes = shapely.from_wkb(found["geometry"].to_numpy(dtype=object))
        found = gpd.GeoDataFrame(found.drop(columns="geometry"), geometry=shapes, crs=db.crs)
    found.attrs["kind"] = wanted.name
    found.attrs["stamp"] = _stamp(found, wanted, day, resting, db.crs) | (
        {} if known_at is None else {"known_at": known_at.isoformat()}
    )
    return found


def _columns(table: sa.Table, kind: Kind) -> list[Any]:
    columns: list[Any] = []
    for column in kind.columns:
        columns.append(table.c[column.name])
        if column.type == "land_use":
            # All parts of one cell are of one table.
            first = table.c[parts_name(column.name)][0]["table"].astext
            columns.append(first.label(table_names(column)[0]))
    columns += [table.c.source, table.c.synthetic]
    if kind.geometry is not None:
        columns.append(sa.func.ST_AsBinary(table.c.geom, type_=sa.LargeBinary).label("geometry"))
    return columns


def _stamp(frame: pd.DataFrame, kind: Kind, day: date, resting: str, crs: str) -> dict[str, Any]:
    return {
        "title": kind.zh,
        "kind": kind.name,
        "source": "；".join(sorted(set(frame["source"]))),
        "policy": "未用政策：登记原样",
        "data_version": resting,
        "as_of": str(day),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": version("shuangbei"),
        "synthetic": bool(frame["synthetic"].astype(bool).any()),
        "n_rows": len(frame),
    } | ({"crs": crs} if kind.geometry is not None else {})

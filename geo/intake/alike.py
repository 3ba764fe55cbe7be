"""When two outlines are the same, as SQL: for what changed between two files, and for what became of a parcel."""

from __future__ import annotations

from psycopg import sql

#: drawn more alike than this (m), two outlines are the same: below what any survey or projection resolves
GRID_M = 1e-4


def same_outline(one: str, other: str) -> sql.Composed:
    """That the shapes ``one.geom`` and ``other.geom`` are the same, wherever a ring begins and whichever way round it goes.

    Unknown counts as nothing: two rows without a shape are the same.  Bytes first, for most outlines come back exactly as they
    were, and to snap a million of them costs seconds.  Two grids, half a step apart: a coordinate on the border of one lies in
    the middle of the other.
    """
    a, b = sql.Identifier(one, "geom"), sql.Identifier(other, "geom")
    snapped = sql.SQL(" OR ").join(
        sql.SQL("{} = {}").format(_snapped(a, at), _snapped(b, at)) for at in (0.0, GRID_M / 2)
    )
    return sql.SQL(
        "(({a} IS NULL AND {b} IS NULL) OR coalesce(ST_AsBinary({a}) = ST_AsBinary({b}) OR {snapped}, false))"
    ).format(a=a, b=b, snapped=snapped)


def _snapped(shape: sql.Composable, at: float) -> sql.Composed:
    return sql.SQL("ST_AsBinary(ST_Normalize(ST_SnapToGrid({shape}, {at}, {at}, {grid}, {grid})))").format(
        shape=shape, at=sql.Literal(at), grid=sql.Literal(GRID_M)
    )

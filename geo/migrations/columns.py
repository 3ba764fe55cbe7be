"""Columns as the revisions write them, in one word each.  Only add to these: what a revision made must stay what it was."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql as pg


def text(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required, comment=comment)


def texts(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, pg.ARRAY(sa.Text()), nullable=not required)


def number(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Double(), nullable=not required, comment=comment)


def whole(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=not required, comment=comment)


def big(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=not required, comment=comment)


def day(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=not required)


def now(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def json(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, pg.JSONB(none_as_null=True), nullable=not required, comment=comment)


def yes_no(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=not required, comment=comment)


def identity(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), sa.Identity(), nullable=False)


def shape(kind: str, name: str = "geom", *, required: bool = True) -> sa.Column[Any]:
    """A geometry in the work CRS of the database that is being migrated."""
    srid = context.config.attributes["srid"]
    return sa.Column(name, Geometry(kind, srid=srid, spatial_index=False), nullable=not required)

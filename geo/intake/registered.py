"""What is registered, as the datum guard asks for it: where it lies, its outlines, its roads, the places of codes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.fields import KINDS, Kind
from geo.intake.findings import Objects

#: kinds whose outlines other outlines are held against, and how many of a kind are read at most
OUTLINES = ("streets", "zones", "park", "blocks", "parcels")
LIMIT = 4000
ROADS = ("branch", "secondary", "arterial")
#: what roads run between, never through
PLOTS = ("parcels", "blocks")

Box = tuple[float, float, float, float]


class Registered:
    """The current registry of one database, read as far as it is asked for; all shapes in the work CRS."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._features: dict[tuple[str, int], Objects] = {}

    @cached_property
    def extent(self) -> Box | None:
        """The box round all that is registered, in m; ``None`` where nothing is."""
        boxes = []
        with self.db.read() as connection:
            for kind in KINDS.values():
                if kind.geometry is None:
                    continue
                table = self.db.table(f"registry.{kind.name}")
                box = sa.func.ST_Extent(table.c.geom)
                edges = [getattr(sa.func, f"ST_{edge}")(box) for edge in ("XMin", "YMin", "XMax", "YMax")]
                row = connection.execute(sa.select(*edges).where(*_live(table))).one()
                if row[0] is not None:
                    boxes.append([float(value) for value in row])
        if not boxes:
            return None
        found = np.array(boxes)
        low, high = found[:, :2].min(axis=0), found[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @cached_property
    def outlines(self) -> dict[str, Objects]:
        """Areas by kind, of kinds that have no more of them than can be looked at; the union of several comes last."""
        found = {}
        for name in OUTLINES:
            areas = self._shapes(name, 2)
            if 0 < len(areas) < LIMIT:
                valid = shapely.make_valid(areas)
                whole = [shapely.union_all(valid)] if len(valid) > 1 else []
                found[name] = np.array([*valid, *whole], dtype=object)
        return found

    @cached_property
    def roads(self) -> Objects:
        """Centre lines of roads on the ground."""
        table = self.db.table("registry.barriers")
        return self._shapes("barriers", 1, table.c.barrier_class.in_(ROADS))

    @cached_property
    def plots(self) -> Objects:
        """Areas that roads run between."""
        return np.concatenate([self._shapes(name, 2) for name in PLOTS])

    def features(self, name: str, dimension: int) -> Objects:
        """Lines (1) or points (0) of a kind."""
        if (name, dimension) not in self._features:
            self._features[name, dimension] = self._shapes(name, dimension)
        return self._features[name, dimension]

    def places(self, kind: Kind, codes: list[str]) -> dict[str, npt.NDArray[np.float64]]:
        """Where rows of these codes lie: code → centroid, m."""
        table = self.db.table(f"registry.{kind.name}")
        key, at = table.c[kind.key[0]], sa.func.ST_Centroid(table.c.geom)
        query = sa.select(key, sa.func.ST_X(at), sa.func.ST_Y(at)).where(
            *_live(table), table.c.geom.is_not(None), key == sa.any_(sa.bindparam("codes"))
        )
        with self.db.read() as connection:
            return {str(code): np.array([x, y]) for code, x, y in connection.execute(query, {"codes": codes})}

    def _shapes(self, name: str, dimension: int, *more: sa.ColumnElement[bool]) -> Objects:
        table = self.db.table(f"registry.{name}")
        query = (
            sa.select(sa.func.ST_AsBinary(table.c.geom))
            .where(*_live(table), sa.func.ST_Dimension(table.c.geom) == dimension, *more)
            .order_by(table.c.id)
            .limit(LIMIT)
        )
        with self.db.read() as connection:
            found = [bytes(value) for value in connection.scalars(query)]
        out: Objects = np.empty(len(found), dtype=object)
        out[:] = shapely.from_wkb(found) if found else []
        return out


def _live(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.recorded_to.is_(None), table.c.valid_to.is_(None)

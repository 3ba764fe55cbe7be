"""The parcels and barriers of one look as arrays that the compiled part reads."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geo.measure.kernel.barriers import Floats, Ints, Walls, lattice
from geo.measure.kernel.contact import contacts, cuts
from geo.measure.kernel.facing import frontages, rows_by
from geo.measure.kernel.joining import numbered, over_edges, over_lanes, unite_all
from geo.measure.kernel.land import Land
from geo.measure.kernel.pairs import gaps, grid, near_boxes
from geo.measure.kernel.rings import segments
from geo.measure.outlines import Outlines

Shapes = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
#: cell, corner, numbers of cells, and the rows in each, as ``grid`` gives them
Lattice = tuple[float, float, float, int, int, Ints, npt.NDArray[np.int32]]

#: cells of the grids in metres: about a parcel, about a house; they change no result
_PARCEL_CELL, _WALL_CELL = 60.0, 25.0


def by_place(outlines: Outlines) -> Ints:
    """The parcels (n,) row by row of the grid in which pairs are found: who is near is near in memory, too.  Speed only."""
    drawn = np.flatnonzero(np.diff(outlines.parcel_first))
    corner = outlines.xy[outlines.ring_first[outlines.polygon_first[outlines.parcel_first[drawn]]]]
    column, row = (((axis - axis.min(initial=np.inf)) // _PARCEL_CELL).astype(np.int64) for axis in corner.T)
    key = np.zeros(len(outlines), dtype=np.int64)
    key[drawn] = row * (column.max(initial=0) + 1) + column
    return np.argsort(key, kind="stable")


@dataclass(frozen=True)
class Ground:
    """The parcels' outlines and what parts them; all in metres from the south-west corner."""

    land: Land
    walls: Walls

    @classmethod
    def of(cls, outlines: Outlines, order: Ints, barriers: Shapes) -> Ground:
        """Ground of these parcels in that order (n,), and of the barriers that part them, lines or polygons."""
        corner = np.floor([axis.min() for axis in outlines.xy.T]) if len(outlines.xy) else np.zeros(2)
        arrays = outlines.xy, outlines.ring_first, outlines.polygon_first, outlines.parcel_first
        return cls(Land.of(*segments(*arrays, order, corner[0], corner[1])), _walls(barriers, corner))

    def near(self, reach_m: float) -> tuple[Ints, Ints, Floats]:
        """The pairs a < b no farther apart than that, in rising order, and how far each is in m."""
        a, b, _ = self._boxes(reach_m)
        gap = gaps(self.land, a, b, reach_m)
        kept = np.isfinite(gap)
        a, b, gap = a[kept], b[kept], gap[kept]
        order = np.argsort(a.astype(np.int64) * len(self.land.bounds) + b, kind="stable")
        return a[order].astype(np.int64), b[order].astype(np.int64), gap[order]

    def _boxes(self, reach_m: float) -> tuple[Ints, Ints, Lattice]:
        """The pairs a < b whose boxes are no farther apart than that, and the grid in which they were found."""
        x0, y0, cell, nx, ny = lattice(self.land.bounds, _PARCEL_CELL)
        first, rows = grid(self.land.bounds, cell, x0, y0, nx, ny, reach_m / 2)
        a, b = near_boxes(self.land.bounds, reach_m, first, rows, x0, y0, cell, nx, ny)
        return a, b, (cell, x0, y0, nx, ny, first, rows)

    def contacts(self, a: Ints, b: Ints, tolerance_m: float) -> tuple[Floats, Bools]:
        """How far the outlines of each pair run along one another, in m, and whether they may be drawn across each other."""
        return contacts(self.land, a, b, tolerance_m)  # type: ignore[no-any-return]

    def cuts(self, a: Ints, b: Ints, tolerance_m: float) -> tuple[Floats, Ints]:
        """How much of each pair's contact barriers cut, in m, and which of them most (-1: none)."""
        if not len(self.walls.is_area):
            return np.zeros(len(a)), np.full(len(a), -1, dtype=np.int64)
        return cuts(self.land, self.walls, a, b, tolerance_m)  # type: ignore[no-any-return]

    def frontages(
        self, near: tuple[Ints, Ints], a: Ints, b: Ints, *, width_m: float, step_m: float, slack_m: float
    ) -> tuple[Floats, Floats, Ints]:
        """Facing and free frontage of each pair in m, and the barrier that cuts most (-1); ``near``: all pairs in reach."""
        first, rows = rows_by(*near, len(self.land.bounds))
        return frontages(  # type: ignore[no-any-return]
            *(self.land, self.walls, first, rows, a, b, width_m, step_m, slack_m)
        )


@dataclass(frozen=True)
class Joining:
    """Which parcels hang together so far; each step joins more.  ``parent`` (n,) leads from each parcel to its set's least."""

    ground: Ground
    width_m: float
    parent: Ints

    @classmethod
    def of(cls, ground: Ground, width_m: float) -> Joining:
        """Nothing joined yet; lanes are at most that wide."""
        return cls(ground, width_m, np.arange(len(ground.land.bounds)))

    def over_edges(self, tolerance_m: float, least_edge_m: float, least_front_m: float) -> tuple[Ints, Ints]:
        """Join those that share an edge; the pairs among the rest that may be drawn across each other."""
        ground = self.ground
        a, b, _ = ground._boxes(tolerance_m)
        asked = over_edges(
            ground.land, ground.walls, a, b,
            tolerance_m, least_edge_m, least_front_m, self.parent, numba.get_num_threads(),
        )  # fmt: skip
        return a[asked].astype(np.int64), b[asked].astype(np.int64)

    def pairs(self, a: Ints, b: Ints) -> None:
        """Join these."""
        unite_all(self.parent, a, b)

    def over_lanes(
        self, closed: tuple[Ints, Ints], tolerance_m: float, least_edge_m: float, least_front_m: float, step_m: float
    ) -> None:
        """Join those that face each other over a lane; ``closed`` are pairs a < b with an edge that something parts."""
        ground = self.ground
        a, b, lattice = ground._boxes(self.width_m)
        keys = np.sort(closed[0] * len(ground.land.bounds) + closed[1])
        over_lanes(
            ground.land, ground.walls, lattice, a, b, keys,
            tolerance_m, least_edge_m, least_front_m, self.width_m, step_m, self.parent, numba.get_num_threads(),
        )  # fmt: skip

    def labels(self, order: Ints) -> Ints:
        """The number of each parcel's set, in the order of each set's first; ``order`` (n,) as the ground was given it."""
        return numbered(self.parent, order)  # type: ignore[no-any-return]


def _segments(lines: Shapes, owner: Ints, corner: Floats) -> tuple[Floats, Floats, Ints]:
    points, line = shapely.get_coordinates(lines, return_index=True)
    points -= corner
    vector = np.diff(points, axis=0)
    kept = (line[:-1] == line[1:]) & (vector != 0).any(axis=1)
    return points[:-1][kept], vector[kept], owner[line[:-1][kept]].astype(np.int64)


def _walls(barriers: Shapes, corner: Floats) -> Walls:
    parts, owner = shapely.get_parts(barriers, return_index=True)
    is_area = np.zeros(len(barriers), dtype=bool)
    area = shapely.get_dimensions(parts) == 2
    is_area[owner[area]] = True
    rings, ring_part = shapely.get_rings(parts[area], return_index=True)
    lines = np.concatenate([parts[~area], rings])
    start, vector, whose = _segments(lines, np.concatenate([owner[~area], owner[area][ring_part]]), corner)
    order = np.argsort(whose, kind="stable")
    return Walls.of(start[order], vector[order], whose[order], is_area, _WALL_CELL)

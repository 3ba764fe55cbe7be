"""A seeded city of blocks in the registry: lots on shared edges, T-junctions, streets of two widths, barriers along some.

Ten lots a block in two rows whose cuts do not agree.  Every :data:`QUARTER`-th street is wider than any lane, so that the
city falls into quarters; with barriers, a line runs along some of the narrow streets as well, and parts what they join.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

from benchmarks.made_city import SEED, write_rows
from benchmarks.parcels import EAST, NORTH
from geo.database import Database, connect, upgrade

Floats = npt.NDArray[np.float64]
LOTS, ROWS = 5, 2
WIDTH, DEPTH = 30.0, 40.0
#: metres between two blocks, and between two quarters: below and above the widest lane of the policy
STREET, AVENUE = 12.0, 32.0
QUARTER = 5
#: after which of the narrow streets of a quarter a barrier runs north to south
PARTED = 2
TURN = np.deg2rad(11.0)


def lots(n: int) -> tuple[Floats, int]:
    """The outlines of ``n`` lots or a few more, (n, 9, 2) in metres from the corner, closed; and how many blocks a side."""
    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(n / (LOTS * ROWS))))
    block = np.arange(side * side)
    left, low = _places(block % side, LOTS * WIDTH), _places(block // side, ROWS * DEPTH)
    # Cuts of each row on their own: (blocks, rows, lots + 1), the outer two at the block's edge.
    cuts = np.arange(LOTS + 1) * WIDTH + rng.uniform(-5, 5, (len(block), ROWS, LOTS + 1))
    cuts[..., 0], cuts[..., -1] = 0.0, LOTS * WIDTH
    bend = rng.uniform(-2, 2, cuts.shape)
    bend[..., 0] = bend[..., -1] = 0.0
    x = cuts + left[:, None, None]
    bottom = np.broadcast_to((low[:, None] + np.arange(ROWS) * DEPTH)[:, :, None], x[..., :-1].shape)
    west, east = x[..., :-1], x[..., 1:]
    middle, half = (west + east) / 2, bottom + DEPTH / 2
    corners = [
        (west, bottom),
        (middle, bottom),
        (east, bottom),
        (east + bend[..., 1:], half),
        (east, bottom + DEPTH),
        (middle, bottom + DEPTH),
        (west, bottom + DEPTH),
        (west + bend[..., :-1], half),
        (west, bottom),
    ]
    outlines = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=-2).reshape(-1, len(corners), 2)
    return outlines[:n], side


def lines(side: int) -> Floats:
    """The barriers, (m, 2, 2) in metres from the corner: one along a narrow street of each quarter."""
    column = np.arange(PARTED, side - 1)
    column = column[(column % QUARTER) == PARTED]
    x = _places(column, LOTS * WIDTH) + LOTS * WIDTH + STREET / 2
    top = _places(np.array([side]), ROWS * DEPTH)[0]
    return np.stack([np.stack([x, np.full_like(x, -STREET)], 1), np.stack([x, np.full_like(x, top)], 1)], axis=1)


def _places(block: npt.NDArray[np.int64], size: float) -> Floats:
    return block * (size + STREET) + (block // QUARTER) * (AVENUE - STREET)


def turned(points: Floats) -> Floats:
    """Turned off the axes and moved to where the work CRS lies, to the millimetre."""
    turn = np.array([[np.cos(TURN), np.sin(TURN)], [-np.sin(TURN), np.cos(TURN)]])
    placed: Floats = (points @ turn + (EAST, NORTH)).round(3)
    return placed


def make(db: Database, n: int, *, barriers: bool) -> None:
    """Fill a migrated, empty database of EPSG:4549 with ``n`` lots, and with the barriers if they are asked for."""
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    outlines, side = lots(n)
    shapes = shapely.multipolygons(shapely.polygons(turned(outlines)), indices=np.arange(len(outlines)))
    with psycopg.connect(address) as raw:
        raw.execute(
            "INSERT INTO registry.imports (kind, file_name, sha256, mapping, source, synthetic, effective_from, actor,"
            " counts) VALUES ('parcels', 'benchmark', '-', '{}', 'benchmark', true, '2024-01-01', 'benchmark', '{}')"
        )
        area = shapely.area(shapes)
        # As they come out of a register: in no order of place.
        shuffled = np.random.default_rng(SEED).permutation(n)
        write_rows(
            raw,
            "parcels",
            shapes[shuffled],
            parcel_code=[f"B{i:07d}" for i in shuffled],
            measured_area_m2=area[shuffled].tolist(),
        )
        if barriers:
            drawn = shapely.linestrings(turned(lines(side)))
            codes = [f"W{i}" for i in range(len(drawn))]
            classes: dict[str, Any] = {"barrier_class": ["rail"] * len(drawn)}
            write_rows(raw, "barriers", drawn, barrier_code=codes, name=codes, **classes)
    with psycopg.connect(address, autocommit=True) as raw:
        raw.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    city = connect(sys.argv[1])
    upgrade(city)
    make(city, int(sys.argv[2]), barriers=sys.argv[3:4] == ["barriers"])

"""The compiled part of adjacency: arrays in, arrays out; what the numbers mean is told in :mod:`geo.measure.adjacency`.

Coordinates are metres from a corner of the ground, so that nothing is lost to large numbers.  An outline's segments run with
the land on their left.  Functions are compiled on their first call, which takes half a minute, and kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from geo.compiled import is_compiled, kept

with kept(Path(__file__).parent):
    from geo.measure.kernel.contact import is_parted
    from geo.measure.kernel.facing import frontages
    from geo.measure.kernel.ground import Ground, Joining, by_place
    from geo.measure.kernel.plane import TOUCH
    from geo.measure.kernel.wkb import HEADER, fill, sizes

__all__ = ["HEADER", "TOUCH", "Ground", "Joining", "by_place", "fill", "is_parted", "is_ready", "sizes", "warm"]


def is_ready() -> bool:
    """Whether it was compiled on this machine before: the function that takes longest stands for all."""
    return is_compiled(frontages)


def warm() -> None:
    """Compile everything now, so that nobody waits for it later."""
    from geo.measure.adjacency import Widths, contiguous, typed_pairs
    from geo.measure.outlines import Outlines

    land = Outlines.of(shapely.box([0.0, 10.0, 24.0], 0.0, [10.0, 20.0, 34.0], 10.0))
    walls = np.array([shapely.LineString([(22, -5), (22, 15)])], dtype=object)
    widths = Widths(0.2, 1.0, 10.0, 2.0)
    typed_pairs(pa.array(["a", "b", "c"], pa.large_string()), land, ["wall"], walls, widths)
    contiguous(land, walls, widths)
    empty = np.empty(0, dtype=np.uint8)
    sizes(empty)
    counts = np.empty(0, dtype=np.int64)
    fill(empty, empty, counts, counts, counts, counts, empty)

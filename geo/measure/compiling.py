"""Compiles what adjacency calls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from geo.measure.adjacency import Widths, contiguous, typed_pairs
from geo.measure.kernel import fill, sizes
from geo.measure.outlines import Outlines


def warm() -> None:
    """Compile everything now, so that nobody waits for it later."""
    land = Outlines.of(shapely.box([0.0, 10.0, 24.0], 0.0, [10.0, 20.0, 34.0], 10.0))
    walls = np.array([shapely.LineString([(22, -5), (22, 15)])], dtype=object)
    widths = Widths(0.2, 1.0, 10.0, 2.0)
    typed_pairs(pa.array(["a", "b", "c"], pa.large_string()), land, ["wall"], walls, widths)
    contiguous(land, walls, widths)
    empty = np.empty(0, dtype=np.uint8)
    sizes(empty)
    counts = np.empty(0, dtype=np.int64)
    fill(empty, empty, counts, counts, counts, counts, empty)

"""The compiled part of adjacency: arrays in, arrays out; what the numbers mean is told in :mod:`geo.measure.adjacency`.

Coordinates are metres from a corner of the ground, so that nothing is lost to large numbers.  An outline's segments run with
the land on their left.  Functions are compiled on their first call, which takes half a minute, and kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from geo.compiled import kept

with kept(Path(__file__).parent):
    from geo.measure.kernel.ground import Ground

__all__ = ["Ground", "warm"]


def warm() -> None:
    """Compile everything now, so that nobody waits for it later."""
    land = shapely.box([0.0, 10.0, 24.0], 0.0, [10.0, 20.0, 34.0], 10.0)
    ground = Ground.of(land, np.array([shapely.LineString([(22, -5), (22, 15)])], dtype=object))
    a, b, _ = ground.near(10.0)
    ground.contacts(a, b, 0.2)
    ground.cuts(a, b, 0.2)
    ground.frontages((a, b), a, b, width_m=10.0, step_m=1.0, slack_m=0.2)

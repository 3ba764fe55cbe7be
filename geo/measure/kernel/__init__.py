"""The compiled part of adjacency: arrays in, arrays out; what the numbers mean is told in :mod:`geo.measure.adjacency`.

Coordinates are metres from a corner of the ground, so that nothing is lost to large numbers.  An outline's segments run with
the land on their left.  Functions are compiled on their first call, which takes half a minute, and kept.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numba
import numpy as np
import shapely

_CONFIG: Any = numba.config
_HERE = Path(__file__).parent


def _keep_in() -> Path:
    """Where compiled functions are kept: one folder for each state of these files.

    numba itself looks only at the file that a function stands in, and would go on with what another one has changed.
    """
    content = hashlib.sha256()
    for file in sorted(_HERE.glob("*.py")):
        content.update(file.read_bytes())
    if os.access(_HERE, os.W_OK):
        folder = _HERE / "__pycache__"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shuangbei"
    return folder / f"kernel-{content.hexdigest()[:16]}"


# numba settles where a function is kept when it is decorated; other packages' functions stay where theirs are.
_before = _CONFIG.CACHE_DIR
if not _before:
    _CONFIG.CACHE_DIR = str(_keep_in())
try:
    from geo.measure.kernel.ground import Ground
finally:
    _CONFIG.CACHE_DIR = _before

__all__ = ["Ground", "warm"]


def warm() -> None:
    """Compile everything now, so that nobody waits for it later."""
    land = shapely.box([0.0, 10.0, 24.0], 0.0, [10.0, 20.0, 34.0], 10.0)
    ground = Ground.of(land, np.array([shapely.LineString([(22, -5), (22, 15)])], dtype=object))
    a, b, _ = ground.near(10.0)
    ground.contacts(a, b, 0.2)
    ground.cuts(a, b, 0.2)
    ground.frontages((a, b), a, b, width_m=10.0, step_m=1.0, slack_m=0.2)

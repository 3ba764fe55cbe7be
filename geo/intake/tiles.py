"""A layer in parts that lie together, each with what is near it, so that neighbours are looked at some thousands at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.intake.outlines import Floats, Positions

#: outlines of one part: a few times as many are looked at for those of Cambridge, and memory stays below 200 MB
TILE = 20_000


def tiles(bounds: Floats, chosen: Positions, near: float) -> Iterator[tuple[Positions, Positions]]:
    """Parts of the shapes at ``chosen``: positions of the part's own, and of all whose box lies within ``near`` m of theirs.

    ``bounds`` is n × 4.  Each shape is the own one of one part; the others are sorted by position.
    """
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    for own in _split(middle, chosen):
        low = bounds[own, :2].min(axis=0) - near
        high = bounds[own, 2:].max(axis=0) + near
        box = bounds[chosen]
        beside = (box[:, 2:] >= low).all(axis=1) & (box[:, :2] <= high).all(axis=1)
        yield own, chosen[beside]


def _split(middle: Floats, chosen: Positions) -> Iterator[Positions]:
    """Halved across the longer side until a part is small enough."""
    if len(chosen) <= TILE:
        if len(chosen):
            yield chosen
        return
    here = middle[chosen]
    axis = int(np.argmax(np.ptp(here, axis=0)))
    order = np.argpartition(here[:, axis], len(chosen) // 2)
    half = len(chosen) // 2
    yield from _split(middle, np.sort(chosen[order[:half]]))
    yield from _split(middle, np.sort(chosen[order[half:]]))

"""The compiled part of adjacency: arrays in, arrays out; what the numbers mean is told in :mod:`geo.measure.adjacency`.

Coordinates are metres from a corner of the ground, so that nothing is lost to large numbers.  An outline's segments run with
the land on their left.  Functions are compiled on their first call, which takes half a minute, and kept.
"""

from __future__ import annotations

from pathlib import Path

from geo.compiled import is_compiled, kept

with kept(Path(__file__).parent):
    from geo.measure.kernel.contact import is_parted
    from geo.measure.kernel.facing import frontages
    from geo.measure.kernel.ground import Ground, Joining, by_place
    from geo.measure.kernel.plane import TOUCH
    from geo.measure.kernel.wkb import HEADER, fill, sizes

__all__ = ["HEADER", "TOUCH", "Ground", "Joining", "by_place", "fill", "is_parted", "is_ready", "sizes"]


def is_ready() -> bool:
    """Whether it was compiled on this machine before: the function that takes longest stands for all."""
    return is_compiled(frontages)

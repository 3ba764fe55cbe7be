"""The compiled inner loops of the search for sites: plain arrays in, plain arrays out."""

from __future__ import annotations

from pathlib import Path

from geo.compiled import is_compiled, kept

with kept(Path(__file__).parent):
    from geo.judge.sites.kernels.growing import grow, mend
    from geo.judge.sites.kernels.listing import minimal_sets
    from geo.judge.sites.kernels.separators import network, rooted, unrooted
    from geo.judge.sites.kernels.walks import components, reach, settle

__all__ = [
    "components",
    "grow",
    "is_ready",
    "mend",
    "minimal_sets",
    "network",
    "reach",
    "rooted",
    "settle",
    "unrooted",
]
_CALLED = (components, grow, mend, minimal_sets, network, reach, rooted, settle, unrooted)


def is_ready() -> bool:
    """Whether all of it was compiled on this machine before, so that nobody waits for it."""
    return all(map(is_compiled, _CALLED))

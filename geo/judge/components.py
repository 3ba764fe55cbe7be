"""Which nodes of a graph hang together: numbers for parcels, arrays for pairs.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]

#: the types of adjacency over which parcels hang together
JOINS = ("shared_edge", "lane")


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Number the connected components of n nodes and the edges (a, b), in the order of each one's first node.

    Every node takes the least label across its edges, and labels are followed to their roots, until nothing moves.
    """
    label = np.arange(n, dtype=np.int64)
    while True:
        least = np.minimum(label[a], label[b])
        lower = label.copy()
        # The root of either side is hung below the least of both; then every node looks up to its root.
        np.minimum.at(lower, label[a], least)
        np.minimum.at(lower, label[b], least)
        while (lower[lower] != lower).any():
            lower = lower[lower]
        if (lower == label).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = lower


def pairs_among(
    codes: npt.NDArray[np.str_], adjacency: pd.DataFrame, types: Iterable[str] = JOINS
) -> tuple[Ints, Ints]:
    """The places in ``codes`` (sorted) of the pairs of these types; a pair counts only where both its parcels are there."""
    a, b, found = places_of_pairs(codes, adjacency[adjacency["type"].isin(list(types))])
    both = found[0] & found[1]
    return a[both], b[both]


def places_of_pairs(
    codes: npt.NDArray[np.str_], pairs: pd.DataFrame
) -> tuple[Ints, Ints, tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Where both ends of each pair stand in ``codes`` (sorted), and whether each end is there at all."""
    known = pa.array(codes, pa.large_string())
    ends = []
    for column in ("parcel_a", "parcel_b"):
        # Some millions of texts: looked up by Arrow, and never made Python's.
        found = pc.index_in(pa.array(pairs[column], pa.large_string(), from_pandas=True), value_set=known)
        ends.append((found.fill_null(0).to_numpy().astype(np.int64), found.is_valid().to_numpy(zero_copy_only=False)))
    return ends[0][0], ends[1][0], (ends[0][1], ends[1][1])

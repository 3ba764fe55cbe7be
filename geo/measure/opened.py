"""How pairs of parcels would lie to each other if one barrier could be crossed, worked out on the land round them only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.measure.adjacency import Widths, typed_adjacency
from geo.measure.crossing import title
from geo.measure.neighbours import shapes_on

if TYPE_CHECKING:
    from geo.measure.cache import Look
    from geo.measure.crossing import Crossing


def opened_pairs(
    look: Look,
    wanted: Mapping[str, pd.DataFrame],
    widths: Widths,
    crossing: Crossing,
) -> dict[str, pd.DataFrame]:
    """The pairs of each barrier in ``wanted`` (``class`` or ``class:name``) as they are once that one may be crossed.

    What another barrier parts as well stays parted.  The frames are as :func:`typed_adjacency` gives them.
    """
    if not wanted:
        return {}
    land = shapes_on(look, "parcels_on", ("parcel_code",))
    between = shapes_on(look, "barriers_on", ("barrier_class", "name"))
    names = [name if isinstance(name, str) and name else None for name in between["name"]]
    titles = np.array([title(*barrier) for barrier in zip(between["barrier_class"], names, strict=True)], dtype=object)
    parting = np.array(
        [not crossing.allows(*barrier) for barrier in zip(between["barrier_class"], names, strict=True)], dtype=bool
    )
    place = pd.Series(np.arange(len(land)), index=land["parcel_code"].astype(str))
    polygons = np.asarray(land.geometry.array, dtype=object)
    tree = shapely.STRtree(polygons)
    found = {}
    for barrier, pairs in wanted.items():
        ends = np.unique(np.concatenate([place[pairs[column]].to_numpy() for column in ("parcel_a", "parcel_b")]))
        xmin, ymin, xmax, ymax = shapely.bounds(polygons[ends]).T
        # Whatever lies between two parcels that face each other over a lane touches the ground round one of them.
        reach = widths.reach_m
        near = np.unique(tree.query(shapely.box(xmin - reach, ymin - reach, xmax + reach, ymax + reach))[1])
        now = typed_adjacency(
            land.iloc[near],
            between[parting & (titles != barrier)],
            **asdict(widths),
            crossable={},
        )
        asked = pd.MultiIndex.from_frame(pairs[["parcel_a", "parcel_b"]].astype(object))
        told = pd.MultiIndex.from_frame(now[["parcel_a", "parcel_b"]].astype(object))
        found[barrier] = now[told.isin(asked)].reset_index(drop=True)
    return found

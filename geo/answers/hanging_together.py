"""What hangs together by the policy's widths: pairs of parcels, and how much land each parcel is part of."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from geo.answers.given import BARRIER, codes_given
from geo.errors import NotFoundError, SettingsError
from geo.fields.places import BARRIER_CLASS
from geo.judge.clusters import contiguous_areas
from geo.measure.adjacency import Widths
from geo.measure.cache import Look
from geo.measure.crossing import Crossing, title
from geo.measure.neighbours import barrier_names, hanging_together, neighbours
from geo.policy import Policy
from geo.said import Said
from geo.units import number

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


#: how many names an error suggests
_SUGGESTED = 5


def adjacency_seen(
    seen: Look, policy: Policy, gap_m: float | None = None, allow: str | Iterable[str] = ()
) -> pd.DataFrame:
    """All pairs within a look that is open, so that several answers rest on one state of the registry.

    ``allow``: barriers that may be crossed beyond what the policy says, each a class, a name, or ``class:name``.

    Raises
    ------
    NotFoundError
        No barrier has a class or a name that ``allow`` asks for.
    """
    return neighbours(seen, widths(policy, gap_m), crossing(seen, policy, allow))


def widths(policy: Policy, gap_m: float | None = None) -> Widths:
    """What joins two parcels by the policy, with lanes up to ``gap_m`` in m where it is given."""
    rules = policy.clusters
    return Widths(rules.tolerance.m, rules.min_shared_edge.m, lane_width(policy, gap_m), rules.min_frontage.m)


def crossing(seen: Look, policy: Policy, allow: str | Iterable[str] = ()) -> Crossing:
    """Which barriers may be crossed: what the policy says of classes and names, and what ``allow`` adds to it.

    Raises
    ------
    NotFoundError
        No barrier has a class or a name that ``allow`` asks for.
    """
    rules = policy.clusters
    said = Crossing(
        {name: setting.value for name, setting in rules.crossable.items()},
        {name: setting.value for name, setting in rules.crossable_names.items()},
    )
    return said.allowing(*named_barriers(seen, policy, allow))


def named_barriers(seen: Look, policy: Policy, allow: str | Iterable[str]) -> tuple[set[str], set[str]]:
    """The classes, and the names, that ``allow`` asks for; of what is named the ``class:name`` of each that bears it as well.

    Raises
    ------
    NotFoundError
        No barrier has a class or a name that is asked for.
    """
    asked = wishes(allow)
    if not asked:
        return set(), set()
    there = barrier_names(seen)
    plain = {name for _, name in there if name}
    names = plain | {title(*barrier) for barrier in there if barrier[1]}
    classes = {word: code for code, words in BARRIER_CLASS.items() for word in (code, *words)}
    classes |= {code: code for code in (*policy.clusters.crossable, *(of_class for of_class, _ in there))}
    for wish in asked:
        if wish not in classes and wish not in names:
            near = difflib.get_close_matches(wish, sorted(plain), _SUGGESTED, 0.4) or sorted(plain)[:_SUGGESTED]
            known, more = sorted(set(classes.values())), " …" if len(plain) > len(near) else ""
            raise NotFoundError(
                Said(
                    f"No barrier is called {wish!r} on {seen.day}, and it is no class of barriers.",
                    f"{seen.day} 没有名为 {wish} 的道路、河道或其他阻隔，它也不是阻隔类别。",
                ),
                Said(
                    f"Classes: {', '.join(known)}.",
                    f"类别：{'、'.join(BARRIER_CLASS[name][0] if name in BARRIER_CLASS else name for name in known)}。",
                )
                + (Said(f" Names: {', '.join(near)}{more}.", f"名称：{'、'.join(near)}{more}。") if near else ""),
            )
    # What is both a class and somebody's name is the class: a road is seldom called rail.
    called = {wish for wish in asked if wish not in classes}
    # Each is named in full as well, so that a name is open that the policy closes as ``class:name``.
    called |= {title(*barrier) for barrier in there if barrier[1] in called}
    return {classes[wish] for wish in asked if wish in classes}, called


def wishes(allow: str | Iterable[str]) -> list[str]:
    """What ``allow`` asks for, each once.

    Raises
    ------
    SettingsError
        It is neither a text nor a list of texts.
    """
    return sorted(set(codes_given(allow, BARRIER)))


def lane_width(policy: Policy, gap_m: float | None) -> float:
    """The widest lane that joins, in m: what was asked for, else the policy's.

    Raises
    ------
    SettingsError
        It is negative, not a number, or over the policy's ``clusters.widest_lane``.
    """
    if gap_m is None:
        return policy.clusters.lane_width.m
    asked = number(gap_m, Said("gap", "间隔宽度"), Said("metres", "米数"))
    if not math.isfinite(asked) or asked < 0:
        raise SettingsError(
            Said(f"A gap of {gap_m} m cannot be used.", f"间隔宽度不能是 {gap_m} 米。"),
            Said("Give metres, 0 or more; 0 joins shared edges only.", "请填 0 或更大的米数；0 表示只计共边。"),
        )
    most = policy.clusters.widest_lane
    if most is not None and asked > most.m:
        raise SettingsError(
            Said(
                f"A gap of {asked:g} m is no lane: the policy takes at most {most.m:g} m for one (clusters.widest_lane).",
                f"{asked:g} 米的间隔已非一街之隔：政策规定至多 {most.m:g} 米（clusters.widest_lane）。",
            ),
            Said(
                f"Give {most.m:g} m or less. Which carriers lie within walking distance is another question:"
                " see the groups of carriers.",
                f"请填不超过 {most.m:g} 的米数。步行距离内的载体另见“载体集聚区”。",
            ),
        )
    return asked


def with_contiguous_area(seen: Look, policy: Policy, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parcels with ``contiguous_area_m2``: the site area of all that hang together with each, m²; 一(三), 二(三)6.

    All parcels count, whatever their use: what a cluster of candidates comes to is :func:`geo.clusters`.
    """
    areas = np.empty(0)
    if len(land):
        areas = contiguous_areas(land, hanging_together(seen, widths(policy), crossing(seen, policy)).to_pandas())
    names = list(land.columns)
    names.insert(names.index("address"), "contiguous_area_m2")  # among the measures, before where the rows come from
    told: gpd.GeoDataFrame = land.assign(contiguous_area_m2=areas)[names]
    return told

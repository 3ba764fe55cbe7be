"""Holds every site against the parcels and pairs that it came from, with code that shares nothing with the search."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """What was asked: areas in m²; the anchor's parcels are held together."""

    floor_m2: float
    ceiling_m2: float | None = None
    anchor: frozenset[str] = frozenset()
    require: frozenset[str] = frozenset()
    forbid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ground:
    """What it is held against: areas in m² and points of difficulty by parcel code, and the pairs that join."""

    area_m2: Mapping[str, float]
    points: Mapping[str, float]
    pairs: Collection[tuple[str, str]]
    neighbours: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        lists: dict[str, list[str]] = {}
        for a, b in self.pairs:
            lists.setdefault(a, []).append(b)
            lists.setdefault(b, []).append(a)
        object.__setattr__(self, "neighbours", lists)


def check_site(site: Mapping[str, Any], ground: Ground, asked: Asked) -> None:
    """Hold one site against what it says of itself: ``parcel_codes``, ``area_m2``, ``difficulty``, ``lower_bound``, ``proven``.

    Raises
    ------
    RuntimeError
        It is no site, or a figure of it is wrong: that is a fault of ours, and nothing is shown.
    """
    codes = [str(code) for code in site["parcel_codes"]]
    faults = []
    if len(set(codes)) != len(codes):
        faults.append("a parcel stands in it twice")
    strange = [code for code in codes if code not in ground.area_m2]
    if strange:
        raise RuntimeError(f"not a site: {', '.join(strange)} is not among the parcels")
    area = math.fsum(ground.area_m2[code] for code in codes)
    if not area > asked.floor_m2:
        faults.append(f"{area} m² is not over {asked.floor_m2} m²")
    if (
        asked.ceiling_m2 is not None
        and area > asked.ceiling_m2
        and not math.isclose(area, asked.ceiling_m2, rel_tol=1e-12)
    ):
        faults.append(f"{area} m² is over {asked.ceiling_m2} m²")
    if not math.isclose(area, site["area_m2"], rel_tol=1e-9):
        faults.append(f"it says {site['area_m2']} m², its parcels have {area}")
    points = math.fsum(ground.points[code] for code in codes if code not in asked.anchor)
    if not math.isclose(points, site["difficulty"], rel_tol=1e-9, abs_tol=1e-6):
        faults.append(f"it says a difficulty of {site['difficulty']}, its parcels have {points}")
    if site["lower_bound"] > site["difficulty"]:
        faults.append("its lower bound is over its difficulty")
    if bool(site["proven"]) != (site["lower_bound"] == site["difficulty"]):
        faults.append("it is called proven and has a gap, or the other way round")
    missing = sorted((asked.anchor | asked.require) - set(codes))
    if missing:
        faults.append(f"{', '.join(missing)} has to be in it")
    barred = sorted((asked.forbid - asked.anchor) & set(codes))
    if barred:
        faults.append(f"{', '.join(barred)} must not be in it")
    apart = set(codes) - _reached(codes, ground.neighbours, asked.anchor)
    if apart:
        faults.append(f"{', '.join(sorted(apart))} does not hang together with the rest")
    if faults:
        raise RuntimeError("not a site: " + "; ".join(faults))


def _reached(codes: list[str], neighbours: Mapping[str, Iterable[str]], held: Collection[str]) -> set[str]:
    """Everything that is walked to from the first parcel, breadth first; from one that is held, all held ones."""
    inside = set(codes)
    seen = set(codes[:1])
    waiting = deque(codes[:1])
    while waiting:
        at = waiting.popleft()
        onward = [*neighbours.get(at, ()), *(held if at in held else ())]
        for code in onward:
            if code in inside and code not in seen:
                seen.add(code)
                waiting.append(code)
    return seen

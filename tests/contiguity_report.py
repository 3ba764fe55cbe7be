"""Our shared edges against libpysal's rook contiguity on a real cadastre: every pair that differs, with its cause.

``SHUANGBEI_REAL_DATA=… python tests/contiguity_report.py [out.csv]`` prints the list, or writes it.

Causes are told by shapely on the two polygons alone, with none of the kernel's code:

``too short``     rook counts it; the outlines coincide for less than the least edge
``t-junction``    we count it; the outlines coincide to the millimetre, but on no common pair of vertices
``overlap``       we count it; the two are drawn across each other
``tolerance``     we count it; the outlines run along one another with a gap within the tolerance
"""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from libpysal.weights import Rook
from shapely import box

from geo.measure.adjacency import typed_adjacency
from geo.policy import policy

LAYER = "parcels_fy2014"
#: drawing to the millimetre: below it two outlines are one, and an overlap is none
MILLIMETRE = 0.001
SETTINGS = policy("hongkou-2025").clusters
TOLERANCE, LEAST_EDGE = SETTINGS.tolerance.m, SETTINGS.min_shared_edge.m


@dataclass(frozen=True)
class Comparison:
    """The two answers over the same parcels, as sets of ordered pairs of codes, and what differs."""

    edges: pd.DataFrame
    ours: set[tuple[str, str]]
    rook: set[tuple[str, str]]
    rook_components: int
    rook_mean_neighbours: float
    differing: pd.DataFrame


def cambridge(folder: str | Path) -> gpd.GeoDataFrame:
    """All rows of the FY2014 parcels: ``parcel_code``, ``has_record``, geometry in metres."""
    file = Path(folder) / "cambridge_ma_parcels" / "cambridge_parcels.gpkg"
    raw = pyogrio.read_dataframe(file, layer=LAYER, columns=["ML", "n_records"])
    return gpd.GeoDataFrame(
        {"parcel_code": raw["ML"], "has_record": raw["n_records"].notna()}, geometry=raw.geometry, crs=raw.crs
    )


def shared_edges(land: gpd.GeoDataFrame) -> pd.DataFrame:
    """Our answer to ``--over all --gap 0``: the pairs with a shared edge."""
    found = typed_adjacency(
        land,
        tolerance_m=TOLERANCE,
        min_shared_edge_m=LEAST_EDGE,
        lane_width_m=0.0,
        min_frontage_m=SETTINGS.min_frontage.m,
        crossable={},
    )
    return found[found["type"] == "shared_edge"]


def cause(a: Any, b: Any, *, by_rook: bool) -> str:
    """Why the two answers differ on this pair of polygons; empty where nothing explains it."""
    if by_rook:
        coincident = a.boundary.intersection(b.boundary).length
        return "too short" if 0 < coincident < LEAST_EDGE else ""
    if a.boundary.intersection(b.boundary.buffer(MILLIMETRE)).length >= LEAST_EDGE:
        return "t-junction"
    if a.intersection(b).buffer(-MILLIMETRE / 2).area > 0:
        return "overlap"
    if a.boundary.intersection(b.buffer(TOLERANCE)).length >= LEAST_EDGE:
        return "tolerance"
    return ""


def compare(land: gpd.GeoDataFrame, found: pd.DataFrame | None = None) -> Comparison:
    """Hold our shared edges (those given, else worked out here) against libpysal's rook on the same rows."""
    found = shared_edges(land) if found is None else found
    ours = set(zip(found["parcel_a"], found["parcel_b"], strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of islands and of separate components, which are what is asked for
        weights = Rook.from_dataframe(land.reset_index(drop=True), use_index=False)
    codes = land["parcel_code"].tolist()
    rook = {(codes[i], codes[j]) for i, near in weights.neighbors.items() for j in near if codes[i] < codes[j]}
    outline = dict(zip(codes, land.geometry, strict=True))
    rows = []
    for pair in sorted(ours ^ rook):
        a, b = _where_they_meet(outline[pair[0]], outline[pair[1]])
        rows.append(
            {
                "parcel_a": pair[0],
                "parcel_b": pair[1],
                "found_by": "rook" if pair in rook else "ours",
                "cause": cause(a, b, by_rook=pair in rook),
                "coincident_m": a.boundary.intersection(b.boundary).length,
                "within_tolerance_m": a.boundary.intersection(b.buffer(TOLERANCE)).length,
                "gap_m": a.distance(b),
                "overlap_m2": a.intersection(b).area,
            }
        )
    return Comparison(found, ours, rook, weights.n_components, weights.mean_neighbors, pd.DataFrame(rows))


def _where_they_meet(a: Any, b: Any) -> tuple[Any, Any]:
    """Both polygons within a metre round the smaller one's box: one of them is the streets of a whole town."""
    window = box(*min(a, b, key=lambda shape: shape.length).bounds).buffer(1.0, join_style="mitre")
    return a.intersection(window), b.intersection(window)


def main() -> None:
    """Print the list of differing pairs, or write it to the file named."""
    result = compare(cambridge(os.environ["SHUANGBEI_REAL_DATA"]))
    if len(sys.argv) > 1:
        result.differing.to_csv(sys.argv[1], index=False)
    else:
        sys.stdout.write(result.differing.round(4).to_string() + "\n")
    counts = result.differing.groupby(["found_by", "cause"]).size().to_string()
    sys.stdout.write(f"rook {len(result.rook)} pairs, ours {len(result.ours)}\n{counts}\n")


if __name__ == "__main__":
    main()

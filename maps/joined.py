"""The maps of what hangs together: clusters with their pairs and near misses, pairs alone, groups of carriers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from maps import around, contiguity, land
from maps.drawing import any_synthetic, put_together
from maps.offline import OfflineMap
from maps.parts import Details, ShapeLayer
from maps.shapes import to_degrees
from maps.text import Lang, phrase

#: parcels round the clusters that are drawn; beyond, only those that are asked about
_GROUND_UP_TO = 20_000


def clusters(
    frame: gpd.GeoDataFrame,
    *,
    adjacency: pd.DataFrame | None = None,
    parcels: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    near_misses: gpd.GeoDataFrame | None = None,
    bridges: gpd.GeoDataFrame | None = None,
    lang: Lang = "zh",
    stamp: str = "",
) -> OfflineMap:
    """A look at ``geo.clusters``: each in a colour apart with area and shape; what is given beside is drawn as layers.

    ``adjacency`` (``geo.adjacency``) wants ``parcels`` (``geo.parcels``) to be drawn; ``barriers`` are a layer of the run or
    ``geo.facts(db, "barriers")``, ``near_misses`` and ``bridges`` what the calls of those names give.  Beyond 2,000 clusters
    the largest are drawn, beyond 4,000 pairs those over lanes and barriers first; both are said on the map.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    """
    notes: list[str] = []
    placed = to_degrees(contiguity.drawable(frame))
    if len(placed) < len(frame):
        notes.append(phrase("clusters_left_out", lang, shown=len(placed), n=len(frame) - len(placed)))
    layers: list[ShapeLayer] = [contiguity.clusters(placed, lang)]
    details: dict[str, Details] = {"clusters": land.cluster_details(placed, lang)}
    if near_misses is not None and len(near_misses):
        told = to_degrees(near_misses.reset_index(drop=True))
        layers += contiguity.near_misses(told, lang)
        details["near_misses"] = contiguity.near_miss_details(told, lang)
        for code, sentence in contiguity.lacking(told, lang).items():
            if code in details["clusters"].rows:
                details["clusters"].rows[code]["n"] = sentence
    if bridges is not None and len(bridges):
        layers.append(contiguity.bridges(to_degrees(bridges), lang))
    layers += _round(adjacency, parcels, barriers, lang, notes, details, shown=("lane", "barrier"))
    kept = [layer for layer in layers if layer.shapes.features]
    title, synthetic = phrase("clusters_title", lang), any_synthetic(frame)
    return put_together(title, kept, details, [placed], lang, notes=notes, stamp=stamp, synthetic=synthetic)


def adjacency(
    pairs: pd.DataFrame,
    parcels: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    lang: Lang = "zh",
) -> OfflineMap:
    """A look at ``geo.adjacency``: the pairs among ``parcels`` by type, each type a layer, with what parts them.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    """
    notes: list[str] = []
    details: dict[str, Details] = {}
    layers = _round(pairs, parcels, barriers, lang, notes, details, shown=contiguity.EDGE_TYPES)
    kept = [layer for layer in layers if layer.shapes.features]
    view = [to_degrees(parcels)]
    return put_together(
        phrase("adjacency_title", lang), kept, details, view, lang, notes=notes, synthetic=any_synthetic(parcels)
    )


def carrier_groups(
    groups: gpd.GeoDataFrame,
    carriers: gpd.GeoDataFrame,
    *,
    zones: gpd.GeoDataFrame | None = None,
    lang: Lang = "zh",
    stamp: str = "",
) -> OfflineMap:
    """A look at ``geo.carrier_groups``: the ground within walking distance of each group, and the carriers on it.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    """
    placed, housed = to_degrees(groups), to_degrees(carriers)
    layers = [contiguity.groups(placed, lang), around.carriers(housed, lang)]
    if zones is not None and len(zones):
        layers.append(land.zone_layer(to_degrees(zones), lang, dict(zip(zones["zone"], zones["name"], strict=True))))
    notes = []
    if len(housed) < len(carriers):
        notes.append(phrase("not_placed", lang, n=len(carriers) - len(housed)))
    details = {"carriers": around.carrier_details(housed, lang, {}), "groups": land.group_details(placed, lang)}
    kept = [layer for layer in layers if layer.shapes.features]
    synthetic = any_synthetic(groups) or any_synthetic(carriers)
    return put_together(
        phrase("carrier_groups", lang), kept, details, [placed], lang, notes=notes, stamp=stamp, synthetic=synthetic
    )


def _round(
    pairs: pd.DataFrame | None,
    parcels: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
    lang: Lang,
    notes: list[str],
    details: dict[str, Details],
    *,
    shown: Any,
) -> list[ShapeLayer]:
    layers: list[ShapeLayer] = []
    if parcels is not None and len(parcels):
        if pairs is not None:
            ends = parcels["parcel_code"].isin(set(pairs["parcel_a"]) | set(pairs["parcel_b"]))
            drawn, details["edges"], left_out = contiguity.edges(pairs, to_degrees(parcels[ends]), lang, shown)
            layers += drawn
            if left_out:
                notes.append(phrase("edges_left_out", lang, shown=f"{contiguity.EDGES_UP_TO:,}", n=f"{left_out:,}"))
        if len(parcels) <= _GROUND_UP_TO:
            layers.append(contiguity.ground(to_degrees(parcels), lang))
            details["parcels"] = contiguity.ground_details(parcels, lang)
        else:
            notes.append(phrase("parcels_left_out_here", lang, limit=f"{_GROUND_UP_TO:,}"))
    if barriers is not None and len(barriers):
        layers.append(around.barriers(to_degrees(barriers), lang))
    return layers

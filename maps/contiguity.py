"""Layers of what hangs together: clusters in colours apart, pairs of parcels by type, bridges, near misses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.units import to_mu
from maps import colours, figures, steps
from maps.land import values
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import column, features
from maps.text import Lang, label, phrase, word

#: what a browser draws and somebody can still read; what is beyond is told on the map
CLUSTERS_UP_TO = 2_000
EDGES_UP_TO = 4_000
#: corners of all outlines together, beyond which they are drawn simpler, and by how much in m: less than a line is wide
_CORNERS_UP_TO = 60_000
_SIMPLER_M = 1.0

_GROUND_FIELDS = ("land_use", "site_area_m2", "gfa_m2")
EDGE_TYPES = ("shared_edge", "lane", "corner", "barrier")
_DASH = {"shared_edge": None, "lane": "7 4", "corner": "1 5", "barrier": "3 5"}


def drawable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The largest clusters, as many as are drawn, in the work CRS; outlines simpler where there are very many corners."""
    chosen = frame.head(CLUSTERS_UP_TO)
    if int(shapely.get_num_coordinates(chosen.geometry.array).sum()) <= _CORNERS_UP_TO:
        return chosen
    return chosen.set_geometry(chosen.geometry.simplify(_SIMPLER_M))


def hues(frame: gpd.GeoDataFrame) -> list[int]:
    """A colour for each cluster, by its place in the palette: always the one whose nearest other bearer is farthest."""
    middles = frame.geometry.representative_point()
    x, y = middles.x.to_numpy(), middles.y.to_numpy()
    nearest = np.full((len(frame), len(colours.CLUSTER_FILL)), np.inf)
    chosen: list[int] = []
    for number in range(len(frame)):
        hue = int(nearest[number].argmax())
        chosen.append(hue)
        nearest[:, hue] = np.minimum(nearest[:, hue], np.hypot(x - x[number], y - y[number]))
    return chosen


def clusters(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Clusters filled in colours that are apart where they lie near each other, single parcels grey; ``frame`` in degrees.

    Each of several parcels is labelled with its shape and mu; a belt's outline is dashed.
    """
    several = frame["n_parcels"].to_numpy() > 1
    hue = np.full(len(frame), -1)
    hue[several] = hues(frame[several])
    styles: list[dict[str, Any]] = [
        {"color": colour, "weight": 3, "opacity": 1, "dashArray": dash, "fillColor": colour, "fillOpacity": 0.38}
        for colour in colours.CLUSTER_FILL
        for dash in (None, "9 5")
    ]
    styles.append({"color": colours.SINGLE, "weight": 1, "fillColor": colours.SINGLE, "fillOpacity": 0.3})
    properties = []
    cells = zip(
        *(column(frame, name) for name in ("cluster_id", "shape", "area_m2", "n_parcels")), hue.tolist(), strict=True
    )
    for code, shape, area, n, of in cells:
        size = f"{figures.number(to_mu(float(area)), 1)} {phrase('mu', lang)}"
        text = f"{word(str(shape), lang)} {size}"
        style = len(styles) - 1 if of < 0 else 2 * of + (shape == "belt")
        tip = f"{text} · {phrase('parcels_n', lang, n=n)}" if of >= 0 else f"{phrase('single', lang)} {size}"
        properties.append({"s": style, "k": f"clusters/{code}", "t": tip, "l": text if of >= 0 else None})
    ink = colours.PAGE["ink-soft"]
    key = [Key("line", ink, word(kind, lang), dashed=kind == "belt") for kind in ("patch", "belt")]
    key.append(Key("area", colours.SINGLE, phrase("single", lang)))
    shapes = Shapes(
        features(frame.geometry, properties), styles, "clusters", 415, label_class="cluster-label", label_zoom=13
    )
    return ShapeLayer(phrase("clusters", lang), shapes, group=phrase("group_judgement", lang), key=key)


def edges(
    pairs: pd.DataFrame, parcels: gpd.GeoDataFrame, lang: Lang, shown: Iterable[str] = EDGE_TYPES
) -> tuple[list[ShapeLayer], Details, int]:
    """One layer for each type of pair, from the middle of one parcel to that of the other, popups, and how many are left out.

    ``parcels`` are in degrees.  Where there are too many, what parts or lies over a lane is drawn before what touches, the
    longest first.
    """
    middles = dict(zip(column(parcels, "parcel_code"), parcels.geometry.representative_point(), strict=True))
    known = pairs[pairs["parcel_a"].isin(middles) & pairs["parcel_b"].isin(middles)]
    rank = known["type"].map({"barrier": 0, "lane": 1, "shared_edge": 2, "corner": 3})
    order = np.lexsort((-known["length_m"].to_numpy(dtype=float), rank.to_numpy()))
    drawn = known.iloc[order[:EDGES_UP_TO]]
    layers, details = [], _edge_details(drawn, lang)
    for number, kind in enumerate(EDGE_TYPES):
        of_kind = drawn[drawn["type"] == kind]
        if of_kind.empty:
            continue
        style = {"color": colours.EDGE[kind], "weight": 2.2, "opacity": 0.95, "dashArray": _DASH[kind], "fill": False}
        lines = [
            shapely.LineString([middles[a], middles[b]])
            for a, b in zip(of_kind["parcel_a"], of_kind["parcel_b"], strict=True)
        ]
        properties = [
            {"s": 0, "k": f"edges/{place}", "t": _told(row, lang)}
            for place, row in zip(of_kind.index, of_kind.to_dict("records"), strict=True)
        ]
        shapes = Shapes(features(gpd.GeoSeries(lines), properties), [style], f"edges-{kind}", 440 + number)
        key = [Key("line", colours.EDGE[kind], word(kind, lang), dashed=_DASH[kind] is not None)]
        layers.append(
            ShapeLayer(word(kind, lang), shapes, group=phrase("group_edges", lang), key=key, show=kind in set(shown))
        )
    return layers, details, len(known) - len(drawn)


def _edge_details(drawn: pd.DataFrame, lang: Lang) -> Details:
    """What the popup of each pair says: how the two lie, over which length, how far apart, and what lies between."""
    between = phrase("edge_between", lang)
    details = Details(
        fields=[phrase("edge_type", lang), phrase("edge_facing", lang), phrase("edge_width", lang), between]
    )
    for place, row in zip(drawn.index, drawn.to_dict("records"), strict=True):
        details.rows[str(place)] = {
            "h": f"{row['parcel_a']} — {row['parcel_b']}",
            "v": [
                word(str(row["type"]), lang),
                figures.quantity(row["length_m"], "m", lang),
                figures.quantity(row["gap_m"], "m", lang),
                steps.barrier(row["barrier"], lang) if figures.known(row["barrier"]) else phrase("edge_nothing", lang),
            ],
        }
    return details


def _told(row: Mapping[Any, Any], lang: Lang) -> str:
    between = f" {steps.barrier(row['barrier'], lang)}" if row["type"] == "barrier" else ""
    length = phrase("edge_length", lang, length=figures.quantity(row["length_m"], "m", lang))
    gap = phrase("edge_gap", lang, gap=figures.quantity(row["gap_m"], "m", lang)) if row["gap_m"] > 0 else ""
    return f"{row['parcel_a']} — {row['parcel_b']} · {word(str(row['type']), lang)}{between} · {length}{gap}"


def near_misses(frame: gpd.GeoDataFrame, lang: Lang) -> list[ShapeLayer]:
    """Parcels that would join clusters, and the places where a barrier parts them; ``frame`` in degrees.

    What a cluster lacks stands in its own popup.
    """
    layers = []
    for kind, order, weight in (("parcel", 446, 2.6), ("barrier", 447, 4.5)):
        chosen = frame[frame["kind"] == kind]
        if chosen.empty:
            continue
        colour = colours.NEAR_MISS
        styles = [
            {"color": colour, "weight": weight, "dashArray": dash, "opacity": 1, "fillColor": colour,
             "fillOpacity": 0.16 if kind == "parcel" else 0.0}
            for dash in (None, "5 4")
        ]  # fmt: skip
        properties = [
            {"s": int(row["outcome"] != "reaches"), "k": f"near_misses/{number}", "t": steps.step(row, lang)}
            for number, row in zip(chosen.index, chosen.to_dict("records"), strict=True)
        ]
        shapes = Shapes(features(chosen.geometry, properties), styles, f"near-{kind}", order)
        form, inner = ("area", "transparent") if kind == "parcel" else ("line", colour)
        key = [
            Key(form, inner, phrase(f"near_{reached}", lang), border=colour, dashed=dashed)
            for reached, dashed in (("reaches", False), ("short", True))
        ]
        layers.append(ShapeLayer(phrase(f"near_{kind}", lang), shapes, group=phrase("group_judgement", lang), key=key))
    return layers


def near_miss_details(frame: gpd.GeoDataFrame, lang: Lang) -> Details:
    """What the popup of each near miss says."""
    details = Details(fields=[label(name, lang) for name in ("outcome", "cluster_ids")])
    for number, row in zip(frame.index, frame.to_dict("records"), strict=True):
        ids = ("、" if lang == "zh" else ", ").join(row["cluster_ids"])
        details.rows[str(number)] = {"h": steps.step(row, lang), "v": [steps.outcome(row, lang), ids]}
    return details


def lacking(frame: gpd.GeoDataFrame, lang: Lang) -> dict[str, str]:
    """What each cluster lacks that is near the wanted area, as a sentence by its id."""
    alone = frame[frame["kind"] == "lacks"]
    return {row["cluster_ids"][0]: steps.step(row, lang) for row in alone.to_dict("records")}


def bridges(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Parcels without which their cluster falls apart; ``frame`` in degrees."""
    colour = colours.BRIDGE
    styles = [{"color": colour, "weight": 2.6, "dashArray": "2 3", "fillColor": colour, "fillOpacity": 0.22}]
    properties = [
        {"s": 0, "t": phrase("bridge_tip", lang, code=code, parts=steps.parts(parts, lang))}
        for code, parts in zip(column(frame, "parcel_code"), column(frame, "parts_m2"), strict=True)
    ]
    shapes = Shapes(features(frame.geometry, properties), styles, "bridges", 445)
    key = [Key("area", "transparent", phrase("bridges", lang), border=colour, dashed=True)]
    return ShapeLayer(phrase("bridges", lang), shapes, group=phrase("group_judgement", lang), key=key)


def ground(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """All parcels as pale outlines to find one's way by; ``frame`` in degrees."""
    styles = [{"color": colours.STREET, "weight": 0.8, "fillColor": colours.BLOCK, "fillOpacity": 0.6}]
    properties = [{"s": 0, "k": f"parcels/{code}", "t": str(code)} for code in column(frame, "parcel_code")]
    shapes = Shapes(features(frame.geometry, properties), styles, "ground", 402, canvas=True)
    key = [Key("area", colours.BLOCK, phrase("all_parcels", lang), border=colours.STREET)]
    return ShapeLayer(phrase("all_parcels", lang), shapes, group=phrase("group_around", lang), key=key)


def ground_details(frame: gpd.GeoDataFrame, lang: Lang) -> Details:
    """What the popup of each of these parcels says: use, area and floor area, no judgement."""
    names = [name for name in _GROUND_FIELDS if name in frame]
    rows = zip(column(frame, "parcel_code"), values(frame, names, lang, {}), strict=True)
    return Details(
        [label(name, lang) for name in names], rows={str(code): {"h": str(code), "v": row} for code, row in rows}
    )


def groups(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """The ground within walking distance of each group of carriers; ``frame`` in degrees."""
    styles = [
        {"color": colour, "weight": 2.4, "dashArray": dash, "fillColor": colour, "fillOpacity": 0.08}
        for colour, dash in ((colours.CLUSTER["patch"], None), (colours.CLUSTER["belt"], "9 5"))
    ]
    properties = []
    for code, shape, n, gfa in zip(
        *(column(frame, name) for name in ("group_id", "shape", "n_carriers", "gfa_m2")), strict=True
    ):
        text = f"{word(str(shape), lang)} · {phrase('carriers_n', lang, n=n)}"
        known = figures.large_area(gfa, lang) if figures.known(gfa) else phrase("size_unknown", lang)
        properties.append(
            {"s": int(shape == "belt"), "k": f"groups/{code}", "t": f"{text} · {known}", "l": text if n > 1 else None}
        )
    key = [Key("line", colours.CLUSTER[kind], word(kind, lang), dashed=kind == "belt") for kind in ("patch", "belt")]
    shapes = Shapes(
        features(frame.geometry, properties), styles, "clusters", 440, label_class="cluster-label", label_zoom=11
    )
    return ShapeLayer(phrase("carrier_groups", lang), shapes, group=phrase("group_judgement", lang), key=key)

"""Layers of land: parcels by planned use, candidates by score, clusters; and what their popups say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import shapely

from geo.units import to_mu
from maps import colours, figures, reasons, steps
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import DECIMALS, column, features
from maps.text import Lang, label, phrase, verdict, word, zone_name
from maps.uses import use_name, use_text, uses_of
from maps.ways import Flag, Way

#: figures of a parcel that its popup shows, in this order, if the frame has them
PARCEL_FIELDS = (
    "zone",
    "land_use",
    "supply_status",
    "site_area_m2",
    "gfa_m2",
    "far",
    "max_far",
    "vacancy_share",
    "station_distance_m",
    "heritage_distance_m",
    "source",
)
CLUSTER_FIELDS = (
    "shape",
    "area_m2",
    "gross_area_m2",
    "n_parcels",
    "gfa_m2",
    "n_gfa_unknown",
    "capacity_m2",
    "n_capacity_unknown",
    "uses",
    "carrier_codes",
    "elongation",
    "compactness",
    "parcel_codes",
)
UNITS = {
    "far": "far",
    "max_far": "far",
    "far_headroom": "far",
    "vacancy_share": "share",
    "station_distance_m": "m",
    "heritage_distance_m": "m",
    "gfa_m2": "m2",
    "n_parcels": "count",
    "n_gfa_unknown": "count",
    "capacity_m2": "m2",
    "n_capacity_unknown": "count",
    "n_carriers": "count",
    "span_m": "m",
    "reach_m2": "m2",
}


def values(frame: gpd.GeoDataFrame, names: Sequence[str], lang: Lang, zones: dict[str, str]) -> list[list[str | None]]:
    """The values of these columns as text, row by row; ``None`` where unknown, so that it can be shown as such."""
    columns: list[list[str | None]] = []
    for name in names:
        cells = column(frame, name)
        if name == "uses":
            shown = [steps.uses(cell, lang) for cell in cells]
        elif name == "carrier_codes":
            shown = [("、" if lang == "zh" else ", ").join(cell or ()) or phrase("none", lang) for cell in cells]
        elif name in ("site_area_m2", "area_m2", "gross_area_m2"):
            shown = [figures.site(cell, lang) for cell in cells]
        elif name == "land_use":
            shown = [use_text(*pair, lang) for pair in zip(cells, column(frame, "land_use_parts"), strict=True)]
        else:
            shown = [figures.text(cell, lang, unit=UNITS.get(name), zones=zones) for cell in cells]
        columns.append(
            [
                text if figures.known(cell) or isinstance(cell, list) else None
                for cell, text in zip(cells, shown, strict=True)
            ]
        )
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]


def parcel_details(
    frame: gpd.GeoDataFrame,
    lang: Lang,
    *,
    zones: dict[str, str],
    wordings: reasons.Wordings,
    with_reasons: bool,
    ways: Mapping[str, Way] | None = None,
    flags: Callable[[Any], list[Flag]] | None = None,
) -> Details:
    """What the popup of each parcel says; each condition's, route's and flag's text is told once for the whole map.

    ``ways`` are the routes by name, ``flags`` puts a parcel's records of flags into words.
    """
    names = [name for name in PARCEL_FIELDS if name in frame]
    details = Details(fields=[label(name, lang) for name in names])
    numbers: dict[tuple[str, str, str], int] = {}
    routes = list(ways or {})
    raised: dict[tuple[str, str], int] = {}
    rows = zip(
        column(frame, "parcel_code"),
        column(frame, "name"),
        values(frame, names, lang, zones),
        column(frame, "verdict"),
        zip(*(column(frame, name) for name in ("score_low", "score", "score_high")), strict=True),
        column(frame, "rank"),
        column(frame, "reasons"),
        column(frame, "route"),
        column(frame, "flags"),
        strict=True,
    )
    for code, name, shown, judged, score, rank, why, route, told in rows:
        row: dict[str, Any] = {"h": str(code), "v": shown}
        if figures.known(name):
            row["n"] = str(name)
        if figures.known(judged):
            row["b"] = [str(judged), badge(str(judged), score, rank, lang)]
        if route in routes:
            row["w"] = routes.index(route)
        found = [(flag.title, flag.procedure) for flag in flags(told) if flag.outcome == "raised"] if flags else []
        if found:
            row["f"] = [raised.setdefault(flag, len(raised)) for flag in found]
        if with_reasons:
            row["x"] = []
            for one in reasons.shown(why, lang, wordings=wordings, zones=zones, route=route):
                key = (one.title, one.threshold, one.ground)
                row["x"].append([numbers.setdefault(key, len(numbers)), one.outcome, one.value])
        details.rows[str(code)] = row
    details.conditions = [{"t": title, "l": limit, "g": ground} for title, limit, ground in numbers]
    details.ways = [{"t": way.brief, "p": way.procedure} for way in (ways or {}).values()]
    details.flags = [{"t": title, "p": procedure} for title, procedure in raised]
    return details


def badge(code: str, score: tuple[Any, Any, Any], rank: Any, lang: Lang) -> str:
    """The verdict in words, with score and rank where there are any."""
    text = verdict(code, lang)
    if code == "candidate" and figures.known(score[1]):
        text += f" · {figures.score(*score, lang)}"
        if figures.known(rank):
            text += f" · #{int(rank)}"
    return text


def parcels(frame: gpd.GeoDataFrame, lang: Lang, *, canvas: bool) -> ShapeLayer:
    """Parcels filled by planned use; ``frame`` is in degrees."""
    uses = uses_of(frame)
    present = [use for use in colours.LAND_USE if use in set(uses)]
    styles = [
        {"color": "#ffffff", "weight": 0.8, "opacity": 0.9, "fillColor": colours.land_use(use), "fillOpacity": 0.62}
        for use in present
    ]
    number = {use: index for index, use in enumerate(present)}
    properties = [
        {"s": number.get(use, 0), "k": f"parcels/{code}", "t": f"{code} · {use_name(use, lang)}"}
        for use, code in zip(uses, column(frame, "parcel_code"), strict=True)
    ]
    key = [Key("area", colours.land_use(use), use_name(use, lang)) for use in present]
    shapes = Shapes(features(frame.geometry, properties), styles, "parcels", 410, canvas=canvas)
    return ShapeLayer(phrase("parcels", lang), shapes, group=phrase("group_land", lang), key=key)


def candidates(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Candidates filled by score, pale to deep; ``frame`` is in degrees, of every verdict."""
    chosen = frame[frame["verdict"] == "candidate"]
    styles = [
        {"color": colours.VERDICT["candidate"], "weight": 1.4, "fillColor": colour, "fillOpacity": 0.92}
        for colour in colours.SCORE
    ] + [{"color": colours.VERDICT["candidate"], "weight": 1.4, "fillOpacity": 0.0}]
    properties = []
    for code, score in zip(column(chosen, "parcel_code"), column(chosen, "score"), strict=True):
        step = colours.score_step(float(score)) if figures.known(score) else len(colours.SCORE)
        tip = f"{code} · {word('candidate', lang)} {figures.score(None, score, None, lang)}"
        properties.append({"s": step, "k": f"parcels/{code}", "t": tip})
    width = colours.SCORE_MAX / len(colours.SCORE)
    key = [
        Key("area", colour, f"{number * width:.0f}–{(number + 1) * width:.0f}", border=colours.VERDICT["candidate"])
        for number, colour in enumerate(colours.SCORE)
    ]
    shapes = Shapes(features(chosen.geometry, properties), styles, "candidates", 430)
    return ShapeLayer(phrase("candidates", lang), shapes, group=phrase("group_judgement", lang), key=key)


def survey(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Parcels whose verdict is unknown, as dashed outlines: what has to be surveyed."""
    asked = frame[frame["verdict"] == "unknown"]
    colour = colours.VERDICT["unknown"]
    styles = [{"color": colour, "weight": 1.6, "dashArray": "4 3", "fillColor": colour, "fillOpacity": 0.08}]
    properties = [
        {"s": 0, "k": f"parcels/{code}", "t": f"{code} · {verdict('unknown', lang)}"}
        for code in column(asked, "parcel_code")
    ]
    shapes = Shapes(features(asked.geometry, properties), styles, "survey", 425)
    key = [Key("area", "transparent", verdict("unknown", lang), border=colour, dashed=True)]
    return ShapeLayer(phrase("survey", lang), shapes, group=phrase("group_judgement", lang), key=key)


def cluster_details(frame: gpd.GeoDataFrame, lang: Lang) -> Details:
    """What the popup of each cluster says."""
    names = [name for name in CLUSTER_FIELDS if name in frame]
    details = Details(fields=[label(name, lang) for name in names])
    for code, row, shape in zip(
        column(frame, "cluster_id"), values(frame, names, lang, {}), column(frame, "shape"), strict=True
    ):
        details.rows[str(code)] = {
            "h": f"{phrase('clusters', lang)} {code}",
            "v": row,
            "b": [str(shape), word(str(shape), lang)],
        }
    return details


def group_details(frame: gpd.GeoDataFrame, lang: Lang) -> Details:
    """What the popup of each group of carriers says."""
    names = ["n_carriers", "gfa_m2", "n_gfa_unknown", "span_m", "elongation", "compactness", "carrier_codes"]
    details = Details(fields=[label(name, lang) for name in names])
    for code, row, shape in zip(
        column(frame, "group_id"), values(frame, names, lang, {}), column(frame, "shape"), strict=True
    ):
        title = f"{phrase('carrier_groups', lang)} {code}"
        details.rows[str(code)] = {"h": title, "v": row, "b": [str(shape), word(str(shape), lang)]}
    return details


def clusters(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Outlines of clusters, each labelled with its area in mu and its shape; ``frame`` is in degrees."""
    kinds = list(colours.CLUSTER)
    styles = [
        {
            "color": colours.CLUSTER[kind],
            "weight": 3,
            "opacity": 0.95,
            "fill": False,
            "dashArray": None if kind == "patch" else "9 5",
        }
        for kind in kinds
    ]
    properties = []
    for code, shape, area, n in zip(
        *(column(frame, c) for c in ("cluster_id", "shape", "area_m2", "n_parcels")), strict=True
    ):
        size = figures.number(to_mu(float(area)), 1)
        text = f"{word(str(shape), lang)} {size} {phrase('mu', lang)}"
        properties.append(
            {
                "s": kinds.index(shape) if shape in kinds else 1,
                "k": f"clusters/{code}",
                "t": f"{text} · {phrase('parcels_n', lang, n=n)}",
                "l": text if n and n > 1 else None,
            }
        )
    key = [Key("line", colours.CLUSTER[kind], word(kind, lang), dashed=kind == "belt") for kind in kinds]
    shapes = Shapes(
        features(frame.geometry, properties), styles, "clusters", 440, label_class="cluster-label", label_zoom=15
    )
    return ShapeLayer(phrase("clusters", lang), shapes, group=phrase("group_judgement", lang), key=key)


def above(outline: Any) -> list[float]:
    """Where a zone's name stands: ``[lat, lon]`` on its northern edge, so that it hides nothing of what is inside."""
    west, south, east, north = outline.bounds
    strip = outline.intersection(shapely.box(west, north - (north - south) / 8, east, north))
    place = strip if not strip.is_empty else outline
    return [round(north, DECIMALS), round(place.centroid.x, DECIMALS)]


def zone_layer(frame: gpd.GeoDataFrame, lang: Lang, names: dict[str, str]) -> ShapeLayer:
    """Outlines of the zones with their names; an indicative one is dashed and says so."""
    styles: list[dict[str, Any]] = []
    properties = []
    cells = zip(column(frame, "zone"), column(frame, "indicative"), frame.geometry, strict=True)
    for zone, indicative, outline in cells:
        colour = colours.ZONE.get(str(zone), colours.ZONE_OTHER)
        dash = "2 6" if indicative else None
        style = {"color": colour, "weight": 2.5, "dashArray": dash, "fill": False}
        text = zone_name(str(zone), names, lang)
        if indicative:
            text += f"（{phrase('indicative', lang)}）" if lang == "zh" else f" ({phrase('indicative', lang)})"
        properties.append({"s": len(styles), "l": text, "at": above(outline)})
        styles.append(style)
    shapes = Shapes(
        features(frame.geometry, properties), styles, "zones", 420, label_class="zone-label", interactive=False
    )
    key = [Key("line", colours.ZONE_OTHER, phrase("indicative", lang), dashed=True)]
    return ShapeLayer(phrase("zones", lang), shapes, group=phrase("group_around", lang), key=key)

"""Layers of what lies round the land: carriers, stations, lines, roads, heritage, services, bounds."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd

from maps import colours, figures
from maps.land import values
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import column, features
from maps.text import Lang, label, phrase, word

CARRIER_FIELDS = (
    "carrier_kind",
    "status",
    "zone",
    "gfa_m2",
    "leasable_m2",
    "operator",
    "operator_role",
    "industries",
    "fact_source",
)
#: circle area ∝ floor area: this many m² make a circle of one pixel radius
M2_PER_PIXEL = 400.0
RADIUS = (3.5, 26.0)
RADIUS_UNKNOWN = 6.0
_KEY_SIZES = (10_000.0, 50_000.0, 100_000.0)

#: width in pixels of each class of barrier, and whether it is a road
_BARRIER_WIDTH = {
    "branch": 1.0,
    "secondary": 1.8,
    "arterial": 2.8,
    "elevated": 3.4,
    "rail": 1.8,
    "river": 5.0,
    "wall": 1.0,
}


def _filled(colour: str, weight: float) -> dict[str, Any]:
    return {"color": "#ffffff", "weight": weight, "fillColor": colour, "fillOpacity": 0.9}


def _lined(colour: str, weight: float, dash: str | None = None) -> dict[str, Any]:
    return {"color": colour, "weight": weight, "opacity": 0.8, "dashArray": dash, "fill": False}


#: kinds that are drawn in one colour: form in the legend, order, whether shown at first, style
_LOOKS: dict[str, tuple[str, int, bool, dict[str, Any]]] = {
    "blocks": ("area", 400, True, _filled(colours.BLOCK, 0.6)),
    "park": ("line", 403, True, _lined(colours.PARK, 3.0)),
    "streets": ("line", 401, False, _lined(colours.STREET, 1.2, "6 3 1 3")),
    "transit_lines": ("line", 406, True, _lined(colours.TRANSIT_LINE, 2.0)),
    "open_spaces": ("area", 402, True, _filled(colours.OPEN_SPACE, 0.6)),
    "centre_tiers": ("line", 404, False, _lined(colours.CENTRE, 2.4, "10 4")),
    "plan_changes": ("line", 434, False, _lined(colours.PLAN_CHANGE, 2.0, "3 4")),
    "heritage": ("square", 455, False, _filled(colours.HERITAGE, 1.0)),
    "services": ("circle", 452, False, _filled(colours.SERVICE, 0.8)),
}
#: what of such a thing is told beside its name
_MORE = {
    "heritage": "protection",
    "services": "category",
    "open_spaces": "open_space_kind",
    "centre_tiers": "centre_tier",
    "plan_changes": "change_status",
}


def radius(gfa_m2: float) -> float:
    """The radius in pixels of a carrier's circle: ``sqrt(gfa_m2 / 400)``, kept between 3.5 and 26."""
    return min(max(math.sqrt(max(gfa_m2, 0.0) / M2_PER_PIXEL), RADIUS[0]), RADIUS[1])


def carrier_details(frame: gpd.GeoDataFrame, lang: Lang, zones: dict[str, str]) -> Details:
    """What the popup of each carrier says."""
    names = [name for name in CARRIER_FIELDS if name in frame]
    details = Details(fields=[label(name, lang) for name in names])
    for code, name, row in zip(
        column(frame, "carrier_code"), column(frame, "name"), values(frame, names, lang, zones), strict=True
    ):
        details.rows[str(code)] = {"h": str(name), "n": str(code), "v": row}
    return details


def carriers(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Carriers as circles, area ∝ floor area, coloured by status; an unknown size is a hollow ring."""
    kinds = list(colours.CARRIER)
    styles: list[dict[str, Any]] = [
        {"color": "#ffffff", "weight": 1.5, "fillColor": colours.CARRIER[kind], "fillOpacity": 0.82} for kind in kinds
    ]
    for kind in kinds:
        edge = colours.CARRIER[kind] if kind != "unknown" else colours.PAGE["ink-soft"]
        styles.append({"color": edge, "weight": 2, "dashArray": "3 2.5", "fillColor": "#ffffff", "fillOpacity": 0.75})
    properties: list[dict[str, Any]] = []
    cells = zip(*(column(frame, c) for c in ("carrier_code", "name", "status", "gfa_m2")), strict=True)
    # The largest first, so that a small circle is never hidden beneath a large one.
    for code, name, status, gfa in cells:
        style = kinds.index(status) if status in kinds else kinds.index("unknown")
        sized = figures.known(gfa)
        properties.append(
            {
                "s": style if sized else style + len(kinds),
                "r": round(radius(float(gfa)), 1) if sized else RADIUS_UNKNOWN,
                "k": f"carriers/{code}",
                "t": f"{name} · {figures.large_area(gfa, lang) if sized else phrase('size_unknown', lang)}",
            }
        )
    drawn = features(frame.geometry.representative_point(), properties)
    order = sorted(range(len(drawn)), key=lambda row: -float(properties[row]["r"]))
    present = [kind for kind in kinds if kind in set(map(str, column(frame, "status")))]
    key = [Key("circle", colours.CARRIER[kind], word(kind, lang), size=5) for kind in present]
    key += [
        Key("ring", colours.PAGE["ink-soft"], _round_size(size, lang), size=round(radius(size), 1))
        for size in _KEY_SIZES
    ]
    key.append(Key("ring", colours.PAGE["ink-soft"], phrase("size_unknown", lang), size=RADIUS_UNKNOWN, dashed=True))
    shapes = Shapes([drawn[row] for row in order], styles, "carriers", 450)
    return ShapeLayer(phrase("carriers", lang), shapes, group=phrase("group_land", lang), key=key)


def _round_size(size: float, lang: Lang) -> str:
    return f"{size / 1e4:.0f} {phrase('sqm_10k', lang)}" if lang == "zh" else figures.large_area(size, lang)


def stations(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Metro stations as small white discs with their names."""
    styles = [{"color": colours.STATION, "weight": 2.2, "fillColor": "#ffffff", "fillOpacity": 1}]
    properties = [
        {"s": 0, "r": 4, "l": str(name) if figures.known(name) else None, "t": _named(name, lines, lang)}
        for name, lines in zip(column(frame, "name"), column(frame, "lines"), strict=True)
    ]
    shapes = Shapes(
        features(frame.geometry, properties), styles, "stations", 460, label_class="station-label", label_zoom=14
    )
    key = [Key("ring", colours.STATION, phrase("stations", lang), size=4)]
    return ShapeLayer(phrase("stations", lang), shapes, group=phrase("group_around", lang), key=key)


def barriers(frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer:
    """Roads by class, rail and rivers: what parts the land, and the ground that one finds one's way by."""
    kinds = list(colours.BARRIER)
    styles = [
        {
            "color": colours.BARRIER[kind],
            "weight": _BARRIER_WIDTH.get(kind, 1.0),
            "opacity": 0.9,
            "fillColor": colours.BARRIER[kind],
            "fillOpacity": 0.5,
            "dashArray": "6 4" if kind == "rail" else None,
        }
        for kind in kinds
    ]
    properties = [
        {"s": kinds.index(kind) if kind in kinds else 0, "t": _named(name, word(str(kind), lang), lang)}
        for kind, name in zip(column(frame, "barrier_class"), column(frame, "name"), strict=True)
    ]
    present = set(column(frame, "barrier_class"))
    key = [
        Key("line", colours.BARRIER[kind], word(kind, lang), size=_BARRIER_WIDTH[kind])
        for kind in kinds
        if kind in present
    ]
    shapes = Shapes(features(frame.geometry, properties), styles, "barriers", 405)
    return ShapeLayer(phrase("barriers", lang), shapes, group=phrase("group_around", lang), key=key)


def plain(kind: str, frame: gpd.GeoDataFrame, lang: Lang) -> ShapeLayer | None:
    """A layer to look at, in one colour; ``None`` for a kind that is not drawn this way."""
    if kind not in _LOOKS:
        return None
    form, order, show, style = _LOOKS[kind]
    extra = _MORE.get(kind, "")
    colour = str(style["fillColor"] if form in ("area", "square", "circle") else style["color"])
    properties = [
        {"s": 0, "r": 3.5, "t": None if kind == "blocks" else _named(name, more, lang)}
        for name, more in zip(column(frame, "name"), column(frame, extra), strict=True)
    ]
    drawn = Shapes(features(frame.geometry, properties), [style], kind, order, interactive=kind != "blocks")
    key = [Key(form, colour, phrase(kind, lang), size=3.5)]
    return ShapeLayer(phrase(kind, lang), drawn, group=phrase("group_around", lang), key=key, show=show)


def _named(name: Any, more: Any, lang: Lang) -> str | None:
    parts = [figures.text(part, lang) for part in (name, more) if figures.known(part)]
    return " · ".join(part for part in parts if part) or None

"""Maps of sites: sets of parcels over a floor of area, the best first, each a layer of its own to be laid beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.fields.results import heading
from geo.units import to_mu
from maps import around, colours, figures
from maps.drawing import any_synthetic, put_together
from maps.offline import OfflineMap
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import DECIMALS, column, features, to_degrees
from maps.text import Lang, label, phrase

#: so many sites are layers; the rest stand in the table
DRAWN = len(colours.SITE)
_FIELDS = (
    "area_m2",
    "n_parcels",
    "difficulty",
    "difficulty_open",
    "difficulty_low",
    "lower_bound",
    "gap",
    "proven",
    "parcel_codes",
)


def sites(
    frame: gpd.GeoDataFrame,
    *,
    parcels: gpd.GeoDataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    anchor: Sequence[str] = (),
    lang: Lang = "zh",
    stamp: str = "",
) -> OfflineMap:
    """``geo.sites`` on a map: the best site filled, the next best to be switched on, each labelled with its area in mu.

    ``parcels`` (``parcel_code``, polygons) draws each site by its parcels and those of ``anchor`` apart; without it a site is
    its outline.  ``layers`` are surroundings as a published run has them: zones, barriers, stations, park.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    """
    placed = _choices_first(to_degrees(frame))
    names = _names(placed, lang)
    ground = to_degrees(parcels) if parcels is not None else None
    outlines = _outlines(ground)
    found: list[ShapeLayer | None] = [
        _site(placed.iloc[[number]], number, names[number], outlines, lang) for number in range(min(len(placed), DRAWN))
    ]
    if anchor and outlines:
        found.append(_anchor(anchor, outlines, lang))
    near = {kind: to_degrees(layer) for kind, layer in (layers or {}).items()}
    if "stations" in near:
        found.append(around.stations(near["stations"], lang))
    if "barriers" in near:
        found.append(around.barriers(near["barriers"], lang))
    if "park" in near:
        found.append(around.plain("park", near["park"], lang))
    view = [placed] if len(placed) else [each for each in (ground,) if each is not None]
    notes = [phrase("sites_left_out", lang, n=len(placed) - DRAWN)] if len(placed) > DRAWN else []
    return put_together(
        phrase("sites_title", lang),
        [layer for layer in found if layer is not None and layer.shapes.features],
        {"sites": _details(placed, names, lang)},
        view,
        lang,
        notes=notes,
        stamp=stamp,
        synthetic=any_synthetic(frame),
    )


def _choices_first(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The sites that the table numbers before the others of a complete list."""
    if "choice" not in frame:
        return frame
    return frame.iloc[np.argsort(frame["choice"].isna().to_numpy(), kind="stable")]


def _names(frame: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """What each site is called: its number in the table, the area that a step of a curve is over, or neither."""
    if "floor_mu" in frame:
        return [phrase("site_over", lang, area=figures.number(floor, 1)) for floor in column(frame, "floor_mu")]
    numbers = column(frame, "choice") if "choice" in frame else range(1, len(frame) + 1)
    return [
        phrase("site_number", lang, n=int(number)) if figures.known(number) else phrase("site_listed", lang)
        for number in numbers
    ]


def _site(row: gpd.GeoDataFrame, number: int, name: str, outlines: Mapping[str, Any], lang: Lang) -> ShapeLayer:
    (code,), (codes,), (area,) = (column(row, name) for name in ("site_id", "parcel_codes", "area_m2"))
    text = f"{name} · {figures.number(to_mu(float(area)), 1)} {phrase('mu', lang)}"
    colour = colours.SITE[number]
    inner = {"color": "#ffffff", "weight": 1, "opacity": 0.9, "fillColor": colour, "fillOpacity": 0.5}
    edge = {"color": colour, "weight": 3, "opacity": 0.95, "fill": False}
    held = [(str(one), outlines[str(one)]) for one in codes if str(one) in outlines]
    shapes = [shape for _, shape in held] or list(row.geometry)
    told: list[dict[str, Any]] = [
        {"s": 0, "k": f"sites/{code}", "t": f"{text} · {one}", "l": one, "at": _middle(outline), "c": "parcel-label"}
        for one, outline in held
    ] or [{"s": 0, "k": f"sites/{code}", "t": text}]
    ground = gpd.GeoSeries([*shapes, *row.geometry], crs=row.crs)
    drawing = Shapes(
        features(
            ground, [*told, {"s": 1, "k": f"sites/{code}", "t": text, "l": text, "at": _middle(row.geometry.iloc[0])}]
        ),
        [inner, edge],
        f"site{number}",
        450 - number,
        label_class="cluster-label",
    )
    return ShapeLayer(
        text, drawing, group=phrase("group_sites", lang), key=[Key("area", colour, name)], show=number == 0
    )


def _middle(outline: Any) -> list[float]:
    """Where a label stands, ``[lat, lon]``: in the largest part of an outline."""
    place = max(shapely.get_parts(outline), key=shapely.area).representative_point()
    return [round(place.y, DECIMALS), round(place.x, DECIMALS)]


def _anchor(anchor: Sequence[str], outlines: Mapping[str, Any], lang: Lang) -> ShapeLayer:
    held = [outlines[code] for code in anchor if code in outlines]
    style = {"color": colours.PARK, "weight": 3, "dashArray": "3 5", "fill": False}
    shapes = Shapes(
        features(gpd.GeoSeries(held, crs=4326), [{"s": 0, "t": phrase("anchor", lang)} for _ in held]),
        [style],
        "anchor",
        460,
    )
    key = [Key("line", colours.PARK, phrase("anchor", lang), dashed=True)]
    return ShapeLayer(phrase("anchor", lang), shapes, group=phrase("group_sites", lang), key=key)


def _details(frame: gpd.GeoDataFrame, titles: Sequence[str], lang: Lang) -> Details:
    names = [name for name in _FIELDS if name in frame]
    # Part by part, as far as the frame has them: those of owners and leases are not in what everybody may read.
    parts = [name for name in frame if str(name).startswith("difficulty_") and name not in names]
    after = next((place for place, name in enumerate(names) if name in ("lower_bound", "gap")), len(names))
    names[after:after] = parts
    details = Details(fields=[label(name, lang) for name in names])
    cells = {name: column(frame, name) for name in names}
    for number, code in enumerate(column(frame, "site_id")):
        shown: list[str | None] = []
        for name in names:
            value = cells[name][number]
            if name == "area_m2":
                shown.append(figures.site(value, lang))
            elif name == "gap":
                shown.append(figures.text(value, lang, unit="share"))
            elif isinstance(value, list | tuple) or hasattr(value, "tolist"):
                shown.append(figures.text([str(one) for one in value], lang))
            else:
                shown.append(figures.text(value, lang, unit=heading(name).unit) if figures.known(value) else None)
        details.rows[str(code)] = {"h": titles[number], "v": shown}
    return details


def _outlines(ground: gpd.GeoDataFrame | None) -> dict[str, Any]:
    if ground is None:
        return {}
    return dict(zip(map(str, column(ground, "parcel_code")), ground.geometry, strict=True))

"""Two scenarios side by side: Folium's DualMap over our own maps, each with its measures, candidates and planned uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from branca.element import MacroElement
from folium.plugins import DualMap

from geo.fields.ways import WAYS
from maps import around, colours, figures, land
from maps.drawing import PARCELS_UP_TO, SVG_UP_TO, any_synthetic, put_together
from maps.offline import OWN_URL, OfflineMap
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import column, features, to_degrees
from maps.text import Lang, label, phrase, word, zone_name

_FIELDS = ("kind", "zone", "gfa_m2", "ready_on", "carrier_code")
_HALVES: tuple[dict[str, str], ...] = (
    {"width": "50%", "left": "0%", "position": "absolute"},
    {"width": "50%", "left": "50%", "position": "absolute"},
)


@dataclass(frozen=True)
class Side:
    """One side: what it is called, every parcel as it would be judged, and the measures that are laid over (maybe none)."""

    name: str
    parcels: gpd.GeoDataFrame
    measures: pd.DataFrame


class _Together(DualMap):  # type: ignore[misc, unused-ignore]
    """Folium's own over two maps of ours: it keeps them looking at the same place, with a script of ours."""

    default_js = [("sync", f"{OWN_URL}/sync.js")]  # noqa: RUF012 - Folium's own attribute

    def __init__(self, one: OfflineMap, other: OfflineMap) -> None:
        MacroElement.__init__(self)  # type: ignore[no-untyped-call]  # DualMap's own would make two maps with tiles
        self._name = "DualMap"
        self.m1, self.m2 = one, other
        self.children_for_m2: list[Any] = []
        self.children_for_m2_copied: list[str] = []


def scenarios(
    first: Side,
    second: Side,
    *,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    zones: Mapping[str, str] | None = None,
    lang: Lang = "zh",
    stamp: str = "",
) -> OfflineMap:
    """Two scenarios beside each other, the registry as it is maybe one of them; they move and zoom together.

    On each side the measures by kind, the candidates by score, those to be surveyed, and parcels by planned use, as they would
    be; ``layers`` are surroundings as a published run has them.  Above 20,000 parcels those that no measure touches are left
    out, which is said on the map.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    """
    near = {kind: to_degrees(layer) for kind, layer in (layers or {}).items()}
    drawn = [_half(side, number, near, dict(zones or {}), lang, stamp) for number, side in enumerate((first, second))]
    left, right = drawn
    # One page: that of the left half, with the right one on it.
    right.page = left.page
    left.page.add_child(right)
    left.page.add_child(_Together(left, right), name="together")
    return left


def _half(
    side: Side, number: int, near: Mapping[str, gpd.GeoDataFrame], zones: dict[str, str], lang: Lang, stamp: str
) -> OfflineMap:
    ground = to_degrees(side.parcels)
    notes: list[str] = []
    shown = ground
    if len(ground) > PARCELS_UP_TO:
        touched = {code for codes in side.measures.get("parcel_codes", ()) for code in codes}
        shown = ground[ground["parcel_code"].isin(touched)]
        notes.append(phrase("parcels_left_out", lang, limit=f"{PARCELS_UP_TO:,}"))
    unplaced = [] if side.measures.empty else [codes for codes in side.measures["parcel_codes"] if not len(codes)]
    if unplaced:
        notes.append(phrase("measures_not_placed", lang, n=len(unplaced)))
    survey = land.survey(shown, lang)
    survey.show = False  # what is compared is what is chosen
    found: list[ShapeLayer | None] = [
        *_measures(side.measures, ground, number, lang),
        land.candidates(shown, lang),
        survey,
        land.parcels(shown, lang, canvas=len(shown) > SVG_UP_TO),
    ]
    if "zones" in near:
        found.append(land.zone_layer(near["zones"], lang, zones))
    if "stations" in near:
        found.append(around.stations(near["stations"], lang))
    if "barriers" in near:
        found.append(around.barriers(near["barriers"], lang))
    told = land.parcel_details(shown, lang, zones=zones, wordings={}, with_reasons=False)
    kept = [layer for layer in found if layer is not None and layer.shapes.features]
    if number:
        # Popups of both sides are kept in one store of the page, so those of the second have a name of their own.
        kept = [_renamed(layer) for layer in kept]
    return put_together(
        phrase("scenarios_title", lang),
        kept,
        {_kind("parcels", number): told, _kind("measures", number): _details(side.measures, zones, lang)},
        [near["zones"]] if len(near.get("zones", ())) else [ground],
        lang,
        notes=notes,
        stamp=stamp if number else "",
        synthetic=any_synthetic(side.parcels),
        heading=side.name,
        half=_HALVES[number],
    )


def _kind(kind: str, number: int) -> str:
    return f"{kind}-2" if number else kind


def _renamed(layer: ShapeLayer) -> ShapeLayer:
    texts = [text.replace('"k":"parcels/', '"k":"parcels-2/') for text in layer.shapes.features]
    layer.shapes = Shapes(**{**layer.shapes.__dict__, "features": texts})
    return layer


def _measures(measures: pd.DataFrame, ground: gpd.GeoDataFrame, number: int, lang: Lang) -> list[ShapeLayer]:
    """A layer for each kind, over the parcels that it touches; a measure of no parcel (a delisting) has no place."""
    if measures.empty:
        return []
    outlines = dict(zip(map(str, column(ground, "parcel_code")), ground.geometry, strict=True))
    drawn = []
    for place, kind in enumerate(WAYS):
        rows = measures[measures["kind"] == kind]
        held = [
            (str(name), str(code), gfa)
            for name, codes, gfa in rows[["measure_id", "parcel_codes", "gfa_m2"]].itertuples(index=False)
            for code in codes
            if str(code) in outlines
        ]
        if not held:
            continue
        colour = colours.WAY[kind]
        style = {"color": colour, "weight": 3, "opacity": 1, "fillColor": colour, "fillOpacity": 0.55}
        told = [
            {"s": 0, "k": f"{_kind('measures', number)}/{name}",
             "t": f"{code} · {word(kind, lang)} · {figures.text(gfa, lang, unit='m2')}"}
            for name, code, gfa in held
        ]  # fmt: skip
        shapes = Shapes(
            features(gpd.GeoSeries([outlines[code] for _, code, _ in held], crs=4326), told),
            [style],
            f"measures-{kind}",
            450 + place,
        )
        drawn.append(
            ShapeLayer(
                f"{word(kind, lang)} · {len(rows)}",
                shapes,
                group=phrase("group_measures", lang),
                key=[Key("area", colour, word(kind, lang))],
            )
        )
    return drawn


def _details(measures: pd.DataFrame, zones: dict[str, str], lang: Lang) -> Details:
    """What the popup of each measure says: no difficulty, which would tell of owners and leases."""
    names = [name for name in _FIELDS if name in measures]
    details = Details(fields=[label(name, lang) for name in names])
    for row in measures.to_dict("records"):
        shown: list[str | None] = []
        for name in names:
            value = row[name]
            if name == "kind":
                shown.append(word(str(value), lang))
            elif name == "zone":
                shown.append(zone_name(str(value), zones, lang))
            elif name == "carrier_code":
                shown.append(str(value) if figures.known(value) else "—")
            else:
                unit = "m2" if name == "gfa_m2" else None
                shown.append(figures.text(value, lang, unit=unit) if figures.known(value) else None)
        details.rows[str(row["measure_id"])] = {"h": str(row["measure_id"]), "v": shown}
    return details

"""Maps of the way to the target: the chosen measures by kind, and what else is open to be switched on beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd

from geo.fields.ways import WAYS
from maps import around, colours, figures
from maps.drawing import any_synthetic, put_together
from maps.offline import OfflineMap
from maps.parts import Details, Key, ShapeLayer, Shapes
from maps.shapes import column, features, to_degrees
from maps.text import Lang, label, phrase

_FIELDS = ("measure_id", "gfa_m2", "gfa_basis", "ready_on", "counts_from", "part", "open")


def way(
    frame: gpd.GeoDataFrame,
    *,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    lang: Lang = "zh",
    stamp: str = "",
) -> OfflineMap:
    """``geo.best_way`` with the parcels of each measure as ``geometry``, on a map: those chosen filled, by kind.

    What every best choice has is drawn with a thick edge.  Measures that are not chosen, and those of which something is
    unknown, are two layers to be switched on.  Measures on the same parcels are one shape.  ``layers`` are surroundings as
    a published run has them: zones, barriers, stations, park.

    Raises
    ------
    CrsError
        The frame does not say its CRS.
    """
    placed = to_degrees(frame)
    details = Details(fields=[label(name, lang) for name in _FIELDS])
    chosen = placed[placed["chosen"].astype(bool)]
    found = [_kind(kind, chosen[chosen["kind"] == kind], details, lang) for kind in WAYS]
    rest = placed[~placed["chosen"].astype(bool) & (placed["kind"] != "delisting")]
    unsure = rest["part"] == "open"
    found.append(_others("way_known", rest[~unsure], colours.WAY_KNOWN, details, lang))
    found.append(_others("way_unsure", rest[unsure], colours.VERDICT["unknown"], details, lang))
    near = {kind: to_degrees(layer) for kind, layer in (layers or {}).items()}
    around_it: list[ShapeLayer | None] = []
    if "stations" in near:
        around_it.append(around.stations(near["stations"], lang))
    if "barriers" in near:
        around_it.append(around.barriers(near["barriers"], lang))
    if "park" in near:
        around_it.append(around.plain("park", near["park"], lang))
    lost = int(frame["chosen"].astype(bool).sum()) - len(chosen)
    return put_together(
        phrase("way_title", lang),
        [layer for layer in (*found, *around_it) if layer is not None and layer.shapes.features],
        {"way": details},
        [chosen if len(chosen) else placed],
        lang,
        notes=[phrase("way_not_placed", lang, n=lost)] if lost else [],
        stamp=stamp,
        synthetic=any_synthetic(frame),
    )


def _kind(kind: str, rows: gpd.GeoDataFrame, details: Details, lang: Lang) -> ShapeLayer:
    colour, name = colours.WAY[kind], phrase(f"way_kind_{kind}", lang)
    plain = {"color": colour, "weight": 1.5, "opacity": 0.95, "fillColor": colour, "fillOpacity": 0.5}
    drawing = _shapes(rows, [plain, plain | {"weight": 4, "fillOpacity": 0.65}], f"way-{kind}", 440, details, lang)
    key = [Key("area", colour, name)]
    if (rows["part"] == "every").any():
        key.append(Key("line", colour, phrase("way_every", lang)))
    return ShapeLayer(f"{name} · {len(rows)}", drawing, group=phrase("way_group", lang), key=key)


def _others(key: str, rows: gpd.GeoDataFrame, colour: str, details: Details, lang: Lang) -> ShapeLayer:
    style = {"color": colour, "weight": 1.2, "dashArray": "4 3", "fillColor": colour, "fillOpacity": 0.12}
    drawing = _shapes(rows, [style, style], key.replace("_", "-"), 420, details, lang)
    name = f"{phrase(key, lang)} · {len(rows)}"
    legend = [Key("line", colour, phrase(key, lang), dashed=True)]
    return ShapeLayer(name, drawing, group=phrase("way_others", lang), key=legend, show=False)


def _shapes(
    rows: gpd.GeoDataFrame, styles: list[dict[str, Any]], pane: str, order: int, details: Details, lang: Lang
) -> Shapes:
    """One shape for the measures on the same parcels, with the popup that tells all of them."""
    told: list[dict[str, Any]] = []
    shapes: list[Any] = []
    codes = [tuple(map(str, each)) for each in column(rows, "parcel_codes")]
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, each in enumerate(codes):
        groups.setdefault(each, []).append(number)
    cells = {name: column(rows, name) for name in (*_FIELDS, "kind")}
    joint = "、" if lang == "zh" else ", "
    for parcels, numbers in groups.items():
        key = f"{pane}:{parcels[0]}:{len(details.rows)}"
        details.rows[key] = {"h": joint.join(parcels), "v": _values(cells, numbers, lang)}
        known = [cells["gfa_m2"][n] for n in numbers if figures.known(cells["gfa_m2"][n])]
        gain = figures.large_area(sum(known) if known else None, lang)
        names = joint.join(_distinct(phrase(f"way_kind_{cells['kind'][n]}", lang) for n in numbers))
        every = any(cells["part"][n] == "every" for n in numbers)
        told.append({"s": int(every), "k": f"way/{key}", "t": f"{names} · {gain} · {joint.join(parcels)}"})
        shapes.append(rows.geometry.iloc[numbers[0]])
    return Shapes(features(gpd.GeoSeries(shapes, crs=4326), told), styles, pane, order)


def _values(cells: Mapping[str, list[Any]], numbers: list[int], lang: Lang) -> list[str | None]:
    joint = "、" if lang == "zh" else ", "
    shown: list[str | None] = []
    for name in _FIELDS:
        values = [cells[name][n] for n in numbers]
        if name == "gfa_m2":
            known = [value for value in values if figures.known(value)]
            shown.append(figures.large_area(sum(known), lang) if known else None)
            continue
        if name == "open":
            texts = [phrase(f"way_open_{one}", lang) for value in values for one in value]
        elif name in ("part", "gfa_basis"):
            prefix = {"part": "part", "gfa_basis": "basis"}[name]
            texts = [phrase(f"way_{prefix}_{value}", lang) for value in values if figures.known(value)]
        else:
            texts = [figures.text(value, lang) for value in values if figures.known(value)]
        shown.append(joint.join(_distinct(texts)) or phrase("none", lang))
    return shown


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))

"""The maps themselves: the overview of a published run, and quick looks at a frame in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from maps import around, land, reasons, ways
from maps.offline import OfflineMap
from maps.parts import Details, DetailStore, Furniture, Panel, ShapeLayer
from maps.shapes import bounds, to_degrees
from maps.text import Lang, phrase

if TYPE_CHECKING:
    from geo.publish import Published, Run

#: Beyond these the page grows past what an office's browser opens in a few seconds (5,000 inline parcels are 2.4 MB and
#: 2 s); the reasons go first, then the parcels themselves.
REASONS_UP_TO = 5_000
PARCELS_UP_TO = 20_000
#: SVG draws finer and takes clicks by shape; beyond this many shapes a canvas is the only one that stays quick
SVG_UP_TO = 3_000
#: where a map without any shape looks: Hongkou
_HOME = (31.265, 121.49)


def overview(published: Published, *, lang: Lang = "zh", rule: str | None = None) -> OfflineMap:
    """The map of a published run: judgement by a rule, land, premises and surroundings, each layer to be switched.

    ``published`` holds frames in the work CRS (``geo.publish.read_run``); they are not changed.  ``rule`` is one of the
    run's (default: the policy's first); on a server the panel leads to the maps of the others.  Above 5,000 parcels
    popups leave out reasons, above 20,000 the parcel layer is left out; both are said on the map.

    Raises
    ------
    CrsError
        A frame does not say its CRS.
    NotFoundError
        The run was not judged by that rule.
    """
    chosen = published.rule if rule is None else rule
    frame = published.judged_by(chosen)
    run, layers = published.run, {kind: to_degrees(frame) for kind, frame in published.layers.items()}
    ground = to_degrees(frame)
    zones = _zone_names(layers.get("zones"), run)
    notes: list[str] = []
    many = len(ground) > REASONS_UP_TO
    too_many = len(ground) > PARCELS_UP_TO
    if too_many:
        notes.append(phrase("parcels_left_out", lang, limit=f"{PARCELS_UP_TO:,}"))
    elif many:
        notes.append(phrase("reasons_left_out", lang, limit=f"{REASONS_UP_TO:,}"))
    drawn: list[ShapeLayer | None] = []
    judged = "verdict" in ground
    if judged:
        drawn += [land.candidates(ground, lang), land.survey(ground, lang)]
    clusters = to_degrees(of_rule(published.clusters, chosen))
    drawn.append(land.clusters(clusters, lang))
    if not too_many:
        drawn.append(land.parcels(ground, lang, canvas=len(ground) > SVG_UP_TO))
    placed = to_degrees(published.carriers)
    drawn.append(around.carriers(placed, lang))
    if len(placed) < len(published.carriers):
        notes.append(phrase("not_placed", lang, n=len(published.carriers) - len(placed)))
    if "zones" in layers:
        drawn.append(land.zone_layer(layers["zones"], lang, zones))
    if "stations" in layers:
        drawn.append(around.stations(layers["stations"], lang))
    if "barriers" in layers:
        drawn.append(around.barriers(layers["barriers"], lang))
    for kind in (
        *("transit_lines", "park", "blocks", "streets", "heritage", "services"),
        *("centre_tiers", "open_spaces", "plan_changes"),
    ):
        if kind in layers:
            drawn.append(around.plain(kind, layers[kind], lang))
    shown = ground[ground["verdict"] != "no"] if too_many and judged else ground
    details = {
        "parcels": land.parcel_details(
            shown,
            lang,
            zones=zones,
            wordings=reasons.wordings_of(run.policy, chosen),
            with_reasons=judged and not many,
            ways=ways.ways_of(run.policy, chosen, lang),
            flags=lambda found: ways.flags_of(found, run.policy, chosen, lang),
        ),
        "clusters": land.cluster_details(clusters, lang),
        "carriers": around.carrier_details(placed, lang, zones),
    }
    view = [layers["zones"]] if len(layers.get("zones", ())) else [ground, clusters]
    return put_together(
        phrase("title", lang),
        [layer for layer in drawn if layer is not None and layer.shapes.features],
        details,
        view,
        lang,
        notes=notes,
        stamp=stamp(run, lang),
        synthetic=run.synthetic,
        rules=[
            {"title": ways.rule_title(run.policy, name, lang), "name": name, "current": name == chosen}
            for name in published.candidates
        ],
    )


def candidates(frame: gpd.GeoDataFrame, *, lang: Lang = "zh") -> OfflineMap:
    """A quick look at ``geo.candidates``: every parcel by planned use, candidates by score, those to be surveyed.

    Raises
    ------
    CrsError
        The frame does not say its CRS.
    """
    ground = to_degrees(frame)
    layers = [
        land.candidates(ground, lang),
        land.survey(ground, lang),
        land.parcels(ground, lang, canvas=len(ground) > SVG_UP_TO),
    ]
    details = land.parcel_details(ground, lang, zones={}, wordings={}, with_reasons=len(ground) <= REASONS_UP_TO)
    return put_together(
        phrase("candidates_title", lang),
        [layer for layer in layers if layer.shapes.features],
        {"parcels": details},
        [ground],
        lang,
        synthetic=any_synthetic(frame),
    )


def of_rule(frame: gpd.GeoDataFrame, rule: str) -> gpd.GeoDataFrame:
    """The clusters over the candidates of one rule; a frame that does not say its rule is given as it is."""
    return frame[frame["over"] == rule] if "over" in frame else frame


def stamp(run: Run, lang: Lang) -> str:
    """One line that says which run, policy and data a map was drawn from."""
    parts = [
        f"{phrase('run', lang)} {run.run_id}",
        f"{phrase('policy', lang)} {run.policy_id}@{run.policy_hash[:8]}",
        f"{phrase('data_version', lang)} {run.data_version[:12]}",
        f"{phrase('as_of', lang)} {run.as_of.isoformat()}",
    ]
    return " · ".join(parts)


def put_together(
    title: str,
    layers: Sequence[ShapeLayer],
    details: dict[str, Details],
    view: Sequence[gpd.GeoDataFrame],
    lang: Lang,
    *,
    notes: Sequence[str] = (),
    stamp: str = "",
    synthetic: bool,
    rules: Sequence[dict[str, Any]] = (),
    heading: str = "",
    half: Mapping[str, str] | None = None,
) -> OfflineMap:
    """A map of these layers, what their popups say, and where it looks at first, with the panel, the stamp and the mark.

    ``heading`` is what its panel is called; ``half`` the place on the page of a map that is not alone there.
    """
    drawn = OfflineMap(title=title, lang=lang, location=_HOME, zoom_start=13, min_zoom=10, max_zoom=19, zoom_snap=0.25,
                       zoom_control=False, **(half or {}))  # fmt: skip
    words = {
        "reasons": phrase("reasons", lang),
        "threshold": phrase("threshold", lang),
        "ground": phrase("clause", lang),
        "unknown": phrase("unknown_value", lang),
        "detail": phrase("detail", lang),
        "procedure": phrase("procedure", lang),
        "flags": phrase("flags", lang),
        "outcomes": reasons.MARKS,
    }
    # On half a page the note would lie under the panel; what the mark means stands on the page that holds both.
    note = phrase("synthetic_note", lang) if half is None else ""
    marks = (phrase("synthetic", lang), note, phrase("synthetic_short", lang))
    for kind, rows in details.items():
        drawn.add_child(DetailStore(kind, rows, words))
    for layer in layers:
        layer.add_to(drawn)
    drawn.add_child(
        Furniture(
            stamp=stamp,
            mark=marks if synthetic else None,
            zoom_in=phrase("zoom_in", lang),
            zoom_out=phrase("zoom_out", lang),
            view=bounds(view),
            folded=half is not None,
        )
    )
    called = heading or phrase("panel", lang)
    drawn.add_child(
        Panel(called, phrase("close", lang), notes, rules=rules, rule=phrase("rule", lang), folded=half is not None)
    )
    return drawn


def _zone_names(zones: gpd.GeoDataFrame | None, run: Run) -> dict[str, str]:
    """Names of zones by code: the policy's, else those that the zones' own layer has."""
    names: dict[str, Any] = dict((run.policy or {}).get("zones", {}).get("names", {}))
    if zones is not None and "name" in zones:
        names |= {str(zone): str(name) for zone, name in zip(zones["zone"], zones["name"], strict=True)}
    return names


def any_synthetic(frame: gpd.GeoDataFrame) -> bool:
    """Whether a row is marked as invented, or a code says so."""
    if "synthetic" in frame:
        return bool(frame["synthetic"].fillna(False).astype(bool).any())
    codes = [str(code) for name in ("parcel_code", "parcel_codes") if name in frame for code in frame[name]]
    return any("演示-" in code for code in codes)

"""Outlines: into the work CRS, of the family that the kind wants, mended where mending changes nothing that counts."""

from __future__ import annotations

import numpy as np
import shapely

from geo import crs as crs_room
from geo.fields import Kind
from geo.intake.findings import Findings, Mask, Objects
from geo.intake.outlines import Drawn, Outlines
from geo.intake.report import Step, unheard

FIELD = "geometry"
#: share of its area by which mending may change an outline before it is no longer the same one (issue 3: 0.1 %)
REPAIR_LIMIT = 0.001
#: points of an invalid outline beyond which it is not mended: one that crosses itself everywhere has pieces by the square
MENDABLE_POINTS = 5_000

_POINT, _LINE, _POLYGON, _COLLECTION = (0, 4), (1, 2, 5), (3, 6), (7,)
#: column type of a kind → the types of shapely that fit it, and what the office calls them
_FAMILIES: dict[str, tuple[tuple[int, ...], str]] = {
    "MultiPolygon": (_POLYGON, "an area"),
    "MultiLineString": (_LINE, "a line"),
    "Point": (_POINT, "a point"),
    "Geometry": (_POINT + _LINE + _POLYGON, "a point, a line or an area"),
}


def prepare_shapes(
    kind: Kind,
    geometry: Outlines,
    unreadable: Mask,
    datum: crs_room.Datum,
    srid: int,
    findings: Findings,
    step: Step = unheard,
) -> Drawn:
    """Shapes in the work CRS, of the kind's own type, two-dimensional; none where there is none or it is refused.

    ``step(done, total)`` is told how many rows are looked at.

    Raises
    ------
    CrsError
        The conversion needs parameters that are not given.
    """
    parts: list[Drawn] = []
    several = str(kind.geometry).startswith("Multi")
    # Coordinates that are not finite are found and told; numpy need not warn of them too.
    with np.errstate(invalid="ignore", over="ignore"):
        for start, shapes in geometry.chunks():
            found = Findings()
            here = unreadable[start : start + len(shapes)]
            prepared = _prepared(kind, shapes, here, datum, srid, found)
            parts.append(Drawn.of(prepared, srid, several=several))
            findings.extend(found, start)
            step(start + len(shapes), len(geometry))
    return Drawn.joined(parts or [Drawn.of(np.empty(0, dtype=object), srid, several=several)])


def _prepared(
    kind: Kind, geometry: Objects, unreadable: Mask, datum: crs_room.Datum, srid: int, findings: Findings
) -> Objects:
    n = len(geometry)
    written = geometry
    findings.add(unreadable, FIELD, None, "geometry_unreadable", "Write WKT, or two numbers for lon and lat.")
    flat = not (shapely.has_z(geometry) | shapely.has_m(geometry)).any()
    shapes: Objects = geometry.copy() if flat else np.asarray(shapely.force_2d(geometry), dtype=object).reshape(n)
    refused = unreadable.copy()
    refused |= _refuse(
        shapes, ~_finite(shapes), findings, "not_finite", "A coordinate is NaN or infinite; draw it again."
    )
    shapes[refused] = None
    if not crs_room.is_work(datum, srid):
        shapes = _to_work(shapes, datum, srid)
        advice = f"The coordinates cannot be in {datum}; check the datum and the order of the axes."
        refused |= _refuse(shapes, ~_finite(shapes), findings, "outside_datum", advice)
        shapes[refused] = None
    none = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if kind.geometry_required:
        missing = none & ~refused
        findings.add(missing & shapely.is_missing(written), FIELD, None, "geometry_missing", "Draw its outline.")
        findings.add(missing & ~shapely.is_missing(written), FIELD, None, "geometry_empty", "Draw its outline.")
    shapes[none] = None
    shapes = _of_family(kind, shapes, findings)
    shapes = _mended(shapes, findings)
    return _single(shapes, findings) if kind.geometry == "Point" else shapes


def _refuse(shapes: Objects, where: Mask, findings: Findings, rule: str, advice: str) -> Mask:
    findings.add(where, FIELD, _bounds(shapes, where), rule, advice)
    return where


def _bounds(shapes: Objects, where: Mask) -> Objects:
    text: Objects = np.full(len(shapes), None, dtype=object)
    for i in np.flatnonzero(where):
        text[i] = shapely.to_wkt(shapes[i], rounding_precision=3)
    return text


def _finite(shapes: Objects) -> Mask:
    """Which shapes have only finite coordinates; those without coordinates count as finite."""
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(len(shapes), dtype=bool)
    good[index[~np.isfinite(xy).all(axis=1)]] = False
    return good


def _to_work(shapes: Objects, datum: crs_room.Datum, srid: int) -> Objects:
    import geopandas as gpd

    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes))
    converted = crs_room.to_work(frame, datum, srid)
    out: Objects = np.array(converted.geometry.array, dtype=object)
    return out


def _of_family(kind: Kind, shapes: Objects, findings: Findings) -> Objects:
    """Shapes of the kind's family; of a collection the pieces that are, with a warning for those that are not."""
    types, name = _FAMILIES[str(kind.geometry)]
    found = shapely.get_type_id(shapes)
    out = shapes.copy()
    for i in np.flatnonzero(found == _COLLECTION[0]):
        out[i] = pieces(shapes[i], types)
        if out[i] is not None:
            advice = "Pieces of other kinds (points, lines) were dropped."
            findings.add([int(i)], FIELD, None, "pieces_dropped", advice)
    wrong = (found >= 0) & ~np.isin(shapely.get_type_id(out), types)
    if types == _POLYGON:
        wrong &= ~_open_outlines(shapes, findings)
    labels = {int(i): shapes[i].geom_type for i in np.flatnonzero(wrong)}
    findings.add(wrong, FIELD, labels, "wrong_geometry", f"{kind.zh} want {name}.")
    out[~np.isin(shapely.get_type_id(out), (-1, *types))] = None
    return out


def _open_outlines(shapes: Objects, findings: Findings) -> Mask:
    """Lines where an outline is wanted, each told with how far its ends lie apart (DXF polylines that nobody closed)."""
    lines: Mask = np.asarray(shapely.get_type_id(shapes) == 1, dtype=bool)
    gaps: Objects = np.full(len(shapes), None, dtype=object)
    ends = shapely.distance(shapely.get_point(shapes[lines], 0), shapely.get_point(shapes[lines], -1))
    gaps[lines] = [f"open by {gap:.3g} m" for gap in ends]
    findings.add(lines, FIELD, gaps, "open_outline", "Close the polyline: an outline ends where it begins.")
    return lines


def pieces(shape: shapely.Geometry, types: tuple[int, ...]) -> shapely.Geometry | None:
    """The parts of a shape that are of these types, as one shape of many parts; ``None`` where it has none."""
    parts = shapely.get_parts([shape])
    while np.isin(shapely.get_type_id(parts), (4, 5, 6, 7)).any():
        parts = shapely.get_parts(parts)
    fit = parts[np.isin(shapely.get_type_id(parts), types) & ~shapely.is_empty(parts)]
    if not len(fit):
        return None
    dimension = shapely.get_dimensions(fit)
    fit = fit[dimension == dimension.max()]
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[int(dimension.max())]
    made: shapely.Geometry = make(fit)
    return made


def _mended(shapes: Objects, findings: Findings) -> Objects:
    """Invalid areas mended, with a warning; refused where mending changes their area by more than REPAIR_LIMIT."""
    out = shapes.copy()
    invalid = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    reasons: Objects = np.full(len(shapes), None, dtype=object)
    reasons[invalid] = shapely.is_valid_reason(shapes[invalid])
    heavy = invalid & (shapely.get_num_coordinates(shapes) > MENDABLE_POINTS)
    advice = f"Draw it again: it crosses itself, and outlines of over {MENDABLE_POINTS} points are not mended."
    findings.add(heavy, FIELD, reasons, "invalid_geometry", advice)
    out[heavy] = None
    invalid &= ~heavy
    for i in np.flatnonzero(invalid):
        area = shapely.get_dimensions(shapes[i]) == 2
        mended = pieces(shapely.make_valid(shapes[i]), _POLYGON) if area else None
        drawn = float(shapely.area(shapes[i]))
        change = 1.0 if mended is None or drawn <= 0 else abs(float(shapely.area(mended)) - drawn) / drawn
        if change > REPAIR_LIMIT:
            advice = "Draw it again: it crosses itself, and mending it would change it." if area else "Draw it again."
            findings.add([int(i)], FIELD, reasons, "invalid_geometry", advice)
            out[i] = None
        else:
            advice = f"Mended; its area changed by {change:.4%}."
            findings.add([int(i)], FIELD, reasons, "repaired", advice)
            out[i] = mended
    flat = (shapely.get_dimensions(out) == 2) & (shapely.area(out) == 0)
    findings.add(flat, FIELD, None, "no_area", "Draw its outline: it encloses nothing.")
    out[flat] = None
    return out


def _single(shapes: Objects, findings: Findings) -> Objects:
    out = shapes.copy()
    for i in np.flatnonzero(shapely.get_type_id(shapes) == 4):
        parts = shapely.get_parts(shapes[i])
        out[i] = parts[0] if len(parts) == 1 else None
        if len(parts) != 1:
            findings.add([int(i)], FIELD, None, "wrong_geometry", f"One point is wanted, not {len(parts)}.")
    return out

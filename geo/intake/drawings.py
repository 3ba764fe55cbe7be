"""DXF drawings as tables: closed polylines are outlines, and the texts inside them are what they are called.

GDAL gives every entity a row (``Layer``, ``Text`` …).  Texts are no rows of ours: those that lie inside an outline become its
columns, ``Text`` with all of them and ``Text:LAYER`` with those of one layer of the drawing.  Where most outlines hold the
same number of texts of a layer, one below the other, each has a column of its own: ``Text:LAYER:1`` is the uppermost.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.intake.encodings import text_of
from geo.intake.findings import Findings, Objects

TEXT = "Text"
NEAREST = "NearestText"
#: a line whose ends lie no further apart than this part of its length is an outline that nobody closed: of three sides of a
#: square they lie a third of it apart
ALL_BUT_CLOSED = 0.5
#: so many lines of text make a label, where this part of the outlines that hold any holds that number
LINES, SAME_LINES = range(2, 7), 0.5


def drawing_encoding(file: Path) -> str | None:
    """UTF-8 where the whole drawing is, else GB18030 where it is that; ``None`` leaves it to what the drawing says."""
    found = text_of(file, ("utf-8", "gb18030"))
    return found.encoding.upper() if found else None


def as_outlines(frame: pd.DataFrame, geometry: Objects, remarks: Findings) -> tuple[pd.DataFrame, Objects]:
    """Entities as outlines with the texts inside them; ``remarks`` tells of columns where several texts meet.

    A polyline whose last point is its first is closed, whether its flag says so or its points do.  Others stay lines:
    a kind that wants areas refuses them, one by one.
    """
    frame = frame.reset_index(drop=True)
    # What lies on a sheet's layout (title block, legend) is no land.
    paper = (
        frame["PaperSpace"].isin([True, 1]).to_numpy() if "PaperSpace" in frame else np.zeros(len(frame), dtype=bool)
    )
    texts = frame[TEXT].notna().to_numpy() if TEXT in frame else np.zeros(len(frame), dtype=bool)
    labels = np.flatnonzero(texts & ~paper)
    labels = labels[shapely.get_type_id(geometry[labels]) == 0]
    kept = np.flatnonzero(~texts & ~paper)
    shapes = np.array([_closed(shape) for shape in geometry[kept]], dtype=object).reshape(-1)
    out = frame.iloc[kept].drop(columns=[TEXT, "PaperSpace"], errors="ignore").reset_index(drop=True)
    return _labelled(out, shapes, frame.iloc[labels], geometry[labels], remarks), shapes


def _closed(shape: Any) -> Any:
    """A ring as the area that it encloses; everything else as it is."""
    if shape is None or shape.geom_type != "LineString" or shapely.get_num_points(shape) < 4 or not shape.is_closed:
        return shape
    return shapely.polygons(shapely.get_coordinates(shape))


def _enclosed(shape: Any) -> Any:
    """What a shape encloses: an area itself, and a line that somebody all but closed, so that its row is known by its code."""
    if shape is None or shape.geom_type == "Polygon":
        return shape
    if shape.geom_type != "LineString" or shapely.get_num_points(shape) < 3:
        return None
    with np.errstate(invalid="ignore"):
        gap = shapely.distance(shapely.get_point(shape, 0), shapely.get_point(shape, -1))
    if not gap <= ALL_BUT_CLOSED * shapely.length(shape):
        return None
    xy = shapely.get_coordinates(shape)
    return shapely.polygons(np.vstack([xy, xy[:1]]))


def without_echoes(findings: Findings, columns: Mapping[str, str | None]) -> None:
    """Leave out that an outline has no text, where something else is to be mended before it can have one.

    That is an outline that nobody closed, or a label of which nobody can tell which line is which.  ``columns`` is the file's
    column of each field.
    """
    texts = {field for field, name in columns.items() if name == TEXT or (name or "").startswith(f"{TEXT}:")}
    opened = {item.position for item in findings.items if item.rule == "open_outline"} if texts else set()
    mixed = {(item.position, item.field) for item in findings.items if item.rule == "several_texts"}
    findings.items[:] = [
        item
        for item in findings.items
        if item.rule != "required"
        or item.field not in texts
        or (item.position not in opened and (item.position, item.field) not in mixed)
    ]


def _labelled(
    out: pd.DataFrame, shapes: Objects, labels: pd.DataFrame, points: Objects, remarks: Findings
) -> pd.DataFrame:
    written = [" ".join(str(text).split()) for text in labels[TEXT]] if len(labels) else []
    layers = [str(layer) for layer in labels["Layer"]] if len(labels) and "Layer" in labels else [""] * len(written)
    inside: dict[str, list[list[str]]] = {TEXT: [[] for _ in range(len(out))]}
    for layer in dict.fromkeys(layers):
        inside[f"{TEXT}:{layer}"] = [[] for _ in range(len(out))]
    placed: dict[str, dict[int, list[tuple[float, float, str]]]] = {layer: {} for layer in layers}
    if written and len(out):
        areas: Objects = np.array([_enclosed(shape) for shape in shapes], dtype=object).reshape(-1)
        with np.errstate(invalid="ignore"):
            label, area = shapely.STRtree(areas).query(points, predicate="intersects")
        xy = shapely.get_coordinates(points)
        for i, j in zip(label.tolist(), area.tolist(), strict=True):
            inside[TEXT][j].append(written[i])
            inside[f"{TEXT}:{layers[i]}"][j].append(written[i])
            placed[layers[i]].setdefault(j, []).append((-xy[i, 1], xy[i, 0], written[i]))
    advice = "Several texts lie inside this outline; name the layer of the code in the mapping, as Text:LAYER."
    for name, found in inside.items():
        cells: Objects = np.full(len(out), None, dtype=object)
        cells[:] = ["; ".join(each) or None for each in found]
        out[name] = pd.Series(cells, dtype=object)
        remarks.add([i for i, each in enumerate(found) if len(each) > 1], name, cells, "several_texts", advice)
    for layer in dict.fromkeys(layers):
        _lines(out, layer, f"{TEXT}:{layer}", placed[layer], remarks)
    out[NEAREST] = pd.Series(_nearest(shapes, points, written), dtype=object)
    return out


def _lines(
    out: pd.DataFrame, layer: str, name: str, inside: dict[int, list[tuple[float, float, str]]], remarks: Findings
) -> None:
    """Columns for each line of a label, from the top, where a layer has labels of several lines."""
    counts = [len(each) for each in inside.values()]
    n = max(set(counts), key=counts.count, default=0)
    if n not in LINES or counts.count(n) < SAME_LINES * len(counts):
        return
    odd = [j for j, each in inside.items() if len(each) != n]
    written = {j: "; ".join(line[2] for line in sorted(inside[j])) for j in odd}
    advice = f"Most outlines hold {n} texts of the layer {layer}, this one does not: which is which cannot be told."
    for line in range(n):
        cells: Objects = np.full(len(out), None, dtype=object)
        for j, each in inside.items():
            cells[j] = sorted(each)[line][2] if len(each) == n else None
        out[f"{name}:{line + 1}"] = pd.Series(cells, dtype=object)
        remarks.add(odd, f"{name}:{line + 1}", written, "several_texts", advice)


def _nearest(shapes: Objects, points: Objects, written: list[str]) -> Objects:
    """The text that lies nearest to each shape, however far."""
    cells: Objects = np.full(len(shapes), None, dtype=object)
    there = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    finite = [i for i in range(len(written)) if np.isfinite(shapely.get_coordinates(points[i])).all()]
    there = there[[bool(np.isfinite(shapely.get_coordinates(shapes[i])).all()) for i in there]] if len(there) else there
    if finite and len(there):
        shape, label = shapely.STRtree(points[finite]).query_nearest(shapes[there], all_matches=False)
        for i, j in zip(shape.tolist(), label.tolist(), strict=True):
            cells[there[i]] = written[finite[j]]
    return cells

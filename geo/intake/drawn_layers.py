"""Which layers of a drawing hold the land: closed outlines with texts inside them, beside roads, frames and buildings.

All of a drawing is one table whose column ``Layer`` says what is drawn on which layer.  Only what is unmistakable is chosen;
else a person names the layers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.fields import Kind
from geo.intake.cells import texts
from geo.intake.drawings import NEAREST, TEXT
from geo.intake.findings import Findings, Mask, Objects, missing
from geo.intake.read import Source

LAYER = "Layer"
#: what GDAL says of an entity, and nobody of land
_ENTITY = {"SubClasses", "Linetype", "EntityHandle", "PaperSpace", "ExtendedEntity", "BlockName", "BlockScale"}
#: words in the names of layers: of plots, of buildings, and of what lies round plots and is none
PLOT_WORDS = ("地块", "用地", "宗地", "图斑", "parcel", "plot", "dk", "yd", "zd")
BUILDING_WORDS = ("建筑", "房屋", "building", "jz", "fw")
FRAME_WORDS = ("范围", "红线", "边界", "图框", "街坊", "单元", "frame", "border")
#: Margins of the guess, not of a policy: a layer is of outlines where most of it is, and of plots where most are labelled
MOSTLY = 0.5
#: an outline that holds so many others, and so large a part of all of them, is a frame
FRAME_N, FRAME_SHARE = 2, 0.5
#: more outlines than this part of them with several texts are no slips of whoever drew it
CROWDED = 0.1


@dataclass(frozen=True)
class DrawnLayer:
    """One layer of a drawing: how many areas, lines and points are drawn on it, and how many of the areas hold a text."""

    name: str
    n_areas: int
    n_lines: int
    n_points: int
    n_labelled: int

    @property
    def told(self) -> str:
        """In words."""
        counts = {"area": self.n_areas, "line": self.n_lines, "point": self.n_points}
        told = ", ".join(f"{n} {what}{'s' * (n > 1)}" for what, n in counts.items() if n)
        return f"{self.name} ({told or 'nothing'})"


@dataclass(frozen=True)
class Drawing:
    """A drawing's layers, those of them that are ``chosen`` (none: a person has to), and the kind that their names say."""

    layers: tuple[DrawnLayer, ...]
    chosen: tuple[str, ...]
    says: str | None

    @property
    def several(self) -> bool:
        """Whether something is drawn on more than one layer, so that the mapping has to say which."""
        return len(self.layers) > 1


def look_into(file: Path, source: Source, wanted: Kind | None) -> Drawing | None:
    """The layers of a drawing, and those that hold the outlines of a kind; ``None`` where the file is no drawing."""
    if (
        file.suffix.lower() != ".dxf"
        or source.geometry is None
        or LAYER not in source.columns
        or TEXT not in source.columns
    ):
        return None
    named = texts(source.frame[LAYER])
    shapes = source.geometry.shapes(np.arange(len(source.rows)))
    dimension = shapely.get_dimensions(shapes)
    labelled = ~missing(texts(source.frame[TEXT]))
    layers = []
    for name in dict.fromkeys(str(cell) for cell in named if cell is not None):
        here: Mask = named == name
        areas, lines, points = (int((here & (dimension == d)).sum()) for d in (2, 1, 0))
        layers.append(DrawnLayer(name, areas, lines, points, int((here & labelled & (dimension == 2)).sum())))
    if wanted is not None and wanted.geometry != "MultiPolygon":
        return Drawing(tuple(layers), (), None)
    likely = _likely(layers, wanted, named, shapes)
    says = "buildings" if likely and _all_named(likely, BUILDING_WORDS) else None
    says = "parcels" if likely and _all_named(likely, PLOT_WORDS) else says
    return Drawing(tuple(layers), tuple(likely), says)


def narrowed(source: Source, drawing: Drawing) -> Source:
    """The outlines on the chosen layers, without columns that say nothing of land."""
    assert source.geometry is not None
    named = texts(source.frame[LAYER])
    keep = np.array([cell in drawing.chosen for cell in named], dtype=bool)
    if not drawing.chosen:
        keep[:] = True
    else:
        # An outline that nobody closed is a fault of the drawing, and need not have a text inside.
        keep &= shapely.get_dimensions(source.geometry.shapes(np.arange(len(keep)))) == 2
    frame = source.frame.loc[keep].reset_index(drop=True)
    labels = [name for name in frame if str(name).startswith(f"{TEXT}:")]
    none = [name for name in frame if missing(texts(frame[name])).all()]
    # All texts together, and the nearest one, say again what the columns of each layer say.
    again = {TEXT, NEAREST} if set(labels) - set(none) else set()
    frame = frame.drop(columns=[name for name in frame if name in {*_ENTITY, *none, *again}])
    at = np.cumsum(keep) - 1
    told = [
        replace(item, position=int(at[item.position]))
        for item in source.remarks.items
        if item.position >= 0 and keep[item.position]
    ]
    return replace(
        source,
        frame=frame,
        rows=source.rows[keep],
        geometry=source.geometry[keep],
        unreadable=source.unreadable[keep],
        remarks=Findings(told),
    )


def crowded(source: Source) -> set[str]:
    """Columns of a drawing in which many outlines have several texts, so that none of them says what it is."""
    counts = Counter(item.field for item in source.remarks.items if item.rule == "several_texts")
    return {name for name, n in counts.items() if n > max(1, CROWDED * len(source.rows))}


def _likely(layers: list[DrawnLayer], wanted: Kind | None, named: Objects, shapes: Objects) -> list[str]:
    """The layers of outlines, if it is plain which they are."""
    outlines = [
        each
        for each in layers
        if each.n_areas and each.n_areas >= MOSTLY * (each.n_areas + each.n_lines + each.n_points)
    ]
    if len(layers) == 1:
        return [each.name for each in outlines]
    words = BUILDING_WORDS if wanted is not None and wanted.name == "buildings" else PLOT_WORDS
    names = [each.name for each in outlines if each.n_labelled >= MOSTLY * each.n_areas]
    called = [name for name in names if _has(name, words)]
    found = called or [name for name in names if not _has(name, (*BUILDING_WORDS, *FRAME_WORDS))]
    found = [name for name in found if not (_has(name, FRAME_WORDS) and len(found) > 1)]
    held = _held(found, named, shapes)
    frames = {name for name in found if held[name][0] >= FRAME_N and held[name][1] >= FRAME_SHARE}
    found = [name for name in found if name not in frames]
    # One layer of outlines in another: buildings in plots, plots in blocks.  Which of them is meant is for a person.
    if any(n for n, _ in _held(found, named, shapes).values()):
        return []
    return found


def _held(names: Sequence[str], named: Objects, shapes: Objects) -> dict[str, tuple[int, float]]:
    """For each layer, how many outlines of the other layers its outlines hold at most, and which share of them that is."""
    areas = {name: shapes[(named == name) & (shapely.get_dimensions(shapes) == 2)] for name in names}
    found = {}
    for name in names:
        others: list[Any] = [shape for other in names if other != name for shape in areas[other]]
        if not others:
            found[name] = (0, 0.0)
            continue
        with np.errstate(invalid="ignore"):
            points = shapely.point_on_surface(np.array(others, dtype=object))
            holder, _ = shapely.STRtree(points).query(areas[name], predicate="contains")
        most = int(np.bincount(holder).max(initial=0)) if len(holder) else 0
        found[name] = (most, most / len(others))
    return found


def _has(name: str, words: Sequence[str]) -> bool:
    """Whether a layer's name has one of the words; Latin ones only as a part by itself (``YD-C2``, not ``BODY``)."""
    parts = "".join(c if c.isalnum() else " " for c in name.casefold())
    latin = "".join(c if c.isascii() else " " for c in parts).split()
    return any(word in latin if word.isascii() else word in name for word in words)


def _all_named(names: Sequence[str], words: Sequence[str]) -> bool:
    return all(_has(name, words) for name in names)

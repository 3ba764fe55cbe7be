"""A small picture of where a parcel lies, for print: its neighbours, roads, stations and zones, a scale and north.

Drawn with Pillow at twice its size and reduced, so that lines are smooth.  Text is drawn in a Chinese font that fontconfig
names; where there is none the picture has no text, and the scale is told in the caption.
"""

from __future__ import annotations

import io
import math
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

from geo.export.plain import DATA_MARK

#: pixels of the finished picture; on paper it is 15 cm wide
WIDTH, HEIGHT = 1000, 560
_FINER = 2
_COLOURS = 96
#: metres from the middle to the left edge: never less, so that a small parcel is seen in its surroundings
_LEAST = 260.0
#: how much of the picture's half the parcel itself takes up at most
_SHARE = 0.45
#: pixels of a road's line by its class
_ROAD_WIDTHS = {"elevated": 9, "arterial": 8, "secondary": 6, "branch": 3, "rail": 3, "river": 9}

_PAPER, _LAND, _EDGE = "#fbfaf6", "#eceae3", "#b5b0a4"
_ROADS = {"rail": "#6b6b6b", "river": "#a9cbe6", "branch": "#dcd6c8"}
_ROAD = "#d3c9b4"
_CANDIDATE, _THIS, _THIS_EDGE = "#cfe6d2", "#f2a48f", "#b42318"
_ZONE, _STATION, _HERITAGE, _INK = "#4a6fa5", "#1f4e8c", "#8a5a2b", "#2b2b2b"
_WINDOWS = ("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/simhei.ttf")


@dataclass(frozen=True)
class _View:
    """From metres to pixels of the larger picture: ``x0``, ``y0`` the upper left corner, ``scale`` pixels a metre."""

    x0: float
    y0: float
    scale: float

    def points(self, xy: Any) -> list[tuple[float, float]]:
        placed = np.asarray(xy)[:, :2]
        turned = np.column_stack([placed[:, 0] - self.x0, self.y0 - placed[:, 1]]) * self.scale
        return [(x, y) for x, y in turned.tolist()]


class LittleMaps:
    """Pictures of parcels of one list; ``layers`` are what lies round them, by kind, in the same CRS."""

    def __init__(self, parcels: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame], *, synthetic: bool) -> None:
        self._parcels = parcels
        self._layers = layers
        self._synthetic = synthetic
        self._shapes = np.asarray(parcels.geometry.array, dtype=object)
        self._tree = shapely.STRtree(self._shapes)
        self._trees = {
            kind: shapely.STRtree(np.asarray(frame.geometry.array, dtype=object)) for kind, frame in layers.items()
        }
        self._place = {code: n for n, code in enumerate(parcels["parcel_code"])}
        self._verdicts = parcels["verdict"].tolist()

    def draw(self, code: str) -> bytes:
        """The picture of one parcel as PNG."""
        own = self._place[code]
        shape = self._shapes[own]
        view, window = _view(shape)
        image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER), _PAPER)
        pen = ImageDraw.Draw(image)
        for n in sorted(self._tree.query(window, predicate="intersects").tolist()):
            if n != own:
                fill = _CANDIDATE if self._verdicts[n] == "candidate" else _LAND
                _area(pen, view, self._shapes[n], fill, _EDGE, 1)
        for row in self._rows("barriers", window):
            kind = str(row.get("barrier_class"))
            colour = _ROADS.get(kind, _ROAD)
            if shapely.get_dimensions(row["geometry"]) == 2:
                _area(pen, view, row["geometry"], colour, colour, 1)
            else:
                _line(pen, view, row["geometry"], colour, _ROAD_WIDTHS.get(kind, 3))
        for row in self._rows("zones", window):
            _line(pen, view, shapely.boundary(row["geometry"]), _ZONE, 3, dashed=True)
        _area(pen, view, shape, _THIS, _THIS_EDGE, 4)
        for row in self._rows("heritage", window):
            _dot(pen, view, shapely.centroid(row["geometry"]), _HERITAGE, 5, square=True)
        for row in self._rows("stations", window):
            _dot(pen, view, shapely.centroid(row["geometry"]), _STATION, 8)
        self._words(pen, view, window, code, shape)
        _scale_and_north(pen, view)
        pen.rectangle((0, 0, WIDTH * _FINER - 1, HEIGHT * _FINER - 1), outline=_EDGE, width=_FINER * 2)
        found = io.BytesIO()
        # A map has few colours: as a palette it is a quarter of the size.
        image.reduce(_FINER).quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(found, "PNG")
        return found.getvalue()

    def _rows(self, kind: str, window: Any) -> Iterator[dict[str, Any]]:
        if kind not in self._layers:
            return
        frame = self._layers[kind]
        for n in sorted(self._trees[kind].query(window, predicate="intersects").tolist()):
            yield frame.iloc[n].to_dict() | {"geometry": frame.geometry.iloc[n]}

    def _words(self, pen: ImageDraw.ImageDraw, view: _View, window: Any, code: str, shape: Any) -> None:
        taken: list[tuple[float, float, float, float]] = []
        ((x, y),) = view.points(shapely.get_coordinates(shapely.point_on_surface(shape)))
        _word(pen, (x, y), code, _INK, 15, taken, anchor="mm", must=True)
        for row in self._rows("stations", window):
            ((x, y),) = view.points(shapely.get_coordinates(shapely.centroid(row["geometry"])))
            _word(pen, (x + 12 * _FINER, y), str(row.get("name") or ""), _STATION, 14, taken, anchor="lm")
        for row in self._rows("heritage", window):
            ((x, y),) = view.points(shapely.get_coordinates(shapely.centroid(row["geometry"])))
            _word(pen, (x + 9 * _FINER, y), str(row.get("name") or ""), _HERITAGE, 12, taken, anchor="lm")
        for row in self._rows("barriers", window):
            inside = shapely.intersection(row["geometry"], window)
            if row.get("name") and shapely.length(inside) * view.scale > 160 * _FINER:
                lines = shapely.get_dimensions(inside) == 1
                middle = (
                    shapely.line_interpolate_point(_longest(inside), 0.5, normalized=True)
                    if lines
                    else shapely.point_on_surface(inside)
                )
                ((x, y),) = view.points(shapely.get_coordinates(middle))
                _word(pen, (x, y), str(row["name"]), "#7a705c", 12, taken, anchor="mm")
        if self._synthetic:
            _word(pen, (12 * _FINER, 16 * _FINER), f"{DATA_MARK}，不得作为正式结论", _THIS_EDGE, 15, taken, must=True)


def _view(shape: Any) -> tuple[_View, Any]:
    left, bottom, right, top = shapely.bounds(shape)
    middle_x, middle_y = (left + right) / 2, (bottom + top) / 2
    half = max(_LEAST, (right - left) / 2 / _SHARE, (top - bottom) / 2 / _SHARE * WIDTH / HEIGHT)
    high = half * HEIGHT / WIDTH
    window = shapely.box(middle_x - half, middle_y - high, middle_x + half, middle_y + high)
    return _View(middle_x - half, middle_y + high, WIDTH * _FINER / (2 * half)), window


def _area(pen: ImageDraw.ImageDraw, view: _View, shape: Any, fill: str, edge: str, width: int) -> None:
    for part in shapely.get_parts(shape):
        pen.polygon(view.points(shapely.get_coordinates(shapely.get_exterior_ring(part))), fill=fill)
        for n in range(int(shapely.get_num_interior_rings(part))):
            pen.polygon(view.points(shapely.get_coordinates(shapely.get_interior_ring(part, n))), fill=_PAPER)
        _line(pen, view, shapely.boundary(part), edge, width)


def _line(pen: ImageDraw.ImageDraw, view: _View, shape: Any, colour: str, width: int, *, dashed: bool = False) -> None:
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) not in (1, 2):
            _line(pen, view, shapely.boundary(part), colour, width, dashed=dashed)
            continue
        if not dashed:
            pen.line(view.points(shapely.get_coordinates(part)), fill=colour, width=width * _FINER, joint="curve")
            continue
        step = 14 * _FINER / view.scale
        ends = np.arange(0.0, shapely.length(part), 2 * step)
        for start in ends[:2000]:  # a zone is kilometres long, and all but some dashes lie outside
            dash = shapely.line_interpolate_point(part, [start, start + step])
            pen.line(view.points(shapely.get_coordinates(dash)), fill=colour, width=width * _FINER)


def _longest(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 1]
    return parts[int(np.argmax(shapely.length(parts)))]


def _dot(pen: ImageDraw.ImageDraw, view: _View, point: Any, colour: str, radius: int, *, square: bool = False) -> None:
    ((x, y),) = view.points(shapely.get_coordinates(point))
    r = radius * _FINER
    draw = pen.rectangle if square else pen.ellipse
    draw((x - r, y - r, x + r, y + r), fill=colour, outline="white", width=2 * _FINER)


def _word(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    colour: str,
    size: int,
    taken: list[tuple[float, float, float, float]],
    *,
    anchor: str = "lm",
    must: bool = False,
) -> None:
    """Write a word, unless it would lie on another or run out of the picture."""
    font = _font(size * _FINER)
    if font is None or not text:
        return
    box = pen.textbbox(at, text, font=font, anchor=anchor)
    outside = box[0] < 0 or box[1] < 0 or box[2] > WIDTH * _FINER or box[3] > HEIGHT * _FINER
    meets = any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)
    if not must and (outside or meets):
        return
    taken.append(box)
    pen.text(at, text, fill=colour, font=font, anchor=anchor, stroke_width=2 * _FINER, stroke_fill="white")


def _scale_and_north(pen: ImageDraw.ImageDraw, view: _View) -> None:
    metres = round_length(WIDTH * _FINER / view.scale / 5)
    right, low = (WIDTH - 24) * _FINER, (HEIGHT - 24) * _FINER
    left = right - metres * view.scale
    pen.line(
        [(left, low - 8 * _FINER), (left, low), (right, low), (right, low - 8 * _FINER)], fill=_INK, width=2 * _FINER
    )
    _word(pen, ((left + right) / 2, low - 12 * _FINER), f"{metres:g} m", _INK, 13, [], anchor="mm", must=True)
    x, y = (WIDTH - 34) * _FINER, 22 * _FINER
    high, wide = 30 * _FINER, 9 * _FINER
    pen.polygon([(x, y), (x + wide, y + high), (x, y + 0.75 * high), (x - wide, y + high)], fill=_INK)
    _word(pen, (x, y + high + 11 * _FINER), "北", _INK, 14, [], anchor="mm", must=True)


def round_length(metres: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 … that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    # A logarithm that is rounded up says one power too many.
    return max(step for step in (power / 10 * 5, power, power * 2, power * 5) if step <= metres)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    found = font_file()
    return None if found is None else ImageFont.truetype(str(found[0]), size, index=found[1])


@lru_cache
def font_file() -> tuple[Path, int] | None:
    """A font that has Chinese characters, and its number in its file; ``None`` where this machine has none."""
    if shutil.which("fc-match"):
        asked = ["fc-match", "-f", "%{file}\t%{index}\t%{lang}", "sans:lang=zh-cn"]
        told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split("\t")
        if len(told) == 3 and "zh-cn" in told[2].split("|") and Path(told[0]).is_file():
            return Path(told[0]), int(told[1])
    return next(((Path(name), 0) for name in _WINDOWS if Path(name).is_file()), None)

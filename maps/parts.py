"""The pieces of our maps that Folium has not: layers of many shapes with safe popups, and the panel of layers.

Data goes to the browser as JSON and is put on the page as text nodes (``browser/map.js``), so a value can never be read
as HTML; and it goes through :class:`maps.offline.Verbatim`, so branca never reads it as a template either.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
from branca.element import Element, Figure

from maps import colours
from maps.offline import OfflineMap, Verbatim


def javascript(value: Any) -> str:
    """A value as a JavaScript literal that is safe inside ``<script>``; NaN is refused."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@dataclass(frozen=True)
class Key:
    """One line of the legend: ``form`` is ``area``, ``line``, ``circle``, ``ring`` or ``square``."""

    form: str
    colour: str
    text: str
    size: float | None = None
    border: str | None = None
    dashed: bool = False


@dataclass(frozen=True)
class Shapes:
    """What one layer draws: GeoJSON features, each with the number of its style, and how they behave.

    A feature's properties: ``s`` style number, ``k`` key into the map's details (popup), ``t`` tooltip, ``l`` label that
    stays, ``at`` where it stands if not in the middle, ``c`` class of a label that gives way to the layer's own, ``r`` radius
    in pixels of a point.  ``label_zoom`` is the zoom from which labels are shown.
    """

    features: Sequence[str]
    styles: Sequence[dict[str, Any]]
    pane: str
    order: int
    label_class: str = ""
    label_zoom: int = 0
    canvas: bool = False
    interactive: bool = True


class ShapeLayer(folium.map.Layer):
    """A Folium layer of :class:`Shapes`; ``key`` is its legend, ``group`` its place in the panel."""

    def __init__(self, name: str, shapes: Shapes, *, group: str, key: Sequence[Key] = (), show: bool = True) -> None:
        super().__init__(name=name, overlay=True, control=True, show=show)
        self._name = "ShapeLayer"
        self.shapes = shapes
        self.group = group
        self.key = tuple(key)

    def render(self, **kwargs: Any) -> str:
        """Put the layer's script on the page."""
        shapes = self.shapes
        options = {
            "styles": list(shapes.styles),
            "pane": shapes.pane,
            "order": shapes.order,
            "labelClass": shapes.label_class,
            "labelZoom": shapes.label_zoom,
            "canvas": shapes.canvas,
            "interactive": shapes.interactive,
        }
        assert self._parent is not None
        _script(
            self,
            f"var {self.get_name()} = shuangbei.shapes({self._parent.get_name()}, {javascript(options)}, "
            f"[{','.join(shapes.features)}]);",
        )
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


@dataclass
class Details:
    """What popups show: names of figures, conditions told once, and a row for each key.

    ``rows[key]`` is ``{"h": title, "b": badge or null, "v": [value of each field], "x": [[condition, outcome, value]]}``, and
    where there are any ``"w"``, a place in ``ways`` (each with what it is called and its procedure), and ``"f"``, places in
    ``flags``.
    """

    fields: list[str]
    conditions: list[dict[str, str]] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    ways: list[dict[str, str]] = field(default_factory=list)
    flags: list[dict[str, str]] = field(default_factory=list)


class DetailStore(Element):  # type: ignore[misc, unused-ignore]
    """Keeps the details of one kind of thing (``parcels``, ``clusters`` …) in the page, for popups of any layer."""

    def __init__(self, kind: str, details: Details, words: dict[str, Any]) -> None:
        super().__init__()
        self._name = "DetailStore"
        self.kind = kind
        self.content = {
            "fields": details.fields,
            "conditions": details.conditions,
            "rows": details.rows,
            "ways": details.ways,
            "flags": details.flags,
            "words": words,
        }

    def render(self, **_: Any) -> str:
        """Put the store's script on the page."""
        _script(self, f"shuangbei.details({javascript(self.kind)}, {javascript(self.content)});")
        return ""


class Panel(Element):  # type: ignore[misc, unused-ignore]
    """One panel for what may be switched on and what it means: layers by group, each with its legend; add it last.

    ``rules`` are those of the run (``title``, ``name``, ``current``): a served map leads from one to the other, a saved one
    says which it shows.  ``folded``: it is opened by a click, where the map has little room.
    """

    def __init__(
        self,
        title: str,
        close: str,
        notes: Sequence[str] = (),
        *,
        rules: Sequence[dict[str, Any]] = (),
        rule: str = "",
        folded: bool = False,
    ) -> None:
        super().__init__()
        self._name = "Panel"
        self.rules = {"label": rule, "all": list(rules)}
        self.title, self.close, self.notes, self.folded = title, close, list(notes), folded

    def render(self, **_: Any) -> str:
        """Put the panel's script on the page."""
        parent = self._parent
        assert isinstance(parent, OfflineMap)
        layers = [child for child in parent._children.values() if isinstance(child, ShapeLayer)]
        content = {
            "title": self.title,
            "close": self.close,
            "notes": self.notes,
            "rules": self.rules,
            "folded": self.folded,
            "layers": [
                {"name": one.layer_name, "group": one.group, "key": [key.__dict__ for key in one.key]} for one in layers
            ],
        }
        names = ",".join(layer.get_name() for layer in layers)
        _script(self, f"shuangbei.panel({parent.get_name()}, {javascript(content)}, [{names}]);")
        return ""


class Furniture(Element):  # type: ignore[misc, unused-ignore]
    """Scale bar, zoom buttons, the stamp of the run, the mark of invented data, and where the map looks at first.

    ``mark`` is its words, the note beside them and the short form of the watermark, ``None`` for real data.  ``view`` is
    ``[[south, west], [north, east]]``; the browser keeps it clear of the panel where there is room, unless that is ``folded``.
    """

    def __init__(
        self,
        *,
        stamp: str,
        mark: tuple[str, str, str] | None,
        zoom_in: str,
        zoom_out: str,
        view: list[list[float]] | None,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self._name = "Furniture"
        self.content = {
            "stamp": stamp,
            "mark": mark,
            "zoomIn": zoom_in,
            "zoomOut": zoom_out,
            "view": view,
            "folded": folded,
            "colour": colours.PAGE["mark"],
        }

    def render(self, **_: Any) -> str:
        """Put its script on the page."""
        parent = self._parent
        assert isinstance(parent, OfflineMap)
        _script(self, f"shuangbei.furniture({parent.get_name()}, {javascript(self.content)});")
        return ""


def _script(element: Element, text: str) -> None:
    page = element.get_root()
    assert isinstance(page, Figure)
    page.script.add_child(Verbatim(text), name=element.get_name())

"""Folium without another host: every script and style comes from our own server, or stands in the page itself.

``OfflineMap`` is a ``folium.Map`` on a page of ours.  However it is written out (``save``, the notebook cell,
``get_root().render()``, :func:`maps.html`), the links of Folium and its plugins are swapped for files that npm brought,
and one that was not brought is an error, never a request to a stranger.  The same input gives the same bytes: Folium's
random element names are numbered in their order on the page, so that scripts can be hashed and pages compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2 import Template

from geo.errors import SetupError
from maps import colours, inlined
from maps.assets import vendor_dir

Assets = Literal["served", "inline"]

BROWSER_DIR = Path(__file__).parent / "browser"
#: where the server offers npm's files and ours; ``api`` mounts the same two
VENDOR_URL = "/static/vendor"
OWN_URL = "/static/maps"

#: Folium's name of an asset → the file that npm brought, below the vendor folder; ``None``: not needed here.
#: Bootstrap and its glyphicons only change the look of pages that we style ourselves.
ASSETS: dict[str, str | None] = {
    "leaflet": "leaflet/dist/leaflet.js",
    "leaflet_css": "leaflet/dist/leaflet.css",
    "jquery": "jquery/dist/jquery.min.js",
    "bootstrap": None,
    "bootstrap_css": None,
    "glyphicons_css": None,
    "awesome_rotate_css": None,
    "awesome_markers": "leaflet.awesome-markers/dist/leaflet.awesome-markers.js",
    "awesome_markers_css": "leaflet.awesome-markers/dist/leaflet.awesome-markers.css",
    "awesome_markers_font_css": "fontawesome-free/css/all.min.css",
    "markerclusterjs": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "markerclustercss": "leaflet.markercluster/dist/MarkerCluster.css",
    "markerclusterdefaultcss": "leaflet.markercluster/dist/MarkerCluster.Default.css",
}
#: what the map itself links although only these elements use it
ONLY_FOR: dict[str, tuple[type[Element], ...]] = {
    "jquery": (folium.Popup,),
    "awesome_markers": (folium.Icon,),
    "awesome_markers_css": (folium.Icon,),
    "awesome_markers_font_css": (folium.Icon,),
}
_RANDOM_ID = re.compile(r"[0-9a-f]{32}")


class Verbatim(Element):  # type: ignore[misc, unused-ignore]
    """Text that goes on the page as it is; branca's own ``Element`` runs its text as a template, values and all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: Any) -> str:
        """The text."""
        return self.text


class Page(Figure):
    """The page round a map; ``assets`` says whether it links our own server's files or carries them."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang }}">\n<head>\n<title>{{ this.title|e }}</title>\n'
        '<link rel="icon" href="data:,">\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, title: str, lang: str, height: str) -> None:
        super().__init__(height=height, title=title)
        self.lang = lang
        self.assets: Assets = "inline"

    def render(self, **kwargs: Any) -> str:
        """The whole page as HTML.

        Raises
        ------
        SetupError
            An element wants a browser file that was not brought.
        """
        slots = (self.header, self.html, self.script)
        kept = [slot._children.copy() for slot in slots]
        try:
            for child in list(self._children.values()):
                child.render(**kwargs)
            self._swap_links()
            text: str = self._template.render(this=self, kwargs=kwargs)
            return _numbered(text, {element._id for element in walk(self)})
        finally:
            # Folium adds to these again each time; a second rendering must not hold everything twice.
            for slot, children in zip(slots, kept, strict=True):
                slot._children = children

    def _swap_links(self) -> None:
        used = list(walk(self))
        for name, element in list(self.header._children.items()):
            if not isinstance(element, JavascriptLink | CssLink):
                continue
            users = ONLY_FOR.get(name)
            if users is not None and not any(isinstance(one, users) for one in used):
                del self.header._children[name]
                continue
            path = self._file(name, element.url)
            if path is None:
                del self.header._children[name]
                continue
            folder, base, file = path
            script = isinstance(element, JavascriptLink)
            if self.assets == "inline":
                tag = inlined.script(folder / file) if script else inlined.style(folder / file)
            else:
                url = f"{base}/{file}"
                tag = f'<script src="{url}"></script>' if script else f'<link rel="stylesheet" href="{url}">'
            self.header._children[name] = Verbatim(tag)

    def _file(self, name: str, url: str) -> tuple[Path, str, str] | None:
        if url.startswith(f"{OWN_URL}/"):
            return BROWSER_DIR, OWN_URL, url.removeprefix(f"{OWN_URL}/")
        if name not in ASSETS:
            raise SetupError(
                f"A map element wants the browser file {name!r} ({url}), which is not kept here.",
                "Maps load nothing from another host: leave that element out, or bring its file with npm.",
            )
        file = ASSETS[name]
        if file is None:
            return None
        if not (vendor_dir() / file).is_file():
            raise SetupError(f"The browser file {file} is missing.", "Run `make install` to bring it.")
        return vendor_dir(), VENDOR_URL, file


class OfflineMap(folium.Map):
    """A ``folium.Map`` with no tiles, on a :class:`Page`; all else of Folium can be added to it as usual.

    Raises
    ------
    SetupError
        On writing it out: an element wants a browser file that was not brought, or tiles of another host.
    """

    def __init__(self, *, title: str, lang: str = "zh", height: str = "600px", **options: Any) -> None:
        super().__init__(tiles=None, font_size="14px", **options)
        # Lists of its own: Folium's are shared by all maps of the process.
        self.default_js = [*self.default_js, *((name, f"{OWN_URL}/{name}.js") for name in ("map", "panel"))]
        self.default_css = [*self.default_css, ("map_css", f"{OWN_URL}/map.css")]
        self.page = Page(title, "zh-CN" if lang == "zh" else "en", height)
        self.page.header.add_child(Verbatim(f"<style>{colours.css()}</style>"), name="colours")
        self.page.add_child(self)

    def render(self, **kwargs: Any) -> str:
        """Put the map and its children on the page; tiles of another host are refused."""
        for element in walk(self):
            if isinstance(element, folium.TileLayer) and "://" in str(element.tiles):
                raise SetupError(
                    f"The tile layer {element.tiles} lies on another host.",
                    "Maps load nothing from another host: leave it out, or serve the tiles from this server.",
                )
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:
        """Write one file that opens anywhere without a network: scripts and styles stand in it."""
        self.page.assets = "inline"
        super().save(outfile, close_file, **kwargs)


def html(drawn: folium.Map, *, assets: Assets = "served") -> str:
    """A map as one HTML page: ``served`` links this server's files, ``inline`` carries them.

    Raises
    ------
    SetupError
        The map is not one of ours, or wants a browser file that was not brought.
    """
    if not isinstance(drawn, OfflineMap):
        raise SetupError(
            "This map was not made by 双北.", "Make it with maps.overview, maps.candidates or maps.clusters."
        )
    drawn.page.assets = assets
    try:
        return drawn.page.render()
    finally:
        drawn.page.assets = "inline"


def walk(element: Element) -> Iterator[Element]:
    """An element and all below it, the slots of a page included."""
    yield element
    for slot in ("header", "html", "script"):
        if isinstance(part := getattr(element, slot, None), Element):
            yield from walk(part)
    for child in element._children.values():
        yield from walk(child)


def _numbered(text: str, ids: set[str]) -> str:
    """The page with each random id replaced by its number in order of first appearance."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        found = match[0]
        return numbers.setdefault(found, str(len(numbers) + 1)) if found in ids else found

    return _RANDOM_ID.sub(number, text)

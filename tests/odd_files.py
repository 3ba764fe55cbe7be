"""Files of each format for the tests of the readers, written by hand where no library writes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from intake_files import EAST, NORTH, parcels

Point = tuple[float, float]


def corners(i: int, size: float = 100.0) -> list[Point]:
    """The corners of the i-th square of a row, in EPSG:4549."""
    x, y = EAST + i * 200, NORTH
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def polyline(layer: str, points: list[Point], *, closed: bool = True, bulge: float = 0.0) -> list[str]:
    """An LWPOLYLINE."""
    out = ["0", "LWPOLYLINE", "8", layer, "90", str(len(points)), "70", str(int(closed))]
    for x, y in points:
        out += ["10", str(x), "20", str(y)] + (["42", str(bulge)] if bulge else [])
    return out


def old_polyline(layer: str, points: list[Point], *, closed: bool = True) -> list[str]:
    """A POLYLINE with vertices of its own, as old drawings have them."""
    out = ["0", "POLYLINE", "8", layer, "66", "1", "70", str(int(closed))]
    for x, y in points:
        out += ["0", "VERTEX", "8", layer, "10", str(x), "20", str(y)]
    return [*out, "0", "SEQEND"]


def text(layer: str, at: Point, written: str) -> list[str]:
    """A TEXT."""
    return ["0", "TEXT", "8", layer, "10", str(at[0]), "20", str(at[1]), "40", "2.5", "1", written]


def drawing(path: Path, *entities: list[str], encoding: str = "gb18030", code_page: str | None = "ANSI_936") -> Path:
    """A DXF file of these entities."""
    head = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1018"]
    head += ["9", "$DWGCODEPAGE", "3", code_page] if code_page else []
    lines = [*head, "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES", *(each for part in entities for each in part)]
    path.write_bytes("\n".join([*lines, "0", "ENDSEC", "0", "EOF", ""]).encode(encoding))
    return path


def control_plan(path: Path, **options: str) -> Path:
    """Three closed parcels with code and use, one that is open, and a road that is no parcel."""
    parts = []
    for i, code in enumerate(("A1-01", "A1-02", "A1-03")):
        draw = old_polyline if i == 1 else polyline
        x, y = corners(i)[0]
        parts += [draw("地块", corners(i)), text("编号", (x + 50, y + 60), code), text("性质", (x + 50, y + 40), "C8")]
    parts += [
        polyline("地块", corners(3), closed=False),
        polyline("道路", [corners(0)[0], corners(5)[0]], closed=False),
    ]
    return drawing(path, *parts, **options)


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
<node id="1" lat="31.25" lon="121.48"/><node id="2" lat="31.26" lon="121.48"/><node id="3" lat="31.26" lon="121.49"/>
<way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="四平路"/></way>
<way id="11"><nd ref="1"/><nd ref="3"/><tag k="railway" v="subway"/><tag k="tunnel" v="yes"/></way>
<way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="natural" v="water"/></way>
<way id="13"><nd ref="1"/><nd ref="3"/><tag k="railway" v="rail"/><tag k="bridge" v="yes"/>
<tag k="note" v="a &quot;b&quot;"/></way>
<way id="14"><nd ref="2"/><nd ref="3"/><tag k="waterway" v="river"/></way>
<way id="15"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>
</osm>
"""


def shapefile(folder: Path, name: str = "a", encoding: str = "GB18030", cpg: bool = False) -> Path:
    """A Shapefile of three parcels with Chinese names, with or without a .cpg."""
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / f"{name}.shp"
    parcels().rename(columns={"DKMC": "地块名"}).to_file(path, engine="pyogrio", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def zipped(path: Path, members: dict[str, bytes | Path]) -> Path:
    """A zip archive of these members, under exactly these names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return path


def parts(shp: Path, folder: str = "", name: str | None = None) -> dict[str, bytes | Path]:
    """The files of a Shapefile as members of an archive."""
    return {f"{folder}{name or shp.stem}{part.suffix}": part for part in sorted(shp.parent.glob(f"{shp.stem}.*"))}

"""A file as one table: its columns, its outlines, and the datum that it says it is in.

What a file is is decided by its ending and held against its first bytes, so that no driver is asked to guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import crs as crs_room
from geo.apart import apart
from geo.errors import MappingError, ReadError
from geo.intake import values
from geo.intake.broken import not_what_it_says
from geo.intake.findings import Findings, Mask
from geo.intake.outlines import Outlines
from geo.intake.parquet import read_parquet
from geo.intake.places import Aside, Places
from geo.intake.report import Step, unheard
from geo.intake.sheet_shapes import GeometryColumns, own_geometry, points_from, shapes_from_wkt
from geo.intake.sheets import WORKBOOKS, Sheet, read_csv, read_workbook
from geo.intake.stream import read_stream
from geo.intake.unchanged import read_unchanged, size_of
from geo.intake.vector import read_vector

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
#: ending → what it is called, and the bytes that such a file begins with (none: text, looked at when it is read)
FORMATS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".gpkg": ("GeoPackage", (b"SQLite format 3\x00",)),
    ".shp": ("Shapefile", (b"\x00\x00\x27\x0a",)),
    ".zip": ("zipped Shapefile", (_ZIP,)),
    ".geojson": ("GeoJSON", (b"{",)),
    ".json": ("GeoJSON", (b"{",)),
    ".parquet": ("GeoParquet", (b"PAR1",)),
    ".geoparquet": ("GeoParquet", (b"PAR1",)),
    ".dxf": ("DXF", ()),
    ".osm": ("OpenStreetMap extract", (b"<",)),
    ".pbf": ("OpenStreetMap extract", ()),
    ".csv": ("CSV", ()),
    ".xlsx": ("workbook", (_ZIP,)),
    ".xlsm": ("workbook", (_ZIP,)),
    ".xls": ("workbook", (_OLE,)),
    ".ods": ("workbook", (_ZIP,)),
}
#: files that offices hand over and that are not read, and what to do instead
_INSTEAD = {
    ".dwg": "Save the drawing as DXF.",
    **dict.fromkeys(
        (".dbf", ".shx", ".prj", ".cpg"), "It is a part of a Shapefile: name the .shp, beside all its parts."
    ),
    **dict.fromkeys((".rar", ".7z"), "Unpack it, and pass what is in it."),
    ".gdb": "Write the layer as a GeoPackage.",
    ".doc": "Put the table into a workbook (.xlsx).",
    ".docx": "Put the table into a workbook (.xlsx).",
    ".pdf": "Ask for the data that it was made from.",
}


@dataclass(frozen=True)
class Source:
    """One layer of a file: ``frame`` without shapes, ``rows`` counting its data rows from 1, ``geometry`` beside it.

    ``unreadable`` marks rows that do have something where the shape should be, but no shape can be made of it.  ``remarks``
    is what reading itself found, by position and the file's own columns; position -1 is of the whole file.

    Where other files or sheets were joined to it, ``places`` tells which cell stands where, ``aside`` are rows of theirs that
    belong to no row of it, ``n_skipped`` is how many rows went with what the mapping leaves out, and ``also`` names them.
    ``unread`` has, by row number, the text that no shape can be made of, so that it can be mended.
    """

    file_name: str
    sha256: str
    layer: str | None
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    geometry: Outlines | None
    unreadable: Mask
    datum: crs_room.Datum | None
    remarks: Findings = field(default_factory=Findings)
    places: Places | None = None
    aside: tuple[Aside, ...] = ()
    n_skipped: int = 0
    also: tuple[dict[str, Any], ...] = ()
    unread: Mapping[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The file's name, and those of the files that were joined to it."""
        return " + ".join(dict.fromkeys([self.file_name, *(str(other["file"]) for other in self.also)]))

    @property
    def columns(self) -> list[str]:
        """The names of the file's columns."""
        return list(self.frame.columns)


def read(
    path: str | Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    geometry: GeometryColumns | None = None,
    step: Step = unheard,
) -> Source:
    """Read one layer of a file, in a process of its own; ``step`` is told how many rows are read, of how many.

    Raises
    ------
    ReadError
        The file is missing, empty, a folder, of an unknown ending, not what its name says, has several layers and none is
        named, or was changed while it was read.
    """
    file = Path(path)
    suffix = checked_suffix(file)
    try:
        source, sha256 = read_unchanged(
            file,
            lambda: apart(
                _read, file, suffix, layer, encoding, geometry, name=file.name, size=size_of(file), step=step
            ),
        )
    except OSError as error:
        raise ReadError(
            f"{file.name} cannot be read: {error.strerror or error}.", "Check that it may be read."
        ) from None
    return replace(source, sha256=sha256)


def _read(
    file: Path,
    suffix: str,
    layer: str | None,
    encoding: str | None,
    geometry: GeometryColumns | None,
    step: Step = unheard,
) -> Source:
    """The source, its fingerprint not yet known."""
    if suffix in (".csv", *WORKBOOKS):
        parts = read_csv(file, encoding, step) if suffix == ".csv" else read_workbook(file, layer, step)
        return _joined([_from_sheet(file, part, geometry) for part in parts])
    remarks = Findings()
    if "parquet" in suffix:
        return _from_frame(file, read_parquet(file), None, remarks)
    streamed = read_stream(file, layer, step) if suffix == ".gpkg" else None
    if streamed is not None:
        return _source(file, streamed.frame, streamed.outlines, streamed.datum, streamed.layer, remarks)
    frame, chosen = read_vector(file, suffix, layer, encoding, FORMATS[suffix][0], remarks)
    return _from_frame(file, frame, chosen, remarks)


def checked_suffix(file: Path) -> str:
    """A file's ending in lower case, held against its first bytes.

    Raises
    ------
    ReadError
        It is not there, a folder, empty, of an unknown ending, or not what its name says.
    """
    if file.is_dir():
        raise ReadError(f"{file.name or file} is a folder, not a file.", "Name one file in it.")
    if not file.is_file():
        raise ReadError(f"There is no file {file}.", "Check the path.")
    suffix = file.suffix.lower()
    if suffix not in FORMATS:
        raise ReadError(
            f"{file.name} has an ending that is not known.",
            _INSTEAD.get(suffix, f"Endings: {', '.join(FORMATS)}."),
        )
    try:
        with file.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise ReadError(f"{file.name} cannot be read: {error.strerror}.", "Check that it may be read.") from None
    if not head:
        raise ReadError(f"{file.name} is empty.", "Ask for the file again.")
    name, starts = FORMATS[suffix]
    if starts and not head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n" if starts == (b"{",) else b"").startswith(
        starts
    ):
        raise not_what_it_says(file, name)
    return suffix


def _from_frame(file: Path, frame: pd.DataFrame, layer: str | None, remarks: Findings) -> Source:
    geometry: Outlines | None = None
    datum = None
    name = getattr(frame, "_geometry_column_name", None)
    if name is not None and name in frame.columns:
        geometry = Outlines.of(np.asarray(frame[name].array, dtype=object))
        datum = crs_room.from_file(getattr(frame, "crs", None))
        frame = pd.DataFrame(frame.drop(columns=name))
    return _source(file, frame, geometry, datum, layer, remarks)


def _source(
    file: Path,
    frame: pd.DataFrame,
    geometry: Outlines | None,
    datum: crs_room.Datum | None,
    layer: str | None,
    remarks: Findings,
) -> Source:
    n = len(frame)
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns], dtype=object)
    rows = np.arange(1, n + 1, dtype=np.int64)
    return Source(file.name, "", layer, frame, rows, geometry, np.zeros(n, dtype=bool), datum, remarks)


def _joined(parts: list[Source]) -> Source:
    """The parts of one table, one below the other."""
    first = parts[0]
    if len(parts) == 1:
        return first
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    frame.attrs = first.frame.attrs
    shapes = [part.geometry for part in parts if part.geometry is not None]
    return replace(
        first,
        frame=frame,
        rows=np.concatenate([part.rows for part in parts]),
        geometry=Outlines.joined(shapes) if shapes else None,
        unreadable=np.concatenate([part.unreadable for part in parts]),
        unread={row: text for part in parts for row, text in part.unread.items()},
    )


def _from_sheet(file: Path, sheet: Sheet, where: GeometryColumns | None) -> Source:
    frame, datum = sheet.frame, None
    if where is None:
        frame, where, datum = own_geometry(frame)
    used = [column for column in (where.wkt, where.lon, where.lat) if column]
    lacking = [column for column in used if column not in frame.columns]
    if lacking:
        raise MappingError(
            f"{file.name} has no column {', '.join(map(repr, lacking))} for its shapes.",
            f"Columns of the file: {', '.join(frame.columns)}.",
        )
    geometry: npt.NDArray[np.object_] | None = None
    unreadable = np.zeros(len(frame), dtype=bool)
    if where.wkt:
        geometry, unreadable = shapes_from_wkt(frame[where.wkt])
    if where.lon and where.lat:
        points, broken = points_from(frame[where.lon], frame[where.lat])
        empty = ~unreadable if geometry is None else (shapely.is_missing(geometry) & ~unreadable)
        geometry = points if geometry is None else np.where(empty, points, geometry)
        unreadable = unreadable | (broken & empty)
    unread = {
        int(sheet.rows[i]): " ".join(text for column in used if (text := values.as_text(frame[column].iat[i])))
        for i in np.flatnonzero(unreadable).tolist()
    }
    # A copy: what is left would be a view, and keep the text of the shapes.
    frame = frame.drop(columns=used).copy() if used else frame
    outlines = None if geometry is None else Outlines.of(geometry)
    return Source(file.name, "", sheet.name, frame, sheet.rows, outlines, unreadable, datum, unread=unread)

"""What a file holds before any of it is read: its layers or sheets, and the encoding of its text."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from geo.apart import apart
from geo.fields.headings import OWN_SHEETS
from geo.intake.archives import check_workbook, unpacked_shapefiles
from geo.intake.broken import broken, broken_workbook
from geo.intake.encodings import text_of
from geo.intake.read import FORMATS, checked_suffix
from geo.intake.report import Step
from geo.intake.sheets import WORKBOOKS
from geo.intake.unchanged import size_of, untouched
from geo.intake.vector import BROKEN, quietly

#: bytes of a .dbf before its text begins
_DBF_HEAD = 32
_WHOLE = (".csv", ".parquet", ".geoparquet", ".osm", ".pbf")


@dataclass(frozen=True)
class LayerInfo:
    """One layer or sheet: its name, its rows, and its kind of shape."""

    name: str
    n_rows: int
    geometry: str | None


def layers_of(file: Path) -> tuple[LayerInfo, ...]:
    """The layers of a file; formats that hold one table only, and OpenStreetMap extracts, have none of a name.

    Raises
    ------
    ReadError
        The file is not there, or is not what its name says.
    """
    suffix = checked_suffix(file)
    if suffix in _WHOLE:
        return ()
    return apart(_layers_of, file, suffix, name=file.name, size=size_of(file))


def _layers_of(file: Path, suffix: str, _: Step) -> tuple[LayerInfo, ...]:
    if suffix in WORKBOOKS:
        return _sheets(file, suffix)
    if suffix == ".zip":
        with unpacked_shapefiles(file) as found:
            return tuple(info for name, path in found.items() for info in _layers(file, path, suffix, name))
    with untouched(file) as address:
        return _layers(file, address, suffix)


def _sheets(file: Path, suffix: str) -> tuple[LayerInfo, ...]:
    import python_calamine

    try:
        if suffix != ".xls":
            check_workbook(file)
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names if name not in OWN_SHEETS}
        return tuple(LayerInfo(name, max(sheet.height - 1, 0), None) for name, sheet in sheets.items())
    except (python_calamine.CalamineError, OSError, ValueError):
        raise broken_workbook(file) from None


def _layers(file: Path, address: Path, suffix: str, name: str | None = None) -> tuple[LayerInfo, ...]:
    import pyogrio

    try:
        found = []
        for own, geometry in quietly(pyogrio.list_layers, address):
            info = quietly(pyogrio.read_info, address, layer=own, force_feature_count=True)
            told = None if geometry is None else str(geometry)
            found.append(LayerInfo(name or str(own), int(info["features"]), told))
        return tuple(found)
    except BROKEN as error:
        raise broken(file, address, address.suffix.lower(), FORMATS[suffix][0], error) from None


def encoding_of(file: Path) -> str | None:
    """The encoding of a CSV file's or a Shapefile's text as it would be read, ``None`` where the format says it."""
    suffix = file.suffix.lower()
    if suffix == ".csv":
        return _guessed(file)
    if suffix == ".shp":
        said = next((file.with_suffix(e) for e in (".cpg", ".CPG") if file.with_suffix(e).exists()), None)
        if said is not None:
            return f"{said.read_text(errors='replace').strip()} (.cpg)"
        table = next((file.with_suffix(e) for e in (".dbf", ".DBF") if file.with_suffix(e).exists()), None)
        return None if table is None else f"{_guessed(table, _DBF_HEAD)} (no .cpg)"
    if suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            said_in = any(name.lower().endswith(".cpg") for name in archive.namelist())
        return "said by its .cpg" if said_in else "UTF-8, else GB18030 (no .cpg)"
    return None


def _guessed(file: Path, start: int = 0) -> str:
    return "UTF-8" if text_of(file, ["utf-8-sig"], start) else "GB18030"

"""What a file holds before any of it is read: its layers or sheets, and the encoding of its text."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from geo.errors import ReadError

_SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
_TABLES = (".csv", ".parquet", ".geoparquet")


@dataclass(frozen=True)
class LayerInfo:
    """One layer or sheet: its name, its rows (-1: not counted yet), and its kind of shape."""

    name: str
    n_rows: int
    geometry: str | None


def layers_of(file: Path) -> tuple[LayerInfo, ...]:
    """The layers of a file; a CSV or Parquet file has none of a name.

    Raises
    ------
    ReadError
        The file is not there, or is not what its name says.
    """
    if not file.is_file():
        raise ReadError(f"There is no file {file}.", "Check the path.")
    suffix = file.suffix.lower()
    if suffix in _TABLES:
        return ()
    return _sheets(file) if suffix in _SHEETS else _layers(file, suffix)


def _sheets(file: Path) -> tuple[LayerInfo, ...]:
    import python_calamine

    from geo.fields.headings import OWN_SHEETS

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names if name not in OWN_SHEETS}
        return tuple(LayerInfo(name, max(sheet.height - 1, 0), None) for name, sheet in sheets.items())
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ReadError(
            f"{file.name} is not a workbook, as its name says, or is broken: {error}.", "Save it again."
        ) from None


def _layers(file: Path, suffix: str) -> tuple[LayerInfo, ...]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    address = f"/vsizip/{file.absolute()}" if suffix == ".zip" else str(file.absolute())
    try:
        found = []
        for name, geometry in pyogrio.list_layers(address):
            n = int(pyogrio.read_info(address, layer=name)["features"])
            found.append(LayerInfo(str(name), n, None if geometry is None else str(geometry)))
        return tuple(found)
    except (DataSourceError, DataLayerError, UnicodeDecodeError):
        return ()  # what is wrong with it says the reader, in words of its own


def encoding_of(file: Path) -> str | None:
    """The encoding of a CSV file's or a Shapefile's text as it would be read, ``None`` where the format says it."""
    suffix = file.suffix.lower()
    if suffix == ".csv":
        return _guessed(file.read_bytes())
    if suffix == ".shp":
        said = next((file.with_suffix(e) for e in (".cpg", ".CPG") if file.with_suffix(e).exists()), None)
        if said is not None:
            return f"{said.read_text(errors='replace').strip()} (.cpg)"
        table = next((file.with_suffix(e) for e in (".dbf", ".DBF") if file.with_suffix(e).exists()), None)
        return None if table is None else f"{_guessed(table.read_bytes()[32:])} (no .cpg)"
    if suffix == ".zip":
        try:
            with zipfile.ZipFile(file) as archive:
                said_in = any(name.lower().endswith(".cpg") for name in archive.namelist())
        except zipfile.BadZipFile:
            return None
        return "said by its .cpg" if said_in else "UTF-8, else GB18030 (no .cpg)"
    return None


def _guessed(data: bytes) -> str:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"

"""A list of candidates read back from any format that it is exported in, as plain cells that can be compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import ReadError
from geo.fields.headings import LIST_SHEETS, OPINION_HEADS
from geo.fields.results import heading
from geo.fields.values import jsonable
from geo.intake.sheets import workbook_cells
from geo.judge.opinions import COLUMNS

#: rows by their code, each cell as text by its column
Cells = dict[str, dict[str, str]]

#: columns that an office fills in, or that follow from what it filled in: they are no part of what was worked out
_FILLED_IN = {*COLUMNS, *OPINION_HEADS.values(), heading("opinion_differs").zh}
_CODES = ("parcel_code", heading("parcel_code").zh)
_TOP = 20


def read_list(path: Path) -> Cells:
    """The rows of an exported list of candidates: code → column → cell as text; what an office fills in is left out.

    Raises
    ------
    ReadError
        It is no list of candidates, or cannot be read.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ReadError(f"{path.name} has an ending that no list has.", f"Endings: {', '.join(_READERS)}.")
    try:
        rows = reader(path)
    except ReadError:
        raise
    except Exception as error:  # noqa: BLE001 - every reader has its own errors for a broken file
        told = str(error).splitlines() or [type(error).__name__]
        raise ReadError(f"{path.name} cannot be read: {told[0]}.", "Export the list again.") from None
    code = next((name for name in _CODES if rows and name in rows[0]), None)
    if rows and code is None:
        raise ReadError(f"{path.name} has no column {' or '.join(_CODES)}.", "Replay takes lists of candidates.")
    found: Cells = {}
    for row in rows:
        key = _text(row[str(code)])
        # A code that stands twice is two rows, and the second is one too many.
        while key in found:
            key += " (again)"
        found[key] = {name: text for name, cell in row.items() if name not in _FILLED_IN and (text := _text(cell))}
    return found


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        plain = " ".join(cell.split())
    else:
        value = jsonable(cell)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            return json.dumps(value, sort_keys=True, ensure_ascii=False)
        plain = str(value)
    try:
        # 3 and 3.0 are one number, whichever of the two a format writes.
        return repr(float(plain))
    except ValueError:
        return plain


def _workbook(path: Path) -> list[dict[str, Any]]:
    cells = workbook_cells(path)
    rows: list[dict[str, Any]] = []
    for verdict, name in LIST_SHEETS.items():
        lines = cells.get(name)
        if lines is None:
            raise ReadError(f"{path.name} has no sheet {name}.", "Take the workbook with all its sheets.")
        tops = [["".join(str(cell).split()) for cell in line] for line in lines[:_TOP]]
        top = next((number for number, heads in enumerate(tops) if _CODES[1] in heads), None)
        if top is None:
            raise ReadError(f"Sheet {name} of {path.name} has no heading {_CODES[1]}.", "Export the list again.")
        for line in lines[top + 1 :]:
            row = {head: cell for head, cell in zip(tops[top], line, strict=False) if head and cell != ""}
            if any(head not in _FILLED_IN for head in row):
                rows.append({_CODES[1]: "", **row, "verdict": verdict})
    return rows


def _csv(path: Path) -> list[dict[str, Any]]:
    return _rows(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"))


def _json(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return rows


def _geojson(path: Path) -> list[dict[str, Any]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [each["properties"] | {"geometry": each["geometry"]} for each in features]


def _shaped(read: Callable[[Path], gpd.GeoDataFrame]) -> Callable[[Path], list[dict[str, Any]]]:
    def rows(path: Path) -> list[dict[str, Any]]:
        frame = read(path)
        return _rows(pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(geometry=frame.geometry.to_wkt()))

    return rows


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in frame.astype(object).itertuples(index=False, name=None)]


_READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    ".xlsx": _workbook,
    ".csv": _csv,
    ".json": _json,
    ".geojson": _geojson,
    ".gpkg": _shaped(gpd.read_file),
    ".parquet": _shaped(gpd.read_parquet),
}

"""A list of candidates read back from any format that it is exported in, as plain cells that can be compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geo.apart import apart
from geo.errors import ReadError
from geo.export.report_rows import report_rows
from geo.fields.headings import LIST_SHEETS, OPINION_HEADS
from geo.fields.results import heading
from geo.fields.values import jsonable
from geo.intake.own_stamp import REPORT
from geo.intake.read import read
from geo.intake.sheets import workbook_cells
from geo.intake.unchanged import size_of
from geo.intake.word import word_file
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
    rows = reader(path)
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
            return json.dumps(_floats(value), sort_keys=True, ensure_ascii=False)
        plain = str(value)
    try:
        # 3 and 3.0 are one number, whichever of the two a format writes.
        return repr(float(plain))
    except ValueError:
        return plain


def _floats(value: Any) -> Any:
    """The same with every number as a float, as :func:`_text` takes those outside of records."""
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _workbook(path: Path) -> list[dict[str, Any]]:
    cells = apart(workbook_cells, path, name=path.name, size=size_of(path))
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


def _json(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return [dict(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        raise ReadError(f"{path.name} is not as it was written.", "Export the list again.") from None


def _table(path: Path) -> list[dict[str, Any]]:
    """A table or a layer, read as an import reads it: apart, and held against its first bytes."""
    source = read(path)
    names = [str(name) for name in source.frame]
    rows = [dict(zip(names, row, strict=True)) for row in source.frame.itertuples(index=False, name=None)]
    if source.geometry is not None:
        for row, shape in zip(rows, source.geometry.shapes(), strict=True):
            row["geometry"] = None if shape is None else shape.wkt
    return rows


def _report(path: Path) -> list[dict[str, Any]]:
    return report_rows(path.name, apart(word_file, path, name=path.name, size=size_of(path)))


_READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    ".xlsx": _workbook,
    REPORT: _report,
    ".json": _json,
    **dict.fromkeys((".csv", ".geojson", ".gpkg", ".parquet"), _table),
}

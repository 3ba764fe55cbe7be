"""Rows of the registry as files that the import reads without a mapping: our headings, our units, our words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import ReadError
from geo.fields import KINDS, Kind
from geo.fields.columns import Column
from geo.fields.headings import CELL_LIMIT, SYNTHETIC, WKT, WKT_MORE, table_names, zh_heading
from geo.fields.values import FORMULA, list_text

#: workbooks count days from 1900, with a day that never was in February
_FIRST_DAY = date(1900, 3, 1)


def registered_kind(frame: pd.DataFrame) -> Kind | None:
    """The kind whose registered rows a frame holds (``geo.facts``); ``None`` for an answer."""
    return KINDS.get(str(frame.attrs.get("kind")))


def as_sheet(frame: pd.DataFrame, kind: Kind, *, office: bool) -> pd.DataFrame:
    """The rows as a plain table: for the ``office`` with Chinese headings and words, else under the names of the catalogue.

    Outlines stand as WKT in a column that names their datum, lists as text.
    """
    out: dict[str, list[Any]] = {}
    for name in frame:
        if name == "geometry":
            continue
        column = next((c for c in kind.columns if c.name == name), None)
        cells = frame[name].tolist()
        if column is None:
            out[_other_heading(str(name), kind) if office else str(name)] = cells
        else:
            out[zh_heading(column) if office else column.name] = [_cell(column, cell, office) for cell in cells]
    if isinstance(frame, gpd.GeoDataFrame):
        said = f"EPSG:{frame.crs.to_epsg()}"
        outlines = [None if shape is None else shapely.to_wkt(shape, rounding_precision=-1) for shape in frame.geometry]
        if office:
            out |= cut_outlines(f"{WKT[1]}（{said}）", outlines)
        else:
            out[f"{WKT[0]} ({said})"] = outlines
    return pd.DataFrame(out, dtype=object)


def _other_heading(name: str, kind: Kind) -> str:
    words = {"data_mark": "数据标记", "source": "数据来源", SYNTHETIC[0]: SYNTHETIC[1]}
    words |= dict(table_names(column) for column in kind.columns)
    return words.get(name, name)


def _cell(column: Column, cell: Any, office: bool) -> Any:
    if cell is None:
        return None
    if column.type == "list":
        return list_text(cell)
    if office and column.type == "choice":
        return column.choices[cell][0] if cell in column.choices else cell
    if office and isinstance(cell, date):
        return cell if cell >= _FIRST_DAY else cell.isoformat()
    if office and isinstance(cell, str) and len(cell) > CELL_LIMIT:
        raise ReadError(f"A cell of {column.zh} is longer than a workbook holds.", "Choose csv, gpkg or parquet.")
    return cell


def cut_outlines(heading: str, outlines: Sequence[str | None]) -> dict[str, list[str | None]]:
    """Outlines as columns of a workbook: under their heading what one cell holds, what is longer in columns beside it."""
    pieces = max(1, *(-(-len(text) // CELL_LIMIT) for text in outlines if text), 1)
    return {
        heading if i == 0 else f"{WKT_MORE}{i}": [
            (text[i * CELL_LIMIT : (i + 1) * CELL_LIMIT] or None) if text else None for text in outlines
        ]
        for i in range(pieces)
    }


def unformulated(frame: pd.DataFrame) -> pd.DataFrame:
    """With an apostrophe more before what a spreadsheet takes for a formula or an error; the import takes one away."""
    return pd.DataFrame(
        {
            name: ["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in frame[name]]
            for name in frame
        },
        dtype=object,
    )


def flat(frame: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """The rows as a GIS table holds them: lists as text, numbers, days and truth values as such, names of the catalogue."""
    shown = as_sheet(pd.DataFrame(frame.drop(columns="geometry", errors="ignore")), kind, office=False)
    types = {column.name: str(column.type) for column in kind.columns} | {SYNTHETIC[0]: "boolean"}
    made = {"number": "Float64", "integer": "Int64", "boolean": "boolean"}
    return shown.astype({name: made[types[str(name)]] for name in shown if types.get(str(name)) in made})

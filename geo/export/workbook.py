"""Workbooks that an office opens in WPS, LibreOffice and Excel: Chinese headings, typed cells, print set-up, stamp."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo.export.book_styles import on_paper
from geo.export.lists import as_list
from geo.export.plain import DATA_MARK, records_text
from geo.export.registry import as_sheet, registered_kind
from geo.export.stamps import for_people, rule_title
from geo.fields.headings import SHOWN_UNITS
from geo.fields.results import heading
from geo.fields.values import jsonable

_HEAD_FILL = PatternFill("solid", start_color="DDE6EE")
_FONT = "等线"  # on every Chinese Windows and in WPS; where it is missing the program takes its own
#: cell widths in characters: what fits a code, and what a reader can still read without scrolling for ever
_NARROW, _WIDE = 8, 60


def write_workbook(frame: pd.DataFrame, path: Path, stamp: Mapping[str, Any]) -> None:
    """Write a frame as one sheet with filter and frozen heading, and the stamp as sheet 运行信息."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    synthetic = bool(stamp.get("synthetic")) or "data_mark" in frame
    sheet.title = (str(stamp.get("title") or "清单") + (f"（{DATA_MARK}）" if synthetic else ""))[:31]
    kind = registered_kind(frame)
    # The registry's own rows go out as they will come in again; an answer as people read it.
    frame = as_list(frame, stamp.get("zones", {})) if kind is None else as_sheet(frame, kind, office=True)
    if "over" in frame:
        frame["over"] = frame["over"].map({rule: rule_title(str(rule), stamp) for rule in frame["over"].unique()})
    columns = [name for name in frame if name != "geometry"]
    _headings(sheet, [_shown(str(name)) if kind is None else str(name) for name in columns])
    for row_number, row in enumerate(frame[columns].astype(object).itertuples(index=False), start=2):
        for column_number, value in enumerate(row, start=1):
            _fill(sheet.cell(row_number, column_number), value)
    _layout(sheet, len(columns), len(frame) + 1, synthetic)
    _stamp_sheet(book, stamp, synthetic)
    book.save(path)


def _shown(name: str) -> str:
    head = heading(name)
    return head.zh + (f"（{SHOWN_UNITS[head.unit]}）" if head.unit in SHOWN_UNITS else "")


def _headings(sheet: Worksheet, columns: list[str]) -> None:
    for number, name in enumerate(columns, start=1):
        cell = sheet.cell(1, number, name)
        cell.font = Font(name=_FONT, bold=True)
        cell.fill = _HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _fill(cell: Cell, value: Any) -> None:
    simple = value if isinstance(value, date) else jsonable(value)
    if isinstance(simple, list):
        simple = records_text(simple)
    if isinstance(simple, bool):
        simple = "是" if simple else "否"
    if isinstance(simple, str):
        # A string cell, said to be one: "=1+1" is then text and no formula, and 03-12 stays a code.
        cell.value = _clean(simple)
        cell.data_type = "s"
        cell.number_format = "@"
        cell.alignment = Alignment(vertical="top", wrap_text=len(simple) > _WIDE)
    elif simple is not None:
        cell.value = simple
        if isinstance(simple, float) and float(f"{simple:.16g}") != simple:
            # openpyxl writes 16 digits; one in ten doubles needs 17 to come back as it was.
            cell.value, cell.data_type = repr(simple), "n"
        if isinstance(simple, float):
            cell.number_format = "#,##0.00" if abs(simple) < 1000 else "#,##0"
        cell.alignment = Alignment(vertical="top")
    cell.font = Font(name=_FONT)


def _clean(text: str) -> str:
    """Without the control characters that make a workbook unreadable."""
    return "".join(c for c in text if c >= " " or c in "\t\n")


def _layout(sheet: Worksheet, n_columns: int, n_rows: int, synthetic: bool) -> None:
    for number in range(1, n_columns + 1):
        texts = [str(sheet.cell(row, number).value or "") for row in range(1, min(n_rows, 200) + 1)]
        # A Chinese character takes the room of two.
        longest = max(
            (sum(2 if ord(c) > 0x2E80 else 1 for c in text) for text in texts),
            default=0,
        )
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, _NARROW), _WIDE)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(n_columns, 1))}{max(n_rows, 1)}"
    on_paper(sheet)
    sheet.print_title_rows = "1:1"
    if synthetic:
        sheet.oddHeader.center.text = f"{DATA_MARK}，不得作为正式结论"


def _stamp_sheet(book: Workbook, stamp: Mapping[str, Any], synthetic: bool) -> None:
    sheet = book.create_sheet("运行信息")
    for number, (name, value) in enumerate(for_people(stamp, synthetic=synthetic), start=1):
        sheet.cell(number, 1, name).font = Font(name=_FONT, bold=True)
        _fill(sheet.cell(number, 2), value)
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = _WIDE

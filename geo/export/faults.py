"""The faults of a file as a workbook: its own rows with the faulty cells coloured, the list of faults, and the rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo.errors import ReadError
from geo.export.files import whole_or_not_at_all
from geo.fields import kind_named
from geo.fields.faults import Fault, FileRows
from geo.intake.rules import RULES, IntakeRule

#: rows of the file, and faults, that a workbook holds at most; more is nobody's to read, and WPS is slow to open it
MOST_ROWS = 10_000

_FONT = "等线"
_HEAD = PatternFill("solid", start_color="DDE6EE")
_FILL = {"error": PatternFill("solid", start_color="F4B6AE"), "warning": PatternFill("solid", start_color="FFE3A3")}
_SEVERITY = {"error": "错误", "warning": "警告"}
_WIDE = 48
#: the height of one line in points
_LINE = 16
_NEW = IntakeRule("warning", "", "", "")


def fault_workbook(faults: Sequence[Fault], read: FileRows, path: str | Path) -> Path:
    """Write the faults of a file to ``path`` (.xlsx): sheets 数据 (its rows), 问题清单 (its faults), 说明 (the rules).

    Where the import read several sheets, each has its rows under its own name.

    Cells with an error are red, with a warning amber; 问题 and 怎么改 stand in front of each row.  Of a file of more than
    ``MOST_ROWS`` rows only those with faults are given, at most as many; sheet 说明 says so.

    Raises
    ------
    ReadError
        The ending is not .xlsx, or the folder cannot be written to.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ReadError(
            f"{target.name}: the workbook of faults is an .xlsx file.", "Name it faults.xlsx, for instance."
        )
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _title(read.where or "数据")
    given = _rows_sheet(sheet, faults, read)
    for other in read.more:
        given += _rows_sheet(book.create_sheet(_title(str(other.where))), faults, other)
    _list_sheet(book.create_sheet("问题清单"), faults, read)
    _rules_sheet(book.create_sheet("说明"), faults, read, given)
    whole_or_not_at_all(target, book.save)
    return target


def _rows_sheet(sheet: Worksheet, faults: Sequence[Fault], read: FileRows) -> int:
    """The rows as the file has them, with what is wrong in front; how many were given."""
    by_line = read.by_line(faults)
    columns = [str(name) for name in read.frame.columns]
    shaped = kind_named(read.kind).geometry is not None
    heads = ["行号", "问题", "怎么改", *(["图形"] if shaped else []), *columns]
    _headings(sheet, heads)
    place = {name: number for number, name in enumerate(heads, start=1)}
    chosen = [i for i in range(len(read.numbers)) if len(read.numbers) <= MOST_ROWS or i in by_line][:MOST_ROWS]
    for line, i in enumerate(chosen, start=2):
        number = int(read.numbers[i])
        own = by_line.get(i, [])
        rules = [RULES.get(fault.rule, _NEW) for fault in own]
        said = [f"{_field(read, f)}：{r.zh or f.rule}" for f, r in zip(own, rules, strict=True)]
        front = [
            number,
            "；".join(dict.fromkeys(said)),
            "；".join(dict.fromkeys(r.mend_zh for r in rules if r.mend_zh)),
        ]
        cells = [*front, *([""] if shaped else []), *read.frame.iloc[i].tolist()]
        for column, value in enumerate(cells, start=1):
            _write(sheet.cell(line, column), value)
        lines = max(-(-_room(str(text)) // (_WIDE - 4)) for text in front)
        sheet.row_dimensions[line].height = _LINE * max(1, lines)
        # Warnings first, so that an error in the same cell is what is seen.
        for fault in sorted(own, key=lambda fault: fault.severity == "error"):
            column = (
                place["图形"]
                if fault.field == "geometry" and shaped
                else place.get(read.columns.get(fault.field, ""), 2)
            )
            sheet.cell(line, column).fill = _FILL[fault.severity]
            if fault.field == "geometry" and shaped and fault.value:
                _write(sheet.cell(line, column), fault.value)
    _layout(sheet, len(heads), len(chosen) + 1)
    sheet.freeze_panes = "D2"
    return len(chosen)


def _list_sheet(sheet: Worksheet, faults: Sequence[Fault], read: FileRows) -> None:
    # Where all rows are of one sheet there is nothing to tell apart.
    several = any(fault.where for fault in faults)
    first = ["表或文件"] if several else []
    heads = [*first, "行号", "编号", "字段", "值", "规则", "规则代号", "级别", "怎么改", "提示（英文）"]
    _headings(sheet, heads)
    ordered = sorted(faults, key=lambda fault: fault.severity != "error")[:MOST_ROWS]
    for line, fault in enumerate(ordered, start=2):
        rule = RULES.get(fault.rule, _NEW)
        cells = (
            *([fault.where or read.file_name] if several else []),
            fault.row,
            fault.key,
            _field(read, fault),
            fault.value,
            rule.zh,
            fault.rule,
            _SEVERITY[fault.severity],
            rule.mend_zh,
            fault.advice,
        )
        for column, value in enumerate(cells, start=1):
            _write(sheet.cell(line, column), value)
        sheet.cell(line, heads.index("级别") + 1).fill = _FILL[fault.severity]
    _layout(sheet, len(heads), len(ordered) + 1)


def _rules_sheet(sheet: Worksheet, faults: Sequence[Fault], read: FileRows, given: int) -> None:
    errors = sum(fault.severity == "error" for fault in faults)
    total = sum(len(each.numbers) for each in (read, *read.more))
    told = [
        f"文件：{read.file_name}；共 {total} 行。",
        f"错误 {errors} 处（红色），警告 {len(faults) - errors} 处（黄色）。",
        "有错误的行不能入库；警告不影响入库。改好后请重新导入原文件。",
    ]
    if given < total:
        told.append(f"行数较多，“数据”表只列有问题的 {given} 行。")
    if len(faults) > MOST_ROWS:
        told.append(f"“问题清单”只列前 {MOST_ROWS} 条。")
    for line, text in enumerate(told, start=1):
        _write(sheet.cell(line, 1), text)
    top = len(told) + 2
    _headings(sheet, ["规则代号", "规则", "级别", "怎么改"], top)
    for line, (name, rule) in enumerate(RULES.items(), start=top + 1):
        for column, value in enumerate((name, rule.zh, _SEVERITY[rule.severity], rule.mend_zh), start=1):
            _write(sheet.cell(line, column), value)
        sheet.cell(line, 3).fill = _FILL[rule.severity]
    for letter, width in zip("ABCD", (22, 44, 8, 44), strict=True):
        sheet.column_dimensions[letter].width = width


def _field(read: FileRows, fault: Fault) -> str:
    if fault.field == "geometry":
        return "图形"
    kind = next((each.kind for each in read.more if each.where == fault.where), read.kind)
    try:
        return kind_named(kind).column(fault.field).zh
    except KeyError:
        return fault.field


def _title(name: str) -> str:
    """A name as the title of a sheet takes it."""
    return re.sub(r"[\\/*?:\[\]]", "_", name)[:31]


def _headings(sheet: Worksheet, heads: Sequence[str], row: int = 1) -> None:
    for column, text in enumerate(heads, start=1):
        cell = sheet.cell(row, column)
        _write(cell, text)
        cell.font = Font(name=_FONT, bold=True)
        cell.fill = _HEAD


def _write(cell: Any, value: Any) -> None:
    """A cell as the file has it: numbers stay numbers, all else is text and no formula."""
    assert isinstance(cell, Cell)
    cell.font = Font(name=_FONT)
    cell.alignment = Alignment(vertical="top")
    # Not a number of any kind: NaN is not equal to itself.
    if value is None or value != value:
        return
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_000].encode("utf-8", "replace").decode()
    cell.alignment = Alignment(vertical="top", wrap_text=_room(text) > _WIDE - 4)
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"


def _room(text: str) -> int:
    """How many characters wide a text is; a Chinese one takes the room of two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _layout(sheet: Worksheet, n_columns: int, n_rows: int) -> None:
    for number in range(1, n_columns + 1):
        texts = [str(sheet.cell(row, number).value or "") for row in range(1, min(n_rows, 200) + 1)]
        longest = max(_room(text) for text in texts)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, 7), _WIDE)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(n_columns)}{n_rows}"

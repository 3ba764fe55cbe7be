"""The faults of a file as a workbook: its own rows with the faulty cells coloured, the list of faults, and the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo.errors import ReadError
from geo.export.book_styles import on_paper
from geo.export.files import whole_or_not_at_all
from geo.export.registry import cut_outlines
from geo.fields import kind_named
from geo.fields.faults import Fault, FileRows, ToMend
from geo.fields.headings import CELL_LIMIT, MEND_FRONT, OF_DATABASE, REJECTED_ID, WKT, mend_labels
from geo.intake.rules import RULES, IntakeRule

#: rows of the file, and faults, that a workbook holds at most; more is nobody's to read, and WPS is slow to open it
MOST_ROWS = 10_000

_FONT = "等线"
_HEAD = PatternFill("solid", start_color="DDE6EE")
FILL = {"error": PatternFill("solid", start_color="F4B6AE"), "warning": PatternFill("solid", start_color="FFE3A3")}
_SEVERITY = {"error": "错误", "warning": "警告"}
_WIDE = 48
#: the height of one line in points
_LINE = 16
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
#: characters of a datum that a heading still shows: a code or a name, no WKT
_SHORT = 40
#: what stands for a rule that there is no more
NEW = IntakeRule("warning", "", "", "")


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
    target, book = new_workbook(path)
    given = 0
    for each in (read, *read.more):
        given += rows_sheet(book.create_sheet(_title(each.where or "数据")), each.by_line(faults), each)
    list_sheet(book.create_sheet("问题清单"), [(fault, read, None) for fault in faults])
    rules_sheet(book.create_sheet("说明"), _told(faults, read, given))
    whole_or_not_at_all(target, book.save)
    return target


def new_workbook(path: str | Path) -> tuple[Path, Workbook]:
    """A workbook without sheets, and the path that it is to be saved to.

    Raises
    ------
    ReadError
        The ending is not .xlsx.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ReadError(
            f"{target.name}: the workbook of faults is an .xlsx file.", "Name it faults.xlsx, for instance."
        )
    book = Workbook()
    book.remove(book.worksheets[0])
    return target, book


def rows_sheet(
    sheet: Worksheet, by_line: Mapping[int, Sequence[Fault]], read: FileRows, mend: ToMend | None = None
) -> int:
    """The rows as the file has them, with what is wrong in front (``by_line``, counted from 0); how many were given.

    Rows to ``mend`` have their number before all, and behind all their outline as WKT, in as many cells as it needs, and the
    mark of their database.
    """
    columns = [str(name) for name in read.frame.columns]
    shaped = kind_named(read.kind).geometry is not None
    outlines = _outlines(mend) if mend else {}
    if mend:
        labels = mend_labels(columns)
        heads = [*MEND_FRONT, *labels.values(), *outlines, OF_DATABASE]
    else:
        labels = dict(zip(columns, columns, strict=True))
        heads = ["行号", "问题", "怎么改", *(["图形"] if shaped else []), *columns]
    headings(sheet, heads)
    place = {name: number for number, name in enumerate(heads, start=1)}
    said_at = place["问题"]
    drawn_at = place.get("图形", place.get(next(iter(outlines), ""), said_at))
    chosen = [i for i in range(len(read.numbers)) if len(read.numbers) <= MOST_ROWS or i in by_line][:MOST_ROWS]
    for line, i in enumerate(chosen, start=2):
        number = int(read.numbers[i])
        own = by_line.get(i, ())
        rules = [RULES.get(fault.rule, NEW) for fault in own]
        said = [f"{field_zh(read, f)}：{r.zh or f.rule}" for f, r in zip(own, rules, strict=True)]
        said[:0] = [f"【{mend.closed[i]}】"] if mend and mend.closed[i] else []
        front = [
            *([mend.ids[i]] if mend else []),
            number,
            "；".join(dict.fromkeys(said)),
            "；".join(dict.fromkeys(r.mend_zh for r in rules if r.mend_zh)),
        ]
        room = [] if mend else [""] * shaped
        behind = [*(texts[i] for texts in outlines.values()), *([mend.database] if mend else [])]
        cells = [*front, *room, *read.frame.iloc[i].tolist(), *behind]
        for column, value in enumerate(cells, start=1):
            write(sheet.cell(line, column), value)
        for head, texts in outlines.items():
            # One line of it, cut at the cell's edge; what fits would be repeated.
            cut = "fill" if len(texts[i] or "") > _WIDE else None
            sheet.cell(line, place[head]).alignment = Alignment(vertical="top", horizontal=cut)
        _fit_height(sheet, line, front)
        # Warnings first, so that an error in the same cell is what is seen.
        for fault in sorted(own, key=lambda fault: fault.severity == "error"):
            column = place.get(labels.get(read.columns.get(fault.field, ""), ""), said_at)
            sheet.cell(line, drawn_at if fault.field == "geometry" else column).fill = FILL[fault.severity]
            if fault.field == "geometry" and "图形" in place and fault.value:
                write(sheet.cell(line, drawn_at), fault.value)
    layout(sheet, len(heads), len(chosen) + 1)
    sheet.freeze_panes = "E2" if mend else "D2"
    return len(chosen)


def _outlines(mend: ToMend) -> dict[str, list[str | None]]:
    if mend.outlines is None:
        return {}
    said = mend.datum and len(mend.datum) <= _SHORT
    return cut_outlines(f"{WKT[1]}（{mend.datum}）" if said else WKT[1], mend.outlines)


def list_sheet(sheet: Worksheet, faults: Sequence[tuple[Fault, FileRows, int | None]]) -> None:
    """One line a fault, errors first; each with the rows that it is of, and the number of its rejected row where it has one."""
    # Where all rows are of one sheet there is nothing to tell apart.
    several = any(fault.where for fault, _, _ in faults)
    numbered = any(number is not None for _, _, number in faults)
    # Not the very heading of the rows to mend: by that a sheet is known whose rows come back.
    first = [*([f"对应{REJECTED_ID}"] if numbered else []), *(["表或文件"] if several else [])]
    heads = [*first, "行号", "编号", "字段", "值", "规则", "规则代号", "级别", "怎么改", "提示（英文）"]
    headings(sheet, heads)
    ordered = sorted(faults, key=lambda each: each[0].severity != "error")[:MOST_ROWS]
    for line, (fault, read, number) in enumerate(ordered, start=2):
        rule = RULES.get(fault.rule, NEW)
        cells = (
            *([number] if numbered else []),
            *([fault.where or read.file_name] if several else []),
            fault.row,
            fault.key,
            field_zh(read, fault),
            fault.value,
            rule.zh,
            fault.rule,
            _SEVERITY[fault.severity],
            rule.mend_zh,
            fault.advice,
        )
        for column, value in enumerate(cells, start=1):
            write(sheet.cell(line, column), value)
        sheet.cell(line, heads.index("级别") + 1).fill = FILL[fault.severity]
        _fit_height(sheet, line, cells)
    layout(sheet, len(heads), len(ordered) + 1)


def _told(faults: Sequence[Fault], read: FileRows, given: int) -> list[str]:
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
    return told


def rules_sheet(sheet: Worksheet, told: Sequence[str]) -> None:
    """What the workbook is, line by line, and every rule."""
    for line, text in enumerate(told, start=1):
        write(sheet.cell(line, 1), text)
        # It runs on over the empty cells beside it.
        sheet.cell(line, 1).alignment = Alignment(vertical="top")
    top = len(told) + 2
    headings(sheet, ["规则代号", "规则", "级别", "怎么改"], top)
    for line, (name, rule) in enumerate(RULES.items(), start=top + 1):
        for column, value in enumerate((name, rule.zh, _SEVERITY[rule.severity], rule.mend_zh), start=1):
            write(sheet.cell(line, column), value)
        sheet.cell(line, 3).fill = FILL[rule.severity]
    for letter, width in zip("ABCD", (22, 44, 8, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    on_paper(sheet)


def field_zh(read: FileRows, fault: Fault) -> str:
    """What a fault's column is called in Chinese."""
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


def headings(sheet: Worksheet, heads: Sequence[str], row: int = 1) -> None:
    """A line of headings."""
    for column, text in enumerate(heads, start=1):
        cell = sheet.cell(row, column)
        write(cell, text)
        cell.font = Font(name=_FONT, bold=True)
        cell.fill = _HEAD


def write(cell: Any, value: Any) -> None:
    """A cell as the file has it: numbers stay numbers, all else is text and no formula."""
    assert isinstance(cell, Cell)
    cell.font = Font(name=_FONT)
    cell.alignment = Alignment(vertical="top")
    # Not a number of any kind: NaN is not equal to itself.
    if value is None or value != value:
        # Whatever is filled in stays as it is typed: a code 03-12 would become a day.
        cell.number_format = "@"
        return
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:CELL_LIMIT].encode("utf-8", "replace").decode()
    cell.alignment = Alignment(vertical="top", wrap_text=_room(text) > _WIDE - 4)
    # In a workbook _x0041_ is an A: the same in letters needs its first mark escaped.
    cell.value = _ESCAPED.sub("_x005F_", text)
    cell.data_type = "s"
    cell.number_format = "@"


def _fit_height(sheet: Worksheet, line: int, cells: Sequence[Any]) -> None:
    """A row as high as the longest of these texts, which wrap."""
    lines = max(-(-_room(str(cell or "")) // (_WIDE - 4)) for cell in cells)
    sheet.row_dimensions[line].height = _LINE * max(1, lines)


def _room(text: str) -> int:
    """How many characters wide a text is; a Chinese one takes the room of two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def layout(sheet: Worksheet, n_columns: int, n_rows: int) -> None:
    """Widths that fit, a frozen heading and a filter."""
    for number in range(1, n_columns + 1):
        texts = [str(sheet.cell(row, number).value or "") for row in range(1, min(n_rows, 200) + 1)]
        longest = max(_room(text) for text in texts)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, 7), _WIDE)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(n_columns)}{n_rows}"
    on_paper(sheet)
    sheet.print_title_rows = "1:1"

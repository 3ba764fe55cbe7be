"""An empty workbook to fill in, which the import reads as it is once rows stand in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geo import crs
from geo.errors import ReadError
from geo.export import book_styles as styles
from geo.export.files import whole_or_not_at_all
from geo.fields import Kind, filling, kind_named
from geo.fields.columns import Column
from geo.fields.headings import LAT, LON, WKT, zh_heading
from geo.fields.land_use_codes import CodeTable, code_table
from geo.settings import as_typed

#: rows that are made ready: codes as text, drop-downs
ROWS = 2000
_HEAD = PatternFill("solid", start_color="DDE6EE")
_NEEDED = PatternFill("solid", start_color="FFE9B8")
_FONT = "等线"
_TYPES = {
    "text": ("文字", "@"),
    "number": ("数字", "General"),
    "integer": ("整数", "0"),
    "boolean": ("是 / 否", "@"),
    "date": ("日期，如 2025-03-07", "yyyy-mm-dd"),
    "choice": ("选项", "@"),
    "list": ("多项，以顿号分隔", "@"),
    "land_use": ("用地代码；多种用途如 {1}(60%){0}(40%)", "@"),
}
_WIDTHS = {"A": 28, "B": 60, "C": 44}
#: where the outline of the examples stands: its corners, longitude and latitude in degrees
_CORNERS = (np.array([121.48, 121.481, 121.481, 121.48, 121.48]), np.array([31.25, 31.25, 31.251, 31.251, 31.25]))


def template(kind: str, path: str | Path, *, table: str = "shanghai_kg", datum: str = "EPSG:4490") -> Path:
    """Write an empty workbook for rows of a kind: headings with units, drop-downs, notes, and how to fill it in.

    ``table`` is the code table of its land-use columns, ``datum`` what its coordinates will mean; both stand in the
    headings, so that the import needs no mapping.  Orange headings must be filled.

    Raises
    ------
    NotFoundError
        There is no such kind or code table.
    CrsError
        The datum is not known.
    ReadError
        The path does not end in xlsx, or cannot be written to.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ReadError(f"{target.name} is no workbook.", "Name it something.xlsx.")
    wanted, codes, datum_of = kind_named(kind), code_table(table), crs.parse(datum)
    said = str(datum_of)
    book = Workbook()
    sheet, help_sheet, lists = book.active, book.create_sheet("填写说明"), book.create_sheet("代码表")
    assert isinstance(sheet, Worksheet)
    sheet.title = wanted.zh
    _explain(help_sheet, wanted, codes, datum_of)
    _list_codes(lists, wanted, codes)
    for number, column in enumerate(wanted.columns, start=1):
        _column(sheet, number, wanted, column, codes)
    for number, name in enumerate(shape_columns(wanted), start=len(wanted.columns) + 1):
        needed = wanted.geometry_required and name == WKT[1] and wanted.geometry != "Geometry"
        told = _shapes(wanted, datum_of)[name][0]
        _head(sheet, number, f"{name}（{said}）", told, needed or wanted.geometry == "Point", "@")
    sheet.freeze_panes = "A2"
    for each in (sheet, help_sheet, lists):
        styles.on_paper(each)
    whole_or_not_at_all(target, book.save)
    return target


def shape_columns(kind: Kind) -> list[str]:
    """The columns in which a template asks for shapes: coordinates for points, WKT for areas and lines."""
    points, outlines = [LON[1], LAT[1]], [WKT[1]]
    if kind.geometry is None:
        return []
    return {"Point": points, "Geometry": points + outlines}.get(kind.geometry, outlines)


def _title(column: Column, codes: CodeTable) -> str:
    return f"{column.zh}（{codes.name}）" if column.type == "land_use" else zh_heading(column)


def _shapes(kind: Kind, datum: crs.Datum) -> dict[str, tuple[str, str]]:
    """What stands in each column of shapes, and an example in that datum."""
    x, y = crs.coordinates(*_CORNERS, datum)
    degrees = crs.is_geographic(datum)
    written = [f"{a:.6f} {b:.6f}" if degrees else f"{a:.2f} {b:.2f}" for a, b in zip(x, y, strict=True)]
    line = kind.geometry == "MultiLineString"
    outline = f"LINESTRING ({', '.join(written[:3])})" if line else f"POLYGON (({', '.join(written)}))"
    either = "；经纬度与图形填一种即可" if kind.geometry == "Geometry" else ""
    unit = "十进制度" if degrees else "米"
    lon, lat = written[0].split()
    return {
        WKT[1]: (f"图形，WKT 文字{either}", outline),
        LON[1]: (f"{'经度' if degrees else '东坐标'}，{unit}{either}", lon),
        LAT[1]: (f"{'纬度' if degrees else '北坐标'}，{unit}{either}", lat),
    }


def _column(sheet: Worksheet, number: int, kind: Kind, column: Column, codes: CodeTable) -> None:
    kind_of, cell_format = _type(column, codes)
    notes = [kind_of, "必填" if column.required else "可空：空格表示不知道，不是零"]
    notes += [f"不小于 {column.low:g}"] if column.low is not None else []
    notes += [f"不大于 {column.high:g}"] if column.high is not None else []
    notes += ["受限：不对外"] if column.readers == "restricted" else []
    notes += [filling.note(kind, column)] if filling.note(kind, column) else []
    _head(sheet, number, _title(column, codes), "\n".join(notes), column.required, cell_format)
    formula, strict = None, True
    if column.type == "choice":
        formula = '"' + ",".join(labels[0] for labels in column.choices.values()) + '"'
    elif column.type == "boolean":
        formula = '"是,否"'
    elif column.type == "land_use":
        # Several uses in one cell are allowed, so that what is not in the list is not refused.
        formula, strict = f"代码表!$A$2:$A${len(codes.codes) + 1}", False
    if formula:
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=strict)
        rule.error, rule.errorTitle = "请从下拉列表中选择。", column.zh
        letter = get_column_letter(number)
        rule.add(f"{letter}2:{letter}{ROWS + 1}")
        sheet.add_data_validation(rule)


def _head(sheet: Worksheet, number: int, title: str, note: str, needed: bool, cell_format: str) -> None:
    cell = sheet.cell(1, number, title)
    cell.font, cell.fill = Font(name=_FONT, bold=True), _NEEDED if needed else _HEAD
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.comment = Comment(note, "双北", width=260, height=120)
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = max(12, 2 * len(title) + 2)
    for row in range(2, ROWS + 2):
        sheet.cell(row, number).number_format = cell_format


def _type(column: Column, codes: CodeTable) -> tuple[str, str]:
    told, cell_format = _TYPES[column.type]
    return told.format(*filling.two_codes(codes)), cell_format


def _explain(sheet: Worksheet, kind: Kind, codes: CodeTable, datum: crs.Datum) -> None:
    used = any(column.type == "land_use" for column in kind.columns)
    lines = [
        ("说明", f"第一张表“{kind.zh}”：一行一条，表头不要改；橙色表头必填；不知道的留空，不要写 0。"),
        ("编号", "编号列为文本格式，03-12 之类不会变成日期；从别处粘贴时请选“只粘贴值”。"),
        ("坐标", f"坐标系 {datum}（写在表头里）。" if kind.geometry else "本类没有图形。"),
        (
            "用地代码",
            f"{codes.name}：{codes.title}（见“代码表”）。{_unchecked(codes)}" if used else "本类没有用地代码。",
        ),
        ("导入", as_typed(f"shuangbei import 文件.xlsx --kind {kind.name}")),
    ]
    for row, pair in enumerate([*lines, ("", ""), ("列", "填法")], start=1):
        for place, text in enumerate(pair, start=1):
            sheet.cell(row, place, text).font = Font(name=_FONT, bold=place == 1 or text == "填法")
    sheet.cell(7, 3, "例").font = Font(name=_FONT, bold=True)
    drawn = _shapes(kind, datum)
    shapes = [(f"{name}（{datum}）", *drawn[name]) for name in shape_columns(kind)]
    told = [(_title(c, codes), _said(kind, c, codes), filling.example(kind, c, codes)) for c in kind.columns] + shapes
    for row, cells in enumerate(told, start=8):
        for place, text in enumerate(cells, start=1):
            cell = sheet.cell(row, place, text)
            cell.font, cell.data_type = Font(name=_FONT), "s"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        needed = (styles.lines(text, _WIDTHS[place]) for place, text in zip("ABC", cells, strict=True))
        sheet.row_dimensions[row].height = styles.LINE * max(needed)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width


def _said(kind: Kind, column: Column, codes: CodeTable) -> str:
    return "；".join(text for text in (_type(column, codes)[0], filling.note(kind, column)) if text)


def _unchecked(codes: CodeTable) -> str:
    """What a code table rests on where it is not a public text, row by row."""
    return (
        "其中部分代码凭记忆录入，未与官方文本核对。" if any(c.status == "memory" for c in codes.codes.values()) else ""
    )


def _list_codes(sheet: Worksheet, kind: Kind, codes: CodeTable) -> None:
    if not any(column.type == "land_use" for column in kind.columns):
        sheet.sheet_state = "hidden"
        return
    for place, text in enumerate(("代码", "名称"), start=1):
        sheet.cell(1, place, text).font = Font(name=_FONT, bold=True)
    for row, code in enumerate(codes.codes.values(), start=2):
        sheet.cell(row, 1, code.code).number_format = "@"
        sheet.cell(row, 2, code.name)
    sheet.column_dimensions["B"].width = 40

"""How the cells of a workbook look, and how its sheets are printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo.export.plain import DATA_MARK
from geo.fields.headings import CELL_LIMIT

FONT = "等线"  # on every Chinese Windows and in WPS; where it is missing the program takes its own
#: the height of one line of text, in points
LINE = 15
#: no program makes a row higher than this, in points
_HIGHEST = 409
#: margins left and right, in inches
_MARGIN = 0.3
#: what a page of A4 on its side is wide between them, in characters of a column's width at full size.  A character is 5.25
#: points in Excel, and up to 7.3 where the fonts of Windows are missing: the text has to be legible there, too.
_ACROSS = (11.69 - 2 * _MARGIN) * 72 / 7.3
#: smaller than this share of its size text of 10 points is under 7, and hard to read on paper
_SMALLEST = 0.7
#: a list is never parted over more pages than this
_MOST_ACROSS = 3

_HEAD = PatternFill("solid", start_color="DDE6EE")
_TO_FILL = PatternFill("solid", start_color="FFF3D6")
_HEAD_TO_FILL = PatternFill("solid", start_color="FFE2A8")
_DIFFERS = PatternFill("solid", start_color="F4B6AE")
_THIN = Side(style="thin", color="B8C4CE")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_UNDER = Border(bottom=Side(style="thin", color="808080"))
_PLAIN, _BOLD = Font(name=FONT, size=10), Font(name=FONT, size=10, bold=True)
_TITLE, _WARNING = Font(name=FONT, size=16, bold=True), Font(name=FONT, size=16, bold=True, color="B42318")
_TOP = Alignment(vertical="top", wrap_text=True)
_TOP_RIGHT = Alignment(vertical="top", horizontal="right")
_TOP_CENTRE = Alignment(vertical="top", horizontal="center", wrap_text=True)
_CENTRE = Alignment(vertical="center", horizontal="center", wrap_text=True)
_MIDDLE = Alignment(vertical="center", wrap_text=True)
_FORMATS = {
    "whole": "0",
    "number": "#,##0",
    "far": "0.00",
    "score": "0.0",
    "day": "yyyy-mm-dd",
    "weight": "0.##",
}


def head(cell: Any, text: str, *, to_fill: bool = False, left: bool = False) -> None:
    """A heading; those of columns to fill in stand out."""
    cell.value, cell.data_type = clean(text), "s"
    cell.font, cell.border = _BOLD, _BOX
    cell.fill = _HEAD_TO_FILL if to_fill else _HEAD
    cell.alignment = _MIDDLE if left else _CENTRE


def title(cell: Any, text: str, *, warn: bool) -> None:
    """The title of a sheet."""
    cell.value, cell.data_type = clean(text), "s"
    cell.font, cell.alignment = _WARNING if warn else _TITLE, _CENTRE


def above(cell: Any, text: str | None, kind: str, *, wrap: bool = False) -> None:
    """A cell of the lines above the headings: a label, a value on a line, or plain text."""
    if text:
        cell.value, cell.data_type = clean(text), "s"
    cell.font = _BOLD if kind == "label" else _PLAIN
    cell.alignment = Alignment(vertical="center", wrap_text=wrap, horizontal="right" if kind == "label" else "left")
    if kind == "value":
        cell.border = _UNDER


def fill(cell: Any, value: Any, kind: str, *, to_fill: bool = False) -> None:
    """A cell of its kind: numbers stay numbers, days days, and text is said to be text, so that none is a formula."""
    cell.font, cell.border, cell.alignment = _PLAIN, _BOX, _TOP
    if to_fill:
        cell.fill = _TO_FILL
        cell.number_format = _FORMATS.get(kind, "@")
    if kind == "choice":
        cell.alignment = _TOP_CENTRE
    if value is None:
        return
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, date):
        cell.value, cell.number_format = value, _FORMATS["day"]
    elif isinstance(value, int | float):
        cell.value, cell.alignment = value, _TOP_RIGHT
        cell.number_format = _FORMATS.get(kind, "General")
    else:
        cell.value, cell.data_type = clean(str(value)), "s"
        cell.number_format = "@"
        if kind == "differs" and cell.value == "是":
            cell.fill = _DIFFERS


def clean(text: str) -> str:
    """What a cell can hold: no control characters that make a workbook unreadable, no more than fits."""
    cleaned: str = ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_LIMIT]
    return cleaned.encode("utf-8", "replace").decode()


def room(text: str) -> int:
    """How many characters wide a text is; a Chinese one takes the room of two."""
    return sum(2 if ord(c) > 0x2E80 or c in "“”‘’—…≥≤" else 1 for c in text)


def lines(value: Any, width: float) -> int:
    """How many lines a value takes in a column of that width."""
    if not isinstance(value, str):
        return 1
    # A width counts digits of 11 points, and these are of 10; a Chinese character is not broken.
    usable = max(width * 1.08 - 1, 2)
    return sum(max(1, -(-room(part) // int(usable))) for part in value.split("\n"))


def height(count: int) -> float:
    """The height of a row of so many lines, in points."""
    return min(LINE * count + 4, _HIGHEST)


def on_paper(sheet: Worksheet) -> None:
    """A4 on its side, all columns on one page across, and the pages counted."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def pages_across(widths: Sequence[float], repeated: int) -> list[int]:
    """How many columns of a list each page across bears, so that all can be read on A4.

    Where the text would be too small on one page it is two, or three; each further page bears the first ``repeated`` columns
    again, which are not counted.  It is told as programs that fit a sheet to so many pages part it: columns stay whole, and
    the text is as large as it can be.
    """
    rooms = sorted(
        sum(widths[start:end]) + (sum(widths[:repeated]) if start else 0)
        for start in range(len(widths))
        for end in range(start + 1, len(widths) + 1)
    )
    for pages in range(1, _MOST_ACROSS + 1):
        room, parts = next((room, p) for room in rooms if len(p := _parted(widths, repeated, room)) <= pages)
        if room * _SMALLEST <= _ACROSS:
            break
    return parts


def _parted(widths: Sequence[float], repeated: int, room: float) -> list[int]:
    """How many columns go on each page of that width, each filled before the next is begun."""
    parts, left = [0], room
    for width in widths:
        if width > left and parts[-1]:
            parts.append(0)
            left = room - sum(widths[:repeated])
        parts[-1] += 1
        left -= width
    return parts


def print_across(sheet: Worksheet, pages: int, repeated: int) -> None:
    """So many pages across, the first ``repeated`` columns on each; the parts of the same rows follow each other."""
    sheet.page_setup.fitToWidth = pages
    if pages > 1:
        sheet.page_setup.pageOrder = "overThenDown"
        sheet.print_title_cols = f"A:{get_column_letter(repeated)}"


def print_setup(sheet: Worksheet, title: str, secrecy: str, synthetic: bool) -> None:
    """A4 across, as wide as the paper, page numbers, and above each page what it is, how secret, and if it is invented."""
    on_paper(sheet)
    margins = sheet.page_margins
    margins.left = margins.right = _MARGIN
    margins.top, margins.bottom, margins.header, margins.footer = 0.75, 0.6, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    # An ampersand begins a code there.
    sheet.oddHeader.left.text = title.replace("&", "&&")
    sheet.oddHeader.right.text = f"密级：{secrecy.replace('&', '&&')}" if secrecy else ""
    if synthetic:
        sheet.oddHeader.center.text = f"{DATA_MARK}，不得作为正式结论"

"""The list of candidates as an office signs it: a workbook of three lists, the rule and its grounds, and the stamp."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geo.export import book_styles as styles
from geo.export.candidate_list import Field, Listing, listings
from geo.export.plain import DATA_MARK
from geo.export.rule_sheet import rule_sheet
from geo.export.stamps import Stamp, for_people, kept_zh
from geo.export.wording import Wording
from geo.fields.headings import CELL_LIMIT, STAMP_SHEET
from geo.fields.opinions import OPINION
from geo.fields.values import jsonable
from geo.settings import as_typed

#: rows of one sheet; more is nobody's to read or to sign, and the other formats hold them all
MOST_ROWS = 20_000
#: rows above the headings: title, unit and secrecy, what is in the sheet
ABOVE = 3

_MEANING = (
    "同意：同意按本规则办理\n不同意：不同意按本规则办理\n待定：尚未决定\n"
    "人工意见与系统判定并列保存，不改变系统判定。填好后运行：shuangbei opinions 本文件"
)


def write_candidate_book(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    """Write judged rows as sheets 候选清单, 需调查, 不符合及原因, 规则与依据, 运行信息, and the stamp for programs."""
    wording = Wording.of(stamp)
    synthetic = bool(stamp.get("synthetic")) or "data_mark" in frame
    book = Workbook()
    book.remove(book.active)
    found = listings(frame, wording)
    for listing in found:
        _list_sheet(book.create_sheet(listing.sheet), listing, wording, stamp, synthetic)
    rule_sheet(book.create_sheet("规则与依据"), wording, stamp)
    _run_sheet(book.create_sheet("运行信息"), found, stamp, synthetic)
    for sheet in book.worksheets:
        styles.print_setup(sheet, _title(wording, sheet.title), str(stamp.get("secrecy") or ""), synthetic)
    for listing in found:
        _print_list(book[listing.sheet], listing, stamp.get("top"))
    _stamp_sheet(book.create_sheet(STAMP_SHEET), found, stamp)
    book.save(path)


def _title(wording: Wording, sheet: str) -> str:
    return f"{wording.rule.title}　{sheet}" if wording.rule else sheet


def _list_sheet(sheet: Worksheet, listing: Listing, wording: Wording, stamp: Stamp, synthetic: bool) -> None:
    fields = listing.fields
    last = get_column_letter(len(fields))
    _above(sheet, listing, wording, stamp, synthetic)
    head_row = ABOVE + 1
    for number, field in enumerate(fields, start=1):
        styles.head(sheet.cell(head_row, number), field.head, to_fill=field.to_fill)
        sheet.column_dimensions[get_column_letter(number)].width = field.width
        if field.name == "opinion":
            sheet.cell(head_row, number).comment = Comment(as_typed(_MEANING), "双北", width=320, height=140)
    sheet.row_dimensions[head_row].height = 2 * styles.LINE
    rows = listing.rows[:MOST_ROWS]
    for line, row in enumerate(rows, start=head_row + 1):
        lines = 1
        for number, field in enumerate(fields, start=1):
            value = field.cell(row)
            styles.fill(sheet.cell(line, number), value, field.kind, to_fill=field.to_fill)
            lines = max(lines, styles.lines(value, field.width))
        sheet.row_dimensions[line].height = styles.height(lines)
    bottom = head_row + max(len(rows), 1)
    sheet.freeze_panes = sheet.cell(head_row + 1, _frozen(fields) + 1)
    sheet.auto_filter.ref = f"A{head_row}:{last}{bottom}"
    _drop_downs(sheet, fields, head_row + 1, bottom)


def _above(sheet: Worksheet, listing: Listing, wording: Wording, stamp: Stamp, synthetic: bool) -> None:
    across = _across(listing.fields)
    width = across[0]
    last = get_column_letter(width)
    # What stands over columns that further pages bear again would be cut off there.
    skip = _frozen(listing.fields) if len(across) > 1 else 0
    mark = f"（{DATA_MARK}，不得作为正式结论）" if synthetic else ""
    sheet.merge_cells(f"A1:{last}1")
    styles.title(sheet["A1"], f"{_title(wording, listing.sheet)}{mark}", warn=synthetic)
    sheet.row_dimensions[1].height = 28
    # Label and value in cells of their own, so that what is left open can be filled in by hand.
    lines: list[int] = []
    for first, end, text, kind in (
        (1, 2, "编制单位：", "label"),
        (3, 5, str(stamp.get("unit") or ""), "value"),
        (6, 6, "密级：", "label"),
        (7, 8, str(stamp.get("secrecy") or ""), "value"),
        (9, max(width - skip, 9), _resting(stamp), "plain"),
    ):
        first, end = first + skip, end + skip
        if end > first:
            sheet.merge_cells(start_row=2, end_row=2, start_column=first, end_column=end)
        for column in range(first, end + 1):
            styles.above(sheet.cell(2, column), text if column == first else None, kind, wrap=kind != "label")
        # Two bodies that make a list together have a name of two lines.
        lines.append(styles.lines(text, sum(field.width for field in listing.fields[first - 1 : end])))
    sheet.row_dimensions[2].height = max(20, styles.height(max(lines)))
    more = len(listing.rows) - MOST_ROWS
    left = f"仅列前 {MOST_ROWS} 行，其余 {more} 行见 CSV 或 GeoPackage。" if more > 0 else ""
    note = sheet.cell(3, 1 + skip)
    only = f"（只列：{kept}）" if (kept := kept_zh(stamp)) else ""
    sheet.merge_cells(f"{note.coordinate}:{last}3")
    styles.above(
        note,
        f"共 {len(listing.rows)} 个地块{only}。{listing.note}{left}{_on_paper(listing, stamp)}",
        "plain",
        wrap=True,
    )
    total = sum(field.width for field in listing.fields[skip:width])
    sheet.row_dimensions[3].height = styles.height(styles.lines(note.value, total))


def _print_list(sheet: Worksheet, listing: Listing, top: int | None) -> None:
    """All of a list on as many pages across as it needs, or only its first rows."""
    if top is not None and _printed(listing, top) == 0:
        # What stands over the list alone, on one page.
        sheet.print_area = f"A1:{get_column_letter(_across(listing.fields)[0])}{ABOVE}"
        return
    styles.print_across(sheet, len(_across(listing.fields)), _frozen(listing.fields))
    sheet.print_title_rows = f"{ABOVE + 1}:{ABOVE + 1}"
    if top is not None:
        rows = max(min(_printed(listing, top), len(listing.rows), MOST_ROWS), 1)
        sheet.print_area = f"A1:{get_column_letter(len(listing.fields))}{ABOVE + 1 + rows}"


def _printed(listing: Listing, top: int) -> int:
    """How many rows are printed where only the first are: of those that are no candidates for sure, none."""
    return 0 if listing.verdict == "no" else top


def _on_paper(listing: Listing, stamp: Stamp) -> str:
    if "top" not in stamp or len(listing.rows) <= (printed := _printed(listing, int(stamp["top"]))):
        return ""
    return f"打印范围为前 {printed} 个，其余见电子表。" if printed else "逐块清单不列入打印范围，见电子表。"


def _resting(stamp: Stamp) -> str:
    run = f"运行 {stamp['run_id']}　" if "run_id" in stamp else ""
    return f"{run}数据日期 {stamp.get('as_of', '')}　政策 {stamp.get('policy', '')}"


def _frozen(fields: tuple[Field, ...]) -> int:
    return next(number for number, field in enumerate(fields, start=1) if field.name == "parcel_code")


def _across(fields: tuple[Field, ...]) -> list[int]:
    return styles.pages_across([field.width for field in fields], _frozen(fields))


def _drop_downs(sheet: Worksheet, fields: tuple[Field, ...], first: int, last: int) -> None:
    rules = {
        "opinion": DataValidation(
            type="list", formula1='"' + ",".join(words[0] for words in OPINION.values()) + '"', allow_blank=True
        ),
        "opinion_on": DataValidation(type="date", operator="greaterThan", formula1="DATE(2000,1,1)", allow_blank=True),
    }
    told = {"opinion": "请从下拉列表中选择：同意、不同意、待定。", "opinion_on": "请填日期，如 2025-03-07。"}
    for number, field in enumerate(fields, start=1):
        if field.name in rules:
            rule = rules[field.name]
            rule.showErrorMessage = True
            rule.error, rule.errorTitle = told[field.name], field.head
            letter = get_column_letter(number)
            rule.add(f"{letter}{first}:{letter}{last}")
            sheet.add_data_validation(rule)


def _run_sheet(sheet: Worksheet, found: list[Listing], stamp: Stamp, synthetic: bool) -> None:
    counts = "；".join(f"{listing.sheet} {len(listing.rows)}" for listing in found)
    told: list[tuple[str, Any]] = [
        ("编制单位", stamp.get("unit") or None),
        ("密级", stamp.get("secrecy") or None),
        ("地块数", counts),
        *for_people({k: v for k, v in stamp.items() if k not in ("unit", "secrecy")}, synthetic=synthetic),
        (
            "打印",
            as_typed(
                "可只打印“候选清单”一张表；只打印前几名，导出时注明，如前 30 名：shuangbei candidates --out 文件.xlsx --top 30"
            ),
        ),
        ("意见回填", as_typed("填好“人工意见”“理由”“踏勘结果”后运行：shuangbei opinions 本文件")),
        ("复算", as_typed("核对本清单能否由同一数据与政策重新得出：shuangbei replay 本文件")),
    ]
    for number, (name, value) in enumerate(told, start=1):
        styles.head(sheet.cell(number, 1), name, left=True)
        styles.fill(sheet.cell(number, 2), value, "text")
        sheet.row_dimensions[number].height = styles.height(styles.lines(value, 90))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 90


def _stamp_sheet(sheet: Worksheet, found: list[Listing], stamp: Stamp) -> None:
    """The stamp as programs read it, and the opinions as they were given out: what comes back unchanged says nothing new."""
    given = {
        str(row["parcel_code"]): told
        for listing in found
        for row in listing.rows
        if (told := {f.name: _day(f.cell(row)) for f in listing.fields if f.to_fill and f.cell(row) is not None})
    }
    text = json.dumps({"stamp": dict(stamp), "given": given}, ensure_ascii=False, default=str)
    for number, start in enumerate(range(0, len(text), CELL_LIMIT), start=1):
        cell = sheet.cell(number, 1, text[start : start + CELL_LIMIT])
        cell.data_type = "s"
    sheet.sheet_state = "hidden"


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else jsonable(value)

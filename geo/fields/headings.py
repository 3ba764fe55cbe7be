"""Headings that our own files bear, so that what was given back is understood when it comes in again.

A heading is the Chinese name of a column, where it has a unit with the unit in brackets: 用地面积（㎡）.  A column of
land-use codes says its code table in brackets (用地性质（shanghai_kg）) or in a column beside it (用地性质代码表), outlines
their datum: 图形WKT（EPSG:4549）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.fields.columns import Column

#: units that stand in a heading, as offices write them; a share, a count and a year need none
SHOWN_UNITS = {"m2": "㎡", "m": "m", "亩": "亩"}
#: sheets of our own workbooks that hold no rows: where it comes from, how to fill it in, code tables, choices
OWN_SHEETS = frozenset({"运行信息", "填写说明", "代码表", "选项", "规则与依据", "复算信息"})
#: sheets of a list of candidates: by verdict, what they were judged by, and the stamp as programs read it
LIST_SHEETS = {"candidate": "候选清单", "unknown": "需调查", "no": "不符合及原因"}
STAMP_SHEET = "复算信息"
#: the stamp inside a report is an element of this name space, in a part of its own
STAMP_NAMESPACE = "urn:shuangbei:stamp"
#: what an office fills in on those sheets, by the column of its opinion
OPINION_HEADS = {
    "opinion": "人工意见",
    "opinion_reason": "理由",
    "survey_result": "踏勘结果",
    "opinion_by": "填写人",
    "opinion_on": "填写日期",
}
#: columns of our own files that are about the rows, not of them
OWN_COLUMNS = frozenset({"data_mark", "数据标记", "source", "数据来源", "synthetic", "演示数据"})
SYNTHETIC = ("synthetic", "演示数据")
#: the column of outlines, of longitude and of latitude: in code, in Chinese
WKT = ("wkt", "图形WKT")
#: an outline that is longer than a cell goes on in columns of this name and a number
WKT_MORE = "图形WKT续"
#: characters that one cell of a workbook holds; a longer outline goes on in the next column
CELL_LIMIT = 32_000
LON, LAT = ("lon", "经度"), ("lat", "纬度")
#: columns that a workbook of rejected rows has in front of the file's own: which row it is, its number in its file, what
#: is wrong, what to do
REJECTED_ID = "退回编号"
MEND_FRONT = (REJECTED_ID, "行号", "问题", "怎么改")
#: the last column of such a workbook: the mark of the database whose rows they are, for another has the same numbers
OF_DATABASE = "所属库"

_BRACKETED = re.compile(r"(.+?)\s*[（(]([^（）()]+)[）)]")


def mend_labels(columns: Sequence[str]) -> dict[str, str]:
    """What each of a file's columns is called in a workbook of rejected rows: its own name, if that can stand there.

    Names that are ours, that a cell cannot hold or that are there already are changed, always in the same way.
    """
    labels: dict[str, str] = {}
    taken = {*MEND_FRONT, OF_DATABASE}
    for number, column in enumerate(columns, start=1):
        label = "".join(c for c in column if c.isprintable()).strip() or f"列{number}"
        if label in taken or label.startswith(WKT[1]):
            label = f"原·{label}"
        while label in taken:
            label += "′"
        taken.add(label)
        labels[column] = label
    return labels


def split_heading(text: str) -> tuple[str, str | None]:
    """A heading without its last brackets, and what stands in them (``None`` without brackets)."""
    match = _BRACKETED.fullmatch(text.strip())
    return (match[1], match[2].strip()) if match else (text.strip(), None)


def zh_heading(column: Column) -> str:
    """The Chinese heading of a column, with its unit in brackets."""
    return column.zh + (f"（{SHOWN_UNITS[column.unit]}）" if column.unit in SHOWN_UNITS else "")


def table_names(column: Column) -> tuple[str, str]:
    """What the column beside land-use codes is called that says their code table: in code, in Chinese."""
    return f"{column.name}_table", f"{column.zh}代码表"

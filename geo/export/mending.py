"""Rejected rows given out to be mended: a workbook with a sheet for each import, or a CSV of one import's rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import ReadError
from geo.export.faults import MOST_ROWS, NEW, field_zh, list_sheet, new_workbook, rows_sheet, rules_sheet
from geo.export.files import whole_or_not_at_all
from geo.export.registry import unformulated
from geo.fields.faults import ToMend
from geo.fields.headings import MEND_FRONT, OF_DATABASE, REJECTED_ID, WKT, mend_labels
from geo.intake.rules import RULES
from geo.settings import as_typed


def mend_workbook(groups: Sequence[ToMend], path: str | Path) -> Path:
    """Write rejected rows to ``path`` (.xlsx), to be mended and tried again: 导入N for each import, 问题清单, 说明.

    In front of each row stands its number (退回编号), by which it is known when it comes back, and what is wrong and what to
    do; then the row as its file has it, faulty cells coloured, and its outline as WKT in the file's own datum.  Of one import
    at most :data:`geo.export.faults.MOST_ROWS` rows are given; 说明 says so.

    Raises
    ------
    ReadError
        There is no row, the ending is not .xlsx, or the folder cannot be written to.
    """
    target, book = new_workbook(path)
    _some(groups)
    told = [
        as_typed("这些行因有错误未入库。请在“导入…”各表中改正后存盘，再运行：shuangbei rejected --retry 本文件"),
        f"请勿改动“{REJECTED_ID}”“{OF_DATABASE}”两列，勿删列，勿加行；删去的行视为暂不处理。红色为错误，黄色为警告。",
        f"只能退回到所属的数据库：{groups[0].database}。",
    ]
    for group in groups:
        read = group.read
        given = rows_sheet(book.create_sheet(f"导入{group.import_id}"), dict(enumerate(group.faults)), read, group)
        told.append(f"导入{group.import_id}：{read.file_name}，{len(read.numbers)} 行。")
        if given < len(read.numbers):
            told.append(f"行数较多，只列前 {MOST_ROWS} 行；改好入库后再导出其余。")
    listed = [
        (fault, group.read, number)
        for group in groups
        for number, faults in zip(group.ids, group.faults, strict=True)
        for fault in faults
    ]
    list_sheet(book.create_sheet("问题清单"), listed)
    rules_sheet(book.create_sheet("说明"), told)
    whole_or_not_at_all(target, book.save)
    return target


def mend_csv(groups: Sequence[ToMend]) -> str:
    """The rejected rows of one import as CSV, with the columns of the workbook's sheet; without the mark for UTF-8.

    Raises
    ------
    ReadError
        There is no row, or the rows are of several imports, whose columns differ.
    """
    _some(groups)
    if len(groups) > 1:
        told = ", ".join(str(group.import_id) for group in groups)
        raise ReadError(
            f"The rows are of imports {told}, and a CSV has the columns of one file.",
            "Name one with --import, or write a workbook: --out 退回.xlsx.",
        )
    group = groups[0]
    read = group.read
    said: list[str] = []
    mends: list[str] = []
    for faults, closed in zip(group.faults, group.closed, strict=True):
        rules = [RULES.get(fault.rule, NEW) for fault in faults]
        wrong = [f"{field_zh(read, f)}：{rule.zh or f.rule}" for f, rule in zip(faults, rules, strict=True)]
        said.append(_joined([f"【{closed}】" if closed else "", *wrong]))
        mends.append(_joined([rule.mend_zh for rule in rules]))
    columns: dict[str, Sequence[Any]] = dict(
        zip(MEND_FRONT, (group.ids, read.numbers.tolist(), said, mends), strict=True)
    )
    for name, label in mend_labels([str(name) for name in read.frame.columns]).items():
        columns[label] = read.frame[name].tolist()
    if group.outlines is not None:
        columns[WKT[1]] = group.outlines
    columns[OF_DATABASE] = [group.database] * len(group.ids)
    frame = pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()})
    return unformulated(frame).to_csv(index=False, lineterminator="\r\n")


def write_mend_csv(groups: Sequence[ToMend], path: str | Path) -> Path:
    """Write :func:`mend_csv` to ``path``, with the mark by which Excel knows UTF-8."""
    target, text = Path(path), mend_csv(groups)
    whole_or_not_at_all(target, lambda temporary: temporary.write_text(text, encoding="utf-8-sig", newline=""))
    return target


def _joined(texts: Sequence[str]) -> str:
    return "；".join(dict.fromkeys(text for text in texts if text))


def _some(groups: Sequence[ToMend]) -> None:
    if not groups:
        raise ReadError(
            "No rejected row is open, so there is nothing to mend.", "`shuangbei rejected --all` lists the others."
        )

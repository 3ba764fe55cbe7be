"""What an office does with a workbook of rejected rows: opens it, mends cells, saves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from geo.database import Database
from geo.export import mend_workbook
from geo.intake.retry_rows import to_mend

Mends = dict[int, dict[str, Any]]


def give_out(db: Database, folder: Path, name: str = "退回.xlsx", **which: Any) -> Path:
    """The workbook to mend."""
    return mend_workbook(to_mend(db, **which), folder / name)


def mend(path: Path, mends: Mends, drop: tuple[int, ...] = ()) -> Path:
    """Write cells by rejected row and heading (``图形WKT`` without its datum), and take rows out."""
    book = openpyxl.load_workbook(path)
    left = dict(mends)
    for sheet in book.worksheets:
        heads = [str(cell.value).partition("（EPSG")[0] for cell in sheet[1]]
        if heads[0] != "退回编号":
            continue
        for line in range(sheet.max_row, 1, -1):
            number = sheet.cell(line, 1).value
            for head, value in left.pop(number, {}).items():
                sheet.cell(line, heads.index(head) + 1).value = value
            if number in drop:
                sheet.delete_rows(line)
    assert not left
    book.save(path)
    return path


def sheet_rows(path: Path, title: str) -> list[dict[str, Any]]:
    """The rows of a sheet by heading."""
    lines = list(openpyxl.load_workbook(path)[title].iter_rows(values_only=True))
    return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]

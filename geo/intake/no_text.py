"""Cells in which somebody typed words that the spreadsheet took for a formula or an error, so that no words are left."""

from __future__ import annotations

import zipfile
from pathlib import Path

from geo.intake.report import Step, unheard

#: sheet → line and column, both from 0 → what stands there
Lost = dict[str, dict[tuple[int, int], str]]

#: how the XML of a sheet says formula and error
_MARKS = (b"<f>", b"<f ", b"<f/", b't="e"', b"t='e'")
_PIECE = 1 << 20


def no_text(file: Path, _: Step = unheard) -> Lost:
    """The cells of a workbook (.xlsx) that hold a formula or an error, with what stands there.

    A reader gives a formula's last result, and where there is none, or an error, nothing at all; whoever must not lose what
    was typed asks here.  A workbook without either is not read a second time.
    """
    with zipfile.ZipFile(file) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(_has_marks(archive, name) for name in sheets):
            return {}
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True)
    try:
        return {
            sheet.title: {
                (cell.row - 1, cell.column - 1): str(cell.value)
                for line in sheet.iter_rows()
                for cell in line
                if cell.value is not None and cell.data_type in ("f", "e")
            }
            for sheet in book.worksheets
        }
    finally:
        book.close()


def _has_marks(archive: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as stream:
        while piece := stream.read(_PIECE):
            # A mark may lie across two pieces.
            if any(mark in before + piece for mark in _MARKS):
                return True
            before = piece[-8:]
    return False

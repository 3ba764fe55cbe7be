"""A workbook of rejected rows, read back: which cells were mended, and which are as they were given out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.apart import apart
from geo.errors import ReadError
from geo.fields.headings import CELL_LIMIT, OF_DATABASE, REJECTED_ID, WKT, WKT_MORE, mend_labels
from geo.intake.kept import SHAPE
from geo.intake.layers import layers_of
from geo.intake.read import checked_suffix
from geo.intake.sheets import WORKBOOKS, Sheet, read_tables
from geo.intake.unchanged import read_unchanged, size_of
from geo.intake.values import as_text

_HINT = "Make one with `shuangbei rejected --out 退回.xlsx`, mend it, and give that."
#: what a cell of a workbook cannot hold
_UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Given:
    """One row as it came back: its cells by heading, and where it stands, for errors."""

    cells: dict[str, Any]
    place: str


@dataclass(frozen=True)
class Mended:
    """A file that came back: its rows by the number of the rejected row, its name and the hash of its bytes."""

    rows: dict[int, Given]
    file_name: str
    sha256: str


def read_mended(path: str | Path, database: str) -> Mended:
    """Read a workbook or a CSV of rejected rows, of the ``database`` of that mark; sheets without 退回编号 are passed over.

    Raises
    ------
    ReadError
        It cannot be read, no sheet has that column, a row has no number there, or another's, or is of another database.
    """
    file = Path(path)
    suffix = checked_suffix(file)
    if suffix not in (".csv", *WORKBOOKS):
        raise ReadError(f"{file.name} is no workbook of rejected rows.", _HINT)
    names = [layer.name for layer in layers_of(file) if layer.n_rows > 0]
    sheets, sha256 = read_unchanged(file, lambda: apart(read_tables, file, names, name=file.name, size=size_of(file)))
    ours = [sheet for sheet in sheets if REJECTED_ID in sheet.frame.columns]
    if not ours:
        raise ReadError(f"{file.name} has no column {REJECTED_ID}, so it is no workbook of rejected rows.", _HINT)
    rows: dict[int, Given] = {}
    for sheet in ours:
        for number, given in _rows(sheet, file.name, database):
            if number in rows:
                raise ReadError(
                    f"{given.place} and {rows[number].place} are both row {number} ({REJECTED_ID}).",
                    "Each rejected row stands for one row of its file; a further one has to be imported as a file.",
                )
            rows[number] = given
    return Mended(rows, file.name, sha256)


def _rows(sheet: Sheet, file_name: str, database: str) -> list[tuple[int, Given]]:
    found = []
    if OF_DATABASE not in sheet.frame.columns:
        raise ReadError(
            f"{sheet.name or file_name} has no column {OF_DATABASE}, so that nobody can tell which database its rows are of.",
            "Leave every column in the workbook, also those that you do not change; or have it made again.",
        )
    heads = [str(name) for name in sheet.frame.columns]
    for line, cells in zip(sheet.rows.tolist(), sheet.frame.itertuples(index=False, name=None), strict=True):
        given = dict(zip(heads, cells, strict=True))
        # Headings stand in the first line, so that a spreadsheet counts one more.
        place = f"Line {line + 1} of {sheet.name or file_name}"
        told = as_text(given[REJECTED_ID])
        of = (as_text(given[OF_DATABASE]) or "").strip()
        if of != database:
            raise ReadError(
                f"{place} is {f'of another database ({of})' if of else 'of no known database'}, this one is {database}; "
                "nothing was written.",
                "Give the workbook to the one that it is from: shuangbei --database NAME rejected --retry FILE "
                "(the sheet 说明 has the whole command), and leave the column 所属库 as it is.",
            )
        if told is None or not told.isascii() or not told.isdigit() or len(told) > 18:
            raise ReadError(
                f"{place} has {'nothing' if told is None else repr(told)} in the column {REJECTED_ID}.",
                "Only rows that were given out can be tried again; import new ones as a file.",
            )
        found.append((int(told), Given(given, place)))
    return found


def changes(given: Given, columns: Sequence[str], kept: Mapping[str, Any], shaped: bool) -> dict[str, Any]:
    """The cells of a row that are not as they were given out, by the file's own column; the shape under ``geometry``.

    Raises
    ------
    ReadError
        A column of the row's own file is no longer there.
    """
    labels = mend_labels(columns)
    lacking = [label for label in labels.values() if label not in given.cells]
    shapes = [head for head in given.cells if head == WKT[1] or head.startswith((f"{WKT[1]}（", WKT_MORE))]
    if shaped and not shapes:
        lacking.append(WKT[1])
    if lacking:
        raise ReadError(
            f"{given.place} has no column {', '.join(map(repr, lacking))}, which its file has.",
            "Leave every column in the workbook, also those that you do not change.",
        )
    found = {
        column: given.cells[label]
        for column, label in labels.items()
        if not _untouched(given.cells[label], kept.get(column))
    }
    if shaped:
        # The pieces of a long outline stand in their order.
        told = "".join(str(given.cells[head]) for head in sorted(shapes, key=_piece) if _there(given.cells[head]))
        if _shown(told) != _shown(kept.get(SHAPE)):
            found[SHAPE] = told or None
    return found


def _piece(head: str) -> int:
    return int(number) if (number := head.removeprefix(WKT_MORE)).isdigit() else 0


def _there(cell: Any) -> bool:
    return cell is not None and cell is not pd.NaT and cell == cell


def _untouched(cell: Any, kept: Any) -> bool:
    """Whether a cell is as it was given out: what a workbook cannot hold was let go, and what is too long was cut."""
    whole = _UNHELD.sub("", as_text(kept) or "")
    return _shown(cell) in (_shown(whole), _shown(whole[:CELL_LIMIT]))


def _shown(cell: Any) -> str:
    return " ".join(_UNHELD.sub("", as_text(cell) or "").split())

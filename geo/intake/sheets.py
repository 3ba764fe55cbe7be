"""Tables without shapes of their own: CSV and workbooks."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import ReadError
from geo.fields.headings import OWN_SHEETS
from geo.intake import values
from geo.intake.archives import check_workbook

#: as many as a GeoPackage holds; office tables have some dozens, and each costs memory row by row
COLUMNS = 2_000
#: an outline in WKT can be megabytes long; the csv module stops at 128 KiB unless told otherwise
_FIELD_LIMIT = 2**30
#: text that was kept from being taken for a formula by one apostrophe more
_QUOTED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class Sheet:
    """One table: its name in the file, its cells, and the number of each row (rows that are wholly empty are none)."""

    name: str | None
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]


def choose_layer(file: Path, layers: list[str], wanted: str | None) -> str:
    """The layer to read: the one that is wanted, or the only one.

    Raises
    ------
    ReadError
        There is none of that name, or several and none is named; the message lists them.
    """
    if wanted is not None and wanted not in layers:
        raise ReadError(f"{file.name} has no layer {wanted!r}.", f"Layers: {', '.join(layers) or 'none'}.")
    if not layers:
        raise ReadError(f"{file.name} has no layer.", "Ask for the file again.")
    if wanted is None and len(layers) > 1:
        raise ReadError(
            f"{file.name} has {len(layers)} layers and none is named.", f"Pass --layer: {', '.join(layers)}."
        )
    return wanted or layers[0]


def read_csv(file: Path, encoding: str | None) -> Sheet:
    """A CSV file as text, cell by cell: UTF-8 (with or without BOM), else GB18030, unless ``encoding`` says otherwise.

    Raises
    ------
    ReadError
        It is not text, not in that encoding, or a row has more cells than the headings.
    """
    data = file.read_bytes()
    text = _decoded(file, data, encoding)
    if "\x00" in text:
        raise ReadError(
            f"{file.name} is not a CSV, as its name says: it holds bytes that no text has.", "Ask for it again."
        )
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        lines = [
            [cell[1:] if cell.startswith("'") and _QUOTED.match(cell) else cell for cell in line]
            for line in csv.reader(io.StringIO(text, newline=""), strict=True)
        ]
    except csv.Error as error:
        raise ReadError(f"{file.name} is not sound CSV: {error}.", "Save it as CSV again.") from None
    return _sheet(file, None, lines)


def _decoded(file: Path, data: bytes, encoding: str | None) -> str:
    tries = [encoding] if encoding else ["utf-8-sig", "gb18030"]
    for each in tries:
        try:
            return data.decode("utf-8-sig" if each.lower() in ("utf-8", "utf8") else each)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise ReadError(f"Unknown encoding {each!r}.", "Name one such as utf-8 or gb18030.") from None
    raise ReadError(
        f"The text of {file.name} is not {' or '.join(tries)}.", 'Say its encoding in the mapping: encoding = "big5".'
    )


def read_workbook(file: Path, sheet: str | None) -> Sheet:
    """One sheet of a workbook; headings in its first row.

    Raises
    ------
    ReadError
        It is no workbook, or has several sheets with something in them and none is named.
    """
    import python_calamine

    if file.suffix.lower() != ".xls":
        check_workbook(file)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        names = list(book.sheet_names)
        filled = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ReadError(
            f"{file.name} is not a workbook, as its name says, or is broken: {error}.",
            "Save it again, without a password.",
        ) from None
    if sheet is None:
        names = [
            name for name in names if name not in OWN_SHEETS and any(cell != "" for row in filled[name] for cell in row)
        ]
        if not names:
            raise ReadError(f"{file.name} has nothing in it.", "Ask for the file again.")
    chosen = choose_layer(file, names, sheet)
    found = _sheet(file, chosen, filled[chosen])
    if _counts_from_1904(file):
        found.frame.attrs["epoch"] = 1904
    return found


def _counts_from_1904(file: Path) -> bool:
    """Whether a workbook counts its days from 1904, as those of old Macintoshes do: then no number is taken for a day."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open("xl/workbook.xml") as stream:
            return bool(re.search(rb"date1904\s*=\s*[\"'](1|true)", stream.read(1 << 16)))
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return False


def _sheet(file: Path, name: str | None, lines: Sequence[Sequence[Any]]) -> Sheet:
    if not lines or not any(_filled(cell) for cell in lines[0]):
        raise ReadError(f"{file.name} has no headings in its first row.", "Put the names of the columns there.")
    headings = [values.as_text(cell) or "" for cell in lines[0]]
    named = [(i, heading) for i, heading in enumerate(headings) if heading]
    if len(headings) > COLUMNS:
        raise ReadError(
            f"{file.name} has {len(headings)} columns, more than {COLUMNS}.", "Delete those that are not wanted."
        )
    twice = sorted(heading for heading, n in Counter(heading for _, heading in named).items() if n > 1)
    if twice:
        raise ReadError(f"{file.name} has two columns named {', '.join(twice)}.", "Give each its own name.")
    kept: list[Sequence[Any]] = []
    rows: list[int] = []
    for number, line in enumerate(lines[1:], start=1):
        if any(_filled(cell) for cell in line[len(headings) :]):
            raise ReadError(
                f"Row {number} of {file.name} has {len(line)} cells, its headings are {len(headings)}.",
                "Put text that holds a comma in double quotes.",
            )
        if any(_filled(cell) for cell in line):
            kept.append(line)
            rows.append(number)
    columns = {}
    for i, heading in named:
        cells = np.empty(len(kept), dtype=object)
        cells[:] = [line[i] if i < len(line) and line[i] != "" else None for line in kept]
        columns[heading] = pd.Series(cells, dtype=object)
    return Sheet(name, pd.DataFrame(columns), np.asarray(rows, dtype=np.int64))


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))

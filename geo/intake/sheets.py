"""Tables without shapes of their own: CSV and workbooks."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import ReadError
from geo.fields.headings import OWN_SHEETS
from geo.fields.values import FORMULA
from geo.intake import values
from geo.intake.archives import check_workbook
from geo.intake.broken import broken_workbook
from geo.intake.encodings import Text, text_of
from geo.intake.report import Step, unheard

if TYPE_CHECKING:
    import python_calamine

#: as many as a GeoPackage holds; office tables have some dozens, and each costs memory row by row
COLUMNS = 2_000
#: an outline in WKT can be megabytes long; the csv module stops at 128 KiB unless told otherwise
_FIELD_LIMIT = 2**30
#: rows that are held as lines at a time
ROWS = 20_000
#: texts of a column that are kept once however often they stand there: words and codes, not what is each row's own
_OFTEN, _LONG = 10_000, 100
#: text that was kept from being taken for a formula by one apostrophe more
_QUOTED = re.compile(f"'{FORMULA.pattern}", FORMULA.flags)


#: endings of files that may have several sheets
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
ALL_AT_ONCE = "All of them at once:"


@dataclass(frozen=True)
class Sheet:
    """A table or a part of one: its name in the file, its cells, and the rows' numbers (wholly empty ones are none)."""

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
        all_of_them = f" {ALL_AT_ONCE} {drafting(file)}" if file.suffix.lower() in WORKBOOKS else ""
        raise ReadError(
            f"{file.name} has {len(layers)} layers and none is named.",
            f"Pass --layer: {', '.join(layers)}.{all_of_them}",
        )
    return wanted or layers[0]


def drafting(file: Path) -> str:
    """How the mapping of a workbook with several sheets is come by."""
    called = f'"{file}"' if " " in str(file) else str(file)
    return f"`shuangbei inspect {called} --out mapping.toml` drafts a mapping with a [[sheet]] part for each of its sheets."


def read_csv(file: Path, encoding: str | None, step: Step = unheard) -> Iterator[Sheet]:
    """A CSV file as text, cell by cell: UTF-8 (with or without BOM), else GB18030, unless ``encoding`` says otherwise.

    It comes in parts of some thousand rows, so that no more than its cells has to be in memory; the first may have none.

    Raises
    ------
    ReadError
        It is not text, not in that encoding, or a row has more cells than the headings.
    """
    known = _decoded(file, encoding)
    if known.has_nul:
        raise ReadError(
            f"{file.name} is not a CSV, as its name says: it holds bytes that no text has.", "Ask for it again."
        )
    csv.field_size_limit(_FIELD_LIMIT)
    with file.open(encoding=known.encoding, newline="") as stream:
        try:
            lines = map(_unquoted, csv.reader(stream, strict=True))
            # A cell may hold line feeds: no more rows than these, often as many.
            yield from _sheets(file, None, lines, known.n_lines, step)
        except csv.Error as error:
            raise ReadError(f"{file.name} is not sound CSV: {error}.", "Save it as CSV again.") from None
        except UnicodeError:  # it was written anew since it was looked through
            raise _not_text(file, [known.encoding]) from None


def _unquoted(line: list[str]) -> list[str]:
    return [cell[1:] if cell.startswith("'") and _QUOTED.match(cell) else cell for cell in line]


def _decoded(file: Path, encoding: str | None) -> Text:
    tries = [encoding] if encoding else ["utf-8-sig", "gb18030"]
    try:
        found = text_of(file, ["utf-8-sig" if each.lower() in ("utf-8", "utf8") else each for each in tries])
    except LookupError:
        raise ReadError(f"Unknown encoding {tries[0]!r}.", "Name one such as utf-8 or gb18030.") from None
    if found is None:
        raise _not_text(file, tries)
    return found


def _not_text(file: Path, tries: list[str]) -> ReadError:
    return ReadError(
        f"The text of {file.name} is not {' or '.join(tries)}.", 'Say its encoding in the mapping: encoding = "big5".'
    )


def read_workbook(file: Path, sheet: str | None, step: Step = unheard) -> Iterator[Sheet]:
    """One sheet of a workbook, in parts as :func:`read_csv` gives them; headings in its first row.

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
        names, table = list(book.sheet_names), None
        if sheet is None:
            names, table = _filled_sheets(book)
            if not names:
                raise ReadError(f"{file.name} has nothing in it.", "Ask for the file again.")
        chosen = choose_layer(file, names, sheet)
        table = table or book.get_sheet_by_name(chosen)
        lines = _lines(table)
    except (python_calamine.CalamineError, OSError, ValueError):
        raise broken_workbook(file) from None
    early = _counts_from_1904(file)
    for found in _sheets(file, chosen, lines, table.total_height, step):
        if early:
            found.frame.attrs["epoch"] = 1904
        yield found


def read_tables(file: Path, sheets: Sequence[str], _: Step = unheard) -> list[Sheet]:
    """All of a CSV, or these sheets of a workbook, in parts."""
    if file.suffix.lower() == ".csv":
        return list(read_csv(file, None))
    return [part for name in sheets for part in read_workbook(file, name)]


def _filled_sheets(book: python_calamine.CalamineWorkbook) -> tuple[list[str], python_calamine.CalamineSheet | None]:
    """The names of the sheets with something in them, and the first of these sheets: each is large, the others are let go."""
    names: list[str] = []
    first = None
    for name in book.sheet_names:
        sheet = None if name in OWN_SHEETS else book.get_sheet_by_name(name)
        if sheet is not None and any(cell != "" for line in _lines(sheet) for cell in line):
            names.append(name)
            first = first or sheet
    return names, first


def _lines(sheet: python_calamine.CalamineSheet) -> Iterator[list[Any]]:
    """The rows of a sheet from its first column on, also where that is empty."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    return (before + row for row in sheet.iter_rows())


def workbook_cells(file: Path, _: Step = unheard) -> dict[str, list[list[Any]]]:
    """Every sheet of a workbook by its name, hidden ones too: its cells line by line.

    Raises
    ------
    ReadError
        It is no workbook.
    """
    import python_calamine

    if file.suffix.lower() != ".xls":
        check_workbook(file)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError):
        raise broken_workbook(file) from None


def _counts_from_1904(file: Path) -> bool:
    """Whether a workbook counts its days from 1904, as those of old Macintoshes do: then no number is taken for a day."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open("xl/workbook.xml") as stream:
            return bool(re.search(rb"date1904\s*=\s*[\"'](1|true)", stream.read(1 << 16)))
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return False


def _sheets(file: Path, name: str | None, lines: Iterator[Sequence[Any]], total: int, step: Step) -> Iterator[Sheet]:
    first = next(lines, None)
    if first is None or not any(_filled(cell) for cell in first):
        raise ReadError(f"{file.name} has no headings in its first row.", "Put the names of the columns there.")
    headings = [values.as_text(cell) or "" for cell in first]
    named = {heading: i for i, heading in enumerate(headings) if heading}
    if len(headings) > COLUMNS:
        raise ReadError(
            f"{file.name} has {len(headings)} columns, more than {COLUMNS}.", "Delete those that are not wanted."
        )
    twice = sorted(heading for heading, n in Counter(heading for heading in headings if heading).items() if n > 1)
    if twice:
        raise ReadError(f"{file.name} has two columns named {', '.join(twice)}.", "Give each its own name.")
    written: list[dict[Any, Any]] = [{} for _ in headings]
    for start in count(1, ROWS):
        part = list(islice(lines, ROWS))
        if part or start == 1:
            yield _part(file, name, headings, named, part, start, written)
        step(min(start - 1 + len(part), total), total)
        if len(part) < ROWS:
            return


def _part(
    file: Path,
    name: str | None,
    headings: list[str],
    named: dict[str, int],
    lines: list[Sequence[Any]],
    start: int,
    written: list[dict[Any, Any]],
) -> Sheet:
    """Some rows as a table; ``written`` holds texts of each column, so that one that stands there often is kept once."""
    kept: list[Sequence[Any]] = []
    rows: list[int] = []
    for number, line in enumerate(lines, start=start):
        if len(line) > len(headings) and any(_filled(cell) for cell in line[len(headings) :]):
            raise ReadError(
                f"Row {number} of {file.name} has {len(line)} cells, its headings are {len(headings)}.",
                "Put text that holds a comma in double quotes.",
            )
        if any(_filled(cell) for cell in line):
            kept.append(line)
            rows.append(number)
    columns = {}
    for heading, i in named.items():
        cells = np.empty(len(kept), dtype=object)
        cells[:] = [_once(written[i], line[i]) if i < len(line) and line[i] != "" else None for line in kept]
        columns[heading] = pd.Series(cells, dtype=object)
    return Sheet(name, pd.DataFrame(columns), np.asarray(rows, dtype=np.int64))


def _once(written: dict[Any, Any], cell: Any) -> Any:
    if type(cell) is not str or len(cell) > _LONG:
        return cell
    found = written.get(cell)
    if found is not None:
        return found
    if len(written) < _OFTEN:
        written[cell] = cell
    return cell


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))

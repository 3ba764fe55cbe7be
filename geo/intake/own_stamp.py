"""The stamp of a file of ours, read back: of all but CSV, or the one that lies beside the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors

from geo.apart import apart
from geo.errors import ReadError
from geo.fields.headings import STAMP_SHEET
from geo.intake.read import checked_suffix
from geo.intake.sheets import workbook_cells
from geo.intake.unchanged import size_of
from geo.intake.word import WordFile, word_file

#: what lies beside a file that has no room for its stamp
BESIDE = ".run.json"
#: the ending of reports, which are read for their stamp and for replay alone: no table of an office is
REPORT = ".docx"
#: the endings in which a list of candidates is given out
_LISTS = (".xlsx", REPORT, ".csv", ".json", ".geojson", ".gpkg", ".parquet")


def workbook_stamp(file: Path, cells: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """What the hidden sheet of a workbook of candidates holds: ``stamp``, and ``given``: the opinions it was given out with.

    Raises
    ------
    ReadError
        It has no such sheet, or what stands there is not what was written.
    """
    if STAMP_SHEET not in cells:
        raise ReadError(
            f"{file.name} has no sheet {STAMP_SHEET}, so that nobody can tell which list it was.",
            "Take the workbook that `shuangbei candidates --out` or a download gave, with all its sheets; "
            "with --robustness, --pairs or --compare it gives others, which are no lists of candidates.",
        )
    found = _parsed(file, "".join(str(cell) for line in cells[STAMP_SHEET] for cell in line[:1]))
    if not isinstance(found.get("stamp"), dict) or not isinstance(found.get("given"), dict):
        raise _broken(file)
    return found


def report_stamp(file: Path, found: WordFile) -> dict[str, Any]:
    """The stamp inside a report.

    Raises
    ------
    ReadError
        It has none, or it is not as it was written.
    """
    if not found.stamp:
        raise ReadError(
            f"{file.name} bears no stamp, so that nobody can tell which list it was.",
            "Take the report as `shuangbei candidates --out` or a download gave it, not one that it was copied into.",
        )
    return _parsed(file, found.stamp)


def own_stamp(path: str | Path) -> dict[str, Any]:
    """The stamp of any file that was exported.

    Raises
    ------
    ReadError
        The file is missing, or no stamp is in it or beside it.
    """
    file = Path(path)
    if file.is_file() and file.suffix.lower() not in _LISTS:
        raise ReadError(f"{file.name} has an ending that no list of candidates has.", f"Endings: {', '.join(_LISTS)}.")
    if file.suffix.lower() == REPORT and file.is_file():
        return report_stamp(file, apart(word_file, file, name=file.name, size=size_of(file)))
    if checked_suffix(file) == ".xlsx":
        stamp: dict[str, Any] = workbook_stamp(file, apart(workbook_cells, file, name=file.name, size=size_of(file)))[
            "stamp"
        ]
        return stamp
    beside = file.with_name(file.name + BESIDE)
    try:
        if beside.is_file():
            return _parsed(beside, beside.read_text(encoding="utf-8"))
        if file.suffix.lower() in (".json", ".geojson"):
            inside = _parsed(file, file.read_text(encoding="utf-8")).get("run")
            if isinstance(inside, dict):
                return inside
        if file.suffix.lower() == ".gpkg":
            said = (pyogrio.read_info(file).get("dataset_metadata") or {}).get("shuangbei")
            if said:
                return _parsed(file, said)
        if file.suffix.lower() == ".parquet":
            said = (pq.read_metadata(file).metadata or {}).get(b"shuangbei")
            if said:
                return _parsed(file, said.decode())
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid, pyogrio.errors.DataSourceError) as error:
        raise ReadError(f"{file.name} cannot be read: {error}.", "Check that it may be read.") from None
    raise ReadError(
        f"{file.name} bears no stamp, and there is no {beside.name} beside it.",
        f"A list is exported with its stamp: keep {beside.name} beside it.",
    )


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise _broken(file) from None
    if not isinstance(found, dict):
        raise _broken(file)
    return found


def _broken(file: Path) -> ReadError:
    return ReadError(f"The stamp of {file.name} is not as it was written.", "Export the list again.")

"""A city's own table of land-use codes, as a file beside the mapping that names it: read, and checked line by line.

The table is kept with each import that was read by it, so that rejected rows can be tried again, and what was given back be
read again, without the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geo.database import Database
from geo.errors import MappingError
from geo.fields.land_use_codes import USES, Code, CodeTable, code_tables, table_of
from geo.intake.cells import dated, looks_dated, texts
from geo.intake.read import read
from geo.intake.values import clean

#: endings of files in which a table may stand
ENDINGS = (".csv", ".xlsx", ".xlsm", ".xls", ".ods")
#: headings of its columns; the first is ours
CODE, NAME, USE = ("code", "代码", "用地代码"), ("name", "名称", "用地名称"), ("use", "用途")
_SPLIT = re.compile(r"\s*[|、,，;；]\s*")
#: signs that part the uses of one cell, so that no code can hold them
_PARTING = re.compile(r"[\s/、,+;|&()（）:=]")
#: faults that a message names before it says how many more there are
_NAMED = 10


def is_file_name(table: str) -> bool:
    """Whether a mapping names a file and not one of the tables that come with the program."""
    return table.lower().endswith(ENDINGS)


def read_table(name: str, folder: Path | None, at: str) -> CodeTable:
    """The table in a file beside the mapping; ``at`` is what errors call the entry that names it.

    Its columns are ``code`` (代码), ``name`` (名称) and ``use`` (用途), the last one or several of our uses, in code or in
    Chinese.  A code is listed or unknown: no digits are added to it.

    Raises
    ------
    MappingError
        There is no such file, or lines of it are at fault: each is named.
    ReadError
        It cannot be read.
    """
    path = (folder or Path()) / name
    if not path.is_file():
        raise MappingError(
            f"{at}: there is no file {name} beside the mapping.", "Put it there, or write its path from the mapping on."
        )
    if path.stem in code_tables():
        raise MappingError(
            f"{at}: {path.stem} is a table that comes with the program.",
            f'Call the file otherwise, or write table = "{path.stem}" for the program\'s own.',
        )
    source = read(path)
    columns = {what[0]: _column(source.columns, what, path.name) for what in (CODE, NAME, USE)}
    lines = (source.rows + 1).tolist()
    codes, faults = _codes({what: source.frame[column] for what, column in columns.items()}, lines)
    if faults or not codes:
        more = f"; {len(faults) - _NAMED} lines more" if len(faults) > _NAMED else ""
        raise MappingError(
            f"{path.name}: {'; '.join(faults[:_NAMED])}{more}." if faults else f"{path.name} has no codes.",
            f"Mend those lines. Uses: {', '.join(f'{use.use} ({use.zh})' for use in USES.values())}.",
        )
    return table_of(path.stem, path.name, f"the office's own file, sha256 {source.sha256}", codes, file=path.name)


def _column(columns: list[str], names: tuple[str, ...], file: str) -> str:
    found = next((column for column in columns if column.strip().casefold() in names), None)
    if found is None:
        raise MappingError(
            f"{file} has no column {names[0]} ({names[1]}).",
            f"A table of codes has the columns code, name, use (代码, 名称, 用途). Columns of the file: {', '.join(columns)}.",
        )
    return found


def _codes(columns: dict[str, pd.Series[Any]], lines: list[int]) -> tuple[list[Code], list[str]]:
    """The codes, and what is wrong with which line."""
    cells = {what: texts(column) for what, column in columns.items()}
    days = dated(columns["code"]) | looks_dated(cells["code"])
    numbers = [isinstance(cell, int | float) and not isinstance(cell, bool) for cell in columns["code"]]
    found: list[Code] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for i, line in enumerate(lines):
        code, name, use = (clean(str(cells[what][i] or "")) for what in ("code", "name", "use"))
        uses = _uses(use)
        unknown = [each for each in uses if each not in USES]
        if not code:
            faults.append(f"line {line}: the code is empty")
        elif days[i]:
            faults.append(f"line {line}: a spreadsheet made a date of the code; format the column as text")
        elif numbers[i]:
            faults.append(f"line {line}: the code {code} is a number, which loses its leading zeros; write it as text")
        elif _PARTING.search(code):
            faults.append(f"line {line}: the code {code!r} holds a blank or a sign that parts uses")
        elif code.casefold() in seen:
            faults.append(f"line {line}: the code {code} stands in line {seen[code.casefold()]} already")
        elif not uses:
            faults.append(f"line {line}: the use of {code} is empty")
        elif unknown:
            faults.append(f"line {line}: {unknown[0]!r} is none of our uses")
        else:
            found.append(Code(code, name or code, tuple(dict.fromkeys(uses)), "own"))
        seen.setdefault(code.casefold(), line)
    return found, faults


def _uses(text: str) -> list[str]:
    """The uses of a cell as they are called in code; what is none of ours as it is written."""
    called = {use.zh: use.use for use in USES.values()}
    return [
        called.get(each, each.casefold() if each.casefold() in USES else each) for each in _SPLIT.split(text) if each
    ]


def told(table: CodeTable) -> dict[str, Any]:
    """A table as the books hold it; :func:`of_told` makes it again."""
    codes = [[each.code, each.name, list(each.uses)] for each in table.codes.values()]
    return {"name": table.name, "file": table.file, "source": table.source, "codes": codes}


def of_told(kept: MappingType[str, Any]) -> CodeTable:
    """The table from what the books hold of it."""
    codes = [Code(code, name, tuple(uses), "own") for code, name, uses in kept["codes"]]
    return table_of(kept["name"], kept["file"], kept["source"], codes, file=kept["file"])


def tables_of(db: Database) -> dict[str, CodeTable]:
    """The tables that imports of this database were read by, by their names; of one name the newest."""
    table = db.table("registry.imports")
    kept = table.c.mapping["tables"]
    with db.read() as connection:
        rows = connection.scalars(sa.select(kept).where(kept.is_not(None)).order_by(table.c.id)).all()
    return {each["name"]: of_told(each) for tables in rows for each in tables or ()}

"""A file's columns as columns of the registry, by a mapping; what cannot be read is found, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import crs as crs_room
from geo.errors import MappingError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.fields.headings import OWN_COLUMNS
from geo.fields.land_use_codes import code_tables
from geo.intake.cells import Converted, convert, dated, looks_dated, serial_days, texts
from geo.intake.findings import Findings, Mask, Objects, missing
from geo.intake.mapping import Mapping, Spec
from geo.intake.read import Source
from geo.tables import parts_name


@dataclass(frozen=True)
class Rows:
    """The rows of one file as the registry wants them, all arrays of one length.

    ``columns`` has each fact column but ``geom``, values as Python objects, ``None`` where missing; ``geometry`` holds
    shapes as the file has them until :mod:`geo.intake.shapes` has looked at them.
    """

    kind: Kind
    rows: npt.NDArray[np.int64]
    columns: dict[str, Objects]
    geometry: Objects | None
    unreadable: Mask
    datum: crs_room.Datum | None
    raw: pd.DataFrame
    findings: Findings
    n_skipped: int
    unused: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def keys(self) -> Objects:
        """Each row's own code as lists of faults show it: the key's values joined by ``/``, ``None`` where one is missing."""
        parts = [self.columns[name] for name in self.kind.key]
        joined: Objects = np.empty(len(self), dtype=object)
        joined[:] = [
            None if any(v is None for v in row) else "/".join(map(str, row)) for row in zip(*parts, strict=True)
        ]
        return joined


def map_columns(source: Source, mapping: Mapping) -> Rows:
    """Bring a file's columns under the names, units and types of the registry.

    Raises
    ------
    MappingError
        The mapping names columns that the file does not have; the message lists those that it has.
    """
    _check_present(source, mapping)
    keep = np.ones(len(source.rows), dtype=bool)
    for column, allowed in mapping.where.items():
        keep &= np.array([text in allowed for text in texts(source.frame[column])], dtype=bool)
    for spec in mapping.columns.values():
        if spec.column and spec.values is not None and spec.otherwise == "skip":
            keep &= np.array([text in spec.values for text in texts(source.frame[spec.column])], dtype=bool)
    frame = source.frame.loc[keep].reset_index(drop=True)
    rows = source.rows[keep]
    findings = _remarked(source, mapping, keep)
    columns: dict[str, Objects] = {}
    for target in (*mapping.kind.columns, *mapping.kind.checked):
        code = target.name in mapping.kind.key or target.name.endswith("_code")
        columns |= _column(target, mapping.columns.get(target.name), frame, rows, findings, code)
    if mapping.kind.name == "buildings":
        columns["gfa_m2"] = _total_floor_area(columns)
    used = {name for spec in mapping.columns.values() for name in (spec.column, spec.table_column)} | set(mapping.where)
    used |= OWN_COLUMNS
    return Rows(
        kind=mapping.kind,
        rows=rows,
        columns=columns,
        geometry=None if source.geometry is None else source.geometry[keep],
        unreadable=source.unreadable[keep],
        datum=source.datum,
        raw=frame,
        findings=findings,
        n_skipped=int((~keep).sum()),
        unused=tuple(column for column in source.columns if column not in used),
    )


def _remarked(source: Source, mapping: Mapping, keep: Mask) -> Findings:
    """What reading found in the rows and columns that are used, under the registry's names."""
    names = {spec.column: name for name, spec in mapping.columns.items() if spec.column} | {"geometry": "geometry"}
    position = np.cumsum(keep) - 1
    findings = Findings()
    for item in source.remarks.items:
        if item.field in names and (item.position < 0 or keep[item.position]):
            place = -1 if item.position < 0 else int(position[item.position])
            findings.items.append(replace(item, position=place, field=names[item.field]))
    return findings


def _total_floor_area(columns: dict[str, Objects]) -> Objects:
    """A building's floor area where the file leaves it empty: above and below ground, if both are known."""
    out = columns["gfa_m2"].copy()
    for i in np.flatnonzero(missing(out)):
        above, below = columns["gfa_above_m2"][i], columns["gfa_below_m2"][i]
        out[i] = None if above is None or below is None else above + below
    return out


def _check_present(source: Source, mapping: Mapping) -> None:
    wanted = [spec.column for spec in mapping.columns.values() if spec.column] + list(mapping.where)
    lacking = list(dict.fromkeys(column for column in wanted if column not in source.columns))
    if lacking:
        raise MappingError(
            f"{mapping.name} names {', '.join(map(repr, lacking))}, and {source.file_name} has no such column.",
            f"Columns of the file: {', '.join(source.columns) or 'none'}.",
        )


def _column(
    target: Column, spec: Spec | None, frame: pd.DataFrame, rows: npt.NDArray[np.int64], findings: Findings, code: bool
) -> dict[str, Objects]:
    n = len(rows)
    nothing: Objects = np.full(n, None, dtype=object)
    if spec is None:
        return {target.name: nothing} | ({parts_name(target.name): nothing} if target.type == "land_use" else {})
    written = _written(target, spec, frame, rows, findings, code)
    cells = _translated(target, spec, written, findings)
    found = _by_table(target, spec, cells, frame) if spec.table_column else convert(target, spec, cells)
    for position, (rule, advice) in found.wrong.items():
        findings.add([position], target.name, written, rule, advice)
    for position, (rule, advice) in found.doubtful.items():
        findings.add([position], target.name, written, rule, advice)
    if target.required:
        told = {item.position for item in findings.items if item.field == target.name}
        empty = [i for i in np.flatnonzero(missing(found.cells)).tolist() if i not in told]
        findings.add(empty, target.name, written, "required", f"{target.zh} may not be empty.")
    out = {target.name: found.cells}
    if found.parts is not None:
        out[parts_name(target.name)] = found.parts
    return out


def _by_table(target: Column, spec: Spec, cells: Objects, frame: pd.DataFrame) -> Converted:
    """Land-use codes of which each row says the table that they are of."""
    tables = texts(frame[str(spec.table_column)])
    parts: Objects = np.full(len(cells), None, dtype=object)
    found = Converted(np.full(len(cells), None, dtype=object), {}, {}, parts)
    for table in {None if cell is None else str(cell) for cell in tables}:
        here = tables == table if table is not None else missing(tables)
        if table in code_tables():
            these = convert(target, replace(spec, table=table), cells[here])
            found.cells[here], parts[here] = these.cells, these.parts
            found.wrong.update({int(np.flatnonzero(here)[i]): told for i, told in these.wrong.items()})
        else:
            advice = f"Name its code table in {spec.table_column}: {', '.join(code_tables())}."
            found.wrong.update(
                {int(i): ("unknown_table", advice) for i in np.flatnonzero(here & ~missing(cells)).tolist()}
            )
    return found


def _written(
    target: Column, spec: Spec, frame: pd.DataFrame, rows: npt.NDArray[np.int64], findings: Findings, code: bool
) -> Objects:
    """What the file says in each row, as text."""
    out: Objects = np.empty(len(rows), dtype=object)
    if spec.constant is not None:
        out[:] = spec.constant
    elif spec.row_number is not None:
        out[:] = [f"{spec.row_number}{row}" for row in rows]
    else:
        column = frame[spec.column]
        out = texts(column)
        if target.type in ("text", "land_use", "choice"):
            days = dated(column)
            if code or target.type != "text":
                days |= looks_dated(out)
            advice = "A spreadsheet made a date of this: format the column as text and write it again."
            findings.add(days, target.name, out, "date_in_text", advice)
            out[days] = None
        elif target.type == "date" and frame.attrs.get("epoch", 1900) == 1900:
            serial = serial_days(column, out)
            advice = "The cell holds a number, read as a spreadsheet's serial day; format the column as a date."
            findings.add(serial, target.name, out, "serial_date", advice)
    return out


def _translated(target: Column, spec: Spec, written: Objects, findings: Findings) -> Objects:
    if spec.values is None:
        return written
    out: Objects = np.empty(len(written), dtype=object)
    out[:] = [None if text is None else spec.values.get(text) for text in written]
    unlisted = np.array([text is not None and text not in spec.values for text in written], dtype=bool)
    unlisted &= ~np.array([text in spec.missing for text in written], dtype=bool)
    findings.add(unlisted, target.name, written, "unmapped_value", f"Add it to values of {target.name} in the mapping.")
    return out

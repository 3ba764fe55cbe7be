"""A file's columns as columns of the registry, by a mapping; what cannot be read is found, never guessed.

Columns are Arrow arrays, so that a million rows fit.  Equal cells are read once, plain columns as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo import crs as crs_room
from geo.errors import MappingError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.fields.headings import OWN_COLUMNS
from geo.fields.land_use_codes import code_tables
from geo.intake.cells import Converted, arrow_type, convert, dated, looks_dated, serial_days, texts
from geo.intake.distinct import Distinct
from geo.intake.findings import Findings, Mask, Objects, absent, missing
from geo.intake.outlines import Outlines
from geo.intake.places import Aside, Places
from geo.intake.plain import plain
from geo.intake.read import Source
from geo.intake.specs import Mapping, Spec
from geo.tables import parts_name


@dataclass(frozen=True)
class Rows:
    """The rows of one file as the registry wants them, all arrays of one length.

    ``columns`` has each fact column but ``geom`` as an Arrow array, null where missing (land uses taken apart as JSON text);
    ``geometry`` holds shapes as the file has them, before :mod:`geo.intake.shapes` has looked at them.
    """

    kind: Kind
    rows: npt.NDArray[np.int64]
    columns: dict[str, pa.Array]
    geometry: Outlines | None
    unreadable: Mask
    datum: crs_room.Datum | None
    raw: pd.DataFrame
    findings: Findings
    n_skipped: int
    unused: tuple[str, ...]
    places: Places | None = None
    aside: tuple[Aside, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def codes(self) -> pa.Array:
        """Each row's own code as lists of faults show it: the key's values joined by ``/``, null where one is missing."""
        parts = [self.columns[name].cast(pa.string()) for name in self.kind.key]
        return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "/")

    def keys(self) -> Objects:
        """The same as Python text, ``None`` where one is missing."""
        joined: Objects = self.codes.to_numpy(zero_copy_only=False)
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
        keep &= _says_one_of(source.frame[column], allowed)
    for spec in mapping.columns.values():
        if spec.column and spec.values is not None and spec.otherwise == "skip":
            keep &= _says_one_of(source.frame[spec.column], spec.values)
    frame = source.frame if keep.all() else source.frame.loc[keep].reset_index(drop=True)
    rows = source.rows[keep]
    findings = _remarked(source, mapping, keep)
    columns: dict[str, pa.Array] = {}
    for target in (*mapping.kind.columns, *mapping.kind.checked):
        code = target.name in mapping.kind.key or target.name.endswith("_code")
        columns |= _column(target, mapping.columns.get(target.name), frame, rows, findings, code)
    if mapping.kind.name == "buildings":
        columns["gfa_m2"] = _total_floor_area(columns)
    used = {name for spec in mapping.columns.values() for name in (spec.column, spec.table_column)} | set(mapping.where)
    used |= OWN_COLUMNS | {name for other in source.also for name in other["on"]}
    return Rows(
        kind=mapping.kind,
        rows=rows,
        columns=columns,
        geometry=None if source.geometry is None else source.geometry[keep],
        unreadable=source.unreadable[keep],
        datum=source.datum,
        raw=frame,
        findings=findings,
        n_skipped=int((~keep).sum()) + source.n_skipped,
        unused=tuple(column for column in source.columns if column not in used),
        places=None if source.places is None else source.places.kept(keep),
        aside=source.aside,
    )


def _remarked(source: Source, mapping: Mapping, keep: Mask) -> Findings:
    """What reading found in the rows and columns that are used, under the registry's names."""
    names = {name: name for name in (*mapping.kind.key, "geometry")}
    names |= {spec.column: name for name, spec in mapping.columns.items() if spec.column}
    position = np.cumsum(keep) - 1
    findings = Findings()
    for item in source.remarks.items:
        if item.field in names and (item.position < 0 or keep[item.position]):
            place = -1 if item.position < 0 else int(position[item.position])
            findings.items.append(replace(item, position=place, field=names[item.field]))
    return findings


def _says_one_of(column: pd.Series[Any], allowed: Iterable[str]) -> Mask:
    """Which cells, as text, are one of these."""
    found = Distinct.of(column)
    return found.spread(np.array([text in allowed for text in texts(found.cells)], dtype=bool))


def _total_floor_area(columns: dict[str, pa.Array]) -> pa.Array:
    """A building's floor area where the file leaves it empty: above and below ground, if both are known."""
    return pc.coalesce(columns["gfa_m2"], pc.add(columns["gfa_above_m2"], columns["gfa_below_m2"]))


def _check_present(source: Source, mapping: Mapping) -> None:
    wanted = [spec.column for spec in mapping.columns.values() if spec.column] + list(mapping.where)
    lacking = list(dict.fromkeys(column for column in wanted if column not in source.columns))
    if lacking:
        raise MappingError(
            f"{mapping.name} names {', '.join(map(repr, lacking))}, and {source.file_name} has no such column.",
            f"Columns of the file: {', '.join(source.columns)}. Name the right one, or delete the line where there is none."
            if source.columns
            else "The file has no columns at all: of a Shapefile the .dbf is missing; ask for all of its parts.",
        )


def _column(
    target: Column, spec: Spec | None, frame: pd.DataFrame, rows: npt.NDArray[np.int64], findings: Findings, code: bool
) -> dict[str, pa.Array]:
    kind = arrow_type(target)
    if spec is None:
        nothing = pa.nulls(len(rows), kind)
        return {target.name: nothing} | ({parts_name(target.name): nothing} if target.type == "land_use" else {})
    told: set[int] = set()
    if spec.row_number is not None:
        values = {target.name: pa.array([f"{spec.row_number}{row}" for row in rows.tolist()], type=kind)}
    elif spec.constant is not None:
        one = pd.Series([spec.constant], dtype=object)
        values = _read(target, spec, Distinct(one, np.zeros(len(rows), dtype=np.int64)), findings, code, told)
    elif spec.table_column:
        values = _by_table(target, spec, frame, findings, told)
    else:
        values = _by_column(target, spec, frame[str(spec.column)], frame.attrs, findings, code, told)
    if target.required:
        empty = np.flatnonzero(absent(values[target.name]))
        if told:
            empty = empty[~np.isin(empty, list(told))]
        written: Any = None
        if spec.column:
            written = dict(zip(empty.tolist(), texts(frame[spec.column].iloc[empty]), strict=True))
        findings.add(empty.tolist(), target.name, written, "required", f"{target.zh} may not be empty.")
    return values


def _by_column(
    target: Column,
    spec: Spec,
    column: pd.Series[Any],
    attrs: dict[Any, Any],
    findings: Findings,
    code: bool,
    told: set[int],
) -> dict[str, pa.Array]:
    """A column of the file: what is plain as a whole, the rest each distinct cell once."""
    quick = plain(target, spec, column, code=code)
    if quick is None:
        return _read(target, spec, Distinct.of(column, attrs), findings, code, told)
    values, settled = quick
    if settled.all():
        return {target.name: values}
    left = np.flatnonzero(~settled)
    found = Distinct.of(column.iloc[left], attrs)
    odd = _read(target, spec, found, findings, code, told, left)[target.name]
    return {target.name: pc.replace_with_mask(values, pa.array(~settled), odd)}


def _read(
    target: Column,
    spec: Spec,
    found: Distinct,
    findings: Findings,
    code: bool,
    told: set[int],
    where: npt.NDArray[np.int64] | None = None,
) -> dict[str, pa.Array]:
    """The distinct cells of a column read one by one, and spread over the rows that have them (``where``: their positions)."""
    own = Findings()
    written = _written(target, spec, found.cells, own, code)
    cells = _translated(target, spec, written, own)
    converted = convert(target, spec, cells)
    _tell(converted, target, written, own)
    for item in own.items:
        positions = found.positions(item.position)
        for position in (positions if where is None else where[positions]).tolist():
            findings.items.append(replace(item, position=position))
            told.add(position)
    return {name: found.spread_arrow(array) for name, array in _arrays(target, converted).items()}


def _arrays(target: Column, found: Converted) -> dict[str, pa.Array]:
    out = {target.name: pa.array(found.cells, type=arrow_type(target))}
    if found.parts is not None:
        parts = [None if part is None else json.dumps(part, ensure_ascii=False) for part in found.parts]
        out[parts_name(target.name)] = pa.array(parts, type=pa.string())
    return out


def _tell(found: Converted, target: Column, written: Objects, findings: Findings) -> None:
    for position, (rule, advice) in (found.wrong | found.doubtful).items():
        findings.add([position], target.name, written, rule, advice)


def _by_table(
    target: Column, spec: Spec, frame: pd.DataFrame, findings: Findings, told: set[int]
) -> dict[str, pa.Array]:
    """Land-use codes of which each row says the table that they are of."""
    own = Findings()
    written = _written(target, spec, frame[str(spec.column)], own, code=False)
    cells = _translated(target, spec, written, own)
    tables = texts(frame[str(spec.table_column)])
    parts: Objects = np.full(len(cells), None, dtype=object)
    found = Converted(np.full(len(cells), None, dtype=object), {}, {}, parts)
    for table in {None if cell is None else str(cell) for cell in tables}:
        here = tables == table if table is not None else missing(tables)
        if table in code_tables() or table in spec.known:
            these = convert(target, replace(spec, table=table, own=spec.known.get(str(table))), cells[here])
            found.cells[here], parts[here] = these.cells, these.parts
            found.wrong.update({int(np.flatnonzero(here)[i]): wrong for i, wrong in these.wrong.items()})
        else:
            advice = f"Name its code table in {spec.table_column}: {', '.join([*code_tables(), *spec.known])}."
            found.wrong.update(
                {int(i): ("unknown_table", advice) for i in np.flatnonzero(here & ~missing(cells)).tolist()}
            )
    _tell(found, target, written, own)
    findings.items += own.items
    told.update(item.position for item in own.items)
    return _arrays(target, found)


def _written(target: Column, spec: Spec, column: pd.Series[Any], findings: Findings, code: bool) -> Objects:
    """What the file says in each cell, as text."""
    out = texts(column)
    if spec.constant is not None:
        return out
    if target.type in ("text", "land_use", "choice"):
        days = dated(column)
        if code or target.type != "text":
            days |= looks_dated(out)
        advice = "A spreadsheet made a date of this: format the column as text and write it again."
        findings.add(days, target.name, out, "date_in_text", advice)
        out[days] = None
    elif target.type == "date" and column.attrs.get("epoch", 1900) == 1900:
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

"""What is kept of rejected rows and of how their file was read, so that they can be tried again without the file."""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingType
from dataclasses import fields
from typing import Any

import numpy as np

from geo.fields import Kind
from geo.intake.mapping import parse_mapping
from geo.intake.own_tables import of_told
from geo.intake.own_tables import told as told_table
from geo.intake.read import Source
from geo.intake.specs import Join, Mapping, Spec
from geo.intake.values import as_text

#: where the shape of a rejected row stands among its values: WKT in the file's own coordinates
SHAPE = "geometry"


def reading(source: Source, plan: Mapping, trust_crs: bool) -> dict[str, Any]:
    """What trying rejected rows again needs beyond the text of the mapping; :func:`plan_of` reads it.

    ``columns`` of the table in their order, joined ones included; ``typed`` those whose cells the format gives a type, so that
    a number in a column of days is no spreadsheet's serial day; ``epoch`` of a workbook that counts its days from 1904;
    ``specs`` and ``where`` of the mapping as it was used (a join and a sheet of uses are done, and leave columns behind).
    """
    frame = source.frame
    told: dict[str, Any] = {
        "columns": source.columns,
        "typed": [name for name in source.columns if frame[name].dtype != object],
        "trust_crs": trust_crs,
        "specs": {name: _spec_told(spec) for name, spec in plan.columns.items()},
        "where": {name: sorted(values) for name, values in plan.where.items()},
    }
    if "epoch" in frame.attrs:
        told["epoch"] = frame.attrs["epoch"]
    return told


def plan_of(mapping: MappingType[str, Any], read: MappingType[str, Any] | None, kind: Kind) -> Mapping | None:
    """The mapping that an import was read with, from what the books hold of it; ``None`` where that is not enough.

    Raises
    ------
    MappingError
        Its text is no longer a mapping for that kind (a code table that is gone, a column of another name).
    """
    name = str(mapping.get("name", "the mapping"))
    join = Join(registered=True) if mapping.get("registered") else None
    if read is not None and "specs" in read:
        specs = {column: _spec_of(told) for column, told in read["specs"].items()}
        where = {column: frozenset(values) for column, values in read["where"].items()}
        return Mapping(name=name, kind=kind, columns=specs, where=where, join=join)
    content = mapping.get("content", {})
    return parse_mapping(dict(content), name, kind) if "kind" in content else None


def _spec_told(spec: Spec) -> dict[str, Any]:
    said = {each.name: getattr(spec, each.name) for each in fields(spec) if each.name not in ("own", "known")}
    said |= {"own": None if spec.own is None else told_table(spec.own)}
    said |= {"missing": sorted(spec.missing), "values": None if spec.values is None else dict(spec.values)}
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _spec_of(told: MappingType[str, Any]) -> Spec:
    own = of_told(told["own"]) if "own" in told else None
    return Spec(**{**told, "missing": frozenset(told.get("missing", ())), "own": own})


def plain_cell(cell: Any) -> Any:
    """A cell as JSON can hold it: numbers as such, else text as it is written.

    NUL and lone surrogates are marked, for jsonb takes neither.
    """
    if isinstance(cell, np.number):
        cell = cell.item()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell if isinstance(cell, int) or math.isfinite(cell) else as_text(cell)
    if isinstance(cell, str):
        return cell.replace("\x00", "�").encode("utf-8", "replace").decode()
    text = as_text(cell)
    return text if text is None else plain_cell(text)

"""Without a mapping: columns are found by their exact name, their Chinese name, or an alias that offices use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo import units
from geo.errors import MappingError, UnitError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.fields.headings import split_heading, table_names
from geo.fields.land_use_codes import code_tables
from geo.intake.specs import Mapping, Spec


def match_columns(columns: Sequence[str], kind: Kind, file_name: str, *, partial: bool = False) -> Mapping:
    """A mapping for a file whose columns say unmistakably what they are.

    Units are the registry's own, unless the heading says another in brackets (用地面积（亩）).  ``partial``: only the code has
    to be there.

    Raises
    ------
    MappingError
        A required column is not found, two columns could be the same one, or a column holds land-use codes and neither
        its heading nor a column beside it says by which code table: without one they have no meaning.
    """
    specs: dict[str, Spec] = {}
    cut = _cut_headings(columns, kind) if any(end in file_name.lower() for end in (".shp", ".zip")) else {}
    named = {heading: name for name, heading in cut.items()}
    whole = [named.get(column, column) for column in columns]
    for target in kind.columns:
        found = _find(_spelled(whole, target), target, kind, file_name)
        if found is not None and found.column in cut:
            found = replace(found, column=cut[found.column])
        if found is not None:
            specs[target.name] = found
    wanted = [c for c in kind.columns if c.required and (not partial or c.name in kind.key)]
    lacking = [f"{c.name} ({c.zh})" for c in wanted if c.name not in specs]
    if lacking:
        raise MappingError(
            f"{file_name} has no column that is {', '.join(lacking)}.",
            f"Columns of the file: {', '.join(columns) or 'none'}. Name them in a mapping (--mapping).",
        )
    codes = [
        f"{name} ({spec.column})"
        for name, spec in specs.items()
        if kind.column(name).type == "land_use" and not (spec.table or spec.table_column)
    ]
    if codes:
        raise MappingError(
            f"{file_name}: {', '.join(codes)} holds land-use codes, and no code table is named.",
            'The same code means other things elsewhere: write a mapping with table = "shanghai_kg" or another.',
        )
    return Mapping(name="by column names", kind=kind, columns=specs)


def find_column(columns: Sequence[str], target: Column, kind: Kind, file_name: str) -> str | None:
    """The one heading that is a column of the registry by its name or an alias, ``None`` where none is.

    Raises
    ------
    MappingError
        Two headings could be it.
    """
    found = _find(_spelled(columns, target), target, kind, file_name)
    return None if found is None else found.column


def _cut_headings(columns: Sequence[str], kind: Kind) -> dict[str, str]:
    """Names of ours of which a Shapefile has only the beginning, with that beginning: its headings end at ten bytes.

    ``registered`` is registered_area_m2 where no other name of the kind begins so; 计容建筑面 is 计容建筑面积 in GBK.
    """
    cut: dict[str, str] = {}
    there = {column.casefold() for column in columns}
    names = {name for c in kind.columns for name in (c.name, c.zh)}
    for column in columns:
        lengths = {len(column.encode("gb18030", "replace")), len(column.encode("utf-8", "replace"))}
        if not lengths & {9, 10} or column in names:
            continue
        meant = [name for name in names if name.casefold().startswith(column.casefold())]
        if len(meant) == 1 and meant[0].casefold() not in there:
            cut[meant[0]] = column
    return cut


def _spelled(columns: Sequence[str], target: Column) -> dict[str, Spec]:
    """Each heading, in lower case, as the column that it would be, and without its brackets where they say how to read it."""
    folded: dict[str, Spec] = {}
    for column in columns:
        folded.setdefault(column.strip().casefold(), Spec(column=column))
    if target.type == "land_use":
        beside = next((folded[n.casefold()].column for n in table_names(target) if n.casefold() in folded), None)
        folded = {name: Spec(column=spec.column, table_column=beside) for name, spec in folded.items()}
    for column in columns:
        base, told = split_heading(column)
        if told and target.type == "land_use" and told in code_tables():
            folded.setdefault(base.casefold(), Spec(column=column, table=told))
        elif told and _fits(told, target):
            folded.setdefault(base.casefold(), Spec(column=column, unit=told))
    return folded


def _fits(unit: str, target: Column) -> bool:
    try:
        return target.type == "number" and target.unit is not None and bool(units.factor(unit, target.unit))
    except UnitError:
        return False


def _find(folded: dict[str, Spec], target: Column, kind: Kind, file_name: str) -> Spec | None:
    for exact in (target.name, target.zh):
        if exact.casefold() in folded:
            return folded[exact.casefold()]
    # A heading that is another column's own name is that column, not an alias of this one.
    others = {name.casefold() for c in kind.columns if c is not target for name in (c.name, c.zh)}
    specs = [folded[a.casefold()] for a in target.aliases if a.casefold() in folded and a.casefold() not in others]
    found = {spec.column: spec for spec in specs}
    if len(found) > 1:
        raise MappingError(
            f"{file_name}: {' and '.join(map(str, found))} could both be {target.name} ({target.zh}).",
            "Say which in a mapping (--mapping).",
        )
    return next(iter(found.values()), None)

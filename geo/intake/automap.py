"""Without a mapping: columns are found by their exact name, their Chinese name, or an alias that offices use."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import MappingError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.intake.mapping import Mapping, Spec


def match_columns(columns: Sequence[str], kind: Kind, file_name: str) -> Mapping:
    """A mapping for a file whose columns say unmistakably what they are; units are the registry's own.

    Raises
    ------
    MappingError
        A required column is not found, two columns could be the same one, or a column holds land-use codes: those have
        no meaning without a code table, which only a mapping can name.
    """
    folded: dict[str, str] = {}
    for column in columns:
        folded.setdefault(column.strip().casefold(), column)
    specs: dict[str, Spec] = {}
    for target in kind.columns:
        found = _find(folded, target, kind, file_name)
        if found is not None:
            specs[target.name] = Spec(column=found)
    lacking = [f"{c.name} ({c.zh})" for c in kind.columns if c.required and c.name not in specs]
    if lacking:
        raise MappingError(
            f"{file_name} has no column that is {', '.join(lacking)}.",
            f"Columns of the file: {', '.join(columns) or 'none'}. Name them in a mapping (--mapping).",
        )
    codes = [f"{name} ({specs[name].column})" for name in specs if kind.column(name).type == "land_use"]
    if codes:
        raise MappingError(
            f"{file_name}: {', '.join(codes)} holds land-use codes, and no code table is named.",
            'The same code means other things elsewhere: write a mapping with table = "shanghai_kg" or another.',
        )
    return Mapping(name="by column names", kind=kind, columns=specs)


def _find(folded: dict[str, str], target: Column, kind: Kind, file_name: str) -> str | None:
    for exact in (target.name, target.zh):
        if exact.casefold() in folded:
            return folded[exact.casefold()]
    # A heading that is another column's own name is that column, not an alias of this one.
    others = {name.casefold() for c in kind.columns if c is not target for name in (c.name, c.zh)}
    found = {
        folded[a.casefold()]: None for a in target.aliases if a.casefold() in folded and a.casefold() not in others
    }
    if len(found) > 1:
        raise MappingError(
            f"{file_name}: {' and '.join(found)} could both be {target.name} ({target.zh}).",
            "Say which in a mapping (--mapping).",
        )
    return next(iter(found), None)

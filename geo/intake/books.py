"""One file with several sheets or layers, read by one mapping: ``[[sheet]]``, each a mapping of its own kind.

::

    crs = "EPSG:4549"           # for every sheet that says nothing else
    [source]
    name = "虹口区调查 2025"

    [[sheet]]
    kind = "parcels"
    layer = "地块"
    [sheet.columns]
    parcel_code = "地块编号"

Several may be of one kind (地块-北外滩, 地块-北中环): together they are one table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geo.errors import MappingError, NotFoundError
from geo.fields import KINDS, kind_named
from geo.intake.mapping import parse_mapping, read_toml
from geo.intake.specs import REGISTERED, Mapping

#: what a mapping of several sheets may say for all of them
_SHARED = {"crs", "encoding", "source"}


def read_plans(name: str | Path, kind: str | None, join: str | Path | None = None) -> list[Mapping]:
    """The mappings of a file, one for each of its sheets, in the order in which one kind refers to another.

    ``kind`` chooses among several; where a mapping is of one kind only, it says which the call means.

    Raises
    ------
    NotFoundError
        There is no such mapping, or no such kind.
    MappingError
        The file is broken, or is for another kind; file and key are named.
    """
    content, path = read_toml(name)
    partial = str(join) == REGISTERED
    if "sheet" not in content:
        said = kind or content.get("kind")
        wanted = kind_named(said) if isinstance(said, str) and (kind or said in KINDS) else next(iter(KINDS.values()))
        return [parse_mapping(content, path.name, wanted, folder=path.parent, partial=partial)]
    sheets = _sheets(path, content)
    _refuse_twice(path, [(str(sheet.get("kind")), str(sheet.get("layer"))) for sheet in sheets])
    plans = [_sheet(path, content, number, each, partial) for number, each in enumerate(sheets, start=1)]
    if kind is not None:
        chosen = [plan for plan in plans if plan.kind is kind_named(kind)]
        if not chosen:
            there = ", ".join(plan.kind.name for plan in plans)
            raise MappingError(f"{path.name} has no sheet of {kind}.", f"Its sheets: {there}.")
        return chosen
    order = list(KINDS)
    return sorted(plans, key=lambda plan: order.index(plan.kind.name))


def _sheets(path: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    for key in content:
        if key not in _SHARED | {"sheet"}:
            raise MappingError(
                f"{path.name}: {key}: unknown key beside [[sheet]].",
                f"For all sheets: {', '.join(sorted(_SHARED))}; the rest stands in each [[sheet]].",
            )
    sheets = content["sheet"]
    if not isinstance(sheets, list) or not all(isinstance(each, dict) for each in sheets) or not sheets:
        raise MappingError(f"{path.name}: sheet: tables are wanted.", "Write each as [[sheet]].")
    return sheets


def _sheet(path: Path, content: dict[str, Any], number: int, sheet: dict[str, Any], partial: bool) -> Mapping:
    name = f"{path.name}: sheet {number}"
    kind = sheet.get("kind")
    if not isinstance(kind, str):
        raise MappingError(f"{name}: kind: missing.", f"Kinds: {', '.join(KINDS)}.")
    if not isinstance(sheet.get("layer"), str) or not sheet["layer"]:
        raise MappingError(f"{name}: layer: missing.", 'Name the sheet: layer = "地块".')
    try:
        wanted = kind_named(kind)
    except NotFoundError as error:
        raise MappingError(f"{name}: kind: unknown kind {kind!r}.", error.hint) from None
    shared = {key: content[key] for key in _SHARED if key in content}
    return parse_mapping(shared | sheet, name, wanted, folder=path.parent, partial=partial)


def _refuse_twice(path: Path, sheets: list[tuple[str, str]]) -> None:
    """One sheet read twice as one kind: each code would stand in it twice."""
    twice = next((each for each in sheets if sheets.count(each) > 1), None)
    if twice:
        raise MappingError(
            f"{path.name} has the sheet {twice[1]} twice as {twice[0]}.",
            "Several sheets may be of one kind; a sheet is named once. Delete one of the two parts.",
        )

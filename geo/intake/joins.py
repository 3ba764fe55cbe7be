"""What a mapping says of other files and sheets: ``[join]``, what this file lacks, and ``[uses]``, a row for each use."""

from __future__ import annotations

from typing import Any

from geo.fields.use_sheet import USE_SHEET
from geo.intake.parser import Parser
from geo.intake.specs import Join, On, Uses

_JOIN = {"file", "layer", "encoding", "on", "geometry", "registered"}
_USES = {"file", "layer", "encoding", "on", "code", "table", "share", "area", "column"}
_ON = {"this", "other"}


def parse_join(parser: Parser, table: dict[str, Any]) -> Join:
    """``[join]`` of a mapping.

    Raises
    ------
    MappingError
        A key is unknown, of a wrong type, or says where nothing can be found.
    """
    parser.known(table, _JOIN, "join.")
    registered = table.get("registered", False)
    if not isinstance(registered, bool):
        raise parser.fault("join.registered", f"true or false is wanted, not {registered!r}")
    if registered and set(table) - {"registered", "on"}:
        raise parser.fault("join.registered", "it stands for a file; name none beside it")
    shapes = table.get("geometry")
    if shapes is not None and not isinstance(shapes, dict):
        raise parser.fault("join.geometry", f"a table is wanted, not {shapes!r}", "Write it as [join.geometry].")
    return Join(
        file=parser.text(table, "file", "join."),
        layer=parser.text(table, "layer", "join."),
        encoding=parser.text(table, "encoding", "join."),
        on=_on(parser, table.get("on"), "join.on"),
        geometry=parser.geometry(shapes) if shapes else None,
        registered=registered,
    )


def parse_uses(parser: Parser, table: dict[str, Any], named: set[str]) -> Uses:
    """``[uses]`` of a mapping; ``named`` are the columns of the registry that it fills in other ways.

    Raises
    ------
    MappingError
        A key is unknown, missing or of a wrong type, or the column that it fills is filled already.
    """
    parser.known(table, _USES, "uses.")
    if parser.kind.name != "parcels":
        raise parser.fault("uses", "only parcels have several uses")
    column = parser.text(table, "column", "uses.") or "land_use"
    if column not in {each.name for each in parser.kind.columns if each.type == "land_use"}:
        raise parser.fault("uses.column", f"{column} holds no land uses", "Write land_use or current_use.")
    if column in named:
        raise parser.fault("uses", f"columns.{column} is named as well", "Name one of the two.")
    code, codes = parser.text(table, "code", "uses."), parser.text(table, "table", "uses.")
    if code is None or codes is None:
        lacking = "code" if code is None else "table"
        raise parser.fault(f"uses.{lacking}", "missing", "Name the column of the codes, and their code table.")
    own = parser.own_table(codes, "uses.table")
    if own is None:
        parser.code_table(codes, "uses.table")
    if "share" in table and "area" in table:
        raise parser.fault("uses", "share and area are both named", "Name one: a share follows from areas.")
    if not ({"file", "layer"} & set(table)):
        raise parser.fault("uses.layer", "missing", 'Name the sheet: layer = "用地".')
    share, area = USE_SHEET.column("share"), USE_SHEET.column("area_m2")
    return Uses(
        code=code,
        table=own.name if own else codes,
        own=own,
        on=_on(parser, table.get("on"), "uses.on"),
        file=parser.text(table, "file", "uses."),
        layer=parser.text(table, "layer", "uses."),
        encoding=parser.text(table, "encoding", "uses."),
        share=parser.spec(share, table["share"], "uses.share") if "share" in table else None,
        area=parser.spec(area, table["area"], "uses.area") if "area" in table else None,
        column=column,
    )


def _on(parser: Parser, value: Any, at: str) -> On:
    if value is None:
        return On()
    if isinstance(value, str) and value:
        return On(value, value)
    if not isinstance(value, dict):
        raise parser.fault(at, f"the name of a column, or {{ this = …, other = … }} is wanted, not {value!r}")
    parser.known(value, _ON, f"{at}.")
    this, other = parser.text(value, "this", f"{at}."), parser.text(value, "other", f"{at}.")
    if this is None or other is None:
        raise parser.fault(at, "both this and other are wanted", f'{at} = {{ this = "DKBH", other = "地块编号" }}')
    return On(this, other)

"""Mapping files: which column of a file is which column of the registry, in which unit, by which code table.

A mapping is TOML (see ``data/mappings``), read whole and checked whole; a key that is not known is an error, for a
misspelt ``unit`` that is passed over would be an area off by a factor of 666.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo import units
from geo.errors import MappingError, NotFoundError, UnitError
from geo.fields import Kind, kind_named
from geo.fields.columns import Column
from geo.fields.land_use_codes import CodeTable
from geo.intake.joins import parse_join, parse_uses
from geo.intake.sheet_shapes import GeometryColumns
from geo.intake.specs import Mapping, Spec
from geo.settings import data_dir

__all__ = ["Mapping", "Parser", "Spec", "parse_mapping", "read_mapping", "read_toml"]

_TOP = {"kind", "layer", "crs", "encoding", "source", "columns", "where", "geometry", "join", "uses"}
_SOURCE = {"name", "synthetic"}
_GEOMETRY = {"wkt", "lon", "lat"}
_SPEC = {
    "column",
    "constant",
    "row_number",
    "unit",
    "table",
    "values",
    "otherwise",
    "separator",
    "prefix",
    "missing",
}
_ORIGINS = ("column", "constant", "row_number")


def read_mapping(name: str | Path, kind: Kind) -> Mapping:
    """Read a mapping: a name in ``data/mappings``, or the path of a TOML file.

    Raises
    ------
    NotFoundError
        There is no such mapping; the message lists those there are.
    MappingError
        The file is broken, or is for another kind; file and key are named.
    """
    content, path = read_toml(name)
    return parse_mapping(content, path.name, kind, folder=path.parent)


def read_toml(name: str | Path) -> tuple[dict[str, Any], Path]:
    """What a mapping file says, and its path; see :func:`read_mapping`."""
    path = Path(name)
    if path.suffix != ".toml":
        path = data_dir() / "mappings" / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in (data_dir() / "mappings").glob("*.toml"))) or "none"
        raise NotFoundError(f"There is no mapping {str(name)!r}.", f"Mappings: {known}; or the path of a file.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name} is not sound TOML: {error}.", "Mend that line.") from None


def parse_mapping(
    content: dict[str, Any], name: str, kind: Kind, *, folder: Path | None = None, partial: bool = False
) -> Mapping:
    """A mapping from its content; ``name`` is what its errors call it.

    ``partial``: it says some of what is registered anew, and needs to name no column but the code.

    Raises
    ------
    MappingError
        A key is unknown or missing, of a wrong type, or does not fit its column; file and key are named.
    """
    return replace(Parser(name, kind, partial, folder).mapping(content), folder=folder)


class Parser:
    """Reads one mapping and holds each key against the catalogue; its errors name the file and the key."""

    def __init__(self, name: str, kind: Kind, partial: bool = False, folder: Path | None = None) -> None:
        self.folder = folder
        self.name = name
        self.kind = kind
        self.partial = partial

    def fault(self, key: str, what: str, hint: str = "") -> MappingError:
        return MappingError(f"{self.name}: {key}: {what}.", hint or "See the chapter on mappings in the documentation.")

    def known(self, table: dict[str, Any], allowed: set[str], at: str = "") -> None:
        for key in table:
            if key not in allowed:
                raise self.fault(f"{at}{key}", "unknown key", f"Keys here: {', '.join(sorted(allowed))}.")

    def text(self, table: dict[str, Any], key: str, at: str = "") -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.fault(f"{at}{key}", f"text is wanted, not {value!r}")
        return value

    def table(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        value = content.get(key, {})
        if not isinstance(value, dict):
            raise self.fault(key, f"a table is wanted, not {value!r}", f"Write it as [{key}].")
        return value

    def mapping(self, content: dict[str, Any]) -> Mapping:
        self.known(content, _TOP)
        own = self.text(content, "kind")
        if own is None:
            raise self.fault("kind", "missing", f'Write kind = "{self.kind.name}".')
        try:
            kind_named(own)
        except NotFoundError as error:
            raise self.fault("kind", f"unknown kind {own!r}", error.hint) from None
        if own != self.kind.name:
            raise self.fault("kind", f"it is for {own}, and {self.kind.name} were asked for", f"Pass --kind {own}.")
        source, geometry = self.table(content, "source"), self.table(content, "geometry")
        self.known(source, _SOURCE, "source.")
        synthetic = source.get("synthetic", False)
        if not isinstance(synthetic, bool):
            raise self.fault("source.synthetic", f"true or false is wanted, not {synthetic!r}")
        join, uses = self.table(content, "join"), self.table(content, "uses")
        joined = parse_join(self, join) if join else None
        self.partial = self.partial or bool(joined and joined.registered)
        columns = self.columns(self.table(content, "columns"))
        return Mapping(
            name=self.name,
            kind=self.kind,
            columns=columns,
            source=self.text(source, "name", "source."),
            synthetic=synthetic,
            layer=self.text(content, "layer"),
            crs=self.text(content, "crs"),
            encoding=self.text(content, "encoding"),
            geometry=self.geometry(geometry) if geometry else None,
            where={key: self.allowed(value, f"where.{key}") for key, value in self.table(content, "where").items()},
            content=content,
            join=joined,
            uses=parse_uses(self, uses, set(columns)) if uses else None,
        )

    def geometry(self, table: dict[str, Any]) -> GeometryColumns:
        self.known(table, _GEOMETRY, "geometry.")
        found = GeometryColumns(*(self.text(table, key, "geometry.") for key in ("wkt", "lon", "lat")))
        if (found.lon is None) != (found.lat is None) or (found.wkt is None) == (found.lon is None):
            raise self.fault("geometry", "name either wkt, or lon and lat")
        return found

    def columns(self, table: dict[str, Any]) -> dict[str, Spec]:
        targets = {column.name for column in (*self.kind.columns, *self.kind.checked)}
        for key in table:
            if key not in targets:
                raise self.fault(
                    f"columns.{key}", f"{self.kind.name} have no such column", f"Columns: {', '.join(sorted(targets))}."
                )
        self.blanks(table)
        specs = {key: self.spec(self.kind.column(key), value) for key, value in table.items()}
        wanted = [c.name for c in self.kind.columns if c.required and (not self.partial or c.name in self.kind.key)]
        lacking = [name for name in wanted if name not in specs]
        if lacking:
            raise self.fault("columns", f"{', '.join(lacking)} must be named", "These columns may not be empty.")
        return specs

    def blanks(self, table: dict[str, Any]) -> None:
        """Refuse entries that ``shuangbei inspect`` left blank, all of them at once."""
        left = [key for key, value in table.items() if value == ""]
        left += [
            f"{key}.{part}"
            for key, value in table.items()
            if isinstance(value, dict)
            for part in ("column", "table", "unit")
            if value.get(part) == ""
        ]
        if left:
            what = {"table": "name the code table", "unit": "name the unit", "column": "name the column"}
            told = ", ".join(f"{key} ({what.get(key.rpartition('.')[2], what['column'])})" for key in left)
            raise self.fault(
                "columns",
                f"left blank by inspect: {told}",
                "Fill them in, or delete the lines of columns you do not have.",
            )

    def spec(self, target: Column, value: Any, at: str = "") -> Spec:
        """How a column is filled, as a mapping says it; ``at`` is the key that says it."""
        at = at or f"columns.{target.name}"
        if isinstance(value, str) and value:
            value = {"column": value}
        if not isinstance(value, dict):
            raise self.fault(at, f"the name of a column or a table is wanted, not {value!r}")
        self.known(value, _SPEC, f"{at}.")
        if sum(key in value for key in _ORIGINS) != 1:
            raise self.fault(at, f"exactly one of {', '.join(_ORIGINS)} is wanted")
        values = self.translation(value.get("values"), f"{at}.values")
        otherwise = value.get("otherwise", "error")
        if otherwise not in ("error", "skip") or ("otherwise" in value and values is None):
            raise self.fault(f"{at}.otherwise", '"error" or "skip" is wanted, beside values')
        spec = Spec(
            column=self.text(value, "column", f"{at}."),
            constant=self.scalar(value["constant"], f"{at}.constant") if "constant" in value else None,
            row_number=value.get("row_number"),
            unit=self.text(value, "unit", f"{at}."),
            table=self.text(value, "table", f"{at}."),
            values=values,
            otherwise=otherwise,
            separator=self.text(value, "separator", f"{at}."),
            prefix=self.text(value, "prefix", f"{at}.") or "",
            missing=self.allowed(value["missing"], f"{at}.missing") if "missing" in value else frozenset(),
        )
        if target.type == "land_use" and spec.table:
            own = self.own_table(spec.table, f"{at}.table")
            spec = spec if own is None else replace(spec, table=own.name, own=own)
        self.fits(target, spec, at)
        return spec

    def fits(self, target: Column, spec: Spec, at: str) -> None:
        """Hold a spec against the column that it fills."""
        if spec.row_number is not None and (not isinstance(spec.row_number, str) or target.type != "text"):
            raise self.fault(f"{at}.row_number", "a prefix for a text column is wanted")
        if spec.prefix and target.type != "text":
            raise self.fault(f"{at}.prefix", f"{target.name} is no text")
        if spec.separator and target.type != "list":
            raise self.fault(f"{at}.separator", f"{target.name} is no list")
        if spec.table and target.type != "land_use":
            raise self.fault(f"{at}.table", f"{target.name} holds no land-use codes")
        if target.type == "land_use":
            if not spec.table:
                raise self.fault(
                    f"{at}.table", "a code table must be named", "The same code means other things elsewhere."
                )
            if spec.own is None:
                self.code_table(spec.table, f"{at}.table")
        if spec.unit:
            if target.type not in ("number", "integer") or target.unit is None:
                raise self.fault(f"{at}.unit", f"{target.name} has no unit")
            try:
                units.factor(spec.unit, target.unit)
            except UnitError as error:
                raise self.fault(f"{at}.unit", error.message.rstrip("."), error.hint) from None

    def own_table(self, name: str, at: str) -> CodeTable | None:
        """The code table in a file beside the mapping, ``None`` where the name is that of one of the program's."""
        from geo.intake.own_tables import is_file_name, read_table

        return read_table(name, self.folder, f"{self.name}: {at}") if is_file_name(name) else None

    def code_table(self, name: str, at: str) -> None:
        from geo.fields.land_use_codes import code_table

        try:
            code_table(name)
        except (NotFoundError, ValueError, KeyError) as error:
            hint = error.hint if isinstance(error, NotFoundError) else ""
            own = ' A table of your own is a file beside the mapping: table = "codes.csv".'
            raise self.fault(at, f"there is no code table {name!r}", hint + own) from None

    def translation(self, value: Any, at: str) -> dict[str, str] | None:
        if value is None:
            return None
        if not isinstance(value, dict) or not value:
            raise self.fault(at, "a table of values is wanted")
        return {key: self.scalar(each, f"{at}.{key}") for key, each in value.items()}

    def allowed(self, value: Any, at: str) -> frozenset[str]:
        if value == []:
            raise self.fault(at, "left blank by inspect: name the values whose rows are to be taken", "Fill it in.")
        if not isinstance(value, list) or not value:
            raise self.fault(at, f"a list of values is wanted, not {value!r}")
        return frozenset(self.scalar(each, at) for each in value)

    def scalar(self, value: Any, at: str) -> str:
        """A value of the mapping as the text that a cell would hold."""
        from geo.intake.values import as_text

        if isinstance(value, bool | int | float | str):
            return as_text(value) or ""
        raise self.fault(at, f"text, a number or true/false is wanted, not {value!r}")

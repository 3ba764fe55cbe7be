"""The keys of a mapping, each held against the catalogue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from geo import units
from geo.errors import MappingError, NotFoundError, UnitError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.fields.land_use_codes import CodeTable
from geo.intake.sheet_shapes import GeometryColumns
from geo.intake.specs import Spec

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

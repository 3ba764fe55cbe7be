"""Write ``docs/fields.md`` from the catalogue of columns; a test holds that it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from geo.fields import KINDS, Column, Kind

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fields.md"

HEAD = """# Every column of every kind

Made from `geo/fields` by `python scripts/write_field_page.py`. In a mapping file the name on the left is ours; without a
mapping a file's column is found by that name, by the Chinese name, or by one of the aliases. **Bold** names may not be empty.
Columns marked *restricted* are off in pages, lists and downloads.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(_kind(kind) for kind in KINDS.values())])


def _kind(kind: Kind) -> str:
    shape = {None: "no shape", "Geometry": "a point, a line or an area"}.get(kind.geometry, kind.geometry)
    wanted = "" if kind.geometry is None else " (wanted)" if kind.geometry_required else " (may be missing)"
    rows = "\n".join(_row(column) for column in kind.columns)
    key = " + ".join(f"`{name}`" for name in kind.key)
    return (
        f"## `{kind.name}` {kind.zh}\n\nKey: {key}. Shape: {shape}{wanted}.\n\n"
        f"| name | 中文 | what | aliases |\n| --- | --- | --- | --- |\n{rows}\n"
    )


def _row(column: Column) -> str:
    name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
    return f"| {name} | {column.zh} | {_what(column)} | {', '.join(column.aliases)} |"


def _what(column: Column) -> str:
    parts = [{"land_use": "land-use code or codes", "list": "list"}.get(column.type, column.type)]
    if column.choices:
        parts = ["; ".join(f"`{choice}` {'/'.join(labels)}" for choice, labels in column.choices.items())]
    if column.unit and column.unit not in ("count", "year", "far", "share"):
        parts.append(f"in {column.unit}")
    if column.unit == "share":
        parts.append('0–1, or per cent with `unit = "%"`')
    if column.note:
        parts.append(column.note)
    if column.readers == "restricted":
        parts.append("*restricted*")
    return ", ".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(KINDS)} kinds", file=sys.stderr)

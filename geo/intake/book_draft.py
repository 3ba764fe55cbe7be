"""A mapping for a workbook with several sheets, as far as headings and names of sheets say what each holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from geo.errors import MappingError, ReadError
from geo.fields import KINDS, Kind, kind_named
from geo.fields.use_sheet import USE_SHEET
from geo.intake.cells import texts
from geo.intake.draft import column_lines, comment, heading, marked, source_lines, toml
from geo.intake.guesses import SURE, Guess, Seen, guess_columns
from geo.intake.inspecting import Inspection, inspect_file
from geo.intake.layers import layers_of
from geo.intake.read import read


@dataclass(frozen=True)
class SheetInfo:
    """One sheet: what it holds (a kind, ``uses``, or ``None`` where that cannot be told), and why it is left out if it is.

    ``codes`` are those of its parcels.
    """

    layer: str
    n_rows: int
    kind: str | None
    seen: Inspection | None
    uses: dict[str, Guess]
    why: str = ""
    codes: frozenset[str] = frozenset()


def inspect_book(path: str | Path) -> list[SheetInfo]:
    """What each sheet of a workbook holds; nothing is written anywhere.

    Raises
    ------
    ReadError
        The file cannot be read.
    """
    file = Path(path)
    return [_sheet(file, info.name, info.n_rows) for info in layers_of(file)]


def _sheet(file: Path, layer: str, n_rows: int) -> SheetInfo:
    nothing = SheetInfo(layer, n_rows, None, None, {}, "it has no rows")
    try:
        source = read(file, layer=layer) if n_rows else None
    except ReadError as error:
        return SheetInfo(layer, n_rows, None, None, {}, error.message)
    if source is None or not len(source.rows):
        return nothing
    cells = {name: texts(source.frame[name]) for name in source.columns}
    uses = {guess.target: guess for guess in guess_columns(USE_SHEET, Seen(cells, None))}
    parcel, code = uses.get("parcel_code"), uses.get("code")
    # A parcel with several uses stands in several rows: where none does, the sheet may as well be one of parcels.
    if parcel and code and {"share", "area_m2"} & set(uses) and source.geometry is None:
        named = [cell for cell in cells[parcel.column] if cell is not None]
        if len(set(named)) < len(named):
            return SheetInfo(layer, n_rows, USE_SHEET.name, None, uses, codes=frozenset(map(str, named)))
    called = next((kind.name for kind in KINDS.values() if _called(layer, kind)), None)
    seen = inspect_file(file, layer=layer, kind=called)
    keyed = called is not None and any(g.target in kind_named(called).key and g.sure for g in seen.guesses)
    if not keyed:
        seen = inspect_file(file, layer=layer)
    if seen.kind is None or (not keyed and seen.kind_confidence < SURE):
        like = f"it looks most like {seen.kind}" if seen.kind else "no heading says"
        return SheetInfo(layer, n_rows, None, seen, {}, f"what it holds cannot be told ({like})")
    own = next((guess.column for guess in seen.guesses if guess.target == "parcel_code"), None)
    codes = frozenset(str(cell) for cell in cells.get(own or "", ()) if cell is not None)
    return SheetInfo(layer, n_rows, seen.kind, seen, {}, codes=codes if seen.kind == "parcels" else frozenset())


def _called(layer: str, kind: Kind) -> bool:
    """Whether a sheet is called by a kind, alone or before what tells it from others of that kind (地块-北外滩)."""
    return any(
        layer == name or re.match(rf"{re.escape(name)}[\s\-－—_·:：(（]", layer) for name in (kind.zh, kind.name)
    )


def _uses_of(parcels: SheetInfo, sheets: list[SheetInfo]) -> SheetInfo | None:
    """The sheet that has the uses of a sheet's parcels: the one that names most of them."""
    uses = [sheet for sheet in sheets if sheet.kind == USE_SHEET.name]
    best = max(uses, key=lambda sheet: len(sheet.codes & parcels.codes), default=None)
    return best if best is not None and (best.codes & parcels.codes or len(uses) == 1) else None


def draft_book(path: str | Path, sheets: list[SheetInfo]) -> str:
    """The text of a mapping with a ``[[sheet]]`` for each sheet whose kind is known.

    Raises
    ------
    MappingError
        Of no sheet it can be told what it holds.
    """
    name = Path(path).name
    known = [(sheet, kind_named(sheet.kind), sheet.seen) for sheet in sheets if sheet.kind in KINDS and sheet.seen]
    if not known:
        told = "; ".join(f"{sheet.layer}: {sheet.why}" for sheet in sheets)
        raise MappingError(f"What the sheets of {name} hold cannot be told ({told}).", "Pass --layer and --kind.")
    synthetic = all(marked(kind, seen) for _, kind, seen in known if kind.key[0].endswith("_code"))
    lines = [*heading(name), "", "[source]", *source_lines(name, synthetic)]
    taken: set[str] = set()
    for sheet, kind, seen in known:
        lines += ["", "[[sheet]]", f"kind = {toml(kind.name)}", f"layer = {toml(sheet.layer)}", *_shapes(kind, seen)]
        own = column_lines(kind, seen)
        uses = _uses_of(sheet, sheets) if kind.name == "parcels" else None
        if uses is not None:
            own = [line for line in own if not line.startswith("land_use ")]
            taken.add(uses.layer)
        lines += ["[sheet.columns]", *own]
        lines += [] if uses is None else _uses(uses)
    for sheet in sheets:
        if sheet.kind == USE_SHEET.name and sheet.layer not in taken:
            lines += ["", f"# {comment(sheet.layer)}: uses of parcels, and no sheet holds those parcels"]
    left = [sheet for sheet in sheets if sheet.kind is None]
    lines += ["", "# Sheets that are left out:"] if left else []
    lines += [f"#   {comment(sheet.layer)}: {comment(sheet.why)}" for sheet in left]
    return "\n".join(lines) + "\n"


def _shapes(kind: Kind, seen: Inspection) -> list[str]:
    if kind.geometry is None:
        return []
    if seen.geometry is not None:
        said = (
            "" if seen.datum_said else 'crs = ""   # the sheet does not say its datum: EPSG:4490, EPSG:4549, GCJ-02, …'
        )
        return [said] if said else []
    told = "outlines" if kind.geometry_required else "shapes, which this kind may do without"
    return [
        f"# The sheet has no {told}. Where another file has them, or they are registered:",
        '#   [sheet.join]   file = "地块.shp"   or   registered = true',
    ]


def _uses(sheet: SheetInfo) -> list[str]:
    parcel, code = sheet.uses["parcel_code"], sheet.uses["code"]
    share, area = sheet.uses.get("share"), sheet.uses.get("area_m2")
    table = code.table or ""
    why = comment("; ".join(code.why))
    lines = ["", "[sheet.uses]   # a row for each use of a parcel", f"layer = {toml(sheet.layer)}"]
    lines += [f"code = {toml(code.column)}", f"table = {toml(table)}   # {why}"]
    if share is not None:
        unit = f", unit = {toml(share.unit)}" if share.unit and share.unit != "share" else ""
        lines.append(f"share = {{ column = {toml(share.column)}{unit} }}   # {comment('; '.join(share.why))}")
    elif area is not None:
        told = f"its heading says {area.unit}" if area.unit else "name the unit"
        lines.append(f"area = {{ column = {toml(area.column)}, unit = {toml(area.unit or '')} }}   # {comment(told)}")
    return [
        *lines,
        f"# Its codes of parcels stand in {comment(parcel.column)}; name them as on where that is not found.",
    ]

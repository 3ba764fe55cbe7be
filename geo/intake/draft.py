"""The mapping that an inspection suggests, as TOML to edit: what is sure stands there, what is not is left blank."""

from __future__ import annotations

import json

from geo.errors import MappingError
from geo.fields import Kind, kind_named
from geo.intake.check import SYNTHETIC_PREFIX
from geo.intake.guesses import SURE, Guess
from geo.intake.inspecting import Inspection
from geo.intake.values import clean


def draft_mapping(seen: Inspection) -> str:
    """The text of a mapping file for the layer that was inspected.

    Raises
    ------
    MappingError
        The file has several layers and none was named, or what it holds cannot be told.
    """
    if seen.kind is None and not seen.columns:
        raise MappingError(f"{seen.file_name} has several layers, and a mapping is for one.", "Pass --layer.")
    if seen.kind is None or seen.kind_confidence < SURE:
        hint = f"It looks most like {seen.kind}." if seen.kind else ""
        raise MappingError(f"What {seen.file_name} holds cannot be told.", f"Pass --kind. {hint}".strip())
    kind = kind_named(seen.kind)
    lines = [
        *heading(seen.file_name),
        f"kind = {toml(seen.kind)}",
        *([f"layer = {toml(seen.layer)}"] if seen.layer and len(seen.layers) > 1 else []),
        *_datum(seen),
        "",
        "[source]",
        *source_lines(seen.file_name, marked(kind, seen)),
        *_join(seen),
        "",
        "[columns]",
        *column_lines(kind, seen),
        *_where(seen),
    ]
    return "\n".join(lines) + "\n"


def left_blank(seen: Inspection) -> list[str]:
    """What the mapping leaves to a person, by its keys."""
    found = {guess.target for guess in seen.guesses}
    required = [column.name for column in kind_named(str(seen.kind)).columns if column.required]
    return [
        *(guess.target for guess in seen.guesses if not guess.sure),
        *(name for name in required if name not in found),
        *(["crs"] if seen.geometry is not None and seen.datum is None else []),
        *(["where.Layer"] if seen.drawing is not None and seen.drawing.several and not seen.drawing.chosen else []),
    ]


def heading(file_name: str) -> list[str]:
    """What a draft says of itself."""
    return [
        f"# A draft for {comment(file_name)}, by `shuangbei inspect`. Each line says how sure it is, from 0 to 1.",
        f'# What is less sure than {SURE} is left blank (""): fill it in, or delete the line. The import refuses blanks.',
    ]


def source_lines(file_name: str, synthetic: bool) -> list[str]:
    """Whose data it is, and whether they are invented."""
    return [
        f"name = {toml(file_name)}   # stands in every row: say whose data it is, and of which day",
        f"synthetic = {'true' if synthetic else 'false'}",
    ]


def column_lines(kind: Kind, seen: Inspection) -> list[str]:
    """A line for each column that was guessed, and what was not."""
    guesses = {guess.target: guess for guess in seen.guesses}
    lines = []
    for column in kind.columns:
        guess = guesses.get(column.name)
        if guess is not None:
            lines += _entry(guess, column.zh)
        elif column.required:
            lines.append(f'{column.name} = ""   # {column.zh}: required, and no column of the file looks like it')
    rest = [column for column in seen.columns if column.guess is None]
    lines += ["", "# Columns of the file that nothing was guessed for:"] if rest else []
    lines += [f"#   {comment(column.name)}   {comment(column.sample or '(empty)')}" for column in rest]
    absent = [column.name for column in kind.columns if column.name not in guesses and not column.required]
    lines += [f"# Columns of the registry that stay empty: {', '.join(absent)}"] if absent else []
    return lines


def _join(seen: Inspection) -> list[str]:
    if seen.join is None or seen.on is None:
        return []
    this, other = map(toml, seen.on)
    on = this if this == other else f"{{ this = {this}, other = {other} }}"
    return ["", "[join]", f"file = {toml(seen.join)}   # what this file lacks, by the code of both", f"on = {on}"]


def marked(kind: Kind, seen: Inspection) -> bool:
    """Whether the first code bears the mark of invented data."""
    keys = [c.sample for c in seen.columns if c.guess is not None and c.guess.target == kind.key[0]]
    return bool(keys) and str(keys[0]).startswith(SYNTHETIC_PREFIX)


def _where(seen: Inspection) -> list[str]:
    """Which layers of a drawing the rows are taken from."""
    if seen.drawing is None or not seen.drawing.several:
        return []
    chosen = seen.drawing.chosen
    rest = ", ".join(comment(layer.told) for layer in seen.drawing.layers if layer.name not in chosen)
    told = f"of the drawing's layers; left out: {rest or 'none'}" if chosen else f"name the layers to be read: {rest}"
    return ["", "[where]", f"Layer = [{', '.join(map(toml, chosen))}]   # {told}"]


def _datum(seen: Inspection) -> list[str]:
    if seen.geometry is None:
        return []
    if seen.datum is None:
        return ['crs = ""   # the file does not say its datum: EPSG:4490, EPSG:4549, GCJ-02, … Ask whoever made it']
    if seen.datum_said:
        return [f"# The file says that it is in {comment(seen.datum)}."]
    return [f"crs = {toml(seen.datum)}"]


def _entry(guess: Guess, zh: str) -> list[str]:
    why = comment("; ".join(guess.why))
    if guess.sure:
        extra = {"unit": guess.unit, "table": guess.table}
        if any(extra.values()):
            parts = [f"column = {toml(guess.column)}", *(f"{k} = {toml(v)}" for k, v in extra.items() if v)]
            value = "{ " + ", ".join(parts) + " }"
        else:
            value = toml(guess.column)
        return [f"{guess.target} = {value}   # {zh} {guess.confidence:.2f}: {why}"]
    unclear = comment(guess.unclear or why)
    told = f"   # {zh} {guess.confidence:.2f}: {unclear}" + (f" ({why})" if why != unclear else "")
    if guess.unclear and guess.unclear.startswith("name the code table"):
        own = '; a table of your own is a file beside this mapping: table = "codes.csv"'
        return [f'{guess.target} = {{ column = {toml(guess.column)}, table = "" }}{told}{own}']
    if guess.unclear and guess.unclear.startswith("name the unit"):
        return [f'{guess.target} = {{ column = {toml(guess.column)}, unit = "" }}{told}']
    if guess.unit or guess.table:
        told = f" in {guess.unit or guess.table}?{told}"
    return [f'{guess.target} = ""   # {comment(guess.column)}?{told}']


def toml(value: str) -> str:
    """A text as TOML writes it."""
    # A TOML basic string takes what a JSON string takes, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def comment(value: str) -> str:
    """A text as a comment takes it: one line, no control characters."""
    return clean("".join(c if c.isprintable() else " " for c in value))

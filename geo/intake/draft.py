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
    guesses = {guess.target: guess for guess in seen.guesses}
    lines = [
        f"# A draft for {_comment(seen.file_name)}, by `shuangbei inspect`. Each line says how sure it is, from 0 to 1.",
        f'# What is less sure than {SURE} is left blank (""): fill it in, or delete the line. The import refuses blanks.',
        f"kind = {_text(seen.kind)}",
        *([f"layer = {_text(seen.layer)}"] if seen.layer and len(seen.layers) > 1 else []),
        *_datum(seen),
        "",
        "[source]",
        f"name = {_text(seen.file_name)}   # stands in every row: say whose data it is, and of which day",
        f"synthetic = {'true' if _marked(kind, seen) else 'false'}",
        "",
        "[columns]",
    ]
    for column in kind.columns:
        guess = guesses.get(column.name)
        if guess is not None:
            lines += _entry(guess, column.zh)
        elif column.required:
            lines.append(f'{column.name} = ""   # {column.zh}: required, and no column of the file looks like it')
    rest = [column for column in seen.columns if column.guess is None]
    lines += ["", "# Columns of the file that nothing was guessed for:"] if rest else []
    lines += [f"#   {_comment(column.name)}   {_comment(column.sample or '(empty)')}" for column in rest]
    absent = [column.name for column in kind.columns if column.name not in guesses and not column.required]
    lines += [f"# Columns of the registry that stay empty: {', '.join(absent)}"] if absent else []
    return "\n".join(lines) + "\n"


def _marked(kind: Kind, seen: Inspection) -> bool:
    """Whether the first code bears the mark of invented data."""
    keys = [c.sample for c in seen.columns if c.guess is not None and c.guess.target == kind.key[0]]
    return bool(keys) and str(keys[0]).startswith(SYNTHETIC_PREFIX)


def _datum(seen: Inspection) -> list[str]:
    if seen.geometry is None:
        return []
    if seen.datum is None:
        return ['crs = ""   # the file does not say its datum: EPSG:4490, EPSG:4549, GCJ-02, … Ask whoever made it']
    if seen.datum_said:
        return [f"# The file says that it is in {_comment(seen.datum)}."]
    return [f"crs = {_text(seen.datum)}"]


def _entry(guess: Guess, zh: str) -> list[str]:
    why = _comment("; ".join(guess.why))
    if guess.sure:
        extra = {"unit": guess.unit, "table": guess.table}
        if any(extra.values()):
            parts = [f"column = {_text(guess.column)}", *(f"{k} = {_text(v)}" for k, v in extra.items() if v)]
            value = "{ " + ", ".join(parts) + " }"
        else:
            value = _text(guess.column)
        return [f"{guess.target} = {value}   # {zh} {guess.confidence:.2f}: {why}"]
    told = f"   # {zh} {guess.confidence:.2f}: {_comment(guess.unclear or why)} ({why})"
    if guess.unclear and guess.unclear.startswith("name the code table"):
        return [f'{guess.target} = {{ column = {_text(guess.column)}, table = "" }}{told}']
    if guess.unclear and guess.unclear.startswith("name the unit"):
        return [f'{guess.target} = {{ column = {_text(guess.column)}, unit = "" }}{told}']
    if guess.unit or guess.table:
        told = f" in {guess.unit or guess.table}?{told}"
    return [f'{guess.target} = ""   # {_comment(guess.column)}?{told}']


def _text(value: str) -> str:
    # A TOML basic string takes what a JSON string takes, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(value: str) -> str:
    """A text as a comment takes it: one line, no control characters."""
    return clean("".join(c if c.isprintable() else " " for c in value))

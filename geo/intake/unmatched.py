"""What a join could not match, or found said twice and differently: each told, so that nothing is dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geo.fields import Kind
from geo.intake.cells import dated, looks_dated, texts
from geo.intake.findings import Findings, Objects, missing
from geo.intake.matching import OTHERS, Match, Sides, codes
from geo.intake.values import number

#: codes that a message names before it says how many more there are
_NAMED = 5


def tell_unmatched(remarks: Findings, sides: Sides, match: Match, kind: Kind, frame: pd.DataFrame) -> None:
    """Tell of each code that one side alone has, that it has several times, or that both spell or say differently."""
    key = kind.key[0]
    written = texts(frame[sides.this])
    known = ~missing(codes(frame[sides.this]))
    lone = [
        position
        for position, (i, j) in enumerate(zip(match.own, match.other, strict=True))
        if (i < 0 or j < 0) and known[position] and position not in match.several
    ]
    shaped = sides.own if sides.own.geometry is not None else sides.other if sides.other.geometry is not None else None
    for position in lone:
        lacking = sides.own if match.own[position] < 0 else sides.other
        name = sides.own.file_name if lacking is sides.own else sides.label
        if lacking is not shaped:
            advice = f"{name} has no row of this code. Add it, or mend the code; to take only its rows, import {name}"
            advice += f" and join {sides.label if lacking is sides.own else sides.own.file_name} to it."
            remarks.add([position], key, written, "no_attributes", advice)
        else:
            rule = "no_outline" if kind.geometry_required else "outline_unknown"
            remarks.add(
                [position], key, written, rule, f"{name} has no outline of this code: draw it, or mend the code."
            )
    _tell_several(remarks, sides, match, key, written)
    if not sides.by_key:
        days = dated(frame[sides.this]) | looks_dated(written)
        advice = "A spreadsheet made a date of this: format the column as text and write it again."
        remarks.add(days, key, written, "date_in_text", advice)
    _tell_unused(remarks, sides, match, key)
    _tell_different(remarks, sides, match, key)


def _tell_several(remarks: Findings, sides: Sides, match: Match, key: str, written: Objects) -> None:
    for position, others in match.several.items():
        rows = [int(sides.other.rows[j]) for j in others]
        advice = f"Rows {', '.join(map(str, rows))} of {sides.label} have this code; which one holds cannot be told."
        before = len(remarks.items)
        for _ in rows:
            remarks.add([position], key, written, "duplicate_key", f"{advice} Keep one.")
        for k, row in enumerate(rows, start=before):
            remarks.items[k] = replace(remarks.items[k], at=(sides.label, row))


def _tell_unused(remarks: Findings, sides: Sides, match: Match, key: str) -> None:
    if not match.unused:
        return
    written = texts(sides.other.frame[sides.that])
    told = codes(sides.other.frame[sides.that])
    named = list(dict.fromkeys(str(written[j]) for j in match.unused if told[j] is not None))
    nameless = sum(told[j] is None for j in match.unused)
    what = "outlines" if sides.other.geometry is not None else "rows"
    advice = (
        f"{len(match.unused)} of {len(sides.other.rows)} {what} of {sides.label} have no row in {sides.own.file_name}"
    )
    advice += f" ({nameless} of them no code, or one that became a date)" if nameless else ""
    shown = ", ".join(named[:_NAMED]) + (" …" if len(named) > _NAMED else "")
    remarks.add_whole(key, shown or None, "left_over", f"{advice}: they are not imported.")


def _tell_different(remarks: Findings, sides: Sides, match: Match, key: str) -> None:
    """Where both files say something of one thing, and not the same; told only of columns that the mapping names."""
    both = [(p, i, j) for p, (i, j) in enumerate(zip(match.own, match.other, strict=True)) if i >= 0 and j >= 0]
    spelled = texts(sides.own.frame[sides.this]), texts(sides.other.frame[sides.that])
    for p, i, j in both:
        if spelled[0][i] != spelled[1][j]:
            advice = f"{sides.label}, row {sides.other.rows[j]}, writes {spelled[1][j]}: taken as the same code."
            remarks.add([p], key, {p: spelled[0][i]}, "spelled_differently", advice)
    for name in sides.other.columns:
        if name not in sides.own.columns or name in (sides.this, sides.that):
            continue
        ours, theirs = texts(sides.own.frame[name]), texts(sides.other.frame[name])
        for p, i, j in both:
            if not _alike(ours[i], theirs[j]):
                advice = (
                    f"{sides.label}, row {sides.other.rows[j]}, says {theirs[j] or 'nothing'}; {sides.own.file_name}"
                )
                advice += f' is what is taken. Name "{OTHERS}{name}" in the mapping to take the other.'
                remarks.add([p], name, {p: ours[i]}, "joined_differs", advice)


def _alike(one: Any, other: Any) -> bool:
    if one == other or one is None or other is None:
        return bool(one == other)
    try:
        a, b = number(one), number(other)
    except ValueError:
        return False
    # What a DBF rounds is no other number.
    return a == b if a is None or b is None else bool(np.isclose(a, b, rtol=1e-9, atol=0))

"""Two files as one table: attributes joined to outlines, or outlines to attributes, by the code that both hold.

The imported file's rows come first, in their order; rows of a table that the other side has nothing for come after them, so
that none is lost.  A column that both have is the imported file's; the other's is then ``join:NAME``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.errors import MappingError
from geo.fields import Kind
from geo.intake.automap import find_column
from geo.intake.cells import texts
from geo.intake.findings import Findings, Mask, Objects, missing
from geo.intake.matching import OTHERS, Match, Sides, codes
from geo.intake.outlines import Outlines
from geo.intake.places import Numbers, Places
from geo.intake.read import Source
from geo.intake.specs import ALONE, Elsewhere, Join, Mapping, On
from geo.intake.unmatched import tell_unmatched


def join_sources(
    own: Source,
    other: Source,
    join: Join,
    kind: Kind,
    plan: Mapping | None,
    label: str,
    elsewhere: Elsewhere = ALONE,
) -> tuple[Source, Mapping | None]:
    """Both files as one, and the mapping for it (what it says of rows to leave out is done).

    ``label`` is what faults call the other file, ``elsewhere`` what other sheets have of it.

    Raises
    ------
    MappingError
        Both have shapes, or the columns of the codes cannot be told.
    """
    if own.geometry is not None and other.geometry is not None:
        raise MappingError(
            f"{own.file_name} and {label} both have shapes, and which hold cannot be told.",
            "Join a table without shapes, or import each file by itself.",
        )
    this, that = key_columns(own, other, join, kind, plan, label)
    sides = Sides(own, other, this, that, label, _by_key(kind, plan, this, that))
    match = _matched(sides, plan, elsewhere)
    frame, names = _frame(sides, match)
    places = Places(
        label,
        _numbers(own.rows, match.own),
        _numbers(other.rows, match.other),
        frozenset(names.values()) | ({"geometry"} if other.geometry is not None else set()),
    )
    # Unique for each row of the joined table, and the imported file's own number where it has one.
    numbers = np.where(places.own > 0, places.own, places.other + int(own.rows.max(initial=0)))
    shaped, at = (other, match.other) if other.geometry is not None else (own, match.own)
    joined = replace(
        own,
        sha256=hashlib.sha256(f"{own.sha256} {other.sha256}".encode()).hexdigest(),
        frame=frame,
        rows=numbers,
        geometry=None if shaped.geometry is None else _shapes(shaped.geometry, at),
        unreadable=np.array([i >= 0 and bool(shaped.unreadable[i]) for i in at], dtype=bool),
        datum=shaped.datum,
        unread={
            int(number): text
            for number, i in zip(numbers, at, strict=True)
            if i >= 0 and (text := shaped.unread.get(int(shaped.rows[i]))) is not None
        },
        remarks=_remarks(sides, match, names),
        places=places,
        n_skipped=match.n_skipped,
        also=({"file": other.file_name, "layer": other.layer, "sha256": other.sha256, "on": [this, that]},),
    )
    tell_unmatched(joined.remarks, sides, match, kind, frame)
    return joined, None if plan is None else _without_filters(plan)


def key_columns(
    own: Source, other: Source, join: Join, kind: Kind, plan: Mapping | None, label: str
) -> tuple[str, str]:
    """The column of the codes in each file: as the mapping says, else the kind's own code by its name.

    A mapping that was written for the other file serves as well: ``this`` and ``other`` are then the other way round.

    Raises
    ------
    MappingError
        A file has no such column, or nothing tells which it is.
    """
    found = []
    on = join.on
    if on.this not in own.columns and on.this in other.columns and on.other in own.columns:
        on = On(on.other, on.this)
    named = plan.columns.get(kind.key[0]) if plan else None
    for source, said, name in ((own, on.this, own.file_name), (other, on.other, label)):
        column = said or (named.column if named and named.column in source.columns else None)
        column = column or find_column(source.columns, kind.column(kind.key[0]), kind, source.file_name)
        if column not in source.columns:
            raise MappingError(
                f"Which column of {name} holds the codes to join by cannot be told."
                if column is None
                else f"{name} has no column {column!r} to join by.",
                f'Say on = "…", or on = {{ this = "…", other = "…" }}. Columns of {name}: {", ".join(source.columns)}.',
            )
        found.append(column)
    return found[0], found[1]


def _by_key(kind: Kind, plan: Mapping | None, this: str, that: str) -> bool:
    if len(kind.key) > 1:
        return False
    spec = plan.columns.get(kind.key[0]) if plan else None
    return spec is None or spec.column in (this, that)


def _matched(sides: Sides, plan: Mapping | None, elsewhere: Elsewhere) -> Match:
    ours, theirs = codes(sides.own.frame[sides.this]), codes(sides.other.frame[sides.that])
    own_kept = allowed(sides.own, plan)
    other_kept = allowed(sides.other, plan, besides=sides.own.columns)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for j in np.flatnonzero(other_kept & ~missing(theirs)).tolist():
        places[theirs[j]].append(j)
    left_out = {code for code in theirs[~other_kept] if code is not None} - set(places)
    match = Match([], [], {}, [], int((~own_kept).sum()))
    for i in np.flatnonzero(own_kept).tolist():
        there = places.get(ours[i], []) if ours[i] is not None else []
        if not there and ours[i] in left_out:
            match.n_skipped += 1
            continue
        if len(there) > 1:
            match.several[len(match.own)] = there
        match.own.append(i)
        match.other.append(there[0] if len(there) == 1 else -1)
    used = {code for code in ours if code is not None} | elsewhere.codes
    unused = [j for j in np.flatnonzero(other_kept).tolist() if theirs[j] is None or theirs[j] not in used]
    if elsewhere.told:
        return match
    if sides.by_key and sides.other.geometry is None:
        match.own += [-1] * len(unused)
        match.other += unused
    else:
        match.unused = unused
    return match


def allowed(source: Source, plan: Mapping | None, besides: Sequence[str] = ()) -> Mask:
    """Which rows the mapping does not leave out, as far as this file has the columns that say so (but ``besides``)."""
    keep = np.ones(len(source.rows), dtype=bool)
    if plan is None:
        return keep
    columns = set(source.columns) - set(besides)
    tests: list[tuple[str, Any]] = list(plan.where.items())
    tests += [
        (spec.column, spec.values)
        for spec in plan.columns.values()
        if spec.column and spec.values is not None and spec.otherwise == "skip"
    ]
    for column, values in tests:
        if column in columns:
            keep &= np.array([text in values for text in texts(source.frame[column])], dtype=bool)
    return keep


def _without_filters(plan: Mapping) -> Mapping:
    """The mapping without what leaves rows out: a row that only one side has would go, for the other side's empty cell."""
    columns = {name: replace(spec, otherwise="error") for name, spec in plan.columns.items()}
    return replace(plan, columns=columns, where={})


def _numbers(rows: Numbers, at: list[int]) -> Numbers:
    return np.array([int(rows[i]) if i >= 0 else 0 for i in at], dtype=np.int64)


def _shapes(geometry: Outlines, at: list[int]) -> Outlines:
    return Outlines(geometry.wkb.take(pa.array([i if i >= 0 else None for i in at], type=pa.int64())))


def _taken(column: pd.Series[Any], at: list[int]) -> pd.Series[Any]:
    """The cells at these positions, none for -1.

    Numbers that are whole become objects first: as floats, long codes would lose their last digits.
    """
    place = np.array(at, dtype=np.int64)
    if (place >= 0).all():
        return column.take(place).reset_index(drop=True)
    if column.dtype.kind in "iub":
        column = column.astype(object)
    found = column.take(np.maximum(place, 0)) if len(column) else column.reindex(range(len(place)))
    return found.reset_index(drop=True).where(pd.Series(place >= 0))


def _frame(sides: Sides, match: Match) -> tuple[pd.DataFrame, dict[str, str]]:
    """Columns of both files, and what each of the other's is called."""
    own, other = sides.own.frame, sides.other.frame
    found = {name: _taken(own[name], match.own) for name in sides.own.columns}
    brought = [name for name in sides.other.columns if (name, name) != (sides.that, sides.this)]
    names = {name: OTHERS + name if name in found else name for name in brought}
    found |= {called: _taken(other[name], match.other) for name, called in names.items()}
    # Each row's code stands in both columns of codes, whichever file it came from.
    theirs = _taken(other[sides.that], match.other)
    found[sides.this] = _filled(found[sides.this], theirs, match.own)
    if sides.that in names:
        called = names[sides.that]
        found[called] = _filled(found[called], _taken(own[sides.this], match.own), match.other)
    return pd.DataFrame(found), names


def _filled(cells: pd.Series[Any], others: pd.Series[Any], at: list[int]) -> pd.Series[Any]:
    if all(i >= 0 for i in at):
        return cells
    mixed: Objects = np.empty(len(at), dtype=object)
    mixed[:] = [mine if i >= 0 else theirs for mine, theirs, i in zip(cells.tolist(), others.tolist(), at, strict=True)]
    return pd.Series(mixed, dtype=object)


def _remarks(sides: Sides, match: Match, names: dict[str, str]) -> Findings:
    """What reading both files found, at its places in the joined table."""
    found = Findings()
    for source, at, called in ((sides.own, match.own, None), (sides.other, match.other, names)):
        place = {i: position for position, i in enumerate(at) if i >= 0}
        for item in source.remarks.items:
            name = item.field if called is None else called.get(item.field, item.field)
            if item.position < 0 or item.position in place:
                found.items.append(replace(item, position=place.get(item.position, -1), field=name))
    return found

"""Columns whose heading says nothing, by what stands in them: codes of a table, numbers that are the drawn areas, own codes.

Such a guess is always one for a person to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from geo.fields import Kind
from geo.intake.drawings import TEXT
from geo.intake.findings import Objects
from geo.intake.guesses import SURE, Guess, Seen
from geo.intake.weigh import area_fit, floats, same_areas, table_fit

BY_VALUES, UNIQUE = 0.6, 0.5
#: fewer codes than this stand in a column by chance
CODES_MIN = 3
#: what is the drawn area of a kind
_SITE = ("registered_area_m2", "net_area_m2")


def guess_by_values(kind: Kind, seen: Seen, named: list[Guess]) -> list[Guess]:
    """Guesses for columns of the registry that no heading names; each column of the file is used once."""
    taken = {guess.target for guess in named}
    free = {name: cells for name, cells in seen.cells.items() if name not in {guess.column for guess in named}}
    found: list[Guess] = []
    for target in kind.columns:
        if target.name in taken:
            continue
        if target.type == "land_use":
            # Names of uses that stand beside their codes are no second use.
            if any(kind.column(guess.target).type == "land_use" for guess in [*named, *found]):
                continue
            guesses = _coded(target.name, free)
        elif target.name in _SITE:
            guesses = _drawn(target.name, free, seen, [*named, *found])
        elif (target.name,) == kind.key:
            guesses = _unique(target.name, free)
        else:
            continue
        guess = next(guesses, None)
        if guess is not None:
            del free[guess.column]
            found.append(guess)
    order = [column.name for column in kind.columns]
    return sorted([*named, *found], key=lambda g: order.index(g.target))


def settle_labels(guesses: list[Guess], seen: Seen) -> list[Guess]:
    """Guesses for a drawing: of the texts inside its outlines, what only one of their columns can be is sure.

    Texts in outlines of a plan are what it calls its land by: one that is each outline's own and no number is its code, one
    that a single table knows its use.
    """
    free = {name: cells for name, cells in seen.cells.items() if name.startswith(f"{TEXT}:")}
    codes = [name for name, cells in free.items() if _own_code(cells)]
    uses = [name for name, cells in free.items() if (fit := table_fit(cells)).table and fit.distinct >= CODES_MIN]
    alone = {each[0] for each in (codes, uses) if len(each) == 1}
    return [
        replace(guess, confidence=SURE, unclear=None, why=(*guess.why, "no other text in the outlines is"))
        if guess.confidence in (BY_VALUES, UNIQUE) and guess.column in alone and (guess.table or guess.column in codes)
        else guess
        for guess in guesses
    ]


def _own_code(cells: Objects) -> bool:
    present = [str(cell) for cell in cells if cell is not None]
    lettered = any(not re.fullmatch(r"[\d.,]+", cell) for cell in present)
    return lettered and len(set(present)) == len(cells)


def _coded(target: str, free: dict[str, Objects]) -> Iterator[Guess]:
    for name, cells in free.items():
        fit = table_fit(cells)
        if fit.fitting and fit.distinct >= CODES_MIN:
            yield Guess(
                name, target, BY_VALUES, (fit.why,), table=fit.table, unclear="only its values say so: confirm it"
            )


def _drawn(target: str, free: dict[str, Objects], seen: Seen, known: list[Guess]) -> Iterator[Guess]:
    areas = [(seen.cells[guess.column], guess.unit) for guess in known if guess.target in _SITE and guess.unit]
    for name, cells in free.items():
        fit = area_fit(floats(cells), seen.drawn)
        # What says again what another column says is no area of its own.
        if (
            fit is not None
            and fit.unit is not None
            and not any(same_areas(cells, fit.unit, other, unit) for other, unit in areas)
        ):
            yield Guess(
                name, target, BY_VALUES, (fit.why,), unit=fit.unit, unclear="only its numbers say so: confirm it"
            )


def _unique(target: str, free: dict[str, Objects]) -> Iterator[Guess]:
    for name, cells in free.items():
        present = {cell for cell in cells if cell is not None}
        # Measured numbers differ from row to row, too.
        if len(present) == len(cells) and not any("." in cell for cell in present):
            yield Guess(name, target, UNIQUE, ("each row has its own",), unclear="only its values say so: confirm it")

"""What each column of a file probably is, with how sure that is, from 0 to 1, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo import units
from geo.errors import UnitError
from geo.fields import Kind
from geo.fields.columns import Column
from geo.fields.headings import split_heading
from geo.intake.cells import convert
from geo.intake.drawings import TEXT
from geo.intake.findings import Objects, missing
from geo.intake.specs import Spec
from geo.intake.traps import DOUBTFUL, LABELS, PLAN, PLAN_NAMES, SURVEY, UPPER_LIMIT
from geo.intake.weigh import CODES_FIT, Floats, area_fit, floats, floor_fit, same_areas, table_fit

#: from this confidence on a guess stands in the mapping as it is; below it the entry is left blank
SURE = 0.8
#: what a name alone is worth; values then confirm it, or speak against it
EXACT, CHINESE, ALIAS, LABEL, CUT, DOUBT = 0.97, 0.95, 0.9, 0.85, 0.8, 0.6
READABLE = 0.98


@dataclass(frozen=True)
class Guess:
    """One column of the file as one column of the registry; ``unclear`` says what a person has to settle."""

    column: str
    target: str
    confidence: float
    why: tuple[str, ...]
    unit: str | None = None
    table: str | None = None
    unclear: str | None = None

    @property
    def sure(self) -> bool:
        """Whether the guess may stand in a mapping as it is."""
        return self.confidence >= SURE and self.unclear is None


@dataclass(frozen=True)
class Seen:
    """The columns of one layer as text, and the drawn areas in m² (``None``: none are drawn).

    ``plan``: the file's name says that it is a plan.
    """

    cells: dict[str, Objects]
    drawn: Floats | None
    plan: bool = False

    @property
    def headings(self) -> set[str]:
        """All headings, as traps are spelt."""
        return {folded(name).upper() for name in self.cells}


def bare(heading: str) -> str:
    """A heading without brackets, and the name of the layer alone where texts of a drawing stand under it."""
    return split_heading(heading.removeprefix(f"{TEXT}:"))[0]


def folded(heading: str) -> str:
    """The same without case and underscores, which tell nothing (dk_bh is DKBH)."""
    return bare(heading).casefold().replace("_", "")


def name_score(heading: str, target: Column, kind: Kind) -> tuple[float, str] | None:
    """What a heading alone says for one column of the registry: confidence and why, ``None`` for nothing."""
    said = _name_score(heading, target, kind)
    if heading.startswith(f"{TEXT}:") and (said is None or (said[0] == DOUBT and (target.name,) == kind.key)):
        return _label_score(bare(heading), target, kind)
    return said


def _label_score(layer: str, target: Column, kind: Kind) -> tuple[float, str] | None:
    """The same for texts inside outlines, by a word in the name of the drawing's layer on which they stand.

    Such a text is what a plan calls its land by, and never a row's number in a database.
    """
    words = LABELS.get(kind.name, {})
    found = [(len(word), name) for name, each in words.items() for word in each if word in layer.upper()]
    if not found or max(found)[1] != target.name:
        return None
    doubt = DOUBTFUL.get(kind.name, {}).get(target.name, {}).get("容积率") if target.unit == "far" else None
    return (DOUBT, doubt) if doubt else (LABEL, "texts inside the outlines, on the drawing's layer of that name")


def _name_score(heading: str, target: Column, kind: Kind) -> tuple[float, str] | None:
    base = bare(heading)
    name = folded(heading)
    if base.casefold() == target.name:
        return EXACT, "its exact name"
    if name == target.zh.casefold():
        return CHINESE, "its Chinese name"
    if any(base.casefold() in (c.name, c.zh.casefold()) for c in kind.columns if c is not target):
        return None
    aliases = [folded(alias) for alias in target.aliases]
    if name in aliases:
        return ALIAS, "an alias that offices use"
    doubt = DOUBTFUL.get(kind.name, {}).get(target.name, {}).get(name.upper())
    if doubt:
        return DOUBT, doubt
    # A DBF cuts names after ten bytes.
    if 9 <= len(base.encode()) <= 10 and any(
        a.startswith(name) and a != name for a in [target.name.replace("_", ""), *aliases]
    ):
        return CUT, "the beginning of its name, cut as a DBF does"
    return None


def guess_columns(kind: Kind, seen: Seen) -> list[Guess]:
    """The best guess for each column of the registry that the file may have, each column of the file used once."""
    found = [
        guess
        for target in kind.columns
        for column, cells in seen.cells.items()
        if (guess := _guess(column, cells, target, kind, seen)) is not None
    ]
    taken: dict[str, Guess] = {}
    for guess in sorted(found, key=lambda g: (-g.confidence, g.unclear is not None)):
        if guess.target in taken or guess.column in {g.column for g in taken.values()}:
            continue
        used = {g.column for g in taken.values()}
        rivals = [r for r in found if r.target == guess.target and r.column != guess.column]
        chosen = _of_two_units(guess, [r for r in rivals if r.column not in used], seen)
        taken[guess.target] = _against(chosen, [r for r in rivals if r.column != chosen.column], kind, seen)
    order = [column.name for column in kind.columns]
    return sorted(taken.values(), key=lambda g: order.index(g.target))


def _of_two_units(guess: Guess, rivals: list[Guess], seen: Seen) -> Guess:
    """Of columns that say one area in several units that in m², which is rounded least; else the guess itself."""
    same = [rival for rival in rivals if _says_same(guess, rival, seen)]
    if not guess.sure or not same or guess.confidence == EXACT:
        return guess
    chosen = next((each for each in (guess, *same) if each.unit == "m2"), guess)
    told = (f"{each.column} says the same in {each.unit}" for each in (guess, *same) if each is not chosen)
    return replace(chosen, why=(*chosen.why, *told))


def _says_same(a: Guess, b: Guess, seen: Seen) -> bool:
    if not (a.sure and b.sure and a.unit and b.unit) or a.unit == b.unit or "share" in (a.unit, b.unit):
        return False
    return same_areas(seen.cells[a.column], a.unit, seen.cells[b.column], b.unit)


def _against(guess: Guess, rivals: list[Guess], kind: Kind, seen: Seen) -> Guess:
    """A guess that another column could be as well is no longer sure, unless both say the same.

    Our own name needs no second look, and a heading that is in doubt by itself throws no doubt on another.
    """
    if guess.confidence == EXACT or guess.table:
        return guess
    close = [
        r.column
        for r in rivals
        if r.confidence >= guess.confidence - 0.1 and not _doubtful(r, kind) and not _alike(guess, r, seen)
    ]
    if not close:
        return guess
    told = f"{' or '.join([guess.column, *close])}: name the one that is meant"
    return replace(guess, confidence=min(guess.confidence, 0.5), unclear=told)


def _doubtful(guess: Guess, kind: Kind) -> bool:
    named = name_score(guess.column, kind.column(guess.target), kind)
    return named is None or named[0] == DOUBT


def _alike(a: Guess, b: Guess, seen: Seen) -> bool:
    return _says_same(a, b, seen) or bool((seen.cells[a.column] == seen.cells[b.column]).all())


def _guess(column: str, cells: Objects, target: Column, kind: Kind, seen: Seen) -> Guess | None:
    named = name_score(column, target, kind)
    if named is None:
        return None
    guess = Guess(column, target.name, named[0], (named[1],))
    if missing(cells).all():
        return replace(guess, confidence=0.3, why=(*guess.why, "every cell is empty"), unclear="every cell is empty")
    if target.type == "land_use":
        return _land_use(guess, cells)
    if target.unit is not None and units.dimension(target.unit) == "area":
        guess = _area(guess, cells, target, seen)
    elif target.unit == "share":
        guess = _share(guess, cells)
    elif target.unit == "far" and named[0] == DOUBT and not seen.headings & SURVEY:
        planned = _planned(cells, seen)
        guess = replace(guess, confidence=0.85, why=(planned, *guess.why)) if planned else guess
    guess = _readable(guess, cells, target)
    if (target.name,) == kind.key:
        return _code(guess, cells)
    if guess.confidence < SURE and guess.unclear is None:
        guess = replace(guess, unclear=guess.why[0])
    return guess


def says_plan(*names: str | None) -> bool:
    """Whether a file or a layer calls itself a plan."""
    return any(word in name for name in names if name for word in PLAN_NAMES)


def _planned(cells: Objects, seen: Seen) -> str | None:
    """Why a floor-area ratio is that of a plan, if it plainly is."""
    if seen.headings & PLAN:
        return "beside columns that only a plan has"
    present = [str(cell) for cell in cells if cell is not None]
    if any(cell.lstrip().startswith(UPPER_LIMIT) for cell in present):
        return "its cells are upper limits (≤)"
    return "the file calls itself a plan" if seen.plan else None


def _land_use(guess: Guess, cells: Objects) -> Guess:
    fit = table_fit(cells)
    why = (*guess.why, fit.why)
    if fit.table and fit.share >= CODES_FIT:
        # Codes before names, where a file has both: 用地代码 beside 用地性质.
        confidence = min(guess.confidence, 0.85) if fit.coded < 0.5 else guess.confidence
        unclear = None if confidence >= SURE else guess.why[0]
        return replace(guess, confidence=confidence, why=why, table=fit.table, unclear=unclear)
    worth = min(guess.confidence, 0.5 if fit.share >= CODES_FIT else 0.4 * fit.share + 0.1)
    return replace(guess, confidence=worth, why=why, unclear=f"name the code table: {fit.why}")


def _area(guess: Guess, cells: Objects, target: Column, seen: Seen) -> Guess:
    said = split_heading(guess.column)[1]
    try:
        if said and units.factor(said, "m2"):
            return replace(guess, unit=said, why=(*guess.why, f"its heading says {said}"))
    except UnitError:
        pass
    site = target.name in ("registered_area_m2", "site_area_m2", "net_area_m2")
    fit = (area_fit if site else floor_fit)(floats(cells), seen.drawn)
    if fit is None:
        if guess.confidence == EXACT:
            return replace(guess, why=(*guess.why, "its name says m²"))
        worth = min(guess.confidence, 0.5)
        return replace(
            guess,
            confidence=worth,
            unclear="name the unit: fewer than five rows have an outline to compare its numbers with",
        )
    if fit.unit is None:
        worth = min(guess.confidence, 0.4)
        return replace(guess, confidence=worth, why=(*guess.why, fit.why), unclear=f"name the unit: {fit.why}")
    # MJ says nothing of its unit, and its numbers do.
    worth = 0.85 if guess.confidence == DOUBT and folded(guess.column) in ("mj", "面积") else guess.confidence
    return replace(guess, confidence=worth, unit=fit.unit, why=(*guess.why, fit.why))


def _share(guess: Guess, cells: Objects) -> Guess:
    numbers = floats(cells)
    top = float(np.nanmax(numbers)) if np.isfinite(numbers).any() else 0.0
    if top <= 1:
        return replace(guess, unit="share", why=(*guess.why, "its numbers are at most 1"))
    return replace(guess, unit="%", why=(*guess.why, f"its numbers go up to {top:g}"))


def _readable(guess: Guess, cells: Objects, target: Column) -> Guess:
    """Less sure where values cannot be read as what the column holds."""
    found = convert(target, Spec(column=guess.column, unit=guess.unit), cells)
    present = int((~missing(cells)).sum())
    share = 1 - len(found.wrong) / max(present, 1)
    if share >= READABLE:
        return guess
    told = f"{share:.0%} of its values can be read as {target.type}"
    return replace(
        guess, confidence=min(guess.confidence, 0.7 * share), why=(*guess.why, told), unclear=guess.unclear or told
    )


def _code(guess: Guess, cells: Objects) -> Guess:
    present = [cell for cell in cells if cell is not None]
    if len(set(present)) == len(cells):
        guess = replace(guess, why=(*guess.why, "each row has its own"))
        return guess if guess.confidence >= SURE else replace(guess, unclear=guess.unclear or guess.why[0])
    told = f"{len(cells) - len(present)} rows have none, {len(present) - len(set(present))} repeat one"
    if guess.confidence >= SURE and len(set(present)) >= 0.95 * len(cells):
        # A few faults of the file; the import tells of each.
        return replace(guess, confidence=max(SURE, guess.confidence - 0.1), why=(*guess.why, told))
    return replace(guess, confidence=min(guess.confidence, 0.5), why=(*guess.why, told), unclear=told)

"""A sheet with a row for each use of a parcel, as the one land-use column that the parcels have.

A parcel's uses are part of its version (docs/decisions/0001), so that the sheet is no import of its own: its rows are put
together as an office would write them in one cell (``C2:0.6+C8:0.4``).  Where it gives areas, a share is the area over the
sum of the parcel's; where one of them is not known, no share of that parcel is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import MappingError
from geo.fields import Fault
from geo.fields.land_use import LandUseError, UnknownCodeError, code_table
from geo.fields.land_use_cell import read_cell
from geo.fields.use_sheet import USE_SHEET
from geo.intake.cells import convert, dated, looks_dated, texts
from geo.intake.findings import Finding, Findings, Objects, missing
from geo.intake.joining import key_columns
from geo.intake.matching import codes
from geo.intake.places import Aside
from geo.intake.read import Source
from geo.intake.rules import RULES
from geo.intake.specs import ALONE, Elsewhere, Join, Mapping, Spec, Uses
from geo.intake.values import as_text

#: digits to which shares worked out from areas are written: finer than any survey, and their sum stays 1 to 1e-6
DIGITS = 9
#: rounding of shares that are written with some decimals
_SUM_TOLERANCE = 1e-6


def with_uses(
    source: Source, sheet: Source, plan: Mapping, uses: Uses, label: str, elsewhere: Elsewhere = ALONE
) -> tuple[Source, Mapping]:
    """The parcels with one column more, that of their uses, and the mapping that reads it.

    ``label`` is what faults call the sheet of uses, ``elsewhere`` are parcels of other sheets that it has uses of.

    Raises
    ------
    MappingError
        The sheet lacks a column that the mapping names, or the columns of the codes cannot be told.
    """
    this, that = key_columns(source, sheet, Join(on=uses.on), plan.kind, plan, label)
    wanted = [uses.code, *(spec.column for spec in (uses.share, uses.area) if spec and spec.column)]
    lacking = [name for name in wanted if name not in sheet.columns]
    if lacking:
        raise MappingError(
            f"{plan.name} names {', '.join(map(repr, lacking))}, and {label} has no such column.",
            f"Columns of {label}: {', '.join(sheet.columns)}.",
        )
    rows = _Uses(source, sheet, uses, label, this, that, elsewhere)
    name, sums = f"{label}:{uses.code}", f"{label}:合计"
    remarks = Findings([*source.remarks.items, *(replace(item, field=name) for item in rows.found)])
    frame = source.frame.assign(
        **{name: pd.Series(rows.written, dtype=object), sums: pd.Series(rows.area, dtype=object)}
    )
    also = {"file": sheet.file_name, "layer": sheet.layer, "sha256": sheet.sha256, "on": [this, that]}
    filled = {uses.column: Spec(column=name, table=uses.table, own=uses.own), "uses_area_m2": Spec(column=sums)}
    more = replace(source, frame=frame, remarks=remarks, aside=(*source.aside, *rows.aside), also=(*source.also, also))
    return more, replace(plan, columns={**plan.columns, **filled})


class _Uses:
    """The rows of the sheet, put together by parcel: ``written`` for each parcel, what was ``found``, and rows of none."""

    def __init__(
        self, source: Source, sheet: Source, uses: Uses, label: str, this: str, that: str, elsewhere: Elsewhere
    ) -> None:
        self.sheet, self.uses, self.label, self.elsewhere = sheet, uses, label, elsewhere
        self.table = uses.own or code_table(uses.table)
        self.found: list[Finding] = []
        self.aside: list[Aside] = []
        self.code = self._codes()
        self.amount, self.wrong = self._amounts()
        parcels = codes(source.frame[this])
        places: defaultdict[str, list[int]] = defaultdict(list)
        for position in np.flatnonzero(~missing(parcels)).tolist():
            places[parcels[position]].append(position)
        self.key = texts(sheet.frame[that])
        of_parcel = self._by_parcel(codes(sheet.frame[that]), dated(sheet.frame[that]) | looks_dated(self.key), places)
        self.written: Objects = np.full(len(source.rows), None, dtype=object)
        #: the sum of the areas of the uses of each parcel, in m²
        self.area: Objects = np.full(len(source.rows), None, dtype=object)
        for code, positions in places.items():
            for position in positions:
                self.written[position] = self._together(position, of_parcel.get(code, []))

    def _codes(self) -> Objects:
        """Each row's code as its table spells it, or the fault in it."""
        out: Objects = np.full(len(self.sheet.rows), None, dtype=object)
        days = dated(self.sheet.frame[self.uses.code])
        for j, text in enumerate(texts(self.sheet.frame[self.uses.code])):
            if days[j]:
                out[j] = ("date_in_text", "A spreadsheet made a date of this: format the column as text.", text)
            elif text is None:
                out[j] = ("required", "The code of the use may not be empty.", None)
            else:
                out[j] = self._code(text)
        return out

    def _code(self, text: str) -> str | tuple[str, str, str]:
        try:
            items = read_cell(self.table, text)
        except LandUseError as error:
            rule = "unknown_code" if isinstance(error, UnknownCodeError) else "land_use_unreadable"
            return rule, error.hint or error.message, text
        if len(items) > 1 or items[0][2] is not None:
            return "land_use_unreadable", "Write one use a row, its share in the column of shares.", text
        return items[0][0]

    def _amounts(self) -> tuple[Objects, dict[int, tuple[str, str, str]]]:
        """The share or the area of each row, as the mapping names it, and what is wrong with it."""
        spec = self.uses.share or self.uses.area
        if spec is None or spec.column is None:
            return np.full(len(self.sheet.rows), None, dtype=object), {}
        target = USE_SHEET.column("share" if self.uses.share else "area_m2")
        cells = texts(self.sheet.frame[spec.column])
        read = convert(target, spec, cells)
        wrong = {j: (rule, advice, cells[j]) for j, (rule, advice) in read.wrong.items()}
        zero = f"A use of no {target.zh} is none: delete the row, or write what it has."
        wrong |= {j: ("below_limit", zero, cells[j]) for j, value in enumerate(read.cells) if value == 0}
        return read.cells, wrong | {j: (*told, cells[j]) for j, told in read.doubtful.items() if j not in wrong}

    def _by_parcel(self, keys: Objects, days: Any, places: dict[str, list[int]]) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for j, key in enumerate(keys):
            if days[j]:
                self._set_aside(j, "date_in_text", "A spreadsheet made a date of this: format the column as text.")
            elif key is None:
                self._set_aside(j, "required", "The code of the parcel may not be empty.")
            elif key in self.elsewhere.codes and key not in places:
                continue
            elif key not in places:
                self._set_aside(j, "no_parcel", "No parcel of the import has this code: mend it, or add the parcel.")
            else:
                found[key].append(j)
        return found

    def _set_aside(self, j: int, rule: str, advice: str) -> None:
        if self.elsewhere.told:
            return
        fault = Fault(
            int(self.sheet.rows[j]),
            self.key[j],
            "parcel_code",
            self.key[j],
            rule,
            RULES[rule].severity,
            advice,
            self.label,
        )
        row = self.sheet.frame.iloc[j]
        self.aside.append(Aside({str(name): as_text(cell) for name, cell in row.items()}, fault))

    def _together(self, position: int, rows: list[int]) -> str | None:
        """The uses of one parcel as one cell; ``None`` where they are not known or one of them is at fault."""
        if not rows:
            self._note(
                position, None, "no_uses", f"{self.label} has no row of this parcel; its uses stay unknown.", None
            )
            return None
        sound = True
        for j in rows:
            for told in (self.code[j] if isinstance(self.code[j], tuple) else None, self.wrong.get(j)):
                if told is not None:
                    self._note(position, j, *told)
                    sound = sound and RULES[told[0]].severity != "error"
        if not sound:
            return None
        named = [str(self.code[j]) for j in rows]
        twice = [j for j, code in zip(rows, named, strict=True) if named.count(code) > 1]
        for j in twice:
            advice = "The same use stands in several rows of this parcel; which one holds cannot be told. Keep one."
            self._note(position, j, "duplicate_key", advice, str(self.code[j]))
        shares = self._shares(position, rows)
        over = sum(share or 0.0 for share in shares) > 1 + _SUM_TOLERANCE
        for j in rows if over and not twice else []:
            self._note(
                position, j, "shares_over_one", "The shares of this parcel sum to more than the whole of it.", None
            )
        if twice or over:
            return None
        return "+".join(
            code
            if share is None or len(rows) == 1 == share
            else f"{code}:{np.format_float_positional(share, trim='-')}"
            for code, share in zip(named, shares, strict=True)
        )

    def _shares(self, position: int, rows: list[int]) -> list[float | None]:
        amounts = [self.amount[j] for j in rows]
        if self.uses.share is not None:
            return amounts
        if any(amount is None for amount in amounts):
            return [None] * len(rows)
        whole = self.area[position] = sum(amounts)
        return [float(f"{amount / whole:.{DIGITS}g}") for amount in amounts]

    def _note(self, position: int, j: int | None, rule: str, advice: str, value: str | None) -> None:
        at = None if j is None else (self.label, int(self.sheet.rows[j]))
        self.found.append(Finding(position, "", value, rule, RULES[rule].severity, advice, at))

"""What the checks find, by position, before rows have their numbers and codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.fields.faults import Fault, Severity
from geo.intake.rules import RULES

Objects = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

#: what a list of faults shows of a value; an outline can be megabytes long
_SHOWN = 120


@dataclass(frozen=True)
class Finding:
    """One fault at one position of the frame that is being checked; position -1 is the whole file.

    ``at`` is where the faulty cell stands if that is not the row itself: another sheet or file, and the row there.
    """

    position: int
    field: str
    value: str | None
    rule: str
    severity: Severity
    advice: str
    at: tuple[str, int] | None = None


@dataclass
class Findings:
    """All findings of one file, collected while it goes through the rooms."""

    items: list[Finding] = field(default_factory=list)

    def add(
        self,
        where: Mask | Iterable[int],
        field: str,
        values: Sequence[Any] | npt.NDArray[Any] | Mapping[int, Any] | None,
        rule: str,
        advice: str,
    ) -> None:
        """Note one rule at many positions (a mask, or positions); ``values`` is the whole column, as the file has it (or those
        of these positions alone).

        The severity is that of the rule in :data:`geo.intake.rules.RULES`; a rule that is not there is a ``KeyError``.
        """
        severity = RULES[rule].severity
        positions = np.flatnonzero(where).tolist() if isinstance(where, np.ndarray) else where
        for position in positions:
            value = None if values is None else shown(values[position])
            self.items.append(Finding(position, field, value, rule, severity, advice))

    def extend(self, other: Findings, start: int) -> None:
        """Take over what was found in a part of the rows whose first stands at ``start``."""
        self.items += [
            replace(item, position=item.position + start) if item.position >= 0 else item for item in other.items
        ]

    def add_whole(self, field: str, value: str | None, rule: str, advice: str) -> None:
        """Note a rule that the file as a whole breaks: a fault of no one row."""
        self.items.append(Finding(-1, field, value, rule, RULES[rule].severity, advice))

    def rejected(self, n: int) -> Mask:
        """Which of ``n`` rows have an error."""
        bad = np.zeros(n, dtype=bool)
        bad[[item.position for item in self.items if item.severity == "error" and item.position >= 0]] = True
        return bad

    def faults(self, rows: npt.NDArray[np.int64], keys: Objects, where: str | None = None) -> list[tuple[int, Fault]]:
        """The findings as faults with their positions, those of the whole file (-1) first, then by row.

        ``rows`` and ``keys`` give each position's row number and code, ``where`` is the sheet that they stand in.
        """
        return [
            (
                i.position,
                Fault(
                    i.at[1] if i.at else int(rows[i.position]) if i.position >= 0 else None,
                    keys[i.position] if i.position >= 0 else None,
                    i.field,
                    i.value,
                    i.rule,
                    i.severity,
                    i.advice,
                    i.at[0] if i.at else where,
                ),
            )
            for i in sorted(self.items, key=lambda item: item.position)
        ]


def missing(cells: Objects) -> Mask:
    """Which cells of a column hold nothing."""
    return np.array([cell is None for cell in cells], dtype=bool)


def absent(column: pa.Array) -> Mask:
    """The same of an Arrow column."""
    none: Mask = column.is_null().to_numpy(zero_copy_only=False)
    return none


def numbers(column: pa.Array) -> npt.NDArray[np.float64]:
    """A column of numbers as floats, NaN where it is missing."""
    found: npt.NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def shown(value: object) -> str | None:
    """A value as a list of faults shows it: one line, cut where it is long; ``None`` for a missing one.

    NUL and half characters are marked, since neither a terminal nor JSON in the database takes them.
    """
    if isinstance(value, pa.Scalar):
        value = value.as_py()
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = " ".join(str(value).replace("\x00", "�").encode("utf-8", "replace").decode().split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

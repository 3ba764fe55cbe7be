"""Where the cells of joined rows stand, so that a fault names the file and the row that its owner has to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.fields.faults import Fault
from geo.intake.findings import Findings, Mask

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """For each joined row its row in the imported file (``own``) and in the other one (``other``); 0 where it has none.

    ``label`` is what faults call the other file, ``brought`` names the columns that come from it (``geometry``: shapes).
    """

    label: str
    own: Numbers
    other: Numbers
    brought: frozenset[str]

    def kept(self, keep: Mask) -> Places:
        """The same for some of the rows."""
        return replace(self, own=self.own[keep], other=self.other[keep])

    def at(self, position: int, column: str | None) -> tuple[str, int] | None:
        """Where a cell stands in the other file; ``None`` where it stands in the imported one."""
        there = int(self.other[position])
        if not there or (self.own[position] and column not in self.brought):
            return None
        return self.label, there


@dataclass(frozen=True)
class Aside:
    """A row of another sheet or file that belongs to no row of the import: it is kept aside with its fault."""

    cells: dict[str, Any]
    fault: Fault

    @property
    def row(self) -> int:
        """Its number in its own sheet."""
        return self.fault.row or 0


def place(findings: Findings, places: Places, columns: Mapping[str, str | None], key: str) -> None:
    """Let each finding name the file and row in which its cell stands; ``columns`` is the file's column of each field.

    ``key`` is the field of the code.
    """
    told = {item.position for item in findings.items if item.severity == "error" and item.field == key}
    placed = []
    for item in findings.items:
        if item.rule == "geometry_missing" and item.position in told:
            continue  # what is wrong with its code says why nothing could be joined
        if item.at is None and item.position >= 0:
            item = replace(item, at=places.at(item.position, columns.get(item.field, item.field)))
        placed.append(item)
    findings.items[:] = placed

"""What an import did, and what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from geo.fields.faults import Fault, FileRows

if TYPE_CHECKING:
    import pandas as pd

#: how far an import is: the stage, how much of it is done, of how much
Progress = Callable[[str, int, int], None]
#: the same within one stage
Step = Callable[[int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Progress that is told to nobody."""


def unheard(done: int, total: int) -> None:
    """The same within one stage."""


@dataclass(frozen=True)
class ImportReport:
    """What one call of :func:`geo.intake.load` did.

    ``import_id`` is ``None`` where nothing was written because the file says nothing that is not in the registry already.
    ``n_rows`` counts the data rows of the file, ``n_skipped`` those that the mapping leaves out, ``n_rejected`` those kept
    aside for their errors (``accept_valid``).  ``counts`` has ``added``, ``changed``, ``same`` and ``gone`` (keys closed by
    ``gone="retire"``; 0 with ``keep``), and ``settled`` where rows kept aside before came back good.  ``emptied`` is in how
    many rows a registered value goes, by column, since the file has none there.  ``unused`` are the columns of the file that
    the mapping does not name.  ``changes`` are those that a dry run would make
    (:func:`geo.intake.changes.preview`), ``read`` the rows as they were read.

    ``tables`` are the files of the office's own code tables by which codes were read.

    Of rows that were tried again, ``tried`` says in words of which import they are.

    Of a file with several sheets, each is an import of its own and has its own report in ``parts``; the figures are then
    the sums of theirs, ``import_id`` the newest of theirs.
    """

    import_id: int | None
    kind: str
    file_name: str
    layer: str | None
    sha256: str
    source: str
    synthetic: bool
    crs: str | None
    effective: date
    n_rows: int
    n_skipped: int
    n_rejected: int
    counts: dict[str, int]
    faults: tuple[Fault, ...]
    unused: tuple[str, ...]
    emptied: dict[str, int] = field(default_factory=dict)
    changes: pd.DataFrame | None = field(default=None, repr=False, compare=False)
    read: FileRows | None = field(default=None, repr=False, compare=False)
    parts: tuple[ImportReport, ...] = ()
    tried: str | None = None
    tables: tuple[str, ...] = ()

    @property
    def n_warnings(self) -> int:
        """How many of the faults are warnings."""
        return sum(fault.severity == "warning" for fault in self.faults)

    def summary(self) -> str:
        """One line, or one for each sheet: what was written, or that nothing was."""
        if self.parts:
            return "\n".join(part.summary() for part in self.parts)
        done = ", ".join(f"{self.counts[name]} {name}" for name in ("added", "changed", "same", "gone"))
        aside = f"; {self.n_skipped} left out by the mapping" if self.n_skipped else ""
        aside += f"; {self.n_rejected} rejected" if self.n_rejected else ""
        aside += f"; {self.counts['settled']} kept aside before are settled" if self.counts.get("settled") else ""
        if self.emptied:
            gone = ", ".join(f"{name} in {n} rows" for name, n in self.emptied.items())
            aside += f"; registered values that go, since the file has none: {gone}"
        number = "nothing to write" if self.import_id is None else f"import {self.import_id}"
        if self.changes is not None:
            absent = int((self.changes["change"] == "not_in_file").sum())
            aside += f"; {absent} registered and not in the file" if absent else ""
            number = "dry run: nothing was written"
        aside += f"; codes by {', '.join(self.tables)}" if self.tables else ""
        sheet = f", {self.layer}" if self.read is not None and self.read.where else ""
        sheet += f", {self.tried}" if self.tried else ""
        return f"{self.file_name}{sheet}: {self.n_rows} rows of {self.kind} → {done}{aside} ({number})"

"""What a measure of a parcel is; which there are stands in ``geo.fields.measures``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.fields.columns import Readers


@dataclass(frozen=True)
class Measure:
    """One figure of a parcel: its Chinese name, type, unit, the sentence that says how it is got, and of which kinds.

    ``changed_by`` says who could bring another value about, ``None`` where nobody can (where land lies, how large it is).
    ``scale`` is a change that counts as a large one, in the measure's unit: by it changes of different figures are compared.
    ``onward``: it changes along the order of its choices only; what is built is not made unbuilt to fit a rule.
    Both are our judgement, not from a rule.  ``choices`` are all texts that it may have, none where a policy says them
    (zones).  A share lies between 0 and 1, one that is ``unbounded`` above 1, too.
    A ``restricted`` measure (owners, leases) is off in pages, lists and downloads: of a reason that rests on it only the
    outcome is told.
    """

    name: str
    zh: str
    type: Literal["number", "text", "boolean"]
    unit: str | None
    how: str
    sources: tuple[str, ...]
    changed_by: str | None = None
    scale: float = 1.0
    readers: Readers = "all"
    onward: bool = False
    choices: tuple[str, ...] = ()
    unbounded: bool = False

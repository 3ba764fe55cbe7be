"""One file's rows on their way into the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo.fields import Fault, Kind
from geo.intake.copying import Table


@dataclass(frozen=True)
class Retried:
    """The rejected rows that a batch tries again: of its ``good`` rows, and of its rejected ones in their order (``bad``)."""

    good: tuple[int, ...]
    bad: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """What is to be stored: the good rows, and the rest; ``rejected`` are row number, values and faults.

    ``reading`` is what trying those again will need beyond the mapping; ``retried`` says of a batch that is itself such a
    trial which rejected rows it is of.  Of several sheets of one kind ``beside`` are the keys of the others, which are not
    gone for this one, and ``last`` says that it is the last: what became of their parcels is worked out with it.
    """

    kind: Kind
    good: Table
    rejected: Sequence[tuple[int, dict[str, Any], Sequence[Fault]]]
    rejected_keys: Sequence[tuple[Any, ...]]
    effective: date
    retire: bool
    synthetic: bool
    source: str
    file_name: str
    sha256: str
    crs: str | None
    mapping: dict[str, Any]
    actor: str
    reading: dict[str, Any] | None = None
    retried: Retried | None = None
    beside: Sequence[tuple[Any, ...]] | None = None
    last: bool = True

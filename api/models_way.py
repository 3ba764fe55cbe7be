"""What the JSON of the way to the target looks like.  Areas are m², days ISO; ``null`` is unknown, never zero."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Measure(BaseModel):
    """One open measure on the way to the target; further columns of it are given beside these."""

    model_config = ConfigDict(extra="allow")

    measure_id: str
    kind: str
    parcel_codes: list[str]
    zone: str
    gfa_m2: float | None = Field(None, description="what it gains; null: not known; negative: a delisting")
    ready_on: date | None = Field(None, description="the first day on which it can count")
    open: list[str] = Field(description="what of it is not known: such a measure is never chosen")
    chosen: bool
    counts_from: date | None = Field(None, description="the day from which a chosen one counts")
    part: str | None = Field(None, description="every, some, none of the best choices; late; open")


class Way(BaseModel):
    """The best choice of measures and how firm it is, or why the target cannot be met."""

    run_id: int
    synthetic: bool
    question: dict[str, Any]
    by: date
    official: bool = Field(description="false: the park's boundary is not registered (非考核口径)")
    target_m2: float
    counted_m2: float = Field(description="what counts by that day, of what is known")
    need_m2: float
    is_possible: bool | None = Field(description="null: not known in that time")
    gained_m2: float
    gap: float | None = Field(description="how far off the least difficulty it may be, rounded up to per cent")
    proven: bool
    n_open: int = Field(description="measures left out, for something of them is not known")
    limits: list[dict[str, Any]] = Field(description="what each limit allows, and what is taken of it")
    shortfall: dict[str, Any] | None = Field(None, description="why the target cannot be met")
    items: list[Measure]

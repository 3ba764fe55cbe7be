"""What the JSON of scenarios looks like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class Scenario(BaseModel):
    """A saved set of measures over a run."""

    name: str
    note: str
    run_id: int = Field(description="the run that it is laid over")
    n_measures: int
    n_open: int = Field(description="measures of which something is not known: kept, and never counted on")
    gfa_m2: float = Field(description="what the others gain; negative: they take away")
    actor: str
    made_at: datetime


class ScenarioSide(BaseModel):
    """One side of a comparison, and how far it is from the target."""

    name: str = Field(description="empty: the registry as it is")
    n_measures: int = Field(description="laid over")
    n_left_out: int = Field(description="in it and not laid over: not known, or too late")
    day: str = Field(description="on which it is counted")
    carrier_gfa_m2: float | None = Field(description="what counts towards the target, known sum")
    target_m2: float | None
    gap_m2: float | None
    park_boundary_known: bool = Field(
        description="false: both zones are counted instead, not the official count (非考核口径)"
    )


class Comparison(BaseModel):
    """Two scenarios over one run, side by side."""

    run_id: int
    synthetic: bool
    sides: list[ScenarioSide]
    items: list[dict[str, Any]] = Field(
        description="the grouping's columns, gfa_m2, site_area_m2, n, n_unknown of each (_first, _second), gfa_change_m2"
    )


class LandSideBySide(BaseModel):
    """What a rule judges otherwise in the second scenario than in the first, and what hangs together in either."""

    run_id: int
    synthetic: bool
    rule: str
    candidates: list[dict[str, Any]] = Field(
        description="parcels that are judged otherwise: change, verdicts, ranks, scores"
    )
    clusters: list[dict[str, Any]] = Field(
        description="side (first, second, both), n_parcels, area_m2, gfa_m2, shape, parcels"
    )

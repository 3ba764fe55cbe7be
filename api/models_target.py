"""What the JSON of what counts towards the target looks like.  Areas are m²; ``null`` is unknown, never zero."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TargetRow(BaseModel):
    """What one carrier gives towards the target; further columns of it are given beside these."""

    model_config = ConfigDict(extra="allow")

    carrier_code: str
    stage: str = Field(description="built, or pipeline: on its way")
    year: str = Field(description="of recognition, or of planned completion; unknown")
    gfa_m2: float | None = None
    counts: str = Field(description="yes, no, or unknown")
    not_met: list[str] = Field(description="conditions that are not met or not known: status, kind, place, recognised")
    import_id: int | None = Field(None, description="the import that the carrier rests on; null: a scenario's")


class TargetRows(BaseModel):
    """The carriers that a figure of the target is the sum of."""

    run_id: int
    synthetic: bool
    gfa_m2: float | None = Field(description="known sum")
    n_unknown: int = Field(description="rows without a floor area")
    park_boundary_known: bool = Field(description="false: both zones are counted instead (非考核口径)")
    items: list[TargetRow]

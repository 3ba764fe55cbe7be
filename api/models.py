"""What the JSON under ``/api/v1`` looks like.  Areas are m², shares 0–1, days ISO; ``null`` is unknown, never zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Open(BaseModel):
    """Further measures of the run are given beside the named ones."""

    model_config = ConfigDict(extra="allow")


class Stamp(BaseModel):
    """What the current run was made from, and its main figures."""

    run_id: int
    policy_id: str
    policy_hash: str = Field(description="SHA-256 of the policy's content")
    data_version: str
    as_of: date
    code_version: str
    seed: int
    made_at: datetime
    synthetic: bool = Field(description="true: the run holds invented data (演示数据)")
    figures: dict[str, Any] = Field(description="main figures; sums of what is known, beside counts of what is not")


class Reason(BaseModel):
    """One condition of the rule, and how the parcel meets it."""

    route: str | None = Field(None, description="the route that asks for it; null: the rule itself")
    condition: str
    outcome: str = Field(description="pass, fail or unknown; of a flag raised, clear or unknown")
    field: str
    value: float | None = Field(None, description="null where it is unknown, and where not everybody may read it")
    text: str | None = Field(None, description="the value, where it is a text")
    threshold: str | None = None
    unit: str | None = None
    clause: str | None = Field(None, description="clause of the plan, or 'assumption: …'")


class Contribution(Open):
    """What one criterion adds to the score."""

    criterion: str
    contribution: float | None = Field(None, description="points; null where the measure is unknown")
    weight: float | None = None


class Candidate(Open):
    """One parcel as a rule judged it."""

    parcel_code: str
    name: str | None = None
    zone: str | None = None
    land_use: str | None = None
    site_area_m2: float | None = None
    site_area_source: str | None = None
    gfa_m2: float | None = None
    far: float | None = None
    max_far: float | None = None
    rule: str | None = None
    verdict: str
    route: str | None = Field(None, description="the route of the rule that the verdict is by")
    target_codes: str | None = Field(None, description="land-use codes that the route leads to; null: the code stays")
    procedure: str | None = Field(None, description="procedure of the route, in Chinese")
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    rank: int | None = None
    reasons: list[Reason]
    contributions: list[Contribution]
    flags: list[Reason] = Field([], description="what is told beside the verdict; none hangs on it")
    source: str | None = None
    synthetic: bool | None = None


class Change(BaseModel):
    """One field of a parcel from one value to another."""

    field: str
    old: float | str | None = Field(None, description="null where it is unknown or kept back")
    operator: str = Field(description="how the new value is meant: >=, <, is …")
    new: float | str
    unit: str | None = None
    changed_by: str | None = Field(None, description="who could bring it about")
    size: float = Field(description="distance over the field's scale in the catalogue; 1 for a text")
    value: float | str = Field(description="the new value in the measure's own unit, as it was judged")
    sealed: bool = Field(False, description="true: the present value is not open to everybody")


class Flip(BaseModel):
    """Changes that together give another verdict; each was judged again."""

    changes: list[Change]
    verdict: str
    route: str | None = None
    size: float


class Explanation(BaseModel):
    """Why a parcel has its verdict, and what would give it another."""

    run_id: int
    synthetic: bool
    parcel_code: str
    rule: str
    verdict: str
    route: str | None = None
    target_codes: str | None = None
    score: float | None = None
    score_high: float | None = None
    rank: int | None = None
    reasons: list[Reason]
    contributions: list[Contribution]
    flips: list[Flip] = Field(description="smallest changes, by what somebody can change")
    answers: list[Flip] = Field(description="of an unknown verdict: what would have to be found")


class Carrier(Open):
    """One carrier (载体)."""

    carrier_code: str
    name: str | None = None
    carrier_kind: str | None = None
    status: str | None = None
    zone: str | None = None
    gfa_m2: float | None = None


class Total(Open):
    """One line of the floor-area table; the grouping columns stand beside these."""

    site_area_m2: float | None = Field(None, description="booked once a parcel")
    gfa_m2: float | None = Field(None, description="sum of what stands and is known")
    n: int = Field(description="entries")
    n_unknown: int = Field(description="entries of unknown floor area, not in the sum")


class LedgerRow(Open):
    """One row of the ledger: a part of a building's or a parcel's floor area, or a part of a parcel's site."""

    books: str = Field(description="floor_area or site_area")
    parcel_code: str | None = None
    building_code: str | None = Field(None, description="null: the parcel's own figure")
    share: float | None = Field(None, description="the part of its source that this row is")
    site_area_m2: float | None = None
    gfa_m2: float | None = Field(None, description="null in a row of floor area: unknown")
    import_id: int = Field(description="the import that the row rests on")
    file_name: str | None = None


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    run_id: int
    synthetic: bool
    total: int = Field(description="rows in the whole list")
    page: int
    size: int
    items: list[Item]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    hint: str | None = None
    instance: str


class Job(BaseModel):
    """Work that outlasts a request."""

    job_id: int
    kind: str
    arguments: dict[str, Any]
    run_id: int | None = Field(description="the published run that it is about")
    state: str = Field(description="waiting, running, done, failed, cancelled or lost")
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: float | None = Field(description="how far it is, 0–1; null where that is not known")
    said: str | None = Field(description="what it is at")
    said_zh: str | None = Field(description="the same in Chinese")
    worked_s: int | None = Field(description="for how many seconds it has worked")
    limit_s: float | None = Field(description="how many seconds its search may take, where its question says")
    error: dict[str, str] | None = Field(description="why it failed: message and hint, and both in Chinese (_zh)")
    result: str | None = Field(description="where what it gave is, once it is done")

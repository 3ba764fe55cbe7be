"""What the JSON of what hangs together and of sites looks like.  Areas are m², lengths m; ``null`` is unknown, never zero."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.models import Open


class UseShare(BaseModel):
    """One planned use of a cluster."""

    use: str = Field(description="mixed: shares not known; unknown: use not known")
    area_m2: float
    share: float | None = None


class Pair(BaseModel):
    """How two parcels lie to each other."""

    parcel_a: str
    parcel_b: str
    type: str = Field(description="shared_edge 共边，lane 隔街相邻，corner 角点相接，barrier 阻隔")
    length_m: float = Field(description="相对的长度 · the contact, or the frontage that faces the other, in m")
    gap_m: float = Field(description="间距 · how far apart, in m")
    barrier: str | None = Field(None, description="阻隔物 class:name · what lies between")


class NearMiss(Open):
    """What lacks little of the wanted area, or one step that makes several clusters one."""

    kind: str = Field(
        description="lacks: a cluster as it is; parcel: one that is added; barrier: one that may be crossed"
    )
    what: str | None = Field(description="the parcel's code, or the barrier as class:name")
    outcome: str = Field(description="reaches, short, or grows: one was over the wanted area before")
    cluster_ids: list[str]
    area_after_m2: float
    lacks_m2: float
    min_area_m2: float


class Bridge(Open):
    """A parcel without which its cluster falls apart."""

    parcel_code: str
    cluster_id: str
    n_parts: int
    parts_m2: list[float] = Field(description="what it would fall into, the largest first")


class ClusterChange(Open):
    """What became of a cluster of the run before."""

    change: str = Field(description="continued, split, merged, new or gone")
    cluster_id: str | None = None
    area_m2: float | None = None
    earlier_run_id: int | None = None
    earlier_cluster_id: str | None = None
    earlier_area_m2: float | None = Field(None, description="null where the earlier run was dropped")
    shared_area_m2: float | None = None


class CarrierGroup(Open):
    """Carriers within walking distance of each other, in a straight line."""

    group_id: str
    carrier_codes: list[str]
    n_carriers: int
    gfa_m2: float | None = None
    n_gfa_unknown: int
    span_m: float
    shape: str = Field(description="belt or patch, of the ground within walking distance")
    elongation: float


class Cluster(Open):
    """One contiguous cluster of candidates."""

    cluster_id: str
    parcel_codes: list[str]
    n_parcels: int
    area_m2: float
    gross_area_m2: float | None = Field(None, description="with the lanes that it encloses")
    gfa_m2: float | None = None
    n_gfa_unknown: int
    capacity_m2: float | None = Field(None, description="permitted FAR × site area, the known ones' sum")
    n_capacity_unknown: int | None = None
    uses: list[UseShare] | None = Field(None, description="planned uses by site area, the largest first")
    carrier_codes: list[str] | None = Field(None, description="carriers that stand on it")
    shape: str = Field(description="belt or patch")
    elongation: float
    compactness: float


class Opened(BaseModel):
    """What it opens that a barrier may be crossed."""

    allow: str | None = Field(description="the barrier as it was asked for; null: all together")
    n_pairs: int = Field(description="pairs of parcels that join by it")
    note: str
    note_zh: str


class Site(Open):
    """One contiguous set of parcels over the floor."""

    site_id: str
    choice: int | None = Field(None, description="1 the best, 2 the next best that differs enough")
    parcel_codes: list[str]
    n_parcels: int
    area_m2: float
    difficulty_open: float | None = Field(
        None, description="points of the parts that everybody may read; owners and leases count, too, and are not told"
    )
    gap: float | None = Field(None, description="(difficulty − lower bound) / difficulty, rounded up to per cent")
    proven: bool = Field(
        description="首选方案：已证最优；其余：仅证在与各更优方案差异足够者中最优 · of choice 1: no site is better; "
        "of the others: none is of those that differ enough from every better one"
    )


class Sites(BaseModel):
    """Sites and how firm they are."""

    run_id: int
    synthetic: bool
    question: dict[str, Any]
    complete: bool = Field(description="all minimal sites are known")
    n_minimal: int | None = Field(description="how many there are, where that is known")
    why_none: str | None
    why_none_zh: str | None = Field(None, description="没有方案的原因 · the same in Chinese")
    done: bool | None = Field(
        None,
        description="所问均有确定答案 · all that was asked for is known for sure; only then is every choice proven",
    )
    ended: str | None = Field(
        None, description="如何结束 · how the search ended: listed, proven, or time or stopped before that"
    )
    n_kept_out: int | None = Field(None, description="因规划用途排除的地块数 · parcels kept out by their planned use")
    total: int = Field(description="方案总数 · sites in the whole list")
    page: int
    size: int
    opened: list[Opened] = Field([], description="允许穿越后相连的地块对 · what each allowed barrier opens")
    items: list[Site]

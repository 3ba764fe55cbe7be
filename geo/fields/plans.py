"""What is planned round the land and promised on it: centre tiers, open spaces, plan changes, and leases."""

from __future__ import annotations

from geo.fields.carriers import TARGET
from geo.fields.columns import Column, Kind
from geo.fields.places import named

#: The tiers of public centres by which Shanghai says what a commercial building may take in (沪府办发〔2025〕13号, read from
#: re-posts).
CENTRE_TIER = {
    "main_centre": ("主中心", "城市主中心", "中央活动区"),
    "sub_centre": ("副中心", "城市副中心"),
    "district_centre": ("地区中心",),
    "community_centre": ("社区中心",),
}
#: land outside every centre; no file says it, the measure does
OUTSIDE_CENTRES = "outside"
CHANGE_STATUS = {
    "proposed": ("拟调整", "方案研究", "草案"),
    "public": ("公示", "公示中"),
    "approved": ("已批准", "批复", "已批"),
    "withdrawn": ("撤回", "终止"),
}

CENTRE_TIERS = Kind(
    "centre_tiers",
    "公共中心",
    ("centre_code",),
    (
        *named("centre_code", "中心编号"),
        Column(
            "centre_tier",
            "中心等级",
            "choice",
            choices=CENTRE_TIER,
            required=True,
            aliases=("公共中心等级", "等级"),
        ),
        Column("basis", "依据", "text"),
    ),
    "MultiPolygon",
    True,
)
OPEN_SPACES = Kind(
    "open_spaces",
    "开放空间",
    ("open_space_code",),
    (
        *named("open_space_code", "开放空间编号"),
        Column("open_space_kind", "开放空间类别", "text", note="park, square, waterfront …, as the file calls it"),
    ),
    "MultiPolygon",
    True,
)
PLAN_CHANGES = Kind(
    "plan_changes",
    "规划调整",
    ("change_code",),
    (
        *named("change_code", "调整编号"),
        Column(
            "change_status",
            "调整阶段",
            "choice",
            choices=CHANGE_STATUS,
            aliases=("审批阶段", "调整状态"),
            note="empty is unknown, not proposed",
        ),
        Column("new_use", "调整后用地性质", "land_use"),
        Column("approved_on", "批准日期", "date", aliases=("批复日期",)),
        Column("basis", "依据", "text", aliases=("批文", "批复文号")),
    ),
    "MultiPolygon",
    True,
)
LEASES = Kind(
    "leases",
    "租约",
    ("lease_code",),
    (
        Column("lease_code", "租约编号", "text", required=True, aliases=("合同编号",)),
        *TARGET,
        Column("leased_m2", "承租面积", "number", unit="m2", low=0.0, readers="restricted"),
        Column(
            "lease_ends_on",
            "租约到期日",
            "date",
            readers="restricted",
            aliases=("到期日", "租期止"),
            note="empty is unknown, not without end",
        ),
    ),
)

"""What stands on land: buildings (建筑)."""

from __future__ import annotations

from geo.fields.columns import Column, Kind
from geo.fields.land import COUNTABLE_GFA, OWNERS

BUILDING_STATE = {
    "standing": ("现状", "已建", "建成"),
    "under_construction": ("在建",),
    "approved": ("已批未建", "已批"),
    "demolished": ("已拆除", "已拆"),
}

BUILDINGS = Kind(
    name="buildings",
    zh="建筑",
    key=("building_code",),
    geometry="MultiPolygon",
    columns=(
        Column(
            "building_code",
            "楼栋编号",
            "text",
            required=True,
            aliases=("LDBH", "JZBH", "建筑编号", "幢号"),
        ),
        Column(
            "parcel_code",
            "地块编号",
            "text",
            required=True,
            aliases=("DKBH", "ZDDM", "宗地代码"),
        ),
        Column("name", "建筑名称", "text", aliases=("JZMC", "LDMC", "名称")),
        Column("use", "建筑用途", "land_use", aliases=("JZYT", "YT", "用途")),
        Column(
            "state",
            "建设状态",
            "choice",
            choices=BUILDING_STATE,
            required=True,
            aliases=("JSZT", "状态"),
        ),
        Column(
            "gfa_above_m2",
            "地上建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("DSJZMJ", "DSZJZMJ"),
        ),
        Column(
            "gfa_below_m2",
            "地下建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("DXJZMJ", "DXZJZMJ"),
        ),
        Column(
            "gfa_m2",
            "建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("JZMJ", "ZJZMJ", "总建筑面积"),
            note="total; where it is empty it is the sum of above and below ground if both are known",
        ),
        COUNTABLE_GFA,
        Column(
            "storeys",
            "地上层数",
            "integer",
            unit="storeys",
            low=0,
            high=200,
            aliases=("CS", "层数"),
        ),
        Column(
            "year_built",
            "建成年份",
            "integer",
            unit="year",
            low=1600,
            aliases=("JCNF", "建造年代"),
        ),
        Column("completed_on", "竣工日期", "date", aliases=("JGRQ",)),
        Column(
            "planned_completion_on",
            "计划竣工日期",
            "date",
            aliases=("JHJGRQ", "预计竣工日期"),
            note="of what is approved or under construction",
        ),
        Column("demolished_on", "拆除日期", "date", aliases=("CCRQ",)),
        Column(
            "vacancy_share",
            "空置率",
            "number",
            unit="share",
            low=0.0,
            high=1.0,
            aliases=("KZL",),
        ),
        *OWNERS,
    ),
)

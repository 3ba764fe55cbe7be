"""Land and what stands on it: parcels (地块) and buildings (建筑)."""

from __future__ import annotations

from geo.fields.columns import Column, Kind

SUPPLY_STATUS = {
    "not_granted": ("未供地", "未出让", "待供地", "未供应"),
    "granted_unbuilt": ("已供未建", "已出让未建", "在建", "未建"),
    "built": ("已建", "建成", "已建成"),
}
OWNER_KIND = {
    "state_owned": ("国有", "国企", "国有企业", "区属国企"),
    "collective": ("集体",),
    "private": ("民营", "私有", "社会"),
    "mixed": ("混合", "多产权"),
}
BUILDING_STATE = {
    "standing": ("现状", "已建", "建成"),
    "under_construction": ("在建",),
    "approved": ("已批未建", "已批"),
    "demolished": ("已拆除", "已拆"),
}

#: Floor area over ground area beyond which a figure is a slip of the pen: the densest single plots in the world stay
#: below (own estimate, not from a standard); Cambridge's table has 71.7.
FAR_LIMIT = 50.0

PARCELS = Kind(
    name="parcels",
    zh="地块",
    key=("parcel_code",),
    geometry="MultiPolygon",
    geometry_required=True,
    columns=(
        Column(
            "parcel_code",
            "地块编号",
            "text",
            required=True,
            aliases=("DKBH", "DKBM", "ZDBH", "ZDDM", "TBBH", "宗地编号", "宗地代码", "图斑编号", "地块编码"),
        ),
        Column("name", "地块名称", "text", aliases=("DKMC", "MC", "NAME", "项目名称", "名称")),
        Column(
            "land_use",
            "用地性质",
            "land_use",
            aliases=("YDXZ", "YDDM", "GHYDLBDM", "DLBM", "用地代码", "用地类别代码", "用地用海分类代码", "地类编码"),
            note="planned use as written, by the code table that the mapping names; several uses with or without shares",
        ),
        Column("current_use", "现状用途", "land_use", aliases=("YDXZDM", "XZYT", "现状用地性质")),
        Column("supply_status", "供地状态", "choice", choices=SUPPLY_STATUS, aliases=("GDZT", "供应状态")),
        Column(
            "registered_area_m2",
            "用地面积",
            "number",
            unit="m2",
            low=0.01,
            aliases=("YDMJ", "DKMJ", "ZDMJ", "TBMJ", "JYDMJ", "宗地面积", "净用地面积"),
            note="as registered; the drawn boundary's area is measured and kept beside it",
        ),
        Column(
            "gfa_m2", "建筑面积", "number", unit="m2", low=0.0, aliases=("ZJZMJ", "JZMJ", "总建筑面积"), note="total"
        ),
        Column("countable_gfa_m2", "计容建筑面积", "number", unit="m2", low=0.0, aliases=("JRJZMJ", "JRMJ")),
        Column("max_far", "容积率上限", "number", unit="far", low=0.0, high=FAR_LIMIT, aliases=("RJLSX", "规划容积率")),
        Column("year_built", "建成年份", "integer", unit="year", low=1840, aliases=("JCNF", "建造年代", "YearBuilt")),
        Column("owner_kind", "产权类型", "choice", choices=OWNER_KIND, readers="restricted", aliases=("CQLX",)),
        Column("owner_count", "产权人数", "integer", unit="count", low=1, readers="restricted"),
        Column("grant_ends_on", "土地使用权到期日", "date", readers="restricted"),
        Column("address", "坐落", "text", aliases=("TDZL", "ZL", "DZ", "土地坐落", "地址", "Location")),
    ),
)

BUILDINGS = Kind(
    name="buildings",
    zh="建筑",
    key=("building_code",),
    geometry="MultiPolygon",
    columns=(
        Column("building_code", "楼栋编号", "text", required=True, aliases=("LDBH", "JZBH", "建筑编号", "幢号")),
        Column("parcel_code", "地块编号", "text", required=True, aliases=("DKBH", "ZDDM", "宗地代码")),
        Column("name", "建筑名称", "text", aliases=("JZMC", "LDMC", "名称")),
        Column("use", "建筑用途", "land_use", aliases=("JZYT", "YT", "用途")),
        Column("state", "建设状态", "choice", choices=BUILDING_STATE, required=True, aliases=("JSZT", "状态")),
        Column("gfa_above_m2", "地上建筑面积", "number", unit="m2", low=0.0, aliases=("DSJZMJ", "DSZJZMJ")),
        Column("gfa_below_m2", "地下建筑面积", "number", unit="m2", low=0.0, aliases=("DXJZMJ", "DXZJZMJ")),
        Column(
            "gfa_m2",
            "建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("JZMJ", "ZJZMJ", "总建筑面积"),
            note="total; where it is empty it is the sum of above and below ground if both are known",
        ),
        Column("countable_gfa_m2", "计容建筑面积", "number", unit="m2", low=0.0, aliases=("JRJZMJ", "JRMJ")),
        Column("storeys", "地上层数", "integer", unit="storeys", low=0, high=200, aliases=("CS", "层数")),
        Column("year_built", "建成年份", "integer", unit="year", low=1840, aliases=("JCNF", "建造年代")),
        Column("completed_on", "竣工日期", "date", aliases=("JGRQ",)),
        Column("vacancy_share", "空置率", "number", unit="share", low=0.0, high=1.0, aliases=("KZL",)),
        Column("owner_kind", "产权类型", "choice", choices=OWNER_KIND, readers="restricted", aliases=("CQLX",)),
        Column("owner_count", "产权人数", "integer", unit="count", low=1, readers="restricted"),
    ),
)

"""Land: parcels (地块)."""

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
#: Floor area over ground area beyond which a figure is a slip of the pen: the densest single plots in the world stay
#: below (own estimate, not from a standard); Cambridge's table has 71.7.
FAR_LIMIT = 50.0

#: what land and what stands on it tell alike
COUNTABLE_GFA = Column("countable_gfa_m2", "计容建筑面积", "number", unit="m2", low=0.0, aliases=("JRJZMJ", "JRMJ"))
OWNERS = (
    Column("owner_kind", "产权类型", "choice", choices=OWNER_KIND, readers="restricted", aliases=("CQLX",)),
    Column("owner_count", "产权人数", "integer", unit="count", low=1, readers="restricted"),
)

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
            aliases=(
                "DKBH",
                "DKBM",
                "ZDBH",
                "ZDDM",
                "TBBH",
                "宗地编号",
                "宗地代码",
                "图斑编号",
                "地块编码",
            ),
        ),
        Column(
            "name",
            "地块名称",
            "text",
            aliases=("DKMC", "MC", "NAME", "项目名称", "名称"),
        ),
        Column(
            "land_use",
            "用地性质",
            "land_use",
            aliases=(
                "YDXZ",
                "YDDM",
                "GHYDLBDM",
                "DLBM",
                "用地代码",
                "用地类别代码",
                "用地用海分类代码",
                "地类编码",
                "YDYHFLDM",
            ),
            note="planned use as written, by the code table that the mapping names; several uses with or without shares",
        ),
        Column(
            "current_use",
            "现状用途",
            "land_use",
            aliases=("YDXZDM", "XZYT", "XZYTCODE", "现状用地性质", "现状用途代码"),
        ),
        Column(
            "supply_status",
            "供地状态",
            "choice",
            choices=SUPPLY_STATUS,
            aliases=("GDZT", "供应状态"),
        ),
        Column(
            "registered_area_m2",
            "用地面积",
            "number",
            unit="m2",
            low=0.01,
            aliases=(
                "YDMJ",
                "DKMJ",
                "ZDMJ",
                "TBMJ",
                "JYDMJ",
                "DJMJ",
                "宗地面积",
                "净用地面积",
                "登记面积",
                "登记用地面积",
            ),
            note="as registered; the drawn boundary's area is measured and kept beside it",
        ),
        Column(
            "gfa_m2",
            "建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("ZJZMJ", "JZMJ", "总建筑面积"),
            note="total",
        ),
        COUNTABLE_GFA,
        Column(
            "max_far",
            "容积率上限",
            "number",
            unit="far",
            low=0.0,
            high=FAR_LIMIT,
            aliases=("RJLSX", "规划容积率"),
            limit="upper",
        ),
        Column(
            "year_built",
            "建成年份",
            "integer",
            unit="year",
            low=1600,
            aliases=("JCNF", "建造年代", "YearBuilt"),
        ),
        *OWNERS,
        Column("grant_ends_on", "土地使用权到期日", "date", readers="restricted"),
        Column(
            "address",
            "坐落",
            "text",
            aliases=("TDZL", "ZL", "DZ", "土地坐落", "地址", "Location", "YDWZ", "用地位置"),
        ),
    ),
    checked=(
        Column(
            "built_far",
            "现状容积率",
            "number",
            unit="far",
            low=0.0,
            high=FAR_LIMIT,
            aliases=("XZRJL", "建成容积率"),
            note="held against countable floor area over site area; not stored, for it follows from them",
        ),
        Column(
            "uses_area_m2",
            "各用地面积之和",
            "number",
            unit="m2",
            low=0.0,
            note="of a sheet of uses that gives areas; held against the registered area, not stored",
        ),
    ),
)

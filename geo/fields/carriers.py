"""Carriers (载体), the shares by which they stand on land, and their yearly figures."""

from __future__ import annotations

from geo.fields.columns import Column, Kind

CARRIER_KIND = {
    "park": ("园区", "产业园", "产业园区"),
    "building": ("楼宇", "商务楼宇"),
    "incubator": ("孵化器", "众创空间"),
    "science_park": ("大学科技园",),
    "platform": ("服务平台", "平台"),
    "other": ("其他",),
}
CARRIER_STATUS = {
    "planned": ("规划", "筹建", "在建"),
    "active": ("在册", "运营中", "认定"),
    "on_notice": ("通报",),
    "delisted": ("摘牌", "载体摘牌"),
    "replaced": ("已替换",),
}
OPERATOR_ROLE = {
    "self_operated": ("自营",),
    "equity": ("股权合作",),
    "asset_light": ("轻资产运营",),
    "alliance": ("联盟合作",),
}
STANDS_ON = {"parcel": ("地块",), "building": ("建筑", "楼栋")}

#: what a row of another kind is on
TARGET = (
    Column("stands_on", "占用对象", "choice", choices=STANDS_ON, required=True),
    Column("target_code", "对象编号", "text", required=True, note="a parcel_code or a building_code"),
)

CARRIERS = Kind(
    name="carriers",
    zh="载体",
    key=("carrier_code",),
    geometry="Geometry",
    columns=(
        Column(
            "carrier_code",
            "载体编号",
            "text",
            required=True,
            aliases=("ZTBH", "载体编码", "园区编号"),
        ),
        Column(
            "name",
            "载体名称",
            "text",
            required=True,
            aliases=("ZTMC", "MC", "园区名称", "名称"),
        ),
        Column(
            "carrier_kind",
            "载体类型",
            "choice",
            choices=CARRIER_KIND,
            aliases=("ZTLX", "类型"),
        ),
        Column(
            "status",
            "载体状态",
            "choice",
            choices=CARRIER_STATUS,
            aliases=("ZTZT", "状态"),
        ),
        Column("operator", "运营单位", "text", aliases=("YYDW", "运营主体")),
        Column(
            "operator_role",
            "北科创参与方式",
            "choice",
            choices=OPERATOR_ROLE,
            aliases=("参与方式",),
        ),
        Column("recognised_on", "认定日期", "date", aliases=("RDRQ",)),
        Column("delisted_on", "摘牌日期", "date"),
        Column(
            "gfa_m2",
            "建筑面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("JZMJ", "ZJZMJ", "载体面积"),
        ),
        Column("leasable_m2", "可租赁面积", "number", unit="m2", low=0.0, aliases=("KZMJ",)),
        Column("site_area_m2", "占地面积", "number", unit="m2", low=0.0, aliases=("ZDMJ",)),
        Column("industries", "主导产业", "list", aliases=("ZDCY", "产业")),
        Column("address", "地址", "text", aliases=("DZ", "坐落")),
        Column(
            "fact_source",
            "依据",
            "text",
            note="where this row's facts are published, and how sure",
        ),
    ),
)

CARRIER_SHARES = Kind(
    name="carrier_shares",
    zh="载体占用份额",
    key=("carrier_code", "stands_on", "target_code"),
    columns=(
        Column("carrier_code", "载体编号", "text", required=True),
        *TARGET,
        Column(
            "share",
            "份额",
            "number",
            unit="share",
            low=0.0,
            high=1.0,
            note="of the target's floor area that the carrier takes up; empty is unknown, not all",
        ),
    ),
)

CARRIER_YEARS = Kind(
    name="carrier_years",
    zh="载体年度数据",
    key=("carrier_code", "year"),
    columns=(
        Column("carrier_code", "载体编号", "text", required=True),
        Column("year", "年度", "integer", unit="year", required=True, low=1990),
        Column("occupied_m2", "已租面积", "number", unit="m2", low=0.0),
        Column("enterprises", "入驻企业数", "integer", unit="count", low=0),
        Column(
            "leading_share",
            "主导产业企业占比",
            "number",
            unit="share",
            low=0.0,
            high=1.0,
        ),
        Column("output_10k_yuan", "产值（万元）", "number", low=0.0, readers="restricted"),
        Column("tax_10k_yuan", "税收（万元）", "number", readers="restricted"),
    ),
)

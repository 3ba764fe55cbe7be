"""How the columns of a template are filled in: a note in Chinese and an example for each, that is imported as it stands.

All examples of one kind make one row that agrees with itself: the areas are those of the example's outline.
"""

from __future__ import annotations

from geo.fields.columns import Column, Kind
from geo.fields.land_use_codes import CodeTable

#: what a column means, where its name does not say it all, by kind and column; every note of the catalogue has one here
_NOTES = {
    "zones.indicative": "“是”：没有公开的正式范围，所画仅为示意",
    "parcels.land_use": "规划用途，按表头所写的代码表填写；可填多种用途，份额可填可不填",
    "parcels.registered_area_m2": "登记的用地面积；图形面积由系统另行量算，两者并列保存",
    "parcels.gfa_m2": "总建筑面积",
    "buildings.gfa_m2": "总建筑面积；空格时，地上、地下均已填则取两者之和",
    "buildings.planned_completion_on": "已批或在建的建筑计划何时竣工",
    "carriers.fact_source": "本行内容公开于何处、把握如何",
    "carrier_shares.target_code": "地块编号或楼栋编号",
    "carrier_shares.share": "载体占该对象建筑面积的份额；空格表示不知道，不是全部",
    "heritage.statutory": "“是”：所画即法定保护范围；“否”：点位或示意，只说明在附近",
    "open_spaces.open_space_kind": "公园、广场、滨水空间等，按原文件的叫法",
    "plan_changes.change_status": "空格表示不知道，不是拟调整",
    "leases.target_code": "地块编号或楼栋编号",
    "leases.lease_ends_on": "空格表示不知道，不是无期限",
    "opinions.rule": "意见所针对的政策规则",
    "opinions.opinion": "同意：同意按本规则办理；不同意：不同意按本规则办理；待定：尚未决定",
    "opinions.survey_result": "踏勘所见；与登记内容并列保存，不改写登记内容",
    "opinions.opinion_by": "提出意见的人；不填则为导入的人",
    "opinions.opinion_on": "提出意见的日期；不填则为导入的日期",
    "opinions.opinion_basis": "提出意见时所据清单的运行或数据版本",
    "opinions.verdict_then": "该清单当时的判定：候选、需调查或不符合",
}
#: examples by kind and column, else by column, else by unit, else by type
_EXAMPLES = {
    "zones.zone": "zone_a",
    "zones.name": "某片区",
    "park.park_code": "park",
    "park.name": "某园区",
    "parcels.registered_area_m2": "10570",
    "parcels.gfa_m2": "26000",
    "parcels.name": "某地块",
    "parcels.supply_status": "已建",
    "buildings.name": "某号楼",
    "buildings.gfa_m2": "12000",
    "buildings.gfa_above_m2": "10000",
    "buildings.gfa_below_m2": "2000",
    "buildings.countable_gfa_m2": "10000",
    "buildings.storeys": "12",
    "buildings.completed_on": "1998-09-30",
    "buildings.planned_completion_on": "2027-06-30",
    "carriers.name": "某载体",
    "carriers.status": "摘牌",
    "carriers.recognised_on": "2021-06-30",
    "carriers.operator": "某运营单位",
    "carriers.gfa_m2": "12000",
    "carriers.leasable_m2": "9000",
    "carriers.site_area_m2": "10570",
    "carriers.fact_source": "某年某月某公开文件",
    "carrier_years.year": "2024",
    "carrier_years.occupied_m2": "6000",
    "streets.name": "某街道",
    "blocks.name": "某街坊",
    "blocks.net_area_m2": "10570",
    "stations.name": "某站",
    "transit_lines.name": "某号线",
    "barriers.name": "某路",
    "heritage.name": "某旧址",
    "heritage.protection": "不可移动文物",
    "heritage.built": "1930年代",
    "services.name": "某小学",
    "centre_tiers.name": "某中心",
    "open_spaces.name": "某公园",
    "open_spaces.open_space_kind": "公园",
    "plan_changes.name": "某街坊调整",
    "leases.leased_m2": "1200",
    "leases.lease_ends_on": "2027-12-31",
    "opinions.rule": "office_to_rnd",
    "opinions.opinion_reason": "与规划一致",
    "opinions.survey_result": "现状空置",
    "opinions.opinion_by": "某人",
    "opinions.opinion_basis": "运行 1",
    "opinions.verdict_then": "candidate",
    "parcel_code": "HK-03-12",
    "target_code": "HK-03-12",
    "building_code": "HK-03-12-01",
    "carrier_code": "ZT-001",
    "countable_gfa_m2": "25000",
    "max_far": "2.5",
    "width_m": "24",
    "address": "某路某号",
    "basis": "某文件",
    "category": "学校",
    "lines": "4号线、10号线",
    "industries": "集成电路、人工智能",
}
_BY_UNIT = {"m2": "1234.5", "year": "1998", "share": "0.35"}
_BY_TYPE = {"number": "1234.5", "integer": "3", "boolean": "是", "date": "2025-03-07"}
#: uses whose codes stand as examples, and where a table has other codes, its first two
_USES = ("commercial_office", "commercial_service")


def note(kind: Kind, column: Column) -> str:
    """What a column means, in Chinese; empty where its name says it all."""
    return _NOTES.get(f"{kind.name}.{column.name}", "")


def example(kind: Kind, column: Column, codes: CodeTable) -> str:
    """An example of what stands in a column; together those of a kind are a row that can be imported."""
    said = _EXAMPLES.get(f"{kind.name}.{column.name}") or _EXAMPLES.get(column.name)
    if said:
        return said
    if column.type == "land_use":
        return two_codes(codes)[0]
    if column.type == "choice":
        return next(iter(column.choices.values()))[0]
    told = _BY_UNIT.get(str(column.unit)) or _BY_TYPE.get(column.type)
    return told or ("A-01" if column.name in kind.key else "（文字）")


def two_codes(codes: CodeTable) -> tuple[str, str]:
    """Two codes of a table, for examples."""
    wanted = [code.code for use in _USES for code in codes.codes.values() if code.uses == (use,)]
    chosen = [next((code for code in wanted if codes.codes[code].use == use), None) for use in _USES]
    first, second, *_ = dict.fromkeys([*(code for code in chosen if code), *wanted, *codes.codes])
    return first, second

"""Columns that are worked out, not registered: their Chinese headings and units, for lists, pages and downloads."""

from __future__ import annotations

from dataclasses import dataclass

from geo.fields import KINDS
from geo.fields.columns import Column
from geo.fields.measures import MEASURES


@dataclass(frozen=True)
class Heading:
    """What stands over a column: its Chinese name and its unit."""

    zh: str
    unit: str | None = None


#: by name
RESULTS: dict[str, Heading] = {
    "data_mark": Heading("数据标记"),
    "name": Heading("名称"),  # of a parcel, a carrier, a station: the sheet says which
    "verdict": Heading("判定"),
    "score": Heading("得分"),
    "score_low": Heading("得分下限"),
    "score_high": Heading("得分上限"),
    "rank": Heading("排名"),
    "route": Heading("路径"),
    "target_codes": Heading("目标用地代码"),
    "change": Heading("变化"),
    "verdict_before": Heading("原判定"),
    "verdict_after": Heading("现判定"),
    "rank_before": Heading("原排名"),
    "rank_after": Heading("现排名"),
    "score_before": Heading("原得分"),
    "score_after": Heading("现得分"),
    "why": Heading("原因"),
    "top_share": Heading("居前频率", "share"),
    "rank_share": Heading("居本名次频率", "share"),
    "expected_rank": Heading("平均名次"),
    "rank_low": Heading("名次下限"),
    "rank_high": Heading("名次上限"),
    "n_behind": Heading("稳居其后者", "count"),
    "rank_shares": Heading("各名次频率"),
    "margin": Heading("最小分差"),
    "reasons": Heading("理由"),
    "contributions": Heading("得分构成"),
    "flags": Heading("提示"),
    "opinion_differs": Heading("与系统判定不一致"),
    "site_area_source": Heading("用地面积来源"),
    "measured_area_m2": Heading("图形面积", "m2"),
    "registered_area_m2": Heading("登记用地面积", "m2"),
    "n_buildings": Heading("楼栋数", "count"),
    "n_buildings_unknown": Heading("面积未知楼栋数", "count"),
    "gfa_source": Heading("建筑面积来源"),
    "cluster_id": Heading("连片编号"),
    "parcel_codes": Heading("地块编号"),
    "n_parcels": Heading("地块数", "count"),
    "area_m2": Heading("用地面积", "m2"),
    "area_mu": Heading("用地面积", "亩"),
    "gross_area_m2": Heading("含内部支路面积", "m2"),
    "n_gfa_unknown": Heading("建筑面积未知数", "count"),
    "capacity_m2": Heading("规划容量", "m2"),
    "n_capacity_unknown": Heading("规划容量未知数", "count"),
    "uses": Heading("规划用途构成"),
    "n_owner_count_unknown": Heading("权利人数未知数", "count"),
    "n_state_owned_unknown": Heading("国有情况未知数", "count"),
    "kind": Heading("类别"),
    "what": Heading("对象"),
    "outcome": Heading("结果"),
    "cluster_ids": Heading("涉及连片"),
    "n_clusters": Heading("涉及片数", "count"),
    "area_before_m2": Heading("原最大片面积", "m2"),
    "added_m2": Heading("新增面积", "m2"),
    "area_after_m2": Heading("合成面积", "m2"),
    "area_after_mu": Heading("合成面积", "亩"),
    "min_area_m2": Heading("目标面积", "m2"),
    "lacks_m2": Heading("尚缺", "m2"),
    "lacks_mu": Heading("尚缺", "亩"),
    "earlier_cluster_id": Heading("原连片编号"),
    "earlier_area_m2": Heading("原面积", "m2"),
    "shared_area_m2": Heading("共有面积", "m2"),
    "earlier_run_id": Heading("原运行"),
    "over": Heading("规则"),
    "group_id": Heading("集聚区编号"),
    "span_m": Heading("跨度", "m"),
    "reach_m2": Heading("步行可达范围", "m2"),
    "n_parts": Heading("分成几片", "count"),
    "parts_m2": Heading("各片面积", "m2"),
    "cluster_area_m2": Heading("所在连片面积", "m2"),
    "largest_part_m2": Heading("最大一片面积", "m2"),
    "carrier_codes": Heading("载体编号"),
    "n_carriers": Heading("载体数", "count"),
    "shape": Heading("形态"),
    "elongation": Heading("伸长度"),
    "compactness": Heading("紧凑度"),
    "site_id": Heading("方案编号"),
    "choice": Heading("方案序号", "count"),
    "difficulty": Heading("整合难度"),
    "difficulty_open": Heading("公开部分难度"),
    "difficulty_low": Heading("整合难度下限"),
    "lower_bound": Heading("难度下界（已证）"),
    "gap": Heading("与下界差距", "share"),
    "proven": Heading("已证"),
    "proof": Heading("证明情况"),
    "added": Heading("比方案 1 多"),
    "left_out": Heading("比方案 1 少"),
    "difficulty_owners": Heading("难度：权利人"),
    "difficulty_gfa_in_use": Heading("难度：在用建筑面积"),
    "difficulty_heritage": Heading("难度：法定保护范围"),
    "difficulty_not_state": Heading("难度：非国有用地"),
    "difficulty_plan_change": Heading("难度：规划调整"),
    "difficulty_leases": Heading("难度：未到期租约"),
    "n_anchor": Heading("现有用地地块数", "count"),
    "floor_m2": Heading("目标面积", "m2"),
    "floor_mu": Heading("目标面积", "亩"),
    "per_mu": Heading("每增一亩的难度"),
    "parcel_a": Heading("地块甲"),
    "parcel_b": Heading("地块乙"),
    "type": Heading("相邻类型"),
    "length_m": Heading("长度", "m"),
    "gap_m": Heading("间距", "m"),
    "barrier": Heading("阻隔"),
    "measure_id": Heading("措施编号"),
    "rule": Heading("规则"),
    "gfa_basis": Heading("面积依据"),
    "ready_on": Heading("最早计入日期"),
    "open": Heading("尚不明确"),
    "excludes": Heading("互斥措施"),
    "sources": Heading("占用对象"),
    "chosen": Heading("选用"),
    "counts_from": Heading("计入日期"),
    "part": Heading("在最优方案中"),
    "carrier": Heading("载体"),
    "park": Heading("虹口园"),
    "street": Heading("街道"),
    "owners": Heading("产权类型"),
    "cluster": Heading("连片"),
    "year": Heading("年份", "year"),
    "books": Heading("账目"),
    "share": Heading("份额", "share"),
    "since": Heading("起始日期"),
    "stage": Heading("阶段"),
    "counts": Heading("是否计入"),
    "not_met": Heading("不符或不明的条件"),
    "side": Heading("所属方案"),
    "gfa_low_m2": Heading("建筑面积下限", "m2"),
    "gfa_high_m2": Heading("建筑面积上限", "m2"),
    "import_id": Heading("导入编号"),
    "share_import_id": Heading("份额导入编号"),
    "file_name": Heading("导入文件"),
    "share_file_name": Heading("份额文件"),
    "import_source": Heading("导入来源"),
    "imported_at": Heading("导入时间"),
    "imported_by": Heading("导入人"),
    "fault": Heading("问题"),
    "total": Heading("份额合计", "share"),
    "gfa_m2_first": Heading("方案一建筑面积", "m2"),
    "gfa_m2_second": Heading("方案二建筑面积", "m2"),
    "gfa_change_m2": Heading("相差", "m2"),
    "site_area_m2_first": Heading("方案一用地面积", "m2"),
    "site_area_m2_second": Heading("方案二用地面积", "m2"),
    "n_first": Heading("方案一条目数", "count"),
    "n_second": Heading("方案二条目数", "count"),
    "n_unknown_first": Heading("方案一未知项", "count"),
    "n_unknown_second": Heading("方案二未知项", "count"),
    "registered_m2": Heading("登记面积", "m2"),
    "shares_m2": Heading("按份额推算面积", "m2"),
    "n": Heading("条目数", "count"),
    "n_unknown": Heading("未知数", "count"),
    "synthetic": Heading("演示数据"),
    "source": Heading("数据来源"),
    "geometry": Heading("图形"),
}

#: results that tell of owners as the measures do, and are kept from the same readers
_RESTRICTED = frozenset(
    {
        *("n_owner_count_unknown", "n_state_owned_unknown"),
        *("difficulty_owners", "difficulty_not_state", "difficulty_leases"),  # of one parcel they are the figure itself
    }
)

#: values that lists and pages show in Chinese
WORDS: dict[str, str] = {
    "candidate": "候选",
    "no": "不符合",
    "unknown": "待查",
    "pass": "符合",
    "fail": "不符合",
    "belt": "带状",
    "patch": "片状",
    "shared_edge": "共边",
    "lane": "隔街相邻",
    "corner": "角点相接",
    "barrier": "阻隔",
    "registered": "登记",
    "measured": "量算",
    "buildings": "按楼栋",
    "parcel": "按地块",
    "unbuilt": "未建",
    "outside": "各级中心以外",
    "continued": "延续",
    "split": "分裂",
    "merged": "合并",
    "new": "新增",
    "gone": "消失",
    "lacks": "尚缺面积",
    "reaches": "达到目标",
    "short": "仍不足",
    "grows": "继续扩大",
    "raised": "需注意",
    "clear": "无",
    "came_in": "新列入",
    "left": "退出",
    "moved": "名次变动",
    "verdict": "判定变化",
    "score": "得分变化",
    "new_parcel": "新增地块",
    "gone_parcel": "已无此地块",
    "facts": "事实变化",
    "policy": "政策变化",
    "facts and policy": "事实与政策均变化",
    "other parcels": "他人名次变动所致",
    "none": "无",
    "disputed": "份额有争议",
    "in_park": "园内",
    "outside_park": "园外",
    "floor_area": "建筑面积",
    "site_area": "用地面积",
    "shares_over_one": "份额之和超过 100%",
    "share_unknown": "份额未知",
    "target_unknown": "占用对象未登记",
    "target_demolished": "占用对象已拆除",
    "carrier_unknown": "载体未登记",
    "no_land": "载体无占用份额",
    "figure_differs": "登记面积与份额推算不符",
}


def heading(name: str) -> Heading:
    """The heading of a column of any answer; a name that no catalogue has stands for itself."""
    if name in RESULTS:
        return RESULTS[name]
    if name in MEASURES:
        return Heading(MEASURES[name].zh, MEASURES[name].unit)
    column = _registered(name)
    return Heading(column.zh, column.unit) if column else Heading(name)


def is_restricted(name: str) -> bool:
    """Whether a column of that name may be read only by those whose role has it (owners, tax, output, leases)."""
    if name in _RESTRICTED or (name in MEASURES and MEASURES[name].readers == "restricted"):
        return True
    column = _registered(name)
    return column is not None and column.readers == "restricted"


def _registered(name: str) -> Column | None:
    for kind in KINDS.values():
        for column in kind.columns:
            if column.name == name:
                return column
    return None

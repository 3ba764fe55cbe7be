"""What stands on pages, in Chinese and English; names of columns and codes are in ``maps.text``."""

from __future__ import annotations

from maps.text import Lang

_PHRASES: dict[str, tuple[str, str]] = {
    "site": ("双北", "Shuangbei"),
    "subtitle": ("载体规划研判", "Carrier planning"),
    "overview": ("总览", "Overview"),
    "candidates": ("候选地块", "Candidates"),
    "clusters": ("集中连片", "Clusters"),
    "totals": ("面积汇总", "Floor area"),
    "carriers": ("载体", "Carriers"),
    "api": ("数据接口", "API"),
    "other_language": ("English", "中文"),
    "skip": ("跳到正文", "Skip to content"),
    "main_nav": ("主导航", "Main"),
    "run": ("运行", "Run"),
    "policy": ("政策", "Policy"),
    "data_version": ("数据版本", "Data version"),
    "as_of": ("数据时点", "As of"),
    "made_at": ("生成时间", "Made"),
    "synthetic": ("演示数据", "演示数据 Demonstration data"),
    "synthetic_note": (
        "本页含为演示而虚构的数据，不作为任何决策或认定的依据。",
        "This page holds data invented for demonstration; it is no basis for any decision or finding.",
    ),
    # the front page
    "target_title": ("科创载体总规模", "Floor area of carriers"),
    "of_target": ("目标 {target}（至 {day}）", "of {target} by {day}"),
    "unofficial": ("非考核口径", "not the official count"),
    "unofficial_note": (
        "虹口园边界数据尚未取得，官方计量口径未公开：此处为双北两片区内载体已知建筑面积之和，不等同于考核数。",
        "The park's boundary is not at hand and the official way of counting is not public: this is the known floor area "
        "of carriers in the two zones, not the assessed figure.",
    ),
    "gap": ("距目标", "To the target"),
    "progress": ("完成进度", "Progress"),
    "n_unknown_carriers": ("{n} 个载体面积未知，未计入", "Carriers of unknown size, not counted: {n}"),
    "n_undecided": ("另有 {n} 个载体片区或状态未知，未计入", "Carriers of unknown zone or status, not counted: {n}"),
    "n_parcels_in": ("{n} 个地块", "{n} parcels"),
    "on_the_map": ("地图", "Map"),
    "n_carriers": ("{n} 个载体", "carriers: {n}"),
    "land": ("地块", "Parcels"),
    "site_area": ("用地面积", "Site area"),
    "gfa": ("现状建筑面积（已知）", "Floor area standing (known)"),
    "gfa_short": ("建筑面积（已知）", "Floor area (known)"),
    "n_unknown": ("{n} 项未知，未计入", "Unknown entries, not counted: {n}"),
    "n_unknown_head": ("面积未知项", "Unknown"),
    "to_survey": ("待查 {n} 个", "{n} to be surveyed"),
    "not_suitable": ("不符合 {n} 个", "{n} not suitable"),
    "largest": ("最大连片", "Largest"),
    "zones": ("分片区", "By zone"),
    "zone": ("片区", "Zone"),
    "n_parcels": ("地块数", "Parcels"),
    "n_candidates": ("候选地块数", "Candidates"),
    "map": ("总览图", "Map"),
    "open_map": ("全屏打开", "Open full screen"),
    "notes": ("说明", "Notes"),
    "note_source": ("政策依据：{source}", "Policy: {source}"),
    "note_target": (
        "目标值 {target} 出自《行动方案》{clause}，至 {day}。",
        "The target of {target} is set by the action plan, {clause}, by {day}.",
    ),
    "note_unknown": (
        "未知不记为零，也不视为达标：凡缺数据的地块列为“待查”，合计旁注明未知项数。",
        "Unknown is never zero and never a pass: parcels that lack data are listed as to be surveyed, and every total "
        "stands beside the number of unknown entries.",
    ),
    "note_indicative": (
        "标注“示意”的片区范围系根据公开文字绘制，非法定边界。",
        "Zones marked as indicative are drawn from published words; they are not statutory bounds.",
    ),
    "note_assumption": (
        "标“假设”的阈值为本工具设定，非政策条文，可在政策文件中调整。",
        "Limits marked as assumptions are ours, not the plan's; they can be changed in the policy file.",
    ),
    # lists
    "filter": ("筛选", "Filter"),
    "all": ("全部", "All"),
    "apply": ("应用", "Apply"),
    "rows": ("共 {n} 条", "{n} rows"),
    "page_of": ("第 {page} / {pages} 页", "Page {page} of {pages}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "pages": ("分页", "Pages"),
    "download": ("下载", "Download"),
    "none_found": ("没有符合条件的记录。", "Nothing fits."),
    "sort_by": ("按“{column}”排序", "Sort by {column}"),
    "unknown_value": ("未知", "unknown"),
    "met": ("{n} 项符合", "{n} met"),
    "failed": ("{n} 项不符合", "{n} failed"),
    "open": ("{n} 项待查", "{n} unknown"),
    "candidates_lead": (
        "全部现状地块按规则“{rule}”逐条研判；默认按排名。候选者先列，缺数据者标“待查”。",
        "Every current parcel judged by the rule “{rule}”; candidates first, by rank. Those that lack data are to be surveyed.",
    ),
    "clusters_lead": (
        "候选地块相接或仅隔可穿越道路者归为一片；伸长度达到政策阈值为带状，否则为片状。",
        "Candidates that touch, or are parted only by what may be crossed. Elongated ones are belts, others patches.",
    ),
    "totals_lead": (
        "用地面积每地块只计一次；建筑面积为现状已建、已知者之和，未知项数另列。",
        "Site area is booked once a parcel; floor area is the sum of what stands and is known; unknown entries beside it.",
    ),
    "carriers_lead": (
        "载体建筑面积取自身登记数，缺则按所占份额推算；仍缺者记为未知。",
        "A carrier's floor area is its own figure, else that of the shares it takes up; else it is unknown.",
    ),
    "by_zone_and_use": ("按片区与用途", "By zone and use"),
    "by_zone": ("按片区", "By zone"),
    "by_use": ("按用途", "By use"),
    "together": ("合计", "Total"),
    # one parcel
    "figures": ("指标", "Figures"),
    "value": ("数值", "Value"),
    "reasons": ("判断依据", "Reasons"),
    "outcome": ("结果", "Outcome"),
    "condition": ("条件", "Condition"),
    "threshold": ("标准", "Limit"),
    "ground": ("依据", "Basis"),
    "pass": ("符合", "met"),
    "fail": ("不符合", "failed"),
    "unknown": ("待查", "unknown"),
    "contributions": ("得分构成", "Score"),
    "criterion": ("评分项", "Criterion"),
    "weight": ("权重", "Weight"),
    "points": ("得分", "Points"),
    "score": ("得分", "Score"),
    "rank": ("排名", "Rank"),
    "in_cluster": ("所在连片", "Its cluster"),
    "not_counted": ("未知，计入得分上限", "unknown; counts towards the upper end"),
    "where": ("位置", "Where it is"),
    "back_to_list": ("返回候选清单", "Back to the list"),
    # errors
    "error_400": ("请求有误", "This cannot be asked"),
    "error_401": ("需要登录", "Please sign in"),
    "error_404": ("没有找到", "Not found"),
    "error_405": ("不支持这种请求", "This cannot be done here"),
    "error_422": ("参数有误", "A value is wrong"),
    "error_500": ("服务器出错", "Something went wrong here"),
    "error_503": ("暂时不可用", "Not available at present"),
    "unexpected": (
        "出现了意外错误，详情已写入服务器日志。",
        "An unexpected error occurred; the details are in the server's log.",
    ),
    "nothing_published": ("尚未发布任何运行结果。", "Nothing has been published yet."),
    "nothing_published_hint": (
        "请在服务器上运行 shuangbei publish（或 shuangbei demo 载入演示数据），然后刷新本页。",
        "Run `shuangbei publish` on the server (or `shuangbei demo` for the demonstration data), then load this page again.",
    ),
    "sign_in_first": ("本站不开放匿名浏览。", "This server is not open to readers who have not signed in."),
    "sign_in_hint": (
        "请联系管理员开通，或将 SHUANGBEI_ANONYMOUS_READ 设为 yes。",
        "Ask the administrator, or set SHUANGBEI_ANONYMOUS_READ to yes.",
    ),
    "no_page": ("没有这个页面。", "There is no such page."),
    "home": ("返回总览", "Back to the overview"),
    "api_title": ("数据接口文档", "API documentation"),
}


def phrase(key: str, lang: Lang, **values: object) -> str:
    """A phrase of the pages in the language asked for; ``KeyError`` for one that is not in the catalogue."""
    text = _PHRASES[key][0 if lang == "zh" else 1]
    return text.format(**values) if values else text

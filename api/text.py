"""What stands on pages, in Chinese and English; names of columns and codes are in ``maps.text``."""

from __future__ import annotations

from api.text_errors import ERROR_PHRASES
from api.text_jobs import JOB_PHRASES
from api.text_scenarios import SCENARIO_PHRASES
from api.text_sites import SITE_FIELDS, SITE_PHRASES
from api.text_target import TARGET_PHRASES
from api.text_way import WAY_PHRASES
from maps.text import Lang

_OWN: dict[str, tuple[str, str]] = {
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
        "园区边界数据尚未取得，官方计量口径未公开：此处为各片区内载体已知建筑面积之和，不等同于考核数。",
        "The park's boundary is not at hand and the official way of counting is not public: this is the known floor area "
        "of carriers in the zones, not the assessed figure.",
    ),
    "gap": ("距目标", "To the target"),
    "progress": ("完成进度", "Progress"),
    "n_unknown_carriers": ("{n} 个载体面积未知，未计入", "Carriers of unknown size, not counted: {n}"),
    "n_undecided": ("另有 {n} 个载体片区或状态未知，未计入", "Carriers of unknown zone or status, not counted: {n}"),
    "n_parcels_in": ("{n} 个地块", "{n} parcels"),
    "one_parcel_in": ("{n} 个地块", "{n} parcel"),
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
        "目标值 {target}，至 {day}。依据：{clause}。",
        "The target: {target} by {day}. Basis: {clause}.",
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
    "find_out_first": (
        "建议先查明（缺该项的地块数）：{told}。",
        "What to find out first (parcels that lack it): {told}.",
    ),
    "find": ("编号或名称", "Code or name"),
    "first_only": ("只打印前", "Print the first"),
    "rows": ("共 {n} 条", "{n} rows"),
    "page_of": ("第 {page} / {pages} 页", "Page {page} of {pages}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "pages": ("分页", "Pages"),
    "download": ("下载", "Download"),
    "workbook": ("清单 XLSX", "List XLSX"),
    "report": ("报告 DOCX", "Report DOCX"),
    "report_takes": (
        "报告含每个候选地块的位置图，生成约需数秒。",
        "It holds a small map of each candidate and takes some seconds.",
    ),
    "stamp_of_csv": (
        "CSV 的印记：与 CSV 放在一起，可用 shuangbei replay 复算。",
        "The stamp of the CSV: beside it, `shuangbei replay` makes the list again.",
    ),
    "opinion": ("人工意见", "The office's opinion"),
    "opinion_note": (
        "人工意见与系统判定并列保存，不改变系统判定。",
        "It stands beside the computed verdict and never alters it.",
    ),
    "opinion_agree": ("同意", "agrees"),
    "opinion_disagree": ("不同意", "disagrees"),
    "opinion_pending": ("待定", "open"),
    "opinion_surveyed": ("有踏勘结果", "surveyed"),
    "opinion_noted": ("有说明", "a note"),
    "opinion_parts_yes": ("不一致", "differs"),
    "opinion_parts_office_only": ("系统待查", "verdict unknown"),
    "opinion_differs_yes": ("与系统判定不一致", "differs from the verdict"),
    "opinion_differs_no": ("与系统判定一致", "the same"),
    "opinion_differs_office_only": ("系统待查，人工已定", "only the office has decided"),
    "opinion_differs_pending": ("人工待定", "the office has not decided"),
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
    "clusters_lead_of_land": (
        "所问地块按共边或隔街相邻划分的连片，面积大者在前。",
        "The land asked about, joined over shared edges and lanes that may be crossed; the largest first.",
    ),
    "clusters_lead": (
        "候选地块相接或仅隔可穿越道路者归为一片；伸长度达到政策阈值为带状，否则为片状。",
        "Candidates that touch, or are parted only by what may be crossed. Elongated ones are belts, others patches.",
    ),
    "near_misses": ("差一步", "Near misses"),
    "near_misses_lead": (
        "加入一个地块，或允许跨越一处阻隔，即可相连者；以及距目标面积不远者。目标面积见政策，须超过。",
        "What one parcel more, or one barrier that may be crossed, would join; and what lacks little of the area that the "
        "policy wants, of which strictly more is asked.",
    ),
    "bridges": ("关键地块", "Bridges"),
    "bridges_lead": (
        "缺了其中一个，所在连片即断开；各片面积如下。",
        "Without one of these its cluster falls apart, into the areas that are told.",
    ),
    "lineage": ("与上一运行相比", "Since the run before"),
    "lineage_lead": (
        "运行 {run} 的连片后来如何；延续者 {n} 片不列。",
        "What became of the clusters of run {run}; {n} go on and are not listed.",
    ),
    "carrier_groups": ("载体集聚区（步行距离）", "Groups of carriers (walking distance)"),
    "carrier_groups_lead": (
        "直线距离不超过 {walk}（假设）的载体归为一组，与地块是否相连无关；步行可达范围狭长者为带状，否则为片状。",
        "Carriers within {walk} of each other in a straight line (an assumption), whatever land lies between; long ground "
        "within reach is a belt, else a patch.",
    ),
    "more_rows": ("仅列前 {n} 条，全部见数据接口。", "The first {n} are listed; all are in the API."),
    "totals_lead": (
        "用地面积每地块只计一次；建筑面积为现状已建、已知者之和，未知项数另列。",
        "Site area is booked once a parcel; floor area is the sum of what stands and is known; unknown entries beside it.",
    ),
    "carriers_lead": (
        "载体建筑面积取自身登记数，缺则按所占份额推算；仍缺者记为未知。",
        "A carrier's floor area is its own figure, else that of the shares it takes up; else it is unknown.",
    ),
    "ledger": ("面积明细", "Rows of floor area"),
    "ledger_lead": (
        "此数由下列条目相加而成；每条注明所依据的导入。",
        "This figure is the sum of the rows below; each names the import that it rests on.",
    ),
    "totals_lead_links": ("点击数字查看其条目。", "Click a figure for its rows."),
    "built_now": ("已建、已认定", "Built and recognised"),
    "expected_by": ("预计至 {day}", "Expected by {day}"),
    "expected_note": ("含届时计划竣工的载体，认定另计", "with what is planned to be completed by then, if recognised"),
    "on_the_way": ("在建与已批", "On its way"),
    "waterfall": ("从现状到目标", "From what is built to the target"),
    "waterfall_note": (
        "自上而下逐项累加；计划竣工日期未知者单列，不计入任何年份。",
        "Each step begins where the one above ends; what has no planned day of completion stands by itself.",
    ),
    "by_year_line": ("历年与预计", "By year"),
    "by_year_note": (
        "实线：按认定年份累计，末点为现状（含认定年份未知者）；虚线：加上计划竣工者；横线：目标，竖线：目标日期。",
        "Full line: summed by year of recognition, its last point what there is now, also of unknown year; broken: with what "
        "is planned to be completed; level: the target, upright: its year.",
    ),
    "stage_built": ("已建", "Built"),
    "completed_in": ("{year}年竣工", "Due {year}"),
    "due_unknown": ("竣工未定", "No date"),
    "gap_left": ("缺口", "Gap"),
    "target_short": ("目标", "Target"),
    "unknown_short": ("（另{n}项未知）", " (+{n} unknown)"),
    "group_by": ("分组", "Group by"),
    "states_shown": ("状态", "States"),
    "states_standing": ("现状", "Standing"),
    "states_approved": ("已批未建", "Approved"),
    "states_under_construction": ("在建", "Under construction"),
    "states_demolished": ("已拆除", "Demolished"),
    "states_all": ("全部（含已拆除）", "All, demolished too"),
    "sum_of_rows": ("合计：用地 {site}；建筑 {gfa}", "Together: site {site}; floor area {gfa}"),
    "back_to_totals": ("返回面积汇总", "Back to the totals"),
    "whole": ("合计", "Total"),
    "by_zone_and_use": ("按片区与用途", "By zone and use"),
    "by_zone": ("按片区", "By zone"),
    "by_use": ("按用途", "By use"),
    "together": ("合计", "Total"),
    # one parcel
    "figures": ("指标", "Figures"),
    "figure": ("指标", "Figure"),
    "value": ("数值", "Value"),
    "reasons": ("判断依据", "Reasons"),
    "outcome": ("结果", "Outcome"),
    "condition": ("条件", "Condition"),
    "threshold": ("标准", "Limit"),
    "ground": ("依据", "Basis"),
    "pass": ("符合", "met"),
    "fail": ("不符合", "failed"),
    "unknown": ("待查", "unknown"),
    "explanation": ("怎样才会不同", "What would change the verdict"),
    "contributions": ("得分构成", "Score"),
    "criterion": ("评分项", "Criterion"),
    "result": ("取值 0–1", "Value 0–1"),
    "weight": ("权重", "Weight"),
    "points": ("得分", "Points"),
    "score": ("得分", "Score"),
    "sum": ("合计", "Sum"),
    "rank": ("排名", "Rank"),
    "in_cluster": ("所在连片", "Its cluster"),
    "not_counted": ("未知，计入得分上限", "unknown; counts towards the upper end"),
    "where": ("位置", "Where it is"),
    "back_to_list": ("返回候选清单", "Back to the list"),
    "rule": ("规则", "Rule"),
    "rules": ("各规则研判结果", "Judgement by rule"),
    "not_in_force": ("未在有效期内，未研判（有效期 {days}）", "not in force, not judged (in force {days})"),
    "route_and_procedure": ("路径与程序", "Route and procedure"),
    "route": ("路径", "Route"),
    "target_codes": ("目标用地代码", "Target codes"),
    "use_stays": ("用地代码不变", "the code of the land stays"),
    "procedure": ("程序", "Procedure"),
    "flag_raised": ("提示", "Note"),
    "flag_unknown": ("提示待查", "Note to be checked"),
    # errors
    "home": ("返回总览", "Back to the overview"),
    "api_title": ("数据接口文档", "API documentation"),
}
#: every phrase by its key; a key stands in one of the catalogues alone, or one page would speak with another's words
CATALOGUES = (_OWN, ERROR_PHRASES, SCENARIO_PHRASES, TARGET_PHRASES, SITE_PHRASES, JOB_PHRASES, WAY_PHRASES)
_PHRASES = {key: words for catalogue in CATALOGUES for key, words in catalogue.items()}


def phrase(key: str, lang: Lang, **values: object) -> str:
    """A phrase of the pages in the language asked for; ``KeyError`` for one that is not in the catalogue."""
    text = _PHRASES[key][0 if lang == "zh" else 1]
    return text.format(**values) if values else text


def field_title(name: str, lang: Lang) -> str:
    """What a field of a question is called on pages; a name that no form has stands for itself."""
    return phrase(SITE_FIELDS[name], lang) if name in SITE_FIELDS else name

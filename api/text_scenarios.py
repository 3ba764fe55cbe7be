"""What stands on the page of scenarios, in Chinese and English."""

from __future__ import annotations

SCENARIO_PHRASES: dict[str, tuple[str, str]] = {
    "scenarios": ("情景方案", "Scenarios"),
    "scenarios_lead": (
        "情景方案是在一次运行之上选定并保存的一组措施：合计、候选、连片均按“登记现状叠加这些措施”计算，登记数据不变。",
        "A scenario is a saved set of measures over a run: totals, candidates and clusters are those of the registry with the "
        "measures laid over it. The registry stays as it is.",
    ),
    "scenarios_none": (
        "尚无情景方案。用 shuangbei scenarios 名称 --save --measure 措施 保存，或在下方保存。",
        "There is none yet. Save one with shuangbei scenarios NAME --save --measure ID, or below.",
    ),
    "scenario_registry": ("登记现状", "The registry as it is"),
    "scenario_first": ("方案一", "First"),
    "scenario_second": ("方案二", "Second"),
    "scenario_until": ("截至（空：全部措施）", "Until (empty: all measures)"),
    "scenario_compare": ("对比", "Compare"),
    "scenario_saved_by": ("保存人", "Saved by"),
    "scenario_saved_at": ("保存时间", "Saved at"),
    "scenario_note": ("说明", "Note"),
    "scenario_n": ("措施数", "Measures"),
    "scenario_gain": ("增加面积", "Gain"),
    "scenario_open": ("情况不明", "Not known"),
    "scenario_of_run": ("所依运行", "Over run"),
    "scenario_counts": ("{day} 计入", "Counts on {day}"),
    "scenario_reached": ("达到目标", "the target is reached"),
    "scenario_laid": ("叠加 {n} 项措施", "{n} measures are laid over"),
    "scenario_left_out": (
        "{n} 项未叠加：情况不明，或至该日尚不能计入",
        "{n} are left out: something of them is not known, or they come too late",
    ),
    "scenario_map": ("左右对比图", "Side by side on the map"),
    "scenario_totals": ("合计对比", "Totals side by side"),
    "scenario_measures": ("措施对比", "Measures side by side"),
    "scenario_in": ("有", "yes"),
    "scenario_not_in": ("—", "—"),
    "scenario_not_laid": ("有，未叠加", "yes, not laid over"),
    "scenario_other_runs": (
        "另一次运行之上的方案须先在当前运行上重新落实，才能与此对比。",
        "A scenario over another run has to be taken up on the current run before it is compared with this one.",
    ),
    "scenario_save": ("保存情景方案", "Save a scenario"),
    "scenario_save_way": ("存为情景方案", "Save it as a scenario"),
    "scenario_save_lead": (
        "方案依当前运行保存。填入措施编号，或从可采取的措施中勾选。",
        "It is saved over the current run. Type ids of measures, or tick some of those that are open.",
    ),
    "scenario_choose": ("列出可采取的措施", "List the open measures"),
    "scenario_choice_unknown": (
        "另有 {n} 项情况不明，不能计入，未列出。",
        "{n} more are not listed: something of them is not known, so they cannot be counted on.",
    ),
    "scenario_save_job": (
        "保存作业 {job} 所选的措施，各自计入日期不变。",
        "What job {job} has chosen is saved, each measure from the day on which it counts there.",
    ),
    "scenario_name": ("名称", "Name"),
    "scenario_ids": ("措施编号", "Ids of measures"),
    "scenario_replace": ("替换同名方案", "In place of the one of that name"),
    "scenario_do_save": ("保存", "Save"),
    "scenario_drop": ("删除", "Drop"),
    "scenario_take_up": ("在当前运行上重新落实", "Take it up on the current run"),
    "scenario_gone": (
        "以下措施在当前运行中已不可采取，未列入方案：{ids}",
        "No longer open in the current run, and left out: {ids}",
    ),
    "scenario_land": ("候选与连片对比", "Candidates and clusters side by side"),
    "scenario_land_lead": (
        "在“{first}”与“{second}”两种情形下分别判定全部地块、查找连片，列出不同之处。新增载体计入周边载体数；其产业无人申明，附近的主导产业载体数因此未知，得分取谨慎一端。",
        "Every parcel is judged, and clusters are found, under “{first}” and under “{second}”; what differs is listed. New "
        "carriers count as nearby ones; their industries nobody has said, so how many leading ones are near is not known "
        "there, and scores are at the cautious end.",
    ),
    "scenario_land_link": ("候选地块与集中连片有何不同", "What differs of candidates and clusters"),
    "scenario_judged_otherwise": (
        "{n} 个地块的判定、名次或得分不同",
        "{n} parcels have another verdict, rank or score",
    ),
    "scenario_judged_alike": ("两种情形下各地块的判定、名次和得分相同。", "Every parcel is judged alike under both."),
    "scenario_change_came_in": ("新列入", "came in"),
    "scenario_change_left": ("退出", "left"),
    "scenario_change_moved": ("名次变动", "rank moved"),
    "scenario_change_verdict": ("判定变化", "another verdict"),
    "scenario_change_score": ("得分变化", "another score"),
    "scenario_change_new_parcel": ("新增地块", "a new parcel"),
    "scenario_change_gone_parcel": ("已无此地块", "gone"),
    "scenario_n_clusters": ("{n} 片", "{n} clusters"),
    "scenario_clusters_differ": (
        "{n} 片只在其中一种情形下出现；另有 {same} 片两者相同，未列出。",
        "{n} clusters are of one alone; {same} more are the same under both, and not listed.",
    ),
    "scenario_clusters_alike": ("两种情形下的连片相同。", "The clusters are the same under both."),
    "scenario_only_in": ("仅“{name}”", "“{name}” alone"),
    "scenario_no_change": ("两个方案的合计没有差别。", "Their totals do not differ."),
    "scenario_only_changes": ("只列有差别的行；下载含全部。", "Only rows that differ; the download has all."),
}

"""What stands on the pages of sites and of jobs, in Chinese and English."""

from __future__ import annotations

SITE_PHRASES: dict[str, tuple[str, str]] = {
    "sites": ("选址", "Sites"),
    "sites_lead": (
        "相接或仅隔可穿越道路的地块组成的用地，面积大于目标，整合难度之和最小；每个方案附证明：已证最优，或给出下界与差距。",
        "Parcels that touch or are parted only by what may be crossed, over the wanted area, at the least total difficulty; "
        "each with its proof: proven best, or a lower bound and the gap.",
    ),
    "sites_question": ("问题", "The question"),
    "sites_more_than": ("面积大于 {area}", "more than {area}"),
    "sites_at_most": ("不超过 {area}", "at most {area}"),
    "sites_anchor": ("以{name}现有用地为基础", "founded on the land of {name}"),
    "sites_require": ("必含 {codes}", "with {codes}"),
    "sites_forbid": ("不含 {codes}", "without {codes}"),
    "sites_allow": ("允许穿越 {codes}", "crossing {codes}"),
    "sites_best": ("最优方案", "The best site"),
    "sites_proven": ("已证最优：没有整合难度更小的方案。", "Proven: no site is less difficult."),
    "sites_open": (
        "限时内找到的最好方案；与最优难度的差距不超过 {gap}。",
        "The best found in the time; it is off the least difficulty by {gap} at most.",
    ),
    "sites_complete": ("极小方案共 {n} 个，已全部列举比较。", "All {n} minimal sites were listed and compared."),
    "sites_not_complete": (
        "极小方案过多，未全部列举；列出的是最优及其次的方案。",
        "There are too many minimal sites to list all; these are the best ones.",
    ),
    "sites_none": ("没有符合条件的方案", "There is no such site"),
    "sites_not_asked": (
        "本次运行未搜索选址：政策未规定目标面积或整合难度。",
        "This run did not search for sites: its policy does not say what area is wanted or how hard land is to come by.",
    ),
    "sites_parts": ("整合难度构成", "What the difficulty is made of"),
    "sites_points": ("{n} 分", "{n} points"),
    "parts_kept_back": ("权属与租约", "owners and leases"),
    "kept_back": ("计入，不公开", "counted, withheld"),
    "sites_withheld": (
        "方案按含权属与租约的总难度选出；两方案总难度之差会透露单个地块的权属与租约，故只列公开部分。",
        "Sites are chosen by all of their difficulty, owners and leases too. The difference of two such sums would tell of a "
        "single parcel's, so only the open parts are shown.",
    ),
    "sites_curve": ("规模与难度（公开部分）", "Difficulty (open parts) against area"),
    "sites_curve_field": ("改为分档搜索：每多一亩的代价", "Over several floors instead: what each further mu costs"),
    "sites_curve_note": (
        "每一点是面积大于该档目标、总难度最小的方案，标注其难度的公开部分；实心为已证最优，空心为限时内最好。",
        "Each point is the site of the least difficulty over one of the floors, at the open parts of it: full where proven, "
        "hollow where it is the best found in the time.",
    ),
    "sites_curve_ends": ("更大规模无方案：", "No site is larger:"),
    "sites_ask_curve": ("计算更大规模的代价", "What would more land cost?"),
    "sites_ask_curve_note": (
        "自所需面积起分档搜索，另成一页。",
        "Searches over several floors, from the one asked for on; the answer is a page of its own.",
    ),
    "sites_ask": ("另提一问", "Ask another question"),
    "sites_min": ("面积大于（亩）", "More than (mu)"),
    "sites_max": ("不超过（亩）", "At most (mu)"),
    "sites_over": ("地块范围", "Parcels"),
    "sites_over_all": ("全部地块", "all"),
    "sites_over_candidates": ("候选地块", "candidates"),
    "sites_anchor_field": ("现有用地（园区名称或地块编号）", "Existing land (a park, or parcel codes)"),
    "sites_require_field": ("必含地块", "Parcels it must have"),
    "sites_forbid_field": ("排除地块", "Parcels it must not have"),
    "sites_allow_field": ("允许穿越", "May be crossed"),
    "sites_allow_named": ("或指定道路、河道名称", "or named roads and rivers"),
    "sites_time": ("搜索时限（秒）", "Time limit (s)"),
    "sites_search": ("搜索", "Search"),
    "sites_codes_hint": ("多个以空格或逗号分开", "several apart by spaces or commas"),
    "sites_default": ("返回默认问题", "Back to the policy's own question"),
    "sites_other_floor": ("默认：政策规定", "default: the policy's"),
    # jobs
    "job_sites": ("选址搜索", "Search for sites"),
    "job_number": ("作业 {n}", "job {n}"),
    "job_waiting": ("排队中", "Waiting for its turn"),
    "job_running": ("计算中", "Working"),
    "job_failed": ("未能完成", "It failed"),
    "job_cancelled": ("已取消", "Cancelled"),
    "job_lost": ("已中断（服务器停机或进程被终止）", "Lost: the server went down, or its process was ended"),
    "job_cancel": ("取消", "Cancel"),
    "job_ask_anew": ("重新提问", "Ask anew"),
}

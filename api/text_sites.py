"""What stands on the pages of sites, in Chinese and English."""

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
    "proof_best": ("已证最优", "proven best"),
    "proof_best_open": ("限时内最好，未证最优", "best found in the time, not proven"),
    "proof_other": (
        "已证：至少舍去各更优方案 {n} 个地块的方案中，难度最小",
        "proven least difficult of those that do without at least {n} parcels of every better one",
    ),
    "proof_other_open": (
        "未证：至少舍去各更优方案 {n} 个地块的方案中，限时内最好",
        "not proven: best found in the time of those that do without at least {n} parcels of every better one",
    ),
    "proof_other_some": (
        "已证：在与各更优方案有足够差异的方案里，难度最小",
        "proven least difficult of those that differ enough from every better one",
    ),
    "proof_other_open_some": (
        "未证：在与各更优方案有足够差异的方案里，限时内最好",
        "not proven: best found in the time of those that differ enough from every better one",
    ),
    "proof_listed": ("极小方案，仅列出", "a minimal site, listed"),
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
    "sites_ask_lead": (
        "留空即按政策。先核对问题，再排队搜索；结果另成一页。",
        "What is left empty is as the policy has it. The question is checked first and then waits for its turn; the answer is "
        "a page of its own.",
    ),
    "sites_refused": ("这个问题不能这样提：", "This cannot be asked so:"),
    "sites_again": ("沿用作业 {n} 的问题，可改后再提。", "This is the question of job {n}: change it and ask again."),
    "sites_by_policy": ("默认（政策）：", "default (policy): "),
    "sites_no_limit": ("不限", "no limit"),
    "sites_gap_told": ("街道间隔至多 {n} 米", "lanes up to {n} m"),
    "sites_more": ("更多条件", "More"),
    "sites_outline": ("所绘范围（GeoJSON，WGS84）", "Drawn outline (GeoJSON, WGS84)"),
    "sites_outline_hint": (
        "粘贴含面的 GeoJSON；大半在范围内的地块参与搜索。",
        "Paste GeoJSON that holds a polygon; parcels that lie mostly in it are searched.",
    ),
    "sites_over_carriers": ("在册载体所在地块", "land of carriers that count"),
    "sites_over_of_rule": ("候选地块：{rule}", "candidates: {rule}"),
    "sites_over_outline_told": ("所绘范围内的地块", "parcels in a drawn outline"),
    "sites_over_outline": ("所绘范围（见“更多条件”）", "a drawn outline (below, in More)"),
    "sites_no_anchor": ("不以现有用地为基础", "Founded on no land that is there already"),
    "sites_gap": ("最大街道间隔（米）", "Widest lane (m)"),
    "sites_k": ("方案数", "Number of sites"),
    "sites_different": ("与更优方案至少相差（地块）", "Parcels in which each differs at least"),
    "sites_every": ("列出全部极小方案（不太多时）", "All minimal sites, where they are not too many"),
    "sites_as_of": ("数据时点", "As of"),
    "sites_known_at": ("登记时点（不晚于本次运行）", "As known at (no later than this run)"),
    "sites_names": ("可用名称", "Names"),
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
    "sites_codes_hint": (
        "多个以空格或逗号分开；名称含空格时加引号",
        "several apart by spaces or commas; a name with spaces in quotes",
    ),
    "sites_default": ("返回默认问题", "Back to the policy's own question"),
}

#: a field of a question about sites → the phrase that its form shows for it
SITE_FIELDS: dict[str, str] = {
    "min_area_mu": "sites_min",
    "max_area_mu": "sites_max",
    "over": "sites_over",
    "rule": "rule",
    "outline": "sites_outline",
    "anchor": "sites_anchor_field",
    "no_anchor": "sites_no_anchor",
    "require": "sites_require_field",
    "forbid": "sites_forbid_field",
    "allow": "sites_allow_field",
    "gap_m": "sites_gap",
    "k": "sites_k",
    "min_different": "sites_different",
    "every": "sites_every",
    "curve": "sites_curve_field",
    "as_of": "sites_as_of",
    "known_at": "sites_known_at",
    "time_limit_s": "sites_time",
}

"""What stands on maps, in Chinese and English; pages take the names of figures from here too.

Chinese names of columns come from the catalogue (``geo.fields``); the English ones stand in ``maps.headings``, once.
"""

from __future__ import annotations

from typing import Literal

from geo.fields.land_use import USES
from geo.fields.results import heading
from maps.headings import HEADINGS_EN, HEADINGS_ZH
from maps.words import CHOICES, EN_WORDS, WORDS
from maps.words_way import WAY_WORDS

Lang = Literal["zh", "en"]

_PHRASES: dict[str, tuple[str, str]] = {
    **WAY_WORDS,
    "title": ("双北载体规划图", "Shuangbei carrier planning map"),
    "candidates_title": ("候选地块图", "Map of candidates"),
    "clusters_title": ("集中连片图", "Map of contiguous clusters"),
    "sites_title": ("选址图", "Map of sites"),
    "scenarios_title": ("情景方案对比图", "Scenarios side by side"),
    "group_measures": ("措施", "Measures"),
    "measures_not_placed": ("另有 {n} 项措施不涉及地块，未绘制。", "{n} measures touch no parcel and are not drawn."),
    "site_number": ("选址 {n}", "Site {n}"),
    "site_over": ("大于 {area} 亩", "Over {area} mu"),
    "site_listed": ("其他极小方案", "Another minimal site"),
    "group_sites": ("选址方案", "Sites"),
    "anchor": ("现有用地", "Land it is anchored on"),
    "sites_left_out": ("另有 {n} 个方案未绘制，见列表。", "{n} more sites are not drawn; see the list."),
    "adjacency_title": ("地块相邻关系图", "Map of adjacency"),
    "carrier_groups": ("载体集聚区（步行距离）", "Groups of carriers by walking distance"),
    "group_edges": ("相邻关系", "Adjacency"),
    "single": ("单个地块", "Single parcel"),
    "all_parcels": ("全部地块", "All parcels"),
    "bridges": ("关键地块", "Bridges"),
    "bridge_tip": ("缺了 {code}，所在连片断为 {parts}", "Without {code} its cluster falls into {parts}"),
    "near_parcel": ("差一步：加入地块", "Near misses: one parcel more"),
    "near_barrier": ("差一步：跨越阻隔", "Near misses: one barrier less"),
    "near_reaches": ("达到目标", "over the area"),
    "near_short": ("其他", "other"),
    "edge_type": ("相邻类型", "How they lie"),
    "edge_facing": ("相对长度", "Length that faces or touches"),
    "edge_width": ("间距", "Width between"),
    "edge_between": ("中间隔着", "What lies between"),
    "edge_nothing": ("无阻隔", "nothing that parts them"),
    "edge_length": ("长 {length}", "{length} long"),
    "edge_gap": ("，间距 {gap}", ", {gap} apart"),
    "carriers_n": ("{n} 个载体", "{n} carriers"),
    "clusters_left_out": (
        "仅绘制面积最大的 {shown} 片，另有 {n} 片未绘制。",
        "The {shown} largest are drawn, {n} are not.",
    ),
    "edges_left_out": (
        "相邻关系仅绘制 {shown} 对（先阻隔与隔街），另有 {n} 对未绘制。",
        "{shown} pairs are drawn, those over barriers and lanes first; {n} are not.",
    ),
    "parcels_left_out_here": (
        "地块超过 {limit} 个，未绘制底图地块。",
        "More than {limit} parcels: they are not drawn.",
    ),
    "panel": ("图层与图例", "Layers and legend"),
    "zones": ("片区", "Zones"),
    "group_judgement": ("研判结果", "Judgement"),
    "group_land": ("现状与规划", "Land and premises"),
    "group_around": ("周边要素", "Surroundings"),
    "candidates": ("候选地块（按得分）", "Candidates by score"),
    "survey": ("待查地块", "Parcels to be surveyed"),
    "clusters": ("集中连片", "Contiguous clusters"),
    "parcels": ("地块（按规划用途）", "Parcels by planned use"),
    "carriers": ("载体（按建筑面积）", "Carriers by floor area"),
    "stations": ("轨道站点", "Metro stations"),
    "transit_lines": ("轨道线路", "Metro lines"),
    "barriers": ("道路与阻隔", "Roads and barriers"),
    "heritage": ("历史保护", "Heritage"),
    "streets": ("街道界线", "Sub-district bounds"),
    "blocks": ("街坊", "Street blocks"),
    "services": ("服务设施", "Services"),
    "park": ("虹口园", "Hongkou Park"),
    "centre_tiers": ("公共中心", "Public centres"),
    "open_spaces": ("开放空间", "Open spaces"),
    "plan_changes": ("规划调整", "Plan changes"),
    "route": ("路径", "Route"),
    "procedure": ("程序", "Procedure"),
    "flags": ("提示", "Flags"),
    "rule": ("规则", "Rule"),
    "withheld": ("不公开", "withheld"),
    "indicative": ("示意", "indicative"),
    "size_unknown": ("面积未知", "size unknown"),
    "verdict_unknown": ("待查", "To be surveyed"),
    "use_unknown": ("用途未知", "Use unknown"),
    "uses_rest": ("其余 {n} 类 {share}", "{n} others {share}"),
    "synthetic": ("演示数据", "演示数据 Demonstration data"),
    "synthetic_short": ("演示数据", "演示数据 DEMO"),
    "synthetic_note": ("含虚构数据，不作为依据", "Contains invented data; not a basis for decisions"),
    "reasons": ("判断依据", "Reasons"),
    "threshold": ("标准", "limit"),
    "flips_lead": ("最小的改变（已按规则重新研判）：", "Smallest changes, judged again by the rule:"),
    "flips_lead_candidate": (
        "下列改变之一即不再列为候选（已按规则重新研判）：",
        "With one of these it would no longer be a candidate; judged again by the rule:",
    ),
    "answers_lead": ("查明以下情况即可判定：", "What would have to be found to settle it:"),
    "no_flip": (
        "改变一两项可由人改变的情况，判定不会不同；规则的起点（如现有用途）不作改变。",
        "No change of one or two figures that somebody can change gives another verdict; what the rule starts from, "
        "such as the present use, is not varied.",
    ),
    "and_too": ("，且 ", " and "),
    "clause": ("依据", "basis"),
    "unknown_value": ("未知", "unknown"),
    "none": ("—", "—"),
    "detail": ("查看地块", "Open parcel"),
    "run": ("运行", "Run"),
    "policy": ("政策", "Policy"),
    "data_version": ("数据版本", "Data"),
    "as_of": ("数据时点", "As of"),
    "reasons_left_out": (
        "地块超过 {limit} 个：弹窗不列判断依据，请在地块页查看。",
        "More than {limit} parcels: reasons are left out of the popups; see each parcel's page.",
    ),
    "parcels_left_out": (
        "地块超过 {limit} 个：未绘制地块图层，仅绘制候选地块与集中连片。",
        "More than {limit} parcels: the parcel layer is left out; candidates and clusters are drawn.",
    ),
    "not_placed": ("{n} 个载体无位置信息，未绘制。", "Carriers without a known place, not drawn: {n}."),
    "mu": ("亩", "mu"),
    "sqm_10k": ("万㎡", "10,000 m²"),
    "points": ("分", "points"),
    "parcels_n": ("{n} 个地块", "{n} parcels"),
    "score_unknown": ("无得分", "no score"),
    "step_lacks": ("距 {wanted}尚缺 {lacks}", "lacks {lacks} of {wanted}"),
    "step_parcel": ("加入地块 {what}（{size}），{n} 片相连", "with parcel {what} ({size}) {n} clusters are one"),
    "step_parcel_alone": ("加入地块 {what}（{size}）", "with parcel {what} ({size})"),
    "step_barrier": ("若可跨越{what}，{n} 片相连", "if {what} may be crossed, {n} clusters are one"),
    "outcome_reaches": ("合计 {after}，达到目标", "{after} in all, over the wanted area"),
    "outcome_short": ("合计 {after}", "{after} in all"),
    "outcome_grows": ("合计 {after}，原已达到", "{after} in all, over it before"),
    "outcome_lacks": ("，仍缺 {lacks}", ", still lacks {lacks}"),
    "use_mixed": ("混合（比例未知）", "mixed, shares unknown"),
    "yes": ("是", "yes"),
    "no_word": ("否", "no"),
    "assumption": ("假设", "assumption"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "close": ("收起", "Collapse"),
}


ZONES_EN = {"north_bund": "North Bund", "north_middle_ring": "North Middle Ring", "other": "Other"}


def phrase(key: str, lang: Lang, **values: object) -> str:
    """A phrase of the map in the language asked for; ``KeyError`` for one that is not in the catalogue."""
    text = _PHRASES[key][0 if lang == "zh" else 1]
    return text.format(**values) if values else text


def label(column: str, lang: Lang) -> str:
    """The heading of a column."""
    if lang == "zh":
        return HEADINGS_ZH.get(column) or heading(column).zh
    return HEADINGS_EN.get(column, column)


def word(code: str, lang: Lang) -> str:
    """What a code of the catalogue (a verdict, a shape, a status, a use) is called; any other text stands for itself."""
    if code in WORDS:
        return WORDS[code][0 if lang == "zh" else 1]
    if code in USES:
        return USES[code].zh if lang == "zh" else USES[code].en
    if lang == "zh":
        return CHOICES[code][0] if code in CHOICES else code
    return EN_WORDS.get(code, code)


def verdict(code: str, lang: Lang) -> str:
    """What a verdict is called; ``unknown`` means that somebody has to look."""
    return phrase("verdict_unknown", lang) if code == "unknown" else word(code, lang)


def zone_name(zone: str, names: dict[str, str], lang: Lang) -> str:
    """A zone by its own name in Chinese, by a short English one where there is one."""
    if lang == "en" and zone in ZONES_EN:
        return ZONES_EN[zone]
    return names.get(zone) or word(zone, lang)

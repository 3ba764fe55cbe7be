"""What stands on the page of the way to the target, in Chinese and English."""

from __future__ import annotations

from maps.words_way import WAY_WORDS

WAY_PHRASES: dict[str, tuple[str, str]] = {
    **WAY_WORDS,
    "way": ("达标路径", "Way to the target"),
    "way_lead": (
        "在可采取的措施中，选出届时竣工并认定、能补足缺口且总难度最小的一组，附证明；达不到时，说明受何限制、差多少、最早何时能够达到。",
        "Of the measures that are open, those that close the gap in time at the least total difficulty, with proof; where none "
        "do, which limit makes it so, by how much, and from when on the target can be met.",
    ),
    "way_by_day": ("至 {day}", "By {day}"),
    "way_question": ("问题", "The question"),
    "way_need": (
        "目标 {target}（至 {day}），届时已计入 {counted}，尚需 {need}。",
        "{target} by {day}; {counted} count by then, {need} more are needed.",
    ),
    "way_undecided": (
        "另有 {undecided} 个载体是否计入不明、{unknown} 个面积未知，均未计入。",
        "Not in it: {undecided} carriers of which it is not known whether they count, and {unknown} of unknown size.",
    ),
    "way_chosen": ("所选措施", "The measures"),
    "way_gain": ("{n} 项措施，增加 {gain}", "{n} measures gain {gain}"),
    "way_proven": ("已证最优：没有总难度更小的组合。", "Proven: no other choice is easier."),
    "way_not_proven": (
        "限时内找到的最好组合；与最小难度的差距不超过 {gap}。",
        "The best found in the time; it is off the least difficulty by {gap} at most.",
    ),
    "way_parts": ("各措施在最优方案中", "In the best choices"),
    "way_parts_told": (
        "{every} 项为各最优方案所共有，可先行启动；{some} 项可相互替代；{none} 项不在任何最优方案中。",
        "{every} measures are in every best choice and can be begun at once; {some} can stand in for each other; {none} are in "
        "none.",
    ),
    "way_left_out": (
        "{n} 项措施有情况不明，不予采用；查明后可重新计算。",
        "{n} measures are left out, for something of them is not known: survey them and ask again.",
    ),
    "way_all_open": ("可采取的措施", "What is open"),
    "way_all_open_note": (
        "增加面积只计已知者；情况不明的措施列出，但不采用。",
        "Gains are of what is known; a measure of which something is unknown is listed and never chosen.",
    ),
    "way_n": ("项数", "Measures"),
    "way_n_known": ("情况明确", "All known"),
    "way_n_unknown": ("情况不明", "Something unknown"),
    "way_n_late": ("来不及", "Too late"),
    "way_n_chosen": ("选用", "Chosen"),
    "way_known_gain": ("明确者可增加", "Known ones would gain"),
    "way_lacking": ("不明之处", "What is not known"),
    "way_limits": ("限额使用情况", "What the limits allow"),
    "way_limit": ("限额", "Limit"),
    "way_limits_ask": ("另设限额", "Limits of your own"),
    "way_limits_ask_lead": (
        "在政策限额之外另设；不选为不限，“每片区”“每年”指各自分别计。面积与项数至少填一项。",
        "Beside those of the policy. What is not chosen is any; each zone or year is counted by itself. Floor area or a number "
        "has to be given.",
    ),
    "way_limits_asked": ("另设限额", "Limits asked for"),
    "way_limit_any_kind": ("各类措施", "measures of any kind"),
    "way_limit_each_zone": ("每片区", "each zone"),
    "way_limit_each_year": ("每年", "each year"),
    "way_limit_year_hint": ("不限；年份，或 each（每年）", "any; a year, or each"),
    "way_limit_gfa": ("面积上限（万㎡）", "Floor area at most (10,000 m²)"),
    "way_limit_count": ("项数上限", "Measures at most"),
    "way_limit_n": ("{n} 项", "{n} measures"),
    "way_allowed": ("允许", "Allowed"),
    "way_used": ("使用", "Taken"),
    "way_any": ("不限", "any"),
    "way_impossible": ("届时不能达到目标", "The target cannot be met by then"),
    "way_short": (
        "至多可增加 {most}，仍差 {short}。",
        "At most {most} can be gained; {short} are missing.",
    ),
    "way_limit_would_do": (
        "若仅放宽“{title}”，须由 {allowed} 提高到 {needed}。",
        "With this limit alone wider it could: {title}, {needed} instead of {allowed}.",
    ),
    "way_no_single": (
        "没有哪一项限额单独造成：取消全部限额，至多可增加 {without}。",
        "No single limit makes it so: without any, {without} could be gained.",
    ),
    "way_too_little": (
        "与限额无关：即使取消全部限额，届时至多可增加 {without}；措施的周期使然，或措施不够。",
        "No limit makes it so: without any, {without} could be gained by then. The measures take too long, or are too few.",
    ),
    "way_earliest": (
        "按现有限额，最早自 {day} 起可以达到。",
        "With the limits as they are it can be met from {day} on.",
    ),
    "way_never": ("至 {year} 年底均不能达到。", "No day until the end of {year} is late enough."),
    "way_required_breaks": ("所必选的措施本身已超出限额。", "What is required breaks a limit by itself."),
    "way_time_up": (
        "限时内未找到可行组合，也未证明其不存在；请延长时限。",
        "The time was up before a choice was found that is enough, or shown not to exist: give it more time.",
    ),
    "way_nothing_needed": ("届时已达到目标，无须采取措施。", "Enough counts by then: no measure is needed."),
    "way_picture": ("由现状到目标", "From what counts to the target"),
    "way_counted": ("届时已计入", "Counts by then"),
    "way_in_year": ("{year} 年计入", "Counts in {year}"),
    "way_earlier": ("本次运行已算过", "Asked of this run before"),
    "way_ask": ("计算", "Ask"),
    "way_ask_lead": (
        "政策规定的目标日与展望日：",
        "The day of the policy's target, and its later one:",
    ),
    "way_ask_other": ("另提一问", "Ask another question"),
    "way_by": ("截止日", "By"),
    "way_target": ("目标（万㎡）", "Target (10,000 m²)"),
    "way_no_limits": ("不设限额", "Without limits"),
    "way_sites": ("先搜索选址，一并考虑", "With the best sites among the measures"),
    "way_require": ("必选措施", "Measures that are taken"),
    "way_forbid": ("排除措施", "Measures that are not"),
    "way_codes_hint": ("措施编号，多个以空格或逗号分开", "ids of measures, apart by spaces or commas"),
    "way_time": ("时限（秒）", "Time limit (s)"),
    "way_default": ("政策规定", "the policy's"),
    "way_not_asked": (
        "本次运行的政策未规定有哪些措施（[target.measures]）。",
        "This run's policy does not say which measures there are ([target.measures]).",
    ),
    "way_withheld": (
        "难度含权属与租约，两组合之差会透露单个地块，不公开。",
        "Owners and leases are part of difficulty, and two choices would tell a single parcel's: it is withheld.",
    ),
    "way_link": ("如何达到目标：最优措施组合", "How to get there: the best choice of measures"),
}

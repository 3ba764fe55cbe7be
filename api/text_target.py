"""What stands on the page of a figure of the target, in Chinese and English."""

from __future__ import annotations

from geo.fields.ways import CONDITIONS, COUNTS, STAGES

_STAGES_EN = {"built": "built", "pipeline": "on its way"}
_COUNTS_EN = {"yes": "counts", "no": "does not count", "unknown": "undecided"}
_CONDITIONS_EN = {"status": "status", "kind": "kind", "place": "place", "recognised": "day of recognition"}

TARGET_PHRASES: dict[str, tuple[str, str]] = {
    **{f"target_stage_{name}": (zh, _STAGES_EN[name]) for name, zh in STAGES.items()},
    **{f"target_counts_{name}": (zh, _COUNTS_EN[name]) for name, zh in COUNTS.items()},
    **{f"target_condition_{name}": (zh, _CONDITIONS_EN[name]) for name, zh in CONDITIONS.items()},
    "target": ("目标面积明细", "What counts towards the target"),
    "target_rows": ("目标面积明细", "What counts towards the target"),
    "target_rows_lead": (
        "此数由下列载体相加而成；“不符或不明的条件”说明为何不计入。点载体编号看其面积账条目。",
        "The carriers that this figure is the sum of; what is not met or not known says why one does not count. A click on a "
        "carrier opens its rows of the ledger.",
    ),
    "target_rows_sum": ("已知合计：{sum}", "Known sum: {sum}"),
    "target_completed_by": ("{day} 前竣工", "completed by {day}"),
    "gap_note": (
        "{target} 减已建 {counted}，未减在途",
        "{target} less {counted} built; what is on its way is not taken off",
    ),
    "unknown_year": ("年份未知", "year not known"),
}

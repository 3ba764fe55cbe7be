"""The kinds of measures that lead to the target, and what of one may not be known."""

from __future__ import annotations

#: kind → its Chinese name
WAYS = {
    "admit": "认定既有建筑",
    "completion": "在途建筑竣工",
    "conversion_building": "既有建筑路径转研发",
    "conversion_land": "土地路径转研发",
    "new_building": "研发用地新建",
    "site": "成片选址建设",
    "delisting": "载体摘牌",
}
#: what has to be known of a measure before it can be counted on → its Chinese name
OPEN = {
    "gfa": "建筑面积",
    "day": "竣工日期",
    "place": "位置",
    "holder": "占用份额",
    "use": "用途份额",
    "verdict": "判定",
    "counts": "载体是否计入",
}
#: what the floor area of a measure rests on → its Chinese name
BASIS = {"registered": "登记建筑面积", "permitted": "规划容积率乘以用地面积"}
#: how a measure stands in the best answers → its Chinese name
PARTS = {
    "every": "各最优方案均有",
    "some": "部分最优方案有",
    "none": "最优方案均无",
    "late": "来不及",
    "open": "情况不明",
}
#: whether what a carrier gives towards the target is there → its Chinese name
STAGES = {"built": "已建", "pipeline": "在途"}
#: whether a carrier counts towards the target → its Chinese name
COUNTS = {"yes": "计入", "no": "不计入", "unknown": "未定"}
#: what a carrier has to meet to count → its Chinese name
CONDITIONS = {"status": "状态", "kind": "类别", "place": "位置", "recognised": "认定日期"}
#: column of a measure, or of what counts → the words of its values
WORDS = {
    "kind": WAYS,
    "gfa_basis": BASIS,
    "part": PARTS,
    "open": OPEN,
    "not_met": CONDITIONS,
    "stage": STAGES,
    "counts": COUNTS,
}

"""The stamp of a file: what its figures rest on, in a form that the same list can be made from again.

A workbook bears it in its sheet 运行信息 for people and in the hidden sheet 复算信息 for ``shuangbei replay``; a report
in a part of its own, JSON, GeoJSON, GeoPackage and Parquet inside; CSV, and all but the first two besides, in
``<path>.run.json`` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from geo.fields.kept import FIND
from geo.fields.places import barrier_zh
from geo.fields.results import heading
from geo.fields.words import in_words
from geo.policy import Rule

Stamp = Mapping[str, Any]

#: parts of a stamp that only programs read
FOR_PROGRAMS = frozenset({"zones", "policy_content", "kept"})

_ZH = {
    "title": "名称",
    "run_id": "运行编号",
    "policy": "政策文件（校验值）",
    "policy_hash": "政策内容校验值",
    "data_version": "数据版本",
    "as_of": "数据日期",
    "code_version": "程序版本",
    "seed": "随机种子",
    "made_at": "生成时间",
    "made_by": "生成人",
    "synthetic": "含演示数据",
    "kind": "类别",
    "source": "数据来源",
    "crs": "坐标系",
    "known_at": "所知时间",
    "rule": "规则",
    "by": "分组",
    "target_day": "计入截止日",
    "target_m2": "目标（㎡）",
    "counted_m2": "届时已计入（㎡）",
    "gained_m2": "所选措施增加（㎡）",
    "short_m2": "尚缺（㎡），目标不能如期达到",
    "way_proven": "已证最优",
    "min_area_m2": "面积大于（㎡）",
    "max_area_m2": "面积不超过（㎡）",
    "over": "地块范围",
    "gap_m": "街道间隔至多（m）",
    "k": "方案数",
    "min_different": "与更优方案至少相差（地块）",
    "anchor": "现有用地",
    "anchor_note": "现有用地说明",
    "require": "必含地块",
    "forbid": "排除地块",
    "allow": "允许穿越",
    "types": "只列相邻类型",
    "done": "所问均有确定答案",
    "why_none": "没有（更多）方案的原因",
    "complete": "极小方案已全部列举",
    "n_minimal": "极小方案数",
    "policy_before": "对照的政策文件（校验值）",
    "data_version_before": "对照的数据版本",
    "as_of_before": "对照的数据日期",
    "run_id_before": "对照的运行编号",
    "differs": "两次研判之别",
    "draws": "抽样次数",
    "weight_spread": "权重浮动（±%）",
    "n_rows": "行数",
    "only": "只列（筛选）",
    "top": "只打印前几名",
    "unit": "编制单位",
    "secrecy": "密级",
}

#: sets of parcels that a question runs over
_OVER = {
    "all": "全部地块",
    "carriers": "在册载体所在地块",
    "outline": "所绘范围内的地块",
    "chosen": "所列地块",
}
_DIFFERS = {"facts": "数据", "policy": "政策", "facts and policy": "数据和政策", "nothing": "无"}


def whole(stamp: Stamp) -> dict[str, Any]:
    """The stamp with the policy's content as such, where it was carried as text."""
    found = dict(stamp)
    if isinstance(found.get("policy_content"), str):
        found["policy_content"] = json.loads(found["policy_content"])
    return found


def for_people(stamp: Stamp, *, synthetic: bool) -> list[tuple[str, Any]]:
    """What a reader is told of a file's origin, each with its Chinese name."""
    shown = {name: value for name, value in stamp.items() if name not in FOR_PROGRAMS}
    if synthetic:
        shown["synthetic"] = True
    if kept := kept_zh(stamp):
        shown["only"] = kept
    if "differs" in shown:
        shown["differs"] = _DIFFERS.get(str(shown["differs"]), shown["differs"])
    return [(_ZH.get(name, name), _told(name, value, stamp)) for name, value in shown.items()]


def _told(name: str, value: Any, stamp: Stamp) -> Any:
    """A value of the stamp as people read it: parcels and barriers in words, an area to the hundredth of a m²."""
    if name == "over":
        of, _, rule = str(value).partition(":")
        return f"候选地块：{rule_title(rule, stamp)}" if of == "candidates" else _OVER.get(of, value)
    if name == "types":
        return [in_words("type", str(one), {}) for one in value]
    if name == "allow" and isinstance(value, list):
        return [barrier_zh(str(one)) for one in value]
    return round(value, 2) if name.endswith("_m2") and isinstance(value, float) else value


def rule_title(name: str, stamp: Stamp) -> str:
    """What a rule is called by the policy that the stamp carries; its name where that does not say."""
    rules = (whole(stamp).get("policy_content") or {}).get("rules", {})
    return str((rules.get(name) or {}).get("title") or name)


def kept_zh(stamp: Stamp) -> str:
    """By what a list was filtered, in words; an empty text where it has every parcel."""
    zones = stamp.get("zones") or {}
    told = [
        f"{'编号或名称含' if name == FIND else heading(name).zh} {value if name == FIND else in_words(name, value, zones)}"
        for name, value in (stamp.get("kept") or {}).items()
    ]
    return "；".join(told)


def cited_as(stamp: Stamp) -> str:
    """What the document is called whose clauses the policy in the stamp cites; empty where it does not say."""
    return str((whole(stamp).get("policy_content") or {}).get("cited_as") or "")


def rule_of(stamp: Stamp) -> Rule | None:
    """The rule that a list was judged by, as the stamp carries it; ``None`` where it does not, or in a form of old."""
    rules = (whole(stamp).get("policy_content") or {}).get("rules", {})
    try:
        return Rule.model_validate(rules[stamp["rule"]])
    except (KeyError, ValidationError):
        return None

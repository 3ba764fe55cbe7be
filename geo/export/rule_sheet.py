"""Sheet 规则与依据: what the list was judged by, every threshold with its clause or marked as an assumption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geo.export import book_styles as styles
from geo.export.stamps import Stamp, whole
from geo.export.wording import Wording, condition_row, criterion_row, targets_zh
from geo.policy import Rule

_WIDTHS = (15, 24, 18, 21, 28, 46)
_ALL = "各路径"


def rule_sheet(sheet: Worksheet, wording: Wording, stamp: Stamp) -> None:
    """Write the rule, its routes, conditions and criteria as tables below each other."""
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    line = 1
    if wording.rule is None:
        styles.fill(sheet.cell(1, 1), "本清单未随附规则内容。", "text")
        return
    for name, value in about(wording.rule, wording, stamp):
        styles.head(sheet.cell(line, 1), name, left=True)
        sheet.merge_cells(start_row=line, end_row=line, start_column=2, end_column=len(_WIDTHS))
        styles.fill(sheet.cell(line, 2), value, "text")
        sheet.row_dimensions[line].height = styles.height(styles.lines(value, sum(_WIDTHS[1:])))
        line += 1
    for title, heads, rows in tables(wording.rule, wording):
        line += 1
        styles.above(sheet.cell(line, 1), title, "plain")
        line += 1
        line = _table(sheet, line, heads, rows)


def about(rule: Rule, wording: Wording, stamp: Stamp) -> list[tuple[str, str]]:
    """The rule in a few lines: what it is called, on which clause it rests, since when, under which policy."""
    policy = whole(stamp).get("policy_content") or {}
    since = rule.effective_from or policy.get("effective_from")
    until = rule.effective_to or policy.get("effective_to")
    return [
        ("规则", rule.title),
        ("依据", wording.ground(rule.ground)),
        ("政策", str(policy.get("title", ""))),
        ("来源", str(policy.get("source", ""))),
        ("有效期", f"{since or '—'} 至 {until or '—'}"),
        ("判定", "任一硬性条件不满足即不符合；条件所需数据缺失即待查，未知不视为满足；全部满足为候选。"),
        (
            "得分",
            "各评分项按取值函数得 0–1，乘权重后折合 0–100；未知项不计分，计入得分上限。排名按得分，同分按地块编号。",
        ),
    ]


def tables(rule: Rule, wording: Wording) -> list[tuple[str, list[str], list[list[Any]]]]:
    """Routes, conditions and criteria: of each table its title, its headings, its rows."""
    titles = {route.id: route.title for route in rule.routes}
    routes: list[list[Any]] = [
        [r.title, r.procedure, targets_zh(r.targets), "", "", wording.ground(r.ground)] for r in rule.routes
    ]
    conditions: list[list[Any]] = [
        [*condition_row(wording, titles.get(route or "", _ALL), condition)[:4], "", wording.ground(condition.ground)]
        for route, condition in rule.asked
    ]
    criteria: list[list[Any]] = [
        criterion_row(wording, c, "、".join(titles[name] for name in c.routes) if c.routes else _ALL)
        for c in rule.criteria
    ]
    flags: list[list[Any]] = [
        [_ALL, *condition_row(wording, _ALL, flag)[1:4], flag.procedure, wording.ground(flag.ground)]
        for flag in rule.flags
    ]
    found = [
        ("硬性条件", ["适用路径", "条件", "指标", "要求", "", "依据"], conditions),
        ("评分项", ["适用路径", "评分项", "指标", "权重", "取值函数（指标→分值）", "依据"], criteria),
    ]
    if flags:
        heads = ["适用路径", "提示", "指标", "出现条件", "增加的程序", "依据"]
        found.insert(1, ("提示（不改变判定）", heads, flags))
    if routes:
        found.insert(0, ("路径与程序", ["路径", "程序", "目标用地代码", "", "", "依据"], routes))
    return [each for each in found if each[2]]


def _table(sheet: Worksheet, line: int, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    for number, text in enumerate(heads, start=1):
        styles.head(sheet.cell(line, number), text)
    _join(sheet, line, heads)
    for row in rows:
        line += 1
        lines = 1
        for number, value in enumerate(row, start=1):
            styles.fill(sheet.cell(line, number), value if value != "" else None, "weight")
            lines = max(lines, styles.lines(value, _WIDTHS[number - 1]))
        sheet.row_dimensions[line].height = styles.height(lines)
        _join(sheet, line, heads)
    return line + 1


def _join(sheet: Worksheet, line: int, heads: Sequence[str]) -> None:
    """Join the cells under an empty heading with the one before."""
    first = 1
    for number in range(2, len(heads) + 2):
        if number <= len(heads) and not heads[number - 1]:
            continue
        if number - first > 1:
            sheet.merge_cells(start_row=line, end_row=line, start_column=first, end_column=number - 1)
        first = number

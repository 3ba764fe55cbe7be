"""The list of candidates as a report for a meeting: summary, table, and one page a candidate with a small map."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from docx.document import Document as Report
from docx.shared import Cm, Pt

from geo.export.candidate_list import listings, rows_by_verdict, summary, told_reasons
from geo.export.little_map import LittleMaps
from geo.export.plain import DATA_MARK
from geo.export.report_parts import (
    HEAD_FONT,
    RED,
    TEXT_WIDTH,
    header_and_footer,
    heading,
    keep_stamp,
    line,
    new_report,
    table,
)
from geo.export.rule_sheet import about, tables
from geo.export.stamps import Stamp, for_people, kept_zh
from geo.export.wording import Wording
from geo.fields.headings import OPINION_HEADS
from geo.fields.results import WORDS
from geo.fields.values import grouped
from geo.fields.words import in_words
from geo.units import to_mu

#: candidates that have a page of their own, and lines of the table; the workbook has them all
MOST_PAGES = 200
MOST_LINES = 1_000
#: conditions and flags that have room below a map as wide as the text, and by how many cm each more makes it narrower
_LINES_BESIDE, _MAP_FOR_A_LINE, _SMALLEST_MAP = 5, 1.6, 7.0

Row = Mapping[str, Any]
Layers = Mapping[str, gpd.GeoDataFrame]


def write_report(frame: pd.DataFrame, path: Path, stamp: Stamp, *, layers: Layers | None = None) -> None:
    """Write judged rows as a Word file; ``layers`` are drawn on the maps, which want shapes.

    A layer ``parcels`` is drawn as neighbours in the place of the frame's own rows; it is judged and holds them.
    """
    wording = Wording.of(stamp)
    synthetic = bool(stamp.get("synthetic")) or "data_mark" in frame
    title = wording.rule.title if wording.rule else str(stamp["rule"])
    unit, secrecy = str(stamp.get("unit") or ""), str(stamp.get("secrecy") or "")
    report = new_report(f"{title}　候选地块报告", unit)
    header_and_footer(report, title, secrecy, synthetic)
    _title_page(report, title, unit, secrecy, stamp, synthetic)
    rows = rows_by_verdict(frame)
    _summary(report, frame, rows, wording)
    top = int(stamp.get("top") or MOST_LINES)
    _table(report, rows["candidate"], wording, min(top, MOST_LINES))
    land = (layers or {}).get("parcels", frame)
    maps = LittleMaps(land, layers or {}, synthetic=synthetic) if isinstance(land, gpd.GeoDataFrame) else None
    pages = rows["candidate"][: min(top, MOST_PAGES)]
    for number, row in enumerate(pages):
        _page(report, row, wording, maps, left=len(rows["candidate"]) - len(pages), first=number == 0)
    _grounds(report, wording, stamp, synthetic)
    keep_stamp(report, json.dumps(dict(stamp), default=str))
    report.save(str(path))


def _title_page(report: Report, title: str, unit: str, secrecy: str, stamp: Stamp, synthetic: bool) -> None:
    line(report, f"密级：{secrecy or '＿＿＿＿'}", size=12)
    for _ in range(6):
        report.add_paragraph()
    line(report, title, size=26, bold=True, centre=True, font=HEAD_FONT)
    line(report, "候选地块报告", size=22, bold=True, centre=True, font=HEAD_FONT)
    if synthetic:
        line(report, f"{DATA_MARK}，不得作为正式结论", size=16, bold=True, centre=True, colour=RED)
    for _ in range(10):
        report.add_paragraph()
    run = [f"运行编号：{stamp['run_id']}"] if "run_id" in stamp else []
    for text in (
        f"编制单位：{unit or '＿＿＿＿＿＿＿＿＿＿'}",
        f"数据日期：{stamp.get('as_of', '')}",
        *run,
        f"政策：{stamp.get('policy', '')}",
        *([f"只列：{kept}"] if (kept := kept_zh(stamp)) else []),
    ):
        line(report, text, size=13, centre=True)


def _summary(report: Report, frame: pd.DataFrame, rows: Mapping[str, list[dict[str, Any]]], wording: Wording) -> None:
    heading(report, "一、概况", 1, new_page=True)
    chosen = rows["candidate"]
    line(report, f"本次共研判地块 {len(frame)} 个：{summary(rows)}。")
    areas = [row["site_area_m2"] for row in chosen if row.get("site_area_m2") is not None]
    if chosen:
        line(
            report,
            f"候选地块用地面积合计 {grouped(sum(areas))} ㎡（约 {grouped(to_mu(sum(areas)), 1)} 亩）"
            + (f"，另有 {len(chosen) - len(areas)} 个面积未知。" if len(areas) < len(chosen) else "。"),
        )
    for name, head in (("zone", "片区"), ("route", "路径")):
        counts: dict[str, int] = {}
        for row in chosen:
            value = row.get(name)
            word = wording.route(value)[0] if name == "route" else in_words(name, str(value), wording.zones)
            counts[word if value else "未知"] = counts.get(word if value else "未知", 0) + 1
        if set(counts) - {"未知"}:
            line(report, f"按{head}：" + "、".join(f"{word} {n} 个" for word, n in counts.items()) + "。")
    (survey,) = [listing for listing in listings(frame, wording) if listing.verdict == "unknown"]
    if rows["unknown"]:
        line(report, f"需调查 {len(rows['unknown'])} 个：{survey.note}")
    everything = [row for group in rows.values() for row in group]
    said = [row for row in everything if row.get("opinion")]
    parted = [row for row in everything if row.get("opinion_differs") == "yes"]
    if said:
        line(report, f"已有人工意见 {len(said)} 个，其中与系统判定不一致 {len(parted)} 个。人工意见不改变系统判定。")
    if parted:
        heads = ["地块编号", "系统判定", "人工意见", "理由", "填写人"]
        told = [
            [
                row["parcel_code"],
                WORDS.get(row["verdict"], row["verdict"]),
                in_words("opinion", row["opinion"], {}),
                row.get("opinion_reason"),
                row.get("opinion_by"),
            ]
            for row in parted[:MOST_LINES]
        ]
        table(report, heads, told, (3.4, 2.2, 2.2, 6.4, 2.4))


def _table(report: Report, rows: Sequence[Row], wording: Wording, most: int) -> None:
    heading(report, "二、候选清单", 1)
    if not rows:
        line(report, "没有候选地块。")
        return
    if len(rows) > most:
        line(report, f"仅列前 {most} 个，其余 {len(rows) - most} 个见工作簿。")
    heads = ["排名", "地块编号", "片区", "用地面积（㎡）", "得分", "路径", "目标用地代码", "人工意见", "不一致"]
    cells = [
        [
            row.get("rank"),
            row["parcel_code"],
            in_words("zone", str(row["zone"]), wording.zones) if row.get("zone") else "",
            _figure(row.get("site_area_m2")),
            _score(row),
            wording.route(row.get("route"))[0],
            wording.targets(row.get("route"), row.get("target_codes")),
            in_words("opinion", str(row["opinion"]), {}) if row.get("opinion") else "",
            in_words("opinion_differs", str(row["opinion_differs"]), {}) if row.get("opinion_differs") else "",
        ]
        for row in rows[:most]
    ]
    table(report, heads, cells, (1.0, 2.5, 2.4, 1.7, 1.9, 1.6, 3.0, 1.3, 1.2), size=8.5, numbers=(0, 3, 4))


def _page(report: Report, row: Row, wording: Wording, maps: LittleMaps | None, *, left: int, first: bool) -> None:
    if first:
        # In the heading, which stands where a page begins that has no line to spare.
        heading(report, f"三、逐块说明{f'（其余 {left} 个候选见工作簿）' if left else ''}", 1, new_page=True)
    name = f"　{row['name']}" if row.get("name") else ""
    heading(report, f"{row.get('rank')}．{row['parcel_code']}{name}", 2, new_page=not first)
    route, procedure = wording.route(row.get("route"))
    zone = in_words("zone", str(row["zone"]), wording.zones) if row.get("zone") else "未知"
    figures: list[list[Any]] = [
        ["片区", zone, "供地状态", _word("supply_status", row)],
        ["用地性质", _word("land_use", row), "用地面积", _figure(row.get("site_area_m2"), "㎡")],
        [
            "建筑面积",
            _figure(row.get("gfa_m2"), "㎡"),
            "容积率 现状 / 上限",
            f"{_far(row, 'far')} / {_far(row, 'max_far')}",
        ],
        ["得分（0–100）", _score(row), "排名", row.get("rank")],
        ["路径", route or "—", "目标用地代码", wording.targets(row.get("route"), row.get("target_codes")) or "—"],
    ]
    table(report, [], figures, (2.8, 5.5, 3.3, 5.0))
    if procedure:
        line(report, f"程序：{procedure}", size=9.5).paragraph_format.space_before = Pt(3)
    for told in wording.flags(row.get("flags")):
        line(report, f"提示：{told}", size=9.5)
    if maps is not None:
        paragraph = line(report, "", centre=True)
        paragraph.add_run().add_picture(
            io.BytesIO(maps.draw(str(row["parcel_code"]))), width=Cm(_map_width(row, wording))
        )
    reasons = [(reason, "符合") for reason in told_reasons(row, "pass")]
    table(
        report,
        ["条件", "现状", "要求", "结果", "依据"],
        [
            [
                wording.title(str(r["condition"]), str(r["field"])),
                wording.found(r),
                wording.asked(r),
                word,
                wording.ground(r.get("clause")),
            ]
            for r, word in reasons
        ],
        (3.4, 2.7, 3.3, 1.2, 6.0),
        size=8,
    )
    parts = [part for part in row.get("contributions") or () if part.get("applies", True)]
    if parts:
        told = "；".join(wording.contribution_whole(part) for part in parts)
        line(report, f"得分构成：{told}。", size=8).paragraph_format.space_before = Pt(3)
    _opinion(report, row)


def _map_width(row: Row, wording: Wording) -> float:
    """The width of the map in cm: less where more is told, so that a candidate stays on one page."""
    told = len(told_reasons(row, "pass")) + len(wording.flags(row.get("flags")))
    return max(_SMALLEST_MAP, TEXT_WIDTH - 0.3 - _MAP_FOR_A_LINE * max(0, told - _LINES_BESIDE))


def _opinion(report: Report, row: Row) -> None:
    told = {head: row.get(name) for name, head in OPINION_HEADS.items()}
    if row.get("opinion"):
        told["人工意见"] = in_words("opinion", str(row["opinion"]), {})
    if row.get("opinion_differs"):
        differs = in_words("opinion_differs", str(row["opinion_differs"]), {})
        told["人工意见"] = f"{told['人工意见']}（与系统判定不一致：{differs}）"
    texts = ["" if value is None else str(value) for value in told.values()]
    opinion, reason, survey, by, on = texts
    cells = [
        ["人工意见", opinion or "□ 同意　□ 不同意　□ 待定", "填写人 / 日期", " / ".join(t for t in (by, on) if t)],
        ["理由", reason, "踏勘结果", survey],
    ]
    for each in table(report, [], cells, (2.0, 6.3, 2.6, 5.7)).rows:
        each.height = Cm(1.1)  # at least: room to write in by hand


def _grounds(report: Report, wording: Wording, stamp: Stamp, synthetic: bool) -> None:
    heading(report, "附：规则与依据", 1, new_page=True)
    if wording.rule is not None:
        table(report, [], about(wording.rule, wording, stamp), (2.4, 14.2))
        for title, heads, rows in tables(wording.rule, wording):
            laid = line(report, title, bold=True).paragraph_format
            laid.space_before, laid.keep_with_next = Pt(8), True
            kept = [n for n, head in enumerate(heads) if head]
            wide = {"依据": 2.2, "取值函数（指标→分值）": 1.5, "程序": 1.5}
            shares = [wide.get(heads[n], 0.7 if heads[n] == "权重" else 1.0) for n in kept]
            widths = [TEXT_WIDTH * share / sum(shares) for share in shares]
            table(report, [heads[n] for n in kept], [[row[n] for n in kept] for row in rows], widths, size=8)
    heading(report, "附：运行信息", 1, new_page=True)
    told = [[name, value] for name, value in for_people(stamp, synthetic=synthetic)]
    told = [
        [name, {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value]
        for name, value in told
    ]
    table(report, [], told, (4.0, 12.6))


def _figure(value: Any, unit: str = "") -> str:
    return "未知" if value is None else f"{grouped(value)}{' ' + unit if unit else ''}"


def _far(row: Row, name: str) -> str:
    return "未知" if row.get(name) is None else grouped(row[name], 2)


def _word(name: str, row: Row) -> str:
    return in_words(name, str(row[name]), {}) if row.get(name) else "未知"


def _score(row: Row) -> str:
    low, high = row.get("score"), row.get("score_high")
    if low is None:
        return "—"
    ends = [grouped(end, 1) for end in (low, high) if end is not None]
    return "–".join(dict.fromkeys(ends))

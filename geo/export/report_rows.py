"""A report of candidates read back as rows: what its list and its pages say of each, and what the summary says of all.

Sections and pages are known by their headings' words, not by their styles, which other programs name anew.  Maps are
pictures and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from geo.errors import ReadError
from geo.fields.headings import OPINION_HEADS
from geo.fields.results import heading
from geo.intake.word import Block, WordFile

#: the row that stands for what the summary says of all parcels
SUMMARY_ROW = "（概况）"
SUMMARY, LIST, PAGES, ANNEX = "一、概况", "二、候选清单", "三、逐块说明", "附："
CODE = heading("parcel_code").zh
#: what the office fills in, and what is told of it
_OFFICE = {*OPINION_HEADS.values(), "不一致", "填写人 / 日期"}
_OPINIONS_TOLD = "已有人工意见"
_PAGE = re.compile(r"\d+．([^　]+)(?:　(.*))?")
_CONDITION = "条件"


def report_rows(name: str, found: WordFile) -> list[dict[str, Any]]:
    """One row a candidate, and one of :data:`SUMMARY_ROW`; what an office filled in is left out.

    Raises
    ------
    ReadError
        It has not the sections of a report.
    """
    sections: dict[str, list[Block]] = {}
    at: list[Block] = []
    for block in found.blocks:
        start = next((title for title in (SUMMARY, LIST, PAGES, ANNEX) if block.text.startswith(title)), None)
        if start is not None:
            at = sections[start] = []
        else:
            at.append(block)
    if SUMMARY not in sections or LIST not in sections:
        raise ReadError(f"{name} has no section {SUMMARY} and {LIST}.", "Take the report as it was given out.")
    rows = {SUMMARY_ROW: {CODE: SUMMARY_ROW} | _numbered(sections[SUMMARY])}
    twice: list[dict[str, Any]] = []
    for block in sections[LIST]:
        for row in _table_rows(block):
            # A code that stands twice is told as such by whoever compares.
            twice.append(row) if row.get(CODE, "") in rows else rows.update({row.get(CODE, ""): row})
    for code, blocks in _pages(sections.get(PAGES, [])):
        rows.setdefault(code, {CODE: code}).update(_page(blocks))
    return [*rows.values(), *twice]


def _numbered(blocks: list[Block]) -> dict[str, str]:
    told = [block.text for block in blocks if block.text and not block.text.startswith(_OPINIONS_TOLD)]
    return {f"{SUMMARY}{number}": text for number, text in enumerate(told, start=1)}


def _table_rows(block: Block) -> Iterator[dict[str, Any]]:
    if block.cells:
        heads, *lines = block.cells
        for line in lines:
            yield {head: cell for head, cell in zip(heads, line, strict=False) if head not in _OFFICE}


def _pages(blocks: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    """The blocks of each candidate's page by its code, the heading first."""
    code, page = "", list[Block]()
    for block in blocks:
        match = _PAGE.fullmatch(block.text) if block.cells is None else None
        if match:
            if page:
                yield code, page
            code, page = match[1], []
        page.append(block)
    if page:
        yield code, page


def _page(blocks: list[Block]) -> dict[str, str]:
    found = {"页题": blocks[0].text}
    for block in blocks[1:]:
        if block.cells is None:
            name, mark, text = block.text.partition("：")
            name = name if mark else "其他"
            if block.text:
                found[name] = f"{found[name]}\n{text or block.text}" if name in found else text or block.text
        elif block.cells[0][0] == _CONDITION:
            heads = block.cells[0]
            for line in block.cells[1:]:
                found |= {f"{line[0]} {head}": cell for head, cell in zip(heads[1:], line[1:], strict=False)}
        else:
            pairs = [pair for line in block.cells for pair in zip(line[::2], line[1::2], strict=False)]
            # The list has some of these figures, too: there they are looked at apart.
            found |= {f"页 {name}": cell for name, cell in pairs if name not in _OFFICE}
    return found

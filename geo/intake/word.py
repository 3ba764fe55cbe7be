"""A report of ours read back: what stands in a Word file, block by block, and the stamp that lies inside."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from geo.fields.headings import STAMP_NAMESPACE
from geo.intake.archives import BROKEN, WORKBOOK_BYTES, check_archive
from geo.intake.broken import COPY, not_what_it_says
from geo.intake.report import Step, unheard

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STAMP = f"{{{STAMP_NAMESPACE}}}stamp"
_TEXT = "word/document.xml"


@dataclass(frozen=True)
class Block:
    """A paragraph, or a table as its cells line by line."""

    text: str
    cells: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True)
class WordFile:
    """The blocks of a Word file in order, and the stamp inside as text, empty where there is none."""

    blocks: tuple[Block, ...]
    stamp: str


def word_file(file: Path, _: Step = unheard) -> WordFile:
    """What stands in a Word file.

    Raises
    ------
    ReadError
        It is no Word file, is broken, or unpacks to more than any report of ours.
    """
    check_archive(file, WORKBOOK_BYTES)
    try:
        with zipfile.ZipFile(file) as archive:
            body = ET.fromstring(archive.read(_TEXT)).find(f"{_W}body")
            stamps = [
                ET.fromstring(archive.read(name))
                for name in archive.namelist()
                if name.startswith("customXml/item") and name.endswith(".xml")
            ]
    except (*BROKEN, KeyError, ET.ParseError):
        raise not_what_it_says(file, "Word file", "its text cannot be read", COPY) from None
    blocks = [
        _block(element) for element in (body if body is not None else ()) if element.tag in (f"{_W}p", f"{_W}tbl")
    ]
    stamp = next((str(found.text or "") for found in stamps if found.tag == _STAMP), "")
    return WordFile(tuple(blocks), stamp)


def _block(element: ET.Element) -> Block:
    if element.tag == f"{_W}p":
        return Block(_text(element))
    rows = tuple(tuple(_text(cell) for cell in row.iter(f"{_W}tc")) for row in element.iter(f"{_W}tr"))
    return Block("", rows)


def _text(element: ET.Element) -> str:
    marks = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}p": "\n"}
    parts = [part.text or "" if part.tag == f"{_W}t" else marks.get(part.tag, "") for part in element.iter()]
    return "".join(parts).strip()

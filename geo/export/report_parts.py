"""Parts of a Word file: Chinese fonts, tables that fit the page, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Report
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from geo.export.book_styles import clean
from geo.export.plain import DATA_MARK
from geo.fields.headings import STAMP_NAMESPACE

FONT, HEAD_FONT = "宋体", "黑体"
RED = RGBColor(0xB4, 0x23, 0x18)
_DATA_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
#: between the margins of an A4 page, in cm
TEXT_WIDTH = 21.0 - 2 * 2.2


def new_report(title: str, unit: str) -> Report:
    """An empty A4 report with Chinese fonts; its properties say what it is and whose."""
    report = Document()
    section = report.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
    for name, font, size in (("Normal", FONT, 10.5), ("Heading 1", HEAD_FONT, 16), ("Heading 2", HEAD_FONT, 13)):
        style = report.styles[name]
        _fonts(style.element, font)
        style.font.size = Pt(size)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.font.bold = True
    # Without it a comma stands in the middle of its square, as in Taiwan.
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties = report.styles["Normal"].element.get_or_add_rPr()
    properties.append(language)
    spacing = report.styles["Normal"].paragraph_format
    spacing.space_after, spacing.line_spacing = Pt(4), 1.15
    core = report.core_properties
    core.title, core.author, core.comments = clean(title), clean(unit) or "双北", ""
    return report


def keep_stamp(report: Report, stamp: str) -> None:
    """Put the stamp into the file as a part of its own, where programs that save the report anew leave it as it is.

    A property would be the other place, but Word shows and types 255 characters of one, and a stamp has the whole policy.
    """
    item = f'<stamp xmlns="{STAMP_NAMESPACE}">{escape(stamp)}</stamp>'
    package = report.part.package
    folder = PackURI("/customXml")
    taken = {str(part.partname) for part in package.iter_parts()}
    number = next(n for n in count(1) if f"{folder}/item{n}.xml" not in taken)
    data = Part(PackURI(f"{folder}/item{number}.xml"), CT.XML, item.encode(), package)
    mark = "{" + str(uuid5(NAMESPACE_URL, STAMP_NAMESPACE)).upper() + "}"
    known = f'<ds:datastoreItem xmlns:ds="{_DATA_STORE}" ds:itemID="{mark}"/>'
    about = PackURI(f"{folder}/itemProps{number}.xml")
    data.relate_to(Part(about, CT.OFC_CUSTOM_XML_PROPERTIES, known.encode(), package), RT.CUSTOM_XML_PROPS)
    report.part.relate_to(data, RT.CUSTOM_XML)


def _fonts(element: Any, font: str) -> None:
    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)


def header_and_footer(report: Report, title: str, secrecy: str, synthetic: bool) -> None:
    """Above each page what it is, how secret, and if it is invented; below its number."""
    section = report.sections[0]
    told = [title, DATA_MARK + "，不得作为正式结论" if synthetic else "", f"密级：{secrecy}" if secrecy else ""]
    above = section.header.paragraphs[0]
    run = above.add_run(clean("　　".join(part for part in told if part)))
    run.font.size = Pt(9)
    below = section.footer.paragraphs[0]
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, code in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
        below.add_run(text).font.size = Pt(9)
        if code:
            _field(below, code)


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def heading(report: Report, text: str, level: int, *, new_page: bool = False) -> None:
    """A heading, on a new page if wanted."""
    report.add_heading(clean(text), level).paragraph_format.page_break_before = new_page


def line(
    report: Any,
    text: str,
    *,
    size: float | None = None,
    bold: bool = False,
    colour: RGBColor | None = None,
    centre: bool = False,
    font: str | None = None,
) -> Any:
    """A paragraph of one text."""
    paragraph = report.add_paragraph()
    run = paragraph.add_run(clean(text))
    run.bold = bold
    if size:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    if font:
        _fonts(run._element, font)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def table(
    report: Any,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    *,
    size: float = 9,
    numbers: Sequence[int] = (),
) -> Any:
    """A table with repeated headings; ``widths`` in cm, ``numbers`` the columns that stand to the right."""
    made = report.add_table(rows=len(rows) + bool(heads), cols=len(widths), style="Table Grid")
    made.autofit = False
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Cm(width)  # LibreOffice goes by these, Word by those of the cells
    content = ([list(heads)] if heads else []) + [list(row) for row in rows]
    for number, (row, texts) in enumerate(zip(made.rows, content, strict=True)):
        head = bool(heads) and number == 0
        _keep(row, head)
        for column, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width = Cm(width)
            label = head or (not heads and column % 2 == 0)
            _cell(cell, text, size, bold=label, right=not head and column in numbers)
            if label:
                _shade(cell, "E6ECF2")
    return made


def _cell(cell: Any, text: Any, size: float, *, bold: bool, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.line_spacing = 1.0
    run = paragraph.add_run(clean("" if text is None else str(text)))
    run.font.size, run.bold = Pt(size), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _keep(row: Any, head: bool) -> None:
    """A row stays on one page, and headings come again on each."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if head else [])):
        properties.append(OxmlElement(name))


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shade)

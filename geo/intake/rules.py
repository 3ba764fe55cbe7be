"""Every rule that a row of a file is held against: one table for checks, workbook and documentation.

No fault is made but by a rule that stands here, and its severity is the rule's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.fields.faults import Severity


@dataclass(frozen=True)
class IntakeRule:
    """One rule: its severity, what it says is wrong (``zh``, ``en``), and what an office does about it (``mend_zh``)."""

    severity: Severity
    zh: str
    en: str
    mend_zh: str


def _error(zh: str, en: str, mend_zh: str) -> IntakeRule:
    return IntakeRule("error", zh, en, mend_zh)


def _warning(zh: str, en: str, mend_zh: str) -> IntakeRule:
    return IntakeRule("warning", zh, en, mend_zh)


_UNREAD = "填写可识别的值，或留空"
_LIMIT = "核对数值与单位"
_DRAW = "重新绘制图形"

RULES: dict[str, IntakeRule] = {
    # cells
    "required": _error("必填项为空", "a column that may not be empty", "补填"),
    "not_a_number": _error("不是数字", "the cell is not one number; nothing is guessed", _UNREAD),
    "not_a_integer": _error("不是整数", "the cell is not one whole number", _UNREAD),
    "not_a_date": _error("不是日期", "the cell is not one day", "按 2025-03-07 的样式填写，或留空"),
    "not_a_boolean": _error("不是“是/否”", "the cell is neither yes nor no", "填“是”或“否”"),
    "not_text": _error("含无法保存的字符", "a character that cannot be stored", "重新录入该单元格"),
    "below_limit": _error("数值过小，不可能", "less than is possible (an area of 0, a negative floor area)", _LIMIT),
    "above_limit": _error("数值过大，不可能", "more than is possible (a share over 1, a FAR over 50)", _LIMIT),
    "limit_not_value": _error(
        "写的是上下限，不是数值", "`≤2.5` where one number is wanted", "填写一个确定的数，或留空"
    ),
    "range_not_value": _error(
        "写的是区间，不是数值", "`2.0~2.5` where one number is wanted", "填写一个确定的数，或留空"
    ),
    "wrong_unit": _error("单元格内的单位不符", "a unit inside the cell that is none of the column's kind", "改正单位"),
    "not_known": _warning(
        "“现状”“待定”等字样按未知处理", "words such as 现状, 待定 in a number column: not known", "如有数值请补填"
    ),
    "range_end": _warning("区间取其上限", "in a column that holds a limit, of a range the upper end", "核对上限"),
    "other_limit": _warning(
        "所写不是上限", "in a column that holds an upper limit, a lower one says nothing", "补填上限"
    ),
    "unit_in_cell": _warning("单元格内自带单位，按其换算", "a unit inside the cell, which is taken", "全列统一单位"),
    "serial_date": _warning(
        "数字按电子表格日期序号读取", "a number in a column of days: its serial day", "将该列设为日期格式"
    ),
    "unknown_choice": _error(
        "不在可选值之内", "a value that the catalogue does not list", "改为可选值，或在映射文件中对应"
    ),
    "unmapped_value": _error(
        "映射文件未列出此值", "a value that the mapping does not translate", "在映射文件 values 中补列"
    ),
    "unknown_code": _error(
        "用地代码不在所用代码表内", "a land-use code that the named table does not list", "核对代码或代码表"
    ),
    "unknown_table": _error(
        "没有这个用地代码表", "a row that names a code table that is not known", "改为已有的代码表"
    ),
    "land_use_unreadable": _error(
        "用地代码无法拆分，或份额之和超过 1",
        "a land-use cell that cannot be taken apart; shares over 1",
        "按 C2(60%)C8(40%) 的样式填写",
    ),
    "date_in_text": _error(
        "编号被电子表格改成了日期", "a code that a spreadsheet turned into a date (03-12)", "将该列设为文本后重新录入"
    ),
    "no_text": _error(
        "文字被电子表格改成了公式或错误值",
        "words that a spreadsheet took for a formula, or an error in their place",
        "将单元格设为文本后重新录入",
    ),
    # rows
    "duplicate_key": _error("编号重复", "the same code in several rows; which one holds cannot be told", "只保留一行"),
    "synthetic_code": _error(
        "演示数据标记与来源不符",
        "invented data without 演示-, or 演示- on data that is not",
        "改编号，或在映射文件中注明 synthetic",
    ),
    "future_date": _error("日期晚于今天", "completed, recognised, delisted or built after today", "核对日期"),
    "far_impossible": _error("建筑面积超过图形面积的 50 倍", "floor area of more than 50 times the drawn area", _LIMIT),
    "shares_over_one": _error(
        "份额之和超过 1", "carriers' shares of one parcel or building that sum to more than 1", "核对各份额"
    ),
    # shapes
    "geometry_missing": _error("没有图形", "no shape where the kind needs one", _DRAW),
    "geometry_empty": _error("图形为空", "an empty shape where the kind needs one", _DRAW),
    "geometry_unreadable": _error("图形无法读取", "a shape that cannot be read", "填写 WKT 或经纬度数字"),
    "wrong_geometry": _error("图形类型不符", "a line where an area is wanted, and so on", _DRAW),
    "not_finite": _error("坐标不是有限数", "NaN or infinite coordinates", _DRAW),
    "outside_datum": _error(
        "坐标超出所称坐标系的范围", "coordinates that the named datum cannot hold", "核对坐标系与坐标轴顺序"
    ),
    "invalid_geometry": _error(
        "图形自相交，修复会使面积改变 0.1 % 以上",
        "a shape whose mending would change its area by more than 0.1 %",
        _DRAW,
    ),
    "no_area": _error("图形面积为零", "an outline that encloses nothing", _DRAW),
    "open_outline": _error("线未闭合", "a line that nobody closed where an outline is wanted", "闭合多段线"),
    "several_texts": _error("一个图形内有多条文字", "several texts of a drawing inside one outline", "只留一条文字"),
    # several files or sheets
    "no_outline": _error(
        "图形文件中没有此编号", "a row whose code has no outline in the other file", "补绘图形，或改编号"
    ),
    "no_attributes": _error(
        "属性表中没有此编号",
        "an outline, or a row, whose code the other file does not have",
        "在属性表中补行，或改编号",
    ),
    "no_parcel": _error(
        "用地构成表中的编号不在地块表中",
        "a use of a parcel that the parcels' own table does not have",
        "改编号，或补地块",
    ),
    "not_registered": _error(
        "库中没有此编号",
        "new attributes of a code that is not registered on the day",
        "核对编号与生效日期，或连同图形导入",
    ),
    "registered_later": _error(
        "库中已有更晚生效的版本", "new attributes from a day before the code's newest version", "改用更晚的生效日期"
    ),
    "outline_unknown": _warning(
        "图形文件中没有此编号，图形未知",
        "the same where the kind needs no outline: it stays unknown",
        "补绘图形，或改编号",
    ),
    "left_over": _warning(
        "另一文件中有未用到的行",
        "outlines, or rows, of the other file that no row asks for: not imported",
        "核对是否应导入",
    ),
    "spelled_differently": _warning(
        "两处编号写法不同，按同一编号处理", "one code in two spellings (full width, white space)", "统一写法"
    ),
    "joined_differs": _warning(
        "两个文件的同名列不一致", "a column that both files have, and that they fill differently", "核对以哪个文件为准"
    ),
    "becomes_unknown": _warning(
        "库中有值，表中为空，将改为未知",
        "an empty cell in a column that is brought anew: the registered value goes",
        "补填，或在映射文件中去掉该列",
    ),
    "no_uses": _warning(
        "用地构成表中没有此地块，用地性质未知",
        "a parcel that the sheet of uses does not name: its uses are unknown",
        "补填",
    ),
    "uses_area_differs": _warning(
        "各用地面积之和与用地面积不符",
        "areas of uses that do not sum to the registered area (area_tolerance)",
        "核对面积",
    ),
    "curves_linearised": _warning("圆弧按弦线近似", "arcs that were drawn as chords", "如需精确请重绘为折线"),
    "repaired": _warning("图形已自动修复", "a shape that was mended", "核对修复后的图形"),
    "pieces_dropped": _warning("图形中的点、线已舍去", "a shape that lost pieces that are no areas", "核对图形"),
    # what hangs together
    "datum_suspect": _error(
        "坐标系可疑",
        "what is registered speaks against the file's datum (a warning where weak, or trusted)",
        "核对坐标系（--crs）",
    ),
    "unknown_reference": _warning(
        "所指编号未登记",
        "a building's parcel, or a carrier's building, that is not registered",
        "先导入所指对象，或改编号",
    ),
    "duplicate_shape": _warning("与另一行图形相同", "the same outline under another code", "核对是否重复录入"),
    "overlap": _warning(
        "与本文件另一图形重叠", "it overlaps another row by more than the policy's overlap_area", "核对界线"
    ),
    "overlap_registered": _warning(
        "与已登记地块重叠", "it overlaps registered land by more than overlap_area", "核对界线，或原地块是否已撤销"
    ),
    "sliver_overlap": _warning(
        "与相邻图形有窄条重叠", "an overlap narrower than the policy's sliver_width", "接边，使界线重合"
    ),
    "sliver_gap": _warning(
        "与相邻图形有窄缝", "a gap narrower than sliver_width, larger than overlap_area", "接边，使界线重合"
    ),
    "sliver": _warning("图形本身是窄条", "an outline that is itself narrower than sliver_width", "核对是否为碎片"),
    "too_many_points": _warning(
        "图形的点过多，未与相邻图形核对",
        "an outline of over 5,000 points: it was not held against its neighbours",
        "拆分或简化图形，自行核对界线",
    ),
    "area_differs": _warning(
        "登记面积与图形面积不符",
        "registered against drawn area beyond the policy's area_tolerance",
        "核对面积、单位与图形",
    ),
    "far_differs": _warning(
        "现状容积率与计容建筑面积不符",
        "built FAR against countable floor area / site area beyond far_tolerance",
        "核对容积率与计容建筑面积",
    ),
    "unit_suspicious": _warning(
        "面积单位可疑", "the column's median would fit another unit better", "核对映射文件中的单位"
    ),
    # rows that are tried again
    "newer_registered": _error(
        "其后的导入已有此编号",
        "a row tried again whose code a later import has brought",
        "退回不再处理（--dismiss），或用 --effective 说明自何日起生效",
    ),
    "newer_before": _warning(
        "其后的导入已有此编号，自所定之日起改用本行",
        "a later import has brought the code; with --effective this row follows it",
        "核对两者，以何为准",
    ),
    "left_out": _error(
        "改后被映射文件排除", "a row that, as it was mended, the mapping leaves out", "改回原值，或退回不再处理"
    ),
    "not_checked": _warning(
        "政策文件没有 [intake]，未查重叠与容差",
        "the policy has no section [intake]: what wants its tolerances was not checked",
        "在政策文件中补列",
    ),
}

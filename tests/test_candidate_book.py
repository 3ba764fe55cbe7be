"""The list that an office signs: what stands on which sheet, that cells have their types, and that it prints."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from office import printed, sizes_printed
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from routed_policy import RULE, routed_policy

import geo
from geo.database import Database
from geo.errors import SettingsError
from geo.export.book_styles import pages_across
from geo.export.wording import amount
from geo.fields.measures import MEASURES
from geo.fields.results import is_restricted
from geo.judge.survey import needs_survey
from geo.policy import Policy

SHEETS = ["候选清单", "需调查", "不符合及原因", "规则与依据", "运行信息", "复算信息"]
LISTS = {"候选清单": "candidate", "需调查": "unknown", "不符合及原因": "no"}
EVIL = '=HYPERLINK("http://x","y")'


@pytest.fixture
def policy() -> Policy:
    return routed_policy()


@pytest.fixture
def judged(city: Database, policy: Policy) -> gpd.GeoDataFrame:
    found: gpd.GeoDataFrame = geo.candidates(city, policy, rule=RULE)
    return found


@pytest.fixture
def book(judged: gpd.GeoDataFrame, tmp_path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(geo.export(judged, tmp_path / "候选清单.xlsx", unit="某局", secrecy="内部"))


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows under the headings, which stand in line 4."""
    heads = [str(cell.value).replace("\n", "") for cell in sheet[4]]
    return [dict(zip(heads, line, strict=True)) for line in sheet.iter_rows(min_row=5, values_only=True) if any(line)]


def above(sheet: Worksheet) -> str:
    """The line over the headings."""
    return "".join(str(cell.value) for cell in sheet[3] if cell.value)


def test_every_parcel_stands_on_the_sheet_of_its_verdict(book: openpyxl.Workbook, judged: gpd.GeoDataFrame) -> None:
    assert book.sheetnames == SHEETS
    assert {"candidate", "unknown", "no"} == set(judged["verdict"]), "or this test shows little"
    for name, verdict in LISTS.items():
        listed = [row["地块编号"] for row in rows(book[name])]
        assert sorted(listed) == sorted(judged.loc[judged["verdict"] == verdict, "parcel_code"])


def test_candidates_stand_by_rank_each_with_route_procedure_and_target_code(
    book: openpyxl.Workbook, judged: gpd.GeoDataFrame, policy: Policy
) -> None:
    listed = rows(book["候选清单"])
    assert [row["排名"] for row in listed] == list(range(1, len(listed) + 1))
    routes = {route.id: route for route in policy.rule(RULE).routes}
    by_code = judged.set_index("parcel_code")
    for row in listed:
        route = routes[by_code.loc[row["地块编号"], "route"]]
        assert (row["路径"], row["程序"]) == (route.title, route.procedure)
        assert [line.split()[0] for line in str(row["目标用地代码"]).split("\n")] == [t.code for t in route.targets]
        assert "规划用途以商办为主：" in str(row["判定依据"])


def test_every_no_has_the_conditions_that_fail_and_every_unknown_what_is_missing(book: openpyxl.Workbook) -> None:
    listed = {row["地块编号"]: row for row in rows(book["不符合及原因"])}
    # S7 is 2,500 m² and the policy asks for 3,000.
    assert "用地面积足够：2,500㎡（要求≥3,000㎡）" in str(listed["S7"]["不符合的条件"])
    assert all(row["不符合的条件"] for row in listed.values())
    unknown = {row["地块编号"]: row for row in rows(book["需调查"])}
    assert unknown
    assert all("未知" in str(row["缺什么"]) for row in unknown.values())


def test_what_to_find_out_first_stands_above_the_list_of_a_rule_that_asks_for_owners_and_leases(
    city: Database, tmp_path: Path
) -> None:
    shipped = geo.policy("hongkou-2025")
    found: gpd.GeoDataFrame = geo.candidates(city, shipped, rule=RULE)
    asked = needs_survey(found, shipped.rule(RULE))
    assert is_restricted("owner_count"), "or this test shows little"
    assert "owner_count" in set(asked["field"])
    sheet = openpyxl.load_workbook(geo.export(found, tmp_path / "a.xlsx"))["需调查"]
    told = above(sheet)
    for field, count in zip(asked["field"], asked["n_unknown"], strict=True):
        assert f"{MEASURES[field].zh}（{count}）" in told
    report = docx.Document(str(geo.export(found, tmp_path / "a.docx")))
    assert any(told.split("个地块。")[1] in paragraph.text for paragraph in report.paragraphs)


@pytest.mark.parametrize("cited", [None, "《某区盘活办法》"])
def test_a_clause_bears_the_name_of_the_policy_s_own_document_and_never_of_another(
    city: Database, policy: Policy, tmp_path: Path, cited: str | None
) -> None:
    theirs = policy.with_changes({"cited_as": cited})
    found = geo.candidates(city, theirs, rule=RULE)
    book = openpyxl.load_workbook(geo.export(found, tmp_path / "a.xlsx"))
    grounds = [row[-1] for row in book["规则与依据"].iter_rows(values_only=True) if row[-1]]
    report = docx.Document(str(geo.export(found, tmp_path / "a.docx")))
    grounds += [row.cells[-1].text for table in report.tables for row in table.rows]
    assert grounds.count(f"{cited or ''}二(三)6") > 2, "of the sheet, of the report's rule and of its candidates"
    assert not [ground for ground in grounds if "行动方案》" in str(ground).split("：")[0]]


def test_ranks_and_counts_are_whole_numbers_in_csv_beside_rows_that_have_none(
    judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    assert judged["rank"].isna().any(), "or this test shows little"
    told = pd.read_csv(geo.export(judged, tmp_path / "a.csv"), dtype=str)
    ranks = told["rank"].dropna()
    assert sorted(map(int, ranks)) == list(range(1, len(ranks) + 1))
    assert not told["n_buildings"].str.contains(".", regex=False).any()


def test_a_route_that_leads_to_no_code_says_that_the_land_keeps_its_own(city: Database, tmp_path: Path) -> None:
    shipped = geo.policy("hongkou-2025")
    found = geo.candidates(city, shipped, rule="low_efficiency_land")
    assert {route.targets for route in shipped.rule("low_efficiency_land").routes} == {()}, "or this test shows little"
    n = int((found["verdict"] == "candidate").sum())
    assert n > 0
    book = openpyxl.load_workbook(geo.export(found, tmp_path / "a.xlsx"))
    assert [row["目标用地代码"] for row in rows(book["候选清单"])] == ["用地代码不变"] * n
    report = docx.Document(str(geo.export(found, tmp_path / "a.docx")))
    cells = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    assert cells.count("用地代码不变") >= 2 * n, "in the table and on the page of each"


@pytest.mark.parametrize("ending", ["csv", "gpkg"])
def test_reasons_in_a_table_are_in_the_office_s_words_each_with_its_route_and_only_with_criteria_that_count(
    city: Database, tmp_path: Path, ending: str
) -> None:
    shipped = geo.policy("hongkou-2025")
    found = geo.candidates(city, shipped, rule=RULE)
    path = geo.export(found, tmp_path / f"a.{ending}")
    listed = (pd.read_csv(path) if ending == "csv" else gpd.read_file(path)).set_index("parcel_code")
    by_land = found.loc[found["route"] == "land", "parcel_code"].iloc[0]
    reasons, points = listed.loc[by_land, "reasons"], listed.loc[by_land, "contributions"]
    assert "位于双北片区内 符合：" in reasons
    assert "（要求属于北外滩现代服务业集聚区、北中环科创产业集聚带；《行动方案》二(三)6）" in reasons
    assert "［土地路径］未供地或已供未建 符合：" in reasons
    assert "［既有建筑路径］已建成 不符合：" in reasons
    assert not [code for code in ("north_", " is ", " in ", ">=", "built", "main_centre") if code in reasons]
    assert "空置率" not in points, "vacancy counts on the other route: what it adds here is nothing, and not unknown"
    assert "权重 2" in points
    assert "提示条件≤50m" in listed.loc[by_land, "flags"]


def test_cells_have_their_types_and_unknown_is_empty(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    said = judged.copy()
    said.attrs = judged.attrs
    first = said["verdict"] == "candidate"
    for name, value in {"opinion": "agree", "opinion_reason": EVIL, "opinion_on": date(2025, 3, 7)}.items():
        said.loc[first, name] = value
    said.loc[first, "gfa_m2"] = float("nan")
    said.loc[first, "name"] = EVIL
    path = geo.export(said, tmp_path / "a.xlsx")
    row = rows(openpyxl.load_workbook(path)["候选清单"])[0]
    assert (row["人工意见"], row["理由"], row["名称"]) == ("同意", EVIL, EVIL)
    assert isinstance(row["填写日期"], date)
    assert isinstance(row["用地面积（㎡）"], float | int)
    assert isinstance(row["得分"], float | int)
    assert isinstance(row["排名"], int)
    assert row["建筑面积（㎡）"] is None, "unknown is an empty cell, not 0"
    with zipfile.ZipFile(path) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    assert "<f>" not in text
    assert "externalLink" not in text


def test_a_figure_is_the_same_in_its_own_cell_and_in_the_words_beside_it() -> None:
    """A cell of 8530.5 m² shows 8,531 in every program."""
    assert [amount(value, "m2") for value in (8530.5, 8531.5, 8530.49, 11770.0)] == [
        *("8,531㎡", "8,532㎡", "8,530㎡", "11,770㎡"),
    ]


def test_what_the_office_fills_in_has_columns_and_a_drop_down(book: openpyxl.Workbook) -> None:
    for name in LISTS:
        sheet = book[name]
        heads = [cell.value for cell in sheet[4]]
        assert heads[-6:] == ["人工意见", "理由", "踏勘结果", "填写人", "填写日期", "与系统判定不一致"]
        (choice,) = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
        assert choice.formula1 == '"同意,不同意,待定"'
        column = sheet.cell(4, heads.index("人工意见") + 1).column_letter
        assert {str(area) for area in choice.sqref.ranges} == {f"{column}5:{column}{sheet.max_row}"}


def test_sheets_are_made_for_a4_and_say_whose_they_are_and_how_secret(book: openpyxl.Workbook) -> None:
    for name in LISTS:
        sheet = book[name]
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
        assert sheet.page_setup.pageOrder == "overThenDown"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$4:$4"
        # Both pages say which parcel a row is.
        assert sheet.cell(4, column_index_from_string(sheet.print_title_cols[-1])).value == "地块编号"
        assert sheet.freeze_panes.endswith("5")
        assert sheet.auto_filter.ref.startswith("A4:")
        assert "&P" in sheet.oddFooter.center.text
        assert sheet.oddHeader.right.text == "密级：内部"
        line = [cell.value for cell in sheet[2]]
        assert {"编制单位：", "某局", "密级：", "内部"} <= set(line)


def test_columns_are_as_wide_as_what_stands_in_them(book: openpyxl.Workbook) -> None:
    """A number that does not fit is ####; a word that does not is broken, and the row must be high enough for it."""
    for name in LISTS:
        sheet = book[name]
        for line in sheet.iter_rows(min_row=5):
            for cell in line:
                width = sheet.column_dimensions[cell.column_letter].width
                if isinstance(cell.value, int | float):
                    assert len(f"{cell.value:,.0f}") + 1 <= width
                elif isinstance(cell.value, str):
                    needed = sum(
                        -(-sum(2 if ord(c) > 0x2E80 else 1 for c in t) // int(width)) for t in cell.value.split("\n")
                    )
                    assert sheet.row_dimensions[cell.row].height >= 13.5 * needed, cell.value


def test_the_rule_stands_with_every_threshold_and_its_ground(book: openpyxl.Workbook, policy: Policy) -> None:
    told = "\n".join(str(value) for line in book["规则与依据"].iter_rows(values_only=True) for value in line if value)
    rule = policy.rule(RULE)
    for item in (*(condition for _, condition in rule.asked), *rule.criteria, *rule.routes):
        assert item.title in told
        assert (item.clause or item.assumption or "?") in told
    for text in ("≥50%", "≥3,000㎡", "C65 ", "M4 ", "控详规划调整 → 产业用地出让", "5亩→0"):
        assert text in told


def test_made_up_land_is_marked_where_it_is_and_nowhere_else(
    book: openpyxl.Workbook, judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    assert not any("演示数据" in str(book[name]["A1"].value) for name in LISTS)
    some = judged.assign(synthetic=judged["parcel_code"] == "S1")
    some.attrs = judged.attrs
    marked = openpyxl.load_workbook(geo.export(some, tmp_path / "b.xlsx"))
    found = {row["地块编号"]: row.get("数据标记") for name in LISTS for row in rows(marked[name])}
    assert {code for code, mark in found.items() if mark} == {"S1"}
    for name in LISTS:
        assert "演示数据" in marked[name]["A1"].value
        assert "演示数据" in marked[name].oddHeader.center.text


def test_the_stamp_is_there_for_people_and_for_programs(
    book: openpyxl.Workbook, judged: gpd.GeoDataFrame, policy: Policy
) -> None:
    told = {row[0].value: row[1].value for row in book["运行信息"].iter_rows()}
    assert told["政策内容校验值"] == policy.hash
    assert told["编制单位"] == "某局"
    sheet = book["复算信息"]
    assert sheet.sheet_state == "hidden"
    kept = json.loads("".join(cell.value for cell in sheet["A"]))["stamp"]
    assert Policy.model_validate(kept["policy_content"]).hash == policy.hash
    assert (kept["rule"], kept["data_version"]) == (RULE, judged.attrs["stamp"]["data_version"])


def test_only_the_first_are_printed_where_that_is_asked_and_all_stand_in_the_list(
    judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    whole = openpyxl.load_workbook(geo.export(judged, tmp_path / "a.xlsx"))
    book = openpyxl.load_workbook(geo.export(judged, tmp_path / "b.xlsx", top=1))
    for name in LISTS:
        assert [row["地块编号"] for row in rows(book[name])] == [row["地块编号"] for row in rows(whole[name])]
        assert not whole[name].print_area
    assert len(rows(book["候选清单"])) > 1
    printed_rows = {name: int(str(book[name].print_area).rsplit("$", 1)[1]) for name in LISTS}
    assert printed_rows == {"候选清单": 5, "需调查": 5, "不符合及原因": 3}
    assert book["不符合及原因"].print_title_rows is None
    assert "打印范围为前 1 个" in above(book["候选清单"])
    assert "打印范围" not in above(whole["候选清单"])
    assert {"只打印前几名": 1}.items() <= {r[0]: r[1] for r in book["运行信息"].values}.items()
    assert "--top" in str([line for line in whole["运行信息"].values if line[0] == "打印"])


@pytest.mark.parametrize(("name", "top"), [("a.xlsx", 0), ("a.csv", 3), ("a.gpkg", 3)])
def test_how_many_are_printed_is_asked_of_what_is_printed(
    judged: gpd.GeoDataFrame, tmp_path: Path, name: str, top: int
) -> None:
    with pytest.raises(SettingsError):
        geo.export(judged, tmp_path / name, top=top)
    assert list(tmp_path.iterdir()) == []


def test_above_the_noes_stands_how_many_parcels_each_condition_puts_out(
    judged: gpd.GeoDataFrame, policy: Policy, tmp_path: Path
) -> None:
    # One more meets what the rule asks of every parcel, and what none of its routes asks.
    stamp = judged.attrs
    judged = judged.copy()
    judged.attrs = stamp
    row = judged.index[judged["verdict"] == "no"][0]
    judged["reasons"] = judged["reasons"].astype(object)
    judged.at[row, "reasons"] = [
        dict(each, outcome="pass" if each["route"] is None else "fail") for each in judged.loc[row, "reasons"]
    ]
    book = openpyxl.load_workbook(geo.export(judged, tmp_path / "a.xlsx"))
    own = {condition.id: condition.title for condition in policy.rule(RULE).conditions}
    noes = judged[judged["verdict"] == "no"]["reasons"]
    told = above(book["不符合及原因"])
    for key, title in own.items():
        failing = [r for each in noes for r in each if r["condition"] == key and r["outcome"] == "fail"]
        assert (f"{title}（{len(failing)}）" in told) == bool(failing)
    ways = [each for each in noes if not any(r["outcome"] == "fail" and r["route"] is None for r in each)]
    assert f"各路径均不满足（{len(ways)}）" in told
    assert len(ways) == 1


def test_a_long_word_of_the_office_makes_no_row_higher_than_programs_can(
    judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    said = judged.copy()
    said.attrs = judged.attrs
    said["opinion_reason"] = "很长的理由。" * 300
    book = openpyxl.load_workbook(geo.export(said, tmp_path / "a.xlsx"))
    heights = [each.height for name in LISTS for each in book[name].row_dimensions.values() if each.height]
    assert max(heights) == 409


def test_the_names_of_two_bodies_have_the_room_that_they_need(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    unit = "某某区规划和自然资源局、某某区科学技术和经济委员会、某某区国有资产监督管理委员会"
    sheet = openpyxl.load_workbook(geo.export(judged, tmp_path / "a.xlsx", unit=unit))["候选清单"]
    (cell,) = [cell for cell in sheet[2] if cell.value == unit]
    assert cell.alignment.wrap_text
    (merged,) = [each for each in sheet.merged_cells.ranges if cell.coordinate in each]
    wide = sum(sheet.column_dimensions[get_column_letter(n)].width for n in range(merged.min_col, merged.max_col + 1))
    assert 2 * len(unit) > 2 * wide, "it takes more than two lines"
    assert sheet.row_dimensions[2].height >= 15 * 3


def test_an_empty_list_is_a_workbook_all_the_same(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    none = judged[judged["parcel_code"] == "?"]
    none.attrs = judged.attrs
    book = openpyxl.load_workbook(geo.export(none, tmp_path / "a.xlsx"))
    assert book.sheetnames == SHEETS
    assert rows(book["候选清单"]) == []


def test_a_list_longer_than_a_sheet_says_what_it_leaves_out(
    judged: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.export.candidate_book.MOST_ROWS", 1)
    sheet = openpyxl.load_workbook(geo.export(judged, tmp_path / "a.xlsx"))["不符合及原因"]
    n = int((judged["verdict"] == "no").sum())
    assert len(rows(sheet)) == 1
    assert f"其余 {n - 1} 行见 CSV" in above(sheet)


def test_a_list_is_parted_over_as_few_pages_as_it_can_be_read_on_and_none_of_its_columns_is_lost() -> None:
    assert pages_across([10] * 8, 1) == [8]
    # Twice as wide as the paper: each half as full as can be, the code on both.
    assert pages_across([10] * 20, 1) == [11, 9]
    assert pages_across([10] * 20, 2) == [11, 9]
    assert pages_across([6, 14, *[20] * 12], 2) == [8, 6]
    assert pages_across([10] * 40, 1) == [14, 13, 13]
    assert pages_across([40] * 40, 1)[0] < 40
    assert sum(pages_across([40] * 40, 1)) == 40


def test_what_libreoffice_prints_is_large_enough_to_be_read(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """With every column that a list can have: names, and a mark of what is made up where not all is."""
    wide = judged.assign(synthetic=judged["parcel_code"] == "S1", name="某某路某某号地块")
    wide.attrs = judged.attrs
    path = geo.export(wide, tmp_path / "a.xlsx", unit="某局", secrecy="内部")
    pages = printed(path)
    assert min(sizes_printed(path.with_suffix(".pdf"))) >= 7
    for name, last in (("候选清单", "得分构成"), ("需调查", "已符合"), ("不符合及原因", "不符合的条件")):
        mine = [page for page in pages if name in page and "运行信息" not in page]
        assert any(last in page for page in mine)
        assert any("人工意见" in page for page in mine)
        assert all("地块编号" in page for page in mine)
        # What stands over the headings is whole on the first page and not begun again on the second.
        assert sum("共 " in page.split("地块编号")[0] for page in mine) == 1
        assert sum("编制单位" in page for page in mine) == 1


def test_libreoffice_prints_it_with_its_headings_on_every_page(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    many = pd.concat([judged] * 12, ignore_index=True)
    many.attrs = judged.attrs
    pages = printed(geo.export(many, tmp_path / "a.xlsx", secrecy="内部"))
    listed = [page for page in pages if "不符合及原因" in page and "运行信息" not in page]
    assert len(listed) > 2
    # A list is two pages wide: the conditions on the one, what the office says on the other.
    assert all(("不符合的条件" in page) != ("人工意见" in page) and "密级：内部" in page for page in listed)
    assert not [page for page in pages if "###" in page]

"""The report for a meeting: what stands in it, one page a candidate, with a map on which the land can be found."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from office import printed
from PIL import Image
from routed_policy import RULE, routed_policy

import geo
from geo.answers.layers import layers
from geo.database import Database
from geo.errors import ReadError
from geo.export.little_map import HEIGHT, WIDTH, LittleMaps, font_file, round_length
from geo.policy import Policy

EVIL = "<b>&\x0b=1+1</b>"


@pytest.fixture
def policy() -> Policy:
    return routed_policy()


@pytest.fixture
def judged(city: Database, policy: Policy) -> gpd.GeoDataFrame:
    found: gpd.GeoDataFrame = geo.candidates(city, policy, rule=RULE)
    return found


def texts(path: Path) -> str:
    report = docx.Document(str(path))
    cells = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in report.paragraphs), *cells])


def test_no_table_of_the_rule_is_parted_from_its_title_by_the_end_of_a_page(
    judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    report = docx.Document(str(geo.export(judged, tmp_path / "报告.docx")))
    titles = [
        one for one in report.paragraphs if one.text in ("路径与程序", "硬性条件", "提示（不改变判定）", "评分项")
    ]
    assert len(titles) >= 3
    assert all(title.paragraph_format.keep_with_next for title in titles)


def test_the_report_says_whose_it_is_how_secret_and_every_candidate(
    city: Database, judged: gpd.GeoDataFrame, policy: Policy, tmp_path: Path
) -> None:
    path = geo.export(judged, tmp_path / "报告.docx", unit="某局", secrecy="内部", layers=layers(city))
    told = texts(path)
    chosen = judged[judged["verdict"] == "candidate"]
    assert len(chosen) > 1
    for text in ("编制单位：某局", "密级：内部", policy.rule(RULE).title, policy.hash):
        assert text in told
    routes = {route.id: route for route in policy.rule(RULE).routes}
    for code, route in chosen[["parcel_code", "route"]].itertuples(index=False):
        assert f"．{code}" in told
        assert f"程序：{routes[route].procedure}" in told
    assert "演示数据" not in told
    with zipfile.ZipFile(path) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
        core = archive.read("docProps/core.xml").decode()
    assert len(pictures) == len(chosen)
    assert "python-docx" not in core
    counts = judged["verdict"].value_counts()
    assert f"候选 {counts['candidate']}、待查 {counts['unknown']}、不符合 {counts['no']}" in told


def test_one_figure_has_one_word_in_table_box_and_reasons(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    half = judged.copy()
    half.attrs = judged.attrs
    first = half.index[half["verdict"] == "candidate"][0]
    half.loc[first, "site_area_m2"] = 8530.5
    reasons = [dict(each) for each in half.loc[first, "reasons"]]
    (large,) = [each for each in reasons if each["field"] == "site_area_m2"]
    large["value"] = 8530.5
    half["reasons"] = half["reasons"].astype(object)
    half.at[first, "reasons"] = reasons
    told = texts(geo.export(half, tmp_path / "a.docx"))
    assert len([line for line in told.split("\n") if line.startswith("8,531")]) == 3
    assert "8,530" not in told


def test_a_page_tells_of_each_criterion_the_figure_its_value_its_weight_and_its_points(
    judged: gpd.GeoDataFrame, policy: Policy, tmp_path: Path
) -> None:
    chosen = judged[judged["verdict"] == "candidate"]
    told = [line for line in texts(geo.export(judged, tmp_path / "a.docx")).split("\n") if line.startswith("得分构成")]
    assert len(told) == len(chosen)
    for line, parts in zip(told, chosen.sort_values("rank")["contributions"], strict=True):
        said = [part.split("＝")[-1] for part in line.removesuffix("。").split("；")]
        counted = [part for part in parts if part["applies"]]
        assert len(said) == len(counted) > 1
        for text, part in zip(line.split("；"), counted, strict=True):
            weight = f"权重 {part['weight']:g}"
            assert weight in text
            assert ("未知" in text) == (part["contribution"] is None)
        known = [part["contribution"] for part in counted if part["contribution"] is not None]
        shown = [float(text) for text in said if text.replace(".", "").isdigit()]
        assert sum(shown) == pytest.approx(sum(known), abs=0.05 * len(known) + 1e-9)
        assert len(shown) == len(known)


def test_a_report_of_the_first_has_no_others_and_is_made_again_as_such(
    city: Database, judged: gpd.GeoDataFrame, policy: Policy, tmp_path: Path
) -> None:
    chosen = judged[judged["verdict"] == "candidate"].sort_values("rank")["parcel_code"].tolist()
    path = geo.export(judged, tmp_path / "a.docx", top=2, layers=layers(city))
    told = texts(path)
    assert [code for code in chosen if f"．{code}" in told] == chosen[:2] != chosen
    assert f"仅列前 2 个，其余 {len(chosen) - 2} 个见工作簿" in told
    assert f"三、逐块说明（其余 {len(chosen) - 2} 个候选见工作簿）" in told
    # The summary speaks of all.
    assert f"候选 {len(chosen)}、" in told
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    assert found.n_rows == 2


def test_opinions_stand_in_it_and_where_they_part(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    said = judged.copy()
    said.attrs = judged.attrs
    first = said.index[said["verdict"] == "candidate"][0]
    told = {"opinion": "disagree", "opinion_reason": EVIL, "opinion_by": "王工", "opinion_on": date(2025, 3, 7)}
    for name, value in (told | {"opinion_differs": "yes"}).items():
        said.loc[first, name] = value
    text = texts(geo.export(said, tmp_path / "a.docx"))
    assert "其中与系统判定不一致 1 个" in text
    assert "不同意（与系统判定不一致：是）" in text
    assert "王工 / 2025-03-07" in text
    assert "<b>&=1+1</b>" in text


def test_made_up_land_is_marked_on_the_title_and_on_every_page(judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    made_up = judged.assign(synthetic=True)
    made_up.attrs = judged.attrs
    path = geo.export(made_up, tmp_path / "a.docx")
    assert "演示数据，不得作为正式结论" in texts(path)
    assert "演示数据" in docx.Document(str(path)).sections[0].header.paragraphs[0].text


def test_a_report_without_candidates_without_routes_and_without_shapes_is_one_all_the_same(
    city: Database, judged: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    none = judged[judged["verdict"] == "no"]
    none.attrs = judged.attrs
    assert "没有候选地块" in texts(geo.export(none, tmp_path / "a.docx"))
    plain = geo.candidates(city, "hongkou-2025", rule=RULE)
    flat = plain.drop(columns="geometry")
    flat.attrs = plain.attrs
    assert "候选清单" in texts(geo.export(flat, tmp_path / "b.docx"))


def test_only_candidates_make_a_report(city: Database, policy: Policy, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="candidates"):
        geo.export(geo.clusters(city, policy, over="all"), tmp_path / "a.docx")
    assert list(tmp_path.iterdir()) == []


def test_libreoffice_prints_one_page_a_candidate(city: Database, judged: gpd.GeoDataFrame, tmp_path: Path) -> None:
    pages = printed(geo.export(judged, tmp_path / "a.docx", unit="某局", secrecy="内部", layers=layers(city)))
    codes = judged.loc[judged["verdict"] == "candidate", "parcel_code"]
    for code in codes:
        (own,) = [page for page in pages if f"．{code}" in page]
        assert "踏勘结果" in own, "what is filled in stands on the same page"
    assert all("密级：内部" in page for page in pages)
    assert "某局" in pages[0]


def drawn(maps: LittleMaps, code: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(maps.draw(code))).convert("RGB")).astype(int)


def near(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    found: np.ndarray = np.abs(pixels - np.array(colour)).sum(axis=2) < 30
    return found


THIS = (0xF2, 0xA4, 0x8F)


def test_the_parcel_is_drawn_in_the_middle_at_its_size_with_north_above() -> None:
    # 100 m wide and 40 m high, with a neighbour to the north that is a candidate.
    x, y = 641_000.0, 3_462_000.0
    shapes = [shapely.box(x, y, x + 100, y + 40), shapely.box(x, y + 60, x + 100, y + 120)]
    frame = gpd.GeoDataFrame(
        {"parcel_code": ["A", "B"], "verdict": ["candidate", "candidate"]}, geometry=shapes, crs="EPSG:4549"
    )
    pixels = drawn(LittleMaps(frame, {}, synthetic=False), "A")
    assert pixels.shape[:2] == (HEIGHT, WIDTH)
    rows, columns = np.nonzero(near(pixels, THIS))
    scale = WIDTH / (2 * 260)  # the least that is shown is 260 m to each side
    assert columns.min() == pytest.approx(WIDTH / 2 - 50 * scale, abs=5)
    assert columns.max() == pytest.approx(WIDTH / 2 + 50 * scale, abs=5)
    assert rows.max() - rows.min() == pytest.approx(40 * scale, abs=10)
    assert rows.mean() == pytest.approx(HEIGHT / 2, abs=8)
    green, _ = np.nonzero(near(pixels, (0xCF, 0xE6, 0xD2)))
    assert np.median(green) < rows.min()  # not all: grey at the edge of a line is near to it


def test_a_large_parcel_with_a_hole_fits_into_the_picture() -> None:
    outer, hole = shapely.Point(641_000, 3_462_000).buffer(2_000), shapely.Point(641_000, 3_462_000).buffer(900)
    frame = gpd.GeoDataFrame(
        {"parcel_code": ["A"], "verdict": ["candidate"]}, geometry=[outer.difference(hole)], crs="EPSG:4549"
    )
    pixels = drawn(LittleMaps(frame, {}, synthetic=True), "A")
    rows, columns = np.nonzero(near(pixels, THIS))
    assert min(rows.min(), columns.min()) > 5
    assert rows.max() < HEIGHT - 5
    assert columns.max() < WIDTH - 5
    assert not near(pixels, THIS)[HEIGHT // 2, WIDTH // 2]


def test_the_picture_is_the_same_each_time_and_bears_the_mark_in_chinese(
    city: Database, judged: gpd.GeoDataFrame
) -> None:
    around = layers(city)
    plain, marked = (LittleMaps(judged, around, synthetic=made_up) for made_up in (False, True))
    assert plain.draw("S1") == plain.draw("S1")
    corner = (slice(4, 30), slice(8, 260))
    red = near(drawn(marked, "S1")[corner], (0xB4, 0x23, 0x18)).sum()
    assert near(drawn(plain, "S1")[corner], (0xB4, 0x23, 0x18)).sum() == 0
    if font_file() is None:
        pytest.skip("this machine has no Chinese font")
    assert red > 200


def test_without_a_font_it_is_drawn_without_words(judged: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.export.little_map._font", lambda _: None)
    assert near(drawn(LittleMaps(judged, {}, synthetic=True), "S1"), THIS).sum() > 1000


@given(st.floats(1e-3, 1e6))
def test_a_scale_is_a_round_number_that_fits(metres: float) -> None:
    found = round_length(metres)
    assert metres / 2.5 <= found * (1 + 1e-9)
    assert found <= metres
    assert f"{found:.0e}"[0] in "125"


def test_every_candidate_of_the_demo_has_one_page_with_room_for_the_opinion(demo_db: Database, tmp_path: Path) -> None:
    policy = geo.policy("hongkou-2025")
    for rule in ("industrial_to_rnd", "idle_industrial_to_talent_housing"):
        frame = geo.candidates(demo_db, policy, rule=rule)
        pages = printed(geo.export(frame, tmp_path / f"{rule}.docx", layers=layers(demo_db)))
        codes = frame.loc[frame["verdict"] == "candidate", "parcel_code"]
        assert len(codes)
        own = [page for page in pages if any(f"．{code}" in page for code in codes)]
        assert len(own) == len(codes)
        assert all("踏勘结果" in page and "演示数据" in page for page in own)

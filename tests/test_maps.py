"""Maps: nothing of another host, the same bytes for the same run, values never read as markup."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
from pandas.testing import assert_frame_equal
from published_sample import HOSTILE, OTHER_RULE, RULE, sample

import geo
import maps
from geo.errors import CrsError, NotFoundError, SetupError
from geo.fields.carriers import CARRIER_STATUS
from geo.fields.land_use import USES
from geo.fields.measures import MEASURES
from geo.fields.places import BARRIER_CLASS
from maps import around, assets, colours, drawing, figures, reasons, text
from maps.csp import script_hashes
from maps.offline import OfflineMap


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.tags


def addresses(html: str) -> list[str]:
    named = [value for _, attrs in tags(html) for name, value in attrs.items() if name in ("src", "href") and value]
    named = [value for value in named if not value.startswith("data:")]
    return named + [url for url in re.findall(r"url\(['\"]?([^'\")]+)", html) if not url.startswith(("data:", "#"))]


def test_a_served_map_links_only_files_of_this_server() -> None:
    found = addresses(maps.html(maps.overview(sample())))
    assert found
    assert all(url.startswith("/static/") for url in found)


def test_every_file_that_a_served_map_links_is_there() -> None:
    for url in addresses(maps.html(maps.overview(sample()))):
        place = url.removeprefix("/static/")
        folder, _, name = place.partition("/")
        root = assets.vendor_dir() if folder == "vendor" else Path(maps.__file__).parent / "browser"
        assert (root / name).is_file(), url


def test_a_saved_map_and_a_notebook_cell_carry_all_that_they_need(tmp_path: Path) -> None:
    drawn = maps.overview(sample())
    drawn.save(tmp_path / "map.html")
    saved = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert addresses(saved) == []
    assert "L.map" in saved
    cell = drawn._repr_html_()
    (frame,) = [attrs for tag, attrs in tags(cell) if tag == "iframe"]
    assert addresses(str(frame["srcdoc"])) == []


def test_the_same_run_gives_the_same_bytes() -> None:
    drawn = maps.overview(sample())
    first = maps.html(drawn)
    assert maps.html(drawn) == first, "written out twice"
    assert maps.html(drawn, assets="inline") != first
    assert maps.html(drawn) == first, "after it was written out in another way"
    assert maps.html(maps.overview(sample())) == first, "drawn anew"


@pytest.mark.parametrize("assets", ["served", "inline"])
def test_a_hostile_name_is_neither_markup_nor_a_template(assets: Any) -> None:
    html = maps.html(maps.overview(sample(name=HOSTILE)), assets=assets)
    harmless = maps.html(maps.overview(sample(name="甲")), assets=assets)
    assert [tag for tag, _ in tags(html)] == [tag for tag, _ in tags(harmless)]
    assert "<img" not in html
    assert "{{ 7*7 }}" in html, "kept as it is, and not worked out"


def test_only_a_map_of_invented_data_bears_the_mark() -> None:
    assert "演示数据" in maps.html(maps.overview(sample(synthetic=True)))
    assert "演示数据" in maps.html(maps.overview(sample(synthetic=True), lang="en"))
    assert "演示数据" not in maps.html(maps.overview(sample(synthetic=False)))


def test_the_map_is_stamped_with_its_run_policy_data_and_day() -> None:
    html = maps.html(maps.overview(sample(run_id=17)))
    assert "运行 17 · 政策 hongkou-2025@" in html
    assert "2026-11-22" in html


def test_drawing_leaves_the_frames_as_they_were() -> None:
    run, again = sample(), sample()
    maps.overview(run)
    assert_frame_equal(run.parcels, again.parcels)
    assert_frame_equal(run.clusters, again.clusters)
    assert_frame_equal(run.carriers, again.carriers)


def test_a_missing_browser_file_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "MANIFEST.json").write_text("{}")
    monkeypatch.setattr(assets, "_VENDOR", tmp_path)
    with pytest.raises(SetupError, match=r"(?s)leaflet.*make install"):
        maps.html(maps.overview(sample(2, 2)))


def test_an_element_that_needs_an_unknown_file_is_refused() -> None:
    from folium.plugins import HeatMap

    drawn = maps.overview(sample(2, 2))
    HeatMap([[31.2, 121.4]]).add_to(drawn)
    with pytest.raises(SetupError, match="leaflet-heat"):
        maps.html(drawn)


def test_tiles_of_another_host_are_refused() -> None:
    drawn = OfflineMap(title="t")
    folium.TileLayer("https://tiles.example.org/{z}/{x}/{y}.png", attr="x").add_to(drawn)
    with pytest.raises(SetupError, match="another host"):
        maps.html(drawn)


def test_a_map_that_is_not_ours_is_refused() -> None:
    with pytest.raises(SetupError):
        maps.html(folium.Map())


def test_elements_of_folium_bring_what_they_need_and_no_map_brings_more() -> None:
    plain = maps.html(OfflineMap(title="t"))
    assert "jquery" not in plain
    assert "awesome" not in plain
    drawn = OfflineMap(title="t")
    folium.Marker([31.2, 121.4], popup="x", icon=folium.Icon(prefix="fa", icon="star")).add_to(drawn)
    served = maps.html(drawn)
    assert "jquery.min.js" in served
    assert "fontawesome-free/css/all.min.css" in served
    assert addresses(maps.html(drawn, assets="inline")) == []


def test_quick_maps_take_plain_frames_in_any_crs() -> None:
    run = sample()
    degrees = run.parcels.to_crs(4326)
    assert "演示-0001" in maps.html(maps.candidates(degrees))
    assert maps.html(maps.candidates(run.parcels)).count("演示-0001") == maps.html(maps.candidates(degrees)).count(
        "演示-0001"
    )
    assert "带状" in maps.html(maps.clusters(run.clusters))
    assert "Belt" in maps.html(maps.clusters(run.clusters, lang="en"))


def test_a_frame_without_crs_is_refused() -> None:
    bare = gpd.GeoDataFrame(sample().parcels.drop(columns="geometry"), geometry=list(sample().parcels.geometry))
    with pytest.raises(CrsError):
        maps.candidates(bare)


def test_a_run_without_candidates_or_clusters_is_drawn() -> None:
    run = sample()
    empty = type(run)(run.run, run.candidates, run.clusters.iloc[:0], run.carriers.iloc[:0], run.totals, {})
    assert "演示-0001" in maps.html(maps.overview(empty))


def test_many_parcels_lose_their_reasons_then_their_layer_and_the_map_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = sample()
    assert "规划用途以商办为主" in maps.html(maps.overview(run))
    monkeypatch.setattr(drawing, "REASONS_UP_TO", 10)
    without_reasons = maps.html(maps.overview(run))
    assert "规划用途以商办为主" not in without_reasons
    assert "弹窗不列判断依据" in without_reasons
    monkeypatch.setattr(drawing, "PARCELS_UP_TO", 20)
    without_parcels = maps.html(maps.overview(run))
    assert "未绘制地块图层" in without_parcels
    assert "地块（按规划用途）" not in without_parcels


def test_carriers_that_have_no_place_are_counted_on_the_map() -> None:
    assert "1 个载体无位置信息" in maps.html(maps.overview(sample()))


def test_the_area_of_a_carrier_circle_grows_with_its_floor_area() -> None:
    assert math.isclose(around.radius(80_000) ** 2 / around.radius(20_000) ** 2, 4.0)


def test_script_hashes_are_those_of_the_text_between_the_tags() -> None:
    inline = "\nlet a = '<b>&amp;';\n"
    html = f'<script>{inline}</script><script src="/x.js"></script><p>1</p><script>{inline}</script>'
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert script_hashes(html) == (f"'sha256-{digest}'",)


def test_no_script_of_a_map_needs_eval_or_stands_in_an_attribute() -> None:
    html = maps.html(maps.overview(sample()))
    assert not [name for _, attrs in tags(html) for name in attrs if name.startswith("on")]
    assert "eval(" not in html
    assert "new Function" not in html


def test_every_use_status_and_road_class_has_a_colour() -> None:
    assert set(USES) <= set(colours.LAND_USE)
    assert set(CARRIER_STATUS) <= set(colours.CARRIER)
    assert set(BARRIER_CLASS) <= set(colours.BARRIER)


def test_text_on_badges_and_marks_can_be_read() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        low, high = sorted((light(one), light(other)))
        return (high + 0.05) / (low + 0.05)

    page = colours.PAGE
    pairs = [(page["ink-soft"], page["paper"]), (page["mark"], page["mark-soft"]), (page["on-accent"], page["accent"])]
    pairs += [(colours.VERDICT[verdict], page["card"]) for verdict in ("candidate", "unknown")]
    pairs += [(colour, page["card"]) for colour in colours.OUTCOME.values()]
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}, "WCAG 2.2, 1.4.3 (AA)"


def test_the_scale_of_scores_has_equal_steps_up_to_the_full_score() -> None:
    assert [colours.score_step(score) for score in (0, 19.9, 20, 59, 60, 99, 100)] == [0, 0, 1, 2, 3, 4, 4]


def test_figures_say_their_unit_and_never_show_unknown_as_zero() -> None:
    assert figures.quantity(1234.4, "m2", "zh") == "1,234 ㎡"
    assert figures.quantity(0.256, "share", "en") == "25.6%"
    assert figures.quantity(50, "%", "zh") == "50.0%"
    assert figures.quantity(float("nan"), "m2", "zh") == "未知"
    assert figures.site(66_666.67, "zh") == "66,667 ㎡（100.0 亩）"
    assert figures.large_area(1_000_000, "zh") == "100 万㎡"
    assert figures.large_area(532_767, "zh") == "53.28 万㎡"
    assert figures.large_area(532_767, "en") == "532,767 m²"
    assert figures.number(-0.001, 1) == "0.0"
    # A half goes up, as in a cell of a workbook: one figure has one word.
    assert figures.quantity(8530.5, "m2", "zh") == "8,531 ㎡"
    assert figures.number(84.25, 1) == "84.3"
    assert figures.number(-2.5) == "-3"
    assert figures.text(["4号线", "12号线"], "zh") == "4号线、12号线"
    assert figures.score(68.2, 68.2, 82.0, "zh") == "68 分（68–82）"
    assert figures.span(68.15, 68.21, "zh") == "68.2 分"
    assert figures.span(68.2, 82.0, "zh") == "68.2–82.0 分"
    assert figures.span(68.2, None, "en") == "68.2"


def test_a_reason_is_told_in_both_languages_with_its_threshold_and_ground() -> None:
    record = {
        "condition": "is_office",
        "outcome": "fail",
        "field": "office_share",
        "value": 20.0,
        "text": None,
        "threshold": ">= 50",
        "unit": "%",
        "clause": "assumption: at least half",
    }
    wordings = {
        "is_office": {"title": "规划用途以商办为主", "title_en": "mainly office", "assumption_en": "half or more"}
    }
    (zh,) = reasons.shown([record], "zh", wordings=wordings)
    assert (zh.mark, zh.title, zh.value, zh.threshold) == ("✗", "规划用途以商办为主", "20.0%", "≥ 50.0%")
    assert zh.ground == "假设：at least half"
    (en,) = reasons.shown([record], "en", wordings=wordings)
    assert (en.title, en.ground) == ("mainly office", "assumption: half or more")
    (bare,) = reasons.shown([record], "en")
    assert bare.title == "Office share"


def test_a_condition_on_text_names_what_it_allows() -> None:
    record = {
        "condition": "in_zone",
        "outcome": "pass",
        "field": "zone",
        "value": None,
        "text": "a",
        "threshold": "in a, b",
    }
    (told,) = reasons.shown([record], "zh", zones={"a": "甲区", "b": "乙区"})
    assert (told.value, told.threshold) == ("甲区", "∈ 甲区、乙区")


def test_no_word_of_a_choice_has_a_comma_that_would_make_two_of_it_in_a_list() -> None:
    words = {choice: text.word(choice, "en") for measure in MEASURES.values() for choice in measure.choices}
    assert "Granted and unbuilt" in words.values()
    assert [told for told in words.values() if "," in told] == []


def test_every_column_and_phrase_has_both_languages() -> None:
    assert all(zh and en for zh, en in text._PHRASES.values())
    for column in (*sample().parcels.columns, *sample().clusters.columns):
        assert text.label(str(column), "zh"), column


def test_a_map_is_drawn_by_the_rule_that_is_asked_for() -> None:
    run = sample()
    assert maps.html(maps.overview(run)) == maps.html(maps.overview(run, rule=RULE))
    shown = maps.html(maps.overview(run, rule=OTHER_RULE))
    assert "演示-0005 · 候选" in shown
    assert "演示-0001 · 候选" not in shown
    with pytest.raises(NotFoundError, match="industrial_to_rnd"):
        maps.overview(run, rule="nothing")


def test_reasons_leave_out_the_routes_that_are_not_taken_and_say_of_which_route_they_are() -> None:
    policy = geo.policy("hongkou-2025").model_dump(mode="json")
    record = {"outcome": "pass", "field": "supply_status", "value": None, "text": "built", "threshold": "is built",
              "unit": None, "clause": "二(三)7"}  # fmt: skip
    records = [
        record | {"route": "existing_building", "condition": "is_built"},
        record | {"route": "land", "condition": "is_free", "outcome": "fail"},
    ]
    wordings = reasons.wordings_of(policy, RULE)
    assert [one.title for one in reasons.shown(records, "zh", wordings=wordings)] == [
        "既有建筑路径：已建成",
        "土地路径：未供地或已供未建",
    ]
    (taken,) = reasons.shown(records, "en", wordings=wordings, route="existing_building")
    assert (taken.title, taken.value) == ("existing-building route: built", "Built")


def test_an_id_that_two_rules_share_is_worded_by_the_rule_that_is_shown() -> None:
    policy = geo.policy("hongkou-2025").model_dump(mode="json")
    titles = {
        rule: reasons.wordings_of(policy, rule)["vacancy"]["points"]
        for rule in ("office_to_rnd", "idle_industrial_to_talent_housing")
    }
    assert titles["office_to_rnd"] != titles["idle_industrial_to_talent_housing"]
    assert "route existing_building" not in reasons.wordings_of(policy, "low_efficiency_land")

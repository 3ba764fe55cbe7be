"""Maps of sites: the best one shown, the others to be laid beside it, and nothing of a code read as a page."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import pytest
from shapely import box, union_all

import maps
from geo.errors import CrsError
from geo.units import mu
from maps import colours
from maps.charts import Step, price

HOSTILE = "演示-<script>alert(1)</script>"


def land() -> gpd.GeoDataFrame:
    codes = ["演示-1", "演示-2", HOSTILE, "演示-4"]
    shapes = [box(x, 0, x + 100, 300) for x in (643000, 643100, 643224, 643400)]
    return gpd.GeoDataFrame({"parcel_code": codes}, geometry=shapes, crs=4549)


def sites(*picks: tuple[int, ...]) -> gpd.GeoDataFrame:
    ground = land()
    rows = [
        {
            "site_id": f"site{number}",
            "parcel_codes": ground["parcel_code"].iloc[list(pick)].to_list(),
            "n_parcels": len(pick),
            "area_m2": mu(110 + number),
            "difficulty": 12.5 + number,
            "difficulty_low": 10.0,
            "lower_bound": 12.0,
            "gap": 0.04,
            "proven": False,
            "geometry": union_all(ground.geometry.iloc[list(pick)].to_list()),
        }
        for number, pick in enumerate(picks)
    ]
    return gpd.GeoDataFrame(rows, crs=4549)


def test_the_best_site_is_shown_and_the_next_can_be_switched_on() -> None:
    drawn = maps.sites(sites((0, 1), (1, 2)), parcels=land(), anchor=["演示-1"], lang="zh")
    layers = [child for child in drawn._children.values() if hasattr(child, "shapes")]
    assert [(layer.layer_name, layer.show) for layer in layers] == [
        ("选址 1 · 110.0 亩", True),
        ("选址 2 · 111.0 亩", False),
        ("现有用地", True),
    ]
    # Its two parcels, and its outline.
    assert len(layers[0].shapes.features) == 3
    assert len({layer.shapes.styles[0].get("fillColor") for layer in layers[:2]}) == 2


def test_the_parcels_of_a_site_bear_their_codes_and_its_popup_counts_them() -> None:
    drawn = maps.sites(sites((0, 1)), parcels=land(), lang="zh")
    (layer,) = [child for child in drawn._children.values() if hasattr(child, "shapes")]
    labels = [json.loads(feature)["properties"] for feature in layer.shapes.features]
    assert [(one["l"], one.get("c")) for one in labels] == [
        ("演示-1", "parcel-label"), ("演示-2", "parcel-label"), ("选址 1 · 110.0 亩", None),
    ]  # fmt: skip
    details = next(child for child in drawn._children.values() if getattr(child, "kind", "") == "sites").content
    row = dict(zip(details["fields"], details["rows"]["site0"]["v"], strict=True))
    assert row["地块数"] == "2"


def test_a_site_bears_the_number_that_it_has_in_the_table() -> None:
    listed = sites((0, 1), (1, 2), (2, 3)).assign(choice=[1, None, 2])
    drawn = maps.sites(listed, parcels=land(), lang="zh")
    layers = [child for child in drawn._children.values() if hasattr(child, "shapes")]
    assert [layer.layer_name for layer in layers] == [
        "选址 1 · 110.0 亩",
        "选址 2 · 112.0 亩",
        "其他极小方案 · 111.0 亩",
    ]
    details = next(child for child in drawn._children.values() if getattr(child, "kind", "") == "sites").content
    assert {code: row["h"] for code, row in details["rows"].items()} == {
        "site0": "选址 1", "site2": "选址 2", "site1": "其他极小方案",
    }  # fmt: skip


def test_a_step_of_a_curve_is_called_by_the_area_that_it_is_over() -> None:
    drawn = maps.sites(sites((0, 1), (1, 2)).assign(floor_mu=[100.0, 120.0]), lang="en")
    layers = [child for child in drawn._children.values() if hasattr(child, "shapes")]
    assert [layer.layer_name for layer in layers] == ["Over 100.0 mu · 110.0 mu", "Over 120.0 mu · 111.0 mu"]


def test_the_popup_of_a_site_has_its_difficulty_part_by_part_and_what_is_proven() -> None:
    told = sites((0, 1)).assign(difficulty_gfa_in_use=4.25, difficulty_plan_change=8.25)
    drawn = maps.sites(told, lang="en")
    details = next(child for child in drawn._children.values() if getattr(child, "kind", "") == "sites").content
    row = dict(zip(details["fields"], details["rows"]["site0"]["v"], strict=True))
    assert (row["Difficulty: floor area in use"], row["Difficulty: change of plan"]) == ("4.25", "8.25")
    assert (row["Gap to the bound"], row["Proven"]) == ("4.0%", "no")


def test_a_site_without_parcels_at_hand_is_its_outline() -> None:
    drawn = maps.sites(sites((0, 1)), lang="en")
    (layer,) = [child for child in drawn._children.values() if hasattr(child, "shapes")]
    assert layer.layer_name == "Site 1 · 110.0 mu"
    assert "Demonstration" in maps.html(drawn, assets="served")


def test_more_sites_than_colours_are_counted_and_left_to_the_list() -> None:
    many = sites(*[(0, 1)] * (len(colours.SITE) + 3))
    page = maps.html(maps.sites(many, lang="zh"), assets="served")
    assert "另有 3 个方案未绘制" in page


def test_a_code_is_never_read_as_a_page() -> None:
    page = maps.html(maps.sites(sites((1, 2)), parcels=land()), assets="served")
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page


def test_the_figure_of_the_first_point_of_a_curve_lies_on_no_figure_of_the_axis() -> None:
    drawn = price([Step(111.7, 1011.6, None, True), Step(201.2, 4081.2, None, True)], "规模与难度", "zh")
    (axis,) = {float(place) for place in re.findall(r'<text class="axis" x="([0-9.]+)"[^>]*text-anchor="end"', drawn)}
    place, text = re.findall(r'<text class="value" x="([0-9.]+)"[^>]*text-anchor="middle">([^<]*)<', drawn)[0]
    # A figure of this size is no wider than 8 a character.
    assert float(place) - 8 * len(text) / 2 > axis


def test_no_site_is_a_map_of_the_land_and_no_crs_is_an_error() -> None:
    empty = sites((0,)).iloc[:0]
    assert "选址图" in maps.html(maps.sites(empty, parcels=land()), assets="served")
    with pytest.raises(CrsError):
        maps.sites(sites((0,)).set_crs(None, allow_override=True))

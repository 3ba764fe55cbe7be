"""Maps of the way to the target: chosen measures by kind, others beside them, and nothing of a code read as a page."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pytest
from shapely import box

import maps
from geo.errors import CrsError
from maps.parts import ShapeLayer

HOSTILE = "演示-<script>alert(1)</script>"


def measures(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    plain = {"kind": "admit", "gfa_m2": 9_000.0, "gfa_basis": "registered", "ready_on": date(2027, 6, 30), "open": [],
             "counts_from": date(2027, 6, 30), "part": "some", "chosen": True, "synthetic": True}  # fmt: skip
    told = [
        plain | {"measure_id": f"m{number}", "parcel_codes": [f"演示-{number}"]} | row
        for number, row in enumerate(rows)
    ]
    shapes = [row.pop("shape", box(643000 + 200 * n, 0, 643100 + 200 * n, 300)) for n, row in enumerate(told)]
    return gpd.GeoDataFrame(told, geometry=shapes, crs=4549)


def layers(drawn: Any) -> list[ShapeLayer]:
    return [child for child in drawn._children.values() if isinstance(child, ShapeLayer)]


def test_what_is_chosen_is_shown_by_kind_and_the_rest_can_be_switched_on() -> None:
    unsure = {"chosen": False, "part": "open", "open": ["gfa"], "gfa_m2": None, "counts_from": None}
    frame = measures({}, {"kind": "new_building", "part": "every"}, {"chosen": False, "part": "none"}, unsure)
    drawn = layers(maps.way(frame))
    assert [(layer.layer_name, layer.show) for layer in drawn] == [
        ("认定既有建筑 · 1", True),
        ("研发用地新建 · 1", True),
        ("其他可采取的措施 · 1", False),
        ("情况不明的措施 · 1", False),
    ]
    # What every best choice has is of the second style, which is thicker.
    assert '"s":1' in drawn[1].shapes.features[0]
    assert drawn[1].shapes.styles[1]["weight"] > drawn[1].shapes.styles[0]["weight"]


def test_measures_on_the_same_parcels_are_one_shape_that_tells_both() -> None:
    frame = measures({"parcel_codes": ["演示-P"]}, {"parcel_codes": ["演示-P"], "gfa_m2": 11_000.0})
    drawn = maps.way(frame)
    (layer,) = layers(drawn)
    assert len(layer.shapes.features) == 1
    assert "2 万㎡" in layer.shapes.features[0]
    assert "m0、m1" in maps.html(drawn, assets="served")


def test_a_chosen_measure_without_land_is_counted_and_not_drawn() -> None:
    page = maps.html(maps.way(measures({}, {"shape": None, "parcel_codes": []}), lang="en"), assets="served")
    assert "1 of the chosen measures have no parcels" in page
    assert "Demonstration" in page


def test_a_code_is_never_read_as_a_page() -> None:
    page = maps.html(maps.way(measures({"parcel_codes": [HOSTILE], "measure_id": f"admit:{HOSTILE}"})), assets="served")
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page


def test_nothing_chosen_is_a_map_of_what_is_open_and_no_crs_is_an_error() -> None:
    assert "达标路径图" in maps.html(maps.way(measures({"chosen": False, "part": None})), assets="served")
    with pytest.raises(CrsError):
        maps.way(measures({}).set_crs(None, allow_override=True))

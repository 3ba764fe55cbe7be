"""The maps of what hangs together: colours apart, pairs by type, near misses, and no more than a browser draws."""

from __future__ import annotations

import json
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from drawn_land import adjacency, parcels
from shapely import LineString, Point, box

import maps
from geo.judge.bridges import find_bridges
from geo.judge.carrier_groups import find_carrier_groups
from geo.judge.clusters import find_clusters
from geo.judge.near_misses import find_near_misses
from geo.policy import policy
from maps import contiguity

POLICY = policy("hongkou-2025")
RAIL = ("rail", "铁路", LineString([(146, -50), (146, 90)]))
#: A to C in a row, a railway, D and E beyond it; F touches E at a corner
LAND = parcels(
    box(0, 0, 40, 50), box(40, 0, 80, 50), box(92, 0, 140, 50), box(152, 0, 190, 50), box(190, 0, 230, 50),
    box(230, 50, 270, 90),
)  # fmt: skip
LAND = LAND.set_geometry(LAND.geometry.translate(642_000, 3_459_000), crs=4549).assign(
    site_area_m2=LAND.area, gfa_m2=np.nan, synthetic=False
)


def drawn() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    railway = (RAIL[0], RAIL[1], LineString([(642_146, 3_458_950), (642_146, 3_459_090)]))
    pairs = adjacency(LAND, railway)
    return find_clusters(LAND, pairs, POLICY.clusters, over="all"), pairs


def features(html: str, pane: str) -> list[dict[str, Any]]:
    """The features of the layer in that pane."""
    match = re.search(rf'shuangbei\.shapes\([^,]+, {{[^\n]*?"pane":"{pane}"[^\n]*?}}, (\[.*?\])\);\n', html)
    return json.loads(match[1]) if match else []


def test_pairs_are_a_layer_for_each_type_and_say_what_lies_between() -> None:
    html = maps.html(maps.adjacency(drawn()[1], LAND))
    assert {kind: len(features(html, f"edges-{kind}")) for kind in contiguity.EDGE_TYPES} == {
        "shared_edge": 2,
        "lane": 1,
        "corner": 1,
        "barrier": 1,
    }
    (rail,) = features(html, "edges-barrier")
    assert "C — D · 阻隔 铁路 铁路" in rail["properties"]["t"]
    english = maps.html(maps.adjacency(drawn()[1], LAND, lang="en"))
    assert "Barrier between Railway 铁路" in features(english, "edges-barrier")[0]["properties"]["t"]


def popup(html: str, kind: str, key: str) -> dict[str, str]:
    """What the popup of one thing of a kind says, by field."""
    match = re.search(rf'shuangbei\.details\("{kind}", (\{{.*?\}})\);\n', html)
    assert match, kind
    content = json.loads(match[1])
    return dict(zip(content["fields"], content["rows"][key]["v"], strict=True)) | {"h": content["rows"][key]["h"]}


def test_a_pair_opens_to_what_lies_between_how_far_and_over_which_length() -> None:
    html = maps.html(maps.adjacency(drawn()[1], LAND))
    (rail,), (lane,) = features(html, "edges-barrier"), features(html, "edges-lane")
    assert popup(html, "edges", rail["properties"]["k"].removeprefix("edges/")) == {
        "h": "C — D", "相邻类型": "阻隔", "相对长度": "50 m", "间距": "12 m", "中间隔着": "铁路 铁路",
    }  # fmt: skip
    told = popup(html, "edges", lane["properties"]["k"].removeprefix("edges/"))
    assert (told["h"], told["间距"], told["中间隔着"]) == ("B — C", "12 m", "无阻隔")


def test_whatever_opens_on_a_click_has_something_to_say() -> None:
    frame, pairs = drawn()
    near = find_near_misses(frame, LAND, pairs, min_area_m2=4_600.0, near_share=0.5)
    for made in (
        maps.clusters(frame, adjacency=pairs, parcels=LAND, near_misses=near),
        maps.adjacency(pairs, LAND),
    ):
        parts = list(made._children.values())
        told = {f"{one.kind}/{code}" for one in parts if hasattr(one, "kind") for code in one.content["rows"]}
        keys = [
            json.loads(text)["properties"] for one in parts if hasattr(one, "shapes") for text in one.shapes.features
        ]
        opened = {one["k"] for one in keys if "k" in one}
        assert "parcels/F" in opened
        assert opened <= told


def test_a_parcel_round_the_clusters_opens_to_its_figures_with_what_is_unknown_marked() -> None:
    store = contiguity.ground_details(LAND, "zh")
    assert store.fields == ["用地面积", "建筑面积"]
    assert store.rows["F"]["v"] == ["1,600 ㎡（2.4 亩）", None]


def test_clusters_near_each_other_have_colours_apart() -> None:
    row = [box(100 * x, 0, 100 * x + 40, 40) for x in range(10)]
    hues = contiguity.hues(gpd.GeoDataFrame(geometry=row))
    assert len(set(hues)) == 10, "as many as there are colours"
    many = contiguity.hues(
        gpd.GeoDataFrame(geometry=[Point(x, y).buffer(3) for x in range(0, 90, 9) for y in range(0, 90, 9)])
    )
    grid = np.array(many).reshape(10, 10)
    assert (grid[1:] != grid[:-1]).all()
    assert (grid[:, 1:] != grid[:, :-1]).all()


def test_a_cluster_is_labelled_with_its_shape_and_mu_and_a_single_parcel_is_not() -> None:
    found, pairs = drawn()
    html = maps.html(maps.clusters(found, adjacency=pairs, parcels=LAND))
    labels = {feature["properties"].get("l") for feature in features(html, "clusters")}
    assert labels == {"片状 9.6 亩", "片状 5.9 亩", None}


def test_near_misses_and_bridges_are_told_on_the_map() -> None:
    _, pairs = drawn()
    chosen = LAND[LAND["parcel_code"].isin(list("ACDE"))]
    found = find_clusters(chosen, pairs, POLICY.clusters, over="chosen")
    near = find_near_misses(
        found, LAND, pairs, min_area_m2=6_000, near_share=0.4, opened={"rail:铁路": pairs.assign(type="lane")}
    )
    html = maps.html(maps.clusters(found, near_misses=near, bridges=find_bridges(LAND, drawn()[0], pairs), lang="zh"))
    (parcel,) = features(html, "near-parcel")
    assert "加入地块 B（3.0 亩），2 片相连" in parcel["properties"]["t"]
    (barrier,) = features(html, "near-barrier")
    assert "若可跨越铁路 铁路，2 片相连" in barrier["properties"]["t"]
    assert [f["properties"]["t"] for f in features(html, "bridges")] == ["缺了 B，所在连片断为 3.6 亩 + 3.0 亩"]
    assert "尚缺" in html


def test_what_is_too_many_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contiguity, "CLUSTERS_UP_TO", 1)
    monkeypatch.setattr(contiguity, "EDGES_UP_TO", 2)
    found, pairs = drawn()
    html = maps.html(maps.clusters(found, adjacency=pairs, parcels=LAND))
    assert len(features(html, "clusters")) == 1
    assert "另有 2 片未绘制" in html
    assert "另有 3 对未绘制" in html
    assert len(features(html, "edges-barrier")) == len(features(html, "edges-lane")) == 1, "what parts and lanes first"


def test_very_many_corners_are_drawn_simpler(monkeypatch: pytest.MonkeyPatch) -> None:
    disc = gpd.GeoDataFrame({"n_parcels": [1]}, geometry=[Point(0, 0).buffer(200, quad_segs=400)], crs=4549)
    assert contiguity.drawable(disc).geometry.iloc[0] is disc.geometry.iloc[0]
    monkeypatch.setattr(contiguity, "_CORNERS_UP_TO", 1_000)
    simpler = contiguity.drawable(disc).geometry.iloc[0]
    assert len(simpler.exterior.coords) < 100
    assert simpler.symmetric_difference(disc.geometry.iloc[0]).area < 0.02 * simpler.area


def test_the_map_of_groups_of_carriers_shows_each_with_its_shape() -> None:
    assert POLICY.carrier_groups is not None
    places = [Point(642_000 + 450 * n, 3_459_000) for n in range(8)]
    carriers = gpd.GeoDataFrame(
        {
            "carrier_code": [f"C{n}" for n in range(8)],
            "name": "某",
            "status": "active",
            "gfa_m2": 1000.0,
            "synthetic": True,
        },
        geometry=places,
        crs=4549,
    )
    html = maps.html(maps.carrier_groups(find_carrier_groups(carriers, POLICY.carrier_groups), carriers))
    assert [feature["properties"]["l"] for feature in features(html, "clusters")] == ["带状 · 8 个载体"]
    assert "演示数据" in html

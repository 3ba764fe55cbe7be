"""What hangs together, and the best site of it, do not depend on how land is told: rows, place, direction, pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn_land import barriers, parcels, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate, translate
from shapely.ops import split

from geo.judge.clusters import as_shapes, find_clusters
from geo.judge.outline import ground_figures
from geo.judge.sites.clock import Clock
from geo.judge.sites.results import Land, Question, find_sites
from geo.judge.sites.search import Bounds
from geo.policy import Difficulty, Weight, policy

SETTINGS = policy("hongkou-2025").clusters
WEIGHTS = Difficulty(
    owners=Weight(title="权利人", title_en="owners", points=1, per="count", unknown=(0, 1), assumption="测试")
)
#: between two lots: nothing, drawn a little apart, lanes, and too wide for one
GAPS = (0.0, 0.1, 6.0, 16.0, 40.0)
#: where a map may lie, to the millimetre, and how it may be turned, in degrees: 10⁻¹¹⁸ m is no land, and breaks GEOS
TURNS = st.integers(0, 360_000).map(lambda n: n / 1000)
EASTINGS = st.integers(-500_000_000, 500_000_000).map(lambda n: n / 1000)
NORTHINGS = st.integers(0, 4_000_000_000).map(lambda n: n / 1000)
ENOUGH = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Town:
    """Lots with their owners, and lines that part some of them."""

    lots: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame

    def clusters(self) -> gpd.GeoDataFrame:
        figures = self.lots.assign(site_area_m2=self.lots.area, gfa_m2=np.nan)
        return find_clusters(figures, run(self.lots, self.lines), SETTINGS, over="all")

    def best(self, floor: float) -> gpd.GeoDataFrame:
        lots = self.lots.assign(site_area_m2=self.lots.area.round(1), synthetic=True)
        land = Land(lots, run(self.lots, self.lines), WEIGHTS, "all")
        return find_sites(land, Question(floor), Bounds(0, 0), Clock(60)).frame

    def moved(self, turn: float, x: float, y: float) -> Town:
        lots, lines = (
            frame.set_geometry([translate(rotate(s, turn, origin=(0, 0)), x, y) for s in frame.geometry])
            for frame in (self.lots, self.lines)
        )
        return Town(lots, lines)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Some lots of a grid whose rows and columns lie apart as they may, with walls in the gaps; each lot over 25 m wide."""
    columns, rows = ([(draw(st.integers(25, 60)), draw(st.sampled_from(GAPS))) for _ in range(3)] for _ in range(2))
    shapes, walls, y = {}, [], 0.0
    for j, (high, over) in enumerate(rows):
        x = 0.0
        for i, (wide, right) in enumerate(columns):
            if draw(st.integers(0, 5)):
                shapes[f"L{i}{j}"] = box(x, y, x + wide, y + high)
            if right > 1 and draw(st.integers(0, 3)) == 0:
                at = x + wide + right / 2
                walls.append(("rail", None, LineString([(at, y), (at, y + high)])))
            x += wide + right
        y += high + over
    shapes = shapes or {"L": box(0, 0, 30, 30)}
    lots = parcels(**shapes).assign(owner_count=[float(draw(st.integers(1, 9))) for _ in shapes])
    return Town(lots, barriers(*walls) if walls else lots.iloc[:0].assign(barrier_class="", name=""))


def partition(found: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(codes) for codes in found["parcel_codes"]}


def test_a_town_that_geos_gets_wrong_when_turned_keeps_its_gross_area() -> None:
    # Five lots, 8,845 m²; between the upper two rows a lane of 16 m is open for 37 m, and a railway closes the other 36 m.
    shapes = {"L00": box(0, 0, 54, 57), "L01": box(0, 57, 54, 93), "L11": box(70, 57, 95, 93),
              "L02": box(0, 93, 54, 130), "L12": box(70, 93, 95, 130)}  # fmt: skip
    lots = parcels(**shapes).assign(owner_count=1.0)
    rails = barriers(*(("rail", None, LineString([(62, low), (62, high)])) for low, high in ((0, 57), (57, 93))))
    for turn in (0.0, 0.648):
        found = Town(lots, rails).moved(turn, 0.001, 0.0).clusters()
        assert found["gross_area_m2"].tolist() == [pytest.approx(8_845 + 16 * 37, abs=0.01)]


def test_a_slit_between_lots_makes_no_other_shape_of_a_turned_town() -> None:
    # Drawn 0.1 m apart.  A slit that is left open goes through the deepest ground, and makes a patch nearly a belt.
    lots = parcels(L01=box(0, 25, 45, 78), L11=box(45.1, 25, 70.1, 78), L02=box(0, 78.1, 45, 103.1))
    town = Town(lots.assign(owner_count=1.0), lots.iloc[:0].assign(barrier_class="", name=""))
    (still,), (turned,) = town.clusters()["elongation"], town.moved(2.562, 0.0, 0.0).clusters()["elongation"]
    assert turned == pytest.approx(still, rel=0.01)


def test_lines_that_an_overlay_leaves_beside_the_ground_stop_nothing() -> None:
    # Seven lots round a court, two corners 0.1 m apart; turned by two thousandths of a degree GEOS leaves a line in the union.
    places = {"L10": (56, 0, 81, 25), "L20": (81, 0, 106, 25), "L01": (0, 25.1, 56, 50.1), "L21": (81, 25.1, 106, 50.1),
              "L02": (0, 50.1, 56, 75.1), "L12": (56, 50.1, 81, 75.1), "L22": (81, 50.1, 106, 75.1)}  # fmt: skip
    lots = parcels(**{code: box(*place) for code, place in places.items()}).assign(owner_count=1.0)
    town = Town(lots, lots.iloc[:0].assign(barrier_class="", name=""))
    assert town.moved(0.002, 0.0, 0.0).clusters()["area_m2"].tolist() == [pytest.approx(5_925)]


@pytest.mark.parametrize("up", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("right", [0.0, 0.1])
def test_a_court_that_two_corners_close_is_one_however_near_they_are_drawn_and_however_the_map_lies(
    up: float, right: float
) -> None:
    # Seven lots round a court of 25 m: its ring is closed in the south-west by two corners alone.
    places = {
        "L01": (0, 25, 56, 50),
        "L21": (81, 25, 106, 50),
        "L02": (0, 50, 56, 75),
        "L12": (56, 50, 81, 75),
        "L22": (81, 50, 106, 75),
    }
    above = {code: box(west, south + up, east, north + up) for code, (west, south, east, north) in places.items()}
    below = {"L10": box(56 + right, 0, 81 + right, 25), "L20": box(81 + right, 0, 106 + right, 25)}
    lots = parcels(**above, **below).assign(owner_count=1.0)
    town = Town(lots, lots.iloc[:0].assign(barrier_class="", name=""))
    # The court filled, the ground is a patch; a court that is open to the outside would make it a belt of 5.3.
    for turn in (0.0, 0.002, 11.25, 45.0, 77.0):
        (found,) = town.moved(turn, 0.0, 0.0).clusters().to_dict("records")
        assert (found["elongation"], found["shape"]) == (pytest.approx(2.61, abs=0.02), "patch")
        assert found["compactness"] == pytest.approx(0.63, abs=0.01)


@pytest.mark.parametrize("east", [75.0, 77.9, 78.0, 78.1])
def test_a_court_whose_mouth_is_no_wider_than_a_lane_is_a_hole_however_the_map_lies(east: float) -> None:
    # Two corners close the ring in the south-east, over a lane of 16 m; beside it a lane of 16 m runs in from the west.
    places = {"L00": (0, 0, 30, 40), "L10": (30, 0, east, 40), "L01": (0, 56, 30, 87), "L21": (78, 56, 111, 87),
              "L02": (0, 87, 30, 138), "L12": (30, 87, 78, 138), "L22": (78, 87, 111, 138)}  # fmt: skip
    lots = parcels(**{code: box(*place) for code, place in places.items()}).assign(owner_count=1.0)
    town = Town(lots, lots.iloc[:0].assign(barrier_class="", name=""))
    # Were it open to the outside it would be a belt of 6.
    for turn in (0.0, 0.098, 2.0, 11.25, 45.0, 77.0):
        (found,) = town.moved(turn, 0.0, 0.0).clusters().to_dict("records")
        assert (found["elongation"], found["shape"]) == (pytest.approx(1.98, abs=0.03), "patch")


@ENOUGH
@given(towns(), st.integers(0, 2**32 - 1))
def test_corners_drawn_three_centimetres_off_change_no_shape(town: Town, seed: int) -> None:
    random = np.random.default_rng(seed)
    found = town.clusters().set_index("cluster_id")
    # The same lots in each cluster, so that what is measured is their shape and not what joins.
    lots = town.lots.set_index("parcel_code").geometry
    rough = lots.map(lambda lot: rough_corners(lot, random))
    for _, cluster in found.iterrows():
        true, drawn = (
            as_shapes([shapely.union_all(of[list(cluster["parcel_codes"])].tolist())]) for of in (lots, rough)
        )
        (_, long, compact), (_, long_drawn, compact_drawn) = (
            ground_figures(ground, SETTINGS.lane_width.m, SETTINGS.tolerance.m) for ground in (true, drawn)
        )
        np.testing.assert_allclose(long_drawn, long, rtol=2e-2)
        np.testing.assert_allclose(compact_drawn, compact, atol=0.01)


def rough_corners(lot: Any, random: np.random.Generator) -> Any:
    def moved(corners: Any) -> Any:
        off = random.uniform(-0.03, 0.03, (len(corners) - 1, 2))
        return corners + np.vstack([off, off[:1]])

    return shapely.transform(lot, moved)


@ENOUGH
@given(towns(), TURNS, EASTINGS, NORTHINGS, st.randoms(use_true_random=False))
def test_rows_place_and_direction_change_neither_clusters_nor_the_best_site(
    town: Town, turn: float, x: float, y: float, random: Any
) -> None:
    there = town.moved(turn, x, y)
    order = list(range(len(town.lots)))
    random.shuffle(order)
    there = Town(there.lots.iloc[order].reset_index(drop=True), there.lines.iloc[::-1])
    one, two = town.clusters().sort_values("cluster_id"), there.clusters().sort_values("cluster_id")
    assert one["cluster_id"].tolist() == two["cluster_id"].tolist()
    np.testing.assert_allclose(one["area_m2"], two["area_m2"], rtol=1e-6)
    np.testing.assert_allclose(one["gross_area_m2"], two["gross_area_m2"], rtol=1e-6)
    np.testing.assert_allclose(one["compactness"], two["compactness"], atol=0.001)
    # How deep the deepest point lies, GEOS finds to a thousandth, and the layers of ground are laid by it.
    np.testing.assert_allclose(one["elongation"], two["elongation"], rtol=1e-2)
    floor = float(town.lots.area.sum()) / 4 + 0.5
    here, away = town.best(floor), there.best(floor)
    assert len(here) == len(away)
    if len(here):
        assert here["proven"].iloc[0]
        assert here["difficulty"].iloc[0] == away["difficulty"].iloc[0]


@ENOUGH
@given(towns(), st.data(), st.booleans(), st.floats(0.45, 0.55))
def test_a_parcel_in_two_pieces_hangs_together_as_the_whole_one_did(
    town: Town, data: st.DataObject, upright: bool, share: float
) -> None:
    # Near the middle: over a lane each parcel then still faces one piece over the ten metres that have to be.
    code = data.draw(st.sampled_from(sorted(town.lots["parcel_code"])))
    whole = town.lots.set_index("parcel_code").geometry[code]
    west, south, east, north = whole.bounds
    x, y = west + share * (east - west), south + share * (north - south)
    cut = LineString([(x, south - 1), (x, north + 1)] if upright else [(west - 1, y), (east + 1, y)])
    pieces = parcels(**{f"{code}-{n}": piece for n, piece in enumerate(split(whole, cut).geoms)}).assign(
        owner_count=1.0
    )
    assert len(pieces) == 2
    lots = pd.concat([town.lots[town.lots["parcel_code"] != code], pieces], ignore_index=True)
    one, two = town.clusters(), Town(lots, town.lines).clusters()
    assert {frozenset(of.split("-")[0] for of in codes) for codes in partition(two)} == partition(one)
    assert two["n_parcels"].sum() == one["n_parcels"].sum() + 1
    figures = ["area_m2", "elongation", "compactness"]
    left, right = (frame[figures].sort_values(figures).to_numpy() for frame in (one, two))
    np.testing.assert_allclose(left, right, rtol=1e-6, atol=0.002)
    assert left[:, 0].sum() == pytest.approx(town.lots.area.sum())

"""Measures of parcels, held against shapely and plain arithmetic over the same shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely.affinity import rotate
from small_city import CITY, EAST, NORTH, Row, box, load_rows, load_small_city, outlines, point

import geo
from geo.database import Database


def measures(db: Database, column: str, **asked: Any) -> dict[str, Any]:
    frame = geo.parcels(db, **asked)
    values = frame[column].astype(object)
    return dict(zip(frame["parcel_code"], values.where(values.notna(), None), strict=True))


def test_site_area_is_the_registered_one_else_the_drawn_one(city: Database) -> None:
    areas, sources = measures(city, "site_area_m2"), measures(city, "site_area_source")
    assert (areas["N5"], sources["N5"]) == (9_500, "registered")
    assert (areas["B1"], sources["B1"]) == (pytest.approx(10_000), "measured")
    assert measures(city, "measured_area_m2")["N5"] == pytest.approx(10_000)


def test_the_zone_is_the_one_that_holds_enough_of_the_parcel(city: Database) -> None:
    zones, shares = measures(city, "zone"), measures(city, "zone_share")
    assert (zones["B1"], shares["B1"]) == ("north_bund", pytest.approx(0.5))
    assert (zones["B2"], shares["B2"]) == ("other", pytest.approx(0.3))
    assert (zones["O1"], shares["O1"]) == ("other", 0.0)
    assert (zones["N1"], shares["N1"]) == ("north_middle_ring", 1.0)


def test_the_share_that_counts_is_the_policys(city: Database) -> None:
    stricter = geo.policy("hongkou-2025").with_changes({"zones.min_share.value": 0.51})
    assert measures(city, "zone", policy=stricter)["B1"] == "other"


def test_shares_of_uses_are_certain_where_no_share_could_change_them(city: Database) -> None:
    office, main = measures(city, "office_share"), measures(city, "main_use")
    assert office["S2"] == 1.0  # C2C8: all of it, whatever the shares
    assert main["S2"] is None  # but which of the two leads is not known
    assert office["S3"] == pytest.approx(0.6)
    assert main["S3"] == "commercial_office"
    assert (office["S8"], main["S8"]) == (None, None)
    assert measures(city, "industrial_share")["N1"] == 1.0


@pytest.mark.parametrize(
    ("written", "office", "industrial", "main", "group"),
    [
        ("C8", 1.0, 0.0, "commercial_office", "commercial_office"),
        ("C8Rr2", None, 0.0, None, "mixed"),
        ("C8(30%)C2(30%)M1(40%)", 0.6, 0.4, "industrial", "mixed"),
        ("C8(33%)M1(33%)G1(33%)", 1 / 3, 1 / 3, "commercial_office", "mixed"),
        ("C8(60%)", None, None, None, "mixed"),  # nobody says what the other 40 % are
        ("M1M2", 0.0, 1.0, "industrial", "industrial"),
        ("C8(60%)M1", None, None, None, "mixed"),
    ],
)
def test_uses_as_written_become_shares(
    db: Database, tmp_path: Path, written: str, office: float | None, industrial: float, main: str | None, group: str
) -> None:
    row = {"parcel_code": "P", "land_use": written, "geom": box(0, 0, 10, 10)}
    load_rows(db, "parcels", [row], tmp_path)
    assert measures(db, "office_share")["P"] == (None if office is None else pytest.approx(office))
    assert measures(db, "industrial_share")["P"] == (None if industrial is None else pytest.approx(industrial))
    assert measures(db, "main_use")["P"] == main
    with db.read() as connection:
        parts = sa.text("SELECT measure.use_group(land_use_parts) FROM registry.parcels")
        assert connection.scalar(parts) == group


def test_floor_area_comes_from_buildings_else_the_parcel_else_is_unknown(city: Database) -> None:
    gfa, source = measures(city, "gfa_m2"), measures(city, "gfa_source")
    assert (gfa["S1"], source["S1"]) == (20_000, "buildings")  # above + below ground where the total is empty
    assert (gfa["S2"], source["S2"]) == (None, None)
    assert (gfa["S3"], source["S3"]) == (15_000, "parcel")
    assert (gfa["S4"], source["S4"]) == (None, None)
    assert (gfa["S5"], source["S5"]) == (0.0, "unbuilt")  # what is under construction does not stand
    assert (gfa["N1"], source["N1"]) == (16_000, "buildings")  # what is demolished does not stand


def test_built_far_is_countable_area_over_site_area_and_unknown_without_it(city: Database) -> None:
    far, headroom = measures(city, "far"), measures(city, "far_headroom")
    assert far["S1"] == pytest.approx(1.8)
    assert headroom["S1"] == pytest.approx(1.2)
    assert far["S7"] is None  # total floor area only
    assert far["S5"] == 0.0
    assert headroom["S5"] == pytest.approx(3.0)
    assert far["N5"] == pytest.approx(7_000 / 9_500)
    assert headroom["S8"] is None


@pytest.mark.parametrize(
    ("own", "buildings", "far"),
    [
        ((0, None), [], 0.0),  # an empty parcel, and the registry says so
        ((None, None), [], None),  # no building on record is not the same
        ((0, None), [(None, None)], 0.0),  # the parcel's own figure speaks for a building without one
        ((None, None), [(0, None)], 0.0),
        ((None, None), [(0, None), (500, 400)], 0.4),  # of an empty building nothing is counted
        ((None, None), [(0, None), (500, None)], None),
        ((None, None), [(0, None), (None, None)], None),  # 0 of one building is not 0 of the parcel
        ((0, None), [(500, None)], None),  # the buildings speak, and they are not empty
        ((0, 300), [], 0.3),  # what is registered as countable stands, though the total contradicts it
    ],
)
def test_of_a_total_known_to_be_0_nothing_is_counted_and_of_another_the_far_stays_unknown(
    db: Database,
    tmp_path: Path,
    own: tuple[float | None, float | None],
    buildings: list[tuple[float | None, float | None]],
    far: float | None,
) -> None:
    names = ("gfa_m2", "countable_gfa_m2")
    parcel = {"parcel_code": "P", "registered_area_m2": 1_000, "supply_status": "built", "max_far": 2.0}
    load_rows(db, "parcels", [parcel | dict(zip(names, own, strict=True)) | {"geom": box(0, 0, 20, 50)}], tmp_path)
    standing = [
        {"building_code": f"P-{n}", "parcel_code": "P", "state": "standing"} | dict(zip(names, row, strict=True))
        for n, row in enumerate(buildings)
    ]
    if standing:
        load_rows(db, "buildings", standing, tmp_path)
    expected = None if far is None else pytest.approx(far)
    assert measures(db, "far")["P"] == expected
    assert measures(db, "far_headroom")["P"] == (None if far is None else pytest.approx(2.0 - far))


def test_vacancy_is_weighted_by_floor_area_and_unknown_where_one_building_is(city: Database) -> None:
    vacancy = measures(city, "vacancy_share")
    assert vacancy["S1"] == pytest.approx((12_000 * 0.4 + 8_000 * 0.1) / 20_000)
    assert vacancy["S2"] is None
    assert vacancy["S3"] == 0.5  # one building: its weight does not matter
    assert vacancy["S4"] is None


def test_the_year_is_the_oldest_buildings_where_all_are_known(city: Database) -> None:
    years = measures(city, "year_built")
    assert (years["S1"], years["S2"], years["S3"], years["S6"], years["N1"]) == (1998, None, 1999, 1980, 1975)


def test_heritage_share_counts_overlapping_outlines_once(city: Database) -> None:
    share, distance = measures(city, "heritage_share"), measures(city, "heritage_distance_m")
    assert share["S8"] == pytest.approx(0.5)
    assert share["S6"] == 0.0  # touched at a corner only
    assert distance["S6"] == 0.0
    assert share["S2"] is None  # something protected without an outline stands on it
    assert distance["S1"] == pytest.approx(50.0)


def test_heritage_share_is_unknown_while_no_outline_is_registered(db: Database) -> None:
    load_small_city(db, ("parcels", "heritage"), heritage=CITY["heritage"][2:])
    assert set(measures(db, "heritage_share").values()) == {None}
    assert measures(db, "heritage_distance_m")["S2"] == 0.0


def test_measures_are_unknown_while_their_layer_is_empty(db: Database) -> None:
    load_small_city(db, ("parcels",))
    frame = geo.parcels(db, nearby_m=100)
    for name in ("zone", "zone_share", "heritage_share", "heritage_distance_m", "station_distance_m"):
        assert frame[name].isna().all(), name
    assert frame["carriers_nearby"].isna().all()
    assert set(geo.candidates(db)["verdict"]) == {"no", "unknown"}


def test_carriers_nearby_leave_out_those_on_the_parcel_and_need_a_distance(city: Database) -> None:
    silent = geo.policy("hongkou-2025").model_copy(update={"measures": None})
    assert set(measures(city, "carriers_nearby", policy=silent).values()) == {None}
    assert measures(city, "carriers_nearby") == measures(city, "carriers_nearby", nearby_m=500), "the policy's 500 m"
    near = measures(city, "carriers_nearby", nearby_m=60)
    # C1 (a point in S1), C2 (on S1-1 and S3) and C5 (drawn in S2) are active and have a place
    assert near["S1"] == 1  # C5
    assert near["S2"] == 2  # C1, C2
    assert near["S3"] == 1  # C5
    assert near["O1"] == 0  # C6 stands on it
    assert near["N1"] == 0  # C3 is on notice


def rectangles(rng: np.random.Generator, n: int, size: tuple[float, float]) -> list[shapely.Polygon]:
    found = []
    for x, y, w, h, angle in zip(
        rng.uniform(0, 1000, n),
        rng.uniform(0, 1000, n),
        rng.uniform(*size, n),
        rng.uniform(*size, n),
        rng.uniform(0, 90, n),
        strict=True,
    ):
        found.append(rotate(shapely.box(EAST + x, NORTH + y, EAST + x + w, NORTH + y + h), angle))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_distances_and_shares_agree_with_shapely_over_random_shapes(db: Database, tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    land = {f"P{n:03}": shape for n, shape in enumerate(rectangles(rng, 60, (20, 80)))}
    zones = {f"Z{n}": shape for n, shape in enumerate(rectangles(rng, 4, (200, 500)))}
    outlined = rectangles(rng, 12, (20, 120))
    stations = [point(*xy) for xy in rng.uniform(0, 1000, (15, 2))]
    load_rows(db, "parcels", [{"parcel_code": code, "geom": shape} for code, shape in land.items()], tmp_path)
    load_rows(
        db,
        "zones",
        [{"zone": code, "name": code, "indicative": "true", "geom": shape} for code, shape in zones.items()],
        tmp_path,
    )
    heritage: list[Row] = [
        {"heritage_code": f"H{n}", "statutory": "true", "geom": shape} for n, shape in enumerate(outlined)
    ]
    load_rows(db, "heritage", heritage, tmp_path)
    load_rows(db, "stations", [{"station_code": f"T{n}", "geom": at} for n, at in enumerate(stations)], tmp_path)

    found = geo.parcels(db).set_index("parcel_code")
    protected = shapely.union_all(outlined)
    for code, shape in land.items():
        row = found.loc[code]
        assert row["station_distance_m"] == pytest.approx(min(shape.distance(at) for at in stations), abs=1e-6)
        assert row["heritage_distance_m"] == pytest.approx(shape.distance(protected), abs=1e-6)
        assert row["heritage_share"] == pytest.approx(shape.intersection(protected).area / shape.area, abs=1e-6)
        shares = {name: shape.intersection(zone).area / shape.area for name, zone in zones.items()}
        best = max(shares, key=lambda name: shares[name])
        assert row["zone_share"] == pytest.approx(shares[best], abs=1e-6)
        if abs(shares[best] - 0.5) > 1e-6:
            assert row["zone"] == (best if shares[best] > 0.5 else "other")


def test_every_outline_comes_back_as_it_was_drawn(city: Database) -> None:
    found = geo.parcels(city).set_index("parcel_code").geometry
    for code, shape in outlines().items():
        assert found[code].equals(shape)


def test_text_with_quotes_commas_line_breaks_and_nothing_comes_back_unchanged(db: Database, tmp_path: Path) -> None:
    names = [
        '甲"乙',
        "a,b",
        "a\nb",
        "",
        "<img src=x onerror=alert(1)>",
        "NA",
        "null",
        "\\N",
        "北外滩 %s %(x)s {}",
        "'; --",
    ]
    rows = [{"parcel_code": f"P{n}", "geom": box(n * 20, 0, n * 20 + 10, 10)} for n in range(len(names))]
    load_rows(db, "parcels", rows, tmp_path)
    with db.write() as connection:
        changed = sa.text("UPDATE registry.parcels SET name = :name WHERE parcel_code = :code")
        connection.execute(changed, [{"name": name, "code": f"P{n}"} for n, name in enumerate(names)])
    assert list(geo.parcels(db)["name"]) == names


def test_every_measure_of_the_catalogue_is_a_column(city: Database) -> None:
    from geo.fields.measures import MEASURES

    assert set(MEASURES) <= set(geo.parcels(city).columns)

"""All rules over real land: Cambridge by a policy file of its own, and Hongkou's layers round street blocks."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import geo
from geo import demo
from geo.database import Database, connect, upgrade
from geo.embedded.server import create_database, drop_database
from geo.settings import data_dir

FOLDER = Path(os.environ.get("SHUANGBEI_REAL_DATA", ""))
pytestmark = pytest.mark.skipif(
    not os.environ.get("SHUANGBEI_REAL_DATA"), reason="SHUANGBEI_REAL_DATA is not set: the real layers are not here"
)
CAMBRIDGE = FOLDER / "cambridge_ma_parcels" / "cambridge_parcels.gpkg"
FT2 = 0.3048**2

#: the street blocks in the place of parcels: nobody says what is planned on them, and the rules must say so
BLOCKS = """
kind = "parcels"
layer = "street_blocks_derived_wgs84"
crs = "EPSG:4326"
[source]
name = "street blocks in the place of parcels, for a test"
[columns]
parcel_code = { column = "bid", prefix = "block-" }
"""


@pytest.fixture(scope="module")
def cambridge(server_url: str) -> Iterator[Database]:
    import sqlalchemy as sa

    name = f"shuangbei_cambridge_{os.getpid()}"
    create_database(server_url, name)
    db = connect(sa.make_url(server_url).set(database=name).render_as_string(hide_password=False))
    upgrade(db, "EPSG:26986")
    geo.load(db, CAMBRIDGE, kind="zones", mapping="cambridge-neighborhoods")
    geo.load(db, CAMBRIDGE, kind="parcels", mapping="cambridge-parcels-fy2013", accept_valid=True)
    yield db
    db.engine.dispose()
    drop_database(server_url, name)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The assessor's own rows, without those that cannot be valid."""
    return pyogrio.read_dataframe(CAMBRIDGE, layer="parcels_fy2013", read_geometry=False).set_index("ML")


def uses() -> dict[str, set[str]]:
    with (data_dir() / "land_use" / "cambridge_ma.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: set(row["use"].split("|")) for row in csv.DictReader(lines)}


@pytest.mark.parametrize("rule", geo.policy("cambridge-ma").rules)
def test_every_rule_runs_on_cambridge(cambridge: Database, rule: str) -> None:
    judged = geo.candidates(cambridge, "cambridge-ma", rule=rule)
    assert len(judged) > 12_000
    verdicts = set(judged["verdict"])
    assert "no" in verdicts
    # Where nobody has said what the rule asks for, the verdict is unknown; it is never a candidate.
    silent = {"idle_industrial_to_talent_housing", "delisted_carrier_to_talent_housing"}
    assert verdicts == ({"no", "unknown"} if rule in silent else {"candidate", "no", "unknown"})


def test_candidates_of_cambridge_are_those_that_one_counts_in_the_assessors_file(
    cambridge: Database, raw: pd.DataFrame
) -> None:
    judged = geo.candidates(cambridge, "cambridge-ma", rule="office_to_rnd").set_index("parcel_code")
    rows = raw.loc[judged.index]
    of_code = uses()
    office = {"commercial_office", "commercial_service"}
    wholly = rows["UseCode"].map(lambda code: of_code.get(str(code), {"?"}) <= office)
    area = (rows["LandArea_sqft"] * FT2).where(rows["LandArea_sqft"] > 0, judged.geometry.area)
    # A hair's breadth at the threshold is nobody's business here.
    sure = (area - 10_000 * FT2).abs() > 1e-6
    expected = set(rows.index[wholly & (area >= 10_000 * FT2) & sure])
    found = set(judged.index[(judged["verdict"] == "candidate") & sure])
    assert found == expected
    assert len(found) > 100
    assert set(judged.loc[sorted(found), "target_codes"]) == {"404"}


def test_land_that_really_became_research_was_judged_the_year_before(cambridge: Database) -> None:
    """Where the true conversions stood; how high is told in the notebook and tuned to nothing."""
    changes = pd.read_csv(FOLDER / "cambridge_ma_parcels" / "use_changes_fy2013_fy2014.csv", dtype=str).set_index("ML")
    of_code = uses()
    became = changes[changes["UseCode_14"].map(lambda code: "industrial_rnd" in of_code.get(code, ()))]
    became = became[~became["UseCode_13"].map(lambda code: "industrial_rnd" in of_code.get(code, ()))]
    judged = {
        rule: geo.candidates(cambridge, "cambridge-ma", rule=rule).set_index("parcel_code")
        for rule in ("office_to_rnd", "industrial_to_rnd")
    }
    assert len(became) >= 5
    for code in became.index:
        assert {str(frame.loc[code, "verdict"]) for frame in judged.values()} <= {"candidate", "no", "unknown"}


@pytest.fixture(scope="module")
def hongkou(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    import sqlalchemy as sa
    from conftest import _copy

    name = f"shuangbei_hongkou_{os.getpid()}"
    _copy(server_url, template, name)
    db = connect(sa.make_url(server_url).set(database=name).render_as_string(hide_password=False))
    demo.load_real(db, FOLDER)
    demo.load_known(db)
    plan = tmp_path_factory.mktemp("blocks") / "blocks.toml"
    plan.write_text(BLOCKS, encoding="utf-8")
    geo.load(db, FOLDER / "hongkou_osm_roads" / "hongkou_roads.gpkg", kind="parcels", mapping=plan, accept_valid=True)
    yield db
    db.engine.dispose()
    drop_database(server_url, name)


@pytest.mark.parametrize("rule", geo.policy("hongkou-2025").rules)
def test_every_rule_runs_on_the_real_layers_and_takes_nothing_unsaid_for_known(hongkou: Database, rule: str) -> None:
    judged = geo.candidates(hongkou, rule=rule)
    assert len(judged) > 200
    # Nobody says what is planned on a street block: no rule may find a candidate there.
    assert set(judged["verdict"]) <= {"no", "unknown"}
    for reasons in judged["reasons"]:
        for reason in reasons:
            assert (reason["outcome"] == "unknown") == (reason["value"] is None and reason["text"] is None)


def test_what_the_real_layers_do_say_is_what_shapely_says_of_them(hongkou: Database) -> None:
    land = geo.parcels(hongkou)
    stations, services = (geo.facts(hongkou, kind) for kind in ("stations", "services"))
    institutes = services[services["category"] == "科研机构"]
    assert len(institutes) > 5
    nearest = gpd.sjoin_nearest(land[["parcel_code", "geometry"]], stations[["geometry"]], distance_col="d")
    expected = nearest.groupby("parcel_code")["d"].min()
    assert land.set_index("parcel_code")["station_distance_m"].to_dict() == pytest.approx(expected.to_dict(), abs=1e-6)
    near = gpd.sjoin(land[["parcel_code", "geometry"]], institutes[["geometry"]], predicate="dwithin", distance=1000)
    counts = near.groupby("parcel_code").size().reindex(land["parcel_code"], fill_value=0)
    assert land["institutes_nearby"].astype(int).tolist() == counts.tolist()
    # carriers are there, whether one of them is delisted nobody says; centres and plan changes are not there at all
    assert land["delisted_carriers"].isna().any()
    assert land["centre_tier"].isna().all()
    assert land["approved_change_share"].isna().all()


def test_gross_floor_area_by_use_is_that_of_the_assessors_file_and_its_dirt_is_listed(
    cambridge: Database, raw: pd.DataFrame
) -> None:
    found = geo.floor_area(cambridge, "cambridge-ma", by=["land_use"]).set_index("land_use")
    kept = raw.index.isin(set(geo.parcels(cambridge, "cambridge-ma")["parcel_code"]))
    of_code = uses()

    def group(code: object) -> str:
        several = of_code.get(str(code), set())
        return "unknown" if not several else next(iter(several)) if len(several) == 1 else "mixed"

    rows = raw[kept].assign(use=raw.loc[kept, "UseCode"].map(group))
    # The assessor's 0 is not told apart from "not recorded" (data/mappings/cambridge-parcels-fy2013.toml).
    known = rows["GrossArea_sqft"].where(rows["GrossArea_sqft"] > 0)
    wanted = pd.DataFrame({"use": rows["use"], "m2": known * FT2, "n": 1, "n_unknown": known.isna().astype(int)})
    by_use = wanted.groupby("use").sum()
    assert set(found.index) == set(by_use.index)
    for use, row in by_use.iterrows():
        assert found.loc[use, "n"] == row["n"], use
        assert found.loc[use, "n_unknown"] == row["n_unknown"], use
        if row["n"] > row["n_unknown"]:
            assert found.loc[use, "gfa_m2"] == pytest.approx(row["m2"], abs=0.5), use
    assert by_use["m2"].sum() > 5_000_000
    # What is not in the sum is on the list of rejected rows, each with its fault: nothing fell out in silence.
    rejected = geo.rejected(cambridge, kind="parcels")
    assert len(rejected) == len(raw) - int(kept.sum()) > 0
    negative = raw.index[raw["GrossArea_sqft"] < 0]
    assert len(negative) == 1
    assert not set(negative) & set(raw.index[kept])

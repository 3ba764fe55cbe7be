"""The demo from its files to the page: figures that agree with an independent sum over the raw files."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from starlette.testclient import TestClient
from typer.testing import CliRunner

import geo
import geo.demo
from api.app import create_app
from api.cli import app as command_line
from geo.database import Database
from geo.publish import publish

DEMO = Path(__file__).parent.parent / "data" / "demo"

Sums = dict[str, dict[str, float]]


def features(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEMO / name).read_text(encoding="utf-8"))["features"]
    return found


def number(value: Any) -> float | None:
    """A figure as offices write it; `—` and nothing are unknown."""
    return None if value in (None, "", "—", "/") else float(value)


def ground_metres(geometry: dict[str, Any]) -> shapely.Geometry:
    """Degrees as metres on a plane that touches the ellipsoid in the middle of the district: to some 1e-4, here enough."""
    phi = math.radians(31.27)
    a, e2 = 6_378_137.0, 0.00669438002290
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    m = a * (1 - e2) / (1 - e2 * math.sin(phi) ** 2) ** 1.5
    scale = (math.radians(n * math.cos(phi)), math.radians(m))
    return shapely.transform(shape(geometry), lambda xy: xy * scale)


def raw_sums() -> Sums:
    """Site area, known floor area, entries and unknown entries by zone, added up from the files (docs/floor-area.md)."""
    zones = {f["properties"]["zone"]: ground_metres(f["geometry"]) for f in features("zones.geojson")}
    standing: dict[str, list[float | None]] = defaultdict(list)
    for feature in features("buildings.geojson"):
        row = feature["properties"]
        if row["建设状态"] == "现状":
            above, below = number(row["地上建筑面积"]), number(row["地下建筑面积"])
            total = number(row["建筑面积"])
            if total is None and above is not None and below is not None:
                total = above + below
            standing[row["地块编号"]].append(total)
    sums: Sums = defaultdict(lambda: {"site_area_m2": 0.0, "gfa_m2": 0.0, "n": 0, "n_unknown": 0, "n_parcels": 0})
    for feature in features("parcels.geojson"):
        row, land = feature["properties"], ground_metres(feature["geometry"])
        shares = {zone: land.intersection(area).area / land.area for zone, area in zones.items()}
        best = max(shares, key=lambda zone: shares[zone])
        booked = sums[best if shares[best] >= 0.5 else "other"]
        own, buildings = number(row["建筑面积"]), standing[row["地块编号"]]
        if buildings and None not in buildings:
            entries = buildings
        elif own is not None:
            entries = [own]
        elif buildings:
            entries = buildings
        else:
            entries = [0.0 if row["供地状态"] == "已供未建" else None]
        registered = number(row["用地面积"])
        booked["n_parcels"] += 1
        booked["site_area_m2"] += land.area if registered is None else registered
        booked["gfa_m2"] += sum(entry for entry in entries if entry is not None)
        booked["n"] += len(entries)
        booked["n_unknown"] += entries.count(None)
    return sums


@pytest.fixture(scope="module")
def raw() -> Sums:
    return raw_sums()


@pytest.fixture
def _commands(demo_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", demo_db.engine.url.render_as_string(hide_password=False))


@pytest.mark.usefixtures("_commands")
def test_the_command_agrees_with_the_sum_over_the_raw_files(raw: Sums) -> None:
    result = CliRunner().invoke(command_line, ["totals", "--by", "zone", "--format", "json"])
    assert result.exit_code == 0, result.output
    told = {row["zone"]: row for row in json.loads(result.stdout)}
    assert set(told) == set(raw)
    for zone, sums in raw.items():
        assert told[zone]["gfa_m2"] == pytest.approx(sums["gfa_m2"], abs=0.5)
        # parcels without a registered area are measured in the work CRS, which is not our plane
        assert told[zone]["site_area_m2"] == pytest.approx(sums["site_area_m2"], rel=2e-4)
        assert (told[zone]["n"], told[zone]["n_unknown"]) == (sums["n"], sums["n_unknown"])


def test_the_page_shows_the_figures_of_the_command(demo_db: Database, raw: Sums) -> None:
    run = publish(demo_db, geo.policy("hongkou-2025"))
    for zone, sums in raw.items():
        shown = run.figures["zones"][zone]
        assert shown["n_parcels"] == sums["n_parcels"]
        assert shown["gfa_m2"] == pytest.approx(sums["gfa_m2"], abs=0.5)
        assert shown["n_gfa_unknown"] == sums["n_unknown"]
    with TestClient(create_app(demo_db)) as browser:
        page = browser.get("/").text
        api = browser.get("/api/v1/run").json()
    assert f"{run.figures['n_parcels']:,}" in page
    assert f"{run.figures['gfa_m2'] / 1e4:,.1f}" in page
    assert "非考核口径" in page
    assert "演示数据" in page
    assert "示意" in page
    assert api["figures"]["gfa_m2"] == run.figures["gfa_m2"]


def test_every_invented_row_is_marked_and_no_real_one_is(demo_db: Database) -> None:
    for frame, code in ((geo.parcels(demo_db), "parcel_code"), (geo.carriers(demo_db), "carrier_code")):
        assert (frame[code].str.startswith("演示-") == frame["synthetic"]).all()
    named = geo.carriers(demo_db).query("not synthetic")
    assert len(named) >= 10
    assert named["fact_source"].notna().all(), "every fact names its source"


def test_the_demo_has_every_verdict_and_belts_and_patches(demo_db: Database) -> None:
    judged = geo.candidates(demo_db)
    assert set(judged["verdict"]) == {"candidate", "no", "unknown"}
    assert set(geo.clusters(demo_db)["shape"]) == {"belt", "patch"}
    assert set(geo.adjacency(demo_db)["type"]) == {"shared_edge", "lane", "corner", "barrier"}


@pytest.mark.parametrize("rule", geo.policy("hongkou-2025").rules)
def test_every_rule_finds_candidates_noes_and_unknowns_in_the_demo(demo_db: Database, rule: str) -> None:
    judged = geo.candidates(demo_db, rule=rule)
    assert set(judged["verdict"]) == {"candidate", "no", "unknown"}
    routes = {route.id for route in geo.policy("hongkou-2025").rule(rule).routes}
    assert set(judged["route"].dropna()) <= routes
    flags = {flag["outcome"] for flags in judged["flags"] for flag in flags}
    assert flags == {"raised", "clear", "unknown"}


def test_every_measure_is_known_of_some_land_and_unknown_of_other_land_where_that_can_be(demo_db: Database) -> None:
    from geo.fields.measures import MEASURES

    land = geo.parcels(demo_db)
    known = {name: int(land[name].notna().sum()) for name in MEASURES}
    # the park's boundary is not public, and none is made up
    assert [name for name, n in known.items() if n == 0] == ["park_share"]
    for name in ("owner_count", "grant_years_left", "lease_years_left", "vacancy_share", "far_used_share"):
        assert 0 < known[name] < len(land), name


def test_loading_the_demo_again_changes_nothing(demo_db: Database) -> None:
    assert geo.demo.is_loaded(demo_db)
    reports = geo.demo.load(demo_db)
    assert [report.import_id for report in reports] == [None] * len(reports)
    assert all(report.counts["same"] == report.n_rows for report in reports)

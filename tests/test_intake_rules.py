"""Warnings: what is doubtful is told with both codes and the figure, stops nothing, and comes from one table of rules."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from intake_files import EAST, MAPPING, NORTH, current, gpkg, mapping, parcels, square

import geo
from geo.database import Database
from geo.errors import IntakeError
from geo.fields import Fault
from geo.intake import ImportReport, load
from geo.intake.rules import RULES
from geo.policy import policy

ROOT = Path(__file__).parent.parent
DAY = date(2024, 1, 1)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle whose corner lies x, y metres from the south-west of the tests' land."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def bring(db: Database, folder: Path, frame: gpd.GeoDataFrame, text: str = MAPPING, **options: object) -> ImportReport:
    path, plan = gpkg(folder, frame), mapping(folder, text)
    return load(db, path, kind="parcels", mapping=plan, effective=DAY, **options)  # type: ignore[arg-type]


def drawn(*shapes: shapely.Geometry, **columns: list[object]) -> gpd.GeoDataFrame:
    """Parcels of these outlines, whose registered area is what is drawn."""
    sizes = {"YDMJ": [s.area * 15 / 10_000 for s in shapes], "JZMJ": [s.area for s in shapes]}
    return parcels(len(shapes), geometry=list(shapes), **(sizes | columns))


def told(faults: tuple[Fault, ...]) -> list[tuple[object, ...]]:
    return [(f.row, f.key, f.value, f.rule) for f in faults]


def test_sound_neighbours_are_not_told_of_whether_their_corners_meet_or_not(db: Database, tmp_path: Path) -> None:
    # Edge to edge; a T-junction without a corner on the long edge; corner to corner; a lane of 12 m between.
    shapes = [
        box(0, 0, 100, 100),
        box(100, 0, 50, 40),
        box(100, 40, 50, 60),
        box(150, 100, 50, 50),
        box(212, 0, 50, 50),
    ]
    report = bring(db, tmp_path, drawn(*shapes))
    assert told(report.faults) == []


def test_an_overlap_names_both_codes_and_its_area_and_stops_nothing(db: Database, tmp_path: Path) -> None:
    report = bring(db, tmp_path, drawn(box(0, 0, 100, 100), box(90, 0, 100, 100), box(400, 0, 10, 10)))
    assert told(report.faults) == [
        (1, "HK-00", "HK-01: 1,000.0 m²", "overlap"),
        (2, "HK-01", "HK-00: 1,000.0 m²", "overlap"),
    ]
    assert all(f.severity == "warning" and "HK-00" in f.advice and "HK-01" in f.advice for f in report.faults)
    assert len(current(db)) == 3


def test_an_outline_within_another_overlaps_it(db: Database, tmp_path: Path) -> None:
    report = bring(db, tmp_path, drawn(box(0, 0, 100, 100), box(40, 40, 10, 10)))
    assert [(f.key, f.value, f.rule) for f in report.faults] == [
        ("HK-00", "HK-01: 100.0 m²", "overlap"),
        ("HK-01", "HK-00: 100.0 m²", "overlap"),
    ]


@pytest.mark.parametrize(
    ("offset", "rule", "area"),
    [
        (99.7, "sliver_overlap", "30.0"),  # 0.3 m wide, 100 m long
        (100.3, "sliver_gap", "30.0"),
        (99.995, None, ""),  # half a square metre in all: drawing noise
        (100.005, None, ""),
        (100.6, None, ""),  # wider than the policy's 0.5 m: a lane, if a small one
    ],
)
def test_a_narrow_overlap_or_gap_is_a_sliver(
    db: Database, tmp_path: Path, offset: float, rule: str | None, area: str
) -> None:
    report = bring(db, tmp_path, drawn(box(0, 0, 100, 100), box(offset, 0, 100, 100)))
    pairs = [("HK-00", f"HK-01: {area} m²", rule), ("HK-01", f"HK-00: {area} m²", rule)]
    assert [(f.key, f.value, f.rule) for f in report.faults] == (pairs if rule else [])


def test_a_wedge_between_two_that_touch_at_a_corner_is_a_sliver_gap(db: Database, tmp_path: Path) -> None:
    # The edge of the second leans away from the first, 0.4 m over 100 m: half of that is 20 m².
    leaning = shapely.Polygon(
        [(EAST + 100, NORTH), (EAST + 200, NORTH), (EAST + 200, NORTH + 100), (EAST + 100.4, NORTH + 100)]
    )
    report = bring(db, tmp_path, drawn(box(0, 0, 100, 100), leaning))
    assert [(f.rule, f.value) for f in report.faults] == [
        ("sliver_gap", "HK-01: 20.0 m²"),
        ("sliver_gap", "HK-00: 20.0 m²"),
    ]


def test_a_gap_that_other_land_fills_is_none_and_an_outline_as_narrow_is_itself_a_sliver(
    db: Database, tmp_path: Path
) -> None:
    report = bring(db, tmp_path, drawn(box(0, 0, 100, 100), box(100, 0, 0.3, 100), box(100.3, 0, 100, 100)))
    assert [(f.key, f.rule) for f in report.faults] == [("HK-01", "sliver")]


def test_of_many_neighbours_the_largest_are_told_and_the_rest_counted(db: Database, tmp_path: Path) -> None:
    large, *small = box(0, 0, 100, 100), *(box(i * 15, 95, 10, 5 + i) for i in range(6))
    report = bring(db, tmp_path, drawn(large, *(shapely.box(*s.bounds[:2], s.bounds[2], s.bounds[3]) for s in small)))
    own = [f for f in report.faults if f.row == 1]
    assert len(own) == 3
    assert "And 3 more such." in own[-1].advice
    assert sum(f.row != 1 for f in report.faults) == 6


def test_the_same_outline_under_two_codes_is_told_whatever_corner_it_begins_at(db: Database, tmp_path: Path) -> None:
    turned = shapely.Polygon([*square(0).exterior.coords[2:-1], *square(0).exterior.coords[:3]][::-1])
    report = bring(db, tmp_path, parcels(3, geometry=[square(0), turned, square(1)], JZMJ=[1e4] * 3))
    assert [(f.key, f.value) for f in report.faults if f.rule == "duplicate_shape"] == [
        ("HK-00", "HK-01"),
        ("HK-01", "HK-00"),
    ]


def test_an_overlap_with_registered_land_of_another_code_is_told(db: Database, tmp_path: Path) -> None:
    first = drawn(box(0, 0, 100, 100), box(100, 0, 100, 100))
    bring(db, tmp_path, first)
    again = drawn(box(0, 0, 90, 100), box(195, 0, 50, 100), DKBH=["HK-00", "NEW"])
    assert told(bring(db, tmp_path, again).faults) == [(2, "NEW", "HK-01: 500.0 m²", "overlap_registered")]
    # What ends with this file overlaps nothing.
    later = drawn(box(0, 0, 50, 50), box(100, 0, 90, 90), DKBH=["HK-00", "OTHER"])
    assert told(bring(db, tmp_path, later, gone="retire").faults) == []


def test_registered_area_beyond_the_tolerance_of_the_policy_is_told(db: Database, tmp_path: Path) -> None:
    frame = parcels(7, YDMJ=[15.0, 15.7, 14.4, 16.5, 15, 15, 15])  # the policy allows 5 %
    found = bring(db, tmp_path, frame).faults
    assert [(f.row, f.field, f.value, f.rule) for f in found] == [
        (4, "registered_area_m2", "11,000.0 m²; drawn 10,000.0 m²", "area_differs")
    ]
    wide = policy("hongkou-2025").with_changes({"intake.area_tolerance.value": 20})
    assert bring(db, tmp_path, frame, policy=wide).faults == ()


def test_built_far_is_held_against_countable_floor_area_and_is_unknown_where_only_the_total_is(
    db: Database, tmp_path: Path
) -> None:
    text = MAPPING.replace("year_built", 'countable_gfa_m2 = "JRMJ"\nbuilt_far = "RJL"\nyear_built')
    frame = parcels(5, JRMJ=[20_000, 20_000, None, 20_000, 20_000], RJL=[2.0, 3.0, 3.0, None, 2.05])
    found = bring(db, tmp_path, frame, text).faults
    assert [(f.row, f.field, f.value, f.rule) for f in found] == [(2, "built_far", "3", "far_differs")]
    assert "2.00" in found[0].advice
    assert "built_far" not in current(db).columns
    with pytest.raises(IntakeError) as caught:
        bring(db, tmp_path, frame.assign(RJL=[71.7, 2, 2, 2, 2]), text)
    assert [(f.row, f.field, f.rule) for f in caught.value.faults if f.severity == "error"] == [
        (1, "built_far", "above_limit")
    ]


def test_an_area_column_whose_median_fits_another_unit_is_one_fault_of_the_whole_file(
    db: Database, tmp_path: Path
) -> None:
    # 15 mu of land, said to be m².
    text = MAPPING.replace('unit = "亩"', 'unit = "m2"')
    found = bring(db, tmp_path, parcels(6), text).faults
    assert [(f.row, f.field, f.value, f.rule) for f in found] == [
        (None, "registered_area_m2", "YDMJ: m2", "unit_suspicious")
    ]
    assert "亩 would fit" in found[0].advice
    # 2 万㎡ of floor area, said to be m².
    found = bring(db, tmp_path, parcels(6, JZMJ=[2.0] * 6)).faults
    assert [(f.field, f.rule) for f in found] == [("gfa_m2", "unit_suspicious")]
    assert "万㎡ would fit" in found[0].advice


def test_a_policy_without_tolerances_is_said_to_have_none(db: Database, tmp_path: Path) -> None:
    bare = policy("hongkou-2025").model_copy(update={"intake": None})
    found = bring(db, tmp_path, drawn(box(0, 0, 100, 100), box(90, 0, 100, 100)), policy=bare).faults
    assert [(f.row, f.rule) for f in found] == [(None, "not_checked")]


def test_land_outside_both_zones_is_no_fault(city: Database, tmp_path: Path) -> None:
    far_away = [shapely.transform(square(i), lambda xy: xy + 20_000) for i in range(3)]
    report = bring(city, tmp_path, parcels(3, geometry=far_away))
    assert report.faults == ()
    stored = geo.parcels(city).set_index("parcel_code")
    assert stored.loc["HK-00", "zone"] not in policy("hongkou-2025").zones.names


def documented() -> dict[str, str]:
    """Rule → severity, as the table in the documentation has them."""
    text = (ROOT / "docs/own-files.md").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for names, severity in re.findall(r"^\| (`.+?`) \| (error|warning)\b", text, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), severity)
    return found


def test_the_table_in_the_documentation_has_every_rule_with_its_severity() -> None:
    assert documented() == {name: rule.severity for name, rule in RULES.items()}


def written_rules() -> set[str]:
    """The names of rules that stand as such in the code of intake: what is passed as a rule to what makes a fault."""
    makers = {"add": 3, "add_whole": 2, "_refuse": 3, "_RefusedError": 0, "UnfitError": 0, "Fault": 4, "_Wrong": 0}
    found = set()
    for path in (ROOT / "geo/intake").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                place = makers.get(name, len(call.args))
                if place < len(call.args) and isinstance(call.args[place], ast.Constant):
                    found.add(str(call.args[place].value))  # type: ignore[attr-defined]
    return found


def test_every_rule_that_the_code_names_is_in_the_table_of_rules() -> None:
    found = written_rules()
    assert len(found) > 20
    assert found <= set(RULES)


def test_every_rule_has_its_words_in_both_languages() -> None:
    for name, rule in RULES.items():
        assert all((rule.zh, rule.en, rule.mend_zh)), name
        assert re.search(r"[一-鿿]", rule.zh + rule.mend_zh), name


def test_every_tolerance_of_the_policy_says_where_it_comes_from_in_both_languages() -> None:
    intake = policy("hongkou-2025").intake
    assert intake is not None
    for name in type(intake).model_fields:
        setting = getattr(intake, name)
        assert setting.clause or (setting.assumption and setting.assumption_en), name
    assert (intake.area_tolerance.share, intake.overlap_area.m2, intake.sliver_width.m) == (0.05, 1.0, 0.5)

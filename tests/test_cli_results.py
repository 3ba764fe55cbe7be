"""The commands that tell the answers: to a terminal, through a pipe, and into files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

import geo
from api.cli import app
from geo.database import Database
from geo.errors import NotFoundError, SettingsError


@pytest.fixture(autouse=True)
def _commands_see_the_city(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_candidates_as_json_are_records_with_reasons_and_without_shapes(city: Database) -> None:
    rows = json.loads(run("candidates", "--format", "json").stdout)
    assert len(rows) == 16
    by_code = {row["parcel_code"]: row for row in rows}
    assert by_code["S2"]["verdict"] == "unknown"
    assert by_code["S2"]["gfa_m2"] is None
    assert by_code["S1"]["reasons"][0]["condition"] == "in_zone"
    assert "geometry" not in by_code["S1"]


def test_totals_as_json_agree_with_the_python_call(city: Database) -> None:
    rows = json.loads(run("totals", "--by", "zone", "--format", "json").stdout)
    assert {row["zone"]: row["gfa_m2"] for row in rows} == {
        "north_bund": 82_000,
        "north_middle_ring": 45_000,
        "other": 32_000,
    }
    (grand,) = json.loads(run("totals", "--by", "", "--format", "json").stdout)
    assert grand == geo.floor_area(city, by=[]).to_dict("records")[0]


def test_the_table_is_for_people_and_says_unknown_as_a_dash(city: Database) -> None:
    said = run("carriers").stdout
    assert "甲园" in said
    assert "30,000" in said
    assert "—" in said


def test_csv_through_a_pipe_has_a_heading_and_every_row(city: Database) -> None:
    rows = list(csv.reader(io.StringIO(run("carriers", "--format", "csv").stdout)))
    assert len(rows) == 7
    assert len({len(row) for row in rows}) == 1


def test_geojson_has_a_feature_for_each_parcel_in_degrees(city: Database) -> None:
    content = json.loads(run("candidates", "--format", "geojson").stdout)
    assert len(content["features"]) == 16
    ring = content["features"][0]["geometry"]["coordinates"][0]
    longitude, latitude = ring[0] if isinstance(ring[0][0], float) else ring[0][0]
    assert 121 < longitude < 122
    assert 31 < latitude < 32


@pytest.mark.parametrize("ending", ["xlsx", "gpkg", "parquet", "csv", "json", "geojson"])
def test_out_writes_the_file_that_its_ending_names(city: Database, tmp_path: Path, ending: str) -> None:
    run("candidates", "--out", str(tmp_path / f"list.{ending}"))
    assert (tmp_path / f"list.{ending}").stat().st_size > 0


@pytest.mark.parametrize(
    "command",
    [
        ("candidates",),
        ("candidates", "--robustness"),
        ("carriers",),
        ("clusters", "--over", "all"),
        ("sites", "--over", "all"),
        ("totals",),
        ("way", "--list"),
        ("export", "parcels"),
    ],
)
def test_a_list_that_somebody_filled_in_is_written_over_only_on_demand(
    city: Database, tmp_path: Path, command: tuple[str, ...]
) -> None:
    book = tmp_path / "清单.xlsx"
    book.write_text("filled in by hand", encoding="utf-8")
    with pytest.raises(SettingsError, match="is there already") as refused:
        run(*command, "--out", str(book))
    assert "--force" in refused.value.hint
    assert book.read_text(encoding="utf-8") == "filled in by hand"
    assert [path.name for path in tmp_path.iterdir()] == ["清单.xlsx"]
    with pytest.raises(SettingsError, match="is a folder") as refused:
        run(*command, "--out", str(tmp_path), "--force")
    assert "NAME.xlsx" in refused.value.hint
    if command != ("sites", "--over", "all"):  # the city has no site as large as the policy's
        run(*command, "--out", str(book), "--force")
        assert book.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("command", ["candidates", "clusters", "totals", "sites", "way"])
def test_an_empty_registry_is_said_to_be_one_and_how_parcels_come_in(
    db: Database, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", db.engine.url.render_as_string(hide_password=False))
    said = run(command, "--format", "json")
    assert json.loads(said.stdout) == []
    (line,) = [line for line in said.stderr.splitlines() if "no parcels yet" in line]
    assert "shuangbei import FILE --kind parcels" in line.replace(".venv/bin/", "")


def test_an_answer_without_rows_over_land_that_is_there_says_nothing_of_importing(city: Database) -> None:
    said = run("clusters", "--near-misses", "--min-area", "9999亩", "--format", "json")
    assert json.loads(said.stdout) == []
    assert "no parcels yet" not in said.stderr
    assert "Nothing is near the wanted area" in said.stderr


@pytest.mark.parametrize("name", ["清单", "清单.pdf"])
def test_a_file_without_an_ending_that_is_written_is_told_those_that_are(
    city: Database, tmp_path: Path, name: str
) -> None:
    with pytest.raises(SettingsError, match=r"清单.*: ") as refused:
        run("candidates", "--out", str(tmp_path / name))
    assert ".xlsx, .gpkg" in refused.value.hint
    assert "table" not in refused.value.hint


def test_a_past_day_is_asked_for_with_as_of(city: Database) -> None:
    assert json.loads(run("carriers", "--as-of", "2023-01-01", "--format", "json").stdout) == []
    early = run("totals", "--as-of", "1990-01-01", "--format", "json")
    assert json.loads(early.stdout) == []
    assert "Nothing holds on 1990-01-01" in early.stderr


def test_a_format_that_is_no_text_wants_a_file_and_one_that_differs_from_it_is_told(
    city: Database, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="xlsx"):
        run("candidates", "--format", "xlsx")
    with pytest.raises(SettingsError, match="differ"):
        run("candidates", "--format", "csv", "--out", str(tmp_path / "list.xlsx"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [("--out", "a.csv"), (), ("--robustness", "--out", "a.xlsx")])
def test_how_many_of_the_first_are_printed_is_asked_of_a_workbook_or_a_report(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["candidates", "--top", "3", *arguments])
    assert refused.exit_code != 0
    assert "--top" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []
    run("candidates", "--top", "1", "--out", "a.xlsx")
    assert openpyxl.load_workbook("a.xlsx")["候选清单"].print_area


def test_a_comparison_says_which_side_is_which_and_what_came_of_it(city: Database) -> None:
    same = run("candidates", "--compare", "hongkou-2025")
    assert "No parcel is judged otherwise" in same.stderr
    sides = [line for line in same.stderr.splitlines() if line.startswith(("Before: ", "After: "))]
    assert [line.split(":")[0] for line in sides] == ["Before", "After"]
    assert all("policy hongkou-2025" in line for line in sides)
    geo.publish(
        city, geo.policy("hongkou-2025").with_changes({"rules.office_to_rnd.conditions.large_enough.value": 12_000})
    )
    other = run("candidates", "--compare", "1")
    assert "Before: run 1, policy hongkou-2025" in other.stderr
    assert "parcels are judged otherwise: " in other.stderr


def test_a_day_without_parcels_and_one_that_the_policy_is_not_made_for_are_told(city: Database) -> None:
    assert "No parcel is registered for 1990-01-01" in run("candidates", "--as-of", "1990-01-01").stderr
    policy = geo.policy("hongkou-2025")
    assert policy.effective_to is not None
    later = run("candidates", "--as-of", f"{policy.effective_to.year + 5}-01-01").stderr
    assert f"made for {policy.effective_from} – {policy.effective_to}" in later
    assert "No parcel" not in later
    within = run("candidates", "--as-of", str(policy.effective_to)).stderr
    assert "made for" not in within


def test_an_unknown_rule_ends_with_the_list_of_rules(city: Database) -> None:
    with pytest.raises(NotFoundError, match="office_to_rnd"):
        run("candidates", "--rule", "nothing")


def test_a_total_opens_to_its_rows_and_faults_are_a_list_of_their_own(city: Database) -> None:
    rows = json.loads(run("totals", "--trace", "carrier=C2", "--format", "json").stdout)
    assert {(row["parcel_code"], row["building_code"], row["gfa_m2"]) for row in rows} == {
        ("S1", "S1-1", 6_000),
        ("S3", None, 15_000),
    }
    assert {row["file_name"] for row in rows} == {"buildings.csv", "parcels.csv"}
    faults = json.loads(run("totals", "--faults", "--format", "json").stdout)
    assert ("share_unknown", "C3") in {(row["fault"], row["carrier_code"]) for row in faults}
    pipeline = json.loads(
        run("totals", "--by", "state", "--states", "approved,under_construction", "--format", "json").stdout
    )
    assert {row["state"]: row["gfa_m2"] for row in pipeline if row["n"]} == {"under_construction": 50_000}
    for wrong in (
        ["--trace", "zone"],
        ["--faults", "--trace", ""],
        ["--by", "owner_kind"],
        ["--trace", "owner_kind=x"],
    ):
        with pytest.raises(SettingsError):
            run("totals", *wrong)


def test_what_is_near_the_wanted_area_is_told_by_the_command(city: Database) -> None:
    rows = json.loads(
        run("clusters", "--over", "all", "--near-misses", "--min-area", "88.5mu", "--format", "json").stdout
    )
    assert ("barrier", "river:小河", "reaches") in [(row["kind"], row["what"], row["outcome"]) for row in rows]
    told = run("clusters", "--over", "all", "--near-misses")
    said = told.stdout
    assert "90.00" in said
    assert "10.00" in said
    assert "Nearest: one cluster lacks 10.0 mu of 100.0 mu: 90.0 mu in all." in told.stderr
    opened = run("clusters", "--over", "all", "--near-misses", "--min-area", "88.5mu").stderr
    assert "river 小河 may be crossed, 2 clusters are one" in opened.lower()


def test_bridges_are_told_by_the_command(city: Database) -> None:
    said = run("clusters", "--over", "all", "--bridges", "--gap", "0").stdout
    assert "S2" in said
    assert "10,000" in said


def test_figures_of_a_list_are_shown_as_single_ones_are() -> None:
    from api.cli.telling import _cell

    assert _cell([32_969.899999999994, 11_874.4]) == "32,970、11,874"
    assert _cell(["S1", "S2"]) == "S1、S2"


@pytest.mark.parametrize("command", ["clusters", "sites", "adjacency"])
def test_a_day_without_parcels_is_told_and_one_with_land_is_not(city: Database, command: str) -> None:
    said = run(command, "--as-of", "1990-01-01")
    assert "No parcel is registered for 1990-01-01" in said.stderr
    there = run(command, "--as-of", "2025-12-31", "--over", "candidates")
    assert "No parcel is registered" not in there.stderr


def test_changes_come_first_and_what_says_nothing_of_runs_is_refused(city: Database) -> None:
    policy = geo.policy("hongkou-2025")
    geo.publish(city, policy)
    geo.publish(city, policy.with_changes({"clusters.lane_width.value": 0.0}))
    told = run("clusters", "--changes", "--format", "json")
    rows = [(row["over"], row["change"]) for row in json.loads(told.stdout)]
    changes = [change for _, change in rows]
    assert changes == sorted(changes, key=lambda change: change == "continued")
    assert {"split", "continued"} <= set(changes)
    one = json.loads(run("clusters", "--changes", "--rule", "office_to_rnd", "--format", "json").stdout)
    assert {row["over"] for row in one} == {"office_to_rnd"} < {over for over, _ in rows}
    for ignored in (("--over", "all"), ("--gap", "3"), ("--allow", "小河"), ("--as-of", "2025-12-31")):
        with pytest.raises(SettingsError, match=ignored[0]):
            run("clusters", "--changes", *ignored)
    with pytest.raises(NotFoundError):
        run("clusters", "--changes", "--rule", "nothing")


def test_the_price_of_more_land_takes_no_number_of_alternatives(city: Database) -> None:
    with pytest.raises(SettingsError, match="one site for each area"):
        run("sites", "--curve", "--alternatives", "3")
    for command in ("sites", "clusters", "adjacency", "carriers"):
        assert "docx" not in run(command, "--help").stdout


@pytest.mark.parametrize("text", ["much", "-3mu", "100 barrels", "", "1..2"])
def test_what_is_no_area_gets_a_clear_error(city: Database, text: str) -> None:
    with pytest.raises(SettingsError, match="is no area"):
        run("clusters", "--near-misses", "--min-area", text)


def test_an_area_is_read_as_offices_write_it() -> None:
    from api.cli.clusters import area_typed

    assert area_typed("100mu") == area_typed("100 亩") == pytest.approx(66_666.67, abs=0.01)
    assert area_typed("6.5ha") == area_typed("65,000") == 65_000


def test_two_questions_at_once_are_refused(city: Database) -> None:
    with pytest.raises(SettingsError, match="two questions"):
        run("clusters", "--near-misses", "--bridges")
    with pytest.raises(SettingsError, match="--near-misses"):
        run("clusters", "--min-area", "100mu")


def test_adjacency_is_listed_by_type_and_written_into_files(city: Database, tmp_path: Path) -> None:
    said = run("adjacency", "--type", "阻隔", "--format", "json")
    rows = json.loads(said.stdout)
    assert {(row["parcel_a"], row["parcel_b"]) for row in rows} == {("N1", "N4"), ("N1", "N5"), ("N3", "N5")}
    assert {row["barrier"] for row in rows} == {"river:小河"}
    assert "3 barrier" in said.stderr
    file = tmp_path / "pairs.csv"
    run("adjacency", "--type", "shared_edge", "--type", "lane", "--out", str(file))
    kinds = {row["type"] for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))}
    assert kinds == {"shared_edge", "lane"}
    opened = run("adjacency", "--allow", "小河", "--type", "barrier", "--format", "json")
    assert json.loads(opened.stdout) == []
    assert "3 pairs of parcels are joined by 小河." in opened.stderr
    with pytest.raises(SettingsError, match="no type of adjacency"):
        run("adjacency", "--type", "touching")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sites", "--out", "s.docx"), "Endings: .json, .csv, .geojson, .xlsx, .gpkg, .parquet"),
        (("clusters", "--format", "docx"), "Formats: table, json, csv, geojson, xlsx, gpkg, parquet"),
        (("adjacency", "--out", "pairs.gpkg"), "Endings: .json, .csv, .xlsx, .parquet"),
        (("candidates", "--robustness", "--out", "s.docx"), "Endings: .json"),
        (("sites", "--anchor", "S1", "--anchor", "none"), "Leave one out"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_worked_out(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(SettingsError) as refused:
        run(*arguments)
    assert said in (refused.value.hint or "")

"""``shuangbei policy``: what it checks, shows and tells apart, and the schema that editors read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from api.cli import app
from geo.policy import policy
from geo.policy.differences import Difference, differences
from geo.policy.schema import policy_schema, schema_text
from geo.settings import data_dir

FILES = sorted((data_dir() / "policy").glob("*.toml"))
HONGKOU = data_dir() / "policy" / "hongkou-2025.toml"


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["policy", *words], catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


def content(file: Path) -> dict[str, Any]:
    """A policy file as JSON has it: days as text."""
    found: dict[str, Any] = json.loads(json.dumps(tomllib.loads(file.read_text(encoding="utf-8")), default=str))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_policy_that_ships_fits_the_published_schema(file: Path) -> None:
    validator = jsonschema.Draft202012Validator(policy_schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(content(file))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('measure = "office_share"', 'measure = "offices"'),
        ("weight = 3\n", "weight = 3\ncolour = 1\n"),
        ("weight = 3\n", "weight = 0\n"),
        ('clause = "二(三)7"\n', ""),
        ('clause = "二(三)7"\n', 'clause = "二(三)7"\nassumption = "both"\n'),
        ('op = "in"', 'op = "within"'),
    ],
)
def test_the_schema_refuses_what_an_editor_should_mark(tmp_path: Path, old: str, new: str) -> None:
    text = HONGKOU.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "edited.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert not jsonschema.Draft202012Validator(policy_schema()).is_valid(content(file))


def test_the_schema_in_the_documentation_is_the_one_that_the_program_has() -> None:
    page = Path(__file__).parent.parent / "docs" / "policy.schema.json"
    assert page.read_text(encoding="utf-8") == schema_text(), "run scripts/write_policy_schema.py"
    assert json.loads(run("schema")) == policy_schema()


def test_a_sound_policy_is_said_to_be_and_shows_routes_targets_and_flags() -> None:
    assert "5 rule(s)" in run("check", "hongkou-2025")
    shown = run("show", "hongkou-2025")
    for words in ("route existing_building", "→ C65", "the use stays", "flag heritage_near", "产业用地出让"):
        assert words in shown


def test_equal_policies_differ_in_nothing() -> None:
    assert differences(policy("hongkou-2025"), policy("hongkou-2025")) == []


def test_every_changed_value_is_told_with_its_key_and_the_ground_of_the_new_one() -> None:
    one = policy("hongkou-2025")
    changes = {
        "clusters.lane_width.value": 30.0,
        "rules.office_to_rnd.conditions.large_enough.value": 5000.0,
        "rules.office_to_rnd.conditions.large_enough.assumption": "another",
        "rules.low_efficiency_land.criteria.size.weight": 2.0,
        "rules.office_to_rnd.routes.existing_building.conditions.owners.value": 1.0,
    }
    found = {each.key: each for each in differences(one, one.with_changes(changes))}
    assert {key: each.new for key, each in found.items()} == changes
    assert found["clusters.lane_width.value"].old == 24.0
    assert found["rules.office_to_rnd.conditions.large_enough.value"].ground == "assumption: another"
    # What the other way round is told goes back to the first policy.
    back = differences(one.with_changes(changes), one)
    again = one.with_changes(changes).with_changes({each.key: each.new for each in back})
    assert again.hash == one.hash


def test_what_only_one_policy_has_is_told_whole() -> None:
    one = policy("hongkou-2025")
    rule = one.rule("office_to_rnd")
    less = rule.model_copy(update={"conditions": rule.conditions[1:], "criteria": tuple(reversed(rule.criteria))})
    other = one.model_copy(update={"rules": {"office_to_rnd": less}})
    found = {each.key: each for each in differences(one, other)}
    gone = found["rules.office_to_rnd.conditions.in_zone"]
    assert (gone.new, gone.ground) == (None, "二(三)6")
    assert json.loads(gone.old)["value"] == ["north_bund", "north_middle_ring"]
    assert found["rules.office_to_rnd.criteria"].new[0] == rule.criteria[-1].id
    assert found["rules.low_efficiency_land"].new is None
    assert isinstance(gone, Difference)


def test_the_command_tells_differences_of_two_files(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text(HONGKOU.read_text(encoding="utf-8").replace("value = 24.0", "value = 25.0", 1), encoding="utf-8")
    told = json.loads(run("diff", "hongkou-2025", str(file), "--format", "json"))
    assert [(each["key"], each["old"], each["new"]) for each in told] == [("clusters.lane_width.value", 24.0, 25.0)]
    assert "clusters.lane_width.value" in run("diff", "hongkou-2025", str(file))

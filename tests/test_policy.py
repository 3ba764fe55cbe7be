"""The policy: read whole, checked whole, never changed, every number with its ground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from geo.errors import NotFoundError, PolicyError
from geo.policy import Policy, policy
from geo.settings import data_dir
from geo.units import mu

HONGKOU = data_dir() / "policy" / "hongkou-2025.toml"


@pytest.fixture
def hongkou() -> Policy:
    return policy("hongkou-2025")


def grounds(node: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every dictionary of the file that holds a value, a measure or a weight, by its path."""
    found = []
    if isinstance(node, dict):
        if "value" in node or "measure" in node:
            found.append((path, node))
        for key, value in node.items():
            found += grounds(value, f"{path}.{key}")
    if isinstance(node, list):
        for number, value in enumerate(node):
            found += grounds(value, f"{path}[{number}]")
    return found


def test_no_weight_and_no_value_function_is_passed_off_as_the_plan_s_which_gives_none(hongkou: Policy) -> None:
    criteria = [(name, item) for name, rule in hongkou.rules.items() for item in rule.criteria]
    assert len(criteria) > 20
    assert [(name, item.id) for name, item in criteria if item.clause is not None] == []


def test_every_threshold_of_the_file_names_its_clause_or_says_that_it_is_an_assumption() -> None:
    import tomllib

    entries = grounds(tomllib.loads(HONGKOU.read_text(encoding="utf-8")))
    assert len(entries) > 20
    assert not [path for path, entry in entries if ("clause" in entry) == ("assumption" in entry)]


def test_the_plans_own_number_is_the_plans(hongkou: Policy) -> None:
    # 一(三): 力争虹口园内科创载体总规模达到100万平方米
    assert hongkou.target is not None
    assert hongkou.target.floor_area.m2 == 1_000_000
    assert hongkou.target.floor_area.clause == "一(三)"
    assert hongkou.target.by.isoformat() == "2026-12-31"


def test_a_value_function_in_mu_is_read_in_square_metres(hongkou: Policy) -> None:
    size = next(c for c in hongkou.rule("office_to_rnd").criteria if c.id == "size")
    assert [x for x, _ in size.corners] == [pytest.approx(mu(5)), pytest.approx(mu(30))]


def test_a_policy_cannot_be_changed(hongkou: Policy) -> None:
    with pytest.raises(ValidationError):
        hongkou.id = "other"  # type: ignore[misc]


def test_what_if_is_done_on_a_copy(hongkou: Policy) -> None:
    before = hongkou.hash
    wider = hongkou.with_changes({"clusters.lane_width.value": 40, "rules.office_to_rnd.criteria.vacancy.weight": 9})
    assert wider.clusters.lane_width.m == 40
    assert next(c for c in wider.rule("office_to_rnd").criteria if c.id == "vacancy").weight == 9
    assert hongkou.hash == before != wider.hash


@pytest.mark.parametrize(
    "changes",
    [
        {"clusters.lane_widht.value": 40},
        {"rules.nothing.title": "x"},
        {"clusters.lane_width.unit": "亩"},
        {"clusters.lane_width.value": "wide"},
        {"rules.office_to_rnd.criteria.vacancy.weight": -1},
        {"rules.office_to_rnd.criteria.vacancy.points": [[1, 0], [0, 1]]},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(hongkou: Policy, changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        hongkou.with_changes(changes)


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = HONGKOU.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "edited.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('measure = "office_share"', 'measure = "offices"', "rules.office_to_rnd.conditions.1"),
        ('op = "in"', 'op = ">="', "does not fit"),
        ('clause = "一(三)" }', "}", "not sound TOML"),
        ('clause = "二(三)7"', "", "either clause"),
        ("weight = 3", "weight = 3\ncolour = 1", "criteria.0.colour"),
        ('unit = "亩"', 'unit = "m"', "one of length; a unit of area"),
        ('id = "hongkou-2025"', 'id = "hongkou-2025', "not sound TOML"),
        ('id = "is_office"', 'id = "in_zone"', "same id"),
    ],
)
def test_a_broken_file_gets_errors_that_name_the_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(edited(tmp_path, old, new))
    assert said in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    file = edited(tmp_path, 'measure = "office_share"', 'measure = "offices"')
    file.write_text(file.read_text(encoding="utf-8").replace("weight = 3", "weight = 0", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="2 fault"):
        policy(file)


def test_layout_and_comments_do_not_change_the_hash_but_a_number_does(tmp_path: Path, hongkou: Policy) -> None:
    assert policy(edited(tmp_path, "[clusters]", "# a remark\n\n[clusters]")).hash == hongkou.hash
    assert policy(edited(tmp_path, "value = 24.0", "value = 25.0")).hash != hongkou.hash


def test_a_policy_or_rule_that_is_not_there_lists_those_that_are(hongkou: Policy) -> None:
    with pytest.raises(NotFoundError, match="hongkou-2025"):
        policy("pudong-2030")
    with pytest.raises(NotFoundError, match="office_to_rnd"):
        hongkou.rule("nothing")

"""What a policy file may not say: each slip is told once, with its line, its key and what is allowed, and editors mark it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from api.cli import app
from geo.errors import PolicyError, ShuangbeiError
from geo.policy import policy
from geo.policy.schema import policy_schema
from geo.settings import data_dir

HONGKOU = (data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
RULE = "rules.office_to_rnd"
SCHEMA = jsonschema.Draft202012Validator(policy_schema())

#: what is written, what is written instead, the key that is told, and what is said of it
SLIPS = [
    # numbers that are none
    ("value = 24.0", "value = nan", "clusters.lane_width.value", "finite"),
    ("value = 24.0", "value = -inf", "clusters.lane_width.value", "finite"),
    ("value = 24.0", "value = true", "clusters.lane_width.value", "a number is wanted"),
    ("value = 24.0", 'value = "24"', "clusters.lane_width.value", "a number is wanted"),
    ("value = 24.0", "value = -24.0", "clusters.lane_width.value", "greater than or equal to 0"),
    ("value = 24.0", "value = 61.0", "clusters.lane_width.value", "no wider than widest_lane"),
    ("weight = 3\n", "weight = inf\n", f"{RULE}.criteria.0.weight", "finite"),
    ("weight = 3\n", 'weight = "3"\n', f"{RULE}.criteria.0.weight", "a number is wanted"),
    ("weight = 3\n", "weight = true\n", f"{RULE}.criteria.0.weight", "a number is wanted"),
    ("points = [[5, ", "points = [[nan, ", f"{RULE}.criteria.3.points.0.0", "finite"),
    (
        'measure = "site_area_m2"\nop = ">="\nvalue = 3000',
        'measure = "site_area_m2"\nop = ">="\nvalue = nan',
        "value",
        "nan",
    ),
    (
        'measure = "site_area_m2"\nop = ">="\nvalue = 3000',
        'measure = "site_area_m2"\nop = ">="\nvalue = true',
        "conditions.2.value",
        "is a number",
    ),
    (
        'measure = "site_area_m2"\nop = ">="\nvalue = 3000',
        'measure = "site_area_m2"\nop = ">="\nvalue = "3000"',
        "conditions.2.value",
        "is a number",
    ),
    ("draws = { value = 10000,", "draws = { value = true,", "robustness.draws.value", "a number is wanted"),
    ("branch = { value = true,", 'branch = { value = "yes",', "clusters.crossable.branch.value", "true or false"),
    ("points = 4.0", 'points = "4"', "sites.difficulty.gfa_in_use.points", "a number is wanted"),
    # shares
    ("min_share = { value = 0.5", "min_share = { value = 50", "zones.min_share.value", "at most 100%"),
    ("near_share = { value = 50", "near_share = { value = 5000", "sites.near_share.value", "at most 100%"),
    ("near_share = { value = 50", "near_share = { value = -5", "sites.near_share.value", "greater than or equal to 0"),
    ("weight_spread = { value = 30", "weight_spread = { value = 130", "robustness.weight_spread.value", "below 100%"),
    ("weight_spread = { value = 30", "weight_spread = { value = 100", "robustness.weight_spread.value", "below 100%"),
    ('value = 50\nunit = "%"', 'value = 5000\nunit = "%"', "conditions.1.value", "0 to 100 %"),
    ('value = 50\nunit = "%"', 'value = -50\nunit = "%"', "conditions.1.value", "0 to 100 %"),
    ('value = 50\nunit = "%"', "value = 50", "conditions.1.value", "share 0 to 1"),
    # words of closed sets
    (
        'value = ["north_bund", "north_middle_ring"]',
        'value = ["pudong"]',
        "conditions.0.value",
        "north_bund, north_middle_ring",
    ),
    (
        'value = "built"\nassumption',
        'value = "bilt"\nassumption',
        "conditions.0.value",
        "not_granted, granted_unbuilt, built",
    ),
    ('"district_centre", "outside"]', '"district_center", "outside"]', "conditions", "community_centre, outside"),
    ('value = ["commercial_office", "comm', 'value = ["offices", "comm', "conditions.0.value", "commercial_office"),
    ('value = ["not_granted"]', 'value = ["free"]', "sites.difficulty.without_owners", "supply status"),
    (
        'not_holding = { value = ["delisted"',
        'not_holding = { value = ["gone"',
        "ledger.not_holding",
        "gone is not one of",
    ),
    ('code = "C65"', 'code = "C659"', "targets.0.code", "which has C65"),
    ('code = "M4"', 'code = "M9"', "code", "'M9'"),
    ('table = "shanghai_kg"', 'table = "shanghai"', "targets.0.table", "shanghai_kg"),
    ('target_uses = ["residential"]', 'target_uses = ["flats"]', "target_uses", "residential"),
    ('year = "each"', 'year = "soon"', "target.measures.limits", "a year is wanted, or 'each'"),
    ('year = "each"', "year = true", "target.measures.limits", "a year is wanted, or 'each'"),
    # days and directions
    ("effective_to = 2026-12-31", "effective_to = 2020-12-31", "effective_to", "lies before effective_from"),
    ('direction = "benefit"\n', "", f"{RULE}.criteria.0", 'say direction = "benefit"'),
    # grounds
    ('clause = "二(三)7"\n', 'clause = ""\n', "clause", "empty"),
    ('clause = "二(三)7"\n', 'clause = "  "\n', "clause", "empty"),
    ('title_en = "size"', 'title_en = ""', "title_en", "empty"),
]
#: what a schema cannot say: JSON has no such numbers, and these rest on other keys or on tables of codes
NOT_BY_SHAPE = ("nan", "inf", "61.0", "pudong", '"C659"', '"M9"', "2020-12-31")


def edited(old: str, new: str) -> tuple[str, range]:
    """The file with the first ``old`` replaced, and the lines on which the replacement stands."""
    assert old in HONGKOU, old
    first = HONGKOU[: HONGKOU.index(old)].count("\n") + 1
    return HONGKOU.replace(old, new, 1), range(first, first + new.rstrip("\n").count("\n") + 1)


@pytest.mark.parametrize(("old", "new", "key", "said"), SLIPS, ids=[f"{new[:40]!r}" for _, new, _, _ in SLIPS])
def test_a_slip_is_told_once_with_line_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, key: str, said: str
) -> None:
    text, lines = edited(old, new)
    file = tmp_path / "edited.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        policy(file)
    head, *faults = str(caught.value.message).splitlines()
    assert head == "edited.toml has 1 fault(s):"
    (fault,) = faults
    place, _, told = fault.strip().partition(": ")
    assert key in place
    assert said in told
    where = place.removeprefix("line ").partition(",")[0]
    written = text.splitlines()[int(where) - 1]
    # The very line, or the head of the part where what is missing would stand.
    assert int(where) in lines or written.startswith("["), (fault, lines)


@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old, new, _, _ in SLIPS if not any(word in new for word in NOT_BY_SHAPE)],
    ids=lambda text: repr(text[:40]),
)
def test_what_the_check_refuses_by_shape_the_schema_refuses_too(old: str, new: str) -> None:
    text, _ = edited(old, new)
    content: Any = json.loads(json.dumps(tomllib.loads(text), default=str))
    assert not SCHEMA.is_valid(content)


def test_the_schema_lets_pass_what_the_check_lets_pass() -> None:
    # Over the permitted FAR by a fifth is a fact of some parcels, and a share may be written either way.
    text = HONGKOU.replace(
        'value = 50\nunit = "%"\nassumption = "建成计容', 'value = 120\nunit = "%"\nassumption = "建成计容'
    )
    text = text.replace('min_share = { value = 0.5, unit = "share"', 'min_share = { value = 50, unit = "%"')
    assert text.count("120") > HONGKOU.count("120")
    content: Any = json.loads(json.dumps(tomllib.loads(text), default=str))
    assert [error.message for error in SCHEMA.iter_errors(content)] == []


def test_half_of_it_is_half_of_it_in_per_cent_too(tmp_path: Path) -> None:
    file = tmp_path / "edited.toml"
    text, _ = edited('min_share = { value = 0.5, unit = "share"', 'min_share = { value = 50, unit = "%"')
    file.write_text(text, encoding="utf-8")
    assert policy(file).zones.min_share.share == 0.5


def test_faults_of_several_rules_that_rest_on_other_sections_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "edited.toml"
    zones = 'value = ["north_bund", "north_middle_ring"]'
    assert HONGKOU.count(zones) > 1
    file.write_text(
        HONGKOU.replace(zones, 'value = ["north_bund", "south"]').replace("effective_to = 2026", "effective_to = 2020")
    )
    with pytest.raises(PolicyError) as caught:
        policy(file)
    assert f"{HONGKOU.count(zones) + 1} fault(s)" in caught.value.message


@pytest.mark.parametrize(
    ("encoding", "said"), [("gb18030", "GB18030"), ("utf-16", "UTF-16"), ("big5hkscs", "not saved as UTF-8")]
)
def test_a_file_that_an_editor_saved_in_another_encoding_is_told_to_be_saved_as_utf_8(
    tmp_path: Path, encoding: str, said: str
) -> None:
    file = tmp_path / "办公室.toml"
    file.write_bytes(HONGKOU.encode(encoding, errors="replace"))
    for command in ("check", "show"):
        found = CliRunner().invoke(app, ["policy", command, str(file)])
        assert isinstance(found.exception, ShuangbeiError)
        assert "not saved as UTF-8" in found.exception.message
        assert said in found.exception.message
        assert "UTF-8" in found.exception.hint


def test_a_byte_order_mark_is_no_part_of_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "mark.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HONGKOU.encode())
    assert policy(file).hash == policy("hongkou-2025").hash

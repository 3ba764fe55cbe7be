"""What a policy says of the measures that lead to the target: lead times, difficulty, limits, each with its ground."""

from __future__ import annotations

from typing import Any

import pytest

import geo
from geo.errors import PolicyError
from geo.fields.ways import WAYS
from geo.policy import Policy
from geo.policy.settings import DurationSetting, Grounded


@pytest.fixture(scope="module")
def policy() -> Policy:
    return geo.policy("hongkou-2025")


def test_every_kind_of_measure_has_a_lead_time_and_a_difficulty_each_with_its_ground(policy: Policy) -> None:
    assert policy.target is not None
    found = policy.target.measures
    assert found is not None
    assert list(found.kinds) == list(WAYS)
    for kind in found.kinds.values():
        said = [value for _, value in kind if isinstance(value, Grounded)]
        assert len(said) >= 3
        assert all(one.ground for one in said)
    # A recognition, a conversion and a plan change follow each other in time.
    leads = [found.kinds[name].lead_time.months for name in ("admit", "conversion_building", "conversion_land")]
    assert leads == sorted(set(leads))
    assert found.recognition.months > 0


@pytest.mark.parametrize(("value", "unit", "months"), [(3, None, 3), (1.5, "年", 18), (0.1, "years", 2), (0, "月", 0)])
def test_a_lead_time_is_whole_months_and_never_shorter_than_it_says(
    value: float, unit: str | None, months: int
) -> None:
    assert DurationSetting(value=value, unit=unit, assumption="x").months == months


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"admit.parts.value": ("noise",)}, "target.measures.admit.parts: noise is no part of"),
        ({"conversion_land.routes.value": ("office_to_rnd.air",)}, "there is no office_to_rnd.air"),
        ({"admit.uses.value": ("castle",)}, "uses: castle is not one of"),
        ({"delisting.statuses.value": ("gone",)}, "statuses: gone is not one of"),
        ({"admit.lead_time.value": -1}, "a duration is not below 0"),
        ({"admit.lead_time.unit": "m2"}, "unit 'm2' is one of area"),
        ({"limits.admit_a_year.zone": "elsewhere"}, "names zone 'elsewhere'"),
        ({"limits.admit_a_year.kind": "magic"}, "kind: magic is not one of"),
        ({"limits.admit_a_year.gfa": None}, "give gfa or count"),
        ({"limits.admit_a_year.unit": "年"}, "a unit of area is wanted"),
        ({"time_limit.unit": "h"}, "time_limit has the unit s or min"),
    ],
)
def test_what_cannot_be_is_a_fault_of_the_policy(policy: Policy, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        policy.with_changes({f"target.measures.{key}": value for key, value in changes.items()})


def test_a_limit_has_its_floor_area_in_square_metres(policy: Policy) -> None:
    assert policy.target is not None
    assert policy.target.measures is not None
    by_name = {limit.id: limit.gfa_m2 for limit in policy.target.measures.limits}
    assert by_name == {"admit_a_year": 150_000.0, "conversions_by_zone": 50_000.0}

"""How hard a parcel is to come by: every part by hand, and what is not known from its favourable to its cautious end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import PolicyError
from geo.judge.sites.difficulty import parcel_difficulty
from geo.policy import Difficulty, policy
from geo.units import mu

#: one parcel of 10 mu, everything known: the policy's weights give each part at sight
KNOWN: dict[str, Any] = {
    "site_area_m2": mu(10),
    "supply_status": "built",
    "owner_count": 3,
    "gfa_m2": 20_000.0,
    "vacancy_share": 0.25,
    "heritage_share": 0.1,
    "state_owned_share": 0.4,
    "rnd_share": 0.5,
    "lease_years_left": 2.0,
}


def weights() -> Difficulty:
    sites = policy("hongkou-2025").sites
    assert sites is not None
    assert sites.difficulty is not None
    return sites.difficulty


def of(**changed: Any) -> pd.Series[Any]:
    frame = pd.DataFrame([KNOWN | changed], index=["x"])
    return parcel_difficulty(frame, weights()).loc["x"]


def test_each_part_is_points_times_what_is_counted() -> None:
    found = of()
    # 3 owners at 1; 1.5 万㎡ in use at 4; 1 mu of heritage at 2; 6 mu at 0.5; 5 mu at 0.3; 20 mu·years at 0.05
    assert found.to_dict() == {
        "difficulty_owners": 3.0,
        "difficulty_gfa_in_use": 6.0,
        "difficulty_heritage": 2.0,
        "difficulty_not_state": 3.0,
        "difficulty_plan_change": 1.5,
        "difficulty_leases": 1.0,
        "difficulty": 16.5,
        "difficulty_low": 16.5,
        "n_unknown": 0,
    }


@pytest.mark.parametrize(
    ("missing", "part", "low", "high"),
    [
        ("owner_count", "owners", 1.0, 20.0),  # 0.1 to 2 an 亩
        ("gfa_m2", "gfa_in_use", 0.0, 8.0),  # FAR 0 to 4 on 6,667 m², three quarters in use, at 4 a 万㎡
        ("vacancy_share", "gfa_in_use", 0.0, 8.0),  # all vacant to all in use
        ("heritage_share", "heritage", 0.0, 20.0),
        ("state_owned_share", "not_state", 0.0, 5.0),
        ("rnd_share", "plan_change", 0.0, 3.0),
        ("lease_years_left", "leases", 0.0, 2.5),
    ],
)
def test_what_is_not_known_counts_at_its_cautious_end_and_is_told(
    missing: str, part: str, low: float, high: float
) -> None:
    found, known = of(**{missing: np.nan}), of()
    others = known["difficulty"] - known[f"difficulty_{part}"]
    assert found[f"difficulty_{part}"] == pytest.approx(high)
    assert found["difficulty"] == pytest.approx(others + high)
    assert found["difficulty_low"] == pytest.approx(others + low)
    assert found["n_unknown"] == 1


def test_a_measure_that_nobody_took_is_unknown_of_every_parcel() -> None:
    frame = pd.DataFrame([KNOWN]).drop(columns="heritage_share")
    assert parcel_difficulty(frame, weights())["difficulty_heritage"].to_list() == [20.0]


def test_where_nothing_stands_no_vacancy_is_asked_for() -> None:
    found = of(gfa_m2=0.0, vacancy_share=np.nan)
    assert (found["difficulty_gfa_in_use"], found["n_unknown"]) == (0.0, 0)


def test_land_that_is_not_granted_has_no_owner_to_agree_with_unless_one_is_registered() -> None:
    gone = {"owner_count": np.nan, "state_owned_share": np.nan, "lease_years_left": np.nan}
    free = of(supply_status="not_granted", **gone)
    assert free[["difficulty_owners", "difficulty_not_state", "difficulty_leases", "n_unknown"]].to_list() == [
        0,
        0,
        0,
        0,
    ]
    assert of(supply_status="not_granted", owner_count=2)["difficulty_owners"] == 2.0
    assert of(supply_status="granted_unbuilt", **gone)["n_unknown"] == 3


def test_parts_sum_to_the_difficulty_and_the_favourable_end_is_never_over_it() -> None:
    rng = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "site_area_m2": rng.uniform(300, 30_000, n),
            "supply_status": rng.choice(["built", "not_granted", None], n),
            "owner_count": np.where(rng.random(n) < 0.4, np.nan, rng.integers(1, 60, n)),
            "gfa_m2": np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 60_000, n)),
            "vacancy_share": np.where(rng.random(n) < 0.5, np.nan, rng.random(n)),
            "heritage_share": np.where(rng.random(n) < 0.1, np.nan, rng.random(n)),
            "state_owned_share": np.where(rng.random(n) < 0.3, np.nan, rng.random(n)),
            "rnd_share": np.where(rng.random(n) < 0.2, np.nan, rng.random(n)),
            "lease_years_left": np.where(rng.random(n) < 0.6, np.nan, rng.uniform(-2, 8, n)),
        }
    )
    found = parcel_difficulty(frame, weights())
    parts = [name for name in found if name.startswith("difficulty_") and name != "difficulty_low"]
    assert len(parts) == 6
    assert np.abs(found[parts].sum(axis=1) - found["difficulty"]).max() < 1e-9
    assert (found["difficulty_low"] <= found["difficulty"]).all()
    assert (found[parts] >= 0).all(axis=None)
    known = found["n_unknown"] == 0
    assert (found.loc[known, "difficulty_low"] == found.loc[known, "difficulty"]).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sites.difficulty.owners.per": "亩"}, "owners is counted per 'count'"),
        ({"sites.difficulty.owners.points": -1}, "greater than or equal to 0"),
        ({"sites.difficulty.owners.unknown": (5, 1)}, "favourable end"),
        ({"sites.difficulty.heritage.unknown": (0, 2)}, "lies between 0 and 1"),
        ({"sites.difficulty.without_owners.value": ("free",)}, "no supply status"),
        ({"sites.search.kept_out.value": ("meadow",)}, "no land use"),
        ({"sites.search.time_limit.unit": "h"}, "the unit s or min"),
        ({"sites.search.curve_to.value": 90}, "over 100 %"),
        ({"sites.search.alternatives.value": 0}, "greater than 0"),
    ],
)
def test_a_policy_that_weighs_what_cannot_be_weighed_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        policy("hongkou-2025").with_changes(changes)

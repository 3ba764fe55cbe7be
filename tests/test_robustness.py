"""How far a ranking hangs on its weights: draws against known distributions, pairs against a solver."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import beta

import geo
from geo.database import Database
from geo.errors import PolicyError, SettingsError
from geo.judge.dominance import settled_pairs, weight_bounds
from geo.judge.robustness import acceptability, robustness, settled
from geo.judge.rules import judge
from geo.policy import Policy, Robustness, Rule

POLICY = geo.policy("hongkou-2025")
assert POLICY.robustness is not None
SETTINGS: Robustness = POLICY.robustness


def few(draws: int, **changes: float) -> Robustness:
    """The policy's settings with fewer draws."""
    found = few_policy(draws, **changes).robustness
    assert found is not None
    return found


def few_policy(draws: int = 200, **changes: float) -> Policy:
    """The policy with these settings."""
    text = {f"robustness.{name}.value": value for name, value in {"draws": draws, **changes}.items()}
    return POLICY.with_changes(text)


def test_two_candidates_that_each_lead_in_one_criterion_change_places_as_the_beta_distribution_says() -> None:
    results = np.array([[1.0, 0.0], [0.0, 1.0]])
    weights = np.array([3.0, 2.0])
    found = acceptability(results, np.ones((2, 2), bool), weights, few(20_000, concentration=10, top_k=1), seed=1)
    # The first leads where w1 > 1/2, and w1 is Beta(10 · 0.6, 10 · 0.4).
    expected = beta.sf(0.5, 6, 4)
    assert found.top == pytest.approx([expected, 1 - expected], abs=0.02)
    assert found.expected == pytest.approx([2 - expected, 1 + expected], abs=0.02)


def plain_acceptability(
    results: np.ndarray, applies: np.ndarray, weights: np.ndarray, settings: Robustness, seed: int
) -> np.ndarray:
    """The share of draws at each rank, one draw and one candidate at a time; another stream of draws."""
    rng = np.random.default_rng(seed)
    n = len(results)
    counts = np.zeros((n, n))
    for _ in range(settings.draws.value):
        drawn = rng.dirichlet(settings.concentration.value * weights / weights.sum())
        scores = []
        for row, counted in zip(results, applies, strict=True):
            found = [rng.random() if np.isnan(value) else value for value in row]
            whole = sum(w for w, c in zip(drawn, counted, strict=True) if c)
            scores.append(sum(w * v for w, v, c in zip(drawn, found, counted, strict=True) if c) / whole)
        for place, row_number in enumerate(sorted(range(n), key=lambda i: -scores[i])):
            counts[row_number, place] += 1
    return counts / settings.draws.value


def test_shares_of_ranks_are_those_of_a_plain_count_over_another_stream_of_draws() -> None:
    rng = np.random.default_rng(11)
    results = np.where(rng.random((7, 4)) < 0.2, np.nan, rng.random((7, 4)))
    applies = np.ones((7, 4), bool)
    applies[::2, 0] = False
    weights = np.array([3.0, 2.0, 1.0, 1.0])
    found = acceptability(results, applies, weights, few(20_000, concentration=12), seed=1)
    plain = plain_acceptability(results, applies, weights, few(4_000, concentration=12), seed=2)
    # Six standard errors of a share over 4,000 draws.
    assert found.ranks == pytest.approx(plain, abs=6 * 0.5 / 4_000**0.5)
    assert found.own == pytest.approx(np.diag(found.ranks))
    assert found.top == pytest.approx(found.ranks.sum(axis=1)), "top_k is 10 and there are seven"
    assert found.expected == pytest.approx(found.ranks @ np.arange(1, 8))


def test_equal_scores_keep_the_order_in_which_they_were_given() -> None:
    results = np.full((3, 2), 0.4)
    found = acceptability(results, np.ones((3, 2), bool), np.array([1.0, 2.0]), few(50), seed=0)
    assert found.ranks.tolist() == np.eye(3).tolist()


def test_of_very_many_candidates_ranks_are_counted_together_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    results, weights = rng.random((25, 3)), np.array([1.0, 2.0, 3.0])
    applies = np.ones(results.shape, bool)
    exact = acceptability(results, applies, weights, few(300), seed=9)
    monkeypatch.setattr("geo.judge.robustness.RANKS", 10)
    coarse = acceptability(results, applies, weights, few(300), seed=9)
    assert (coarse.width, coarse.ranks.shape) == (3, (25, 9))
    assert coarse.ranks[:, 0] == pytest.approx(exact.ranks[:, :3].sum(axis=1))
    for name in ("top", "own", "expected"):
        assert getattr(coarse, name) == pytest.approx(getattr(exact, name))


def test_an_unknown_result_is_anything_from_nothing_to_all() -> None:
    results = np.array([[0.25], [np.nan]])
    found = acceptability(results, np.ones((2, 1), bool), np.array([1.0]), few(20_000, top_k=1), seed=3)
    assert found.top == pytest.approx([0.25, 0.75], abs=0.02)


RESULTS = st.integers(1, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.one_of(st.just(np.nan), st.floats(0, 1)), min_size=3, max_size=3), min_size=n, max_size=n
    )
)


@given(RESULTS, st.integers(0, 5))
def test_shares_of_ranks_sum_to_one_and_equal_seeds_give_equal_bytes(results: list[list[float]], seed: int) -> None:
    matrix = np.array(results)
    applies = np.ones(matrix.shape, bool)
    weights = np.array([1.0, 2.0, 3.0])
    one, other = (acceptability(matrix, applies, weights, few(200), seed) for _ in range(2))
    assert one.ranks.sum(axis=0) == pytest.approx(1.0)
    assert one.ranks.sum(axis=1) == pytest.approx(1.0)
    assert one.ranks.tobytes() == other.ranks.tobytes()


@given(RESULTS, st.floats(0, 0.9))
def test_a_pair_is_settled_where_a_solver_finds_no_weights_that_turn_it(
    results: list[list[float]], spread: float
) -> None:
    matrix = np.array(results)
    weights = np.array([1.0, 2.0, 3.0])
    found = settled_pairs(matrix, np.ones(matrix.shape, bool), weights, spread)
    low, high = weight_bounds(weights, spread)
    worst, best = np.nan_to_num(matrix, nan=0.0), np.nan_to_num(matrix, nan=1.0)
    for a in range(len(matrix)):
        for b in range(len(matrix)):
            if a == b:
                assert not found[a, b]
                continue
            gains = worst[a] - best[b]
            least = linprog(
                gains, A_eq=np.ones((1, 3)), b_eq=[1.0], bounds=list(zip(low, high, strict=True)), method="highs"
            ).fun
            if abs(least) > 1e-9:
                assert found[a, b] == (least > 0)


def test_rows_in_which_other_criteria_count_are_not_compared() -> None:
    results = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.5]])
    applies = np.array([[True, False], [True, True], [True, True]])
    found = settled_pairs(results, applies, np.array([1.0, 1.0]), 0.2)
    assert found.tolist() == [[False, False, False], [False, False, False], [False, True, False]]


def test_a_pair_that_is_settled_never_changes_places_in_any_draw_within_the_bounds() -> None:
    rng = np.random.default_rng(5)
    results = rng.random((12, 4))
    weights = np.array([1.0, 1.0, 2.0, 4.0])
    found = settled_pairs(results, np.ones(results.shape, bool), weights, 0.3)
    low, high = weight_bounds(weights, 0.3)
    assert found.any()
    for _ in range(300):
        drawn = rng.uniform(low, high)
        drawn /= drawn.sum()
        if (drawn < low).any() or (drawn > high).any():
            continue
        score = results @ drawn
        for a, b in np.argwhere(found):
            assert score[a] > score[b]


def frame() -> pd.DataFrame:
    rows = 20
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "parcel_code": [f"P{i:02}" for i in range(rows)],
            "zone": "north_bund",
            "supply_status": rng.choice(["not_granted", "granted_unbuilt", "built"], rows),
            "office_share": 1.0,
            "site_area_m2": rng.uniform(2_000, 30_000, rows),
            "heritage_share": 0.0,
            "vacancy_share": np.where(rng.random(rows) < 0.3, np.nan, rng.random(rows)),
            "far_headroom": rng.uniform(-1, 3, rows),
            "station_distance_m": rng.uniform(0, 2_000, rows),
            "year_built": rng.uniform(1980, 2020, rows),
            "owner_count": 1.0,
            "grant_years_left": 30.0,
            "centre_tier": "outside",
            "leading_carriers_nearby": rng.integers(0, 4, rows).astype(float),
            "institutes_nearby": rng.integers(0, 4, rows).astype(float),
            "contiguous_area_m2": rng.uniform(10_000, 90_000, rows),
            "heritage_distance_m": 500.0,
            "approved_change_share": 0.0,
        }
    )


def test_each_candidate_is_told_in_the_order_of_its_rank() -> None:
    rule = POLICY.rule("office_to_rnd")
    judged = judge(frame(), rule)
    found = robustness(judged, rule, few(500), seed=0)
    candidates = judged[judged["verdict"] == "candidate"].sort_values("rank")
    assert found["parcel_code"].tolist() == candidates["parcel_code"].tolist()
    assert found["top_share"].sum() == pytest.approx(min(10, len(found)))
    assert (found["rank_low"] <= found["rank_high"]).all()
    assert (found["expected_rank"].between(1, len(found))).all()
    # A frame in another order gives the same.
    turned = robustness(judge(frame().iloc[::-1], rule), rule, few(500), seed=0)
    pd.testing.assert_frame_equal(found, turned)


def test_the_share_at_each_rank_is_told_up_to_the_last_that_occurs() -> None:
    rule = POLICY.rule("office_to_rnd")
    found = robustness(judge(frame(), rule), rule, few(500), seed=0)
    for rank, own, shares in found[["rank", "rank_share", "rank_shares"]].itertuples(index=False):
        assert sum(shares) == pytest.approx(1.0)
        assert shares[-1] > 0
        assert (shares[rank - 1] if rank <= len(shares) else 0.0) == pytest.approx(own)


def test_pairs_are_told_with_the_least_margin_and_as_many_as_stand_behind_each() -> None:
    rule = POLICY.rule("office_to_rnd")
    judged = judge(frame(), rule)
    pairs = settled(judged, rule, few(1))
    behind = robustness(judged, rule, few(1), seed=0).set_index("parcel_code")["n_behind"]
    counted = pairs["parcel_a"].value_counts().reindex(behind.index, fill_value=0)
    assert counted.tolist() == behind.tolist()
    assert (pairs["margin"] > 0).all()
    ranks = judged.set_index("parcel_code")["rank"]
    # What is settled for all weights is settled for the policy's own.
    assert (ranks[pairs["parcel_a"]].to_numpy() < ranks[pairs["parcel_b"]].to_numpy()).all()


def test_a_rule_without_criteria_has_no_ranking_to_vary() -> None:
    rule = POLICY.rule("office_to_rnd")
    bare = Rule.model_validate(rule.model_dump() | {"criteria": ()})
    with pytest.raises(SettingsError, match="no criteria"):
        robustness(judge(frame(), bare), bare, few(10), seed=0)


def test_the_answer_is_worked_out_from_the_registry_and_says_what_it_rests_on(city: Database) -> None:
    found = geo.robustness(city, few_policy(), seed=7)
    candidates = geo.candidates(city)
    assert set(found["parcel_code"]) == set(candidates.loc[candidates["verdict"] == "candidate", "parcel_code"])
    assert found.attrs["stamp"]["seed"] == 7
    assert found.attrs["stamp"]["rule"] == "office_to_rnd"
    with pytest.raises(SettingsError, match="A seed is 0 or more"):
        geo.robustness(city, few_policy(), seed=-1)
    pairs = geo.robustness(city, few_policy(), pairs=True)
    assert set(pairs["parcel_a"]) <= set(found["parcel_code"])


def test_a_policy_that_does_not_say_how_to_vary_weights_is_told_so(city: Database) -> None:
    with pytest.raises(PolicyError, match="robustness"):
        geo.robustness(city, POLICY.model_copy(update={"robustness": None}))

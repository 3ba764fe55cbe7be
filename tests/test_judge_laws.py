"""Laws of judgement: what holds for every rule that a policy can write and for every city, whatever is unknown."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.fields.measures import MEASURES
from geo.judge.compare import compare
from geo.judge.explain import explain
from geo.judge.robustness import robustness, settled
from geo.judge.rules import judge
from geo.judge.survey import needs_survey
from geo.policy import Condition, Criterion, Robustness, Route, Rule, Target

POLICY = geo.policy("hongkou-2025").with_changes({"robustness.draws.value": 50, "robustness.top_k.value": 2})
assert POLICY.robustness is not None
SETTINGS: Robustness = POLICY.robustness

#: measures that rules here ask for, with the span in which their values and thresholds lie
NUMBERS = {
    "vacancy_share": (0.0, 1.0),
    "far_headroom": (-2.0, 4.0),
    "station_distance_m": (0.0, 2_000.0),
    "site_area_m2": (100.0, 50_000.0),
    "carriers_nearby": (0.0, 8.0),
}
TEXTS = {"supply_status": ("not_granted", "granted_unbuilt", "built"), "zone": ("north_bund", "other")}
TARGET = Target(use="research_design", table="shanghai_kg", code="C65", assumption="a test")
FEW = settings(deadline=None, max_examples=40)


def number(measure: str) -> st.SearchStrategy[float]:
    low, high = NUMBERS[measure]
    # A coarse grid, so that values meet thresholds and each other.
    return st.integers(0, 8).map(lambda step: low + (high - low) * step / 8)


def or_unknown(measure: str) -> st.SearchStrategy[float]:
    # One in six is unknown: of more, hardly a parcel is a candidate.
    return st.tuples(number(measure), st.integers(0, 5)).map(lambda drawn: math.nan if drawn[1] == 5 else drawn[0])


PARCEL = st.fixed_dictionaries(
    {name: or_unknown(name) for name in NUMBERS}
    | {name: st.sampled_from([*words, *words, None]) for name, words in TEXTS.items()}
)
#: parcels of which several are alike, so that scores meet
PARCELS = st.lists(PARCEL, min_size=1, max_size=4).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds), min_size=1, max_size=8)
)


@st.composite
def conditions(draw: Any, names: str, most: int) -> tuple[Condition, ...]:
    found = []
    for place in range(draw(st.integers(1, most))):
        measure = draw(st.sampled_from([*NUMBERS, *TEXTS]))
        asked: dict[str, Any]
        if measure in TEXTS:
            chosen = draw(st.lists(st.sampled_from(TEXTS[measure]), min_size=1, unique=True))
            asked = {"op": "in", "value": tuple(chosen)}
        else:
            asked = {"op": draw(st.sampled_from([">=", "<=", ">", "<", "=="])), "value": draw(number(measure))}
        found.append(Condition(id=f"{names}{place}", title="t", measure=measure, assumption="a test", **asked))
    return tuple(found)


@st.composite
def criteria(draw: Any, routes: tuple[str, ...]) -> tuple[Criterion, ...]:
    found = []
    for place in range(draw(st.integers(1, 4))):
        measure = draw(st.sampled_from([*NUMBERS, "supply_status"]))
        asked: dict[str, Any] = {"routes": draw(st.sampled_from([None, *((name,) for name in routes)]))}
        if measure in TEXTS:
            asked["categories"] = {word: draw(st.integers(0, 4)) / 4 for word in TEXTS[measure]}
        else:
            low, high = NUMBERS[measure]
            xs = sorted(draw(st.lists(st.integers(0, 8), min_size=2, max_size=4, unique=True)))
            direction = draw(st.sampled_from(["benefit", "cost"]))
            ys = sorted((draw(st.integers(0, 4)) / 4 for _ in xs), reverse=direction == "cost")
            corners = tuple((low + (high - low) * x / 8, y) for x, y in zip(xs, ys, strict=True))
            asked |= {draw(st.sampled_from(["points", "steps"])): corners, "direction": direction}
        weight = draw(st.integers(1, 5))
        found.append(Criterion(id=f"k{place}", title="t", measure=measure, weight=weight, assumption="a test", **asked))
    return tuple(found)


@st.composite
def rules(draw: Any) -> Rule:
    names = draw(st.sampled_from([(), ("a",), ("a", "b")]))
    routes = tuple(
        Route(
            id=name,
            title="t",
            procedure="p",
            targets=(TARGET,),
            conditions=draw(conditions(f"{name}-c", 2)),
            assumption="a test",
        )
        for name in names
    )
    return Rule(
        title="t",
        assumption="a test",
        target_uses=("research_design",) if routes else (),
        conditions=draw(conditions("c", 1)),
        criteria=draw(criteria(names)),
        routes=routes,
    )


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(parcel_code=[f"P{n:02}" for n in range(len(rows))])


def ipc(frame: pd.DataFrame) -> bytes:
    """A frame as an Arrow IPC stream: equal bytes, equal frames, to the last bit and type."""
    table = pa.Table.from_pandas(frame, preserve_index=True)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def better(value: float, other: float, direction: str) -> float:
    return max(value, other) if direction == "benefit" else min(value, other)


@FEW
@given(rules(), PARCELS, st.data())
def test_a_better_figure_never_lowers_the_score_and_never_the_rank(
    rule: Rule, rows: list[dict[str, Any]], data: Any
) -> None:
    asked = {condition.measure for _, condition in rule.asked}
    # What is a condition, too, may close a route by the same change: of that nothing is promised.
    free = [c for c in rule.criteria if c.direction and c.measure not in asked]
    place = data.draw(st.integers(0, len(rows) - 1))
    if not free or math.isnan(rows[place][(chosen := data.draw(st.sampled_from(free))).measure]):
        return
    same = {c.direction for c in rule.criteria if c.measure == chosen.measure}
    if len(same) > 1:
        return
    assert chosen.direction is not None
    raised = better(rows[place][chosen.measure], data.draw(number(chosen.measure)), chosen.direction)
    changed = [row | ({chosen.measure: raised} if n == place else {}) for n, row in enumerate(rows)]
    before, after = judge(frame_of(rows), rule).iloc[place], judge(frame_of(changed), rule).iloc[place]
    assert after["verdict"] == before["verdict"]
    if not pd.isna(before["score"]):
        assert after["score"] >= before["score"] - 1e-9
    if not pd.isna(before["rank"]):
        assert after["rank"] <= before["rank"]


@FEW
@given(rules(), PARCELS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rule: Rule, rows: list[dict[str, Any]], random: Any) -> None:
    frame = frame_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    straight, turned = judge(frame, rule), judge(frame.iloc[order], rule)
    assert turned.loc[straight.index].to_dict("records").__repr__() == straight.to_dict("records").__repr__()
    assert ipc(robustness(turned, rule, SETTINGS, seed=1)) == ipc(robustness(straight, rule, SETTINGS, seed=1))
    assert ipc(settled(turned, rule, SETTINGS)) == ipc(settled(straight, rule, SETTINGS))
    assert ipc(needs_survey(frame.iloc[order], rule)) == ipc(needs_survey(frame, rule))
    assert compare(straight, turned).empty
    assert explain(frame.iloc[order], rule, "P00") == explain(frame, rule, "P00")


@FEW
@given(rules(), PARCELS, PARCEL)
def test_another_parcel_changes_no_verdict_no_score_and_no_order(
    rule: Rule, rows: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    alone, together = judge(frame_of(rows), rule), judge(frame_of([*rows, more]), rule).iloc[: len(rows)]
    unranked = ["verdict", "route", "target_codes", "score", "score_low", "score_high", "reasons", "contributions"]
    assert repr(alone[unranked].to_dict("records")) == repr(together[unranked].to_dict("records"))
    ranked = alone["rank"].notna()
    assert list(alone[ranked].sort_values("rank").index) == list(together[ranked].sort_values("rank").index)


@FEW
@given(rules(), PARCELS)
def test_contributions_sum_to_the_score_and_open_weights_to_its_interval(
    rule: Rule, rows: list[dict[str, Any]]
) -> None:
    judged = judge(frame_of(rows), rule)
    for low, high, score, parts in judged[["score_low", "score_high", "score", "contributions"]].itertuples(
        index=False
    ):
        counted = [part for part in parts if part["applies"]]
        if not counted:
            assert math.isnan(score)
            continue
        whole = math.fsum(part["weight"] for part in counted)
        known = math.fsum(part["contribution"] for part in counted if part["contribution"] is not None)
        left = math.fsum(part["weight"] for part in counted if part["contribution"] is None)
        assert score == low == pytest.approx(known, abs=1e-9)
        assert high == pytest.approx(low + 100 * left / whole, abs=1e-9)
        for part in counted:
            if part["contribution"] is not None:
                assert part["contribution"] == pytest.approx(100 * part["weight"] * part["result"] / whole, abs=1e-9)


@FEW
@given(rules(), PARCELS, st.integers(0, 3))
def test_equal_inputs_and_seed_give_equal_bytes(rule: Rule, rows: list[dict[str, Any]], seed: int) -> None:
    frame = frame_of(rows)
    again = Rule.model_validate_json(rule.model_dump_json())
    judged, other = judge(frame, rule), judge(frame.copy(deep=True), again)
    assert ipc(judged) == ipc(other)
    assert ipc(robustness(judged, rule, SETTINGS, seed=seed)) == ipc(robustness(other, again, SETTINGS, seed=seed))
    assert ipc(needs_survey(frame, rule)) == ipc(needs_survey(frame, again))
    assert explain(frame, rule, "P00") == explain(frame, again, "P00")


@FEW
@given(rules(), PARCELS)
def test_every_change_that_is_told_flips_and_touches_only_what_somebody_can_change(
    rule: Rule, rows: list[dict[str, Any]]
) -> None:
    frame = frame_of(rows)
    found = explain(frame, rule, "P00")
    for flip in (*found.flips, *found.answers):
        made = frame.iloc[:1].assign(**{change.field: change.value for change in flip.changes})
        assert judge(made, rule)["verdict"].iloc[0] == flip.verdict != found.verdict
    for flip in found.flips:
        assert len(flip.changes) <= 2
        assert all(MEASURES[change.field].changed_by for change in flip.changes)
        assert flip.size == pytest.approx(sum(change.size for change in flip.changes))
    assert [flip.size for flip in found.flips] == sorted(flip.size for flip in found.flips)


ONE_RUN = """
import sys
sys.path.insert(0, {tests!r})
from test_judge_laws import digest
print(digest())
"""


def digest() -> str:
    """The bytes of a judgement and its robustness, of the policy that comes with the program and a made-up city."""
    rng = np.random.default_rng(8)
    n = 200
    rule = POLICY.rule("office_to_rnd")
    columns: dict[str, Any] = {"parcel_code": [f"P{i:03}" for i in range(n)]}
    asked = [*(item.measure for _, item in rule.asked), *(item.measure for item in (*rule.criteria, *rule.flags))]
    words = {"zone": ["north_bund", "other"], "supply_status": ["not_granted", "built"]}
    for measure in sorted(set(asked)):
        if MEASURES[measure].type == "number":
            values = rng.uniform(0, 1, n) * (10_000 if measure.endswith("_m2") else 1)
            columns[measure] = np.where(rng.random(n) < 0.2, np.nan, values)
        else:
            columns[measure] = rng.choice(words.get(measure, ["outside"]), n)
    columns["heritage_share"] = np.zeros(n)
    judged = judge(pd.DataFrame(columns), rule)
    assert (judged["verdict"] == "candidate").sum() > 10
    return hashlib.sha256(ipc(judged) + ipc(robustness(judged, rule, SETTINGS, seed=5))).hexdigest()


def test_another_process_with_another_order_of_hashes_gives_the_same_bytes() -> None:
    program = ONE_RUN.format(tests=str(Path(__file__).parent))
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
        ).stdout.strip()
        for seed in (1, 2)
    }
    assert found == {digest()}

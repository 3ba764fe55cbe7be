"""What to find out first, where a rule has routes: held against trying every answer."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from test_routes import C65, PARCEL, RULE, condition, frame_of

from geo.fields.readers import for_all
from geo.judge.rules import judge
from geo.judge.survey import needs_survey, needs_survey_recorded
from geo.policy import Route, Rule

SURVEYED = {
    "office_share": (0.0, 1.0),
    "supply_status": ("not_granted", "built"),
    "year_built": (1990.0, 2020.0),
    "far": (0.0, 4.0),
}
#: two routes that overlap, beside what the rule itself asks for
SURVEY_RULE = Rule(
    title="t",
    assumption="a test",
    target_uses=("research_design",),
    conditions=(condition("office", "office_share", ">=", 50, "%"),),
    routes=(
        Route(id="any", title="t", procedure="p", targets=(C65,), conditions=(), assumption="a test"),
        Route(
            id="old",
            title="t",
            procedure="p",
            targets=(C65,),
            conditions=(condition("old", "year_built", "<=", 2010), condition("low", "far", "<=", 2)),
            assumption="a test",
        ),
    ),
)


def settles(row: dict[str, Any], rule: Rule, fields: tuple[str, ...]) -> bool:
    """Whether no answers to these fields, the others still unknown, leave the verdict unknown."""
    every = product(*(SURVEYED[name] for name in fields))
    rows = [row | dict(zip(fields, values, strict=True)) for values in every]
    return "unknown" not in set(judge(frame_of(rows), rule)["verdict"])


def hangs_on(row: dict[str, Any], rule: Rule) -> set[str]:
    """The fewest unknown fields that settle the verdict whatever is found, by trying all answers to all sets of them."""
    missing = [name for name in SURVEYED if pd.isna(frame_of([row])[name][0])]
    sets = (chosen for n in range(len(missing) + 1) for chosen in combinations(missing, n))
    return set(next(chosen for chosen in sets if settles(row, rule, chosen)))


@settings(deadline=None, max_examples=50)
@given(PARCEL, st.sampled_from([RULE, SURVEY_RULE]))
def test_the_survey_names_just_the_fields_that_a_verdict_hangs_on(row: dict[str, Any], rule: Rule) -> None:
    frame = frame_of([row])
    assert set(needs_survey(frame, rule)["field"]) == hangs_on(row, rule)


@settings(deadline=None, max_examples=20)
@given(st.lists(PARCEL, min_size=1, max_size=12))
def test_the_survey_asks_first_for_what_settles_most(rows: list[dict[str, Any]]) -> None:
    survey = needs_survey(frame_of(rows), RULE)
    lacks = [hangs_on(row, RULE) for row in rows if judge(frame_of([row]), RULE)["verdict"][0] == "unknown"]
    asked: set[str] = set()
    for field, n_unknown, n_alone, n_settled in survey.itertuples(index=False):
        left = {name for needed in lacks for name in needed} - asked
        best = max(sum(needed <= asked | {name} for needed in lacks) for name in left)
        asked.add(field)
        assert n_settled == sum(needed <= asked for needed in lacks) == best
        assert n_unknown == sum(field in needed for needed in lacks)
        assert n_alone == sum(needed == {field} for needed in lacks)


OWNED = Rule(
    title="t",
    assumption="a test",
    target_uses=("research_design",),
    conditions=(condition("few", "owner_count", "<=", 3), condition("office", "office_share", ">=", 50, "%")),
    routes=SURVEY_RULE.routes,
)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(PARCEL, st.sampled_from([None, 1.0, 5.0])).map(lambda both: both[0] | {"owner_count": both[1]}),
        max_size=8,
    )
)
def test_a_record_that_keeps_owners_back_asks_for_the_same_as_the_facts(rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows) if rows else frame_of([]).assign(parcel_code="", **dict.fromkeys((*SURVEYED, "owner_count")))
    recorded = for_all(judge(frame, OWNED))
    assert "owner_count" not in recorded
    pd.testing.assert_frame_equal(
        needs_survey_recorded(recorded["reasons"].tolist(), OWNED), needs_survey(frame, OWNED), check_dtype=False
    )

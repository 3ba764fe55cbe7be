"""A run keeps outcomes and results alone: what is put together again is what was judged, by us and by the view in SQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from alembic import command

import geo
from geo.database import Database, alembic_config, upgrade
from geo.fields.readers import RECORDS, open_records
from geo.judge.conditions import FLAGGED, OUTCOMES
from geo.policy import Policy
from geo.publish import publish, read_run
from geo.publish.verdicts import codes_of, letters

#: a rule with neither routes nor criteria nor flags, and one whose criterion looks at what only some may read
BARE = """
[rules.bare]
title = "只有条件"
target_uses = []
clause = "一(三)"
[[rules.bare.conditions]]
id = "large"
title = "够大"
measure = "site_area_m2"
op = ">="
value = 1
unit = "亩"
clause = "一(三)"

[rules.sealed]
title = "看产权"
target_uses = []
clause = "一(三)"
[[rules.sealed.conditions]]
id = "built"
title = "已建成"
measure = "supply_status"
op = "is"
value = "built"
clause = "一(三)"
[[rules.sealed.criteria]]
id = "owners"
title = "权利人少"
measure = "owner_count"
weight = 1
steps = [[0, 1.0], [3, 0.25]]
direction = "cost"
clause = "一(三)"
"""


@pytest.fixture
def policy(tmp_path: Any) -> Policy:
    text = (geo.settings.data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    file = tmp_path / "all-and-more.toml"
    file.write_text(text + BARE, encoding="utf-8")
    return geo.policy(file)


def told(column: Any) -> list[Any]:
    """Lists of records as plain Python, whatever they are kept as."""
    return [[dict(record) for record in records] for records in column]


def by_view(db: Database, rule: str) -> pd.DataFrame:
    with db.read() as connection:
        rows = connection.execute(
            sa.text("SELECT * FROM published.current_candidates WHERE rule = :rule ORDER BY parcel_code"),
            {"rule": rule},
        ).mappings()
        return pd.DataFrame([dict(row) for row in rows])


def test_what_is_put_together_is_what_was_judged_for_every_rule_parcel_and_record(
    city: Database, policy: Policy
) -> None:
    publish(city, policy)
    got = read_run(city)
    assert set(got.candidates) == set(policy.rules) >= {"bare", "sealed"}
    for rule, frame in got.candidates.items():
        live = geo.candidates(city, policy, rule=rule)
        shown = by_view(city, rule)
        assert shown["parcel_code"].tolist() == frame["parcel_code"].tolist() == live["parcel_code"].tolist()
        for name in RECORDS:
            expected = told(open_records(live[name]))
            assert told(frame[name]) == expected, (rule, name)
            assert told(shown[name]) == expected, (rule, name)


def test_of_a_criterion_that_only_some_may_read_the_points_are_told_and_no_more(city: Database, policy: Policy) -> None:
    publish(city, policy)
    live = geo.candidates(city, policy, rule="sealed").set_index("parcel_code")
    known = live.index[live["owner_count"].notna()]
    assert len(known)
    for frame in (read_run(city).candidates["sealed"], by_view(city, "sealed")):
        for code, (one,) in frame.set_index("parcel_code").loc[known, "contributions"].items():
            assert one["contribution"] in (100.0, 25.0)
            assert (one["value"], one["text"], one["result"]) == (None, None, None), code


def test_runs_that_keep_their_records_whole_are_read_as_ever(city: Database, policy: Policy) -> None:
    publish(city, policy)
    before = read_run(city)
    views = {rule: by_view(city, rule) for rule in before.candidates}
    with city.engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA measure CASCADE"))
        command.downgrade(alembic_config(connection, city.srid), "0008")
        kept = connection.execute(
            sa.text("SELECT rule, count(*), count(reasons), count(contributions) FROM published.candidates GROUP BY 1")
        ).all()
    assert {(rule, n) for rule, n, *_ in kept} == {(rule, len(frame)) for rule, frame in before.candidates.items()}
    assert all(n == reasons == added for _, n, reasons, added in kept)
    upgrade(city)
    after = read_run(city)
    for rule, frame in before.candidates.items():
        again = after.candidates[rule]
        for name in RECORDS:
            assert told(again[name]) == told(frame[name]), (rule, name)
        plain = [name for name in frame if name not in RECORDS]
        pd.testing.assert_frame_equal(pd.DataFrame(again[plain]), pd.DataFrame(frame[plain]))
        pd.testing.assert_frame_equal(by_view(city, rule), views[rule])


def test_a_row_holds_no_words_that_all_rows_share(city: Database, policy: Policy) -> None:
    publish(city, policy)
    with city.read() as connection:
        rows = connection.scalars(sa.text("SELECT to_jsonb(c)::text FROM published.candidates c")).all()
    assert rows
    assert max(map(len, rows)) < 1000
    assert not [row for row in rows if "assumption" in row or "二(三)" in row or "threshold" in row]


@pytest.mark.parametrize("k", [0, 1, 7])
@pytest.mark.parametrize("words", [OUTCOMES, FLAGGED])
def test_letters_read_back_as_the_codes_they_stand_for(k: int, words: tuple[str, str, str]) -> None:
    codes = np.random.default_rng(3).integers(0, 3, (5, k)).astype(np.uint8)
    written = letters(codes, words)
    assert written.to_pylist() == ["".join(words[code][0] for code in row) for row in codes]
    assert (codes_of(written, k, words) == codes).all()

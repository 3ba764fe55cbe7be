"""What an answer says of barriers that are allowed: how many pairs each opens, and why one opens none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_city import line, load_rows

import geo
from geo.database import Database
from geo.errors import NotFoundError
from geo.policy import policy

POLICY = policy("hongkou-2025")


def said(db: Database, allow: Any, ask: Any = geo.adjacency, **asked: Any) -> dict[str | None, tuple[int, str]]:
    opened = ask(db, POLICY, allow=allow, **asked).attrs["opened"]
    return {one["allow"]: (one["n_pairs"], one["note"]) for one in opened}


def test_each_barrier_that_is_allowed_tells_how_many_pairs_it_joins(city: Database) -> None:
    # The river parts three pairs of the small city, and nothing else lies between them.
    told = said(city, ["小河", "干一路"])
    assert told["小河"] == (3, "3 pairs of parcels are joined by 小河.")
    assert told["干一路"][0] == 0
    assert told[None] == (3, "Together they join 3 pairs of parcels.")


def test_a_class_that_is_allowed_is_told_by_its_chinese_word(city: Database) -> None:
    def zh(allow: str) -> str:
        return str(geo.adjacency(city, POLICY, allow=allow).attrs["opened"][0]["note_zh"])

    assert zh("river") == "允许穿越“河道”后，3 对地块相连。"
    assert zh("river:小河") == "允许穿越“河道 小河”后，3 对地块相连。"
    assert zh("rail").startswith("允许穿越“铁路”没有使任何地块相连")


@pytest.mark.parametrize(
    ("allow", "why"),
    [
        ("干一路", "no two parcels face each other across it within the lane width of 24 m"),
        ("支路", "the policy lets it be crossed already"),
        ("rail", "there is no such barrier"),
    ],
)
def test_a_barrier_that_opens_nothing_says_why(city: Database, allow: str, why: str) -> None:
    n_pairs, note = said(city, allow)[allow]
    assert (n_pairs, note) == (0, f"0 pairs are opened by {allow}: {why}.")


def test_the_lane_width_that_is_told_is_the_one_that_was_asked_for(city: Database) -> None:
    assert "lane width of 5 m" in said(city, "小河", gap_m=5)["小河"][1]


def test_barriers_side_by_side_open_nothing_alone_and_what_they_part_together(city: Database, tmp_path: Path) -> None:
    wall = {
        "barrier_code": "W9",
        "name": "长墙",
        "barrier_class": "wall",
        "width_m": 1,
        "geom": line((-50, 627), (420, 627)),
    }
    load_rows(city, "barriers", [wall], tmp_path)
    beside = "what it parts is parted by other barriers, too."
    assert said(city, "小河")["小河"] == (0, f"0 pairs are opened by 小河: {beside}")
    both = said(city, ["小河", "长墙"])
    assert {wish: n_pairs for wish, (n_pairs, _) in both.items()} == {"小河": 0, "长墙": 0, None: 3}
    assert beside in both["长墙"][1]


@pytest.mark.parametrize("ask", [geo.clusters, geo.near_misses, geo.bridges, geo.sites])
def test_every_answer_that_takes_barriers_says_it(city: Database, ask: Any) -> None:
    asked = {"over": "all"} | ({} if ask in (geo.clusters, geo.bridges) else {"min_area_m2": 25_000.0})
    assert said(city, "小河", ask, **asked)["小河"][0] == 3
    assert "opened" not in ask(city, POLICY, **asked).attrs


def test_a_name_that_nobody_bears_is_told_those_that_there_are_without_their_class(city: Database) -> None:
    with pytest.raises(NotFoundError) as refused:
        geo.adjacency(city, POLICY, allow="nobody")
    hint = refused.value.hint
    assert "小河" in str(hint)
    assert "river:" not in str(hint)

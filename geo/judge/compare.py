"""Two judgements of the same land beside each other: who came in, who left, whose rank moved, and why.

The two may differ in the facts (two days, two runs), in the policy, or in both.  What is compared is what
:func:`geo.judge.rules.judge` said, never a guess at what it would say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import NotFoundError

COLUMNS = (
    "parcel_code",
    "change",
    "verdict_before",
    "verdict_after",
    "rank_before",
    "rank_after",
    "score_before",
    "score_after",
    "why",
)
_NEEDED = ("parcel_code", "verdict", "rank", "score", "score_high", "reasons", "contributions")
#: in which order changes are told
CHANGES = ("came_in", "left", "moved", "verdict", "score", "new_parcel", "gone_parcel")
FACTS, POLICY, BOTH, OTHERS = "facts", "policy", "facts and policy", "other parcels"

#: figures that differ by less than this share of themselves are the same: the last bits of a sum say nothing
_CLOSE = 1e-9


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """One row for each parcel that one rule judged differently in two judged frames, with :data:`COLUMNS`.

    ``change``: ``came_in`` (a candidate now), ``left`` (no longer one), ``moved`` (another rank), ``verdict`` (between ``no``
    and ``unknown``), ``score`` (another score at the same rank or without one), ``new_parcel`` and ``gone_parcel`` (in one
    frame alone and no candidate there).  Scores of parcels that are ``no`` both times are not told: nobody ranks them.

    ``why`` is a list of records: ``kind`` (``condition``, ``criterion``, ``route``, ``parcel``, ``others``), ``id``,
    ``title`` (what the policy in the stamps calls it, of a route both names; ``None`` where they have none), ``field``,
    ``before``, ``after`` (outcomes, points of the score, routes), ``cause`` (``facts``, ``policy``, ``facts and
    policy``, ``other parcels``), ``scaled`` (a criterion of which figure, value and weight are as before: its points are
    others because the sum of the weights is); conditions first, then criteria by how far they moved, scaled last.
    Of another verdict the conditions and the route are told and no criteria, which decide none.
    A rank that moved though the parcel's own judgement is as before has one record of kind ``others``.  Ordered by change,
    then by rank, then by code.

    Raises
    ------
    NotFoundError
        A frame lacks columns that a judgement has.
    """
    for which, frame in (("first", before), ("second", after)):
        lacking = [name for name in _NEEDED if name not in frame]
        if lacking:
            raise NotFoundError(
                f"The {which} of the two is no judged list: it has no {', '.join(lacking)}.",
                "Give frames with all columns that geo.candidates gave them.",
            )
    beside = _beside(before, after)
    changed = beside[beside["change"] != ""].reset_index(drop=True)
    old, new = (_told(frame, changed["parcel_code"]) for frame in (before, after))
    titles = _titles(before) | _titles(after)
    why: list[Any] = [[_titled(one, titles) for one in _why(a, b)] for a, b in zip(old, new, strict=True)]
    changed["why"] = pd.Series(why, index=changed.index, dtype=object)
    for name in ("rank_before", "rank_after"):
        changed[name] = changed[name].astype("Int64")
    place = changed["change"].map({change: place for place, change in enumerate(CHANGES)})
    rank = changed["rank_after"].fillna(changed["rank_before"]).astype("Float64").fillna(np.inf)
    order = pd.DataFrame({"change": place, "rank": rank, "code": changed["parcel_code"]})
    found = changed[list(COLUMNS)].loc[order.sort_values(["change", "rank", "code"]).index].reset_index(drop=True)
    made_up = any(bool(frame["synthetic"].any()) for frame in (before, after) if "synthetic" in frame)
    found.attrs["stamp"] = _stamp(before, after) | ({"synthetic": True} if made_up else {})
    return found


def _beside(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Every parcel of either frame with both judgements and the change between them, ``""`` where there is none."""
    names = ["parcel_code", "verdict", "rank", "score", "score_high"]
    one, other = (
        pd.DataFrame(frame[names]).astype({"rank": "Float64", "score": "float64", "score_high": "float64"})
        for frame in (before, after)
    )
    both = one.assign(was=True).merge(
        other.assign(**{"is": True}), on="parcel_code", how="outer", suffixes=("_before", "_after"), sort=True
    )
    for mark in ("was", "is"):
        both[mark] = both[mark].eq(True).fillna(False)
    candidate = [both[f"verdict_{side}"].eq("candidate").fillna(False) for side in ("before", "after")]
    same_rank = both["rank_before"].fillna(0).eq(both["rank_after"].fillna(0))
    same_score = _close(both, "score") & _close(both, "score_high")
    both["change"] = np.select(
        [
            candidate[1] & ~candidate[0],
            candidate[0] & ~candidate[1],
            ~both["was"],
            ~both["is"],
            ~same_rank,
            both["verdict_before"].ne(both["verdict_after"]),
            ~same_score & both["verdict_after"].ne("no"),
        ],
        ["came_in", "left", "new_parcel", "gone_parcel", "moved", "verdict", "score"],
        default="",
    )
    return both


def _close(both: pd.DataFrame, name: str) -> Any:
    was, now = (both[f"{name}_{side}"].to_numpy(dtype=np.float64) for side in ("before", "after"))
    return np.isclose(was, now, rtol=_CLOSE, atol=_CLOSE, equal_nan=True)


def _told(frame: pd.DataFrame, codes: pd.Series) -> list[dict[str, Any] | None]:
    """What a judgement told of each code, ``None`` where it has no such parcel."""
    rows = frame[frame["parcel_code"].isin(codes)]
    # A run that was published before routes were has no such column.
    routes = rows["route"] if "route" in rows else [None] * len(rows)
    found = {
        code: {"verdict": verdict, "reasons": reasons, "contributions": added, "route": route}
        for code, verdict, reasons, added, route in zip(
            rows["parcel_code"], rows["verdict"], rows["reasons"], rows["contributions"], routes, strict=True
        )
    }
    return [found.get(code) for code in codes]


def _why(a: dict[str, Any] | None, b: dict[str, Any] | None) -> list[dict[str, Any]]:
    if a is None or b is None:
        was, now = ("on record" if side is not None else None for side in (a, b))
        return [_record("parcel", "", None, was, now, FACTS)]
    told = _differences(a["reasons"], b["reasons"], "condition", ("threshold", "route"), "outcome")
    criteria = _differences(a["contributions"], b["contributions"], "criterion", ("weight", "applies"), "contribution")
    was, now = (None if pd.isna(side["route"]) else str(side["route"]) for side in (a, b))
    if was != now:
        # Another route lets other criteria count: what made it another one made their points others, too.
        causes = {record["cause"] for record in told}
        cause = causes.pop() if len(causes) == 1 else BOTH if causes else POLICY
        told.append(_record("route", "", None, was, now, cause))
        criteria = [record | {"cause": cause} if record["cause"] == POLICY else record for record in criteria]
    if not told or (a["verdict"] == b["verdict"]):
        told += criteria
    return told or [_record("others", "", None, None, None, OTHERS)]


def _record(
    kind: str, name: str, field: str | None, before: Any, after: Any, cause: str, scaled: bool = False
) -> dict[str, Any]:
    told = {"kind": kind, "id": name, "field": field, "before": before, "after": after}
    return told | {"cause": cause, "scaled": scaled}


def _differences(a: Any, b: Any, key: str, asked: tuple[str, ...], result: str) -> list[dict[str, Any]]:
    """The conditions or criteria whose result is another, the largest difference first; one that is new or gone, too."""
    old, new = ({record[key]: record for record in records} for records in (a, b))
    found = []
    for name in {**old, **new}:
        one, other = old.get(name), new.get(name)
        was, now = (None if record is None else record[result] for record in (one, other))
        if _same(was, now) and (was is not None or (one is None) == (other is None)):
            continue
        known = one if one is not None else other
        assert known is not None
        scaled = key == "criterion" and _only_scaled(one, other)
        found.append(_record(key, name, known.get("field"), was, now, _cause(one, other, asked), scaled))
    found.sort(key=lambda record: (record["scaled"], -_distance(record["before"], record["after"])))
    return found


def _cause(one: dict[str, Any] | None, other: dict[str, Any] | None, asked: tuple[str, ...]) -> str:
    """Which of the two differs that a result follows from: what was found, or what the policy asks of it."""
    if one is None or other is None:
        return POLICY
    by_facts = any(not _same(one[name], other[name]) for name in ("value", "text"))
    by_policy = any(not _same(one.get(name), other.get(name)) for name in (*asked, "unit"))
    if "result" in one and not by_facts:
        # The same figure gives another value: its function is another one.
        by_policy |= not _same(one["result"], other["result"])
    if by_facts and by_policy:
        return BOTH
    if by_facts:
        return FACTS
    # What only some may read is left out on one side; of the same question another outcome can only come from it.
    return FACTS if "outcome" in one and not by_policy else POLICY


def _only_scaled(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether all that a criterion is made of is as before, so that only the sum of the weights made its points others."""
    if one is None or other is None:
        return False
    return all(_same(one.get(name), other.get(name)) for name in ("value", "text", "result", "weight", "applies"))


def _distance(was: Any, now: Any) -> float:
    points = [float(value) if isinstance(value, int | float) else 0.0 for value in (was, now)]
    return abs(points[0] - points[1])


def _same(a: Any, b: Any) -> bool:
    missing = [value is None or (isinstance(value, float) and value != value) for value in (a, b)]
    if any(missing):
        return all(missing)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= _CLOSE * max(1.0, abs(a), abs(b))
    return bool(a == b)


def _titles(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    """What the policy in a judgement's stamp calls the conditions, criteria and routes of its rule, by kind and id."""
    stamp: dict[str, Any] = frame.attrs.get("stamp", {})
    content = stamp.get("policy_content") or {}
    policy = json.loads(content) if isinstance(content, str) else content
    rule = policy.get("rules", {}).get(stamp.get("rule"), {})
    routes = rule.get("routes", ())
    named = {
        "condition": [*rule.get("conditions", ()), *(each for route in routes for each in route["conditions"])],
        "criterion": rule.get("criteria", ()),
        "route": routes,
    }
    return {(kind, each["id"]): each["title"] for kind, parts in named.items() for each in parts}


def _titled(record: dict[str, Any], titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The record with what people call it; a route's ids stay beside it for programs."""
    kind = record["kind"]
    if kind == "route" and titles:
        ends = (record[side] for side in ("before", "after"))
        called = " → ".join("—" if end is None else titles.get((kind, end), end) for end in ends)
        return record | {"title": called}
    return record | {"title": titles.get((kind, record["id"]))}


def _stamp(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    """The later judgement's stamp with what it was held against, and which of facts and policy is another one."""
    old: dict[str, Any] = before.attrs.get("stamp", {})
    new: dict[str, Any] = after.attrs.get("stamp", {})
    told = {f"{name}_before": old[name] for name in ("run_id", "policy", "data_version", "as_of") if name in old}
    differs = [word for word, name in ((FACTS, "data_version"), (POLICY, "policy")) if old.get(name) != new.get(name)]
    return new | told | {"differs": " and ".join(differs) or "nothing"}

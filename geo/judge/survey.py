"""What to go and find out: the fields whose answer would settle most of the parcels that are unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.judge.conditions import OUTCOMES, UNKNOWN, outcomes
from geo.judge.measures import Codes
from geo.judge.routes import Mask, route_verdicts, ways_of
from geo.policy import Rule


def needs_survey(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The missing fields in the order in which asking for them settles most: field, n_unknown, n_alone, n_settled.

    Only parcels whose verdict is unknown count, and of their conditions those of routes that are still open; where a condition
    of every route fails already, no answer changes the verdict.  Nor does what a route lacks beyond all that another open
    route lacks: where that other one fails this one does, and where it passes nobody needs this one.
    ``n_unknown``: parcels that lack the field; ``n_alone``: those that lack nothing else; ``n_settled``: those settled,
    whatever the answers, once this field and all above it are known.  Each next field is the one that settles most then, ties
    by ``n_unknown``, then by name.

    Raises
    ------
    NotFoundError
        The frame lacks a measure that the rule asks for.
    """
    return _in_order(outcomes(frame, [condition for _, condition in rule.asked]), rule)


def needs_survey_recorded(reasons: Iterable[Sequence[Mapping[str, Any]]], rule: Rule) -> pd.DataFrame:
    """The same of a judgement that is on record: ``reasons`` are those of each row (:func:`geo.judge.conditions.reasons`).

    They tell each outcome, of figures that not everybody may read, too, where the frame holds them no more.  What a record
    does not tell is unknown.
    """
    places = {(route, condition.id): place for place, (route, condition) in enumerate(rule.asked)}
    rows = list(reasons)
    codes: Codes = np.full((len(rows), len(places)), UNKNOWN, dtype=np.uint8)
    for row, told in enumerate(rows):
        for reason in told:
            place = places.get((reason.get("route"), reason["condition"]))
            if place is not None:
                codes[row, place] = OUTCOMES.index(reason["outcome"])
    return _in_order(codes, rule)


def _in_order(codes: Codes, rule: Rule) -> pd.DataFrame:
    conditions = [condition for _, condition in rule.asked]
    ways = ways_of(rule)
    by_route = route_verdicts(codes, ways)
    unknown = by_route.max(axis=1) == UNKNOWN
    open_rows = _needed(codes[unknown] == UNKNOWN, by_route[unknown] == UNKNOWN, ways.conditions)
    fields = sorted({condition.measure for condition in conditions})
    lacks = np.column_stack([open_rows[:, [c.measure == field for c in conditions]].any(axis=1) for field in fields])
    # A few dozen patterns stand for all parcels.
    patterns, counts = np.unique(lacks, axis=0, return_counts=True)
    rows = []
    asked = np.zeros(len(fields), dtype=bool)
    left = [place for place in range(len(fields)) if lacks[:, place].any()]
    while left:
        best = min(left, key=lambda place: (-_settled(patterns, counts, asked, place), -lacks[:, place].sum(), place))
        alone = lacks[:, best] & (lacks.sum(axis=1) == 1)
        settled = _settled(patterns, counts, asked, best)
        rows.append((fields[best], int(lacks[:, best].sum()), int(alone.sum()), settled))
        asked[best] = True
        left.remove(best)
    return pd.DataFrame(rows, columns=["field", "n_unknown", "n_alone", "n_settled"])


def _needed(lacks: Mask, still_open: Mask, asked: Mask) -> Mask:
    """(n, c): the conditions that a verdict hangs on, of those that are unknown (n, c) and of the open routes (n, r)."""
    lacking = lacks[:, None, :] & asked[None, :, :]
    needed = still_open.copy()
    for route in range(len(asked)):
        for other in range(len(asked)):
            within = still_open[:, other] & ~np.any(lacking[:, other] & ~lacking[:, route], axis=1)
            # Of two that lack the same the first is asked about.
            equal = ~np.any(lacking[:, route] & ~lacking[:, other], axis=1)
            needed[:, route] &= ~within | (equal & (other >= route))
    found: Mask = np.any(lacking & needed[:, :, None], axis=1)
    return found


def _settled(
    patterns: npt.NDArray[np.bool_], counts: npt.NDArray[np.intp], asked: npt.NDArray[np.bool_], place: int
) -> int:
    known = asked.copy()
    known[place] = True
    return int(counts[~(patterns & ~known).any(axis=1)].sum())

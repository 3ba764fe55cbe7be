"""What to go and find out: the fields whose answer would settle most of the parcels that are unknown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.judge.conditions import UNKNOWN, outcomes
from geo.judge.routes import route_verdicts, ways_of
from geo.policy import Rule


def needs_survey(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The missing fields in the order in which asking for them settles most: field, n_unknown, n_alone, n_settled.

    Only parcels whose verdict is unknown count, and of their conditions those of routes that are still open; where a condition
    of every route fails already, no answer changes the verdict.
    ``n_unknown``: parcels that lack the field; ``n_alone``: those that lack nothing else; ``n_settled``: those settled
    once this field and all above it are known.  Each next field is the one that settles most then, ties by
    ``n_unknown``, then by name.

    Raises
    ------
    NotFoundError
        The frame lacks a measure that the rule asks for.
    """
    conditions = [condition for _, condition in rule.asked]
    ways = ways_of(rule)
    codes = outcomes(frame, conditions)
    by_route = route_verdicts(codes, ways)
    unknown = by_route.max(axis=1) == UNKNOWN
    still_open = (by_route[unknown] == UNKNOWN) @ ways.conditions
    open_rows = (codes[unknown] == UNKNOWN) & still_open
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


def _settled(
    patterns: npt.NDArray[np.bool_], counts: npt.NDArray[np.intp], asked: npt.NDArray[np.bool_], place: int
) -> int:
    known = asked.copy()
    known[place] = True
    return int(counts[~(patterns & ~known).any(axis=1)].sum())

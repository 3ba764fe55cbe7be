"""One rule over a measured frame: verdict, route, score, rank, and every reason.  Pure: equal frames give equal answers."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from geo.judge.conditions import FLAGGED, PASS, VERDICTS, outcomes, reasons
from geo.judge.measures import Codes, Floats
from geo.judge.routes import Mask, Places, chosen_routes, ways_of
from geo.judge.scores import contributions, scores, value_results
from geo.policy import Rule

Frame = TypeVar("Frame", bound=pd.DataFrame)

#: what judgement adds to a frame, in this order
COLUMNS = (
    "verdict",
    "route",
    "target_codes",
    "score",
    "score_low",
    "score_high",
    "rank",
    "reasons",
    "contributions",
    "flags",
)


def judge(frame: Frame, rule: Rule) -> Frame:
    """The frame with :data:`COLUMNS` added; same rows, same order, nothing mutated.

    verdict: of each route ``no`` if any condition fails, else ``unknown`` if any is unknown, else ``candidate``; a row's is
    the best of its routes'.
    route: the route that gives it, of several the one with the highest score, then the first; none where the verdict is
    ``no``.  target_codes: the land-use codes that this route leads to.
    score = score_low, the cautious end of score_low–score_high (0–100) by the criteria that count in that route (where the
    verdict is ``no``: the first), NaN where there are none.
    rank: 1, 2, … over candidates by falling score, ties by ``parcel_code``; NA for all others.
    reasons, contributions: Arrow lists of records, see :mod:`geo.judge.conditions` and :mod:`geo.judge.scores`.
    flags: records like those of reasons, with the outcomes ``clear``, ``unknown`` and ``raised``; no verdict hangs on them.

    Raises
    ------
    NotFoundError
        The frame lacks a measure that the rule asks for.
    """
    ways = ways_of(rule)
    codes = outcomes(frame, [condition for _, condition in rule.asked])
    results = value_results(frame, rule.criteria)
    weights = np.array([criterion.weight for criterion in rule.criteria])
    # One row of scores a route: which route is best depends on them.
    low = np.column_stack([scores(results, weights, np.broadcast_to(way, results.shape)).low for way in ways.criteria])
    verdict, best = chosen_routes(codes, low, ways)
    found = scores(results, weights, ways.criteria[best])
    none = verdict == VERDICTS.index("no")
    return frame.assign(
        verdict=np.array(VERDICTS, dtype=object)[verdict],
        route=_told(ways.names, best, none),
        target_codes=_told(ways.targets, best, none),
        score=found.low,
        score_low=found.low,
        score_high=found.high,
        rank=_ranks(verdict, found.low, frame),
        reasons=reasons(frame, rule.asked, codes),
        contributions=contributions(frame, rule.criteria, found),
        flags=reasons(frame, [(None, flag) for flag in rule.flags], outcomes(frame, rule.flags), FLAGGED),
    )


def _told(words: tuple[str | None, ...], best: Places, none: Mask) -> pd.api.extensions.ExtensionArray:
    """The word of each row's route, missing where the verdict is ``no``."""
    names = np.array([*words, None], dtype=object)
    return pd.array(names[np.where(none, len(words), best)], dtype=pd.StringDtype(na_value=np.nan))


def _ranks(verdict: Codes, score: Floats, frame: pd.DataFrame) -> pd.api.extensions.ExtensionArray:
    chosen = np.flatnonzero(verdict == PASS)
    names = frame["parcel_code"].to_numpy(dtype=str)[chosen]
    # Without criteria all scores are NaN and equal: the codes alone decide.
    order = np.lexsort((names, -np.nan_to_num(score[chosen])))
    ranks = np.zeros(len(frame), dtype=np.int64)
    ranks[chosen[order]] = np.arange(1, len(chosen) + 1)
    return pd.arrays.IntegerArray(ranks, ranks == 0)

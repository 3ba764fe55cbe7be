"""One rule over a measured frame: verdict, route, score, rank, and every reason.  Pure: equal frames give equal answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.judge.conditions import FLAGGED, PASS, VERDICTS, outcomes, reasons
from geo.judge.measures import Codes, Floats
from geo.judge.routes import Places, chosen_routes, ways_of
from geo.judge.scores import contributions, points_of, scores, value_results
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


@dataclass(frozen=True)
class Judgement:
    """What one rule says of n rows, as arrays: all that reasons are made of, beside the measures and the rule itself.

    ``verdict`` (n,) is a place in :data:`geo.judge.conditions.VERDICTS`; ``way`` (n,) the place of the route that it is by,
    of a ``no`` the one whose criteria are told; ``codes`` (n, c) and ``flagged`` (n, f) the outcomes of conditions and flags;
    ``results`` (n, k) what the value functions give, NaN where unknown; ``points`` (r, k) what each criterion adds at most,
    NaN where it does not count in a route; ``low`` and ``high`` (n,) the ends of the score; ``rank`` (n,), 0 of none.
    """

    verdict: Codes
    way: Places
    codes: Codes
    flagged: Codes
    results: Floats
    points: Floats
    low: Floats
    high: Floats
    rank: Places


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
    found = judgement(frame, rule)
    return with_verdicts(frame, rule, found).assign(
        reasons=reasons(frame, rule.asked, found.codes),
        contributions=contributions(frame, rule.criteria, found.results, found.points[found.way]),
        flags=reasons(frame, [(None, flag) for flag in rule.flags], found.flagged, FLAGGED),
    )


def judgement(frame: pd.DataFrame, rule: Rule) -> Judgement:
    """The same as arrays, without a record for each reason.

    Raises
    ------
    NotFoundError
        The frame lacks a measure that the rule asks for.
    """
    ways = ways_of(rule)
    codes = outcomes(frame, [condition for _, condition in rule.asked])
    results = value_results(frame, rule.criteria)
    points = points_of(ways.criteria, np.array([criterion.weight for criterion in rule.criteria]))
    # Of each route, for which one is best hangs on the scores.
    lows, highs = scores(results, points)
    verdict, way = chosen_routes(codes, lows, ways)
    rows = np.arange(len(frame))
    low = lows[rows, way]
    return Judgement(
        verdict=verdict,
        way=way,
        codes=codes,
        flagged=outcomes(frame, rule.flags),
        results=results,
        points=points,
        low=low,
        high=highs[rows, way],
        rank=_ranks(verdict, low, frame),
    )


def with_verdicts(frame: Frame, rule: Rule, found: Judgement) -> Frame:
    """The frame with those of :data:`COLUMNS` added that hold one value a row: all but the records."""
    ways = ways_of(rule)
    # One place more at the end: a ``no`` goes no way.
    way = np.where(found.verdict == VERDICTS.index("no"), len(ways.names), found.way)
    return frame.assign(
        verdict=_words(VERDICTS, found.verdict),
        route=_words((*ways.names, None), way),
        target_codes=_words((*ways.targets, None), way),
        score=found.low,
        score_low=found.low,
        score_high=found.high,
        rank=pd.arrays.IntegerArray(found.rank.astype(np.int64), found.rank == 0),
    )


def _words(words: tuple[str | None, ...], places: Codes | Places) -> pd.api.extensions.ExtensionArray:
    """The word at each place, missing where it is ``None``."""
    taken = pa.array(words, pa.string()).take(pa.array(places))
    told: pd.api.extensions.ExtensionArray = pd.array(taken, dtype=pd.StringDtype(na_value=np.nan))
    return told


def _ranks(verdict: Codes, score: Floats, frame: pd.DataFrame) -> Places:
    chosen = np.flatnonzero(verdict == PASS)
    # Without criteria all scores are NaN and equal: the codes alone decide.
    falling = -np.nan_to_num(score[chosen])
    codes = pa.array(frame["parcel_code"], pa.string(), from_pandas=True)
    # Parcels come by code: then the order of rows is that of ties.
    if pc.all(pc.less_equal(codes[:-1], codes[1:])).as_py() is not False:
        order = np.argsort(falling, kind="stable")
    else:
        order = np.lexsort((frame["parcel_code"].to_numpy(dtype=str)[chosen], falling))
    ranks = np.zeros(len(frame), dtype=np.intp)
    ranks[chosen[order]] = np.arange(1, len(chosen) + 1)
    return ranks

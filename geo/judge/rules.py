"""One rule over a measured frame: verdict, score, rank, and every reason.  Pure: equal frames give equal answers."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from geo.judge.conditions import VERDICTS, outcomes, reasons, verdicts
from geo.judge.measures import Codes, Floats
from geo.judge.scores import contributions, scores
from geo.policy import Rule

Frame = TypeVar("Frame", bound=pd.DataFrame)

#: what judgement adds to a frame, in this order
COLUMNS = ("verdict", "score", "score_low", "score_high", "rank", "reasons", "contributions")


def judge(frame: Frame, rule: Rule) -> Frame:
    """The frame with :data:`COLUMNS` added; same rows, same order, nothing mutated.

    verdict: ``no`` if any condition fails, else ``unknown`` if any is unknown, else ``candidate``.
    score = score_low, the cautious end of score_low–score_high (0–100), NaN where the rule has no criteria.
    rank: 1, 2, … over candidates by falling score, ties by ``parcel_code``; NA for all others.
    reasons, contributions: Arrow lists of records, see :mod:`geo.judge.conditions` and :mod:`geo.judge.scores`.

    Raises
    ------
    NotFoundError
        The frame lacks a measure that the rule asks for.
    """
    codes = outcomes(frame, rule.conditions)
    verdict = verdicts(codes)
    found = scores(frame, rule.criteria)
    return frame.assign(
        verdict=np.array(VERDICTS, dtype=object)[verdict],
        score=found.low,
        score_low=found.low,
        score_high=found.high,
        rank=_ranks(verdict, found.low, frame),
        reasons=reasons(frame, rule.conditions, codes),
        contributions=contributions(frame, rule.criteria, found),
    )


def _ranks(verdict: Codes, score: Floats, frame: pd.DataFrame) -> pd.api.extensions.ExtensionArray:
    chosen = np.flatnonzero(verdict == VERDICTS.index("candidate"))
    names = frame["parcel_code"].to_numpy(dtype=str)[chosen]
    # Without criteria all scores are NaN and equal: the codes alone decide.
    order = np.lexsort((names, -np.nan_to_num(score[chosen])))
    ranks = np.zeros(len(frame), dtype=np.int64)
    ranks[chosen[order]] = np.arange(1, len(chosen) + 1)
    return pd.arrays.IntegerArray(ranks, ranks == 0)

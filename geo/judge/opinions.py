"""Opinions beside verdicts: joined to the judged rows, and told where the two part.  The verdict is never altered."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd

from geo.fields.opinions import SHOWN

Frame = TypeVar("Frame", bound=pd.DataFrame)

#: what an opinion says, and on which list it was given
FACTS = (*SHOWN, "opinion_basis", "verdict_then")
#: what is added to a judged frame, in this order
COLUMNS = (*FACTS, "opinion_differs")
#: the verdict that an opinion would be
_SAYS = {"agree": "candidate", "disagree": "no"}


def beside(judged: Frame, opinions: pd.DataFrame) -> Frame:
    """The judged rows with :data:`COLUMNS` added; same rows, same order, nothing of the judgement touched.

    ``opinions`` has one row a parcel at most.  ``opinion_differs``: ``yes`` where the office says candidate and the verdict
    is no, or the other way round; ``no`` where they say the same; ``office_only`` where the verdict is unknown and the
    office has decided; ``pending`` where the office has not; missing where it said nothing of the verdict.
    """
    held = opinions.set_index("parcel_code") if len(opinions) else None
    added = {}
    for name in FACTS:
        cells = [None] * len(judged) if held is None else judged["parcel_code"].map(held[name].to_dict()).tolist()
        kept = [None if cell is None or cell != cell else cell for cell in cells]
        added[name] = pd.Series(kept, index=judged.index, dtype=object)
    return judged.assign(**added, opinion_differs=_differs(judged["verdict"], added["opinion"]))


def _differs(verdict: pd.Series[Any], opinion: pd.Series[Any]) -> pd.Series[Any]:
    says = opinion.map(_SAYS)
    told = np.select(
        [opinion == "pending", says.isna(), verdict == "unknown", says == verdict],
        ["pending", "", "office_only", "no"],
        "yes",
    )
    return pd.Series([each or None for each in told.tolist()], index=verdict.index, dtype=object)

"""What open measures are found in.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Given:
    """What the measures are made of, all of one day.

    ``ledger``: the rows of floor area of :func:`geo.ledger` in every state.  ``parcels``: those of :func:`geo.parcels`.
    ``judged``: the frame of each rule that a route is named of.  ``carriers``: the rows of
    :func:`geo.judge.target.target_rows`, with ``status``.  ``sites``: those of :func:`geo.sites`, none where empty;
    ``anchor`` are the codes that a site has already.
    """

    day: date
    ledger: pd.DataFrame
    parcels: pd.DataFrame
    judged: Mapping[str, pd.DataFrame]
    carriers: pd.DataFrame
    park_known: bool = False
    sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    anchor: frozenset[str] = frozenset()

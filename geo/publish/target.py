"""What counts towards the target in a run, or in a scenario over one, carrier by carrier."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from geo.answers.target import with_books
from geo.judge.target import target_rows
from geo.publish.explaining import policy_of

if TYPE_CHECKING:
    from geo.publish.laid import Laid
    from geo.publish.reading import Published


def target_of_run(run: Published, day: date | None = None) -> pd.DataFrame:
    """The rows of :func:`geo.target` of a run's own facts and policy; ``day``: another one on which carriers are recognised.

    Raises
    ------
    NotFoundError
        This program no longer reads the run's policy.
    """
    policy, pieces = policy_of(run.run), run.ledger[run.ledger["books"] == "floor_area"]
    rows = target_rows(policy, run.carriers, pieces, day=day or run.run.as_of, park_known="park" in run.layers)
    return with_books(rows, run.carriers, run.books)


def target_of_scenario(laid: Laid) -> pd.DataFrame:
    """The same with a scenario laid over, on the day from which all of it counts; what a measure adds rests on no import."""
    pieces = laid.ledger[laid.ledger["books"] == "floor_area"]
    day, park_known = date.fromisoformat(laid.figures["day"]), "park" in laid.run.layers
    rows = target_rows(laid.policy, laid.carriers, pieces, day=day, park_known=park_known)
    return with_books(rows, laid.carriers, laid.run.books)

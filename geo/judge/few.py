"""Totals that everybody may read of what single parcels may not tell: groups of few parcels are told together.  Pure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

#: the group of those that are told together
WITHHELD = "withheld"


def told_together(totals: pd.DataFrame, column: str, parcels: Mapping[str, int], fewest: int) -> pd.DataFrame:
    """The totals with every group of fewer than ``fewest`` parcels in one, called ``withheld``, last.

    Were that one of too few parcels itself, what is left of the grand total would tell it: then the next smallest group goes
    into it, too.  ``parcels`` gives how many parcels a group has; sums are of what is known, and nothing is lost.
    """
    sizes = sorted((parcels.get(str(name), 0), str(name)) for name in totals[column])
    small = [name for n, name in sizes if n < fewest]
    rest = [name for n, name in sizes if n >= fewest]
    while small and rest and sum(parcels.get(name, 0) for name in small) < fewest:
        small.append(rest.pop(0))
    if not small:
        return totals
    hidden = totals[column].isin(small)
    figures = [name for name in totals if name != column]
    # min_count: of a group of which nothing is known there is no sum
    row = totals.loc[hidden, figures].sum(min_count=1).to_frame().T.assign(**{column: WITHHELD})
    row = row[list(totals.columns)].astype({name: totals[name].dtype for name in figures})
    return pd.concat([totals[~hidden], row], ignore_index=True)

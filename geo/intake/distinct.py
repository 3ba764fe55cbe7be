"""The distinct cells of a column, so that each is read once, however many rows have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Distinct:
    """``cells`` in the order of their first row, and for each row of the column which of them it has."""

    cells: pd.Series[Any]
    index: npt.NDArray[np.int64]
    _order: list[npt.NDArray[np.int64]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, column: pd.Series[Any], attrs: Mapping[Any, Any] | None = None) -> Distinct:
        """Those of a column; cells of different types (1, 1.0, true) are different cells.

        ``attrs`` are what reading knows of the column (the epoch of its days), given on to ``cells``.
        """
        if column.dtype == object:
            cells, index = _of_objects(column)
        else:
            index, uniques = pd.factorize(column, use_na_sentinel=False)
            cells = pd.Series(uniques)
        cells.attrs = dict(attrs or {})
        return cls(cells, index.astype(np.int64))

    def spread(self, values: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
        """One value a cell as one value a row."""
        return values[self.index]

    def spread_arrow(self, values: pa.Array) -> pa.Array:
        """The same for an Arrow array."""
        return values.take(pa.array(self.index))

    def positions(self, cell: int) -> npt.NDArray[np.int64]:
        """The rows that have one cell, in order."""
        if not self._order:
            # Sorted once, for a column can have as many faulty cells as rows.
            order = np.argsort(self.index, kind="stable")
            self._order.extend([order, np.searchsorted(self.index[order], np.arange(len(self.cells) + 1))])
        order, starts = self._order
        return order[starts[cell] : starts[cell + 1]]


def _of_objects(column: pd.Series[Any]) -> tuple[pd.Series[Any], npt.NDArray[np.int64]]:
    known: dict[Any, int] = {}
    cells: list[Any] = []
    index = np.empty(len(column), dtype=np.int64)
    for i, cell in enumerate(column.tolist()):
        try:
            number = known.setdefault((type(cell), cell), len(cells))
        except TypeError:  # a list or an array has no hash: it stands for itself
            number = len(cells)
        if number == len(cells):
            cells.append(cell)
        index[i] = number
    distinct = np.empty(len(cells), dtype=object)
    distinct[:] = cells
    return pd.Series(distinct, dtype=object), index

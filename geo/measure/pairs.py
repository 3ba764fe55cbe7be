"""What pairs of parcels are to each other, as arrays: a million parcels have some millions of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

SHARED_EDGE, LANE, CORNER, BARRIER = TYPES = ("shared_edge", "lane", "corner", "barrier")
COLUMNS = ("parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """A pair a row: numbers into ``codes`` (rising), ``TYPES`` and ``names`` (-1: nothing lies between), lengths in m."""

    codes: pa.Array
    a: Ints
    b: Ints
    kind: npt.NDArray[np.int8]
    length_m: Floats
    gap_m: Floats
    names: list[str]
    between: Ints

    def table(self) -> pa.Table:
        """The columns of :data:`COLUMNS`; each text stands once, and rows have its number."""
        codes = self.codes.cast(pa.string())
        # Two ways of one road are two barriers of one name.
        names, number = np.unique(np.array(self.names, dtype=object), return_inverse=True)
        named = self.between >= 0
        barrier = np.zeros(len(self.between), dtype=np.int32)
        barrier[named] = number[self.between[named]]
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(self.a.astype(np.int32)), codes),
            pa.DictionaryArray.from_arrays(pa.array(self.b.astype(np.int32)), codes),
            pa.DictionaryArray.from_arrays(pa.array(self.kind), pa.array(TYPES, pa.string())),
            pa.array(self.length_m),
            pa.array(self.gap_m),
            pa.DictionaryArray.from_arrays(pa.array(barrier, mask=~named), pa.array(names.tolist(), pa.string())),
        ]
        return pa.table(columns, names=list(COLUMNS))

    def frame(self) -> pd.DataFrame:
        """The same as a frame of plain texts; ``barrier`` is ``None`` where nothing lies between."""
        return as_frame(self.table())


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A table of pairs as a frame in which every row has its texts."""
    import pandas as pd

    barrier = table.column("barrier").combine_chunks()
    names = np.array([*barrier.dictionary.to_pylist(), None], dtype=object)  # -1 takes the last
    number = barrier.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    texts = [
        column.cast(pa.large_string()) if pa.types.is_dictionary(column.type) else column
        for column in table.drop_columns(["barrier"]).columns
    ]
    frame: pd.DataFrame = pa.table(texts, names=list(COLUMNS[:-1])).to_pandas()
    return frame.astype(dict.fromkeys(COLUMNS[:3], "str")).assign(barrier=pd.Series(names[number], dtype=object))

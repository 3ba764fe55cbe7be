"""What everybody may read of an answer: columns of owners, leases, tax and output are off, and their values in reasons too.

A condition that rests on such a figure keeps its outcome, its threshold and its ground; what was found is left out.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.fields.measures import MEASURES
from geo.fields.results import is_restricted

Frame = TypeVar("Frame", bound=pd.DataFrame)

#: columns of records, and what of a record tells the value that was found
RECORDS = ("reasons", "contributions", "flags")
_TELLING = ("value", "text", "result")
#: of a single measure, as of a single parcel, these are nearly the number of its owners or the years of its leases
_OF_A_MEASURE = ("difficulty", "difficulty_low", "n_unknown")


def for_all(frame: Frame) -> Frame:
    """The frame without restricted columns, and without the values that records on restricted measures found."""
    single = _OF_A_MEASURE if "measure_id" in frame else ()
    kept: Frame = frame.drop(columns=[name for name in frame if is_restricted(str(name)) or name in single])
    held = {name: open_records(kept[name]) for name in RECORDS if name in kept}
    opened: Frame = kept.assign(**held)
    opened.attrs = dict(frame.attrs)
    return opened


def open_records(column: pd.Series[Any]) -> pd.Series[Any]:
    """Records of reasons, contributions or flags with ``value``, ``text`` and ``result`` null where the field is restricted."""
    hidden = [name for name, measure in MEASURES.items() if measure.readers == "restricted"]
    if isinstance(column.dtype, pd.ArrowDtype):
        return pd.Series(pd.arrays.ArrowExtensionArray(_opened(column, hidden)), index=column.index, name=column.name)
    found = [
        [item | dict.fromkeys(set(_TELLING) & set(item)) if item.get("field") in hidden else item for item in items]
        if isinstance(items, list | np.ndarray)
        else items
        for items in column
    ]
    return pd.Series(found, index=column.index, name=column.name, dtype=object)


def _opened(column: pd.Series[Any], hidden: list[str]) -> pa.ChunkedArray:
    lists = pa.chunked_array([pa.array(column.array)]).combine_chunks()
    records = lists.flatten()
    ends = np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False), dtype=np.int32)
    names = [field.name for field in records.type]
    told = pc.is_in(pc.struct_field(records, "field").cast(pa.string()), value_set=pa.array(hidden, pa.string()))
    fields = []
    for name in names:
        values = pc.struct_field(records, name)
        if name in _TELLING:
            # A dictionary cannot be masked in place: its words would stay in it, to be read.
            plain = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
            values = pc.if_else(told, pa.scalar(None, plain.type), plain)
        fields.append(values)
    offsets = pa.array(np.concatenate([np.zeros(1, np.int32), ends]))
    return pa.chunked_array([pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(fields, names=names))])

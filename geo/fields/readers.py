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
#: of sites and measures: what owners and leases are part of.  However many parcels a sum is over, the difference of two that
#: differ in one is that one's owners and leases, so none is given out.
_SUMS = ("difficulty", "difficulty_low", "n_unknown", "lower_bound", "per_mu")
#: a frame with one of these is of sites or measures
_SUMMED = ("site_id", "measure_id")


def for_all(frame: Frame) -> Frame:
    """The frame without restricted columns, and without the values that records on restricted measures found.

    Of sites and measures the sums that owners and leases are part of are left out; sites have ``difficulty_open``, the sum
    of the parts that are told, instead, and ``gap`` is in whole per cent.
    """
    sums = _SUMS if any(name in frame for name in _SUMMED) else ()
    kept: Frame = frame.drop(columns=[name for name in frame if is_restricted(str(name)) or name in sums])
    held = {name: open_records(kept[name]) for name in RECORDS if name in kept}
    parts = [name for name in kept if str(name).startswith("difficulty_") and name != "difficulty_open"]
    if "site_id" in kept and parts:
        held["difficulty_open"] = kept[parts].astype("float64").sum(axis=1, skipna=False)
    if "gap" in kept:
        held["gap"] = rounded_gap(kept["gap"])
    opened: Frame = kept.assign(**held)
    opened.attrs = dict(frame.attrs)
    return opened


def rounded_gap(gap: pd.Series[Any]) -> pd.Series[Any]:
    """A gap (share) in whole per cent, rounded up: only a proven one is 0.  More digits would tell of the sums it is of."""
    return pd.Series(np.ceil(gap.astype("float64") * 100 - 1e-9) / 100 + 0.0, index=gap.index)  # no minus zero


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

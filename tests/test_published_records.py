"""Records as JSON text: what Python's own reader makes of it is what stood in the column."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from geo.publish.records import json_texts

RECORD = st.fixed_dictionaries(
    {
        "word": st.none() | st.text(max_size=8),
        "number": st.none() | st.floats(allow_nan=False),
        "flag": st.none() | st.booleans(),
        "plain": st.none() | st.sampled_from(['"', "\\", "\n", "甲", "", "null"]),
    }
)
NAMES = ["word", "number", "flag", "plain"]
TYPES = [pa.string(), pa.float64(), pa.bool_(), pa.string()]


def column(rows: list[list[dict[str, Any]]]) -> pa.ListArray:
    """The rows as judgement makes them: some words by dictionary, some not."""
    plain = pa.array(rows, pa.list_(pa.struct(list(zip(NAMES, TYPES, strict=True)))))
    word, *others = (plain.flatten().field(name) for name in NAMES)
    struct = pa.StructArray.from_arrays([word.dictionary_encode(), *others], names=NAMES)
    return pa.ListArray.from_arrays(plain.offsets, struct)


@given(st.lists(st.lists(RECORD, max_size=3), max_size=6))
def test_the_text_reads_back_as_the_records(rows: list[list[dict[str, Any]]]) -> None:
    expected = [
        [r | {"number": None if r["number"] is None or math.isinf(r["number"]) else r["number"]} for r in row]
        for row in rows
    ]
    assert [json.loads(text) for text in json_texts(column(rows)).to_pylist()] == expected


def test_a_part_of_a_column_is_told_as_that_part() -> None:
    rows = [[{"word": str(n), "number": float(n), "flag": None, "plain": None}] * (n % 3) for n in range(9)]
    part = column(rows).take(pa.array(np.arange(8, 3, -1)))
    assert [len(json.loads(text)) for text in json_texts(part).to_pylist()] == [n % 3 for n in range(8, 3, -1)]
    assert [len(json.loads(text)) for text in json_texts(column(rows)[2:5]).to_pylist()] == [2, 0, 1]

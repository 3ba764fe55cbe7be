"""Facts as JSON text: what Python's own reader makes of it is what stood in the frame."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geo.publish.records import facts

ROW = st.fixed_dictionaries(
    {
        "word": st.none() | st.text(max_size=8),
        "number": st.none() | st.floats(allow_nan=False),
        "flag": st.none() | st.booleans(),
        "plain": st.none() | st.sampled_from(['"', "\\", "\n", "甲", "", "null"]),
        "count": st.none() | st.integers(-(2**53), 2**53),
    }
)
TYPES = {"word": "str", "number": "float64", "flag": "boolean", "plain": object, "count": "Int64"}


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in TYPES.items()})


@given(st.lists(ROW, max_size=6))
def test_the_text_reads_back_as_the_rows(rows: list[dict[str, Any]]) -> None:
    expected = [
        row | {"number": None if row["number"] is None or math.isinf(row["number"]) else row["number"]} for row in rows
    ]
    assert [json.loads(text) for text in facts(frame_of(rows)).to_pylist()] == expected


def test_a_part_of_a_frame_is_told_as_that_part() -> None:
    frame = pd.DataFrame({"word": list("abcdefghi"), "number": np.arange(9.0)})
    assert [json.loads(text)["word"] for text in facts(frame.iloc[::-1].iloc[:3]).to_pylist()] == ["i", "h", "g"]
    assert [json.loads(text)["number"] for text in facts(frame.iloc[2:5]).to_pylist()] == [2.0, 3.0, 4.0]


def test_facts_read_back_as_the_values_of_the_frame() -> None:
    frame = pd.DataFrame(
        {
            "text": ["甲", None, '"\\\n'],
            "whole": pd.array([1, None, -3], dtype="Int64"),
            "number": [1.0, np.nan, 1e-7],
            "endless": [np.inf, -np.inf, 0.1],
            "yes": pd.array([True, None, False], dtype="boolean"),
            "list": [["a"], None, []],
            'odd "name"': [0.5, 120.0, -0.25],
        }
    )
    rows = [json.loads(text) for text in facts(frame).to_pylist()]
    assert rows == [
        {"text": "甲", "whole": 1, "number": 1.0, "endless": None, "yes": True, "list": ["a"], 'odd "name"': 0.5},
        {"text": None, "whole": None, "number": None, "endless": None, "yes": None, "list": None, 'odd "name"': 120.0},
        {"text": '"\\\n', "whole": -3, "number": 1e-7, "endless": 0.1, "yes": False, "list": [], 'odd "name"': -0.25},
    ]
    # A whole number of a column of fractions stays one of them, so that the column is read back as it was.
    assert [type(row["number"]) for row in rows] == [float, type(None), float]
    assert isinstance(rows[1]['odd "name"'], float)
    assert facts(frame.iloc[:0]).to_pylist() == []

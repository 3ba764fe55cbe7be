"""Lists of records for every row of a frame as one Arrow column, made without touching a row in Python.

Each row has the same k records, so the column is k·n records end to end with a mark every k; what repeats (ids, words,
clauses) is kept once and pointed at.  What a record says of every row alike is given apart (``asked``), so that a run can
keep it once and put the same records together again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.judge.measures import Codes, Floats, Texts

#: what was found of one measure: numbers as they are shown, or texts; neither where nothing may be told
Shown = tuple[Floats | None, Texts | None]


def answered(
    asked: Sequence[Mapping[str, Any]], codes: Codes, words: Sequence[str], shown: Sequence[Shown]
) -> pd.api.extensions.ExtensionArray:
    """Every condition of every row as a record: route, condition, outcome, field, value, text, threshold, unit, clause.

    ``asked`` are k mappings of route, condition, field, threshold, unit and clause; ``codes`` (n, k) the outcomes, which
    ``words`` say; ``shown`` what was found for each of the k.
    """
    n, k = codes.shape
    fields = {
        "route": _repeated(asked, "route", n),
        "condition": _repeated(asked, "condition", n),
        "outcome": chosen(codes.ravel(), words),
        "field": _repeated(asked, "field", n),
        "value": _values(shown, n),
        "text": texts([text for _, text in shown], n),
        "threshold": _repeated(asked, "threshold", n),
        "unit": _repeated(asked, "unit", n),
        "clause": _repeated(asked, "clause", n),
    }
    return lists(fields, n, k)


def counted(
    asked: Sequence[Mapping[str, Any]],
    results: Floats,
    points: Floats,
    shown: Sequence[Shown],
    *,
    hidden: Sequence[bool] | None = None,
) -> pd.api.extensions.ExtensionArray:
    """Every criterion of every row as a record.

    Its fields: criterion, applies, field, value, text, unit, result, weight, contribution, clause.  ``asked`` are k mappings
    of criterion, field, unit, weight and clause; ``results`` (n, k) are NaN where unknown, ``points`` (n, k) NaN where a
    criterion does not count in the row's route; contribution = result · points.  Of ``hidden`` ones no result is told.
    """
    n, k = results.shape
    applies = ~np.isnan(points)
    told = applies if hidden is None else applies & ~np.array(hidden, dtype=bool)
    weights = np.array([item["weight"] for item in asked], dtype=np.float64)
    fields = {
        "criterion": _repeated(asked, "criterion", n),
        "applies": pa.array(applies.ravel()),
        "field": _repeated(asked, "field", n),
        "value": _values(shown, n),
        "text": texts([text for _, text in shown], n),
        "unit": _repeated(asked, "unit", n),
        "result": numbers(np.where(told, results, np.nan)),
        "weight": numbers(np.where(applies, weights, np.nan)),
        "contribution": numbers(results * points),
        "clause": _repeated(asked, "clause", n),
    }
    return lists(fields, n, k)


def _repeated(asked: Sequence[Mapping[str, Any]], name: str, n: int) -> pa.DictionaryArray:
    """One word for each of the k records, the same in all n rows."""
    places, kept = _places([item[name] for item in asked])
    return _pointed(np.tile(places, n), kept)


def chosen(places: npt.NDArray[np.integer], words: Sequence[str | None]) -> pa.DictionaryArray:
    """The word at each place; ``None`` words are null."""
    moved, kept = _places(words)
    return _pointed(moved[places], kept)


def _places(words: Sequence[str | None]) -> tuple[npt.NDArray[np.signedinteger], list[str]]:
    """Each word's place among the different ones, -1 for ``None``."""
    kept = list(dict.fromkeys(word for word in words if word is not None))
    position = {word: number for number, word in enumerate(kept)}
    return np.array([-1 if word is None else position[word] for word in words], dtype=_index_type(kept)), kept


def _pointed(places: npt.NDArray[np.signedinteger], words: Sequence[str]) -> pa.DictionaryArray:
    """The word at each place, null at -1."""
    gone = places < 0
    indices = pa.array(np.maximum(places, 0), mask=gone) if gone.any() else pa.array(places)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _index_type(words: Sequence[str]) -> type[np.signedinteger]:
    return np.int8 if len(words) <= np.iinfo(np.int8).max else np.int32


def texts(columns: Sequence[Texts | None], n: int) -> pa.DictionaryArray:
    """The texts of k columns in record order, null where a column is not text or a text is unknown."""
    words = sorted({word for column in columns if column is not None for word in column.words})
    position = {word: number for number, word in enumerate(words)}
    places = np.full((n, len(columns)), -1, dtype=_index_type(words))
    for number, column in enumerate(columns):
        if column is not None and column.words:
            moved = np.array([position[word] for word in column.words], dtype=places.dtype)
            places[:, number] = np.where(column.places < 0, -1, moved[np.maximum(column.places, 0)])
    return _pointed(places.ravel(), words)


def _values(shown: Sequence[Shown], n: int) -> pa.DoubleArray:
    """The numbers of k columns in record order, null where a column has none or a number is unknown."""
    values = np.full((n, len(shown)), np.nan)
    for place, (number, _) in enumerate(shown):
        if number is not None:
            values[:, place] = number
    return numbers(values)


def numbers(matrix: Floats) -> pa.DoubleArray:
    """An (n, k) matrix in record order, null where NaN."""
    return pa.array(matrix.ravel(), from_pandas=True)


def lists(fields: dict[str, pa.Array], n: int, k: int) -> pd.api.extensions.ExtensionArray:
    """n lists of k records each, as a pandas column of Arrow type list<struct<…>>."""
    records = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    offsets = pa.array(np.arange(0, n * k + 1, k, dtype=np.int32) if k else np.zeros(n + 1, dtype=np.int32))
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.ListArray.from_arrays(offsets, records)]))

"""Lists of records for every row of a frame as one Arrow column, made without touching a row in Python.

Each row has the same k records, so the column is k·n records end to end with a mark every k; what repeats (ids, words,
clauses) is kept once and pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.judge.measures import Floats, Texts


def repeated(words: Sequence[str | None], n: int) -> pa.DictionaryArray:
    """One word for each of the k records, the same in all n rows."""
    return chosen(np.tile(np.arange(len(words)), n), words)


def chosen(places: npt.NDArray[np.integer], words: Sequence[str | None]) -> pa.DictionaryArray:
    """The word at each place; ``None`` words are null."""
    kept = list(dict.fromkeys(word for word in words if word is not None))
    position = {word: number for number, word in enumerate(kept)}
    moved = np.array([-1 if word is None else position[word] for word in words], dtype=_index_type(kept))[places]
    indices = pa.array(np.maximum(moved, 0), mask=moved < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(kept, pa.string()))


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
    flat = places.ravel()
    return pa.DictionaryArray.from_arrays(pa.array(np.maximum(flat, 0), mask=flat < 0), pa.array(words, pa.string()))


def numbers(matrix: Floats) -> pa.DoubleArray:
    """An (n, k) matrix in record order, null where NaN."""
    return pa.array(matrix.ravel(), from_pandas=True)


def lists(fields: dict[str, pa.Array], n: int, k: int) -> pd.api.extensions.ExtensionArray:
    """n lists of k records each, as a pandas column of Arrow type list<struct<…>>."""
    records = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    offsets = pa.array(np.arange(0, n * k + 1, k, dtype=np.int32) if k else np.zeros(n + 1, dtype=np.int32))
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.ListArray.from_arrays(offsets, records)]))

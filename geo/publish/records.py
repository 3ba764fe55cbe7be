"""Records of reasons, contributions and flags on their way into the published tables, without a Python object for a row.

Each row has a list of records of the same fields; a record's text is put together field by field, all rows at once, and the
rows go to COPY as CSV in blocks, so that memory stays bounded.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from psycopg import sql

#: rows in one block: some hundred MB of text at most
_BLOCK = 20_000


def copy_columns(raw: psycopg.Connection[Any], table: str, columns: Mapping[str, Any], n: int) -> None:
    """COPY ``n`` rows into ``published.<table>``; a column is one text or number for all rows, a series, or records.

    Records are series of Arrow lists of structs; they are written as JSON.  Unknown is null.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier("published", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    options = pacsv.WriteOptions(include_header=False)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, n, _BLOCK):
            end = min(start + _BLOCK, n)
            block = {name: _block(column, start, end) for name, column in columns.items()}
            buffer = io.BytesIO()
            pacsv.write_csv(pa.table(block), buffer, options)
            copy.write(buffer.getbuffer())


def _block(column: Any, start: int, end: int) -> pa.Array:
    if not isinstance(column, pd.Series):
        return pa.array([column] * (end - start))
    part = column.iloc[start:end]
    if isinstance(part.dtype, pd.ArrowDtype) and pa.types.is_list(part.dtype.pyarrow_dtype):
        return json_texts(pa.array(part.array))
    return pa.array(part, from_pandas=True)


def json_texts(lists: pa.ListArray) -> pa.Array:
    """Each list of records as JSON text, ``[]`` where it is empty; numbers in the shortest form that reads back the same."""
    records = lists.flatten()
    pieces: list[Any] = []
    for number, field in enumerate(records.type):
        pieces += [f"{',' if number else '{'}{json.dumps(field.name)}:", _texts(pc.struct_field(records, field.name))]
    whole = pc.binary_join_element_wise(*pieces, "}", "")
    ends = np.cumsum(pc.list_value_length(lists).to_numpy(zero_copy_only=False), dtype=np.int32)
    rows = pa.ListArray.from_arrays(pa.array(np.concatenate([np.zeros(1, np.int32), ends])), whole)
    return pc.binary_join_element_wise("[", pc.binary_join(rows, ","), "]", "")


def _texts(values: pa.Array) -> pa.Array:
    """JSON of each value: words are put into quotes once a word and not once a row."""
    if pa.types.is_string(values.type):
        values = values.dictionary_encode()
    if pa.types.is_dictionary(values.type):
        words = pa.array([json.dumps(word, ensure_ascii=False) for word in values.dictionary.to_pylist()], pa.string())
        found = words.take(values.indices) if len(words) else pa.nulls(len(values), pa.string())
    else:
        if pa.types.is_floating(values.type):
            values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))
        found = values.cast(pa.string())
    return pc.fill_null(found, "null")

"""Large frames on their way into the published tables, by COPY and without a Python object for a row.

A row's JSON is put together field by field, all rows at once, and the rows go to COPY as CSV in blocks, so that memory
stays bounded.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from psycopg import sql

from geo.publish.rows import as_json

#: rows in one block: some dozen MB of text
_BLOCK = 20_000


def copy_columns(raw: psycopg.Connection[Any], table: str, columns: Mapping[str, Any], n: int) -> None:
    """COPY ``n`` rows into ``published.<table>``; unknown is null.

    A column is one text or number for all rows, a series, an Arrow array, or a function that gives the rows from … to … as one.
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
    if isinstance(column, pd.Series):
        return pa.array(column.iloc[start:end], from_pandas=True)
    if isinstance(column, pa.Array):
        return column.slice(start, end - start)
    if isinstance(column, str | int):
        return pa.repeat(column, end - start)
    return column(start, end)


def facts(frame: pd.DataFrame) -> pa.Array:
    """Each row without its geometry as a JSON object; unknown is null, days are ISO.

    Numbers have the shortest form that reads back the same, whole ones of a column of fractions with their ``.0``.
    """
    pieces: list[Any] = []
    for name in frame:
        if name != "geometry":
            pieces += [f"{',' if pieces else '{'}{json.dumps(str(name), ensure_ascii=False)}:", _texts(frame[name])]
    return pc.binary_join_element_wise(*pieces, "}", "") if pieces else pa.repeat("{}", len(frame))


def _texts(column: pd.Series[Any]) -> pa.Array:
    """JSON of each value: words are put into quotes once a word and not once a row."""
    if column.dtype == object:
        return pa.array(list(as_json(column)), pa.string())
    values = pa.array(column, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        encoded = values.dictionary_encode()
        words = pa.array(list(as_json(encoded.dictionary.to_pylist())), pa.string())
        found = words.take(encoded.indices) if len(words) else pa.nulls(len(values), pa.string())
    else:
        found = values.cast(pa.string())
        if pa.types.is_floating(values.type):
            found = pc.if_else(pc.is_finite(values), found, pa.scalar(None, pa.string()))
            whole = pc.match_substring_regex(found, r"^-?\d+$")
            found = pc.if_else(whole, pc.binary_join_element_wise(found, ".0", ""), found)
    return pc.fill_null(found, "null")

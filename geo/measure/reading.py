"""Query results as Arrow tables, by COPY: a million rows cost seconds, and null stays null.

COPY's CSV writes null as nothing and an empty text as ``""``, so that the two stay apart; floats come in their shortest
form that reads back the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import sql

from geo.measure.copied import copied

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

#: PostgreSQL type number → Arrow type; every other type is asked for as text by the query itself
_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    25: pa.string(),
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
}


def read_table(connection: sa.Connection, query: sql.Composable, values: Mapping[str, Any]) -> pa.Table:
    """The rows of a query as an Arrow table; columns are bool, integer, double, text or date.

    Raises
    ------
    TypeError
        A column has another type: the query should give it as text.
    """
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM ({}) q LIMIT 0").format(query), values)
        fields = []
        for column in cursor.description:
            if column.type_code not in _TYPES:
                raise TypeError(f"Column {column.name!r} has a type that is not read; cast it to text in the query.")
            fields.append(pa.field(column.name, _TYPES[column.type_code]))
        schema = pa.schema(fields)
        content = b"".join(copied(cursor, sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query), values))
    if not content:
        return schema.empty_table()
    table = pacsv.read_csv(
        pa.py_buffer(content),
        read_options=pacsv.ReadOptions(column_names=schema.names, block_size=1 << 24),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table.combine_chunks()


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame: text as ``str``, integers as ``Int64`` (unknown is ``NA``), numbers as ``float64``."""
    import pandas as pd

    mapping = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=mapping.get)
    return frame

"""Outlines read from the database as one stream of bytes, taken apart by what is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from psycopg import sql

from geo.measure.copied import copied
from geo.measure.outlines import Ints, Outlines, offsets

if TYPE_CHECKING:
    import sqlalchemy as sa

Bytes = npt.NDArray[np.uint8]

#: how many bytes are taken apart in one go: bounds the memory, changes no result
_BLOCK = 1 << 25


def read_outlines(
    connection: sa.Connection, base: sql.Composable, values: Mapping[str, Any], code: str = "parcel_code"
) -> tuple[pa.LargeStringArray, Outlines]:
    """The column ``code`` and the (multi)polygons ``geom`` of a query, in the order in which the rows come.

    Raises
    ------
    TypeError
        An outline is no polygon of two dimensions.
    """
    query = sql.SQL("SELECT {}, ST_AsBinary(geom, 'NDR') FROM ({}) v").format(sql.Identifier(code), base)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor:
        taken = [_taken_apart(block) for block in _blocks(copied(cursor, statement, values))]
    code_bytes, letters, parts, rings, corners, xy = (np.concatenate(arrays) for arrays in zip(*taken, strict=True))
    codes = pa.LargeStringArray.from_buffers(len(letters), pa.py_buffer(offsets(letters)), pa.py_buffer(code_bytes))
    return codes, Outlines(xy.view("<f8").reshape(-1, 2), offsets(corners), offsets(rings), offsets(parts))


def _blocks(copy: Iterable[Any]) -> Iterable[Bytes]:
    """Whole rows in blocks of a bounded size; the stream brings one row at a time, and a header before the first."""
    from geo.measure.kernel import HEADER

    rows, skipped = bytearray(), HEADER
    for row in copy:
        rows += row[skipped:] if skipped else row
        skipped = 0
        if len(rows) >= _BLOCK:
            yield np.frombuffer(rows, dtype=np.uint8)
            rows = bytearray()
    yield np.frombuffer(rows, dtype=np.uint8)


def _taken_apart(block: Bytes) -> tuple[Bytes, Ints, Ints, Ints, Ints, Bytes]:
    from geo.measure.kernel import fill, sizes

    rows, letters, parts, rings, points = sizes(block)
    if rows < 0:
        raise TypeError("An outline is no polygon of two dimensions.")
    of_row, of_code, of_polygon, of_ring = (np.empty(size, dtype=np.int64) for size in (rows, rows, parts, rings))
    code, xy = np.empty(letters, dtype=np.uint8), np.empty(16 * points, dtype=np.uint8)
    fill(block, code, of_code, of_row, of_polygon, of_ring, xy)
    return code, of_code, of_row, of_polygon, of_ring, xy

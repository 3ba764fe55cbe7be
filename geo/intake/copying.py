"""The good rows of a file as lines of CSV for COPY, some thousands at a time, made from Arrow columns in one go."""

from __future__ import annotations

import binascii
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from geo.intake.outlines import Outlines

#: rows of a part: a few megabytes on the wire
STEP = 20_000
# No heading, and every text in quotes: what stands without them is null.
_AS_CSV = pa_csv.WriteOptions(include_header=False, quoting_style="needed")


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that are to be stored: their numbers in the file, their facts, and their shapes in the work CRS (EWKB)."""

    rows: npt.NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    outlines: Outlines | None

    def __len__(self) -> int:
        return len(self.rows)

    def lines(self, facts: Sequence[str]) -> Iterator[tuple[int, bytes]]:
        """Parts of the rows: how many, and their lines: row number, then these facts (``geom`` as hexadecimal EWKB)."""
        for start in range(0, len(self), STEP):
            n = min(STEP, len(self) - start)
            parts = [pa.array(self.rows[start : start + n])]
            parts += [self._geom(start, n) if name == "geom" else _flat(self.columns[name], start, n) for name in facts]
            sink = io.BytesIO()
            pa_csv.write_csv(pa.table(parts, names=[str(i) for i in range(len(parts))]), sink, _AS_CSV)
            yield n, sink.getvalue()

    def _geom(self, start: int, n: int) -> pa.Array:
        if self.outlines is None:
            return pa.nulls(n, pa.string())
        return _hexadecimal(pa.concat_arrays(self.outlines.wkb.slice(start, n).chunks))


def _hexadecimal(column: pa.Array) -> pa.Array:
    """Bytes as hexadecimal text: the buffer at once, since 100,000 outlines one by one take half a second."""
    column = pa.concat_arrays([column])  # without an offset
    valid, offsets, data = column.buffers()
    doubled = np.frombuffer(offsets, dtype=np.int64)[: len(column) + 1] * 2
    text = binascii.hexlify(data) if data is not None else b""
    return pa.LargeStringArray.from_buffers(len(column), pa.py_buffer(doubled), pa.py_buffer(text), valid)


def _flat(column: pa.Array, start: int, n: int) -> pa.Array:
    """A part of a column; lists as PostgreSQL writes them."""
    part = column.slice(start, n)
    if not pa.types.is_list(part.type):
        return part
    return pa.array([None if items is None else _list(items) for items in part.to_pylist()], type=pa.string())


def _list(items: Sequence[str]) -> str:
    quoted = ('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items)
    return "{" + ",".join(quoted) + "}"

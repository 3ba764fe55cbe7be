"""GeoParquet, and Parquet without shapes, as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geo.errors import ReadError
from geo.intake.broken import broken
from geo.intake.sheet_shapes import COLLECTIONS
from geo.intake.vector import quietly

#: how a collection begins in WKB, little-endian
_COLLECTION_WKB = b"\x01\x07\x00\x00"


def read_parquet(file: Path) -> pd.DataFrame:
    """The table of a file, a GeoDataFrame where it has shapes.

    Raises
    ------
    ReadError
        It is not what its ending says, is broken, or has a shape of too many shapes in one another.
    """
    import geopandas as gpd
    import pyarrow as pa
    from shapely.errors import ShapelyError

    try:
        _refuse_nested(file)
        found: pd.DataFrame = quietly(gpd.read_parquet, file)
        return found
    except ValueError as error:
        if "Missing geo metadata" not in str(error) and not isinstance(error, pa.ArrowInvalid):
            raise _no_parquet(file, error) from None
    except (ShapelyError, pa.ArrowException, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        # What readers make of bytes that are no shape, no metadata, or no datum: each has an error of its own for it.
        raise _no_parquet(file, error) from None
    except OSError as error:
        raise _no_parquet(file, error) if error.errno is None else error from None
    try:
        return pd.read_parquet(file)
    except (ValueError, pa.ArrowException) as error:
        raise _no_parquet(file, error) from None


def _no_parquet(file: Path, error: BaseException) -> ReadError:
    return broken(file, file, ".parquet", "GeoParquet", error)


def _refuse_nested(file: Path) -> None:
    """Refuse shapes of collections in collections, before they are read: each level is one of the reader's stack."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pq.read_schema(file)
    names = [each.name for each in schema if pa.types.is_binary(each.type) or pa.types.is_large_binary(each.type)]
    for name in names:
        for chunk in pq.read_table(file, columns=[name]).column(0).chunks:
            found = chunk.filter(pc.fill_null(pc.starts_with(chunk, _COLLECTION_WKB), False))
            if any(wkb.as_py().count(_COLLECTION_WKB) > COLLECTIONS for wkb in found):
                raise ReadError(f"{file.name} has a shape of too many shapes in one another.", "Draw it again.")

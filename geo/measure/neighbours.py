"""Door of the adjacency kernel: the parcels and barriers of one look at the registry, and what was found of them, kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql

from geo.measure.adjacency import Widths, barriers_that_part, contiguous, typed_pairs
from geo.measure.crossing import title
from geo.measure.pairs import BARRIER, as_frame
from geo.measure.streamed import read_outlines

if TYPE_CHECKING:
    from typing import Any

    import geopandas as gpd
    import pandas as pd

    from geo.measure.adjacency import Shapes
    from geo.measure.cache import Look
    from geo.measure.crossing import Crossing


def neighbours(look: Look, widths: Widths, crossing: Crossing) -> pd.DataFrame:
    """Every pair of parcels valid on the day with what they are to each other, as :func:`typed_adjacency` finds it.

    Barriers that ``crossing`` allows part nothing.  Worked out once for a data version and these arguments, then read.
    """

    def make() -> pa.Table:
        codes, outlines = read_outlines(look.connection, *look.call("parcels_on", {}))
        return typed_pairs(codes, outlines, *_parting(look, crossing), widths).table()

    return as_frame(look.kept("adjacency", _asked(widths, crossing), make))


def hanging_together(look: Look, widths: Widths, crossing: Crossing) -> pa.Table:
    """``parcel_code`` of every parcel valid on the day and ``together``, the same number for all that hang together.

    They are those that :func:`neighbours` joins over shared edges and lanes, found without typing every pair.
    """

    def make() -> pa.Table:
        codes, outlines = read_outlines(look.connection, *look.call("parcels_on", {}))
        together = contiguous(outlines, _parting(look, crossing)[1], widths)
        return pa.table({"parcel_code": codes, "together": together})

    return look.kept("hanging_together", _asked(widths, crossing), make)


def parted_by(look: Look, widths: Widths, classes: Iterable[str], names: Iterable[str]) -> int:
    """How many pairs of parcels the barriers of these classes, and these ``class:name``, part if no other barrier is there."""
    wanted, named = set(classes), set(names)

    def make() -> pa.Table:
        codes, outlines = read_outlines(look.connection, *look.call("parcels_on", {}))
        between = shapes_on(look, "barriers_on", ("barrier_class", "name"))
        known = zip(between["barrier_class"], between["name"], strict=True)
        those = [of in wanted or title(of, name if isinstance(name, str) else None) in named for of, name in known]
        parting = barriers_that_part(between[np.asarray(those, dtype=bool)], {})
        return typed_pairs(codes, outlines, *parting, widths).table()

    asked = asdict(widths) | {"classes": sorted(wanted), "names": sorted(named)}
    return int((as_frame(look.kept("parted_by", asked, make))["type"] == BARRIER).sum())


def barrier_names(look: Look) -> set[tuple[str, str | None]]:
    """Class and name of every barrier valid on the day; ``None`` where it has no name."""
    base, values = look.call("barriers_on", {})
    query = sql.SQL("SELECT DISTINCT barrier_class, nullif(name, '') AS name FROM ({}) v").format(base)
    table = look.read(query, values)
    return set(zip(*(table.column(name).to_pylist() for name in ("barrier_class", "name")), strict=True))


def shapes_on(look: Look, function: str, names: tuple[str, ...]) -> gpd.GeoDataFrame:
    """The rows of ``measure.<function>`` on the day with these columns and their shapes, in the work CRS."""
    import geopandas as gpd

    base, values = look.call(function, {})
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL("SELECT {}, encode(ST_AsBinary(geom), 'hex') AS geometry FROM ({}) v").format(columns, base)
    table = look.read(query, values)
    shapes = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False).astype(object))
    frame = table.drop_columns(["geometry"]).to_pandas()
    return gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, dtype=object), crs=look.db.crs)


def _parting(look: Look, crossing: Crossing) -> tuple[list[str], Shapes]:
    """What the barriers are called that may not be crossed, and their shapes."""
    between = shapes_on(look, "barriers_on", ("barrier_class", "name"))
    named = zip(between["barrier_class"], between["name"], strict=True)
    parting = [not crossing.allows(of_class, name if isinstance(name, str) else None) for of_class, name in named]
    return barriers_that_part(between[np.asarray(parting, dtype=bool)], {})


def _asked(widths: Widths, crossing: Crossing) -> dict[str, Any]:
    return asdict(widths) | {"crossable": dict(crossing.classes), "crossable_names": dict(crossing.names)}

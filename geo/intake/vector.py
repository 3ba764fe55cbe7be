"""Files with shapes, read through GDAL: one layer as a table, its shapes, and what was changed in reading."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import ReadError
from geo.intake.archives import unpacked_shapefiles
from geo.intake.broken import broken, not_what_it_says
from geo.intake.drawings import as_outlines, drawing_encoding
from geo.intake.findings import Findings, Objects
from geo.intake.osm import LAYERS, features
from geo.intake.sheets import choose_layer
from geo.intake.unchanged import untouched

#: GDAL's names for types that have arcs in them
_CURVED = ("CURVEPOLYGON", "MULTISURFACE", "MULTICURVE", "COMPOUNDCURVE", "CIRCULARSTRING", "CURVE", "SURFACE")
_CURVES_ADVICE = "Arcs were drawn as chords of 4 degrees, as GDAL does by default: areas differ by some 0.1 %."
#: what GDAL and the libraries round it raise on files that are cut, mangled or impossible (NameError: pyogrio on a .prj
#: that GDAL can read and not write)
BROKEN = (RuntimeError, NameError, ValueError, TypeError, OverflowError, MemoryError, KeyError, IndexError)


def read_vector(
    file: Path, suffix: str, layer: str | None, encoding: str | None, name: str, remarks: Findings
) -> tuple[pd.DataFrame, str | None]:
    """One layer of a file as a frame with shapes, and the layer's name; ``name`` is what the format is called.

    Raises
    ------
    ReadError
        It is not what its ending says, is broken, or has several layers and none is named.
    """
    if suffix == ".zip":
        with unpacked_shapefiles(file) as found:
            chosen = choose_layer(file, list(found), layer)
            return _read(file, found[chosen], ".shp", None, encoding, name, remarks)[0], chosen
    with untouched(file) as address:
        return _read(file, address, suffix, layer, encoding, name, remarks)


def quietly(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A call whose warnings are let go: GDAL warns of what is checked later and reported with its row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **kwargs)


def _read(
    file: Path, address: Path, suffix: str, layer: str | None, encoding: str | None, name: str, remarks: Findings
) -> tuple[pd.DataFrame, str | None]:
    import pyogrio

    tries: list[str | None] = [encoding]
    if encoding is None and suffix == ".shp" and not _says_encoding(address):
        # No .cpg: GDAL would read the bytes as Latin-1.  UTF-8 refuses what is not UTF-8; GB18030 reads the rest.
        tries = ["UTF-8", "GB18030"]
    try:
        layers = [str(row[0]) for row in quietly(pyogrio.list_layers, address)]
        if suffix in (".osm", ".pbf") and layer is None:
            return features({each: quietly(pyogrio.read_dataframe, address, layer=each) for each in LAYERS}), None
        chosen = choose_layer(file, layers, layer)
        for each in tries:
            try:
                with _said_encoding(address, suffix, each) as options:
                    frame = quietly(pyogrio.read_dataframe, address, layer=chosen, on_invalid="ignore", **options)
                break
            except (UnicodeDecodeError, LookupError):
                continue
        else:
            raise ReadError(
                f"The text of {file.name} is not {' or '.join(str(each or 'UTF-8') for each in tries)}.",
                'Say its encoding in the mapping: encoding = "gb18030".',
            )
    except BROKEN as error:
        if isinstance(error, UnicodeDecodeError):
            raise not_what_it_says(file, name, "its names are no text") from None
        raise broken(file, address, suffix, name, error) from None
    if suffix == ".gpkg" and curved(address, chosen):
        remarks.add([-1], "geometry", None, "curves_linearised", _CURVES_ADVICE)
    if suffix == ".dxf":
        frame = _drawing(frame, remarks)
    elif suffix in (".osm", ".pbf"):
        frame = features({chosen: frame})
    return frame, chosen


@contextmanager
def _said_encoding(address: Path, suffix: str, encoding: str | None) -> Iterator[dict[str, str]]:
    """How GDAL is told an encoding: DXF by a setting of its own, which is taken back, the others by an option."""
    import pyogrio

    if suffix != ".dxf":
        yield {"encoding": encoding} if encoding else {}
        return
    pyogrio.set_gdal_config_options({"DXF_ENCODING": encoding or drawing_encoding(address)})
    try:
        yield {}
    finally:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": None})


def _drawing(frame: pd.DataFrame, remarks: Findings) -> pd.DataFrame:
    import geopandas as gpd

    if "geometry" not in frame:
        return frame
    shapes: Objects = np.asarray(frame["geometry"].array, dtype=object)
    table, outlines = as_outlines(pd.DataFrame(frame.drop(columns="geometry")), shapes, remarks)
    drawn: pd.DataFrame = gpd.GeoDataFrame(table, geometry=outlines)
    return drawn


def curved(file: Path, layer: str) -> bool:
    """Whether a GeoPackage says that a layer holds arcs; GDAL has drawn them as chords before anybody could ask."""
    query = "SELECT upper(geometry_type_name) FROM gpkg_geometry_columns WHERE table_name = ?"
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute(query, (layer,)).fetchone()
    except (sqlite3.Error, ValueError):
        return False
    return found is not None and found[0] in _CURVED


def _says_encoding(file: Path) -> bool:
    return any(file.with_suffix(ending).exists() for ending in (".cpg", ".CPG"))

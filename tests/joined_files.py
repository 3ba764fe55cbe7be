"""Files for the tests of joins: outlines that have nothing but a code, and tables that have all but an outline."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from intake_files import gpkg, mapping, square

from geo.errors import IntakeError

DAY = date(2024, 1, 1)
JOINED = """
kind = "parcels"
[source]
name = "a test"
[join]
{join}
[columns]
parcel_code = "{code}"
land_use = {{ column = "用地代码", table = "shanghai_kg" }}
registered_area_m2 = {{ column = "面积", unit = "亩" }}
gfa_m2 = {{ column = "建筑面积", unit = "万㎡" }}
owner_kind = "权属"
"""
BOTH = 'on = { this = "DKBH", other = "地块编号" }'
BACK = 'on = { this = "地块编号", other = "DKBH" }'


def outlines(folder: Path, codes: list[Any], name: str = "地块.gpkg") -> Path:
    """Squares of 15 mu that have nothing but a code."""
    shapes = [square(i) for i in range(len(codes))]
    return gpkg(folder, gpd.GeoDataFrame({"DKBH": codes}, geometry=shapes, crs="EPSG:4549"), name)


def attributes(folder: Path, codes: list[Any], name: str = "地块表.xlsx", **more: list[Any]) -> Path:
    """A workbook with attributes by code and no shape."""
    n = len(codes)
    cells: dict[str, list[Any]] = {
        "地块编号": codes,
        "用地代码": ["C8"] * n,
        "面积": [15] * n,
        "建筑面积": [2 + i for i in range(n)],
        "权属": ["国有"] * n,
    }
    path = folder / name
    pd.DataFrame(cells | more).to_excel(path, index=False)
    return path


def plan(folder: Path, join: str = BOTH, code: str = "DKBH", name: str = "m.toml") -> Path:
    return mapping(folder, JOINED.format(join=join, code=code), name)


def faults(error: pytest.ExceptionInfo[IntakeError]) -> set[tuple[Any, ...]]:
    return {(f.where, f.row, f.key, f.field, f.rule) for f in error.value.faults if f.severity == "error"}

"""Several frames as the one that a job gives: each row with its topic, its figures as JSON, and its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.fields.readers import for_all
from geo.fields.values import records


def packed(frames: Mapping[str, gpd.GeoDataFrame], crs: str) -> gpd.GeoDataFrame:
    """One frame of ``topic``, ``facts`` and ``geometry``, without what only some may read; ``attrs["columns"]`` by topic."""
    opened = {topic: for_all(frame) for topic, frame in frames.items()}
    facts = [(topic, json.dumps(row, ensure_ascii=False)) for topic, frame in opened.items() for row in records(frame)]
    shapes = [shape for frame in opened.values() for shape in frame.geometry]
    told = gpd.GeoDataFrame(pd.DataFrame(facts, columns=["topic", "facts"]), geometry=shapes, crs=crs)
    told.attrs["columns"] = {topic: [name for name in frame if name != "geometry"] for topic, frame in opened.items()}
    return told


def unpacked(told: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The frames by topic, each with its columns though it may have no row."""
    names: dict[str, list[str]] = told.attrs["columns"]
    return {topic: _frame(told[told["topic"] == topic], columns) for topic, columns in names.items()}


def _frame(rows: gpd.GeoDataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    facts: list[dict[str, Any]] = [json.loads(text) for text in rows["facts"]]
    plain = {name: pd.Series([row[name] for row in facts]) for name in columns}
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(rows.geometry.to_numpy(), crs=rows.crs))

"""OpenStreetMap extracts as one table: lines and areas, each with one ``feature`` that a mapping can translate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

#: the layers of GDAL's reader that hold what may part two parcels
LAYERS = ("lines", "multipolygons")
#: the tags that say what a thing is, the one that counts first first: a railway on a road's bridge is a railway
_KEYS = ("railway", "waterway", "highway", "natural", "barrier")


def features(layers: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The layers as one frame with shapes, with ``id`` (``way/10``), ``feature`` (``highway=primary``), ``tunnel``, ``bridge``.

    ``tunnel`` and ``bridge`` are ``no`` where the tag is not there; the other columns of the layers are kept.
    """
    import geopandas as gpd

    parts = [_with_features(frame, name) for name, frame in layers.items()]
    parts = [part for part in parts if len(part)] or parts[:1]
    whole = pd.concat(parts, ignore_index=True)
    made: pd.DataFrame = gpd.GeoDataFrame(whole, geometry="geometry", crs=parts[0].crs)
    return made


def _with_features(frame: pd.DataFrame, layer: str) -> Any:
    out = frame.copy()
    tags = [_tags(cell) for cell in out["other_tags"]] if "other_tags" in out else [{}] * len(out)
    for key in (*_KEYS, "tunnel", "bridge"):
        own = out[key].tolist() if key in out else [None] * len(out)
        cells = np.full(len(out), None, dtype=object)
        cells[:] = [value if isinstance(value, str) else tag.get(key) for value, tag in zip(own, tags, strict=True)]
        out[key] = pd.Series(cells, dtype=object, index=out.index)
    out["tunnel"] = out["tunnel"].fillna("no")
    out["bridge"] = out["bridge"].fillna("no")
    found = np.full(len(out), None, dtype=object)
    for key in reversed(_KEYS):
        here = out[key].notna().to_numpy()
        found[here] = [f"{key}={value}" for value in out.loc[here, key]]
    out["feature"] = pd.Series(found, dtype=object, index=out.index)
    out["id"] = _ids(out, layer)
    return out


def _ids(frame: pd.DataFrame, layer: str) -> list[str | None]:
    relation = "relation" if "multi" in layer or "relation" in layer else "node" if layer == "points" else "way"
    own = frame["osm_id"].tolist() if "osm_id" in frame else [None] * len(frame)
    ways = frame["osm_way_id"].tolist() if "osm_way_id" in frame else [None] * len(frame)
    return [
        f"way/{way}" if isinstance(way, str) else f"{relation}/{one}" if isinstance(one, str) else None
        for one, way in zip(own, ways, strict=True)
    ]


def _tags(cell: object) -> dict[str, str]:
    """Tags from the way GDAL writes them: ``"bridge"=>"yes","layer"=>"1"``, with backslashes before quotes."""
    if not isinstance(cell, str):
        return {}
    words: list[str] = []
    at, inside = 0, False
    word = ""
    while at < len(cell):
        letter = cell[at]
        if inside and letter == "\\" and at + 1 < len(cell):
            at += 1
            word += cell[at]
        elif letter == '"':
            if inside:
                words.append(word)
            inside, word = not inside, ""
        elif inside:
            word += letter
        at += 1
    return dict(zip(words[::2], words[1::2], strict=False))

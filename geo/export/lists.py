"""An answer as a list for people: what only programs need is left out, and codes are in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.export.plain import records_text
from geo.export.wording import Wording
from geo.fields.order import in_order
from geo.fields.values import jsonable
from geo.fields.words import in_words

#: keys of versions, land-use cells taken apart, and the lower end of the score, which is the score itself
_FOR_PROGRAMS = ("parcel_id", "carrier_id", "feature_id", "score_low")


#: of a figure in a list: a square centimetre, a hundredth of a per cent
_DECIMALS = 4


def as_list(frame: pd.DataFrame, zones: Mapping[str, str]) -> pd.DataFrame:
    """The frame as an office reads it; ``zones`` names zones by code.  Figures are rounded; days and unknowns stay."""
    kept = [str(name) for name in frame if name not in _FOR_PROGRAMS and not str(name).endswith("_parts")]
    # Totals keep the order of their grouping, a price of area that of its floors.
    if {"parcel_code", "cluster_id", "carrier_code"} & set(kept) or "choice" in kept:
        kept = sorted(in_order(kept), key=lambda name: name != "data_mark")
    shown = frame[kept].copy()
    if {"parcel_code", "site_area_m2", "area_m2"} <= set(kept):
        # Of a parcel and of the cluster that it holds together: two areas do not bear one heading.
        shown = shown.rename(columns={"area_m2": "cluster_area_m2"})
        kept = list(map(str, shown))
    for name in kept:
        if pd.api.types.is_float_dtype(shown[name].dtype):
            shown[name] = shown[name].round(_DECIMALS)
        elif name != "geometry" and not pd.api.types.is_numeric_dtype(shown[name].dtype):
            told = [_told(str(name), value, zones) for value in shown[name].astype(object)]
            shown[name] = pd.Series(told, index=shown.index, dtype=object)
    return shown


def _told(name: str, value: Any, zones: Mapping[str, str]) -> Any:
    simple = jsonable(value) if isinstance(value, list | tuple) or hasattr(value, "tolist") else value
    if isinstance(simple, list):
        return records_text(simple, Wording(None, zones))
    return in_words(name, simple, zones) if isinstance(simple, str) else simple

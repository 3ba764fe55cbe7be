"""Which rows of a list are kept by what its page was asked: columns by a value, the land by a part of its code or name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

import pandas as pd

Frame = TypeVar("Frame", bound=pd.DataFrame)

#: what is looked for in codes and names, beside columns that have to have a value
FIND = "find"
_FOUND_IN = ("parcel_code", "name")


def keep(frame: Frame, wanted: Mapping[str, str]) -> Frame:
    """The rows whose columns have the wanted values, ``unknown`` where that is wanted; an empty value wants nothing.

    :data:`FIND` wants a part of the code or the name, however wide or capital its letters are.
    """
    fits = pd.Series(True, index=frame.index)
    for name, value in wanted.items():
        if name == FIND and (part := _plain(value)):
            places = [frame[column].map(lambda text: part in _plain(text)) for column in _FOUND_IN if column in frame]
            fits &= pd.concat(places, axis="columns").any(axis="columns")
        elif name != FIND and value:
            fits &= frame[name].astype(object).where(frame[name].notna(), "unknown") == value
    kept: Frame = frame[fits]
    return kept


def _plain(text: object) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip() if isinstance(text, str) else ""

"""Columns of a measured frame as arrays for judgement: numbers with NaN, texts as codes with -1, where unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import units
from geo.errors import NotFoundError
from geo.fields.measures import MEASURES

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Texts:
    """A text column: each row's place in ``words``, -1 where unknown."""

    places: npt.NDArray[np.int32]
    words: list[str]


def column(frame: pd.DataFrame, measure: str) -> pd.Series:
    """The column of a measure.

    Raises
    ------
    NotFoundError
        The frame does not have it.
    """
    if measure not in frame:
        raise NotFoundError(
            f"The frame has no measure {measure!r}.",
            "Ask for the parcels again: geo.parcels(db). Where the measure is new, or the program is, the database has to "
            "learn it first: `shuangbei db upgrade`.",
        )
    return frame[measure]


def is_text(measure: str) -> bool:
    """Whether a measure is text (truth values too: ``true`` / ``false``)."""
    return MEASURES[measure].type != "number"


def numbers(frame: pd.DataFrame, measure: str) -> Floats:
    """A measure's numbers in its own unit, NaN where unknown; shape (n,)."""
    values = column(frame, measure)
    # As it stands, where it is what is wanted: nobody writes into it.
    return values.to_numpy() if values.dtype == np.float64 else values.to_numpy(dtype="float64", na_value=np.nan)


def texts(frame: pd.DataFrame, measure: str) -> Texts:
    """A measure's texts; truth values as ``true`` and ``false``."""
    values = column(frame, measure)
    if pd.api.types.is_bool_dtype(values.dtype):
        values = values.map({True: "true", False: "false"}, na_action="ignore")
    places, words = pd.factorize(values, sort=True)
    return Texts(places.astype(np.int32), [str(word) for word in words])


def to_shown(measure: str, unit: str | None) -> float:
    """By what a value in the measure's own unit is multiplied to stand in ``unit``."""
    own = MEASURES[measure].unit
    return 1.0 if unit is None or own is None else units.factor(own, unit)

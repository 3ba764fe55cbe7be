"""What a public call was given as codes or names, whole numbers among them: read, or one clear error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral

from geo.errors import SettingsError
from geo.said import Said

PARCEL = Said("code of a parcel", "地块编号")
BARRIER = Said("class or name of a barrier", "阻隔的类别或名称")
PLACE = Said("code of a parcel, or name of a park or carrier", "地块编号或园区、载体的名称")


def codes_given(given: object, what: Said) -> list[str]:
    """The codes or names of a call: a text alone is one of them, ``None`` is none; whole numbers are taken as codes.

    Raises
    ------
    SettingsError
        It is no text and no list of texts; ``what`` says what was wanted.
    """
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes):
        found = list(given)
        wrong = [one for one in found if isinstance(one, bool) or not isinstance(one, str | Integral)]
        if not wrong:
            return [str(one) for one in found]
        given = wrong[0]
    raise SettingsError(
        Said(f"{given!r} is no {what}.", f"{given!r} 不是{what.zh}。"),
        Said("Give a text, or a list of texts.", "请填文字，可为一个或一列。"),
    )

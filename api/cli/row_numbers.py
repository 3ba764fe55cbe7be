"""Numbers of rows as somebody types them: ``12``, ``12,14``, ``20-25``."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import SettingsError

#: rows that one range may name: more is a slip of the pen
_RANGE = 100_000


def row_numbers(told: Sequence[str]) -> list[int]:
    """Numbers of rejected rows from what somebody typed: ``12``, ``12,14``, ``20-25``; each once.

    Raises
    ------
    SettingsError
        Something else stands there.
    """
    found: list[int] = []
    for text in told:
        numbers = numbers_in(text)
        if numbers is None:
            raise SettingsError(f"{text!r} is no number of a rejected row.", "See `shuangbei rejected`.")
        found += numbers
    return list(dict.fromkeys(found))


def numbers_in(text: str) -> list[int] | None:
    """The numbers of one such text, ``None`` where something else stands there."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdigit() and len(end) < 19 for end in ends):
            return None
        low, high = map(int, ends)
        if not low <= high < low + _RANGE:
            return None
        found += range(low, high + 1)
    return found

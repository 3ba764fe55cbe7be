"""Days as they are given: a date, or a text such as 2025-03-07."""

from __future__ import annotations

from datetime import date, datetime

from geo.errors import SettingsError


def given_day(day: object, name: str) -> date | None:
    """The day that ``name`` stands for: a date as it is, an instant's, or that of a text ``YYYY-MM-DD``; ``None``: not given.

    Raises
    ------
    SettingsError
        It is no day.
    """
    if day is None:
        return None
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        raise SettingsError(f"{name} {day!r} is no day.", "Write it as 2025-03-07, or give a date.") from None

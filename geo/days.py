"""Days and instants as they are given: as such, or a text such as 2025-03-07 or 2025-03-07T12:00."""

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


def given_instant(instant: object, name: str) -> datetime | None:
    """The instant that ``name`` stands for: as it is, the start of a day, or that of a text; ``None``: not given.

    One without an offset is this computer's own clock.

    Raises
    ------
    SettingsError
        It is no instant.
    """
    if instant is None:
        return None
    if isinstance(instant, date) and not isinstance(instant, datetime):
        instant = datetime(instant.year, instant.month, instant.day)
    try:
        read = instant if isinstance(instant, datetime) else datetime.fromisoformat(str(instant))
    except ValueError:
        raise SettingsError(
            f"{name} {instant!r} is no instant.", "Write it as 2025-03-07T12:00+08:00, or give a datetime."
        ) from None
    return read if read.tzinfo else read.astimezone()

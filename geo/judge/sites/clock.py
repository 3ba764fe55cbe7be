"""When a search has to stop, and whom it tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: told (what it is at, least difficulty found or None, lower bound or None)
Tell = Callable[[str, float | None, float | None], None]
Stop = Callable[[], bool]


def _never() -> bool:
    return False


def _to_nobody(_said: str, _best: float | None, _bound: float | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Clock:
    """A time limit in seconds from now on, a call that may end the search earlier, and one that is told of progress."""

    limit_s: float
    should_stop: Stop = _never
    tell: Tell = _to_nobody
    began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.limit_s - self.elapsed)

    def is_up(self) -> bool:
        """Whether to stop now."""
        return self.left <= 0 or self.should_stop()

    def part(self, share: float) -> Clock:
        """A clock from now on with a share of what is left."""
        return Clock(self.left * share, self.should_stop, self.tell)

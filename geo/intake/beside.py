"""Work that goes on beside other work: what only warns need not hold up what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from geo.intake.report import Step

#: work that calls ``step(done, total)`` as it goes on
Work = Callable[[Step], object]


def nothing(_: Step) -> None:
    """No work at all."""


class _StoppedError(Exception):
    """Nobody waits for the work any more."""


@contextmanager
def beside(work: Work) -> Iterator[Callable[[], object]]:
    """Begin ``work(step)`` in a thread; the call that is given waits for its end and raises what it raised.

    ``work`` calls ``step`` now and then: where the block is left early, by an error or Ctrl-C, it ends there.
    """
    stop = Event()

    def step(*_: int) -> None:
        if stop.is_set():
            raise _StoppedError

    with ThreadPoolExecutor(1, thread_name_prefix="shuangbei-check") as pool:
        try:
            yield pool.submit(work, step).result
        finally:
            stop.set()

"""The published run that pages read, kept in memory: nothing else of the database is ever asked by a page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request

from geo.database import Database
from geo.errors import NotFoundError
from geo.publish import Published, Run, current_run, read_run

T = TypeVar("T")

#: runs kept in memory: the current one, and the one before while its readers finish
_KEPT = 3


class NothingPublishedError(NotFoundError):
    """The database is well and holds no run yet."""


class Runs(Protocol):
    """Where published runs come from; tests give one that needs no database."""

    def current(self) -> Run:
        """The stamp of the current run; ``NothingPublishedError`` where there is none."""

    def read(self, run_id: int) -> Published:
        """All of one run."""


class DatabaseRuns:
    """Published runs of a database."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def current(self) -> Run:
        """The stamp of the current run.

        Raises
        ------
        NothingPublishedError
            There is no run yet.
        """
        try:
            return current_run(self.db)
        except NotFoundError as error:
            raise NothingPublishedError(error.message, error.hint) from None

    def read(self, run_id: int) -> Published:
        """All of one run, from the database."""
        return read_run(self.db, run_id)


class Kept:
    """A small store of things made from runs, by key, the least used dropped first; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """What is kept under the key, made first if need be; only one caller makes at a time."""
        # One lock for all: making a map takes a second, and making the same one in every thread would take many.
        with self._lock:
            if key not in self._found:
                self._found[key] = make()
                while len(self._found) > self._size:
                    self._found.popitem(last=False)
            self._found.move_to_end(key)
            kept: T = self._found[key]
            return kept


class Reading:
    """What a request reads: the current run, and things made from it that are worth keeping."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._published = Kept(_KEPT)
        self._made = Kept(4 * _KEPT)

    def published(self) -> Published:
        """The current run with its frames; read from the database once a run."""
        run_id = self._runs.current().run_id
        return self._published.get(run_id, lambda: self._runs.read(run_id))

    def made(self, published: Published, key: Any, make: Callable[[], T]) -> T:
        """Something made from a run, such as a drawn map, made once."""
        return self._made.get((published.run.run_id, key), make)


def reading(request: Request) -> Reading:
    """The application's :class:`Reading`."""
    found: Reading = request.app.state.reading
    return found


def published(now: Annotated[Reading, Depends(reading)]) -> Published:
    """The current run."""
    return now.published()


CurrentRun = Annotated[Published, Depends(published)]
AppReading = Annotated[Reading, Depends(reading)]

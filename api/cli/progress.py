"""How far an import is: one bar for all of it, with the rows of the stage that it is in and the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.cli.terminal import console

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

    from geo.intake.report import Progress

#: stage → what is shown, and its usual share of the time (100,000 parcels from a GeoPackage into an empty registry; a CSV or a
#: workbook takes longer to read).  They make the bar even; nothing but what is shown depends on them.
STAGES = {
    "read": ("Reading", 0.1),
    "check": ("Checking", 0.2),
    "copy": ("Copying", 0.2),
    "compare": ("Comparing", 0.1),
    "store": ("Storing", 0.4),
}
#: a stage without a measure fills no more of its part than this before it ends
_NEARLY = 0.95
#: below these nothing can be said of the time left
_ENOUGH_S, _ENOUGH = 1.0, 0.02


class Reckoning:
    """How much of an import is done, worked out from what its stages tell; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self.stage = "read"
        self.rows: tuple[int, int] | None = None
        self._before = 0.0
        self._entered = self._began
        self._reached = 0.0

    def tell(self, stage: str, done: int, total: int) -> None:
        """Take note of what the import says."""
        if stage != self.stage and stage in STAGES:
            names = list(STAGES)
            start = sum(STAGES[name][1] for name in names[: names.index(stage)])
            # A file of several sheets comes back to reading: the bar never does.
            self._before = max(start, self._reached)
            self.stage, self._entered, self.rows = stage, self._clock(), None
        # A stage of one step says only that it has begun.
        if total > 1:
            self.rows = min(done, total), total

    @property
    def elapsed(self) -> float:
        """Seconds since the import began."""
        return self._clock() - self._began

    @property
    def share(self) -> float:
        """The share of the work that is done; a stage without rows is taken to go on as quickly as those before it."""
        part = STAGES[self.stage][1]
        if self.rows is not None:
            inside = self.rows[0] / self.rows[1]
        else:
            spent = self._entered - self._began
            wanted = spent * part / self._before if self._before else 0.0
            inside = min((self._clock() - self._entered) / wanted, _NEARLY) if wanted else 0.0
        self._reached = max(self._reached, min(self._before + part * inside, 1.0))
        return self._reached

    @property
    def left(self) -> float | None:
        """Seconds that are left, if all goes on as it went; ``None`` while that cannot be said."""
        share = self.share
        if self.elapsed < _ENOUGH_S or share < _ENOUGH:
            return None
        return self.elapsed * (1 - share) / share

    def words(self) -> str:
        """The stage, its rows, and the time that is left."""
        rows = "" if self.rows is None else f" {self.rows[0]:,}/{self.rows[1]:,} rows"
        return f"{STAGES[self.stage][0]}{rows}"

    def time(self) -> str:
        """The time that is left, in words."""
        left = self.left
        return "" if left is None else f"{int(left) // 60}:{int(left) % 60:02d} left"


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A bar on a terminal; nothing where stderr is a file or a pipe."""
    if not console(stderr=True).is_terminal:
        yield None
        return
    from time import monotonic

    from rich.progress import BarColumn, Progress, ProgressColumn
    from rich.text import Text

    reckoning = Reckoning(monotonic)

    class Words(ProgressColumn):
        def render(self, task: Task) -> Text:
            # Asked for ten times a second, also while a stage has nothing to tell.
            task.completed = reckoning.share
            return Text(reckoning.words())

    class Left(ProgressColumn):
        def render(self, _: Task) -> Text:
            return Text(reckoning.time())

    with Progress(Words(), BarColumn(), Left(), console=console(stderr=True), transient=True) as bar:
        bar.add_task("import", total=1.0)

        def tell(stage: str, done: int, total: int) -> None:
            reckoning.tell(stage, done, total)
            bar.refresh()

        yield tell

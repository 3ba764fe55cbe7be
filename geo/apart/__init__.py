"""Reading in a process of its own, so that a file that makes a reader crash, hang or fill the memory ends that process alone.

GDAL, calamine and Arrow are C++ and Rust; what is wrong with a file may end the process that they run in, and with it a server
or a notebook.  Why so and what it costs: docs/decisions/0006-readers-apart.md.

::

    this process ── socket ──► keeper (imports the readers once, runs no thread) ── fork ──► reader, one for each file

Forking this process itself would be unsound: it may have threads that hold locks.  The keeper ends when this process does,
however it ends, and ends the reader with it.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from geo.errors import ReadError

Result = TypeVar("Result")
#: how far a reader is: done, of how much
Step = Callable[[int, int], None]

#: what reading may take, for the smallest file and for each byte more: many times what slow sound files took
#: (docs/intake-trials.md), for it is there to end what would never end
SECONDS, SECONDS_A_BYTE = 120.0, 5e-6
MEMORY, MEMORY_A_BYTE = 3 * 2**30, 40
#: how long a keeper has to end once nobody wants it, in s; importing takes it a second on a busy machine
_ENDS_S = 20.0
_MESSAGE = 1 << 16
#: the file in which a reader gives its answer
ANSWER = "answer"
#: geo.intake without its front door, which brings the database: that is none of a reader's business, and a second of imports
_START = """
import sys, types
room = types.ModuleType("geo.intake")
room.__path__ = [{folder!r}]
sys.modules["geo.intake"] = room
from geo.apart.keeper import keep
keep()
"""

#: libraries that start threads when they are imported: a fork would leave those behind
_NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
#: keepers that wait for work
_idle: list[_Keeper] = []
_lock = Lock()


def _unheard(done: int, total: int) -> None:
    """Progress that is told to nobody."""


def apart(work: Callable[..., Result], *args: Any, name: str, size: int, step: Step = _unheard) -> Result:
    """What ``work(*args, step)`` gives, worked out in another process; ``name`` and ``size`` (bytes) are the file's.

    ``work`` is a function of a module of intake, and it and its arguments can be pickled.

    Raises
    ------
    ReadError
        The reader crashed, took too long or too much memory; else what ``work`` raises.
    """
    if not hasattr(os, "fork"):
        return work(*args, step)
    keeper = _take()
    found = keeper.run((work, args, _memory(size)), name, size, step)
    with _lock:
        _idle.append(keeper)
    if isinstance(found, BaseException):
        raise _told(found, name, size)
    result: Result = found
    return result


def warm() -> None:
    """Start a keeper, if none waits: it imports the readers while this process does other things."""
    if hasattr(os, "fork"):
        keeper = _take()
        with _lock:
            _idle.append(keeper)


def _take() -> _Keeper:
    with _lock:
        while _idle:
            keeper = _idle.pop()
            if keeper.process.poll() is None:
                return keeper
            keeper.close()
    return _Keeper()


class _Keeper:
    """A process that forks readers; one reader at a time."""

    def __init__(self) -> None:
        self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
        environment = os.environ | {"PYTHONPATH": path} | _NO_THREADS
        with other:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START.format(folder=str(Path(__file__).parent.parent / "intake"))],
                stdin=other.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                # Ctrl-C in a terminal is for this process, which then lets go of the keeper.
                start_new_session=True,
            )

    def run(self, task: tuple[Any, ...], name: str, size: int, step: Step) -> Any:
        """What a reader gives for this task, or the error that it raised."""
        # What a reader unpacks is in this folder, too: one that crashes leaves nothing behind.
        with tempfile.TemporaryDirectory(prefix="shuangbei-") as folder:
            try:
                status = self._wait(pickle.dumps((str(Path.cwd()), folder, task)), name, size, step)
                if status != 0:
                    raise ReadError(f"{name} cannot be read: {_how_it_ended(status)}.", _ADVICE)
                with (Path(folder) / ANSWER).open("rb") as answer:
                    return pickle.load(answer)
            except BaseException:
                # Ctrl-C, too: nobody waits for the reader any more, and it shall not write into a folder that goes.
                self.close()
                raise

    def _wait(self, task: bytes, name: str, size: int, step: Step) -> int:
        """How the reader of this task ended."""
        ends = time.monotonic() + _seconds(size)
        message = task
        while True:
            try:
                if message:
                    self.socket.send(message)
                self.socket.settimeout(max(ends - time.monotonic(), 0.001))
                heard = self.socket.recv(_MESSAGE)
            except TimeoutError:
                raise ReadError(
                    f"{name} cannot be read: after {_seconds(size):.0f} s its reader has not come to an end.", _ADVICE
                ) from None
            except OSError:
                heard = b""
            if not heard:
                raise ReadError(
                    f"{name} was not read: the process that reads files could not start, or was ended.", "Try again."
                )
            message = b""
            what, *figures = pickle.loads(heard)
            if what == "end":
                return int(figures[0])
            step(*figures)

    def close(self) -> None:
        """Let go of it: it ends its reader and itself."""
        self.socket.close()
        try:
            self.process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """Let go of what belongs to the process that this one was forked from."""
        self.socket.close()
        self.process.returncode = 0


_ADVICE = "It is broken, or larger than it looks. Ask for it again, or save it anew in another program."


def _how_it_ended(status: int) -> str:
    if not os.WIFSIGNALED(status):
        return "its reader ended without a word"
    number = os.WTERMSIG(status)
    more = ", as when memory runs out" if number == signal.SIGKILL else ""
    return f"its reader ended by {signal.Signals(number).name}{more}"


def _told(error: BaseException, name: str, size: int) -> BaseException:
    if isinstance(error, MemoryError):
        return ReadError(
            f"{name} cannot be read: it takes more than {_memory(size) / 2**30:.0f} GB of memory.", _ADVICE
        )
    return error


def _memory(size: int) -> int:
    return MEMORY + MEMORY_A_BYTE * size


def _seconds(size: int) -> float:
    return SECONDS + SECONDS_A_BYTE * size


def _close_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().close()


def _forget_all() -> None:
    """In a fork of this process: its keepers are not this one's."""
    global _lock
    _lock = Lock()  # another thread may have held the old one
    while _idle:
        _idle.pop().forget()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)

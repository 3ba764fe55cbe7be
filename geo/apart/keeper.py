"""The process that forks readers, and what a reader does; see :mod:`geo.apart`.  It runs no thread, ever."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import socket
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.apart import ANSWER
from geo.errors import ShuangbeiError

#: what a reader would else import each time
_READERS = (
    *("geopandas", "pyogrio", "pyarrow.pandas_compat", "pyarrow.parquet", "python_calamine"),
    *("geo.intake.read", "geo.intake.layers"),
)
_MESSAGE = 1 << 16
#: texts that Python's own way is quick enough for
_FEW = 10_000


def keep() -> None:
    """Fork a reader for each task that comes in, until the process that sends them is gone."""
    for name in _READERS:
        import_module(name)
    tasks = socket.socket(fileno=0)
    while True:
        message = tasks.recv(_MESSAGE)
        if not message:
            return
        alive, held = os.pipe()
        reader = os.fork()
        if not reader:
            os.close(alive)
            _read(tasks, message)
        os.close(held)
        status = _wait(tasks, reader, alive)
        with contextlib.suppress(OSError):
            tasks.send(pickle.dumps(("end", status)))


def _wait(tasks: socket.socket, reader: int, alive: int) -> int:
    """How a reader ended.  It holds the other end of ``alive``; where nobody waits for what it reads, it is ended."""
    waiting = select.poll()
    waiting.register(alive, select.POLLIN)
    waiting.register(tasks, select.POLLIN)
    with os.fdopen(alive, "rb"):
        # Nothing is sent while a reader works: what can be heard is that the other side is gone.
        if any(which == tasks.fileno() for which, _ in waiting.poll()):
            os.kill(reader, 9)
        return os.waitpid(reader, 0)[1]


def _read(tasks: socket.socket, message: bytes) -> None:
    """What a reader does: it writes what its work gives, or raises, into a file, and ends."""
    code = 1
    try:
        here, folder, (work, args, memory) = pickle.loads(message)
        _limit(memory)
        os.chdir(here)
        tempfile.tempdir = folder

        def step(done: int, total: int) -> None:
            tasks.send(pickle.dumps(("step", done, total)))

        with (Path(folder) / ANSWER).open("wb") as stream:
            _write(_worked(work, (*args, step)), stream)
        code = 0
    finally:
        # Nothing of the keeper's is to be tidied up by its reader.
        os._exit(code)


def _worked(work: Any, args: tuple[Any, ...]) -> Any:
    try:
        return work(*args)
    except BaseException as error:  # noqa: BLE001 (whatever it is, it belongs to the one who asked)
        # What a user is told needs no traceback, and a full memory has no place for one.
        if not isinstance(error, ShuangbeiError | MemoryError):
            error.add_note("".join(traceback.format_exception(error)))
        return error


def _limit(memory: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        # Where memory runs out all the same, Linux shall end this process first.
        file.write("1000")


def _write(found: Any, stream: IO[bytes]) -> None:
    try:
        _Pickler(stream, protocol=5).dump(found)
    except MemoryError as error:
        stream.seek(0)
        stream.truncate()
        pickle.dump(error, stream)


class _Pickler(pickle.Pickler):
    """Arrays of text go as Arrow has them: Python would remember each of ten million cells while it writes."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, np.ndarray) and thing.dtype == object and thing.size > _FEW:
            flat = thing.ravel(order="K")
            with contextlib.suppress(pa.ArrowException, TypeError, ValueError):
                if pd.api.types.infer_dtype(flat, skipna=True) == "string":
                    texts = pa.array(flat, type=pa.large_string(), from_pandas=False).dictionary_encode()
                    return _texts, (texts, thing.shape, bool(thing.flags.f_contiguous))
        return NotImplemented


def _texts(texts: pa.DictionaryArray, shape: tuple[int, ...], by_column: bool) -> npt.NDArray[np.object_]:
    words: npt.NDArray[np.object_] = np.full(len(texts.dictionary) + 1, None, dtype=object)
    words[:-1] = texts.dictionary.to_numpy(zero_copy_only=False)
    where = texts.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.object_] = words[where].reshape(shape, order="F" if by_column else "C")
    return found

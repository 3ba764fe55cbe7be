"""What readers are made to do in the tests of the processes that they run in.  No database is imported here."""

from __future__ import annotations

import os
import signal
import sys
import tempfile

import numpy as np
import pandas as pd


def crash(_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def abort(_: object) -> None:
    os.abort()


def vanish(_: object) -> None:
    os._exit(3)


def crash_while_unpacking(_: object) -> None:
    tempfile.mkdtemp()
    crash(None)


def hang(_: object) -> None:
    while True:
        pass


def devour(_: object) -> int:
    return len(b"x" * (64 * 2**30))


def give(what: object, _: object) -> object:
    return what


def refuse(_: object) -> None:
    from geo.errors import MappingError

    raise MappingError("No such column.", "Name another.")


def be_wrong(_: object) -> None:
    raise ZeroDivisionError("a mistake of ours")


def pid(_: object) -> int:
    return os.getpid()


def count(step: object) -> None:
    for i in range(4):
        step(i, 3)  # type: ignore[operator]


def modules(_: object) -> set[str]:
    return set(sys.modules)


def arrays(order: str, _: object) -> list[np.ndarray]:
    """Arrays of text and of what is none, large enough to go as Arrow has them."""
    texts = [["", "地块", None, "a\x00b"] * 5000, ["x"] * 20_000]
    odd = ["a", 1, None, float("nan"), b"x"] * 4000
    return [
        np.array(texts, dtype=object, order="F" if order == "F" else "C"),
        np.array(odd, dtype=object),
        np.array(["a", float("nan")] * 10_000, dtype=object),
        np.array([b"a", "b"] * 10_000, dtype=object),
        np.array(["\ud800", "a"] * 10_000, dtype=object),
    ]


def table(_: object) -> pd.DataFrame:
    """A table of such columns."""
    return pd.DataFrame({"a": ["x", None] * 10_000, "b": [f"地块{i}" for i in range(20_000)]}, dtype=object)

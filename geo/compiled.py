"""Compiled functions: by numba, on their first call, and kept where another state of their files is not taken for theirs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba

#: a function of plain arrays, compiled and kept
jit: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(cache=True, nogil=True)

_CONFIG: Any = numba.config


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Functions that are decorated within are kept in one place for each state of the Python files of ``folder``.

    numba itself looks only at the file that a function stands in, and would go on with what another one has changed.  Where
    the folder cannot be written to, the user's cache takes them.  numba's own setting goes first.
    """
    # numba settles where a function is kept when it is decorated; other packages' functions stay where theirs are.
    before = _CONFIG.CACHE_DIR
    if not before:
        _CONFIG.CACHE_DIR = str(_place(folder))
    try:
        yield
    finally:
        _CONFIG.CACHE_DIR = before


def is_compiled(function: Any) -> bool:
    """Whether a function is compiled in this process already, or was kept by another one, so that it is quick to call."""
    if _CONFIG.DISABLE_JIT or function.signatures:
        return True
    # As numba names them: the function's own name and its line, and a file for each of its signatures.
    folder, name = Path(function.stats.cache_path), function.py_func.__qualname__
    return folder.is_dir() and any(folder.glob(f"*{name}-{function.py_func.__code__.co_firstlineno}.*.nbc"))


def _place(folder: Path) -> Path:
    content = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        content.update(file.read_bytes())
    if os.access(folder, os.W_OK):
        home = folder / "__pycache__"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shuangbei"
    return home / f"kernel-{content.hexdigest()[:16]}"

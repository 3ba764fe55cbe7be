"""How functions are compiled: by numba, on their first call, and kept where they are not mistaken for another state's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

#: a function of plain arrays, compiled and kept
jit: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(cache=True, nogil=True)

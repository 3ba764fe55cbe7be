"""Whether the server of a data folder lives, and where it listens, told from its lock file and ``/proc``.

``pg_ctl status`` is not enough: it asks only whether *some* process has the noted number.  A killed server that its
parent has not reaped (a zombie, usual in containers) and a number that another program got since both look alive to it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

_PROC = Path("/proc")
# Lines of postmaster.pid, counted from 0 (PostgreSQL's src/include/utils/pidfile.h).
_PID, _PORT, _STATUS = 0, 3, 7


def server_pid(data: Path) -> int | None:
    """The process number of the live server of ``data``, or None."""
    pid = _noted_pid(data)
    if pid is None:
        return None
    if not (_PROC / "self").exists():  # macOS
        return pid if _exists(pid) else None
    try:
        # The state follows the name, which stands in brackets and may hold anything.
        state = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        arguments = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    # Not /proc/<pid>/cwd: root without CAP_SYS_PTRACE, as in a container, may not read another account's.
    return pid if state not in "ZX" and os.fsencode(data) in arguments else None


def server_port(data: Path) -> int | None:
    """The TCP port that the server of ``data`` noted when it started, or None."""
    try:
        return int(_lock_file(data)[_PORT])
    except (IndexError, ValueError):
        return None


def await_ready(data: Path, seconds: float) -> bool:
    """Wait until the live server of ``data`` accepts connections; False if it ends, or is not ready in ``seconds``."""
    deadline = time.monotonic() + seconds
    while server_pid(data) is not None:
        lines = _lock_file(data)
        if len(lines) > _STATUS and lines[_STATUS].strip() == "ready":
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return False


def remove_misleading_lock(data: Path) -> None:
    """Remove the lock file of a dead server where PostgreSQL would take it for a live one's.

    Only then: PostgreSQL deals with the lock of a process that is gone, and finds orphans of the killed server by it.
    """
    pid = _noted_pid(data)
    if pid is not None and server_pid(data) is None and _exists(pid):
        (data / "postmaster.pid").unlink(missing_ok=True)


def free_port(preferred: int | None = None) -> int:
    """A TCP port of 127.0.0.1 that is free now: the preferred one if it is, else any."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            # As PostgreSQL does, so that connections of the last server that still linger do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError, OverflowError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OSError("no free TCP port on 127.0.0.1")


def _noted_pid(data: Path) -> int | None:
    try:
        # A stand-alone backend notes its number as a negative one.
        return abs(int(_lock_file(data)[_PID])) or None
    except (IndexError, ValueError):
        return None


def _lock_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

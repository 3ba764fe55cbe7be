"""Killing imports: a process that imports when told to, and a durable cluster, both of which may be killed at any moment.

The importer is forked from a process that has imported everything already, so that two hundred trials take minutes.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from geo.database import Database, connect, upgrade
from geo.embedded import Cluster
from geo.embedded.postmaster import server_pid

#: what an import was last heard doing → the moment that is counted
MOMENTS = {
    "read": "parsing",
    "check": "parsing",
    "copy": "copying",
    "compare": "copying",
    "store": "committing",
    "stored": "committing",
    "done": "after",
}

_IMPORTER = """
import os, sys
from datetime import date
import pyogrio, geopandas, pyarrow
from geo.database import connect
from geo.intake import load

def say(text):
    os.write(1, (text + "\\n").encode())

def progress(stage, done, total):
    say("stored" if stage == "store" and done == total else stage)

for line in sys.stdin:
    url, path, plan = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            load(connect(url), path, kind="parcels", mapping=plan, effective=date(2024, 1, 1), progress=progress)
            say("done")
        except BaseException:
            os._exit(1)
        os._exit(0)
    say(f"pid {child}")
    os.waitpid(child, 0)
    say("end")
"""


@dataclass(frozen=True)
class Kill:
    """One kill: what was killed, and what the import was last heard doing."""

    what: str
    moment: str


class Importer:
    """A process that imports files, each in a child of its own that can be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IMPORTER],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())

    def run(self, url: str, path: Path, plan: Path, stage: str, wait_s: float, kill: object) -> str:
        """Import; once ``stage`` is heard and ``wait_s`` have gone, call ``kill(pid)``; the last stage heard."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{url}\t{path}\t{plan}\n")
        self._process.stdin.flush()
        pid, last, killed = 0, "read", False
        while True:
            said = self._said.get(timeout=60)
            if said.startswith("pid "):
                pid = int(said[4:])
            elif said == "end":
                return last
            else:
                last = said
            if not killed and pid and (last == stage or last in ("stored", "done")):
                killed = True
                time.sleep(wait_s)
                kill(pid)  # type: ignore[operator]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def kill_process(pid: int) -> None:
    """``kill -9`` of the importing process; one that has ended already is not there any more."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_server(cluster: Cluster) -> None:
    """``kill -9`` of PostgreSQL: the postmaster, and with it each process that it started, as when power fails."""
    postmaster = server_pid(cluster.data)
    assert postmaster is not None
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (postmaster, *map(int, children)):
        kill_process(pid)


def durable(home: Path) -> tuple[Cluster, Database]:
    """A cluster that syncs what it commits, with a migrated database."""
    cluster = Cluster(home).start()
    cluster.ensure_database("kills")
    db = connect(cluster.url("kills"))
    upgrade(db)
    return cluster, db


def moments(rng: random.Random, stage: str) -> float:
    """How long to wait after a stage was heard, in s: mostly within the stage, sometimes beyond it."""
    # Until a file is read its reader has to be started, which takes most of that time.
    return rng.uniform(0, {"read": 0.9, "copy": 0.03, "store": 0.06, "stored": 0.004}[stage])

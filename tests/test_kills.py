"""``kill -9`` of the importing process and of PostgreSQL, at any moment: all of the file is kept, or nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from intake_files import gpkg, mapping, parcels, table, written
from killing import MOMENTS, Importer, Kill, durable, kill_process, kill_server, moments
from registry_states import empty
from test_books import plan, workbook

from geo.database import Database
from geo.intake import load
from geo.intake.invariants import invariants

N = 800
#: trials of one database before it is emptied, so that the last is as quick as the first
ROUND = 12


class Trials:
    """A registry of ``N`` parcels, and files that change every one of them, imported and killed one after the other."""

    def __init__(self, home: Path, folder: Path, seed: int) -> None:
        self.cluster, self.db = durable(home)
        self.folder, self.plan = folder, mapping(folder)
        self.importer = Importer()
        self.random = random.Random(seed)
        self.version = 0
        self.kills: list[Kill] = []
        self.kept = 0

    def file(self, version: int) -> Path:
        names = [f"版 {version}"] * N
        return gpkg(self.folder, parcels(N, DKMC=names), f"{version}.gpkg")

    def kill(self, what: str, stage: str) -> None:
        """One import of the next version, killed; then what it left is held against what was there before."""
        if self.version % ROUND == 0:
            empty(self.db)
            self.load(self.version)
        before, after = self.version, self.version + 1
        end = kill_process if what == "process" else lambda _: kill_server(self.cluster)
        last = self.importer.run(
            self.cluster.url("kills"), self.file(after), self.plan, stage, moments(self.random, stage), end
        )
        self.kills.append(Kill(what, MOMENTS[last]))
        if what == "server":
            self.db.engine.dispose()
            self.cluster.start()
        left = self.names()
        assert left in ({f"版 {before}": N}, {f"版 {after}": N}), (self.kills[-1], left)
        assert invariants(self.db) == [], self.kills[-1]
        self.kept += f"版 {after}" in left
        self.load(after)
        assert self.names() == {f"版 {after}": N}
        assert invariants(self.db) == []
        self.version = after

    def load(self, version: int) -> None:
        load(self.db, self.file(version), kind="parcels", mapping=self.plan, effective=date(2024, 1, 1))

    def names(self) -> dict[str, int]:
        found = table(self.db, "SELECT name, count(*) FROM registry.parcels WHERE recorded_to IS NULL GROUP BY name")
        return dict(found.itertuples(index=False))

    def told(self) -> Counter[tuple[str, str]]:
        return Counter((kill.what, kill.moment) for kill in self.kills)


@pytest.fixture
def trials(home: Path, tmp_path: Path) -> Iterator[Trials]:
    found = Trials(home, tmp_path, seed=20250307)
    try:
        yield found
    finally:
        found.importer.close()
        found.db.engine.dispose()


def test_an_import_or_a_server_killed_at_a_few_moments_leaves_all_or_nothing(trials: Trials) -> None:
    for stage in ("read", "copy", "stored"):
        trials.kill("process", stage)
    for stage in ("copy", "stored"):
        trials.kill("server", stage)
    assert len(trials.kills) == 5


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_hundred_kills_at_random_moments_leave_all_or_nothing(trials: Trials) -> None:
    wanted = {("process", "read"): 40, ("process", "copy"): 45, ("process", "store"): 30, ("process", "stored"): 35}
    wanted |= {("server", "read"): 25, ("server", "copy"): 35, ("server", "store"): 10, ("server", "stored"): 20}
    plan = [pair for pair, n in wanted.items() for _ in range(n)]
    trials.random.shuffle(plan)
    for what, stage in plan:
        trials.kill(what, stage)
    told = trials.told()
    # The last word of a run with `-s`: what docs/intake-trials.md says was tried.
    print(f"{len(plan)} kills, {trials.kept} after the commit: {sorted(told.items())}")  # noqa: T201
    assert sum(n for (_, moment), n in told.items() if moment != "after") >= 200, told
    for moment in ("parsing", "copying", "committing"):
        assert told["process", moment] + told["server", moment] >= 20, told


_KILLED = """
import os, signal, sys
from geo.database import connect
from geo.intake import load

seen = []

def progress(stage, done, total):
    seen.append((stage, done, total))
    if sum(s == "store" and d == t for s, d, t in seen) == int(sys.argv[4]) or (stage == sys.argv[5] and len(
        [s for s, d, _ in seen if s == stage and d == 0]) == 2):
        os.kill(os.getpid(), signal.SIGKILL)

load(connect(sys.argv[1]), sys.argv[2], mapping=sys.argv[3], progress=progress)
"""


@pytest.mark.parametrize(("stored", "stage"), [(1, "none"), (2, "none"), (9, "copy"), (9, "compare"), (9, "store")])
def test_a_workbook_whose_import_is_killed_between_its_sheets_is_not_there_at_all(
    db: Database, tmp_path: Path, stored: int, stage: str
) -> None:
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    given = [sys.executable, "-c", _KILLED, url, workbook(tmp_path), plan(tmp_path), str(stored), stage]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(list(map(str, given)), env=env, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert written(db) == 0
    assert invariants(db) == []
    assert load(db, workbook(tmp_path), mapping=plan(tmp_path)).counts["added"] == 4

"""The bar of an import: rows, the time that is left, one measure for the whole; and nothing of it in a pipe."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_files import gpkg, mapping, parcels

from api.cli.progress import STAGES, Reckoning
from geo.database import Database
from geo.intake import load


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_shares_of_the_stages_are_one() -> None:
    assert sum(share for _, share in STAGES.values()) == pytest.approx(1)


def test_rows_and_time_left_are_shown_of_a_stage_that_has_rows() -> None:
    clock = Clock()
    bar = Reckoning(clock)
    bar.tell("read", 0, 1)
    assert (bar.words(), bar.time()) == ("Reading", "")
    clock.now += 10
    bar.tell("read", 20_000, 40_000)
    assert bar.words() == "Reading 20,000/40,000 rows"
    # Half of reading is a twentieth of the work: 19 times as long again.
    assert bar.time() == "3:10 left"


def test_a_stage_without_rows_goes_on_as_quickly_as_those_before_it_and_never_ends_by_itself() -> None:
    clock = Clock()
    bar = Reckoning(clock)
    bar.tell("copy", 0, 10)
    clock.now += 50
    bar.tell("copy", 10, 10)
    bar.tell("compare", 0, 1)
    assert bar.share == pytest.approx(0.5)
    assert bar.words() == "Comparing"
    clock.now += 5  # half of what the tenth ought to take
    assert bar.share == pytest.approx(0.55)
    clock.now += 5000
    assert bar.share < 0.6
    bar.tell("store", 0, 1)
    assert bar.share == pytest.approx(0.6)


def test_an_unknown_stage_and_one_of_no_rows_are_borne() -> None:
    bar = Reckoning(Clock())
    bar.tell("elsewhere", 3, 5)
    bar.tell("read", 0, 0)
    assert bar.share >= 0


@given(
    st.lists(
        st.tuples(st.sampled_from([*STAGES]), st.integers(0, 50), st.integers(0, 40), st.floats(0, 100)), max_size=30
    )
)
def test_the_bar_never_goes_back_and_never_beyond_its_end(said: list[tuple[str, int, int, float]]) -> None:
    clock = Clock()
    bar = Reckoning(clock)
    seen = [bar.share]
    for stage, done, total, wait in said:
        clock.now += wait
        bar.tell(stage, done, total)
        seen.append(bar.share)
        assert bar.left is None or bar.left >= 0
    assert all(a <= b for a, b in pairwise(seen))
    assert 0 <= seen[-1] <= 1


def test_reading_checking_and_copying_tell_their_rows(db: Database, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    n = 30
    load(
        db,
        gpkg(tmp_path, parcels(n)),
        kind="parcels",
        mapping=mapping(tmp_path),
        progress=lambda *said: heard.append(said),
    )
    for stage in ("read", "check", "copy"):
        assert (stage, n, n) in heard, stage
    assert list(dict.fromkeys(stage for stage, _, _ in heard)) == [*STAGES]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_tables_tell_their_rows_as_they_are_read(tmp_path: Path, ending: str) -> None:
    from geo.intake.read import read

    frame = parcels(7).drop(columns="geometry")
    path = tmp_path / f"a.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_excel(path, index=False)
    heard: list[tuple[int, int]] = []
    read(path, step=lambda *said: heard.append(said))
    assert heard
    # The line of headings may be counted.
    assert heard[-1] in ((7, 7), (7, 8))


SLOW = """
import sys, time
import geo.intake
def load(*_, progress, **__):
    if progress is not None:
        progress("read", 0, 1)
        progress("read", 500, 1000)
        time.sleep(1.5)
        progress("copy", 1000, 1000)
        time.sleep(0.3)
    raise SystemExit(0)
geo.intake.load = load
from api.cli import main
main()
"""


def command(path: Path, code: str) -> list[str]:
    return [sys.executable, "-c", code, "import", str(path), "--kind", "parcels"]


@pytest.fixture
def environment(db: Database) -> dict[str, str]:
    url = db.engine.url.render_as_string(hide_password=False)
    return os.environ | {
        "DATABASE_URL": url,
        "TERM": "xterm",
        "COLUMNS": "100",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def on_a_terminal(run: list[str], environment: dict[str, str]) -> str:
    """What a command writes where stderr is a terminal."""
    here, there = pty.openpty()
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=there, env=environment) as process:
        os.close(there)
        said = b""
        try:
            while block := os.read(here, 1 << 16):
                said += block
        except OSError:  # Linux says so that the other side is closed
            pass
        finally:
            os.close(here)
    assert process.returncode == 0, said.decode()
    return said.decode()


def test_a_terminal_shows_rows_and_the_time_left(tmp_path: Path, environment: dict[str, str]) -> None:
    said = on_a_terminal(command(gpkg(tmp_path, parcels()), SLOW), environment)
    assert "Reading 500/1,000 rows" in said
    assert re.search(r"\d+:\d\d left", said)
    assert "Copying 1,000/1,000 rows" in said


def test_a_whole_import_on_a_terminal_names_its_rows(tmp_path: Path, environment: dict[str, str]) -> None:
    code = "from api.cli import main; main()"
    path = gpkg(tmp_path, parcels(12))
    run = [*command(path, code), "--mapping", str(mapping(tmp_path))]
    assert "12/12 rows" in on_a_terminal(run, environment)


@pytest.mark.parametrize("code", [SLOW, "from api.cli import main; main()"], ids=["slow", "whole"])
def test_a_pipe_gets_no_bar_and_no_control_characters(tmp_path: Path, environment: dict[str, str], code: str) -> None:
    run = [*command(gpkg(tmp_path, parcels()), code), "--mapping", str(mapping(tmp_path))]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not [c for c in done.stdout + done.stderr if not c.isprintable() and c != "\n"]
    assert "rows" not in done.stderr

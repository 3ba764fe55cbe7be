"""The page on how a measure is added, followed to the letter in a copy of the program."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo.database import Database

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "new-measure.md").read_text(encoding="utf-8")
#: what a copy of the program wants; the browser's files are no part of a measure
PARTS = ("geo", "api", "maps", "data", "scripts", "docs")


def block(language: str) -> str:
    """The only block of the page in that language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program as it is, with the function and the entry of the page in their places."""
    folder = tmp_path / "copy"
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "vendor", "pictures"))
    (name,) = re.findall(r"`(geo/measure/\w+\.sql)`", PAGE)
    assert not (folder / name).exists()
    (folder / name).write_text(block("sql"), encoding="utf-8")
    catalogue = folder / "geo" / "fields" / "measures.py"
    text = catalogue.read_text(encoding="utf-8")
    end = "    )\n}\n"
    assert text.endswith(end)
    catalogue.write_text(text.removesuffix(end) + block("python") + end, encoding="utf-8")
    return folder


def test_one_sql_file_and_one_entry_are_a_measure_that_a_policy_may_ask_for(city: Database, copy: Path) -> None:
    surroundings = os.environ | {
        "PYTHONPATH": str(copy),
        # Sixteen parcels are not worth compiling for.
        "NUMBA_DISABLE_JIT": "1",
        "DATABASE_URL": city.engine.url.render_as_string(hide_password=False),
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        start = ["-c", "from api.cli import main; main()"] if command[0] == "shuangbei" else []
        return subprocess.run(
            [sys.executable, *start, *command[1:]],
            cwd=copy,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )

    policy = copy / "river.toml"
    text = (ROOT / "data" / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    policy.write_text(f"{text}\n{block('toml')}", encoding="utf-8")
    asked = ("shuangbei", "candidates", "--rule", "low_efficiency_land", "--policy", str(policy), "--format", "json")

    # Before the database learns it: one line that says so.
    early = run(*asked)
    assert early.returncode == 1
    assert "river_distance_m" in early.stderr
    assert "db upgrade" in early.stderr

    for line in block("sh").splitlines():
        done = run(*line.split())
        assert done.returncode == 0, done.stderr
    assert "距最近河道" in (copy / "docs" / "measures.md").read_text(encoding="utf-8")
    assert "river_distance_m" in (copy / "docs" / "policy.schema.json").read_text(encoding="utf-8")
    checked = run("shuangbei", "policy", "check", str(policy))
    assert checked.returncode == 0, checked.stderr

    done = run(*asked)
    assert done.returncode == 0, done.stderr
    rows = {row["parcel_code"]: row for row in json.loads(done.stdout)}
    # The river W1 is drawn at y = 626: N1 ends at 620, N5 begins at 632, S1 ends at 100.
    assert {code: rows[code]["river_distance_m"] for code in ("N1", "N5", "S1")} == {"N1": 6, "N5": 6, "S1": 526}
    (added,) = [one for one in rows["N5"]["contributions"] if one["criterion"] == "river"]
    assert added["field"] == "river_distance_m"

"""The built wheel holds all that the program needs, and runs without the folder it was built from.

It is put into an environment of its own that has no project in it, only the installed libraries of this one, and works
from another folder: a file that the wheel lacks is missed.  That the libraries which pyproject.toml names are all that
are needed is not shown by this, but by ``make install`` from the lock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        folder,
        ROOT,
    )
    (built,) = folder.glob("shuangbei-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    own = Path(run(environment / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    target = ("--python", environment / "bin/python")
    run(sys.executable, "-m", "pip", *target, "install", "-q", "--no-deps", "--no-index", wheel)
    # Each library by a link, and not the whole folder: there the project itself is installed as it stands.
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and "shuangbei" not in entry.name and not (own / entry.name).exists():
            (own / entry.name).symlink_to(entry)
    return environment / "bin"


def run(*command: object, **variables: str) -> str:
    # Without PYTHONPATH, by which the clone would come back in.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables
    done = subprocess.run(
        [str(part) for part in command], env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_of_the_program_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for package in ("geo", "maps", "api"):
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert file.relative_to(ROOT).as_posix() in held
    for file in (ROOT / "data").rglob("*"):
        # what makes the demo stays with the source
        if file.is_file() and not {"__pycache__", "make_demo"} & set(file.parts):
            assert f"geo/_data/{file.relative_to(ROOT / 'data').as_posix()}" in held
    assert "maps/vendor/leaflet/dist/leaflet.js" in held
    assert not [name for name in held if name.startswith(("tests/", "scripts/")) or "make_demo" in name]


def test_the_wheel_runs_without_the_clone(installed: Path, home: Path) -> None:
    where = run(installed / "python", "-c", "import geo, maps, api; print(geo.__file__, maps.__file__, api.__file__)")
    assert str(ROOT) not in where
    assert run(installed / "shuangbei", "--version").startswith("shuangbei ")
    run(installed / "shuangbei", "demo", "--no-serve", SHUANGBEI_HOME=str(home))
    assert "zone" in run(installed / "shuangbei", "totals", "--format", "json", SHUANGBEI_HOME=str(home))

"""Setting up a machine: what is installed, what is only said, and what is never left half done.

The scripts run with a folder of their own as the system (``SYSROOT``) and as the programs on the path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import api.cli.doctor
from geo.settings import settings
from maps import assets

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "dirname", "basename", "rm", "rmdir", "mkdir", "tee", "cat", "env", "true")


class Machine:
    """A made-up machine: programs on the path, and a system folder."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.root, self.log = folder / "bin", folder / "root", folder / "log"
        self.bin.mkdir()
        self.root.mkdir()
        for tool in TOOLS:
            found = next((p / tool for p in map(Path, ("/usr/bin", "/bin")) if (p / tool).exists()), None)
            if found:
                (self.bin / tool).symlink_to(found)
        self.program("python3", f'exec "{sys.executable}" "$@"')

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"echo {number}")

    def postgis(self) -> None:
        for name in ("usr/share/postgresql/15/extension/postgis.control", "usr/lib/postgresql/15/bin/initdb"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).touch()

    def apt(self) -> None:
        """apt that notes what it is asked, and what PostgreSQL's installation would find configured."""
        self.program(
            "apt-get",
            f'echo "$@" >>"{self.log}"; cat {self.root}/etc/postgresql-common/createcluster.d/* '
            f'>>"{self.log}" 2>/dev/null; true',
        )

    def run(self, purpose: str = "run", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", ROOT / "scripts/system-packages.sh", purpose],
            env={"PATH": str(self.bin), "SYSROOT": str(self.root), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.program("npm", "true")
    made.user(0)
    return made


def test_nothing_is_touched_where_everything_is_there(machine: Machine) -> None:
    machine.postgis()
    machine.apt()
    assert machine.run().returncode == 0
    assert machine.asked() == ""


def test_only_what_is_missing_is_installed_and_postgresql_makes_no_cluster_of_its_own(machine: Machine) -> None:
    machine.apt()
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "install -y -q --no-install-recommends postgresql-postgis\ncreate_main_cluster = false" in machine.asked()
    assert not (machine.root / "etc/postgresql-common/createcluster.d").exists()


def test_what_the_machines_owner_set_for_new_clusters_stays(machine: Machine) -> None:
    machine.apt()
    own = machine.root / "etc/postgresql-common/createcluster.d/own.conf"
    own.parent.mkdir(parents=True)
    own.write_text("ssl = off\n")
    assert machine.run().returncode == 0
    assert own.read_text() == "ssl = off\n"
    assert list(own.parent.iterdir()) == [own]


def test_database_url_set_means_no_postgresql(machine: Machine) -> None:
    machine.apt()
    assert machine.run(DATABASE_URL="postgresql://elsewhere/db").returncode == 0
    assert machine.asked() == ""


def test_the_tests_bring_a_browser_and_a_chinese_font(machine: Machine) -> None:
    machine.postgis()
    machine.apt()
    assert machine.run("test").returncode == 0
    assert "chromium fontconfig fonts-noto-cjk" in machine.asked()
    assert "postgresql" not in machine.asked()


def test_the_tests_bring_the_part_of_libreoffice_that_is_missing(machine: Machine) -> None:
    machine.postgis()
    machine.apt()
    for name in ("soffice", "pdftotext", "chromium"):
        machine.program(name, "true")
    machine.program("fc-list", "echo a font")
    parts = machine.root / "usr/lib/libreoffice/program"
    parts.mkdir(parents=True)
    (parts / "libsclo.so").touch()
    assert machine.run("test").returncode == 0
    assert "--no-install-recommends libreoffice-calc libreoffice-writer" in machine.asked()
    machine.log.unlink()
    (parts / "libswlo.so").touch()
    assert machine.run("test").returncode == 0
    assert machine.asked() == ""


def test_a_system_without_apt_is_told_what_is_missing(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 1
    assert "no apt" in done.stderr
    assert "PostGIS" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert list(machine.root.iterdir()) == []


def test_an_ordinary_user_without_sudo_is_told_what_to_have_installed(machine: Machine) -> None:
    machine.apt()
    machine.user(1000)
    done = machine.run()
    assert done.returncode == 1
    assert "apt-get install postgresql-postgis" in done.stderr
    assert machine.asked() == ""
    assert list(machine.root.iterdir()) == []


def test_an_ordinary_user_with_sudo_installs_by_it(machine: Machine) -> None:
    machine.apt()
    machine.user(1000)
    machine.program("sudo", '[ "$1" = -n ] && shift; exec "$@"')
    assert machine.run().returncode == 0
    assert "postgresql-postgis" in machine.asked()


def test_a_python_that_is_too_old_counts_as_missing(machine: Machine) -> None:
    machine.postgis()
    machine.program("python3", "exit 1")
    done = machine.run()
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr


def test_an_environment_that_was_cut_short_is_thrown_away(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / "scripts").mkdir(parents=True)
    for name in ("environment.sh", "find-python.sh"):
        (clone / "scripts" / name).symlink_to(ROOT / "scripts" / name)
    # The copy of the script finds its own folder; the list asks for what no index has.
    (clone / "requirements.lock").write_text("shuangbei-no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    (clone / ".venv").mkdir()
    (clone / ".venv/.unfinished").touch()
    (clone / ".venv/half.txt").touch()
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", clone / "scripts/environment.sh"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert not (clone / ".venv/half.txt").exists()
    assert (clone / ".venv/.unfinished").exists()
    assert not (clone / ".venv/.finished").exists()


def test_the_locks_name_hashes_and_no_host() -> None:
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        assert "://" not in line
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert name == "" or package["integrity"].startswith("sha512-")


def test_ci_refuses_to_run_without_the_real_layers(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", ROOT / ".ci/run"],
        env=os.environ | {"SHUANGBEI_REAL_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "empty or missing" in done.stderr


def test_the_browser_files_are_what_the_manifest_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import hashlib

    folder = assets.vendor_dir()
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert files == manifest.keys() | {"MANIFEST.json"}
    for name, entry in manifest.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"]
    monkeypatch.setattr(assets, "_VENDOR", tmp_path)
    with pytest.raises(api.cli.doctor.ShuangbeiError, match="not installed"):
        assets.vendor_dir()


def test_doctor_says_what_is_missing_and_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHUANGBEI_PG_BIN", str(tmp_path))
    monkeypatch.setattr(assets, "_VENDOR", tmp_path)
    assert settings().home == home
    bad = {finding.what: finding for finding in api.cli.doctor.examine() if finding.needed and not finding.good}
    assert set(bad) == {"programs", "browser files"}
    assert all(finding.remedy for finding in bad.values())

"""Where PostgreSQL's programs stand on this machine, and what to install when they do not.

Standard library only, so that ``shuangbei doctor`` can say what is missing on a machine that has nothing yet.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from geo.errors import SetupError
from geo.settings import settings

#: Where Debian and Ubuntu, PostgreSQL's own RPMs, Homebrew and Postgres.app put the programs of one major version.
SEARCHED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

_INSTALL = {
    "apt-get": "apt-get install postgresql postgresql-postgis",
    "dnf": "dnf install postgresql-server postgis",
    "zypper": "zypper install postgresql-server postgis",
    "pacman": "pacman -S postgresql postgis",
    "apk": "apk add postgresql postgis",
    "brew": "brew install postgresql postgis",
}


def find_programs(major: int | None = None) -> Path:
    """The folder of the newest PostgreSQL server that has PostGIS beside it, of one major version if given.

    Raises
    ------
    SetupError
        There is none; the hint says what to install on this system.
    """
    servers = [folder for folder in program_folders() if (folder / "initdb").exists()]
    for folder in servers:
        if has_postgis(folder) and (major is None or major_version(folder) == major):
            return folder
    if major is not None and any(map(has_postgis, servers)):
        raise SetupError(
            f"The cluster was made by PostgreSQL {major}, which is not here with PostGIS any more.",
            f"Install PostgreSQL {major} with PostGIS again, or set SHUANGBEI_HOME to a new folder to start afresh.",
        )
    if servers:
        found = ", ".join(str(folder) for folder in servers)
        raise SetupError(f"PostgreSQL is installed ({found}), but PostGIS is not.", install_hint())
    raise SetupError("PostgreSQL with PostGIS is not installed on this machine.", install_hint())


def find_client(name: str) -> Path:
    """The newest client program ``name`` (``pg_dump``, ``pg_restore``); a server is not needed for it.

    Raises
    ------
    SetupError
        It is not installed.
    """
    for folder in program_folders():
        if (folder / name).exists():
            return folder / name
    raise SetupError(f"PostgreSQL's program {name} is not installed on this machine.", install_hint())


def program_folders() -> list[Path]:
    """Folders that may hold PostgreSQL's programs, newest version first; ``SHUANGBEI_PG_BIN`` alone where it is set."""
    chosen = settings().pg_bin
    if chosen:
        return [chosen]
    found = [path for pattern in SEARCHED for path in Path("/").glob(pattern.lstrip("/"))]
    found.sort(key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return found


def has_postgis(folder: Path) -> bool:
    """Whether PostGIS is installed for the server whose programs are in ``folder``.

    Looks for the extension's control file; ``pg_config`` would say where it is, but many systems ship it apart.
    """
    root = folder.parent
    shares = [root / "share", root / "share/postgresql", Path("/usr/share/postgresql") / root.name]
    shares += root.glob("share/postgresql@*")
    return any((share / "extension/postgis.control").exists() for share in shares)


@lru_cache
def version(folder: Path) -> str:
    """The version of the server in ``folder``, such as ``15.14``; empty where it cannot say."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    match = re.search(r"(\d+[\w.]*)", said.stdout)
    return match[1] if match else ""


def major_version(folder: Path) -> int:
    """The major version of the server in ``folder``; 0 where it cannot say."""
    match = re.match(r"\d+", version(folder))
    return int(match[0]) if match else 0


def install_hint() -> str:
    """What to type on this system to get PostgreSQL with PostGIS."""
    if settings().pg_bin:
        return "SHUANGBEI_PG_BIN names another folder: name the one of PostgreSQL's programs, or unset it."
    manager = next((name for name in _INSTALL if shutil.which(name)), None)
    if manager is None:
        return "Install PostgreSQL 13 or newer with PostGIS 3, or set DATABASE_URL to a server that has them."
    sudo = "sudo " if manager != "brew" and sys.platform != "darwin" and os.geteuid() != 0 else ""
    return f"Run: {sudo}{_INSTALL[manager]}   (or set DATABASE_URL to a server that has PostGIS)"

"""``shuangbei doctor``: what is found on this machine, what is missing, and what to do about it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from api.cli.terminal import console
from geo.errors import ShuangbeiError
from geo.settings import Settings, settings

_ENOUGH_BYTES = 2_000_000_000  # a million parcels with their measures and two runs


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``needed`` ones that are not ``good`` keep the tool from running."""

    what: str
    good: bool
    found: str
    remedy: str = ""
    needed: bool = True


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor() -> None:
    """Say what is found, what is missing and what to do; exit code 1 if 双北 cannot run here."""
    from rich.text import Text

    findings = list(examine())
    for finding in findings:
        mark, style = ("✓", "green") if finding.good else ("✗", "red") if finding.needed else ("–", "yellow")
        console().print(Text(f"{mark} {finding.what:<15} ", style).append(finding.found, ""))
        if finding.remedy and not finding.good:
            for line in finding.remedy.splitlines():
                console().print(f"{'':<18}→ {line}")
    if not all(finding.good for finding in findings if finding.needed):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is a finding, too."""
    here = settings()
    server = (_given_server,) if here.database_url else (_programs, _home, _disk, _cluster)
    for look in (_python, *server, _browser_files, _fonts, _chromium, _real_data):
        yield from _guarded(look, here)


def _guarded(look: Callable[[Settings], Iterator[Finding]], here: Settings) -> Iterator[Finding]:
    name = look.__name__.strip("_").replace("_", " ")
    try:
        yield from look(here)
    except ShuangbeiError as error:
        yield Finding(name, False, error.message, error.hint)
    except ImportError as error:
        yield Finding(name, False, f"The Python package {error.name} is not installed.", "Run: make install")


def _python(_: Settings) -> Iterator[Finding]:
    yield Finding("python", True, f"{sys.version.split()[0]} in {sys.prefix}")


def _given_server(_: Settings) -> Iterator[Finding]:
    from geo.database import connect

    db = connect()
    try:
        with db.engine.connect() as connection:
            version = connection.exec_driver_sql("show server_version").scalar()
        yield Finding("server", True, f"PostgreSQL {version} at {db.engine.url.render_as_string()} (DATABASE_URL)")
        yield from _database(db.engine.url.render_as_string(hide_password=False))
    finally:
        db.engine.dispose()


def _programs(_: Settings) -> Iterator[Finding]:
    from geo.embedded.programs import find_programs, version

    folder = find_programs()
    yield Finding("programs", True, f"PostgreSQL {version(folder)} with PostGIS in {folder}")


def _home(here: Settings) -> Iterator[Finding]:
    from geo.embedded.accounts import check_folder

    check_folder(here.home, here.home / "cluster")
    made = "" if (here.home / "cluster").exists() else " (not made yet)"
    yield Finding("home", True, f"{here.home}{made}")


def _disk(here: Settings) -> Iterator[Finding]:
    there = next(path for path in (here.home, *here.home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    yield Finding(
        "disk",
        free >= _ENOUGH_BYTES,
        f"{free / 1e9:.1f} GB free",
        "Make room, or set SHUANGBEI_HOME to a folder on another disk.",
        needed=free < _ENOUGH_BYTES / 20,
    )


def _cluster(here: Settings) -> Iterator[Finding]:
    from geo.embedded import Cluster
    from geo.embedded.server import database_exists

    cluster = Cluster(here.home)
    if not cluster.running():
        yield Finding("server", False, "not running", "It starts by itself, or by: shuangbei db start", needed=False)
        return
    yield Finding("server", True, f"running on 127.0.0.1:{cluster.port()}")
    if database_exists(cluster.url("postgres"), here.database):
        yield from _database(cluster.url(here.database))
    else:
        yield Finding("database", False, f"{here.database} is not made yet", "Run: shuangbei demo", needed=False)


def _database(address: str) -> Iterator[Finding]:
    from geo.database import connect, is_migrated

    db = connect(address)
    try:
        with db.engine.connect() as connection:
            postgis = connection.exec_driver_sql(
                "select coalesce(installed_version, default_version)"
                " from pg_available_extensions where name = 'postgis'"
            ).scalar()
        remedy = "Install PostGIS on the server's machine."
        yield Finding("postgis", postgis is not None, str(postgis or "not on this server"), remedy)
        migrated = is_migrated(db)
        state = f"{db.crs}, up to date" if migrated else "of another version, or empty"
        remedy = "Run: shuangbei db upgrade (nothing is lost by it)"
        yield Finding("database", migrated, f"{db.engine.url.database}: {state}", remedy, needed=False)
        if migrated:
            from geo.intake.invariants import invariants

            wrong = invariants(db)
            remedy = "Keep the database as it is, restore the last good backup beside it, and tell us."
            yield Finding("registry", not wrong, "; ".join(wrong) or "sound", remedy)
    finally:
        db.engine.dispose()


def _browser_files(_: Settings) -> Iterator[Finding]:
    from maps.assets import vendor_dir

    yield Finding("browser files", True, str(vendor_dir()))


def _fonts(_: Settings) -> Iterator[Finding]:
    program = shutil.which("fc-list")
    listed = subprocess.run([program, ":lang=zh-cn"], capture_output=True, text=True, check=False) if program else None
    found = bool(listed and listed.stdout.strip())
    remedy = "For pictures with Chinese text install a font such as fonts-noto-cjk."
    yield Finding("fonts", found, "Chinese ones are there" if found else "none with Chinese", remedy, needed=False)


def _chromium(_: Settings) -> Iterator[Finding]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    remedy = "Only the tests need it: make test installs it."
    yield Finding("chromium", found is not None, found or "not installed", remedy, needed=False)


def _real_data(here: Settings) -> Iterator[Finding]:
    folder: Path | None = here.real_data
    found = folder is not None and folder.is_dir() and any(folder.iterdir())
    remedy = "Set SHUANGBEI_REAL_DATA to a folder of real layers to import them and to test with them."
    yield Finding("real data", found, str(folder) if folder else "no folder is named", remedy, needed=False)

"""The commands that look after the database, and what every command has in common."""

from __future__ import annotations

import io
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

import api.cli
from geo.backup import backup, restore
from geo.database import Database, is_migrated
from geo.embedded import Cluster
from geo.embedded.server import connection
from geo.errors import DatabaseError, ReadError

ROOT = Path(__file__).parent.parent


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def shuangbei(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command line in this process."""
    monkeypatch.delenv("SHUANGBEI_DATABASE", raising=False)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["shuangbei", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            api.cli.main()
        code = caught.value.code
        return Said(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture
def given(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A migrated database that ``DATABASE_URL`` names, with a row to know it by."""
    monkeypatch.setenv("DATABASE_URL", db.engine.url.render_as_string(hide_password=False))
    with db.write() as connection:
        connection.execute(sa.text("create table registry.kept as select 'ours' as name"))
    return db


def kept(db: Database) -> str | None:
    with db.read() as connection:
        if connection.scalar(sa.text("select to_regclass('registry.kept')")) is None:
            return None
        return connection.scalar(sa.text("select name from registry.kept"))


def databases(db: Database) -> set[str]:
    with connection(db.engine.url) as server:
        return {name for (name,) in server.execute("select datname from pg_database").fetchall()}


# ---- backup, reset, restore -----------------------------------------------------------------------------------------


def test_what_was_backed_up_comes_back_after_a_reset(
    given: Database, tmp_path: Path, shuangbei: Callable[..., Said]
) -> None:
    file = tmp_path / "kept.dump"
    assert shuangbei("db", "backup", file).code == 0
    assert shuangbei("db", "reset", "--yes").code == 0
    assert kept(given) is None
    assert is_migrated(given)
    said = shuangbei("db", "restore", file, "--yes")
    assert said.code == 0, said.err
    assert kept(given) == "ours"
    assert is_migrated(given)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any("_new_" in name or "_old_" in name for name in databases(given))


def test_a_reset_keeps_the_work_crs_unless_told_another(given: Database, shuangbei: Callable[..., Said]) -> None:
    assert shuangbei("db", "reset", "--crs", "EPSG:26986", "--yes").code == 0
    assert shuangbei("db", "reset", "--yes").code == 0
    given.__dict__.pop("srid", None)
    assert given.srid == 26986


def test_a_backup_that_was_cut_short_changes_nothing(given: Database, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.dump", tmp_path / "cut.dump"
    with given.write() as connection:  # so that the cut goes through data, and not through the table of contents
        connection.execute(
            sa.text("create table registry.much as select md5(n::text) t from generate_series(1, 9999) n")
        )
    backup(given, whole)
    before = databases(given)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 9 // 10])
    with pytest.raises(DatabaseError, match="left as it is"):
        restore(given, cut)
    assert kept(given) == "ours"
    assert databases(given) == before


def test_what_is_not_a_backup_of_ours_is_refused(
    given: Database, empty_db: Database, tmp_path: Path, shuangbei: Callable[..., Said]
) -> None:
    foreign = tmp_path / "foreign.dump"
    backup(empty_db, foreign)
    text = tmp_path / "text.dump"
    text.write_text("select 1;")
    for file in (foreign, text, tmp_path / "missing.dump"):
        with pytest.raises(ReadError):
            restore(given, file)
    said = shuangbei("db", "restore", text, "--yes")
    assert said.code == 1
    assert "is not a backup of 双北" in said.err
    assert kept(given) == "ours"


def test_a_backup_that_fails_leaves_the_earlier_file(given: Database, tmp_path: Path) -> None:
    file = tmp_path / "kept.dump"
    file.write_text("the earlier one")
    given.engine.dispose()
    broken = Database(sa.create_engine(given.engine.url.set(database="is_not_there")))
    with pytest.raises(DatabaseError, match="could not be made"):
        backup(broken, file)
    assert file.read_text() == "the earlier one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_is_written_over_only_by_force(given: Database, tmp_path: Path, shuangbei: Callable[..., Said]) -> None:
    file = tmp_path / "kept.dump"
    file.write_text("the earlier one")
    assert shuangbei("db", "backup", file).code == 1
    assert file.read_text() == "the earlier one"
    assert shuangbei("db", "backup", file, "--force").code == 0
    assert file.read_bytes().startswith(b"PGDMP")
    assert kept(given) == "ours"


def test_a_reset_that_is_not_confirmed_changes_nothing(
    given: Database, shuangbei: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert shuangbei("db", "reset").code == 1
    assert kept(given) == "ours"


# ---- the private server ---------------------------------------------------------------------------------------------


def test_start_status_url_stop(home: Path, shuangbei: Callable[..., Said]) -> None:
    assert shuangbei("db", "status").code == 3
    assert shuangbei("--database", "cambridge", "db", "start").code == 0
    status = shuangbei("db", "status")
    assert status.code == 0
    assert "cambridge" in status.out
    password = (home / "password").read_text()
    assert password not in status.out + status.err
    url = shuangbei("--database", "cambridge", "db", "url")
    assert url.out.strip() == Cluster(home).url("cambridge").replace("+psycopg", "")
    assert password not in url.err
    assert shuangbei("db", "stop").code == 0
    assert not Cluster(home).running()
    assert "was not running" in shuangbei("db", "stop").err


def test_a_slip_in_the_name_of_a_database_makes_none(home: Path, shuangbei: Callable[..., Said]) -> None:
    assert shuangbei("db", "start").code == 0
    said = shuangbei("--database", "nosuch", "totals")
    assert said.code == 1
    assert "There is no database 'nosuch' here." in said.err
    assert "nosuch" not in shuangbei("db", "status").out


def test_database_url_and_a_named_database_are_not_both_obeyed(given: Database, shuangbei: Callable[..., Said]) -> None:
    said = shuangbei("--database", "trial", "db", "reset", "--yes")
    assert said.code == 1
    assert "DATABASE_URL is set" in said.err
    assert kept(given) == "ours"


def test_the_server_of_database_url_is_not_ours_to_start_or_stop(
    given: Database, shuangbei: Callable[..., Said]
) -> None:
    for what in ("start", "stop"):
        said = shuangbei("db", what)
        assert said.code == 1
        assert "not ours" in said.err
    status = shuangbei("db", "status")
    assert str(given.engine.url.database) in status.out
    assert str(given.engine.url.password) not in status.out


def test_upgrade_settles_the_work_crs_once(
    empty_db: Database, monkeypatch: pytest.MonkeyPatch, shuangbei: Callable[..., Said]
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_db.engine.url.render_as_string(hide_password=False))
    assert shuangbei("db", "upgrade", "--crs", "EPSG:26986").code == 0
    assert "EPSG:26986" in shuangbei("db", "upgrade").err
    said = shuangbei("db", "upgrade", "--crs", "EPSG:4549")
    assert said.code == 1
    assert "26986" in said.err


# ---- what every command has in common -------------------------------------------------------------------------------


def test_wrong_usage_ends_with_2_and_version_with_0(shuangbei: Callable[..., Said]) -> None:
    assert shuangbei("no-such-command").code == 2
    assert shuangbei("--version").out.startswith("shuangbei ")


def test_an_unforeseen_error_is_one_line_and_a_file_without_passwords(
    home: Path, shuangbei: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("postgresql://me:secret@host/db [bold]")

    monkeypatch.setattr("geo.database.connect", explode)
    said = shuangbei("db", "upgrade")
    assert said.code == 1
    assert len(said.err.strip().splitlines()) == 1
    assert "host/db [bold]" in said.err
    assert "secret" not in said.err
    (report,) = (home / "logs").iterdir()
    assert str(report) in said.err
    assert "ZeroDivisionError" in report.read_text()
    assert "secret" not in report.read_text()


def test_a_value_with_brackets_is_shown_as_it_is(
    tmp_path: Path, given: Database, shuangbei: Callable[..., Said]
) -> None:
    assert kept(given)
    file = tmp_path / "[bold]名字[/bold].dump"
    assert file.name in shuangbei("db", "restore", file, "--yes").err


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -c "from api.cli import main; main()" --help | true'],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.stderr == ""


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = "import sys, api.cli; print(*(n for n in ('geopandas','fastapi','folium','sqlalchemy') if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_ctrl_c_ends_with_130_and_without_a_word(home: Path) -> None:
    # A command that waits: another holds the cluster.
    code = f"import fcntl, time; f = open({str(home / 'lock')!r}, 'a'); fcntl.flock(f, 2)\n"
    code += "print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        # A shell that puts the tests into the background has them, and what they start, ignore Ctrl-C.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        command = [sys.executable, "-c", code + "from api.cli import main; main()", "db", "start"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as waiting:
            time.sleep(2)
            waiting.send_signal(signal.SIGINT)
            _, err = waiting.communicate(timeout=20)
        holder.kill()
    assert (waiting.returncode, err) == (130, "")

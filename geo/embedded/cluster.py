"""A private PostgreSQL + PostGIS cluster under one folder, so that the tool works before anybody sets up a server.

::

    <home>/                made by whoever starts it
    ├── password           0600; of the one role, made anew when lost
    ├── port               the port of the last start, tried first at the next
    ├── lock               held while one process makes, starts or stops the cluster
    └── cluster/           0700, belongs to the account that the server runs as
        ├── data/
        └── server.log

The server listens on 127.0.0.1 only, without a Unix socket: a socket's path may not pass 107 bytes, and a killed server
leaves it behind.  It outlives the process that started it; nothing is lost when it is killed, for it syncs what it
commits.  PostgreSQL refuses to run as root, so for root its programs run as ``postgres``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from geo.embedded.accounts import check_folder, make_home, make_server_folder, run_as_server, write_private
from geo.embedded.postmaster import await_ready, free_port, remove_misleading_lock, server_pid, server_port
from geo.embedded.programs import find_programs
from geo.errors import DatabaseError, SettingsError, SetupError

ROLE = "shuangbei"

_START_SECONDS = 120  # recovery after a crash counts into it
_STARTS = 20  # tries, when a port is taken or processes of a killed server are still ending
_LOG_BYTES = 10_000_000  # past this the log is put aside at the next start

# Written into postgresql.conf once, where whoever runs a bigger machine may change it.
_CONFIGURATION = """
# 双北: for maps and totals over some hundred thousand parcels on an office machine.
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
max_connections = 60
timezone = 'UTC'
"""

# Given at every start, so that no edited file can open the server to others.
_CLOSED = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "logging_collector": "off"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class Cluster:
    """The cluster under ``home``; ``durable=False`` gives up every row at a crash for speed, for tests only.

    Raises
    ------
    SettingsError
        ``home`` has a character that cannot be passed on to PostgreSQL.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.expanduser().resolve()
        if any(character in str(self.home) for character in "\"'`$\\\n"):
            # pg_ctl passes it through a shell.
            raise SettingsError(
                f"The folder {str(self.home)!r} has a quote, dollar or backslash in its name.",
                "Set SHUANGBEI_HOME to a folder without them.",
            )
        self.durable = durable
        self.folder = self.home / "cluster"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._password_file = self.home / "password"
        self._port_file = self.home / "port"

    def start(self) -> Cluster:
        """Make the cluster if there is none, start it if it is not running, and wait until it answers.

        Raises
        ------
        SetupError
            PostgreSQL or PostGIS is missing, or the folder cannot be used.
        DatabaseError
            The server does not start.
        """
        programs = find_programs(self._made_by())
        check_folder(self.home, self.folder)
        make_home(self.home)
        with self._lock():
            make_server_folder(self.folder)
            if not (self.data / "PG_VERSION").exists():
                self._make(programs)
            if not self._password_file.exists():
                self._stop(programs, "fast")
                self._renew_password(programs)
            if not self.running():
                self._launch(programs)
            if not await_ready(self.data, _START_SECONDS):
                raise DatabaseError(
                    f"The database server has not become ready in {_START_SECONDS} s.", f"Its log is {self.log}."
                )
        return self

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs: ``smart`` waits for clients, ``fast`` ends them, ``immediate`` is as a crash.

        Raises
        ------
        DatabaseError
            It does not stop.
        """
        if not self.running():
            return
        with self._lock():
            self._stop(find_programs(self._made_by()), mode)

    def running(self) -> bool:
        """Whether the server of this cluster lives.

        Raises
        ------
        SetupError
            The cluster belongs to another user.
        """
        with self._readable():
            return server_pid(self.data) is not None

    def port(self) -> int | None:
        """The TCP port of 127.0.0.1 that the running server listens on, None if it does not run."""
        with self._readable():
            return server_port(self.data) if self.running() else None

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database of the running cluster, password included: not for logs.

        Raises
        ------
        DatabaseError
            The server is not running.
        SetupError
            The cluster belongs to another user.
        """
        port = self.port()
        if port is None:
            raise DatabaseError(f"The database server in {self.home} is not running.", "Run: shuangbei db start")
        with self._readable():
            password = self._password_file.read_text().strip()
        return f"postgresql+psycopg://{ROLE}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database, safe='')}"

    def ensure_database(self, name: str) -> None:
        """Create the database ``name`` with PostGIS if it is not there.

        Raises
        ------
        SettingsError
            The name is PostgreSQL's own, or too long.
        DatabaseError
            It cannot be created; the message has the server's own words.
        """
        from geo.embedded.server import create_database, database_exists

        with self._lock():  # two starters of one home would otherwise both create it
            if not database_exists(self.url("postgres"), name):
                create_database(self.url("postgres"), name)

    # ---- making ------------------------------------------------------------------------------------------------

    def _make(self, programs: Path) -> None:
        """initdb beside the final place, then one rename: there is a whole cluster or none."""
        new, handed_over = self.folder / "data.new", self.folder / "password"
        shutil.rmtree(new, ignore_errors=True)  # left by a start that was killed
        password = secrets.token_urlsafe(24)
        try:
            write_private(self._password_file, password)
            write_private(handed_over, password, for_server=True)
            made = run_as_server(
                *(programs / "initdb", "--pgdata", new, "--username", ROLE, "--pwfile", handed_over),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
                *(() if self.durable else ("--no-sync",)),
            )
            if made.returncode:
                raise SetupError(f"The database cluster cannot be made in {self.home}.", _last_lines(made.stdout))
            with (new / "postgresql.conf").open("a") as configuration:
                configuration.write(_CONFIGURATION)
            new.replace(self.data)
            _sync(self.folder)
        except OSError as error:
            raise SetupError(f"The database cluster cannot be made in {self.home}: {error.strerror}.") from error
        finally:
            handed_over.unlink(missing_ok=True)
            shutil.rmtree(new, ignore_errors=True)

    def _renew_password(self, programs: Path) -> None:
        """Give the role a new password in single-user mode, which asks for none and needs the server stopped."""
        remove_misleading_lock(self.data)
        password = secrets.token_urlsafe(24)
        statement = f"alter role {ROLE} password '{password}'\n"
        done = run_as_server(programs / "postgres", "--single", "-D", self.data, "postgres", text=statement)
        # It ends with 0 when the statement fails, too.
        if done.returncode or "ERROR" in done.stdout:
            raise DatabaseError("The lost password of the database cannot be renewed.", _last_lines(done.stdout))
        write_private(self._password_file, password)

    # ---- running -----------------------------------------------------------------------------------------------

    def _launch(self, programs: Path) -> None:
        if self._log_size() > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        remove_misleading_lock(self.data)
        preferred = self._last_port()
        for _ in range(_STARTS):
            port = free_port(preferred)
            options = _CLOSED | {"port": str(port)} | ({} if self.durable else _FORGETFUL)
            logged = self._log_size()
            # Without --log the server would keep our pipe open, and this call would wait for ever.
            started = run_as_server(
                *(programs / "pg_ctl", "start", "--pgdata", self.data, "--log", self.log, "--wait"),
                *("--timeout", _START_SECONDS, "--options", " ".join(f"-c {key}={options[key]}" for key in options)),
            )
            if started.returncode == 0:
                self._port_file.write_text(f"{port}\n")
                return
            said = self._log_since(logged)
            if "still in use" in said:  # processes of a killed server are still ending
                time.sleep(0.5)
            elif "could not bind" in said:  # another program was quicker
                preferred = None
            else:
                break
        raise DatabaseError(
            f"The database server in {self.home} does not start.", f"{_last_lines(said)}\nIts log is {self.log}."
        )

    def _stop(self, programs: Path, mode: str) -> None:
        if not self.running():
            return
        stopped = run_as_server(programs / "pg_ctl", "stop", "--pgdata", self.data, "--wait", "--mode", mode)
        if stopped.returncode:
            raise DatabaseError(
                f"The database server in {self.home} does not stop.",
                f"{_last_lines(stopped.stdout)}\nIts log is {self.log}.",
            )

    # ---- files -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the cluster against other starters; the system lets go of it when we end in any way."""
        with self._readable(), (self.home / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SetupError(
                f"The database cluster in {self.home} belongs to another user.",
                "Run as the user who made it, or set SHUANGBEI_HOME to another folder.",
            ) from error

    def _made_by(self) -> int | None:
        """The major version of PostgreSQL that made the data folder, None if there is none yet."""
        with self._readable():
            version = self.data / "PG_VERSION"
            return int(version.read_text()) if version.exists() else None

    def _last_port(self) -> int | None:
        try:
            return int(self._port_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _log_since(self, size: int) -> str:
        return self.log.read_bytes()[size:].decode(errors="replace") if self.log.exists() else ""


def _last_lines(text: str, n: int = 12) -> str:
    return "\n".join(text.strip().splitlines()[-n:])


def _sync(folder: Path) -> None:
    """Bring a rename in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

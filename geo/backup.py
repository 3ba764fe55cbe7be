"""A database in one file and back: the embedded one and that of ``DATABASE_URL`` alike.

The file is PostgreSQL's own custom format.  The measure functions are not in it: they are code, made anew after a
restore, as the schema is brought to the present one.  So an older backup can be restored by a newer program.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from geo.database import MEASURE_SCHEMA, Database, connect, upgrade
from geo.embedded.programs import find_client
from geo.embedded.server import libpq, password_of, replace_database
from geo.errors import DatabaseError, NotMigratedError, ReadError

_MAGIC = b"PGDMP"
# Lines of `pg_restore --list`: "123; 1259 16385 TABLE registry workspace shuangbei".
_OURS = re.compile(r"^\d+; \d+ \d+ TABLE registry workspace ", re.MULTILINE)
# PostGIS is made by `create_database`; its comment may be set by its owner only.
_EXTENSION = re.compile(r"^\d+; \d+ \d+ (EXTENSION -|COMMENT - EXTENSION) ")


def backup(db: Database, file: Path) -> None:
    """Write the whole database into ``file``, which appears only when it is complete.

    Raises
    ------
    SetupError
        pg_dump is not installed.
    DatabaseError
        The database cannot be read, or the file not written.
    """
    partial = file.with_name(f"{file.name}.partial")
    url = db.engine.url
    try:
        # Made by us first: it holds everything in the database, so nobody else is to read it.
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run(
            find_client("pg_dump"),
            *("--format=custom", f"--exclude-schema={MEASURE_SCHEMA}", f"--file={partial}"),
            f"--dbname={libpq(url, password=False)}",
            password=password_of(url),
            failure="The backup could not be made",
        )
        partial.replace(file)
    except OSError as error:
        raise DatabaseError(f"The backup {file} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(db: Database, file: Path) -> None:
    """Put the content of a backup in the place of the database; a broken file changes nothing.

    Raises
    ------
    ReadError
        The file is not there, or not a backup of 双北.
    SetupError
        pg_restore is not installed.
    DatabaseError
        The backup is broken, or the server refuses.
    """
    program = find_client("pg_restore")
    content = _content(program, file)

    def fill(address: str) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
            chosen.writelines(line for line in content.splitlines(keepends=True) if not _EXTENSION.match(line))
            chosen.flush()
            _run(
                *(program, "--exit-on-error", "--no-owner", "--no-privileges", f"--use-list={chosen.name}"),
                *(f"--dbname={libpq(address, password=False)}", file),
                password=password_of(address),
                failure="The backup could not be restored, and the database was left as it is",
            )
        _upgrade(address)

    replace_database(_address(db), fill)


def reset(db: Database, crs: str | None = None) -> None:
    """Put a new, empty database in the place of ``db``, with the same work CRS unless another is given.

    Raises
    ------
    CrsError
        The CRS is not projected in metres.
    DatabaseError
        The server refuses.
    """
    if crs is None:
        with contextlib.suppress(NotMigratedError):
            crs = db.crs
    replace_database(_address(db), lambda address: _upgrade(address, crs))


def _address(db: Database) -> str:
    db.engine.dispose()  # our own connections would stand in the way of the change of names
    return db.engine.url.render_as_string(hide_password=False)


def _upgrade(address: str, crs: str | None = None) -> None:
    db = connect(address)
    try:
        upgrade(db, crs)
    finally:
        db.engine.dispose()


def _content(program: Path, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            is_dump = opened.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise ReadError(f"The backup {file} cannot be read: {error.strerror}.") from error
    listed = subprocess.run([program, "--list", file], capture_output=True, text=True, check=False) if is_dump else None
    if listed is None or listed.returncode or not _OURS.search(listed.stdout):
        raise ReadError(f"{file} is not a backup of 双北.", "Backups are made by: shuangbei db backup")
    return listed.stdout


def _run(*command: object, password: str | None, failure: str) -> None:
    # By the environment: every user of the machine can read the arguments of a process.
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise DatabaseError(f"{failure}.", "\n".join(done.stderr.strip().splitlines()[:6]))

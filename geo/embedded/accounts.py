"""Which account PostgreSQL's programs run as, and what that account must be able to reach.

PostgreSQL refuses to run as root; every package of it makes the account ``postgres`` for that.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from geo.embedded.programs import install_hint
from geo.errors import SetupError

SERVER_ACCOUNT = "postgres"


def server_account() -> pwd.struct_passwd | None:
    """The account to run the server as when we are root; None where we are an ordinary user and run it ourselves.

    Raises
    ------
    SetupError
        We are root and there is no account ``postgres``.
    """
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise SetupError(
            f"PostgreSQL does not run as root, and there is no account {SERVER_ACCOUNT} to run it as.", install_hint()
        ) from None


def run_as_server(*command: object, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program as the server's account with ``text`` as its input; ``stdout`` has its errors, too."""
    account = server_account()
    drop: dict[str, Any] = {}
    if account is not None:
        drop = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(
        [str(part) for part in command],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",  # ours may be a folder that the account cannot enter
        # Nothing of our environment: PG… variables would mislead the programs, and a server would keep our secrets.
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/"},
        **drop,
    )


def check_folder(home: Path, inner: Path) -> None:
    """Check that the server could live in ``inner`` under ``home``, whether they are there yet or not; change nothing.

    Raises
    ------
    SetupError
        The server's account cannot get there, or the folder belongs to another user.
    """
    account = server_account()
    try:
        there = next(path for path in (home, *home.parents) if path.exists())
        owner = inner.stat().st_uid if inner.exists() else None
    except OSError as error:
        raise _unusable(home, error) from error
    if account is not None:
        _require_passable(there, home)
    elif not os.access(there, os.W_OK | os.X_OK):
        raise SetupError(f"The folder {there} cannot be written.", "Set SHUANGBEI_HOME to a folder of your own.")
    # Root's own is one whose making was cut short before it was handed over.
    if owner is not None and owner not in ({account.pw_uid, 0} if account else {os.geteuid()}):
        raise SetupError(
            f"The database cluster in {home} belongs to the user {_name(owner)}.",
            "Run as the user who made it, or set SHUANGBEI_HOME to another folder.",
        )


def make_home(home: Path) -> None:
    """Make ``home`` and what is missing above it; where we are root, everybody may enter it.

    Raises
    ------
    SetupError
        It cannot be made.
    """
    try:
        for path in reversed([path for path in (home, *home.parents) if not path.exists()]):
            path.mkdir(exist_ok=True)
            if server_account() is not None:
                path.chmod(0o755)  # whatever the umask: the server's account has to pass
    except OSError as error:
        raise _unusable(home, error) from error


def make_server_folder(folder: Path) -> None:
    """Make a folder that only the server's account may enter; one that was left half made is finished.

    Raises
    ------
    SetupError
        It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        account = server_account()
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise _unusable(folder, error) from error


def write_private(path: Path, text: str, *, for_server: bool = False) -> None:
    """Write a file that only we, or only the server's account, may read; it is whole or not there."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        account = server_account()
        if for_server and account is not None:
            os.fchown(file.fileno(), account.pw_uid, account.pw_gid)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _require_passable(path: Path, home: Path) -> None:
    if run_as_server("test", "-x", path).returncode == 0:
        return
    for folder in (*reversed(path.parents), path):
        if run_as_server("test", "-x", folder).returncode:
            raise SetupError(
                f"PostgreSQL runs as the account {SERVER_ACCOUNT}, which may not enter {folder}: "
                f"the database cannot live in {home}.",
                "Set SHUANGBEI_HOME to a folder that every account may enter, such as /var/lib/shuangbei.",
            )


def _unusable(home: Path, error: OSError) -> SetupError:
    return SetupError(
        f"The folder {home} cannot be made or written: {error.strerror}.", "Set SHUANGBEI_HOME to a folder of your own."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

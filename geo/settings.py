"""What the environment says, read once and checked.

Every variable that 双北 reads stands in :data:`VARIABLES`; a test holds that each is documented.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from geo.errors import SettingsError

VARIABLES = {
    "DATABASE_URL": "A PostgreSQL server with PostGIS to use instead of the embedded cluster; nothing is started then.",
    "TEST_DATABASE_URL": "A server on which the tests may create databases; otherwise they start a throw-away cluster.",
    "SHUANGBEI_HOME": "Folder of the embedded cluster and of caches; by default one for each Python environment.",
    "SHUANGBEI_DATABASE": "Name of the database inside the embedded cluster (default: shuangbei).",
    "SHUANGBEI_POLICY": "Policy used when none is named (default: hongkou-2025).",
    "SHUANGBEI_REAL_DATA": "Folder of real layers for the tests and the real-data import; unset: they are skipped.",
    "SHUANGBEI_ACTOR": "Who is written down as the author of an import (default: the name of the signed-in system user).",
    "SHUANGBEI_ANONYMOUS_READ": "'yes' lets pages be read without signing in, 'no' closes them (default: yes).",
    "SHUANGBEI_UNIT": "编制单位 on workbooks and reports, where none is named (default: left open).",
    "SHUANGBEI_SECRECY": "密级 on workbooks and reports, where none is named (default: left open).",
    "SHUANGBEI_PG_BIN": "Folder of PostgreSQL's programs, where they stand in an unusual place.",
}


#: the database inside the embedded cluster where none is named
DEFAULT_DATABASE = "shuangbei"
# A command in a sentence; the project's name alone is none.
_COMMAND = re.compile(
    r"\bshuangbei (?=(?:import|undo|history|rejected|publish|export|inspect|opinions|replay|db|serve) ?)"
)


@dataclass(frozen=True)
class Settings:
    """The settings of one process; :func:`settings` reads them from the environment."""

    database_url: str | None
    home: Path
    database: str
    policy: str
    real_data: Path | None
    actor: str
    anonymous_read: bool
    pg_bin: Path | None
    unit: str
    secrecy: str


def settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    SettingsError
        A variable has a value that cannot be used.
    """
    env = os.environ.get
    anonymous = env("SHUANGBEI_ANONYMOUS_READ", "yes").lower()
    if anonymous not in ("yes", "no"):
        raise SettingsError(
            f"SHUANGBEI_ANONYMOUS_READ is {anonymous!r}.", "Set it to 'yes' or to 'no', or leave it unset (yes)."
        )
    real = env("SHUANGBEI_REAL_DATA")
    pg_bin = env("SHUANGBEI_PG_BIN")
    return Settings(
        database_url=env("DATABASE_URL") or None,
        home=Path(env("SHUANGBEI_HOME") or default_home()).expanduser().absolute(),
        database=env("SHUANGBEI_DATABASE") or DEFAULT_DATABASE,
        policy=env("SHUANGBEI_POLICY") or "hongkou-2025",
        real_data=Path(real).expanduser().absolute() if real else None,
        actor=env("SHUANGBEI_ACTOR") or system_user(),
        anonymous_read=anonymous == "yes",
        pg_bin=Path(pg_bin) if pg_bin else None,
        unit=env("SHUANGBEI_UNIT") or "",
        secrecy=env("SHUANGBEI_SECRECY") or "",
    )


def default_home() -> Path:
    """The folder of the embedded cluster when none is set: one for each Python environment.

    PostgreSQL refuses to run as root and the user it runs as cannot enter ``/root``; so root's stands under ``/var/lib``.
    """
    tag = hashlib.sha256(sys.prefix.encode()).hexdigest()[:10]
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/shuangbei") / tag
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "shuangbei" / tag


def system_user() -> str:
    """The name of the signed-in system user, or its number where it has no name."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def as_typed(text: str) -> str:
    """A text whose commands can be typed as they stand: with ``--database``, where this one was asked of another database."""
    name = None if os.environ.get("DATABASE_URL") else os.environ.get("SHUANGBEI_DATABASE")
    return _COMMAND.sub(f"shuangbei --database {name} ", text) if name else text


def data_dir() -> Path:
    """The folder of policy, mappings, code tables and demo files: inside the wheel, else beside the packages."""
    inside = Path(__file__).parent / "_data"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "data"

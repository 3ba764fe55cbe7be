"""Every error that a user may meet, drawn once.

::

    ShuangbeiError
    ├── SetupError            something is missing on this machine; the message says what to install
    ├── SettingsError         an environment variable or option has a value that cannot be used
    ├── DatabaseError         the database cannot be reached, is not migrated, or is busy
    │   └── NotMigratedError  the database has no schema, or one of another version
    ├── BusyError             too much is asked for at once; it can be asked again later
    ├── UnitError             a unit is unknown or of another kind
    ├── CrsError              a datum is missing, unknown, or cannot be converted without parameters
    ├── PolicyError           a policy file is broken; names file, key and what is wrong
    ├── MappingError          a mapping file is broken, or names what the data does not have
    ├── ReadError             a file cannot be read as what it says it is
    ├── IntakeError           rows of a file break rules; carries all faults, nothing was written
    ├── ScenarioError         measures that cannot be saved together, or a name that is taken
    ├── UndoError             an import cannot be taken back; names the imports that stand in the way
    ├── LandUseError          a land-use cell cannot be taken apart (``geo.fields.land_use``)
    │   └── UnknownCodeError  the table named does not list a code
    └── NotFoundError         a code, run, rule or name that does not exist

Each carries one sentence of what is wrong and one of what to do.  A traceback is for us, never for a user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.fields.faults import Fault, FileRows, ToMend


class ShuangbeiError(Exception):
    """The root: ``message`` says what is wrong, ``hint`` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class SetupError(ShuangbeiError):
    """Something is missing on this machine."""


class SettingsError(ShuangbeiError):
    """A setting has a value that cannot be used."""


class DatabaseError(ShuangbeiError):
    """The database cannot be reached, or refuses."""


class NotMigratedError(DatabaseError):
    """The database has no schema of ours, or one of another version."""


class BusyError(ShuangbeiError):
    """Too much is asked for at once."""


class UnitError(ShuangbeiError):
    """A unit is unknown or of another kind."""


class CrsError(ShuangbeiError):
    """A datum is missing, unknown, or cannot be converted without parameters."""


class PolicyError(ShuangbeiError):
    """A policy file is broken."""


class MappingError(ShuangbeiError):
    """A mapping file is broken, or names what the data does not have."""


class ReadError(ShuangbeiError):
    """A file cannot be read as what it says it is."""


class ScenarioError(ShuangbeiError):
    """Measures that cannot be saved together, or a name that is taken."""


class NotFoundError(ShuangbeiError):
    """A code, run, rule or name that does not exist."""


class IntakeError(ShuangbeiError):
    """Rows of a file break rules; all faults are carried and nothing was written."""

    def __init__(self, message: str, hint: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(message, hint)
        self.faults = tuple(faults)
        #: the rows of the file as they were read, for a workbook of its faults
        self.read: FileRows | None = None
        #: of rejected rows that were tried again, those that still fail, for the workbook to mend
        self.failing: tuple[ToMend, ...] = ()


class UndoError(ShuangbeiError):
    """An import cannot be taken back; ``blocking`` are the imports that stand in the way, oldest first."""

    def __init__(self, message: str, hint: str = "", blocking: Sequence[int] = ()) -> None:
        super().__init__(message, hint)
        self.blocking = tuple(blocking)

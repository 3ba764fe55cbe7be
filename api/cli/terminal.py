"""How commands speak: results on stdout, everything else on stderr, and no value ever read as markup.

rich is imported when the first line is printed, for ``shuangbei --help`` has to be quick.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import SettingsError, ShuangbeiError
from geo.said import heard
from geo.settings import as_typed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

#: columns of a table that goes into a file or a pipe
_PIPE_WIDTH = 200
#: formats that are no text
FILES_ONLY = ("xlsx", "gpkg", "parquet", "docx")
#: what a terminal is told is being worked out
_status: Status | None = None
# In an address: scheme://user:password@host
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@/\s]+(?=@)")


@lru_cache
def console(*, stderr: bool = False) -> Console:
    """The terminal, for tables and colours; values are shown as they are."""
    from rich.console import Console

    # A pipe has no width of its own: rich would take 80 and fold what a program or `less -S` reads whole.
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False, soft_wrap=True)


def note(text: str) -> None:
    """Say on stderr what is being done, so that stdout holds results only."""
    console(stderr=True).print(as_typed(text))


def check_out(out: Path | None, *read: Path | str | None, force: bool, ending: str = "xlsx") -> None:
    """Refuse to write over a file that is read, over a folder, and unless ``force`` over any file that is there already.

    Raises
    ------
    SettingsError
        ``out`` is one of the files ``read``, or a folder, or is there and may not be written over.
    """
    if out is None or not out.exists():
        return
    if out.is_dir():
        raise SettingsError(f"{out} is a folder.", f"Name the file to write in it, such as {out / f'NAME.{ending}'}.")
    if any(given is not None and Path(given).exists() and out.samefile(given) for given in read):
        raise SettingsError(f"{out} is a file that this command reads.", "Name another file to write.")
    if not force:
        raise SettingsError(f"{out} is there already.", "Name another file, or pass --force to write over it.")


def format_of(wanted: str | None, out: Path | None, formats: Sequence[str]) -> str:
    """The format asked for, held against the file's ending: one of ``formats``, of which ``table`` is for a terminal alone.

    Raises
    ------
    SettingsError
        The two differ, the ending says none of them, or a format that is no text is to go to the terminal.
    """
    written = [name for name in formats if name != "table"]
    if wanted is not None and wanted not in formats:
        raise SettingsError(f"This is not given as {wanted}.", f"Formats: {', '.join(formats)}.")
    if out is None:
        if wanted in FILES_ONLY:
            raise SettingsError(f"{wanted} is no text for a terminal.", f"Name a file: --out NAME.{wanted}.")
        return wanted or "table"
    ending = out.suffix.lower().lstrip(".")
    if ending not in written:
        what = f".{ending} is none in which this is written" if ending else "it has no ending that says the format"
        raise SettingsError(f"{out.name}: {what}.", f"Endings: {', '.join(f'.{name}' for name in written)}.")
    if wanted is not None and wanted != ending:
        named = (
            f"Name the file NAME.{wanted}, or leave --format out." if wanted in written else "Leave one of them out."
        )
        raise SettingsError(f"--format {wanted} and --out {out.name} differ.", named)
    return ending


@contextmanager
def working(text: str) -> Iterator[None]:
    """Say on a terminal that something is being worked out, until it is; nothing in a pipe or a log."""
    if not sys.stderr.isatty():
        yield
        return
    global _status
    with console(stderr=True).status(text) as _status, heard(now_at):
        try:
            yield
        finally:
            _status = None


def now_at(text: str) -> None:
    """Say what is being worked on now, where :func:`working` says that something is."""
    if _status is not None:
        _status.update(text)


@contextmanager
def stoppable() -> Iterator[None]:
    """On Ctrl-C say whether anything was written, and end with 130; for work that writes all at its end, or nothing."""
    import typer

    try:
        yield
    except KeyboardInterrupt as stop:
        from geo.intake.store import WrittenError

        if isinstance(stop, WrittenError):
            note(
                "Stopped while it was written, or just after: `shuangbei history --imports` shows whether it is there."
            )
        else:
            note("Stopped: nothing was written.")
        raise typer.Exit(130) from None


def show_error(error: ShuangbeiError) -> None:
    """Say on stderr what is wrong and what to do about it."""
    console(stderr=True).print(error.message, style="bold red")
    if error.hint:
        console(stderr=True).print(as_typed(error.hint))


def show_unexpected(error: BaseException) -> None:
    """Say in one line that something unforeseen happened, and keep the traceback in a file for us."""
    kept = _keep_traceback(error)
    lines = without_passwords(str(error)).strip().splitlines() or [""]
    console(stderr=True).print(
        f"Something unforeseen went wrong ({type(error).__name__}: {lines[0]}); "
        + (f"what we need to mend it is in {kept}" if kept else "and its report could not be written to a file."),
        style="bold red",
    )


def without_passwords(text: str) -> str:
    """``text`` with the password of each address in it starred out."""
    return _PASSWORD.sub(r"\1:***", text)


def _keep_traceback(error: BaseException) -> Path | None:
    from geo.settings import settings

    report = "".join(traceback.format_exception(error))
    text = f"{' '.join(sys.argv)}\n{sys.version}\n\n{report}"
    try:
        folder = settings().home / "logs"
        # 0755 for whatever is missing above: the server's account passes through the home folder.
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        file = folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}.log"
        file.write_text(without_passwords(text))
    except (OSError, ShuangbeiError):
        return None
    return file

"""A file's bytes held still: its fingerprint, and whether it changed while it was read.

Offices work on what they hand over: somebody saves the file, a tool replaces it by a newer one.  What was read then is neither
the old file nor the new one.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from geo.errors import ReadError

Result = TypeVar("Result")

#: the files beside one that are part of it: a Shapefile's, and what SQLite has not yet brought into a GeoPackage
_BESIDE = {".shp": (".dbf", ".shx", ".prj", ".cpg"), ".gpkg": (".gpkg-wal", ".gpkg-journal")}
#: a file system's clock may stand still for so long: of a file that is younger, the times do not say whether it changes
_CLOCK_S = 2.0
_BLOCK = 1 << 20

_Stamp = tuple[tuple[str, int, int, int, int], ...]


def read_unchanged(file: Path, read: Callable[[], Result]) -> tuple[Result, str]:
    """What ``read`` makes of a file, and the fingerprint of the bytes that it was made of.

    Raises
    ------
    ReadError
        The file was changed, replaced or taken away meanwhile; what ``read`` says of it then counts for nothing.
    """
    before = _stamp(file)
    young = time.time() - max(max(part[3:]) for part in before) / 1e9 < _CLOCK_S
    told = fingerprint(file) if young else None
    try:
        found = read()
    except (ReadError, OSError):
        if _stamp_now(file) != before:
            raise _changed(file) from None
        raise
    try:
        digest = fingerprint(file)
    except OSError:
        raise _changed(file) from None
    # The stamp is asked for last: a change while the bytes were summed up is seen, too.
    if _stamp_now(file) != before or told not in (None, digest):
        raise _changed(file)
    return found, digest


@contextmanager
def untouched(file: Path) -> Iterator[Path]:
    """Where a file can be opened and stays as it is: where it lies, or a copy of a GeoPackage that another program has open.

    SQLite brings what lies in a log beside the file into it, also for one who only reads.
    """
    logs = _parts(file)[1:] if file.suffix.lower() == ".gpkg" else []
    if not logs:
        yield file.absolute()
        return
    with TemporaryDirectory(prefix="shuangbei-") as folder:
        for part in (file, *logs):
            shutil.copyfile(part, Path(folder) / part.name)
        yield Path(folder) / file.name


def fingerprint(file: Path) -> str:
    """SHA-256 of a file's bytes, those of the files beside it that belong to it included, in hexadecimal."""
    digest = hashlib.sha256()
    for part in _parts(file):
        with part.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def size_of(file: Path) -> int:
    """How many bytes a file has, with those beside it that belong to it."""
    return sum(part.stat().st_size for part in _parts(file))


def _parts(file: Path) -> list[Path]:
    """The file and those beside it that are part of it, however their endings are written (.DBF)."""
    endings = _BESIDE.get(file.suffix.lower())
    if endings is None:
        return [file]
    near = {path.suffix.lower(): path for path in sorted(file.parent.glob(f"{_plain(file.stem)}.*")) if path.is_file()}
    return [file, *(near[ending] for ending in endings if ending in near)]


def _plain(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "[]*?" else letter for letter in stem)


def _stamp(file: Path) -> _Stamp:
    """What tells one state of a file from another without reading it: place, size, and when it was written and renamed."""
    found = [(part.name, part.stat()) for part in _parts(file)]
    # ctime cannot be set back, as tools that copy files do with mtime.
    return tuple((name, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns) for name, at in found)


def _stamp_now(file: Path) -> _Stamp | None:
    try:
        return _stamp(file)
    except OSError:
        return None


def _changed(file: Path) -> ReadError:
    return ReadError(
        f"{file.name} was changed while it was read; nothing of it was taken.",
        "Wait until it is saved or copied whole, and try again.",
    )

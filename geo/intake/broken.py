"""Why a file cannot be read, in plain words and with what to do: what a library says of it means nothing to an office."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from geo.errors import ReadError

AGAIN = "Ask for the file again."
#: a copy or a download that broke off leaves the beginning of a file
COPY = "Copy it again from where it came: a copy or a download that broke off looks so. If it is no better, ask for it again."
_PARTS = "Put all parts of the Shapefile (.shp, .shx, .dbf, .prj) beside each other, or ask for them again."
#: the end of a text file in which its last sign stands
_TAIL = 256
#: where the header of an SQLite file says how large a page is, and how many there are
_PAGE, _PAGES = 16, 28


def not_what_it_says(file: Path, name: str, reason: str = "", hint: str = AGAIN) -> ReadError:
    """The error for a file that is not what its ending says."""
    more = f": {reason}" if reason else ""
    return ReadError(f"{file.name} is not a {name}, as its name says, or is broken{more}.", hint)


def broken(file: Path, address: Path, suffix: str, name: str, error: BaseException) -> ReadError:
    """The error for a file at which its reader gave up; ``address`` is where it lies, ``name`` that of its format."""
    reason, hint = _why(address, suffix, str(error))
    return not_what_it_says(file, name, reason, hint)


def broken_archive(file: Path) -> ReadError:
    """The error for an archive, a workbook or a Word file, of which not even the members can be taken out."""
    name = {".zip": "zipped Shapefile", ".docx": "Word file"}.get(file.suffix.lower(), "workbook")
    return not_what_it_says(file, name, "what is packed in it is cut off or damaged", COPY)


def broken_workbook(file: Path) -> ReadError:
    """The error for a workbook whose sheets cannot be read."""
    return not_what_it_says(file, "workbook", "its sheets cannot be read", "Save it again, without a password.")


def _why(address: Path, suffix: str, said: str) -> tuple[str, str]:
    if suffix == ".gpkg":
        return _of_geopackage(address)
    if suffix == ".shp" and ".shx" in said.lower():
        return "its part .shx is missing or broken", _PARTS
    if suffix == ".shp" and "dbf" in said.lower():
        return "its part .dbf, the table, is cut off or broken", _PARTS
    if suffix == ".dxf":
        line = re.search(r"at line (\d+)", said)
        return (f"nothing can be made of it at line {line[1]}", COPY) if line else ("", AGAIN)
    if suffix in (".geojson", ".json") and not _tail(address).endswith((b"}", b"]")):
        return "it is cut off, for its last bracket is missing", COPY
    if "parquet" in suffix and not _tail(address).endswith(b"PAR1"):
        return "it is cut off, for its last bytes are missing", COPY
    return "", AGAIN


def _of_geopackage(address: Path) -> tuple[str, str]:
    """Its header says how long it is: shorter, it is cut off."""
    try:
        with address.open("rb") as stream:
            head = stream.read(100)
        there = address.stat().st_size
    except OSError:
        return "", AGAIN
    if len(head) < 100:
        return "it is cut off", COPY
    page, pages = struct.unpack_from(">H", head, _PAGE)[0], struct.unpack_from(">I", head, _PAGES)[0]
    wanted = (65536 if page == 1 else page) * pages
    if there < wanted:
        return f"it is cut off, with {there:,} of the {wanted:,} bytes that it says it has", COPY
    return "its tables cannot be read", COPY


def _tail(address: Path) -> bytes:
    try:
        with address.open("rb") as stream:
            stream.seek(max(address.stat().st_size - _TAIL, 0))
            return stream.read().rstrip()
    except OSError:
        return b""

"""Zip archives, looked at before anything is taken out: their size, their names, and the Shapefiles in them.

The limits are those of the formats, not of taste: they stop an archive of some kilobytes that unpacks to terabytes.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from geo.errors import ReadError
from geo.intake.broken import broken_archive

#: a .shp and its .dbf end at 4 GB by their own format
SHAPEFILE_BYTES = 8 * 2**30
#: a full sheet of 1,048,576 rows of parcels unpacks to some 600 MB of XML
WORKBOOK_BYTES = 2**30
#: blanks of a .dbf deflate some 100 times, the XML of sheets some 20 times; deflate itself ends at 1,032
RATIO = 300
#: below this size no ratio is held against a file: three rows of blanks are no bomb
RATIO_FROM = 2**26
#: a workbook with pictures has some hundreds of members, a province's worth of zipped layers some thousands
MEMBERS = 10_000
#: cells of the rectangle that a sheet spans, empty ones included: 1,048,576 rows of 64 columns
CELLS = 2**26

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
#: an .ods writes a row or a cell once, and how often it stands there; where something is in it, no office means thousands
REPEATED = 1_000
_ROW = re.compile(rb"<table:table-row\b([^>]*[^/])>(.*?)</table:table-row>", re.DOTALL)
_CELL_TAG = re.compile(rb"<table:table-cell\b[^>]*value-type[^>]*>")
_TIMES = re.compile(rb"""number-(?:rows|columns)-repeated=["']([0-9]+)["']""")
_BLOCK = 1 << 20
#: what zipfile raises on archives that are cut, mangled or of a method that it does not know
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    ValueError,
    OverflowError,
    MemoryError,
    IndexError,
)


def check_archive(file: Path, limit: int) -> None:
    """Hold an archive against the limits by what its directory says, without unpacking.

    Raises
    ------
    ReadError
        It is broken, encrypted or too large, or a name in it leads elsewhere (``../``, an absolute path, a link).
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except BROKEN:
        raise broken_archive(file) from None
    _check_names(file, members)
    if any(member.flag_bits & 1 for member in members):
        raise ReadError(f"{file.name} is encrypted.", "Save it without a password.")
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MEMBERS:
        raise ReadError(
            f"{file.name} holds {len(members)} files, more than {MEMBERS}.", "Pack only what is to be read."
        )
    if unpacked > limit:
        raise ReadError(
            f"{file.name} would unpack to {unpacked / 2**30:.1f} GB, more than {limit / 2**30:g} GB.",
            "Split it, or pass the unpacked file.",
        )
    # An entry whose data overlaps another's is counted once in the file's size, as often as it is named in the sum.
    packed = min(packed, file.stat().st_size)
    if unpacked > RATIO_FROM and unpacked > RATIO * max(packed, 1):
        raise ReadError(
            f"{file.name} would unpack to {unpacked / max(packed, 1):.0f} times its size: it looks like a zip bomb.",
            "Ask for the file again, or pass the unpacked file.",
        )


def _check_names(file: Path, members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
            raise ReadError(
                f"{file.name} holds {_shown(member)}, a path that leads out of it.",
                "Ask for the file again.",
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ReadError(f"{file.name} holds a link, {_shown(member)}.", "Pack the files themselves.")


def check_workbook(file: Path) -> None:
    """Hold a workbook of zipped XML against the limits: its size, its ratio, and the rectangle that each sheet spans.

    Raises
    ------
    ReadError
        It is broken, encrypted or too large; a cell far away would make a reader fill all those between.
    """
    check_archive(file, WORKBOOK_BYTES)
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                _check_member(file, archive, member)
    except BROKEN:
        raise broken_archive(file) from None


def _check_member(file: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Read a member through, which holds its length and checksum against what the directory says."""
    if file.suffix.lower() == ".ods" and member.filename == "content.xml":
        _check_repeats(file, archive.read(member))
    sheet = "worksheets/" in member.filename and member.filename.endswith(".xml")
    columns: set[bytes] = set()
    last = 0
    rest = b""
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            if not sheet:
                continue
            found = _CELL.findall(rest + block)
            columns.update(column for column, _ in found)
            last = max(last, max((int(row) for _, row in found), default=0))
            rest = block[-16:]
    widest = max((_column_number(column) for column in columns), default=0)
    if last * widest > CELLS:
        raise ReadError(
            f"A sheet of {file.name} spans {last} rows and {widest} columns.",
            "Delete the cells that stand far from the table, and save it again.",
        )


def _check_repeats(file: Path, content: bytes) -> None:
    """Refuse rows and cells with something in them that are said to stand there thousands of times."""
    for row in _ROW.finditer(content):
        cells = _CELL_TAG.findall(row[2])
        counts = [int(n) for tag in (row[1], *cells) for n in _TIMES.findall(tag)] if cells else []
        if max(counts, default=0) > REPEATED:
            raise ReadError(
                f"{file.name} says that a row or a cell with something in it stands there {max(counts)} times.",
                "Delete what was filled down by mistake, or save it as .xlsx.",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


@contextmanager
def unpacked_shapefiles(file: Path) -> Iterator[dict[str, Path]]:
    """The Shapefiles of an archive, by name, unpacked into a folder that is gone afterwards.

    They are unpacked under plain names of our own, so that no name of the archive is ever a path.

    Raises
    ------
    ReadError
        The archive is refused (:func:`check_archive`), or has no Shapefile in it.
    """
    check_archive(file, SHAPEFILE_BYTES)
    with TemporaryDirectory(prefix="shuangbei-") as folder:
        try:
            with zipfile.ZipFile(file) as archive:
                layers = _shapefiles(archive)
                if not layers:
                    raise _nothing(file, archive)
                found: dict[str, Path] = {}
                for i, (name, parts) in enumerate(layers.items()):
                    found[name] = Path(folder) / f"{i}.shp"
                    for ending, member in parts.items():
                        _take_out(archive, member, found[name].with_suffix(ending))
        except BROKEN:
            raise broken_archive(file) from None
        yield found


def _take_out(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    with archive.open(member) as source, to.open("wb") as target:
        while block := source.read(_BLOCK):
            target.write(block)


def _shapefiles(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """The parts of each Shapefile, by its name; those in a folder have it before their name where two would be the same."""
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in archive.infolist():
        path = PurePosixPath(_name(member).replace("\\", "/"))
        ending = path.suffix.lower()
        if ending in _PARTS and not member.is_dir() and "__MACOSX" not in path.parts:
            by_stem.setdefault(str(path.with_suffix("")), {}).setdefault(ending, member)
    layers = {stem: parts for stem, parts in by_stem.items() if ".shp" in parts}
    names = [PurePosixPath(stem).name for stem in layers]
    return {
        name if names.count(name) == 1 else stem: parts
        for (stem, parts), name in zip(layers.items(), names, strict=True)
    }


def _shown(member: zipfile.ZipInfo) -> str:
    """A member's name for an error: what no terminal shows is marked."""
    return "".join(c if c.isprintable() else "�" for c in _name(member))[:80]


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name; what is not marked as UTF-8 is often GBK (zipped in Windows), which zipfile reads as CP437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _nothing(file: Path, archive: zipfile.ZipFile) -> ReadError:
    inner = [name for name in archive.namelist() if name.lower().endswith((".zip", ".rar", ".7z"))]
    if inner:
        return ReadError(
            f"{file.name} has no Shapefile in it, but another archive.", "Unpack it, and pass what is in it."
        )
    return ReadError(f"{file.name} has no Shapefile in it.", "Zip the .shp, .shx, .dbf and .prj together.")

"""A file that changes while it is read is refused, and the fingerprint is that of the bytes that were read."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_files import gpkg, mapping, parcels, written
from odd_files import shapefile

import geo.intake.read as room
from geo.database import Database
from geo.errors import ReadError
from geo.intake import load
from geo.intake.inspecting import inspect_file
from geo.intake.layers import layers_of
from geo.intake.read import read


def csv(folder: Path) -> Path:
    path = folder / "a.csv"
    path.write_text("编号,wkt\n1,POINT (1 2)\n", encoding="utf-8")
    return path


def other_bytes(path: Path) -> None:
    """As many bytes, written into the same file."""
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    with path.open("r+b") as stream:
        stream.write(data)


def other_bytes_with_the_old_time(path: Path) -> None:
    was = path.stat()
    other_bytes(path)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def replaced(path: Path) -> None:
    """Another file of the same bytes in its place, as tools do that keep folders alike."""
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


def longer(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"\n")


def old(path: Path) -> Path:
    """Make it look as if it was written long ago, so that only its stamp can tell; what renames leave stays young."""
    at = time.time() - 3600
    for part in path.parent.glob(f"{path.stem}.*"):
        os.utime(part, (at, at))
    return path


@contextmanager
def meanwhile(patch: pytest.MonkeyPatch, path: Path, change: Callable[[Path], None], before: bool) -> Iterator[None]:
    """Within it, whoever reads has ``change`` happen just before, or just after, what they read."""
    real = room.apart

    def reading(*args: Any, **more: Any) -> object:
        if before:
            change(path)
        found = real(*args, **more)
        if not before:
            change(path)
        return found

    with patch.context() as inner:
        inner.setattr(room, "apart", reading)
        yield


CHANGES = [other_bytes, other_bytes_with_the_old_time, replaced, longer, Path.unlink]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("make", [csv, lambda folder: gpkg(folder, parcels())], ids=["csv", "gpkg"])
def test_a_file_that_changes_while_it_is_read_is_refused_with_one_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Path],
    change: Callable[[Path], None],
    before: bool,
) -> None:
    path = old(make(tmp_path))
    with (
        meanwhile(monkeypatch, path, change, before),
        pytest.raises(ReadError, match="changed while it was read") as caught,
    ):
        read(path)
    assert path.name in caught.value.message
    assert "try again" in caught.value.hint


@pytest.mark.parametrize("part", [".dbf", ".prj", ".shx"])
def test_another_file_of_a_shapefile_that_changes_is_a_change_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    path = old(shapefile(tmp_path))
    beside = path.with_suffix(part)
    with meanwhile(monkeypatch, beside, other_bytes, before=False), pytest.raises(ReadError, match="changed while"):
        read(path)


def test_nothing_is_written_of_a_file_that_changed(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gpkg(tmp_path, parcels())
    with meanwhile(monkeypatch, path, other_bytes, before=False), pytest.raises(ReadError, match="changed while"):
        load(db, path, kind="parcels", mapping=mapping(tmp_path))
    assert written(db) == 0
    path = gpkg(tmp_path, parcels())
    assert load(db, path, kind="parcels", mapping=mapping(tmp_path)).counts["added"] == 3


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = csv(tmp_path)
    assert read(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read(old(path)).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_shapefile_of_endings_in_capitals_has_the_fingerprint_of_all_its_files(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    was = read(path).sha256
    for part in sorted(tmp_path.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    assert read(tmp_path / "a.SHP").sha256 == was
    (tmp_path / "a.DBF").write_bytes((tmp_path / "a.DBF").read_bytes().replace(b"C8", b"C2"))
    assert read(tmp_path / "a.SHP").sha256 != was


WRITER = """
import os, sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("PRAGMA journal_mode = wal")
for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    base.execute(f'DROP TRIGGER "{name}"')
base.execute("UPDATE parcels SET DKMC = '新名'")
base.commit()
print("done", flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.mark.parametrize("alive", [True, False], ids=["open", "left behind"])
def test_a_geopackage_that_another_program_has_open_is_read_with_its_changes_and_left_as_it_is(
    tmp_path: Path, alive: bool
) -> None:
    path = gpkg(tmp_path, parcels(), "a.gpkg")
    was = read(path).sha256
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"done\n"
        if not alive:
            writer.stdin.close()
            writer.wait()
        files = {part.name: part.read_bytes() for part in tmp_path.iterdir() if not part.name.endswith("-shm")}
        assert {"a.gpkg", "a.gpkg-wal"} <= files.keys()
        found = read(path)
        layers_of(path)
        inspect_file(path)
        assert found.frame["DKMC"].tolist() == ["新名"] * 3
        assert found.sha256 != was
        assert {name: (tmp_path / name).read_bytes() for name in files} == files


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "地块[1].csv"
    pd.DataFrame({"编号": ["1"]}).to_csv(path, index=False)
    assert read(path).frame["编号"].tolist() == ["1"]
    shp = shapefile(tmp_path, "b[1]")
    assert read(shp).sha256 != hashlib.sha256(shp.read_bytes()).hexdigest()

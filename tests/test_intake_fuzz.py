"""Mangled copies of small sound files of each format: always one clear error, listed faults or a good import, never else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_files import gpkg, parcels
from odd_files import OSM, control_plan, parts, shapefile, zipped

#: what is mangled: the file itself, or a part of it (another file of a Shapefile, a member of an archive)
FORMATS = [
    *("a.gpkg", "a.shp", "a.shp/dbf", "a.shp/shx", "a.shp/prj", "a.zip", "a.zip/a.shp", "a.zip/a.dbf"),
    *("a.geojson", "a.parquet", "a.csv", "gbk.csv", "a.dxf", "a.osm"),
    *("a.xlsx", "a.xlsx/xl/worksheets/sheet1.xml", "a.xlsx/xl/sharedStrings.xml", "a.xlsx/xl/workbook.xml"),
]
JUNK = [
    *(b"\x00", b"\x00" * 64, b"\xff" * 8, b"\n", b"\r", b'"', b",", b"<", b"&#0;", b"]]>", b"{", b"NaN", b"inf", b"1e999"),
    *(b"9" * 40, b"-1", "地块".encode("gbk"), "地块".encode(), b"\xed\xa0\x80", b"(" * 200, b"[" * 5000, b"POLYGON ((", b"A1"),
    *(b"\x7f\xef\xff\xff\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"=cmd|' /C calc'!A0", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>"),
]  # fmt: skip

Edit = tuple[str, float, float, int]
edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "flip", "set", "cut", "drop", "insert", "insert", "repeat", "zero"]),
        st.floats(0, 1),
        st.floats(0, 1),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)


def mangled(data: bytes, changes: list[Edit]) -> bytes:
    """The bytes with these changes, one after the other; places are shares of the length."""
    for how, where, much, value in changes:
        at = min(int(where * len(data)), max(len(data) - 1, 0))
        end = min(at + 1 + int(much * much * 400), len(data))
        match how:
            case "flip":
                data = data[:at] + bytes([data[at] ^ (1 << value % 8)]) + data[at + 1 :] if data else data
            case "set":
                data = data[:at] + bytes([value]) + data[at + 1 :]
            case "cut":
                data = data[:at]
            case "drop":
                data = data[:at] + data[end:]
            case "insert":
                data = data[:at] + JUNK[value % len(JUNK)] + data[at:]
            case "repeat":
                data = data[:end] + data[at:end] * (1 + value % 8) + data[end:]
            case _:
                data = data[:at] + bytes(end - at) + data[end:]
    return data


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sound file of each format."""
    folder = tmp_path_factory.mktemp("samples")
    frame = parcels(4)
    gpkg(folder, frame, "a.gpkg")
    shp = shapefile(folder)
    zipped(folder / "a.zip", parts(shp))
    (folder / "a.geojson").write_text(frame.to_crs(4326).to_json(), encoding="utf-8")
    frame.to_parquet(folder / "a.parquet")
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=frame.geometry.to_wkt())
    table.to_csv(folder / "a.csv", index=False, encoding="utf-8")
    table.to_csv(folder / "gbk.csv", index=False, encoding="gb18030")
    table.to_excel(folder / "a.xlsx", index=False)
    control_plan(folder / "a.dxf")
    (folder / "a.osm").write_text(OSM, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[Path], str]]:
    """What an import makes of a file: asked of a process that takes a crash upon itself."""
    worker = Path(__file__).with_name("fuzz_worker.py")
    with subprocess.Popen(
        [sys.executable, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        entry, answers = process.stdin, process.stdout

        def put(path: Path) -> str:
            entry.write(f"{path}\n")
            entry.flush()
            return answers.readline().rstrip("\n")

        yield put
        entry.close()


def trial(samples: Path, folder: Path, what: str, changes: list[Edit]) -> Path:
    """A mangled copy of one sample."""
    name, _, part = what.partition("/")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in samples.glob(f"{name[:-4]}.*" if name.endswith(".shp") else name):
        if not name.endswith(".shp") or file.suffix in (".shp", ".dbf", ".shx", ".prj"):
            shutil.copy(file, folder)
    path = folder / name
    if name.endswith(".shp"):
        aim = path.with_suffix(f".{part}") if part else path
        aim.write_bytes(mangled(aim.read_bytes(), changes))
    elif part:
        path.write_bytes(_with_mangled_member(path.read_bytes(), part, changes))
    else:
        path.write_bytes(mangled(path.read_bytes(), changes))
    return path


def _with_mangled_member(archive: bytes, member: str, changes: list[Edit]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, mangled(content, changes) if name == member else content)
    return made.getvalue()


def test_the_samples_themselves_are_read(samples: Path, ask: Callable[[Path], str]) -> None:
    for what in FORMATS:
        assert ask(samples / what.partition("/")[0]) in ("good", "faults"), what


def _run(samples: Path, folder: Path, ask: Callable[[Path], str], examples: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(FORMATS), edits)
    def one(what: str, changes: list[Edit]) -> None:
        told = ask(trial(samples, folder / "case", what, changes))
        outcomes[told.partition(":")[0]] += 1
        assert told in ("good", "faults", "refused"), f"{what}: {told}"

    one()
    return outcomes


def test_a_fixed_sample_of_mangled_files_is_refused_or_listed_or_good(
    samples: Path, tmp_path: Path, ask: Callable[[Path], str]
) -> None:
    outcomes = _run(samples, tmp_path, ask, 150)
    assert sum(outcomes.values()) >= 150
    assert outcomes["refused"]
    assert outcomes["good"] + outcomes["faults"]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_thousands_of_mangled_files_are_refused_or_listed_or_good(
    samples: Path, tmp_path: Path, ask: Callable[[Path], str]
) -> None:
    outcomes = _run(samples, tmp_path, ask, 5000)
    # With `-s`: what docs/intake-trials.md says was tried.
    print(f"{sum(outcomes.values())} mangled files: {sorted(outcomes.items())}")  # noqa: T201
    assert sum(outcomes.values()) >= 5000

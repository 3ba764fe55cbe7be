"""``shuangbei import`` and ``history``: one error, one exit code, nothing written, and no value read as markup."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
from intake_files import gpkg, mapping, parcels, square, written

from geo.database import Database


@dataclass(frozen=True)
class Done:
    code: object
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def shuangbei(db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line on the test's database."""
    from api.cli import main

    monkeypatch.setenv("DATABASE_URL", db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["shuangbei", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Done(ended.value.code or 0, out, err)

    return run


def test_a_sound_file_is_imported_and_its_life_can_be_shown(shuangbei: Command, db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path)
    done = shuangbei(
        "import", gpkg(tmp_path, parcels()), "--kind", "parcels", "--mapping", plan, "--effective", "2024-01-01"
    )
    assert done.code == 0, done.err
    assert "3 added" in done.out
    frame = parcels(3, DKMC=["<b>", "[red]改[/red]", "\x1b[31m"])
    done = shuangbei(
        "import", gpkg(tmp_path, frame), "--kind", "parcels", "--mapping", plan, "--effective", "2025-01-01"
    )
    assert "3 changed" in done.out
    shown = shuangbei("history", "HK-01")
    assert "name: 地块1 → [red]改[/red]" in shown.out
    assert "\x1b" not in shuangbei("history", "HK-02").out
    lives = json.loads(shuangbei("history", "HK-01", "--format", "json").out)
    assert [(v["valid_from"], v["valid_to"], v["name"]) for v in lives] == [
        ("2024-01-01", None, "地块1"),
        ("2024-01-01", "2025-01-01", "地块1"),
        ("2025-01-01", None, "[red]改[/red]"),
    ]
    assert shuangbei("history", "nowhere").code == 1


def test_faults_are_shown_as_a_table_and_counted_and_values_are_never_markup(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    frame = parcels(60, JZMJ=["[red]<img src=x onerror=alert(1)>[/red]"] * 60)
    done = shuangbei("import", gpkg(tmp_path, frame), "--kind", "parcels", "--mapping", mapping(tmp_path))
    assert done.code == 1
    assert "[red]<img src=x onerror=alert(1)>[/red]" in done.err
    assert done.err.count("not_a_number") == 50
    assert "60 errors and 0 warnings; the first 50 are shown." in done.err
    assert "60 of 60 rows have errors" in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert written(db) == 0


def no_datum(folder: Path) -> list[object]:
    bare = gpd.GeoDataFrame(parcels().drop(columns="geometry"), geometry=[square(i) for i in range(3)])
    with pytest.warns(UserWarning, match="crs"):
        path = gpkg(folder, bare)
    return [path, "--kind", "parcels", "--mapping", mapping(folder)]


def no_column(folder: Path) -> list[object]:
    return [gpkg(folder, parcels().drop(columns="JZMJ")), "--kind", "parcels", "--mapping", mapping(folder)]


def no_kind(folder: Path) -> list[object]:
    return [gpkg(folder, parcels()), "--kind", "castles"]


def no_geopackage(folder: Path) -> list[object]:
    (folder / "a.gpkg").write_text("name,area\n")
    return [folder / "a.gpkg", "--kind", "parcels"]


def no_known_datum(folder: Path) -> list[object]:
    return [gpkg(folder, parcels()), "--kind", "parcels", "--mapping", mapping(folder), "--crs", "EPSG:123456"]


def no_mapping(folder: Path) -> list[object]:
    return [gpkg(folder, parcels()), "--kind", "parcels", "--mapping", "mars"]


@pytest.mark.parametrize("make", [no_datum, no_column, no_kind, no_geopackage, no_known_datum, no_mapping])
def test_a_file_that_cannot_be_used_is_one_error_and_exit_code_1(
    shuangbei: Command, db: Database, tmp_path: Path, make: object
) -> None:
    done = shuangbei("import", *make(tmp_path))  # type: ignore[operator]
    assert done.code == 1
    assert 2 <= len(done.err.splitlines()) <= 3
    assert "Traceback" not in done.err
    assert "unforeseen" not in done.err
    assert done.out == ""
    assert written(db) == 0


def test_no_command_writes_over_a_file_that_it_reads(shuangbei: Command, tmp_path: Path) -> None:
    file, plan = gpkg(tmp_path, parcels(2, DKBH=["A", "A"])), mapping(tmp_path)
    before = file.read_bytes()
    done = shuangbei("import", file, "--kind", "parcels", "--mapping", plan, "--faults", file)
    assert (done.code, file.read_bytes()) == (1, before)
    assert "is a file that this command reads" in done.err
    assert shuangbei("inspect", file, "--out", file, "--force").code == 1
    assert file.read_bytes() == before


def test_what_was_filled_in_or_edited_is_written_over_only_on_demand(shuangbei: Command, tmp_path: Path) -> None:
    book, plan = tmp_path / "模板.xlsx", tmp_path / "我的.toml"
    for path in (book, plan):
        path.write_text("edited by hand", encoding="utf-8")
    refused = [
        shuangbei("template", "parcels", "--out", book),
        shuangbei("inspect", gpkg(tmp_path, parcels(9)), "--kind", "parcels", "--out", plan),
        shuangbei("rejected", "--out", book),
        shuangbei("history", "--import", 1, "--out", book),
        shuangbei("import", gpkg(tmp_path, parcels(9)), "--kind", "parcels", "--dry-run", "--out", book),
        shuangbei("import", gpkg(tmp_path, parcels(9)), "--kind", "parcels", "--faults", book),
    ]
    assert [done.code for done in refused] == [1] * 6
    assert all("is there already" in done.err and "--force" in done.err for done in refused)
    assert [path.read_text(encoding="utf-8") for path in (book, plan)] == ["edited by hand"] * 2
    assert shuangbei("template", "parcels", "--out", book, "--force").code == 0
    assert book.read_bytes()[:2] == b"PK"


def test_commands_in_hints_name_the_database_that_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.cli.terminal import as_typed

    text = "`shuangbei rejected` lists them; shuangbei undo 3. 双北 is shuangbei."
    assert as_typed(text) == text
    monkeypatch.setenv("SHUANGBEI_DATABASE", "mine")
    assert as_typed(text) == (
        "`shuangbei --database mine rejected` lists them; shuangbei --database mine undo 3. 双北 is shuangbei."
    )


def test_a_row_without_a_code_is_not_called_none(shuangbei: Command, tmp_path: Path) -> None:
    plan = mapping(tmp_path)
    shuangbei("import", gpkg(tmp_path, parcels(1)), "--kind", "parcels", "--mapping", plan)
    twin = parcels(1, DKBH=[None])
    done = shuangbei("import", gpkg(tmp_path, twin, "b.gpkg"), "--kind", "parcels", "--mapping", plan)
    assert "This outline overlaps the registered HK-00" in done.err
    assert "None" not in done.err


def test_a_day_that_is_yet_to_come_and_an_outline_too_large_to_be_compared_are_told(
    shuangbei: Command, tmp_path: Path
) -> None:
    round_one = square(0).centroid.buffer(80, quad_segs=1500)
    file = gpkg(tmp_path, parcels(1, geometry=[round_one]))
    done = shuangbei("import", file, "--kind", "parcels", "--mapping", mapping(tmp_path), "--effective", "2999-01-01")
    assert done.code == 0
    assert "too_many_points" in done.err
    assert "It holds from 2999-01-01 on, which is yet to come" in done.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("图.dwg", b"AC1032", "Save the drawing as DXF"),
        ("地块.dbf", b"\x03", "name the .shp"),
        ("包.rar", b"Rar!", "Unpack it"),
    ],
)
def test_files_that_are_not_read_are_told_with_what_to_do_instead(
    shuangbei: Command, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = shuangbei("import", tmp_path / name, "--kind", "parcels")
    assert (done.code, told in done.err) == (1, True)


def test_names_in_archives_are_shown_as_they_are_written(shuangbei: Command, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "逃逸.zip", "w") as archive:
        archive.writestr("../地块.shp", b"x")
    done = shuangbei("import", tmp_path / "逃逸.zip", "--kind", "parcels")
    assert "holds ../地块.shp, a path that leads out of it" in done.err


def test_a_shapefile_without_its_table_and_an_area_that_is_off_are_told_in_words(
    shuangbei: Command, tmp_path: Path
) -> None:
    parcels(2).to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.dbf").unlink()
    done = shuangbei("import", tmp_path / "a.shp", "--kind", "parcels", "--mapping", mapping(tmp_path))
    assert (done.code, ".dbf is missing" in done.err) == (1, True)
    off = gpkg(tmp_path, parcels(6, YDMJ=[15.0] * 5 + [20.0]))
    told = shuangbei("import", off, "--kind", "parcels", "--mapping", mapping(tmp_path)).err
    assert "25.0% smaller than registered" in told
    assert "0 errors and 1 warning." in told

"""``shuangbei import`` and ``history``: one error, one exit code, nothing written, and no value read as markup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from intake_files import gpkg, mapping, parcels, square, written

from geo.database import Database


def shuangbei(db: Database, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on the test's database."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sound_file_is_imported_and_its_life_can_be_shown(db: Database, tmp_path: Path) -> None:
    plan = mapping(tmp_path)
    done = shuangbei(
        db, "import", gpkg(tmp_path, parcels()), "--kind", "parcels", "--mapping", plan, "--effective", "2024-01-01"
    )
    assert done.returncode == 0, done.stderr
    assert "3 added" in done.stdout
    frame = parcels(3, DKMC=["<b>", "[red]改[/red]", "\x1b[31m"])
    done = shuangbei(
        db, "import", gpkg(tmp_path, frame), "--kind", "parcels", "--mapping", plan, "--effective", "2025-01-01"
    )
    assert "3 changed" in done.stdout
    shown = shuangbei(db, "history", "HK-01")
    assert "name: 地块1 → [red]改[/red]" in shown.stdout
    assert "\x1b" not in shuangbei(db, "history", "HK-02").stdout
    lives = json.loads(shuangbei(db, "history", "HK-01", "--format", "json").stdout)
    assert [(v["valid_from"], v["valid_to"], v["name"]) for v in lives] == [
        ("2024-01-01", None, "地块1"),
        ("2024-01-01", "2025-01-01", "地块1"),
        ("2025-01-01", None, "[red]改[/red]"),
    ]
    assert shuangbei(db, "history", "nowhere").returncode == 1


def test_faults_are_shown_as_a_table_and_counted_and_values_are_never_markup(db: Database, tmp_path: Path) -> None:
    frame = parcels(60, JZMJ=["[red]<img src=x onerror=alert(1)>[/red]"] * 60)
    done = shuangbei(db, "import", gpkg(tmp_path, frame), "--kind", "parcels", "--mapping", mapping(tmp_path))
    assert done.returncode == 1
    assert "[red]<img src=x onerror=alert(1)>[/red]" in done.stderr
    assert done.stderr.count("not_a_number") == 50
    assert "60 errors and 0 warnings; the first 50 are shown." in done.stderr
    assert "60 of 60 rows have errors" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
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
def test_a_file_that_cannot_be_used_is_one_error_and_exit_code_1(db: Database, tmp_path: Path, make: object) -> None:
    done = shuangbei(db, "import", *make(tmp_path))  # type: ignore[operator]
    assert done.returncode == 1
    assert 2 <= len(done.stderr.splitlines()) <= 3
    assert "Traceback" not in done.stderr
    assert "unforeseen" not in done.stderr
    assert done.stdout == ""
    assert written(db) == 0

"""``shuangbei history`` and ``undo``: a parcel's whole life, the imports, and what waits to be confirmed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from registry_states import live, put_rows

from geo.database import Database

Command = Callable[..., tuple[object, str, str]]


@pytest.fixture
def shuangbei(db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line on the test's database: exit code, stdout, stderr."""
    from api.cli import main

    monkeypatch.setenv("DATABASE_URL", db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    monkeypatch.setenv("COLUMNS", "250")

    def run(*arguments: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["shuangbei", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def split(db: Database, folder: Path) -> None:
    put_rows(db, folder, [("A", "甲地", 100.0, (0, 0, 100, 100))], date(2022, 1, 1), actor="甲工")
    pieces = [("A1", "", None, (0.0, 0.0, 25.0, 100.0)), ("A2", "", None, (25.0, 0.0, 100.0, 100.0))]
    put_rows(db, folder, pieces, date(2024, 1, 1), gone="retire", actor="乙工")


def test_an_import_is_undone_and_the_life_of_its_parcels_says_so(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    put_rows(db, tmp_path, [("A", "甲地", 100.0, (0, 0, 100, 100))], date(2022, 1, 1), actor="甲工")
    before = live(db)
    put_rows(db, tmp_path, [("A", "乙地", 100.0, (0, 0, 100, 100))], date(2024, 1, 1))
    code, out, _ = shuangbei("undo", 2)
    assert (code, out) == (0, "undo of import 2: parcels → 0 added, 1 changed, 0 same, 0 gone (import 3)\n")
    assert live(db) == before
    versions = json.loads(shuangbei("history", "A", "--format", "json")[1])
    assert [(v["import_id"], v["undone_by"], v["undoes"]) for v in versions] == [
        (1, None, None),
        (2, 3, None),
        (2, 3, None),
        (3, None, 2),
    ]
    assert "rows.csv (undone by import 3)" in shuangbei("history", "A")[1]


def test_an_undo_that_is_refused_names_what_blocks_it_in_one_error(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    for name in ("甲", "乙"):
        put_rows(db, tmp_path, [("A", name, None, (0, 0, 100, 100))], date(2022, 1, 1))
    code, out, err = shuangbei("undo", 1)
    assert (code, out) == (1, "")
    assert "later imports touched the same rows: 2 (rows.csv" in err
    assert "shuangbei undo 2" in err
    assert shuangbei("undo", 9)[0] == 1


def test_the_imports_are_listed_with_what_they_did(shuangbei: Command, db: Database, tmp_path: Path) -> None:
    split(db, tmp_path)
    shuangbei("undo", 2)
    listed = json.loads(shuangbei("history", "--imports", "--format", "json")[1])
    assert [(i["import_id"], i["actor"], i["undoes"], i["undone_by"]) for i in listed] == [
        (3, "tests", 2, None),
        (2, "乙工", None, 3),
        (1, "甲工", None, None),
    ]
    assert listed[1]["counts"]["gone"] == 1
    shown = shuangbei("history", "--imports")[1]
    assert "2 added, 1 gone" in shown
    assert "(undone by import 3)" in shown


def test_a_split_is_shown_with_the_parcel_and_waits_to_be_confirmed(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    assert "Nothing waits" in shuangbei("history", "--unconfirmed")[1]
    split(db, tmp_path)
    assert "25.0%" in shuangbei("history", "A")[1]
    lives = json.loads(shuangbei("history", "A1", "--format", "json")[1])
    assert [(pair["from_code"], pair["change"]) for pair in lives[0]["lineage"]] == [("A", "split")]
    waiting = json.loads(shuangbei("history", "--unconfirmed", "--format", "json")[1])
    assert [pair["to_code"] for pair in waiting] == ["A1", "A2"]
    assert "A1" in shuangbei("history", "--unconfirmed")[1]
    assert shuangbei("history", "A", "--confirm")[1] == "A: 2 confirmed.\n"
    assert "Nothing waits" in shuangbei("history", "--unconfirmed")[1]
    assert shuangbei("history", "A", "--confirm")[0] == 1


@pytest.mark.parametrize("arguments", [[], ["A", "--imports"], ["--confirm"], ["--imports", "--unconfirmed"]])
def test_history_wants_one_thing(shuangbei: Command, arguments: list[str]) -> None:
    code, _, err = shuangbei("history", *arguments)
    assert code == 1
    assert "wants one thing" in err


def test_the_life_of_a_parcel_shows_what_its_version_says_and_what_is_not_known_of_it(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    put_rows(db, tmp_path, [("A", "[red]甲地[/red]", 100.0, (0, 0, 100, 50))], date(2022, 1, 1))
    _, out, err = shuangbei("history", "A")
    assert "as it is registered now" in out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert rows["name"] == ["地块名称", "[red]甲地[/red]"]
    assert rows["gfa_m2"] == ["建筑面积", "100"]
    assert rows["drawn_area_m2"] == ["图形面积", "5000"]
    assert "owner_kind" not in out + err
    assert "Not known: " in err
    assert "max_far" in err
    put_rows(db, tmp_path, [("A", "乙地", None, (0, 0, 100, 50))], date(2023, 1, 1))
    _, out, err = shuangbei("history", "A")
    assert out.count("乙地") == 2
    assert "gfa_m2" in err
    shuangbei("undo", 2)
    shuangbei("undo", 1)
    assert "the last one, which is registered no more" in shuangbei("history", "A")[1]

"""A list is made again from its stamp: the same, or told cell by cell what is not, and what has changed since."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from office import saved_anew
from routed_policy import RULE, routed_policy
from small_city import CITY, load_rows
from starlette.testclient import TestClient

import geo
from api.app import create_app
from geo.answers.layers import layers
from geo.database import Database
from geo.errors import ReadError
from geo.export import FORMATS
from geo.policy import Policy


@pytest.fixture
def policy() -> Policy:
    return routed_policy()


def listed(db: Database, policy: Policy, path: Path) -> Path:
    return geo.export(geo.candidates(db, policy, rule=RULE), path)


@pytest.mark.parametrize("ending", FORMATS)
def test_an_untouched_list_is_made_again_to_the_letter(
    city: Database, policy: Policy, tmp_path: Path, ending: str
) -> None:
    found = geo.replay(city, listed(city, policy, tmp_path / f"清单.{ending}"), policy=policy)
    assert found.same, found.rows
    assert found.n_rows == len(CITY["parcels"])
    assert found.changed == ()


@pytest.mark.parametrize("ending", FORMATS)
def test_a_cell_that_was_changed_by_hand_is_named(city: Database, policy: Policy, tmp_path: Path, ending: str) -> None:
    path = listed(city, policy, tmp_path / f"清单.{ending}")
    if ending == "xlsx":
        book = openpyxl.load_workbook(path)
        lists = [book[name] for name in ("候选清单", "需调查", "不符合及原因")]
        (line,) = [
            line for each in lists for line in each.iter_rows(min_row=5) if "S3" in [cell.value for cell in line]
        ]
        heads = [str(cell.value).replace("\n", "") for cell in line[0].parent[4]]
        at = heads.index("用地面积（㎡）")
        assert line[at].value == 10_000
        line[at].value = 99_999
        book.save(path)
        column = "用地面积（㎡）"
    else:
        column = "site_area_m2"
        if ending in ("gpkg", "parquet"):
            frame = gpd.read_file(path) if ending == "gpkg" else gpd.read_parquet(path)
            frame.loc[frame["parcel_code"] == "S3", column] = 99_999.0
            frame.to_file(path, driver="GPKG") if ending == "gpkg" else frame.to_parquet(path)
        elif ending == "csv":
            rows = pd.read_csv(path, dtype=str, keep_default_na=False)
            rows.loc[rows["parcel_code"] == "S3", column] = "99999"
            rows.to_csv(path, index=False, encoding="utf-8-sig")
        else:
            content = json.loads(path.read_text(encoding="utf-8"))
            each = content["rows"] if ending == "json" else [f["properties"] for f in content["features"]]
            next(row for row in each if row["parcel_code"] == "S3")[column] = 99_999.0
            path.write_text(json.dumps(content), encoding="utf-8")
    found = geo.replay(city, path, policy=policy)
    assert not found.same
    assert found.rows.values.tolist() == [["S3", column, "99999.0", "10000.0"]]


def test_a_workbook_that_another_program_saved_anew_is_the_same_list(
    city: Database, policy: Policy, tmp_path: Path
) -> None:
    # Spreadsheets keep 15 digits of a number, we write all 17; a change that a person makes is a larger one.
    path = listed(city, policy, tmp_path / "清单.xlsx")
    found = geo.replay(city, saved_anew(path), policy=policy)
    assert found.same, found.rows
    book = openpyxl.load_workbook(path)
    lines = [line for name in ("候选清单", "需调查", "不符合及原因") for line in book[name].iter_rows(min_row=5)]
    (line,) = [line for line in lines if "S3" in [cell.value for cell in line]]
    heads = [str(cell.value).replace("\n", "") for cell in line[0].parent[4]]
    line[heads.index("用地面积（㎡）")].value = 10_000.001
    book.save(path)
    found = geo.replay(city, path, policy=policy)
    assert found.rows["in_file"].tolist() == ["10000.001"]


def test_rows_that_were_taken_out_or_put_in_are_named(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = listed(city, policy, tmp_path / "清单.csv")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    more = pd.concat([rows[rows["parcel_code"] != "S1"], rows[rows["parcel_code"] == "S2"]])
    more.to_csv(path, index=False, encoding="utf-8-sig")
    found = geo.replay(city, path, policy=policy)
    assert set(found.rows["parcel_code"]) == {"S1", "S2 (again)"}
    assert "2 rows" in found.summary()


def test_what_came_in_since_is_told_and_the_list_is_made_as_it_was_known_then(
    city: Database, policy: Policy, tmp_path: Path
) -> None:
    path = listed(city, policy, tmp_path / "清单.parquet")
    rows = [row | {"supply_status": "not_granted"} for row in CITY["parcels"]]
    load_rows(city, "parcels", rows, tmp_path)
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    (told,) = found.changed
    assert "parcels.csv" in told
    today = geo.replay(city, path, policy=policy, now=True)
    assert not today.same
    assert "supply_status" in set(today.rows["column"])


def test_a_policy_that_changed_since_is_told_key_by_key(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = listed(city, policy, tmp_path / "清单.xlsx")
    stricter = routed_policy(**{f"rules.{RULE}.conditions.large_enough.value": 15_000.0})
    found = geo.replay(city, path, policy=stricter)
    assert found.same, "the list is made again under the policy in its stamp"
    assert found.changed == (f"policy: rules.{RULE}.conditions.large_enough.value: 3000.0 → 15000.0",)
    today = geo.replay(city, path, policy=stricter, now=True)
    assert not today.same
    # Nobody should have to look for another verdict among the many ranks and scores that it moves.
    assert today.rows["column"].iloc[0] == "verdict"
    told = [name for name in today.rows["column"] if name in ("verdict", "排名")]
    assert told == sorted(told, key=("verdict", "排名").index)
    assert len(set(told)) == 2
    n_verdicts, n_ranks = (told.count(name) for name in ("verdict", "排名"))
    assert f"{n_verdicts} with another verdict, {n_ranks} with another rank" in today.summary()


def test_another_program_is_told_and_its_other_answer_too(
    city: Database, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(city, policy, tmp_path / "清单.csv")
    monkeypatch.setattr("geo.export.replay.code_version", lambda: "9.9.9+other")
    found = geo.replay(city, path, policy=policy)
    assert found.same
    assert [line for line in found.changed if line.startswith("code:") and line.endswith("→ 9.9.9+other")]


def test_a_stamp_whose_policy_was_altered_is_refused(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = listed(city, policy, tmp_path / "清单.csv")
    beside = tmp_path / "清单.csv.run.json"
    stamp = json.loads(beside.read_text(encoding="utf-8"))
    stamp["policy_content"]["zones"]["other"] = "别处"
    beside.write_text(json.dumps(stamp), encoding="utf-8")
    with pytest.raises(ReadError, match="altered"):
        geo.replay(city, path)


def test_a_file_that_is_no_list_is_told_the_endings_of_lists_alone(city: Database, tmp_path: Path) -> None:
    path = tmp_path / "地块.dxf"
    path.write_text("0\nSECTION\n")
    with pytest.raises(ReadError) as told:
        geo.replay(city, path)
    assert ".docx" in told.value.hint
    assert ".dxf" not in told.value.hint
    assert ".shp" not in told.value.hint


def test_what_bears_no_stamp_or_another_s_gets_one_clear_error(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = listed(city, policy, tmp_path / "清单.csv")
    (tmp_path / "清单.csv.run.json").unlink()
    with pytest.raises(ReadError, match="no stamp"):
        geo.replay(city, path)
    other = geo.export(geo.clusters(city, policy, over="all"), tmp_path / "连片.csv")
    with pytest.raises(ReadError, match="no list of candidates"):
        geo.replay(city, other)
    firm = geo.robustness(city, policy, rule=RULE)
    pairs = geo.robustness(city, policy, rule=RULE, pairs=True)
    judged = geo.candidates(city, policy, rule=RULE)
    for answer, told in ((firm, "--robustness"), (pairs, "--pairs"), (geo.compare(judged, judged), "--compare")):
        with pytest.raises(ReadError, match=f"no list of candidates: .*{told}"):
            geo.replay(city, geo.export(answer, tmp_path / f"{told}.csv"))
        with pytest.raises(ReadError, match="复算信息") as refused:
            geo.replay(city, geo.export(answer, tmp_path / f"{told}.xlsx"))
        assert told in refused.value.hint
    facts = geo.export(geo.facts(city, "parcels"), tmp_path / "地块.xlsx")
    with pytest.raises(ReadError, match="复算信息"):
        geo.replay(city, facts)
    with pytest.raises(ReadError):
        geo.replay(city, tmp_path / "none.xlsx")


def test_a_list_of_another_database_is_said_to_be_one(
    city: Database, db: Database, policy: Policy, tmp_path: Path
) -> None:
    with db.write() as connection:  # copies of one database have one id
        connection.execute(sa.text("UPDATE registry.workspace SET database_id = 'other'"))
    found = geo.replay(db, listed(city, policy, tmp_path / "清单.csv"), policy=policy)
    assert not found.same
    assert "another database" in found.changed[0]


def test_opinions_filled_in_are_no_difference(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = listed(city, policy, tmp_path / "清单.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["候选清单"]
    heads = [cell.value for cell in sheet[4]]
    sheet.cell(5, heads.index("人工意见") + 1).value = "不同意"
    book.save(path)
    geo.opinions(city, path)
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    assert any("opinions" in line for line in found.changed)


@pytest.mark.parametrize("ending", ["xlsx", "csv", "geojson", "gpkg"])
def test_what_the_page_gives_is_replayed_with_its_filters(
    city: Database, policy: Policy, tmp_path: Path, ending: str
) -> None:
    geo.publish(city, policy)
    with TestClient(create_app(city)) as browser:
        answer = browser.get(f"/download/candidates.{ending}?verdict=no&zone=north_bund&find=s")
    assert answer.status_code == 200
    path = tmp_path / f"下载.{ending}"
    path.write_bytes(answer.content)
    if ending == "csv":
        with pytest.raises(ReadError, match="no stamp"):
            geo.replay(city, path)
        return
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    assert 0 < found.n_rows < len(CITY["parcels"])


def test_the_command_ends_with_0_for_the_same_and_1_for_not(
    city: Database, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(city, policy, tmp_path / "清单.csv")
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    command = [sys.executable, "-c", "from api.cli import main; main()", "replay", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "the same list" in done.stdout) == (0, True), done
    content = path.read_text(encoding="utf-8-sig")
    path.write_text("\ufeff" + content.replace("candidate", "unknown", 1), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "candidate" in done.stdout) == (1, True), done
    path.with_name("清单.csv.run.json").unlink()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_that_was_cut_short_gets_one_clear_error(
    city: Database, policy: Policy, tmp_path: Path, ending: str
) -> None:
    path = listed(city, policy, tmp_path / f"清单.{ending}")
    if ending == "csv":
        path.write_bytes(b"parcel_code\n\x00\x01")
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReadError):
        geo.replay(city, path, policy=policy)


def report(db: Database, policy: Policy, path: Path) -> Path:
    return geo.export(geo.candidates(db, policy, rule=RULE), path, unit="某局", secrecy="内部", layers=layers(db))


def rewritten(path: Path, old: str, new: str) -> None:
    """The Word file with a text of its body changed, as somebody changes it by hand: once, where it stands first."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts["word/document.xml"].decode()
    assert old in body
    parts["word/document.xml"] = body.replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_report_is_made_again_to_the_letter(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = report(city, policy, tmp_path / "报告.docx")
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    verdicts = geo.candidates(city, policy, rule=RULE)["verdict"]
    assert found.n_rows == (verdicts == "candidate").sum() > 1
    assert found.changed == ()
    assert [each.name for each in tmp_path.iterdir()] == [path.name], "the stamp is inside"


def test_a_report_that_another_program_saved_anew_keeps_its_stamp(
    city: Database, policy: Policy, tmp_path: Path
) -> None:
    path = saved_anew(report(city, policy, tmp_path / "报告.docx"))
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        (">10,000<", ">99,999<", "S3", "用地面积（㎡）"),
        (">10,000 ㎡<", ">99,999 ㎡<", "S3", "页 用地面积"),
        ("程序：权利人申请", "程序：无须申请", "S3", "程序"),
        ("本次共研判地块", "本次仅研判地块", "（概况）", "一、概况1"),
    ],
)
def test_what_was_changed_in_a_report_by_hand_is_named(
    city: Database, policy: Policy, tmp_path: Path, old: str, new: str, code: str, column: str
) -> None:
    path = report(city, policy, tmp_path / "报告.docx")
    rewritten(path, old, new)
    found = geo.replay(city, path, policy=policy)
    assert found.rows[["parcel_code", "column"]].values.tolist() == [[code, column]]


def test_opinions_written_into_a_report_are_no_difference(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = report(city, policy, tmp_path / "报告.docx")
    rewritten(path, "□ 同意　□ 不同意　□ 待定", "☑ 不同意")
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows


def test_a_report_against_today_tells_what_is_another_one(city: Database, policy: Policy, tmp_path: Path) -> None:
    path = report(city, policy, tmp_path / "报告.docx")
    stricter = routed_policy(**{f"rules.{RULE}.conditions.large_enough.value": 1e7})
    found = geo.replay(city, path, policy=stricter, now=True)
    assert {"S3", "（概况）"} <= set(found.rows["parcel_code"])
    assert found.n_rows == 0


def test_a_report_from_the_page_is_replayed_with_its_filters(city: Database, policy: Policy, tmp_path: Path) -> None:
    geo.publish(city, policy)
    with TestClient(create_app(city)) as browser:
        answer = browser.get("/download/candidates.docx?zone=north_bund")
    assert answer.status_code == 200
    path = tmp_path / "下载.docx"
    path.write_bytes(answer.content)
    found = geo.replay(city, path, policy=policy)
    assert found.same, found.rows
    assert found.n_rows > 0


def test_a_report_without_a_stamp_or_cut_short_gets_one_clear_error(
    city: Database, policy: Policy, tmp_path: Path
) -> None:
    path = report(city, policy, tmp_path / "报告.docx")
    whole = path.read_bytes()
    plain = tmp_path / "别的.docx"
    docx.Document().save(str(plain))
    with pytest.raises(ReadError, match="no stamp"):
        geo.replay(city, plain)
    for content in (whole[: len(whole) // 2], b"PK", b"", b"<html>"):
        path.write_bytes(content)
        with pytest.raises(ReadError, match=path.name):
            geo.replay(city, path)

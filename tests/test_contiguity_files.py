"""Files of what hangs together: in words, no two columns under one heading, made-up land marked in every format."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa

import geo
from geo.database import Database
from geo.policy import policy
from geo.publish import read_run
from geo.units import mu

POLICY = policy("hongkou-2025")


def sheet_of(frame: pd.DataFrame, file: Path) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(geo.export(frame, file)).worksheets[0].iter_rows(values_only=True))
    assert len(set(rows[0])) == len(rows[0]), "two columns bear one heading"
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_a_workbook_of_near_misses_is_in_words_and_one_of_bridges_tells_two_areas_apart(
    city: Database, tmp_path: Path
) -> None:
    near = sheet_of(geo.near_misses(city, POLICY, over="all", min_area_m2=mu(88.5)), tmp_path / "near.xlsx")
    assert ("允许穿越", "河道 小河") in [(row["类别"], row["对象"]) for row in near]
    assert not {"lacks", "parcel", "barrier"} & {row["类别"] for row in near}
    bridges = sheet_of(geo.bridges(city, POLICY, over="all", gap_m=0), tmp_path / "bridges.xlsx")
    assert [row["所在连片面积（㎡）"] > row["用地面积（㎡）"] for row in bridges] == [True] * len(bridges) != []


def test_pairs_of_made_up_parcels_are_marked_in_every_file(city: Database, tmp_path: Path) -> None:
    pairs = geo.adjacency(city, POLICY)
    assert "synthetic" not in pairs
    plain = openpyxl.load_workbook(geo.export(pairs, tmp_path / "plain.xlsx"))
    assert "演示数据" not in plain.worksheets[0].title
    with city.write() as connection:
        connection.execute(sa.text("UPDATE registry.imports SET synthetic = true WHERE kind = 'parcels'"))
    made_up = geo.adjacency(city, POLICY)
    assert "演示数据" in openpyxl.load_workbook(geo.export(made_up, tmp_path / "a.xlsx")).worksheets[0].title
    geo.export(made_up, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    assert all("演示数据" in line for line in lines[1:])
    assert {row["阻隔"] for row in sheet_of(made_up, tmp_path / "b.xlsx")} >= {"河道 小河"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: geo.floor_area(db, POLICY, by=["zone"]),
        lambda db: geo.robustness(db, POLICY),
        lambda db: geo.compare(geo.candidates(db, POLICY), geo.candidates(db, POLICY, rule="industrial_to_rnd")),
    ],
    ids=["totals", "robustness", "compared"],
)
def test_figures_that_rest_on_made_up_rows_are_marked_in_every_file(city: Database, tmp_path: Path, ask: Any) -> None:
    said = ask(city).attrs["stamp"]
    assert "synthetic" not in said
    with city.write() as connection:
        connection.execute(sa.text("UPDATE registry.imports SET synthetic = true WHERE kind = 'parcels'"))
        connection.execute(sa.text("UPDATE registry.parcels SET synthetic = true"))
        connection.execute(sa.text("DELETE FROM measured.frames"))
    city.recalled.clear()  # no import made them so, and the data version is what it was
    found = ask(city)
    assert len(found)
    assert "演示数据" in openpyxl.load_workbook(geo.export(found, tmp_path / "a.xlsx")).worksheets[0].title
    geo.export(found, tmp_path / "a.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"))))
    assert {row["data_mark"] for row in rows} == {"演示数据"}


def test_a_list_of_a_runs_clusters_names_the_rule_by_its_title(city: Database, tmp_path: Path) -> None:
    run = read_run(city, geo.publish(city, POLICY).run_id)
    file = geo.export(run.clusters, tmp_path / "clusters.xlsx", stamp=run.run.stamp)
    (headings, *rows) = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    told = {row[headings.index("规则")] for row in rows}
    assert "商办等用地调整为研发用地" in told
    assert "office_to_rnd" not in told

"""A sheet with a row for each use of a parcel: shares, areas, and what cannot hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_books import BOOK, faults, parts, plan, workbook

from geo.database import Database
from geo.errors import IntakeError
from geo.fields.land_use import parse_land_use
from geo.intake import load

AREAS = BOOK.replace('share = "比例"', 'area = { column = "面积", unit = "亩" }')


def test_shares_follow_from_areas_and_stay_unknown_where_one_is_not_known(db: Database, tmp_path: Path) -> None:
    uses = {"地块编号": ["A-1", "A-1", "A-2", "A-2"], "用地代码": ["C2", "C8", "C2", "M4"], "面积": [6, 9, 5, None]}
    path = workbook(tmp_path, 用地=uses | {"比例": [None] * 4})
    report = load(db, path, mapping=plan(tmp_path, AREAS))
    assert parts(db) == {"A-1": [("C2", 0.4), ("C8", 0.6)], "A-2": [("C2", None), ("M4", None)]}
    assert not [f for f in report.faults if f.rule == "uses_area_differs"]


def test_areas_of_uses_that_are_not_the_registered_area_are_told(db: Database, tmp_path: Path) -> None:
    uses = {"地块编号": ["A-1", "A-1", "A-2"], "用地代码": ["C2", "C8", "M4"], "面积": [6, 6, 15]}
    report = load(db, workbook(tmp_path, 用地=uses | {"比例": [None] * 3}), mapping=plan(tmp_path, AREAS))
    told = [(f.where, f.row, f.value) for f in report.faults if f.rule == "uses_area_differs"]
    assert told == [("地块", 1, "8,000.0 m²; registered 10,000.0 m²")]


def test_uses_that_cannot_hold_are_told_at_their_own_rows(db: Database, tmp_path: Path) -> None:
    uses = {
        "地块编号": ["A-1", "A-1", "A-2", "A-2", "A-2", None, date(2025, 3, 12)],
        "用地代码": ["C2", "C8", "C2", "C2", "C2C8", "C2", "C2"],
        "比例": [0.7, "40%", 0.5, 0.5, 0, 1, 1],
    }
    with pytest.raises(IntakeError) as caught:
        load(db, workbook(tmp_path, 用地=uses), mapping=plan(tmp_path))
    assert faults(caught) == {
        ("用地", 1, "A-1", "land_use", "shares_over_one"),
        ("用地", 2, "A-1", "land_use", "shares_over_one"),
        ("用地", 5, "A-2", "land_use", "land_use_unreadable"),
        ("用地", 5, "A-2", "land_use", "below_limit"),
        ("用地", 6, None, "parcel_code", "required"),
        ("用地", 7, "2025-03-12", "parcel_code", "date_in_text"),
    }
    uses = {"地块编号": ["A-1", "A-2", "A-2"], "用地代码": ["C2", "C2", "C2"], "比例": [1, 0.5, 0.5]}
    with pytest.raises(IntakeError) as caught:
        load(db, workbook(tmp_path, 用地=uses), mapping=plan(tmp_path))
    assert faults(caught) == {
        ("用地", 2, "A-2", "land_use", "duplicate_key"),
        ("用地", 3, "A-2", "land_use", "duplicate_key"),
    }


@given(areas=st.lists(st.floats(0.01, 1e7), min_size=1, max_size=8))
def test_shares_of_areas_never_sum_to_more_than_the_parcel_and_are_read_again(areas: list[float]) -> None:
    """Pure: what a sheet of uses makes of areas is a cell that the code table takes apart into shares that sum to 1."""

    from geo.fields.land import PARCELS
    from geo.intake.findings import Findings
    from geo.intake.read import Source
    from geo.intake.specs import Mapping, On, Spec, Uses
    from geo.intake.uses import with_uses

    def source(**columns: list[Any]) -> Source:
        n = len(next(iter(columns.values())))
        frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
        rows = np.arange(1, n + 1, dtype=np.int64)
        return Source("f", "0", None, frame, rows, None, np.zeros(n, dtype=bool), None, Findings())

    codes = ["C1", "C2", "C3", "C4", "C5", "C8", "M1", "M4"][: len(areas)]
    uses = Uses(code="c", table="shanghai_kg", on=On("k", "k"), layer="u", area=Spec(column="a"))
    how = Mapping("m", PARCELS, {"parcel_code": Spec(column="k")}, uses=uses)
    made, filled = with_uses(source(k=["A"]), source(k=["A"] * len(areas), c=codes, a=areas), how, uses, "u")
    assert not made.remarks.items
    cell = made.frame[filled.columns["land_use"].column].iloc[0]
    shares = {part["code"]: part["share"] for part in parse_land_use(cell, "shanghai_kg")}
    assert sum(share or 0 for share in shares.values()) == pytest.approx(1, abs=1e-6)
    for code, area in zip(codes, areas, strict=True):
        assert shares[code] == pytest.approx(area / sum(areas), rel=1e-8)

"""Land-use cells as offices write them, taken apart; expected values are written down by hand."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotFoundError, ShuangbeiError
from geo.fields.land_use import (
    USES,
    LandUseError,
    UnknownCodeError,
    code_table,
    code_tables,
    parse_land_use,
    parts,
    parts_text,
)
from geo.settings import data_dir

TABLES = ("shanghai_kg", "national_2023", "gbt21010_2017", "gb50137_2011", "cambridge_ma")


def taken(text: str, table: str = "shanghai_kg") -> list[tuple[str, str, float | None]]:
    return [(part.code, part.use, part.share) for part in parts(text, code_table(table))]


OFFICE, SHOPS = "commercial_office", "commercial_service"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C8", [("C8", OFFICE, 1.0)]),
        ("c8", [("C8", OFFICE, 1.0)]),
        ("Ｃ８", [("C8", OFFICE, 1.0)]),
        ("C8(60%)", [("C8", OFFICE, 0.6)]),
        ("C2C8", [("C2", SHOPS, None), ("C8", OFFICE, None)]),
        ("C65M4", [("C65", "research_design", None), ("M4", "industrial_rnd", None)]),
        ("Rr4C2", [("Rr4", "residential", None), ("C2", SHOPS, None)]),
        ("RR4C2", [("Rr4", "residential", None), ("C2", SHOPS, None)]),
        *(
            (f"C2{mark}C8", [("C2", SHOPS, None), ("C8", OFFICE, None)])
            for mark in ("/", "、", ",", "，", "+", "与", " / ", " ", "；")
        ),
        ("C2(60%)C8(40%)", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("C2（60％）、C8（40％）", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("C2:0.6+C8:0.4", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("C2：0.6＋C8：0.4", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("C2 60% C8 40%", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("C2:.25 C8:.25", [("C2", SHOPS, 0.25), ("C8", OFFICE, 0.25)]),
        ("C2(60%)C8", [("C2", SHOPS, 0.6), ("C8", OFFICE, None)]),
        ("C2 C8 40%", [("C2", SHOPS, None), ("C8", OFFICE, 0.4)]),
        ("C6", [("C6", "education", None), ("C6", "research_design", None)]),
        ("C6:0.5+C8:0.5", [("C6", "education", None), ("C6", "research_design", None), ("C8", OFFICE, 0.5)]),
        ("商务办公用地", [("C8", OFFICE, 1.0)]),
        ("商业服务业用地(60%)、商务办公用地(40%)", [("C2", SHOPS, 0.6), ("C8", OFFICE, 0.4)]),
        ("普通仓储/物流", [("W1", "storage", 1.0)]),
        ("C81", [("C81", OFFICE, 1.0)]),
    ],
)
def test_a_cell_is_taken_apart_as_it_is_written(text: str, expected: list[tuple[str, str, float | None]]) -> None:
    assert taken(text) == expected


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("national_2023", "070102", [("070102", "residential", 1.0)]),
        ("national_2023", "070104", [("070104", "residential", 1.0)]),
        ("national_2023", "100101/0802", [("100101", "industrial", None), ("0802", "research_design", None)]),
        ("national_2023", "0901:0.6+0902:0.4", [("0901", SHOPS, 0.6), ("0902", OFFICE, 0.4)]),
        ("gb50137_2011", "A33", [("A33", "education", None), ("A33", "research_design", None)]),
        ("gb50137_2011", "B1B2", [("B1", SHOPS, None), ("B2", OFFICE, None)]),
        ("gb50137_2011", "绿地与广场", [("G", "green", None), ("G", "road_square", None)]),
        ("cambridge_ma", "404", [("404", "industrial_rnd", 1.0)]),
        ("cambridge_ma", "0340", [("0340", OFFICE, None), ("0340", "unstated", None)]),
        ("cambridge_ma", "Private College, University", None),
    ],
)
def test_each_table_reads_its_own_codes(
    table: str, text: str, expected: list[tuple[str, str, float | None]] | None
) -> None:
    if expected is None:  # a name that stands for several codes says none of them
        with pytest.raises(UnknownCodeError):
            taken(text, table)
    else:
        assert taken(text, table) == expected


@pytest.mark.parametrize(
    ("table", "text", "piece"),
    [
        ("shanghai_kg", "Q7", "Q7"),
        ("shanghai_kg", "C2/现状", "现状"),
        ("shanghai_kg", "商务办公", "商务办公"),
        ("shanghai_kg", "商业服务业用地商务办公用地", "商业服务业用地商务办公用地"),
        ("shanghai_kg", "0902", "0902"),
        ("national_2023", "C8", "C8"),
        ("national_2023", "09010902", "09010902"),
        ("national_2023", "0905", "0905"),
        ("gb50137_2011", "Rr4", "Rr4"),
        ("cambridge_ma", "4041", "4041"),
        ("shanghai_kg", "C2//C8", "/C8"),
    ],
)
def test_an_unknown_piece_is_named(table: str, text: str, piece: str) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        taken(text, table)
    assert caught.value.piece == piece
    assert table in caught.value.message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ShuangbeiError)


def test_a_dropped_leading_zero_is_suspected_and_not_supplied() -> None:
    with pytest.raises(UnknownCodeError) as caught:
        taken("902", "national_2023")
    assert "0902" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "  ", "C2(60%)C8(50%)", "C2:0.6+C8:0.41", "C2(60)", "C2:1.2", "C2:0", "C2/C2", "C2C8(40%)", "C2/", "C2 0%"],
)
def test_shares_that_cannot_be_and_cells_cut_off_are_refused(text: str) -> None:
    with pytest.raises(LandUseError):
        taken(text)


def test_shares_may_sum_to_one_within_rounding_and_to_less() -> None:
    assert [share for _, _, share in taken("C2:0.3333335+C8:0.6666670")] == [0.3333335, 0.666667]
    assert [share for _, _, share in taken("C2 30% C8 30%")] == [0.3, 0.3]


def test_an_unknown_table_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFoundError) as caught:
        code_table("wenzhou")
    assert all(name in caught.value.hint for name in TABLES)


def test_parts_are_stored_as_plain_dictionaries() -> None:
    assert parse_land_use("C2:0.6+C8", "shanghai_kg") == [
        {"code": "C2", "table": "shanghai_kg", "use": "commercial_service", "share": 0.6},
        {"code": "C8", "table": "shanghai_kg", "use": "commercial_office", "share": None},
    ]


def test_every_row_of_every_table_names_canonical_uses_and_a_status() -> None:
    assert code_tables() == TABLES
    for name in TABLES:
        with (data_dir() / "land_use" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert len({row["code"] for row in rows}) == len(rows) == len(code_table(name).codes)
        assert {row["status"] for row in rows} <= {"seen", "memory", "own"}
        assert {use for row in rows for use in row["use"].split("|")} <= set(USES)
        for row in rows:
            assert {part.code for part in parts(row["code"], code_table(name))} == {row["code"]}


def test_the_groups_that_screening_rests_on_agree_across_tables() -> None:
    for use, codes in {
        "commercial_office": ("C8", "0902", "0505", "B2"),
        "commercial_service": ("C2", "0901", "0501", "B1"),
        "research_design": ("C65", "0802", "0804", "A35"),
        "industrial": ("M1", "1001", "0601", "M1"),
    }.items():
        for table, code in zip(TABLES, codes, strict=False):
            assert code_table(table).codes[code].use == use
    assert code_table("shanghai_kg").codes["M4"].use == "industrial_rnd"


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, str]:
    table = draw(st.sampled_from(TABLES))
    codes = draw(st.lists(st.sampled_from(list(code_table(table).codes)), min_size=1, max_size=4, unique=True))
    left = 10_000
    pieces = []
    for code in codes:
        share = draw(st.one_of(st.none(), st.integers(1, max(1, left - len(codes)))))
        if share is not None:
            left -= share
            forms = (f"{code}({share / 100:g}%)", f"{code}:{share / 10_000:f}", f"{code} {share / 100:g}%")
            pieces.append(draw(st.sampled_from(forms)))
        else:
            pieces.append(code)
    return table, draw(st.sampled_from(["/", "、", "+", ", ", "；", " "])).join(pieces)


@given(cells())
def test_the_canonical_text_of_parts_is_taken_apart_into_the_same_parts(cell: tuple[str, str]) -> None:
    table, text = cell
    taken = parts(text, code_table(table))
    assert parts(parts_text(taken), code_table(table)) == taken
    assert parts_text(parts(parts_text(taken), code_table(table))) == parts_text(taken)
    assert sum(part.share for part in taken if part.share is not None) <= 1 + 1e-6

"""A look at a drawing: which of its layers hold the land, what the texts inside it say, and a draft that imports."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from intake_files import current, mapping
from odd_files import control_plan, corners, drawing, polyline, text
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, MappingError
from geo.intake import load
from geo.intake.draft import draft_mapping
from geo.intake.inspecting import Inspection, inspect_file
from geo.intake.read import read

N = 8
CODES = [f"HK-{i:02d}" for i in range(N)]
USES = ["C8", "C65", "M4", "G1", "C8", "C2", "Rr2", "C65"]
FARS = ["2.5", "3.0", "2.0", "—", "4.0", "3.5", "2.0", "2.5"]


def plan(
    path: Path, layers: list[str], labels: dict[str, list[str]], *more: list[str], frame: str = "规划范围"
) -> Path:
    """Eight outlines, by turns on these layers, with texts one below the other, and roads and a frame round them."""
    parts = [*more]
    for i in range(N):
        x, y = corners(i)[0]
        parts.append(polyline(layers[i % len(layers)], corners(i)))
        for line, (layer, written) in enumerate(labels.items()):
            parts.append(text(layer.rstrip("123"), (x + 50, y + 70 - 20 * line), written[i]))
    x, y = corners(0)[0]
    parts += [polyline("道路中线", [(x - 50, y + dy), (x + 2000, y + dy)], closed=False) for dy in (-50, 150)]
    parts += [polyline(frame, [(x - 90, y - 90), (x + 2100, y - 90), (x + 2100, y + 300), (x - 90, y + 300)])]
    return drawing(path, *parts, text("路名", (x + 100, y - 48), "四平路"))


def look(path: Path, **options: Any) -> Inspection:
    return inspect_file(path, crs="EPSG:4549", **options)


def drafted(seen: Inspection) -> dict[str, Any]:
    return tomllib.loads(draft_mapping(seen))


def test_a_frame_is_left_out_whatever_its_layer_is_called(tmp_path: Path) -> None:
    seen = look(plan(tmp_path / "a.dxf", ["A-LAND"], SEPARATE, frame="0"))
    assert seen.drawing is not None
    assert (seen.drawing.chosen, seen.n_rows) == (("A-LAND",), N)


SEPARATE = {"编号": CODES, "用地代码": USES, "容积率": FARS}


@pytest.mark.parametrize("layers", [["地块"], ["用地"], ["YD-C", "YD-M"], ["A-LAND"]])
def test_the_draft_of_a_control_plan_reads_its_outlines_alone_and_leaves_only_the_ratio_to_a_person(
    db: Database, tmp_path: Path, layers: list[str]
) -> None:
    path = plan(tmp_path / "a.dxf", layers, SEPARATE)
    seen = look(path)
    assert (seen.kind, seen.n_rows, seen.geometry) == ("parcels", N, "MultiPolygon")
    told = drafted(seen)
    assert told["where"] == {"Layer": layers}
    assert told["columns"] == {
        "parcel_code": "Text:编号",
        "land_use": {"column": "Text:用地代码", "table": "shanghai_kg"},
        "max_far": "",
    }
    filled = draft_mapping(seen).replace('max_far = ""', 'max_far = "Text:容积率"')
    report = load(db, path, mapping=mapping(tmp_path, filled))
    assert (report.counts["added"], report.n_skipped) == (N, 3)
    found = current(db)
    assert found["parcel_code"].tolist() == CODES
    assert found["land_use"].tolist() == USES
    assert found["max_far"].tolist() == [2.5, 3.0, 2.0, None, 4.0, 3.5, 2.0, 2.5]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("虹口控规图则.dxf", SEPARATE),
        ("a.dxf", SEPARATE | {"容积率": [f"≤{far}" if far != "—" else far for far in FARS]}),
        ("a.dxf", SEPARATE | {"绿地率": ["30%"] * N}),
    ],
    ids=["its name", "upper limits", "what only a plan has"],
)
def test_where_the_drawing_is_plainly_a_plan_its_draft_imports_unedited(
    db: Database, tmp_path: Path, name: str, labels: dict[str, list[str]]
) -> None:
    path = plan(tmp_path / name, ["地块"], labels)
    load(db, path, mapping=mapping(tmp_path, draft_mapping(look(path))))
    assert current(db)["max_far"].tolist() == [2.5, 3.0, 2.0, None, 4.0, 3.5, 2.0, 2.5]


def test_labels_of_several_lines_on_one_layer_are_taken_apart_from_the_top(db: Database, tmp_path: Path) -> None:
    path = plan(tmp_path / "a.dxf", ["地块"], {"标注1": CODES, "标注2": USES, "标注3": FARS})
    told = draft_mapping(look(path))
    assert tomllib.loads(told)["columns"] == {
        "parcel_code": "Text:标注:1",
        "land_use": {"column": "Text:标注:2", "table": "shanghai_kg"},
    }
    load(db, path, mapping=mapping(tmp_path, told))
    assert current(db)[["parcel_code", "land_use"]].to_numpy().tolist() == [
        list(each) for each in zip(CODES, USES, strict=True)
    ]


def test_a_label_that_lacks_a_line_is_told_and_nothing_is_guessed_of_it(db: Database, tmp_path: Path) -> None:
    x, y = corners(N)[0]
    short = polyline("地块", corners(N)), text("标注", (x + 50, y + 70), "HK-99"), text("标注", (x + 50, y + 50), "C8")
    path = plan(tmp_path / "a.dxf", ["地块"], {"标注1": CODES, "标注2": USES, "标注3": FARS}, *short)
    found = read(path).frame.set_index("Text:标注")
    assert found.loc["HK-99; C8", ["Text:标注:1", "Text:标注:2", "Text:标注:3"]].isna().all()
    how = """
kind = "parcels"
crs = "EPSG:4549"
[columns]
parcel_code = "Text:标注:1"
land_use = { column = "Text:标注:2", table = "shanghai_kg" }
[where]
Layer = ["地块"]
"""
    with pytest.raises(IntakeError) as caught:
        load(db, path, mapping=mapping(tmp_path, how))
    assert {(f.row, f.field, f.rule, f.value) for f in caught.value.faults} == {
        (1, "parcel_code", "several_texts", "HK-99; C8"),
        (1, "land_use", "several_texts", "HK-99; C8"),
    }


def test_an_outline_that_nobody_closed_does_not_hide_which_layer_holds_the_land(db: Database, tmp_path: Path) -> None:
    path = control_plan(tmp_path / "a.dxf")
    seen = look(path)
    assert drafted(seen)["where"] == {"Layer": ["地块"]}
    # Three codes of one use say nothing of their table.
    text = draft_mapping(seen).replace('table = ""', 'table = "shanghai_kg"')
    with pytest.raises(IntakeError) as caught:
        load(db, path, mapping=mapping(tmp_path, text))
    assert [fault.rule for fault in caught.value.faults] == ["open_outline"]


def test_buildings_in_plots_are_neither_of_them_taken_where_names_say_nothing(db: Database, tmp_path: Path) -> None:
    inner = []
    for i in range(N):
        x, y = corners(i)[0]
        at = [(x + 5, y + 5), (x + 25, y + 5), (x + 25, y + 20), (x + 5, y + 20)]
        inner += [polyline("B", at), text("层数", (x + 10, y + 10), f"{i + 3}F")]
    path = plan(tmp_path / "a.dxf", ["A"], SEPARATE, *inner)
    text_ = draft_mapping(look(path, kind="parcels"))
    assert tomllib.loads(text_)["where"] == {"Layer": []}
    assert "name the layers to be read: B (8 areas), A (8 areas), 道路中线 (2 lines)" in text_
    with pytest.raises(MappingError, match=r"where\.Layer: left blank by inspect"):
        load(
            db,
            path,
            mapping=mapping(
                tmp_path, text_.partition("parcel_code")[0] + 'parcel_code = "Text:编号"\n[where]\nLayer = []'
            ),
        )
    named = plan(tmp_path / "b.dxf", ["地块"], SEPARATE, *inner)
    assert drafted(look(named))["where"] == {"Layer": ["地块"]}


def test_a_drawing_of_one_layer_needs_no_choice_and_one_of_roads_is_no_land(tmp_path: Path) -> None:
    x, y = corners(0)[0]
    parts = [
        part for i in range(6) for part in (polyline("0", corners(i)), text("编号", (x + 200 * i + 9, y + 9), CODES[i]))
    ]
    assert "where" not in drafted(look(drawing(tmp_path / "a.dxf", *parts), kind="parcels"))
    road = polyline("道路", [(x, y), (x + 400, y)], closed=False)
    with pytest.raises(MappingError, match="cannot be told"):
        draft_mapping(look(drawing(tmp_path / "b.dxf", road, text("路名", (x, y), "四平路"))))


def test_the_command_shows_what_is_drawn_on_which_layer_and_which_of_them_is_read(
    shuangbei: Command, tmp_path: Path
) -> None:
    path = plan(tmp_path / "控规.dxf", ["地块"], SEPARATE)
    done = shuangbei("inspect", path, "--out", tmp_path / "m.toml")
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert ["地块", "8", "8", "0", "0", "yes"] in lines
    assert ["规划范围", "1", "1", "0", "0"] in lines
    # What is left to a person is the datum, which no drawing says.
    assert "Left blank, for they are not sure: crs." in done.err
    assert tomllib.loads((tmp_path / "m.toml").read_text(encoding="utf-8"))["crs"] == ""

"""Mapping files: every mistake in one is an error that names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_files import mapping

from geo.errors import MappingError, NotFoundError
from geo.fields import KINDS
from geo.intake.automap import match_columns
from geo.intake.mapping import read_mapping

PARCELS = KINDS["parcels"]


def test_a_sound_mapping_is_read(tmp_path: Path) -> None:
    found = read_mapping(mapping(tmp_path), PARCELS)
    assert found.columns["registered_area_m2"].unit == "亩"
    assert found.columns["parcel_code"].column == "DKBH"
    assert (found.source, found.synthetic) == ("a test", False)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('colour = "red"', "colour"),
        ('[source]\nauthor = "me"', "source.author"),
        ('[source]\nsynthetic = "yes"', "source.synthetic"),
        ('[columns]\nparcel_code = "A"\nfloor = "B"', "columns.floor"),
        ('[columns]\nparcel_code = "A"\ngfa_m2 = { column = "B", units = "m2" }', "columns.gfa_m2.units"),
        ('[columns]\nparcel_code = "A"\ngfa_m2 = { column = "B", unit = "km" }', "columns.gfa_m2.unit"),
        ('[columns]\nparcel_code = "A"\ngfa_m2 = { column = "B", unit = "坪" }', "columns.gfa_m2.unit"),
        ('[columns]\nparcel_code = "A"\nname = { column = "B", unit = "m2" }', "columns.name.unit"),
        ('[columns]\nparcel_code = "A"\nland_use = "B"', "columns.land_use.table"),
        ('[columns]\nparcel_code = "A"\nland_use = { column = "B", table = "mars" }', "columns.land_use.table"),
        ('[columns]\nparcel_code = { column = "A", constant = "B" }', "columns.parcel_code"),
        ("[columns]\nparcel_code = 5", "columns.parcel_code"),
        ('[columns]\nparcel_code = { column = "A", otherwise = "skip" }', "columns.parcel_code.otherwise"),
        ('[columns]\nname = "A"', "columns"),
        ('[columns]\nparcel_code = "A"\n[where]\nB = "x"', "where.B"),
        ('[columns]\nparcel_code = "A"\n[geometry]\nlon = "x"', "geometry"),
        ('[columns]\nparcel_code = "A"\n[geometry]\nx = "x"', "geometry.x"),
        ('layer = ["a"]\n[columns]\nparcel_code = "A"', "layer"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, line: str, key: str) -> None:
    path = mapping(tmp_path, f'kind = "parcels"\n{line}\n', "shaky.toml")
    with pytest.raises(MappingError) as caught:
        read_mapping(path, PARCELS)
    assert f"shaky.toml: {key}:" in caught.value.message


def test_a_mapping_for_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="for parcels"):
        read_mapping(mapping(tmp_path), KINDS["buildings"])


def test_broken_toml_and_an_unknown_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="not sound TOML"):
        read_mapping(mapping(tmp_path, "kind = "), PARCELS)
    with pytest.raises(NotFoundError, match="no mapping 'nowhere'"):
        read_mapping("nowhere", PARCELS)


def test_without_a_mapping_names_chinese_names_and_aliases_are_found() -> None:
    found = match_columns(["dkbh", "地块名称", "gfa_m2", "whatever"], PARCELS, "f.csv")
    assert {name: spec.column for name, spec in found.columns.items()} == {
        "parcel_code": "dkbh",
        "name": "地块名称",
        "gfa_m2": "gfa_m2",
    }


def test_without_a_mapping_what_is_not_certain_is_an_error() -> None:
    with pytest.raises(MappingError, match="could both be"):
        match_columns(["DKBH", "YDMJ", "ZDMJ"], PARCELS, "f.csv")
    with pytest.raises(MappingError, match="no code table is named"):
        match_columns(["DKBH", "用地性质"], PARCELS, "f.csv")
    with pytest.raises(MappingError) as caught:
        match_columns(["a", "b"], PARCELS, "f.csv")
    assert "a, b" in caught.value.hint


def test_every_mapping_that_ships_can_be_read() -> None:
    import tomllib

    from geo.settings import data_dir

    for path in (data_dir() / "mappings").glob("*.toml"):
        kind = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
        assert read_mapping(path.stem, KINDS[kind]).columns, path.name

"""``shuangbei way``: what is chosen and proven, what cannot be met, and what nobody may read."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.way import limit_typed
from geo.database import Database
from geo.errors import SettingsError

DAY = ("--as-of", "2026-01-15")
#: no test hangs on how quick the machine is
LONG = ("--time-limit", "900")


@pytest.fixture(autouse=True)
def _commands_see_the_city(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["way", *DAY, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_what_is_chosen_goes_to_stdout_and_the_proof_to_stderr() -> None:
    # 30,000 m² of C1 and 21,000 m² of C2 count; N4 is the only measure that is ready by the end of 2026.
    told = run("--target", "7万㎡", "--format", "json", *LONG)
    assert [row["measure_id"] for row in json.loads(told.stdout)] == ["admit:N4"]
    assert "1 measures gain 22,000 m² at a difficulty of 3.0, proven" in told.stderr
    assert "非考核口径" in told.stderr


def test_a_target_out_of_reach_says_by_how_much_and_from_when_on_it_is_not() -> None:
    told = run("--target", "8万㎡", *LONG)
    assert "cannot be met by 2026-12-31: at most 22,000 m² can be gained" in told.stderr
    assert "can be met from 2027-10-15 on" in told.stderr
    assert "It could with one limit wider" not in told.stderr


def test_a_limit_that_makes_it_so_is_named() -> None:
    told = run("--target", "7万㎡", "--limit", "kind=admit,gfa=1万㎡", *LONG)
    assert "limit asked for, no. 1, 22,000 m² instead of 10,000 m²" in told.stderr


def test_the_list_of_open_measures_chooses_nothing() -> None:
    told = run("--list", "--format", "json")
    rows = {row["measure_id"]: row for row in json.loads(told.stdout)}
    assert rows["conversion_building:office_to_rnd:S1"]["gfa_m2"] == 14_000
    assert rows["completion:S5-1"]["open"] == ["day"]
    assert "11 measures are open; something of 5 is not known" in told.stderr
    with pytest.raises(SettingsError, match="--list chooses nothing"):
        run("--list", "--target", "7万㎡")


def test_what_tells_of_owners_and_leases_is_in_no_file() -> None:
    for row in json.loads(run("--list", "--format", "json").stdout):
        assert not {"difficulty", "difficulty_low", "n_unknown"} & set(row)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("kind=admit, zone=each,gfa=5万㎡", {"kind": "admit", "zone": "each", "gfa": 50_000, "unit": "m2"}),
        ("year=2027,count=3", {"year": 2027, "count": 3}),
    ],
)
def test_a_limit_is_read_as_it_is_typed(text: str, limit: dict[str, object]) -> None:
    assert limit_typed(text) == limit


@pytest.mark.parametrize("text", ["admit", "count=", "count=some", "year=soon", "gfa=wide"])
def test_a_limit_that_says_nothing_is_an_error(text: str) -> None:
    with pytest.raises(SettingsError):
        limit_typed(text)

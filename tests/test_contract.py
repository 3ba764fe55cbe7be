"""The names that outsiders rely on.  Whoever changes one changes it for every notebook and script out there.

What the house plan names and is not built yet stands in ``NOT_YET``; a name leaves that list when it is there, and the
test fails until it does.
"""

from __future__ import annotations

import inspect
import re

import pytest
import typer.main
from starlette.testclient import TestClient

import geo
import maps
from api.app import create_app
from api.cli import app as command_line
from geo.database import Database
from geo.fields import KINDS
from geo.settings import VARIABLES

#: public call → its parameters, in order; those after ``*`` by name only
CALLS = {
    "connect": "url=, *, database=, create=",
    "policy": "name",
    "load": (
        "db, path, *, kind=, mapping=, crs=, layer=, effective=, accept_valid=, actor=, progress=, gone=, trust_crs=, "
        "policy=, dry_run=, join="
    ),
    "parcels": "db, policy=, *, as_of=, known_at=, nearby_m=",
    "candidates": "db, policy=, *, rule=, as_of=, known_at=",
    "clusters": "db, policy=, *, over=, rule=, gap_m=, allow=, as_of=, known_at=",
    "near_misses": "db, policy=, *, over=, rule=, min_area_m2=, gap_m=, allow=, as_of=, known_at=",
    "sites": (
        "db, policy=, *, min_area_m2=, over=, rule=, anchor=, require=, forbid=, max_area_m2=, gap_m=, allow=, k=, "
        "min_different=, every=, curve=, time_limit_s=, as_of=, known_at=, tell=, should_stop="
    ),
    "bridges": "db, policy=, *, over=, rule=, gap_m=, allow=, as_of=, known_at=",
    "adjacency": "db, policy=, *, over=, rule=, gap_m=, allow=, as_of=, known_at=",
    "floor_area": "db, policy=, *, by=, states=, as_of=, subtotals=, unit=, known_at=",
    "ledger": "db, policy=, *, states=, as_of=, known_at=",
    "ledger_faults": "db, policy=, *, as_of=, known_at=",
    "best_way": (
        "db, policy=, *, by=, target_m2=, limits=, require=, forbid=, sites=, time_limit_s=, as_of=, known_at=, tell="
    ),
    "open_measures": "db, policy=, *, sites=, as_of=, known_at=",
    "target": "db, policy=, *, as_of=, known_at=",
    "trace": "db, figure, policy=, *, states=, as_of=, known_at=",
    "carriers": "db, policy=, *, as_of=, known_at=",
    "carrier_groups": "db, policy=, *, as_of=, known_at=",
    "publish": "db, policy, *, actor=, seed=, pinned=, as_of=, progress=",
    "current_run": "db",
    "rejected": "db, *, kind=, import_id=, closed=",
    "retry": (
        "db, path=, *, rows=, kind=, import_id=, accept_valid=, effective=, actor=, progress=, trust_crs=, policy=, dry_run="
    ),
    "opinions": "db, path, *, effective=, actor=, dry_run=, progress=",
    "replay": "db, path, *, now=, policy=",
    "facts": "db, kind, *, as_of=, known_at=",
    "compare": "before, after",
    "save_scenario": "db, name, measures, *, note=, replace=, actor=",
    "scenarios": "db",
    "scenario": "db, name, *, by=",
    "take_up_scenario": "db, name, *, actor=",
    "drop_scenario": "db, name, *, actor=",
    "compare_scenarios": "db, first, second=, *, by=, states=, day=",
    "explain": "db, policy, parcel, *, rule=, as_of=, known_at=, restricted=",
    "robustness": "db, policy=, *, rule=, as_of=, known_at=, seed=, pairs=",
    "export": "frame, path, *, stamp=, restricted=, title=, unit=, secrecy=, layers=, top=, overwrite=",
}
CALLS_NOT_YET = {"assess"}

COMMANDS = {
    "way": {
        *("--by", "--target", "--limit", "--no-limits", "--require", "--forbid", "--sites", "--list", "--all"),
        *("--time-limit", "--policy", "--as-of", "--format", "--out", "--force"),
    },
    "sites": {
        *(
            "--min-area",
            "--max-area",
            "--over",
            "--anchor",
            "--require",
            "--forbid",
            "--allow",
            "--gap",
            "--alternatives",
        ),
        *(
            "--different",
            "--every",
            "--curve",
            "--time-limit",
            "--rule",
            "--policy",
            "--as-of",
            "--format",
            "--out",
            "--force",
        ),
    },
    "demo": {"--no-serve", "--port"},
    "serve": {"--port", "--host"},
    "db": set(),
    "doctor": set(),
    "import": {
        "--kind",
        "--mapping",
        "--crs",
        "--layer",
        "--join",
        "--effective",
        "--accept-valid",
        "--gone",
        "--trust-crs",
        "--dry-run",
        "--out",
        "--force",
        "--faults",
    },
    "inspect": {"--layer", "--kind", "--crs", "--out", "--force", "--format"},
    "history": {"--out", "--force", "--kind", "--imports", "--unconfirmed", "--confirm", "--format"},
    "undo": set(),
    "rejected": {
        *("--import", "--kind", "--all", "--format", "--out", "--retry", "--accept-valid", "--effective", "--dry-run"),
        *("--trust-crs", "--dismiss", "--why", "--force"),
    },
    "template": {"--out", "--table", "--crs", "--force"},
    "export": {"--out", "--as-of", "--restricted", "--force"},
    "policy": set(),
    "publish": {"--policy", "--as-of", "--seed"},
    "candidates": {
        "--rule",
        "--policy",
        "--format",
        "--out",
        "--force",
        "--as-of",
        "--robustness",
        "--seed",
        "--unit",
        "--secrecy",
        "--pairs",
        "--compare",
    },
    "explain": {"--rule", "--policy", "--as-of", "--format", "--lang"},
    "opinions": {"--effective", "--dry-run"},
    "replay": {"--now", "--policy"},
    "totals": {"--by", "--states", "--trace", "--target", "--faults", "--policy", "--format", "--out", "--force"},
    "scenarios": {
        *("--save", "--measure", "--note", "--replace", "--drop", "--take-up", "--open", "--measures", "--compare"),
        *("--candidates", "--clusters", "--by", "--states", "--until", "--format", "--out", "--force"),
    },
    "adjacency": {"--type", "--over", "--gap", "--allow", "--policy", "--format", "--out", "--force"},
    "clusters": {
        "--over",
        "--gap",
        "--policy",
        "--format",
        "--out",
        "--force",
        "--allow",
        "--near-misses",
        "--bridges",
        "--changes",
        "--min-area",
    },
    "carriers": {"--groups", "--policy", "--format", "--out", "--force"},
}
COMMANDS_NOT_YET = {"assess", "user"}
DB_COMMANDS = {"start", "stop", "status", "url", "upgrade", "reset", "backup", "restore"}

COLUMNS = {
    "parcels": ["parcel_code", "zone", "land_use", "site_area_m2", "site_area_source", "gfa_m2", "far", "max_far"],
    "candidates": ["verdict", "score", "score_low", "score_high", "rank", "reasons"],
    "clusters": [
        *("cluster_id", "parcel_codes", "n_parcels", "area_m2", "gfa_m2", "shape", "elongation", "compactness"),
    ],
    "sites": ["site_id", "parcel_codes", "n_parcels", "area_m2", "difficulty", "lower_bound", "gap", "proven"],
    "adjacency": ["parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier"],
    "floor_area": ["zone", "land_use", "site_area_m2", "gfa_m2", "n", "n_unknown"],
}
REASON = ["condition", "outcome", "field", "value", "threshold", "unit", "clause"]

PAGES = {
    "/",
    "/maps/overview",
    "/candidates",
    "/clusters",
    "/totals",
    "/totals/rows",
    "/totals/target",
    "/carriers",
    "/parcels/{code}",
}
JSON = {
    "/api/v1/parcels/{code}",
    "/api/v1/parcels/{code}/explain",
    "/api/v1/run",
    "/api/v1/candidates",
    "/api/v1/clusters",
    "/api/v1/clusters/near-misses",
    "/api/v1/clusters/bridges",
    "/api/v1/clusters/changes",
    "/api/v1/adjacency",
    "/api/v1/carriers/groups",
    "/api/v1/totals",
    "/api/v1/totals/rows",
    "/api/v1/totals/target",
    "/api/v1/carriers",
}

KIND_NAMES = {
    *("zones", "park", "parcels", "buildings", "carriers", "streets", "stations", "barriers", "heritage", "services"),
}


def parameters(call: object) -> str:
    parts: list[str] = []
    starred = False
    for parameter in inspect.signature(call).parameters.values():  # type: ignore[arg-type]
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        parts.append(parameter.name + ("" if parameter.default is parameter.empty else "="))
    return ", ".join(parts)


@pytest.mark.parametrize("name", CALLS)
def test_a_public_call_has_its_name_and_its_parameters(name: str) -> None:
    assert parameters(getattr(geo, name)) == CALLS[name]


def test_the_public_names_are_these_and_no_others() -> None:
    assert set(geo.__all__) == set(CALLS)
    assert not {name for name in CALLS_NOT_YET if hasattr(geo, name)}
    assert {"overview", "candidates", "clusters"} <= set(maps.__all__)


def test_a_room_of_the_same_name_as_a_call_can_be_imported_and_called() -> None:
    import geo.policy
    from geo.policy import Policy

    assert isinstance(geo.policy("hongkou-2025"), Policy)


def commands() -> dict[str, set[str]]:
    group = typer.main.get_command(command_line)
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


def test_the_commands_and_their_options_are_there() -> None:
    found = commands()
    assert set(found) == set(COMMANDS)
    assert not {(name, option) for name, options in COMMANDS.items() for option in options - found[name]}
    assert not COMMANDS_NOT_YET & set(found)


def test_a_command_that_writes_a_file_can_be_told_to_write_over_one() -> None:
    writers = {name for name, options in commands().items() if "--out" in options}
    assert len(writers) > 10
    assert {name for name in writers if "--force" not in commands()[name]} == set()


def test_the_database_commands_are_there() -> None:
    group = typer.main.get_command(command_line)
    assert set(group.commands["db"].commands) == DB_COMMANDS  # type: ignore[attr-defined]


def test_the_kinds_of_an_import_have_their_plural_names() -> None:
    assert set(KINDS) >= KIND_NAMES


def test_the_environment_variables_keep_their_names() -> None:
    assert {"DATABASE_URL", "TEST_DATABASE_URL", "SHUANGBEI_HOME", "SHUANGBEI_REAL_DATA"} <= set(VARIABLES)


def test_pages_and_json_answer_at_their_addresses(city: Database) -> None:
    geo.publish(city, geo.policy("hongkou-2025"))
    with TestClient(create_app(city)) as browser:
        asked = {path: browser.get(path.replace("{code}", "S1")).status_code for path in sorted(PAGES | JSON)}
        assert asked == dict.fromkeys(asked, 200)
        # tiles and the OGC API come with a later issue
        assert browser.get("/ogc").status_code == 404


def test_answers_have_their_columns(city: Database) -> None:
    db = city
    policy = geo.policy("hongkou-2025")
    frames = {
        "parcels": geo.parcels(db),
        "candidates": geo.candidates(db, policy, rule="office_to_rnd"),
        "clusters": geo.clusters(db, policy, over="all"),
        "adjacency": geo.adjacency(db, policy),
        "sites": geo.sites(db, policy, min_area_m2=25_000),
        "floor_area": geo.floor_area(db, policy, by=["zone", "land_use"]),
    }
    for name, columns in COLUMNS.items():
        assert not set(columns) - set(frames[name]), name
    judged = frames["candidates"]
    assert list(judged["parcel_code"]) == list(frames["parcels"]["parcel_code"]), "one row for every current parcel"
    assert set(judged["verdict"]) <= {"candidate", "no", "unknown"}
    for reasons in judged["reasons"]:
        assert not set(REASON) - set(reasons[0])
    assert set(frames["adjacency"]["type"]) <= {"shared_edge", "lane", "corner", "barrier"}
    assert set(frames["clusters"]["shape"]) <= {"belt", "patch"}


def test_every_setting_is_read_and_documented() -> None:
    from pathlib import Path

    root = Path(__file__).parent.parent
    read = {
        name
        for folder in ("geo", "api", "maps")
        for file in (root / folder).rglob("*.py")
        for name in re.findall(r"(?:env|environ\.get|environ)[\[(]\"([A-Z_]+)\"", file.read_text(encoding="utf-8"))
        if name.startswith(("SHUANGBEI_", "DATABASE_", "TEST_"))
    }
    assert read <= set(VARIABLES)
    page = (root / "docs" / "settings.md").read_text(encoding="utf-8")
    assert not [name for name in VARIABLES if f"`{name}`" not in page]

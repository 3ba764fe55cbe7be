"""A rule outside its dates: refused where it is asked for by name, listed without verdicts in a published run."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import geo
import maps
from api.app import create_app
from geo.database import Database
from geo.errors import NotFoundError, PolicyError
from geo.policy import Policy
from geo.publish import current_run, explain_published, read_run

RULE, OTHER = "office_to_rnd", "industrial_to_rnd"
DAY = date(2025, 6, 1)


def dated(**dates: Any) -> Policy:
    """The policy that is shipped with dates for its first rule."""
    found = geo.policy("hongkou-2025")
    return found.with_changes({f"rules.{RULE}.{name}": value for name, value in dates.items()})


@pytest.mark.parametrize(
    ("dates", "holds"),
    [
        ({}, True),
        ({"effective_from": DAY}, True),
        ({"effective_to": DAY}, True),
        ({"effective_from": date(2025, 6, 2)}, False),
        ({"effective_to": date(2025, 5, 31)}, False),
        ({"effective_from": date(2025, 1, 1), "effective_to": date(2025, 12, 31)}, True),
    ],
)
def test_both_ends_of_its_dates_are_days_on_which_it_is_in_force(
    city: Database, dates: dict[str, date], holds: bool
) -> None:
    policy = dated(**dates)
    if holds:
        assert len(geo.candidates(city, policy, rule=RULE, as_of=DAY))
        return
    with pytest.raises(NotFoundError, match="not in force on 2025-06-01") as caught:
        geo.candidates(city, policy, rule=RULE, as_of=DAY)
    assert policy.rule(RULE).days in str(caught.value)
    assert "--as-of" in caught.value.hint


def test_whatever_hangs_on_its_candidates_is_refused_and_nothing_else(city: Database) -> None:
    policy = dated(effective_to=date(2025, 5, 31))
    asked: list[Any] = [
        lambda: geo.explain(city, policy, "S1", rule=RULE, as_of=DAY),
        lambda: geo.robustness(city, policy, rule=RULE, as_of=DAY),
        lambda: geo.clusters(city, policy, rule=RULE, as_of=DAY),
        lambda: geo.adjacency(city, policy, over="candidates", rule=RULE, as_of=DAY),
    ]
    for each in asked:
        with pytest.raises(NotFoundError, match="not in force"):
            each()
    assert len(geo.candidates(city, policy, rule=OTHER, as_of=DAY))
    assert len(geo.clusters(city, policy, over="all", as_of=DAY))
    assert len(geo.parcels(city, policy, as_of=DAY))


def test_a_run_judges_by_the_rules_in_force_and_lists_the_others_with_their_days(city: Database) -> None:
    policy = dated(effective_from=date(2025, 7, 1), effective_to=date(2025, 12, 31))
    run = geo.publish(city, policy, as_of=DAY)
    assert run.not_in_force == {RULE: "2025-07-01 – 2025-12-31"}
    assert run.rules == [name for name in policy.rules if name != RULE]
    got = read_run(city)
    assert RULE not in got.candidates
    assert got.rule == OTHER, "the first rule that is in force leads"
    assert set(got.clusters["over"]) <= set(run.rules)
    for asked in (lambda: got.judged_by(RULE), lambda: explain_published(got, "S1", RULE)):
        with pytest.raises(NotFoundError, match="was not in force, but 2025-07-01 – 2025-12-31"):
            asked()
    with pytest.raises(NotFoundError, match="not in force"):
        maps.overview(got, rule=RULE)
    later = geo.publish(city, policy, as_of=date(2025, 7, 1))
    assert (later.not_in_force, later.rules) == ({}, list(policy.rules))


@pytest.mark.parametrize(
    ("lang", "said", "refused"), [("zh", "未在有效期内", "不施行"), ("en", "not in force", "not in force")]
)
def test_pages_list_it_with_its_days_and_lead_nowhere(city: Database, lang: str, said: str, refused: str) -> None:
    policy = dated(effective_to=date(2025, 5, 31))
    geo.publish(city, policy, as_of=DAY)
    title = policy.rule(RULE).title if lang == "zh" else policy.rule(RULE).title_en
    with TestClient(create_app(city)) as browser:
        for path in ("/", "/candidates", "/parcels/S1"):
            page = browser.get(path, params={"lang": lang}).text
            assert f"{title} · " in page
            assert said in page
            assert "… – 2025-05-31" in page
            assert f"rule={RULE}" not in page
        answer = browser.get("/api/v1/candidates", params={"rule": RULE})
        assert answer.status_code == 404
        # In the language that was asked for last.
        assert refused in answer.json()["detail"]
        told = browser.get("/api/v1/run").json()["figures"]["not_in_force"]
        assert told == [{"rule": RULE, "effective_from": None, "effective_to": "2025-05-31"}]


def test_where_no_rule_is_in_force_nothing_is_published(city: Database) -> None:
    geo.publish(city, geo.policy("hongkou-2025"))
    before = current_run(city)
    found = geo.policy("hongkou-2025")
    over = found.with_changes({f"rules.{name}.effective_to": date(2020, 1, 1) for name in found.rules})
    with pytest.raises(NotFoundError, match="No rule of policy 'hongkou-2025' is in force"):
        geo.publish(city, over)
    assert current_run(city) == before


def test_dates_that_are_turned_round_are_a_fault_of_the_policy() -> None:
    with pytest.raises(PolicyError, match="lies before effective_from"):
        dated(effective_from=date(2026, 1, 1), effective_to=date(2025, 1, 1))


def test_the_commands_say_it_plainly(city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (geo.settings.data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    head = f"[rules.{RULE}]\n"
    assert head in text
    file = tmp_path / "dated.toml"
    file.write_text(text.replace(head, head + "effective_to = 2025-05-31\n"), encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    command = [sys.executable, "-c", "from api.cli import main; main()"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments, "--policy", str(file)], capture_output=True, text=True, check=False
        )

    refused = run("candidates", "--rule", RULE, "--as-of", "2025-06-01")
    assert refused.returncode == 1
    assert "not in force on 2025-06-01" in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
    made = run("publish", "--as-of", "2025-03-01")
    assert made.returncode == 0, made.stderr
    assert "The policy is made for 2025-03-07 – 2026-12-31" in " ".join(made.stderr.split())
    made = run("publish", "--as-of", "2025-06-01")
    assert f"Not judged by {RULE}" in " ".join(made.stderr.split())

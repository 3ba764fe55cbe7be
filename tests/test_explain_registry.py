"""What an explanation proposes is done in the registry itself, for every parcel of the small city, and asked again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from small_city import CITY, load_rows
from starlette.testclient import TestClient
from test_routes import C65, condition

import geo
from api.app import create_app
from geo.database import Database
from geo.fields.measures import MEASURES
from geo.fields.results import is_restricted
from geo.judge.explain import Flip, explain
from geo.policy import Policy, Route, Rule
from geo.publish import explain_published, read_run

#: a rule that asks for what is registered, and for what buildings and plans make of it
RULE = Rule(
    title="测试规则",
    assumption="a test",
    target_uses=("research_design",),
    conditions=(condition("office", "office_share", ">=", 50, "%"), condition("large", "site_area_m2", ">=", 3_000)),
    routes=(
        Route(
            id="land",
            title="土地路径",
            procedure="p",
            targets=(C65,),
            conditions=(condition("free", "supply_status", "in", ("not_granted", "granted_unbuilt")),),
            assumption="a test",
        ),
        Route(
            id="building",
            title="既有建筑路径",
            procedure="p",
            targets=(C65,),
            conditions=(
                condition("empty", "vacancy_share", ">=", 30, "%"),
                condition("allowed", "max_far", ">", 2.5),
            ),
            assumption="a test",
        ),
    ),
)
SHIPPED: Policy = geo.policy("hongkou-2025")
assert SHIPPED.target is not None
#: without the measures that lead to the target, for they name the routes of the shipped rules
POLICY = SHIPPED.model_copy(
    update={"rules": {"registered": RULE}, "target": SHIPPED.target.model_copy(update={"measures": None})}
)
STANDING = {row["parcel_code"] for row in CITY["buildings"] if row["state"] == "standing"}


def changed_city(flips: dict[str, Flip]) -> dict[str, list[dict[str, Any]]]:
    """The rows of parcels and buildings with the changes of each parcel's flip made, as an office would register them."""
    parcels = {row["parcel_code"]: dict(row) for row in CITY["parcels"]}
    buildings = [dict(row) for row in CITY["buildings"]]
    for code, flip in flips.items():
        for change in flip.changes:
            if change.field == "vacancy_share":
                for row in buildings:
                    if row["parcel_code"] == code and row["state"] == "standing":
                        row["vacancy_share"] = change.value
            elif change.field == "office_share":
                # A land-use cell is written in whole per cents.
                share = int(change.value * 100)  # type: ignore[operator]
                parcels[code]["land_use"] = f"C8({share}%)Rr2({100 - share}%)"
            else:
                parcels[code][change.field] = change.value
    return {"parcels": list(parcels.values()), "buildings": buildings}


def in_rounds(proposals: dict[str, tuple[Flip, ...]]) -> list[dict[str, Flip]]:
    """First every parcel's first proposal, then every second one, …: another parcel changes no verdict."""
    most = max(map(len, proposals.values()))
    return [{code: flips[n] for code, flips in proposals.items() if n < len(flips)} for n in range(most)]


def test_what_is_proposed_for_each_parcel_flips_its_verdict_when_the_registry_says_so(
    city: Database, tmp_path: Path
) -> None:
    codes = [row["parcel_code"] for row in CITY["parcels"]]
    found = {code: geo.explain(city, POLICY, code, rule="registered") for code in codes}
    proposals = {
        code: tuple(
            flip
            for flip in (*one.flips, *one.answers)
            if code in STANDING or "vacancy_share" not in {change.field for change in flip.changes}
        )
        for code, one in found.items()
    }
    assert sum(map(len, proposals.values())) > 15
    told = {(one.verdict, flip.verdict, len(flip.changes)) for one in found.values() for flip in one.flips}
    assert {("no", "candidate", 1), ("candidate", "no", 1), ("no", "candidate", 2)} <= told
    for flips in in_rounds(proposals):
        for kind, rows in changed_city(flips).items():
            load_rows(city, kind, rows, tmp_path)
        judged = geo.candidates(city, POLICY, rule="registered").set_index("parcel_code")
        for code, flip in flips.items():
            assert judged.loc[code, "verdict"] == flip.verdict, (code, flip)
            if flip.verdict == "candidate":
                assert judged.loc[code, "route"] == flip.route, (code, flip)


def test_a_published_run_explains_each_parcel_as_the_registry_does(city: Database) -> None:
    geo.publish(city, POLICY)
    published = read_run(city)
    for row in CITY["parcels"]:
        live = geo.explain(city, POLICY, row["parcel_code"], rule="registered", restricted=False)
        kept = explain_published(published, row["parcel_code"])
        assert (kept.verdict, kept.route, kept.flips, kept.answers) == (
            live.verdict,
            live.route,
            live.flips,
            live.answers,
        )


def test_every_rule_of_the_policy_is_explained_from_a_run_as_from_the_registry_and_keeps_owners_and_leases_back(
    city: Database,
) -> None:
    policy = geo.policy("hongkou-2025")
    geo.publish(city, policy)
    published = read_run(city)
    land = geo.parcels(city, policy)
    closed = [name for name in MEASURES if is_restricted(name)]
    n_sealed = 0
    for name, rule in policy.rules.items():
        for code in land["parcel_code"]:
            live = explain(land, rule, code, name, sealed=closed, order=policy.levers)
            kept = explain_published(published, code, name)
            assert (kept.verdict, kept.route, kept.flips, kept.answers) == (
                live.verdict,
                live.route,
                live.flips,
                live.answers,
            ), (name, code)
            for change in (change for flip in (*kept.flips, *kept.answers) for change in flip.changes):
                assert change.old is None or change.field not in closed
                n_sealed += change.sealed
            given = {condition.measure for _, condition in rule.asked if condition.id in rule.given}
            assert not given & {change.field for flip in kept.flips for change in flip.changes}
            assert not [r for r in kept.reasons if r["field"] in closed and (r["value"], r["text"]) != (None, None)]
    assert n_sealed > 5, "owners and terms decide somewhere"


def test_pages_and_json_tell_what_would_change_the_verdict(city: Database) -> None:
    geo.publish(city, POLICY)
    with TestClient(create_app(city)) as browser:
        answer = browser.get("/api/v1/parcels/N1/explain", params={"rule": "registered"})
        assert answer.status_code == 200
        told = answer.json()
        live = geo.explain(city, POLICY, "N1", rule="registered")
        assert told["verdict"] == live.verdict == "no"
        assert [flip["changes"][0]["new"] for flip in told["flips"]] == [flip.changes[0].new for flip in live.flips]
        page = browser.get("/parcels/N1").text
        assert "怎样才会不同" in page
        assert "商办用地占比 0.0% → ≥ 50.0%（规划资源部门（规划调整））" in page
        assert "[既有建筑路径]" in page
        assert "Smallest changes, judged again by the rule" in browser.get("/parcels/N1?lang=en").text
        for lang, told in (("zh", "中没有地块 nowhere。"), ("en", "There is no parcel 'nowhere' in run")):
            nowhere = browser.get("/api/v1/parcels/nowhere/explain", params={"lang": lang})
            assert (nowhere.status_code, told in nowhere.json()["detail"]) == (404, True)
        assert browser.get("/api/v1/parcels/N1/explain?rule=nothing").status_code == 404


def test_the_page_of_a_parcel_tells_what_each_criterion_gives_and_adds_and_the_sum(city: Database) -> None:
    geo.publish(city, SHIPPED)
    found = geo.explain(city, SHIPPED, "S1")
    assert found.score is not None
    with TestClient(create_app(city)) as browser:
        page = browser.get("/parcels/S1").text
    table = page[page.index('id="contributions"') :]
    assert "取值 0–1" in table
    rows = re.findall(r"<tr><td>(.*?)</tr>", table)
    told = [re.findall(r'<td class="number[^"]*">([^<]*)</td>', row) for row in rows]
    counted = [part for part in found.contributions if part["applies"]]
    assert len(told) == len(counted)
    for cells, part in zip(told, counted, strict=True):
        if part["contribution"] is not None:
            assert cells == [f"{part['result']:.2f}", f"{part['weight']:.1f}", f"{part['contribution']:.1f}"]
    assert f'合计</th><td class="number">{found.score:.1f}</td>' in table


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_explanation_has_words_in_both_languages(city: Database, lang: Any) -> None:
    from maps.explanations import told

    for row in CITY["parcels"]:
        found = geo.explain(city, POLICY, row["parcel_code"], rule="registered")
        parts = told(found, lang)
        assert parts
        assert sum(len(part.proposals) for part in parts) == len(found.flips) + len(found.answers)

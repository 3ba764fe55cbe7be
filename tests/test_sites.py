"""The best site of the small city as one sees it by eye, of the demo, and under the command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from small_city import box, load_rows
from typer.testing import CliRunner, Result

import geo
from api.cli import app
from geo.answers.sites import _why
from geo.database import Database
from geo.errors import NotFoundError, PolicyError, SettingsError
from geo.judge.sites.results import Question
from geo.judge.sites.why import Nothing
from geo.policy import Policy
from geo.units import mu

#: a day on which what the city says of leases is asked
DAY = date(2025, 12, 31)


def find(db: Database, **asked: Any) -> gpd.GeoDataFrame:
    return geo.sites(db, **({"anchor": None, "as_of": DAY, "min_area_m2": 25_000} | asked))


def codes(found: gpd.GeoDataFrame) -> list[str]:
    return ["+".join(of) for of in found["parcel_codes"]]


def test_the_minimal_sites_are_those_that_one_sees(city: Database) -> None:
    found = find(city, every=True)
    # S4 and S5 lie across a branch road from the row of S1, S2, S3; an arterial, a river and a corner join nothing.
    north, south = {"N1+N2", "N1+N3"}, {"S4+S5", "S3+S5", "S2+S5", "S1+S2+S3", "S1+S2+S4"}
    assert set(codes(found)) == north | south
    assert (found.attrs["complete"], found.attrs["n_minimal"]) == (True, 7)
    assert found["area_m2"].to_list() == [30_000.0] * 7
    # N1 has one owner, is nine tenths vacant, state-owned, its leases end in 2027; N2 is not granted.
    assert codes(found)[0] == "N1+N2"
    assert found["proven"].iloc[0]
    assert found["difficulty_low"].iloc[0] < found["difficulty"].iloc[0]


def test_a_river_that_may_be_crossed_makes_another_site(city: Database) -> None:
    assert set("".join(codes(find(city, min_area_m2=55_000)))) <= set("S12345+")
    found = find(city, min_area_m2=55_000, allow="小河")
    assert "N1+N2+N3+N4+N5" in codes(found)
    assert found.attrs["stamp"]["allow"] == ["小河"]


def test_land_that_the_site_has_already_is_area_and_no_difficulty(city: Database) -> None:
    found = find(city, anchor="S1", every=True)
    assert set(codes(found)) == {"S1+S4+S5", "S1+S2+S3", "S1+S2+S4", "S1+S2+S5"}
    assert found["n_anchor"].to_list() == [1] * 4
    whole = find(city, require=["S1"], every=True)
    assert set(codes(whole)) == set(codes(found))
    assert (whole["difficulty"].min(), whole["n_anchor"].max()) > (found["difficulty"].min(), 0)


def test_what_is_forbidden_is_in_no_site_and_what_is_required_in_each(city: Database) -> None:
    assert codes(find(city, forbid=["N1", "S5"], every=True)) != []
    assert not [one for one in codes(find(city, forbid=["N1", "S5"], every=True)) if "N1" in one or "S5" in one]
    assert all("S3" in one for one in codes(find(city, require=["S3"], every=True)))
    assert (
        find(city, max_area_m2=29_000)
        .attrs["why_none"]
        .startswith("No land that hangs together comes to more than 37.5 mu")
    )


def test_the_anchor_may_be_a_park_or_a_carrier_by_name(city: Database, tmp_path: Path) -> None:
    load_rows(city, "park", [{"park_code": "K1", "name": "某园", "geom": box(-10, -10, 160, 110)}], tmp_path)
    park = find(city, anchor="某园")
    assert park.attrs["anchor"]["parcel_codes"] == ["S1", "S2"]  # S2 lies to six tenths in it
    assert find(city, anchor="K1").attrs["anchor"]["parcel_codes"] == ["S1", "S2"]
    carrier = find(city, anchor="乙楼")  # half of a building on S1, and S3
    assert carrier.attrs["anchor"]["parcel_codes"] == ["S1", "S3"]
    # They do not touch and are held together all the same.
    assert all({"S1", "S3"} < set(of) for of in carrier["parcel_codes"])
    with pytest.raises(NotFoundError, match="己"):
        find(city, anchor="己某某")
    with pytest.raises(NotFoundError, match="is not known"):
        find(city, anchor="丁园")  # nobody says where it stands


def test_the_policys_anchor_is_told_to_be_unknown_where_it_is(city: Database) -> None:
    found = geo.sites(city, min_area_m2=25_000, as_of=DAY)
    assert found.attrs["anchor"]["name"] is None
    assert "北科创生物技术产业园 is not known" in found.attrs["anchor"]["note"]
    assert codes(found) == codes(find(city))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"min_area_m2": 60_000}, "The largest cluster has 90.0 mu; more than 90.0 mu is wanted."),
        ({"min_area_m2": 30_000, "max_area_m2": 30_000}, "is not over the smallest"),
        ({"require": ["S1", "N1"]}, "does not hang together"),
        ({"anchor": ["S1"], "min_area_m2": 70_000}, "hangs together with the anchor"),
        ({"require": ["S1", "S2", "S3"], "max_area_m2": 28_000}, "comes to 45.0 mu, over the largest"),
    ],
)
def test_where_there_is_no_site_a_sentence_says_why(city: Database, asked: dict[str, Any], said: str) -> None:
    found = find(city, **asked)
    assert found.empty
    assert said in found.attrs["why_none"]
    assert found.attrs["none_known"]
    assert found.crs == city.crs


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"forbid": ["S1"], "require": ["S1"]}, SettingsError),
        ({"forbid": ["S1"], "anchor": "S1"}, SettingsError),
        ({"forbid": ["X9"]}, NotFoundError),
        ({"require": ["X9"]}, NotFoundError),
        ({"anchor": ["S1", "X9"]}, NotFoundError),
        ({"min_area_m2": 0}, SettingsError),
        ({"max_area_m2": float("nan")}, SettingsError),
        ({"time_limit_s": -1}, SettingsError),
        ({"k": 0}, SettingsError),
        ({"min_different": 0}, SettingsError),
        ({"over": "everything"}, NotFoundError),
        ({"anchor": []}, NotFoundError),
        ({"min_area_m2": "100mu"}, SettingsError),
        ({"max_area_m2": "100mu"}, SettingsError),
        ({"time_limit_s": "60"}, SettingsError),
        ({"gap_m": "24"}, SettingsError),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    city: Database, asked: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        find(city, **asked)


def test_a_policy_that_weighs_nothing_cannot_be_asked(city: Database) -> None:
    with pytest.raises(PolicyError, match="how difficult land is"):
        find(city, policy="cambridge-ma")


def test_land_kept_out_by_its_use_is_in_no_site_unless_it_is_asked_for(city: Database, hongkou: Policy) -> None:
    policy = hongkou.with_changes({"sites.search.kept_out.value": ("industrial",)})
    found = geo.sites(city, policy, anchor=None, min_area_m2=25_000, as_of=DAY, every=True)
    assert not [one for one in codes(found) if "N1" in one]
    assert found.attrs["searched"]["n_kept_out"] == 2
    asked = geo.sites(city, policy, anchor=None, min_area_m2=25_000, as_of=DAY, require=["N1"])
    assert codes(asked)[0].startswith("N1")


def test_progress_is_told_and_a_search_can_be_stopped(city: Database) -> None:
    said: list[tuple[float | None, str]] = []
    find(city, tell=lambda share, text: said.append((share, text)))
    assert said
    assert all(share is None or 0 <= share <= 1 for share, _ in said)
    policy = geo.policy("hongkou-2025").with_changes({"sites.search.most_walked.value": 1})
    stopped = find(city, policy=policy, should_stop=lambda: True)
    assert stopped.attrs["searched"]["done"] is False
    assert not stopped["proven"].all()


@pytest.fixture
def hongkou() -> Policy:
    return geo.policy("hongkou-2025")


def test_the_demos_site_stands_in_the_made_up_park_with_its_proof(demo_db: Database) -> None:
    found = geo.sites(demo_db)
    best = found.iloc[0]
    anchor = found.attrs["anchor"]
    assert anchor["name"] == "演示生物技术园"
    assert set(anchor["parcel_codes"]) < set(best["parcel_codes"])
    assert best["area_m2"] > mu(100)
    assert (best["proven"], best["gap"], best["synthetic"]) == (True, 0.0, True)
    zones = geo.parcels(demo_db).set_index("parcel_code")["zone"]
    assert set(zones[best["parcel_codes"]]) == {"north_middle_ring"}
    (new, *_) = sorted(set(best["parcel_codes"]) - set(anchor["parcel_codes"]))
    without = geo.sites(demo_db, forbid=[new]).iloc[0]
    assert new not in without["parcel_codes"]
    assert without["difficulty"] >= best["difficulty"]


@pytest.mark.parametrize("allow", ["演示次干路14", "次干路"])
def test_a_road_of_the_demo_that_may_be_crossed_makes_a_better_site_over_100_mu(demo_db: Database, allow: str) -> None:
    before = geo.sites(demo_db, k=1).iloc[0]
    after = geo.sites(demo_db, k=1, allow=allow).iloc[0]
    assert min(before["area_m2"], after["area_m2"]) > mu(100)
    assert (before["proven"], after["proven"]) == (True, True)
    assert after["difficulty"] < before["difficulty"] / 2
    # Two of its parcels lie on the two sides of that road, and nothing but the road parts them.
    pairs = geo.adjacency(demo_db, over=after["parcel_codes"])
    assert "secondary:演示次干路14" in set(pairs["barrier"])


def test_the_demos_best_of_all_land_is_proven_too(demo_db: Database) -> None:
    found = geo.sites(demo_db, anchor=None, k=1)
    assert found["proven"].all()
    assert found.attrs["complete"] is False
    # Land that hangs together more widely has no harder best site.
    assert geo.sites(demo_db, anchor=None, k=1, allow="secondary")["difficulty"].iloc[0] <= found["difficulty"].iloc[0]


def test_the_command_tells_the_best_and_what_it_rests_on(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", city.engine.url.render_as_string(hide_password=False))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["sites", "--as-of", str(DAY), *arguments], catch_exceptions=False)

    said = run("--min-area", "2.5ha")
    assert "N1、N2" in said.stdout
    assert "is not known" in said.stderr
    assert "7 minimal sites in all" in said.stderr
    rows = json.loads(run("--min-area", "25000", "--anchor", "S1", "--format", "json").stdout)
    assert rows[0]["parcel_codes"] == ["S1", "S4", "S5"]
    # Owners, ownership and leases are not for everybody, nor is a sum that they are part of: two sums tell one parcel's.
    assert {name for name in rows[0] if name.startswith("difficulty")} == {
        *("difficulty_open", "difficulty_gfa_in_use", "difficulty_heritage", "difficulty_plan_change"),
    }
    assert not {"lower_bound", "n_unknown"} & set(rows[0])
    parts = ("difficulty_gfa_in_use", "difficulty_heritage", "difficulty_plan_change")
    assert rows[0]["difficulty_open"] == pytest.approx(sum(rows[0][name] for name in parts))
    assert "3 pairs of parcels are joined by 小河" in run("--min-area", "25000", "--allow", "小河").stderr
    assert "The largest cluster has 90.0 mu" in run("--anchor", "none", "--min-area", "100mu").stderr
    assert len(json.loads(run("--curve", "--min-area", "25000", "--format", "json").stdout)) > 2
    assert run("--every", "--min-area", "25000", "--anchor", "none", "--format", "csv").stdout.count("\n") == 8


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"require": 5}, "5 is no code of a parcel"),
        ({"forbid": [None]}, "None is no code of a parcel"),
        ({"anchor": 5}, "5 is no code of a parcel, or name"),
        ({"allow": [5.5]}, "5.5 is no class or name of a barrier"),
        ({"over": None}, "no set of parcels None"),
        ({"over": 5}, "no set of parcels 5"),
        ({"k": 2.5}, "2.5 cannot be used: it is no whole number"),
        ({"min_different": 1.5}, "1.5 cannot be used: it is no whole number"),
        ({"known_at": "noon"}, "'noon' is no instant"),
        ({"curve": True, "every": True}, "are two questions"),
        ({"curve": True, "k": 3}, "has one site for each area"),
        ({"curve": True, "min_different": 2}, "has one site for each area"),
    ],
)
def test_an_argument_of_another_kind_is_one_clear_error(city: Database, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises((SettingsError, NotFoundError)) as refused:
        find(city, **wrong)
    assert said in str(refused.value)
    assert refused.value.hint


def test_nothing_required_forbidden_or_allowed_may_be_said_as_none(city: Database) -> None:
    plain, none = find(city), find(city, require=None, forbid=None, allow=None)
    assert plain["site_id"].tolist() == none["site_id"].tolist() != []


def test_parks_carriers_and_parcels_may_be_the_anchor_together(city: Database, tmp_path: Path) -> None:
    load_rows(city, "park", [{"park_code": "K1", "name": "某园", "geom": box(-10, -10, 160, 110)}], tmp_path)
    both = find(city, anchor=["某园", "S3"]).attrs["anchor"]
    assert (both["name"], both["parcel_codes"]) == ("某园、S3", ["S1", "S2", "S3"])
    assert find(city, anchor=["S2", "S1"]).attrs["anchor"]["name"] == "S2、S1"
    with pytest.raises(NotFoundError, match="carrier 己某某 on"):
        find(city, anchor=["某园", "己某某"])


def test_why_there_is_no_site_names_what_was_asked_for_alone(city: Database) -> None:
    anchored = find(city, anchor="S1", min_area_m2=70_000).attrs
    assert anchored["why_none"].startswith("The land that hangs together with the anchor comes to")
    assert anchored["why_none_zh"].startswith("与现有用地连片的用地共")
    required = find(city, require=["S1"], min_area_m2=70_000).attrs
    assert required["why_none"].startswith("The land that hangs together with what is required comes to")


def told_in(file: Path) -> dict[str, Any]:
    return dict(openpyxl.load_workbook(file)["运行信息"].iter_rows(values_only=True))


def test_a_file_says_in_words_what_was_asked_and_how_firm_the_answer_is(city: Database, tmp_path: Path) -> None:
    file = geo.export(find(city, anchor="policy", allow=["river", "river:小河"]), tmp_path / "sites.xlsx")
    told = told_in(file)
    assert told["地块范围"] == "全部地块"
    assert told["允许穿越"] == "河道、河道 小河"
    assert told["现有用地说明"] == "北科创生物技术产业园的用地范围未知，方案不以其为基础。"
    assert (told["所问均有确定答案"], told["极小方案已全部列举"]) == ("是", "是")
    assert told["极小方案数"] > 2
    assert "没有（更多）方案的原因" not in told


def test_a_file_without_a_site_says_why_and_areas_have_no_endless_digits(city: Database, tmp_path: Path) -> None:
    none = find(city, over="candidates", min_area_m2=mu(1_000))
    told = told_in(geo.export(none, tmp_path / "none.xlsx"))
    assert told["没有（更多）方案的原因"].startswith("最大的连片用地为")
    assert told["面积大于（㎡）"] == 666_666.67
    assert told["地块范围"] == "候选地块：商办等用地调整为研发用地"


@pytest.mark.parametrize("ask", [geo.near_misses, geo.bridges, geo.clusters])
def test_a_file_of_what_hangs_together_says_which_barriers_were_allowed(city: Database, ask: Any) -> None:
    assert ask(city, over="all", allow="小河").attrs["stamp"]["allow"] == ["小河"]
    assert "allow" not in ask(city, over="all").attrs["stamp"]


@pytest.mark.parametrize(("reason", "known"), [("time", False), ("none", True), ("short", True), ("bounds", True)])
def test_only_a_search_whose_time_was_up_leaves_open_whether_there_is_a_site(reason: str, known: bool) -> None:
    assert _why(Nothing(reason, 1.0), Question(mu(100), mu(90)))["none_known"] is known

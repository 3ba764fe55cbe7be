"""Folium's pages: drawn once a run and language, each under a policy that names the hashes of its own scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

import maps
from api import lists
from api.land_answers import Job as LandJob
from api.land_answers import of_land
from api.language import Language
from api.parameters import OnlyKnown
from api.runs import AppReading, CurrentRun
from api.scenarios import First, Second, Until, laid_pair, side_name
from api.security import policy, require_reader
from api.sites import Job, answer_of
from api.way import AnsweredJob
from api.way import answer_of as way_of
from maps.csp import script_hashes
from maps.drawing import stamp
from maps.offline import OfflineMap

router = APIRouter(
    prefix="/maps",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


@router.get("/overview")
def overview(request: Request, now: AppReading, run: CurrentRun, lang: Language, rule: lists.Rule = "") -> Response:
    """The overview map of the current run, its candidates those of a rule."""
    name, _ = lists.of_rule(run, rule)
    return _drawn(request, now, run, f"overview/{lang}/{name}", lambda: maps.overview(run, lang=lang, rule=name))


@router.get("/candidates")
def candidates(request: Request, now: AppReading, run: CurrentRun, lang: Language, rule: lists.Rule = "") -> Response:
    """Parcels and candidates alone."""
    name, frame = lists.of_rule(run, rule)
    return _drawn(request, now, run, f"candidates/{lang}/{name}", lambda: maps.candidates(frame, lang=lang))


@router.get("/clusters", dependencies=[OnlyKnown])
def clusters(
    request: Request, now: AppReading, run: CurrentRun, lang: Language, rule: lists.Rule = "", job: LandJob = None
) -> Response:
    """Clusters of a rule's candidates or of a job's land, with pairs of parcels by type, barriers, bridges, near misses."""
    run = of_land(request, run, job).run
    name, frame = lists.clusters(run, rule)

    def draw() -> OfflineMap:
        return maps.clusters(
            frame,
            adjacency=lists.finding(run, "adjacency", rule)[1],
            parcels=run.candidates[name],
            barriers=run.layers.get("barriers"),
            near_misses=lists.finding(run, "near_misses", rule)[1],
            bridges=lists.finding(run, "bridges", rule)[1],
            lang=lang,
            stamp=stamp(run.run, lang),
        )

    return _drawn(request, now, run, f"clusters/{lang}/{name}/{job or ''}", draw)


@router.get("/carrier-groups")
def carrier_groups(request: Request, now: AppReading, run: CurrentRun, lang: Language) -> Response:
    """Groups of carriers within walking distance, apart from contiguous land."""

    def draw() -> OfflineMap:
        groups = run.findings["carrier_groups"]
        return maps.carrier_groups(
            groups, run.carriers, zones=run.layers.get("zones"), lang=lang, stamp=stamp(run.run, lang)
        )

    return _drawn(request, now, run, f"carrier-groups/{lang}", draw)


@router.get("/sites")
def sites(request: Request, now: AppReading, run: CurrentRun, lang: Language, job: Job = None) -> Response:
    """The sites of the run's own question, or those that a job found."""

    def draw() -> OfflineMap:
        shown = answer_of(request, run, job)
        return maps.sites(
            shown.frame,
            parcels=run.parcels,
            layers=run.layers,
            anchor=(shown.told.get("anchor") or {}).get("parcel_codes") or (),
            lang=lang,
            stamp=stamp(run.run, lang),
        )

    return _drawn(request, now, run, f"sites/{lang}/{job or ''}", draw)


@router.get("/way")
def way(request: Request, now: AppReading, run: CurrentRun, lang: Language, job: AnsweredJob) -> Response:
    """The way to the target that a job found."""

    def draw() -> OfflineMap:
        shown = way_of(request, job)
        return maps.way(shown.frame, layers=run.layers, lang=lang, stamp=stamp(run.run, lang))

    return _drawn(request, now, run, f"way/{lang}/{job}", draw)


@router.get("/scenarios")
def scenarios(
    request: Request, now: AppReading, lang: Language, first: First = "", second: Second = "", until: Until = ""
) -> Response:
    """Two scenarios side by side: measures, candidates and planned uses as they would be."""
    one, other = laid_pair(request, now, first, second, until)
    numbers = [0 if each.scenario is None else each.scenario.scenario_id for each in (one, other)]

    def draw() -> OfflineMap:
        sides = [
            maps.Side(side_name(each, lang), lists.open_columns(each.candidates()), each.measures)
            for each in (one, other)
        ]
        zones = one.policy.zones.names
        return maps.scenarios(
            sides[0], sides[1], layers=one.run.layers, zones=zones, lang=lang, stamp=stamp(one.run.run, lang)
        )

    return _drawn(request, now, one.run, f"scenarios/{lang}/{numbers}/{until}", draw)


def _drawn(request: Request, now: AppReading, run: CurrentRun, key: str, draw: Callable[[], OfflineMap]) -> Response:
    def made() -> tuple[str, str, str]:
        html = maps.html(draw(), assets="served")
        tag = hashlib.sha256(html.encode()).hexdigest()[:32]
        return html, policy(script_hashes(html), inline_styles=True), f'"{tag}"'

    html, security, tag = now.made(run, key, made)
    headers = {"Content-Security-Policy": security, "ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(html, headers=headers)

"""The pages: main figures, lists, one parcel.  All of them are read from the current run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api import lists, sections, views
from api.faults import Fault, RefusedError, of_model
from api.forms import sent_fields
from api.jobs import AppDesk, FromOwnPage, desk
from api.land_answers import Job, OfLand, of_land
from api.land_form import form, land_told
from api.land_questions import LandQuestion, arguments_of, fields_of
from api.language import Language
from api.parameters import OnlyKnown, instead
from api.runs import CurrentRun
from api.security import CurrentReader, require_reader
from api.templating import page
from api.text import phrase
from geo import jobs
from geo.errors import NotFoundError
from geo.fields.kept import FIND, keep
from geo.publish import Published, explain_published
from geo.said import Said
from maps import explanations, figures, reasons, ways

router = APIRouter(dependencies=[Depends(require_reader)], default_response_class=HTMLResponse, include_in_schema=False)

CANDIDATES = ("rank", "parcel_code", "name", "zone", "land_use", "supply_status", "site_area_m2", "gfa_m2", "verdict",
              "opinion", "score", "route", "reasons")  # fmt: skip
CLUSTERS = ("cluster_id", "shape", "area_m2", "gross_area_m2", "n_parcels", "gfa_m2", "n_gfa_unknown", "capacity_m2",
            "uses", "n_carriers", "elongation", "compactness", "parcel_codes")  # fmt: skip
CARRIERS = ("carrier_code", "name", "carrier_kind", "status", "zone", "gfa_m2", "leasable_m2", "operator", "industries",
            "fact_source")  # fmt: skip
NOT_SORTED = frozenset({"reasons", "uses", "parcel_codes", "industries", "land_use_parts"})
_FORMATS = {"candidates": ("xlsx", "docx", "csv", "geojson", "gpkg", "parquet")}
BEST_FIRST = ("rank", "verdict", "parcel_code")


@router.get("/")
def front(request: Request, run: CurrentRun, lang: Language, rule: lists.Rule = "") -> HTMLResponse:
    """The run's main figures, the map by a rule, and what has to be known to read them."""
    lists.of_rule(run, rule)
    words = views.wording(run, lang, rule)
    content = {
        "run": run.run,
        "figures": run.run.figures,
        "target_ground": views.target_ground(run, lang),
        "zones": words.zones,
        "rules": views.rule_links(run, lang, rule, lambda name: _address("/", rule=name) + "#map-title"),
        "lists": views.rule_links(run, lang, rule, lambda name: _address("/candidates", rule=name)),
        "map": _address("/maps/overview", lang=lang, rule=rule),
    }
    return page(request, "front.html", content)


@router.get("/candidates")
def candidates(
    request: Request,
    run: CurrentRun,
    lang: Language,
    verdict: lists.Verdict = "",
    zone: lists.Zone = "",
    find: lists.Find = "",
    rule: lists.Rule = "",
    sort: lists.Sort = "",
    number: lists.PageNumber = 1,
) -> HTMLResponse:
    """Every parcel with its verdict and the reasons for it, the best first."""
    name, frame = lists.of_rule(run, rule)
    lead = phrase("candidates_lead", lang, rule=ways.rule_title(run.run.policy, name, lang))
    asked = {"verdict": verdict, "zone": zone, FIND: find, "rule": rule, "sort": sort}
    chosen = keep(frame, lists.wanted(run, verdict, zone, find))
    if verdict == "unknown":
        lead += " " + views.to_find_out_first(run, chosen, name, lang)
    found = lists.in_order(chosen, sort, CANDIDATES, BEST_FIRST)
    filters = {"verdict": ["candidate", "unknown", "no"], "zone": list(views.wording(run, lang).zones)}
    # Opinions have a column only where there is one.
    said = any(name in frame and frame[name].notna().any() for name in ("opinion", "opinion_reason", "survey_result"))
    shown = [column for column in CANDIDATES if column != "opinion" or said]
    return _listed(request, run, lang, "candidates", lead, found, shown, asked, number, filters=filters)


@router.get("/clusters", dependencies=[OnlyKnown])
@instead(Said(" Other land is asked about with the form on /clusters.", "其他地块请用 /clusters 页上的表单提问。"))
def clusters(
    request: Request,
    run: CurrentRun,
    lang: Language,
    rule: lists.Rule = "",
    sort: lists.Sort = "",
    number: lists.PageNumber = 1,
    job: Job = None,
    again: Job = None,
) -> HTMLResponse:
    """Contiguous clusters of a rule's candidates, or of the land that a job was asked about; the largest first.

    ``again`` fills the form with the question of a job, whatever became of it.
    """
    land = of_land(request, run, job)
    filled = _asked_of(request, again) if again else fields_of(land.asked or {}) if job else {}
    asked = {"rule": rule, "sort": sort} | ({"job": str(job)} if job else {})
    return _clusters(request, land, lang, asked, number, {"again": again} | form(run, lang, filled))


@router.post("/clusters", dependencies=[FromOwnPage])
async def ask_clusters(
    request: Request, run: CurrentRun, at: AppDesk, reader: CurrentReader, lang: Language
) -> Response:
    """Ask what hangs together of other land; what cannot be asked is told beside the form."""
    fields = await sent_fields(request)
    try:
        question = LandQuestion.model_validate(fields)
        arguments = await run_in_threadpool(arguments_of, question, run, at.db, of_sites=False)
    except ValidationError as error:
        faults: Sequence[Fault] = of_model(error.errors())
    except RefusedError as error:
        faults = error.faults
    else:
        job = at.ask("clusters", arguments, run_id=run.run.run_id, actor=reader.name)
        return RedirectResponse(f"/jobs/{job.job_id}", status_code=303)
    told = {"faults": [{"field": fault.field, "text": fault.sentence(lang)} for fault in faults], "again": None}
    asked, own = {"rule": "", "sort": ""}, OfLand(run, run.run.stamp)
    return _clusters(request, own, lang, asked, 1, told | form(run, lang, fields), status_code=422)


def _asked_of(request: Request, job: int) -> dict[str, str]:
    found = jobs.job(desk(request).db, job)
    return fields_of(found.arguments) if found.kind == "clusters" else {}


def _clusters(
    request: Request,
    land: OfLand,
    lang: Language,
    asked: dict[str, str],
    number: int,
    asks: dict[str, Any],
    status_code: int = 200,
) -> HTMLResponse:
    run, rule = land.run, asked["rule"]
    frame = lists.clusters(run, rule)[1]
    found = lists.in_order(frame, asked["sort"] or "-area_m2", CLUSTERS, ())
    more = sections.of_clusters(run, rule, views.wording(run, lang, rule))
    asks |= {"of_land": land_told(land, lang) if land.asked is not None else [], "faults": asks.get("faults", [])}
    asks["notes"] = [zh if lang == "zh" else en for zh, en in land.opened]
    asks["asks"] = request.app.state.desk is not None
    lead = phrase("clusters_lead_of_land" if land.asked is not None else "clusters_lead", lang)
    return _listed(
        request,
        run,
        lang,
        "clusters",
        lead,
        found,
        CLUSTERS,
        asked,
        number,
        more=more,
        asks=asks,
        status_code=status_code,
    )


@router.get("/carriers")
def carriers(
    request: Request, run: CurrentRun, lang: Language, sort: lists.Sort = "", number: lists.PageNumber = 1
) -> HTMLResponse:
    """Carriers, the largest first, those of unknown size last."""
    found = lists.in_order(lists.open_columns(run.carriers), sort or "-gfa_m2", CARRIERS, ())
    lead = phrase("carriers_lead", lang)
    more = sections.of_carriers(run, views.wording(run, lang))
    return _listed(request, run, lang, "carriers", lead, found, CARRIERS, {"sort": sort}, number, more=more)


@router.get("/parcels/{code:path}")
def parcel(request: Request, run: CurrentRun, lang: Language, code: str, rule: lists.Rule = "") -> HTMLResponse:
    """One parcel: its figures with their source, its verdict by a rule, why, and the way that it would go."""
    name, _ = lists.of_rule(run, rule)
    words = views.wording(run, lang, rule)
    frame = lists.parcel(run, code, rule)
    row = next(iter(views.rows(frame)))
    _, found = lists.clusters(run, rule)
    held = [c for c, codes in zip(found["cluster_id"], found["parcel_codes"], strict=True) if code in codes]
    content = {
        "run": run.run,
        "code": code,
        "explained": _explained(run, code, name, words),
        "name": row.get("name"),
        "rule": ways.rule_title(run.run.policy, name, lang),
        "rules": views.rule_links(run, lang, rule, lambda other: views.parcel_address(code, other)),
        "verdict": views.cell(row, "verdict", words),
        "score": views.cell(row, "score", words),
        "sum": figures.number(float(row["score"]), 1) if figures.known(row.get("score")) else "",
        "opinion": views.opinion_rows(row, lang),
        "rank": views.cell(row, "rank", words),
        "way": words.ways.get(str(row.get("route"))),
        "flags": ways.flags_of(row.get("flags"), run.run.policy, name, lang),
        "figures": views.figure_rows(frame, words),
        "reasons": reasons.shown(row.get("reasons"), lang, wordings=words.wordings, zones=words.zones),
        "contributions": reasons.contributions(
            row.get("contributions"), lang, wordings=words.wordings, zones=words.zones
        ),
        "cluster": held[0] if held else None,
        "synthetic": bool(row.get("synthetic")),
        "map": _address("/maps/overview", lang=lang, rule=rule),
        "back": _address("/candidates", rule=rule),
        "clusters": _address("/clusters", rule=rule),
    }
    return page(request, "parcel.html", content)


def _address(path: str, **asked: str) -> str:
    given = {key: value for key, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def _explained(run: Published, code: str, rule: str, words: views.Wording) -> tuple[explanations.Told, ...]:
    """What would give the parcel another verdict; nothing of a run whose policy this program no longer reads."""
    try:
        found = explain_published(run, code, rule)
    except NotFoundError:
        return ()
    routes = {name: way.title for name, way in words.ways.items()}
    return explanations.told(found, words.lang, routes=routes, zones=words.zones)


def _listed(
    request: Request,
    run: CurrentRun,
    lang: Language,
    name: str,
    lead: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    asked: dict[str, str],
    number: int,
    *,
    filters: dict[str, list[str]] | None = None,
    more: Sequence[sections.Section] = (),
    asks: dict[str, Any] | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    words = views.wording(run, lang, asked.get("rule", ""))
    found = lists.cut(frame, number, lists.PAGE_SIZE)

    def address(**changed: Any) -> str:
        return _address(f"/{name}", **(asked | changed))

    sorts = {
        column: f"-{column}" if asked["sort"] == column else column for column in columns if column not in NOT_SORTED
    }
    content = {
        "run": run.run,
        "name": name,
        "lead": lead,
        "columns": [column for column in columns if column in frame],
        "rows": views.table(found.rows, columns, words),
        "found": found,
        "asked": asked,
        "filters": filters or {},
        "sections": more,
        "zones": words.zones,
        "sort_links": {column: address(sort=turned, number="") for column, turned in sorts.items()},
        "address": address,
        "rules": views.rule_links(run, lang, asked["rule"], lambda other: address(rule=other))
        if "rule" in asked and "job" not in asked
        else [],
        "map": _address(f"/maps/{name}", lang=lang, rule=asked.get("rule", ""), job=asked.get("job", "")),
        "formats": _FORMATS.get(name, ("xlsx", "csv", "geojson")),
        "query": urlencode({key: value for key, value in asked.items() if value and key != "sort"}),
    }
    return page(request, "list.html", content | {"asks": False} | (asks or {}), status_code=status_code)

"""The pages: main figures, lists, one parcel.  All of them are read from the current run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api import lists, sections, views
from api.language import Language
from api.runs import CurrentRun
from api.security import require_reader
from api.templating import page
from api.text import phrase
from geo.errors import NotFoundError
from geo.publish import Published, explain_published
from maps import explanations, figures, reasons, ways

router = APIRouter(dependencies=[Depends(require_reader)], default_response_class=HTMLResponse, include_in_schema=False)

CANDIDATES = ("rank", "parcel_code", "name", "zone", "land_use", "supply_status", "site_area_m2", "gfa_m2", "verdict",
              "opinion", "score", "route", "reasons")  # fmt: skip
CLUSTERS = ("cluster_id", "shape", "area_m2", "gross_area_m2", "n_parcels", "gfa_m2", "n_gfa_unknown", "capacity_m2",
            "uses", "n_carriers", "elongation", "compactness", "parcel_codes")  # fmt: skip
CARRIERS = ("carrier_code", "name", "carrier_kind", "status", "zone", "gfa_m2", "leasable_m2", "operator", "industries",
            "fact_source")  # fmt: skip
NOT_SORTED = frozenset({"reasons", "uses", "parcel_codes", "industries", "land_use_parts"})
_FORMATS = {"candidates": ("xlsx", "docx", "csv", "geojson", "gpkg")}
BEST_FIRST = ("rank", "verdict", "parcel_code")


@router.get("/")
def front(request: Request, run: CurrentRun, lang: Language, rule: lists.Rule = "") -> HTMLResponse:
    """The run's main figures, the map by a rule, and what has to be known to read them."""
    lists.of_rule(run, rule)
    words = views.wording(run, lang, rule)
    content = {
        "run": run.run,
        "figures": run.run.figures,
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
    rule: lists.Rule = "",
    sort: lists.Sort = "",
    number: lists.PageNumber = 1,
) -> HTMLResponse:
    """Every parcel with its verdict and the reasons for it, the best first."""
    name, frame = lists.of_rule(run, rule)
    lead = phrase("candidates_lead", lang, rule=ways.rule_title(run.run.policy, name, lang))
    asked = {"verdict": verdict, "zone": zone, "rule": rule, "sort": sort}
    chosen = lists.keep(frame, {"verdict": verdict, "zone": zone})
    found = lists.in_order(chosen, sort, CANDIDATES, BEST_FIRST)
    filters = {"verdict": ["candidate", "unknown", "no"], "zone": list(views.wording(run, lang).zones)}
    # Opinions have a column only where there is one.
    said = "opinion" in frame and bool(frame["opinion"].notna().any())
    shown = [column for column in CANDIDATES if column != "opinion" or said]
    return _listed(request, run, lang, "candidates", lead, found, shown, asked, number, filters=filters)


@router.get("/clusters")
def clusters(
    request: Request,
    run: CurrentRun,
    lang: Language,
    rule: lists.Rule = "",
    sort: lists.Sort = "",
    number: lists.PageNumber = 1,
) -> HTMLResponse:
    """Contiguous clusters of a rule's candidates, the largest first."""
    _, frame = lists.clusters(run, rule)
    found = lists.in_order(frame, sort or "-area_m2", CLUSTERS, ())
    lead = phrase("clusters_lead", lang)
    asked = {"rule": rule, "sort": sort}
    more = sections.of_clusters(run, rule, views.wording(run, lang, rule))
    return _listed(request, run, lang, "clusters", lead, found, CLUSTERS, asked, number, more=more)


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
        if "rule" in asked
        else [],
        "map": _address(f"/maps/{name}", lang=lang, rule=asked.get("rule", "")),
        "formats": _FORMATS.get(name, ("xlsx", "csv", "geojson")),
        "query": urlencode({key: value for key, value in asked.items() if value and key != "sort"}),
    }
    return page(request, "list.html", content)

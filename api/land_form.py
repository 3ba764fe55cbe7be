"""The form of a question about land: what it offers, what holds where a field is left empty, and its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.forms import put_together, taken_apart
from api.land_answers import OfLand
from api.site_questions import LONGEST_S
from api.text import phrase
from geo.errors import NotFoundError
from geo.publish import Published
from geo.publish.explaining import policy_of
from geo.units import to_mu
from maps.steps import barrier
from maps.text import Lang, word
from maps.ways import rule_title

#: so many names are offered to whoever types
_OFFERED = 500
#: fields that stand in the fold
_MORE = ("no_anchor", "gap_m", "k", "min_different", "every", "as_of", "known_at", "outline", "codes")


def over_told(over: Any, run: Published, lang: Lang) -> str:
    """Over which parcels was searched, in words."""
    name, _, rule = str(over or "all").partition(":")
    if name == "candidates":
        return phrase("sites_over_of_rule", lang, rule=dict(_rules(run, lang)).get(rule, rule))
    key = {
        "all": "sites_over_all",
        "carriers": "sites_over_carriers",
        "outline": "sites_over_outline_told",
        "chosen": "sites_over_chosen",
    }.get(name)
    return phrase(key, lang) if key else name


def form(run: Published, lang: Lang, values: Mapping[str, str]) -> dict[str, Any]:
    """What the form offers, and the values that it is filled with."""
    crossable = (run.run.policy.get("clusters") or {}).get("crossable") or {}
    classes = [name for name in crossable if not crossable[name].get("value")]
    typed = taken_apart(values.get("allow", ""))
    over = [("all", phrase("sites_over_all", lang))]
    over += [
        (f"candidates:{name}", phrase("sites_over_of_rule", lang, rule=title)) for name, title in _rules(run, lang)
    ]
    over += [(name, phrase(f"sites_over_{name}", lang)) for name in ("carriers", "outline", "codes")]
    asked = values.get("over", "all")
    return {
        "values": dict(values),
        "over_choices": over,
        "over_asked": f"candidates:{values.get('rule') or run.rule}" if asked == "candidates" else asked,
        "classes": [(name, word(name, lang)) for name in classes],
        "allowed_classes": [name for name in classes if name in typed],
        "allowed_names": put_together(name for name in typed if name not in classes),
        "barrier_names": _barrier_names(run),
        "place_names": sorted(_place_names(run))[:_OFFERED],
        "defaults": _defaults(run),
        "longest": LONGEST_S,
        "in_more": any(values.get(name) for name in _MORE) or asked in ("outline", "codes"),
    }


def land_told(land: OfLand, lang: Lang) -> list[tuple[str, str]]:
    """What a job about other land was asked, each with its title."""
    stamp = land.stamp
    told = [(phrase("sites_over", lang), over_told(stamp.get("over"), land.run, lang))]
    told.append((phrase("sites_gap", lang), f"{stamp['gap_m']:g}"))
    if stamp.get("allow"):
        told.append(
            (
                phrase("sites_allow_field", lang),
                ("、" if lang == "zh" else ", ").join(barrier(name, lang) for name in stamp["allow"]),
            )
        )
    return [*told, (phrase("as_of", lang), str(stamp["as_of"]))]


def one_name(fields: Mapping[str, str], run: Published) -> dict[str, str]:
    """The fields of a form, with a park or carrier whose name has spaces in it put in quotes, as codes are taken apart."""
    name = fields.get("anchor", "").strip()
    return dict(fields) | ({"anchor": put_together([name])} if name in _place_names(run) else {})


def _defaults(run: Published) -> dict[str, Any]:
    """What holds where a field is left empty, by the run's policy; nothing where this program no longer reads it."""
    try:
        policy = policy_of(run.run)
    except NotFoundError:
        return {"time_limit_s": LONGEST_S}
    told: dict[str, Any] = {"gap_m": f"{policy.clusters.lane_width.m:g}", "as_of": run.run.as_of.isoformat()}
    sites = policy.sites
    if sites is None:
        return told | {"time_limit_s": LONGEST_S}
    told |= {"min_area_mu": f"{to_mu(sites.min_area.m2):g}", "anchor": sites.anchor.value if sites.anchor else ""}
    search = sites.search
    if search is not None:
        told |= {"k": search.alternatives.value, "min_different": search.min_different.value}
    return told | {"time_limit_s": int(min(search.time_limit_s if search else LONGEST_S, LONGEST_S))}


def _rules(run: Published, lang: Lang) -> list[tuple[str, str]]:
    return [(name, rule_title(run.run.policy, name, lang)) for name in run.candidates]


def _barrier_names(run: Published) -> list[str]:
    """Names of the run's barriers, as they may be typed."""
    barriers = run.layers.get("barriers")
    if barriers is None or "name" not in barriers:
        return []
    return sorted({str(name) for name in barriers["name"].dropna() if name})[:_OFFERED]


def _place_names(run: Published) -> set[str]:
    """Names of parks and carriers that a site may be founded on."""
    frames = [frame for frame in (run.carriers, run.layers.get("park")) if frame is not None and "name" in frame]
    return {str(name) for frame in frames for name in frame["name"].dropna() if name}

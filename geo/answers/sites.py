"""The best site: contiguous parcels over an area, of the least difficulty, with proof; and what else could be had."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.answers.anchors import POLICY, find_anchor
from geo.answers.hanging_together import adjacency_seen, lane_width, wishes
from geo.answers.land_over import chosen_land, known_codes
from geo.answers.opened import opened_by
from geo.answers.policies import given_policy, stamped
from geo.answers.site_question import no_contradiction, positive, two_questions, whole
from geo.answers.worth import wanted_area
from geo.errors import PolicyError
from geo.judge.sites.clock import Clock, Stop
from geo.judge.sites.compiling import warm
from geo.judge.sites.kernels import is_ready
from geo.judge.sites.results import Land, Question, Searched, find_sites, price_of_area
from geo.judge.sites.search import Bounds
from geo.judge.sites.why import Nothing
from geo.measure.cache import look
from geo.said import Said, heard, in_chinese, say
from geo.units import to_mu

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.answers.land_over import Over
    from geo.database import Database
    from geo.policy import Policy
    from geo.policy.sites import Difficulty, SiteSearch

#: told how far the search is: the share of its time that is used (``None`` while that means nothing), and what it is at
Tell = Callable[[float | None, str], None]


def sites(
    db: Database,
    policy: Policy | str | None = None,
    *,
    min_area_m2: float | None = None,
    over: Over = "all",
    rule: str = "office_to_rnd",
    anchor: str | Iterable[str] | None = POLICY,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    max_area_m2: float | None = None,
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
    k: int | None = None,
    min_different: int | None = None,
    every: bool = False,
    curve: bool = False,
    time_limit_s: float | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    tell: Tell | None = None,
    should_stop: Stop | None = None,
) -> gpd.GeoDataFrame:
    """The best contiguous site of strictly more than ``min_area_m2`` (default: the policy's), and the next best.

    The best is the one of the least total difficulty (weights of ``[sites.difficulty]``, points): ``proven``, or the best that
    was found in ``time_limit_s`` with its ``lower_bound`` and ``gap``.  Parcels are those of ``over`` (as for
    :func:`geo.answers.clusters.clusters`) and hang together by the policy's widths, ``gap_m`` and ``allow``.

    ``anchor`` is land that the site already has: it counts as area, costs nothing and is held together.  Parcel codes, and
    names or codes of parks and carriers; by default the policy's, and where the land of that is not known none, which
    ``attrs["anchor"]`` says; ``None``: none.  ``require`` are codes that have to be in it, ``forbid`` those that must not.
    ``k`` sites are given, each without at least ``min_different`` parcels of every better one.  ``every``: all minimal sites
    (those that lose the area or fall apart without any one parcel) where they are few enough: ``attrs["complete"]``.
    ``curve``: instead, the best site over each of several floors, and what each further mu costs.

    Columns: :func:`geo.judge.sites.results.find_sites`, or :func:`~geo.judge.sites.results.price_of_area` for a curve.
    ``attrs``: ``complete``, ``n_minimal`` (``None`` where they were not all listed), ``anchor`` (its name, codes and what was
    found of it), ``why_none`` (a sentence, where there is no site, or none over the next of the floors; ``why_none_zh``;
    ``none_known``: that there is none is known, and not only that none was found in the time),
    ``opened`` (of each barrier in ``allow`` how many pairs join by it, and why none does), ``searched`` (``done``: all that
    was asked for is known for sure, and ``ended``, how: :class:`geo.judge.sites.search.Found`; parcels, programs, seconds).
    Equal facts and policy give equal answers where they are proven.  Clause 二(三)7.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set, parcel, park or carrier, or no barrier of that class or name.
    NotMigratedError
        The database has no schema yet.
    PolicyError
        The policy does not say how difficult land is, or how far to search.
    SettingsError
        An area, a number or a time is not over 0; a parcel is required and forbidden; a width, or what is given as codes or
        names, cannot be used; ``every``, ``k`` or ``min_different`` is asked for together with ``curve``.
    """
    asked = given_policy(policy)
    weights, search = _parts(asked)
    floor = wanted_area(asked, min_area_m2)
    width = lane_width(asked, gap_m)
    seconds = search.time_limit_s if time_limit_s is None else positive("time_limit_s", time_limit_s)
    if max_area_m2 is not None:
        positive("max_area_m2", max_area_m2)
    for _, refused in two_questions(every=every, curve=curve, k=k, min_different=min_different):
        raise refused
    count = whole("k", search.alternatives.value if k is None else k)
    apart = whole("min_different", search.min_different.value if min_different is None else min_different)
    at = tell if tell is not None else _aloud
    hearing = nullcontext() if tell is None else heard(lambda what: tell(None, what))
    with look(db, as_of, known_at) as seen, hearing:
        at(None, Said("reading parcels and pairs", "读取地块与邻接关系"))
        chosen = chosen_land(seen, asked, over, rule)
        founded = find_anchor(seen, asked, chosen.land, anchor)
        needed, barred = (known_codes(codes, chosen.land, str(seen.day)) for codes in (require, forbid))
        no_contradiction(needed, barred, founded)
        closed = _kept_out(chosen.parcels, search) - needed - set(founded.codes)
        within = set(chosen.parcels["parcel_code"]) | set(founded.codes) | needed
        parcels = chosen.land[chosen.land["parcel_code"].isin(within)].reset_index(drop=True)
        allowed = wishes(allow)
        pairs = adjacency_seen(seen, asked, gap_m, allowed)
        told = {"over": chosen.name, "gap_m": width, "min_area_m2": floor, "anchor": founded.name}
        told |= {"k": count, "min_different": apart} if not curve else {}
        told |= {"allow": allowed} if allowed else {}
        opened = opened_by(seen, asked, gap_m, allowed, pairs)
        told |= {"max_area_m2": max_area_m2} if max_area_m2 is not None else {}
        told |= {"require": sorted(needed)} if needed else {}
        told |= {"forbid": sorted(barred)} if barred else {}
    if not is_ready():
        at(None, Said("compiling the search, once on this machine", "首次运行，正在编译搜索程序"))
    warm()
    # The search may take long: the registry is let go before it.  Its time is its own: reading and compiling take none of it.
    clock = _clock(seconds, tell, should_stop)
    land = Land(parcels, pairs, weights, chosen.name)
    fixed = (tuple(founded.codes), tuple(sorted(needed)), tuple(sorted(barred | closed)))
    question = Question(floor, max_area_m2, *fixed, k=count, min_different=apart, every=every)
    bounds = Bounds(search.most_listed.value, search.most_walked.value)
    if curve:
        floors = np.linspace(floor, floor * search.curve_to.share, search.curve_steps.value).tolist()
        frame, ended = price_of_area(land, question, bounds, clock, floors)
        if ended is not None:
            frame.attrs |= _why(ended, replace(question, floor_m2=floors[len(frame)]))
    else:
        searched = find_sites(land, question, bounds, clock)
        frame = searched.frame
        frame.attrs |= _told(searched, question)
    frame.attrs |= {"anchor": founded.told} | opened
    frame.attrs["searched"] = {
        "n_parcels": len(parcels),
        "n_kept_out": len(closed),
        "seconds": round(clock.elapsed, 2),
    } | frame.attrs.get("searched", {})
    told |= {"anchor_note": founded.note_zh} if founded.note_zh else {}
    # What a file that is handed on has to say of how firm its answer is.
    told |= {name: frame.attrs[name] for name in ("complete", "n_minimal") if name in frame.attrs}
    told |= {"done": frame.attrs["searched"].get("done")}
    told |= {"why_none": frame.attrs["why_none_zh"]} if "why_none_zh" in frame.attrs else {}
    return stamped(frame, seen, asked, **told)


def _parts(policy: Policy) -> tuple[Difficulty, SiteSearch]:
    found = policy.sites
    if found is None or found.difficulty is None or found.search is None:
        raise PolicyError(
            Said(
                f"Policy {policy.id!r} does not say how difficult land is to come by.",
                f"政策 {policy.id} 未规定地块的整合难度。",
            ),
            Said(
                "Give it the parts [sites.difficulty] and [sites.search], each number with its ground.",
                "请在政策文件中加入 [sites.difficulty] 和 [sites.search]，各数附依据。",
            ),
        )
    return found.difficulty, found.search


def _kept_out(parcels: pd.DataFrame, search: SiteSearch) -> set[str]:
    """Parcels whose main planned use the policy keeps out; one whose use is not known stays."""
    uses = search.kept_out.value if search.kept_out else ()
    return set(parcels.loc[parcels["main_use"].isin(list(uses)), "parcel_code"])


def _aloud(_done: float | None, at: str) -> None:
    """Progress for whoever listens."""
    say(Said(at, in_chinese(at)))


def _clock(seconds: float, tell: Tell | None, should_stop: Stop | None) -> Clock:
    if tell is None:
        return Clock(seconds) if should_stop is None else Clock(seconds, should_stop)
    whole = Clock(seconds)

    def say(at: str, best: float | None, bound: float | None) -> None:
        if best is None:
            tell(None, at)
            return
        gap = 0.0 if bound is None or not best else max(0.0, (best - bound) / best)
        # No sum: whoever sees how far a job is need not be one who may read what owners and leases come to.
        found = Said(": a site is found", "：已有方案")
        if bound is not None:
            most = math.ceil(gap * 100)
            found += Said(f", off the best by {most} % at most", f"，与最优差距不超过 {most} %")
        tell(min(whole.elapsed / seconds, 1.0), Said(at, in_chinese(at)) + found)

    return Clock(seconds, tell=say) if should_stop is None else Clock(seconds, should_stop, say)


def _told(searched: Searched, question: Question) -> dict[str, Any]:
    found = searched.found
    told: dict[str, Any] = {
        "complete": searched.is_complete,
        "n_minimal": searched.n_minimal,
        "searched": {"done": found.is_done, "ended": found.ended}
        | {"programs": found.programs, "nodes": found.nodes, "walked": found.walked},
    }
    if searched.why_none is not None:
        told |= _why(searched.why_none, question)
    return told


def _why(nothing: Nothing, question: Question) -> dict[str, Any]:
    said = sentence(nothing, question)
    return {"why_none": str(said), "why_none_zh": said.zh, "none_known": nothing.reason != "time"}


def sentence(nothing: Nothing, question: Question) -> Said:
    """Why there is no site, in a sentence."""
    floor, most = to_mu(question.floor_m2), 0.0 if question.ceiling_m2 is None else to_mu(question.ceiling_m2)
    there = 0.0 if nothing.area_m2 is None else to_mu(nothing.area_m2)
    parts = [(question.anchor, "the anchor", "现有用地"), (question.require, "what is required", "必含地块")]
    fixed = " and ".join(name for held, name, _ in parts if held)
    fixed_zh = "和".join(name for held, _, name in parts if held)
    is_fixed = bool(question.anchor or question.require)
    largest, largest_zh = (
        (f"The land that hangs together with {fixed} comes to", f"与{fixed_zh}连片的用地共")
        if is_fixed
        else ("The largest cluster has", "最大的连片用地为")
    )
    ceiling = f" and at most {most:,.1f} mu" if most else ""
    ceiling_zh = f"、不超过 {most:,.1f} 亩" if most else ""
    return {
        "empty": Said("There is no parcel of which a site could be made.", "没有可供组合的地块。"),
        "bounds": Said(
            f"The largest area asked for ({most:,.1f} mu) is not over the smallest ({floor:,.1f} mu).",
            f"所设面积上限（{most:,.1f} 亩）不大于下限（{floor:,.1f} 亩）。",
        ),
        "fixed_apart": Said(
            f"Some of {fixed} does not hang together with the rest, by whatever way.",
            f"{fixed_zh}之间无论如何不能连片。",
        ),
        "fixed_too_large": Said(
            f"What has to be in the site comes to {there:,.1f} mu, over the largest area asked for ({most:,.1f} mu).",
            f"必须包含的用地已有 {there:,.1f} 亩，超过面积上限（{most:,.1f} 亩）。",
        ),
        "short": Said(
            f"{largest} {there:,.1f} mu; more than {floor:,.1f} mu is wanted.",
            f"{largest_zh} {there:,.1f} 亩，所需面积大于 {floor:,.1f} 亩。",
        ),
        "none": Said(
            f"No land that hangs together comes to more than {floor:,.1f} mu{ceiling}: every way was looked at.",
            f"没有面积大于 {floor:,.1f} 亩{ceiling_zh}的连片用地：所有组合均已查过。",
        ),
        "time": Said(
            "No site was found in the time given, and it is not known whether there is one.",
            "在限定时间内未找到方案，是否存在尚不能确定。",
        ),
    }[nothing.reason]

"""The best way to the target: which of the open measures to take, with the proof, or why the target cannot be met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import shapely
from pydantic import ValidationError

from geo.answers.open_measures import Seen, given_seen, measures_of
from geo.answers.policies import given_policy, stamped
from geo.answers.site_question import positive
from geo.days import given_day
from geo.errors import NotFoundError, SettingsError
from geo.judge.open_measures import open_measures
from geo.judge.to_target import Answer, Asked, find_way
from geo.measure.cache import look
from geo.policy.way import EACH, WayLimit
from geo.said import Said

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: told how far the search is: a share (``None`` while that means nothing), and what it is at
Tell = Callable[[float | None, str], None]
#: how many names an error lists
_NAMED = 5
_LATER = Said("Give a later day.", "请填更晚的日期。")


def best_way(
    db: Database,
    policy: Policy | str | None = None,
    *,
    by: date | None = None,
    target_m2: float | None = None,
    limits: Iterable[WayLimit | Mapping[str, Any]] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    sites: pd.DataFrame | None = None,
    time_limit_s: float | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    tell: Tell | None = None,
) -> gpd.GeoDataFrame:
    """The measures that close the gap to the target by a day at the least total difficulty, proven or with its gap.

    Minimises Σ difficulty over the chosen measures, with what counts by ``by`` (default: the target's day) and what they gain
    at least ``target_m2`` (default: the policy's), within ``limits``: those of the policy, or these instead (``()``: none),
    each a :class:`geo.policy.WayLimit` or a mapping such as ``{"zone": "each", "year": "each", "kind": "admit", "gfa": 5,
    "unit": "万㎡"}``.  ``require`` and ``forbid`` are ids of measures; ``sites`` as for :func:`geo.open_measures`.

    One row for each open measure: its columns, ``chosen``, ``counts_from`` and ``part`` (:func:`geo.judge.to_target.find_way`),
    and ``geometry``, its parcels in the work CRS, None where it has none.
    ``attrs["way"]``: ``by``, ``target_m2``, ``counted_m2`` (what counts by then, known sum), ``n_counted_unknown``,
    ``n_undecided``, ``need_m2``, ``is_possible`` (None: not known in that time), ``gained_m2``, ``difficulty``,
    ``lower_bound``, ``gap``, ``proven``, ``n_chosen``, ``n_open`` (measures of which something is unknown: never chosen),
    ``n_late``, ``limits`` (what each allows and the answer takes of it), ``official`` (whether the park's boundary is
    registered: 非考核口径 else), and where the target cannot be met ``shortfall``: ``most_m2`` can be reached, ``short_m2``
    is missing, ``without_limits_m2``, the ``limits`` that alone stand in the way with what each would have to be, and
    ``earliest``, the first day on which the target can be met (None: none until ``looked_to``).  Equal facts and policy give
    an equal difficulty where it is proven.
    Clause 一(三).

    Raises
    ------
    NotFoundError
        There is no such policy, or no such measure is open.
    PolicyError
        The policy has no target, or does not say which measures there are, or has no ``[ledger]``.
    SettingsError
        The day is past, a limit cannot be read, or what is required cannot be counted on.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    search, say = measures_of(chosen), tell or _silent
    assert chosen.target is not None
    wanted = chosen.target.floor_area.m2 if target_m2 is None else positive("target_m2", target_m2)
    day = given_day(by, "by") or chosen.target.by
    seconds = search.time_limit_s if time_limit_s is None else positive("time_limit_s", time_limit_s)
    held = search.limits if limits is None else _limits(limits)
    _zones_exist(chosen, held)
    say(None, Said("reading parcels, rules and the ledger", "读取地块、规则与面积账"))
    with look(db, as_of, known_at) as seen:
        if day < seen.day:
            raise SettingsError(
                Said(
                    f"{day} lies before {seen.day}, from which on measures are taken.",
                    f"{day} 早于 {seen.day}，措施自后者起实施。",
                ),
                _LATER,
            )
        given = given_seen(seen, chosen, sites, by=day)
    measures = open_measures(chosen, given)
    built = given.counted
    need = max(0.0, wanted - built.known_m2)
    fixed = _fixed(measures, require, forbid, day)
    n = int((measures["open"].map(len) == 0).sum())
    zh = f"在 {n} 项措施中选择，尚需 {need:,.0f} ㎡"
    say(None, Said(f"choosing among {n} measures, {need:,.0f} m² are needed", zh))
    asked = Asked(need, day, held, *fixed)
    answer = find_way(measures, list(chosen.zones.names), asked, time_limit_s=seconds)
    told = _told(answer, asked, given) | {"target_m2": wanted}
    short = {"short_m2": told["shortfall"]["short_m2"]} if "shortfall" in told else {}
    # The sums of difficulty stay out of the stamp, which goes into files for everybody: owners and leases are part of them.
    proof = {"way_proven": told["proven"]}
    sums = {name: told[name] for name in ("target_m2", "counted_m2", "gained_m2")}
    frame = stamped(_placed(answer.frame, given), seen, chosen, target_day=str(day), **sums, **proof, **short)
    frame.attrs["way"] = told
    return frame


def _placed(frame: pd.DataFrame, given: Seen) -> gpd.GeoDataFrame:
    """The frame with the parcels of each measure as its shape."""
    import geopandas as gpd

    land = dict(zip(given.parcels["parcel_code"], given.parcels["geometry"], strict=True))
    shapes = []
    for codes in frame["parcel_codes"]:
        held = [land[code] for code in codes if code in land]
        shapes.append(held[0] if len(held) == 1 else shapely.union_all(held) if held else None)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=given.crs)


def _told(answer: Answer, asked: Asked, given: Seen) -> dict[str, Any]:
    way, frame = answer.way, answer.frame
    told: dict[str, Any] = {
        "by": asked.by.isoformat(),
        "counted_m2": given.counted.known_m2,
        "n_counted_unknown": given.counted.n_unknown,
        "n_undecided": given.counted.n_undecided,
        "need_m2": asked.need_m2,
        "official": given.park_known,
        # Neither where the time was up before anything was found.
        "is_possible": None if math.isnan(way.difficulty) and way.is_possible else way.is_possible,
        "gained_m2": way.gfa_m2,
        "difficulty": _number(way.difficulty),
        "lower_bound": _number(way.bound),
        "gap": _number(way.gap),
        "proven": way.proven,
        "n_chosen": int(frame["chosen"].sum()),
        "n_open": int((frame["part"] == "open").sum()),
        "n_late": int((frame["part"] == "late").sum()),
        "looked_to": answer.looked_to,
        "limits": [
            {"id": one.limit.id, "title": one.limit.title, "title_en": one.limit.title_en or one.limit.title}
            | {"kind": one.limit.kind, "zone": one.zone, "year": one.year, "unit": one.unit}
            | {"allowed": one.allowed, "used": one.used, "ground": one.limit.ground}
            for one in answer.used
        ],
    }
    if way.shortfall is not None:
        short = way.shortfall
        by_name = {limit.id: limit for limit in asked.limits}
        told["shortfall"] = {
            "most_m2": _number(short.most_m2),
            "short_m2": _number(short.short_m2),
            "without_limits_m2": _number(short.without_limits_m2),
            "earliest": None if short.earliest is None else short.earliest.isoformat(),
            "limits": [
                {"id": limit.name, "title": by_name[limit.name].title}
                | {"title_en": by_name[limit.name].title_en or by_name[limit.name].title}
                | {"unit": "count" if limit.gfa_m2 is None else "m2", "allowed": limit.gfa_m2 or limit.count}
                | {"needed": needed}
                for limit, needed in short.limits
            ],
        }
    return told


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _fixed(
    measures: pd.DataFrame, require: Iterable[str], forbid: Iterable[str], by: date
) -> tuple[frozenset[str], frozenset[str]]:
    needed, barred = (frozenset([given] if isinstance(given, str) else map(str, given)) for given in (require, forbid))
    missing = sorted((needed | barred) - set(measures["measure_id"]))
    if missing:
        more = " …" if len(missing) > _NAMED else ""
        raise NotFoundError(
            Said(
                f"{len(missing)} measures are not open: {', '.join(missing[:_NAMED])}{more}.",
                f"有 {len(missing)} 项措施不可采取：{'、'.join(missing[:_NAMED])}{more}。",
            ),
            Said("The list of open measures has those that are.", "可采取的措施见措施清单。"),
        )
    both = sorted(needed & barred)
    if both:
        raise SettingsError(
            Said(f"{both[0]} is required and forbidden at once.", f"{both[0]} 既必选，又被排除。"),
            Said("Take it out of one of the two.", "请从其中一处删去。"),
        )
    asked = measures[measures["measure_id"].isin(needed)]
    columns = (asked[name] for name in ("measure_id", "open", "ready_on", "excludes"))
    for name, lacks, ready, excludes in zip(*columns, strict=True):
        if lacks:
            raise SettingsError(
                Said(
                    f"{name} cannot be counted on: {', '.join(lacks)} not known.",
                    f"{name} 情况不明（{'、'.join(lacks)}），不能作为必选。",
                ),
                Said("Survey and import it first, or do not require it.", "请先查明并导入，或不作为必选。"),
            )
        if ready > by:
            raise SettingsError(
                Said(f"{name} counts from {ready} on, after {by}.", f"{name} 自 {ready} 起方可计入，晚于 {by}。"),
                _LATER,
            )
        clash = sorted(needed & set(excludes))
        if clash:
            raise SettingsError(
                Said(f"{name} and {clash[0]} exclude each other.", f"{name} 与 {clash[0]} 互斥。"),
                Said("Require one of the two.", "请只必选其一。"),
            )
    return needed, barred


def _limits(given: Iterable[WayLimit | Mapping[str, Any]]) -> tuple[WayLimit, ...]:
    found: list[WayLimit] = []
    number = 0
    for each in given:
        number += not isinstance(each, WayLimit)
        found.append(each if isinstance(each, WayLimit) else _limit(each, number))
    return tuple(found)


def _limit(given: Mapping[str, Any], number: int) -> WayLimit:
    plain = {"id": f"asked_{number}", "title": f"所设限额 {number}", "title_en": f"limit asked for, no. {number}"}
    grounds = {} if {"clause", "assumption"} & set(given) else {"assumption": "本次所设", "assumption_en": "asked for"}
    try:
        return WayLimit.model_validate(plain | grounds | dict(given))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        said = f"{where + ': ' if where else ''}{fault['msg'].removeprefix('Value error, ')}"
        raise SettingsError(
            Said(f"Limit {number} cannot be read: {said}.", f"第 {number} 项限额无法使用（{where or 'limit'}）。"),
            Said(
                "Give zone, year, kind, and gfa with unit, or count.",
                "请给出片区、年份、类别，以及面积（含单位）或项数。",
            ),
        ) from None


def _zones_exist(policy: Policy, limits: Iterable[WayLimit]) -> None:
    known = (*policy.zones.names, EACH)
    for limit in limits:
        if limit.zone is not None and limit.zone not in known:
            raise NotFoundError(
                Said(f"There is no zone {limit.zone!r}.", f"没有片区 {limit.zone}。"),
                Said(f"Zones: {', '.join(known)}.", f"片区：{'、'.join(known)}。"),
            )


def _silent(_: float | None, __: str) -> None:
    """Nobody listens."""

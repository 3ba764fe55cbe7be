"""What of a question about sites or clusters cannot be asked, told before anything is worked out, in both languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import shapely

from geo.answers.anchors import POLICY, Anchor, find_anchor
from geo.answers.given import PARCEL, codes_given
from geo.answers.hanging_together import crossing, lane_width
from geo.answers.land_over import counted_statuses, ground_of, known_codes, outline_in
from geo.answers.parcels import parcels_seen
from geo.answers.worth import wanted_area
from geo.errors import NotFoundError, SettingsError, ShuangbeiError
from geo.measure.cache import Look, look
from geo.said import Said
from geo.units import number, to_mu

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.policy import Policy

_IMPORT_FIRST = Said(
    "Import parcels and publish again, or ask for another day.", "请先导入地块并重新发布，或改问其他日期。"
)
_ONE_OF_TWO = Said("Ask one of them.", "请只选其一。")
#: how many codes an error names
_NAMED = 5
#: arguments that have to be over 0: what each is called, and its unit
_OVER_NOTHING = {
    "time_limit_s": (Said("time limit", "搜索时限"), Said("seconds", "秒数")),
    "max_area_m2": (Said("largest area", "面积上限"), Said("m²", "面积")),
    "target_m2": (Said("target", "目标"), Said("m²", "面积")),
    "k": (Said("number of sites", "方案数"), Said("a whole number", "整数")),
    "min_different": (Said("difference", "差异地块数"), Said("parcels", "地块数")),
}


def no_contradiction(needed: set[str], barred: set[str], anchor: Anchor) -> None:
    """Hold what has to be in a site against what must not be.

    Raises
    ------
    SettingsError
        A parcel is both.
    """
    kinds = ((needed, "required", "必含"), (set(anchor.codes), "land of the anchor", "现有用地"))
    for codes, what, what_zh in kinds:
        both = sorted(codes & barred)
        if both:
            more = " …" if len(both) > _NAMED else ""
            raise SettingsError(
                Said(
                    f"{', '.join(both[:_NAMED])}{more} is {what} and forbidden at once.",
                    f"{'、'.join(both[:_NAMED])}{more} 既是{what_zh}地块，又被排除。",
                ),
                Said("Take it out of one of the two.", "请从其中一处删去。"),
            )


def positive(name: str, given: float) -> float:
    """An argument of that name that has to be over 0.

    Raises
    ------
    SettingsError
        It is not, or no number.
    """
    what, unit = _OVER_NOTHING[name]
    told = number(given, what, unit)
    if not math.isfinite(told) or told <= 0:
        raise SettingsError(
            Said(f"A {what} of {given} cannot be used.", f"{what.zh}不能是 {given}。"),
            Said(f"Give {unit}, more than 0.", f"请填大于 0 的{unit.zh}。"),
        )
    return told


def whole(name: str, given: float) -> int:
    """An argument of that name that has to be a whole number over 0.

    Raises
    ------
    SettingsError
        It is none.
    """
    told = positive(name, given)
    if told != int(told):
        what, _ = _OVER_NOTHING[name]
        raise SettingsError(
            Said(f"A {what} of {given} cannot be used: it is no whole number.", f"{what.zh}不能是 {given}：不是整数。"),
            Said("Give a whole number, 1 or more.", "请填 1 或更大的整数。"),
        )
    return int(told)


def two_questions(
    *, every: bool, curve: bool, k: float | None, min_different: float | None
) -> list[tuple[str, SettingsError]]:
    """What is asked of a list of sites together with what more land costs, which has one site for each area."""
    if not curve:
        return []
    found = []
    if every:
        said = Said(
            "All minimal sites, and what more land costs, are two questions.",
            "“全部极小方案”与“分档搜索”是两个问题。",
        )
        found.append(("every", SettingsError(said, _ONE_OF_TWO)))
    for name, given in (("k", k), ("min_different", min_different)):
        if given is not None:
            what, _ = _OVER_NOTHING[name]
            said = Said(
                f"What more land costs has one site for each area: a {what} has no say in it.",
                f"“分档搜索”每档只有一个方案，不能另设{what.zh}。",
            )
            found.append((name, SettingsError(said, _ONE_OF_TWO)))
    return found


def refusals(
    db: Database,
    policy: Policy,
    asked: Mapping[str, Any],
    *,
    as_of: date,
    known_at: datetime,
    land: gpd.GeoDataFrame | None = None,
    of_sites: bool = True,
) -> list[tuple[str, ShuangbeiError]]:
    """Everything that is wrong with a question of :func:`geo.sites` (else of :func:`geo.clusters`), each with its argument.

    ``asked`` are its arguments; ``outline`` (GeoJSON as text) or ``codes`` may stand for ``over``.  ``land`` are the parcels
    of that day and instant (``parcel_code``, outlines in the work CRS), where somebody has them at hand.  Nothing is searched:
    a question that passes may still have no answer, and that is an answer.
    """
    found: list[tuple[str, ShuangbeiError]] = []

    def tried(name: str, check: Callable[[], Any]) -> Any:
        try:
            return check()
        except ShuangbeiError as error:
            found.append((name, error))
            return None

    wanted = asked.get("min_area_m2")
    floor = tried("min_area_m2", lambda: wanted_area(policy, wanted)) if of_sites or wanted is not None else None
    most = asked.get("max_area_m2")
    if most is not None and floor is not None:
        tried("max_area_m2", lambda: _some_room(floor, most))
    tried("gap_m", lambda: lane_width(policy, asked.get("gap_m")))
    with look(db, as_of, known_at) as seen:
        if land is None:
            land = parcels_seen(seen, policy, contiguous=False)
        day = str(seen.day)
        if land.empty:
            then = known_at.isoformat(timespec="minutes")
            nothing = Said(
                f"No parcel is registered for {day}, as was known at {then}.",
                f"{day} 没有登记任何地块（以 {then} 所知为准）。",
            )
            return [*found, ("as_of", NotFoundError(nothing, _IMPORT_FIRST))]
        barred, needed = (set(codes_given(asked.get(name), PARCEL)) for name in ("forbid", "require"))
        for name, codes in (("forbid", barred), ("require", needed)):
            tried(name, partial(known_codes, codes, land, day))
        founded = asked.get("anchor", POLICY) if of_sites else None
        anchor = tried("anchor", lambda: find_anchor(seen, policy, land, founded)) or Anchor(None, ())
        tried("forbid", lambda: no_contradiction(needed, barred, anchor))
        tried("allow", lambda: crossing(seen, policy, asked.get("allow") or ()))
        set_of = next((name for name in ("outline", "codes") if name in asked), "over")
        tried(set_of, lambda: _some_land(seen, policy, asked, land))
    return found


def _some_room(floor_m2: float, most_m2: float) -> None:
    """Hold that a site can be over the floor and not over the ceiling."""
    if most_m2 <= floor_m2:
        floor, most = to_mu(floor_m2), to_mu(most_m2)
        raise SettingsError(
            Said(
                f"A site over {floor:,.1f} mu cannot have at most {most:,.1f} mu.",
                f"面积既要大于 {floor:,.1f} 亩，又不超过 {most:,.1f} 亩，二者矛盾。",
            ),
            Said("Raise the largest area, or lower the smallest.", "请提高上限，或降低下限。"),
        )


def _some_land(seen: Look, policy: Policy, asked: Mapping[str, Any], land: gpd.GeoDataFrame) -> None:
    """Hold that the set of parcels is one that there is."""
    if "outline" in asked:
        outline = ground_of(outline_in(asked["outline"]), seen.db.srid)
        if not shapely.intersects(land.geometry.array, outline).any():
            raise NotFoundError(
                Said("No parcel lies in the outline.", "所绘范围内没有地块。"),
                Said("Draw it over land that has parcels, in WGS84.", "请在有地块处绘制，坐标采用 WGS84。"),
            )
    elif "codes" in asked:
        known_codes(asked["codes"], land, str(seen.day))
    elif asked.get("over") == "candidates":
        policy.rule(asked.get("rule", "office_to_rnd"), seen.day)
    elif asked.get("over") == "carriers":
        counted_statuses(policy)

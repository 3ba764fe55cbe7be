"""Which site is wanted, how hard each parcel is to come by, and how far the search goes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from geo.fields.land import SUPPLY_STATUS
from geo.fields.land_use import USES
from geo.policy.faults import KeyFaultError
from geo.policy.settings import (
    AreaSetting,
    Frozen,
    Grounded,
    MultipleSetting,
    NotNegative,
    Positive,
    PositiveWhole,
    Setting,
    ShareSetting,
    Text,
    one_of,
)

#: what a difficulty may be counted in
Per = Literal["count", "万㎡", "亩", "亩·年"]
#: the parts of a difficulty, and what each is counted in
_COUNTED: dict[str, Per] = {
    "owners": "count",
    "gfa_in_use": "万㎡",
    "heritage": "亩",
    "not_state": "亩",
    "plan_change": "亩",
    "leases": "亩·年",
}


class Weight(Grounded):
    """``points`` of difficulty for each ``per`` of what is counted.

    ``unknown``: between which ends a figure that is not known is taken to lie, the favourable end first; the unit is that of
    the figure (owners per 亩, FAR, a share, years: see :class:`Difficulty`).
    """

    title: Text
    title_en: Text
    points: NotNegative
    per: Per
    unknown: tuple[NotNegative, NotNegative]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.unknown[0] > self.unknown[1]:
            raise ValueError("give the favourable end of what is unknown first")
        return self


class Difficulty(Frozen):
    """How hard a parcel is to come by: points that are added up over the parcels of a site.

    ``owners`` (per count; unknown: owners per 亩), ``gfa_in_use`` (floor area that is not vacant, per 万㎡; unknown: its FAR; a
    vacancy that is unknown is none at the cautious end and whole at the favourable one), ``heritage`` (ground inside
    statutory outlines, per 亩; unknown: its share), ``not_state`` (ground that is not state-owned, per 亩; unknown: its
    share), ``plan_change`` (ground that is not planned for research, per 亩; unknown:
    its share), ``leases`` (years until the last lease ends times ground, per 亩·年; unknown: years).  What is not said is not
    counted.  On land whose supply status is in ``without_owners`` owners, ownership and leases that are not registered are
    none and not unknown.
    """

    owners: Weight | None = None
    gfa_in_use: Weight | None = None
    heritage: Weight | None = None
    not_state: Weight | None = None
    plan_change: Weight | None = None
    leases: Weight | None = None
    without_owners: Setting[tuple[Annotated[str, one_of(SUPPLY_STATUS)], ...]] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for name, weight in self.weights.items():
            if weight.per != _COUNTED[name]:
                raise ValueError(f"{name} is counted per {_COUNTED[name]!r}, not per {weight.per!r}")
            if _COUNTED[name] == "亩" and weight.unknown[1] > 1:
                raise ValueError(f"{name}: a share that is unknown lies between 0 and 1")
        if not self.weights:
            raise ValueError("give at least one weight")
        strange = set(self.without_owners.value if self.without_owners else ()) - set(SUPPLY_STATUS)
        if strange:
            told = f"{', '.join(sorted(strange))} is no supply status: {', '.join(SUPPLY_STATUS)}"
            raise KeyFaultError((("without_owners",), told))
        return self

    @property
    def weights(self) -> dict[str, Weight]:
        """The weights that are given, by name."""
        named = {name: getattr(self, name) for name in _COUNTED}
        return {name: weight for name, weight in named.items() if weight is not None}


class SiteSearch(Frozen):
    """How far a search goes where a call does not say.

    ``kept_out``: land whose main planned use is one of these is in no site, unless it is the anchor's or required.
    ``alternatives``: how many sites, the best one counted; ``min_different``: how many parcels of every better site one has
    to do without (all that are free in it, where they are fewer); ``time_limit`` in seconds (unit ``s``) or minutes
    (``min``); ``most_listed``: up to how many minimal sites all are listed, ``most_walked``: after how many contiguous sets
    the listing is given up; ``curve_to``: up to how many times the wanted area the price of more land is told, in
    ``curve_steps`` steps.
    """

    kept_out: Setting[tuple[Annotated[str, one_of(USES)], ...]] | None = None
    alternatives: Setting[PositiveWhole]
    min_different: Setting[PositiveWhole]
    time_limit: Setting[Positive]
    most_listed: Setting[PositiveWhole]
    most_walked: Setting[PositiveWhole]
    curve_to: MultipleSetting
    curve_steps: Setting[PositiveWhole]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.time_limit.unit not in ("s", "min"):
            raise ValueError("time_limit has the unit s or min")
        if self.curve_to.share <= 1:
            raise ValueError("curve_to has to be over 100 %")
        strange = set(self.kept_out.value if self.kept_out else ()) - set(USES)
        if strange:
            told = f"{', '.join(sorted(strange))} is no land use: {', '.join(USES)}"
            raise KeyFaultError((("kept_out",), told))
        return self

    @property
    def time_limit_s(self) -> float:
        """The time limit in seconds."""
        return self.time_limit.value * (60 if self.time_limit.unit == "min" else 1)


class Sites(Frozen):
    """The area that a site should have, strictly more of it, and from which share of it land is told as a near miss.

    ``anchor`` is the park or carrier, by name, on whose land a site is to be founded where a call does not say; where its
    land is not known, ``anchor_stand_in`` is taken if that one is on the register (in the demo, a made-up park).
    """

    min_area: AreaSetting
    near_share: ShareSetting
    anchor: Setting[Text] | None = None
    anchor_stand_in: Setting[Text] | None = None
    difficulty: Difficulty | None = None
    search: SiteSearch | None = None

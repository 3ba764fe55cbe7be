"""How floor area is booked where a rule has to be chosen, and what counts towards the plan's target."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from geo.fields.buildings import BUILDING_STATE
from geo.fields.carriers import CARRIER_KIND, CARRIER_STATUS
from geo.fields.land_use import USES
from geo.policy.settings import AreaSetting, Frozen, Number, Setting, ShareSetting, Truth, check_words, one_of
from geo.policy.way import WaySearch

#: how a parcel across a boundary is booked: whole on the side that holds most of it, or divided by area
Across = Literal["assignment", "share"]
_Statuses = tuple[Annotated[str, one_of(CARRIER_STATUS)], ...]


class Estimate(Setting[tuple[Number, Number]]):
    """Between which multiples of a known figure an unknown floor area is taken to lie."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.value
        if not 0 <= low <= high:
            raise ValueError("give the lower end first, and none below 0")
        return self


class Ledger(Frozen):
    """The rules of the ledger of floor area.

    ``zone``, ``park``: a parcel across two zones, or across the park's boundary, goes whole to the side that holds most of it
    (``assignment``; the park's from ``park_min_share`` on) or is divided by area (``share``).  ``several_uses``: the floor
    area of a parcel or building with several uses stays together (``mixed``) or is divided by their shares where all are
    known (``share``).  ``carrier_figure``: a carrier's floor area is its registered one, and where that is empty what its
    shares make of the land (``registered``), or always the latter (``shares``).  ``carrier_place``: a carrier counts whole
    where it is placed (``assignment``), or by the part of its floor area that lies there (``share``).  ``not_holding``:
    carriers in these statuses hold no floor area.  ``share_tolerance``: by how much shares of one building may sum to more
    than a whole and be rounding.  ``figure_tolerance``: by how much a carrier's registered figure may differ from that of its
    shares before it is listed.  ``fewest_owned``: of fewer parcels of one kind of owner nobody is told the sum by itself;
    without it nothing is published by kind of owner.  ``estimate_from_storeys`` (of footprint × storeys) and
    ``estimate_from_far`` (of permitted FAR × site area) allow an interval where a floor area is not known; without them it
    stays unknown.
    """

    zone: Setting[Across]
    park: Setting[Across]
    park_min_share: ShareSetting
    several_uses: Setting[Literal["mixed", "share"]]
    carrier_figure: Setting[Literal["registered", "shares"]]
    carrier_place: Setting[Across]
    not_holding: Setting[_Statuses]
    share_tolerance: ShareSetting
    figure_tolerance: ShareSetting
    fewest_owned: Setting[Annotated[int, Field(ge=1)]] | None = None
    estimate_from_storeys: Estimate | None = None
    estimate_from_far: Estimate | None = None

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        check_words("not_holding", self.not_holding.value, CARRIER_STATUS)
        return self


class CarrierTarget(Frozen):
    """The floor area of carriers that the plan wants, by when, and what counts towards it.

    A carrier counts if its status is one of ``statuses``, its kind one of ``kinds`` (not given: any), if it lies in the park,
    or while the park's boundary is not registered in one of the zones, and if it was recognised by the day; a day that is
    not registered is unknown where ``recognition_day`` is true, and else taken from the status.  Of it counts the floor area
    in one of ``states`` (not given: standing) and ``uses`` (not given: any).  ``planned_statuses``: carriers that will count
    once they are completed and recognised.  ``horizon`` is a later day that is shown beside ``by``; ``measures`` lead there.
    """

    floor_area: AreaSetting
    by: date
    statuses: Setting[_Statuses]
    kinds: Setting[tuple[Annotated[str, one_of(CARRIER_KIND)], ...]] | None = None
    uses: Setting[tuple[Annotated[str, one_of(USES)], ...]] | None = None
    states: Setting[tuple[Annotated[str, one_of(BUILDING_STATE)], ...]] | None = None
    recognition_day: Setting[Truth] | None = None
    planned_statuses: Setting[_Statuses] | None = None
    horizon: Setting[date] | None = None
    measures: WaySearch | None = None

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        check_words("statuses", self.statuses.value, CARRIER_STATUS)
        check_words("planned_statuses", self.planned_statuses.value if self.planned_statuses else (), CARRIER_STATUS)
        check_words("kinds", self.kinds.value if self.kinds else (), CARRIER_KIND)
        check_words("uses", self.uses.value if self.uses else (), USES)
        check_words("states", self.states.value if self.states else (), BUILDING_STATE)
        return self

    @model_validator(mode="after")
    def _horizon_is_later(self) -> Self:
        if self.horizon is not None and self.horizon.value <= self.by:
            raise ValueError("horizon lies after by")
        return self

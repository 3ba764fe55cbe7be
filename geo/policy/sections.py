"""Sections of a policy that say how land is measured, how far a ranking is tried, and how a verdict is explained."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from geo.fields.carriers import CARRIER_STATUS
from geo.fields.measures import MEASURES
from geo.policy.faults import KeyFaultError
from geo.policy.settings import (
    AreaSetting,
    AtLeastOne,
    Frozen,
    LengthSetting,
    NotNegative,
    Positive,
    PositiveWhole,
    Setting,
    ShareSetting,
    SpreadSetting,
    Text,
    Truth,
    check_words,
    one_of,
)

#: the measures that somebody can bring another value of about
_CHANGEABLE = tuple(name for name, measure in MEASURES.items() if measure.changed_by is not None)


class Zones(Frozen):
    """How a parcel comes to its zone."""

    names: dict[Text, Text]
    other: Text
    min_share: ShareSetting


class Clusters(Frozen):
    """What joins two parcels, and which shape a cluster has.

    ``widest_lane`` is the most that a question may take for a lane: what lies further apart is no street's two sides.
    ``crossable`` says of a class of barriers whether they may be crossed; ``crossable_names`` says it of single ones, by
    name or by ``class:name``, whatever their class.
    """

    tolerance: LengthSetting
    min_shared_edge: LengthSetting
    lane_width: LengthSetting
    widest_lane: LengthSetting | None = None
    min_frontage: LengthSetting
    crossable: dict[str, Setting[Truth]]
    crossable_names: dict[str, Setting[Truth]] = Field(default_factory=dict)
    belt_elongation: Setting[AtLeastOne]

    @model_validator(mode="after")
    def _within_the_widest(self) -> Self:
        if self.widest_lane is not None and self.lane_width.m > self.widest_lane.m:
            raise KeyFaultError((("lane_width", "value"), "a lane is no wider than widest_lane"))
        return self


class Measures(Frozen):
    """How far measures look that ask for a distance, and for what; what is not said leaves them unknown.

    ``leading_industries`` as carriers write theirs, ``institute_categories`` as services write their category.
    """

    carriers_nearby: LengthSetting
    leading_industries: Setting[tuple[str, ...]] | None = None
    institutes_nearby: LengthSetting | None = None
    institute_categories: Setting[tuple[str, ...]] | None = None


class CarrierGroups(Frozen):
    """How near carriers are to be one group, which of them count (by status), and from when on a group is a belt."""

    walking_distance: LengthSetting
    statuses: Setting[tuple[Annotated[str, one_of(CARRIER_STATUS)], ...]]
    belt_elongation: Setting[AtLeastOne]

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        check_words("statuses", self.statuses.value, CARRIER_STATUS)
        return self


class Intake(Frozen):
    """How far a file may differ from itself, and from what is registered, before it is told of; never an error."""

    area_tolerance: ShareSetting
    far_tolerance: ShareSetting
    overlap_area: AreaSetting
    sliver_width: LengthSetting
    unit_fit: ShareSetting
    plausible_far: Setting[tuple[NotNegative, NotNegative]]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.plausible_far.value
        if low > high:
            raise KeyFaultError((("plausible_far", "value"), "give the lower end first"))
        return self


class Robustness(Frozen):
    """How weights are varied, to see how far a ranking hangs on them.

    ``concentration``: that of the Dirichlet distribution round the policy's weights; the larger, the nearer to them.
    ``weight_spread``: by which share of itself each weight may go up or down where pairs are compared.
    """

    concentration: Setting[Positive]
    draws: Setting[PositiveWhole]
    top_k: Setting[PositiveWhole]
    weight_spread: SpreadSetting


class Explaining(Frozen):
    """In which order changes that would give another verdict are told.

    ``order`` names measures, what is easiest to bring about first; of one measure the smaller change goes first, and what is
    not named comes last.
    """

    order: Setting[tuple[Annotated[str, one_of(_CHANGEABLE)], ...]]

    @model_validator(mode="after")
    def _known_measures(self) -> Self:
        named = self.order.value
        check_words("order", named, _CHANGEABLE)
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"order names {', '.join(twice)} twice")
        return self

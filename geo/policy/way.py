"""Which measures lead to the target: how long each takes, how hard it is, and how much of it can be done."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from geo import units
from geo.fields.carriers import CARRIER_STATUS
from geo.fields.land_use import USES
from geo.fields.ways import WAYS
from geo.policy.settings import (
    DurationSetting,
    Frozen,
    Grounded,
    NotNegative,
    NotNegativeWhole,
    Positive,
    Setting,
    Text,
    check_unit,
    check_words,
    one_of,
)

#: stands for one limit in every zone, or in every year
EACH = "each"


def _year(value: Any) -> Any:
    """A year as TOML writes it, told at once: a union would tell of each of its members that it is none of them."""
    if isinstance(value, bool) or (not isinstance(value, int | None) and value != EACH):
        raise ValueError(f"a year is wanted, or {EACH!r}: {value!r} is neither")
    return value


class WayKind(Frozen):
    """One kind of measure: how long it takes and how hard it is.

    ``lead_time``: from the day it is decided until it is completed; recognition comes on top.  Its difficulty, in the points of
    ``[sites.difficulty]``, is ``points`` and the ``parts`` of that section for the land that it needs.
    """

    lead_time: DurationSetting
    points: Setting[NotNegative]
    parts: Setting[tuple[str, ...]]


class OfUses(WayKind):
    """A kind that is open where the land use is one of ``uses``."""

    uses: Setting[tuple[Annotated[str, one_of(USES)], ...]]

    @model_validator(mode="after")
    def _known_uses(self) -> Self:
        check_words("uses", self.uses.value, USES)
        return self


class OfRoutes(WayKind):
    """A kind that is open to the candidates of rules, by these routes of them, each as ``rule.route``."""

    routes: Setting[tuple[str, ...]]


class OfStatuses(WayKind):
    """A kind that is open to carriers in these statuses."""

    statuses: Setting[tuple[Annotated[str, one_of(CARRIER_STATUS)], ...]]

    @model_validator(mode="after")
    def _known_statuses(self) -> Self:
        check_words("statuses", self.statuses.value, CARRIER_STATUS)
        return self


class WayLimit(Grounded):
    """What can be done at most: ``gfa`` in ``unit`` of floor area gained, or ``count`` measures.

    Of one ``zone`` (``each``: of every one), of what counts from one ``year`` on (``each``: of every one), of one ``kind``;
    what is not said is any.
    """

    id: Text
    title: Text
    title_en: Text | None = None
    zone: Text | None = None
    year: Annotated[int | Literal["each"] | None, BeforeValidator(_year)] = None
    kind: Annotated[str, one_of(WAYS)] | None = None
    gfa: Positive | None = None
    unit: Annotated[str, WithJsonSchema({"enum": list(units.units_of("area"))})] = "m2"
    count: NotNegativeWhole | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.gfa is None and self.count is None:
            raise ValueError("give gfa or count")
        check_unit(self.unit, "area")
        if self.kind is not None:
            check_words("kind", (self.kind,), WAYS)
        return self

    @property
    def gfa_m2(self) -> float | None:
        """The floor area in m²."""
        return None if self.gfa is None else self.gfa * units.factor(self.unit, "m2")


class WaySearch(Frozen):
    """The measures that are open, kind by kind; a kind that is not given is not looked for.

    ``admit``: floor area that stands, of one of ``uses``, and is no carrier's.  ``completion``: what is approved or under
    construction, a counting or planned carrier's or of one of ``uses``.  ``conversion_building`` and ``conversion_land``:
    candidates of rules.  ``new_building``: land of one of ``uses`` on which nothing stands.  ``site``: a site that was found.
    ``delisting``: a carrier that counts may lose its recognition.  ``recognition``: from completion until a carrier is
    recognised; nothing counts before.  ``time_limit`` is that of one search, in ``s`` or ``min``.
    """

    recognition: DurationSetting
    admit: OfUses | None = None
    completion: OfUses | None = None
    conversion_building: OfRoutes | None = None
    conversion_land: OfRoutes | None = None
    new_building: OfUses | None = None
    site: WayKind | None = None
    delisting: OfStatuses | None = None
    limits: tuple[WayLimit, ...] = ()
    time_limit: Setting[Positive]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.time_limit.unit not in ("s", "min"):
            raise ValueError("time_limit has the unit s or min")
        names = [limit.id for limit in self.limits]
        if len(set(names)) != len(names):
            raise ValueError("two limits have the same id")
        return self

    @property
    def kinds(self) -> dict[str, WayKind]:
        """The kinds that are given, by name."""
        named = {name: getattr(self, name) for name in WAYS}
        return {name: kind for name, kind in named.items() if kind is not None}

    @property
    def time_limit_s(self) -> float:
        """The time limit in seconds."""
        return self.time_limit.value * (60 if self.time_limit.unit == "min" else 1)

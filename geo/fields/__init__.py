"""One catalogue of every column: what it is called, in which unit, within which limits, and who may read it.

Tables, mapping files, checks, lists and pages are all made from it, so that a column is described once.
"""

from geo.errors import NotFoundError
from geo.fields.buildings import BUILDINGS
from geo.fields.carriers import CARRIER_SHARES, CARRIER_YEARS, CARRIERS
from geo.fields.columns import Column, Kind
from geo.fields.faults import Fault
from geo.fields.land import PARCELS
from geo.fields.opinions import OPINIONS
from geo.fields.places import (
    BARRIERS,
    BLOCKS,
    HERITAGE,
    PARK,
    SERVICES,
    STATIONS,
    STREETS,
    TRANSIT_LINES,
    ZONES,
)
from geo.fields.plans import CENTRE_TIERS, LEASES, OPEN_SPACES, PLAN_CHANGES

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        ZONES,
        PARK,
        PARCELS,
        BUILDINGS,
        CARRIERS,
        CARRIER_SHARES,
        CARRIER_YEARS,
        STREETS,
        BLOCKS,
        STATIONS,
        TRANSIT_LINES,
        BARRIERS,
        HERITAGE,
        SERVICES,
        CENTRE_TIERS,
        OPEN_SPACES,
        PLAN_CHANGES,
        LEASES,
        OPINIONS,
    )
}


def kind_named(name: str) -> Kind:
    """The kind of that (plural) name.

    Raises
    ------
    NotFoundError
        There is no such kind; the message lists those there are.
    """
    try:
        return KINDS[name]
    except KeyError:
        raise NotFoundError(f"Unknown kind {name!r}.", "Kinds: " + ", ".join(KINDS) + ".") from None


__all__ = ["KINDS", "Column", "Fault", "Kind", "kind_named"]

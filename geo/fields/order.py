"""In which order lists show their columns."""

from __future__ import annotations

from collections.abc import Iterable

from geo.fields import KINDS
from geo.fields.measures import MEASURES
from geo.fields.opinions import OPINIONS
from geo.fields.results import RESULTS

#: what a reader looks for first in any list of land or carriers; what is not named follows in the catalogue's order
_FIRST = (
    "rank",
    "measure_id",
    "parcel_code",
    "building_code",
    "carrier_code",
    "site_id",
    "choice",
    "cluster_id",
    "zone",
    "name",
    "carrier_kind",
    "status",
    "verdict",
    "score",
    "score_low",
    "score_high",
    "route",
    "target_codes",
    "land_use",
    "main_use",
    "supply_status",
    "site_area_m2",
    "site_area_source",
    "gfa_m2",
    "gfa_source",
    "countable_gfa_m2",
    "far",
    "max_far",
    "far_headroom",
)
_OPINION = (*(column.name for column in OPINIONS.columns[2:]), "opinion_differs")
_LAST = ("rank_shares", "why", "reasons", "contributions", "flags", *_OPINION, "source", "synthetic", "geometry")


def in_order(names: Iterable[str]) -> list[str]:
    """Column names as lists show them: what identifies a row first, then figures, then where they come from."""
    known = [
        *_FIRST,
        *MEASURES,
        *(column.name for kind in KINDS.values() for column in kind.columns),
        *RESULTS,
    ]
    place = {name: number for number, name in reversed(list(enumerate(known)))}
    last = {name: len(known) + number for number, name in enumerate(_LAST)}
    return sorted(names, key=lambda name: (last.get(name, place.get(name, len(known) - 1)), name))

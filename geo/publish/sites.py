"""The best site in a run: the policy's own question, asked when the run is made, and what is said of how it was answered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from geo.answers.sites import sites

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.policy import Policy

#: what everybody may read of a site; the parts of a difficulty that tell of owners and leases are kept back
SITE_COLUMNS = (
    *(
        "site_id",
        "choice",
        "parcel_codes",
        "n_parcels",
        "area_m2",
        "area_mu",
        "difficulty",
        "difficulty_low",
        "n_unknown",
    ),
    *("lower_bound", "gap", "proven"),
    *("difficulty_gfa_in_use", "difficulty_heritage", "difficulty_plan_change"),
    *("n_anchor", "synthetic"),
)
#: what an answer says of itself, kept with the run and with a job
STAMP = ("complete", "n_minimal", "anchor", "why_none", "why_none_zh", "none_known", "searched", "min_area_m2",
         "max_area_m2", "over", "require", "forbid", "allow", "gap_m", "k", "min_different", "as_of", "opened")  # fmt: skip
#: the longest that making a run waits for it, in s: whoever wants a better answer asks for it by itself
LONGEST_S = 20.0


def default_sites(db: Database, policy: Policy, day: date) -> gpd.GeoDataFrame | None:
    """The sites of the policy's own question; ``None`` where the policy does not say what is wanted, or how hard land is."""
    asked = policy.sites
    if asked is None or asked.difficulty is None or asked.search is None:
        return None
    return sites(db, policy, as_of=day, time_limit_s=min(LONGEST_S, asked.search.time_limit_s))


def stamp_of_sites(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """What a frame of sites says of its question and of how it was answered, without the time that it took."""
    known = {**frame.attrs.get("stamp", {}), **frame.attrs}
    told = {name: known[name] for name in STAMP if name in known}
    if "searched" in told:
        told["searched"] = {name: value for name, value in told["searched"].items() if name != "seconds"}
    return told

"""The main figures of a run, as the front page shows them: sums of what is known beside counts of what is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from geo.policy import Policy


def main_figures(
    policy: Policy,
    parcels: pd.DataFrame,
    candidates: dict[str, pd.DataFrame],
    clusters: pd.DataFrame,
    carriers: pd.DataFrame,
    *,
    totals_by_zone: pd.DataFrame,
    park_known: bool,
) -> dict[str, Any]:
    """The figures by name; areas in m², ``None`` where nothing is known.

    Candidates and clusters are those of the first rule that was judged by; ``not_in_force`` lists the policy's others, each
    with its days.  The carriers counted towards the target are those in
    either zone and in one of the policy's statuses; those of which that is not known are told as undecided.  While the
    park's boundary is unknown (``park_known`` false) the sum is of both zones and not the official one (非考核口径).
    """
    rule = next(iter(candidates))
    judged = candidates[rule]
    chosen = judged[judged["verdict"] == "candidate"]
    found = clusters[clusters["over"] == rule]
    figures: dict[str, Any] = {
        "rule": rule,
        "n_parcels": len(parcels),
        "site_area_m2": _sum(parcels["site_area_m2"]),
        "gfa_m2": _sum(totals_by_zone["gfa_m2"]),
        "n_gfa_unknown": int(totals_by_zone["n_unknown"].sum()),
        "verdicts": _verdicts(judged),
        "candidate_area_m2": _sum(chosen["site_area_m2"]),
        "n_clusters": len(found),
        "largest_cluster_area_m2": None if found.empty else float(found["area_m2"].max()),
        "park_boundary_known": park_known,
        "zones": _by_zone(policy, parcels, chosen, totals_by_zone),
        # A list, for JSONB keeps no order of keys.
        "rules": [
            {"rule": name, "verdicts": _verdicts(frame), "n_clusters": int((clusters["over"] == name).sum())}
            for name, frame in candidates.items()
        ],
        "not_in_force": [
            {"rule": name, "effective_from": _iso(each.effective_from), "effective_to": _iso(each.effective_to)}
            for name, each in policy.rules.items()
            if name not in candidates
        ],
    }
    return figures | towards_target(policy, carriers)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _verdicts(judged: pd.DataFrame) -> dict[str, int]:
    return {verdict: int((judged["verdict"] == verdict).sum()) for verdict in ("candidate", "unknown", "no")}


def _by_zone(
    policy: Policy, parcels: pd.DataFrame, chosen: pd.DataFrame, totals: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    zones: dict[str, dict[str, Any]] = {}
    place, chosen_place = parcels["zone"].fillna("unknown"), chosen["zone"].fillna("unknown")
    # Without zones on record every parcel's zone is unknown: said, and not left out.
    listed = [*policy.zones.names, "other", *(["unknown"] if (place == "unknown").any() else [])]
    for zone in listed:
        booked = totals[totals["zone"] == zone]
        zones[zone] = {
            "n_parcels": int((place == zone).sum()),
            "site_area_m2": _sum(booked["site_area_m2"]),
            "gfa_m2": _sum(booked["gfa_m2"]),
            "n_gfa_unknown": int(booked["n_unknown"].sum()),
            "n_candidates": int((chosen_place == zone).sum()),
        }
    return zones


def towards_target(policy: Policy, carriers: pd.DataFrame) -> dict[str, Any]:
    """How much carrier floor area counts towards the plan's target (一(三)), how much is unknown, and the gap; in m²."""
    if policy.target is None:
        return {"target_m2": None}
    # Three answers, not two: a carrier of unknown zone or status is neither counted nor left out in silence.
    status = _in(carriers["status"], policy.target.statuses.value)
    zone = _in(carriers["zone"].replace("unknown", None), tuple(policy.zones.names))
    counted = carriers[(status == "yes") & (zone == "yes")]
    undecided = (status != "no") & (zone != "no") & ~((status == "yes") & (zone == "yes"))
    total = _sum(counted["gfa_m2"])
    wanted = policy.target.floor_area.m2
    return {
        "n_carriers": len(counted),
        "n_carriers_unknown": int(counted["gfa_m2"].isna().sum()),
        "n_carriers_undecided": int(undecided.sum()),
        "carrier_gfa_m2": total,
        "target_m2": wanted,
        "target_by": policy.target.by.isoformat(),
        "target_clause": policy.target.floor_area.ground,
        "gap_m2": None if total is None else wanted - total,
    }


def _in(values: pd.Series[Any], wanted: tuple[str, ...]) -> pd.Series[Any]:
    """For each value ``yes``, ``no`` or ``unknown``: is it one of those wanted?"""
    return values.isin(wanted).map({True: "yes", False: "no"}).mask(values.isna(), "unknown")


def _sum(values: pd.Series[float]) -> float | None:
    """The sum of what is known; ``None`` where nothing is, since an empty sum would read as zero."""
    known = values.dropna()
    return float(known.sum()) if len(known) else None

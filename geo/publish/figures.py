"""The main figures of a run, as the front page shows them: sums of what is known beside counts of what is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from geo.judge.target import towards_target
from geo.policy import Policy

__all__ = ["main_figures", "towards_target"]


def main_figures(
    policy: Policy,
    parcels: pd.DataFrame,
    candidates: dict[str, pd.DataFrame],
    clusters: pd.DataFrame,
    carriers: pd.DataFrame,
    *,
    totals_by_zone: pd.DataFrame,
    park_known: bool,
    pieces: pd.DataFrame | None = None,
    day: date | None = None,
) -> dict[str, Any]:
    """The figures by name; areas in m², ``None`` where nothing is known.

    Candidates and clusters are those of the first rule that was judged by; ``not_in_force`` lists the policy's others, each
    with its days.  Which carriers count towards the target, and which are undecided: :func:`geo.judge.target.target_rows`,
    with the rows of floor area ``pieces``.  While the park's boundary is unknown (``park_known`` false) the sum is of both
    zones and not the official one (非考核口径).
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
    return figures | towards_target(policy, carriers, pieces, day=day, park_known=park_known)


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


def _sum(values: pd.Series[float]) -> float | None:
    """The sum of what is known; ``None`` where nothing is, since an empty sum would read as zero."""
    known = values.dropna()
    return float(known.sum()) if len(known) else None

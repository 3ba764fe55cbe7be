"""What stands below a list of clusters or carriers: near misses, bridges, what changed, groups of carriers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from api import lists, views
from api.text import phrase
from geo import units
from geo.publish import Published
from maps import figures, steps

#: rows of a part that a page shows; the API gives all
_SHOWN = 30

_NEAR_MISSES = ("what", "outcome", "cluster_ids")
_BRIDGES = ("parcel_code", "cluster_id", "site_area_m2", "cluster_area_m2", "parts_m2")
_LINEAGE = ("change", "earlier_cluster_id", "earlier_area_m2", "cluster_id", "area_m2", "shared_area_m2")
_GROUPS = (
    "group_id",
    "shape",
    "n_carriers",
    "gfa_m2",
    "n_gfa_unknown",
    "span_m",
    "elongation",
    "compactness",
    "carrier_codes",
)


@dataclass(frozen=True)
class Section:
    """One part of a page: its id is its heading's, ``left_out`` says that there are more rows than it shows."""

    id: str
    lead: str
    columns: Sequence[str]
    rows: list[dict[str, views.Cell]]
    left_out: bool
    map: str = ""


def of_clusters(run: Published, rule: str, words: views.Wording) -> list[Section]:
    """Near misses, bridges, and, from the second run on, what became of the clusters of the one before."""
    lang = words.lang
    _, near = lists.finding(run, "near_misses", rule)
    told = [
        {
            "what": views.Cell(steps.step(row, lang)),
            "outcome": views.Cell(steps.outcome(row, lang)),
            "cluster_ids": views.Cell(("、" if lang == "zh" else ", ").join(row["cluster_ids"])),
        }
        for row in views.rows(near.head(_SHOWN))
    ]
    sections = [Section("near_misses", phrase("near_misses_lead", lang), _NEAR_MISSES, told, len(near) > _SHOWN)]
    _, bridges = lists.finding(run, "bridges", rule)
    bridges = bridges.rename(columns={"area_m2": "cluster_area_m2"})
    sections.append(_section("bridges", phrase("bridges_lead", lang), _BRIDGES, bridges, words))
    _, lineage = lists.finding(run, "lineage", rule)
    if len(lineage):
        goes_on = lineage["change"] == "continued"
        lead = phrase("lineage_lead", lang, run=run.run.figures["earlier_run_id"], n=int(goes_on.sum()))
        sections.append(_section("lineage", lead, _LINEAGE, lineage[~goes_on], words))
    return sections


def of_carriers(run: Published, words: views.Wording) -> list[Section]:
    """The groups of carriers, where the run's policy says what makes one."""
    said = run.run.policy.get("carrier_groups")
    if not said:
        return []
    walk = said["walking_distance"]
    metres = walk["value"] * units.factor(walk["unit"] or "m", "m")
    lead = phrase("carrier_groups_lead", words.lang, walk=figures.quantity(metres, "m", words.lang))
    found = _section("carrier_groups", lead, _GROUPS, run.findings["carrier_groups"], words)
    return [replace(found, map=f"/maps/carrier-groups?lang={words.lang}")]


def _section(name: str, lead: str, columns: Sequence[str], frame: pd.DataFrame, words: views.Wording) -> Section:
    return Section(name, lead, columns, views.table(frame.head(_SHOWN), columns, words), len(frame) > _SHOWN)

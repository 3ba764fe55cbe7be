"""What a rule may ask of a parcel: each measure with its unit and how it is got.

A measure is worked out by PostGIS (``geo/measure/*.sql``) and judged by the policy; it holds no threshold itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """One figure of a parcel: its Chinese name, type, unit, and the sentence that says how it is got.

    ``changed_by`` says who could bring another value about, ``None`` where nobody can (where land lies, how large it is).
    ``scale`` is a change that counts as a large one, in the measure's unit: by it changes of different figures are compared.
    Both are our judgement, not from a rule.
    """

    name: str
    zh: str
    type: Literal["number", "text", "boolean"]
    unit: str | None
    how: str
    changed_by: str | None = None
    scale: float = 1.0


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            "zone",
            "片区",
            "text",
            None,
            "zone that covers the largest share of the parcel, 'other' below the policy's share",
        ),
        Measure(
            "zone_share",
            "片区内占比",
            "number",
            "share",
            "share of the parcel's drawn area inside that zone",
        ),
        Measure("supply_status", "供地状态", "text", None, "as registered", changed_by="规划资源部门（供地）"),
        Measure("site_area_m2", "用地面积", "number", "m2", "registered, else measured"),
        Measure(
            "office_share",
            "商办用地占比",
            "number",
            "share",
            "share of planned uses commercial_office and commercial_service; unknown where a mixed parcel's shares are",
            changed_by="规划资源部门（规划调整）",
        ),
        Measure(
            "industrial_share",
            "工业用地占比",
            "number",
            "share",
            "share of planned uses industrial and storage; unknown where a mixed parcel's shares are",
            changed_by="规划资源部门（规划调整）",
        ),
        Measure(
            "main_use",
            "主导用途",
            "text",
            None,
            "planned use with the largest share; unknown where shares are",
        ),
        Measure(
            "gfa_m2",
            "建筑面积",
            "number",
            "m2",
            "total floor area standing: the buildings' where each is known, else the parcel's own figure",
        ),
        Measure(
            "far",
            "现状容积率",
            "number",
            "far",
            "countable floor area standing / site area; unknown where only total floor area is known",
        ),
        Measure(
            "max_far",
            "容积率上限",
            "number",
            "far",
            "as registered",
            changed_by="规划资源部门（规划调整）",
            scale=2.0,
        ),
        Measure(
            "far_headroom",
            "容积率余量",
            "number",
            "far",
            "max_far - far",
            changed_by="规划资源部门（规划调整）",
            scale=2.0,
        ),
        Measure(
            "vacancy_share",
            "空置率",
            "number",
            "share",
            "floor-area weighted over standing buildings; unknown where one building's is",
            changed_by="权利人、运营方",
            scale=0.5,
        ),
        Measure(
            "year_built",
            "建成年份",
            "number",
            "year",
            "the oldest standing building's, else the parcel's own figure",
        ),
        Measure(
            "heritage_share",
            "历史保护范围占比",
            "number",
            "share",
            "share of the parcel inside statutory heritage outlines",
        ),
        Measure(
            "heritage_distance_m",
            "距历史保护点",
            "number",
            "m",
            "to the nearest heritage point or outline of any kind",
        ),
        Measure(
            "station_distance_m",
            "距最近轨道站点",
            "number",
            "m",
            "straight line from the parcel's outline to the nearest station",
        ),
        Measure(
            "carriers_nearby",
            "周边在册载体数",
            "number",
            "count",
            "active carriers within the distance asked for, those on the parcel not counted",
        ),
    )
}

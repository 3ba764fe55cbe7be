"""What a rule may ask of a parcel: each measure with its unit, how it is got, and of which kinds of the registry.

A measure is worked out by PostGIS (``geo/measure/*.sql``) and judged by the policy; it holds no threshold itself.  What no
file has said is unknown: a measure over a layer of which nothing at all is registered is missing, not zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo.fields.columns import Readers
from geo.fields.land import OWNER_KIND, SUPPLY_STATUS
from geo.fields.land_use_codes import USES
from geo.fields.measure import Measure
from geo.fields.plans import CENTRE_TIER, OUTSIDE_CENTRES

PLANNING = "规划资源部门（规划调整）"
OWNERS = "权利人"


def _number(
    name: str,
    zh: str,
    unit: str,
    how: str,
    *sources: str,
    changed_by: str | None = None,
    scale: float = 1.0,
    readers: Readers = "all",
    unbounded: bool = False,
) -> Measure:
    return Measure(name, zh, "number", unit, how, sources, changed_by, scale, readers, unbounded=unbounded)


def _text(
    name: str,
    zh: str,
    how: str,
    *sources: str,
    changed_by: str | None = None,
    readers: Readers = "all",
    onward: bool = False,
    choices: Iterable[str] = (),
) -> Measure:
    return Measure(name, zh, "text", None, how, sources, changed_by, 1.0, readers, onward, tuple(choices))


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        _text(
            "zone",
            "片区",
            "zone that covers the largest share of the parcel, 'other' below the policy's share",
            *("parcels", "zones"),
        ),
        _number("zone_share", "片区内占比", "share", "share of the drawn area inside that zone", "parcels", "zones"),
        _number(
            "park_share",
            "虹口园内占比",
            "share",
            "share of the drawn area inside the park's boundary",
            *("parcels", "park"),
        ),
        _text(
            "centre_tier",
            "公共中心等级",
            "tier of the public centre that covers the largest share of the parcel, 'outside' below the policy's share",
            *("parcels", "centre_tiers"),
            choices=(*CENTRE_TIER, OUTSIDE_CENTRES),
        ),
        _text(
            "supply_status",
            "供地状态",
            "as registered",
            "parcels",
            changed_by="规划资源部门（供地）",
            onward=True,
            choices=SUPPLY_STATUS,
        ),
        _number(
            "approved_change_share",
            "已批规划调整占比",
            "share",
            "share of the drawn area inside plan changes that are approved; unknown where one of unknown stage touches it",
            *("parcels", "plan_changes"),
            changed_by=PLANNING,
        ),
        _number("site_area_m2", "用地面积", "m2", "registered, else measured", "parcels"),
        _number(
            "office_share",
            "商办用地占比",
            "share",
            "share of planned uses commercial_office and commercial_service; unknown where a mixed parcel's shares are",
            "parcels",
            changed_by=PLANNING,
        ),
        _number(
            "industrial_share",
            "工业用地占比",
            "share",
            "share of planned uses industrial and storage; unknown where a mixed parcel's shares are",
            "parcels",
            changed_by=PLANNING,
        ),
        _number(
            "rnd_share",
            "研发用地占比",
            "share",
            "share of planned uses research_design and industrial_rnd; unknown where a mixed parcel's shares are",
            "parcels",
            changed_by=PLANNING,
        ),
        _text(
            "main_use",
            "主导用途",
            "planned use with the largest share; unknown where shares are",
            "parcels",
            choices=USES,
        ),
        _number(
            "gfa_m2",
            "建筑面积",
            "m2",
            "total floor area standing: the buildings' where each is known, else the parcel's own figure",
            *("parcels", "buildings"),
        ),
        _number(
            "far",
            "现状容积率",
            "far",
            "countable floor area standing / site area; 0 where the total is known to be 0, unknown where only another is",
            *("parcels", "buildings"),
        ),
        _number("max_far", "容积率上限", "far", "as registered", "parcels", changed_by=PLANNING, scale=2.0),
        _number(
            "far_headroom",
            "容积率余量",
            "far",
            "max_far - far",
            *("parcels", "buildings"),
            changed_by=PLANNING,
            scale=2.0,
        ),
        _number("far_used_share", "容积率利用率", "share", "far / max_far", "parcels", "buildings", unbounded=True),
        _number(
            "vacancy_share",
            "空置率",
            "share",
            "floor-area weighted over standing buildings; unknown where one building's is",
            "buildings",
            changed_by="权利人、运营方",
            scale=0.5,
        ),
        _number(
            "year_built",
            "建成年份",
            "year",
            "the oldest standing building's, else the parcel's own figure",
            *("parcels", "buildings"),
        ),
        _text(
            "owner_kind",
            "产权类型",
            "the parcel's own, else its standing buildings' where all are known: theirs if they agree, else mixed",
            *("parcels", "buildings"),
            readers="restricted",
            choices=OWNER_KIND,
        ),
        _number(
            "owner_count",
            "产权人数",
            "count",
            "the parcel's own figure, else its only standing building's; of several nobody says whether they share owners",
            *("parcels", "buildings"),
            changed_by=OWNERS,
            scale=5.0,
            readers="restricted",
        ),
        _number(
            "state_owned_share",
            "国有产权占比",
            "share",
            "1 or 0 by the parcel's own owner kind, else by floor area over standing buildings of one known kind each",
            *("parcels", "buildings"),
            readers="restricted",
        ),
        _number(
            "grant_years_left",
            "土地使用权剩余年限",
            "years",
            "from the day asked about to the end of the grant; below zero where it has ended",
            "parcels",
            changed_by="规划资源部门（续期、补缴）",
            scale=10.0,
            readers="restricted",
        ),
        _number(
            "lease_years_left",
            "租约剩余年限",
            "years",
            "until the last lease on the parcel or its buildings ends; unknown where none is registered or one's end is not; "
            "leases of a parcel that went into one other go along, of one that fell into several they make it unknown",
            *("leases", "buildings"),
            changed_by="权利人、承租方",
            scale=3.0,
            readers="restricted",
        ),
        _number(
            "heritage_share",
            "历史保护范围占比",
            "share",
            "share of the parcel inside statutory heritage outlines",
            *("parcels", "heritage"),
        ),
        _number(
            "heritage_distance_m",
            "距历史保护点",
            "m",
            "to the nearest heritage point or outline of any kind",
            *("parcels", "heritage"),
        ),
        _number(
            "station_distance_m",
            "距最近轨道站点",
            "m",
            "straight line from the parcel's outline to the nearest station",
            *("parcels", "stations"),
        ),
        _number(
            "open_space_distance_m",
            "距最近开放空间",
            "m",
            "straight line between outlines to the nearest open space; 0 beside it",
            *("parcels", "open_spaces"),
        ),
        _number(
            "carriers_nearby",
            "周边在册载体数",
            "count",
            "active carriers within the distance asked for, those on the parcel not counted",
            *("parcels", "carriers", "carrier_shares"),
        ),
        _number(
            "leading_carriers_nearby",
            "周边主导产业载体数",
            "count",
            "of these carriers those of one of the policy's leading industries; unknown where one's industries are",
            *("parcels", "carriers", "carrier_shares"),
        ),
        _number(
            "institutes_nearby",
            "周边科研机构数",
            "count",
            "services of the policy's categories within its distance; unknown while none of them is registered",
            *("parcels", "services"),
        ),
        _number(
            "delisted_carriers",
            "摘牌载体数",
            "count",
            "delisted carriers that stand on the parcel, at least; unknown where none is and one's status is not known",
            *("parcels", "carriers", "carrier_shares", "buildings"),
        ),
        _number(
            "contiguous_area_m2",
            "所在连片面积",
            "m2",
            "site area of all parcels that hang together with it by the policy's widths, its own included",
            *("parcels", "barriers"),
        ),
    )
}

"""What codes of the catalogue are called, in Chinese and in English."""

from __future__ import annotations

from geo.fields.buildings import BUILDING_STATE
from geo.fields.carriers import CARRIER_KIND, CARRIER_STATUS, OPERATOR_ROLE
from geo.fields.land import SUPPLY_STATUS
from geo.fields.places import BARRIER_CLASS
from geo.fields.plans import CENTRE_TIER, CHANGE_STATUS
from geo.fields.ways import WAYS

#: the kinds of measures that lead to the target, in English
WAYS_EN: dict[str, str] = {
    "admit": "Admit a building",
    "completion": "Completion",
    "conversion_building": "Convert a building",
    "conversion_land": "Convert land",
    "new_building": "New building",
    "site": "Site",
    "delisting": "Delisting",
}

#: code → what it is called in Chinese, in English
WORDS: dict[str, tuple[str, str]] = {
    **{name: (zh, WAYS_EN[name]) for name, zh in WAYS.items()},
    "withheld": ("不公开（地块过少，合并）", "Withheld: too few parcels, told together"),
    "candidate": ("候选", "Candidate"),
    "no": ("不符合", "Not suitable"),
    "unknown": ("未知", "unknown"),
    "belt": ("带状", "Belt"),
    "patch": ("片状", "Patch"),
    "mixed": ("混合用途", "Mixed uses"),
    "other": ("其他", "Other"),
    "continued": ("延续", "Goes on"),
    "split": ("分裂", "Split"),
    "merged": ("合并", "Merged"),
    "new": ("新增", "New"),
    "gone": ("消失", "Gone"),
    "shared_edge": ("共边", "Shared edge"),
    "lane": ("隔街相邻", "Over a lane"),
    "corner": ("角点相接", "Corner"),
    "barrier": ("阻隔", "Barrier between"),
    "buildings": ("按楼栋", "from its buildings"),
    "parcel": ("按地块", "from the parcel"),
    "carrier": ("登记", "as registered"),
    "shares": ("按份额推算", "from its shares"),
    "unbuilt": ("未建", "unbuilt"),
    "registered": ("登记", "registered"),
    "none": ("无", "none"),
    "disputed": ("份额有争议", "shares in dispute"),
    "in_park": ("园内", "Inside"),
    "outside_park": ("园外", "Outside"),
    "floor_area": ("建筑面积", "Floor area"),
    "site_area": ("用地面积", "Site area"),
    "measured": ("量算", "measured"),
    "outside": ("各级中心以外", "Outside the centres"),
}
#: English names of choices, whose Chinese ones stand in the catalogue
EN_WORDS: dict[str, str] = {
    "not_granted": "Not granted",
    "granted_unbuilt": "Granted and unbuilt",
    "built": "Built",
    "park": "Park",
    "building": "Building",
    "incubator": "Incubator",
    "science_park": "University science park",
    "platform": "Service platform",
    "planned": "Planned",
    "active": "Active",
    "on_notice": "On notice",
    "delisted": "Delisted",
    "replaced": "Replaced",
    "self_operated": "Self-operated",
    "equity": "Equity partner",
    "asset_light": "Asset-light",
    "alliance": "Alliance",
    "branch": "Branch road",
    "secondary": "Secondary road",
    "arterial": "Arterial road",
    "elevated": "Elevated road",
    "rail": "Railway",
    "river": "River",
    "wall": "Wall",
    "main_centre": "Main centre",
    "sub_centre": "Sub-centre",
    "district_centre": "District centre",
    "community_centre": "Community centre",
    "proposed": "Proposed",
    "public": "On public display",
    "approved": "Approved",
    "withdrawn": "Withdrawn",
    "state_owned": "State-owned",
    "collective": "Collective",
    "standing": "Standing",
    "under_construction": "Under construction",
    "demolished": "Demolished",
    "private": "Private",
}
#: Chinese names of choices, the first of the ways in which offices write them
CHOICES = {
    **SUPPLY_STATUS,
    **BUILDING_STATE,
    **CARRIER_KIND,
    **CARRIER_STATUS,
    **OPERATOR_ROLE,
    **BARRIER_CLASS,
    **CENTRE_TIER,
    **CHANGE_STATUS,
}

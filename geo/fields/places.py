"""What lies round the land: zones, the park, streets, stations, barriers, heritage, services, and layers to look at."""

from __future__ import annotations

from geo.fields.columns import Column, Kind

#: What may part two parcels.  The first four are roads by class; the policy says which may be crossed.
BARRIER_CLASS = {
    "branch": ("支路",),
    "secondary": ("次干路",),
    "arterial": ("主干路",),
    "elevated": ("高架", "快速路", "高架路"),
    "rail": ("铁路", "轨道交通地面段"),
    "river": ("河道", "水系"),
    "wall": ("围墙",),
}


def barrier_zh(text: str) -> str:
    """A class of barriers, or the class of a ``class:name``, by its Chinese word: ``river:小河`` is 河道 小河."""
    of_class, parted, name = text.partition(":")
    return f"{BARRIER_CLASS[of_class][0]}{' ' * bool(parted)}{name}" if of_class in BARRIER_CLASS else text


def named(code: str, zh: str) -> tuple[Column, ...]:
    """The two columns that a thing on a map has: its code and its name."""
    return (
        Column(code, zh, "text", required=True, aliases=("BH", "编号", "代码", "code")),
        Column("name", "名称", "text", aliases=("MC", "NAME", "name")),
    )


ZONES = Kind(
    "zones",
    "片区",
    ("zone",),
    (
        Column("zone", "片区代码", "text", required=True, aliases=("PQBH", "片区编号")),
        Column("name", "片区名称", "text", required=True, aliases=("PQMC", "片区")),
        Column(
            "indicative",
            "是否示意",
            "boolean",
            required=True,
            note="true: no official outline is public",
        ),
        Column("basis", "依据", "text"),
    ),
    "MultiPolygon",
    True,
)
PARK = Kind(
    "park",
    "虹口园",
    ("park_code",),
    (*named("park_code", "园区代码"), Column("basis", "依据", "text")),
    "MultiPolygon",
    True,
)
STREETS = Kind(
    "streets",
    "街道",
    ("street_code",),
    (
        *named("street_code", "街道代码"),
        Column("employment", "法人从业人数", "integer", unit="count", low=0),
    ),
    "MultiPolygon",
    True,
)
BLOCKS = Kind(
    "blocks",
    "街坊",
    ("block_code",),
    (
        *named("block_code", "街坊编号"),
        Column("net_area_m2", "净面积", "number", unit="m2", low=0.0),
    ),
    "MultiPolygon",
    True,
)
STATIONS = Kind(
    "stations",
    "轨道站点",
    ("station_code",),
    (*named("station_code", "站点代码"), Column("lines", "线路", "list")),
    "Point",
    True,
)
TRANSIT_LINES = Kind(
    "transit_lines",
    "轨道线路",
    ("line_code",),
    (*named("line_code", "线路代码"),),
    "MultiLineString",
    True,
)
BARRIERS = Kind(
    "barriers",
    "阻隔",
    ("barrier_code",),
    (
        *named("barrier_code", "阻隔编号"),
        Column(
            "barrier_class",
            "阻隔类型",
            "choice",
            choices=BARRIER_CLASS,
            required=True,
            aliases=("DLDJ", "道路等级"),
        ),
        Column("width_m", "宽度", "number", unit="m", low=0.0, high=500.0),
    ),
    "Geometry",
    True,
)
HERITAGE = Kind(
    "heritage",
    "历史保护",
    ("heritage_code",),
    (
        *named("heritage_code", "保护编号"),
        Column("protection", "保护类别", "text"),
        Column(
            "statutory",
            "是否法定范围",
            "boolean",
            note="true: the drawn area is the statutory outline; false: a point or sketch that only says 'near'",
        ),
        Column("address", "地址", "text"),
        Column("built", "建成年代", "text"),
    ),
    "Geometry",
    True,
)
SERVICES = Kind(
    "services",
    "服务设施",
    ("service_code",),
    (
        *named("service_code", "设施编号"),
        Column("category", "类别", "text", required=True),
        Column("address", "地址", "text"),
    ),
    "Point",
    True,
)

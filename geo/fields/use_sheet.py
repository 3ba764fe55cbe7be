"""A sheet with one row for each use of a parcel: it is no kind of its own, for its rows become one column of the parcels.

Why the uses of a parcel are part of its version: docs/decisions/0001.
"""

from __future__ import annotations

from geo.fields.columns import Column, Kind
from geo.fields.land import PARCELS

_LAND_USE = PARCELS.column("land_use")

USE_SHEET = Kind(
    name="uses",
    zh="用地构成",
    key=("parcel_code",),
    columns=(
        PARCELS.column("parcel_code"),
        Column("code", "用地代码", "land_use", required=True, aliases=(_LAND_USE.zh, *_LAND_USE.aliases)),
        Column(
            "share",
            "比例",
            "number",
            unit="share",
            low=0.0,
            high=1.0,
            aliases=("占比", "份额", "用地比例", "面积比例", "BL"),
        ),
        Column(
            "area_m2",
            "面积",
            "number",
            unit="m2",
            low=0.0,
            aliases=("用地面积", "分项面积", "YDMJ", "MJ"),
        ),
    ),
)

"""Headings that offices use for several things: enough for a guess that a person confirms, never for one that stands.

Kind → column of the registry → heading (upper case, without ``_``) → why it is in doubt.
"""

from __future__ import annotations

_ROW_ID = "often the number that a database gave to the row, not a code of land"
_MJ = "its unit differs from file to file"
_RJL = "the permitted FAR in a plan, the built one in a survey"

DOUBTFUL: dict[str, dict[str, dict[str, str]]] = {
    "parcels": {
        "parcel_code": {
            **dict.fromkeys(("BSM", "标识码", "MBBSM", "OBJECTID", "FID", "BH", "编号"), _ROW_ID),
            "DCDYBH": "the number of a survey unit, which may hold several plots",
            "不动产单元号": "a plot with buildings has several",
        },
        "registered_area_m2": {
            "MJ": _MJ,
            "面积": _MJ,
            "PZMJ": "as approved, not as registered",
            "批准面积": "as approved, not as registered",
        },
        "max_far": {"RJL": _RJL, "容积率": _RJL, "GHRJL": "planned; whether as upper limit is not said"},
        "land_use": dict.fromkeys(
            ("PZYT", "DJYT", "批准用途", "登记用途"), "as approved or registered, not as planned"
        ),
    },
    "buildings": {"building_code": dict.fromkeys(("BSM", "标识码", "OBJECTID", "FID", "BH", "编号"), _ROW_ID)},
}

#: headings that only a plan has: beside them RJL is the permitted FAR
PLAN = frozenset({"LDL", "LDLXX", "LDLSX", "JZXG", "YDJRX", "JRBLSX", "RJLXX", "RJLSX", "JZTR", "绿地率", "建筑限高"})
#: headings that only a survey of what stands has
SURVEY = frozenset({"XZYT", "XZDL", "SFDX", "YDSJ", "现状用途", "现状地类"})

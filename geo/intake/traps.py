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
PLAN = frozenset(
    {"LDL", "LDLXX", "LDLSX", "JZXG", "YDJRX", "JRBLSX", "RJLXX", "RJLSX", "JZTR", "绿地率", "建筑限高", "限高", "控高"}
)
#: words in the name of a file that only a plan has
PLAN_NAMES = ("控规", "控制性详细规划", "图则")
#: how a cell says that it is an upper limit
UPPER_LIMIT = ("≤", "<=", "＜", "<", "不大于", "不高于", "不超过")
#: headings that only a survey of what stands has
SURVEY = frozenset({"XZYT", "XZDL", "SFDX", "YDSJ", "现状用途", "现状地类"})

#: words in the names of a drawing's layers on which texts stand that say what lies under them: kind → column → words
LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "parcels": {
        "parcel_code": ("编号", "编码", "地块号", "宗地号", "DKBH", "DKBM", "ZDBH"),
        "land_use": ("用地代码", "用地性质", "用地类别", "用地编码", "地类", "性质", "YDDM", "YDXZ"),
        "max_far": ("容积率", "RJL"),
    },
    "buildings": {"building_code": ("楼栋号", "幢号", "编号", "编码")},
}

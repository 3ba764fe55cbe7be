"""What measures on the way to the target are called, in Chinese and English."""

from __future__ import annotations

from geo.fields.ways import BASIS, OPEN, PARTS, WAYS
from maps.words import WAYS_EN

_OPEN_EN = {
    "gfa": "floor area",
    "day": "day of completion",
    "place": "place",
    "holder": "who holds it",
    "use": "share of use",
    "verdict": "verdict",
    "counts": "whether its carrier counts",
}
_PARTS_EN = {"every": "in every one", "some": "in some", "none": "in none", "late": "too late", "open": "not known"}
_BASIS_EN = {"registered": "registered", "permitted": "permitted FAR × site"}

#: ``way_kind_…``, ``way_open_…``, ``way_part_…``, ``way_basis_…``
WAY_WORDS: dict[str, tuple[str, str]] = {
    **{f"way_kind_{name}": (zh, WAYS_EN[name]) for name, zh in WAYS.items()},
    **{f"way_open_{name}": (zh, _OPEN_EN[name]) for name, zh in OPEN.items()},
    **{f"way_part_{name}": (zh, _PARTS_EN[name]) for name, zh in PARTS.items()},
    **{f"way_basis_{name}": (zh, _BASIS_EN[name]) for name, zh in BASIS.items()},
    "way_title": ("达标路径图", "Map of the way to the target"),
    "way_group": ("所选措施", "Measures chosen"),
    "way_others": ("未选用的措施", "Measures not chosen"),
    "way_every": ("各最优方案均有（粗边）", "in every best choice (thick edge)"),
    "way_known": ("其他可采取的措施", "Others that are open"),
    "way_unsure": ("情况不明的措施", "Something unknown"),
    "way_not_placed": (
        "所选措施中 {n} 项无地块，未绘制。",
        "{n} of the chosen measures have no parcels: they are not drawn.",
    ),
}

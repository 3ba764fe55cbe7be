"""Values as an office reads them: codes of choices, uses and zones in Chinese words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from geo.fields import KINDS
from geo.fields.land_use_codes import USES
from geo.fields.ledger import HELD_GROUPS
from geo.fields.opinions import DIFFERS
from geo.fields.places import barrier_zh
from geo.fields.results import WORDS
from geo.fields.ways import WORDS as WAY_WORDS

#: columns whose texts are canonical uses, or groups of them
_USES = frozenset({"main_use", "land_use"})
_GROUPS = {"mixed": "混合（份额未知）", "unknown": "未知"}


def in_words(column: str, value: str, zones: Mapping[str, str]) -> str:
    """A text of a column in Chinese where it is a code of ours, else as it is; ``zones`` names zones by code."""
    if column == "zone":
        return zones.get(value, _GROUPS.get(value, value))
    if column in _USES:
        return USES[value].zh if value in USES else _GROUPS.get(value, value)
    if column == "opinion_differs":
        return DIFFERS[value][0] if value in DIFFERS else value
    if column in WAY_WORDS and value in WAY_WORDS[column]:
        return WAY_WORDS[column][value]
    if column in _LEDGER and value in _NOT_TOLD:
        return _NOT_TOLD[value]
    if column in ("barrier", "what"):
        return barrier_zh(value)
    if column == "kind" and value in _STEPS:
        return _STEPS[value]
    if column == "kind":
        return _choices("carrier_kind").get(value, value)
    return _choices(column).get(value, WORDS.get(value, value) if column in _WORDED else value)


#: kinds of near misses
_STEPS = {"lacks": "尚缺面积", "parcel": "加入地块", "barrier": "允许穿越"}
#: columns of the ledger that a row has nothing of, or of which nobody knows what
_LEDGER = frozenset({*HELD_GROUPS, "park", "street", "state", "year", "cluster", "supply_status"})
_NOT_TOLD = {"none": "无", "unknown": "未知", "disputed": WORDS["disputed"]}

#: columns of answers whose texts stand in :data:`geo.fields.results.WORDS`
_WORDED = frozenset(
    {
        *("verdict", "verdict_then", "shape", "type", "site_area_source", "gfa_source", "outcome", "centre_tier"),
        *("books", "park"),
        *("change", "verdict_before", "verdict_after"),
    }
)


@cache
def _choices(column: str) -> dict[str, str]:
    """What each choice of a column is called; the first kind that has the column says it."""
    for kind in KINDS.values():
        for field in kind.columns:
            if field.name == column and field.choices:
                return {choice: labels[0] for choice, labels in field.choices.items()}
    return {}

"""What it opens that barriers may be crossed: how many pairs of parcels join by it, and why none does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from geo.answers.hanging_together import adjacency_seen, crossing, lane_width, named_barriers, widths, wishes
from geo.fields.places import barrier_zh
from geo.measure.adjacency import joined
from geo.measure.neighbours import barrier_names, parted_by
from geo.said import Said

if TYPE_CHECKING:
    import pandas as pd

    from geo.measure.cache import Look
    from geo.policy import Policy


def opened_by(
    seen: Look, policy: Policy, gap_m: float | None, allow: str | Iterable[str], pairs: pd.DataFrame
) -> dict[str, Any]:
    """Part of an answer's ``attrs``: of each barrier in ``allow`` what it opens on all land; nothing where none is allowed.

    ``opened`` is a list of ``allow`` (the wish), ``n_pairs`` (how many pairs of parcels join if that one alone may be
    crossed beyond what the policy says), ``note`` and ``note_zh`` (the same in a sentence, with the reason where it is none).
    Where several are allowed a last one, ``allow`` being ``None``, says it of all together, of which ``pairs`` are.
    """
    asked = wishes(allow)
    if not asked:
        return {}
    before = _joined(adjacency_seen(seen, policy, gap_m))
    told = []
    for wish in asked:
        alone = pairs if len(asked) == 1 else adjacency_seen(seen, policy, gap_m, wish)
        n_pairs = len(_joined(alone) - before)
        said = _sentence(wish, n_pairs) if n_pairs else _why_none(seen, policy, gap_m, wish)
        told.append({"allow": wish, "n_pairs": n_pairs, "note": str(said), "note_zh": said.zh})
    if len(asked) > 1:
        n_pairs = len(_joined(pairs) - before)
        said = Said(f"Together they join {n_pairs} pairs of parcels.", f"合计使 {n_pairs} 对地块相连。")
        told.append({"allow": None, "n_pairs": n_pairs, "note": str(said), "note_zh": said.zh})
    return {"opened": told}


def _joined(pairs: pd.DataFrame) -> set[tuple[str, str]]:
    found = joined(pairs)
    return set(zip(found["parcel_a"], found["parcel_b"], strict=True))


def _sentence(wish: str, n_pairs: int) -> Said:
    return Said(
        f"{n_pairs} pairs of parcels are joined by {wish}.", f"允许穿越“{barrier_zh(wish)}”后，{n_pairs} 对地块相连。"
    )


def _why_none(seen: Look, policy: Policy, gap_m: float | None, wish: str) -> Said:
    width = lane_width(policy, gap_m)
    classes, names = named_barriers(seen, policy, wish)
    meant = [
        (of, name) for of, name in barrier_names(seen) if of in classes or name in names or f"{of}:{name}" in names
    ]
    none = Said(f"0 pairs are opened by {wish}: ", f"允许穿越“{barrier_zh(wish)}”没有使任何地块相连：")
    if not meant:
        return none + Said("there is no such barrier.", "没有这样的阻隔。")
    said = crossing(seen, policy)
    if all(said.allows(*barrier) for barrier in meant):
        return none + Said("the policy lets it be crossed already.", "政策本已允许穿越。")
    if parted_by(seen, widths(policy, gap_m), classes, {f"{of}:{name}" for of, name in meant if name}):
        return none + Said("what it parts is parted by other barriers, too.", "它所隔开的地块之间还有其他阻隔。")
    return none + Said(
        f"no two parcels face each other across it within the lane width of {width:g} m.",
        f"其两侧没有相距不超过 {width:g} 米（街巷宽度）且相对的地块。",
    )

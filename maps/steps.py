"""What joins clusters, in words: what one lacks, the parcel or the barrier that would make several one, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps import figures
from maps.text import Lang, phrase, word


def barrier(text: Any, lang: Lang) -> str:
    """What lies between two parcels: ``river:小河`` is 河道 小河."""
    kind, _, name = str(text).partition(":")
    return f"{word(kind, lang)} {name}".strip()


def step(row: Mapping[str, Any], lang: Lang) -> str:
    """One near miss as a sentence: what is lacking, or what would join what."""
    if row["kind"] == "lacks":
        wanted = figures.mu(row["min_area_m2"], lang)
        return phrase("step_lacks", lang, wanted=wanted, lacks=figures.mu(row["lacks_m2"], lang))
    several = int(row["n_clusters"]) > 1
    if row["kind"] == "parcel":
        key = "step_parcel" if several else "step_parcel_alone"
        return phrase(key, lang, what=row["what"], size=figures.mu(row["added_m2"], lang), n=row["n_clusters"])
    return phrase("step_barrier", lang, what=barrier(row["what"], lang), n=row["n_clusters"])


def outcome(row: Mapping[str, Any], lang: Lang) -> str:
    """What a near miss comes to, with the area and what is still lacking."""
    after = figures.mu(row["area_after_m2"], lang)
    told = phrase(f"outcome_{row['outcome']}", lang, after=after)
    if row["outcome"] == "short" and row["kind"] != "lacks":
        told += phrase("outcome_lacks", lang, lacks=figures.mu(row["lacks_m2"], lang))
    return told


def uses(parts: Any, lang: Lang, most: int | None = None) -> str:
    """The planned uses of a cluster with their shares, the largest first; beyond ``most`` the others together."""
    found = list(parts) if parts is not None else []
    told, rest = [], found[most:] if most is not None and len(found) > most + 1 else []
    for part in found[: len(found) - len(rest)]:
        name = {"unknown": phrase("use_unknown", lang), "mixed": phrase("use_mixed", lang)}.get(part["use"])
        told.append(f"{name or word(part['use'], lang)} {figures.quantity(part['share'], 'share', lang)}")
    if rest:
        share = figures.quantity(sum(part["share"] for part in rest), "share", lang)
        told.append(phrase("uses_rest", lang, n=len(rest), share=share))
    return ("、" if lang == "zh" else ", ").join(told) or phrase("unknown_value", lang)


def parts(areas: Any, lang: Lang) -> str:
    """The areas into which a cluster would fall."""
    return " + ".join(figures.mu(area, lang) for area in areas)

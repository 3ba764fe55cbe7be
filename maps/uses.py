"""Planned uses as maps and pages show them: the use that a parcel is drawn in, and what its code means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from maps import figures
from maps.shapes import column
from maps.text import Lang, phrase, word

if TYPE_CHECKING:
    import geopandas as gpd


def uses_of(frame: gpd.GeoDataFrame) -> list[str]:
    """The canonical use that a parcel is drawn in: its main use, ``mixed`` where shares are unknown, else ``unknown``."""
    found = []
    for main, parts in zip(column(frame, "main_use"), column(frame, "land_use_parts"), strict=True):
        if figures.known(main):
            found.append(str(main))
        else:
            found.append("mixed" if len(parts_of(parts)) > 1 else "unknown")
    return found


def use_name(use: str, lang: Lang) -> str:
    """What a drawn use is called; ``unknown`` is of the use here, not of a verdict."""
    return phrase("use_unknown", lang) if use == "unknown" else word(use, lang)


def parts_of(value: Any) -> list[dict[str, Any]]:
    """A land-use cell taken apart; frames carry it as JSON text or as a list, nothing where it is unknown."""
    if isinstance(value, str):
        value = json.loads(value)
    return [dict(part) for part in value] if isinstance(value, list | np.ndarray) else []


def use_text(written: Any, parts: Any, lang: Lang) -> str:
    """The planned use as written, and what it means: ``C8C2（商务办公 60%、商业服务 40%）``."""
    if not figures.known(written):
        return phrase("unknown_value", lang)
    taken = parts_of(parts)
    meanings = []
    for part in taken:
        share = f" {figures.quantity(part['share'], 'share', lang)}" if part.get("share") and len(taken) > 1 else ""
        meanings.append(word(str(part["use"]), lang) + share)
    told = ("、" if lang == "zh" else ", ").join(dict.fromkeys(meanings))
    if not told or told == str(written):
        return str(written)
    return f"{written}（{told}）" if lang == "zh" else f"{written} ({told})"

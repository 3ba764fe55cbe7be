"""Single limits of a question about the way to the target: as a form sends them, checked, and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from api.text import phrase
from geo.fields.ways import WAYS
from geo.policy.way import EACH
from geo.said import Said
from maps.figures import large_area, number
from maps.text import Lang, word, zone_name

#: so many rows for limits a form has
ROWS = 3
#: what a row of the form asks for
FIELDS = ("kind", "zone", "year", "gfa_10k_m2", "count")


class AskedLimit(BaseModel):
    """What can be done at most, beside the limits of the policy; what is left out is any."""

    model_config = ConfigDict(extra="forbid")

    zone: str | None = Field(None, max_length=60, description="a zone, or each")
    year: int | str | None = Field(None, description="the year from which on it counts, or each")
    kind: str | None = Field(None, max_length=60, description="a kind of measure")
    gfa: float | None = Field(None, gt=0, description="floor area gained at most, m²")
    count: int | None = Field(None, ge=0, description="measures at most")

    @field_validator("year", mode="before")
    @classmethod
    def _a_year(cls, year: object) -> object:
        if isinstance(year, str) and year.strip().isdigit():
            return int(year)
        if isinstance(year, str) and year != EACH:
            raise _wrong("a year is wanted, such as 2028, or each", "应为年份，如 2028，或 each（每年）")
        return year

    @field_validator("kind")
    @classmethod
    def _a_kind(cls, kind: str | None) -> str | None:
        if kind is not None and kind not in WAYS:
            raise _wrong(f"kinds of measures: {', '.join(WAYS)}", f"措施类别：{'、'.join(WAYS)}")
        return kind

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.gfa is None and self.count is None:
            raise _wrong("a limit says how much at most: floor area, or a number", "限额须填面积上限或项数上限")
        return self


def _wrong(en: str, zh: str) -> PydanticCustomError:
    # The text goes through as it is: a fault is told in both languages.
    return PydanticCustomError("limit", "{said}", {"said": Said(en, zh)})


def of_form(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a form says, the rows of its limits (``limit_1_kind`` …) put together as ``limits``; an empty row is none."""
    told: dict[str, Any] = dict(fields)
    limits = []
    for row in range(1, ROWS + 1):
        said = {name: text for name in FIELDS if (text := told.pop(f"limit_{row}_{name}", "").strip())}
        if "gfa_10k_m2" in said:
            said["gfa"] = _in_m2(said.pop("gfa_10k_m2"))
        limits += [said] if said else []
    return told | ({"limits": limits} if limits else {})


def _in_m2(text: str) -> Any:
    try:
        return float(text) * 1e4
    except ValueError:
        return text  # the model says what is wrong with it


def in_words(limits: Iterable[Mapping[str, Any]], zones: dict[str, str], lang: Lang) -> list[str]:
    """Limits that were asked for, each as one text."""
    told = []
    for one in limits:
        zone, year = one.get("zone"), one.get("year")
        parts = [word(str(one["kind"]), lang) if one.get("kind") else phrase("way_limit_any_kind", lang)]
        parts += [phrase("way_limit_each_zone", lang) if zone == EACH else zone_name(zone, zones, lang)] if zone else []
        parts += [phrase("way_limit_each_year", lang) if year == EACH else str(year)] if year else []
        most = [f"≤ {large_area(one['gfa'], lang)}"] if one.get("gfa") else []
        most += [f"≤ {phrase('way_limit_n', lang, n=number(one['count'], 0))}"] if one.get("count") is not None else []
        told.append(" · ".join([*parts, *most]))
    return told

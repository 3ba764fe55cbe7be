"""A question about sites: as JSON and as a form have it, and as fields again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator

from api import land_questions
from api.faults import Fault
from api.forms import codes_typed, nothing
from api.land_questions import Codes, LandQuestion
from geo.answers.anchors import POLICY
from geo.answers.site_question import two_questions
from geo.said import Said

#: the longest that a search may take, in s: others wait for their turn meanwhile
LONGEST_S = 600
#: so many sites and parcels may be asked for: more is no question that somebody looks at
_MOST_SITES = 50
_MOST_DIFFERENT = 1000
_TEXTS = ("anchor", "require", "forbid", "allow", "codes")


class SiteQuestion(LandQuestion):
    """Which sites are asked for; what is left out is as the policy has it."""

    max_area_mu: float | None = Field(None, gt=0, le=1e6, description="面积上限（亩）· the ceiling in mu")
    anchor: Codes = Field(
        [],
        description="现有用地：地块编号，或园区、载体的名称；计面积，不计难度；空为政策规定 · "
        "the land that is there already: parcels by code, parks and carriers by name; empty: the policy's",
    )
    no_anchor: bool = Field(
        False, description="不以现有用地为基础 · founded on nothing, not even on the policy's anchor"
    )
    require: Codes = Field([], description="必含地块 · codes of parcels that have to be in it")
    forbid: Codes = Field([], description="排除地块 · codes of parcels that may not be in it")
    k: int | None = Field(
        None, ge=1, le=_MOST_SITES, description="方案数，含最优 · how many sites, the best one counted"
    )
    min_different: int | None = Field(
        None,
        ge=1,
        le=_MOST_DIFFERENT,
        description="每个方案至少不含各更优方案的几个地块 · how many parcels of each better site another does without",
    )
    every: bool = Field(
        False, description="列出全部极小方案（不太多时）· all minimal sites, where they are not too many"
    )
    curve: bool = Field(
        False,
        description="改为分档搜索：每多一亩的代价 · instead, the best site over each of several floors: what more land costs",
    )
    time_limit_s: int = Field(60, ge=1, le=LONGEST_S, description="搜索时限（秒）· how long the search may take")

    _none = field_validator("max_area_mu", "k", "min_different", mode="before")(nothing)
    _codes = field_validator("anchor", "require", "forbid", mode="before")(codes_typed)

    def arguments(self) -> dict[str, Any]:
        """The question as :func:`geo.sites` takes it."""
        given = super().arguments() | {"time_limit_s": self.time_limit_s}
        for name in ("k", "min_different"):
            if getattr(self, name) is not None:
                given[name] = getattr(self, name)
        for name in ("anchor", "require", "forbid", "every", "curve"):
            if getattr(self, name):
                given[name] = getattr(self, name)
        return given | ({"anchor": None} if self.no_anchor else {})

    def contradictions(self) -> Iterator[Fault]:
        """What its fields say against each other."""
        yield from super().contradictions()
        for name, error in two_questions(
            every=self.every, curve=self.curve, k=self.k, min_different=self.min_different
        ):
            yield Fault(name, error.message, error.hint)
        if self.anchor and self.no_anchor:
            yield Fault(
                "anchor",
                Said(
                    "Land to be founded on is named, and it is to be founded on none.",
                    "既填了现有用地，又选了不以其为基础。",
                ),
                Said("Take one of the two back.", "请去掉其中之一。"),
            )


def fields_of(asked: Mapping[str, Any]) -> dict[str, str]:
    """The arguments of a job as fields of the form, so that the same can be asked in another way."""
    known = {name: value for name, value in asked.items() if not (name == "anchor" and value == POLICY)}
    fields = land_questions.fields_of(known, _TEXTS)
    for name in ("k", "min_different", "time_limit_s"):
        if asked.get(name) is not None:
            fields[name] = f"{asked[name]:g}"
    fields |= {name: "true" for name in ("every", "curve") if asked.get(name)}
    return fields | ({"no_anchor": "true"} if asked.get("anchor", POLICY) is None else {})

"""A question about sites: as JSON and as a form have it, what of it cannot be asked, and as fields again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from api.faults import Fault, RefusedError
from api.forms import codes_typed, nothing, put_together
from geo.answers.anchors import POLICY
from geo.answers.site_question import refusals
from geo.database import Database
from geo.publish import Published
from geo.publish.explaining import policy_of
from geo.said import Said
from geo.units import mu, to_mu

#: the longest that a search may take, in s: others wait for their turn meanwhile
LONGEST_S = 600
#: so many sites, parcels and metres may be asked for: more is no question that somebody looks at
_MOST_SITES = 50
_MOST_DIFFERENT = 1000
_WIDEST_M = 500
_OUTLINE_LETTERS = 60_000
_AREAS = ("min_area", "max_area")
_TEXTS = ("anchor", "require", "forbid", "allow")
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=1000)]


class SiteQuestion(BaseModel):
    """Which sites are asked for; what is left out is as the policy has it."""

    model_config = ConfigDict(extra="forbid")

    min_area_mu: float | None = Field(
        None, gt=0, le=1e6, description="面积下限（亩），须大于它 · the floor in mu: a site is larger than it"
    )
    max_area_mu: float | None = Field(None, gt=0, le=1e6, description="面积上限（亩）· the ceiling in mu")
    over: str = Field(
        "all",
        pattern="^(all|carriers|outline|candidates(:.{1,60})?)$",
        description="地块范围：all 全部，candidates 某规则的候选（candidates:规则名），carriers 在册载体所在地块，"
        "outline 所绘范围 · "
        "the parcels that may be in it: all, candidates (of a rule: candidates:RULE), carriers (their land), outline",
    )
    rule: str = Field(
        "",
        max_length=60,
        description="候选所依规则，默认政策的第一条 · the rule whose candidates; the policy's first one",
    )
    outline: dict[str, Any] | str | None = Field(
        None, description="所绘范围，GeoJSON（WGS84）· the outline as GeoJSON (WGS84), with over=outline"
    )
    anchor: Codes = Field(
        [],
        description="现有用地：地块编号，或一个园区、载体的名称；计面积，不计难度；空为政策规定 · "
        "the land that is there already: parcels by code, or one park or carrier by name; empty: the policy's",
    )
    no_anchor: bool = Field(
        False, description="不以现有用地为基础 · founded on nothing, not even on the policy's anchor"
    )
    require: Codes = Field([], description="必含地块 · codes of parcels that have to be in it")
    forbid: Codes = Field([], description="排除地块 · codes of parcels that may not be in it")
    allow: Codes = Field(
        [],
        description="允许穿越的阻隔：类别、名称或 类别:名称 · barriers that may be crossed: a class, a name, or class:name",
    )
    gap_m: float | None = Field(
        None,
        ge=0,
        le=_WIDEST_M,
        description="最大街道间隔（米），0 为只计共边 · the widest lane in m; 0: shared edges only",
    )
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
    as_of: date | None = Field(
        None, description="数据时点，默认本次运行的 · the day that is asked about; the run's own"
    )
    known_at: AwareDatetime | None = Field(
        None,
        description="登记时点，不晚于本次运行，须带时区 · what was known then, with its offset; no later than the run",
    )
    time_limit_s: int = Field(60, ge=1, le=LONGEST_S, description="搜索时限（秒）· how long the search may take")

    _empty = field_validator(
        *("min_area_mu", "max_area_mu", "gap_m", "k", "min_different", "outline", "as_of", "known_at"), mode="before"
    )(nothing)
    _codes = field_validator(*_TEXTS, mode="before")(codes_typed)

    @field_validator("known_at", mode="before")
    @classmethod
    def _here(cls, value: object) -> object:
        # A form's field for an instant names no offset: it is the server's own clock.
        if isinstance(value, str) and len(value) == len("2026-01-01T12:00"):
            return datetime.fromisoformat(value).astimezone()
        return value

    def arguments(self) -> dict[str, Any]:
        """The question as :func:`geo.sites` takes it, days as text and an outline as GeoJSON."""
        over, _, of_rule = self.over.partition(":")
        given: dict[str, Any] = {"over": over, "time_limit_s": self.time_limit_s}
        for name in _AREAS:
            asked = getattr(self, f"{name}_mu")
            if asked is not None:
                given[f"{name}_m2"] = mu(asked)
        if rule := of_rule or self.rule:
            given["rule"] = rule
        for name in ("gap_m", "k", "min_different"):
            if getattr(self, name) is not None:
                given[name] = getattr(self, name)
        for name in (*_TEXTS, "every", "curve"):
            if getattr(self, name):
                given[name] = getattr(self, name)
        if self.no_anchor:
            given["anchor"] = None
        for name in ("as_of", "known_at"):
            if getattr(self, name) is not None:
                given[name] = getattr(self, name).isoformat()
        if over == "outline" and self.outline is not None:
            given["outline"] = self.outline if isinstance(self.outline, str) else _as_text(self.outline)
        return given


def _as_text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def arguments_of(question: SiteQuestion, run: Published, db: Database) -> dict[str, Any]:
    """The arguments of a question about a run's land, once it is known that it can be asked.

    Raises
    ------
    NotFoundError
        This program no longer reads the policy of the run.
    RefusedError
        It contradicts itself, or names what there is not: everything that is wrong with it at once.
    """
    given = question.arguments()
    if given["over"] == "candidates":
        given = {"rule": run.rule} | given
    faults = list(_contradictions(question, run))
    if faults:
        raise RefusedError(faults)
    as_of, known_at = question.as_of or run.run.as_of, question.known_at or run.run.made_at
    own = (as_of, known_at) == (run.run.as_of, run.run.made_at)
    found = refusals(db, policy_of(run.run), given, as_of=as_of, known_at=known_at, land=run.parcels if own else None)
    if found:
        raise RefusedError(Fault(_FIELDS.get(name, name), error.message, error.hint) for name, error in found)
    return given


#: an argument of :func:`geo.sites` → the field of a question
_FIELDS = {"min_area_m2": "min_area_mu", "max_area_m2": "max_area_mu"}


def _contradictions(asked: SiteQuestion, run: Published) -> Iterator[Fault]:
    """What two fields of a question say against each other."""
    over, _, of_rule = asked.over.partition(":")
    if asked.curve and asked.every:
        yield Fault(
            "every",
            Said(
                "All minimal sites, and what more land costs, are two questions.",
                "“全部极小方案”与“分档搜索”是两个问题。",
            ),
            Said("Ask one of them.", "请只选其一。"),
        )
    if asked.anchor and asked.no_anchor:
        yield Fault(
            "anchor",
            Said(
                "Land to be founded on is named, and it is to be founded on none.",
                "既填了现有用地，又选了不以其为基础。",
            ),
            Said("Take one of the two back.", "请去掉其中之一。"),
        )
    if asked.rule and (over != "candidates" or of_rule not in ("", asked.rule)):
        yield Fault(
            "rule",
            Said(
                "A rule is named, but its candidates are not asked for.", "指定了规则，但地块范围不是该规则的候选地块。"
            ),
            Said("Ask over candidates, or name no rule.", "请将地块范围改为 candidates，或不指定规则。"),
        )
    if (over == "outline") != (asked.outline is not None):
        yield Fault(
            "outline",
            Said("A drawn outline is asked for and not given.", "选了所绘范围，但未给出。")
            if over == "outline"
            else Said("An outline is given and not asked for.", "给出了所绘范围，但地块范围未选它。"),
            Said("Give GeoJSON together with over=outline.", "请选“所绘范围”并给出 GeoJSON。"),
        )
    elif isinstance(asked.outline, str) and len(asked.outline) > _OUTLINE_LETTERS:
        yield Fault(
            "outline",
            Said("The outline is too long.", "所绘范围过长。"),
            Said("Draw it with fewer corners.", "请减少折点。"),
        )
    if asked.known_at is not None and asked.known_at > run.run.made_at:
        yield Fault(
            "known_at",
            Said("It is later than the run that is asked about.", "晚于所问的运行。"),
            Said("Leave it empty, or name an earlier instant.", "请留空，或填更早的时刻。"),
        )


def fields_of(asked: Mapping[str, Any]) -> dict[str, str]:
    """The arguments of a job as fields of the form, so that the same can be asked in another way."""
    fields = {f"{name}_mu": f"{to_mu(asked[f'{name}_m2']):.6g}" for name in _AREAS if asked.get(f"{name}_m2")}
    over = str(asked.get("over", "all"))
    fields["over"] = f"{over}:{asked['rule']}" if over == "candidates" and asked.get("rule") else over
    for name in ("gap_m", "k", "min_different", "time_limit_s"):
        if asked.get(name) is not None:
            fields[name] = f"{asked[name]:g}"
    for name in ("outline", "as_of"):
        if asked.get(name):
            fields[name] = str(asked[name])
    if asked.get("known_at"):
        fields["known_at"] = datetime.fromisoformat(asked["known_at"]).astimezone().strftime("%Y-%m-%dT%H:%M")
    for name in _TEXTS:
        if asked.get(name) and asked[name] != POLICY:
            fields[name] = put_together(asked[name])
    fields |= {name: "true" for name in ("every", "curve") if asked.get(name)}
    return fields | ({"no_anchor": "true"} if asked.get("anchor", POLICY) is None else {})

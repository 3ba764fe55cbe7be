"""A question about land: over which parcels, with what lanes and barriers, as of when; and what of it contradicts itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from api.faults import Fault, RefusedError
from api.forms import codes_typed, nothing, put_together
from geo.answers.site_question import refusals
from geo.database import Database
from geo.publish import Published
from geo.publish.explaining import policy_of
from geo.said import Said
from geo.units import mu, to_mu

#: the widest lane that may be asked for, in m: more is no street
_WIDEST_M = 500
_OUTLINE_LETTERS = 60_000
#: an argument of the public calls → the field of a question
_FIELDS = {"min_area_m2": "min_area_mu", "max_area_m2": "max_area_mu"}
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=1000)]


class LandQuestion(BaseModel):
    """Which land is asked about; what is left out is as the policy has it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    min_area_mu: float | None = Field(
        None,
        gt=0,
        le=1e6,
        description="所需面积（亩），须大于它；空为政策规定 · the wanted area in mu, strictly more of it",
    )
    over: str = Field(
        "all",
        pattern="^(all|carriers|outline|codes|candidates(:.{1,60})?)$",
        description="地块范围：all 全部，candidates 某规则的候选（candidates:规则名），carriers 在册载体所在地块，"
        "outline 所绘范围，codes 所列地块 · the parcels: all, candidates (of a rule: candidates:RULE), carriers (their land), "
        "outline, codes",
    )
    rule: str = Field(
        "",
        max_length=60,
        description="候选所依规则，默认政策的第一条 · the rule whose candidates; the policy's first one",
    )
    outline: dict[str, Any] | str | None = Field(
        None, description="所绘范围，GeoJSON（WGS84）· the outline as GeoJSON (WGS84), with over=outline"
    )
    codes: Codes = Field([], description="所列地块的编号 · codes of the parcels, with over=codes")
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
    as_of: date | None = Field(
        None, description="数据时点，默认本次运行的 · the day that is asked about; the run's own"
    )
    known_at: AwareDatetime | None = Field(
        None,
        description="登记时点，不晚于本次运行，须带时区 · what was known then, with its offset; no later than the run",
    )

    _empty = field_validator("min_area_mu", "gap_m", "outline", "as_of", "known_at", mode="before")(nothing)
    _typed = field_validator("codes", "allow", mode="before")(codes_typed)

    @field_validator("known_at", mode="before")
    @classmethod
    def _here(cls, value: object) -> object:
        # A form's field for an instant names no offset: it is the server's own clock.
        if isinstance(value, str) and len(value) == len("2026-01-01T12:00"):
            try:
                return datetime.fromisoformat(value).astimezone()
            except ValueError:
                return value
        return value

    def arguments(self) -> dict[str, Any]:
        """The question as the public calls take it, days as text and an outline as GeoJSON."""
        over, _, of_rule = self.over.partition(":")
        given: dict[str, Any] = {"over": over}
        for name in ("min_area", "max_area"):
            asked = getattr(self, f"{name}_mu", None)
            if asked is not None:
                given[f"{name}_m2"] = mu(asked)
        if rule := of_rule or self.rule:
            given["rule"] = rule
        if self.gap_m is not None:
            given["gap_m"] = self.gap_m
        for name in ("codes", "allow"):
            if getattr(self, name):
                given[name] = getattr(self, name)
        for name in ("as_of", "known_at"):
            if getattr(self, name) is not None:
                given[name] = getattr(self, name).isoformat()
        if over == "outline" and self.outline is not None:
            given["outline"] = self.outline if isinstance(self.outline, str) else json.dumps(self.outline)
        return given

    def contradictions(self) -> Iterator[Fault]:
        """What its fields say against each other."""
        over, _, of_rule = self.over.partition(":")
        if self.rule and (over != "candidates" or of_rule not in ("", self.rule)):
            yield Fault(
                "rule",
                Said(
                    "A rule is named, but its candidates are not asked for.",
                    "指定了规则，但地块范围不是该规则的候选地块。",
                ),
                Said("Ask over candidates, or name no rule.", "请将地块范围改为 candidates，或不指定规则。"),
            )
        for name, given, what, zh in (
            ("outline", self.outline is not None, "A drawn outline", "所绘范围"),
            ("codes", bool(self.codes), "A list of parcels", "所列地块"),
        ):
            if (over == name) != given:
                yield Fault(
                    name,
                    Said(f"{what} is asked for and not given.", f"选了“{zh}”，但未给出。")
                    if over == name
                    else Said(f"{what} is given and not asked for.", f"给出了“{zh}”，但地块范围未选它。"),
                    Said(f"Give it together with over={name}.", f"请选“{zh}”并给出内容。"),
                )
        if isinstance(self.outline, str) and len(self.outline) > _OUTLINE_LETTERS:
            yield Fault(
                "outline",
                Said("The outline is too long.", "所绘范围过长。"),
                Said("Draw it with fewer corners.", "请减少折点。"),
            )


def arguments_of(question: LandQuestion, run: Published, db: Database, *, of_sites: bool) -> dict[str, Any]:
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
    faults = list(question.contradictions())
    if question.known_at is not None and question.known_at > run.run.made_at:
        late = Said("It is later than the run that is asked about.", "晚于所问的运行。")
        faults.append(
            Fault("known_at", late, Said("Leave it empty, or name an earlier instant.", "请留空，或填更早的时刻。"))
        )
    wrong = {fault.field for fault in faults}
    as_of, known_at = question.as_of or run.run.as_of, run.run.made_at
    if question.known_at is not None and "known_at" not in wrong:
        known_at = question.known_at
    own = (as_of, known_at) == (run.run.as_of, run.run.made_at)
    land = run.parcels if own else None
    # Land that is not asked for is wrong already: all else is looked at without it, so that everything is told at once.
    asked = {name: value for name, value in given.items() if name not in wrong & {"outline", "codes"}}
    found = refusals(db, policy_of(run.run), asked, as_of=as_of, known_at=known_at, land=land, of_sites=of_sites)
    more = [Fault(_FIELDS.get(name, name), error.message, error.hint) for name, error in found]
    faults += [fault for fault in more if fault.field not in wrong]
    if faults:
        raise RefusedError(faults)
    return given


def fields_of(asked: Mapping[str, Any], texts: Sequence[str] = ("codes", "allow")) -> dict[str, str]:
    """The arguments of a job as fields of its form, so that the same can be asked in another way."""
    areas = (("min_area_mu", asked.get("min_area_m2")), ("max_area_mu", asked.get("max_area_m2")))
    fields = {name: f"{to_mu(area):.6g}" for name, area in areas if area}
    over = str(asked.get("over", "all"))
    fields["over"] = f"{over}:{asked['rule']}" if over == "candidates" and asked.get("rule") else over
    if asked.get("gap_m") is not None:
        fields["gap_m"] = f"{asked['gap_m']:g}"
    fields |= {name: str(asked[name]) for name in ("outline", "as_of") if asked.get(name)}
    if asked.get("known_at"):
        fields["known_at"] = datetime.fromisoformat(asked["known_at"]).astimezone().strftime("%Y-%m-%dT%H:%M")
    return fields | {name: put_together(asked[name]) for name in texts if asked.get(name)}

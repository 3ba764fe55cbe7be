"""Reasons, contributions and rules in the words of an office, as lists and reports print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from geo.export.stamps import Stamp, cited_as, rule_of
from geo.fields.land_use_codes import USES, code_table
from geo.fields.measures import MEASURES
from geo.fields.results import WORDS, is_restricted
from geo.fields.values import grouped
from geo.fields.words import in_words
from geo.judge.conditions import threshold_text, unit_of
from geo.policy import Condition, Criterion, Rule, Target

UNKNOWN = "未知"
#: what stands in the place of a value that only some may read
WITHHELD = "不公开"
#: units as an office writes them
UNITS = {"m2": "㎡", "share": "", "far": "", "count": "", "year": "", "years": "年"}
_ASSUMPTION = "assumption: "
_OPERATORS = {">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "==": "＝", "in": "属于", "is": "为"}


@dataclass(frozen=True)
class Wording:
    """What puts a judged row into words: its rule (``None`` where the stamp has none), the names of zones, and ``cited``.

    That is what the document is called whose clauses the policy cites; without it a clause stands as it is written.
    """

    rule: Rule | None
    zones: Mapping[str, str]
    cited: str = ""

    @classmethod
    def of(cls, stamp: Stamp) -> Self:
        """That of a list with this stamp."""
        return cls(rule_of(stamp), stamp.get("zones", {}), cited_as(stamp))

    def title(self, key: str, field: str) -> str:
        """What a condition, a flag or a criterion is called: by the policy, else by its measure."""
        return self._titles.get(key) or (MEASURES[field].zh if field in MEASURES else field)

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        if self.rule is None:
            return {}
        titles = {flag.id: flag.title for flag in self.rule.flags} | {one.id: one.title for one in self.rule.criteria}
        return titles | {condition.id: condition.title for _, condition in self.rule.asked}

    def found(self, record: Mapping[str, Any]) -> str:
        """What was found of a measure, with its unit."""
        field = str(record.get("field") or "")
        if is_withheld(record):
            return WITHHELD
        if record.get("value") is not None:
            return amount(float(record["value"]), record.get("unit"))
        text = record.get("text")
        return UNKNOWN if text is None else self.word(field, str(text))

    def asked(self, record: Mapping[str, Any]) -> str:
        """What a condition asks for."""
        return self.limit(str(record.get("field") or ""), str(record.get("threshold") or ""), record.get("unit"))

    def limit(self, field: str, threshold: str, unit: str | None) -> str:
        """A threshold such as ``>= 50`` or ``in a, b`` in words."""
        operator, _, rest = threshold.partition(" ")
        sign = _OPERATORS.get(operator, operator)
        if MEASURES[field].type == "number" if field in MEASURES else operator not in ("in", "is"):
            try:
                return sign + amount(float(rest), unit)
            except ValueError:
                return f"{sign}{rest}"
        return sign + "、".join(self.word(field, part) for part in rest.split(", "))

    def word(self, field: str, text: str) -> str:
        """A text of a measure as it is called in Chinese."""
        return {"true": "是", "false": "否"}.get(text, in_words(field, text, self.zones))

    def reason(self, record: Mapping[str, Any], *, grounds: bool = False) -> str:
        """One condition in one line: what it is, what was found, what is asked for; its ground if wanted."""
        title = self.title(str(record["condition"]), str(record.get("field") or ""))
        asked = self.asked(record)
        # What is asked of a text is the title, in words that are longer.
        told = [] if record.get("text") is not None and record.get("outcome") == "pass" else [f"要求{asked}"]
        told += [self.ground(record.get("clause"))] if grounds else []
        return f"{title}：{self.found(record)}" + (f"（{'；'.join(told)}）" if told else "")

    def reason_whole(self, record: Mapping[str, Any]) -> str:
        """One condition or flag with route, outcome and ground: ``［土地路径］已建成 不符合：未供地（要求为已建；…）``."""
        way = self.route(record.get("route"))[0]
        key, outcome = str(record["condition"]), str(record["outcome"])
        title = self.title(key, str(record.get("field") or ""))
        flags = {flag.id for flag in self.rule.flags} if self.rule else ()
        asks = "提示条件" if key in flags or outcome in ("raised", "clear") else "要求"
        ground = self.ground(record.get("clause"))
        told = f"（{asks}{self.asked(record)}{f'；{ground}' if ground else ''}）"
        return f"{f'［{way}］' if way else ''}{title} {WORDS.get(outcome, outcome)}：{self.found(record)}{told}"

    def ground(self, clause: Any) -> str:
        """The clause that something rests on, with the document that it is of, or that it is our assumption."""
        text = str(clause or "")
        if text.startswith(_ASSUMPTION):
            return f"假设：{text.removeprefix(_ASSUMPTION)}"
        return f"{self.cited}{text}" if text else ""

    def contribution(self, record: Mapping[str, Any]) -> str:
        """What one criterion adds, in one line."""
        points = record.get("contribution")
        title = self.title(str(record["criterion"]), str(record.get("field") or ""))
        return f"{title} {UNKNOWN if points is None else f'{grouped(points, 1)}'}"

    def contribution_whole(self, record: Mapping[str, Any]) -> str:
        """The same with how it came about: the figure, its value from 0 to 1, the weight, and the points."""
        title = self.title(str(record["criterion"]), str(record.get("field") or ""))
        points, result, weight = (record.get(name) for name in ("contribution", "result", "weight"))
        silent = record.get("value") is None and record.get("text") is None
        told = [WITHHELD if silent and points is not None else self.found({**record, "outcome": "unknown"})]
        told += [] if result is None else [f"取值 {grouped(float(result), 2)}"]
        told += [] if weight is None else [f"权重 {float(weight):g}"]
        return f"{title}（{'，'.join(told)}）" + ("" if points is None else f"＝{grouped(float(points), 1)}")

    def flags(self, records: Iterable[Mapping[str, Any]] | None) -> list[str]:
        """What is told beside the verdict: each flag that is raised with its procedure, then those of which it is not known."""
        told = {flag.id: flag for flag in (self.rule.flags if self.rule else ())}
        found = [(told.get(str(record["condition"])), record) for record in records or ()]
        titles = [(flag.title if flag else str(record["condition"]), flag, record["outcome"]) for flag, record in found]
        raised = [f"{title}：{flag.procedure}" if flag else title for title, flag, said in titles if said == "raised"]
        return raised + [f"{title}：待查" for title, _, said in titles if said == "unknown"]

    def route(self, name: Any) -> tuple[str, str]:
        """The title and the procedure of a route; empty texts where there is none."""
        for route in () if self.rule is None else self.rule.routes:
            if route.id == name:
                return route.title, route.procedure
        return ("", "") if not isinstance(name, str) else (name, "")

    def targets(self, route: Any, codes: Any) -> str:
        """The target codes of a row, each with its name: ``C65 科研设计用地``; or that the land keeps its code."""
        for each in () if self.rule is None else self.rule.routes:
            if each.id == route:
                return targets_zh(each.targets)
        return codes if isinstance(codes, str) else ""


def is_withheld(record: Mapping[str, Any]) -> bool:
    """Whether a value was found that not everybody may read, and was left out (:func:`geo.fields.readers.for_all`)."""
    silent = record.get("value") is None and record.get("text") is None
    return silent and record["outcome"] != "unknown" and is_restricted(str(record.get("field")))


def amount(value: float, unit: str | None) -> str:
    """A number with its unit as an office writes it; a share in per cent."""
    if unit == "share":
        value, unit = 100 * value, "%"
    if unit == "year":
        return f"{value:.0f}年"
    figure = grouped(value) if abs(value) >= 1000 else f"{value:.4g}"
    return figure + UNITS.get(unit or "", unit or "")


def targets_zh(targets: Sequence[Target]) -> str:
    """The codes that a route leads to, a line each; of one that leads to none, that the land keeps its code."""
    return "\n".join(map(target_zh, targets)) or "用地代码不变"


def target_zh(target: Target) -> str:
    """A target code with its name in its table."""
    found = code_table(target.table).find(target.code)
    return f"{target.code} {found.name if found else USES[target.use].zh}"


def condition_row(wording: Wording, route: str, condition: Condition) -> list[str]:
    """A condition as a line of a table: where it is asked, what it is, its measure, the limit, the ground."""
    unit = unit_of(condition.measure, condition.unit)
    return [
        route,
        condition.title,
        MEASURES[condition.measure].zh,
        wording.limit(condition.measure, threshold_text(condition), unit),
        wording.ground(condition.ground),
    ]


def criterion_row(wording: Wording, criterion: Criterion, routes: str) -> list[Any]:
    """A criterion as a line of a table: where it counts, what it is, its measure, its weight, its values, the ground."""
    unit = unit_of(criterion.measure, criterion.unit)
    mark = "≥" if criterion.steps is not None else ""
    values = "，".join(
        f"{wording.word(criterion.measure, x) if isinstance(x, str) else mark + amount(x, unit)}→{y:g}"
        for x, y in criterion.pairs
    )
    title, measure = criterion.title, MEASURES[criterion.measure].zh
    return [routes, title, measure, criterion.weight, values, wording.ground(criterion.ground)]


def verdict_zh(verdict: str) -> str:
    """A verdict as lists call it."""
    return WORDS.get(verdict, verdict)

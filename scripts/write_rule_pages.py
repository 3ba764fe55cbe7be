"""Write ``docs/rules/*.md`` from the policy files and ``docs/measures.md`` from the catalogue; a test holds them in step."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from geo.fields.measure import Measure
from geo.fields.measures import MEASURES
from geo.policy import Condition, Criterion, Flag, Grounded, Policy, Route, Rule, policy

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: the policy whose rules have a page each
POLICY = "hongkou-2025"

OPERATORS = {">=": "≥", "<=": "≤", "is": "=", "==": "="}


def pages() -> dict[Path, str]:
    """Every page by its path: one a rule, a list of them, and the measures."""
    chosen = policy(POLICY)
    found = {DOCS / "rules" / f"{name}.md": rule_page(chosen, name, rule) for name, rule in chosen.rules.items()}
    return found | {DOCS / "rules" / "README.md": index(chosen), DOCS / "measures.md": measures_page()}


def index(chosen: Policy) -> str:
    """The list of rules."""
    rows = _table(
        ("rule", "规则", "in English", "ground"),
        ((f"[`{n}`]({n}.md)", r.title, r.title_en or "", _ground(r)) for n, r in chosen.rules.items()),
    )
    return f"""# The rules of `{chosen.id}`

Made from `data/policy/{chosen.id}.toml` by `python scripts/write_rule_pages.py`. {chosen.title}, {chosen.authority};
in force {chosen.effective_from} to {chosen.effective_to or "…"}. What a measure is: [measures](../measures.md). Every value
that is marked *assumption* is ours, not the plan's: change it in a copy of the file and judge again with `--policy`.

A parcel is a **candidate** if it meets all conditions of the rule and all of one of its routes; it is **no** if one fails in
every route, and **unknown** otherwise: a missing value is never a pass and never a fail. Flags are told and decide nothing.

A rule may say from when to when it is in force (`effective_from`, `effective_to`, both days included). On any other day it is
refused where it is asked for by name, and a published run lists it as not in force, with its days and without verdicts.

{rows}
"""


def rule_page(chosen: Policy, name: str, rule: Rule) -> str:
    """The page of one rule."""
    parts = [
        f"# {rule.title}\n\n`{name}` of `{chosen.id}`: {rule.title_en or ''}. Ground: {_ground(rule)}.{_days(rule)}",
        "Made from the policy file by `python scripts/write_rule_pages.py`.",
        _given(rule),
        "## Conditions 条件\n\nOf every parcel, whichever way it goes.\n\n" + _conditions(rule.conditions),
        *(_route(route) for route in rule.routes),
        "## Criteria 评分\n\nThe score is the weighted mean of the values (0–1), times 100; unknown ones make it an interval."
        "\n\n" + _criteria(rule.criteria)
        if rule.criteria
        else "",
        "## Flags 提示\n\n" + _flags(rule.flags) if rule.flags else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _given(rule: Rule) -> str:
    """What is never proposed as a change, and why."""
    if rule.starts_from is None:
        return ""
    named = ", ".join(f"`{name}`" for name in rule.given)
    return (
        f"Starts from 规则起点: {named}. What they ask for is never proposed as a change ({_ground(rule.starts_from)})."
    )


def measures_page() -> str:
    """The page of all measures."""
    rows = _table(
        ("measure", "中文", "unit", "how it is got", "from", "who can change it"),
        (_measure(measure) for measure in MEASURES.values()),
    )
    return f"""# What a rule may ask of a parcel

Made from `geo/fields/measures.py` by `python scripts/write_rule_pages.py`. The rule of each stands in prose above its SQL in
`geo/measure`; distances and lists that a measure asks for are the policy's (`[measures]`). A measure over a layer of which
nothing at all is registered is unknown. Of *restricted* ones only the outcome is told in pages, lists and downloads.

{rows}
"""


def _measure(measure: Measure) -> tuple[str, ...]:
    how = measure.how + (" (*restricted*)" if measure.readers == "restricted" else "")
    unit = measure.unit or measure.type
    return f"`{measure.name}`", measure.zh, unit, how, ", ".join(measure.sources), measure.changed_by or ""


def _route(route: Route) -> str:
    leads = "; ".join(f"**{t.code}** (`{t.use}`, {_ground(t)})" for t in route.targets) or "the code of the land stays"
    return (
        f"## Route 路径: {route.title}\n\n`{route.id}`: {route.title_en or ''}. Leads to {leads}.\n\n"
        f"- 程序: {route.procedure}\n- procedure: {route.procedure_en or '—'}\n- ground: {_ground(route)}\n\n"
        + _conditions(route.conditions)
    )


def _conditions(conditions: Iterable[Condition]) -> str:
    return _table(
        ("id", "condition", "measure", "asks for", "ground"),
        ((f"`{c.id}`", _both(c), f"`{c.measure}`", _asked(c), _ground(c)) for c in conditions),
    )


def _flags(flags: Iterable[Flag]) -> str:
    return _table(
        ("id", "flag", "measure", "raised where", "what follows", "ground"),
        ((f"`{f.id}`", _both(f), f"`{f.measure}`", _asked(f), f.procedure, _ground(f)) for f in flags),
    )


def _criteria(criteria: Iterable[Criterion]) -> str:
    return _table(
        ("id", "criterion", "measure", "weight", "value", "counts in", "ground"),
        (
            (
                f"`{c.id}`",
                _both(c),
                f"`{c.measure}`",
                f"{c.weight:g}",
                ", ".join(_values(c)),
                ", ".join(c.routes or ("every route",)),
                _ground(c),
            )
            for c in criteria
        ),
    )


def _values(criterion: Criterion) -> Iterator[str]:
    unit = f" {criterion.unit}" if criterion.unit else ""
    mark = "≥ " if criterion.steps is not None else ""
    for x, y in criterion.pairs:
        yield f"{x} → {y:g}" if isinstance(x, str) else f"{mark}{x:g}{unit} → {y:g}"
    if criterion.direction is not None:
        yield criterion.direction


def _asked(condition: Condition) -> str:
    value = condition.value
    told = ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
    return f"{OPERATORS.get(condition.op, condition.op)} {told} {condition.unit or ''}".rstrip()


def _both(part: Condition | Criterion) -> str:
    return f"{part.title} ({part.title_en})" if part.title_en else part.title


def _ground(part: Grounded) -> str:
    if part.clause is not None:
        return part.clause
    return f"*assumption*: {part.assumption}" + (f" ({part.assumption_en})" if part.assumption_en else "")


def _days(rule: Rule) -> str:
    if rule.effective_from is None and rule.effective_to is None:
        return ""
    return f" In force {rule.days}: on other days nothing is judged by it."


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(DOCS), file=sys.stderr)

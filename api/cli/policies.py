"""``shuangbei policy``: which policies there are, what one says, whether a file is sound, and what two differ in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.terminal import console, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.policy import Condition, Policy, Rule

Named = Annotated[str | None, typer.Argument(help="A name in data/policy, or the path of a file.", metavar="POLICY")]
One = Annotated[str, typer.Argument(help="A name in data/policy, or the path of a file.", metavar="POLICY")]


def register(app: typer.Typer) -> None:
    commands = typer.Typer(
        help="What a policy says, whether a file of one is sound, and what two differ in.", no_args_is_help=True
    )
    commands.command("list")(list_policies)
    for command in (check, show, diff, schema):
        commands.command()(command)
    app.add_typer(commands, name="policy")


def list_policies() -> None:
    """The policies that come with the program."""
    from geo.settings import data_dir

    for file in sorted((data_dir() / "policy").glob("*.toml")):
        console().print(file.stem)


def check(policy: Named = None) -> None:
    """Read a policy file whole and name every fault with its line and key; exit code 1 where there is one."""
    found = _read(policy)
    n = sum(rule.clause is None for rule in found.rules.values())
    parts = [part for rule in found.rules.values() for part in (*(c for _, c in rule.asked), *rule.criteria)]
    n += sum(part.clause is None for part in parts)
    console().print(
        f"{found.id}: sound; {len(found.rules)} rule(s) with {len(parts)} conditions and criteria, of these {n} rest on"
        f" assumptions; hash {found.hash[:12]}."
    )


def show(policy: Named = None) -> None:
    """What a policy says, each value with its unit and its clause or assumption."""
    found = _read(policy)
    out = console()
    out.print(f"{found.id}  {found.title}", style="bold")
    out.print(f"{found.authority}; {found.source}; {found.effective_from} – {found.effective_to or '…'}")
    out.print(f"hash {found.hash}")
    for name, rule in found.rules.items():
        out.print(f"\n{name}  {rule.title}  ({rule.ground}){_days(rule)}", style="bold")
        _show_rule(rule)


def diff(old: One, new: One, format_: Annotated[Literal["table", "json"], typer.Option("--format")] = "table") -> None:
    """Every value that two policies do not share: its key, the old one, the new one, and what the new one rests on."""
    from rich.table import Table

    from geo.policy.differences import differences

    found = differences(_read(old), _read(new))
    if format_ == "json":
        typer.echo(json.dumps([one.__dict__ for one in found], ensure_ascii=False, indent=1))
        return
    table = Table("key", "old", "new", "ground")
    for one in found:
        table.add_row(one.key, _shown(one.old), _shown(one.new), one.ground or "")
    if found:
        console().print(table)
    note(f"{len(found)} difference(s).")


def schema() -> None:
    """The JSON Schema of policy files, for an editor that checks while one writes."""
    from geo.policy.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _days(rule: Rule) -> str:
    """When a rule is in force, where it says so."""
    return "" if rule.effective_from is None and rule.effective_to is None else f"  in force {rule.days}"


def _shown(value: Any) -> str:
    return "—" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show_rule(rule: Rule) -> None:
    from rich.table import Table

    out = console()
    out.print(_conditions(rule.conditions))
    for route in rule.routes:
        codes = ", ".join(target.code for target in route.targets) or "the use stays"
        out.print(f"route {route.id}  {route.title} → {codes}  ({route.ground})\n  {route.procedure}")
        out.print(_conditions(route.conditions))
    criteria = Table("criterion", "measure", "weight", "value function", "unit", "ground")
    for entry in rule.criteria:
        mark = "≥ " if entry.steps is not None else ""
        function = ", ".join(f"{mark}{x} → {y:g}" for x, y in entry.pairs)
        if entry.direction is not None:
            function += f" ({entry.direction})"
        title = f"{entry.title} ({', '.join(entry.routes)})" if entry.routes else entry.title
        criteria.add_row(title, entry.measure, f"{entry.weight:g}", function, entry.unit or "", entry.ground)
    out.print(criteria)
    if rule.starts_from is not None:
        out.print(f"starts from {', '.join(rule.given)}: never proposed as a change  ({rule.starts_from.ground})")
    for flag in rule.flags:
        out.print(f"flag {flag.id}  {flag.title}: {flag.measure} {_asked(flag)}  ({flag.ground})\n  {flag.procedure}")


def _conditions(conditions: Sequence[Condition]) -> Any:
    from rich.table import Table

    table = Table("condition", "measure", "", "value", "unit", "ground", title=None)
    for item in conditions:
        value = ", ".join(map(str, item.value)) if isinstance(item.value, tuple) else str(item.value)
        table.add_row(item.title, item.measure, item.op, value, item.unit or "", item.ground)
    return table


def _asked(condition: Condition) -> str:
    value = condition.value
    text = ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
    return f"{condition.op} {text} {condition.unit or ''}".rstrip()


def _read(name: str | None) -> Policy:
    from geo.policy import policy
    from geo.settings import settings

    return policy(name or settings().policy)
